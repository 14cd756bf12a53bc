"""What a user can set about a provider: key, address, options, how many at once; and the test of all that."""

from __future__ import annotations

import asyncio
import copy
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.capabilities import ProviderInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.enhancing.services import OPENAI
from veo_studio.core.errors import ProviderError
from veo_studio.core.providers.addresses import base_problem
from veo_studio.core.providers.base import ConnectionReport
from veo_studio.core.providers.connection import origin_of
from veo_studio.core.providers.registry import REHEARSAL, ProviderRegistry
from veo_studio.core.secrets import KeySource, Secrets
from veo_studio.core.settings import Settings

MAX_AT_ONCE = 100


class PlainHttpAsked(ValueError):
    """The address is http on another machine: prompts, pictures and keys would travel readable."""


@dataclass(frozen=True)
class ProviderState:
    """How a provider is set up. `key_place` says where the key comes from, "" where there is none.

    `address` is the one in use, `own_address` the user's own, `address_variable` the environment variable
    that decides it, where one does; `option_variables` are those by option. `at_once` is how many
    generations run there together.
    """

    info: ProviderInfo
    is_ready: bool
    reason: str
    key_place: str
    address: str
    own_address: str
    address_variable: str | None
    options: Mapping[str, str]
    option_variables: Mapping[str, str]
    at_once: int


class ProviderSettings:
    """Changes are saved at once and hold for the next request.

    `changed` is told which provider is set up anew, after its adapter was dropped. `save` writes the
    settings where somebody else writes them too: in one order, or an older writing would win.
    """

    def __init__(
        self,
        catalog: Catalog,
        secrets: Secrets,
        settings: Settings,
        settings_file: Path,
        registry: ProviderRegistry,
        changed: Callable[[str], Awaitable[None]] | None = None,
        environ: Mapping[str, str] = os.environ,
        save: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._catalog = catalog
        self._secrets = secrets
        self._settings = settings
        self._file = settings_file
        self._registry = registry
        self._changed = changed or registry.forget
        self._environ = environ
        self._write = save or self._write_file

    def state(self, provider_id: str) -> ProviderState:
        """Also of the chat server, which makes no clips. KeyError for a provider that does not exist."""
        info = OPENAI if provider_id == OPENAI.id else self._catalog.providers[provider_id]
        available = self._registry.availability(provider_id)
        connections = self._registry.connections
        is_here = provider_id == REHEARSAL
        return ProviderState(
            info=info,
            is_ready=available.is_ready,
            reason=available.reason,
            key_place=self._secrets.place(provider_id) if info.needs_key else "",
            address="" if is_here else connections.address(provider_id),
            own_address=self._settings.addresses.get(provider_id, ""),
            address_variable=None if is_here else connections.address_variable(provider_id),
            options={} if is_here else connections.options(provider_id),
            option_variables={
                option.name: option.environment
                for option in info.options
                if option.environment and self._environ.get(option.environment, "").strip()
            },
            at_once=self._settings.concurrency.get(provider_id) or info.concurrency,
        )

    def states(self) -> list[ProviderState]:
        """In the catalogue's order."""
        return [self.state(provider_id) for provider_id in self._catalog.providers]

    async def set_key(self, provider_id: str, key: str) -> KeySource:
        """Keep the key; says where. Raises ValueError for text that cannot be a key."""
        source = await asyncio.to_thread(self._secrets.set_key, provider_id, key)
        await self._changed(provider_id)
        return source

    async def forget_key(self, provider_id: str) -> None:
        """Of this session and the keyring; what the environment says stays."""
        await asyncio.to_thread(self._secrets.delete_key, provider_id)
        await self._changed(provider_id)

    async def keyring_problem(self) -> str:
        """Why a key can only be kept until the program ends, in one sentence; "" where it can be longer."""
        return (await asyncio.to_thread(self._secrets.keyring_status)).problem

    async def set_address(
        self, provider_id: str, address: str, *, allows_plain_http: bool = False
    ) -> None:
        """ "" for the usual one. Raises ValueError for what is no address, PlainHttpAsked, StorageError."""
        address = address.strip()
        if address and "://" not in address:
            raise ValueError("The address must begin with https:// (or http:// on this machine).")
        readable = _readable_origin(address) if address else None
        allowed = self._settings.plain_http
        if readable is not None and not allows_plain_http and allowed.get(provider_id) != readable:
            raise PlainHttpAsked(
                "This address is not encrypted: whoever is in the same network can read prompts, "
                "pictures and keys that are sent to it."
            )
        # a yes is for this service at this address, and ends with it
        if readable is not None:
            allowed[provider_id] = readable
        else:
            allowed.pop(provider_id, None)
        if address:
            self._settings.addresses[provider_id] = address
        else:
            self._settings.addresses.pop(provider_id, None)
        await self._save(provider_id)

    async def set_option(self, provider_id: str, name: str, value: str) -> None:
        """ "" takes it away. Raises KeyError for an option that the provider does not have."""
        if name not in {option.name for option in self._catalog.providers[provider_id].options}:
            raise KeyError(name)
        stored = self._settings.options.setdefault(provider_id, {})
        if value.strip():
            stored[name] = value.strip()
        else:
            stored.pop(name, None)
        await self._save(provider_id)

    async def set_at_once(self, provider_id: str, count: int | None) -> None:
        """How many run there together, None for the usual number. ValueError outside 1 to 100."""
        if count is not None and not 1 <= count <= MAX_AT_ONCE:
            raise ValueError(f"This must be a number from 1 to {MAX_AT_ONCE}.")
        if count is None:
            self._settings.concurrency.pop(provider_id, None)
        else:
            self._settings.concurrency[provider_id] = count
        await self._write()

    async def test(self, provider_id: str) -> ConnectionReport:
        """Ask the provider for something free. Raises ProviderError with what is wrong, StorageError."""
        available = self._registry.availability(provider_id)
        if not available.is_ready:
            raise ProviderError(available.reason, provider=provider_id)
        if provider_id == OPENAI.id:
            return await self._test_chat_server()
        provider = await self._registry.provider(provider_id)
        return await provider.check_connection()

    async def _test_chat_server(self) -> ConnectionReport:
        from veo_studio.core.enhancing.openai_text import OpenAiText

        connection = self._registry.connections.of(OPENAI.id)
        names = await OpenAiText(await self._registry.gateway(), connection, "").models()
        shown = ", ".join(names[:5]) + (" and more" if len(names) > 5 else "")
        return ConnectionReport(
            f"The chat server answers and has {shown}."
            if names
            else "The chat server has no models."
        )

    async def _save(self, provider_id: str) -> None:
        await self._write()
        await self._changed(provider_id)

    async def _write_file(self) -> None:
        # as they are now: others go on changing them while a thread writes
        await asyncio.to_thread(copy.deepcopy(self._settings).save, self._file)


def _readable_origin(address: str) -> str | None:
    """Where it would travel unencrypted; None where it would not. ValueError for no usable address."""
    problem = base_problem(address)
    if not problem:
        return None
    origin = origin_of(address)
    if base_problem(address, [origin]):
        raise ValueError(f"This address cannot be used: {problem}.")
    return origin
