"""What a pane shows while it has nothing: a picture, one sentence, one action."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from veo_studio.ui import theme
from veo_studio.ui.icons import paint_icon


class _Picture(QWidget):
    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.setFixedSize(40, 40)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        paint_icon(painter, self.name, QRectF(self.rect()), theme.tokens().color("dim"))
        painter.end()


class EmptyState(QWidget):
    """Explains an empty pane.

    Signals:
        action_requested(): the button was used.
    """

    action_requested = pyqtSignal()

    def __init__(self, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = _Picture(icon_name, self)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        theme.dim_text(self._label)
        self.button = QPushButton(self)
        self.button.hide()
        self.button.clicked.connect(self.action_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_24, theme.SPACE_16, theme.SPACE_24, theme.SPACE_16)
        layout.setSpacing(theme.SPACE_12)
        layout.addStretch(1)
        layout.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._label)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._others = QHBoxLayout()
        self._others.setSpacing(theme.SPACE_8)
        layout.addLayout(self._others)
        layout.addStretch(1)
        self._others.addStretch(1)
        self._others.addStretch(1)

    def add_button(self, words: str) -> QPushButton:
        """Another way out of it, below the first."""
        button = QPushButton(words, self)
        self._others.insertWidget(self._others.count() - 1, button)
        return button

    @property
    def text(self) -> str:
        return self._label.text()

    def set_content(
        self, text: str, action_text: str | None = None, icon_name: str | None = None
    ) -> None:
        """Say `text`; without `action_text` there is no button."""
        self._label.setText(text)
        self.setAccessibleName(text)
        self.button.setText(action_text or "")
        self.button.setVisible(action_text is not None)
        if icon_name is not None:
            self._picture.name = icon_name
            self._picture.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 80)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._picture.update()
