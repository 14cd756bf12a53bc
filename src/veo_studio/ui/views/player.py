"""The player: the picture, and the controls under it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QColor,
    QDesktopServices,
    QFocusEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.drag_out import drag_files, has_moved_enough
from veo_studio.ui.icons import icon
from veo_studio.ui.playback import Playback, make_playback
from veo_studio.ui.text import clock, seconds_words, size_words, tr
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.track_slider import TrackSlider

_log = logging.getLogger(__name__)

RATES = (0.25, 0.5, 1.0, 1.5, 2.0)
_STEP_MS = 1000


def _rate_words(rate: float) -> str:
    return f"{rate:g}\u00d7"


class _Picture(QWidget):
    """Paints the picture, letterboxed; can be clicked and dragged."""

    clicked = pyqtSignal()
    double_clicked = pyqtSignal()

    def __init__(self, owner: PlayerView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._owner = owner
        self._pressed_at: QPoint | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 90)

    def picture_rect(self, image: QImage | None) -> QRect:
        """Where the picture is, as large as fits, never stretched."""
        if image is None or image.isNull():
            return QRect()
        size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        rect = QRect(QPoint(0, 0), size)
        rect.moveCenter(self.rect().center())
        return rect

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        is_full = self.window() is self
        black = QColor(Qt.GlobalColor.black)
        painter.fillRect(self.rect(), black if is_full else theme.tokens().color("window"))
        image = self._owner.picture()
        if image is not None:
            target = self.picture_rect(image)
            painter.fillRect(target, black)
            # Scaling smoothly costs a few milliseconds: worth it for a still, not for each of many.
            is_smooth = not self._owner.is_playing or image.width() <= 1280
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
            painter.drawImage(target, image)
        if self._owner.is_ringed and not is_full:
            painter.setPen(QPen(theme.tokens().color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self._owner.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        pressed_at = self._pressed_at
        if pressed_at is None or not has_moved_enough(pressed_at, event.position().toPoint()):
            return
        self._pressed_at = None
        path = self._owner.path
        if path is not None and path.is_file():
            image = self._owner.picture()
            small = None
            if image is not None:
                small = QPixmap.fromImage(
                    image.scaled(256, 144, Qt.AspectRatioMode.KeepAspectRatio)
                )
            drag_files(self, [path], small)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._pressed_at is not None:
            self._pressed_at = None
            self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if self.window() is self and self._owner.handle_full_screen_key(event):
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        super().closeEvent(event)
        if self.window() is self:
            self._owner.leave_full_screen()


class PlayerView(QWidget):
    """Plays one clip.

    Signals:
        position_changed(int): where the clip is, in ms.
        error_occurred(str): the clip cannot be played; the reason, for the log.
    """

    position_changed = pyqtSignal(int)
    error_occurred = pyqtSignal(str)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        playback_of: Callable[[PlayerView], Playback] = make_playback,
        open_externally: Callable[[Path], object] | None = None,
    ) -> None:
        super().__init__(parent)
        self._playback_of = playback_of
        self._open_externally = open_externally or _open_externally
        self._playback: Playback | None = None
        self._generation: Generation | None = None
        self._path: Path | None = None
        self._full_screen: _Picture | None = None
        self._volume = 0.8
        self._is_muted = False
        self._is_looping = False
        self._rate = 1.0
        self._was_playing = False
        # The focus came by keyboard: paint where it is.
        self.is_ringed = False
        self._actions: list[QAction] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Player"))
        self._picture = _Picture(self)
        self._picture.clicked.connect(self.toggle)
        self._picture.double_clicked.connect(self.toggle_full_screen)
        self.empty = EmptyState("play", self)
        self.empty.action_requested.connect(self._on_external)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._picture)
        self._make_controls()
        self._title = ElidedLabel(token="dim")
        self._facts = QLabel(self)
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        theme.dim_text(self._facts)
        theme.secondary_font(self._facts)
        theme.secondary_font(self._title)
        about = QHBoxLayout()
        about.setContentsMargins(theme.SPACE_12, 0, theme.SPACE_12, theme.SPACE_8)
        about.setSpacing(theme.SPACE_16)
        about.addWidget(self._title, 1)
        about.addWidget(self._facts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._bar)
        layout.addLayout(about)
        self._actions = self._make_actions()
        self.clear()

    # Building

    def _make_controls(self) -> None:
        self._bar = QWidget(self)
        self.play_button = self._button("play", tr("Play"), self.toggle)
        self.slider = TrackSlider(self._bar)
        self.slider.setAccessibleName(tr("Position"))
        # The arrow keys belong to the player as a whole: frames and seconds, not slider steps.
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.sliderMoved.connect(self.seek)
        self.slider.sliderPressed.connect(self._on_slider_pressed)
        self.slider.sliderReleased.connect(self._on_slider_released)
        self.time = QLabel(self._bar)
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.speed_button = self._button(None, tr("Speed"), self._open_speed_menu)
        self.speed_button.setText(_rate_words(1.0))
        self.loop_button = self._button("loop", tr("Loop"), None)
        self.loop_button.setIcon(icon("loop", "dim", on_token="accent"))
        self.loop_button.setCheckable(True)
        self.loop_button.toggled.connect(self.set_looping)
        self.mute_button = self._button("sound", tr("Mute"), None)
        self.mute_button.setIcon(icon("sound", "text", on_name="mute", on_token="dim"))
        self.mute_button.setCheckable(True)
        self.mute_button.toggled.connect(self.set_muted)
        self.volume_slider = TrackSlider(self._bar)
        self.volume_slider.setAccessibleName(tr("Volume"))
        self.volume_slider.setRange(0, 100)
        self.volume_slider.setValue(80)
        self.volume_slider.setPageStep(10)
        self.volume_slider.setFixedWidth(76)
        self.volume_slider.valueChanged.connect(lambda value: self.set_volume(value / 100))
        self.full_button = self._button("fullscreen", tr("Full screen"), self.toggle_full_screen)
        row = QHBoxLayout(self._bar)
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
            self.full_button,
        ):
            row.addWidget(widget)
        self._speed_menu = QMenu(self)
        group = QActionGroup(self._speed_menu)
        for rate in RATES:
            action = QAction(_rate_words(rate), self._speed_menu)
            action.setCheckable(True)
            action.setChecked(rate == 1.0)
            action.setData(rate)
            action.triggered.connect(lambda _checked, rate=rate: self.set_rate(rate))
            group.addAction(action)
            self._speed_menu.addAction(action)
        self._apply_fonts()

    def _button(self, name: str | None, words: str, slot: Callable[[], None] | None) -> QToolButton:
        button = QToolButton(self._bar)
        if name is not None:
            button.setIcon(icon(name))
        button.setIconSize(QSize(20, 20))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if slot is not None:
            button.clicked.connect(lambda _checked: slot())
        return button

    def _make_actions(self) -> list[QAction]:
        # Their keys are the player's own while it has the focus: as shortcuts of the window they
        # would take Space and the letters away from the prompt.
        made = []
        for words, name, keys, slot in (
            (tr("Play or pause"), "play", tr("Space"), self.toggle),
            (tr("Back"), "frame-back", "\u2190", lambda: self.step(-1)),
            (tr("Forward"), "frame-forward", "\u2192", lambda: self.step(1)),
            (tr("Loop"), "loop", "L", self.loop_button.toggle),
            (tr("Mute"), "mute", "M", self.mute_button.toggle),
            (tr("Full screen"), "fullscreen", "F", self.toggle_full_screen),
        ):
            action = QAction(icon(name, "text", 16), f"{words}\t{keys}", self)
            action.triggered.connect(lambda _checked, slot=slot: slot())
            made.append(action)
        return made

    def actions_for_menu(self) -> list[QAction]:
        """What a menu can offer; enabled while there is a clip."""
        return list(self._actions)

    # What is shown

    @property
    def generation(self) -> Generation | None:
        """The generation that is shown, None for a plain file or nothing."""
        return self._generation

    @property
    def path(self) -> Path | None:
        return self._path

    @property
    def is_playing(self) -> bool:
        return self._playback is not None and self._playback.is_playing

    @property
    def position_ms(self) -> int:
        return self._playback.position_ms if self._playback is not None else 0

    @property
    def volume(self) -> float:
        """0.0-1.0, also while muted."""
        return self._volume

    @property
    def is_looping(self) -> bool:
        return self._is_looping

    @property
    def is_muted(self) -> bool:
        return self._is_muted

    @property
    def is_full_screen(self) -> bool:
        return self._full_screen is not None

    def picture(self) -> QImage | None:
        """The picture that is shown."""
        return self._playback.picture() if self._playback is not None else None

    def show_generation(self, generation: Generation, *, autoplay: bool = False) -> None:
        """Show the clip of `generation`, or say why there is none."""
        if not generation.has_file or generation.video_path is None:
            self.clear()
            self._generation = generation
            self.empty.set_content(tr("This clip is not finished."), None, "clock")
            return
        self._show(generation.video_path, generation.prompt, generation, autoplay=autoplay)
        facts = []
        if generation.width_px and generation.height_px:
            facts.append(f"{generation.width_px} \u00d7 {generation.height_px}")
        if generation.length_s:
            facts.append(seconds_words(generation.length_s))
        if generation.size_bytes:
            facts.append(size_words(generation.size_bytes))
        self._facts.setText(" \u00b7 ".join(facts))

    def show_file(self, path: Path, title: str, *, autoplay: bool = False) -> None:
        """Show the clip at `path` under this title."""
        self._show(path, title, None, autoplay=autoplay)

    def clear(self) -> None:
        """Show nothing, and let go of the file."""
        self.release()
        self._generation = None
        self._path = None
        self._title.set_text("")
        self._facts.setText("")
        self.empty.set_content(
            tr("Finished clips play here. Double-click one in the history."), None, "play"
        )
        self._stack.setCurrentWidget(self.empty)
        self._set_enabled(False)
        self._show_position(0)

    def release(self) -> None:
        """Let go of the file, so that it can be moved or deleted when this returns."""
        if self._playback is not None:
            self._playback.close()
        self.leave_full_screen()

    def _show(
        self, path: Path, title: str, generation: Generation | None, *, autoplay: bool
    ) -> None:
        self._generation = generation
        self._path = path
        self._title.set_text(" ".join(title.split()))
        self._facts.setText("")
        self.setAccessibleDescription(title)
        if not path.is_file():
            self.release()
            self._show_problem(
                tr("The file is no longer in its place: {name}", name=path.name), can_open=False
            )
            return
        try:
            playback = self._ready_playback()
        except ImportError as error:
            _log.warning("there is no playback: %s", error)
            self._on_failed(str(error))
            return
        self._stack.setCurrentWidget(self._picture)
        self._set_enabled(True)
        self._show_position(0)
        playback.open(path)
        if autoplay:
            playback.play()

    def _ready_playback(self) -> Playback:
        if self._playback is None:
            made = self._playback_of(self)
            made.picture_changed.connect(self._on_picture)
            made.position_changed.connect(self._on_position)
            made.duration_changed.connect(self._on_duration)
            made.playing_changed.connect(self._on_playing)
            made.failed.connect(self._on_failed)
            made.set_volume(self._volume)
            made.set_muted(self._is_muted)
            made.set_looping(self._is_looping)
            made.set_rate(self._rate)
            if made.silence:
                words = tr("No sound: a system library that QtMultimedia needs is missing.")
                for widget in (self.mute_button, self.volume_slider):
                    widget.setEnabled(False)
                    widget.setToolTip(words)
            self._playback = made
        return self._playback

    # Commands

    def play(self) -> None:
        if self._playback is not None and self._is_open:
            self._playback.play()

    def pause(self) -> None:
        if self._playback is not None:
            self._playback.pause()

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def seek(self, position_ms: int) -> None:
        """Go to `position_ms`, kept within the clip."""
        if self._playback is not None and self._is_open:
            end = max(0, self._playback.duration_ms)
            target = max(0, min(position_ms, end))
            self._playback.seek(target)
            self._show_position(target)

    def step(self, direction: int) -> None:
        """One frame while paused, one second while playing; `direction` is -1 or 1."""
        if self._playback is None or not self._is_open:
            return
        if self.is_playing:
            self.seek(self.position_ms + direction * _STEP_MS)
            return
        frame_ms = self._playback.frame_ms
        last = max(0, round(self._playback.duration_ms / frame_ms) - 1)
        frame = int((self.position_ms + 1) / frame_ms) + direction
        # To the middle of the frame: its edges belong to two.
        self.seek(round((max(0, min(frame, last)) + 0.5) * frame_ms))

    def set_rate(self, rate: float) -> None:
        """Play at this speed, 0.25-2.0."""
        self._rate = rate
        self.speed_button.setText(_rate_words(rate))
        self.speed_button.setAccessibleName(tr("Speed, {rate}", rate=_rate_words(rate)))
        for action in self._speed_menu.actions():
            action.setChecked(action.data() == rate)
        if self._playback is not None:
            self._playback.set_rate(rate)

    def set_volume(self, volume: float) -> None:
        """0.0-1.0."""
        self._volume = max(0.0, min(1.0, volume))
        self.volume_slider.blockSignals(True)
        self.volume_slider.setValue(round(self._volume * 100))
        self.volume_slider.blockSignals(False)
        self.volume_slider.update()
        if self._playback is not None:
            self._playback.set_volume(self._volume)
        if self._volume > 0 and self._is_muted:
            self.set_muted(False)

    def set_muted(self, is_muted: bool) -> None:
        self._is_muted = is_muted
        self.mute_button.setChecked(is_muted)
        self.mute_button.setToolTip(tr("Sound on") if is_muted else tr("Mute"))
        if self._playback is not None:
            self._playback.set_muted(is_muted)

    def set_looping(self, is_looping: bool) -> None:
        self._is_looping = is_looping
        self.loop_button.setChecked(is_looping)
        if self._playback is not None:
            self._playback.set_looping(is_looping)

    def toggle_full_screen(self) -> None:
        if self._full_screen is not None:
            self.leave_full_screen()
        elif self._is_open:
            self._full_screen = _Picture(self)
            self._full_screen.setWindowTitle(self._title.text or tr("Player"))
            self._full_screen.double_clicked.connect(self.leave_full_screen)
            self._full_screen.clicked.connect(self.toggle)
            self._full_screen.showFullScreen()

    def leave_full_screen(self) -> None:
        shown, self._full_screen = self._full_screen, None
        if shown is not None:
            shown.hide()
            shown.deleteLater()

    def handle_full_screen_key(self, event: QKeyEvent | None) -> bool:
        """Keys of the full-screen picture; True when used."""
        assert event is not None
        if event.key() == Qt.Key.Key_Escape:
            self.leave_full_screen()
            return True
        return self._handle_key(event)

    # Events of the playback

    @property
    def _is_open(self) -> bool:
        return self._stack.currentWidget() is self._picture

    def _on_picture(self) -> None:
        self._picture.update()
        if self._full_screen is not None:
            self._full_screen.update()

    def _on_position(self, position_ms: int) -> None:
        if not self.slider.isSliderDown():
            self._show_position(position_ms)
        self.position_changed.emit(position_ms)

    def _on_duration(self, duration_ms: int) -> None:
        self.slider.setRange(0, max(0, duration_ms))
        self._fit_time()
        self._show_position(self.position_ms)

    def _on_playing(self, is_playing: bool) -> None:
        words = tr("Pause") if is_playing else tr("Play")
        self.play_button.setIcon(icon("pause" if is_playing else "play"))
        self.play_button.setToolTip(words)
        self.play_button.setAccessibleName(words)
        self._picture.update()

    def _on_failed(self, reason: str) -> None:
        name = self._path.name if self._path is not None else ""
        _log.info("%s cannot be played: %s", name, reason)
        self._show_problem(tr("This clip cannot be played here."), can_open=True)
        self.error_occurred.emit(reason)

    def _show_problem(self, words: str, *, can_open: bool) -> None:
        self.leave_full_screen()
        action = tr("Open in another program") if can_open else None
        self.empty.set_content(words, action, "warning")
        self._stack.setCurrentWidget(self.empty)
        self._set_enabled(False)

    def _on_external(self) -> None:
        if self._path is not None:
            self._open_externally(self._path)

    def _set_enabled(self, is_enabled: bool) -> None:
        for widget in (self.play_button, self.slider, self.speed_button, self.full_button):
            widget.setEnabled(is_enabled)
        for action in self._actions:
            action.setEnabled(is_enabled)
        if not is_enabled:
            self.slider.setRange(0, 0)
            self._show_position(0)

    def _show_position(self, position_ms: int) -> None:
        self.slider.setValue(position_ms)
        length_ms = self._playback.duration_ms if self._playback is not None else 0
        shown = clock(position_ms / 1000)
        # A clip of 7.96 s is one of 8 s.
        whole = clock(round(length_ms / 1000)) if self._path is not None else clock(0)
        self.time.setText(f"{shown} / {whole}")
        self.slider.update()

    def _on_slider_pressed(self) -> None:
        self._was_playing = self.is_playing
        self.pause()
        self.seek(self.slider.sliderPosition())

    def _on_slider_released(self) -> None:
        if self._was_playing:
            self.play()

    def _open_speed_menu(self) -> None:
        below = self.speed_button.mapToGlobal(QPoint(0, 0))
        size = self._speed_menu.sizeHint()
        self._speed_menu.popup(QPoint(below.x(), below.y() - size.height()))

    # Qt events

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if not self._handle_key(event):
            super().keyPressEvent(event)

    def _handle_key(self, event: QKeyEvent | None) -> bool:
        assert event is not None
        if event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        ):
            return False
        commands: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Space: self.toggle,
            Qt.Key.Key_Left: lambda: self.step(-1),
            Qt.Key.Key_Right: lambda: self.step(1),
            Qt.Key.Key_Home: lambda: self.seek(0),
            Qt.Key.Key_End: self._seek_end,
            Qt.Key.Key_L: self.loop_button.toggle,
            Qt.Key.Key_M: self.mute_button.click,
            Qt.Key.Key_F: self.toggle_full_screen,
        }
        command = commands.get(event.key())
        if command is None:
            return False
        command()
        return True

    def _seek_end(self) -> None:
        if self._playback is not None:
            # The sound may outlast the picture by part of a frame, and there is nothing to show.
            self.seek(round(self._playback.duration_ms - 2 * self._playback.frame_ms))

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        # A ring for those who came by keyboard; who clicked knows where they are.
        self.is_ringed = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
            Qt.FocusReason.OtherFocusReason,
        )
        self._picture.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.is_ringed = False
        self._picture.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if self.is_ringed and not self._is_open:
            painter = QPainter(self)
            painter.setPen(QPen(theme.tokens().color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
            painter.end()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit_controls()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange and hasattr(self, "_facts"):
            self._apply_fonts()
            theme.secondary_font(self._facts)
            theme.secondary_font(self._title)
            self._fit_controls()

    def _apply_fonts(self) -> None:
        font = theme.tabular(theme.secondary_text_font())
        self.time.setFont(font)
        self.speed_button.setFont(font)
        self._fit_time()

    def _fit_time(self) -> None:
        """Room for the longest time of this clip, so that nothing moves while it plays."""
        longest = "0:00:00" if self.slider.maximum() >= 3_600_000 else "00:00"
        metrics = QFontMetrics(self.time.font())
        self.time.setMinimumWidth(metrics.horizontalAdvance(f"{longest} / {longest}"))
        self.speed_button.setFixedWidth(metrics.horizontalAdvance(_rate_words(0.25)) + 16)

    def _fit_controls(self) -> None:
        """In a narrow pane the position keeps its room; what keys and menus can do goes."""
        fixed = self.time.minimumWidth() + self.speed_button.width() + 5 * 34
        room = self.width() - fixed
        self.volume_slider.setVisible(room >= 240)
        self.full_button.setVisible(room >= 110)
        self.speed_button.setVisible(room >= 80)


def _open_externally(path: Path) -> object:
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.absolute())))
