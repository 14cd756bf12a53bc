"""What a library's numbers say about a time: what came of the work, how long it took, what it cost.

`store/insights.py` asks the database; here is what it answers with, and what follows from that.
Money is exact: whole millionths of a dollar are added, never fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from functools import cached_property
from typing import TypeVar

MOST_DAYS = 7_320
# generous: a clock may be wrong, but a row for each day of ten thousand years helps nobody
_YEARS = range(1900, 2200)
_MICROS = 1_000_000
_K = TypeVar("_K")


class Period(Enum):
    """The ranges that have a name; `value` is their days, None where the library decides."""

    WEEK = 7
    MONTH = 30
    QUARTER = 90
    YEAR = 365
    ALL = None


class By(Enum):
    MODEL = "model"
    PROVIDER = "provider"
    DAY = "day"


@dataclass(frozen=True)
class DayRange:
    """Whole days where the user lives, both inclusive; `since` None begins with the library.

    ValueError where it ends before it begins, is longer than twenty years, or lies in years that no
    library was made in.
    """

    since: date | None
    until: date

    def __post_init__(self) -> None:
        if not all(day.year in _YEARS for day in (self.since or self.until, self.until)):
            raise ValueError(f"The days of a range are of the years {_YEARS[0]} to {_YEARS[-1]}.")
        if self.since is None:
            return
        if self.until < self.since:
            raise ValueError(f"The range ends on {self.until}, before it begins on {self.since}.")
        if (self.until - self.since).days >= MOST_DAYS:
            raise ValueError("A range is twenty years at the most.")

    @classmethod
    def of(cls, period: Period, today: date) -> DayRange:
        """The period that ends today, today included."""
        return cls.last(period.value, today) if period.value else cls(None, today)

    @classmethod
    def last(cls, days: int, today: date) -> DayRange:
        """ValueError for less than one day."""
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"The number of days must be 1 to {MOST_DAYS:,}.")
        return cls(today - timedelta(days=days - 1), today)


@dataclass(frozen=True)
class Figures:
    """What came of the generations of one model on one day, or of any sum of those.

    Counts are by the day of the end; tokens and money by the day that budgets book them on.
    `estimated_micros` is the part of the money that no service has reported.
    """

    completed: int = 0
    failed: int = 0
    refused: int = 0
    cancelled: int = 0
    video_s: float = 0.0
    kept: int = 0
    rejected: int = 0
    tokens: int = 0
    cost_micros: int = 0
    estimated_micros: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.completed + other.completed,
            self.failed + other.failed,
            self.refused + other.refused,
            self.cancelled + other.cancelled,
            self.video_s + other.video_s,
            self.kept + other.kept,
            self.rejected + other.rejected,
            self.tokens + other.tokens,
            self.cost_micros + other.cost_micros,
            self.estimated_micros + other.estimated_micros,
        )

    @property
    def ended(self) -> int:
        """What a service answered: what the user cancelled says nothing about success."""
        return self.completed + self.failed + self.refused

    @property
    def success(self) -> float | None:
        """The fraction of `ended` that became a file; None where nothing has ended."""
        return self.completed / self.ended if self.ended else None

    @property
    def undecided(self) -> int:
        """Finished and neither kept nor rejected."""
        return self.completed - self.kept - self.rejected

    @property
    def cost_usd(self) -> Decimal:
        return Decimal(self.cost_micros) / _MICROS

    @property
    def estimated_usd(self) -> Decimal:
        return Decimal(self.estimated_micros) / _MICROS

    @property
    def cost_per_kept_usd(self) -> Decimal | None:
        """All that was spent, shared among what is kept; None where nothing is."""
        if not self.kept:
            return None
        shared = self.cost_usd / self.kept
        return shared.quantize(Decimal(1) / _MICROS, ROUND_HALF_UP)

    @property
    def is_nothing(self) -> bool:
        return self == NOTHING


NOTHING = Figures()


@dataclass(frozen=True)
class Cell:
    """The figures of one model on one day; days without any have no cell."""

    day: date
    provider: str
    model: str
    figures: Figures


@dataclass(frozen=True)
class Taken:
    """Seconds from submit to file, to a tenth, by nearest rank; "" stands for all models or providers."""

    provider: str
    model: str
    samples: int
    median_s: float
    p90_s: float


@dataclass(frozen=True)
class FailureCount:
    """How many of a model failed for one reason; `kind` is "" where none is stored."""

    provider: str
    model: str
    kind: str
    count: int


@dataclass(frozen=True)
class Insights:
    """Everything about one range; `since` and `until` are its first and last day."""

    since: date
    until: date
    cells: tuple[Cell, ...] = ()
    taken: tuple[Taken, ...] = ()
    failures: tuple[FailureCount, ...] = ()
    # what there is to choose from, whatever the range: provider and model
    models: tuple[tuple[str, str], ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not self.cells

    @property
    def days(self) -> list[date]:
        """Every day, also those on which nothing happened."""
        count = (self.until - self.since).days + 1
        return [self.since + timedelta(days=number) for number in range(count)]

    @cached_property
    def total(self) -> Figures:
        return _sum(cell.figures for cell in self.cells)

    @cached_property
    def by_day(self) -> dict[date, Figures]:
        """In order, with zeros for empty days."""
        found = _sums(self.cells, lambda cell: cell.day)
        return {day: found.get(day, NOTHING) for day in self.days}

    @cached_property
    def by_model(self) -> dict[tuple[str, str], Figures]:
        return dict(sorted(_sums(self.cells, lambda cell: (cell.provider, cell.model)).items()))

    @cached_property
    def by_provider(self) -> dict[str, Figures]:
        return dict(sorted(_sums(self.cells, lambda cell: cell.provider).items()))

    def time_of(self, provider: str = "", model: str = "") -> Taken | None:
        """Of a model, of all models of a provider, or of everything; None without a sample."""
        return next(
            (one for one in self.taken if (one.provider, one.model) == (provider, model)), None
        )

    @property
    def times(self) -> list[Taken]:
        """Of each model."""
        return [one for one in self.taken if one.model]

    @cached_property
    def failures_by_kind(self) -> dict[str, int]:
        """The most frequent first."""
        found: dict[str, int] = {}
        for one in self.failures:
            found[one.kind] = found.get(one.kind, 0) + one.count
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _sums(cells: Iterable[Cell], key_of: Callable[[Cell], _K]) -> dict[_K, Figures]:
    apart: dict[_K, list[Figures]] = {}
    for cell in cells:
        apart.setdefault(key_of(cell), []).append(cell.figures)
    return {key: _sum(found) for key, found in apart.items()}


def _sum(found: Iterable[Figures]) -> Figures:
    return sum(found, NOTHING)
