"""Generations and fakes for the tests of the window's parts."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.fakes.generations import FakeLibrary as Library
from veo_studio.core.models import (
    Charge,
    Generation,
    GenerationKind,
    GenerationState,
    VideoConfig,
)

# in the order of their ids, whenever they are made
_STARTED = datetime.now(UTC) - timedelta(minutes=5)


def generation(number: int = 1, **changes: Any) -> Generation:
    """A stored generation with this id; `changes` are its fields."""
    now = datetime.now(UTC)
    made = Generation(
        id=number,
        uuid=f"uuid-{number}",
        kind=GenerationKind.VIDEO,
        provider="rehearsal",
        model="rehearsal-1",
        prompt=f"A paper boat on a quiet river, take {number}",
        config=VideoConfig(),
        state=GenerationState.COMPLETED,
        state_cause="",
        charge=Charge.CHARGED,
        tokens=10,
        price_usd=Decimal("0.56"),
        created_at=_STARTED + timedelta(milliseconds=number),
        updated_at=now,
    )
    return replace(made, **changes)


__all__ = ["Library", "Pictures", "Scope", "generation"]


class Pictures:
    """Thumbnails that are there already, or never."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.asked: list[str] = []

    async def ensure(self, uuid: str, video_path: Path, at_s: float | None = None) -> Path | None:
        self.asked.append(uuid)
        return self.path

    async def ensure_strip(self, uuid: str, video_path: Path) -> Path | None:
        return self.path

    def problem(self, uuid: str) -> str:
        return "" if self.path is not None else "damaged"


class Scope:
    """Runs coroutines that never really wait at once, or when `run` is called."""

    def __init__(self, *, is_held: bool = False) -> None:
        self.is_held = is_held
        self.waiting: list[Coroutine[Any, Any, Any]] = []
        self.errors: list[BaseException] = []

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> None:
        self.waiting.append(work)
        if not self.is_held:
            self.run()

    def run(self) -> None:
        while self.waiting:
            work = self.waiting.pop(0)
            try:
                work.send(None)
            except StopIteration:
                continue
            except Exception as error:
                self.errors.append(error)
                continue
            work.close()
            raise AssertionError("this coroutine waits for something")
