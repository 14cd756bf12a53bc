"""From words to a clip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from veo_studio.core.generators.base_generator import (
    BaseGenerator,
    GenerationResult,
    ProgressCallback,
)
from veo_studio.core.generators.requests import config_from
from veo_studio.core.models import GenerationKind, VideoConfig


class TextToVideoGenerator(BaseGenerator):
    """Makes clips from words; see `BaseGenerator` for the run itself and its attributes."""

    kind = GenerationKind.VIDEO

    async def generate_video(
        self,
        prompt: str,
        model: str | None,
        config: Mapping[str, Any] | None,
        progress_callback: ProgressCallback | None = None,
    ) -> GenerationResult:
        """Make one clip and wait for its file.

        Raises ValueError for bad input, QueuePaused where the user paused the queue or the provider,
        NotEnoughTokens, BudgetExceeded and StorageError, all before anything is sent; whatever
        happens later is in the result.
        """
        return await self._generate(prompt, model, config, progress_callback)

    def config_of(self, config: Mapping[str, Any] | None) -> VideoConfig:
        return config_from(config, self.client.files)
