"""Takes of one click as a group in the history: where a row stands in it, and which groups are folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.models import Generation


@dataclass(frozen=True)
class TakePlace:
    """One row of a group: `number` of `count` takes that are loaded, the newest on top.

    `is_top` and `is_bottom` tell where the bracket begins and ends.
    """

    group: str
    number: int
    count: int
    is_top: bool
    is_bottom: bool
    is_folded: bool = False


def group_rows(rows: Sequence[Generation], row: int) -> range | None:
    """The neighbours of the same click; None where the row has none beside it."""
    group = rows[row].take_group
    if group is None:
        return None
    first = last = row
    while first > 0 and rows[first - 1].take_group == group:
        first -= 1
    while last + 1 < len(rows) and rows[last + 1].take_group == group:
        last += 1
    return range(first, last + 1) if last > first else None


class TakeGroups(QObject):
    """Which groups the user has folded.

    Signals:
        changed(group): it was folded or unfolded.
    """

    changed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folded: set[str] = set()

    def set_folded(self, group: str, is_folded: bool) -> None:
        if (group in self.folded) is not is_folded:
            (self.folded.add if is_folded else self.folded.discard)(group)
            self.changed.emit(group)

    def place(self, rows: Sequence[Generation], row: int) -> TakePlace | None:
        """None for a row that stands alone."""
        together = group_rows(rows, row)
        if together is None:
            return None
        one = rows[row]
        assert one.take_group is not None
        return TakePlace(
            group=one.take_group,
            number=len(together) - (row - together.start),
            count=len(together),
            is_top=row == together.start,
            is_bottom=row == together[-1],
            is_folded=one.take_group in self.folded,
        )

    def is_hidden(self, rows: Sequence[Generation], row: int) -> bool:
        """True for what a folded group hides: everything but its top row."""
        if not self.folded or rows[row].take_group not in self.folded:
            return False
        together = group_rows(rows, row)
        return together is not None and row != together.start
