"""What `PlayerTransport` commands: one clip, or several that run together."""

from __future__ import annotations

from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal


class Seekable(Protocol):
    """What can be commanded while something is shown."""

    @property
    def duration_ms(self) -> int: ...
    @property
    def frame_ms(self) -> float: ...
    def seek(self, position_ms: int) -> None: ...


class TransportSources(QObject):
    """Keeps speed, loop and sound for what comes.

    Signals:
        position_changed(int), duration_changed(int): in ms.
        playing_changed(bool): it plays, or no longer.
    """

    position_changed = pyqtSignal(int)
    duration_changed = pyqtSignal(int)
    playing_changed = pyqtSignal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.volume = 0.8
        self.is_muted = False
        self.is_looping = False
        self.in_ms: int | None = None
        self.out_ms: int | None = None
        self.rate = 1.0

    @property
    def is_playing(self) -> bool:
        raise NotImplementedError

    @property
    def position_ms(self) -> int:
        raise NotImplementedError

    @property
    def duration_ms(self) -> int:
        raise NotImplementedError

    @property
    def frame_ms(self) -> float:
        raise NotImplementedError

    def play(self) -> None:
        raise NotImplementedError

    def pause(self) -> None:
        raise NotImplementedError

    def set_rate(self, rate: float) -> None:
        """Negative ones run backwards, without sound."""
        raise NotImplementedError

    def set_volume(self, volume: float) -> None:
        """0.0-1.0 as the ear hears it."""
        raise NotImplementedError

    def set_muted(self, is_muted: bool) -> None:
        """Silence without touching the volume."""
        raise NotImplementedError

    def set_loop(self, is_looping: bool, in_ms: int | None, out_ms: int | None) -> None:
        """Of the whole clip, or between these; None: its start, its end."""
        raise NotImplementedError
