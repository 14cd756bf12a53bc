"""The Library tab: every clip and picture, found, marked and watched."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QListView, QSplitter, QVBoxLayout, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views import history_menu
from veo_studio.ui.views.clip_requests import ClipRequests, SharesRequests


class LibraryView(QWidget, SharesRequests):
    """Sidebar, the clips, and beside them the window's player over the details.

    `grid` shows the clips, `side` holds the player while the tab is shown, and the details.
    """

    def __init__(
        self, model: LibraryModel, requests: ClipRequests, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.share(requests)
        self.model = model
        self.grid = QListView(self)
        self.grid.setModel(model)
        self.grid.setAccessibleName(tr("Clips"))
        self.side = QSplitter(Qt.Orientation.Vertical)
        self._across = QSplitter(Qt.Orientation.Horizontal, self)
        self._across.addWidget(self.grid)
        self._across.addWidget(self.side)
        self._across.setSizes([800, 400])
        for splitter in (self._across, self.side):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._across)
        self.notices = NoticeBar(self.grid)
        self.setFocusProxy(self.grid)

    def take_player(self, player: QWidget) -> None:
        self.side.insertWidget(0, player)
        player.show()

    def set_details(self, details: QWidget) -> None:
        """Under the player."""
        self.side.addWidget(details)

    def show_side(self) -> None:
        """Somebody wants to see the player."""
        self.side.show()

    def selected(self) -> list[Generation]:
        """The selected generations that are loaded, from top to bottom."""
        indexes = sorted(self.grid.selectionModel().selectedIndexes(), key=QModelIndex.row)
        found = (self.model.generation(index) for index in indexes)
        return [one for one in found if one is not None]

    def actions_for(self, chosen: list[Generation]) -> list[QAction | None]:
        """What can be done with these, None for a separator."""
        return history_menu.actions_for(self.requests, chosen, self)

    def cycle(self, step: int) -> None:
        """Put the focus into the next part that is shown."""
        self.grid.setFocus(Qt.FocusReason.TabFocusReason)

    def focus_search(self) -> None:
        self.grid.setFocus(Qt.FocusReason.ShortcutFocusReason)
