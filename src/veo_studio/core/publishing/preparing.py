"""What a publisher gets: the clip as it lies there, its pictures, and a smaller copy where one is wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

from veo_studio.core.exporting.exporter import Exporter
from veo_studio.core.models import Generation
from veo_studio.core.publishing.base import Publisher
from veo_studio.core.publishing.kinds import info_of
from veo_studio.core.publishing.models import Delivery, Link, Parcel, TargetKind
from veo_studio.core.thumbnails import Thumbnails

# a fresh link to where the clip of this delivery lies (`link_target_id`); raises TryAgain, NotTaken
LinkOf = Callable[[Delivery], Awaitable[Link]]


def _limit_of(kind: TargetKind) -> int | None:
    return info_of(kind).max_bytes


class Preparer:
    """`folder` is for what is made for deliveries: private, `paths.cache / "deliveries"`."""

    def __init__(
        self,
        folder: Path,
        thumbnails: Thumbnails,
        exporter: Exporter,
        limit_of: Callable[[TargetKind], int | None] = _limit_of,
    ) -> None:
        self._folder = folder
        self._thumbnails = thumbnails
        self._exporter = exporter
        self._limit_of = limit_of

    async def parcel(
        self, delivery: Delivery, generation: Generation, publisher: Publisher, link_of: LinkOf
    ) -> Parcel:
        """Everything that this delivery sends; what was made for it before is used again.

        Raises NotTaken for a file that is gone, damaged or changed, TryAgain for a full disk, and what
        `link_of` raises.
        """
        raise NotImplementedError

    async def release(self, delivery_uuid: str) -> None:
        """The delivery is closed: what was made for it goes."""

    async def sweep(self, open_uuids: Collection[str]) -> None:
        """At the start: what was made for deliveries that are closed by now goes."""
