"""Under the photo in Image to Video: one click from the photo over better words to the clip."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.wrapped_button import WrappedButton


class AnimateBar(QWidget):
    """The button, and what happens after it; hidden where there is no photo.

    Signals:
        animate_requested(), stop_requested().
    """

    animate_requested = pyqtSignal()
    stop_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("animateBar")
        self.animate = WrappedButton(icon("sparkle", "text", 16))
        self.animate.setObjectName("animatePhoto")
        self.stop = QPushButton(tr("Cancel"))
        self.stop.setObjectName("stopAnimating")
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName(tr("The photo is being described"))
        self.words = SmallLabel()
        self.words.setObjectName("animateWords")
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.animate, 1)
        row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE_4, 0, 0)
        column.setSpacing(SPACE_4)
        column.addLayout(row)
        column.addWidget(self.busy)
        column.addWidget(self.words)
        self.animate.clicked.connect(self.animate_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.show_state("", "", is_busy=False, can_begin=False)

    def show_state(self, price: str, words: str, *, is_busy: bool, can_begin: bool) -> None:
        """`price` stands on the button where the clip costs something; `words` say what is sent where."""
        begin = tr("Animate this photo")
        self.animate.show_parts(*filter(None, (begin, price)))
        tip = tr(
            "Enhance and generate: proposes words for the photo, then makes the clip with them"
        )
        if price:
            tip = f"{tip} ({price})"
        self.animate.setToolTip(plain_tool_tip(tip))
        had_focus = self.focusWidget()
        self.animate.setEnabled(can_begin and not is_busy)
        self.stop.setVisible(is_busy)
        self.busy.setVisible(is_busy)
        if is_busy and had_focus is self.animate:
            self.stop.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not is_busy and had_focus is self.stop:
            self.animate.setFocus(Qt.FocusReason.OtherFocusReason)
        self.words.show_words(words)
