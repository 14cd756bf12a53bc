"""The seed: a number that makes a clip again, a dice to draw one, a lock to keep it."""

from __future__ import annotations

import random

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QValidator
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr

MAX_SEED = 2**31 - 1


class _SeedValidator(QValidator):
    def validate(self, text: str | None, pos: int) -> tuple[QValidator.State, str, int]:
        text = text or ""
        is_fine = not text or (text.isascii() and text.isdigit() and int(text) <= MAX_SEED)
        state = QValidator.State.Acceptable if is_fine else QValidator.State.Invalid
        return state, text, pos


class SeedField(QWidget):
    """A seed of 0 to 2**31-1, or none: then each clip gets one of its own.

    Locked means: keep this number for the next clips. Locking an empty field draws one first,
    since a lock on nothing would keep nothing.

    Signals:
        changed(): the number or the lock is another one.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit(self)
        self.edit.setPlaceholderText(tr("random"))
        self.edit.setValidator(_SeedValidator(self.edit))
        self.edit.setAccessibleName(tr("Seed"))
        self.edit.setToolTip(
            tr("The same prompt and seed give a similar clip. Empty: a new one each time.")
        )
        self.edit.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.dice = self._button("dice", tr("Draw a new seed"))
        self.lock = self._button("unlock", tr("Keep this seed for the next clips"))
        self.lock.setCheckable(True)
        self.lock.setIcon(icon("unlock", "dim", on_name="lock", on_token="accent"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_4)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.dice)
        layout.addWidget(self.lock)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(lambda _text: self.changed.emit())
        self.dice.clicked.connect(self.roll)
        self.lock.toggled.connect(self._on_lock_toggled)

    def _button(self, name: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name, "dim"))
        button.setIconSize(QSize(20, 20))
        button.setToolTip(words)
        button.setAccessibleName(words)
        # A tool button takes the focus by Tab only when told so.
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def seed(self) -> int | None:
        """The number, None for a random one each time."""
        text = self.edit.text()
        return int(text) if text else None

    def set_seed(self, seed: int | None) -> None:
        """Show `seed`. ValueError outside 0 to 2**31-1."""
        if seed is not None and not 0 <= seed <= MAX_SEED:
            raise ValueError(f"A seed is 0 to {MAX_SEED}.")
        self.edit.setText("" if seed is None else str(seed))

    def is_locked(self) -> bool:
        return self.lock.isChecked()

    def set_locked(self, is_locked: bool) -> None:
        self.lock.setChecked(is_locked)

    def roll(self) -> None:
        """Draw another seed."""
        self.set_seed(random.randint(0, MAX_SEED))

    def _on_lock_toggled(self, is_locked: bool) -> None:
        if is_locked and self.seed() is None:
            self.roll()
        words = (
            tr("Draw a new seed for the next clips")
            if is_locked
            else tr("Keep this seed for the next clips")
        )
        self.lock.setToolTip(words)
        self.changed.emit()
