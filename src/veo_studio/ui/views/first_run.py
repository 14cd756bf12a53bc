"""What an empty library shows to somebody who has connected nothing yet: two ways to begin."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.icons import app_icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_24


class FirstRun(QWidget):
    """Takes no focus by itself: the prompt has it, and typing there is a way to begin too.

    Signals:
        rehearsal_chosen(), connect_chosen(): how the user wants to begin.
    """

    rehearsal_chosen = pyqtSignal()
    connect_chosen = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("firstRun")
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(QSize(48, 48)))
        self.title = QLabel(tr("Make your first clip"))
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.words = QLabel(
            tr(
                "The rehearsal draws a moving sketch of your prompt on this machine, for nothing. "
                "For real video, connect a service with a key of your own."
            )
        )
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.words.setMaximumWidth(420)
        theme.dim_text(self.words)
        self.rehearse = QPushButton(tr("Rehearse without a key"))
        self.rehearse.setObjectName("rehearse")
        self.connect_service = QPushButton(tr("Connect a service…"))
        self.connect_service.setObjectName("connectFirst")
        self.setAccessibleName(self.title.text())
        self.setAccessibleDescription(self.words.text())
        # one below the other: side by side they would push the history out of a small window
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(SPACE_8)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._buttons.addWidget(self.rehearse, 0, centre)
        self._buttons.addWidget(self.connect_service, 0, centre)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.words, 100)
        middle.addStretch(1)
        inside = QWidget()
        inside.setAutoFillBackground(False)
        # large letters in a small window: it is scrolled, nothing is cut
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(inside)
        self._area.viewport().setAutoFillBackground(False)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._area)
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACE_24, SPACE_12, SPACE_24, SPACE_12)
        column.setSpacing(SPACE_12)
        column.addStretch(1)
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.title)
        column.addLayout(middle)
        column.addLayout(self._buttons)
        column.addStretch(1)
        theme.heading_font(self.title)
        self.rehearse.clicked.connect(self.rehearsal_chosen)
        self.connect_service.clicked.connect(self.connect_chosen)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            theme.heading_font(self.title)
