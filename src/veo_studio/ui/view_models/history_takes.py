"""Takes of one click as a group in the history: where a row stands in it, and which groups are folded."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.models import Generation
from veo_studio.ui.view_models.row_window import RowWindow


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


class TakeGroups(QObject):
    """The takes among the rows of now, and which groups the user has folded.

    Takes of one click stand together where the newest come first; in any other order there are no
    groups. A group reaches as far as its rows are loaded.

    Signals:
        changed(group): it was folded or unfolded.
        hidden_changed(): other rows are folded away than before.
    """

    changed = pyqtSignal(str)
    hidden_changed = pyqtSignal()

    def __init__(
        self,
        window: RowWindow,
        is_in_order: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """`is_in_order`: the newest come first."""
        super().__init__(parent)
        self._window = window
        self._is_in_order = is_in_order
        self.folded: set[str] = set()
        # by id, so that it holds for rows that are not loaded any more
        self._away: dict[str, set[int]] = {}

    def set_folded(self, group: str, is_folded: bool) -> None:
        if (group in self.folded) is is_folded:
            return
        if is_folded:
            self.folded.add(group)
            self._look_at(group)
        else:
            self.folded.discard(group)
            self._away.pop(group, None)
        self.changed.emit(group)
        self.hidden_changed.emit()

    def place(self, row: int) -> TakePlace | None:
        """None for a row that stands alone."""
        together = self.rows_around(row)
        if together is None:
            return None
        group = self._group(row)
        assert group is not None
        return TakePlace(
            group=group,
            number=len(together) - (row - together.start),
            count=len(together),
            is_top=row == together.start,
            is_bottom=row == together[-1],
            is_folded=group in self.folded,
        )

    def rows_around(self, row: int) -> range | None:
        """The neighbours of the same click; None where the row has none beside it."""
        group = self._group(row)
        if group is None or not self._is_in_order():
            return None
        first = last = row
        while self._group(first - 1) == group:
            first -= 1
        while self._group(last + 1) == group:
            last += 1
        return range(first, last + 1) if last > first else None

    def is_folded_away(self, row: int) -> bool:
        """True for what lies under the take that is shown: everything but the top row of a folded group."""
        one = self._window.at(row)
        group = one.take_group if one is not None else None
        return one is not None and one.id in self._away.get(group or "", ())

    def hidden_rows(self) -> list[int]:
        """All rows that are folded away, in order."""
        if not self._away or not self._is_in_order():
            return []
        rows = (self._window.row_of(one) for ids in self._away.values() for one in ids)
        return sorted(row for row in rows if row is not None)

    def rows_of(self, group: str) -> list[int]:
        """The loaded rows of one click, together or not."""
        ids = [one.id for one in self._window.loaded() if one.take_group == group]
        return sorted(row for one in ids if (row := self._window.row_of(one)) is not None)

    def refresh(self, groups: Collection[str]) -> None:
        """Rows of these clicks came, went or were loaded."""
        concerned = self.folded.intersection(groups)
        for group in concerned:
            self._look_at(group)
        if concerned:
            self.hidden_changed.emit()

    def groups_in(self, first: int, last: int) -> set[str]:
        """The clicks that these rows came from, as far as they are loaded."""
        if not self.folded:
            return set()
        rows = range(max(0, first), min(len(self._window), last + 1))
        return {group for row in rows if (group := self._group(row)) is not None}

    def _look_at(self, group: str) -> None:
        away = self._away.setdefault(group, set())
        away.intersection_update(one for one in tuple(away) if self._window.row_of(one) is not None)
        for row in self.rows_of(group):
            above: Generation | None = self._window.at(row - 1)
            if row and above is None:
                continue  # as it was, until it can be said
            is_away = above is not None and above.take_group == group
            (away.add if is_away else away.discard)(self._window.ids[row])

    def _group(self, row: int) -> str | None:
        one = self._window.at(row)
        return one.take_group if one is not None else None
