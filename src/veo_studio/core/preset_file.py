"""The file of presets and lists: read entry by entry, changed as a whole, brought from elsewhere. Blocks."""

from __future__ import annotations

import codecs
import json
import logging
import os
import re
import threading
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from veo_studio.core.partial import storage_errors
from veo_studio.core.preset_entries import list_from, list_name, list_texts, preset_from
from veo_studio.core.presets import (
    MAX_ENTRIES,
    Library,
    NamedList,
    Preset,
    Shelf,
    key_of,
)

_log = logging.getLogger(__name__)
_SHIPPED = Path(__file__).parent / "shipped" / "presets.toml"
MAX_BYTES = 16 * 1024 * 1024
_VERSION = 1
_MOST_TOLD = 5
_PARTS = ("presets", "lists")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_NAME = re.compile(r"[^\w-]+")
# one change after the other, also from two threads
_changing = threading.Lock()

E = TypeVar("E", bound=Preset | NamedList)


class PresetFile:
    """Presets and lists of one user, in a file that people may edit."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Library:
        """A broken entry costs only itself, a broken file is kept aside. Raises StorageError."""
        with storage_errors(self.path.parent):
            try:
                with open(self.path, "rb") as file:
                    content = file.read(MAX_BYTES + 1)
            except FileNotFoundError:
                return _with_shipped(Library())
        try:
            document = _document(content)
        except ValueError as error:
            aside = self._keep_aside()
            _log.warning("presets are not readable (%s); kept as %s", error, aside.name)
            return _with_shipped(Library(kept_aside=aside))
        return _with_shipped(_library(document))

    def change(self, change: Callable[[Library], Library]) -> Library:
        """Read, change and replace the file; what was wrong in it stays in it.

        Raises what `change` raises, and StorageError; the file is then as it was.
        """
        with _changing:
            before = self.load()
            after = change(before)
            if (after.presets, after.lists) != (before.presets, before.lists):
                self._save(after)
            return after

    def _save(self, library: Library) -> None:
        content = json.dumps(_to_json(library), indent=2).encode("ascii") + b"\n"
        if len(content) > MAX_BYTES:
            raise ValueError(f"Presets and lists may have {MAX_BYTES // 1024**2} MB in all.")
        # a link into somebody's dotfiles stays a link
        write_whole(Path(os.path.realpath(self.path)), content)

    def _keep_aside(self) -> Path:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        aside = self.path.with_name(f"{self.path.stem}.broken-{stamp}{self.path.suffix}")
        with storage_errors(self.path.parent):
            os.rename(self.path, aside)
        return aside


def write_whole(path: Path, content: bytes) -> None:
    """All of it or the file of before, also after a crash. Raises StorageError."""
    part = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with storage_errors(path.parent):
        try:
            with open(os.open(part, flags, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)


# from elsewhere, and to there


def read_exported(path: Path) -> tuple[list[Preset], list[NamedList], list[str]]:
    """Presets and lists of an exported file: all of it, or nothing.

    The third is for sentences about what could not be read, and empty. Raises ValueError with a sentence
    for a file that is none or has mistakes, StorageError.
    """
    try:
        document = _document(_content(path))
    except ValueError as error:
        raise ValueError(f"{path.name} is no file of presets: {error}.") from error
    read = _library(document)
    if read.problems:
        told = " ".join(read.problems[:_MOST_TOLD]).replace(" was left out: ", ": ")
        if len(read.problems) > _MOST_TOLD:
            told += f" And {len(read.problems) - _MOST_TOLD:,} more."
        raise ValueError(f"Nothing of {path.name} was taken over: correct it first. {told}")
    if not (read.presets.own or read.lists.own):
        raise ValueError(f"{path.name} holds no presets and no lists.")
    return list(read.presets.own), list(read.lists.own), []


def read_list(path: Path, name: str = "") -> NamedList:
    """A list from a text file, one text on each line; without a `name`, named after the file.

    Raises ValueError with a sentence, StorageError.
    """
    try:
        texts = list_texts(_decoded(_content(path)).splitlines())
        wanted = name or _NO_NAME.sub("_", path.stem).strip("_-0123456789")[:40] or "list"
        return NamedList(list_name(wanted), texts)
    except ValueError as error:
        raise ValueError(f"{path.name} cannot be a list: {error}.") from error


def added(
    library: Library, presets: Iterable[Preset], lists: Iterable[NamedList]
) -> tuple[Library, list[str]]:
    """With all of them, under another name where there is another one; the names of what is new.

    What is there already in the same words is left out. Raises ValueError where it is too much.
    """
    names: list[str] = []
    preset_shelf = _added(library.presets, presets, names)
    list_shelf = _added(library.lists, lists, names)
    return replace(library, presets=preset_shelf, lists=list_shelf), names


def _added(shelf: Shelf[E], entries: Iterable[E], names: list[str]) -> Shelf[E]:
    there = {key_of(one.name): one for one in shelf.every()}
    new: list[E] = []
    for entry in entries:
        own = replace(entry, is_shipped=False)
        same = there.get(key_of(own.name))
        if same is not None and replace(same, is_shipped=False) == own:
            continue
        own = replace(own, name=shelf.free_name(own.name, there))
        there[key_of(own.name)] = own
        new.append(own)
    if len(shelf.own) + len(new) > MAX_ENTRIES:
        raise ValueError(
            f"These would be more than {MAX_ENTRIES:,} {shelf.word}s of yours. Delete some first."
        )
    names += [one.name for one in new]
    return replace(shelf, own=(*shelf.own, *new))


def export(path: Path, presets: Iterable[Preset], lists: Iterable[NamedList]) -> None:
    """A file that `read_exported` reads. Raises StorageError."""
    document = {
        "version": _VERSION,
        "presets": [preset.to_json() for preset in presets],
        "lists": [one.to_json() for one in lists],
    }
    write_whole(path, json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8") + b"\n")


def export_list(path: Path, one: NamedList) -> None:
    """A text file, one text on each line. Raises StorageError."""
    write_whole(path, "".join(f"{text}\n" for text in one.texts).encode("utf-8"))


# reading


@cache
def shipped() -> Library:
    """What comes with the program."""
    document = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    presets = [preset_from(entry, is_shipped=True) for entry in document["presets"]]
    lists = [list_from(entry, is_shipped=True) for entry in document["lists"]]
    empty = Library()
    return replace(
        empty,
        presets=replace(empty.presets, shipped=tuple(presets)),
        lists=replace(empty.lists, shipped=tuple(lists)),
    )


def _with_shipped(library: Library) -> Library:
    return replace(
        library,
        presets=replace(library.presets, shipped=shipped().presets.shipped),
        lists=replace(library.lists, shipped=shipped().lists.shipped),
    )


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise ValueError("there is no such file")
    with storage_errors(path.parent), open(path, "rb") as file:
        return file.read(MAX_BYTES + 1)


def _document(content: bytes) -> dict[str, Any]:
    """ValueError for what is no JSON object, in a few words."""
    try:
        document = json.loads(_decoded(content))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON (line {error.lineno})") from error
    if not isinstance(document, dict):
        raise ValueError("it has to be an object in braces")
    return document


def _decoded(content: bytes) -> str:
    """ValueError for what is no text, in a few words."""
    if len(content) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 1024**2} MB")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise ValueError("it is not text") from error
        # what Windows programs wrote for decades; it has no bytes that mean nothing but five
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise ValueError("it is not text")
    return text


def _library(document: Mapping[str, Any]) -> Library:
    problems: list[str] = []
    left_out: dict[str, tuple[Any, ...]] = {}
    empty = Library()
    hidden = document.get("hidden")
    hidden = hidden if isinstance(hidden, dict) else {}
    presets = _shelf(empty.presets, document, hidden, preset_from, problems, left_out)
    lists = _shelf(empty.lists, document, hidden, list_from, problems, left_out)
    known = {*_PARTS, "hidden", "version"}
    return Library(
        presets, lists, tuple(problems), None, left_out,
        {name: value for name, value in document.items() if name not in known},
    )  # fmt: skip


def _shelf(
    shelf: Shelf[E],
    document: Mapping[str, Any],
    hidden: Mapping[str, Any],
    reader: Callable[[object], E],
    problems: list[str],
    left_out: dict[str, tuple[Any, ...]],
) -> Shelf[E]:
    part = f"{shelf.word}s"
    entries = document.get(part, [])
    if not isinstance(entries, list):
        problems.append(f"'{part}' has to be a list in square brackets; it was left out.")
        left_out[part] = (entries,)
        entries = []
    broken: list[Any] = []
    # by name: a look at every one before for each one takes minutes where there are many
    own: dict[str, E] = {}
    for number, entry in enumerate(entries, 1):
        if len(own) >= MAX_ENTRIES or len(broken) >= MAX_ENTRIES:
            problems.append(
                f"There are more than {MAX_ENTRIES:,} {part}: those from number {number:,} on "
                "were left out."
            )
            broken += entries[number - 1 :]
            break
        try:
            read = reader(entry)
            if (there := own.get(key_of(read.name))) is not None:
                raise ValueError(f"There is a {shelf.word} called '{there.name}' already")
            own[key_of(read.name)] = read
        except ValueError as error:
            name = entry.get("name") if isinstance(entry, dict) else None
            named = f" ('{name[:40]}')" if isinstance(name, str) and name.strip() else ""
            reason = str(error).rstrip(".")
            problems.append(f"{shelf.word.capitalize()} {number}{named} was left out: {reason}.")
            broken.append(entry)
    shelf = replace(shelf, own=tuple(own.values()))
    if broken:
        left_out[part] = tuple(broken)
    names = hidden.get(part)
    names = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return replace(shelf, hidden=frozenset(name.strip().casefold() for name in names))


def _to_json(library: Library) -> dict[str, Any]:
    def stored(shelf: Shelf[Any], part: str) -> list[Any]:
        return [*(one.to_json() for one in shelf.own), *library.left_out.get(part, ())]

    return {
        **library.unknown,
        "version": _VERSION,
        "presets": stored(library.presets, "presets"),
        "lists": stored(library.lists, "lists"),
        "hidden": {
            "presets": sorted(library.presets.hidden),
            "lists": sorted(library.lists.hidden),
        },
    }
