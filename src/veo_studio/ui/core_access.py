"""The core in the shapes that view-models ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtGui import QImageReader

from veo_studio.core.catalog import ModelInfo
from veo_studio.core.framing import Frame
from veo_studio.core.inputs import (
    reframed,
    take_in_bytes,
    take_in_clip,
    take_in_frame,
    take_in_picture,
)
from veo_studio.core.models import (
    BudgetState,
    Generation,
    GenerationKind,
    GenerationRequest,
    InputRole,
    MediaInput,
    VideoConfig,
)

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio
    from veo_studio.core.wallet import PriceEstimate


class FormServices:
    """What the form needs, from the whole core."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._files = studio.client.files
        self._sizes: dict[str, tuple[int, int] | None] = {}

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

    async def take_in(self, path: Path, role: InputRole, frame: Frame | None = None) -> MediaInput:
        """Raises ValueError with a sentence for what is no picture, StorageError."""
        return await asyncio.to_thread(take_in_picture, self._files, path, role, frame)

    async def take_in_bytes(
        self, content: bytes, name: str, role: InputRole, frame: Frame | None = None
    ) -> MediaInput:
        """A picture of the clipboard; raises what `take_in` raises."""
        return await asyncio.to_thread(take_in_bytes, self._files, content, name, role, frame)

    async def take_in_made(
        self,
        generation: Generation,
        role: InputRole,
        frame: Frame | None = None,
        at_s: float | None = None,
    ) -> MediaInput:
        """A picture of the library, or the frame of a clip at so many seconds (None: its last one).

        Raises what `take_in` raises.
        """
        made = generation.video_path
        if made is None:
            raise ValueError("This has no file.")
        if generation.kind is GenerationKind.IMAGE:
            return await asyncio.to_thread(take_in_picture, self._files, made, role, frame)
        return await asyncio.to_thread(
            take_in_frame,
            self._files,
            made,
            role,
            at="last" if at_s is None else at_s,
            made_by=generation,
            frame=frame,
        )

    async def reframe(self, item: MediaInput, frame: Frame | None) -> MediaInput:
        """In another shape, from the whole picture; raises what `take_in` raises."""
        return await asyncio.to_thread(reframed, self._files, item, frame)

    def whole_path(self, item: MediaInput) -> Path | None:
        """The picture that it was cut from; None where it is not kept any more."""
        return self._files.picture(item.original or item.sha256)

    def whole_size(self, item: MediaInput) -> tuple[int, int] | None:
        """Of the picture that it was cut from, in pixels."""
        if item.original in (None, item.sha256) and item.width_px and item.height_px:
            return item.width_px, item.height_px
        digest = item.original or item.sha256
        if digest not in self._sizes:
            size = QImageReader(str(self.whole_path(item) or "")).size()
            self._sizes[digest] = (size.width(), size.height()) if size.isValid() else None
        return self._sizes[digest]

    async def take_in_clip(self, generation: Generation) -> MediaInput:
        """A clip of the library as what is edited or extended; raises what `take_in` raises."""
        if generation.video_path is None:
            raise ValueError("This clip has no file.")
        return await asyncio.to_thread(
            take_in_clip, self._files, generation.video_path, InputRole.SOURCE, generation
        )

    async def seconds_taken(self, provider: str, model: str) -> list[float]:
        return await self._studio.generations.seconds_taken(provider, model)

    def input_path(self, item: MediaInput) -> Path:
        return self._files.path(item)
