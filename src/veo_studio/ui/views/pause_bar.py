"""What is paused and why: one line per pause over the queue, with the way out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from veo_studio.core.models import PauseKind
from veo_studio.ui import theme
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.queue_model import PauseLine

_LOOKS = {
    PauseKind.KEY: ("key", "warn"),
    PauseKind.USER: ("pause", "accent"),
    PauseKind.TOLD: ("clock", "dim"),
}


class _Line(QWidget):
    """One pause: what it is, how long, and at most two buttons."""

    def __init__(self, bar: PauseBar, line: PauseLine) -> None:
        super().__init__(bar)
        self.line = line
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(
            theme.SPACE_12 + 20 + theme.SPACE_8, theme.SPACE_4, theme.SPACE_4, theme.SPACE_4
        )
        layout.setSpacing(theme.SPACE_4)
        layout.addWidget(self.label, 1)
        self.setMinimumHeight(theme.CONTROL_HEIGHT_PX + 2 * theme.SPACE_4)
        self.buttons: list[QPushButton] = []
        if line.kind is PauseKind.KEY:
            self._add(layout, tr("Enter key…"), lambda: bar.key_requested.emit(line.provider))
            self._add(layout, tr("Try again"), lambda: bar.key_retried.emit(line.provider))
        elif line.kind is PauseKind.USER and line.provider:
            # the whole queue is resumed where it was paused: by the button of its heading
            self._add(layout, tr("Resume"), lambda: bar.resume_requested.emit(line.provider))
        self.put(line)

    def _add(self, layout: QHBoxLayout, words: str, do_it: Callable[[], object]) -> None:
        button = QPushButton(words, self)
        button.setProperty("link", True)
        button.clicked.connect(lambda _checked=False: do_it())
        layout.addWidget(button)
        self.buttons.append(button)

    def put(self, line: PauseLine) -> None:
        if self.label.text() != line.words:
            self.label.setText(line.words)
            for button in self.buttons:
                button.setAccessibleName(f"{line.words} {button.text()}")
        self.line = line

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        name, token = _LOOKS[self.line.kind]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.mixed(colors.line, getattr(colors, token), 0.45), 1))
        painter.setBrush(colors.color("raised"))
        painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        mark = QRectF(theme.SPACE_12, self.rect().center().y() - 9, 20, 20)
        paint_icon(painter, name, mark, colors.color(token))
        painter.end()


class PauseBar(QWidget):
    """Every pause while it lasts; takes no room while there is none.

    Signals, each with the provider's id ("" for the whole queue):
        resume_requested, key_requested (another key), key_retried (the same key once more)
    """

    resume_requested = pyqtSignal(str)
    key_requested = pyqtSignal(str)
    key_retried = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[tuple[str, PauseKind], _Line] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.SPACE_8, 0, theme.SPACE_8, theme.SPACE_8)
        self._layout.setSpacing(theme.SPACE_4)
        self.hide()

    @property
    def texts(self) -> list[str]:
        return [line.label.text() for line in self._lines.values()]

    def buttons_of(self, provider: str) -> list[QPushButton]:
        return [
            button
            for (name, _kind), line in self._lines.items()
            if name == provider
            for button in line.buttons
        ]

    def show_lines(self, lines: Sequence[PauseLine]) -> None:
        """Lines that stay are kept, with the focus that one of their buttons may have."""
        wanted = {(line.provider, line.kind): line for line in lines}
        for key in [key for key in self._lines if key not in wanted]:
            gone = self._lines.pop(key)
            self._layout.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (key, line) in enumerate(wanted.items()):
            if key in self._lines:
                self._lines[key].put(line)
            else:
                self._lines[key] = _Line(self, line)
                self._layout.insertWidget(place, self._lines[key])
        self.setVisible(bool(wanted))
