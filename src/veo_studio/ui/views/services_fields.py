"""Fields of the services' settings: what is typed holds once it is confirmed, and what is wrong is said under it."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.icons import icon, paint_icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.views.labels import SmallLabel


class Mark(QWidget):
    """A small picture that follows the theme; takes its room also while it shows nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._token = "", "dim"
        self.setFixedSize(QSize(20, 20))

    def show_icon(self, name: str, token: str) -> None:
        self._name, self._token = name, token
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._name:
            painter = QPainter(self)
            rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            paint_icon(painter, self._name, rect, theme.tokens().color(self._token))
            painter.end()


class SavedEdit(QLineEdit):
    """Text that holds once Enter was pressed or the field was left; Escape brings back what holds.

    Signals:
        saved(str): another text was confirmed; whoever takes it calls `hold`, or `refuse`.
    """

    saved = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held = ""
        # confirmed and not decided yet: leaving the field after Enter asks no second time
        self._asked: str | None = None
        self._is_refused = False
        self.editingFinished.connect(self._on_finished)
        self.textEdited.connect(self._forget)

    @property
    def is_dirty(self) -> bool:
        return self.text().strip() != self._held

    def hold(self, text: str) -> None:
        """This text holds now; what is being typed is left alone."""
        is_mended = self.hasFocus() or self._is_refused
        is_typing = self.is_dirty and self._asked is None and is_mended
        self._held = text
        if not is_typing:
            self._forget()
            if self.text() != text:
                self.setText(text)

    def refuse(self) -> None:
        """What was confirmed is not taken; it stays to be mended."""
        self._asked = None
        self._is_refused = True

    def revert(self) -> None:
        self._forget()
        self.setText(self._held)

    def confirm(self) -> None:
        """As Enter does."""
        self._on_finished()

    def _forget(self) -> None:
        self._asked = None
        self._is_refused = False

    def _on_finished(self) -> None:
        text = self.text().strip()
        if self.is_dirty and not self._is_refused and text != self._asked and not self.isReadOnly():
            self._asked = text
            self.saved.emit(text)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape and self.is_dirty:
            self.revert()
            self.textEdited.emit(self.text())
            return
        super().keyPressEvent(event)


class TextField(QWidget):
    """A text with what it means under it, and an optional button that empties it.

    Signals:
        saved(str): another text was confirmed.
        refused(str): it was not taken, and this is why.
    """

    saved = pyqtSignal(str)
    refused = pyqtSignal(str)

    def __init__(self, name: str, *, usual: str = "", parent: QWidget | None = None) -> None:
        """`usual` is the button that goes back to what holds without a text."""
        super().__init__(parent)
        self.edit = SavedEdit()
        self.edit.setObjectName(name)
        self.note = SmallLabel(parent=self)
        self.usual = QPushButton(usual)
        self.usual.setObjectName(f"{name}Usual")
        self.usual.setAutoDefault(False)
        self._words = ""
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.edit, 1)
        row.addWidget(self.usual)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addLayout(row)
        column.addWidget(self.note)
        self.usual.setVisible(bool(usual))
        self.setFocusProxy(self.edit)
        self.edit.saved.connect(self.saved)
        self.edit.textEdited.connect(lambda _text: self._say(self._words, "dim"))
        self.usual.clicked.connect(self._on_usual)

    def show_value(self, text: str, words: str, *, variable: str = "") -> None:
        """What holds, and what it means; with `variable` the environment decides, not the user."""
        was_refused = self.edit.is_dirty and self.note.text() != self._words
        self._words = (
            tr("The environment variable {name} decides this.", name=variable)
            if variable
            else words
        )
        self.edit.hold(text)
        self.edit.setReadOnly(bool(variable))
        self.edit.setEnabled(not variable)
        self.usual.setEnabled(bool(text) and not variable)
        if not (was_refused and self.edit.is_dirty):
            self._say(self._words, "dim")

    def refuse(self, sentence: str) -> None:
        """Say under the field why the text is not taken."""
        self.edit.refuse()
        self._say(sentence, "bad")
        self.refused.emit(sentence)

    def revert(self) -> None:
        self.edit.revert()
        self._say(self._words, "dim")

    def _say(self, words: str, token: str) -> None:
        self.note.set_token(token)
        self.note.show_words(words)
        self.edit.setAccessibleDescription(words)

    def _on_usual(self) -> None:
        self.edit.revert()
        self.edit.setText("")
        self.edit.confirm()


class KeyField(QWidget):
    """A key that is typed or pasted, never shown again once it is kept.

    Signals:
        saved(str): this key shall be used.
        removed(): the kept one shall be forgotten.
    """

    saved = pyqtSignal(str)
    removed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit()
        self.edit.setObjectName("key")
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setAccessibleName(tr("Key"))
        self.eye = QToolButton()
        self.eye.setObjectName("showKey")
        self.eye.setCheckable(True)
        self.eye.setIcon(icon("eye", "dim", on_name="eye", on_token="accent"))
        self.eye.setAccessibleName(tr("Show what is typed"))
        self.eye.setToolTip(tr("Show what is typed"))
        self.paste = QPushButton(tr("&Paste"))
        self.paste.setObjectName("pasteKey")
        self.save = QPushButton(tr("Sa&ve key"))
        self.save.setObjectName("saveKey")
        self.remove = QPushButton(tr("&Remove key"))
        self.remove.setObjectName("removeKey")
        self.note = SmallLabel(parent=self)
        self._words = ""
        row = QHBoxLayout()
        row.setSpacing(SPACE_4)
        row.addWidget(self.edit, 1)
        row.addWidget(self.eye)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_8)
        for button in (self.paste, self.save, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addSpacing(SPACE_4)
        column.addLayout(buttons)
        self.setFocusProxy(self.edit)
        for button in (self.paste, self.save, self.remove):
            button.setAutoDefault(False)
        self.edit.textChanged.connect(self._on_changed)
        self.edit.returnPressed.connect(self.confirm)
        self.save.clicked.connect(self.confirm)
        self.remove.clicked.connect(self.removed)
        self.paste.clicked.connect(self._on_paste)
        self.eye.toggled.connect(self._on_eye)
        self.edit.installEventFilter(self)
        self._on_changed()

    @property
    def typed(self) -> str:
        """What was typed and is not kept yet, without the spaces around it."""
        return self.edit.text().strip()

    def show_kept(self, words: str, *, is_there: bool, may_remove: bool) -> None:
        """Where the key is, or would be; what is being typed is left alone."""
        self._words = words
        self.edit.setPlaceholderText(
            tr("A key is set; paste another to replace it") if is_there else tr("Paste the key")
        )
        # no room is given back: the other buttons keep their place
        self.remove.setEnabled(may_remove)
        if not self.typed:
            self._say(words, "dim")

    def confirm(self) -> None:
        if self.typed:
            self.saved.emit(self.typed)

    def clear(self) -> None:
        """It is kept, or given up."""
        self.edit.clear()
        self.eye.setChecked(False)

    def refuse(self, sentence: str) -> None:
        self._say(sentence, "bad")
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()

    def _say(self, words: str, token: str) -> None:
        self.note.set_token(token)
        self.note.show_words(words)
        self.edit.setAccessibleDescription(words)

    def _on_changed(self) -> None:
        self.save.setEnabled(bool(self.typed))
        self._say(self._words, "dim")

    def _on_paste(self) -> None:
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        self.edit.setText(clipboard.text().strip())
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_eye(self, is_on: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if is_on else QLineEdit.EchoMode.Password
        self.edit.setEchoMode(mode)

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:  # type: ignore[override]
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() is QEvent.Type.KeyPress and self.edit.text():
            self.clear()
            return True
        return False


class Result(QWidget):
    """What a test proved, or what is wrong, beside its sign; empty it takes no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = Mark()
        self._label = SmallLabel("text", self)
        self._label.setObjectName("testResult")
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_12)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.hide()

    @property
    def text(self) -> str:
        return self._label.text()

    def show_words(self, words: str, icon_name: str = "", token: str = "dim") -> None:
        self._mark.show_icon(icon_name, token)
        self._label.show_words(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))
