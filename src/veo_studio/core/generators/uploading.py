"""Bringing pictures and clips to a provider, before anything is paid for."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from veo_studio.core.clock import Clock
from veo_studio.core.errors import StorageError
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import GenerationRequest, MediaInput
from veo_studio.core.providers.base import Provider

# shorter than every lifetime that a provider documents
_VALID_S = 3600.0


class Uploads:
    """What was brought to each provider lately: takes with the same picture bring it once.

    Belongs to the adapter that was used: another key is another account.
    """

    def __init__(self, files: InputFiles, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        self._known: WeakKeyDictionary[Provider, dict[str, tuple[str, float]]] = WeakKeyDictionary()
        self._lock = asyncio.Lock()

    async def bring(self, provider: Provider, request: GenerationRequest) -> list[str]:
        """One answer of `Provider.upload` per input. Raises what it raises, StorageError for a lost file."""
        return [await self._bring(provider, item) for item in request.config.inputs]

    async def _bring(self, provider: Provider, item: MediaInput) -> str:
        async with self._lock:
            known = self._known.setdefault(provider, {})
            reference, since = known.get(item.sha256, ("", 0.0))
            if reference and self._clock.monotonic() - since < _VALID_S:
                return reference
            path = self._files.path(item)
            if not await asyncio.to_thread(path.is_file):
                raise StorageError(
                    f"The file {item.name} is no longer in the library's folder.",
                    action="Choose the picture again and generate anew.",
                )
            reference = await provider.upload(item, path)
            known[item.sha256] = (reference, self._clock.monotonic())
            return reference
