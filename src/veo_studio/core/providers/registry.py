"""Which providers can be used, and the one place that makes them.

The rehearsal engine is started at its first use and stopped with the registry.
"""

from __future__ import annotations

import asyncio
import importlib
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import AuthError, StorageError
from veo_studio.core.providers.addresses import base_problem
from veo_studio.core.providers.base import Provider

if TYPE_CHECKING:
    from veo_studio.core.providers.http import HttpGateway
    from veo_studio.core.providers.rehearsal.server import RehearsalServer

REHEARSAL = "rehearsal"
_GEMINI_URL = "https://generativelanguage.googleapis.com"
_SUBMIT_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Availability:
    """Whether a provider can be used now; `reason` says in one sentence why not."""

    is_ready: bool
    reason: str = ""


def seconds_from(environ: Mapping[str, str], name: str) -> float | None:
    """A number of seconds from the environment; ValueError with the name for anything else."""
    told = environ.get(name, "").strip()
    if not told:
        return None
    try:
        seconds = float(told)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds <= 0:
        raise ValueError(f"{name} must be a number of seconds above 0, not {told[:40]!r}.")
    return seconds


def settings_problem(provider_id: str, environ: Mapping[str, str] = os.environ) -> str:
    """What is wrong with the environment's settings for a provider, in one sentence, or "".

    Asked before anything is stored: when the adapter is made, tokens are already charged.
    """
    try:
        if provider_id == REHEARSAL:
            _rehearsal_settings(environ)
        elif problem := base_problem(_base_url(provider_id, environ) or _GEMINI_URL):
            return f"VEO_STUDIO_{provider_id.upper()}_URL cannot be used: {problem}."
    except ValueError as error:
        return str(error)
    return ""


def _base_url(provider_id: str, environ: Mapping[str, str]) -> str:
    return environ.get(f"VEO_STUDIO_{provider_id.upper()}_URL", "").strip()


def _rehearsal_settings(environ: Mapping[str, str]) -> tuple[str, float | None]:
    """Faults and delay: people practise with these two, and the tests do the same."""
    faults = environ.get("VEO_STUDIO_REHEARSAL_FAULT", "")
    if faults:
        from veo_studio.core.providers.rehearsal.faults import parse_faults

        parse_faults(faults)
    delay = "VEO_STUDIO_REHEARSAL_DELAY"
    return faults, 0.0 if environ.get(delay, "").strip() == "0" else seconds_from(environ, delay)


class ProviderRegistry:
    """Makes adapters on demand; `keys` gives a provider's key or None."""

    def __init__(
        self,
        catalog: Catalog,
        keys: Callable[[str], str | None],
        rehearsal_folder: Path,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._catalog = catalog
        self._keys = keys
        self._rehearsal_folder = rehearsal_folder
        self._environ = environ
        self._gateway: HttpGateway | None = None
        self._engine: RehearsalServer | None = None
        self._providers: dict[str, Provider] = {}
        self._lock = asyncio.Lock()

    def ready(self) -> frozenset[str]:
        """Ids of the providers that can be used now."""
        return frozenset(key for key in self._catalog.providers if self.availability(key).is_ready)

    def availability(self, provider_id: str) -> Availability:
        entry = self._catalog.providers.get(provider_id)
        if entry is None or provider_id not in _MAKERS:
            return Availability(False, f"This version does not know the provider {provider_id}.")
        if problem := settings_problem(provider_id, self._environ):
            return Availability(False, problem)
        if entry.needs_key and not self._keys(provider_id):
            return Availability(False, entry.key_help)
        return Availability(True)

    def problems(self) -> list[str]:
        """What is wrong with the environment's settings, one sentence per provider."""
        found = [settings_problem(key, self._environ) for key in _MAKERS]
        return [problem for problem in found if problem]

    async def provider(self, provider_id: str) -> Provider:
        """The adapter, made at first use. Raises AuthError without a key, StorageError without a port."""
        async with self._lock:
            if provider_id not in self._providers:
                available = self.availability(provider_id)
                if not available.is_ready:
                    raise AuthError(available.reason, provider=provider_id)
                self._providers[provider_id] = await _MAKERS[provider_id](self)
            return self._providers[provider_id]

    async def forget(self, provider_id: str) -> None:
        """Drop the adapter with the key that it was made with; the next use makes another.

        Runs that hold it go on with it, and with the key of now. The rehearsal engine knows no key
        and stays.
        """
        async with self._lock:
            if provider_id != REHEARSAL and provider_id in self._providers:
                self._providers.pop(provider_id).use_key(self._keys(provider_id))

    async def close(self) -> None:
        """Close connections and the rehearsal engine; unfinished renders go on at the next start."""
        async with self._lock:
            self._providers.clear()
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
        return self._gateway

    async def _make_gemini(self) -> Provider:
        from veo_studio.core.providers.gemini import GeminiProvider

        return GeminiProvider(
            await self._http(),
            api_key=self._keys("gemini"),
            base_url=_base_url("gemini", self._environ) or _GEMINI_URL,
            provider_id="gemini",
            pacing=self._catalog.providers["gemini"].pacing,
        )

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
        return GeminiProvider(
            await self._http(),
            api_key=None,
            base_url=engine.base_url,
            provider_id=REHEARSAL,
            pacing=self._catalog.providers[REHEARSAL].pacing,
            allow_extensions=True,
        )


_MAKERS = {"gemini": ProviderRegistry._make_gemini, REHEARSAL: ProviderRegistry._make_rehearsal}
