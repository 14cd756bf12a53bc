"""Where cells are: by arithmetic, checked against laying them out one by one."""

from __future__ import annotations

from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from veo_studio.ui.view_models.row_window import Inserted, Moved, Removed, RowWindow, changes
from veo_studio.ui.views.clip_geometry import Cell, ClipGeometry, Measures, Section
from veo_studio.ui.views.hidden_rows import HiddenRows


def laid_out(measures: Measures, sections: list[Section]) -> list[Cell]:
    """Every cell, the slow way."""
    cells, m = [], measures
    top = m.margin if not m.heading else 0
    for section in sections:
        top += m.heading
        for number in range(section.count):
            line, column = divmod(number + section.lead, m.columns)
            left = m.margin + column * (m.width + m.gap)
            cells.append(Cell(left, top + line * (m.height + m.gap), m.width, m.height))
        top += -(-(section.count + section.lead) // m.columns) * (m.height + m.gap)
    return cells


@st.composite
def layouts(draw: st.DrawFn) -> tuple[Measures, list[Section]]:
    columns = draw(st.integers(1, 5))
    gap = draw(st.sampled_from([0, 12]))
    heading = draw(st.sampled_from([0, 30]))
    measures = Measures(columns, 40, 30, gap, gap, heading)
    counts = draw(st.lists(st.integers(1, 23), min_size=1, max_size=6 if heading else 1))
    sections, first = [], 0
    for count in counts:
        sections.append(Section(first, count, draw(st.integers(0, columns - 1))))
        first += count
    return measures, sections


@given(layouts(), st.integers(-50, 900), st.integers(0, 300))
@settings(deadline=None)
def test_what_is_in_sight_is_what_would_be_laid_out_there(
    layout: tuple[Measures, list[Section]], top: int, height: int
) -> None:
    cells = laid_out(*layout)
    geometry = ClipGeometry(*layout)
    assert [geometry.cell(place) for place in range(geometry.count)] == cells
    bottom = top + height
    shown = [
        place
        for place, cell in enumerate(cells)
        if cell.top <= bottom and cell.top + cell.height > top
    ]
    between = geometry.between(top, bottom)
    assert list(between) == (list(range(shown[0], shown[-1] + 1)) if shown else [])
    for place, cell in enumerate(cells):
        assert geometry.at(cell.left + 3, cell.top + 3) == place
    assert geometry.height >= max(cell.top + cell.height for cell in cells)


@given(layouts())
@settings(deadline=None)
def test_up_and_down_reach_every_line_and_end_at_the_edges(
    layout: tuple[Measures, list[Section]],
) -> None:
    geometry = ClipGeometry(*layout)
    tops = sorted({geometry.cell(place).top for place in range(geometry.count)})
    for step, edges in ((1, tops), (-1, tops[::-1])):
        place = 0 if step > 0 else geometry.count - 1
        seen = [geometry.cell(place).top]
        for _ in range(len(edges) + 1):
            place = geometry.beside(place, step)
            seen.append(geometry.cell(place).top)
        assert seen[: len(edges)] == edges
        assert seen[len(edges) :] == [edges[-1]] * 2


@given(st.sets(st.integers(0, 60)))
def test_places_leave_out_what_is_hidden(hidden: set[int]) -> None:
    rows = HiddenRows(hidden)
    shown = [row for row in range(80) if row not in hidden]
    assert [rows.row(place) for place in range(len(shown))] == shown
    assert [rows.place(row) for row in shown] == list(range(len(shown)))
    assert all(row in rows for row in hidden)


@given(st.permutations(range(1, 15)), st.permutations(range(1, 15)), st.data())
def test_a_new_reading_is_told_as_its_difference(
    old: list[int], new: list[int], data: st.DataObject
) -> None:
    old = old[: data.draw(st.integers(0, 14))]
    new = new[: data.draw(st.integers(0, 14))]
    touched = set(data.draw(st.lists(st.sampled_from(range(1, 15)), max_size=14)))
    plan = changes(array("q", old), array("q", new), touched)
    stays = [one for one in old if one in new]
    is_same_order = stays == [one for one in new if one in old]
    if plan is None:
        assert not is_same_order
        return
    window = RowWindow()
    window.reset(array("q", old), [])
    for change in plan:
        if isinstance(change, Inserted):
            window.insert(change.row, change.ids)
        elif isinstance(change, Moved):
            assert change.before not in (change.row, change.row + 1)
            window.move(change.row, change.before)
        else:
            window.remove(change.first, change.last)
    assert window.ids.tolist() == new
    assert [window.row_of(one) for one in new] == list(range(len(new)))


def test_the_difference_of_long_lists_is_small() -> None:
    old = array("q", range(100_000, 0, -1))
    new = array("q", [100_001, *old[:50_000], *old[50_001:90_000], 7_000_000, *old[90_000:]])
    plan = changes(old, new)
    assert plan == [
        Inserted(0, array("q", [100_001])),
        Removed(50_001, 50_001),
        Inserted(90_000, array("q", [7_000_000])),
    ]
    assert changes(old, old[::-1]) is None
