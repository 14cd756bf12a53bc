"""The program under load, scrolling, with a heartbeat: started by `loop_gap` as a child process.

`python -m benchmarks.driven RESULT RUNNING SECONDS history|library`: once RUNNING generations run and the
list is on the screen, scroll all of it in SECONDS and write every interval between two heartbeats (ms) to
RESULT.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.watched import ROWS, Trace, program

if TYPE_CHECKING:
    from veo_studio.app import Program

_BEAT_MS = 2
_SCROLL_MS = 16


class Driver:
    """Waits for the load, then scrolls down to the last row and up again while the heart beats."""

    def __init__(self, result: Path, running: int, seconds: float, view: str) -> None:
        self._view = view
        self._result = result
        self._wanted = running
        self._seconds = seconds
        self._intervals_ms: list[float] = []
        self._direction = 1
        self._position = 0
        self._most_rows = 0
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
        assert self._program is not None
        studio = self._program.studio
        if studio is None or len(studio.queue.running_ids) < self._wanted:
            return
        window = self._program.window
        if self._view == "library":
            window.pages.show("library")
            page = window.pages.page("library")
            self._list, self._model = page.grid, page.model
        else:
            self._list, self._model = window.history.list, self._program.history
        if self._model.is_loading or not self._model.total:
            return
        self._waiting.stop()
        self._started = self._last = time.perf_counter()
        self._cpu = time.process_time()
        self._beat.start(_BEAT_MS)
        self._scroll.start(_SCROLL_MS)

    def _on_beat(self) -> None:
        now = time.perf_counter()
        self._intervals_ms.append((now - self._last) * 1000)
        self._last = now
        if now - self._started >= self._seconds:
            self._leave(now)

    def _on_scroll(self) -> None:
        bar = self._list.verticalScrollBar()
        self._most_rows = max(self._most_rows, self._list.rows_in_sight().stop)
        # all of it once down and up, and never less than a hand that holds Page Down
        least = int(bar.pageStep() * 1.5)
        step = max(least, round(2 * bar.maximum() * _SCROLL_MS / 1000 / self._seconds))
        # its own position: a clip that finishes meanwhile may have scrolled the list to itself
        if self._direction > 0 and self._position >= bar.maximum():
            self._direction = -1
        elif self._direction < 0 and self._position <= 0:
            self._direction = 1
        self._position = min(max(0, self._position + self._direction * step), bar.maximum())
        bar.setValue(self._position)

    def _leave(self, now: float) -> None:
        assert self._program is not None
        assert self._program.studio is not None
        self._result.write_text(
            json.dumps(
                {
                    "intervals_ms": self._intervals_ms,
                    "rows": self._most_rows,
                    "seconds": now - self._started,
                    "cpu": (time.process_time() - self._cpu) / (now - self._started),
                    "running": len(self._program.studio.queue.running_ids),
                }
            )
        )
        os._exit(0)


def main() -> int:
    result, running, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    driver = Driver(result, running, seconds, sys.argv[4])
    return program(
        Trace(result.with_suffix(".trace"), ROWS, False),
        driver.on_program,  # type: ignore[arg-type]
    )


if __name__ == "__main__":
    sys.exit(main())
