"""What the view-models need of the core, without a core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from tests.fakes.generations import NOON, a_generation
from veo_studio.core.catalog import ModelInfo
from veo_studio.core.framing import Frame
from veo_studio.core.models import (
    ATTENTION_STATES,
    Attempt,
    BudgetState,
    Choice,
    Generation,
    GenerationRequest,
    GenerationState,
    InputRole,
    MediaInput,
    Pause,
    PauseKind,
    Progress,
    StateChange,
    VideoConfig,
)


class FakePrice:
    def __init__(self, tokens: int, cost_usd: Decimal | None) -> None:
        self.tokens = tokens
        self.cost_usd = cost_usd


class FakeFormServices:
    """Knobs: `tokens`, `locked`, `fail_with`, `reframe_fails`, `picture_px`; counters: `asked`, `balance_reads`."""

    def __init__(self, *, tokens: int = 100, locked: dict[str, str] | None = None) -> None:
        self.tokens = tokens
        self.locked = locked or {}
        self.limits: list[BudgetState] = []
        self.taken: dict[str, list[float]] = {}
        self.fail_with: Exception | None = None
        self.reframe_fails: Exception | None = None
        self.picture_px = (64, 36)
        self.asked: list[list[GenerationRequest]] = []
        self.balance_reads = 0

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        self.asked.append(list(requests))
        if self.fail_with is not None:
            raise self.fail_with
        return [a_generation(prompt=r.prompt, config=r.config) for r in requests]

    async def balance(self) -> int:
        self.balance_reads += 1
        # as a store answers: later
        await asyncio.sleep(0)
        return self.tokens

    async def budgets(self) -> list[BudgetState]:
        return self.limits

    def estimate(self, model: ModelInfo, config: VideoConfig, takes: int) -> FakePrice:
        one = model.estimate(config)
        return FakePrice(model.tokens * takes, None if one is None else one * takes)

    def locked_reason(self, provider_id: str) -> str | None:
        return self.locked.get(provider_id)

    def output_dir(self) -> Path | None:
        return None

    async def take_in(self, path: Path, role: InputRole, frame: Frame | None = None) -> MediaInput:
        if path.suffix == ".txt":
            raise ValueError(f"{path.name} is no PNG, JPEG or WebP picture.")
        return await self.reframe(self._picture(path.name, role), frame)

    async def take_in_bytes(
        self, content: bytes, name: str, role: InputRole, frame: Frame | None = None
    ) -> MediaInput:
        return await self.reframe(self._picture(name, role), frame)

    async def take_in_made(
        self,
        generation: Generation,
        role: InputRole,
        frame: Frame | None = None,
        at_s: float | None = None,
    ) -> MediaInput:
        name = f"made-{generation.id}" + ("" if at_s is None else f"-at-{at_s:g}")
        return await self.reframe(self._picture(f"{name}.png", role), frame)

    def _picture(self, name: str, role: InputRole) -> MediaInput:
        return MediaInput(role, "0" * 64, "image/png", 100, name, *self.picture_px)

    async def reframe(self, item: MediaInput, frame: Frame | None) -> MediaInput:
        if self.reframe_fails is not None:
            raise self.reframe_fails
        if frame is None:
            return replace(item, frame=None, original=None)
        return replace(item, frame=frame, original="0" * 64)

    def whole_path(self, item: MediaInput) -> Path | None:
        return None

    def whole_size(self, item: MediaInput) -> tuple[int, int] | None:
        return self.picture_px

    async def take_in_clip(self, generation: Generation) -> MediaInput:
        return MediaInput(
            InputRole.SOURCE, "1" * 64, "video/mp4", 100, "clip.mp4", 64, 36, 5.0, generation.id
        )

    async def seconds_taken(self, provider: str, model: str) -> list[float]:
        return self.taken.get(model, [])

    def input_path(self, item: MediaInput) -> Path:
        return Path("no-such-folder", item.name)


class FakeQueue:
    """Knobs: `waiting`, `paused`, `offered`, `progress`, `words`, `fail_with`; `calls` counts commands.

    Moves, pauses and cancels really change `waiting` and `paused`; nothing is ever sent.
    """

    def __init__(self) -> None:
        self.waiting: tuple[int, ...] = ()
        self.paused: dict[str, Pause] = {}
        self.offered: tuple[Choice, ...] = ()
        self.progress: dict[int, Progress] = {}
        self.words = "Cancel"
        self.fail_with: Exception | None = None
        self.calls: list[tuple[str, object]] = []
        self.listeners: list[Callable[[], None]] = []
        self.stored: dict[int, Generation] = {}
        # what a failed one's provider turns out to have
        self.found: list[Generation] = []

    @property
    def waiting_ids(self) -> tuple[int, ...]:
        return self.waiting

    @property
    def pauses(self) -> Mapping[str, Pause]:
        return self.paused

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def changed(self) -> None:
        for listener in self.listeners:
            listener()

    def progress_of(self, generation_id: int) -> Progress | None:
        return self.progress.get(generation_id)

    def cancel_words(self, generation: Generation) -> str:
        return self.words

    def choices(self, generation: Generation) -> tuple[Choice, ...]:
        return self.offered if generation.state in ATTENTION_STATES else ()

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        self._called("enqueue", list(requests))
        return [a_generation(prompt=r.prompt, config=r.config) for r in requests]

    async def cancel(self, generation_id: int, *, discards_result: bool = False) -> Generation:
        self._called("cancel", generation_id)
        self.waiting = tuple(one for one in self.waiting if one != generation_id)
        stored = self.stored.get(generation_id) or a_generation(id=generation_id)
        return replace(stored, state=GenerationState.CANCELLED)

    async def retry(self, generation_id: int) -> Generation:
        self._called("retry", generation_id)
        return a_generation(id=generation_id)

    async def bring_back(self, generation_id: int) -> list[Generation]:
        self._called("bring_back", generation_id)
        return self.found

    async def mark_failed(self, generation_id: int) -> Generation:
        self._called("mark_failed", generation_id)
        return a_generation(id=generation_id, state=GenerationState.FAILED)

    async def send_again(self, generation_id: int) -> Generation:
        self._called("send_again", generation_id)
        return a_generation(id=generation_id)

    async def collect(self, ids: Collection[int] | None = None) -> list[Generation]:
        self._called("collect", ids)
        return []

    async def pause(self, provider: str = "") -> None:
        self._called("pause", provider)
        self.paused = {**self.paused, provider: Pause(provider, PauseKind.USER, "", NOON)}
        self.changed()

    async def unpause(self, provider: str = "") -> None:
        self._called("unpause", provider)
        self.paused = {name: one for name, one in self.paused.items() if name != provider}
        self.changed()

    async def key_changed(self, provider: str) -> None:
        self._called("key_changed", provider)
        self.paused = {name: one for name, one in self.paused.items() if name != provider}
        self.changed()

    async def move_before(self, generation_id: int, before_id: int | None) -> None:
        self._called("move_before", (generation_id, before_id))
        line = [one for one in self.waiting if one != generation_id]
        line.insert(line.index(before_id) if before_id is not None else len(line), generation_id)
        self.waiting = tuple(line)
        self.changed()

    async def run_next(self, generation_id: int) -> None:
        await self.move_before(generation_id, self.waiting[0])

    async def edit(self, generation_id: int, request: GenerationRequest) -> Generation:
        self._called("edit", (generation_id, request))
        return a_generation(prompt=request.prompt, config=request.config)

    def _called(self, name: str, argument: object) -> None:
        self.calls.append((name, argument))
        if self.fail_with is not None:
            raise self.fail_with


class FakeStore:
    """Remembers what was forgotten."""

    def __init__(self, *generations: Generation) -> None:
        self.rows = {generation.id: generation for generation in generations}
        self.forgotten: set[int] = set()
        self.changes: list[StateChange] = []
        self.tried: list[Attempt] = []

    async def forget(self, generation_id: int) -> None:
        self.forgotten.add(generation_id)

    async def remember(self, generation_id: int) -> Generation:
        self.forgotten.discard(generation_id)
        return self.rows[generation_id]

    async def get(self, generation_id: int) -> Generation:
        return self.rows[generation_id]

    async def state_changes(self, generation_id: int) -> list[StateChange]:
        return self.changes

    async def attempts(self, generation_id: int) -> list[Attempt]:
        return self.tried
