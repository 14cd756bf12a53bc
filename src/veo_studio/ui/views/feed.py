"""The Explore tab: what is published, the newest first; a clip plays while it is looked at."""

from __future__ import annotations

from PyQt6.QtCore import QItemSelection, QModelIndex, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import total_words, tr
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views import feed_menu, menu_letters
from veo_studio.ui.views.clip_keys import command_of, rating_of
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.feed_autoplay import FeedAutoplay
from veo_studio.ui.views.feed_list import FeedList
from veo_studio.ui.views.feed_viewer import FeedViewer
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.mark_menu import COMMANDS
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.selects_clips import SelectsClips

_PLAY_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class FeedView(QWidget, SelectsClips):
    """The cards, what plays in them, and the viewer over them.

    Signals:
        used(str), rated(int): a command or stars for what is selected, as in the library.
        plays_chosen(bool): whether clips play by themselves was chosen.
        caption_requested(Generation): its caption is to be another one.
        library_requested(Generation): show it in the library.
        drafts_requested(): nothing is published; go where that can be done.
    """

    used = pyqtSignal(str)
    rated = pyqtSignal(int)
    plays_chosen = pyqtSignal(bool)
    caption_requested = pyqtSignal(object)
    library_requested = pyqtSignal(object)
    drafts_requested = pyqtSignal()

    def __init__(
        self, model: LibraryModel, requests: ClipRequests, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.share(requests)
        self.model = model
        self.menu: QMenu | None = None
        # what the viewer shows, and the clip that it shows as soon as that was read
        self._shown: Generation | None = None
        self._awaited: int | None = None
        self._player: PlayerView | None = None
        self.total = SmallLabel("dim", self)
        self.plays = QCheckBox(tr("Clips play by &themselves"), self)
        self.plays.setToolTip(tr("Without sound, while at least half of one is in sight"))
        self.plays.setChecked(True)
        self.list = self.chooser = FeedList(self, model)
        self.autoplay = FeedAutoplay(self.list)
        self.empty = EmptyState("play", self)
        self.empty.setAutoFillBackground(True)
        self.empty.setBackgroundRole(self.palette().ColorRole.Base)
        self.empty.set_content(
            tr("Nothing is published yet. Publish a finished clip, and it is shown here."),
            tr("Show drafts"),
            "play",
        )
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE_16, theme.SPACE_4, theme.SPACE_16, theme.SPACE_4)
        head.addWidget(self.total, 1)
        head.addWidget(self.plays)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        self.viewer = FeedViewer(self)
        self.notices = NoticeBar(self)
        self._bind()
        self._show_right_page()

    def _bind(self) -> None:
        model = self.model
        # methods, not lambdas: the model must not keep the view alive
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved, model.rowsMoved):
            signal.connect(self._on_rows)
        model.search_changed.connect(self._on_rows)
        model.total_changed.connect(self._on_rows)
        model.dataChanged.connect(self._on_data)
        self.list.selectionModel().selectionChanged.connect(self._on_selection)
        self.list.opened.connect(self._on_opened)
        self.list.menu_requested.connect(self.open_menu)
        self.plays.toggled.connect(self._on_plays)
        self.empty.action_requested.connect(self.drafts_requested)
        self.viewer.walked.connect(self.walk)
        self.viewer.closed.connect(self.close_viewer)
        self.viewer.delete_requested.connect(self._on_delete)
        self.requests.play_requested.connect(self._on_play_requested)

    # what is selected

    def _on_selection(self, _chosen: QItemSelection, _left: QItemSelection) -> None:
        self.tell_selection()

    # what is shown

    def set_plays(self, plays: bool) -> None:
        """Whether clips play by themselves; told to nobody."""
        self.plays.blockSignals(True)
        self.plays.setChecked(plays)
        self.plays.blockSignals(False)
        self.autoplay.set_on(plays)

    def _on_plays(self, plays: bool) -> None:
        self.autoplay.set_on(plays)
        self.plays_chosen.emit(plays)

    def _on_rows(self, *_: object) -> None:
        self._show_right_page()
        self._follow_rows()

    def _on_data(self, first: QModelIndex, last: QModelIndex, *_: object) -> None:
        shown = self._shown
        row = None if shown is None else self.model.row_of(shown.id)
        if shown is not None and row is not None and first.row() <= row <= last.row():
            self._show_words(self.model.generation(self.model.index(row, 0)) or shown)
        if self._awaited is not None and (row := self.model.row_of(self._awaited)) is not None:
            self._show_row(row)
        # a card that was not loaded yet could not play
        self.autoplay.wake()

    def _show_right_page(self) -> None:
        model = self.model
        is_empty = model.is_loaded and model.rowCount() == 0
        wanted: QWidget = self.empty if is_empty else self.list
        if self.stack.currentWidget() is not wanted:
            had_focus = self.list.hasFocus()
            self.stack.setCurrentWidget(wanted)
            if had_focus and is_empty:
                self.empty.button.setFocus(Qt.FocusReason.OtherFocusReason)
        shown = total_words(model.total, has_pictures=False) if model.is_loaded else ""
        self.total.show_words(shown)

    # the viewer

    def take_player(self, player: QWidget) -> None:
        """The window's player is here while this tab is shown; it is seen with the viewer."""
        assert isinstance(player, PlayerView)
        self._player = player
        self.viewer.take_player(player)
        player.sources.playing_changed.connect(self._on_playing)

    def let_player_go(self) -> None:
        """It is about to leave for another page."""
        self.close_viewer()
        self.viewer.let_player_go()
        if self._player is not None:
            self._player.sources.playing_changed.disconnect(self._on_playing)
            self._player = None

    def show_side(self) -> None:
        """Somebody wants to see the player."""
        shown = self._player.generation if self._player is not None else None
        if shown is not None:
            self._open_viewer(shown)

    def _on_playing(self, is_playing: bool) -> None:
        """Whoever let it play wants to see it: nothing plays behind the feed."""
        if is_playing and not self.viewer.isVisible() and self.isVisible():
            self.show_side()

    def _on_opened(self, index: QModelIndex) -> None:
        one = self.model.generation(index)
        if one is not None and one.has_file:
            self.requests.play_requested.emit(one)

    def _on_play_requested(self, generation: Generation) -> None:
        if self.isVisible() and generation.has_file:
            self._open_viewer(generation)

    def _open_viewer(self, generation: Generation) -> None:
        self._shown = generation
        # let go of before the player opens it
        self.autoplay.set_covered(True)
        self._show_words(generation)
        if not self.viewer.isVisible():
            self.viewer.open()
            self.notices.raise_()

    def _show_words(self, generation: Generation) -> None:
        row = self.model.row_of(generation.id)
        number, total = (0, 0) if row is None else (row + 1, self.model.rowCount())
        self.viewer.show_words(generation, number, total)

    def close_viewer(self) -> None:
        """Back to the feed, to the card that was shown last; also while another page hides both."""
        if self.viewer.isHidden():
            return
        shown, self._shown, self._awaited = self._shown, None, None
        if self._player is not None:
            self._player.pause()
        self.viewer.hide()
        if shown is not None:
            self.select(shown.id)
        self.autoplay.set_covered(False)
        if self.isVisible():
            self._focus_list()

    def walk(self, step: int) -> None:
        """The viewer shows the next clip (1) or the one before (-1)."""
        row = None if self._shown is None else self.model.row_of(self._shown.id)
        if row is not None and 0 <= row + step < self.model.rowCount():
            self._show_row(row + step)

    def _show_row(self, row: int) -> None:
        number = self.model.id_at(row)
        if self._awaited != number:
            self.select(number)
        one = self.model.generation(self.model.index(row, 0))
        self._awaited = number if one is None else None
        if one is not None:
            self.requests.play_requested.emit(one)

    def _follow_rows(self) -> None:
        """What the viewer shows may be published no longer: the next one takes its place."""
        if self._shown is None or not self.viewer.isVisible() or self.model.is_loading:
            return
        if self.model.row_of(self._shown.id) is not None:
            self._show_words(self._shown)
            return
        row = self.list.currentIndex().row()
        if 0 <= row < self.model.rowCount():
            self._show_row(row)
        else:
            self.close_viewer()

    def _on_delete(self) -> None:
        if self._shown is not None:
            self.select(self._shown.id)
            self.used.emit("delete")

    # files

    def let_go(self, generations: list[Generation]) -> None:
        """These files are about to be moved or deleted."""
        self.autoplay.let_go({one.id for one in generations})

    # keys and menu

    def handle_key(self, event: QKeyEvent | None) -> bool:
        """True when the key was ours."""
        assert event is not None
        key = event.key()
        if key in _PLAY_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._on_opened(self.list.currentIndex())
            return True
        if event.matches(QKeySequence.StandardKey.Copy):
            self.used.emit("copy")
            return True
        if key == Qt.Key.Key_Escape:
            self.list.clearSelection()
            return True
        command = command_of(event)
        if (stars := rating_of(command)) is not None:
            self.rated.emit(stars)
            return True
        if command in COMMANDS:
            self.used.emit(command)
            return True
        return False

    def open_menu(self, position: QPoint) -> None:
        """Open the context menu of the selection at a global position."""
        actions = self.actions_for(self.selected())
        if not actions:
            return
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self)
        menu_letters.fill(self.menu, actions)
        # Not exec: a menu must not start a loop of its own.
        self.menu.popup(position)

    def actions_for(self, chosen: list[Generation]) -> list[QAction | None]:
        """What can be done with these, None for a separator."""
        return feed_menu.actions_for(self, chosen)

    def copy_caption(self, generation: Generation) -> None:
        QGuiApplication.clipboard().setText(generation.caption)

    # the keyboard

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        # no focus proxy: Tab never leaves what stands before the proxy of what is around both
        self._focus_list()

    def _focus_list(self) -> None:
        wanted = self.empty.button if self.stack.currentWidget() is self.empty else self.list
        wanted.setFocus(Qt.FocusReason.OtherFocusReason)

    def cycle(self, step: int) -> None:
        """Put the focus into the next part that is shown."""
        if self.viewer.isVisible():
            parts: list[QWidget] = [self.viewer.back, self.viewer.player or self.viewer]
        else:
            is_empty = self.stack.currentWidget() is self.empty
            parts = [self.plays, self.empty.button if is_empty else self.list]
        here = next((n for n, one in enumerate(parts) if one.hasFocus()), -1 if step > 0 else 0)
        parts[(here + step) % len(parts)].setFocus(Qt.FocusReason.TabFocusReason)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 240)
