"""What a film is played with: its shots, its soundtrack, and the players that are loaded with them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from veo_studio.ui.playback import Playback

# a picture so far from where a player was sent is an older one; after so many ticks it counts
_ARRIVED_MS = 400
PATIENCE_TICKS = 50
# the soundtrack is brought back when it is further away than this
_DRIFT_MS = 250


@dataclass(frozen=True)
class Shot:
    """A clip of the film: moments of its file, and where it begins in the film. All milliseconds."""

    path: Path
    in_ms: int
    out_ms: int
    start_ms: int
    # how long it lies over the end of the one before
    fade_ms: int = 0

    @property
    def end_ms(self) -> int:
        """Of the film."""
        return self.start_ms + self.out_ms - self.in_ms


@dataclass(frozen=True)
class Track:
    """The sound under all of it; `volume` and `clip_volume` are 0.0-1.0."""

    path: Path
    volume: float
    fade_in_ms: int
    fade_out_ms: int
    clip_volume: float = 1.0

    def volume_at(self, at_ms: float, length_ms: float) -> float:
        """With its fades."""
        share = 1.0
        if self.fade_in_ms:
            share = min(share, at_ms / self.fade_in_ms)
        if self.fade_out_ms:
            share = min(share, (length_ms - at_ms) / self.fade_out_ms)
        return self.volume * max(0.0, min(1.0, share))


class Deck:
    """One of the two players: which shot is in it, and where it is to go once it is open."""

    def __init__(self, playback: Playback) -> None:
        self.playback = playback
        self.place = -1
        self.path: Path | None = None
        self.is_open = False
        self.wanted_ms: int | None = None
        # where it was sent; pictures from before that are still on their way
        self.sought_ms: float | None = None
        self.sought_ticks = 0

    def let_go(self) -> None:
        self.playback.close()
        self.place, self.path, self.is_open = -1, None, False
        self.wanted_ms = self.sought_ms = None

    def is_there(self, at_ms: float) -> bool:
        """Whether a picture of this moment is one of where it was sent."""
        if self.sought_ms is None:
            return True
        if abs(at_ms - self.sought_ms) <= max(_ARRIVED_MS, 2 * self.playback.frame_ms):
            self.sought_ms = None
            return True
        return False

    def seek(self, *, is_playing: bool) -> None:
        """To where it is wanted, now that it is open."""
        if self.wanted_ms is not None:
            wanted, self.wanted_ms = self.wanted_ms, None
            if not is_playing:
                self.playback.pause()
            self.sought_ms, self.sought_ticks = float(wanted), PATIENCE_TICKS
            self.playback.seek(wanted)

    def tick(self) -> None:
        """Time passes: what does not come is not waited for."""
        self.sought_ticks -= 1
        if self.sought_ticks <= 0:
            self.sought_ms = None


class SoundDeck(QObject):
    """Plays the soundtrack beside the pictures; silent where the machine cannot."""

    def __init__(self, owner: QWidget, make: Callable[[QWidget], Playback]) -> None:
        super().__init__(owner)
        self._owner, self._make = owner, make
        self._playback: Playback | None = None
        self._path: Path | None = None
        self._is_possible = True
        # where it is to play; None while it is not to
        self._at_ms: float | None = None

    @property
    def is_playing(self) -> bool:
        return self._playback is not None and self._playback.is_playing

    def play(self, path: Path, at_ms: float) -> None:
        """From this moment on, as soon as it is open."""
        if not self._is_possible:
            return
        if self._playback is None:
            try:
                self._playback = self._make(self._owner)
            except ImportError:
                # a machine without Qt's multimedia plays pictures only
                self._is_possible = False
                return
            self._playback.duration_changed.connect(self._on_open)
        self._at_ms = at_ms
        if self._path != path:
            self._path = path
            self._playback.open(path)
        else:
            self._on_open(self._playback.duration_ms)

    def pause(self) -> None:
        self._at_ms = None
        if self._playback is not None and self._playback.is_playing:
            self._playback.pause()

    def set_volume(self, gain: float, *, is_muted: bool) -> None:
        """`gain` is of the amplitude; the player takes what the ear hears."""
        if self._playback is not None:
            self._playback.set_volume(math.sqrt(gain))
            self._playback.set_muted(is_muted)

    def close(self) -> None:
        self._at_ms = None
        if self._playback is not None and self._path is not None:
            self._path = None
            self._playback.close()

    def _on_open(self, duration_ms: int) -> None:
        playback, at_ms = self._playback, self._at_ms
        if playback is None or at_ms is None or duration_ms <= at_ms:
            return
        if abs(playback.position_ms - at_ms) > _DRIFT_MS:
            playback.seek(round(at_ms))
        playback.play()
