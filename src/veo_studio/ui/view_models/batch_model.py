"""A batch in the window: the file, its rows, what it costs, whether it may start, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.batch import Batch, BatchTotal
from veo_studio.core.batch_file import FileRow
from veo_studio.core.batch_results import BatchRun
from veo_studio.core.batch_rows import BatchDefaults, CheckedRow
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import ACTIVE_STATES, GenerationState
from veo_studio.ui.text import ago, money_words, tr, tr_n
from veo_studio.ui.view_models.batch_table import BatchTable
from veo_studio.ui.view_models.form_price import Blocked, Means, budget_line, is_free, money_block

if TYPE_CHECKING:
    from veo_studio.ui.batch_access import BatchServices

_S = GenerationState
Spawn = Callable[..., object]


class BatchState(Enum):
    EMPTY = "empty"
    READING = "reading"
    READY = "ready"
    STARTING = "starting"


@dataclass(frozen=True)
class _Price:
    tokens: int
    cost_usd: Decimal | None


class BatchModel(QObject):
    """One file at a time. `defaults_of(expands)` says what rows get that say nothing themselves.

    Signals:
        changed(): anything but the cells.
        started(int): so many generations are stored and on their way.
    """

    changed = pyqtSignal()
    started = pyqtSignal(int)

    def __init__(
        self,
        services: BatchServices,
        defaults_of: Callable[[bool], BatchDefaults],
        spawn: Spawn,
        parent: QObject | None = None,
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._defaults_of = defaults_of
        self._spawn = spawn
        self._today = today
        self.table = BatchTable(self)
        self.table.rows_changed.connect(self._on_rows_changed)
        self.state = BatchState.EMPTY
        self.expands = False
        self.path: Path | None = None
        # a sentence about a file that could not be read
        self.problem = ""
        self._batch: Batch | None = None
        # as the rows were checked with them: the form may say something else since
        self._defaults: BatchDefaults | None = None
        self._total = BatchTotal()
        self._means = Means()
        self.run: BatchRun | None = None
        self._row_of: dict[int, int] = {}
        self._states: dict[int, GenerationState] = {}
        self._reading = 0
        self._unsubscribe = [
            services.subscribe(self.on_event),
            services.subscribe_money(self._read_means_soon),
        ]

    def close(self) -> None:
        """Listen no longer."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []

    # the file

    async def read(self, path: Path) -> None:
        """Another file, or the same one anew; what is wrong with it is in `problem`."""
        self._reading += 1
        reading = self._reading
        self.path, self.problem, self.state = path, "", BatchState.READING
        self._batch, self.run, self._total = None, None, BatchTotal()
        self.table.show_made({})
        self.table.show_rows((), ("prompt",), None)
        self.changed.emit()
        try:
            file = await self._services.read(path)
            defaults = self._defaults_of(self.expands)
            checker = self._services.checker(defaults, path.parent)
            batch = await self._services.check(file, checker)
            run = await self._services.last_run(batch.digest)
            await self._read_means()
        except ValueError as error:
            if reading == self._reading:
                self.problem, self.state = str(error), BatchState.EMPTY
                self.changed.emit()
            return
        if reading != self._reading:
            return  # the user chose another one meanwhile
        self._batch, self._total, self.state = batch, batch.total, BatchState.READY
        self._defaults = defaults
        self.table.is_editable = run is None
        self.table.show_rows(batch.rows, file.columns, checker.check)
        self._show_run(run)

    async def set_expands(self, expands: bool) -> None:
        """Lists in prompts make several clips, or stay as they are; the file is read anew."""
        if expands == self.expands:
            return
        self.expands = expands
        if self._batch is not None:
            await self._check_again(self._batch)
        elif self.state is BatchState.READING and self.path is not None:
            await self.read(self.path)

    async def _check_again(self, batch: Batch) -> None:
        """With other defaults, keeping what the user changed in the rows."""
        self._reading += 1
        reading = self._reading
        self.state = BatchState.READING
        self.changed.emit()
        defaults = self._defaults_of(self.expands)
        checker = self._services.checker(defaults, batch.file.path.parent)
        rows = [_as_written(row) for row in self.table.rows]
        checked = await self._services.check(batch.file, checker, rows)
        run = await self._services.last_run(checked.digest)
        if reading == self._reading:
            self.state = BatchState.READY
            self._batch, self._total, self._defaults = checked, checked.total, defaults
            self.table.is_editable = run is None
            self.table.show_rows(checked.rows, batch.file.columns, checker.check)
            self._show_run(run)

    def remove(self, places: Collection[int]) -> None:
        if places and self.state is BatchState.READY:
            self.table.remove(places)

    def _on_rows_changed(self) -> None:
        if self._batch is not None:
            self._batch = replace(self._batch, rows=tuple(self.table.rows))
            self._total = self._batch.total
        self.changed.emit()

    # words

    @property
    def total(self) -> BatchTotal:
        return self._total

    @property
    def note(self) -> str:
        """About the file: how it was read, and whether it was started before."""
        if self._batch is None:
            return ""
        notes = [self._batch.file.note]
        if self.run is not None:
            notes.append(
                tr(
                    "Started {when}: {counts}.",
                    when=ago(self.run.started_at),
                    counts=self.counts_words(),
                )
            )
        return " ".join(note for note in notes if note)

    def defaults_words(self) -> str:
        """What rows get that say nothing themselves; before a file is there, what they would get."""
        defaults = self._defaults
        if defaults is None or self._batch is None:
            defaults = self._defaults_of(self.expands)
        config = defaults.config
        if config is None:
            return ""
        length = tr("{n} s ", n=config.duration_s) if config.duration_s else ""
        return tr(
            "What a row leaves out comes from the form: {model}, {length}{resolution} {aspect}.",
            model=defaults.model.name,
            length=length,
            resolution=config.resolution,
            aspect=config.aspect_ratio,
        )

    def price_words(self) -> str:
        """`12 clips · 120 tokens · about $6.72`, and what of it is not known."""
        total = self._total
        if not total.rows:
            return ""
        clips = tr_n("{shown} clip", "{shown} clips", total.clips, shown=f"{total.clips:,}")
        if is_free(self._price()):
            return tr("{clips} · free rehearsal", clips=clips)
        tokens = tr_n("{shown} token", "{shown} tokens", total.tokens, shown=f"{total.tokens:,}")
        cost = money_words(total.cost_usd)
        words = tr("{clips} · {tokens} · about {cost}", clips=clips, tokens=tokens, cost=cost)
        if total.unknown:
            names = ", ".join(total.unknown)
            words = tr(
                "{price}, and what {names} takes, which is not known", price=words, names=names
            )
        return words

    def budget_words(self) -> str:
        """What is left of the budgets, in one line."""
        return " ".join(budget_line(self._means, self._today()).splitlines())

    def counts_words(self) -> str:
        """`12 of 40 ready, 3 running, 25 waiting`."""
        counts = Counter(self._states.values())
        running = sum(counts[state] for state in ACTIVE_STATES - {_S.PENDING})
        words = [
            tr("{n} of {all} ready", n=f"{counts[_S.COMPLETED]:,}", all=f"{len(self._states):,}")
        ]
        for count, word in (
            (running, tr("running")),
            (counts[_S.PENDING], tr("waiting")),
            (counts[_S.FAILED], tr("failed")),
            (counts[_S.CANCELLED], tr("cancelled")),
            (counts[_S.UNKNOWN] + counts[_S.HELD], tr("in need of you")),
        ):
            if count:
                words.append(f"{count:,} {word}")
        return ", ".join(words)

    # the start

    def blocked(self) -> Blocked | None:
        """Why it cannot start; None where it can."""
        if self.state is not BatchState.READY or self._batch is None:
            return Blocked(self.problem)
        total = self._total
        if not total.rows:
            return Blocked(tr("No row is left."))
        if total.rows_with_problems:
            return Blocked(
                tr_n(
                    "{shown} row has a mistake. Correct it, or remove the row.",
                    "{shown} rows have mistakes. Correct them, or remove the rows.",
                    total.rows_with_problems,
                    shown=f"{total.rows_with_problems:,}",
                )
            )
        if sentence := self._batch.too_large():
            return Blocked(sentence)
        return money_block(self._price(), 1, self._means, self._today())

    async def start(self) -> None:
        """Store and charge all rows, or none; raises what the core raises."""
        if self.blocked() is not None or self._batch is None:
            return
        number = 1 if self.run is None else self.run.number + 1
        self.state = BatchState.STARTING
        self.changed.emit()
        try:
            run = await self._services.start(self._batch, number)
            self.table.is_editable = False
            self._show_run(run)
            self.started.emit(len(run.keyed))
        finally:
            self.state = BatchState.READY
            await self._read_means()
            self.changed.emit()

    async def save_results(self, path: Path) -> int:
        """Write what became of every row as it stands now; returns how many lines. Raises StorageError."""
        assert self._batch is not None
        assert self.run is not None
        cells = {row.number: row.cells for row in self._batch.file.rows}
        cells |= {row.number: row.cells for row in self._batch.rows}
        return await self._services.write_results(path, self._batch, cells, self.run.number)

    def _price(self) -> _Price:
        return _Price(self._total.tokens, self._total.price_usd)

    async def _read_means(self) -> None:
        balance, budgets = await self._services.balance(), await self._services.budgets()
        self._means = Means(balance, tuple(budgets), self._today())

    def _read_means_soon(self) -> None:
        if self._batch is not None:
            self._spawn(self._read_means_again(), name="batch: budgets")

    async def _read_means_again(self) -> None:
        await self._read_means()
        self.changed.emit()

    # what becomes of it

    def _show_run(self, run: BatchRun | None) -> None:
        self.run = run
        made = {} if run is None else run.by_row()
        self._row_of = {one.id: number for number, ones in made.items() for one in ones}
        self._states = {one.id: one.state for ones in made.values() for one in ones}
        self.table.show_made(made)
        self.changed.emit()

    def on_event(self, event: GenerationEvent) -> None:
        """Follow the generations of this batch."""
        number = self._row_of.get(event.generation.id)
        if number is None:
            return
        percent = None if event.progress is None else event.progress.percent
        self.table.put(number, event.generation, percent)
        if self._states[event.generation.id] is not event.generation.state:
            self._states[event.generation.id] = event.generation.state
            self.changed.emit()


def _as_written(row: CheckedRow) -> FileRow:
    """As the file would say it; one that could not be read stays so until it is edited."""
    return FileRow(row.number, row.cells, row.problem_of(""))
