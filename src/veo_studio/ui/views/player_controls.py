"""The controls under the player's picture."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QFontMetrics, QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.shuttle import RATES, rate_words, timecode
from veo_studio.ui.text import clock, tr
from veo_studio.ui.views.time_line import TimeLine
from veo_studio.ui.views.track_slider import TrackSlider

# with less beside the time, the first button goes
_ALL_BUTTONS_PX = 110
# where the buttons are gone that can go, and the position is still too short to be taken hold of
_NO_SPEED_PX = -40


class _Time(QLabel):
    """Says that it was clicked."""

    clicked = pyqtSignal()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()


class PlayerControls(QWidget):
    """Position, length, speed, loop and sound; shows what it is told and says what is wanted.

    Signals:
        play_clicked(): play or pause.
        seek_requested(int): to this position, in ms.
        drag_began(int), drag_ended(): the position is held, from this one in ms; let go.
        rate_chosen(float), looping_chosen(bool), muted_chosen(bool).
        volume_chosen(float): 0.0-1.0.
        full_screen_clicked().
        timecode_chosen(bool): the time is told with frames, or no longer.
    """

    play_clicked = pyqtSignal()
    seek_requested = pyqtSignal(int)
    drag_began = pyqtSignal(int)
    drag_ended = pyqtSignal()
    rate_chosen = pyqtSignal(float)
    looping_chosen = pyqtSignal(bool)
    muted_chosen = pyqtSignal(bool)
    volume_chosen = pyqtSignal(float)
    full_screen_clicked = pyqtSignal()
    timecode_chosen = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.play_button = self._button("play", tr("Play"), self.play_clicked.emit)
        self.slider = TimeLine(self)
        self.slider.setAccessibleName(tr("Position"))
        # The arrow keys belong to the player as a whole: frames and seconds, not slider steps.
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.sliderMoved.connect(self.seek_requested)
        self.slider.sliderPressed.connect(
            lambda: self.drag_began.emit(self.slider.sliderPosition())
        )
        self.slider.sliderReleased.connect(self.drag_ended)
        self.time = _Time(self)
        self.time.setTextFormat(Qt.TextFormat.PlainText)
        self.time.setToolTip(tr("Click for the time with frames"))
        self.time.clicked.connect(self.toggle_timecode)
        self.is_timecode = False
        # the length gives way before a button does
        self._is_short = False
        self._shown = (0, 0, 1000 / 24)
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.speed_button = self._button(None, tr("Speed"), self._open_speed_menu)
        self.speed_button.setText(rate_words(1.0))
        self.loop_button = self._button("loop", tr("Loop"), None)
        self.loop_button.setIcon(icon("loop", "dim", on_token="accent"))
        self.loop_button.setCheckable(True)
        self.loop_button.toggled.connect(self.looping_chosen)
        self.mute_button = self._button("sound", tr("Mute"), None)
        self.mute_button.setIcon(icon("sound", "text", on_name="mute", on_token="dim"))
        self.mute_button.setCheckable(True)
        self.mute_button.toggled.connect(self.muted_chosen)
        self.volume_slider = TrackSlider(self)
        self.volume_slider.setAccessibleName(tr("Volume"))
        self.volume_slider.setRange(0, 100)
        self.volume_slider.setValue(80)
        self.volume_slider.setPageStep(10)
        self.volume_slider.setFixedWidth(76)
        self.volume_slider.valueChanged.connect(lambda value: self.volume_chosen.emit(value / 100))
        self.full_button = self._button(
            "fullscreen", tr("Full screen"), self.full_screen_clicked.emit
        )
        self._is_still = False
        self._lay_out()
        self._speed_menu = self._make_speed_menu()
        self._apply_fonts()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_8, theme.SPACE_4, theme.SPACE_8, theme.SPACE_4)
        row.setSpacing(theme.SPACE_4)
        row.addWidget(self.play_button)
        row.addWidget(self.slider, 1)
        row.addSpacing(theme.SPACE_4)
        row.addWidget(self.time)
        row.addSpacing(theme.SPACE_4)
        for widget in (
            self.speed_button,
            self.loop_button,
            self.mute_button,
            self.volume_slider,
        ):
            row.addWidget(widget)
        # what is left of a picture's controls stays at the right
        self._gap = QWidget(self)
        self._gap.hide()
        row.addWidget(self._gap, 1)
        self._silence = ""
        row.addWidget(self.full_button)

    def _make_speed_menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for rate in RATES:
            action = QAction(rate_words(rate), menu)
            action.setCheckable(True)
            action.setChecked(rate == 1.0)
            action.setData(rate)
            action.triggered.connect(lambda _checked, rate=rate: self.rate_chosen.emit(rate))
            group.addAction(action)
            menu.addAction(action)
        return menu

    def _button(self, name: str | None, words: str, slot: Callable[[], None] | None) -> QToolButton:
        button = QToolButton(self)
        if name is not None:
            button.setIcon(icon(name))
        button.setIconSize(QSize(20, 20))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if slot is not None:
            button.clicked.connect(lambda _checked: slot())
        return button

    def _open_speed_menu(self) -> None:
        below = self.speed_button.mapToGlobal(QPoint(0, 0))
        size = self._speed_menu.sizeHint()
        self._speed_menu.popup(QPoint(below.x(), below.y() - size.height()))

    # What is shown

    def show_playing(self, is_playing: bool) -> None:
        words = tr("Pause") if is_playing else tr("Play")
        self.play_button.setIcon(icon("pause" if is_playing else "play"))
        self.play_button.setToolTip(words)
        self.play_button.setAccessibleName(words)

    def show_position(self, position_ms: int, length_ms: int, frame_ms: float) -> None:
        self._shown = (position_ms, length_ms, frame_ms)
        self.slider.setValue(position_ms)
        if self.is_timecode:
            at, length = timecode(position_ms, frame_ms), timecode(length_ms, frame_ms)
        else:
            # A clip of 7.96 s is one of 8 s.
            at, length = clock(position_ms / 1000), clock(round(length_ms / 1000))
        self.time.setText(at if self._is_short else f"{at} / {length}")
        self.slider.update()

    def show_range(self, in_ms: int | None, out_ms: int | None) -> None:
        """Mark what lies between; None: not set."""
        self.slider.show_range(in_ms, out_ms)

    def toggle_timecode(self) -> None:
        """Tell the time with frames, or in seconds again."""
        self.set_timecode(not self.is_timecode)
        self.timecode_chosen.emit(self.is_timecode)

    def set_timecode(self, is_timecode: bool) -> None:
        self.is_timecode = is_timecode
        words = tr("Click for the time in seconds"), tr("Click for the time with frames")
        self.time.setToolTip(words[0] if is_timecode else words[1])
        self._fit_controls()
        self.show_position(*self._shown)

    def set_length(self, length_ms: int) -> None:
        self.slider.setRange(0, max(0, length_ms))
        self._fit_controls()

    def show_rate(self, rate: float) -> None:
        self.speed_button.setText(rate_words(rate))
        self.speed_button.setAccessibleName(tr("Speed, {rate}", rate=rate_words(rate)))
        for action in self._speed_menu.actions():
            action.setChecked(action.data() == rate)

    def show_volume(self, volume: float) -> None:
        """0.0-1.0; says nothing back."""
        self.volume_slider.blockSignals(True)
        self.volume_slider.setValue(round(volume * 100))
        self.volume_slider.blockSignals(False)
        self.volume_slider.update()

    def show_muted(self, is_muted: bool) -> None:
        self.mute_button.setChecked(is_muted)
        if not self._silence:
            self.mute_button.setToolTip(tr("Sound on") if is_muted else tr("Mute"))

    def show_silence(self, why: str) -> None:
        """Why nothing can be heard, as a sentence; "" where it can."""
        if why == self._silence:
            return
        self._silence = why
        for widget in (self.mute_button, self.volume_slider):
            widget.setEnabled(not why)
            widget.setToolTip(why)
        self.show_muted(self.mute_button.isChecked())

    def set_enabled(self, is_enabled: bool) -> None:
        """What needs a clip; loop and sound can be chosen before."""
        for widget in (self.play_button, self.slider, self.speed_button, self.full_button):
            widget.setEnabled(is_enabled)

    def set_still(self, is_still: bool) -> None:
        """A picture has nothing to play: only its full screen is left."""
        self._is_still = is_still
        for widget in (
            self.play_button,
            self.slider,
            self.time,
            self.loop_button,
            self.mute_button,
        ):
            widget.setVisible(not is_still)
        self._gap.setVisible(is_still)
        self._fit_controls()

    # Room

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit_controls()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange and hasattr(self, "_speed_menu"):
            self._apply_fonts()
            self._fit_controls()

    def _apply_fonts(self) -> None:
        font = theme.tabular(theme.secondary_text_font())
        self.time.setFont(font)
        self.speed_button.setFont(font)
        self._fit_time()

    def _fit_time(self) -> None:
        """Room for the longest time of this clip, so that nothing moves while it plays."""
        longest = "0:00:00" if self.slider.maximum() >= 3_600_000 else "00:00"
        if self.is_timecode:
            longest = timecode(0, 1000 / 24)
        metrics = QFontMetrics(self.time.font())
        self.speed_button.setFixedWidth(metrics.horizontalAdvance(rate_words(-0.75)) + 16)
        width = metrics.horizontalAdvance(f"{longest} / {longest}")
        was_short = self._is_short
        least = _ALL_BUTTONS_PX if self.is_timecode else _NO_SPEED_PX
        self._is_short = self._room_beside(width) < least
        self.time.setMinimumWidth(metrics.horizontalAdvance(longest) if self._is_short else width)
        if self._is_short != was_short:
            self.show_position(*self._shown)

    def _room_beside(self, time_px: int) -> int:
        """For the position, and what can go."""
        return self.width() - time_px - self.speed_button.width() - 5 * 34

    def _fit_controls(self) -> None:
        """In a narrow pane the position keeps its room; what keys and menus can do goes."""
        self._fit_time()
        room = self._room_beside(self.time.minimumWidth())
        self.volume_slider.setVisible(room >= 240 and not self._is_still)
        self.full_button.setVisible(room >= _ALL_BUTTONS_PX or self._is_still)
        self.speed_button.setVisible(room >= 80 and not self._is_still)
