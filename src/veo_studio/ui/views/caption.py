"""The line under the player's controls: what is shown, and its facts."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.text import seconds_words, size_words
from veo_studio.ui.views.elided_label import ElidedLabel


class Caption(QWidget):
    """A title on the left, picture size, length and file size on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel(token="dim")
        self.facts = QLabel(self)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        theme.dim_text(self.facts)
        self._apply_fonts()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_12, 0, theme.SPACE_12, theme.SPACE_8)
        row.setSpacing(theme.SPACE_16)
        row.addWidget(self.title, 1)
        row.addWidget(self.facts)

    def show_title(self, title: str) -> None:
        """Another clip: its facts are not known yet."""
        self.title.set_text(" ".join(title.split()))
        self.facts.setText("")

    def show_facts(self, generation: Generation) -> None:
        facts = []
        if generation.width_px and generation.height_px:
            facts.append(f"{generation.width_px} \u00d7 {generation.height_px}")
        if generation.length_s:
            facts.append(seconds_words(generation.length_s))
        if generation.size_bytes:
            facts.append(size_words(generation.size_bytes))
        self.facts.setText(" \u00b7 ".join(facts))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange and hasattr(self, "facts"):
            self._apply_fonts()

    def _apply_fonts(self) -> None:
        theme.secondary_font(self.facts)
        theme.secondary_font(self.title)
