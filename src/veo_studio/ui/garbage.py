"""When Python looks for garbage: on the window's own thread, between two turns of its loop.

By itself it does so wherever something is made: in the middle of a paint, where a widget that nobody knows
any more would be taken away under the painter, or in a thread, where what belongs to the window would go.
"""

from __future__ import annotations

import gc
import time

from PyQt6.QtCore import QCoreApplication, QTimer

# a look costs a microsecond; the longer the pause, the more there is to walk through at once
_LOOK_MS = 200
# walking through all that was made since the start takes milliseconds
_EVERYTHING_AFTER_S = 120.0
_NAME = "garbage"


def collect_from_now_on() -> None:
    """What the start made stays; walking through it for garbage would stop the window for 90 ms, often."""
    gc.disable()
    gc.freeze()
    app = QCoreApplication.instance()
    assert app is not None
    if app.findChild(_Looks, _NAME) is None:
        _Looks(app)


class _Looks(QTimer):
    """Does what Python would do by itself, by its own thresholds."""

    def __init__(self, parent: QCoreApplication) -> None:
        super().__init__(parent)
        self.setObjectName(_NAME)
        self._all_at_s: float | None = None
        self.timeout.connect(self._look)
        self.start(_LOOK_MS)

    def _look(self) -> None:
        young, middle, old = (
            count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)
        )
        if old:
            self._look_at_everything()
        elif middle:
            gc.collect(1)
        elif young:
            gc.collect(0)

    def _look_at_everything(self) -> None:
        now_s = time.monotonic()
        if self._all_at_s is None:
            # what came in the minute after the start stays too, libraries of the network and rows: the
            # first walk through everything would take 30 to 40 ms for it
            gc.collect(1)
            gc.freeze()
        elif now_s - self._all_at_s < _EVERYTHING_AFTER_S:
            gc.collect(1)
            return
        else:
            gc.collect()
        self._all_at_s = now_s
