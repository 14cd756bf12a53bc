"""The table of proposed scenes: wrapped words, corrected in place."""

from __future__ import annotations

from PyQt6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QRect, Qt, pyqtSignal
from PyQt6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PyQt6.QtWidgets import (
    QAbstractItemDelegate,
    QApplication,
    QHeaderView,
    QPlainTextEdit,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from veo_studio.core.storyboard.limits import MAX_DURATION_S, MIN_DURATION_S
from veo_studio.ui import theme
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_8, SPACE_24
from veo_studio.ui.view_models.scene_drafts import (
    MOTION,
    NOTES,
    NUMBER,
    PICTURE,
    SECONDS,
    SUBTITLE,
    SceneDrafts,
)
from veo_studio.ui.views.edited_table import EditedTable

_LINES = 3
_STRETCH = (PICTURE, MOTION)
# of a line of a prompt at least
_LETTERS = 24
# of a cell, before its lines are counted
_LONGEST = 600


# beside the words, by the style
_AROUND_PX = 8


def _first_lines(words: str, font: QFont, width_px: int) -> str:
    """As many whole lines of `words` as a row shows; a dot too many is better than half a line."""
    shown = words[:_LONGEST].replace("\n", "\u2028")
    layout = QTextLayout(shown, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    end = 0
    for _ in range(_LINES):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(1, width_px))
        end = line.textStart() + line.textLength()
    is_all = not layout.createLine().isValid() and len(words) <= _LONGEST
    layout.endLayout()
    # counted in UTF-16, as Qt does
    kept = shown.encode("utf-16-le")[: 2 * end].decode("utf-16-le", "ignore")
    # room for the dots is in the last line
    return shown if is_all else f"{kept.rstrip()[:-2].rstrip()}\u2026"


class _Cell(QStyledItemDelegate):
    """Words at the top of their cell; Enter takes what is typed, Shift+Enter begins a line."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        assert option is not None
        if index.column() != NUMBER:
            room_px = option.rect.width() - _AROUND_PX
            option.text = _first_lines(option.text or "", option.font, room_px)
        option.displayAlignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        # the edge in `paint` says it, in a colour that is the program's own
        option.state &= ~option.state.State_HasFocus
        if index.column() in (NUMBER, NOTES):
            palette = option.palette
            for role in (palette.ColorRole.Text, palette.ColorRole.HighlightedText):
                palette.setColor(role, theme.tokens().color("dim"))
            option.palette = palette

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        super().paint(painter, option, index)
        if painter is None:
            return
        view = option.widget
        if option.state & option.state.State_Selected and index.column() == NUMBER:
            edge = QRect(option.rect.left(), option.rect.top(), 2, option.rect.height())
            painter.fillRect(edge, theme.tokens().color("accent"))
        is_current = isinstance(view, QTableView) and view.currentIndex() == index
        if is_current and view.hasFocus() and index.flags() & Qt.ItemFlag.ItemIsEditable:
            painter.save()
            painter.setPen(theme.tokens().color("accent"))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
            painter.restore()

    def createEditor(
        self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget | None:
        if index.column() == SECONDS:
            spin = QSpinBox(parent)
            spin.setRange(MIN_DURATION_S, MAX_DURATION_S)
            editor: QWidget = spin
        else:
            words = QPlainTextEdit(parent)
            words.setTabChangesFocus(True)
            editor = words
        heading = index.model().headerData(index.column(), Qt.Orientation.Horizontal)
        editor.setAccessibleName(str(heading))
        return editor

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        value = index.data(Qt.ItemDataRole.EditRole)
        if isinstance(editor, QSpinBox):
            editor.setValue(int(value))
        elif isinstance(editor, QPlainTextEdit):
            editor.setPlainText(str(value))
            editor.selectAll()

    def setModelData(
        self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex
    ) -> None:
        assert model is not None
        if isinstance(editor, QSpinBox):
            editor.interpretText()
            model.setData(index, editor.value())
        elif isinstance(editor, QPlainTextEdit):
            model.setData(index, editor.toPlainText())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        is_words = isinstance(watched, QPlainTextEdit) and isinstance(event, QKeyEvent)
        if is_words and event.type() == QEvent.Type.KeyPress:  # type: ignore[union-attr]
            is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)  # type: ignore[union-attr]
            has_shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier  # type: ignore[union-attr]
            if is_return and has_shift:
                return False
            if is_return:
                assert isinstance(watched, QWidget)
                self.commitData.emit(watched)
                self.closeEditor.emit(watched, QAbstractItemDelegate.EndEditHint.NoHint)
                return True
        return super().eventFilter(watched, event)


class DraftRows(EditedTable):
    """Signals:
    remove_requested(): Delete was pressed on rows.
    move_requested(int): Alt+Up (-1) or Alt+Down (1).
    """

    remove_requested = pyqtSignal()
    move_requested = pyqtSignal(int)

    def __init__(self, model: SceneDrafts, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.setObjectName("draftRows")
        self.setAccessibleName(tr("Proposed scenes"))
        # a view without its model complains
        self._drafts = model
        self.setItemDelegate(_Cell(self))
        self.setWordWrap(True)
        self._set_fonts()
        self._fit()

    def end_editing(self) -> None:
        """Take what is typed in a cell."""
        if self.state() == QTableView.State.EditingState:
            for kind in (QPlainTextEdit, QSpinBox):
                for editor in self.viewport().findChildren(kind):
                    self.commitData(editor)
                    self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def go_to(self, place: int) -> None:
        model = self.model()
        assert model is not None
        if model.rowCount():
            place = max(0, min(place, model.rowCount() - 1))
            self.setCurrentIndex(model.index(place, max(PICTURE, self.currentIndex().column())))

    def _fit(self) -> None:
        header = self.horizontalHeader()
        assert header is not None
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        metrics = QFontMetrics(header.font())
        body = QFontMetrics(self.font())
        for column in (NUMBER, PICTURE, MOTION, SECONDS, SUBTITLE, NOTES):
            if column in _STRETCH:
                continue
            title = str(self.model().headerData(column, Qt.Orientation.Horizontal))
            width = metrics.horizontalAdvance(title) + SPACE_24 + SPACE_8
            if column in (SUBTITLE, NOTES):
                width = max(width, body.averageCharWidth() * 18)
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        self._stretch()

    def _stretch(self) -> None:
        """Prompts share the room that is left, and are never too narrow to be read."""
        header = self.horizontalHeader()
        assert header is not None
        used = sum(header.sectionSize(column) for column in (NUMBER, SECONDS, SUBTITLE, NOTES))
        least = QFontMetrics(self.font()).averageCharWidth() * _LETTERS
        width = max(least, (self.viewport().width() - used) // len(_STRETCH))
        for column in _STRETCH:
            header.resizeSection(column, width)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._stretch()

    def _set_fonts(self) -> None:
        self.setFont(theme.tabular(QApplication.font()))
        header, below = self.horizontalHeader(), self.verticalHeader()
        assert header is not None
        assert below is not None
        header.setFont(theme.secondary_text_font())
        line = QFontMetrics(self.font()).lineSpacing()
        below.setDefaultSectionSize(line * _LINES + SPACE_8)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() == Qt.Key.Key_Delete:
            self.remove_requested.emit()
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self.move_requested.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent | None) -> bool:
        if event is not None and event.type() is QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())  # type: ignore[attr-defined]
            words = index.data(Qt.ItemDataRole.ToolTipRole) if index.isValid() else ""
            self.viewport().setToolTip(plain_tool_tip(str(words)) if words else "")
        return super().viewportEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            self._set_fonts()
            self._fit()
