"""The player: the picture, and the controls under it. What it can be told is in `player_transport.py`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PyQt6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from veo_studio.core.models import Generation
from veo_studio.core.picture_file import is_picture_name
from veo_studio.ui.file_manager import open_in_its_program
from veo_studio.ui.playback import Playback, make_playback
from veo_studio.ui.player_sources import PlayerSources
from veo_studio.ui.text import tr
from veo_studio.ui.views.caption import Caption
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.full_screen import FullScreen
from veo_studio.ui.views.picture import Picture
from veo_studio.ui.views.player_empty import problem_words, unfinished_words
from veo_studio.ui.views.player_keys import FrameUse, PlayerCommands
from veo_studio.ui.views.player_note import PlayerNote
from veo_studio.ui.views.player_transport import PlayerTransport
from veo_studio.ui.views.ring import came_by_keyboard, paint_ring

_log = logging.getLogger(__name__)


class PlayerView(PlayerTransport):
    """Plays one clip, or shows one picture.

    Signals:
        error_occurred(str): the file cannot be played or shown; the reason, for the log.
        frame_requested(FrameUse): the frame that is shown is wanted, at `frame_s` of `path`.
        copy_that_plays_requested(Generation): what is shown is packed in a way that few can play.
        locate_requested(Generation): its file is not in its place; the user knows where it is.
    """

    error_occurred = pyqtSignal(str)
    frame_requested = pyqtSignal(FrameUse)
    copy_that_plays_requested = pyqtSignal(object)
    locate_requested = pyqtSignal(object)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        playback_of: Callable[[PlayerView], Playback] = make_playback,
        open_externally: Callable[[Path], object] = open_in_its_program,
    ) -> None:
        self._playback_of = playback_of
        super().__init__(parent)
        self._open_externally = open_externally
        self._generation: Generation | None = None
        self._path: Path | None = None
        self._is_missing = False
        self._full_screen: FullScreen | None = None
        self.menu: QMenu | None = None
        # The focus came by keyboard: paint where it is.
        self.is_ringed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Player"))
        self._picture = Picture(self)
        self._picture.clicked.connect(self.toggle)
        self._picture.double_clicked.connect(self.toggle_full_screen)
        self.empty = EmptyState("play", self)
        self.empty.action_requested.connect(self._on_way_out)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._picture)
        self.controls.full_screen_clicked.connect(self.toggle_full_screen)
        self.note = PlayerNote(self)
        self.note.action_requested.connect(self._on_copy_that_plays)
        self.caption = Caption(self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self._stack, 1)
        self._layout.addWidget(self.controls)
        self._layout.addWidget(self.note)
        self._layout.addWidget(self.caption)
        self.commands = PlayerCommands(self)
        self.range_changed.connect(self._enable_commands)
        self.sources.picture_changed.connect(self._on_picture)
        self.sources.failed.connect(self._on_failed)
        self.sources.silenced.connect(self._on_silenced)
        self.clear()

    def _make_sources(self) -> PlayerSources:
        self.sources = PlayerSources(lambda: self._playback_of(self), self)
        return self.sources

    def actions_for_menu(self) -> list[QAction]:
        """What a menu can offer; enabled while there is a clip."""
        return list(self.commands.actions)

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
    def frame_s(self) -> float:
        """A moment in the middle of the frame that is shown."""
        return (self.sources.picture_ms + self.sources.frame_ms / 2) / 1000

    def picture(self) -> QImage | None:
        """The picture that is shown."""
        return self.sources.picture()

    def show_generation(self, generation: Generation, *, autoplay: bool = False) -> None:
        """Show the clip or picture of `generation`, or say why there is none."""
        if not generation.has_file or generation.video_path is None:
            self.clear()
            self._generation = generation
            self.empty.set_content(unfinished_words(generation), None, "clock")
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
        self.clear_range()
        self.note.show_words("")
        self.caption.show_title("")
        self.empty.set_content(
            tr("Finished clips play here. Double-click one to play it."), None, "play"
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
        if path != self._path:
            self.clear_range()
        self._generation = generation
        self._path = path
        self._forget_shuttle()
        self.note.show_words("")
        self.caption.show_title(title)
        self.setAccessibleDescription(title)
        if not path.is_file():
            self.release()
            self._show_missing(path)
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

    # The whole screen

    def toggle_full_screen(self) -> None:
        if self._full_screen is not None:
            self.leave_full_screen()
        elif self._is_open:
            self._full_screen = FullScreen(self)
            self._full_screen.setWindowTitle(self.caption.title.text or tr("Player"))
            self._full_screen.picture.double_clicked.connect(self.leave_full_screen)
            self._full_screen.picture.clicked.connect(self.toggle)
            self._full_screen.take_controls(self.controls)
            self._full_screen.showFullScreen()

    def leave_full_screen(self) -> None:
        shown, self._full_screen = self._full_screen, None
        if shown is not None:
            shown.give_back()
            self._layout.insertWidget(1, self.controls)
            self.controls.show()
            shown.hide()
            shown.deleteLater()

    def say(self, words: str) -> None:
        """Something that was done, where notices of the window cannot be seen."""
        if self._full_screen is not None:
            self._full_screen.say(words)

    # Frames and other programs

    def want_frame(self, use: FrameUse) -> None:
        if self._ready is not None and not self.shows_still and self.picture() is not None:
            self.frame_requested.emit(use)

    def _on_copy_that_plays(self) -> None:
        if self._generation is not None:
            self.copy_that_plays_requested.emit(self._generation)

    def _on_external(self) -> None:
        if self._path is not None:
            self._open_externally(self._path)

    def _on_way_out(self) -> None:
        if not self._is_missing:
            self._on_external()
        elif self._generation is not None:
            self.locate_requested.emit(self._generation)

    # Events of the playback

    @property
    def _is_open(self) -> bool:
        return self._stack.currentWidget() is self._picture

    @property
    def _ready(self) -> Playback | None:
        return self.sources.current if self._is_open else None

    @property
    def _shown_length_ms(self) -> int:
        return self.sources.duration_ms if self._path is not None else 0

    def _on_picture(self) -> None:
        self._picture.update()
        if self._full_screen is not None:
            self._full_screen.picture.update()

    def _on_playing(self, is_playing: bool) -> None:
        super()._on_playing(is_playing)
        self._picture.update()
        if self._full_screen is not None:
            self._full_screen.show_controls()

    def _on_silenced(self, why: str) -> None:
        """The picture is there, and that has its reason; of one file, or of this machine."""
        self.controls.show_silence(why)
        is_of_file = bool(why) and self.sources.is_stood_in_for and self._generation is not None
        action = tr("Make a copy that plays") if is_of_file else None
        self.note.show_words(why if self.sources.is_stood_in_for else "", action)

    def _on_failed(self, reason: str) -> None:
        name = self._path.name if self._path is not None else ""
        _log.info("%s cannot be played: %s", name, reason)
        words = problem_words(reason, is_still=self.shows_still)
        self._show_problem(words, tr("Open in another program"), "warning")
        self.error_occurred.emit(reason)

    def _show_missing(self, path: Path) -> None:
        words = tr("The file is no longer in its place: {name}", name=path.name)
        action = tr("Locate file\u2026") if self._generation is not None else None
        self._show_problem(words, action, "missing")

    def _show_problem(self, words: str, action: str | None, icon_name: str) -> None:
        self.leave_full_screen()
        self.note.show_words("")
        self._is_missing = icon_name == "missing"
        self.empty.set_content(words, action, icon_name)
        self._stack.setCurrentWidget(self.empty)
        self._set_enabled(False)

    def _set_enabled(self, is_enabled: bool) -> None:
        self.controls.set_enabled(is_enabled)
        self.controls.set_still(self.shows_still)
        self._enable_commands()
        if not is_enabled:
            self.controls.slider.setRange(0, 0)
            self._show_position(0)

    def _enable_commands(self) -> None:
        has_range = self.in_ms is not None or self.out_ms is not None
        self.commands.enable(is_open=self._is_open, is_still=self.shows_still, has_range=has_range)

    # Qt events

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if not self.commands.handle(event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        assert event is not None
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self)
        self.menu.addActions(self.commands.actions)
        # Not exec: a menu must not start a loop of its own.
        self.menu.popup(event.globalPos())

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
