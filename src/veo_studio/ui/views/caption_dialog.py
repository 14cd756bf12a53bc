"""Asks for the caption of a published clip."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from veo_studio.core.publishing.models import MAX_CAPTION_LENGTH
from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.views.labels import SmallLabel, field_label

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CaptionDialog(QDialog):
    """Stays open with the reason where the caption is refused.

    `run` starts the work that `do_it(caption)` makes, and tells nothing by itself.
    """

    def __init__(
        self,
        caption: str,
        do_it: Callable[[str], Coroutine[Any, Any, object]],
        run: Callable[[Coroutine[Any, Any, None]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Edit caption"))
        self.setModal(True)
        self._do_it = do_it
        self._run = run
        self.field = QPlainTextEdit(caption, self)
        self.field.setTabChangesFocus(True)
        self.field.setMinimumSize(round(theme.body_px() * 30), round(theme.body_px() * 8))
        self.counter = SmallLabel("dim", self)
        self.problem = SmallLabel("bad", self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, parent=self)
        made = self.buttons.addButton(tr("&Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        assert made is not None
        self.accept_button = made
        theme.accent_button(made)
        made.setDefault(True)
        made.setToolTip(tr("Ctrl+Enter"))
        self.buttons.accepted.connect(self._on_accept)
        self.buttons.rejected.connect(self.reject)
        self.field.textChanged.connect(self._on_text)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_16, theme.SPACE_16, theme.SPACE_16, theme.SPACE_16)
        column.setSpacing(theme.SPACE_8)
        column.addWidget(field_label(tr("&Caption"), self.field))
        column.addWidget(self.field, 1)
        column.addWidget(self.counter)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)
        self._on_text()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_text(self) -> None:
        count = len(self.field.toPlainText())
        words = tr("{n} of {most} characters", n=count, most=MAX_CAPTION_LENGTH)
        self.counter.show_words(words)
        is_long = count > MAX_CAPTION_LENGTH
        self.counter.set_token("bad" if is_long else "dim")
        self.accept_button.setEnabled(not is_long)
        self.problem.show_words("")

    def _on_accept(self) -> None:
        if self.accept_button.isEnabled():
            self.accept_button.setEnabled(False)
            self._run(self._try(self.field.toPlainText().strip()))

    async def _try(self, caption: str) -> None:
        try:
            await self._do_it(caption)
        except (ValueError, LookupError) as error:
            self.accept_button.setEnabled(True)
            self.problem.show_words(str(error))
        else:
            self.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        is_sent = event is not None and event.key() in _ENTER
        if is_sent and event.modifiers() & Qt.KeyboardModifier.ControlModifier:  # type: ignore[union-attr]
            self._on_accept()
        else:
            super().keyPressEvent(event)
