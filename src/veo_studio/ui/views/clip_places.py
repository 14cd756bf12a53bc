"""Where the cells of a list of clips are now, and how they keep their places while rows come and go."""

from __future__ import annotations

from datetime import date

from PyQt6.QtCore import QRect, QSize, QTimer
from PyQt6.QtWidgets import QWidget

from veo_studio.ui import theme
from veo_studio.ui.delegates.clip_card import ClipCard
from veo_studio.ui.delegates.day_heading import heading_height
from veo_studio.ui.delegates.history_delegate import (
    THUMBNAIL_HEIGHT_PX,
    THUMBNAIL_WIDTH_PX,
    HistoryDelegate,
)
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_choosing import ClipChoosing
from veo_studio.ui.views.clip_geometry import ClipGeometry, Measures, Section
from veo_studio.ui.views.hidden_rows import HiddenRows

_CARD_PX = 208
_LEAST_CARD_PX = 96
# pictures are read anew when a window that is being resized rests
_SIZE_REST_MS = 200
# of a screen with one line a day
_MOST_DAYS_IN_SIGHT = 16

# a row, how far its cell is below the upper edge, and its column (None: it may be another one)
Anchor = tuple[int, int, int | None]


class ClipPlaces(ClipChoosing):
    """The part of `ClipView` that lays out: in time that grows with the days, not with the rows."""

    # of the class, because Qt asks a view whose Python half was collected already
    clips: LibraryModel | None = None
    hidden = HiddenRows()
    cells = ClipGeometry(Measures(1, 100, theme.ROW_HEIGHT_PX), [])

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.days: list[tuple[date | None, int]] = []
        self._has_headings = False
        self._card_px = _CARD_PX
        # free cells before the others of a day, which keep them in their columns; by day
        self._leads: dict[date | None, int] = {}
        self._picture_size = QSize()
        self._size_rest = QTimer(self)
        self._size_rest.setSingleShot(True)
        self._size_rest.setInterval(_SIZE_REST_MS)
        self._size_rest.timeout.connect(self._on_size_rests)

    def _want_pictures(self, size: QSize) -> None:
        is_first = self._picture_size.isEmpty()
        if size != self._picture_size:
            self._picture_size = size
            self._size_rest.start()
        if is_first and self.clips is not None:
            self.clips.set_picture_size(size)

    def _on_size_rests(self) -> None:
        if self.clips is not None:
            self.clips.set_picture_size(self._picture_size)
            self.viewport().update()

    def set_card_width(self, width_px: int) -> None:
        """The least width of a card; they fill the line."""
        self._card_px = max(_LEAST_CARD_PX, width_px)
        self.place_anew()

    def set_day_headings(self, has_headings: bool) -> None:
        """A heading above the rows of each day, where they are in the order of time."""
        self._has_headings = has_headings
        self.place_anew()

    def place_anew(self) -> None:
        """Sizes are others: the row at the top stays there, in whatever column."""
        anchor = self.anchor()
        self._leads.clear()
        self.place_cells(anchor if anchor is None else (*anchor[:2], None))

    def place_cells(self, anchor: Anchor | None = None) -> None:
        """Lay out anew; `anchor` is what `anchor` gave, in rows of now."""
        clips, bar = self.clips, self.verticalScrollBar()
        if clips is None:
            return
        measures = self._measures()
        self.hidden = HiddenRows(clips.takes.hidden_rows())
        self.days = self._day_list() if measures.heading else [(None, clips.rowCount())]
        if anchor is None:
            self._leads.clear()
        self.cells = self._laid_out(measures)
        if anchor is not None and anchor[0] < clips.rowCount():
            if self._keep_column(*anchor):
                self.cells = self._laid_out(measures)
        else:
            anchor = None
        height = self.viewport().height()
        bar.setPageStep(height)
        bar.setSingleStep(
            theme.SPACE_24
            if measures.columns == 1 and not measures.gap
            else max(24, measures.height // 3)
        )
        bar.setRange(0, max(0, self.cells.height - height))
        if anchor is not None:
            cell = self.cells.cell(self.hidden.place(anchor[0]))
            bar.setValue(cell.top - anchor[1])
        self.viewport().update()
        self.look()

    def _measures(self) -> Measures:
        width, clips = self.viewport().width(), self.clips
        assert clips is not None
        is_by_day = self._has_headings and bool(clips.days())
        heading = heading_height() if is_by_day else 0
        delegate = self.itemDelegate()
        if not isinstance(delegate, ClipCard):
            assert isinstance(delegate, HistoryDelegate)
            self._want_pictures(QSize(THUMBNAIL_WIDTH_PX, THUMBNAIL_HEIGHT_PX))
            return Measures(1, max(1, width), delegate.row_height(), heading=heading)
        gap, margin = theme.SPACE_12, theme.SPACE_12
        room = max(1, width - 2 * margin)
        columns = max(1, (room + gap) // (self._card_px + gap))
        card = max(1, (room - (columns - 1) * gap) // columns)
        self._want_pictures(delegate.thumbnail_rect(QRect(0, 0, card, 0)).size())
        return Measures(columns, card, delegate.card_height(card), gap, margin, heading)

    def _day_list(self) -> list[tuple[date | None, int]]:
        """The days as far as there are rows: they may be told a moment apart."""
        assert self.clips is not None
        left, found = self.clips.rowCount(), list[tuple[date | None, int]]()
        for day, count in self.clips.days():
            if left > 0:
                found.append((day, min(count, left)))
                left -= count
        if left > 0 and found:
            found[-1] = (found[-1][0], found[-1][1] + left)
        return found

    def _laid_out(self, measures: Measures) -> ClipGeometry:
        sections, row, place = [], 0, 0
        for day, count in self.days:
            row += count
            below = self.hidden.place(row)
            sections.append(Section(place, below - place, self._leads.get(day, 0)))
            place = below
        return ClipGeometry(measures, sections)

    def anchor(self) -> Anchor | None:
        """The row at the top, how far its cell is below the edge, and its column; None at the very top."""
        top = self.verticalOffset()
        shown = self.cells.between(top, top + self.viewport().height())
        if top == 0 or not shown:
            return None
        place = shown.start
        cells = self.cells
        return self.hidden.row(place), cells.cell(place).top - top, cells.column_of(place)

    def _keep_column(self, row: int, _below: int, column: int | None) -> bool:
        """Leave cells free before the others, so that those in sight keep their columns."""
        if column is None or self.cells.measures.columns == 1:
            return False
        cells, place = self.cells, self.hidden.place(row)
        section = cells.section_of(place)
        moved = (column - cells.column_of(place)) % cells.measures.columns
        day = self.days[section][0]
        lead = (self._leads.get(day, 0) + moved) % cells.measures.columns
        in_sight = {
            one
            for number, (one, _) in enumerate(self.days)
            if section <= number <= section + _MOST_DAYS_IN_SIGHT
        }
        kept = {one: lead for one, lead in self._leads.items() if one in in_sight}
        kept[day] = lead
        is_other = kept != self._leads
        self._leads = kept
        return is_other

    def rows_in_sight(self) -> range:
        """From the first row to the last one that is at least partly shown."""
        top = self.verticalOffset()
        places = self.cells.between(top, top + self.viewport().height() - 1)
        if not places:
            return range(0)
        return range(self.hidden.row(places.start), self.hidden.row(places[-1]) + 1)

    def rect_of(self, row: int) -> QRect:
        """In the viewport; empty for a row that is folded away."""
        if row in self.hidden or not 0 <= row < self.row_count():
            return QRect()
        cell = self.cells.cell(self.hidden.place(row))
        left = cell.left
        if self.isRightToLeft():
            left = self.viewport().width() - cell.left - cell.width
        return QRect(left, cell.top - self.verticalOffset(), cell.width, cell.height)

    def row_count(self) -> int:
        return self.clips.rowCount() if self.clips is not None else 0

    def look(self) -> None:
        """Tell the model what is in sight."""
        shown = self.rows_in_sight()
        if self.clips is not None and shown and self.isVisible():
            self.clips.see(self.viewer, shown.start, shown.stop - 1)
