"""The shelf: a small window above all others, from which clips are dragged into other programs."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPoint, QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QCloseEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QMoveEvent,
    QResizeEvent,
    QShowEvent,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.delegates.shelf_delegate import ShelfDelegate
from veo_studio.ui.drag_out import ClipMime, drag_out
from veo_studio.ui.icons import icon
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_24
from veo_studio.ui.view_models.shelf_model import ShelfModel
from veo_studio.ui.views.empty_state import EmptyState

_FIRST_SIZE = QSize(300, 380)
_SMALLEST = QSize(200, 180)


class ShelfList(QListView):
    """The clips; several are chosen as everywhere, and dragged together."""

    def __init__(self, model: ShelfModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = model
        self.setModel(model)
        self._delegate = ShelfDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(tr("Clips on the shelf"))

    def selected(self) -> list[Generation]:
        """From top to bottom."""
        indexes = sorted(self.selectionModel().selectedIndexes(), key=QModelIndex.row)
        found = (self.rows.generation(index) for index in indexes)
        return [one for one in found if one is not None]

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        # Qt calls this from its own mouse-move handler: a plain event, no task on the stack.
        drag_out(self, self.selected(), self.rows.pixmap_of)


class ShelfWindow(QWidget):
    """Stays above other programs and takes the focus from none of them.

    Signals:
        dropped(list, list): clips of ours as Generation objects, and files that may be some as paths.
        play_requested(Generation), reveal_requested(Generation), copy_path_requested(list)
        closed(): the user put it away.
        placed(): it was moved or has another size.
    """

    dropped = pyqtSignal(list, list)
    play_requested = pyqtSignal(object)
    reveal_requested = pyqtSignal(object)
    copy_path_requested = pyqtSignal(list)
    closed = pyqtSignal()
    placed = pyqtSignal()

    def __init__(self, model: ShelfModel) -> None:
        # without a parent: it stays when the main window is minimized
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.WindowStaysOnTopHint)
        self.setObjectName("shelf")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        # on macOS tool windows hide while another program is in front
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setWindowTitle(tr("Shelf \u2013 Veo Studio"))
        self.setAccessibleName(tr("Shelf"))
        self.setAcceptDrops(True)
        self.setAutoFillBackground(True)
        self.setMinimumSize(_SMALLEST)
        self.resize(_FIRST_SIZE)
        self.model = model
        model.setParent(self)
        self.menu: QMenu | None = None
        self.list = ShelfList(model, self)
        self.empty = EmptyState("shelf", self)
        self.empty.set_content(
            tr("Drop clips here to have them at hand, then drag them into any program.")
        )
        self.count = QLabel(self)
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        theme.secondary_font(self.count)
        theme.dim_text(self.count)
        self.remove_button = _tool(self, "close", tr("Remove from the shelf"))
        self.clear_button = _tool(self, "clear", tr("Clear the shelf"))
        self.notices = NoticeBar(self)
        self._lay_out()
        self.remove_button.clicked.connect(self.remove_selected)
        self.clear_button.clicked.connect(model.clear)
        self.list.doubleClicked.connect(self._play_at)
        self.list.selectionModel().selectionChanged.connect(self._show_state)
        model.rowsInserted.connect(self._show_state)
        model.rowsRemoved.connect(self._show_state)
        model.modelReset.connect(self._show_state)
        self._show_state()

    def _lay_out(self) -> None:
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACE_12, SPACE_4, SPACE_8, SPACE_4)
        foot.setSpacing(SPACE_4)
        foot.addWidget(self.count, 1)
        foot.addWidget(self.remove_button)
        foot.addWidget(self.clear_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE_4, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        layout.addLayout(foot)

    def _show_state(self, *_: object) -> None:
        count = self.model.rowCount()
        chosen = len(self.list.selectionModel().selectedRows())
        words = tr_n("{n} clip", "{n} clips", count) if count else ""
        if chosen > 1:
            words = tr("{n} of {count} chosen", n=chosen, count=count)
        self.count.setText(words)
        self.remove_button.setEnabled(chosen > 0)
        self.clear_button.setEnabled(count > 0)
        self._stack.setCurrentWidget(self.list if count else self.empty)

    def say(self, words: str) -> None:
        """Tell something about a drop."""
        self.notices.dismiss(words)
        self.notices.show_notice(words, key=words)

    # its place among windows

    def place_in_corner(self, room: QRect) -> None:
        """At the lower right of this part of the screen."""
        self.move(room.bottomRight() - QPoint(self.width() + SPACE_24, self.height() + SPACE_24))
        self.keep_inside()

    def keep_inside(self) -> None:
        """Whole on its screen, with its frame, which is not there before it is shown."""
        screen = self.screen()
        if screen is None:
            return
        room, frame = screen.availableGeometry(), self.frameGeometry()
        if frame.size() == self.size() and (style := self.style()) is not None:
            frame.setHeight(frame.height() + style.pixelMetric(style.PixelMetric.PM_TitleBarHeight))
        right, bottom = room.right() - frame.width() + 1, room.bottom() - frame.height() + 1
        x = max(room.left(), min(frame.x(), right))
        y = max(room.top(), min(frame.y(), bottom))
        if (x, y) != (frame.x(), frame.y()):
            self.move(x, y)

    def set_over_all(self, is_over_all: bool) -> None:
        """Above other windows, or no longer; it stays in sight meanwhile, unlike with new flags."""
        handle = self.windowHandle()
        if handle is not None:
            handle.setFlag(Qt.WindowType.WindowStaysOnTopHint, is_over_all)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        # once it has its frame
        QTimer.singleShot(0, self.keep_inside)

    # what can be done

    def remove_selected(self) -> None:
        self.model.remove({one.id for one in self.list.selected()})

    def _play_at(self, index: QModelIndex) -> None:
        one = self.model.generation(index)
        if one is not None:
            self.play_requested.emit(one)

    def actions_for(self, chosen: list[Generation]) -> list[QAction]:
        """What can be done with these, as actions for a menu."""
        if not chosen:
            return []
        actions = []
        if len(chosen) == 1:
            one = chosen[0]
            words = tr("Show") if one.is_picture else tr("Play")
            actions.append(self._action(words, "play", lambda: self.play_requested.emit(one)))
            words = tr("Show in folder")
            actions.append(self._action(words, "folder", lambda: self.reveal_requested.emit(one)))
        words = tr_n("Copy path", "Copy {n} paths", len(chosen))
        actions.append(self._action(words, "copy", lambda: self.copy_path_requested.emit(chosen)))
        words = tr("Remove from the shelf")
        actions.append(self._action(words, "close", self.remove_selected))
        return actions

    def _action(self, words: str, icon_name: str, do_it: object) -> QAction:
        action = QAction(icon(icon_name, "text", 16), words, self)
        action.triggered.connect(lambda _checked=False: do_it())  # type: ignore[operator]
        return action

    def open_menu(self, position: QPoint) -> None:
        """Open the menu of the chosen clips at a global position."""
        actions = self.actions_for(self.list.selected())
        if not actions:
            return
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self)
        for action in actions:
            action.setParent(self.menu)
            self.menu.addAction(action)
        # Not exec: a menu must not start a loop of its own.
        self.menu.popup(position)

    # Qt events

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        chosen = self.list.selected()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(chosen) == 1:
            self.play_requested.emit(chosen[0])
        elif event.matches(QKeySequence.StandardKey.Delete) or event.key() == Qt.Key.Key_Backspace:
            self.remove_selected()
        elif event.matches(QKeySequence.StandardKey.Copy) and chosen:
            self.copy_path_requested.emit(chosen)
        elif event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Close):
            self.close()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        assert event is not None
        self.open_menu(event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        self._consider(event)

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:
        self._consider(event)

    def dropEvent(self, event: QDropEvent | None) -> None:
        assert event is not None
        mime = event.mimeData()
        if not self._consider(event) or mime is None:
            return
        if isinstance(mime, ClipMime) and mime.generations:
            self.dropped.emit(list(mime.generations), [])
        else:
            paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
            self.dropped.emit([], paths)

    def _consider(self, event: QDropEvent | None) -> bool:
        """Files of any program, but not what was dragged out of this very window."""
        assert event is not None
        mime = event.mimeData()
        is_own = event.source() is self.list
        has_files = mime is not None and any(url.isLocalFile() for url in mime.urls())
        if is_own or not has_files:
            event.ignore()
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        return True

    def closeEvent(self, event: QCloseEvent | None) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def moveEvent(self, event: QMoveEvent | None) -> None:
        super().moveEvent(event)
        self.placed.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.placed.emit()


def _tool(parent: QWidget, icon_name: str, words: str) -> QToolButton:
    button = QToolButton(parent)
    button.setIcon(icon(icon_name, "text", 16))
    button.setAutoRaise(True)
    button.setMinimumSize(28, 28)
    button.setToolTip(words)
    button.setAccessibleName(words)
    return button
