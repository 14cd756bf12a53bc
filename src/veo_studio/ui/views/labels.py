"""A line of secondary text in a colour of the theme."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import QLabel, QTabWidget, QWidget

from veo_studio.ui import theme


class SmallLabel(QLabel):
    """Small text in a colour token; follows the theme and the system's font, hides while empty."""

    def __init__(self, token: str = "dim", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = token
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._apply()
        self.hide()

    def set_token(self, token: str) -> None:
        if token != self._token:
            self._token = token
            self._apply()

    def show_words(self, words: str) -> None:
        """Show `words`, or nothing at all."""
        if words != self.text():
            self.setText(words)
        self.setVisible(bool(words))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (
            QEvent.Type.ApplicationFontChange,
            QEvent.Type.StyleChange,
            QEvent.Type.PaletteChange,
        ):
            self._apply()

    def _apply(self) -> None:
        font = theme.tabular(theme.secondary_text_font())
        if font != self.font():
            self.setFont(font)
        # A palette of its own would lose against the application's style sheet.
        sheet = f"color: {theme.tokens().color(self._token).name()};"
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)


def field_label(words: str, buddy: QWidget) -> QLabel:
    """The words beside a field; their Alt letter goes to it."""
    label = QLabel(words)
    # some letters reach beyond what a font says of their width
    label.setContentsMargins(0, 0, 2, 0)
    if buddy.focusPolicy() is Qt.FocusPolicy.NoFocus and buddy.focusProxy() is not None:
        # a label gives the focus only to what says that it takes some
        buddy.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    label.setBuddy(buddy)
    return label


def name_tabs(tabs: QTabWidget, words: str) -> None:
    """What a screen reader calls the row of tabs."""
    bar = tabs.tabBar()
    assert bar is not None
    bar.setAccessibleName(words)
