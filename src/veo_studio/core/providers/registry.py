"""Which providers can be used, and the one place that makes them.

The rehearsal engine is started at its first use and stopped with the registry.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import os
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.catalog import Catalog
from veo_studio.core.enhancing.services import OPENAI
from veo_studio.core.errors import AuthError, StorageError
from veo_studio.core.input_files import InputFiles
from veo_studio.core.providers.base import Provider
from veo_studio.core.providers.connection import Connection, Connections, seconds_from
from veo_studio.core.providers.google_sign_in import missing_part
from veo_studio.core.settings import Settings

if TYPE_CHECKING:
    from veo_studio.core.providers.adapter import AdapterTools
    from veo_studio.core.providers.http import Carrier, HttpGateway
    from veo_studio.core.providers.rehearsal.server import RehearsalServer

REHEARSAL = "rehearsal"
# imported at their first use: the window does not wait for any of them
_ADAPTERS = {
    "gemini": ("veo_studio.core.providers.gemini", "GeminiProvider"),
    "runway": ("veo_studio.core.providers.runway", "RunwayProvider"),
    "vertex": ("veo_studio.core.providers.vertex", "VertexProvider"),
    "kie": ("veo_studio.core.providers.kie", "KieProvider"),
    "comfyui": ("veo_studio.core.providers.comfyui", "ComfyUiProvider"),
}
_SUBMIT_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Availability:
    """Whether a provider can be used now; `reason` says in one sentence why not."""

    is_ready: bool
    reason: str = ""


def rehearsal_problem(environ: Mapping[str, str] = os.environ) -> str:
    """What is wrong with the environment's settings for the rehearsal engine, or ""."""
    try:
        _rehearsal_settings(environ)
    except ValueError as error:
        return str(error)
    return ""


def _rehearsal_settings(environ: Mapping[str, str]) -> tuple[str, float | None]:
    """Faults and delay: people practise with these two, and the tests do the same."""
    faults = environ.get("VEO_STUDIO_REHEARSAL_FAULT", "")
    if faults:
        from veo_studio.core.providers.rehearsal.faults import parse_faults

        parse_faults(faults)
    delay = "VEO_STUDIO_REHEARSAL_DELAY"
    return faults, 0.0 if environ.get(delay, "").strip() == "0" else seconds_from(environ, delay)


class ProviderRegistry:
    """Makes adapters on demand; `keys` gives a provider's key or None, `settings` the rest."""

    def __init__(
        self,
        catalog: Catalog,
        keys: Callable[[str], str | None],
        rehearsal_folder: Path,
        environ: Mapping[str, str] = os.environ,
        *,
        settings: Settings | None = None,
        files: InputFiles | None = None,
    ) -> None:
        self._catalog = catalog
        self._rehearsal_folder = rehearsal_folder
        self._environ = environ
        known = {**catalog.providers, OPENAI.id: OPENAI}
        self.connections = Connections(known, keys, settings or Settings(), environ)
        self.files = files or InputFiles(rehearsal_folder.parent / "inputs")
        self._gateway: HttpGateway | None = None
        self._carrier: Carrier | None = None
        self._engine: RehearsalServer | None = None
        self._providers: dict[str, Provider] = {}
        # also those that only runs still hold, and how each was reached when it was made
        self._made: dict[str, list[tuple[weakref.ref[Provider], Connection]]] = {}
        self._lock = asyncio.Lock()

    def ready(self) -> frozenset[str]:
        """Ids of the providers that can be used now."""
        return frozenset(key for key in self._catalog.providers if self.availability(key).is_ready)

    def availability(self, provider_id: str) -> Availability:
        if provider_id == OPENAI.id:
            return self._chat_server()
        entry = self._catalog.providers.get(provider_id)
        if entry is None or provider_id not in (REHEARSAL, *_ADAPTERS):
            return Availability(False, f"This version does not know the provider {provider_id}.")
        if problem := self._problem(provider_id):
            return Availability(False, problem)
        if entry.needs_key and not self.connections.key(provider_id):
            return Availability(False, entry.key_help)
        return Availability(True)

    def _chat_server(self) -> Availability:
        """It makes no clips; one of the user's own may need no key."""
        problem = self.connections.problem(OPENAI.id)
        if not problem and not self.connections.is_told(OPENAI.id):
            problem = "" if self.connections.key(OPENAI.id) else OPENAI.key_help
        return Availability(not problem, problem)

    def problems(self) -> list[str]:
        """What is wrong with addresses and settings that somebody made, one sentence per provider."""
        told = [REHEARSAL, *(key for key in _ADAPTERS if self.connections.is_told(key))]
        return [problem for key in told if (problem := self._problem(key))]

    def _problem(self, provider_id: str) -> str:
        if provider_id == REHEARSAL:
            return rehearsal_problem(self._environ)
        missing = self._missing_part if provider_id == "vertex" else ""
        return self.connections.problem(provider_id) or missing

    @functools.cached_property
    def _missing_part(self) -> str:
        """Looked for once: it takes milliseconds, and is asked for at every change of the form."""
        return missing_part()

    async def provider(self, provider_id: str) -> Provider:
        """The adapter, made at first use. Raises AuthError without a key, StorageError without a port."""
        async with self._lock:
            if provider_id not in self._providers:
                available = self.availability(provider_id)
                if not available.is_ready:
                    raise AuthError(available.reason, provider=provider_id)
                self._providers[provider_id] = await self._make(provider_id)
            return self._providers[provider_id]

    async def forget(self, provider_id: str) -> None:
        """Drop the adapter with the key and address that it was made with; the next use makes another.

        Runs that hold it go on with it: with the key of now where that is for the same address and
        options, else with its own, for a key is nobody else's business. The rehearsal engine knows no
        key and stays.
        """
        async with self._lock:
            if provider_id == REHEARSAL:
                return
            self._share_key(provider_id)
            if (provider := self._providers.pop(provider_id, None)) is not None:
                await provider.close()

    def _share_key(self, provider_id: str) -> None:
        alive = []
        for reference, own in self._made.get(provider_id, ()):
            if (provider := reference()) is None:
                continue
            alive.append((reference, own))
            told = self.connections.of(provider_id)
            is_same = (told.base_url, told.options) == (own.base_url, own.options)
            provider.use_key(told.key if is_same else own.key)
        self._made[provider_id] = alive

    async def close(self) -> None:
        """Close connections and the rehearsal engine; unfinished renders go on at the next start."""
        async with self._lock:
            while self._providers:
                await self._providers.popitem()[1].close()
            if self._gateway is not None:
                await self._gateway.close()
                self._gateway = None
            if self._engine is not None:
                await self._engine.close()
                self._engine = None

    async def _http(self) -> HttpGateway:
        if self._gateway is None:
            # imported now: between "it is being sent" and the POST there is no time for it
            await asyncio.to_thread(importlib.import_module, "aiohttp")
            from veo_studio.core.providers.http import HttpGateway

            told_s = seconds_from(self._environ, "VEO_STUDIO_SUBMIT_TIMEOUT")
            self._gateway = HttpGateway(submit_timeout_s=told_s or _SUBMIT_TIMEOUT_S)
            self._gateway.carrier = self._carrier
        return self._gateway

    def use_carrier(self, carrier: Carrier) -> None:
        """From now on finished files are fetched by `carrier` where it is ready."""
        self._carrier = carrier
        if self._gateway is not None:
            self._gateway.carrier = carrier

    async def gateway(self) -> HttpGateway:
        """The one that all adapters use, for whoever asks a service about something else."""
        async with self._lock:
            return await self._http()

    async def _tools(self, provider_id: str) -> AdapterTools:
        from veo_studio.core.providers.adapter import AdapterTools

        return AdapterTools(
            await self._http(),
            self.connections.of(provider_id),
            self._catalog.providers[provider_id],
            lambda model_id: self._catalog.get(provider_id, model_id),
            self.files,
        )

    async def _make(self, provider_id: str) -> Provider:
        if provider_id == REHEARSAL:
            return await self._make_rehearsal()
        module, name = _ADAPTERS[provider_id]
        adapter = getattr(await asyncio.to_thread(importlib.import_module, module), name)
        tools = await self._tools(provider_id)
        made: Provider = adapter(tools)
        self._made.setdefault(provider_id, []).append((weakref.ref(made), tools.connection))
        return made

    async def _make_rehearsal(self) -> Provider:
        from veo_studio.core.providers.gemini import GeminiProvider
        from veo_studio.core.providers.rehearsal.faults import parse_faults
        from veo_studio.core.providers.rehearsal.server import RehearsalServer

        faults, delay_s = _rehearsal_settings(self._environ)
        engine = RehearsalServer(
            self._rehearsal_folder, faults=parse_faults(faults), delay_s=delay_s
        )
        try:
            await engine.start()
        except OSError as error:
            raise StorageError(
                f"The rehearsal engine cannot start: {error.strerror or error}."
            ) from error
        self._engine = engine
        connection = Connection(REHEARSAL, engine.base_url)
        tools = replace(await self._tools(REHEARSAL), connection=connection)
        return GeminiProvider(tools, allow_extensions=True)
