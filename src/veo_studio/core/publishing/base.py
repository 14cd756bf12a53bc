"""What a target has to be able to do, and how it says that something went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import PublishError
from veo_studio.core.publishing.models import Link, Parcel, Receipt, Refusal, TargetKind

# how much of a clip arrived, and how much there is, in bytes
OnProgress = Callable[[int, int], None]


class TryAgain(PublishError):
    """Surely not there, or harmless to repeat: tried again by itself after `retry_after_s` (None: as usual)."""

    def __init__(
        self,
        message: str,
        kind: ErrorKind,
        *,
        retry_after_s: float | None = None,
        action: str | None = None,
    ) -> None:
        super().__init__(message, action=action)
        self.kind = kind
        self.retry_after_s = retry_after_s


class NotTaken(PublishError):
    """Refused for good: repeating the same would end the same. `action` says what to do."""

    def __init__(self, message: str, kind: ErrorKind, *, action: str | None = None) -> None:
        super().__init__(message, action=action)
        self.kind = kind


class MaybeSent(PublishError):
    """All of it was sent and no answer came: a second time might show it twice."""


class Publisher(Protocol):
    """One target, ready to be used; made per delivery, closed by whoever made it.

    `repeats_harmlessly`: sending the same parcel twice leaves one (same name, same id). Where it does not,
    a delivery that was interrupted while sending is `MAYBE_SENT`. `max_bytes`: what it refuses above, as
    this target is set up; None: any size.
    """

    repeats_harmlessly: bool
    max_bytes: int | None

    async def check(self) -> str:
        """Try key and place without sending a clip; one sentence of what was proved.

        Raises NotTaken, TryAgain.
        """
        ...

    def refusal(self, parcel: Parcel) -> Refusal | None:
        """Why it would not take this one, before anything is sent."""
        ...

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        """Raises TryAgain, NotTaken, MaybeSent; cancelled, it leaves nothing half done that is seen."""
        ...

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        """A link to what was delivered; None where there is none. Raises TryAgain, NotTaken."""
        ...

    async def remove(self, receipt: Receipt) -> None:
        """Take it away again; one that is gone already is no error. Raises TryAgain, NotTaken.

        A kind that follows publication may be given the clip's `uuid` alone.
        """
        ...

    async def close(self) -> None: ...


@runtime_checkable
class ShowsPublished(Protocol):
    """A publisher of a kind that follows publication has this, too."""

    async def refresh(self) -> None:
        """Show what is there with the target's options as they are now. Raises TryAgain, NotTaken."""
        ...


@dataclass(frozen=True)
class TargetField:
    """One thing to fill in. `choices` are pairs of value and words; `check` gives what is wrong, or ""."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_required: bool = True
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    # "text", "folder", "file", "url" or "number": how it is asked for
    asks: str = "text"
    check: Callable[[str], str] | None = None


@dataclass(frozen=True)
class KindInfo:
    """What every part of the program has to know about a kind of target without making one."""

    kind: TargetKind
    label: str
    about: str
    fields: tuple[TargetField, ...]
    can_link: bool = False
    can_remove: bool = False
    has_expiring_links: bool = False
    # a size above which it refuses unless the target is set up otherwise (`Publisher.max_bytes`), in bytes
    max_bytes: int | None = None
    # characters of a caption, where it takes fewer than `MAX_CAPTION_LENGTH`
    max_caption: int | None = None
    # checks that need more than one field; gives what is wrong, or ""
    check: Callable[[Mapping[str, str]], str] | None = None


class Options:
    """The options and secrets of one target, as a publisher reads them."""

    def __init__(self, info: KindInfo, options: Mapping[str, str], secrets: Mapping[str, str]):
        self._defaults = {field.name: field.default for field in info.fields}
        self._options = options
        self._secrets = secrets

    def __getitem__(self, name: str) -> str:
        """The value or its default; "" where neither is there. Never shown: it may be a secret."""
        return self._secrets.get(name) or self._options.get(name) or self._defaults.get(name, "")

    def __repr__(self) -> str:
        return "Options(…)"
