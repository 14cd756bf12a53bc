"""How closely clips are looked at that are compared: all of them at the same place."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QPointF, QRectF, QSizeF, pyqtSignal

# screen pixels for one of the clip; None in `CompareZoom.factor`: the whole picture
FACTORS = (1.0, 2.0, 4.0)


class CompareZoom(QObject):
    """`factor` None shows whole pictures; `center` is 0.0-1.0 of width and height.

    Signals:
        changed(): look elsewhere, or closer.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.factor: float | None = None
        self.center = QPointF(0.5, 0.5)

    def toggle(self, at: QPointF | None = None) -> None:
        """Every pixel around `at`, or the whole picture again."""
        if self.factor is None:
            self._set(FACTORS[0], at or self.center)
        else:
            self._set(None, QPointF(0.5, 0.5))

    def step(self, direction: int, at: QPointF) -> None:
        """Closer (1) or farther (-1), keeping `at` in sight."""
        steps: tuple[float | None, ...] = (None, *FACTORS)
        place = max(0, min(len(steps) - 1, steps.index(self.factor) + direction))
        if steps[place] != self.factor:
            center = at if self.factor is None else self.center
            self._set(steps[place], center if steps[place] is not None else QPointF(0.5, 0.5))

    def move(self, by: QPointF) -> None:
        """Look elsewhere; `by` in parts of the picture."""
        if self.factor is not None:
            self._set(self.factor, self.center + by)

    def _set(self, factor: float | None, center: QPointF) -> None:
        kept = QPointF(min(1.0, max(0.0, center.x())), min(1.0, max(0.0, center.y())))
        if (factor, kept) != (self.factor, self.center):
            self.factor, self.center = factor, kept
            self.changed.emit()

    def target(self, picture: QSizeF, room: QRectF, ratio: float) -> QRectF:
        """Where a whole picture of so many pixels goes on a screen with `ratio` pixels to the unit.

        It may be larger than `room`; what is beyond is cut off.
        """
        if picture.isEmpty() or room.isEmpty():
            return QRectF()
        fit = min(room.width() / picture.width(), room.height() / picture.height())
        scale = fit if self.factor is None else self.factor / ratio
        size = picture * scale
        left = _placed(size.width(), room.width(), self.center.x())
        top = _placed(size.height(), room.height(), self.center.y())
        return QRectF(room.left() + left, room.top() + top, size.width(), size.height())


def _placed(length: float, room: float, center: float) -> float:
    """Where it begins: in the middle where it fits, else with `center` in the middle, without a gap."""
    if length <= room:
        return (room - length) / 2
    return min(0.0, max(room - length, room / 2 - center * length))
