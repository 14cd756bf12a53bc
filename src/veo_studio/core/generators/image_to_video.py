"""From pictures to a clip: a first frame, a first and a last one, or references."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from veo_studio.core.generators.text_to_video import TextToVideoGenerator
from veo_studio.core.models import GenerationRequest


class ImageToVideoGenerator(TextToVideoGenerator):
    """As `TextToVideoGenerator`, for a config that has `first_frame` or `references` (paths).

    `last_frame` needs a `first_frame`. The pictures are copied before `generate_video` sends anything,
    so the files may be moved or changed afterwards.
    """

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
        given = config if isinstance(config, Mapping) else {}
        if not (given.get("first_frame") or given.get("references")):
            raise ValueError("A picture is required: first_frame or references")
        return super().build_request(prompt, model, config, ready=ready, output_dir=output_dir)
