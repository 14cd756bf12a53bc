"""The insights as tables: the same rows for the window, the command line, JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from veo_studio.core.insights import NOTHING, By, Figures, Insights, Taken

# a count, a length in seconds, an amount, a day as ISO text, a name; None where there is nothing to say
Value = int | float | Decimal | str | None
_OUTCOMES = ("completed", "failed", "refused", "cancelled")
_MONEY = ("tokens", "cost_usd", "estimated_usd")
_KEPT = ("kept", "rejected", "undecided", "cost_per_kept_usd")
_SIX_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Table:
    """`columns` name their unit: `_s` seconds, `_usd` US dollars, `_percent` of a hundred."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def table_by(found: Insights, by: By) -> Table:
    """One row for each model, provider or day."""
    return {By.MODEL: models, By.PROVIDER: providers, By.DAY: days}[by](found)


def days(found: Insights) -> Table:
    """What ended and what was spent on each day, also where that is nothing."""
    rows = [
        (day.isoformat(), *_outcomes(one), one.video_s, *_money(one))
        for day, one in found.by_day.items()
    ]
    return Table("days", ("day", *_OUTCOMES, "success_percent", "video_s", *_MONEY), tuple(rows))


def models(found: Insights) -> Table:
    rows = [
        (provider, model, *_everything(one, found.time_of(provider, model)))
        for (provider, model), one in found.by_model.items()
    ]
    return Table("models", ("provider", "model", *_EVERYTHING), tuple(rows))


def providers(found: Insights) -> Table:
    rows = [
        (provider, *_everything(one, found.time_of(provider)))
        for provider, one in found.by_provider.items()
    ]
    return Table("providers", ("provider", *_EVERYTHING), tuple(rows))


def money(found: Insights) -> Table:
    """Tokens and dollars of each day, model by model; a day without any has one row of zeros."""
    spent: dict[str, list[tuple[Value, ...]]] = {}
    for cell in found.cells:
        if cell.figures.tokens or cell.figures.cost_micros:
            day = cell.day.isoformat()
            spent.setdefault(day, []).append(
                (day, cell.provider, cell.model, *_money(cell.figures))
            )
    rows = [
        row
        for day in found.days
        for row in spent.get(day.isoformat(), [(day.isoformat(), "", "", *_money(NOTHING))])
    ]
    return Table("money", ("day", "provider", "model", *_MONEY), tuple(rows))


def times(found: Insights) -> Table:
    rows = [(one.provider, one.model, one.samples, one.median_s, one.p90_s) for one in found.times]
    return Table("times", ("provider", "model", "samples", "median_s", "p90_s"), tuple(rows))


def failures(found: Insights) -> Table:
    """The most frequent kind first."""
    order = list(found.failures_by_kind)
    told = sorted(found.failures, key=lambda one: (order.index(one.kind), -one.count))
    rows = [(one.kind or "unknown", one.provider, one.model, one.count) for one in told]
    return Table("failures", ("kind", "provider", "model", "failed"), tuple(rows))


def kept(found: Insights) -> Table:
    rows = [
        (provider, model, one.completed, *_kept(one))
        for (provider, model), one in found.by_model.items()
    ]
    return Table("kept", ("provider", "model", "completed", *_KEPT), tuple(rows))


_EVERYTHING = (
    *_OUTCOMES, "success_percent", "median_s", "p90_s", "video_s", *_MONEY, *_KEPT,
)  # fmt: skip


def _everything(one: Figures, taken: Taken | None) -> Iterator[Value]:
    yield from _outcomes(one)
    yield None if taken is None else taken.median_s
    yield None if taken is None else taken.p90_s
    yield one.video_s
    yield from _money(one)
    yield from _kept(one)


def _outcomes(one: Figures) -> tuple[Value, ...]:
    percent = None if one.success is None else round(one.success * 100, 1)
    return one.completed, one.failed, one.refused, one.cancelled, percent


def _money(one: Figures) -> tuple[Value, ...]:
    return one.tokens, one.cost_usd.quantize(_SIX_PLACES), one.estimated_usd.quantize(_SIX_PLACES)


def _kept(one: Figures) -> tuple[Value, ...]:
    return one.kept, one.rejected, one.undecided, one.cost_per_kept_usd
