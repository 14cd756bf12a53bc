"""How the figures of the insights are said: exact amounts, lengths, days, and kinds of failures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from veo_studio.core.insight_tables import Value
from veo_studio.core.models import ErrorKind
from veo_studio.ui.text import money_words, tr

_CENTS = Decimal("0.01")


def exact_money(amount_usd: Decimal) -> str:
    """Every place that is not zero, two at least: "$1,204.00", "$0.123456"."""
    if amount_usd == amount_usd.quantize(_CENTS):
        return money_words(amount_usd)
    digits = f"{abs(amount_usd):,.6f}".rstrip("0")
    return f"{chr(0x2212) if amount_usd < 0 else ''}${digits}"


def long_seconds(seconds: float) -> str:
    """A length to a tenth: "5.5 s", "1 min 35.2 s", "3 h 20 min 4 s"."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(tr("{n} h", n=f"{hours:,}"))
    if minutes:
        parts.append(tr("{n} min", n=minutes))
    if rest or not parts:
        parts.append(tr("{n} s", n=f"{rest / 10:.1f}".removesuffix(".0")))
    return " ".join(parts)


def percent(fraction: float | None) -> str:
    return "\u2013" if fraction is None else tr("{n} %", n=f"{fraction * 100:.1f}")


def month_name(number: int) -> str:
    return (
        tr("Jan"), tr("Feb"), tr("Mar"), tr("Apr"), tr("May"), tr("Jun"),
        tr("Jul"), tr("Aug"), tr("Sep"), tr("Oct"), tr("Nov"), tr("Dec"),
    )[number - 1]  # fmt: skip


def day_name(day: date) -> str:
    return (
        tr("Mon"), tr("Tue"), tr("Wed"), tr("Thu"), tr("Fri"), tr("Sat"), tr("Sun"),
    )[day.weekday()]  # fmt: skip


def short_day(day: date) -> str:
    return tr("{day} {month}", day=day.day, month=month_name(day.month))


def full_day(day: date) -> str:
    return tr("{day} {month} {year}", day=day.day, month=month_name(day.month), year=day.year)


def failure_words(kind: str) -> str:
    """A short name of a kind of failure."""
    return {
        ErrorKind.AUTH.value: tr("Key refused"),
        ErrorKind.INSUFFICIENT_CREDITS.value: tr("No credit left"),
        ErrorKind.QUOTA_EXCEEDED.value: tr("Quota used up"),
        ErrorKind.RATE_LIMITED.value: tr("Too many requests"),
        ErrorKind.INVALID_REQUEST.value: tr("Settings not accepted"),
        ErrorKind.CONTENT_FILTERED.value: tr("Prompt refused"),
        ErrorKind.GENERATION_FAILED.value: tr("Failed at the service"),
        ErrorKind.TIMEOUT.value: tr("Took too long"),
        ErrorKind.NETWORK.value: tr("No connection"),
        ErrorKind.NOT_FOUND.value: tr("Not known any more"),
        ErrorKind.SERVER_ERROR.value: tr("Service not available"),
        ErrorKind.SUBMIT_UNKNOWN.value: tr("Answer lost"),
        ErrorKind.DOWNLOAD_FAILED.value: tr("Download failed"),
        ErrorKind.STORAGE.value: tr("Could not be stored"),
        ErrorKind.BUDGET.value: tr("Budget or tokens"),
    }.get(kind, tr("No reason stored"))


def column_words(column: str) -> str:
    """The head of a table's column."""
    return {
        "day": tr("Day"),
        "provider": tr("Service"),
        "model": tr("Model"),
        "kind": tr("Reason"),
        "completed": tr("Ready"),
        "failed": tr("Failed"),
        "refused": tr("Refused"),
        "cancelled": tr("Cancelled"),
        "success_percent": tr("Success"),
        "median_s": tr("Median"),
        "p90_s": tr("90 % within"),
        "samples": tr("Samples"),
        "video_s": tr("Video"),
        "tokens": tr("Tokens"),
        "cost_usd": tr("Cost"),
        "estimated_usd": tr("Estimated part"),
        "kept": tr("Kept"),
        "rejected": tr("Rejected"),
        "undecided": tr("Undecided"),
        "cost_per_kept_usd": tr("Cost per kept"),
    }[column]


def cell_words(column: str, value: Value) -> str:
    """A cell with its unit."""
    if value is None or value == "":
        return "\u2013"
    if isinstance(value, Decimal) and column == "cost_per_kept_usd":
        return money_words(value)
    if isinstance(value, Decimal):
        return exact_money(value)
    if column == "kind":
        return failure_words(str(value))
    if column == "day":
        return full_day(date.fromisoformat(str(value)))
    if column.endswith("_percent"):
        return tr("{n} %", n=value)
    if column.endswith("_s") and isinstance(value, float):
        return long_seconds(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
