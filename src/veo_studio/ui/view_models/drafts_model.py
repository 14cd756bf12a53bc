"""The Drafts tab's state: which drafts are shown, how many there are, and which of them are planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.publishing.drafts import DraftState, drafts_query
from veo_studio.core.publishing.models import PublishingEvent, PublishingEventKind, Schedule
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.clip_pictures import Spawn
from veo_studio.ui.view_models.library_model import LibraryModel

if TYPE_CHECKING:
    from collections.abc import Callable

# what happens at once is counted at once
_COUNT_DELAY_MS = 120

# shape, colour and word of each state
LOOKS: Mapping[DraftState, tuple[str, str, str]] = {
    DraftState.PENDING: ("pending", "dim", "Pending"),
    DraftState.PROCESSING: ("running", "accent", "Processing"),
    DraftState.READY: ("check", "ok", "Ready"),
    DraftState.ATTENTION: ("warning", "warn", "Needs attention"),
    DraftState.FAILED: ("cross", "bad", "Failed"),
}


class DraftCounter(Protocol):
    async def counts(self) -> Mapping[DraftState, int]: ...


class Planner(Protocol):
    """What is asked of the publishing desk."""

    async def schedules(self, *, only_planned: bool = True) -> list[Schedule]: ...

    def subscribe(self, listener: Callable[[PublishingEvent], None]) -> Callable[[], None]: ...


def look_of(state: DraftState) -> tuple[str, str, str]:
    """Shape, colour and word."""
    shape, token, words = LOOKS[state]
    return shape, token, tr(words)


class DraftsModel(QObject):
    """`clips` is the list itself; `open` counts them, `close` ends it.

    Signals:
        counts_changed(): there are more or fewer drafts of a state.
        plans_changed(): other drafts are planned, or for another moment.
        filter_changed(): other states are shown.
    """

    counts_changed = pyqtSignal()
    plans_changed = pyqtSignal()
    filter_changed = pyqtSignal()

    def __init__(self, clips: LibraryModel, spawn: Spawn, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clips = clips
        self._spawn = spawn
        self._counter: DraftCounter | None = None
        self._planner: Planner | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._counts: Mapping[DraftState, int] = dict.fromkeys(DraftState, 0)
        self._is_counted = False
        # newer ones are asked for while an answer is on its way
        self._asked = 0
        self._planned: dict[int, datetime] = {}
        self._states: frozenset[DraftState] = frozenset()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_COUNT_DELAY_MS)
        self._timer.timeout.connect(self._on_rests)
        clips.set_query(drafts_query())

    # what is shown

    @property
    def states(self) -> frozenset[DraftState]:
        """The chosen ones; empty for all."""
        return self._states

    @property
    def counts(self) -> Mapping[DraftState, int]:
        return self._counts

    @property
    def total(self) -> int:
        return sum(self._counts.values())

    @property
    def is_counted(self) -> bool:
        """True once the numbers were read."""
        return self._is_counted

    @property
    def is_filtered(self) -> bool:
        return bool(self._states or self.clips.search)

    def planned_at(self, generation_id: int) -> datetime | None:
        """When it is published by itself; None where nobody planned that."""
        return self._planned.get(generation_id)

    def show_states(self, states: frozenset[DraftState]) -> None:
        """Only these; empty for all."""
        if states != self._states:
            self._states = states
            self.clips.set_query(drafts_query(states, self.clips.search))
            self.filter_changed.emit()

    def show_all(self) -> None:
        """Without filters and search."""
        self._states = frozenset()
        self.clips.set_query(drafts_query())
        self.filter_changed.emit()

    # the core

    def open(self, counter: DraftCounter, planner: Planner) -> None:
        """The core is there."""
        self._counter = counter
        self._planner = planner
        self._unsubscribe = planner.subscribe(self._on_publishing)
        self._on_rests()
        self._spawn(self._read_plans(), name="drafts: plans")

    def close(self) -> None:
        """Answers on their way are dropped."""
        self._asked += 1
        self._timer.stop()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self.clips.stop()

    def on_event(self, event: GenerationEvent) -> None:
        """What happens to clips."""
        self.clips.on_event(event)
        if event.kind is not EventKind.PROGRESS:
            self._timer.start()

    def _on_publishing(self, event: PublishingEvent) -> None:
        if event.kind is PublishingEventKind.SCHEDULE:
            self._spawn(self._read_plans(), name="drafts: plans")

    def _on_rests(self) -> None:
        if self._counter is not None:
            self._asked += 1
            self._spawn(self._count(self._counter, self._asked), name="drafts: counts")

    async def _count(self, counter: DraftCounter, asked: int) -> None:
        counts = await counter.counts()
        if asked == self._asked and (counts != self._counts or not self._is_counted):
            self._counts, self._is_counted = counts, True
            self.counts_changed.emit()

    async def _read_plans(self) -> None:
        assert self._planner is not None
        found = await self._planner.schedules(only_planned=True)
        planned = {one.wish.generation_id: one.due_at for one in found}
        if planned != self._planned and self._unsubscribe is not None:
            self._planned = planned
            self.clips.set_plans(planned)
            self.plans_changed.emit()
