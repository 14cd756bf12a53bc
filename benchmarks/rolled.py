"""The program's own lists being scrolled, by wheel and by thumb, and while a thousand clips come in.

`python -m benchmarks.rolled RESULT history|library STEPS CLIPS`: started by `scrolling` as a child. Every
step is timed from the new value of the scroll bar to the end of painting it; beats tell how long the loop
stood still in between. Clips are stored and told as any other process's news would be.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.watched import ROWS, Trace, program

if TYPE_CHECKING:
    from veo_studio.app import Program
    from veo_studio.core.studio import Studio

_BEAT_MS = 2
_SCROLL_MS = 16
_BURST = 50
# the wheel turns one notch every other step: a hand that scrolls without haste
_BURST_EVERY = 4


class Roller:
    """Scrolls in three ways, one after the other, then writes what it saw."""

    def __init__(self, result: Path, view: str, steps: int, clips: int) -> None:
        self._result, self._name, self._steps, self._clips = result, view, steps, clips
        self._plan = [("wheel", self._wheel), ("thumb", self._thumb), ("import", self._import)]
        self._paints: dict[str, list[float]] = {name: [] for name, _ in self._plan}
        self._beats: dict[str, list[float]] = {name: [] for name, _ in self._plan}
        self._part = 0
        self._done = 0
        self._imported = 0
        self._jumps = 0
        self._chance = random.Random(11)
        self._before: dict[int, tuple[int, int]] = {}
        self._program: Program | None = None

    def on_program(self, made: Program) -> None:
        from PyQt6.QtCore import Qt, QTimer

        self._program = made
        self._waiting = QTimer()
        self._waiting.timeout.connect(self._on_waiting)
        self._waiting.start(100)
        self._beat = QTimer()
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._on_beat)
        self._scroll = QTimer()
        self._scroll.setTimerType(Qt.TimerType.PreciseTimer)
        self._scroll.timeout.connect(self._on_scroll)

    def _on_waiting(self) -> None:
        program = self._program
        assert program is not None
        if program.studio is None or program.history.is_loading or not program.history.total:
            return
        window = program.window
        if self._name == "library":
            window.pages.show("library")
            page = window.pages.page("library")
            self._list, self._model = page.grid, page.model
        else:
            self._list, self._model = window.history.list, program.history
        if self._model.is_loading or not self._model.total:
            return
        self._waiting.stop()
        self._last = time.perf_counter()
        self._beat.start(_BEAT_MS)
        self._scroll.start(_SCROLL_MS)

    def _on_beat(self) -> None:
        now = time.perf_counter()
        self._beats[self._plan[self._part][0]].append((now - self._last) * 1000)
        self._last = now

    def _on_scroll(self) -> None:
        from PyQt6.QtCore import QEvent
        from PyQt6.QtWidgets import QApplication

        name, step = self._plan[self._part]
        if self._before and self._in_sight() != self._before:
            self._jumps += 1
        started = time.perf_counter()
        step()
        # what a display would paint before its next picture: only what became visible
        QApplication.sendPostedEvents(self._list.window(), QEvent.Type.UpdateRequest)
        self._paints[name].append((time.perf_counter() - started) * 1000)
        self._before = self._in_sight() if name == "import" else {}
        self._done += 1
        if self._done >= self._steps and (name != "import" or self._imported >= self._clips):
            self._part, self._done = self._part + 1, 0
            if self._part == len(self._plan):
                self._leave()

    def _wheel(self) -> None:
        bar = self._list.verticalScrollBar()
        bar.setValue(bar.value() + 3 * bar.singleStep())

    def _thumb(self) -> None:
        bar = self._list.verticalScrollBar()
        bar.setValue(self._chance.randrange(bar.maximum()))

    def _import(self) -> None:
        if self._done == 0:
            bar = self._list.verticalScrollBar()
            bar.setValue(bar.maximum() // 3)
        self._wheel()
        if self._done % _BURST_EVERY == 1 and self._imported < self._clips:
            assert self._program is not None
            assert self._program.studio is not None
            count = min(_BURST, self._clips - self._imported)
            self._imported += count
            self._program._spawn(_take_in(self._program.studio, count), name="benchmark: clips")

    def _in_sight(self) -> dict[int, tuple[int, int]]:
        """Where each clip is that is in sight."""
        found = {}
        for row in self._list.rows_in_sight():
            rect = self._list.rect_of(row)
            found[self._model.id_at(row)] = (rect.left(), rect.top())
        return found

    def _leave(self) -> None:
        found = {
            "paints_ms": self._paints,
            "beats_ms": self._beats,
            "jumps": self._jumps,
            "imported": self._imported,
            "rows": self._model.total,
            "loaded": self._model._window.loaded_count,
        }
        self._result.write_text(json.dumps(found))
        os._exit(0)


async def _take_in(studio: Studio, count: int) -> None:
    """Store so many clips, copies of stored ones with a new moment, and tell of each."""
    from veo_studio.core.events import EventKind, GenerationEvent
    from veo_studio.core.store.tables import generations

    kept = {"id", "uuid", "idempotency_key", "created_at", "operation_id", "took_s", "video_path"}
    names = ", ".join(column.name for column in generations.columns if column.name not in kept)

    def work(connection: object) -> array[int]:
        sql = (
            f"INSERT INTO generations (uuid, created_at, video_path, {names}) "
            "SELECT lower(hex(randomblob(16))), strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'), "
            f"NULL, {names} FROM generations WHERE state = 'failed' LIMIT ? RETURNING id"
        )
        found = connection.exec_driver_sql(sql, (count,))  # type: ignore[attr-defined]
        return array("q", [row[0] for row in found])

    ids = await studio.library.database.write(work)
    for generation in await studio.library.by_ids(ids):
        studio.events.emit(GenerationEvent(EventKind.ADDED, generation))


def main() -> int:
    result, view, steps, clips = sys.argv[1:5]
    roller = Roller(Path(result), view, int(steps), int(clips))
    return program(
        Trace(Path(result).with_suffix(".trace"), ROWS, False),
        roller.on_program,  # type: ignore[arg-type]
    )


if __name__ == "__main__":
    sys.exit(main())
