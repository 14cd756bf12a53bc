"""A thread that shows the pictures of one clip as a clock goes on."""

from __future__ import annotations

import logging
import threading
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, QSize, pyqtSignal
from PyQt6.QtGui import QImage

from veo_studio.ui.frame_clock import FrameClock
from veo_studio.ui.frame_source import FrameSource, NoDecoder, image_of

_log = logging.getLogger(__name__)

# no screen shows more pictures in a second
_SHORTEST_WAIT_S = 1 / 120
# so much later than asked a picture is worth showing rather than decoding on
_PATIENCE_MS = 250.0
_KEPT_BYTES = 128 * 1024 * 1024


class FrameThread(QObject):
    """One clip, followed in a thread of its own; pictures that come too late are left out.

    Signals:
        opened(float, float): its length and the length of one frame, in ms.
        picture_changed(): `picture` is another one.
        ended(): the clock ran into its end; only where `ends_clock`.
        failed(str): it cannot be decoded; plain text for the log.
    """

    opened = pyqtSignal(float, float)
    picture_changed = pyqtSignal()
    ended = pyqtSignal()
    failed = pyqtSignal(str)

    # Sent by the thread, taken on the window's: (number of the opening, what, value).
    _arrived = pyqtSignal(int, str, object)

    def __init__(
        self,
        clock: FrameClock,
        parent: QObject | None = None,
        *,
        ends_clock: bool = False,
        kept_bytes: int = _KEPT_BYTES,
    ) -> None:
        """`ends_clock`: the clock has the length of this clip, and stands still at its end."""
        super().__init__(parent)
        self._clock = clock
        self._ends_clock = ends_clock
        self._kept_bytes = kept_bytes
        self._thread: threading.Thread | None = None
        # told to end, and perhaps not over yet
        self._leaving: threading.Thread | None = None
        # of the clip that is open: whatever another thread still says is old
        self._number = 0
        self._box: QSize | None = None
        # made by the thread and not taken yet: the window gets one at a time, however slow it is
        self._made: tuple[QImage, float] | None = None
        self.picture: QImage | None = None
        self.picture_ms = 0.0
        self.length_ms = 0.0
        self.frame_ms = 1000 / 24
        # what its picture is packed with, once it is open
        self.codec = ""
        self._arrived.connect(self._on_arrived)

    @property
    def is_open(self) -> bool:
        return self._thread is not None

    def open(self, path: Path) -> None:
        self.close()
        self._thread = threading.Thread(
            target=self._run, args=(self._number, path), name="clip", daemon=True
        )
        self._thread.start()

    def set_box(self, box: QSize | None) -> None:
        """No picture has to be larger than this; None: every pixel."""
        if self._box != box:
            self._box = box
            self._clock.wake()

    @property
    def holds_file(self) -> bool:
        """True until the thread of what was left has let go of its file."""
        if self._leaving is not None and not self._leaving.is_alive():
            self._leaving = None
        return self._thread is not None or self._leaving is not None

    def leave(self) -> None:
        """As `close`, without waiting for the thread: `holds_file` tells when it is over."""
        if self._thread is not None:
            self._leaving, self._thread = self._thread, None
        with self._clock.changed:
            self._number += 1
            self._clock.wake()
        self._made = self.picture = None
        self.picture_ms = self.length_ms = 0.0

    def close(self) -> None:
        """Let go of the file; it can be moved or deleted when this returns."""
        self.leave()
        leaving, self._leaving = self._leaving, None
        if leaving is not None:
            leaving.join(timeout=10)

    def _on_arrived(self, number: int, what: str, value: object) -> None:
        if number != self._number:
            return  # of a clip that is closed by now
        if what == "picture":
            with self._clock.changed:
                made, self._made = self._made, None
            if made is not None:
                self.picture, self.picture_ms = made
                self.picture_changed.emit()
        elif what == "opened":
            assert isinstance(value, tuple)
            self.length_ms, self.frame_ms, self.codec = value
            self.opened.emit(self.length_ms, self.frame_ms)
        elif what == "ended":
            self.ended.emit()
        else:
            self.failed.emit(str(value))

    # On the clip's thread

    def _tell(self, number: int, what: str, value: object = None) -> None:
        try:
            self._arrived.emit(number, what, value)
        except RuntimeError:  # the window was deleted meanwhile: nobody listens
            self._number = -1

    def _run(self, number: int, path: Path) -> None:
        try:
            with FrameSource(path, kept_bytes=self._kept_bytes) as source:
                facts = (source.length_ms, source.frame_ms, source.codec)
                self._tell(number, "opened", facts)
                if self._ends_clock:
                    with self._clock.changed:
                        if number == self._number:
                            self._clock.set_length(source.length_ms)
                self._follow(number, source)
        except NoDecoder as error:
            self._tell(number, "failed", str(error))
        except Exception as error:
            # A decoder's errors are many classes; each means that this file does not play.
            self._tell(number, "failed", f"{type(error).__name__}: {error}")

    def _follow(self, number: int, source: FrameSource) -> None:
        clock = self._clock
        shown: tuple[float, QSize | None] | None = None
        while number == self._number:
            with clock.changed:
                version, wanted_ms = clock.version, clock.position_ms()
            found = source.at(wanted_ms, partial(self._is_over, number, wanted_ms))
            if number != self._number:
                return
            if found is None:
                raise ValueError("no picture of it can be read")
            box = self._box
            if shown != (found[0], box):
                shown = (found[0], box)
                self._show(number, image_of(found[1], box), found[0])
            self._end_clock(number, wanted_ms)
            with clock.changed:
                if version == clock.version and number == self._number:
                    clock.changed.wait(self._wait_s(found[0], source.frame_ms))

    def _is_over(self, number: int, wanted_ms: float) -> bool:
        """Closed meanwhile, wanted elsewhere, or so slow that what there is should be shown."""
        if number != self._number:
            return True
        late_ms = abs(self._clock.position_ms() - wanted_ms)
        return late_ms > _PATIENCE_MS * max(1.0, abs(self._clock.rate))

    def _show(self, number: int, image: QImage, at_ms: float) -> None:
        with self._clock.changed:
            is_taken = self._made is None
            self._made = (image, at_ms)
        if is_taken:
            self._tell(number, "picture")

    def _end_clock(self, number: int, shown_ms: float) -> None:
        """Known here before the window's thread hears of it: who plays again then begins anew."""
        if not self._ends_clock:
            return
        with self._clock.changed:
            has_ended = number == self._number and self._clock.has_ended()
            # its last picture first
            has_ended = has_ended and shown_ms == self._clock.position_ms()
            if has_ended:
                self._clock.pause()
        if has_ended:
            self._tell(number, "ended")

    def _wait_s(self, shown_ms: float, frame_ms: float) -> float | None:
        """Until the next picture is due; None: until something is commanded."""
        clock = self._clock
        if not clock.is_running:
            return None
        now_ms = clock.position_ms()
        due_ms = shown_ms + frame_ms - now_ms if clock.rate > 0 else now_ms - shown_ms
        # a clip that is shorter than the others stands still, and is asked again from time to time
        speed = max(0.01, abs(clock.rate))
        return min(0.25, max(_SHORTEST_WAIT_S, due_ms / 1000 / speed))
