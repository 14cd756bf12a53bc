"""What is planned, and what became of what was: soonest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, pyqtSignal

from veo_studio.core.models import Generation
from veo_studio.core.publishing.models import Schedule, Target
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.view_models.clip_pictures import ClipPictures
from veo_studio.ui.view_models.delivery_rows import Clips, RowRole
from veo_studio.ui.view_models.publish_words import (
    clip_words,
    plain_line,
    schedule_facts,
    schedule_look,
)

Spawn = Callable[..., object]


class ScheduleDesk(Protocol):
    """What the list needs of the core."""

    async def schedules(self, *, only_planned: bool = True) -> Sequence[Schedule]: ...

    async def targets(self) -> Sequence[Target]: ...


@dataclass
class PlannedRow:
    schedule: Schedule
    generation: Generation | None


class PlannedRows(QAbstractListModel):
    """Few by nature: read whole.

    Signals:
        loaded(): the rows are in place.
    """

    loaded = pyqtSignal()

    def __init__(
        self,
        desk: ScheduleDesk,
        clips: Clips,
        pictures: ClipPictures,
        spawn: Spawn,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._clips = clips
        self._pictures = pictures
        self._spawn = spawn
        self._rows: list[PlannedRow] = []
        self._names: Mapping[int, str] = {}
        self._shows_past = False
        self._epoch = 0
        self.is_loaded = False
        pictures.made.connect(self._on_picture)

    @property
    def shows_past(self) -> bool:
        return self._shows_past

    def show_past(self, is_shown: bool) -> None:
        """Also what is done, failed and cancelled."""
        self._shows_past = is_shown
        self.load()

    def load(self) -> None:
        self._epoch += 1
        self._spawn(self._load(self._epoch), name="deliveries: planned")

    async def _load(self, epoch: int) -> None:
        schedules = await self._desk.schedules(only_planned=not self._shows_past)
        targets = await self._desk.targets()
        ids = sorted({one.wish.generation_id for one in schedules})
        clips = {one.id: one for one in await self._clips.by_ids(ids)} if ids else {}
        if epoch != self._epoch:
            return
        self.beginResetModel()
        self._names = {target.id: plain_line(target.name) for target in targets}
        self._rows = [PlannedRow(one, clips.get(one.wish.generation_id)) for one in schedules]
        self.is_loaded = True
        self.endResetModel()
        self.loaded.emit()

    def row(self, index: QModelIndex) -> PlannedRow | None:
        is_ours = index.isValid() and index.row() < len(self._rows)
        return self._rows[index.row()] if is_ours else None

    def index_of(self, schedule_id: int) -> QModelIndex:
        for number, row in enumerate(self._rows):
            if row.schedule.id == schedule_id:
                return self.index(number, 0)
        return QModelIndex()

    def facts(self, row: PlannedRow) -> str:
        wishes = row.schedule.wish.targets
        names = [self._names.get(wish.target_id, tr("a deleted target")) for wish in wishes]
        return schedule_facts(row.schedule, ", ".join(names))

    def title(self, row: PlannedRow) -> str:
        """The caption that it will have."""
        wish = row.schedule.wish
        return plain_line(wish.caption or "") or clip_words(row.generation, wish.generation_id)

    def _on_picture(self, generation_id: int) -> None:
        for number, row in enumerate(self._rows):
            if row.schedule.wish.generation_id == generation_id:
                self.dataChanged.emit(self.index(number, 0), self.index(number, 0))

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | RowRole.TITLE:
                return self.title(row)
            case RowRole.FACTS:
                return self.facts(row)
            case RowRole.LOOK:
                return schedule_look(row.schedule)
            case RowRole.PICTURE:
                return None if row.generation is None else self._pictures.wanted(row.generation)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tool_tip(f"{self.title(row)}\n{self.facts(row)}")
            case Qt.ItemDataRole.AccessibleTextRole:
                look = schedule_look(row.schedule)
                return f"{look.words}: {self.title(row)}, {self.facts(row)}"
        return None
