"""Bringing pictures and clips to a provider, before anything is paid for."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from veo_studio.core.clock import Clock
from veo_studio.core.errors import StorageError
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import GenerationRequest, MediaInput
from veo_studio.core.providers.base import Provider

# shorter than every lifetime that a provider documents
_VALID_S = 3600.0
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class _Upload:
    """One input at one provider; `reference` is "" until it was brought there."""

    reference: str = ""
    since: float = 0.0
    since_at: datetime = _LONG_AGO
    # whoever needs the same one meanwhile waits for it
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Uploads:
    """What was brought to each provider lately: takes with the same picture bring it once.

    Belongs to the adapter that was used: another key is another account.
    """

    def __init__(self, files: InputFiles, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        # by generation: what was told, a run that begins anew goes on with
        self._breaks: Counter[int] = Counter()
        self._known: WeakKeyDictionary[Provider, dict[str, _Upload]] = WeakKeyDictionary()

    async def bring(self, provider: Provider, request: GenerationRequest) -> list[str]:
        """One answer of `Provider.upload` per input. Raises what it raises, StorageError for a lost file."""
        return [await self._bring(provider, item) for item in request.config.inputs]

    def count_break(self, generation_id: int) -> int:
        """How often what this generation needs broke off, this time included."""
        self._breaks[generation_id] += 1
        return self._breaks[generation_id]

    async def _bring(self, provider: Provider, item: MediaInput) -> str:
        # a clip of ours is the same bytes and yet another thing: it may be named and not brought
        key = f"{item.sha256} {item.provider} {item.operation_id}"
        upload = self._known.setdefault(provider, {}).setdefault(key, _Upload())
        async with upload.lock:
            if upload.reference and self._age_s(upload) < _VALID_S:
                return upload.reference
            path = self._files.path(item)
            if not await asyncio.to_thread(path.is_file):
                raise StorageError(
                    f"The file {item.name} is no longer in the library's folder.",
                    action="Choose the picture again and generate anew.",
                )
            upload.reference = await provider.upload(item, path)
            upload.since, upload.since_at = self._clock.monotonic(), self._clock.now()
            return upload.reference

    def _age_s(self, upload: _Upload) -> float:
        """By the clock that says more: one stands still while the computer sleeps, one may be set back."""
        by_wall = (self._clock.now() - upload.since_at).total_seconds()
        return max(self._clock.monotonic() - upload.since, by_wall)
