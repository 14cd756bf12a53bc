"""The program's own feed being scrolled while clips play in it.

`python -m benchmarks.fed RESULT STEPS CARDS`: started by `feed` as a child. Beats tell how long the loop
stood still, and how long of that the window's own thread worked: the rest it waited for others.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.watched import ROWS, Trace, program

if TYPE_CHECKING:
    from veo_studio.app import Program

_BEAT_MS = 2
_STEP_MS = 16
# so many notches, then the hand rests long enough for a clip to begin
_NOTCHES = 30
_REST_STEPS = 40
# every so many steps the thumb is somewhere else
_THUMB_EVERY = 3


class Reader:
    """Scrolls through the feed as somebody who looks at it, then writes what it saw."""

    def __init__(self, result: Path, steps: int, cards: int) -> None:
        self._result, self._steps, self._cards = result, steps, cards
        self._plan = [("wheel", self._wheel), ("thumb", self._thumb), ("playing", self._rest)]
        self._beats: dict[str, list[float]] = {name: [] for name, _ in self._plan}
        self._busy: dict[str, list[float]] = {name: [] for name, _ in self._plan}
        self._part = self._done = self._pictures = self._most_open = 0
        self._played: set[int] = set()
        self._chance = random.Random(5)
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
        program = self._program
        if program.studio is None or not program.form.is_open:
            return
        window = program.window
        if window.pages.current != "explore":
            window.pages.show("explore")
            self._view = window.exploring.view
            self._view.set_plays(True)
            bar = self._view.list.verticalScrollBar()
            assert bar is not None
            self._bar = bar
            self._view.autoplay.playback.picture_changed.connect(self._on_picture)
        model = self._view.model
        if model.is_loading or model.total < self._cards or not self._played:
            return  # until the first clip plays: what is imported for it is imported once
        self._waiting.stop()
        self._played.clear()
        self._pictures = 0
        self._last, self._last_busy = time.perf_counter(), time.thread_time()
        self._beat.start(_BEAT_MS)
        self._scroll.start(_STEP_MS)

    def _on_picture(self) -> None:
        playing = self._view.autoplay.playing_id
        if playing is not None:
            self._pictures += 1
            self._played.add(playing)

    def _on_beat(self) -> None:
        now, busy = time.perf_counter(), time.thread_time()
        name = self._plan[self._part][0]
        self._beats[name].append((now - self._last) * 1000)
        self._busy[name].append((busy - self._last_busy) * 1000)
        self._last, self._last_busy = now, busy

    def _on_scroll(self) -> None:
        self._plan[self._part][1]()
        self._done += 1
        if self._done % _NOTCHES == 0:
            self._most_open = max(self._most_open, _open_clips())
            # looking at it was no work of the window
            self._last, self._last_busy = time.perf_counter(), time.thread_time()
        if self._done >= self._steps:
            self._part, self._done = self._part + 1, 0
            if self._part == len(self._plan):
                self._leave()

    def _wheel(self) -> None:
        if self._done % (_NOTCHES + _REST_STEPS) < _NOTCHES:
            self._bar.setValue(self._bar.value() + self._bar.singleStep())

    def _thumb(self) -> None:
        if self._done % _THUMB_EVERY == 0:
            self._bar.setValue(self._chance.randrange(max(1, self._bar.maximum())))

    def _rest(self) -> None:
        pass

    def _leave(self) -> None:
        found = {
            "beats_ms": self._beats,
            "busy_ms": self._busy,
            "cards": self._view.model.total,
            "played": len(self._played),
            "pictures": self._pictures,
            "open": self._most_open,
        }
        self._result.write_text(json.dumps(found))
        os._exit(0)


def _open_clips() -> int:
    """How many clips this process has open; 0 where the system does not tell."""
    folder = Path("/proc/self/fd")
    if not folder.exists():
        return 0
    found = 0
    for entry in folder.iterdir():
        try:
            found += entry.readlink().suffix == ".mp4"
        except OSError:
            continue
    return found


def main() -> int:
    result, steps, cards = sys.argv[1:4]
    reader = Reader(Path(result), int(steps), int(cards))
    return program(
        Trace(Path(result).with_suffix(".trace"), ROWS, False),
        reader.on_program,  # type: ignore[arg-type]
    )


if __name__ == "__main__":
    sys.exit(main())
