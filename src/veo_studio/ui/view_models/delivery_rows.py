"""Deliveries and planned publications as rows: newest first, read page by page, live."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Protocol

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, QTimer, pyqtSignal

from veo_studio.core.models import Generation
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    PublishingEvent,
    PublishingEventKind,
)
from veo_studio.ui.text import plain_tool_tip
from veo_studio.ui.view_models.clip_pictures import ClipPictures
from veo_studio.ui.view_models.publish_words import (
    Look,
    clip_words,
    delivery_facts,
    delivery_look,
    plain_line,
)

Spawn = Callable[..., object]
PAGE = 100
_FLUSH_MS = 100
# what a filter means; None is all
ON_THE_WAY = frozenset({DeliveryState.WAITING, DeliveryState.SENDING})
ATTENTION = frozenset({DeliveryState.FAILED, DeliveryState.MAYBE_SENT})
DELIVERED = frozenset({DeliveryState.DELIVERED})


class RowRole(IntEnum):
    """What a row is painted from."""

    TITLE = Qt.ItemDataRole.UserRole + 1
    FACTS = Qt.ItemDataRole.UserRole + 2
    LOOK = Qt.ItemDataRole.UserRole + 3
    PICTURE = Qt.ItemDataRole.UserRole + 4
    # 0.0-1.0 while it is sent, else None
    FRACTION = Qt.ItemDataRole.UserRole + 5


class DeliveryDesk(Protocol):
    """What the list needs of the core."""

    async def deliveries(
        self,
        *,
        generation_id: int | None = None,
        states: Collection[DeliveryState] | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> list[Delivery]: ...

    def progress_of(self, delivery_id: int) -> tuple[int, int] | None: ...


class Clips(Protocol):
    """The clips behind rows."""

    async def by_ids(self, ids: Sequence[int]) -> list[Generation]: ...


@dataclass
class DeliveryRow:
    delivery: Delivery
    generation: Generation | None = None


class DeliveryRows(QAbstractListModel):
    """Rows keep their place while they change, also where the filter would not choose them any more.

    Signals:
        loaded(): the first page of what was asked for is in place.
        changed(int): the delivery with this id is another one now.
    """

    loaded = pyqtSignal()
    changed = pyqtSignal(int)

    def __init__(
        self,
        desk: DeliveryDesk,
        clips: Clips,
        pictures: ClipPictures,
        spawn: Spawn,
        parent: QObject | None = None,
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self._desk = desk
        self._clips = clips
        self._pictures = pictures
        self._spawn = spawn
        self._rows: list[DeliveryRow] = []
        self._states: frozenset[DeliveryState] | None = None
        self._generation_id: int | None = None
        self._epoch = 0
        self._is_reading = False
        self._has_more = False
        self.is_loaded = False
        self._dirty: set[int] = set()
        self._flush_timer = QTimer(self)
        self._flush_timer.setSingleShot(True)
        self._flush_timer.setInterval(_FLUSH_MS)
        self._flush_timer.timeout.connect(self._flush)
        pictures.made.connect(self._on_picture)

    # what is shown

    @property
    def states(self) -> frozenset[DeliveryState] | None:
        return self._states

    @property
    def generation_id(self) -> int | None:
        return self._generation_id

    def narrow(
        self, states: frozenset[DeliveryState] | None, generation_id: int | None = None
    ) -> None:
        """Show only these states, and only those of one clip; None for all."""
        self._states, self._generation_id = states, generation_id
        self.load()

    def row(self, index: QModelIndex) -> DeliveryRow | None:
        is_ours = index.isValid() and index.row() < len(self._rows)
        return self._rows[index.row()] if is_ours else None

    def index_of(self, delivery_id: int) -> QModelIndex:
        for number, row in enumerate(self._rows):
            if row.delivery.id == delivery_id:
                return self.index(number, 0)
        return QModelIndex()

    @property
    def has_open(self) -> bool:
        """True while words change by the second."""
        return any(row.delivery.state.is_open for row in self._rows)

    def refresh_words(self) -> None:
        """Time went on: what is left of a link, until the next try."""
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0))

    # reading

    def load(self) -> None:
        """Read the first page anew; what is shown stays until the new rows are there."""
        self._epoch += 1
        self._is_reading = True
        self._spawn(self._load_first(self._epoch), name="deliveries: first page")

    async def _load_first(self, epoch: int) -> None:
        try:
            rows = await self._page(None)
            if epoch == self._epoch:
                self.beginResetModel()
                self._rows = rows
                self._has_more = len(rows) == PAGE
                self.is_loaded = True
                self.endResetModel()
                self.loaded.emit()
        finally:
            if epoch == self._epoch:
                self._is_reading = False

    async def _load_more(self, epoch: int, before_id: int) -> None:
        try:
            rows = await self._page(before_id)
            if epoch != self._epoch:
                return
            self._has_more = len(rows) == PAGE
            if rows:
                start = len(self._rows)
                self.beginInsertRows(QModelIndex(), start, start + len(rows) - 1)
                self._rows.extend(rows)
                self.endInsertRows()
        except BaseException:
            # a view asks again at every paint: a broken disk would be asked for ever
            self._has_more = False
            raise
        finally:
            if epoch == self._epoch:
                self._is_reading = False

    async def _page(self, before_id: int | None) -> list[DeliveryRow]:
        found = await self._desk.deliveries(
            generation_id=self._generation_id,
            states=self._states,
            before_id=before_id,
            limit=PAGE,
        )
        clips = await self._clips_of(found)
        return [DeliveryRow(one, clips.get(one.generation_id)) for one in found]

    async def _clips_of(self, deliveries: Sequence[Delivery]) -> dict[int, Generation]:
        ids = sorted({one.generation_id for one in deliveries})
        return {one.id: one for one in await self._clips.by_ids(ids)} if ids else {}

    def canFetchMore(self, parent: QModelIndex) -> bool:
        return not parent.isValid() and self._has_more and not self._is_reading

    def fetchMore(self, parent: QModelIndex) -> None:
        if self.canFetchMore(parent):
            self._is_reading = True
            self._spawn(
                self._load_more(self._epoch, self._rows[-1].delivery.id), name="deliveries: older"
            )

    # news

    def on_event(self, event: PublishingEvent) -> None:
        delivery = event.delivery
        if delivery is None:
            return
        index = self.index_of(delivery.id)
        if index.isValid():
            self._rows[index.row()].delivery = delivery
            self._dirty.add(delivery.id)
            if not self._flush_timer.isActive():
                self._flush_timer.start()
        elif event.kind is PublishingEventKind.DELIVERY and self._belongs(delivery):
            self._spawn(self._add(delivery, self._epoch), name="deliveries: a new one")

    def _belongs(self, delivery: Delivery) -> bool:
        is_newest = not self._rows or delivery.id > self._rows[0].delivery.id
        return (
            self.is_loaded
            and is_newest
            and (self._states is None or delivery.state in self._states)
            and self._generation_id in (None, delivery.generation_id)
        )

    async def _add(self, delivery: Delivery, epoch: int) -> None:
        clips = await self._clips_of([delivery])
        # meanwhile the list may be another one, or this one be told again
        if epoch != self._epoch or self.index_of(delivery.id).isValid():
            return
        place = 0
        while place < len(self._rows) and self._rows[place].delivery.id > delivery.id:
            place += 1
        self.beginInsertRows(QModelIndex(), place, place)
        self._rows.insert(place, DeliveryRow(delivery, clips.get(delivery.generation_id)))
        self.endInsertRows()

    def on_generation(self, generation: Generation) -> None:
        """Its caption may be another one."""
        for number, row in enumerate(self._rows):
            if row.delivery.generation_id == generation.id:
                row.generation = generation
                self.dataChanged.emit(self.index(number, 0), self.index(number, 0))

    def _on_picture(self, generation_id: int) -> None:
        for number, row in enumerate(self._rows):
            if row.delivery.generation_id == generation_id:
                self.dataChanged.emit(self.index(number, 0), self.index(number, 0))

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for delivery_id in dirty:
            index = self.index_of(delivery_id)
            if index.isValid():
                self.dataChanged.emit(index, index)
                self.changed.emit(delivery_id)

    # Qt's side

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        delivery = row.delivery
        match role:
            case Qt.ItemDataRole.DisplayRole | RowRole.TITLE:
                return clip_words(row.generation, delivery.generation_id)
            case RowRole.FACTS:
                return self._facts(delivery)
            case RowRole.LOOK:
                return delivery_look(delivery)
            case RowRole.PICTURE:
                return None if row.generation is None else self._pictures.wanted(row.generation)
            case RowRole.FRACTION:
                return self._fraction(delivery)
            case Qt.ItemDataRole.ToolTipRole:
                lines = [clip_words(row.generation, delivery.generation_id), self._facts(delivery)]
                return plain_tool_tip("\n".join(lines))
            case Qt.ItemDataRole.AccessibleTextRole:
                look: Look = delivery_look(delivery)
                title = clip_words(row.generation, delivery.generation_id)
                return f"{look.words}: {title}, {self._facts(delivery)}"
        return None

    def _facts(self, delivery: Delivery) -> str:
        progress = self._desk.progress_of(delivery.id)
        return plain_line(delivery_facts(delivery, datetime.now(UTC), progress))

    def _fraction(self, delivery: Delivery) -> float | None:
        if delivery.state is not DeliveryState.SENDING:
            return None
        progress = self._desk.progress_of(delivery.id)
        return min(1.0, progress[0] / progress[1]) if progress and progress[1] > 0 else 0.0
