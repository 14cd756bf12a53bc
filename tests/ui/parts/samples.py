"""Generations and fakes for the tests of the window's parts."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from veo_studio.core.models import (
    Charge,
    Generation,
    GenerationKind,
    GenerationState,
    VideoConfig,
)


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
        created_at=now - timedelta(minutes=5),
        updated_at=now,
    )
    return replace(made, **changes)


class Library:
    """A repository in memory; `loads` counts the pages that were read."""

    def __init__(self, rows: list[Generation] | None = None) -> None:
        self.rows = rows or []
        self.loads: list[tuple[str, int | None]] = []
        self.fail_with: Exception | None = None

    async def page(
        self, *, search: str = "", before_id: int | None = None, limit: int = 100
    ) -> list[Generation]:
        self.loads.append((search, before_id))
        if self.fail_with is not None:
            raise self.fail_with
        found = [row for row in self._matching(search) if before_id is None or row.id < before_id]
        return sorted(found, key=lambda row: -row.id)[:limit]

    async def count(self, search: str = "") -> int:
        return len(self._matching(search))

    def _matching(self, search: str) -> list[Generation]:
        return [row for row in self.rows if search.casefold() in row.prompt.casefold()]


class Pictures:
    """Thumbnails that are there already, or never."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.asked: list[str] = []

    async def ensure(self, uuid: str, video_path: Path) -> Path | None:
        self.asked.append(uuid)
        return self.path


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
