"""Takes of one click as a group in the history: where a row stands in it, and which groups are folded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """The takes among the rows of now, and which groups the user has folded.

    Signals:
        changed(group): it was folded or unfolded.
    """

    changed = pyqtSignal(str)

    def __init__(
        self, rows: Callable[[], Sequence[Generation]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._rows = rows
        self.folded: set[str] = set()

    def set_folded(self, group: str, is_folded: bool) -> None:
        if (group in self.folded) is not is_folded:
            (self.folded.add if is_folded else self.folded.discard)(group)
            self.changed.emit(group)

    def place(self, row: int) -> TakePlace | None:
        """None for a row that stands alone."""
        rows = self._rows()
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

    def is_folded_away(self, row: int) -> bool:
        """True for what lies under the take that is shown: everything but the top row of a folded group."""
        rows = self._rows()
        if rows[row].take_group not in self.folded:
            return False
        together = group_rows(rows, row)
        return together is not None and row != together.start

    def rows_of(self, group: str) -> list[int]:
        """The loaded rows of one click, together or not."""
        return [row for row, one in enumerate(self._rows()) if one.take_group == group]

    def groups_in(self, first: int, last: int) -> set[str]:
        """The clicks that these rows came from, as far as there are such rows."""
        rows = self._rows()[max(0, first) : last + 1]
        return {one.take_group for one in rows if one.take_group is not None}
