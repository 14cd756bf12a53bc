"""The work that goes on and waits, as an item model: what runs first, then the line in its order.

Rows keep their place while they change. Progress is shown at most ten times a second; beginnings and
ends are shown at once. A thousand waiting rows cost a look-up each, and only while they are painted.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from PyQt6.QtCore import QMimeData, QModelIndex, QObject, Qt, QTimer, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import (
    Choice,
    Generation,
    GenerationState,
    Pause,
    Progress,
    Stage,
)
from veo_studio.ui import error_text
from veo_studio.ui.text import estimate_words, seconds_words, size_words, tr
from veo_studio.ui.view_models.attention_model import AttentionModel
from veo_studio.ui.view_models.finished_model import FinishedModel
from veo_studio.ui.view_models.generation_rows import GenerationRows, QueueRole, Row
from veo_studio.ui.view_models.queue_words import PauseLine, pause_lines
from veo_studio.ui.view_models.row_runs import runs_of

__all__ = ["EVERYTHING", "FLUSH_MS", "PauseLine", "QueueLike", "QueueModel", "QueueRole"]

FLUSH_MS = 100
_TICK_MS = 1000
_WAITING_MIME = "application/x-veo-studio-waiting"
# the name of the whole queue among the pauses
EVERYTHING = ""


class QueueLike(Protocol):
    """What the rows need of the core's queue."""

    @property
    def waiting_ids(self) -> tuple[int, ...]: ...
    @property
    def pauses(self) -> Mapping[str, Pause]: ...
    def progress_of(self, generation_id: int) -> Progress | None: ...
    def cancel_words(self, generation: Generation) -> str: ...
    def choices(self, generation: Generation) -> tuple[Choice, ...]: ...
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]: ...


class QueueModel(GenerationRows):
    """One row per generation that is active; `attention` holds those that wait for the user.

    Signals:
        count_changed(active, attention): after rows came or went or changed sides.
        pauses_changed(): what is paused, why, or the words of it.
        move_requested(id, before id or None): rows were dragged.
    """

    count_changed = pyqtSignal(int, int)
    pauses_changed = pyqtSignal()
    move_requested = pyqtSignal(int, object)

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        provider_names: Mapping[str, str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._provider_names = dict(provider_names or {})
        self._queue: QueueLike | None = None
        self._positions: dict[int, int] = {}
        self._is_order_stale = True
        self._needs_order = False
        self._pending = 0
        self._dirty: set[int] = set()
        self.attention = AttentionModel(clock, self)
        self.attention.count_changed.connect(self._counted)
        self.finished = FinishedModel(self)
        self._flush_timer = QTimer(self)
        self._flush_timer.setSingleShot(True)
        self._flush_timer.setInterval(FLUSH_MS)
        self._flush_timer.timeout.connect(self.flush)
        self._tick_timer = QTimer(self)
        self._tick_timer.setInterval(_TICK_MS)
        self._tick_timer.timeout.connect(self._on_tick)
        self._last_flush = 0.0

    def open(self, queue: QueueLike, generations: Sequence[Generation]) -> Callable[[], None]:
        """The core is there: show what it has going on. The returned call ends the listening."""
        self._queue = queue
        rows = [Row(g, queue.progress_of(g.id)) for g in generations if g.state.is_active]
        self._set_rows(rows)
        self._pending = sum(_is_pending(row.generation) for row in rows)
        self.attention.open(queue, generations)
        unsubscribe = queue.subscribe(self._on_queue_changed)
        self._on_queue_changed()
        self.flush()
        return unsubscribe

    # what the rows say

    def words(self, row: Row) -> str:
        """State and percent: `62 % · Rendering video`."""
        generation, progress = row.generation, row.progress
        if row.busy:
            return row.busy
        position = self.position(generation.id)
        if position is not None:
            paused = self.is_held_back(generation)
            if generation.error and not paused:
                return tr("Waiting: {reason}", reason=error_text.quoted(generation.error))
            return tr("Waiting, next") if position == 1 else tr("Waiting, number {n}", n=position)
        if progress is None:
            return tr("Starting")
        # a guess says that it is one
        percent = (
            tr("about {n} %", n=progress.percent)
            if progress.is_estimate
            else tr("{n} %", n=progress.percent)
        )
        return tr("{percent} · {status}", percent=percent, status=tr(progress.status))

    def detail(self, row: Row) -> str:
        """Time and size: `12 s · about 40 s left`."""
        generation, progress = row.generation, row.progress
        if row.busy:
            return ""
        parts = [tr("take {n}", n=generation.take_number)] if generation.take_group else []
        if self.position(generation.id) is not None:
            if self.is_held_back(generation):
                parts.append(tr("paused"))
            return " · ".join(parts)
        if progress is not None and progress.stage is Stage.DOWNLOADING and progress.bytes_done:
            done = size_words(progress.bytes_done)
            if progress.bytes_total:
                done = tr("{done} of {total}", done=done, total=size_words(progress.bytes_total))
            if progress.bytes_per_s:
                done = tr("{done}, {rate}/s", done=done, rate=size_words(int(progress.bytes_per_s)))
            parts.append(done)
        since = generation.submitted_at or generation.created_at
        elapsed_s = max(0.0, (self._clock() - since).total_seconds())
        parts.append(seconds_words(elapsed_s))
        if progress is not None and progress.remaining_s is not None and progress.remaining_s > 0:
            parts.append(estimate_words(progress.remaining_s))
        return " · ".join(parts)

    def button(self, row: Row) -> str:
        """The label of the row's button; what it means for the money is in it."""
        if row.busy or self._queue is None:
            return ""
        return tr(self._queue.cancel_words(row.generation))

    # the line

    def position(self, generation_id: int) -> int | None:
        """1 for the next to start; None for what runs."""
        self._read_line()
        number = self._numbers.get(generation_id)
        if number is None or self._rows[number].generation.state is not GenerationState.PENDING:
            return None
        return self._positions.get(generation_id)

    def _read_line(self) -> None:
        if self._is_order_stale and self._queue is not None:
            self._is_order_stale = False
            self._positions = {one: n for n, one in enumerate(self._queue.waiting_ids, 1)}

    def is_waiting(self, generation_id: int) -> bool:
        return self.position(generation_id) is not None

    @property
    def waiting_count(self) -> int:
        """How many wait; counted along, so that a thousand new ones do not count a thousand times."""
        return self._pending

    @property
    def waiting(self) -> list[Generation]:
        """In the order in which they will start."""
        return [row.generation for row in self._rows if self.is_waiting(row.generation.id)]

    def neighbour(self, generation_id: int, step: int) -> int | None:
        """Before whom a waiting one stands after a move by `step`; None is the end.

        LookupError where it cannot be moved that way.
        """
        line = [generation.id for generation in self.waiting]
        at = line.index(generation_id) if generation_id in line else -1
        target = at + step
        if at < 0 or not 0 <= target < len(line):
            raise LookupError
        after = target if step < 0 else target + 1
        return line[after] if after < len(line) else None

    def move_locally(self, generation_id: int, before_id: int | None) -> None:
        """Show a move at once; the queue's own order follows and wins."""
        line = [generation.id for generation in self.waiting]
        if generation_id in line and generation_id != before_id:
            line.remove(generation_id)
            line.insert(line.index(before_id) if before_id in line else len(line), generation_id)
            self._positions = {one: n for n, one in enumerate(line, 1)}
            self._order(line)

    def refresh_order(self) -> None:
        """The queue's own order, now."""
        self._is_order_stale = self._needs_order = True
        self.flush()

    # dragging

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index) | Qt.ItemFlag.ItemNeverHasChildren
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        if self.is_waiting(self._rows[index.row()].generation.id):
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_WAITING_MIME]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        ids = [self._rows[index.row()].generation.id for index in indexes]
        made = QMimeData()
        made.setData(_WAITING_MIME, b",".join(b"%d" % one for one in ids))
        return made

    def dropMimeData(
        self,
        data: QMimeData | None,
        action: Qt.DropAction,
        row: int,
        column: int,
        parent: QModelIndex,
    ) -> bool:
        """A waiting one was dropped before row `row`, -1 for the end; what runs stays in front."""
        if data is None or not data.hasFormat(_WAITING_MIME):
            return False
        (moved, *_rest) = [int(one) for one in data.data(_WAITING_MIME).data().split(b",")]
        after = [
            one.generation.id
            for one in self._rows[row if row >= 0 else len(self._rows) :]
            if self.is_waiting(one.generation.id) and one.generation.id != moved
        ]
        self.move_requested.emit(moved, after[0] if after else None)
        return True

    # pauses

    @property
    def pauses(self) -> Mapping[str, Pause]:
        return {} if self._queue is None else self._queue.pauses

    @property
    def is_paused(self) -> bool:
        """True while the user holds back the whole queue."""
        return EVERYTHING in self.pauses

    def is_held_back(self, generation: Generation) -> bool:
        return EVERYTHING in self.pauses or generation.provider in self.pauses

    def provider_name(self, provider: str) -> str:
        return self._provider_names.get(provider, provider)

    def pause_lines(self) -> list[PauseLine]:
        """Every pause in words, what needs the user first."""
        waiting = Counter(generation.provider for generation in self.waiting)
        return pause_lines(self.pauses.values(), waiting, self.provider_name, self._clock())

    def _on_queue_changed(self) -> None:
        self._is_order_stale = self._needs_order = True
        self._flush_soon()
        self.pauses_changed.emit()
        self._set_ticking()

    # events

    def on_event(self, event: GenerationEvent) -> None:
        """Take one event of the stream."""
        generation = event.generation
        self.attention.on_event(event)
        self.finished.on_event(event)
        number = self._numbers.get(generation.id)
        if event.kind is EventKind.REMOVED or not generation.state.is_active:
            if number is not None:
                self._dirty.discard(generation.id)
                self._pending -= _is_pending(self._remove(number).generation)
                self._moved_up()
                if generation.has_file:
                    self.finished.add(generation)
            return
        if number is None:
            place = len(self._rows)
            if generation.state is not GenerationState.PENDING:
                place = sum(not self.is_waiting(row.generation.id) for row in self._rows)
            progress = event.progress or self._stored_progress(generation.id)
            self._insert(place, Row(generation, progress))
            self._pending += _is_pending(generation)
            self._moved_up()
            return
        row = self._rows[number]
        before = row.generation.state
        row.generation = generation
        self._pending += _is_pending(generation) - (before is GenerationState.PENDING)
        if event.progress is not None:
            row.progress = event.progress
        elif generation.state is GenerationState.PENDING:
            # it went back into the line: it is not being sent any more
            row.progress = None
        self._dirty.add(generation.id)
        if before is not generation.state:
            self._flush_dirty()
            self._moved_up()
        elif time.monotonic() - self._last_flush > FLUSH_MS / 1000:
            if not self._flush_timer.isActive():
                self._flush_dirty()
        else:
            self._flush_soon()

    def _moved_up(self) -> None:
        """The line is another one: those behind have moved."""
        self._is_order_stale = self._needs_order = True
        self._flush_soon()
        self._counted()

    def _flush_soon(self) -> None:
        if not self._flush_timer.isActive():
            self._flush_timer.start()

    def flush(self) -> None:
        """Show what has changed since the last time, and the line in its order."""
        self._flush_timer.stop()
        self._flush_dirty()
        if self._queue is not None and self._needs_order:
            self._needs_order = False
            # read anew: an event comes before its row stands in the line
            self._is_order_stale = True
            self._order(self._queue.waiting_ids)
            self.pauses_changed.emit()

    def _flush_dirty(self) -> None:
        self._last_flush = time.monotonic()
        dirty, self._dirty = self._dirty, set()
        for run in runs_of(self._numbers[one] for one in dirty if one in self._numbers):
            self._announce(run.start, run[-1])

    def _order(self, line: Sequence[int]) -> None:
        """What runs, in the order it has; behind it the line."""
        waiting = [one for one in line if self.is_waiting(one)]
        in_line = set(waiting)
        wanted = [row for row in self._rows if row.generation.id not in in_line]
        first = len(wanted)
        wanted += [self._rows[self._numbers[one]] for one in waiting]
        if any(a is not b for a, b in zip(wanted, self._rows, strict=True)):
            self.layoutAboutToBeChanged.emit()
            kept = self.persistentIndexList()
            ids = [self._rows[index.row()].generation.id for index in kept]
            self._rows = wanted
            self._number()
            self.changePersistentIndexList(kept, [self.index(self._numbers[one]) for one in ids])
            self.layoutChanged.emit()
        self._announce(first, len(self._rows) - 1)

    def _stored_progress(self, generation_id: int) -> Progress | None:
        return None if self._queue is None else self._queue.progress_of(generation_id)

    def _on_tick(self) -> None:
        running = sum(not self.is_waiting(row.generation.id) for row in self._rows)
        if running:
            roles = [int(QueueRole.DETAIL), int(Qt.ItemDataRole.AccessibleTextRole)]
            self.dataChanged.emit(self.index(0), self.index(running - 1), roles)
        if any(pause.until is not None for pause in self.pauses.values()):
            self.pauses_changed.emit()

    def _set_ticking(self) -> None:
        if self._rows or any(pause.until is not None for pause in self.pauses.values()):
            if not self._tick_timer.isActive():
                self._tick_timer.start()
        else:
            self._tick_timer.stop()

    def _counted(self, *_attention: int) -> None:
        self._set_ticking()
        self.count_changed.emit(len(self._rows), self.attention.rowCount())


def _is_pending(generation: Generation) -> bool:
    return generation.state is GenerationState.PENDING
