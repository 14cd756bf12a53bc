"""A window that tells when it was seen: `python -m benchmarks.watched TRACE bare|app exit|stay`.

`app` is the program itself, started as its entry point starts it; nothing in it knows that it is
watched. Moments go to the file TRACE as JSON lines, in seconds of CLOCK_MONOTONIC, which all processes
share. A moment counts when the paint is over and the event loop comes round again.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

WINDOW, ROWS = "window_visible", "history_rows_painted"


class Trace:
    """Writes each moment once; ends the process after the last one where it was asked to."""

    def __init__(self, path: Path, last: str, is_leaving: bool) -> None:
        self._path = path
        self._last = last
        self._is_leaving = is_leaving
        self._seen: set[str] = set()

    def on_paint(self, moment: str) -> None:
        from PyQt6.QtCore import QTimer

        if moment not in self._seen:
            self._seen.add(moment)
            QTimer.singleShot(0, lambda: self._write(moment))

    def _write(self, moment: str) -> None:
        now = time.monotonic()
        with self._path.open("a") as file:
            file.write(json.dumps({moment: now}) + "\n")
        if self._is_leaving and moment == self._last:
            os._exit(0)


def bare(trace: Trace) -> None:
    """The least that PyQt6 can show: one main window with one label."""
    from PyQt6.QtGui import QPaintEvent
    from PyQt6.QtWidgets import QApplication, QLabel, QMainWindow

    class Window(QMainWindow):
        def paintEvent(self, event: QPaintEvent | None) -> None:
            super().paintEvent(event)
            trace.on_paint(WINDOW)

    app = QApplication(sys.argv[:1])
    window = Window()
    window.setCentralWidget(QLabel("Veo Studio"))
    window.resize(1280, 800)
    window.show()
    app.exec()


def program(trace: Trace, on_program: Callable[[object], None] = lambda _program: None) -> int:
    """The program, with its main window's and its history's first paint reported."""
    from veo_studio import __main__, app

    make = app.Program.__init__
    show_history = app.Program._show_history

    def made(self: app.Program, *arguments: object, **named: object) -> None:
        make(self, *arguments, **named)  # type: ignore[arg-type]
        self.window.painted.connect(lambda: trace.on_paint(WINDOW))
        on_program(self)

    def shown(self: app.Program, *arguments: object) -> None:
        # the program has imported it by now: nothing is imported earlier because of us
        from veo_studio.ui.delegates.history_delegate import HistoryDelegate

        paint = HistoryDelegate.paint

        def painted(delegate: HistoryDelegate, *arguments: object) -> None:
            paint(delegate, *arguments)  # type: ignore[arg-type]
            # from here on the delegate's own method is called, as without us
            HistoryDelegate.paint = paint  # type: ignore[method-assign]
            trace.on_paint(ROWS)

        HistoryDelegate.paint = painted  # type: ignore[method-assign]
        show_history(self, *arguments)  # type: ignore[arg-type]

    app.Program.__init__ = made  # type: ignore[method-assign]
    app.Program._show_history = shown  # type: ignore[method-assign]
    sys.argv = ["veo-studio"]
    return __main__.main()


def main() -> int:
    path, kind, ending = sys.argv[1:4]
    is_leaving = ending == "exit"
    if kind == "bare":
        bare(Trace(Path(path), WINDOW, is_leaving))
        return 0
    return program(Trace(Path(path), ROWS, is_leaving))


if __name__ == "__main__":
    sys.exit(main())
