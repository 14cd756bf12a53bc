"""Which page the window shows: the four panes, or the page of one of the other tabs."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QApplication, QStackedWidget, QWidget

from veo_studio.ui.views.text_to_video import PLAYER, TextToVideoView

FORMS = "forms"
STORYBOARD = "storyboard"
LIBRARY = "library"
DRAFTS = "drafts"
EXPLORE = "explore"
INSIGHTS = "insights"
# those that have a tab of their own, from left to right
PAGES = (STORYBOARD, LIBRARY, DRAFTS, EXPLORE, INSIGHTS)
# those that have the player beside their clips
WITH_PLAYER = frozenset({LIBRARY, DRAFTS, EXPLORE})


class WindowPages(QObject):
    """One per window. Pages other than the panes are made when they are shown for the first time.

    Signals:
        changed(str): another page is shown.
        player_asked(): somebody wants to see the player while a page is shown that has it.
    """

    changed = pyqtSignal(str)
    player_asked = pyqtSignal()

    def __init__(self, window: QObject, panes: TextToVideoView) -> None:
        super().__init__(window)
        self.stack = QStackedWidget()
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._made: dict[str, QWidget] = {FORMS: panes}
        self._current = FORMS
        self._cover: QWidget | None = None
        self.stack.addWidget(panes)
        panes.asked.connect(self._on_asked)

    def offer(self, name: str, make: Callable[[], QWidget]) -> None:
        """`make` builds the page when it is shown for the first time."""
        self._makers[name] = make

    def cover(self) -> None:
        """Show nothing: another page than the panes will be shown once it can be made."""
        self._cover = QWidget()
        self.stack.addWidget(self._cover)
        self.stack.setCurrentWidget(self._cover)

    def uncover(self) -> None:
        if self._cover is not None:
            self.stack.setCurrentWidget(self._made[self._current])
            self.stack.removeWidget(self._cover)
            self._cover.deleteLater()
            self._cover = None

    @property
    def current(self) -> str:
        return self._current

    def made(self, name: str) -> QWidget | None:
        """The page, if it was shown before."""
        return self._made.get(name)

    def page(self, name: str) -> QWidget:
        """The page, made if need be."""
        if name not in self._made:
            self._made[name] = self._makers[name]()
            self.stack.addWidget(self._made[name])
        return self._made[name]

    def show(self, name: str) -> None:
        """Show a page; who typed in the one before types in this one."""
        if name == self._current:
            return
        before = self._made[self._current]
        focus = QApplication.focusWidget()
        was_within = focus is not None and before.isAncestorOf(focus)
        page = self.page(name)
        self._current = name
        self.stack.setCurrentWidget(page)
        self.changed.emit(name)
        if was_within:
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_asked(self, pane: str) -> None:
        """Whoever wants a pane wants to see it; some pages have the player with them."""
        if pane == PLAYER and self._current in WITH_PLAYER:
            self.player_asked.emit()
        else:
            self.show(FORMS)
