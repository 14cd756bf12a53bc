"""Where each cell of a list of clips is: by arithmetic, whatever the number of rows. Without Qt.

Places count only rows that are not folded away, from the top. Every day may have a heading; its cells
begin on a line of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """Rows of one day, or all of them: the first place, how many, and so many cells left free before.

    The free cells let the others keep their columns when rows come in above what is looked at.
    """

    first: int
    count: int
    lead: int = 0


@dataclass(frozen=True)
class Cell:
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Measures:
    """Of cells in pixels: `gap` between them, `margin` around all, `heading` 0 where there is none.

    `inset` is free at the left besides the margin.
    """

    columns: int
    width: int
    height: int
    gap: int = 0
    margin: int = 0
    heading: int = 0
    inset: int = 0

    @property
    def left(self) -> int:
        return self.margin + self.inset


class ClipGeometry:
    """One layout; made anew when anything changes, in time that grows with the days, not the rows."""

    def __init__(self, measures: Measures, sections: Sequence[Section]) -> None:
        self.measures = measures
        self.sections = list(sections)
        self._pitch = measures.height + measures.gap
        self._tops: list[int] = []
        self._firsts: list[int] = []
        top = measures.margin if not measures.heading else 0
        for section in self.sections:
            self._tops.append(top)
            self._firsts.append(section.first)
            top += measures.heading + self._lines(section) * self._pitch
        self.count = sum(section.count for section in self.sections)
        self.height = max(0, top - measures.gap + measures.margin) if self.sections else 0

    def _lines(self, section: Section) -> int:
        return -(-(section.count + section.lead) // self.measures.columns)

    def section_of(self, place: int) -> int:
        return max(0, bisect_right(self._firsts, place) - 1)

    def column_of(self, place: int) -> int:
        section = self.sections[self.section_of(place)]
        return (place - section.first + section.lead) % self.measures.columns

    def cell(self, place: int) -> Cell:
        number = self.section_of(place)
        section, m = self.sections[number], self.measures
        line, column = divmod(place - section.first + section.lead, m.columns)
        return Cell(
            m.left + column * (m.width + m.gap),
            self._tops[number] + m.heading + line * self._pitch,
            m.width,
            m.height,
        )

    def heading_top(self, number: int) -> int:
        return self._tops[number]

    def at(self, x: int, y: int) -> int | None:
        """The place of the cell at this point; None for a gap, a heading or nothing."""
        place = self.nearest(x, y)
        if place is None:
            return None
        cell = self.cell(place)
        is_in = 0 <= x - cell.left < cell.width and 0 <= y - cell.top < cell.height
        return place if is_in else None

    def nearest(self, x: int, y: int) -> int | None:
        """The place whose cell is nearest in its line; None only for an empty list."""
        if not self.count:
            return None
        number = max(0, bisect_right(self._tops, y) - 1)
        section, m = self.sections[number], self.measures
        line = max(0, y - self._tops[number] - m.heading) // self._pitch
        column = min(max(0, (x - m.left) // max(1, m.width + m.gap)), m.columns - 1)
        line = min(line, self._lines(section) - 1)
        place = section.first + line * m.columns + column - section.lead
        return min(max(section.first, place), section.first + section.count - 1)

    def between(self, top: int, bottom: int) -> range:
        """The places of all cells that reach into these heights."""
        if not self.count or bottom < top:
            return range(0)
        m = self.measures
        first = self.nearest(m.left, top)
        last = self.nearest(m.left + m.columns * (m.width + m.gap), bottom)
        assert first is not None
        assert last is not None
        while first <= last and self.cell(first).top + m.height <= top:
            first += 1
        while last >= first and self.cell(last).top > bottom:
            last -= 1
        return range(first, last + 1)

    def headings_between(self, top: int, bottom: int) -> range:
        """The numbers of the sections whose headings reach into these heights."""
        if not self.measures.heading:
            return range(0)
        first = max(0, bisect_right(self._tops, top - self.measures.heading))
        return range(first, bisect_right(self._tops, bottom))

    def beside(self, place: int, step: int) -> int:
        """One line further down (1) or up (-1), in the same column where there is one."""
        cell, number = self.cell(place), self.section_of(place)
        section = self.sections[number]
        line = (place - section.first + section.lead) // self.measures.columns
        if 0 <= line + step < self._lines(section):
            top = cell.top + step * self._pitch
        elif 0 <= number + step < len(self.sections):
            other = self.sections[number + step]
            top = self.cell(other.first if step > 0 else other.first + other.count - 1).top
        else:
            return place
        near = self.nearest(cell.left, top)
        return place if near is None else near
