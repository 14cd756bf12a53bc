"""A model that makes pictures at a service of the tests' own making."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from veo_studio.core.capabilities import (
    AudioSupport,
    Capabilities,
    ModeLimits,
    ModelInfo,
    Prices,
)
from veo_studio.core.models import (
    GenerationKind,
    GenerationRequest,
    InputMode,
    VideoConfig,
)

PICTURE_MODEL = ModelInfo(
    id="test-picture",
    provider="gemini",
    name="Test picture",
    capabilities=Capabilities(
        durations_s=(),
        aspect_ratios=("1:1", "16:9"),
        resolutions=("1k", "2k"),
        has_negative_prompt=False,
        has_seed=True,
        audio=AudioSupport.NEVER,
        default_duration_s=0,
        default_aspect_ratio="1:1",
        default_resolution="1k",
        modes={InputMode.TEXT: ModeLimits(), InputMode.REFERENCES: ModeLimits(max_images=3)},
    ),
    tokens=1,
    prices=Prices(per_clip={"1k": Decimal("0.04"), "2k": Decimal("0.12")}),
    price_date=date(2026, 11, 20),
    kind=GenerationKind.IMAGE,
)


def picture_request(prompt: str = "A red kite", **settings: Any) -> GenerationRequest:
    config = VideoConfig("1:1", 0, "1k", **settings)
    model = PICTURE_MODEL
    return GenerationRequest(prompt, model.provider, model.id, config, model.kind)
