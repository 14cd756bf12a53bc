"""The sound of the one clip that is heard while several are compared; the clock of the pictures leads."""

from __future__ import annotations

import logging
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from veo_studio.ui.frame_clock import FrameClock
from veo_studio.ui.playback import QtPlayback
from veo_studio.ui.steady_playback import steady_sound

_log = logging.getLogger(__name__)

# ears notice less than this late or early; setting it right would be heard itself
_DRIFT_MS = 120


class CompareSound:
    """Follows `clock`; silent where this machine has no QtMultimedia, backwards, and beyond its end."""

    def __init__(self, clock: FrameClock, owner: QWidget) -> None:
        self._clock = clock
        self._owner = owner
        self._player: QtPlayback | None = None
        self._is_missing = False
        self._volume, self._is_muted = 0.8, False
        # what is heard while it plays; None: nothing
        self.path: Path | None = None
        # not before it is needed: who looks at single frames hears nothing
        self._is_open = False

    def open(self, path: Path | None) -> None:
        """Hear this one from now on; None: none of them."""
        if path == self.path:
            return
        self.close()
        self.path = path
        self.follow(is_moved=True)

    def close(self) -> None:
        """Let go of the file."""
        self.path = None
        if self._is_open and self._player is not None:
            self._player.close()
        self._is_open = False

    def set_volume(self, volume: float) -> None:
        self._volume = volume
        if self._player is not None:
            self._player.set_volume(volume)

    def set_muted(self, is_muted: bool) -> None:
        self._is_muted = is_muted
        if self._player is not None:
            self._player.set_muted(is_muted)

    def follow(self, *, is_moved: bool = False) -> None:
        """Be where the clock is; `is_moved`: it was commanded, or another clip is heard."""
        at_ms, rate = self._clock.position_ms(), self._clock.rate
        is_wanted = self._clock.is_running and rate > 0 and self.path is not None
        player = self._ready() if is_wanted else self._player
        if player is None or self.path is None:
            return
        if is_wanted and not self._is_open:
            if not self.path.is_file():
                self.path = None
                return
            self._is_open = is_moved = True
            player.open(self.path)
        is_beyond = player.duration_ms > 0 and at_ms >= player.duration_ms
        if not is_wanted or is_beyond:
            if player.is_playing:
                player.pause()
            return
        if is_moved:
            player.set_rate(rate)
        if is_moved or (player.can_be_heard and abs(player.position_ms - at_ms) > _DRIFT_MS):
            player.seek(round(at_ms))
        if not player.is_playing and (is_moved or player.can_be_heard):
            player.play()

    def _ready(self) -> QtPlayback | None:
        if self._player is None and not self._is_missing:
            try:
                self._player = steady_sound(self._owner)
            except ImportError as error:
                _log.warning("clips are compared without sound: %s", error)
                self._is_missing = True
                return None
            self._player.set_volume(self._volume)
            self._player.set_muted(self._is_muted)
        return self._player
