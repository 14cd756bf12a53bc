"""From words, and pictures to go by, to a picture."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from veo_studio.core.generators.base_generator import (
    BaseGenerator,
    GenerationResult,
    ProgressCallback,
)
from veo_studio.core.generators.text_to_video import (
    check_prompt,
    check_request,
    picture_config_from,
)
from veo_studio.core.models import GenerationKind, GenerationRequest


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

    def build_request(
        self,
        prompt: str,
        model: str | None,
        config: Mapping[str, Any] | None,
        *,
        ready: Set[str],
        output_dir: Path | None = None,
    ) -> GenerationRequest:
        """Validate and build; raises ValueError before anything is stored. Blocks for pictures."""
        words = check_prompt(prompt)
        entry = self._model_of_kind(model, ready)
        settings = picture_config_from(config, self.client.files)
        return check_request(
            self.client.catalog,
            GenerationRequest(
                prompt=words,
                provider=entry.provider,
                model=entry.id,
                config=settings,
                kind=self.kind,
                output_dir=output_dir,
            ),
        )
