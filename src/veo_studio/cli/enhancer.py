"""`enhancer`: which service enhances prompts, with which model and which instructions."""

from __future__ import annotations

import asyncio
import copy
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, checking_input
from veo_studio.cli.listing import table_of
from veo_studio.cli.providers import how_to_connect, open_services
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.core.capabilities import ProviderInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.enhance import (
    DEFAULT_SYSTEM_PROMPT,
    MAX_SYSTEM_PROMPT,
    EnhancerChoice,
    EnhancerKind,
    Enhancers,
)
from veo_studio.core.enhancing.services import OPENAI


async def show(output: Output) -> int:
    """All three, the one in use marked."""
    async with open_enhancers() as (catalog, enhancers):
        choices, chosen, missing = await asyncio.to_thread(
            lambda: (enhancers.available(), enhancers.chosen, enhancers.missing)
        )
        has_own_words = bool(enhancers.system_prompt)
    if output.is_json:
        output.json(
            {
                "chosen": chosen.value,
                "services": [_json_of(choice) for choice in choices],
                "has_own_instructions": has_own_words,
            }
        )
        return ExitCode.DONE
    table = table_of("service", "name", "state", "model", "prompts go to")
    for choice in choices:
        state = (
            "in use" if choice.kind is chosen else "ready" if choice.is_ready else "not connected"
        )
        model = choice.model or ("" if choice.kind is EnhancerKind.RULES else "the server's first")
        place = choice.place if choice.is_ready else ""
        cells = (choice.kind.value, choice.name, state, model, place or "nowhere")
        table.add_row(*(Text(plain(cell)) for cell in cells))
    output.table(table)
    if missing:
        output.say(missing)
    for choice in choices:
        if not choice.is_ready:
            output.say(f"{choice.kind.value}: {_how_to(catalog, choice)}")
    if has_own_words:
        output.say(
            "Instructions of your own are used; `veo-studio enhancer instructions` shows them."
        )
    return ExitCode.DONE


async def use(service: str, output: Output, *, is_usual: bool) -> int:
    """Choose one, or let the best that is ready be taken."""
    if bool(service) == is_usual:
        raise BadInput("Give a service (rules, gemini or openai), or --usual.")
    kind = None if is_usual else kind_of(service)
    async with open_enhancers(is_changing=True) as (catalog, enhancers):
        if kind is not None:
            check_ready(catalog, enhancers.choice(kind))
        enhancers.choose(kind)
        choice = enhancers.choice(enhancers.chosen)
    _tell(choice, f"Enhancer of prompts: {choice.name}.", output)
    return ExitCode.DONE


async def model(service: str, name: str, output: Output, *, is_usual: bool) -> int:
    """Choose a text model, or list those that the service has."""
    kind = kind_of(service)
    if kind is EnhancerKind.RULES:
        raise BadInput("The built-in rules have no models.")
    if name and is_usual:
        raise BadInput("Give a name, or --usual for the usual one.")
    if not name and not is_usual:
        return await _list_models(kind, output)
    async with open_enhancers(is_changing=True) as (_, enhancers):
        enhancers.set_model(kind, name)
        choice = enhancers.choice(kind)
    _tell(choice, f"{choice.name}: {choice.model or 'the first model of the server'}", output)
    return ExitCode.DONE


async def _list_models(kind: EnhancerKind, output: Output) -> int:
    async with open_enhancers() as (catalog, enhancers):
        check_ready(catalog, enhancers.choice(kind))
        names = await enhancers.models(kind)
    if output.is_json:
        output.json(names)
        return ExitCode.DONE
    for name in names:
        output.text(name)
    if not names:
        output.say("The service has no text models.")
    return ExitCode.DONE


async def test(service: str, output: Output) -> int:
    """Of the one in use, or of another."""
    async with open_enhancers() as (catalog, enhancers):
        kind = kind_of(service) if service else enhancers.chosen
        if not service and enhancers.missing:
            output.say(enhancers.missing)
        check_ready(catalog, enhancers.choice(kind))
        with checking_input():
            proved = await enhancers.check(kind)
    if output.is_json:
        output.json({"service": kind.value, "proved": proved})
    else:
        output.text(proved)
    return ExitCode.DONE


async def instructions(file: Path | None, output: Output, *, is_usual: bool) -> int:
    """Show or replace what services are told first."""
    if file is not None and is_usual:
        raise BadInput("Give a file, or --usual for the usual instructions.")
    if file is None and not is_usual:
        async with open_enhancers() as (_, enhancers):
            words = enhancers.system_prompt
        if output.is_json:
            output.json({"instructions": words or DEFAULT_SYSTEM_PROMPT, "is_own": bool(words)})
            return ExitCode.DONE
        for line in (words or DEFAULT_SYSTEM_PROMPT).splitlines():
            output.text(line)
        return ExitCode.DONE
    words = "" if file is None else _read(file)
    async with open_enhancers(is_changing=True) as (_, enhancers):
        with checking_input():
            enhancers.system_prompt = words
        is_own = bool(enhancers.system_prompt)
    if output.is_json:
        output.json({"instructions": words or DEFAULT_SYSTEM_PROMPT, "is_own": is_own})
    else:
        output.text("Your instructions are used." if is_own else "The usual instructions are used.")
    return ExitCode.DONE


def _read(file: Path) -> str:
    """BadInput for what is no text, or too much of it."""
    try:
        # a byte order mark is no part of the words
        if str(file) == "-":
            words = sys.stdin.read(MAX_SYSTEM_PROMPT + 2)
        else:
            check_file(file)
            with open(file, encoding="utf-8-sig") as opened:
                words = opened.read(MAX_SYSTEM_PROMPT + 2)
    except UnicodeError:
        raise BadInput(f"{file} is no text in UTF-8.") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror or error}.") from None
    if not words.strip():
        raise BadInput("The instructions are empty. --usual goes back to the usual ones.")
    return words.removeprefix("\ufeff").strip()


def check_file(path: Path) -> None:
    """BadInput for a pipe or a device, which may never end; raises OSError where there is nothing."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise BadInput(f"{path} cannot be read: it is no file.")


@asynccontextmanager
async def open_enhancers(*, is_changing: bool = False) -> AsyncIterator[tuple[Catalog, Enhancers]]:
    """With `is_changing` the settings are saved at the end. Raises StorageError, FolderInUse then."""
    async with open_services(is_changing=is_changing) as (workplace, catalog, registry):
        settings, secrets = workplace.settings, workplace.secrets
        yield catalog, Enhancers(settings, secrets.key, registry.gateway, catalog.providers)
        if is_changing:
            await asyncio.to_thread(copy.deepcopy(settings).save, workplace.paths.settings)


def kind_of(name: str) -> EnhancerKind:
    """BadInput names what there is."""
    try:
        return EnhancerKind(name.strip().lower())
    except ValueError:
        raise BadInput(f"There is no enhancer {name!r}. Choose rules, gemini or openai.") from None


def check_ready(catalog: Catalog, choice: EnhancerChoice) -> None:
    """BadInput with how to set it up."""
    if not choice.is_ready:
        raise BadInput(_how_to(catalog, choice))


def _how_to(catalog: Catalog, choice: EnhancerChoice) -> str:
    info: ProviderInfo = (
        OPENAI if choice.kind is EnhancerKind.OPENAI else catalog.providers["gemini"]
    )
    return f"{choice.reason} {how_to_connect(info)}"


def _tell(choice: EnhancerChoice, sentence: str, output: Output) -> None:
    if output.is_json:
        output.json(_json_of(choice))
    else:
        output.text(sentence)


def _json_of(choice: EnhancerChoice) -> dict[str, Any]:
    return {
        "service": choice.kind.value,
        "name": choice.name,
        "is_ready": choice.is_ready,
        "reason": choice.reason or None,
        "model": choice.model or None,
        # what cannot be an address may be a key in the wrong place
        "address": (choice.place or None) if choice.is_ready else None,
    }
