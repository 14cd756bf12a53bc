"""Playing one clip without QtMultimedia: the picture is worth more than the sound.

Also what plays backwards, which QtMultimedia cannot.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QImage

from veo_studio.ui.frame_clock import FrameClock
from veo_studio.ui.frame_thread import FrameThread
from veo_studio.ui.playback import Playback


class FramePlayback(Playback):
    """Pictures without sound, decoded by PyAV in a thread of its own."""

    silence = "QtMultimedia"
    plays_backwards = True

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        import av  # noqa: F401  (told here, not in the thread, when it is missing)

        self._clock = FrameClock()
        self._frames = FrameThread(self._clock, self, ends_clock=True)
        self._position_ms = 0
        self._duration_ms = 0
        # what was told last
        self._was_playing = False
        # a picture that was under way when somebody sought elsewhere says nothing about the position
        self._frames.opened.connect(self._on_opened)
        self._frames.picture_changed.connect(self._on_picture)
        self._frames.ended.connect(self._on_ended)
        self._frames.failed.connect(self.failed)

    @property
    def is_playing(self) -> bool:
        return self._clock.is_running

    @property
    def position_ms(self) -> int:
        return self._position_ms

    @property
    def duration_ms(self) -> int:
        return self._duration_ms

    @property
    def frame_ms(self) -> float:
        return self._frames.frame_ms

    @property
    def picture_ms(self) -> float:
        return self._frames.picture_ms

    def picture(self) -> QImage | None:
        return self._frames.picture

    @property
    def codec(self) -> str:
        """What the picture is packed with; "" before the file is open."""
        return self._frames.codec

    def open(self, path: Path) -> None:
        self.open_at(path, 0)

    def open_at(self, path: Path, position_ms: int) -> None:
        """Open `path` and show the picture at this moment first."""
        self.close()
        self._clock.seek(position_ms)
        self._position_ms = position_ms
        self._frames.open(path)

    def play(self) -> None:
        if not self._frames.is_open or self._clock.is_running:
            return
        with self._clock.changed:
            self._begin_anew()
            self._clock.play()
        self._was_playing = True
        self.playing_changed.emit(True)

    def _begin_anew(self) -> None:
        """Where it would end at once."""
        length, at_ms = self._clock.length_ms, self._clock.position_ms()
        if not length:
            return
        if self._clock.rate > 0 and at_ms >= length - self.frame_ms:
            self._clock.seek(0)
        elif self._clock.rate < 0 and at_ms < self.frame_ms:
            self._clock.seek(length)

    def pause(self) -> None:
        if not self._was_playing:
            return
        self._clock.pause()
        self._was_playing = False
        self.playing_changed.emit(False)

    def seek(self, position_ms: int) -> None:
        self._clock.seek(position_ms)
        self._position_ms = round(self._clock.position_ms())
        self.position_changed.emit(self._position_ms)

    def set_rate(self, rate: float) -> None:
        self._clock.set_rate(rate)

    def set_loop(self, is_looping: bool, in_ms: int | None, out_ms: int | None) -> None:
        self._clock.set_loop(is_looping, in_ms, out_ms)

    def close(self) -> None:
        self._frames.close()
        self._clock.start_over()
        self._position_ms = self._duration_ms = 0
        if self._was_playing:
            self._was_playing = False
            self.playing_changed.emit(False)
        self.picture_changed.emit()

    def _on_opened(self, length_ms: float, _frame_ms: float) -> None:
        self._duration_ms = round(length_ms)
        self.duration_changed.emit(self._duration_ms)

    def _on_picture(self) -> None:
        self._position_ms = round(self._frames.picture_ms)
        self.picture_changed.emit()
        self.position_changed.emit(self._position_ms)

    def _on_ended(self) -> None:
        if self._clock.is_running or not self._was_playing:
            return  # played again, or stopped, before this arrived
        self._was_playing = False
        self._position_ms = round(self._clock.position_ms())
        self.position_changed.emit(self._position_ms)
        self.playing_changed.emit(False)
        self.ended.emit()
