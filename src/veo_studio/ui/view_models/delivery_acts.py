"""What a user can do about a delivery, by how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from veo_studio.core.publishing.base import KindInfo
from veo_studio.core.publishing.models import Delivery, DeliveryState, Target, TargetKind, Way
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.publish_model import TAKE_LINKS

_D = DeliveryState
# how long a copied link can work
LINK_TIMES: tuple[tuple[str, timedelta], ...] = (
    ("For 1 hour", timedelta(hours=1)),
    ("For 24 hours", timedelta(hours=24)),
    ("For 7 days", timedelta(days=7)),
)


class Deed(Enum):
    """One thing to do about a delivery, or about what is planned."""

    COPY_LINK = "copy_link"
    OPEN = "open"
    AGAIN = "again"
    SMALLER = "smaller"
    AS_LINK = "as_link"
    ARRIVED = "arrived"
    CANCEL = "cancel"
    REMOVE = "remove"
    SHOW_CLIP = "show_clip"
    # of what is planned
    MOVE = "move"
    NOW = "now"


@dataclass(frozen=True)
class Act:
    """`value` is the length of a link, or the store that one leads to. `is_signed`: a link that ends."""

    deed: Deed
    words: str
    icon: str
    tip: str = ""
    value: timedelta | int | None = None
    is_signed: bool = False


def acts_of(delivery: Delivery, info: KindInfo, stores: Sequence[Target]) -> list[Act]:
    """What is most likely meant comes first."""
    state = delivery.state
    if state.is_open:
        found = [Act(Deed.CANCEL, tr("&Cancel"), "close")]
    elif state is _D.DELIVERED:
        found = _delivered(delivery, info)
    elif state is _D.MAYBE_SENT:
        found = [
            Act(Deed.ARRIVED, tr("It &arrived"), "check", tr("You have seen it there")),
            Act(Deed.AGAIN, tr("Send &again…"), "retry", tr("It may be there twice then")),
            Act(Deed.CANCEL, tr("&Leave it"), "dash", tr("Nothing more is done about it")),
        ]
    else:
        found = [Act(Deed.AGAIN, tr("Try &again"), "retry"), *_other_ways(delivery, info, stores)]
        if state is _D.FAILED:
            tip = tr("Nothing more is done about it")
            found.append(Act(Deed.CANCEL, tr("&Leave it"), "dash", tip))
    return [*found, Act(Deed.SHOW_CLIP, tr("&Show the clip"), "film")]


def _delivered(delivery: Delivery, info: KindInfo) -> list[Act]:
    receipt = delivery.receipt
    if receipt is None or delivery.removed_at is not None:
        return []
    found = []
    if receipt.public_url:
        found.append(Act(Deed.COPY_LINK, tr("Copy &link"), "copy", tr("It works for good")))
    elif info.can_link:
        words = tr("Copy &link") if receipt.link_until is None else tr("Renew and copy &link")
        tip = tr("A fresh one, for 1 hour")
        found.append(Act(Deed.COPY_LINK, words, "copy", tip, is_signed=True))
    if place_to_open(delivery):
        words = {
            TargetKind.FOLDER: tr("Show in &folder"),
            TargetKind.GALLERY: tr("&Open the page"),
        }.get(delivery.kind, tr("&Open there"))
        found.append(Act(Deed.OPEN, words, "external"))
    if info.can_remove:
        found.append(Act(Deed.REMOVE, tr("&Remove there…"), "trash"))
    return found


def _other_ways(delivery: Delivery, info: KindInfo, stores: Sequence[Target]) -> list[Act]:
    found = []
    if info.max_bytes is not None and delivery.way is not Way.SMALLER:
        found.append(Act(Deed.SMALLER, tr("Send a s&maller copy"), "down"))
    if delivery.kind in TAKE_LINKS:
        found += [
            Act(
                Deed.AS_LINK,
                tr("Send a link in {store}", store=store.name.replace("&", "&&")),
                "copy",
                value=store.id,
            )
            for store in stores
            if store.id not in (delivery.target_id, delivery.link_target_id)
        ]
    return found


def place_to_open(delivery: Delivery) -> str:
    """A path or an address; "" where there is nothing to open."""
    receipt = delivery.receipt
    if receipt is None:
        return ""
    if delivery.kind in (TargetKind.FOLDER, TargetKind.GALLERY):
        return receipt.facts.get("path", "")
    return receipt.public_url or ""
