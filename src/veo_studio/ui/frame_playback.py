"""Playing one clip without QtMultimedia: the picture is worth more than the sound."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from veo_studio.ui.playback import DEFAULT_FRAME_MS, Playback


class FramePlayback(Playback):
    """Pictures without sound, decoded by PyAV in a thread of its own."""

    silence = "QtMultimedia"

    # Sent by the thread, taken on the window's thread: (open number, what).
    _arrived = pyqtSignal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        import av  # told here, not in the thread, when it is missing

        self._av = av
        self._picture: QImage | None = None
        self._position_ms = 0
        self._duration_ms = 0
        self._frame_ms = DEFAULT_FRAME_MS
        self._number = 0
        self._thread: threading.Thread | None = None
        self._wake = threading.Condition()
        self._is_playing = False
        self._is_looping = False
        self._rate = 1.0
        self._seek_ms: int | None = None
        # The last picture was shown: known here before the window's thread hears of it.
        self._is_at_end = False
        self._is_closing = False
        self._arrived.connect(self._on_arrived)

    @property
    def is_playing(self) -> bool:
        return self._is_playing

    @property
    def position_ms(self) -> int:
        return self._position_ms

    @property
    def duration_ms(self) -> int:
        return self._duration_ms

    @property
    def frame_ms(self) -> float:
        return self._frame_ms

    def picture(self) -> QImage | None:
        return self._picture

    def open(self, path: Path) -> None:
        self.close()
        self._number += 1
        self._is_closing = False
        self._is_playing = self._is_at_end = False
        self._seek_ms = 0
        self._thread = threading.Thread(
            target=self._run, args=(self._number, path), name="clip", daemon=True
        )
        self._thread.start()

    def play(self) -> None:
        if self._thread is None or self._is_playing:
            return
        with self._wake:
            is_last = self._position_ms >= self._duration_ms - self._frame_ms
            if self._is_at_end or (self._duration_ms and is_last):
                self._seek_ms = 0
                self._is_at_end = False
            self._is_playing = True
            self._wake.notify_all()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        if not self._is_playing:
            return
        with self._wake:
            self._is_playing = False
            self._wake.notify_all()
        self.playing_changed.emit(False)

    def seek(self, position_ms: int) -> None:
        with self._wake:
            self._seek_ms = max(0, min(position_ms, self._duration_ms or position_ms))
            self._is_at_end = False
            self._wake.notify_all()
        self._position_ms = self._seek_ms or 0
        self.position_changed.emit(self._position_ms)

    def set_rate(self, rate: float) -> None:
        with self._wake:
            self._rate = rate
            self._wake.notify_all()

    def set_looping(self, is_looping: bool) -> None:
        self._is_looping = is_looping

    def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            with self._wake:
                self._is_closing = True
                self._wake.notify_all()
            thread.join(timeout=5)
        self._number += 1
        self._picture = None
        self._position_ms = self._duration_ms = 0
        if self._is_playing:
            self._is_playing = False
            self.playing_changed.emit(False)
        self.picture_changed.emit()

    # On the window's thread

    def _on_arrived(self, number: int, what: str, value: object) -> None:
        if number != self._number:
            return  # of a file that is closed by now
        if what == "picture":
            assert isinstance(value, tuple)
            self._picture, self._position_ms = value
            self.picture_changed.emit()
            self.position_changed.emit(self._position_ms)
        elif what == "facts":
            assert isinstance(value, tuple)
            self._duration_ms, self._frame_ms = value
            self.duration_changed.emit(self._duration_ms)
        elif what == "end":
            if self._is_playing:
                return  # played again before this arrived
            self._position_ms = self._duration_ms
            self.position_changed.emit(self._position_ms)
            self.playing_changed.emit(False)
            self.ended.emit()
        else:
            self.failed.emit(str(value))

    # On the clip's thread

    def _run(self, number: int, path: Path) -> None:
        try:
            with self._av.open(str(path)) as container:
                self._play_container(number, container)
        except Exception as error:
            # A decoder's errors are many classes; each means that this file does not play.
            self._tell(number, "failed", f"{type(error).__name__}: {error}")

    def _tell(self, number: int, what: str, value: object) -> None:
        try:
            self._arrived.emit(number, what, value)
        except RuntimeError:  # the window was deleted meanwhile: nobody listens
            self._is_closing = True

    def _play_container(self, number: int, container: Any) -> None:
        if not container.streams.video:
            raise ValueError("there is no picture in this file")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        rate = float(stream.average_rate or 24)
        duration_ms = round(container.duration / 1000) if container.duration else 0
        self._tell(number, "facts", (duration_ms, 1000 / rate))
        frames = container.decode(stream)
        shown_at, shown_ms = time.monotonic(), 0.0
        while True:
            with self._wake:
                while not (self._is_playing or self._seek_ms is not None or self._is_closing):
                    self._wake.wait()
                    shown_at = time.monotonic()
                if self._is_closing:
                    return
                target_ms, self._seek_ms = self._seek_ms, None
            if target_ms is not None:
                container.seek(max(0, target_ms * 1000 - 1000), backward=True)
                frames = container.decode(stream)
            frame = next(frames, None)
            while target_ms is not None and frame is not None:
                if frame.time is None or frame.time * 1000 + 500 / rate >= target_ms:
                    break
                following = next(frames, None)
                if following is None:
                    break
                frame = following
            if frame is None:
                with self._wake:
                    if self._is_looping:
                        self._seek_ms = 0
                    else:
                        self._is_playing = False
                        self._is_at_end = True
                if not self._is_looping:
                    self._tell(number, "end", None)
                continue
            now_ms = (frame.time or 0.0) * 1000
            if target_ms is None:
                with self._wake:
                    due = shown_at + (now_ms - shown_ms) / 1000 / self._rate
                    wait_s = due - time.monotonic()
                    if wait_s > 0:
                        self._wake.wait_for(
                            lambda: self._is_closing or self._seek_ms is not None, timeout=wait_s
                        )
                    if self._is_closing:
                        return
                    if self._seek_ms is not None:
                        continue
                shown_at = max(due, time.monotonic() - 0.25)
            else:
                shown_at = time.monotonic()
            shown_ms = now_ms
            self._tell(number, "picture", (_image_of(frame), round(now_ms)))


def _image_of(frame: Any) -> QImage:
    """A decoded frame as a picture, no larger than a screen needs."""
    width, height = frame.width, frame.height
    if width * height > 1920 * 1200:
        scale = (1920 * 1080 / (width * height)) ** 0.5
        width, height = max(2, int(width * scale)) & ~1, max(2, int(height * scale)) & ~1
    array = frame.to_ndarray(format="bgra", width=width, height=height)
    data = array.tobytes()
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
