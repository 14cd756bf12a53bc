"""Deliveries, targets and schedules as words for a terminal and as JSON for scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from veo_studio.cli.terminal import ExitCode
from veo_studio.core.json_view import moment
from veo_studio.core.plain import masked
from veo_studio.core.publishing.models import Delivery, DeliveryState, Schedule

_D = DeliveryState
_WORDS = {
    _D.WAITING: "waiting",
    _D.SENDING: "sending",
    _D.DELIVERED: "delivered",
    _D.FAILED: "failed",
    _D.MAYBE_SENT: "maybe sent",
    _D.CANCELLED: "cancelled",
}


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """`link_until`: how long the last signed link works; the link itself is never stored."""
    receipt = delivery.receipt
    return {
        "id": delivery.id,
        "clip": delivery.generation_id,
        "target": delivery.target_name,
        "target_kind": delivery.kind.value,
        "way": delivery.way.value,
        "status": delivery.state.value,
        "origin": delivery.origin.value,
        "reason": masked(delivery.reason) or None,
        "error_kind": None if delivery.error_kind is None else delivery.error_kind.value,
        "attempts": delivery.attempts,
        "next_attempt_at": moment(delivery.next_attempt_at),
        "place": None if receipt is None else receipt.place,
        "public_url": None if receipt is None else receipt.public_url,
        "link_until": None if receipt is None else moment(receipt.link_until),
        "created_at": moment(delivery.created_at),
        "delivered_at": moment(delivery.delivered_at),
    }


def schedule_json(schedule: Schedule) -> dict[str, Any]:
    return {
        "id": schedule.id,
        "clip": schedule.wish.generation_id,
        "caption": schedule.wish.caption,
        "due_at": moment(schedule.due_at),
        "status": schedule.state.value,
        "was_missed": schedule.was_missed,
        "reason": masked(schedule.reason) or None,
    }


def state_words(state: DeliveryState) -> str:
    return _WORDS[state]


def line_of(delivery: Delivery) -> str:
    """How one delivery stands, as a sentence."""
    where = f"clip {delivery.generation_id} to {delivery.target_name}"
    told = masked(delivery.reason)
    if delivery.state is _D.DELIVERED and delivery.receipt is not None:
        return f"Delivered: {where}, {delivery.receipt.place}"
    if delivery.state is _D.MAYBE_SENT:
        return (
            f"Maybe sent: {where}. {told} Look there, then say `veo-studio deliveries arrived "
            f"{delivery.id}` or `veo-studio deliveries again {delivery.id}`."
        )
    if delivery.state is _D.FAILED:
        return f"Failed: {where}. {told} `veo-studio deliveries again {delivery.id}` repeats it."
    if delivery.state is _D.WAITING and delivery.next_attempt_at is not None:
        return f"Waiting: {where}, next try {local(delivery.next_attempt_at)}. {told}".strip()
    return f"{_WORDS[delivery.state].capitalize()}: {where}. {told}".strip()


def local(at: datetime | None) -> str:
    """A moment as the user's clock shows it, to the minute."""
    return "" if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M")


def code_of(deliveries: list[Delivery]) -> int:
    """The gravest: failed before not known, not known before done."""
    states = {one.state for one in deliveries}
    if _D.FAILED in states:
        return ExitCode.PROVIDER_FAILED
    if states & {_D.MAYBE_SENT, _D.WAITING, _D.SENDING}:
        return ExitCode.WAITING
    return ExitCode.DONE
