"""What a generator needs of the outside world: the catalogue, the providers, the folders."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from types import TracebackType

from veo_studio.core.catalog import Catalog
from veo_studio.core.input_files import InputFiles
from veo_studio.core.paths import Paths
from veo_studio.core.providers.connection import seconds_from
from veo_studio.core.providers.registry import ProviderRegistry
from veo_studio.core.settings import Settings


class Client:
    """Connections are opened at first use and closed when the last `async with` is left.

    `keys` gives the key of a provider id, or None; `settings` addresses and options of providers.
    """

    def __init__(
        self,
        paths: Paths,
        catalog: Catalog,
        keys: Callable[[str], str | None],
        settings: Settings | None = None,
    ) -> None:
        self.paths = paths
        self.catalog = catalog
        self.settings = settings or Settings()
        self.files = InputFiles(paths.inputs)
        self.providers = ProviderRegistry(
            catalog, keys, paths.rehearsal, settings=settings, files=self.files
        )
        self._users = 0

    def account(self, provider_id: str) -> str:
        """Tells one account there from another; of the key only what cannot be turned back."""
        told = self.providers.connections.of(provider_id)
        words = json.dumps([told.base_url, told.key, sorted(told.options.items())])
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    async def __aenter__(self) -> Client:
        # a mistyped number is told before anything is stored or sent
        poll_interval_override()
        seconds_from(os.environ, "VEO_STUDIO_SUBMIT_TIMEOUT")
        self._users += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._users -= 1
        if self._users == 0:
            await self.providers.close()


def create_client(api_key: str | None = None) -> Client:
    """A client for Google with this key, or for the embedded rehearsal engine with None.

    Raises StorageError where the user's own model list is broken.
    """
    from veo_studio.core.log import register_secret

    if api_key:
        register_secret(api_key)
    paths = Paths.default()

    def keys(provider_id: str) -> str | None:
        return api_key if provider_id == "gemini" else None

    settings = Settings.load(paths.settings)
    return Client(paths, Catalog.load(paths.user_catalog), keys, settings)


def poll_interval_override() -> float | None:
    """VEO_STUDIO_POLL_INTERVAL in seconds: for tests and slow lines."""
    return seconds_from(os.environ, "VEO_STUDIO_POLL_INTERVAL")
