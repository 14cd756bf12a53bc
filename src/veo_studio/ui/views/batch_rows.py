"""The table of a batch: rows that can be corrected in place, mistakes marked where they are."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QIcon, QKeyEvent, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemDelegate,
    QApplication,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_8, SPACE_24
from veo_studio.ui.view_models.batch_table import (
    LOOK_ROLE,
    PRICE,
    PROBLEM_ROLE,
    PROMPT,
    ROW,
    STATE,
    BatchTable,
)
from veo_studio.ui.views.edited_table import EditedTable

_ROW_PX = 28
_STATE_SAMPLE = "9 of 9 ready, running"
_PROMPT_SAMPLE = "A paper boat drifts down a rainy street"
_SAMPLE = "gemini-omni-1.2"
_CLIP_SAMPLE = "Rehearsal 1 · 8 s 1080p 16:9 × 2"


class _Cell(QStyledItemDelegate):
    """State with its shape; a cell that is wrong in the colour of what failed."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        assert option is not None
        look = index.data(LOOK_ROLE)
        if look is not None:
            name, token = look
            _decorate(option, name, token)
        is_wrong = index.column() >= PROMPT and bool(index.data(PROBLEM_ROLE))
        is_dim = index.column() == ROW or index.flags() & Qt.ItemFlag.ItemIsEditable == 0
        if is_wrong or (is_dim and index.column() != STATE):
            palette = option.palette
            color = theme.tokens().color("bad" if is_wrong else "dim")
            for role in (palette.ColorRole.Text, palette.ColorRole.HighlightedText):
                palette.setColor(role, color)
            option.palette = palette
        if is_wrong and not option.text:
            # an empty cell has nothing that could be coloured
            _decorate(option, "warning", "bad")
        if not option.state & QStyle.StateFlag.State_HasFocus:
            return
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            option.state &= ~QStyle.StateFlag.State_HasFocus

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        super().paint(painter, option, index)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if painter is not None and is_chosen and index.column() == ROW:
            row = option.rect
            edge = QRect(row.left(), row.top(), 2, row.height())
            painter.fillRect(edge, theme.tokens().color("accent"))
        is_current = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if painter is not None and is_current and index.flags() & Qt.ItemFlag.ItemIsEditable:
            # where typing goes
            painter.save()
            painter.setPen(theme.tokens().color("accent"))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
            painter.restore()

    def createEditor(
        self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget | None:
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            editor.setFrame(False)
            heading = index.model().headerData(index.column(), Qt.Orientation.Horizontal)  # type: ignore[union-attr]
            editor.setAccessibleName(str(heading))
        return editor


def _decorate(option: QStyleOptionViewItem, name: str, token: str) -> None:
    """An icon that keeps its colour where the row is chosen: it says the state."""
    ratio = option.widget.devicePixelRatioF() if option.widget is not None else 1.0
    pixmap = icon(name, token, 16).pixmap(QSize(16, 16), ratio)
    kept = QIcon(pixmap)
    kept.addPixmap(pixmap, QIcon.Mode.Selected)
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
    option.icon = kept
    option.decorationSize = QSize(16, 16)


class BatchRows(EditedTable):
    """Signals:
    remove_requested(): Delete was pressed on rows.
    """

    remove_requested = pyqtSignal()

    def __init__(self, model: BatchTable, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.setObjectName("batchRows")
        self.setAccessibleName(tr("Rows of the batch"))
        self._model = model
        self.setItemDelegate(_Cell(self))
        self.setWordWrap(False)
        self._set_fonts()
        model.modelReset.connect(self._on_reset)
        # a method, not a lambda: the model must not keep its view alive
        model.dataChanged.connect(self._on_data)
        self._columns = 0
        self._on_reset()

    def end_editing(self) -> bool:
        """Take what is typed in a cell; True where there was one, so that its row is checked anew."""
        if self.state() != QTableView.State.EditingState:
            return False
        for editor in self.viewport().findChildren(QLineEdit):
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        return True

    def go_to(self, place: int) -> None:
        """Show this row, with the focus on its first mistake."""
        row = self._model.rows[place]
        named = next((one.column for one in row.problems if one.column), "prompt")
        index = self._model.index(place, self._model.column_of(named))
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_reset(self) -> None:
        count = self._model.columnCount()
        if count != self._columns:
            self._columns = count
            self._fit()
        self.clearSpans()
        self._span(0, self._model.rowCount() - 1)
        if self._model.rowCount():
            self.setCurrentIndex(self._model.index(0, PROMPT))

    def _on_data(self, first: QModelIndex, last: QModelIndex) -> None:
        self._span(first.row(), last.row())

    def _span(self, first: int, last: int) -> None:
        """What is wrong with a row takes the room of the price that it does not have."""
        for place in range(first, last + 1):
            columns = 2 if self._model.rows[place].problems else 1
            if self.columnSpan(place, STATE) != columns:
                self.setSpan(place, STATE, 1, columns)

    def _fit(self) -> None:
        """Give every column the room of its usual words; the user may change that."""
        header = self.horizontalHeader()
        assert header is not None
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        metrics, head = QFontMetrics(self.font()), QFontMetrics(header.font())
        last = self._columns - 1
        samples = {STATE: f"mm {_STATE_SAMPLE}", PROMPT: _PROMPT_SAMPLE, last: _CLIP_SAMPLE,
                   ROW: "10,000", PRICE: "80 tokens · $80.00"}  # fmt: skip
        for column in range(self._columns):
            title = str(self._model.headerData(column, Qt.Orientation.Horizontal))
            # a short value needs no more room than its heading
            sample = samples.get(column, "")
            if not sample and title in (tr("Model"), tr("First frame"), tr("Last frame"),
                                        tr("References"), tr("Negative prompt"), tr("Folder")):  # fmt: skip
                sample = _SAMPLE
            width = max(metrics.horizontalAdvance(sample), head.horizontalAdvance(title))
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width + SPACE_24)

    def _set_fonts(self) -> None:
        self.setFont(theme.tabular(QApplication.font()))
        header, below = self.horizontalHeader(), self.verticalHeader()
        assert header is not None
        assert below is not None
        header.setFont(theme.secondary_text_font())
        below.setDefaultSectionSize(max(_ROW_PX, QFontMetrics(self.font()).height() + SPACE_8 + 2))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Delete:
            self.remove_requested.emit()
            return
        super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent | None) -> bool:
        if event is not None and event.type() is QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())  # type: ignore[attr-defined]
            words = index.data(Qt.ItemDataRole.ToolTipRole) if index.isValid() else ""
            self.viewport().setToolTip(plain_tool_tip(str(words)) if words else "")  # type: ignore[union-attr]
        return super().viewportEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            self._set_fonts()
            self._fit()
