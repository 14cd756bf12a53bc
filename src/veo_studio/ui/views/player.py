"""The player: the picture, and the controls under it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction, QFocusEvent, QImage, QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from veo_studio.core.models import Generation
from veo_studio.core.picture_file import is_picture_name
from veo_studio.ui.file_manager import open_in_its_program
from veo_studio.ui.playback import Playback, make_playback
from veo_studio.ui.player_sources import PlayerSources
from veo_studio.ui.text import tr
from veo_studio.ui.views.caption import Caption
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.picture import Picture
from veo_studio.ui.views.player_controls import PlayerControls
from veo_studio.ui.views.player_keys import enable_actions, handle_key, menu_actions
from veo_studio.ui.views.ring import came_by_keyboard, paint_ring

_log = logging.getLogger(__name__)

_STEP_MS = 1000


class PlayerView(QWidget):
    """Plays one clip, or shows one picture.

    Signals:
        position_changed(int): where the clip is, in ms.
        error_occurred(str): the file cannot be played or shown; the reason, for the log.
    """

    position_changed = pyqtSignal(int)
    error_occurred = pyqtSignal(str)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        playback_of: Callable[[PlayerView], Playback] = make_playback,
        open_externally: Callable[[Path], object] = open_in_its_program,
    ) -> None:
        super().__init__(parent)
        self._open_externally = open_externally
        self.sources = PlayerSources(lambda: playback_of(self), self)
        self._generation: Generation | None = None
        self._path: Path | None = None
        self._full_screen: Picture | None = None
        self._was_playing = False
        # The focus came by keyboard: paint where it is.
        self.is_ringed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Player"))
        self._picture = Picture(self)
        self._picture.clicked.connect(self.toggle)
        self._picture.double_clicked.connect(self.toggle_full_screen)
        self.empty = EmptyState("play", self)
        self.empty.action_requested.connect(self._on_external)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._picture)
        self.controls = PlayerControls(self)
        self._connect_controls()
        self._connect_sources()
        self.caption = Caption(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.controls)
        layout.addWidget(self.caption)
        self._actions = menu_actions(self)
        self.clear()

    # Building

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
        controls.full_screen_clicked.connect(self.toggle_full_screen)

    def _connect_sources(self) -> None:
        sources = self.sources
        sources.picture_changed.connect(self._on_picture)
        sources.position_changed.connect(self._on_position)
        sources.duration_changed.connect(self._on_duration)
        sources.playing_changed.connect(self._on_playing)
        sources.failed.connect(self._on_failed)
        sources.silenced.connect(self.controls.forbid_sound)

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
    def shows_still(self) -> bool:
        """A picture is shown, or would be: there is nothing to play."""
        return self._path is not None and is_picture_name(self._path)

    @property
    def is_playing(self) -> bool:
        return self.sources.is_playing

    @property
    def position_ms(self) -> int:
        return self.sources.position_ms

    @property
    def volume(self) -> float:
        """0.0-1.0, also while muted."""
        return self.sources.volume

    @property
    def is_looping(self) -> bool:
        return self.sources.is_looping

    @property
    def is_muted(self) -> bool:
        return self.sources.is_muted

    def picture(self) -> QImage | None:
        """The picture that is shown."""
        return self.sources.picture()

    def show_generation(self, generation: Generation, *, autoplay: bool = False) -> None:
        """Show the clip or picture of `generation`, or say why there is none."""
        if not generation.has_file or generation.video_path is None:
            self.clear()
            self._generation = generation
            of_picture, of_clip = (
                tr("This picture is not finished."),
                tr("This clip is not finished."),
            )
            words = of_picture if generation.is_picture else of_clip
            self.empty.set_content(words, None, "clock")
            return
        self._show(generation.video_path, generation.prompt, generation, autoplay=autoplay)
        self.caption.show_facts(generation)

    def show_file(self, path: Path, title: str, *, autoplay: bool = False) -> None:
        """Show the clip at `path` under this title."""
        self._show(path, title, None, autoplay=autoplay)

    def show_page(self, page: QWidget) -> None:
        """Show `page` instead of the empty player, until there is something else to show."""
        self._stack.setCurrentIndex(self._stack.insertWidget(0, page))

    def end_page(self, page: QWidget) -> None:
        """Show `page` no longer. It keeps its parent: a window of its own would take the focus along."""
        if self._stack.currentWidget() is page:
            self._stack.setCurrentWidget(self.empty)
        self._stack.removeWidget(page)
        page.hide()

    def clear(self) -> None:
        """Show nothing, and let go of the file."""
        self.release()
        self._generation = None
        self._path = None
        self.caption.show_title("")
        self.empty.set_content(
            tr("Finished clips play here. Double-click one in the history."), None, "play"
        )
        self._stack.setCurrentWidget(self.empty)
        self._set_enabled(False)
        self._show_position(0)

    def release(self) -> None:
        """Let go of the file, so that it can be moved or deleted when this returns."""
        self.sources.close()
        self.leave_full_screen()

    def _show(
        self, path: Path, title: str, generation: Generation | None, *, autoplay: bool
    ) -> None:
        self._generation = generation
        self._path = path
        self.caption.show_title(title)
        self.setAccessibleDescription(title)
        if not path.is_file():
            self.release()
            self._show_problem(
                tr("The file is no longer in its place: {name}", name=path.name), can_open=False
            )
            return
        self._stack.setCurrentWidget(self._picture)
        self._set_enabled(True)
        self._show_position(0)
        try:
            self.sources.open(path)
        except ImportError as error:
            _log.warning("there is no playback: %s", error)
            self._on_failed(str(error))
            return
        if autoplay:
            self.play()

    # Commands

    def play(self) -> None:
        if (playback := self._ready) is not None:
            playback.play()

    def pause(self) -> None:
        if self.sources.current is not None:
            self.sources.current.pause()

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def seek(self, position_ms: int) -> None:
        """Go to `position_ms`, kept within the clip."""
        if (playback := self._ready) is not None:
            target = max(0, min(position_ms, max(0, playback.duration_ms)))
            playback.seek(target)
            self._show_position(target)

    def step(self, direction: int) -> None:
        """One frame while paused, one second while playing; `direction` is -1 or 1."""
        if (playback := self._ready) is None:
            return
        if self.is_playing:
            self.seek(self.position_ms + direction * _STEP_MS)
            return
        frame_ms = playback.frame_ms
        last = max(0, round(playback.duration_ms / frame_ms) - 1)
        frame = int((self.position_ms + 1) / frame_ms) + direction
        # To the middle of the frame: its edges belong to two.
        self.seek(round((max(0, min(frame, last)) + 0.5) * frame_ms))

    def seek_end(self) -> None:
        """Go to the last picture."""
        if (playback := self._ready) is not None:
            # The sound may outlast the picture by part of a frame, and there is nothing to show.
            self.seek(round(playback.duration_ms - 2 * playback.frame_ms))

    def set_rate(self, rate: float) -> None:
        """Play at this speed, 0.25-2.0."""
        self.controls.show_rate(rate)
        self.sources.set_rate(rate)

    def set_volume(self, volume: float) -> None:
        """0.0-1.0."""
        volume = max(0.0, min(1.0, volume))
        self.controls.show_volume(volume)
        self.sources.set_volume(volume)
        if volume > 0 and self.is_muted:
            self.set_muted(False)

    def set_muted(self, is_muted: bool) -> None:
        self.controls.show_muted(is_muted)
        self.sources.set_muted(is_muted)

    def set_looping(self, is_looping: bool) -> None:
        self.controls.loop_button.setChecked(is_looping)
        self.sources.set_looping(is_looping)

    def toggle_full_screen(self) -> None:
        if self._full_screen is not None:
            self.leave_full_screen()
        elif self._is_open:
            self._full_screen = Picture(self)
            self._full_screen.setWindowTitle(self.caption.title.text or tr("Player"))
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
        return handle_key(self, event)

    # Events of the playback

    @property
    def _is_open(self) -> bool:
        return self._stack.currentWidget() is self._picture

    @property
    def _ready(self) -> Playback | None:
        """What can be commanded: the file that is shown."""
        return self.sources.current if self._is_open else None

    def _on_picture(self) -> None:
        self._picture.update()
        if self._full_screen is not None:
            self._full_screen.update()

    def _on_position(self, position_ms: int) -> None:
        if not self.controls.slider.isSliderDown():
            self._show_position(position_ms)
        self.position_changed.emit(position_ms)

    def _on_duration(self, duration_ms: int) -> None:
        self.controls.set_length(duration_ms)
        self._show_position(self.position_ms)

    def _on_playing(self, is_playing: bool) -> None:
        self.controls.show_playing(is_playing)
        self._picture.update()

    def _on_failed(self, reason: str) -> None:
        name = self._path.name if self._path is not None else ""
        _log.info("%s cannot be played: %s", name, reason)
        of_clip = tr("This clip cannot be played here.")
        words = tr("This picture cannot be shown here.") if self.shows_still else of_clip
        self._show_problem(words, can_open=True)
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
        self.controls.set_enabled(is_enabled)
        self.controls.set_still(self.shows_still)
        enable_actions(self._actions, is_enabled, is_still=self.shows_still)
        if not is_enabled:
            self.controls.slider.setRange(0, 0)
            self._show_position(0)

    def _show_position(self, position_ms: int) -> None:
        length_ms = self.sources.duration_ms if self._path is not None else 0
        self.controls.show_position(position_ms, length_ms)

    def _on_drag_began(self, position_ms: int) -> None:
        self._was_playing = self.is_playing
        self.pause()
        self.seek(position_ms)

    def _on_drag_ended(self) -> None:
        if self._was_playing:
            self.play()

    # Qt events

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if not handle_key(self, event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self.is_ringed = came_by_keyboard(event)
        self._picture.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.is_ringed = False
        self._picture.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if self.is_ringed and not self._is_open:
            painter = QPainter(self)
            paint_ring(painter, self)
            painter.end()
