"""What the form is made of: what it asks of the core, what blocks it, and what a user has set in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from veo_studio.core.catalog import ModelInfo
from veo_studio.core.models import Generation, GenerationRequest, VideoConfig
from veo_studio.ui.text import tr


class PriceEstimateLike(Protocol):
    @property
    def tokens(self) -> int: ...
    @property
    def cost_usd(self) -> Any: ...


class FormServices(Protocol):
    """What the form needs of the core once it is open."""

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]: ...
    async def balance(self) -> int: ...
    def estimate(self, model: ModelInfo, config: VideoConfig, takes: int) -> PriceEstimateLike: ...
    def locked_reason(self, provider_id: str) -> str | None: ...
    def output_dir(self) -> Path | None: ...


class BlockAction(Enum):
    """What a click can do about a blocked Generate."""

    TOP_UP = "top_up"
    USE_REHEARSAL = "use_rehearsal"


@dataclass(frozen=True)
class Blocked:
    """Why nothing can be generated now, in a sentence."""

    reason: str
    action: BlockAction | None = None


@dataclass(frozen=True)
class FormState:
    """Everything that a user has set, to be put back later."""

    model: ModelInfo
    prompt: str
    negative_prompt: str
    takes: int
    seed: int | None
    is_seed_locked: bool
    wants_sound: bool
    aspect_ratio: str
    duration_s: int
    resolution: str


@dataclass(frozen=True)
class ModelChoice:
    """One line of the model list; `locked` says how to unlock it."""

    model: ModelInfo
    provider_name: str
    locked: str | None


def price_words(price: PriceEstimateLike, facts: str) -> str:
    """`10 tokens · about $0.56 · 8 s 720p`."""
    if price.tokens == 0 and price.cost_usd is not None and price.cost_usd == 0:
        return tr("Free rehearsal · {facts}", facts=facts)
    tokens = tr("1 token") if price.tokens == 1 else tr("{n} tokens", n=price.tokens)
    if price.cost_usd is None:
        return tr("{tokens} · price not known · {facts}", tokens=tokens, facts=facts)
    return tr(
        "{tokens} · about ${cost} · {facts}",
        tokens=tokens,
        cost=f"{price.cost_usd:.2f}",
        facts=facts,
    )


def price_source_words(model: ModelInfo) -> str:
    """Where the price comes from and of when it is."""
    if not model.price_source:
        return ""
    if model.price_date is None:
        return tr("Price: {source}.", source=model.price_source)
    return tr(
        "Price of {date}: {source}.", date=model.price_date.isoformat(), source=model.price_source
    )
