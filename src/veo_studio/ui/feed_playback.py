"""The one clip of a feed that plays: without sound, over and over, in a thread of its own."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, QSize, QTimer, pyqtSignal
from PyQt6.QtGui import QImage

from veo_studio.ui.frame_clock import FrameClock
from veo_studio.ui.frame_thread import FrameThread

# decoded pictures that are kept: a feed only goes forwards
_KEPT_BYTES = 16 * 1024 * 1024
# between two looks whether the clip before has let go of its file
_LOOK_MS = 15


class FeedPlayback(QObject):
    """At most one decoder at a time, whatever is asked for; nothing here waits for it but `release`.

    Signals:
        picture_changed(): `picture` is another one.
        failed(str): what was asked for cannot be played; plain text for the log.
    """

    picture_changed = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = FrameClock()
        self._clock.set_loop(True, None, None)
        self._frames = FrameThread(self._clock, self, ends_clock=True, kept_bytes=_KEPT_BYTES)
        self._frames.picture_changed.connect(self.picture_changed)
        self._frames.failed.connect(self._on_failed)
        # begun when the clip before is over
        self._next: tuple[Path, float] | None = None
        self._path: Path | None = None
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._begin)

    @property
    def path(self) -> Path | None:
        """The clip that plays or is about to."""
        return self._path

    @property
    def holds_file(self) -> bool:
        """True while a file is open, also that of a clip that was left a moment ago."""
        return self._frames.holds_file

    @property
    def position_ms(self) -> float:
        """Where the picture of now is in its clip."""
        return self._frames.picture_ms

    def picture(self) -> QImage | None:
        """None until the first picture of this clip is there."""
        return self._frames.picture

    def set_box(self, box: QSize) -> None:
        """No picture has to be larger than this, in pixels of the screen."""
        self._frames.set_box(box)

    def play(self, path: Path, from_ms: float = 0.0) -> None:
        """Play this one, once what played before has let go of its file."""
        self._frames.leave()
        self._path, self._next = path, (path, from_ms)
        self._look.start()
        self._begin()

    def leave(self) -> None:
        """Play nothing; the file is let go of a moment later."""
        self._path = self._next = None
        self._look.stop()
        self._clock.pause()
        self._frames.leave()

    def release(self) -> None:
        """Let go of the file; it can be moved or deleted when this returns."""
        self.leave()
        self._frames.close()

    def _begin(self) -> None:
        if self._next is None or self._frames.holds_file:
            return
        self._look.stop()
        (path, from_ms), self._next = self._next, None
        self._clock.start_over()
        self._clock.seek(from_ms)
        self._clock.play()
        self._frames.open(path)

    def _on_failed(self, reason: str) -> None:
        self.leave()
        self.failed.emit(reason)
