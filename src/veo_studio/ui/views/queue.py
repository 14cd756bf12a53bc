"""The pane under the player: what is going on, what waits, and how to stop it."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPoint, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import ATTENTION_STATES, Generation
from veo_studio.ui import theme
from veo_studio.ui.delegates.queue_delegate import QueueDelegate
from veo_studio.ui.icons import icon
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16, heading_font
from veo_studio.ui.view_models.queue_model import QueueModel, QueueRole
from veo_studio.ui.views.labels import SmallLabel


class QueueList(QListView):
    """Rows of `QueueModel`; Delete or the row's button ends one, Return retries what waits.

    Signals:
        button_clicked(index), menu_requested(index, global position)
    """

    button_clicked = pyqtSignal(QModelIndex)
    menu_requested = pyqtSignal(QModelIndex, QPoint)

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queueList")
        self.setAccessibleName(tr("Queue"))
        self.setModel(model)
        self._delegate = QueueDelegate(self)
        self.setItemDelegate(self._delegate)
        self._delegate.button_clicked.connect(self.button_clicked)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setUniformItemSizes(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)

    def button_rect(self, index: QModelIndex) -> QRect:
        """Where the button of a row is on the viewport."""
        return self._delegate.button_rect(self.visualRect(index), index)

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

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        index = self.currentIndex()
        needs_attention = bool(index.isValid() and index.data(QueueRole.NEEDS_ATTENTION))
        keys = (
            (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if needs_attention
            else (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        )
        if index.isValid() and event.key() in keys and not event.modifiers():
            self.button_clicked.emit(index)
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        assert event is not None
        is_keyboard = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if is_keyboard else self.indexAt(event.pos())
        if index.isValid():
            at = self.visualRect(index).center() if is_keyboard else event.pos()
            self.menu_requested.emit(index, self.viewport().mapToGlobal(at))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setFont(theme.secondary_text_font())
            painter.setPen(theme.tokens().color("dim"))
            painter.drawText(
                self.viewport().rect().adjusted(SPACE_16, 0, -SPACE_16, 0),
                int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
                tr("Nothing is running. Clips you generate show their progress here."),
            )
            painter.end()


class QueueView(QWidget):
    """Heading, rows and the notices about them.

    Signals:
        cancel_requested(generation), retry_requested(generation), copy_prompt_requested(generation)
    """

    cancel_requested = pyqtSignal(object)
    retry_requested = pyqtSignal(object)
    copy_prompt_requested = pyqtSignal(object)

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue")
        self._model = model
        title = QLabel(tr("Queue"))
        heading_font(title)
        self.summary = SmallLabel()
        self.summary.setWordWrap(False)
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_12, SPACE_8, SPACE_12, SPACE_8)
        head.setSpacing(SPACE_12)
        head.addWidget(title)
        head.addWidget(self.summary)
        head.addStretch(1)
        self.rows = QueueList(model)
        self.notices = NoticeBar(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.rows, 1)
        model.count_changed.connect(self._on_count_changed)
        self.rows.button_clicked.connect(self._on_button_clicked)
        self.rows.menu_requested.connect(self._on_menu_requested)

    def _on_count_changed(self, active: int, attention: int) -> None:
        parts = []
        if active:
            parts.append(tr_n("{n} clip", "{n} clips", active))
        if attention:
            parts.append(tr_n("{n} needs you", "{n} need you", attention))
        self.summary.show_words(" · ".join(parts))
        self.rows.viewport().update()

    def _on_button_clicked(self, index: QModelIndex) -> None:
        generation = self._model.generation_at(index)
        if generation is None:
            return
        if generation.state in ATTENTION_STATES:
            self.retry_requested.emit(generation)
        elif index.data(QueueRole.BUTTON):
            self.cancel_requested.emit(generation)

    def menu_for(self, generation: Generation, index: QModelIndex) -> QMenu:
        """What can be done with one row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = index.data(QueueRole.BUTTON)
        if words:
            is_retry = generation.state in ATTENTION_STATES
            do_it = menu.addAction(icon("retry" if is_retry else "close"), words)
            do_it.triggered.connect(lambda: self._on_button_clicked(index))
        copy = menu.addAction(icon("copy"), tr("Copy prompt"))
        copy.triggered.connect(lambda: self.copy_prompt_requested.emit(generation))
        return menu

    def _on_menu_requested(self, index: QModelIndex, at: QPoint) -> None:
        generation = self._model.generation_at(index)
        if generation is not None:
            self.menu_for(generation, index).popup(at)
