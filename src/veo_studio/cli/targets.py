"""`targets`: the places that clips go to, set up without a window.

Secrets are asked for on the terminal or read from stdin, never taken as arguments: those stand in the
list of processes and in the shell's history.
"""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, check_words, checking_input
from veo_studio.cli.listing import table_of
from veo_studio.cli.opening import Workplace, open_studio, open_workplace, take_seat
from veo_studio.cli.terminal import ExitCode, Output, can_ask, plain
from veo_studio.cli.words import error_kind_of, exit_code_of
from veo_studio.core.errors import PublishError
from veo_studio.core.plain import masked
from veo_studio.core.publishing.base import KindInfo
from veo_studio.core.publishing.desk import PublishingDesk
from veo_studio.core.publishing.folder import absence_of
from veo_studio.core.publishing.kinds import all_kinds, info_of
from veo_studio.core.publishing.models import Target, TargetKind
from veo_studio.core.publishing.target_book import variable_of

# longer than any secret; the rest of a wrong file is not read
_MAX_STDIN_CHARS = 65_536


def find_target(targets: Sequence[Target], name: str) -> Target:
    """By its name, however it is spelled, or its number. Raises BadInput."""
    wanted = name.strip().casefold()
    for one in targets:
        if one.name.casefold() == wanted or str(one.id) == wanted:
            return one
    known = ", ".join(one.name for one in targets)
    raise BadInput(
        f"There is no target {name!r}. " + (f"Known: {known}." if known else
        "Set one up with `veo-studio targets add KIND NAME`; `veo-studio targets kinds` shows the kinds.")
    )  # fmt: skip


async def show_all(output: Output) -> int:
    """Every target with what is missing."""
    async with open_studio(open_workplace(), is_scheduler=False) as studio:
        desk = studio.publishing
        found = [(one, await _missing(desk, one)) for one in await desk.targets()]
    if output.is_json:
        output.json([target_json(one, missing) for one, missing in found])
        return ExitCode.DONE
    if not found:
        output.say("There is no target yet. `veo-studio targets kinds` shows what there can be.")
        return ExitCode.DONE
    table = table_of("id", "name", "kind", "settings", "missing")
    for one, missing in found:
        settings = ", ".join(f"{name}={value}" for name, value in one.options.items() if value)
        cells = (str(one.id), one.name, info_of(one.kind).label, settings, ", ".join(missing))
        table.add_row(*(Text(plain(cell)) for cell in cells))
    output.table(table)
    return ExitCode.DONE


async def show_kinds(output: Output) -> int:
    """Each kind with its fields."""
    infos = all_kinds()
    if output.is_json:
        output.json([_kind_json(info) for info in infos])
        return ExitCode.DONE
    for info in infos:
        output.text(f"{info.kind.value}: {info.label}. {info.about}")
        for field in info.fields:
            notes = [
                "secret" if field.is_secret else "",
                "" if field.is_required else "may be left out",
                f"one of {', '.join(value for value, _ in field.choices)}" if field.choices else "",
                f"otherwise {field.default}" if field.default else "",
            ]
            told = "; ".join(note for note in notes if note)
            help_words = f" {field.help}" if field.help else ""
            output.text(
                f"    {field.name}: {field.label}{f' ({told})' if told else ''}.{help_words}"
            )
    return ExitCode.DONE


async def add(
    kind: str, name: str, values: Sequence[str], output: Output, *, from_stdin: bool
) -> int:
    """Raises BadInput, StorageError."""
    info = _info(kind)
    options = _options(info, values)
    check_words("NAME", name)
    secrets = _secrets(info, from_stdin=from_stdin, is_asking=True)
    async with _open() as (workplace, desk):
        with checking_input():
            made = await desk.add_target(name, info.kind, options, secrets)
        missing = await _missing(desk, made)
        kept = await _kept_words(workplace, made, secrets)
    if output.is_json:
        output.json(target_json(made, missing))
        return ExitCode.DONE
    output.say(f"{made.name} is set up.{kept}")
    if absence := await asyncio.to_thread(absence_of, made):
        output.say(absence)
    if missing:
        output.say(f"Still missing: {', '.join(missing)}.")
    output.say(f'`veo-studio targets test "{made.name}"` tries it.')
    return ExitCode.DONE


async def change(
    name: str,
    values: Sequence[str],
    new_name: str | None,
    output: Output,
    *,
    asks_secrets: bool,
    from_stdin: bool,
) -> int:
    """What is not said stays. Raises BadInput, StorageError."""
    if not (values or new_name or asks_secrets or from_stdin):
        raise BadInput(
            "Say what to change: --set FIELD=VALUE, --name, --secrets or --secrets-stdin."
        )
    async with _open() as (workplace, desk):
        target = find_target(await desk.targets(), name)
        info = info_of(target.kind)
        options = {**target.options, **_options(info, values)}
        secrets = _secrets(info, from_stdin=from_stdin, is_asking=asks_secrets)
        with checking_input():
            changed = await desk.change_target(
                target.id, name=new_name, options=options, secrets=secrets
            )
        missing = await _missing(desk, changed)
        new = {one: told for one, told in secrets.items() if told}
        kept = await _kept_words(workplace, changed, new)
    if output.is_json:
        output.json(target_json(changed, missing))
    else:
        output.say(f"{changed.name} is changed.{kept}")
        if absence := await asyncio.to_thread(absence_of, changed):
            output.say(absence)
    return ExitCode.DONE


async def test(name: str, output: Output) -> int:
    """Raises BadInput; of what the place says, only that."""
    async with open_studio(open_workplace(), is_scheduler=False) as studio:
        desk = studio.publishing
        target = find_target(await desk.targets(), name)
        try:
            with checking_input():
                proved = await desk.check_target(target.kind, target.options, {}, target.id)
        except PublishError as error:
            reason = " ".join(filter(None, (masked(error.message), error.action)))
            output.error(f"The test of {target.name} failed: {reason}", error_kind_of(error))
            return exit_code_of(error)
    if output.is_json:
        output.json({"target": target.name, "proved": proved})
    else:
        output.text(proved)
    return ExitCode.DONE


async def delete(name: str, output: Output, *, is_agreed: bool) -> int:
    """Raises BadInput."""
    async with _open() as (_, desk):
        target = find_target(await desk.targets(), name)
        question = f"Delete {target.name}? What waits for it is cancelled; what is there stays."
        if not is_agreed:
            if not can_ask():
                raise BadInput(f"{question} Add --yes to agree.")
            if not output.ask(question):
                output.say("Nothing was changed.")
                return ExitCode.INTERRUPTED
        await desk.delete_target(target.id)
    if output.is_json:
        output.json({"target": target.name, "deleted": True})
    else:
        output.say(f"{target.name} is deleted.")
    return ExitCode.DONE


def target_json(target: Target, missing: Sequence[str]) -> dict[str, Any]:
    """Secrets are never part of it."""
    return {
        "id": target.id,
        "name": target.name,
        "kind": target.kind.value,
        "options": dict(target.options),
        "missing": list(missing),
    }


def _kind_json(info: KindInfo) -> dict[str, Any]:
    return {
        "kind": info.kind.value,
        "label": info.label,
        "about": info.about,
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "help": field.help,
                "secret": field.is_secret,
                "required": field.is_required,
                "default": field.default,
                "choices": [value for value, _ in field.choices],
            }
            for field in info.fields
        ],
    }


async def _missing(desk: PublishingDesk, target: Target) -> list[str]:
    """Names of fields that it needs and that are not there; a keyring may take its time."""

    def blocking() -> list[str]:
        return [
            field.name
            for field in info_of(target.kind).fields
            if field.is_required
            and not field.default
            and not (
                desk.has_secret(target, field.name)
                if field.is_secret
                else target.options.get(field.name)
            )
        ]

    return await asyncio.to_thread(blocking)


def _info(kind: str) -> KindInfo:
    try:
        return info_of(TargetKind(kind.strip().lower()))
    except ValueError:
        known = ", ".join(one.value for one in TargetKind)
        raise BadInput(f"There is no kind {kind!r}. Known: {known}.") from None


def _options(info: KindInfo, values: Sequence[str]) -> dict[str, str]:
    known = {field.name: field for field in info.fields}
    options = {}
    for told in values:
        name, sign, value = told.partition("=")
        check_words("--set", told)
        if not sign:
            raise BadInput(f"--set takes FIELD=VALUE, not {name!r}.")
        if name not in known:
            raise BadInput(f"{info.label} has no field {name!r}. Known: {', '.join(known)}.")
        if known[name].is_secret:
            raise BadInput(f"{name} is a secret: it is asked for, or read with --secrets-stdin.")
        options[name] = value
    return options


def _secrets(info: KindInfo, *, from_stdin: bool, is_asking: bool) -> Mapping[str, str]:
    names = {field.name: field for field in info.fields if field.is_secret}
    if from_stdin:
        return _secrets_from_stdin(info, names)
    if not is_asking or not names or not can_ask():
        return {}
    secrets = {}
    for name, field in names.items():
        optional = "" if field.is_required else " (Enter leaves it out)"
        if value := getpass.getpass(f"{field.label}{optional}: ", sys.stderr).strip():
            secrets[name] = value
    return secrets


def _secrets_from_stdin(info: KindInfo, known: Mapping[str, object]) -> dict[str, str]:
    secrets = {}
    for line in sys.stdin.read(_MAX_STDIN_CHARS).splitlines():
        name, sign, value = line.partition("=")
        if not line.strip():
            continue
        if not sign or name.strip() not in known:
            # the line may be a secret: it is not repeated
            raise BadInput(
                f"stdin takes one FIELD=VALUE a line; the secrets of {info.label} are: "
                f"{', '.join(known) or 'none'}."
            )
        secrets[name.strip()] = value.strip()
    return secrets


async def _kept_words(workplace: Workplace, target: Target, secrets: Mapping[str, str]) -> str:
    if not secrets:
        return ""
    status = await asyncio.to_thread(workplace.secrets.keyring_status)
    if status.can_store:
        return " Its secrets are in the keyring."
    variables = " and ".join(variable_of(target, name) for name in secrets)
    return f" Its secrets could not be kept: {status.problem} Put them into {variables}."


@asynccontextmanager
async def _open() -> AsyncIterator[tuple[Workplace, PublishingDesk]]:
    workplace = open_workplace()
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, workplace)
        yield workplace, seat.studio.publishing
