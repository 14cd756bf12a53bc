"""Tags or collections of some clips: each with a mark that says all, some or none; new ones by typing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QEvent, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.views.labels import SmallLabel

_ROWS = 8
_NAME = Qt.ItemDataRole.UserRole
_STATES = {True: Qt.CheckState.Checked, False: Qt.CheckState.Unchecked}


class NamePicker(QFrame):
    """A popup beside what was clicked; closes with Escape or a click outside.

    Signals:
        toggled(str, bool): this name on or off all of them.
        created(str): a name that is not there yet, for all of them.
        shown_anew(): the names are as they are now.
        closed(): it is gone.
    """

    toggled = pyqtSignal(str, bool)
    created = pyqtSignal(str)
    shown_anew = pyqtSignal()
    closed = pyqtSignal()

    def __init__(
        self, title: str, hint: str, create_words: str, parent: QWidget | None = None
    ) -> None:
        """`create_words` has a place {name}."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._create_words = create_words
        self._names: list[str] = []
        self._counts: Mapping[str, int] = {}
        self._total = 0
        self.title = QLabel(title, self)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(title)
        self.field.setMaxLength(64)
        self.field.textChanged.connect(self._show)
        self.field.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(title)
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(self._use)
        self.list.installEventFilter(self)
        self.problem = SmallLabel("bad", self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_12, theme.SPACE_12, theme.SPACE_12, theme.SPACE_12)
        layout.setSpacing(theme.SPACE_8)
        for widget in (self.title, self.field, self.list, self.problem):
            layout.addWidget(widget)
        self.setFixedWidth(round(theme.body_px() * 23))

    def show_names(self, names: Sequence[str], counts: Mapping[str, int], total: int) -> None:
        """`counts` says how many of the `total` clips have each name."""
        known = {name.casefold() for name in counts}
        rest = [name for name in names if name.casefold() not in known]
        # what they have stands first, so that it is seen
        self._names = [*counts, *sorted(rest, key=str.casefold)]
        self._counts, self._total = counts, total
        self.problem.show_words("")
        self._show()
        self.shown_anew.emit()

    def show_problem(self, words: str) -> None:
        self.problem.show_words(words)
        self._show()

    def open_at(self, position: QPoint) -> None:
        """Above or below a point on the screen, whichever has room."""
        self._show()
        self.adjustSize()
        screen = self.screen()
        if screen is not None:
            room = screen.availableGeometry()
            x = min(position.x(), room.right() - self.width())
            y = position.y()
            if y + self.height() > room.bottom():
                y = position.y() - self.height()
            position = QPoint(max(room.left(), x), max(room.top(), y))
        self.move(position)
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    # what is shown

    def _show(self, *_: object) -> None:
        typed = " ".join(self.field.text().split())
        wanted = typed.casefold()
        current = self.list.currentItem()
        kept = current.data(_NAME) if current is not None else None
        self.list.clear()
        for name in self._names:
            if wanted in name.casefold():
                self._add(name, name, self._state(name))
        if typed and all(typed.casefold() != name.casefold() for name in self._names):
            self._add(tr(self._create_words, name=typed), "", None)
        for row in range(self.list.count()):
            if self.list.item(row).data(_NAME) == kept:
                self.list.setCurrentRow(row)
        if self.list.currentRow() < 0 and self.list.count():
            self.list.setCurrentRow(0)
        height = max(1, min(_ROWS, max(self.list.count(), 3)))
        row_px = self.list.sizeHintForRow(0) if self.list.count() else round(theme.body_px() * 2)
        self.list.setFixedHeight(height * max(1, row_px) + 4)

    def _add(self, words: str, name: str, state: Qt.CheckState | None) -> None:
        item = QListWidgetItem(words)
        item.setData(_NAME, name)
        item.setSizeHint(QSize(0, round(theme.body_px() * 2.1)))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        if state is not None:
            item.setCheckState(state)
            count = self._counts.get(name, 0)
            if 0 < count < self._total:
                item.setToolTip(tr("{n} of {total} have it.", n=count, total=self._total))
        self.list.addItem(item)

    def _state(self, name: str) -> Qt.CheckState:
        count = self._counts.get(name, 0)
        if 0 < count < self._total:
            return Qt.CheckState.PartiallyChecked
        return _STATES[count > 0]

    # what is chosen

    def _use(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        name = item.data(_NAME)
        if name:
            self.toggled.emit(name, self._counts.get(name, 0) < self._total)
        else:
            typed = " ".join(self.field.text().split())
            self.field.clear()
            self.created.emit(typed)

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._use(self.list.currentItem())
            return True
        if watched is self.list and key == Qt.Key.Key_Space:
            self._use(self.list.currentItem())
            return True
        if watched is self.field and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            row = self.list.currentRow() + step
            if 0 <= row < self.list.count():
                self.list.setCurrentRow(row)
            return True
        if key == Qt.Key.Key_Escape:
            self.close()
            return True
        return False

    def closeEvent(self, event: object) -> None:
        super().closeEvent(event)  # type: ignore[arg-type]
        self.closed.emit()
