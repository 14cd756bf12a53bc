"""A button whose words go on in a second line where the first one is too short for them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QIcon, QResizeEvent
from PyQt6.QtWidgets import QPushButton, QSizePolicy, QWidget

_JOINT = " · "


class WrappedButton(QPushButton):
    """Never asks for more width than its longest word; parts of its words stay together if they can."""

    def __init__(self, icon: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(icon, "", parent)
        self._parts: tuple[str, ...] = ()
        # else the words of now would be the narrowest that it can be
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, *parts: str) -> None:
        """In one line with dots between them, or one below the other."""
        if parts != self._parts:
            self._parts = parts
            self.setAccessibleName(_JOINT.join(parts))
            self._wrap()

    def _around_px(self) -> int:
        """What is not words: the icon and the frame."""
        words = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        return super().sizeHint().width() - words.width()

    def _wrap(self) -> None:
        room = self.width() - self._around_px()
        text = "\n".join(lines(self._parts, self.fontMetrics(), room))
        if text != self.text():
            self.setText(text)
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        words = (metrics.horizontalAdvance(one) for part in self._parts for one in part.split())
        return QSize(self._around_px() + max(words, default=0), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._wrap()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._wrap()


def lines(parts: Sequence[str], metrics: QFontMetrics, room_px: int) -> list[str]:
    """All in one line where there is room for it, else each part in as few lines as it needs."""
    whole = _JOINT.join(parts)
    if metrics.horizontalAdvance(whole) <= room_px:
        return [whole]
    found: list[str] = []
    for part in parts:
        line = ""
        for word in part.split():
            longer = f"{line} {word}".strip()
            if line and metrics.horizontalAdvance(longer) > room_px:
                found.append(line)
                longer = word
            line = longer
        found.append(line)
    return found
