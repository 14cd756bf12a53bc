"""The list of a queue pane: buttons inside the rows, keys that mean the same, dragging in the line."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyleOptionViewItem,
    QWidget,
)

from veo_studio.ui import shortcuts, theme
from veo_studio.ui.delegates.queue_delegate import QueueDelegate, RowPart
from veo_studio.ui.drag_out import ThumbnailOf, drag_out
from veo_studio.ui.theme import SPACE_16
from veo_studio.ui.view_models.generation_rows import GenerationRows, QueueRole

_PRESSES = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SAME_PLACE = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
_MOVES = ("up", "down", "next")


class QueueList(QListView):
    """Rows of `GenerationRows`, each with one button and three dots.

    Signals:
        button_clicked(index): the button, or the key that means it.
        edit_asked(index): F2 or a double click.
        move_asked(index, "up" | "down" | "next"): Alt with an arrow or Home.
        menu_requested(index, global position)
    """

    button_clicked = pyqtSignal(QModelIndex)
    edit_asked = pyqtSignal(QModelIndex)
    move_asked = pyqtSignal(QModelIndex, str)
    menu_requested = pyqtSignal(QModelIndex, QPoint)

    def __init__(
        self,
        model: GenerationRows,
        name: str,
        *,
        command: str,
        empty_words: str = "",
        delegate: QueueDelegate | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        # what the button of a row is among the shortcuts
        self._command = command
        self._drags_files = False
        # the picture of a row that has a file
        self.pixmap_of: ThumbnailOf | None = None
        self._empty_words = empty_words
        self.setAccessibleName(name)
        self.setModel(model)
        self._delegate = delegate if delegate is not None else QueueDelegate(self)
        self._delegate.setParent(self)
        self.setItemDelegate(self._delegate)
        self._delegate.button_clicked.connect(self.button_clicked)
        self._delegate.more_clicked.connect(self._on_more_clicked)
        self.doubleClicked.connect(self.edit_asked)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # rows that wrap their words are laid out anew for another width
        self._is_wrapped = delegate is not None
        self.setUniformItemSizes(not self._is_wrapped)
        if self._is_wrapped:
            self.setResizeMode(QListView.ResizeMode.Adjust)
        self.verticalScrollBar().setSingleStep(theme.SPACE_24)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)

    def let_rows_be_dragged(self) -> None:
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)

    def let_files_be_dragged(self) -> None:
        """Rows have files, and other programs may have them."""
        self._drags_files = True
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        generation = self.currentIndex().data(QueueRole.GENERATION)
        if not self._drags_files:
            super().startDrag(supportedActions)
        elif generation is not None:
            drag_out(self, [generation], self.pixmap_of)

    def row_height(self) -> int:
        """Of any row, also of one that is not there."""
        return self._delegate.sizeHint(QStyleOptionViewItem(), QModelIndex()).height()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.row_height())

    def rows_height(self, count: int) -> int:
        """Of the first `count` rows together."""
        if not self._is_wrapped:
            return count * self.row_height()
        rows = range(min(count, self.model().rowCount()))
        option = QStyleOptionViewItem()
        heights = [
            self._delegate.sizeHint(option, self.model().index(row, 0)).height() for row in rows
        ]
        return sum(heights)

    def button_rect(self, index: QModelIndex) -> QRect:
        """Where the button of a row is on the viewport."""
        return self._delegate.button_rect(self.visualRect(index), index)

    def more_rect(self, index: QModelIndex) -> QRect:
        """Where the three dots of a row are on the viewport."""
        return self._delegate.more_rect(self.visualRect(index))

    # mouse

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        at = event.position().toPoint()
        index = self.indexAt(at)
        is_left = event.button() is Qt.MouseButton.LeftButton and index.isValid()
        if is_left and self._delegate.press(index, self.visualRect(index), at):
            self.setCurrentIndex(index)
            self.viewport().update()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        at = event.position().toPoint()
        index = self.indexAt(at)
        if self._delegate.release(index, self.visualRect(index), at):
            self.viewport().update()
            return
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        at = event.position().toPoint()
        index = self.indexAt(at)
        # two quick clicks on a button are two clicks
        if index.isValid() and self._delegate.press(index, self.visualRect(index), at):
            return
        super().mouseDoubleClickEvent(event)

    def _on_more_clicked(self, index: QModelIndex) -> None:
        self._ask_menu(index, self.more_rect(index).bottomLeft())

    def _ask_menu(self, index: QModelIndex, at: QPoint) -> None:
        self.menu_requested.emit(index, self.viewport().mapToGlobal(at))

    def dropEvent(self, event: QDropEvent | None) -> None:
        """A row was dragged to another place: the model asks for it, nothing is moved here."""
        assert event is not None
        if event.source() is not self:
            event.ignore()
            return
        index = self.indexAt(event.position().toPoint())
        row = index.row() if index.isValid() else -1
        where = self.dropIndicatorPosition()
        if row >= 0 and where is QAbstractItemView.DropIndicatorPosition.BelowItem:
            row += 1
        action = Qt.DropAction.MoveAction
        self.model().dropMimeData(event.mimeData(), action, row, 0, QModelIndex())
        # as a copy: Qt takes away what was moved
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.setState(QAbstractItemView.State.NoState)
        self.viewport().update()

    # keys

    @property
    def part(self) -> RowPart:
        """What the keyboard is on inside the current row."""
        return self._delegate.part

    def _set_part(self, part: RowPart) -> None:
        self._delegate.part = part
        self.viewport().update()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab goes through the parts of the current row before it leaves the list."""
        index = self.currentIndex()
        if index.isValid() and self.hasFocus():
            parts = [RowPart.ROW, RowPart.BUTTON, RowPart.MORE]
            if not index.data(QueueRole.BUTTON):
                parts.remove(RowPart.BUTTON)
            here = parts.index(self.part) if self.part in parts else 0
            there = here + (1 if is_next else -1)
            if 0 <= there < len(parts):
                self._set_part(parts[there])
                return True
        return super().focusNextPrevChild(is_next)

    def _press_part(self, index: QModelIndex) -> bool:
        if self.part is RowPart.BUTTON:
            self.button_clicked.emit(index)
        elif self.part is RowPart.MORE:
            self._on_more_clicked(index)
        return self.part is not RowPart.ROW

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        index = self.currentIndex()
        if index.isValid() and self._does(index, event):
            return
        super().keyPressEvent(event)

    def _does(self, index: QModelIndex, event: QKeyEvent) -> bool:
        """True where the key means something for this row."""
        if not event.modifiers() and Qt.Key(event.key()) in _PRESSES and self._press_part(index):
            return True
        how = next((one for one in _MOVES if shortcuts.matches(event, f"queue.{one}")), None)
        if how is not None:
            self.move_asked.emit(index, how)
        elif shortcuts.matches(event, "queue.menu"):
            # Qt knows the menu key, but on most systems not its old name
            self._on_more_clicked(index)
        elif shortcuts.matches(event, self._command):
            self.button_clicked.emit(index)
        elif shortcuts.matches(event, "queue.edit"):
            self.edit_asked.emit(index)
        else:
            return False
        return True

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        is_back = event is not None and event.reason() is Qt.FocusReason.BacktabFocusReason
        stays = event is not None and event.reason() in _SAME_PLACE
        if not stays:
            self._set_part(RowPart.MORE if is_back else RowPart.ROW)
        # a list that is reached by keyboard has a row to act on
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        assert event is not None
        is_keyboard = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if is_keyboard else self.indexAt(event.pos())
        if index.isValid():
            at = self.visualRect(index).center() if is_keyboard else event.pos()
            self.menu_requested.emit(index, self.viewport().mapToGlobal(at))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if self.model().rowCount() == 0 and self._empty_words:
            painter = QPainter(self.viewport())
            painter.setFont(theme.secondary_text_font())
            painter.setPen(theme.tokens().color("dim"))
            painter.drawText(
                self.viewport().rect().adjusted(SPACE_16, 0, -SPACE_16, 0),
                int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
                self._empty_words,
            )
            painter.end()
