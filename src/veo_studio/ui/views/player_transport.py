"""What a player can be told: play, stop, shuttle, step, in and out. The picture is in `player.py`."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from veo_studio.ui.shuttle import SLOWEST, frame_at, next_rate, shuttled
from veo_studio.ui.transport_sources import Seekable, TransportSources
from veo_studio.ui.views.player_controls import PlayerControls

_STEP_MS = 1000
_VOLUME_STEP = 0.05


class PlayerTransport(QWidget):
    """The commands of a player over its sources; what it shows of them is in its controls.

    Signals:
        position_changed(int): where the clip is, in ms.
        range_changed(): in or out point are other ones.
    """

    position_changed = pyqtSignal(int)
    range_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.transported = self._make_sources()
        self.controls = PlayerControls(self)
        # what was chosen; J and L go their own way until K
        self._rate = 1.0
        self._shuttle = 0.0
        self._was_playing = False
        self._connect_controls()
        self._connect_sources()

    def _connect_controls(self) -> None:
        controls = self.controls
        controls.play_clicked.connect(self.toggle)
        controls.seek_requested.connect(self.seek)
        controls.drag_began.connect(self._on_drag_began)
        controls.drag_ended.connect(self._on_drag_ended)
        controls.rate_chosen.connect(self.set_rate)
        controls.looping_chosen.connect(self.set_looping)
        controls.muted_chosen.connect(self.set_muted)
        controls.volume_chosen.connect(self.set_volume)

    def _connect_sources(self) -> None:
        sources = self.transported
        sources.position_changed.connect(self._on_position)
        sources.duration_changed.connect(self._on_duration)
        sources.playing_changed.connect(self._on_playing)

    # what the view says

    def _make_sources(self) -> TransportSources:
        """What is commanded; a child of this."""
        raise NotImplementedError

    @property
    def _ready(self) -> Seekable | None:
        """What can be commanded: the file that is shown."""
        raise NotImplementedError

    @property
    def _shown_length_ms(self) -> int:
        return self.transported.duration_ms

    # state

    @property
    def is_playing(self) -> bool:
        return self.transported.is_playing

    @property
    def position_ms(self) -> int:
        return self.transported.position_ms

    @property
    def volume(self) -> float:
        """0.0-1.0, also while muted."""
        return self.transported.volume

    @property
    def is_looping(self) -> bool:
        return self.transported.is_looping

    @property
    def is_muted(self) -> bool:
        return self.transported.is_muted

    @property
    def in_ms(self) -> int | None:
        """Where the marked range begins; None: not set."""
        return self.transported.in_ms

    @property
    def out_ms(self) -> int | None:
        """Where the marked range ends, after its last frame; None: not set."""
        return self.transported.out_ms

    @property
    def rate(self) -> float:
        """How fast it plays or would; negative while it goes backwards."""
        return self._shuttle or self._rate

    # playing

    def play(self) -> None:
        if self._ready is not None:
            self.transported.play()

    def pause(self) -> None:
        self.transported.pause()

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_playing:
            self.stop()
        else:
            self.play()

    def stop(self) -> None:
        """Pause here; the next play has the speed that was chosen."""
        self.pause()
        self._set_shuttle(0.0)

    def shuttle(self, direction: int) -> None:
        """Play forwards (1) or backwards (-1); again in the same direction: twice, four times as fast."""
        if self._ready is None:
            return
        now = self._shuttle or (1.0 if self.is_playing else 0.0)
        self._set_shuttle(shuttled(now if self.is_playing else 0.0, direction))
        self.play()

    def set_rate(self, rate: float) -> None:
        """Play at this speed, 0.25-4."""
        self._rate = max(SLOWEST, rate)
        self._set_shuttle(0.0)

    def change_rate(self, direction: int) -> None:
        """The next faster (1) or slower (-1) of the speeds that are offered."""
        self.set_rate(next_rate(abs(self.rate), direction))

    def _forget_shuttle(self) -> None:
        """Another file is opened next, at the speed that was chosen."""
        self._shuttle = 0.0
        self.controls.show_rate(self._rate)
        self.transported.rate = self._rate

    def _set_shuttle(self, rate: float) -> None:
        self._shuttle = rate
        self.controls.show_rate(self.rate)
        self.transported.set_rate(self.rate)

    # moving

    def seek(self, position_ms: int) -> None:
        """Go to `position_ms`, kept within the clip."""
        if (playback := self._ready) is not None:
            target = max(0, min(position_ms, max(0, playback.duration_ms)))
            playback.seek(target)
            self._show_position(target)

    def step(self, direction: int) -> None:
        """One frame while paused, one second while playing; `direction` is -1 or 1."""
        if self.is_playing:
            self.skip(direction)
        else:
            self.step_frame(direction)

    def step_frame(self, direction: int) -> None:
        """Stop, and one frame on (1) or back (-1)."""
        if (playback := self._ready) is None:
            return
        if self.is_playing:
            self.stop()
        frame_ms = playback.frame_ms
        last = max(0, round(playback.duration_ms / frame_ms) - 1)
        frame = self._frame_number() + direction
        # To the middle of the frame: its edges belong to two.
        self.seek(round((max(0, min(frame, last)) + 0.5) * frame_ms))

    def skip(self, direction: int) -> None:
        """A second on or back."""
        self.seek(self.position_ms + direction * _STEP_MS)

    def seek_end(self) -> None:
        """Go to the last picture."""
        if (playback := self._ready) is not None:
            # The sound may outlast the picture by part of a frame, and there is nothing to show.
            self.seek(round(playback.duration_ms - 2 * playback.frame_ms))

    def _frame_number(self) -> int:
        return frame_at(self.position_ms, self.transported.frame_ms)

    # in and out

    def set_in(self) -> None:
        """The range begins with the frame that is shown."""
        if self._ready is None or not self.transported.duration_ms:
            return
        in_ms = round(self._frame_number() * self.transported.frame_ms)
        out_ms = self.out_ms if self.out_ms is None or self.out_ms > in_ms else None
        self._set_range(in_ms, out_ms)

    def set_out(self) -> None:
        """The range ends with the frame that is shown."""
        if self._ready is None or not (length := self.transported.duration_ms):
            return
        out_ms = min(length, round((self._frame_number() + 1) * self.transported.frame_ms))
        in_ms = self.in_ms if self.in_ms is None or self.in_ms < out_ms else None
        self._set_range(in_ms, out_ms)

    def clear_range(self) -> None:
        self._set_range(None, None)

    def to_in(self) -> None:
        """To the first frame of the range, or of the clip."""
        frame_ms = self.transported.frame_ms
        self.seek(0 if self.in_ms is None else round(self.in_ms + 0.5 * frame_ms))

    def to_out(self) -> None:
        """To the last frame of the range, or of the clip."""
        if self.out_ms is None:
            self.seek_end()
        else:
            self.seek(round(self.out_ms - 0.5 * self.transported.frame_ms))

    def _set_range(self, in_ms: int | None, out_ms: int | None) -> None:
        if (in_ms, out_ms) == (self.in_ms, self.out_ms):
            return
        self.transported.set_loop(self.is_looping, in_ms, out_ms)
        self.controls.show_range(in_ms, out_ms)
        self.range_changed.emit()

    # sound and loop

    def set_volume(self, volume: float) -> None:
        """0.0-1.0."""
        volume = max(0.0, min(1.0, volume))
        self.controls.show_volume(volume)
        self.transported.set_volume(volume)
        if volume > 0 and self.is_muted:
            self.set_muted(False)

    def change_volume(self, direction: float) -> None:
        """A little louder (1) or quieter (-1)."""
        self.set_volume(round(self.volume + direction * _VOLUME_STEP, 2))

    def set_muted(self, is_muted: bool) -> None:
        self.controls.show_muted(is_muted)
        self.transported.set_muted(is_muted)

    def set_looping(self, is_looping: bool) -> None:
        self.controls.loop_button.setChecked(is_looping)
        self.transported.set_loop(is_looping, self.in_ms, self.out_ms)

    # what the sources say

    def _on_position(self, position_ms: int) -> None:
        if not self.controls.slider.isSliderDown():
            self._show_position(position_ms)
        self.position_changed.emit(position_ms)

    def _on_duration(self, duration_ms: int) -> None:
        self.controls.set_length(duration_ms)
        self._show_position(self.position_ms)

    def _on_playing(self, is_playing: bool) -> None:
        self.controls.show_playing(is_playing)

    def _show_position(self, position_ms: int) -> None:
        self.controls.show_position(position_ms, self._shown_length_ms, self.transported.frame_ms)

    def _on_drag_began(self, position_ms: int) -> None:
        self._was_playing = self.is_playing
        self.pause()
        self.seek(position_ms)

    def _on_drag_ended(self) -> None:
        if self._was_playing:
            self.play()
