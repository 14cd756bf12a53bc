"""The question before a run that costs: what is made, by which models, and what it costs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from veo_studio.core.plain import masked
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_12, SPACE_16, SPACE_24, accent_button, heading_font
from veo_studio.ui.view_models.form_price import price_words
from veo_studio.ui.view_models.run_words import count_words, kept_words, things_words
from veo_studio.ui.views.labels import SmallLabel

if TYPE_CHECKING:
    from veo_studio.core.storyboard.pricing import RunPrice


_WIDTH_PX = 420


class ConfirmRunDialog(QDialog):
    """Opened with `run_dialog`; accepted is yes."""

    def __init__(self, price: RunPrice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confirmRun")
        self.setWindowTitle(tr("Make the storyboard"))
        deed = tr("Make {things}", things=count_words(price))
        heading = QLabel(tr("{deed}?", deed=deed))
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setWordWrap(True)
        heading_font(heading)
        self.words = QLabel(run_price_words(price))
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.notes = SmallLabel()
        self.notes.show_words("\n".join(masked(note) for note in price.notes))
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
        for part in (heading, self.words, self.notes):
            layout.addWidget(part)
        layout.addWidget(box)
        self.setMinimumWidth(_WIDTH_PX)
        self.yes.setFocus()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        layout = self.layout()
        if layout is not None:
            # a window does not ask by itself what its words need, once it has a width of its own
            self.setMinimumWidth(max(_WIDTH_PX, layout.totalMinimumSize().width()))
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))


def run_price_words(price: RunPrice) -> str:
    """A line for each kind of thing, then all of it together."""
    lines = []
    for things, model in (
        (things_words(price.pictures, 0), price.picture_model),
        (things_words(0, price.clips), price.clip_model),
    ):
        if things and model:
            lines.append(tr("{things} by {model}", things=things, model=masked(model)))
        elif things:
            lines.append(things)
    lines.append(tr("Together: {price}", price=price_words(price)))
    if kept := kept_words(price):
        lines.append(kept)
    return "\n".join(lines)
