"""Under the player's controls: what is shown, its facts, and the ways to make it once more."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from veo_studio.core.again import again
from veo_studio.core.drafting import final_of
from veo_studio.core.models import Generation, GenerationRequest
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import seconds_words, size_words, tr
from veo_studio.ui.views.elided_label import ElidedLabel


class Caption(QWidget):
    """A title on the left, picture size, length and file size on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel(token="dim")
        self.facts = QLabel(self)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        theme.dim_text(self.facts)
        # what a request costs now, in words; "" where it is free or nobody knows
        self.price_of: Callable[[GenerationRequest], str] = lambda _request: ""
        self.again = _button("retry", tr("The very same once more"))
        self.similar = _button("similar", tr("Another one like this"))
        self.similar.setText(tr("Similar\u2026"))
        self.final = _button("sparkle", tr("The clip that this draft stands for"))
        self.final.hide()
        self._apply_fonts()
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_16)
        row.addWidget(self.title, 1)
        row.addWidget(self.facts)
        self._again_row = QWidget(self)
        buttons = QHBoxLayout(self._again_row)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(theme.SPACE_4)
        buttons.addWidget(self.again)
        buttons.addWidget(self.similar)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_12, 0, theme.SPACE_12, theme.SPACE_8)
        column.setSpacing(theme.SPACE_4)
        column.addLayout(row)
        column.addWidget(self._again_row)
        # a row of its own: two prices are too wide for a narrow player
        column.addWidget(self.final, 0, Qt.AlignmentFlag.AlignLeft)
        self._again_row.hide()
        self._shown_id: int | None = None

    def show_title(self, title: str) -> None:
        """Another clip: its facts are not known yet."""
        self._shown_id = None
        self.title.set_text(" ".join(title.split()))
        self.facts.setText("")
        self._again_row.hide()
        self.final.hide()

    def refresh(self, generation: Generation) -> None:
        """More is known by now of one that may be shown."""
        if generation.id == self._shown_id:
            self.show_facts(generation)

    def show_facts(self, generation: Generation) -> None:
        self._shown_id = generation.id
        facts = []
        if generation.width_px and generation.height_px:
            facts.append(f"{generation.width_px} \u00d7 {generation.height_px}")
        if generation.length_s:
            facts.append(seconds_words(generation.length_s))
        if generation.size_bytes:
            facts.append(size_words(generation.size_bytes))
        self.facts.setText(" \u00b7 ".join(facts))
        self.again.setText(self._priced(tr("Again"), again(generation)))
        self._again_row.show()
        self.final.setVisible(generation.config.final is not None)
        if generation.config.final is not None:
            self.final.setText(self._priced(tr("Make final"), final_of(generation)))

    def _priced(self, words: str, request: GenerationRequest) -> str:
        price = self.price_of(request)
        return tr("{words} \u00b7 {price}", words=words, price=price) if price else words

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange and hasattr(self, "facts"):
            self._apply_fonts()

    def _apply_fonts(self) -> None:
        theme.secondary_font(self.facts)
        theme.secondary_font(self.title)


def _button(icon_name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name, "dim", 16))
    button.setIconSize(QSize(16, 16))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setToolTip(tip)
    return button
