"""The line over the clips of the library: search, filters, order, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.library_query import Facets, LibraryQuery, Sort
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.library_filters import SORTS, Chip, chips, cleared
from veo_studio.ui.views.library_chips import LibraryChips
from veo_studio.ui.views.library_empty import is_whole_collection
from veo_studio.ui.views.library_filter_menu import LibraryFilterMenu

CELL_MIN_PX, CELL_MAX_PX = 120, 480
# narrower than this the slider steps aside: the keys and the menu stay
_SLIDER_FROM_PX = 620


class LibraryBar(QWidget):
    """Shows a query and how it is looked at; decides nothing.

    Signals:
        text_typed(str): the words of the search, at every key.
        query_chosen(LibraryQuery): filters or order are other ones.
        grid_chosen(bool), days_chosen(bool), cell_chosen(int): how clips are shown.
        sidebar_clicked(), side_clicked(bool), save_clicked(), days_asked(), length_asked().
        list_wanted(): from the search field down into the clips.
        left(): Escape in an empty search field.
    """

    text_typed = pyqtSignal(str)
    query_chosen = pyqtSignal(object)
    grid_chosen = pyqtSignal(bool)
    days_chosen = pyqtSignal(bool)
    cell_chosen = pyqtSignal(int)
    sidebar_clicked = pyqtSignal()
    side_clicked = pyqtSignal(bool)
    save_clicked = pyqtSignal()
    days_asked = pyqtSignal()
    length_asked = pyqtSignal()
    list_wanted = pyqtSignal()
    left = pyqtSignal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        query: Callable[[], LibraryQuery],
        facets: Callable[[], Facets],
        model_name: Callable[[str], str],
        provider_name: Callable[[str], str],
    ) -> None:
        super().__init__(parent)
        self._query = query
        self._model_name = model_name
        self._provider_name = provider_name
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.sidebar_button = _tool("sidebar", tr("Collections, searches and tags"))
        self.sidebar_button.clicked.connect(self.sidebar_clicked)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("Search"))
        self.search.setToolTip(tr("Prompts, models, captions and tags"))
        self.search.setAccessibleName(tr("Search the library"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "dim", 16), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(120)
        self.search.textChanged.connect(self.text_typed)
        self.search.installEventFilter(self)
        self.filter_button = _tool("filter", tr("Filter the clips"))
        self.filter_button.setText(tr("Filter"))
        self.filter_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.filter_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = LibraryFilterMenu(
            self.filter_button,
            query=query,
            set_query=self.query_chosen.emit,
            facets=facets,
            model_name=model_name,
            provider_name=provider_name,
            ask_days=self.days_asked.emit,
            ask_length=self.length_asked.emit,
        )
        self.filter_button.setMenu(self.menu)
        self.sort = QComboBox(self)
        self.sort.setAccessibleName(tr("Order"))
        self.sort.setToolTip(tr("The order of the clips"))
        for sort, words in SORTS:
            self.sort.addItem(tr(words), sort)
        self.sort.activated.connect(self._on_sort)
        self.days_button = _tool("calendar", tr("Headings by day"), is_checkable=True)
        self.days_button.toggled.connect(self.days_chosen)
        self.list_button = _tool("rows", tr("Show as a list"), is_checkable=True)
        self.list_button.clicked.connect(lambda: self._on_mode(False))
        self.grid_button = _tool("grid", tr("Show as a grid"), is_checkable=True)
        self.grid_button.clicked.connect(lambda: self._on_mode(True))
        self.cell = QSlider(Qt.Orientation.Horizontal, self)
        self.cell.setRange(CELL_MIN_PX, CELL_MAX_PX)
        self.cell.setSingleStep(20)
        self.cell.setPageStep(60)
        self.cell.setFixedWidth(90)
        self.cell.setAccessibleName(tr("Size of the pictures"))
        self.cell.setToolTip(tr("Size of the pictures"))
        self.cell.valueChanged.connect(self.cell_chosen)
        self.side_button = _tool("side", tr("Show player and details"), is_checkable=True)
        self.side_button.clicked.connect(self.side_clicked)
        self.chips = LibraryChips(self)
        self.chips.query_chosen.connect(self.query_chosen)
        self.chips.clear_clicked.connect(self.clear)
        self.chips.save_clicked.connect(self.save_clicked)
        self._lay_out()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(theme.SPACE_12, 0, theme.SPACE_12, 0)
        line.setSpacing(theme.SPACE_4)
        line.addWidget(self.sidebar_button)
        line.addWidget(self.search, 1)
        line.addSpacing(theme.SPACE_4)
        line.addWidget(self.filter_button)
        line.addWidget(self.sort)
        line.addSpacing(theme.SPACE_4)
        line.addWidget(self.days_button)
        line.addWidget(self.list_button)
        line.addWidget(self.grid_button)
        line.addWidget(self.cell)
        line.addWidget(self.side_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE_8, 0, theme.SPACE_8)
        column.setSpacing(theme.SPACE_8)
        column.addLayout(line)
        column.addWidget(self.chips)
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Tab goes on as the eye does, whatever was made first."""
        row: list[QWidget] = [
            self.sidebar_button, self.search, self.filter_button, self.sort, self.days_button,
            self.list_button, self.grid_button, self.cell, self.side_button,
            *self.chips.chips, self.chips.clear_button, self.chips.save_button,
        ]  # fmt: skip
        for before, after in pairwise(row):
            QWidget.setTabOrder(before, after)

    # what is shown

    def show_query(self, query: LibraryQuery, collection_name: str = "") -> None:
        """Also what the query was set to by something else."""
        if " ".join(self.search.text().split()) != query.text:
            was = self.search.blockSignals(True)
            self.search.setText(query.text)
            self.search.blockSignals(was)
        self.sort.setCurrentIndex(self.sort.findData(query.sort))
        shown = list(chips(query, self._model_name, self._provider_name, date.today()))
        if collection_name:
            shown.insert(0, Chip(collection_name, replace(query, collection_id=None)))
        self.chips.show_chips(shown, has_text=bool(query.text))
        has_words_alone = is_whole_collection(replace(query, text="")) and query.text
        self.chips.clear_button.setText(
            tr("Clear search") if has_words_alone else tr("Clear filters")
        )
        self._order_tabs()
        count = len(shown)
        words = tr_n("Filter: {n} is on", "Filter: {n} are on", count) if count else tr("Filter")
        self.filter_button.setAccessibleName(words)
        self.days_button.setEnabled(query.sort in (Sort.NEWEST, Sort.OLDEST))
        tip = tr("Headings by day")
        if not self.days_button.isEnabled():
            tip = tr("Days have headings where the clips are in the order of time.")
        self.days_button.setToolTip(tip)

    def show_mode(self, *, is_grid: bool, has_days: bool, cell_px: int) -> None:
        for button, is_on in (
            (self.grid_button, is_grid),
            (self.list_button, not is_grid),
            (self.days_button, has_days),
        ):
            was = button.blockSignals(True)
            button.setChecked(is_on)
            button.blockSignals(was)
        was = self.cell.blockSignals(True)
        self.cell.setValue(cell_px)
        self.cell.blockSignals(was)
        self.cell.setEnabled(is_grid)

    def clear(self) -> None:
        """Off with words and filters; the place stays."""
        self.query_chosen.emit(cleared(self._query()))

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # what is chosen

    def _on_sort(self, _index: int) -> None:
        self.query_chosen.emit(replace(self._query(), sort=self.sort.currentData()))

    def _on_mode(self, is_grid: bool) -> None:
        self.grid_button.setChecked(is_grid)
        self.list_button.setChecked(not is_grid)
        self.cell.setEnabled(is_grid)
        self.grid_chosen.emit(is_grid)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.cell.setVisible(self.width() >= _SLIDER_FROM_PX * theme.body_px() / 13)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        slider = self.cell.width() + theme.SPACE_4 if not self.cell.isHidden() else 0
        return QSize(hint.width() - slider, hint.height())

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent):
            if event.type() != QEvent.Type.KeyPress:
                return False
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.list_wanted.emit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                if self.search.text():
                    self.search.clear()
                else:
                    self.left.emit()
                return True
        return False


def _tool(icon_name: str, words: str, *, is_checkable: bool = False) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name, "text" if is_checkable else "dim"))
    button.setIconSize(QSize(20, 20))
    button.setCheckable(is_checkable)
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
