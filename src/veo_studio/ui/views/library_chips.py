"""The filters that are on, each a chip that takes it off, and what can be done with all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QPushButton, QSizePolicy, QToolButton, QWidget

from veo_studio.core.library_query import LibraryQuery
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.view_models.library_filters import Chip
from veo_studio.ui.views.flow_layout import FlowLayout

_MOST_CHARS = 32


class LibraryChips(QWidget):
    """Hidden while nothing is on.

    Signals:
        query_chosen(LibraryQuery): one filter less.
        clear_clicked(), save_clicked().
    """

    query_chosen = pyqtSignal(object)
    clear_clicked = pyqtSignal()
    save_clicked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: list[QToolButton] = []
        self._shown: list[Chip] = []
        self.clear_button = _link(tr("Clear filters"))
        self.clear_button.clicked.connect(self.clear_clicked)
        self.save_button = _link(tr("Save search\u2026"))
        self.save_button.clicked.connect(self.save_clicked)
        self._flow = FlowLayout(self, spacing=theme.SPACE_8)
        self._flow.setContentsMargins(theme.SPACE_12, 0, theme.SPACE_12, 0)
        self._flow.addWidget(self.clear_button)
        self._flow.addWidget(self.save_button)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def show_chips(self, chips: Sequence[Chip], *, has_text: bool) -> None:
        """`has_text`: words are searched for, which can be cleared and saved too."""
        if list(chips) != self._shown:
            self._rebuild(list(chips))
        self.setVisible(bool(chips) or has_text)
        self.updateGeometry()

    def _rebuild(self, chips: list[Chip]) -> None:
        was = next((n for n, chip in enumerate(self.chips) if chip.hasFocus()), None)
        for button in self.chips:
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        for link in (self.clear_button, self.save_button):
            self._flow.removeWidget(link)
        self._shown = chips
        self.chips = [self._chip(chip) for chip in chips]
        row: list[QWidget] = [*self.chips, self.clear_button, self.save_button]
        for widget in row:
            self._flow.addWidget(widget)
            widget.show()
        if was is not None:
            left = row[min(was, len(row) - 2)]
            left.setFocus(Qt.FocusReason.OtherFocusReason)

    def _chip(self, chip: Chip) -> QToolButton:
        button = QToolButton(self)
        words = chip.words
        short = words if len(words) <= _MOST_CHARS else words[: _MOST_CHARS - 1] + "\u2026"
        button.setText(short.replace("&", "&&"))
        button.setIcon(icon("close", "dim", 16))
        button.setIconSize(QSize(12, 12))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setLayoutDirection(
            Qt.LayoutDirection.RightToLeft
            if self.layoutDirection() is Qt.LayoutDirection.LeftToRight
            else Qt.LayoutDirection.LeftToRight
        )
        button.setProperty("edge", True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setToolTip(plain_tool_tip(tr("Take this filter off: {words}", words=words)))
        button.setAccessibleName(tr("Take this filter off: {words}", words=words))
        without: LibraryQuery = chip.without
        button.clicked.connect(lambda: self.query_chosen.emit(without))
        return button


def _link(words: str) -> QPushButton:
    button = QPushButton(words)
    button.setProperty("link", True)
    button.setAutoDefault(False)
    return button
