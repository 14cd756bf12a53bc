"""Over the panel of a refused prompt: why it was refused, and what is known about the money."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from veo_studio.core.models import Charge, Generation
from veo_studio.ui.error_text import describe_generation
from veo_studio.ui.theme import SPACE_4, SPACE_8
from veo_studio.ui.view_models.enhance_words import refused_charge_words
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.services_fields import Mark

_SIGNS = {
    Charge.NOT_CHARGED: ("check", "ok"),
    Charge.CHARGED: ("wallet", "warn"),
    Charge.UNKNOWN: ("warning", "warn"),
}


class RefusedHead(QWidget):
    """Two lines with a sign each; nothing in it can be used."""

    def __init__(self, generation: Generation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("refusedHead")
        self.reason = _line(describe_generation(generation).happened)
        self.reason.setObjectName("refusedReason")
        self.charge = SmallLabel("text")
        self.charge.setObjectName("refusedCharge")
        self.charge.show_words(refused_charge_words(generation.charge))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, SPACE_8, 0, 0)
        grid.setHorizontalSpacing(SPACE_8)
        grid.setVerticalSpacing(SPACE_4)
        grid.setColumnStretch(1, 1)
        signs = (("warning", "bad"), _SIGNS[generation.charge])
        for row, (sign, words) in enumerate(zip(signs, (self.reason, self.charge), strict=True)):
            mark = Mark()
            mark.show_icon(*sign)
            grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, row, 1)


def _line(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
