"""From what the form says to what is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from veo_studio.core.catalog import ModelInfo
from veo_studio.core.fitting import check_prompt_length
from veo_studio.core.models import GenerationRequest, VideoConfig
from veo_studio.ui.view_models.form_memory import MAX_SEED


def take_requests(
    prompt: str, model: ModelInfo, config: VideoConfig, takes: int, output_dir: Path | None
) -> list[GenerationRequest]:
    """One request per take; takes of one click belong together and differ in their seed."""
    group = str(uuid4()) if takes > 1 else None
    return [
        GenerationRequest(
            prompt=prompt,
            provider=model.provider,
            model=model.id,
            config=config
            if config.seed is None
            else replace(config, seed=(config.seed + number) % (MAX_SEED + 1)),
            kind=model.kind,
            take_group=group,
            take_number=number + 1,
            output_dir=output_dir,
        )
        for number in range(takes)
    ]


def problem_of(prompt: str, model: ModelInfo | None = None) -> str:
    """The core's own sentence about a prompt (for a `model`, that it can take), or ""."""
    # imported late: it stands on the database, and the window is up before that
    from veo_studio.core.generators.text_to_video import check_prompt

    try:
        words = check_prompt(prompt)
        if model is not None:
            check_prompt_length(model, words)
    except ValueError as error:
        return str(error)
    return ""
