"""The core in the shapes that view-models ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.catalog import ModelInfo
from veo_studio.core.inputs import take_in_clip, take_in_picture
from veo_studio.core.models import (
    BudgetState,
    Generation,
    GenerationRequest,
    InputRole,
    MediaInput,
    VideoConfig,
)

if TYPE_CHECKING:
    from veo_studio.core.media import Thumbnails
    from veo_studio.core.store.repositories import GenerationRepository
    from veo_studio.core.studio import Studio
    from veo_studio.core.wallet import PriceEstimate


class Later:
    """The library as the history sees it; empty until the core is open."""

    def __init__(self) -> None:
        self._generations: GenerationRepository | None = None
        self._thumbnails: Thumbnails | None = None

    def open(self, generations: GenerationRepository, thumbnails: Thumbnails) -> None:
        self._generations, self._thumbnails = generations, thumbnails

    async def page(
        self, *, search: str = "", before_id: int | None = None, limit: int = 100
    ) -> list[Generation]:
        if self._generations is None:
            return []
        return await self._generations.page(search=search, before_id=before_id, limit=limit)

    async def count(self, search: str = "") -> int:
        return 0 if self._generations is None else await self._generations.count(search)

    async def ensure(self, uuid: str, video_path: Path) -> Path | None:
        return None if self._thumbnails is None else await self._thumbnails.ensure(uuid, video_path)


class FormServices:
    """What the form needs, from the whole core."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        return await self._studio.queue.enqueue(requests)

    async def balance(self) -> int:
        return await self._studio.wallet.balance()

    async def budgets(self) -> list[BudgetState]:
        return await self._studio.wallet.budgets()

    def estimate(self, model: ModelInfo, config: VideoConfig, takes: int) -> PriceEstimate:
        return self._studio.wallet.estimate(model, config, takes)

    def locked_reason(self, provider_id: str) -> str | None:
        available = self._studio.providers.availability(provider_id)
        return None if available.is_ready else available.reason

    def output_dir(self) -> Path | None:
        return self._studio.settings.output_dir

    async def take_in(self, path: Path, role: InputRole) -> MediaInput:
        """Raises ValueError with a sentence for what is no picture, StorageError."""
        files = self._studio.client.files
        return await asyncio.to_thread(take_in_picture, files, path, role)

    async def take_in_clip(self, generation: Generation) -> MediaInput:
        """A clip of the library as what is edited or extended; raises what `take_in` raises."""
        if generation.video_path is None:
            raise ValueError("This clip has no file.")
        files = self._studio.client.files
        return await asyncio.to_thread(
            take_in_clip, files, generation.video_path, InputRole.SOURCE, generation
        )

    async def seconds_taken(self, provider: str, model: str) -> list[float]:
        return await self._studio.generations.seconds_taken(provider, model)

    def input_path(self, item: MediaInput) -> Path:
        return self._studio.client.files.path(item)
