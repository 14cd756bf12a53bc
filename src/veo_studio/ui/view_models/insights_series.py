"""The insights as series that a chart can draw: numbers for the lengths, exact words for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from veo_studio.core.insights import NOTHING, Figures, Insights
from veo_studio.ui.text import money_words, tr, tr_n
from veo_studio.ui.view_models.insights_words import (
    day_name,
    exact_money,
    failure_words,
    full_day,
    long_seconds,
    month_name,
    percent,
    short_day,
)

_MOST_DAYS = 92
_MOST_WEEK_DAYS = 400
_MOST_SERIES = 5
Name = Callable[[str, str], str]


class Unit(Enum):
    """What an axis measures."""

    COUNT = "count"
    SECONDS = "seconds"
    DOLLARS = "dollars"
    TOKENS = "tokens"
    PERCENT = "percent"


@dataclass(frozen=True)
class Series:
    """One colour of a chart; `look` names it, `words` say each value exactly."""

    name: str
    look: str
    values: tuple[float, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """Stacked bars. `titles` say what each one stands for, `ticks` shortly; `more` is said beside."""

    unit: Unit
    titles: tuple[str, ...]
    ticks: tuple[str, ...]
    series: tuple[Series, ...]
    more: tuple[tuple[str, ...], ...] = field(default=())
    # bars from the same start instead of one on the other
    is_layered: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(value for one in self.series for value in one.values)

    def words_of(self, number: int) -> list[str]:
        """Everything about one bar, a line each; what is zero is left out where something is not."""
        lines = [
            tr("{name}: {value}", name=one.name, value=one.words[number])
            for one in self.series
            if one.values[number]
        ] or [tr("Nothing")]
        return [*lines, *(self.more[number] if self.more else ())]


class Step(Enum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def step_of(found: Insights) -> Step:
    """How many days one bar stands for: as many bars as the eye can tell apart."""
    days = (found.until - found.since).days + 1
    if days <= _MOST_DAYS:
        return Step.DAY
    return Step.WEEK if days <= _MOST_WEEK_DAYS else Step.MONTH


def outcomes_by_day(found: Insights) -> Chart:
    return _by_day(
        found,
        Unit.COUNT,
        [(name, look, count, _number) for name, look, count in _outcomes()],
    )


def video_by_day(found: Insights) -> Chart:
    name = tr("Video made")
    return _by_day(found, Unit.SECONDS, [(name, "accent", lambda one: one.video_s, long_seconds)])


def money_by_day(found: Insights, name_of: Name) -> Chart:
    return _spent_by_day(found, name_of, Unit.DOLLARS)


def tokens_by_day(found: Insights, name_of: Name) -> Chart:
    return _spent_by_day(found, name_of, Unit.TOKENS)


def times_by_model(found: Insights, name_of: Name) -> Chart:
    """The slowest first; the 90th percentile lies behind the median."""
    times = sorted(found.times, key=lambda one: (-one.median_s, one.provider, one.model))
    names = tuple(name_of(one.provider, one.model) for one in times)
    return Chart(
        Unit.SECONDS,
        names,
        names,
        (
            _series(tr("90 % within"), "soft", [one.p90_s for one in times], long_seconds),
            _series(tr("Half within"), "accent", [one.median_s for one in times], long_seconds),
        ),
        tuple((tr_n("{shown} sample", "{shown} samples", one.samples, shown=f"{one.samples:,}"),)
              for one in times),
        is_layered=True,
    )  # fmt: skip


def failures_by_kind(found: Insights) -> Chart:
    kinds = found.failures_by_kind
    names = tuple(failure_words(kind) for kind in kinds)
    total = sum(kinds.values())
    return Chart(
        Unit.COUNT,
        names,
        names,
        (_series(tr("Failed"), "bad", list(kinds.values()), _number),),
        tuple((tr("{share} of all failures", share=percent(n / total)),) for n in kinds.values()),
    )


def outcomes_by_model(found: Insights, name_of: Name) -> Chart:
    """What became of each model's work, of a hundred."""
    rows = {key: one for key, one in found.by_model.items() if one.ended}
    return _shares(rows, name_of, _outcomes()[:3], lambda one: one.ended, _success_words)


def kept_by_model(found: Insights, name_of: Name) -> Chart:
    """What became of what is finished, of a hundred."""
    rows = {key: one for key, one in found.by_model.items() if one.completed}
    parts = [
        (tr("Kept"), "ok", lambda one: one.kept),
        (tr("Undecided"), "quiet", lambda one: one.undecided),
        (tr("Rejected"), "bad", lambda one: one.rejected),
    ]  # fmt: skip
    return _shares(rows, name_of, parts, lambda one: one.completed, _kept_words)


Count = Callable[[Figures], int]
Part = tuple[str, str, Count]


def _outcomes() -> list[Part]:
    return [
        (tr("Ready"), "ok", lambda one: one.completed),
        (tr("Failed"), "bad", lambda one: one.failed),
        (tr("Refused"), "warn", lambda one: one.refused),
        (tr("Cancelled"), "quiet", lambda one: one.cancelled),
    ]


def _success_words(one: Figures) -> tuple[str, ...]:
    return (tr("Success: {share}", share=percent(one.success)),)


def _kept_words(one: Figures) -> tuple[str, ...]:
    if one.cost_per_kept_usd is None:
        return ()
    return (tr("Cost per kept: {cost}", cost=money_words(one.cost_per_kept_usd)),)


def _number(count: float) -> str:
    return f"{count:,.0f}"


def _series(name: str, look: str, values: Sequence[float], say: Callable[[float], str]) -> Series:
    return Series(name, look, tuple(map(float, values)), tuple(map(say, values)))


def _shares(
    rows: dict[tuple[str, str], Figures],
    name_of: Name,
    parts: Sequence[Part],
    whole: Count,
    more: Callable[[Figures], tuple[str, ...]],
) -> Chart:
    names = tuple(name_of(*key) for key in rows)
    figures = list(rows.values())
    return Chart(
        Unit.PERCENT,
        names,
        names,
        tuple(
            Series(
                name,
                look,
                tuple(100 * count(one) / whole(one) for one in figures),
                tuple(_number(count(one)) for one in figures),
            )
            for name, look, count in parts
        ),
        tuple(more(one) for one in figures),
    )


# by day


def _buckets(found: Insights) -> list[list[date]]:
    step = step_of(found)
    buckets: list[list[date]] = []
    for day in found.days:
        is_first = {
            Step.DAY: True,
            Step.WEEK: day.weekday() == 0,
            Step.MONTH: day.day == 1,
        }[step]
        if is_first or not buckets:
            buckets.append([])
        buckets[-1].append(day)
    return buckets


def _titles(found: Insights, buckets: Iterable[list[date]]) -> tuple[list[str], list[str]]:
    """What each bar stands for, in full and shortly."""
    step = step_of(found)
    full, short = [], []
    for days in buckets:
        first, last = days[0], days[-1]
        if step is Step.DAY:
            full.append(tr("{name}, {day}", name=day_name(first), day=full_day(first)))
        else:
            full.append(tr("{first} to {last}", first=short_day(first), last=full_day(last)))
        if step is Step.MONTH:
            month = month_name(first.month)
            short.append(tr("{month} {year}", month=month, year=first.year))
        else:
            short.append(short_day(first))
    return full, short


def _by_day(
    found: Insights,
    unit: Unit,
    parts: Sequence[tuple[str, str, Callable[[Figures], float], Callable[[float], str]]],
) -> Chart:
    buckets = _buckets(found)
    by_day = found.by_day
    sums = [sum((by_day[day] for day in days), NOTHING) for days in buckets]
    titles, ticks = _titles(found, buckets)
    return Chart(
        unit,
        tuple(titles),
        tuple(ticks),
        tuple(
            _series(name, look, [value(one) for one in sums], say)
            for name, look, value, say in parts
        ),
    )


def _spent_by_day(found: Insights, name_of: Name, unit: Unit) -> Chart:
    """The dearest models each in a colour, the others together."""
    is_money = unit is Unit.DOLLARS
    totals = {
        key: one.cost_micros if is_money else one.tokens for key, one in found.by_model.items()
    }
    dearest = sorted((key for key in totals if totals[key]), key=lambda key: (-totals[key], key))
    shown = dearest[:_MOST_SERIES] if len(dearest) > _MOST_SERIES + 1 else dearest
    buckets = _buckets(found)
    place = {day: number for number, days in enumerate(buckets) for day in days}
    sums: dict[tuple[str, str] | None, list[Figures]] = {
        key: [NOTHING] * len(buckets) for key in [*shown, None]
    }
    for cell in found.cells:
        if cell.figures.cost_micros or cell.figures.tokens:
            key = (cell.provider, cell.model)
            mine = sums[key if key in sums else None]
            mine[place[cell.day]] += cell.figures
    if shown == dearest:
        del sums[None]
    titles, ticks = _titles(found, buckets)
    return Chart(
        unit,
        tuple(titles),
        tuple(ticks),
        tuple(
            Series(
                tr("Others") if key is None else name_of(*key),
                "quiet" if key is None else f"series-{number}",
                tuple(float(one.cost_usd) if is_money else float(one.tokens) for one in figures),
                tuple(
                    exact_money(one.cost_usd) if is_money else f"{one.tokens:,}" for one in figures
                ),
            )
            for number, (key, figures) in enumerate(sums.items())
        ),
        tuple(map(_estimated, zip(*sums.values(), strict=True))) if is_money else (),
    )


def _estimated(figures: Sequence[Figures]) -> tuple[str, ...]:
    whole = sum(figures, NOTHING)
    if not whole.estimated_micros:
        return ()
    return (tr("Estimated: {cost}", cost=exact_money(whole.estimated_usd)),)
