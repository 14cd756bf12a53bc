"""What is published and delivered: targets, deliveries, schedules and rules as frozen values.

A delivery is apart from the generation it carries: whatever becomes of it, no clip is made again and no
charge is touched. Moments are aware UTC datetimes, durations seconds, sizes bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import GenerationKind

# how long a signed link works: by itself, and at most (S3's own limit)
LINK_FOR = timedelta(hours=1)
LINK_AT_MOST = timedelta(days=7)
MAX_CAPTION_LENGTH = 2200
# why what was on its way is not delivered
CLIP_DELETED = "The clip was deleted."


class TargetKind(Enum):
    """What a target is; one file of this folder each, except that all object stores share one."""

    FOLDER = "folder"
    GALLERY = "gallery"
    S3 = "s3"
    GOOGLE = "google"
    AZURE = "azure"
    SUPABASE = "supabase"
    TELEGRAM = "telegram"
    WEBHOOK = "webhook"

    @property
    def follows_publication(self) -> bool:
        """True where it shows what is published: a clip that is unpublished is taken away there by
        itself, and one whose caption, tags or cover change is sent once more."""
        return self is TargetKind.GALLERY


@dataclass(frozen=True)
class Target:
    """A place that the user set up. `options` holds no secret: those are in the keyring under `secret_name`."""

    id: int
    uuid: str
    name: str
    kind: TargetKind
    options: Mapping[str, str]
    created_at: datetime

    def secret_name(self, option: str) -> str:
        """The name of one of its secrets in the keyring, which all data folders of a user share: ids
        begin at 1 in each, and again where an old backup is restored."""
        return f"target-{self.uuid}-{option}"


class Way(Enum):
    """How the clip travels: as it is, encoded smaller, or as a signed link to where it lies."""

    AS_IS = "as_is"
    SMALLER = "smaller"
    LINK = "link"


@dataclass(frozen=True)
class TargetWish:
    """Deliver to this target, in this way; `link_target_id` is the store that a link leads to."""

    target_id: int
    way: Way = Way.AS_IS
    link_target_id: int | None = None


@dataclass(frozen=True)
class PublishWish:
    """Publish one clip, now or `at` a moment. None leaves caption, tags and cover as they are.

    `cover_at_s` is a moment of the clip, in seconds.
    """

    generation_id: int
    caption: str | None = None
    tags: tuple[str, ...] | None = None
    cover_at_s: float | None = None
    targets: tuple[TargetWish, ...] = ()
    at: datetime | None = None


class DeliveryState(Enum):
    """Where a delivery stands; `ALLOWED_DELIVERY_MOVES` holds the moves.

    `MAYBE_SENT`: it was sent, and no answer says whether it arrived. Nothing repeats it but the user.
    """

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    MAYBE_SENT = "maybe_sent"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """True while the program itself works on it."""
        return self in (DeliveryState.WAITING, DeliveryState.SENDING)

    @property
    def needs_attention(self) -> bool:
        return self in (DeliveryState.FAILED, DeliveryState.MAYBE_SENT)


_D = DeliveryState
ALLOWED_DELIVERY_MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    _D.WAITING: frozenset({_D.SENDING, _D.FAILED, _D.CANCELLED}),
    # back to waiting where it is surely not there, or where a second time does no harm
    _D.SENDING: frozenset({_D.DELIVERED, _D.WAITING, _D.FAILED, _D.MAYBE_SENT}),
    # by the user alone: again, or "it arrived"
    _D.FAILED: frozenset({_D.WAITING, _D.CANCELLED}),
    _D.MAYBE_SENT: frozenset({_D.WAITING, _D.DELIVERED, _D.CANCELLED}),
    _D.CANCELLED: frozenset({_D.WAITING}),
    _D.DELIVERED: frozenset(),
}


class Origin(Enum):
    """Who asked for a delivery."""

    USER = "user"
    SCHEDULE = "schedule"
    RULE = "rule"


@dataclass(frozen=True)
class Receipt:
    """What a target said when it took a clip: enough to link to it and to take it away again.

    `place` is for people. `facts` are the target's own (bucket, key, chat, message); no secret and no
    signed link is among them. `public_url` needs no signature. `link_until`: how long the last signed
    link that was made works. `new_options` are options of the target that are others by now (a chat
    that moved): they are stored with the target.
    """

    place: str
    facts: Mapping[str, str] = field(default_factory=dict)
    public_url: str | None = None
    link_until: datetime | None = None
    new_options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """A link to a delivered clip; `until` None works for good. A signed one is never stored or logged."""

    url: str = field(repr=False)
    until: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """One clip on its way to one target, as it was when it was read.

    `uuid` is told to targets that can tell doubles by it. `target_name` and `kind` are those of when it was
    asked for. `attempts` counts those since the user last asked, `waits` how often the place asked to wait
    since the last of them, for `waited_s` in all. `action` is what to do about `reason`.
    `removed_at`: it was taken away there again.
    """

    id: int
    uuid: str
    generation_id: int
    target_id: int
    target_name: str
    kind: TargetKind
    way: Way
    state: DeliveryState
    origin: Origin
    created_at: datetime
    updated_at: datetime
    link_target_id: int | None = None
    reason: str = ""
    action: str | None = None
    error_kind: ErrorKind | None = None
    attempts: int = 0
    waits: int = 0
    waited_s: int = 0
    next_attempt_at: datetime | None = None
    delivered_at: datetime | None = None
    receipt: Receipt | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True)
class DeliveryAttempt:
    """One try, stored before it began; without `finished_at` the program ended meanwhile."""

    id: int
    delivery_id: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    cause: str


class ScheduleState(Enum):
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"
    # the clip or its file was gone when it was due
    FAILED = "failed"


@dataclass(frozen=True)
class Schedule:
    """A clip that is published at `due_at`. `was_missed`: done later, the program was closed then."""

    id: int
    wish: PublishWish
    due_at: datetime
    state: ScheduleState
    created_at: datetime
    done_at: datetime | None = None
    was_missed: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Rule:
    """Each clip that is finished after `since` goes to these targets by itself.

    Empty `kinds`, `providers` and `models` mean all. Rehearsals are left out unless `takes_rehearsals`.
    """

    id: int
    name: str
    targets: tuple[TargetWish, ...]
    since: datetime
    is_on: bool = True
    kinds: frozenset[GenerationKind] = frozenset()
    providers: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    takes_rehearsals: bool = False


@dataclass(frozen=True)
class Parcel:
    """What a publisher gets: a clip or picture on this disk and all that may be said about it.

    `name` is a safe file name with its ending. `poster` is the cover as JPEG, 640 px wide at most;
    `thumbnail` a JPEG of at most 320 px and 200 kB. `link` is set where the clip travels as a link.
    """

    delivery_uuid: str
    generation_id: int
    generation_uuid: str
    kind: GenerationKind
    file: Path
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    caption: str
    tags: tuple[str, ...]
    prompt: str
    model: str
    created_at: datetime
    published_at: datetime | None = None
    width_px: int | None = None
    height_px: int | None = None
    length_s: float | None = None
    has_audio: bool | None = None
    poster: Path | None = None
    thumbnail: Path | None = None
    link: Link | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a target would not take a parcel, known before anything is sent; `ways` would do instead."""

    sentence: str
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class PublishingCounts:
    """What badges show. `drafts` are those that Drafts lists, in any state; `planned` are schedules."""

    drafts: int = 0
    published: int = 0
    open_deliveries: int = 0
    need_attention: int = 0
    planned: int = 0


class PublishingEventKind(Enum):
    # a delivery is new, or stands elsewhere
    DELIVERY = "delivery"
    # of one that is being sent: see `progress_of`
    PROGRESS = "progress"
    SCHEDULE = "schedule"
    TARGETS = "targets"
    RULES = "rules"


@dataclass(frozen=True)
class PublishingEvent:
    """Something happened; `delivery` or `schedule` as it is now, where it is about one."""

    kind: PublishingEventKind
    delivery: Delivery | None = None
    schedule: Schedule | None = None
