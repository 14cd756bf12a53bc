"""From what the form says to what is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.again import as_takes
from veo_studio.core.catalog import ModelInfo
from veo_studio.core.fitting import check_prompt_length
from veo_studio.core.models import GenerationRequest, VideoConfig
from veo_studio.ui.view_models.form_price import BatchPrice


@dataclass(frozen=True)
class Order:
    """What stood in the form at one press, and the price of it all that was shown beside it."""

    model: ModelInfo
    config: VideoConfig
    prompts: tuple[str, ...]
    takes: int
    requests: tuple[GenerationRequest, ...]
    price: BatchPrice

    def is_of(
        self, model: ModelInfo, config: VideoConfig, prompts: Sequence[str], takes: int
    ) -> bool:
        """A form that says this asks for the very same."""
        own = (self.model, self.config, self.prompts, self.takes)
        return own == (model, config, tuple(prompts), takes)


def take_requests(
    prompt: str, model: ModelInfo, config: VideoConfig, takes: int, output_dir: Path | None
) -> list[GenerationRequest]:
    """One request per take; takes of one click belong together and differ in their seed."""
    request = GenerationRequest(
        prompt=prompt,
        provider=model.provider,
        model=model.id,
        config=config,
        kind=model.kind,
        output_dir=output_dir,
    )
    return as_takes(request, takes, model.capabilities.max_seed)


def problem_of(prompt: str, model: ModelInfo | None = None) -> str:
    """The core's own sentence about a prompt (for a `model`, that it can take), or ""."""
    # imported late: it stands on the database, and the window is up before that
    from veo_studio.core.generators.requests import check_prompt

    try:
        words = check_prompt(prompt)
        if model is not None:
            check_prompt_length(model, words)
    except ValueError as error:
        return str(error)
    return ""
