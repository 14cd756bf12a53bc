"""One field of a target, made from what its kind says about it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.publishing.base import TargetField
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4
from veo_studio.ui.views.labels import SmallLabel


class FieldEdit(QWidget):
    """Signals:
    edited(str): another value.
    choice_requested(): the user wants to choose a folder or a file.
    removal_toggled(bool): the secret that is kept shall go, or stay all the same.
    """

    edited = pyqtSignal(str)
    choice_requested = pyqtSignal()
    removal_toggled = pyqtSignal(bool)

    def __init__(self, field: TargetField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.choices: QComboBox | None = None
        self.edit: QLineEdit | None = None
        self.removal: QPushButton | None = None
        self._is_removed = False
        self._row = QHBoxLayout()
        self._row.setSpacing(SPACE_4)
        if field.choices:
            self._add_choices()
        else:
            self._add_edit()
        self.note = SmallLabel(parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addLayout(self._row)
        column.addWidget(self.note)
        self.show_problem("")

    def _add_choices(self) -> None:
        self.choices = QComboBox()
        self.choices.setObjectName(f"field-{self.field.name}")
        # else its longest words would be the narrowest that the page can be
        self.choices.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choices.setMinimumContentsLength(12)
        for value, words in self.field.choices:
            self.choices.addItem(words, value)
        self.choices.setAccessibleName(self.field.label)
        self.choices.activated.connect(self._on_chosen)
        self.setFocusProxy(self.choices)
        self._row.addWidget(self.choices, 1)

    def _add_edit(self) -> None:
        edit = self.edit = QLineEdit()
        edit.setObjectName(f"field-{self.field.name}")
        edit.setAccessibleName(self.field.label)
        edit.textEdited.connect(self._on_typed)
        self.setFocusProxy(edit)
        self._row.addWidget(edit, 1)
        if self.field.is_secret:
            edit.setEchoMode(QLineEdit.EchoMode.Password)
            self._row.addWidget(self._eye(edit))
            if not self.field.is_required:
                self.removal = self._remover()
                self._row.addWidget(self.removal)
        elif self.field.asks in ("folder", "file"):
            self._row.addWidget(self._chooser())
        elif self.field.asks == "number":
            edit.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)

    def _eye(self, edit: QLineEdit) -> QToolButton:
        eye = QToolButton()
        eye.setCheckable(True)
        eye.setIcon(icon("eye", "dim", on_name="eye", on_token="accent"))
        words = tr("Show what is typed")
        eye.setAccessibleName(words)
        eye.setToolTip(words)
        modes = QLineEdit.EchoMode
        eye.toggled.connect(
            lambda is_on: edit.setEchoMode(modes.Normal if is_on else modes.Password)
        )
        return eye

    def _chooser(self) -> QPushButton:
        choose = QPushButton(tr("Ch&oose…"))
        choose.setObjectName(f"choose-{self.field.name}")
        choose.setAutoDefault(False)
        is_file = self.field.asks == "file"
        choose.setAccessibleName(tr("Choose a file") if is_file else tr("Choose a folder"))
        choose.clicked.connect(self.choice_requested)
        return choose

    def _remover(self) -> QPushButton:
        remove = QPushButton(self)
        remove.setObjectName(f"remove-{self.field.name}")
        remove.setAutoDefault(False)
        remove.clicked.connect(self._on_remove)
        return remove

    @property
    def value(self) -> str:
        if self.choices is not None:
            return str(self.choices.currentData())
        assert self.edit is not None
        return self.edit.text().strip()

    def show_value(
        self, value: str, *, is_kept: bool = False, is_removed: bool = False
    ) -> None:  # fmt: skip
        """`is_kept`: there is a secret already, which is never shown; `is_removed`: it shall go."""
        if self.choices is not None:
            self.choices.setCurrentIndex(max(0, self.choices.findData(value)))
            return
        assert self.edit is not None
        if self.value != value:
            self.edit.setText(value)
        if self.field.is_secret:
            words = tr("One is kept; type another to replace it") if is_kept else ""
            self.edit.setPlaceholderText(tr("It is removed when you save") if is_removed else words)
        if self.removal is not None:
            self._is_removed = is_removed
            self.removal.setVisible(is_kept)
            self.removal.setText(tr("Keep it") if is_removed else tr("Remove it"))
            name = "Keep {label}" if is_removed else "Remove {label}"
            self.removal.setAccessibleName(tr(name, label=self.field.label))

    def show_problem(self, problem: str) -> None:
        """What is wrong, else what the field means."""
        words = problem or self.field.help
        self.note.set_token("bad" if problem else "dim")
        self.note.show_words(words)
        (self.choices or self.edit or self).setAccessibleDescription(words)

    def _on_remove(self) -> None:
        self.removal_toggled.emit(not self._is_removed)

    def _on_typed(self, _text: str) -> None:
        self.edited.emit(self.value)

    def _on_chosen(self, _at: int) -> None:
        self.edited.emit(self.value)
