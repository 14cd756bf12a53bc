"""What the Insights tab shows, of which time and of what; it reads only while somebody looks."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from datetime import date
from typing import Any, Protocol

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.insights import DayRange, Insights, Period

_REFRESH_MS = 500


class InsightsSource(Protocol):
    """What the tab needs of the core."""

    def today(self) -> date: ...
    async def look(self, days: DayRange, *, provider: str = "", model: str = "") -> Insights: ...


class Spawn(Protocol):
    def __call__(self, work: Coroutine[Any, Any, Any], *, name: str) -> object: ...


class InsightsModel(QObject):
    """One per window.

    Signals:
        changed(): other figures, or another choice of them.
        failed(error): they could not be read; what was shown stays.
    """

    changed = pyqtSignal()
    failed = pyqtSignal(object)

    def __init__(self, spawn: Spawn, parent: QObject | None = None) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self._spawn = spawn
        self._source: InsightsSource | None = None
        self._is_watched = False
        self._is_stale = True
        self._is_reading = False
        self.period: Period | None = Period.MONTH
        # of a range that has no name
        self.since: date | None = None
        self.until: date | None = None
        self.provider = ""
        self.model = ""
        self.found: Insights | None = None
        self.provider_names: Mapping[str, str] = {}
        self.model_names: Mapping[str, str] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._refresh)

    @property
    def is_reading_due(self) -> bool:
        """True from a change until the figures after it are shown."""
        return self._timer.isActive() or self._is_reading

    def open(
        self,
        source: InsightsSource,
        *,
        provider_names: Mapping[str, str],
        model_names: Mapping[str, str],
    ) -> None:
        """The core is there."""
        self._source = source
        self.provider_names = provider_names
        self.model_names = model_names
        self._refresh()

    def today(self) -> date:
        return date.today() if self._source is None else self._source.today()

    # what is asked for

    def choose_period(self, period: Period) -> None:
        self.period = period
        self._ask()

    def choose_days(self, since: date, until: date) -> None:
        """A range from day to day; ValueError with a sentence where it is none."""
        DayRange(since, until)
        self.period, self.since, self.until = None, since, until
        self._ask()

    def choose(self, provider: str, model: str = "") -> None:
        """Only of this provider or model; "" for all."""
        if (provider, model) != (self.provider, self.model):
            self.provider, self.model = provider, model
            self._ask()

    def _ask(self) -> None:
        self._is_stale = True
        self._refresh()

    # keeping up

    def set_watched(self, is_watched: bool) -> None:
        """Read at once what has changed while nobody looked."""
        self._is_watched = is_watched
        # another day may have begun
        if is_watched:
            self._is_stale = True
            self._refresh()

    def on_event(self, event: GenerationEvent) -> None:
        """What ends, what is kept and what money moves changes the figures; many are one reading."""
        if event.kind is EventKind.PROGRESS:
            return
        self._is_stale = True
        if self._is_watched and not self._timer.isActive():
            self._timer.start()

    def _refresh(self) -> None:
        if self._source is None or not self._is_watched or not self._is_stale or self._is_reading:
            return
        self._is_reading = True
        self._is_stale = False
        self._spawn(self._read(self._source), name="insights")

    async def _read(self, source: InsightsSource) -> None:
        try:
            asked = self._range(source.today())
            found = await source.look(asked, provider=self.provider, model=self.model)
        except StorageError as error:
            self._is_reading = False
            self.failed.emit(error)
            return
        finally:
            self._is_reading = False
        if not self._is_stale or self._timer.isActive():
            self.found = found
            self.changed.emit()
        # what was chosen meanwhile; an end of work has its timer
        if not self._timer.isActive():
            self._refresh()

    def _range(self, today: date) -> DayRange:
        if self.period is not None:
            return DayRange.of(self.period, today)
        return DayRange(self.since, self.until or today)
