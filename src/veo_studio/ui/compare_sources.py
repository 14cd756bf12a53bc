"""Several clips that run together: one clock, a thread for the pictures of each, the sound of one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget

from veo_studio.core.picture_file import is_picture_name
from veo_studio.ui.compare_sound import CompareSound
from veo_studio.ui.frame_clock import FrameClock
from veo_studio.ui.frame_thread import FrameThread
from veo_studio.ui.still import StillPlayback
from veo_studio.ui.transport_sources import TransportSources

_TICK_MS = 33
# for each of four: some two seconds of 720p, which is what is stepped back through at once
_KEPT_BYTES = 64 * 1024 * 1024
_LONGEST_FRAME_MS = 1000 / 24


class CompareSource(QObject):
    """One of them: a clip, or a picture that does not move.

    Signals:
        picture_changed(): `picture` is another one.
        opened(): its length is known.
        failed(str): it cannot be shown; plain text for the log.
    """

    picture_changed = pyqtSignal()
    opened = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, path: Path, clock: FrameClock, parent: QObject) -> None:
        super().__init__(parent)
        self.path = path
        self.has_failed = False
        self._still: StillPlayback | None = None
        self._frames: FrameThread | None = None
        if is_picture_name(path):
            self._still = StillPlayback(self)
            self._still.picture_changed.connect(self.picture_changed)
            self._still.failed.connect(self._on_failed)
        else:
            self._frames = FrameThread(clock, self, kept_bytes=_KEPT_BYTES)
            self._frames.picture_changed.connect(self.picture_changed)
            self._frames.opened.connect(self._on_opened)
            self._frames.failed.connect(self._on_failed)

    @property
    def is_still(self) -> bool:
        return self._still is not None

    @property
    def length_ms(self) -> float:
        return self._frames.length_ms if self._frames is not None else 0.0

    @property
    def frame_ms(self) -> float:
        return self._frames.frame_ms if self._frames is not None else _LONGEST_FRAME_MS

    @property
    def picture_ms(self) -> float:
        """When the picture that is shown begins."""
        return self._frames.picture_ms if self._frames is not None else 0.0

    def picture(self) -> QImage | None:
        return self._frames.picture if self._frames is not None else self._still_picture()

    def _still_picture(self) -> QImage | None:
        return self._still.picture() if self._still is not None else None

    def open(self) -> None:
        playing = self._frames or self._still
        assert playing is not None
        playing.open(self.path)

    def set_box(self, box: QSize | None) -> None:
        """No picture of a clip has to be larger than this; None: every pixel."""
        if self._frames is not None:
            self._frames.set_box(box)

    def close(self) -> None:
        """Let go of the file."""
        playing = self._frames or self._still
        assert playing is not None
        playing.close()

    @property
    def is_ready(self) -> bool:
        """Nothing about it is still being found out."""
        return self.is_still or self.has_failed or self.length_ms > 0

    def _on_opened(self, _length_ms: float, _frame_ms: float) -> None:
        self.opened.emit()

    def _on_failed(self, reason: str) -> None:
        self.has_failed = True
        self.failed.emit(reason)


class CompareSources(TransportSources):
    """What is compared; a shorter clip holds its last picture until all of them begin again."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.clock = FrameClock()
        self.sound = CompareSound(self.clock, parent)
        self.items: list[CompareSource] = []
        self._audible: CompareSource | None = None
        self._was_playing = self._is_wanted = False
        self._tick = QTimer(self)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)

    def open(self, paths: Sequence[Path]) -> None:
        """Show the first pictures of all of them."""
        self.close()
        self.clock.start_over()
        for path in paths:
            item = CompareSource(path, self.clock, self)
            item.opened.connect(self._on_opened)
            item.failed.connect(self._on_opened)
            self.items.append(item)
            item.open()
        self.hear(0)

    def close(self) -> None:
        """Let go of every file; they can be moved or deleted when this returns."""
        self.pause()
        self.sound.close()
        items, self.items = self.items, []
        self._audible = None
        for item in items:
            item.close()
            item.deleteLater()

    def remove(self, place: int) -> None:
        """Let go of this one; the others go on."""
        item = self.items.pop(place)
        if item is self._audible:
            self.sound.close()
            self._audible = None
        item.close()
        item.deleteLater()
        self._on_opened()

    def hear(self, place: int) -> None:
        """Exactly this one is heard."""
        self._audible = self.items[place] if 0 <= place < len(self.items) else None
        is_clip = self._audible is not None and not self._audible.is_still
        self.sound.open(self._audible.path if self._audible is not None and is_clip else None)

    @property
    def heard(self) -> int | None:
        """Which one is heard while it plays."""
        return self.items.index(self._audible) if self._audible in self.items else None

    # what a transport asks

    @property
    def is_playing(self) -> bool:
        return self.clock.is_running

    @property
    def position_ms(self) -> int:
        return round(self.clock.position_ms())

    @property
    def duration_ms(self) -> int:
        return round(self.clock.length_ms)

    @property
    def frame_ms(self) -> float:
        """Of the one with the most pictures a second."""
        return min(
            (item.frame_ms for item in self.items if not item.is_still), default=_LONGEST_FRAME_MS
        )

    def seek(self, position_ms: int) -> None:
        self.clock.seek(position_ms)
        self.sound.follow(is_moved=True)
        self.position_changed.emit(self.position_ms)

    def play(self) -> None:
        """As soon as all of them are open."""
        self._is_wanted = not all(item.is_ready for item in self.items)
        if self._is_wanted or self.clock.is_running or not self.clock.length_ms:
            return
        length, at_ms = self.clock.length_ms, self.clock.position_ms()
        if self.clock.rate > 0 and at_ms >= length - self.frame_ms:
            self.clock.seek(0)
        elif self.clock.rate < 0 and at_ms < self.frame_ms:
            self.clock.seek(length)
        self.clock.play()
        self._was_playing = True
        self._tick.start()
        self.sound.follow(is_moved=True)
        self.playing_changed.emit(True)

    def pause(self) -> None:
        self._is_wanted = False
        if not self._was_playing:
            return
        self.clock.pause()
        self._was_playing = False
        self._tick.stop()
        self.sound.follow()
        self.position_changed.emit(self.position_ms)
        self.playing_changed.emit(False)

    def set_rate(self, rate: float) -> None:
        self.rate = rate
        self.clock.set_rate(rate)
        self.sound.follow(is_moved=True)

    def set_volume(self, volume: float) -> None:
        self.volume = volume
        self.sound.set_volume(volume)

    def set_muted(self, is_muted: bool) -> None:
        self.is_muted = is_muted
        self.sound.set_muted(is_muted)

    def set_loop(self, is_looping: bool, in_ms: int | None, out_ms: int | None) -> None:
        self.is_looping, self.in_ms, self.out_ms = is_looping, in_ms, out_ms
        self.clock.set_loop(is_looping, in_ms, out_ms)

    def _on_opened(self, *_reason: str) -> None:
        """The longest of them says how long it all is."""
        longest = max((item.length_ms for item in self.items), default=0.0)
        self.clock.set_length(longest)
        self.duration_changed.emit(self.duration_ms)
        if self._is_wanted:
            self.play()

    def _on_tick(self) -> None:
        if self.clock.has_ended():
            self.pause()
            return
        self.sound.follow()
        self.position_changed.emit(self.position_ms)
