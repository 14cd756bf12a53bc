"""What the view-models need of the core, without a core."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from pathlib import Path

from tests.fakes.generations import a_generation
from veo_studio.core.catalog import ModelInfo
from veo_studio.core.models import Generation, GenerationRequest, Progress, VideoConfig


class FakePrice:
    def __init__(self, tokens: int, cost_usd: Decimal | None) -> None:
        self.tokens = tokens
        self.cost_usd = cost_usd


class FakeFormServices:
    """Knobs: `tokens`, `locked`, `fail_with`; counter: `asked`."""

    def __init__(self, *, tokens: int = 100, locked: dict[str, str] | None = None) -> None:
        self.tokens = tokens
        self.locked = locked or {}
        self.fail_with: Exception | None = None
        self.asked: list[list[GenerationRequest]] = []

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        self.asked.append(list(requests))
        if self.fail_with is not None:
            raise self.fail_with
        return [a_generation(prompt=r.prompt, config=r.config) for r in requests]

    async def balance(self) -> int:
        return self.tokens

    def estimate(self, model: ModelInfo, config: VideoConfig, takes: int) -> FakePrice:
        per_second = model.price_per_second_usd.get(config.resolution)
        cost = None if per_second is None else per_second * config.duration_s * takes
        return FakePrice(model.tokens * takes, cost)

    def locked_reason(self, provider_id: str) -> str | None:
        return self.locked.get(provider_id)

    def output_dir(self) -> Path | None:
        return None


class FakeQueue:
    """Knobs: `waiting`, `progress`, `words`, `fail_with`; `calls` counts commands."""

    def __init__(self) -> None:
        self.waiting: tuple[int, ...] = ()
        self.progress: dict[int, Progress] = {}
        self.words = "Cancel"
        self.fail_with: Exception | None = None
        self.calls: list[tuple[str, object]] = []

    @property
    def waiting_ids(self) -> tuple[int, ...]:
        return self.waiting

    def progress_of(self, generation_id: int) -> Progress | None:
        return self.progress.get(generation_id)

    def cancel_words(self, generation: Generation) -> str:
        return self.words

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        self._called("enqueue", list(requests))
        return [a_generation(prompt=r.prompt, config=r.config) for r in requests]

    async def cancel(self, generation_id: int) -> Generation:
        self._called("cancel", generation_id)
        return a_generation(id=generation_id)

    async def retry(self, generation_id: int) -> Generation:
        self._called("retry", generation_id)
        return a_generation(id=generation_id)

    async def collect(self, ids: Collection[int] | None = None) -> list[Generation]:
        self._called("collect", ids)
        return []

    def _called(self, name: str, argument: object) -> None:
        self.calls.append((name, argument))
        if self.fail_with is not None:
            raise self.fail_with


class FakeStore:
    """Remembers what was forgotten."""

    def __init__(self, *generations: Generation) -> None:
        self.rows = {generation.id: generation for generation in generations}
        self.forgotten: set[int] = set()

    async def forget(self, generation_id: int) -> None:
        self.forgotten.add(generation_id)

    async def remember(self, generation_id: int) -> Generation:
        self.forgotten.discard(generation_id)
        return self.rows[generation_id]
