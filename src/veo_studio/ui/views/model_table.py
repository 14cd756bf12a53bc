"""The models in a table: compare, sort, and take one."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QSize, QSortFilterProxyModel, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16, SPACE_24, accent_button
from veo_studio.ui.view_models.model_table import (
    LOCKED_ROLE,
    MODEL_ROLE,
    SORT_ROLE,
    Column,
    ModelTable,
)
from veo_studio.ui.views.labels import SmallLabel

_FIRST_SIZE = QSize(1120, 600)
_FRAME = QSize(16, 48)
_SMALLEST = QSize(560, 360)
# the widest that is usual in each column but the last
_SAMPLES = {
    Column.MODEL: "Veo 3.1 Standard \u00b7 Google Vertex",
    Column.PRICE: "about $12.00 *",
    Column.TIME: "Usually takes",
    Column.SECONDS: "Seconds m",
    Column.ASPECTS: "16:9, 9:16, 1:1, 4:3",
    Column.SIZES: "480p, 720p, 1080p",
    Column.SOUND: "on or off",
}
_ROW_PX = 28


class _Cell(QStyledItemDelegate):
    """Locked models are dim and have a lock."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        assert option is not None
        # the row that is chosen is raised: no frame around one of its cells
        option.state &= ~QStyle.StateFlag.State_HasFocus
        if index.siblingAtColumn(Column.MODEL).data(LOCKED_ROLE) is not None:
            palette = option.palette
            for role in (palette.ColorRole.Text, palette.ColorRole.HighlightedText):
                palette.setColor(role, theme.tokens().color("dim"))
            option.palette = palette
            if index.column() == Column.MODEL:
                option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
                option.icon = icon("lock", "dim", 16)
                option.decorationSize = QSize(16, 16)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), max(_ROW_PX, hint.height()))


class ModelTableDialog(QDialog):
    """Signals:
    chosen(ModelInfo): the user takes this one.
    connect_requested(provider id): the user wants to use one of a service that is not connected.
    """

    chosen = pyqtSignal(object)
    connect_requested = pyqtSignal(str)

    def __init__(self, model: ModelTable, clip_words: str, parent: QWidget | None = None) -> None:
        """`clip_words` say which clip the prices are for."""
        super().__init__(parent)
        self.setObjectName("modelTable")
        self.setWindowTitle(tr("Compare models"))
        self.setMinimumSize(_SMALLEST)
        room = self.screen().availableSize() if self.screen() is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room - _FRAME).expandedTo(_SMALLEST))
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(model)
        self._sorted.setSortRole(SORT_ROLE)
        self._sorted.setFilterKeyColumn(-1)
        self._sorted.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

        self.search = QLineEdit()
        self.search.setObjectName("modelSearch")
        self.search.setPlaceholderText(tr("Search models"))
        self.search.setAccessibleName(tr("Search the models"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "dim", 16), QLineEdit.ActionPosition.LeadingPosition)
        self.table = QTreeView()
        self.table.setAccessibleName(tr("Models"))
        self.table.setModel(self._sorted)
        self.table.setItemDelegate(_Cell(self.table))
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAllColumnsShowFocus(True)
        self.table.setSortingEnabled(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # in the catalogue's order, until the user sorts
        self.table.header().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.note = SmallLabel()
        self.note.show_words(
            tr(
                "Prices are for {clip}. A star: this model makes a slightly different clip.",
                clip=clip_words,
            )
        )
        self.use = QPushButton(tr("&Use this model"))
        self.use.setObjectName("useModel")
        accent_button(self.use)
        self.leave = QPushButton(tr("Close"))
        self.leave.setAutoDefault(False)
        self._lay_out()
        self._set_widths()
        self.search.textChanged.connect(self._sorted.setFilterFixedString)
        self.table.doubleClicked.connect(lambda _index: self._use())
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_current())
        self.use.clicked.connect(self._use)
        self.leave.clicked.connect(self.reject)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        self.table.setCurrentIndex(self._sorted.index(0, 0))
        self.table.setFocus()
        self._show_current()

    def select(self, provider: str, model_id: str) -> None:
        for number in range(self._sorted.rowCount()):
            index = self._sorted.index(number, 0)
            model = index.data(MODEL_ROLE)
            if (model.provider, model.id) == (provider, model_id):
                self.table.setCurrentIndex(index)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_16)
        column.setSpacing(SPACE_12)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_8)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.use)
        column.addLayout(buttons)

    def _set_widths(self) -> None:
        header = self.table.header()
        header.setStretchLastSection(True)
        for column, sample in _SAMPLES.items():
            width = self.fontMetrics().horizontalAdvance(sample) + SPACE_24
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)

    def _locked(self) -> str | None:
        index = self.table.currentIndex().siblingAtColumn(Column.MODEL)
        locked = index.data(LOCKED_ROLE) if index.isValid() else None
        return None if locked is None else str(locked)

    def _show_current(self) -> None:
        self.use.setEnabled(self.table.currentIndex().isValid())
        is_locked = self._locked() is not None
        self.use.setText(tr("&Connect this service…") if is_locked else tr("&Use this model"))

    def _use(self) -> None:
        index = self.table.currentIndex().siblingAtColumn(Column.MODEL)
        if not index.isValid():
            return
        model = index.data(MODEL_ROLE)
        self.accept()
        if index.data(LOCKED_ROLE) is not None:
            self.connect_requested.emit(model.provider)
        else:
            self.chosen.emit(model)
