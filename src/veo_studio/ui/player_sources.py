"""What the player shows from: a playback of clips and one of pictures, made when they are needed.

Where Qt's player cannot do something, the program's own decoder stands in: backwards, and for what is
packed in a way that Qt does not know.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QImage

from veo_studio.core.picture_file import is_picture_name
from veo_studio.ui.frame_playback import FramePlayback
from veo_studio.ui.playback import Playback, is_multimedia_loaded, load_multimedia
from veo_studio.ui.still import StillPlayback
from veo_studio.ui.text import tr
from veo_studio.ui.transport_sources import TransportSources

_log = logging.getLogger(__name__)


class PlayerSources(TransportSources):
    """One file at a time; keeps speed, loop and sound for the clips that come.

    Signals: those of `Playback`, of what is open, and
        silenced(str): why there is no sound, as a sentence; "" where there is.
    """

    picture_changed = pyqtSignal()
    failed = pyqtSignal(str)
    silenced = pyqtSignal(str)

    def __init__(self, playback_of: Callable[[], Playback], parent: QObject) -> None:
        super().__init__(parent)
        self._playback_of = playback_of
        self._clips: Playback | None = None
        # made for what `_clips` cannot do
        self._frames: FramePlayback | None = None
        self._stills: Playback | None = None
        self._open: Playback | None = None
        self._path: Path | None = None
        # the file that is open cannot be played by Qt at all
        self.is_stood_in_for = False
        self._is_wanted = False
        # shown until the other playback has its first picture
        self._held: QImage | None = None
        self._preparing = QTimer(self)
        self._preparing.setSingleShot(True)
        self._preparing.timeout.connect(self._prepare_more)

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

    @property
    def frame_ms(self) -> float:
        return self._open.frame_ms if self._open is not None else 1000 / 24

    @property
    def picture_ms(self) -> float:
        """When the picture of now begins in the clip."""
        return self._open.picture_ms if self._open is not None else 0.0

    def picture(self) -> QImage | None:
        if self._held is not None:
            return self._held
        return self._open.picture() if self._open is not None else None

    def prepare(self) -> None:
        """Get ready for a clip that is on its way: 15 and then 20 ms, that its coming does not take."""
        if self._clips is None:
            self._preparing.start(0)

    def _prepare_more(self) -> None:
        """A part in each turn of the loop."""
        if not is_multimedia_loaded():
            with contextlib.suppress(ImportError):
                load_multimedia()
                self._preparing.start(0)
        elif self._clips is None:
            self._ready_clips()

    def open(self, path: Path) -> None:
        """Show the first picture of `path`. ImportError where this machine plays no clips."""
        self._held = None
        self._path = path
        self._is_wanted = False
        self.is_stood_in_for = False
        self.rate = abs(self.rate)
        wanted = self._ready_stills() if is_picture_name(path) else self._ready_clips()
        if self._open is not wanted:
            self.close()
        self._path = path
        self._open = wanted
        if wanted is self._clips:
            self.silenced.emit(_no_sound_at_all() if wanted.silence else "")
        wanted.open(path)

    def close(self) -> None:
        self._held = None
        self._path = None
        if self._open is self._frames and self._clips is not None:
            self._clips.close()  # it waits for the end of going backwards
        if self._open is not None:
            self._open.close()

    def play(self) -> None:
        self._is_wanted = True
        if self._open is not None:
            self._open.play()

    def pause(self) -> None:
        self._is_wanted = False
        if self._open is not None:
            self._open.pause()

    def set_rate(self, rate: float) -> None:
        self.rate = rate
        if self._clips is None:
            return
        if rate > 0:
            self._clips.set_rate(rate)
        is_clip = self._open is self._clips and self._path is not None
        if rate < 0 and is_clip and not self._clips.plays_backwards:
            self._turn_to_frames()
        elif rate > 0 and self._open is self._frames and not self.is_stood_in_for:
            self._turn_to_clips()
        elif self._open is not None:
            self._open.set_rate(rate)

    def set_volume(self, volume: float) -> None:
        self.volume = volume
        if self._clips is not None:
            self._clips.set_volume(volume)

    def set_muted(self, is_muted: bool) -> None:
        self.is_muted = is_muted
        if self._clips is not None:
            self._clips.set_muted(is_muted)

    def set_loop(self, is_looping: bool, in_ms: int | None, out_ms: int | None) -> None:
        self.is_looping, self.in_ms, self.out_ms = is_looping, in_ms, out_ms
        for playback in (self._clips, self._frames):
            if playback is not None:
                playback.set_loop(is_looping, in_ms, out_ms)

    # what stands in for what

    def _turn_to_frames(self) -> None:
        """Backwards: the sound pauses, the program's own decoder goes on from here."""
        assert self._clips is not None
        assert self._path is not None
        at_ms, is_playing = self._clips.position_ms, self._clips.is_playing
        self._clips.pause()
        self._hold(self._clips)
        self._open = frames = self._ready_frames()
        frames.open_at(self._path, at_ms)
        frames.set_rate(self.rate)
        if is_playing:
            frames.play()

    def _turn_to_clips(self) -> None:
        """Forwards again, with sound."""
        assert self._clips is not None
        assert self._frames is not None
        at_ms, is_playing = self._frames.position_ms, self._frames.is_playing
        self._hold(self._frames)
        self._open = self._clips
        self._frames.close()
        self._clips.seek(at_ms)
        if is_playing:
            self._clips.play()
        else:
            self.playing_changed.emit(False)

    def _hold(self, shown: Playback) -> None:
        self._held = shown.picture()

    def _on_failed(self, made: Playback, reason: str) -> None:
        if self._open is not made or self._path is None:
            return
        if made is self._clips and self.is_stood_in_for:
            return  # said twice
        if made is self._frames and not self.is_stood_in_for:
            _log.info("%s cannot be played backwards: %s", self._path.name, reason)
            self.set_rate(abs(self.rate))
            return
        if made is not self._clips or isinstance(made, FramePlayback):
            self.failed.emit(reason)
            return
        _log.info("%s: decoded by ourselves, because Qt says: %s", self._path.name, reason)
        self.is_stood_in_for = True
        # Qt crashes where its file is closed within its own signal about it
        QTimer.singleShot(0, self._stand_in)

    def _stand_in(self) -> None:
        """The program's own decoder takes the place of Qt's player for this file."""
        made, path = self._clips, self._path
        if made is None or path is None or self._open is not made or not self.is_stood_in_for:
            return  # closed meanwhile, or another file
        at_ms = made.position_ms if made.picture() is not None else 0
        self._open = frames = self._ready_frames()
        made.close()
        frames.open_at(path, at_ms)
        frames.set_rate(self.rate)
        if self._is_wanted:
            frames.play()

    def _on_facts(self, made: Playback) -> None:
        if made is self._open and made is self._frames and self.is_stood_in_for:
            codec = self._frames.codec.upper()
            self.silenced.emit(
                tr("No sound: the system\u2019s player cannot play {codec}.", codec=codec)
            )

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
            self._clips = made
        self._clips.set_rate(abs(self.rate))
        return self._clips

    def _ready_frames(self) -> FramePlayback:
        if self._frames is None:
            self._frames = FramePlayback(self)
            self._listened_to(self._frames)
            self._frames.set_loop(self.is_looping, self.in_ms, self.out_ms)
        return self._frames

    def _listened_to(self, made: Playback) -> Playback:
        """Passed on while it is open: what was closed may have news under way."""

        def while_open(signal: Callable[..., None]) -> Callable[..., None]:
            return lambda *values: signal(*values) if self._open is made else None

        made.picture_changed.connect(lambda: self._on_picture(made))
        made.position_changed.connect(while_open(self.position_changed.emit))
        made.duration_changed.connect(lambda _ms: self._on_facts(made))
        made.duration_changed.connect(while_open(self.duration_changed.emit))
        made.playing_changed.connect(while_open(self.playing_changed.emit))
        made.failed.connect(lambda reason: self._on_failed(made, reason))
        return made

    def _on_picture(self, made: Playback) -> None:
        if self._open is not made:
            return
        if self._held is not None and made.picture() is not None:
            self._held = None
        self.picture_changed.emit()


def _no_sound_at_all() -> str:
    return tr("No sound: a system library that QtMultimedia needs is missing.")
