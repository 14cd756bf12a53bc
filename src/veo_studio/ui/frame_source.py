"""The pictures of one clip by their moment, decoded with PyAV. All of it blocks: for a thread of its own."""

from __future__ import annotations

import bisect
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QImage, QTransform

from veo_studio.core.frame_colors import color_arguments

DEFAULT_FPS = 24.0
# decoded pictures that are kept: what is stepped and played backwards comes from here
_KEPT_BYTES = 128 * 1024 * 1024
_FEWEST_KEPT, _MOST_KEPT = 8, 240
# farther ahead than this it is quicker to begin at the next whole picture
_FAR_MS = 1500.0
# how much later than asked the first picture after a jump may be before it is tried from farther ahead
_EARLIER_MS = 3000.0


class NoDecoder(ValueError):
    """Nothing in this program decodes the picture; what it is packed with, where the file says it."""


class FrameSource:
    """One open clip; `close` lets go of its file.

    Raises NoDecoder, ValueError where there is no picture in it, and whatever PyAV raises.
    """

    def __init__(self, path: Path, *, kept_bytes: int = _KEPT_BYTES) -> None:
        import av

        self._container: Any = av.open(str(path))
        try:
            if not self._container.streams.video:
                raise ValueError("there is no picture in this file")
            self._stream: Any = self._container.streams.video[0]
            if self._stream.codec_context is None:
                raise NoDecoder("no decoder for its picture")
            self._stream.thread_type = "AUTO"
            context = self._stream.codec_context
            self.codec: str = context.codec.canonical_name
            each = max(1, context.width * context.height * 3 // 2)
        except BaseException:
            self._container.close()
            raise
        self._most = max(_FEWEST_KEPT, min(_MOST_KEPT, kept_bytes // each))
        self._start_s = float((self._stream.start_time or 0) * (self._stream.time_base or 0))
        # moments and pictures, without a gap between them
        self._times: list[float] = []
        self._frames: list[Any] = []
        self._is_at_start = True
        self._is_at_end = False
        self._decoded: Any = self._container.decode(self._stream)
        self.frame_ms = 1000 / float(self._stream.average_rate or DEFAULT_FPS)
        self.length_ms = self._length_ms()

    def _length_ms(self) -> float:
        if self._container.duration:
            return float(self._container.duration) / 1000
        if self._stream.duration:
            return float(self._stream.duration * self._stream.time_base) * 1000
        return float(self._stream.frames) * self.frame_ms

    def __enter__(self) -> FrameSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._times, self._frames = [], []
        self._decoded = None
        self._container.close()

    def at(
        self, position_ms: float, is_over: Callable[[], bool] = lambda: False
    ) -> tuple[float, Any] | None:
        """The picture that is seen at `position_ms`, with its own moment; beyond the end the last one.

        None where the file holds none. When `is_over` says so it stops early with what it has got to.
        """
        # moments are stored in ticks: half a millisecond belongs to the next picture
        wanted = max(0.0, position_ms) + 0.5
        if not self._holds(wanted):
            self._move_to(wanted)
            while not self._holds(wanted) and self._next() and not is_over():
                pass
        if not self._times:
            return None
        place = max(0, bisect.bisect_right(self._times, wanted) - 1)
        return self._times[place], self._frames[place]

    def _holds(self, wanted: float) -> bool:
        if not self._times:
            return self._is_at_end
        if wanted < self._times[0]:
            return self._is_at_start
        return wanted < self._times[-1] or self._is_at_end

    def _move_to(self, wanted: float) -> None:
        """To where decoding leads to this moment."""
        if self._times and 0 <= wanted - self._times[-1] <= _FAR_MS:
            return
        if not self._times and self._is_at_start and wanted <= _FAR_MS:
            return
        for target in (wanted, wanted - _EARLIER_MS):
            if target <= 0:
                break
            self._jump(target)
            if self._next() and self._times[0] <= wanted:
                return
        self._jump(0.0)

    def _jump(self, target_ms: float) -> None:
        self._times, self._frames = [], []
        self._is_at_start, self._is_at_end = target_ms <= 0, False
        at_s = self._start_s + target_ms / 1000
        self._container.seek(round(at_s / self._stream.time_base), stream=self._stream)
        self._decoded = self._container.decode(self._stream)

    def _next(self) -> bool:
        """Decode one more; False at the end."""
        import av

        try:
            frame = next(self._decoded, None)
        except av.error.FFmpegError:
            # a cut file: what came before is its end
            if not self._times:
                raise
            frame = None
        if frame is None:
            self._is_at_end = True
            return False
        last = self._times[-1] + self.frame_ms if self._times else 0.0
        at_ms = last if frame.time is None else (frame.time - self._start_s) * 1000
        if self._times and at_ms <= self._times[-1]:
            return True  # not in order: damaged
        self._times.append(at_ms)
        self._frames.append(frame)
        if len(self._times) > self._most:
            self._is_at_start = False
            del self._times[0], self._frames[0]
        return True


def image_of(frame: Any, box: QSize | None = None) -> QImage:
    """A decoded frame as a picture, made smaller where it would not fit into `box` (pixels)."""
    turned = frame.rotation % 180 != 0
    size = QSize(frame.width, frame.height)
    if box is not None:
        room = box.transposed() if turned else box
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    # an even width keeps its lines together
    width, height = max(2, size.width() & ~1), max(2, size.height() & ~1)
    made = frame.reformat(width=width, height=height, format="bgra", **color_arguments(frame))
    plane = made.planes[0]
    image = QImage(width, height, QImage.Format.Format_RGB32)
    bits = image.bits()
    assert bits is not None
    bits.setsize(image.sizeInBytes())
    target, line = memoryview(cast(Any, bits)), image.bytesPerLine()
    if plane.line_size == line:
        target[:] = memoryview(plane)[: line * height]
    else:
        source = memoryview(plane)
        for row in range(height):
            start = row * plane.line_size
            target[row * line : (row + 1) * line] = source[start : start + line]
    if frame.rotation % 360:
        image = image.transformed(QTransform().rotate(-frame.rotation))
    return image
