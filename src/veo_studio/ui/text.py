"""Words for people: one translation call, and how moments, lengths and states are said."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from veo_studio.core.models import Charge, Generation, GenerationState, Progress

_CONTEXT = "veo_studio"


def tr(template: str, **values: object) -> str:
    """Translate `template`, then fill its `{named}` places.

    KeyError when a place has no value: a sentence with a hole must not reach anyone.
    """
    translated = QCoreApplication.translate(_CONTEXT, template)
    return translated.format(**values) if values else translated


def tr_n(one: str, many: str, n: int, **values: object) -> str:
    """`one` or `many` by the number `n`, which both may name as `{n}`."""
    return tr(one if n == 1 else many, n=n, **values)


def ago(at: datetime, *, now: datetime | None = None) -> str:
    """How long ago the aware moment `at` was, short: "just now", "5 min ago", "12 Mar 2026"."""
    now = now or datetime.now(UTC)
    age_s = (now - at).total_seconds()
    if age_s < 60:  # a clock that was set back shows as "just now" too
        return tr("just now")
    if age_s < 3600:
        return tr("{n} min ago", n=int(age_s // 60))
    if age_s < 24 * 3600:
        return tr("{n} h ago", n=int(age_s // 3600))
    local, local_now = at.astimezone(), now.astimezone()
    days = (local_now.date() - local.date()).days
    if days == 1:
        return tr("yesterday")
    if days < 7:
        return tr("{n} days ago", n=days)
    month = _months()[local.month - 1]
    if local.year == local_now.year:
        return tr("{day} {month}", day=local.day, month=month)
    return tr("{day} {month} {year}", day=local.day, month=month, year=local.year)


@functools.cache
def _months() -> tuple[str, ...]:
    """Asked for with every row of a list that is painted."""
    return (
        tr("Jan"), tr("Feb"), tr("Mar"), tr("Apr"), tr("May"), tr("Jun"),
        tr("Jul"), tr("Aug"), tr("Sep"), tr("Oct"), tr("Nov"), tr("Dec"),
    )  # fmt: skip


def seconds_words(seconds: float) -> str:
    """A length of time: "8 s", "1 min 5 s", "2 h 3 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return tr("{s} s", s=whole)
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return tr("{m} min {s} s", m=minutes, s=rest) if rest else tr("{m} min", m=minutes)
    hours, rest = divmod(whole // 60, 60)
    return tr("{h} h {m} min", h=hours, m=rest) if rest else tr("{h} h", h=hours)


def estimate_words(seconds: float) -> str:
    """A guess, rounded so that it does not twitch: "about 40 s left", "about 2 min left"."""
    if seconds < 5:
        return tr("a few seconds left")
    if seconds < 55:
        return tr("about {s} s left", s=max(5, round(seconds / 5) * 5))
    return tr("about {m} min left", m=max(1, round(seconds / 60)))


def clock(seconds: float) -> str:
    """A position in a clip: "0:08", "1:02:03"."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size_words(size_bytes: int) -> str:
    """A file size in the units file managers use: "640 kB", "4.2 MB"."""
    if size_bytes < 1000:
        return tr("{n} bytes", n=size_bytes) if size_bytes != 1 else tr("1 byte")
    size = float(size_bytes)
    for unit in (tr("kB"), tr("MB"), tr("GB")):
        size /= 1000
        if size < 999.5:
            return f"{size:.1f} {unit}" if size < 9.95 else f"{size:.0f} {unit}"
    return f"{size / 1000:.1f} {tr('TB')}"


def money_words(amount_usd: Decimal) -> str:
    """Dollars for people: "$0.56", "−$1,204.00", "$0.0042" where cents would say nothing."""
    sign = "\u2212" if amount_usd < 0 else ""
    amount_usd = abs(amount_usd)
    if 0 < amount_usd < Decimal("0.01"):
        return f"{sign}${amount_usd.quantize(Decimal('0.0001')):f}"
    return f"{sign}${amount_usd:,.2f}"


@functools.cache
def state_words(state: GenerationState) -> str:
    """One or two words for a badge."""
    # imported here: the window's frame has words as well, and needs no models
    from veo_studio.core.models import GenerationState

    return {
        GenerationState.PENDING: tr("waiting"),
        GenerationState.SUBMITTING: tr("sending"),
        GenerationState.PROCESSING: tr("running"),
        GenerationState.DOWNLOADING: tr("downloading"),
        GenerationState.COMPLETED: tr("ready"),
        GenerationState.FAILED: tr("failed"),
        GenerationState.CANCELLED: tr("cancelled"),
        GenerationState.UNKNOWN: tr("unknown"),
        GenerationState.HELD: tr("on hold"),
    }[state]


def charge_words(charge: Charge) -> str:
    """The words of the charge badge."""
    from veo_studio.core.models import Charge

    return {
        Charge.NOT_CHARGED: tr("not charged"),
        Charge.CHARGED: tr("charged"),
        Charge.UNKNOWN: tr("charge unknown"),
    }[charge]


def charge_meaning(charge: Charge) -> str:
    """What the charge badge means, as a sentence."""
    from veo_studio.core.models import Charge

    return {
        Charge.NOT_CHARGED: tr(
            "Not charged: the tokens are back, and the service told no price. Its bill says for sure."
        ),
        Charge.CHARGED: tr("Charged: the service had accepted it, so it takes its price."),
        Charge.UNKNOWN: tr(
            "Charge unknown: the answer was lost, so the service may have taken its price. "
            "Its own list of jobs or its bill says for sure."
        ),
    }[charge]


def progress_words(progress: Progress) -> str:
    """What a running generation does now, with the bytes of a download and the estimate."""
    parts = [progress.status]
    if progress.bytes_done is not None and progress.bytes_total:
        parts.append(
            tr(
                "{done} of {total}",
                done=size_words(progress.bytes_done),
                total=size_words(progress.bytes_total),
            )
        )
    if progress.remaining_s is not None:
        parts.append(estimate_words(progress.remaining_s))
    return " \u00b7 ".join(part for part in parts if part)


def thing_words(generation: Generation) -> str:
    """What it makes, in a sentence."""
    return tr("picture") if generation.is_picture else tr("clip")


def total_words(total: int, *, has_pictures: bool) -> str:
    """ "214 clips"; "214 clips and pictures" where there are both."""
    shown = f"{total:,}".replace(",", "\u202f")
    if has_pictures:
        return tr_n("{shown} clip or picture", "{shown} clips and pictures", total, shown=shown)
    return tr_n("{shown} clip", "{shown} clips", total, shown=shown)


def extent_words(generation: Generation) -> str:
    """How long a clip is; that it is a picture, and how large."""
    if not generation.is_picture:
        return seconds_words(generation.length_s or generation.config.duration_s)
    if not generation.width_px or not generation.height_px:
        return tr("picture")
    size = f"{generation.width_px} \u00d7 {generation.height_px}"
    return tr("picture \u00b7 {size}", size=size)


def facts_words(
    generation: Generation, model_name: str | None = None, *, now: datetime | None = None
) -> str:
    """The dim line of a row: model, length or pixels, size, age."""
    size = (
        size_words(generation.size_bytes) if generation.size_bytes else generation.config.resolution
    )
    return " \u00b7 ".join(
        (model_name or generation.model, extent_words(generation), size,
         ago(generation.created_at, now=now))
    )  # fmt: skip


def cost_words(generation: Generation) -> str:
    """What it cost, or about what it will; "" for what costs nothing."""
    if generation.cost_usd is not None:
        told = generation.cost_usd
        estimate = generation.price_usd
        if estimate is None or f"{estimate:.2f}" == f"{told:.2f}":
            return tr("Cost ${told}, as the service reported", told=f"{told:.2f}")
        return tr(
            "Cost ${told}, as the service reported (estimated ${estimate})",
            told=f"{told:.2f}",
            estimate=f"{estimate:.2f}",
        )
    if not generation.price_usd:
        return ""
    return tr("Cost about ${estimate}, by the price list", estimate=f"{generation.price_usd:.2f}")


def plain_tool_tip(text: str) -> str:
    """`text` as a tool tip that wraps and is never read as markup.

    Each line is a paragraph of its own: what turns the reading direction around ends with it.
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f'<p style="margin: 0">{line}</p>' for line in escaped.split("\n"))
