"""Widgets of one width side by side, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from veo_studio.ui import theme


class ColumnGrid(QWidget):
    """`column_em` is the least width of a column in heights of the body text."""

    def __init__(
        self,
        widgets: Sequence[QWidget],
        column_em: float,
        *,
        spacing_px: int,
        most: int = 99,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._widgets = list(widgets)
        self._column_em = column_em
        self._most = most
        self.columns = 0
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(spacing_px)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._arrange(1)

    def fit(self, width_px: int) -> None:
        """Use as many columns as `width_px` has room for; no row is left with a gap that could be shared."""
        least = self._column_em * theme.body_px()
        gap = self._layout.horizontalSpacing()
        count = len(self._widgets)
        fitting = max(1, min(count, self._most, int((width_px + gap) // (least + gap))))
        rows = -(-count // fitting)
        self._arrange(-(-count // rows))

    def _arrange(self, columns: int) -> None:
        if columns == self.columns:
            return
        self.columns = columns
        for number, widget in enumerate(self._widgets):
            self._layout.addWidget(widget, *divmod(number, columns))
        for column in range(len(self._widgets)):
            self._layout.setColumnStretch(column, 1 if column < columns else 0)
            self._layout.setColumnMinimumWidth(column, 0)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        # one column is always possible: a narrower window gets fewer of them
        widest = max((widget.minimumSizeHint().width() for widget in self._widgets), default=0)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.fit(self.width())

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            self.fit(self.width())
