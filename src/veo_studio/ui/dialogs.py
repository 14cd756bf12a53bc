"""The few small windows of the program; every one is opened with `bridge.run_dialog`."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio import __version__
from veo_studio.ui.icons import app_icon, icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import (
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    accent_button,
    dim_text,
    heading_font,
)


class _Sheet(QDialog):
    """A dialog with a heading, a body and buttons, on the common grid."""

    def __init__(self, title: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        self.body.setSpacing(SPACE_12)

    def showEvent(self, event: QShowEvent | None) -> None:
        """As high as wrapped words need: the first size of a window knows nothing of them."""
        super().showEvent(event)
        needed = self.body.totalHeightForWidth(self.width())
        if needed > self.height():
            self.resize(self.width(), needed)

    def add_buttons(self, *buttons: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
        box = QDialogButtonBox()
        for button in buttons:
            box.addButton(button)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.body.addSpacing(SPACE_4)
        self.body.addWidget(box)
        return box


class Question(_Sheet):
    """Asks before something is lost or paid; Return and Escape both leave things as they are."""

    def __init__(
        self, heading: str, words: str, do_it: str, leave_it: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(heading, parent)
        title = _plain(heading)
        heading_font(title)
        self.words = _plain(words)
        dim_text(self.words)
        self.body.addWidget(title)
        self.body.addWidget(self.words)
        box = QDialogButtonBox()
        self.do_it = QPushButton(do_it)
        self.leave_it = QPushButton(leave_it)
        box.addButton(self.do_it, QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(self.leave_it, QDialogButtonBox.ButtonRole.RejectRole)
        self.do_it.setAutoDefault(False)
        self.leave_it.setDefault(True)
        self.leave_it.setFocus()
        accent_button(self.leave_it)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.body.addSpacing(SPACE_4)
        self.body.addWidget(box)
        self.setMinimumWidth(440)


class AboutDialog(_Sheet):
    """Name, version and licence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("About Veo Studio"), parent)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(QSize(64, 64)))
        name = QLabel(tr("Veo Studio {version}", version=__version__))
        heading_font(name)
        words = QLabel(
            tr(
                "The desktop studio for people who make AI video with paid services.\n"
                "Free software under the GNU General Public License, version 3 or later."
            )
        )
        words.setWordWrap(True)
        dim_text(words)
        column = QVBoxLayout()
        column.setSpacing(SPACE_8)
        column.addWidget(name)
        column.addWidget(words)
        line = QHBoxLayout()
        line.setSpacing(SPACE_16)
        line.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column, 1)
        self.body.addLayout(line)
        self.add_buttons(QDialogButtonBox.StandardButton.Close)
        self.setMinimumWidth(440)


class StartProblemDialog(_Sheet):
    """Why the program cannot start: one sentence, and what to do."""

    def __init__(self, sentence: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(tr("Veo Studio cannot start"), parent)
        mark = QLabel()
        mark.setPixmap(icon("warning", "warn").pixmap(QSize(32, 32)))
        self.sentence = QLabel(sentence)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout()
        column.setSpacing(SPACE_8)
        column.addWidget(self.sentence)
        if hint:
            more = QLabel(hint)
            more.setTextFormat(Qt.TextFormat.PlainText)
            more.setWordWrap(True)
            dim_text(more)
            column.addWidget(more)
        line = QHBoxLayout()
        line.setSpacing(SPACE_16)
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column, 1)
        self.body.addLayout(line)
        self.add_buttons(QDialogButtonBox.StandardButton.Close)
        self.setMinimumWidth(480)


def _plain(words: str) -> QLabel:
    """Wrapped text that is never read as markup."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
