"""`presets` and `lists`: shown, kept, deleted, brought and taken away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, checking_input
from veo_studio.cli.listing import shortened, table_of
from veo_studio.cli.templates import read_library
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.core import preset_file
from veo_studio.core.capabilities import both
from veo_studio.core.catalog import Catalog
from veo_studio.core.paths import Paths, ensure_folder
from veo_studio.core.preset_entries import list_from, preset_from
from veo_studio.core.preset_file import PresetFile
from veo_studio.core.presets import Library, NamedList, Preset, Shelf
from veo_studio.core.prompt_lists import PromptLists, number_words

Part = Literal["presets", "lists"]


async def show_all(part: Part, output: Output) -> int:
    library = await read_library(output)
    shelf = _shelf(library, part)
    entries = shelf.offered()
    if output.is_json:
        output.json([_json(library, entry) for entry in entries])
        return ExitCode.DONE
    table = table_of("name", "from", "what")
    for entry in entries:
        origin = "shipped" if entry.is_shipped else "yours"
        what = _words(entry)
        table.add_row(*(Text(plain(cell)) for cell in (entry.name, origin, what)))
    output.table(table)
    if shelf.hidden:
        output.say(f"Hidden: {', '.join(sorted(shelf.hidden))}.")
    return ExitCode.DONE


async def show(part: Part, name: str, output: Output) -> int:
    library = await read_library(output)
    with checking_input():
        entry = _shelf(library, part).get(name)
    if output.is_json:
        output.json(_json(library, entry))
        return ExitCode.DONE
    if isinstance(entry, NamedList):
        for text in entry.texts:
            output.text(text)
        return ExitCode.DONE
    document = _json(library, entry)
    for key, value in document.items():
        if key not in ("name", "is_shipped", "is_hidden") and value not in ("", None, {}, []):
            shown = both([f"{{{one}}}" for one in value]) if isinstance(value, list) else value
            shown = (
                ", ".join(f"{k} {v}" for k, v in value.items())
                if isinstance(value, dict)
                else shown
            )
            output.text(f"{key}: {shown}")
    return ExitCode.DONE


async def save_preset(
    entry: Mapping[str, Any],
    model: str | None,
    provider: str | None,
    output: Output,
    *,
    is_replacing: bool,
) -> int:
    with checking_input():
        found = None
        if model is not None:
            found = Catalog.load(Paths.default().user_catalog).find(model, provider)
        elif provider is not None:
            raise BadInput("--provider needs --model: a preset names both or none.")
        if found is not None:
            entry = {**entry, "provider": found.provider, "model": found.id}
        preset = _said(lambda: preset_from(entry))
        if not (preset.prompt or preset.negative_prompt or preset.config or found or preset.takes):
            raise BadInput("There is nothing to keep: give --prompt or settings.")
    return await _put("presets", preset, output, is_replacing=is_replacing)


async def save_list(name: str, texts: Sequence[str], output: Output, *, is_replacing: bool) -> int:
    with checking_input():
        one = _said(lambda: list_from({"name": name, "texts": list(texts)}))
    return await _put("lists", one, output, is_replacing=is_replacing)


async def delete(part: Part, name: str, output: Output) -> int:
    """Own ones go, shipped ones are hidden."""
    deed = "deleted"

    def change(library: Library) -> Library:
        nonlocal deed
        shelf = _shelf(library, part)
        if shelf.get(name).is_shipped:
            deed = "hidden"
            return _with(library, part, shelf.hide(name))
        return _with(library, part, shelf.without(name))

    await _change(change)
    if output.is_json:
        output.json({deed: name})
    else:
        output.say(f"'{name}' is {deed}.")
    return ExitCode.DONE


async def import_presets(file: Path, output: Output) -> int:
    with checking_input():
        presets, lists, _ = await asyncio.to_thread(preset_file.read_exported, file)
    return await _add(file, presets, lists, output)


async def import_list(file: Path, name: str, output: Output) -> int:
    with checking_input():
        one = await asyncio.to_thread(preset_file.read_list, file, name)
    return await _add(file, [], [one], output)


async def export_presets(
    file: Path, names: Sequence[str], output: Output, *, is_replacing: bool
) -> int:
    library = await read_library(output)
    presets: Sequence[Preset] = library.presets.own
    lists: Sequence[NamedList] = library.lists.own
    if names:
        with checking_input():
            presets, lists = [library.presets.get(name) for name in names], []
    if not presets and not lists:
        raise BadInput("There is nothing of yours to export yet.")
    _check_target(file, is_replacing=is_replacing)
    await asyncio.to_thread(preset_file.export, file, presets, lists)
    return _exported(file, len(presets) + len(lists), output)


async def export_list(name: str, file: Path, output: Output, *, is_replacing: bool) -> int:
    library = await read_library(output)
    with checking_input():
        one = library.lists.get(name)
    _check_target(file, is_replacing=is_replacing)
    await asyncio.to_thread(preset_file.export_list, file, one)
    return _exported(file, len(one.texts), output)


def _exported(file: Path, count: int, output: Output) -> int:
    if output.is_json:
        output.json({"path": str(file.absolute()), "count": count})
    else:
        output.path(file)
    return ExitCode.DONE


def _check_target(file: Path, *, is_replacing: bool) -> None:
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise BadInput(f"{file} cannot be written: it has to be a file in a folder that exists.")
    if file.exists() and not is_replacing:
        raise BadInput(f"{file} exists already. Add --replace, or choose another name.")


async def _add(
    file: Path,
    presets: Sequence[Preset],
    lists: Sequence[NamedList],
    output: Output,
) -> int:
    names: list[str] = []

    def change(library: Library) -> Library:
        with_them, found = preset_file.added(library, presets, lists)
        names.extend(found)
        return with_them

    await _change(change)
    if output.is_json:
        output.json({"imported": names, "problems": []})
    elif names:
        output.say(f"Imported from {file.name}: {', '.join(names)}.")
    else:
        output.say(f"Everything in {file.name} is there already.")
    return ExitCode.DONE


async def _put(part: Part, entry: Preset | NamedList, output: Output, *, is_replacing: bool) -> int:
    def change(library: Library) -> Library:
        shelf = _shelf(library, part)
        there = shelf.find(entry.name)
        if there is not None and not is_replacing:
            own = "" if not there.is_shipped else ", which comes with Veo Studio"
            raise ValueError(
                f"There is a {shelf.word} called '{there.name}' already{own}. "
                "Add --replace, or choose another name."
            )
        return _with(library, part, shelf.put(entry, instead_of=entry.name))

    library = await _change(change)
    if output.is_json:
        output.json(_json(library, entry))
    else:
        output.say(f"Kept as '{entry.name}'.")
    return ExitCode.DONE


async def _change(change: Callable[[Library], Library]) -> Library:
    paths = Paths.default()
    ensure_folder(paths.config, is_private=True)
    with checking_input():
        return await asyncio.to_thread(PresetFile(paths.presets).change, change)


def _said(read: Callable[[], Any]) -> Any:
    """A reader's sentence about an entry, as one about what was typed."""
    try:
        return read()
    except ValueError as error:
        message = str(error).rstrip(".")
        raise BadInput(f"{message[:1].upper()}{message[1:]}.") from error


def _shelf(library: Library, part: Part) -> Shelf[Any]:
    return library.presets if part == "presets" else library.lists


def _with(library: Library, part: Part, shelf: Shelf[Any]) -> Library:
    if part == "presets":
        return replace(library, presets=shelf)
    return replace(library, lists=shelf)


def _words(entry: Preset | NamedList) -> str:
    if isinstance(entry, NamedList):
        return shortened(f"{len(entry.texts)}: {', '.join(entry.texts)}", 100)
    return shortened(entry.note or entry.prompt or ", ".join(map(str, entry.config.values())), 100)


def _json(library: Library, entry: Preset | NamedList) -> dict[str, Any]:
    document = {**entry.to_json(), "is_shipped": entry.is_shipped}
    if isinstance(entry, Preset) and entry.prompt:
        found = PromptLists(entry.prompt, library.texts())
        document["variables"] = list(found.variables)
        document["prompts"] = found.count if found.count < 2**53 else number_words(found.count)
    return document
