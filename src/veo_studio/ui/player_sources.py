"""What the player shows from: a playback of clips and one of pictures, made when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from veo_studio.core.picture_file import is_picture_name
from veo_studio.ui.playback import Playback
from veo_studio.ui.still import StillPlayback


class PlayerSources(QObject):
    """One file at a time; keeps speed, loop and sound for the clips that come.

    Signals: those of `Playback`, of what is open; `silenced`: clips have no sound here.
    """

    picture_changed = pyqtSignal()
    position_changed = pyqtSignal(int)
    duration_changed = pyqtSignal(int)
    playing_changed = pyqtSignal(bool)
    failed = pyqtSignal(str)
    silenced = pyqtSignal()

    def __init__(self, playback_of: Callable[[], Playback], parent: QObject) -> None:
        super().__init__(parent)
        self._playback_of = playback_of
        self._clips: Playback | None = None
        self._stills: Playback | None = None
        self._open: Playback | None = None
        self.volume = 0.8
        self.is_muted = False
        self.is_looping = False
        self.in_ms: int | None = None
        self.out_ms: int | None = None
        self.rate = 1.0

    @property
    def current(self) -> Playback | None:
        """What showed the last file, open or not."""
        return self._open

    @property
    def is_playing(self) -> bool:
        return self._open is not None and self._open.is_playing

    @property
    def position_ms(self) -> int:
        return self._open.position_ms if self._open is not None else 0

    @property
    def duration_ms(self) -> int:
        return self._open.duration_ms if self._open is not None else 0

    def picture(self) -> QImage | None:
        return self._open.picture() if self._open is not None else None

    def open(self, path: Path) -> None:
        """Show the first picture of `path`. ImportError where this machine plays no clips."""
        wanted = self._ready_stills() if is_picture_name(path) else self._ready_clips()
        if self._open is not wanted:
            self.close()
        self._open = wanted
        wanted.open(path)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()

    def set_rate(self, rate: float) -> None:
        self.rate = rate
        if self._clips is not None:
            self._clips.set_rate(rate)

    def set_volume(self, volume: float) -> None:
        self.volume = volume
        if self._clips is not None:
            self._clips.set_volume(volume)

    def set_muted(self, is_muted: bool) -> None:
        self.is_muted = is_muted
        if self._clips is not None:
            self._clips.set_muted(is_muted)

    def set_looping(self, is_looping: bool) -> None:
        self.is_looping = is_looping
        if self._clips is not None:
            self._clips.set_loop(is_looping, self.in_ms, self.out_ms)

    def _ready_stills(self) -> Playback:
        if self._stills is None:
            self._stills = self._listened_to(StillPlayback(self))
        return self._stills

    def _ready_clips(self) -> Playback:
        if self._clips is None:
            made = self._listened_to(self._playback_of())
            made.set_volume(self.volume)
            made.set_muted(self.is_muted)
            made.set_loop(self.is_looping, self.in_ms, self.out_ms)
            made.set_rate(self.rate)
            if made.silence:
                self.silenced.emit()
            self._clips = made
        return self._clips

    def _listened_to(self, made: Playback) -> Playback:
        """Passed on while it is open: what was closed may have news under way."""

        def while_open(signal: Callable[..., None]) -> Callable[..., None]:
            return lambda *values: signal(*values) if self._open is made else None

        made.picture_changed.connect(while_open(self.picture_changed.emit))
        made.position_changed.connect(while_open(self.position_changed.emit))
        made.duration_changed.connect(while_open(self.duration_changed.emit))
        made.playing_changed.connect(while_open(self.playing_changed.emit))
        made.failed.connect(while_open(self.failed.emit))
        return made
