"""Words and looks of deliveries: what their states are called, and what is told about one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from veo_studio.core.models import Generation
from veo_studio.core.plain import masked
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Origin,
    Schedule,
    ScheduleState,
    TargetKind,
    Way,
)
from veo_studio.ui.text import ago, seconds_words, size_words, tr
from veo_studio.ui.view_models.publish_when import moment_words

_D = DeliveryState
_MOST_TRIES = 4


@dataclass(frozen=True)
class Look:
    """A shape, a colour of the theme, and one or two words."""

    icon: str
    token: str
    words: str


def delivery_look(delivery: Delivery) -> Look:
    if delivery.removed_at is not None:
        return Look("dash", "dim", tr("removed there"))
    return {
        _D.WAITING: Look("clock", "dim", tr("waiting")),
        _D.SENDING: Look("up", "accent", tr("sending")),
        _D.DELIVERED: Look("check", "ok", tr("delivered")),
        _D.FAILED: Look("cross", "bad", tr("failed")),
        _D.MAYBE_SENT: Look("warning", "warn", tr("maybe sent")),
        _D.CANCELLED: Look("dash", "dim", tr("cancelled")),
    }[delivery.state]


def schedule_look(schedule: Schedule) -> Look:
    return {
        ScheduleState.PLANNED: Look("calendar", "accent", tr("planned")),
        ScheduleState.DONE: Look("check", "ok", tr("published")),
        ScheduleState.CANCELLED: Look("dash", "dim", tr("cancelled")),
        ScheduleState.FAILED: Look("cross", "bad", tr("failed")),
    }[schedule.state]


KIND_ICONS = {
    TargetKind.FOLDER: "folder",
    TargetKind.GALLERY: "grid",
    TargetKind.S3: "collect",
    TargetKind.GOOGLE: "collect",
    TargetKind.AZURE: "collect",
    TargetKind.SUPABASE: "collect",
    TargetKind.TELEGRAM: "publish",
    TargetKind.WEBHOOK: "external",
}


def way_words(way: Way) -> str:
    """What is chosen beside a target."""
    return {
        Way.AS_IS: tr("As it is"),
        Way.SMALLER: tr("A smaller copy"),
        Way.LINK: tr("A link to it"),
    }[way]


def origin_words(origin: Origin) -> str:
    """ "" for what the user asked for just so."""
    return {
        Origin.USER: "",
        Origin.SCHEDULE: tr("planned"),
        Origin.RULE: tr("by a rule"),
    }[origin]


def plain_line(words: str) -> str:
    """Words of others in one line, without secrets."""
    return " ".join(masked(words).split())


def clip_words(generation: Generation | None, generation_id: int) -> str:
    """What a clip is called here: its caption, else its prompt."""
    if generation is None:
        return tr("Clip {number}", number=generation_id)
    words = plain_line(generation.caption) or plain_line(generation.prompt)
    return words or tr("Clip {number}", number=generation_id)


def delivery_facts(
    delivery: Delivery, now: datetime, progress: tuple[int, int] | None = None
) -> str:
    """The dim line of a row: where to, how far, why not, until when."""
    parts = [plain_line(delivery.target_name), origin_words(delivery.origin)]
    if delivery.way is not Way.AS_IS:
        parts.append(way_words(delivery.way).lower())
    parts.append(_standing(delivery, now, progress))
    return " \u00b7 ".join(part for part in parts if part)


def _standing(delivery: Delivery, now: datetime, progress: tuple[int, int] | None) -> str:
    state = delivery.state
    if state is _D.SENDING:
        return progress_words(progress)
    if state is _D.WAITING:
        wait = next_try_words(delivery, now)
        return wait or plain_line(delivery.reason)
    if delivery.removed_at is not None:
        return ago(delivery.removed_at, now=now)
    if state is _D.DELIVERED:
        at = ago(delivery.delivered_at or delivery.updated_at, now=now)
        link = link_words(delivery, now)
        return f"{at} \u00b7 {link}" if link else at
    return plain_line(delivery.reason) or ago(delivery.updated_at, now=now)


def progress_words(progress: tuple[int, int] | None) -> str:
    if progress is None or progress[1] <= 0:
        return ""
    done, total = progress
    return tr("{done} of {total}", done=size_words(min(done, total)), total=size_words(total))


def next_try_words(delivery: Delivery, now: datetime) -> str:
    """ "tried 2 times, again in 40 s"; "" for what waits for its turn alone."""
    if delivery.next_attempt_at is None or not delivery.attempts:
        return ""
    left_s = max(0.0, (delivery.next_attempt_at - now).total_seconds())
    tried = (
        tr("tried once") if delivery.attempts == 1 else tr("tried {n} times", n=delivery.attempts)
    )
    if left_s < 1:
        return tr("{tried}, again now", tried=tried)
    return tr("{tried}, again in {time}", tried=tried, time=seconds_words(left_s))


def link_words(delivery: Delivery, now: datetime) -> str:
    """How long the last link works; "" where none was made."""
    receipt = delivery.receipt
    if receipt is None:
        return ""
    if receipt.public_url:
        return tr("public link")
    if receipt.link_until is None:
        return ""
    left_s = (receipt.link_until - now).total_seconds()
    if left_s <= 0:
        return tr("link has ended")
    return tr("link works for {time}", time=link_time_words(left_s))


def link_time_words(left_s: float) -> str:
    """ "6 days", "23 h", "59 min", "40 s": rounded down, never longer than it is."""
    if left_s < 60:
        return tr("{s} s", s=int(left_s))
    if left_s < 3600:
        return tr("{m} min", m=int(left_s // 60))
    if left_s < 48 * 3600:
        hours, minutes = divmod(int(left_s // 60), 60)
        return tr("{h} h {m} min", h=hours, m=minutes) if minutes else tr("{h} h", h=hours)
    days, hours = divmod(int(left_s // 3600), 24)
    return tr("{d} days {h} h", d=days, h=hours) if hours else tr("{d} days", d=days)


def schedule_facts(schedule: Schedule, targets: str) -> str:
    """The dim line of a planned one; `targets` are the names of where it goes."""
    when = moment_words(schedule.due_at)
    if schedule.was_missed:
        when = tr("was due {when}, while the program was closed", when=when)
    words = [when]
    if schedule.state is ScheduleState.FAILED:
        words.append(plain_line(schedule.reason))
    words.append(targets or tr("Explore only"))
    return " \u00b7 ".join(word for word in words if word)


def delivery_lines(delivery: Delivery, target: str, now: datetime) -> list[str]:
    """All that is known about one, line by line; `target` is what kind of place it is."""
    place = plain_line(delivery.receipt.place) if delivery.receipt is not None else ""
    where = tr("To {name} ({kind})", name=plain_line(delivery.target_name), kind=target)
    lines = [f"{where}: {place}" if place else where]
    if delivery.removed_at is not None:
        lines.append(tr("Removed there {when}.", when=moment_words(delivery.removed_at)))
    elif delivery.delivered_at is not None:
        lines.append(tr("Delivered {when}.", when=moment_words(delivery.delivered_at)))
        if link := link_words(delivery, now):
            lines.append(link[:1].upper() + link[1:] + ".")
    else:
        lines.append(tr("Asked for {when}.", when=moment_words(delivery.created_at)))
        lines.append(" ".join(filter(None, (
            plain_line(delivery.reason), plain_line(delivery.action or "")
        ))))  # fmt: skip
        if wait := next_try_words(delivery, now):
            lines.append(wait[:1].upper() + wait[1:] + ".")
    return lines


def tries_words(attempts: Sequence[DeliveryAttempt]) -> str:
    """When it was tried and what came of it, the newest first; "" for a single good one."""
    if len(attempts) < 2:
        return ""
    shown = [_try_words(one) for one in reversed(attempts[-_MOST_TRIES:])]
    return "\n".join(shown)


def _try_words(one: DeliveryAttempt) -> str:
    at = one.started_at.astimezone().strftime("%H:%M:%S")
    cause = plain_line(one.cause) or plain_line(one.outcome)
    if one.finished_at is None and not cause:
        cause = tr("the program ended meanwhile")
    return tr("Tried at {time}: {what}", time=at, what=cause or tr("still under way"))
