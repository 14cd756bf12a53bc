"""`providers`: the services, how each is set up, and setting one up without a window.

Keys go into the keyring and nowhere else. Addresses and settings are in a file that an open window
writes as well, so they are changed only while none is open.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, checking_input
from veo_studio.cli.listing import table_of
from veo_studio.cli.opening import Workplace, open_database, open_workplace
from veo_studio.cli.terminal import ExitCode, Output, can_ask, plain
from veo_studio.core.capabilities import ProviderInfo, either
from veo_studio.core.catalog import Catalog
from veo_studio.core.connecting import PlainHttpAsked, ProviderSettings, ProviderState
from veo_studio.core.enhance import Enhancers
from veo_studio.core.enhancing.services import OPENAI
from veo_studio.core.errors import FolderInUse, StorageError
from veo_studio.core.input_files import InputFiles
from veo_studio.core.paths import ensure_folder
from veo_studio.core.providers.addresses import base_problem
from veo_studio.core.providers.connection import origin_of
from veo_studio.core.providers.registry import REHEARSAL, ProviderRegistry
from veo_studio.core.secrets import ENVIRONMENT

# longer than any key; the rest of a wrong file is not read
_MAX_KEY_CHARS = 16_384


async def show(output: Output) -> int:
    """Every service: whether it can be used, and what to do where it cannot."""
    async with open_services() as (workplace, catalog, registry):
        secrets, own = workplace.secrets, workplace.settings
        settings = ProviderSettings(catalog, secrets, own, workplace.paths.settings, registry)
        states = await asyncio.to_thread(settings.states)
        enhancers = Enhancers(own, secrets.key, registry.gateway, catalog.providers)
        enhanced_by = enhancers.choice(enhancers.chosen).name
    if output.is_json:
        output.json([state_json(state) for state in states])
        return ExitCode.DONE
    table = table_of("provider", "name", "state", "key from", "at once", "cancel")
    for state in states:
        cells = (
            state.info.id,
            state.info.name,
            "ready" if state.is_ready else "not connected",
            state.key_place or ("" if state.info.needs_key else "needs none"),
            str(state.at_once),
            "stops the work" if state.info.can_cancel else "only stops waiting",
        )
        table.add_row(*(Text(plain(cell)) for cell in cells))
    output.table(table)
    for state in states:
        if not state.is_ready:
            output.say(f"{state.info.id}: {state.reason} {how_to_connect(state.info)}")
        elif state.own_address or state.address_variable:
            because = f" because of {state.address_variable}" if state.address_variable else ""
            output.say(f"{state.info.id}: requests go to {state.address}{because}.")
    output.say(f"Enhancer of prompts: {enhanced_by}; `veo-studio enhancer` shows all of them.")
    return ExitCode.DONE


async def show_one(provider: str, output: Output) -> int:
    """One service with everything that can be set."""
    async with _settings() as (catalog, settings):
        info = _known(catalog, provider)
        state = await asyncio.to_thread(settings.state, info.id)
    if output.is_json:
        output.json(state_json(state))
        return ExitCode.DONE
    table = table_of("", "")
    table.show_header = False
    for name, words in _lines(state):
        table.add_row(name, Text(plain(words)))
    output.table(table)
    return ExitCode.DONE


async def connect(provider: str, output: Output, *, from_stdin: bool) -> int:
    """Keep a key in the keyring. Raises BadInput for what cannot be one, StorageError without a keyring."""
    async with _settings() as (catalog, settings):
        info = _known(catalog, provider)
        if not info.needs_key:
            raise BadInput(f"{info.name} takes no key. {how_to_connect(info)}".strip())
        if problem := await settings.keyring_problem():
            raise StorageError(f"The key cannot be kept: {problem}", action=_as_variable(info))
        key = _key_from_stdin() if from_stdin else _key_from_terminal(info)
        with checking_input():
            place = await settings.set_key(info.id, key)
        if place != "keyring":
            raise StorageError("The keyring did not take the key.", action=_as_variable(info))
        state = await asyncio.to_thread(settings.state, info.id)
    _tell(state, f"The key for {info.name} is in the keyring.", output)
    if not output.is_json:
        output.say(f"`veo-studio providers test {info.id}` asks whether it is taken, free.")
    return ExitCode.DONE


async def forget(provider: str, output: Output) -> int:
    """Take the key out of the keyring."""
    async with _settings() as (catalog, settings):
        info = _known(catalog, provider)
        if not info.needs_key:
            raise BadInput(f"{info.name} takes no key.")
        await settings.forget_key(info.id)
        state = await asyncio.to_thread(settings.state, info.id)
    if state.key_place == "the keyring":
        raise StorageError(f"The keyring did not give up the key for {info.name}.")
    left = f" One still comes from {state.key_place}." if state.key_place else ""
    _tell(state, f"The keyring has no key for {info.name}.{left}", output)
    return ExitCode.DONE


async def test(provider: str, output: Output) -> int:
    """Ask the service for something free. Raises BadInput where it is not set up, ProviderError."""
    async with _settings() as (catalog, settings):
        info = _known(catalog, provider)
        state = await asyncio.to_thread(settings.state, info.id)
        if not state.is_ready:
            raise BadInput(f"{state.reason} {how_to_connect(info)}".strip())
        report = await settings.test(info.id)
    if output.is_json:
        output.json(
            {"provider": info.id, "proved": report.proved, "balance": report.balance or None}
        )
        return ExitCode.DONE
    output.text(report.proved)
    if report.balance:
        output.text(f"Left there: {report.balance}.")
    return ExitCode.DONE


async def set_address(
    provider: str, address: str | None, output: Output, *, allows_plain_http: bool
) -> int:
    """A base address of the user's own, None for the usual one."""
    async with _settings(is_changing=True) as (catalog, settings):
        info = _known(catalog, provider)
        if info.id == REHEARSAL:
            raise BadInput("The rehearsal engine is inside this program: it has no address.")
        try:
            with checking_input():
                await _set_address(settings, info.id, address or "", allows_plain_http)
        except BadInput as error:
            if not isinstance(error.__cause__, PlainHttpAsked):
                raise
            if not can_ask():
                raise BadInput(f"{error} Add --plain-http to agree.") from error
            if not output.ask(f"{error} Use it?"):
                output.say("Nothing was changed.")
                return ExitCode.INTERRUPTED
            await _set_address(settings, info.id, address or "", True)
        state = await asyncio.to_thread(settings.state, info.id)
    _tell(state, f"Requests to {info.name} go to {state.address or 'no address'}.", output)
    if state.address_variable and not output.is_json:
        output.say(f"{state.address_variable} in the environment decides that.")
    return ExitCode.DONE


async def _set_address(
    settings: ProviderSettings, provider_id: str, address: str, allows_plain_http: bool
) -> None:
    await settings.set_address(provider_id, address, allows_plain_http=allows_plain_http)


async def set_option(provider: str, name: str, value: str, output: Output) -> int:
    """A setting of that service beside key and address; "" takes it away."""
    async with _settings(is_changing=True) as (catalog, settings):
        info = _known(catalog, provider)
        known = [option.name for option in info.options]
        if name not in known:
            has = f"It has {either(known)}." if known else "It has none."
            raise BadInput(f"{info.name} has no setting {name!r}. {has}")
        await settings.set_option(info.id, name, value)
        state = await asyncio.to_thread(settings.state, info.id)
    in_use = state.options.get(name)
    _tell(state, f"{name}: {in_use or 'not set'}", output)
    if name in state.option_variables and not output.is_json:
        output.say(f"{state.option_variables[name]} in the environment decides that.")
    return ExitCode.DONE


async def set_at_once(provider: str, count: int | None, output: Output) -> int:
    """How many generations run there together, None for the usual number."""
    async with _settings(is_changing=True) as (catalog, settings):
        info = _known(catalog, provider)
        with checking_input():
            await settings.set_at_once(info.id, count)
        state = await asyncio.to_thread(settings.state, info.id)
    _tell(state, f"{info.name}: {state.at_once} at once", output)
    return ExitCode.DONE


@asynccontextmanager
async def _settings(
    *, is_changing: bool = False
) -> AsyncIterator[tuple[Catalog, ProviderSettings]]:
    async with open_services(is_changing=is_changing) as (workplace, catalog, registry):
        secrets, settings = workplace.secrets, workplace.settings
        path = workplace.paths.settings
        yield catalog, ProviderSettings(catalog, secrets, settings, path, registry)


@asynccontextmanager
async def open_services(
    *, is_changing: bool = False
) -> AsyncIterator[tuple[Workplace, Catalog, ProviderRegistry]]:
    """What is needed to ask a service, without the library.

    Raises FolderInUse where a change would be written over by the program that is open.
    """
    workplace = open_workplace()
    async with contextlib.AsyncExitStack() as stack:
        if is_changing:
            ensure_folder(workplace.paths.config, is_private=True)
            await stack.enter_async_context(_alone(workplace))
        catalog = await asyncio.to_thread(Catalog.load, workplace.paths.user_catalog)
        registry = ProviderRegistry(
            catalog,
            workplace.secrets.key,
            workplace.paths.rehearsal,
            settings=workplace.settings,
            files=InputFiles(workplace.paths.inputs),
        )
        stack.push_async_callback(registry.close)
        yield workplace, catalog, registry


@asynccontextmanager
async def _alone(workplace: Workplace) -> AsyncIterator[None]:
    async with open_database(workplace) as database:
        try:
            database.acquire_scheduler()
        except FolderInUse as error:
            raise FolderInUse(
                "Veo Studio is open on this folder and writes these settings itself.",
                action="Change it in Settings > Services of its window, or close it first.",
            ) from error
        try:
            yield
        finally:
            database.release_scheduler()


def _known(catalog: Catalog, provider: str) -> ProviderInfo:
    asked = provider.strip().lower()
    found = OPENAI if asked == OPENAI.id else catalog.providers.get(asked)
    if found is None:
        known = ", ".join((*catalog.providers, OPENAI.id))
        raise BadInput(f"There is no provider {provider!r}. Known: {known}.")
    return found


def _key_from_stdin() -> str:
    """What is piped in, without the line end; never repeated."""
    return sys.stdin.read(_MAX_KEY_CHARS)


def _key_from_terminal(info: ProviderInfo) -> str:
    if not can_ask():
        raise BadInput("Without a terminal the key comes on stdin: add --key-stdin.")
    if info.key_page:
        sys.stderr.write(f"A key is made at {info.key_page}\n")
    # the loop would wait with Ctrl+C until there is a key
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return getpass.getpass(f"Key for {info.name} (it is not shown): ", sys.stderr)
    except EOFError:
        raise BadInput("No key was given.") from None
    finally:
        signal.signal(signal.SIGINT, previous)


def _as_variable(info: ProviderInfo) -> str:
    return f"Set {ENVIRONMENT[info.id][0]} instead." if info.id in ENVIRONMENT else ""


def how_to_connect(info: ProviderInfo) -> str:
    """The commands that set it up, "" where there is nothing to do."""
    if info.id == OPENAI.id:
        return (
            "In the terminal: `veo-studio providers address openai URL`, or "
            "`veo-studio providers connect openai`."
        )
    if info.needs_key:
        return f"In the terminal: `veo-studio providers connect {info.id}`."
    if info.needs_address:
        return f"In the terminal: `veo-studio providers address {info.id} URL`."
    needed = [option.name for option in info.options if option.is_required]
    if needed:
        return f"In the terminal: `veo-studio providers set {info.id} {needed[0]} VALUE`."
    return ""


def _tell(state: ProviderState, sentence: str, output: Output) -> None:
    if output.is_json:
        output.json(state_json(state))
    else:
        output.text(sentence)


def _lines(state: ProviderState) -> list[tuple[str, str]]:
    info = state.info
    lines = [
        ("provider", f"{info.id}: {info.name}. {info.about}"),
        ("state", "ready" if state.is_ready else f"{state.reason} {how_to_connect(info)}"),
    ]
    if info.needs_key:
        lines.append(("key from", state.key_place or f"nowhere; {info.key_page}"))
    if _address(state):
        lines.append(("address", _address(state)))
    for option in info.options:
        value = state.options.get(option.name, "not set")
        variable = state.option_variables.get(option.name)
        because = f" (from {variable})" if variable else ""
        lines.append((option.name, f"{value}{because}. {option.help}"))
    lines.append(("at once", str(state.at_once)))
    lines.append(("cancel", info.cancel_help))
    if info.usage_page:
        lines.append(("bill", info.usage_page))
    return lines


def _address(state: ProviderState) -> str:
    """What cannot be an address may be a key in the wrong place, and is not repeated."""
    try:
        origin = origin_of(state.address)
    except ValueError:
        return ""
    return "" if base_problem(state.address, [origin]) else state.address


def state_json(state: ProviderState) -> dict[str, Any]:
    """For scripts; never a key."""
    info = state.info
    return {
        "id": info.id,
        "name": info.name,
        "about": info.about,
        "is_ready": state.is_ready,
        "reason": None if state.is_ready else state.reason,
        "needs_key": info.needs_key,
        "key_place": state.key_place or None,
        "key_page": info.key_page or None,
        "usage_page": info.usage_page or None,
        "address": _address(state) or None,
        "is_own_address": bool(state.own_address or state.address_variable),
        "address_variable": state.address_variable,
        "options": {
            option.name: {
                "value": state.options.get(option.name),
                "variable": state.option_variables.get(option.name),
                "is_required": option.is_required,
                "help": option.help,
            }
            for option in info.options
        },
        "at_once": state.at_once,
        "can_cancel": info.can_cancel,
        "cancel_help": info.cancel_help,
    }
