"""`insights`: success, times, tokens and money of a range, as a table, JSON or CSV."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, check_words, checking_input
from veo_studio.cli.listing import table_of
from veo_studio.cli.opening import open_database, open_workplace
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.core.csv_file import csv_text
from veo_studio.core.insight_tables import Table, Value, failures, table_by
from veo_studio.core.insights import By, DayRange, Insights
from veo_studio.core.store.insights import InsightsRepository

# what a terminal has room for; --csv and --json have every column
_HEADS = {
    "day": "day", "provider": "provider", "model": "model", "completed": "ready",
    "failed": "failed", "refused": "refused", "cancelled": "cancelled",
    "success_percent": "success", "median_s": "median", "p90_s": "90 %", "video_s": "video",
    "tokens": "tokens", "cost_usd": "cost", "kept": "kept", "cost_per_kept_usd": "cost/kept",
}  # fmt: skip


async def show(
    output: Output,
    *,
    days: int | None,
    since: date | None,
    until: date | None,
    by: By,
    provider: str,
    model: str,
    is_csv: bool,
) -> int:
    """Raises BadInput for a range that is none and for a model or provider that was never used."""
    if days is not None and (since is not None or until is not None):
        raise BadInput("Choose --days, or --since and --until.")
    check_words("--provider", provider)
    check_words("--model", model)
    async with open_database(open_workplace()) as database:
        repository = InsightsRepository(database)
        today = repository.today()
        with checking_input():
            span = DayRange(since, until or today) if days is None else DayRange.last(days, today)
        found = await repository.look(span, provider=provider, model=model)
    _check_names(found, provider, model)
    table = table_by(found, by)
    if output.is_json:
        output.json(_document(found, table))
    elif is_csv:
        output.raw(csv_text(table.columns, table.rows))
    elif found.is_empty:
        output.say("Nothing ended and nothing was spent in this time.")
    else:
        _tell(found, output)
        _show(table, output)
    return ExitCode.DONE


def _check_names(found: Insights, provider: str, model: str) -> None:
    for asked, what, known in (
        (provider, "provider", {one[0] for one in found.models}),
        (model, "model", {one[1] for one in found.models}),
    ):
        if asked and asked not in known:
            names = ", ".join(sorted(known)) or "nothing was made yet"
            raise BadInput(f"The library has nothing of the {what} {asked!r}. Known: {names}.")


def _tell(found: Insights, output: Output) -> None:
    total, taken = found.total, found.time_of()
    output.text(f"{found.since} to {found.until}")
    success = "-" if total.success is None else f"{total.success:.1%}"
    output.text(
        f"success {success}: {total.completed} ready, {total.failed} failed, "
        f"{total.refused} refused; {total.cancelled} cancelled are not counted"
    )
    if taken is not None:
        output.text(f"time {taken.median_s:.1f} s in the middle, 90 % within {taken.p90_s:.1f} s")
    estimated = f", ${total.estimated_usd:,.2f} of it estimated" if total.estimated_micros else ""
    output.text(f"spent {total.tokens:,} tokens and ${total.cost_usd:,.2f}{estimated}")
    if (per_kept := total.cost_per_kept_usd) is not None:
        output.text(f"kept {total.kept} of {total.completed}, ${per_kept:,.2f} for each")
    if found.failures_by_kind:
        kinds = [f"{kind or 'unknown'} {n}" for kind, n in found.failures_by_kind.items()]
        output.text("failures: " + ", ".join(kinds))


def _show(table: Table, output: Output) -> None:
    chosen = [n for n, name in enumerate(table.columns) if name in _HEADS]
    shown = table_of(*(_HEADS[table.columns[n]] for n in chosen))
    for column, number in zip(shown.columns, chosen, strict=True):
        if table.columns[number] not in ("day", "provider", "model"):
            column.justify = "right"
    for row in table.rows:
        shown.add_row(
            *(Text(plain(_cell(table.columns[number], row[number]))) for number in chosen)
        )
    output.table(shown)


def _cell(column: str, value: Value) -> str:
    if value is None:
        return "-"
    if column.endswith("_usd"):
        return f"${value:,.2f}"
    if column.endswith("_percent"):
        return f"{value} %"
    if column.endswith("_s"):
        return f"{value:,.1f} s"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _document(found: Insights, table: Table) -> dict[str, Any]:
    total, taken = found.total, found.time_of()
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "completed": total.completed,
        "failed": total.failed,
        "refused": total.refused,
        "cancelled": total.cancelled,
        "success": total.success,
        "median_s": None if taken is None else taken.median_s,
        "p90_s": None if taken is None else taken.p90_s,
        "video_s": total.video_s,
        "tokens": total.tokens,
        "cost_usd": float(total.cost_usd),
        "estimated_usd": float(total.estimated_usd),
        "kept": total.kept,
        "rejected": total.rejected,
        "cost_per_kept_usd": _number(total.cost_per_kept_usd),
        "failures": _objects(failures(found)),
        table.name: _objects(table),
    }


def _objects(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, map(_number, row), strict=True)) for row in table.rows]


def _number(value: Value) -> Any:
    """Amounts as JSON numbers, like every other price in our JSON."""
    return float(value) if isinstance(value, Decimal) else value
