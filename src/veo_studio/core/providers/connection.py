"""How each provider is reached: address, key and options, from the environment, settings and catalogue."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from veo_studio.core.capabilities import ProviderInfo
from veo_studio.core.errors import DownloadError
from veo_studio.core.providers.addresses import base_problem, parse_address
from veo_studio.core.settings import Settings

# names of the services themselves, beside VEO_STUDIO_<PROVIDER>_URL
_OTHER_ADDRESS_NAMES = {"comfyui": ("COMFYUI_URL",), "openai": ("OPENAI_BASE_URL",)}


@dataclass(frozen=True)
class Connection:
    """What an adapter needs to reach its provider; `base_url` has no slash at its end."""

    provider_id: str
    base_url: str
    key: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    # the user said yes to readable traffic with this address
    allows_plain_http: bool = False


class Connections:
    """Looked up anew at every call: settings change while the program runs."""

    def __init__(
        self,
        providers: Mapping[str, ProviderInfo],
        keys: Callable[[str], str | None],
        settings: Settings,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._providers = providers
        self._keys = keys
        self._settings = settings
        self._environ = environ

    def of(self, provider_id: str) -> Connection:
        return Connection(
            provider_id,
            self.address(provider_id).rstrip("/"),
            self.key(provider_id),
            self.options(provider_id),
            allows_plain_http=not self.address_problem(provider_id),
        )

    def key(self, provider_id: str) -> str | None:
        return self._keys(provider_id) if self._providers[provider_id].needs_key else None

    def address(self, provider_id: str) -> str:
        """The base address: environment, then settings, then catalogue; "" where there is none."""
        name = self.address_variable(provider_id)
        if name is not None:
            return self._environ[name].strip()
        return self._settings.addresses.get(provider_id) or self._providers[provider_id].base_url

    def address_variable(self, provider_id: str) -> str | None:
        """The environment variable that names the address, where one does."""
        names = (
            f"VEO_STUDIO_{provider_id.upper()}_URL",
            *_OTHER_ADDRESS_NAMES.get(provider_id, ()),
        )
        return next((name for name in names if self._environ.get(name, "").strip()), None)

    def options(self, provider_id: str) -> dict[str, str]:
        """By name; the environment wins over the settings."""
        stored = self._settings.options.get(provider_id, {})
        found = {}
        for option in self._providers[provider_id].options:
            told = self._environ.get(option.environment, "") if option.environment else ""
            if value := (told or stored.get(option.name, "")).strip():
                found[option.name] = value
        return found

    def is_told(self, provider_id: str) -> bool:
        """True where somebody chose an address for it."""
        return bool(self.address_variable(provider_id) or self._settings.addresses.get(provider_id))

    def problem(self, provider_id: str) -> str:
        """Why this provider cannot be used with these settings, in one sentence; "" where it can."""
        entry = self._providers[provider_id]
        address = self.address(provider_id)
        if not address:
            return entry.key_help if entry.needs_address else ""
        if words := self.address_problem(provider_id):
            variable = self.address_variable(provider_id)
            return f"{variable or f'The address of {entry.name}'} cannot be used: {words}."
        options = self.options(provider_id)
        for option in entry.options:
            if option.is_required and option.name not in options:
                return entry.key_help
        return ""

    def address_problem(self, provider_id: str) -> str:
        """Why its address cannot be used, as a clause; plain http only where the user allowed it there."""
        allowed = self._settings.plain_http.get(provider_id)
        return base_problem(self.address(provider_id), () if allowed is None else (allowed,))


def origin_of(address: str) -> str:
    """Scheme, host and port, as `Settings.plain_http` keeps them; ValueError for no address."""
    try:
        return parse_address(address).origin
    except DownloadError as error:
        raise ValueError("This is no web address.") from error


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
