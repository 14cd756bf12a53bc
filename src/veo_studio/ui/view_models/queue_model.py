"""The work that goes on, and the work that waits for the user, as an item model.

Rows keep their place while they change. Progress is shown at most ten times a second; beginnings and
ends are shown at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Protocol

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, QTimer, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import (
    ATTENTION_STATES,
    Generation,
    GenerationState,
    Progress,
    Stage,
)
from veo_studio.ui import error_text
from veo_studio.ui.text import estimate_words, seconds_words, size_words, tr

FLUSH_MS = 100
_TICK_MS = 1000


class QueueRole(IntEnum):
    """What the delegate asks for."""

    GENERATION = Qt.ItemDataRole.UserRole + 1
    PROGRESS = Qt.ItemDataRole.UserRole + 2
    WORDS = Qt.ItemDataRole.UserRole + 3
    DETAIL = Qt.ItemDataRole.UserRole + 4
    BUTTON = Qt.ItemDataRole.UserRole + 5
    NEEDS_ATTENTION = Qt.ItemDataRole.UserRole + 6


_MOVING_ROLES = [int(role) for role in QueueRole] + [
    int(Qt.ItemDataRole.DisplayRole),
    int(Qt.ItemDataRole.AccessibleTextRole),
    int(Qt.ItemDataRole.ToolTipRole),
]


class QueueLike(Protocol):
    """What the rows need of the core's queue."""

    @property
    def waiting_ids(self) -> tuple[int, ...]: ...
    def progress_of(self, generation_id: int) -> Progress | None: ...
    def cancel_words(self, generation: Generation) -> str: ...


@dataclass
class _Row:
    generation: Generation
    progress: Progress | None
    stopping: bool = False


class QueueModel(QAbstractListModel):
    """One row per generation that is active, unknown or held.

    Signals:
        count_changed(active, attention): after rows came or went or changed sides.
    """

    count_changed = pyqtSignal(int, int)

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._queue: QueueLike | None = None
        self._rows: list[_Row] = []
        self._dirty: set[int] = set()
        self._flush_timer = QTimer(self)
        self._flush_timer.setSingleShot(True)
        self._flush_timer.setInterval(FLUSH_MS)
        self._flush_timer.timeout.connect(self.flush)
        self._tick_timer = QTimer(self)
        self._tick_timer.setInterval(_TICK_MS)
        self._tick_timer.timeout.connect(self._on_tick)
        self._last_flush = 0.0

    def open(self, queue: QueueLike, generations: Sequence[Generation]) -> None:
        """The core is there: show what it has going on."""
        self.beginResetModel()
        self._queue = queue
        self._rows = [_Row(g, queue.progress_of(g.id)) for g in generations if _belongs(g)]
        self.endResetModel()
        self._counted()

    # Qt's interface

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.generation.prompt
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(
                    part
                    for part in (row.generation.prompt, self._words(row), self._detail(row))
                    if part
                )
            case Qt.ItemDataRole.ToolTipRole:
                parts = (row.generation.prompt, self._words(row), self._detail(row))
                return "\n".join(part for part in parts if part)
            case QueueRole.GENERATION:
                return row.generation
            case QueueRole.PROGRESS:
                return row.progress
            case QueueRole.WORDS:
                return self._words(row)
            case QueueRole.DETAIL:
                return self._detail(row)
            case QueueRole.BUTTON:
                return self._button(row)
            case QueueRole.NEEDS_ATTENTION:
                return row.generation.state in ATTENTION_STATES
        return None

    # what the rows say

    def _words(self, row: _Row) -> str:
        """State and percent: `62 % · Rendering video`."""
        generation, progress = row.generation, row.progress
        if row.stopping:
            return tr("Stopping…")
        if generation.state in ATTENTION_STATES:
            return error_text.describe_generation(generation).happened
        position = self._position(generation)
        if position is not None:
            if generation.error:
                return tr("Waiting: {reason}", reason=generation.error)
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

    def _detail(self, row: _Row) -> str:
        """Time and size: `12 s · about 40 s left`; for attention: what to do."""
        generation, progress = row.generation, row.progress
        if row.stopping:
            return ""
        if generation.state in ATTENTION_STATES:
            return error_text.describe_generation(generation).next_step
        parts = [tr("take {n}", n=generation.take_number)] if generation.take_group else []
        if self._position(generation) is not None:
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

    def _button(self, row: _Row) -> str:
        """The label of the row's button; what it means for the money is in it."""
        if row.stopping or self._queue is None:
            return ""
        if row.generation.state in ATTENTION_STATES:
            return error_text.describe_generation(row.generation).action_text or tr("Look again")
        return tr(self._queue.cancel_words(row.generation))

    def _position(self, generation: Generation) -> int | None:
        """1 for the next to start; None for what runs."""
        if self._queue is None or generation.state is not GenerationState.PENDING:
            return None
        waiting = self._queue.waiting_ids
        return waiting.index(generation.id) + 1 if generation.id in waiting else None

    # events

    def on_event(self, event: GenerationEvent) -> None:
        """Take one event of the stream."""
        generation = event.generation
        number = self._row_of(generation.id)
        if event.kind is EventKind.REMOVED or not _belongs(generation):
            if number is not None:
                self._remove(number)
            return
        if number is None:
            self._insert(_Row(generation, event.progress or self._stored_progress(generation.id)))
            return
        row = self._rows[number]
        before = row.generation.state
        row.generation = generation
        if event.progress is not None:
            row.progress = event.progress
        self._dirty.add(generation.id)
        if before is not generation.state:
            row.stopping = row.stopping and generation.state not in ATTENTION_STATES
            self.flush()
            # those behind it have moved up
            self._touch(self._rows)
            self._counted()
        elif (
            time.monotonic() - self._last_flush > FLUSH_MS / 1000
            and not self._flush_timer.isActive()
        ):
            self.flush()
        elif not self._flush_timer.isActive():
            self._flush_timer.start()

    def set_stopping(self, generation_id: int, is_stopping: bool) -> None:
        """Say at once that a cancel is on its way."""
        number = self._row_of(generation_id)
        if number is not None:
            self._rows[number].stopping = is_stopping
            self._dirty.add(generation_id)
            self.flush()

    def flush(self) -> None:
        """Show what has changed since the last time."""
        self._flush_timer.stop()
        self._last_flush = time.monotonic()
        dirty, self._dirty = self._dirty, set()
        for generation_id in dirty:
            number = self._row_of(generation_id)
            if number is not None:
                index = self.index(number)
                self.dataChanged.emit(index, index, _MOVING_ROLES)

    @property
    def generations(self) -> list[Generation]:
        return [row.generation for row in self._rows]

    def generation_at(self, index: QModelIndex) -> Generation | None:
        return self._rows[index.row()].generation if index.isValid() else None

    def _stored_progress(self, generation_id: int) -> Progress | None:
        return None if self._queue is None else self._queue.progress_of(generation_id)

    def _insert(self, row: _Row) -> None:
        self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows))
        self._rows.append(row)
        self.endInsertRows()
        self._counted()

    def _remove(self, number: int) -> None:
        self.beginRemoveRows(QModelIndex(), number, number)
        del self._rows[number]
        self.endRemoveRows()
        self._touch(self._rows)
        self._counted()

    def _touch(self, rows: Iterable[_Row]) -> None:
        self._dirty.update(row.generation.id for row in rows)
        if self._dirty and not self._flush_timer.isActive():
            self._flush_timer.start()

    def _row_of(self, generation_id: int) -> int | None:
        for number, row in enumerate(self._rows):
            if row.generation.id == generation_id:
                return number
        return None

    def _on_tick(self) -> None:
        if self._rows:
            self.dataChanged.emit(
                self.index(0),
                self.index(len(self._rows) - 1),
                [int(QueueRole.DETAIL), int(Qt.ItemDataRole.AccessibleTextRole)],
            )

    def _counted(self) -> None:
        attention = sum(row.generation.state in ATTENTION_STATES for row in self._rows)
        active = len(self._rows) - attention
        if active and not self._tick_timer.isActive():
            self._tick_timer.start()
        elif not active:
            self._tick_timer.stop()
        self.count_changed.emit(active, attention)


def _belongs(generation: Generation) -> bool:
    return not generation.state.is_terminal
