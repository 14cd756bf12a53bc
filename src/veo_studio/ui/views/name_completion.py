"""`@` in a prompt offers the names of the cast."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, QPoint, QStringListModel, Qt
from PyQt6.QtGui import QKeyEvent, QTextCursor
from PyQt6.QtWidgets import QCompleter, QPlainTextEdit

from veo_studio.ui.text import tr

# the name that is being typed: up to the cursor, not after a letter as in an address
_OPEN = re.compile(r"(?<![\w@.])@(\w{0,32})\Z")
_TAKE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_MOST_SHOWN = 8


class NameCompletion(QObject):
    """Lives as long as its field. Return or Tab takes the chosen name, Escape leaves what is typed."""

    def __init__(self, edit: QPlainTextEdit, names: Callable[[], Sequence[str]]) -> None:
        super().__init__(edit)
        self._edit = edit
        self._names = names
        self._words = QStringListModel(self)
        self.completer = QCompleter(self._words, self)
        self.completer.setWidget(edit)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setMaxVisibleItems(_MOST_SHOWN)
        self.completer.activated[str].connect(self.take)
        self.completer.popup().setAccessibleName(tr("Names of the cast"))
        edit.textChanged.connect(self._on_text)
        edit.cursorPositionChanged.connect(self._on_cursor)
        edit.installEventFilter(self)
        # the list has the keyboard while it is open, and would hand Return to the field
        self.completer.popup().installEventFilter(self)

    @property
    def is_open(self) -> bool:
        return self.completer.popup().isVisible()

    def _typed(self) -> str | None:
        """What stands between an @ and the cursor; None where no name is being typed."""
        cursor = self._edit.textCursor()
        if cursor.hasSelection():
            return None
        before = cursor.block().text()[: cursor.positionInBlock()]
        found = _OPEN.search(before)
        return None if found is None else found[1]

    def _on_text(self) -> None:
        typed = self._typed()
        # only what is typed here: texts that are put in open nothing
        names = list(self._names()) if typed is not None and self._edit.hasFocus() else []
        fitting = [name for name in names if name.casefold().startswith((typed or "").casefold())]
        if not fitting or fitting == [typed]:
            self.completer.popup().hide()
            return
        self._words.setStringList(fitting)
        # they are sifted already; as many as fit to what is typed
        self.completer.setCompletionPrefix("")
        popup = self.completer.popup()
        corner = self._edit.cursorRect()
        corner.translate(QPoint(self._edit.viewport().x(), self._edit.viewport().y()))
        corner.setWidth(popup.sizeHintForColumn(0) + popup.verticalScrollBar().sizeHint().width())
        self.completer.complete(corner)
        popup.setCurrentIndex(self.completer.completionModel().index(0, 0))

    def _on_cursor(self) -> None:
        if self.is_open and self._typed() is None:
            self.completer.popup().hide()

    def take(self, name: str) -> None:
        """Put it in the place of what is typed; undo brings that back."""
        typed = self._typed()
        if typed is None:
            return
        cursor = self._edit.textCursor()
        left, keep = QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor
        cursor.movePosition(left, keep, len(typed))
        after = self._edit.document().characterAt(self._edit.textCursor().position())
        cursor.insertText(name if after.isspace() and after != "\u2029" else f"{name} ")
        self._edit.setTextCursor(cursor)
        self.completer.popup().hide()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if not self.is_open or not isinstance(event, QKeyEvent):
            return False
        if event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() in _TAKE:
            index = self.completer.popup().currentIndex()
            if index.isValid():
                self.take(str(index.data()))
                return True
        if event.key() == Qt.Key.Key_Escape:
            self.completer.popup().hide()
            return True
        return False
