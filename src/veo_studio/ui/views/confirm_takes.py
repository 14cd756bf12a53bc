"""The question before many takes that cost: how many, and what they cost together."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_12, SPACE_16, SPACE_24, accent_button, heading_font
from veo_studio.ui.view_models.form_price import BatchPrice, batch_words


class ConfirmTakesDialog(QDialog):
    """Opened with `run_dialog`; accepted is yes."""

    def __init__(self, batch: BatchPrice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confirmTakes")
        is_list = batch.prompts > 1
        self.setWindowTitle(
            tr("Generate several clips") if is_list else tr("Generate several takes")
        )
        n = f"{batch.takes:,}"
        deed = tr("Generate {n} clips", n=n) if is_list else tr("Generate {n} takes", n=n)
        heading = QLabel(f"{deed}?")
        heading_font(heading)
        self.words = QLabel(batch_words(batch))
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        box = QDialogButtonBox()
        self.yes = box.addButton(deed, QDialogButtonBox.ButtonRole.AcceptRole)
        no = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert self.yes is not None and no is not None  # noqa: PT018
        accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        layout.setSpacing(SPACE_12)
        layout.addWidget(heading)
        layout.addWidget(self.words)
        layout.addWidget(box)
        self.setMinimumWidth(400)
        self.yes.setFocus()
