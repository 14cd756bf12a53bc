"""From words, and pictures to go by, to a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from veo_studio.core.generators.base_generator import (
    BaseGenerator,
    GenerationResult,
    ProgressCallback,
)
from veo_studio.core.generators.requests import picture_config_from
from veo_studio.core.models import GenerationKind, VideoConfig


class TextToImageGenerator(BaseGenerator):
    """Makes pictures from words; see `BaseGenerator` for the run itself and its attributes."""

    kind = GenerationKind.IMAGE

    async def generate_image(
        self,
        prompt: str,
        model: str | None,
        config: Mapping[str, Any] | None,
        progress_callback: ProgressCallback | None = None,
    ) -> GenerationResult:
        """Make one picture and wait for its file, whose path is the result's `video_path`.

        `config` has `aspect_ratio` and `resolution` ("1k", "2k", "4k"), and where the model takes them
        `seed` and `references` (paths). Raises as `generate_video` does.
        """
        return await self._generate(prompt, model, config, progress_callback)

    def config_of(self, config: Mapping[str, Any] | None) -> VideoConfig:
        return picture_config_from(config, self.client.files)
