"""What can be said about a wish before it is stored: is the clip there, does the target take it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from veo_studio.core.models import Generation
from veo_studio.core.publishing.base import NotTaken
from veo_studio.core.publishing.kinds import info_of
from veo_studio.core.publishing.models import (
    Parcel,
    PublishWish,
    Refusal,
    Target,
    TargetWish,
    Way,
)
from veo_studio.core.publishing.target_book import TargetBook
from veo_studio.core.store.publishing import PublishingRepository

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio

_T = TypeVar("_T")
# a moment that was chosen to the minute may just be over
_JUST_OVER = timedelta(seconds=90)


class Asking:
    def __init__(
        self, studio: Studio, repository: PublishingRepository, book: TargetBook
    ) -> None:  # fmt: skip
        self._studio = studio
        self._repository = repository
        self._book = book

    async def check_wishes(self, wishes: Sequence[PublishWish]) -> None:
        """Raises ValueError with a sentence."""
        if not wishes:
            raise ValueError("Choose a clip first.")
        numbers = [wish.generation_id for wish in wishes]
        if len(set(numbers)) < len(numbers):
            raise ValueError("The same clip is there twice.")
        found = {one.id: one for one in await self._studio.library.by_ids(numbers)}
        for number in numbers:
            if number not in found:
                raise ValueError(f"There is no clip {number}.")
            if not found[number].has_file:
                raise ValueError(f"Clip {number} is not finished: only a finished one has a file.")
        missing = await asyncio.to_thread(_missing, list(found.values()))
        if missing:
            raise ValueError(_gone(missing[0]))
        for wish in wishes:
            if wish.at is not None:
                self.check_moment(wish.at)
        await self.check_ways([one for wish in wishes for one in wish.targets])

    def check_moment(self, at: datetime) -> None:
        """ValueError for one that is over."""
        if at.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        if at < self._studio.clock.now() - _JUST_OVER:
            raise ValueError("That moment is over: choose a later one.")

    async def check_ways(self, wishes: Sequence[TargetWish]) -> None:
        """ValueError for a target that is not there, and for a link to what gives none."""
        known = {one.id: one for one in await self._repository.targets()}
        for wish in wishes:
            if wish.target_id not in known:
                raise ValueError(f"There is no target {wish.target_id}.")
            if wish.way is not Way.LINK:
                continue
            store = known.get(wish.link_target_id or 0)
            if store is None or store.id == wish.target_id:
                raise ValueError("A link needs a store to lead to: choose one.")
            if not (await asyncio.to_thread(info_of, store.kind)).can_link:
                raise ValueError(f"{store.name} gives no links: choose another store.")

    async def found(self, stored: Awaitable[_T]) -> _T:
        """A clip that was deleted in this moment, as a sentence."""
        try:
            return await stored
        except LookupError as error:
            raise ValueError(str(error)) from error

    async def refusals(
        self, generation_ids: Sequence[int], wishes: Sequence[TargetWish]
    ) -> dict[tuple[int, int], Refusal]:
        found = await self._studio.library.by_ids(list(generation_ids))
        gone = {one.id for one in await asyncio.to_thread(_missing, found)}
        targets = {one.id: one for one in await self._repository.targets()}
        refused: dict[tuple[int, int], Refusal] = {}
        for wish in wishes:
            target = targets.get(wish.target_id)
            of_target = await self._of_target(target, wish, found, gone)
            refused |= {(number, wish.target_id): why for number, why in of_target.items()}
        return refused

    async def _of_target(
        self, target: Target | None, wish: TargetWish, found: Sequence[Generation], gone: set[int]
    ) -> Mapping[int, Refusal]:
        if target is None:
            why = Refusal(f"There is no target {wish.target_id}.")
            return {one.id: why for one in found}
        refused = {one.id: Refusal(_gone(one)) for one in found if one.id in gone}
        rest = [one for one in found if one.id not in gone]
        for one in rest:
            if not one.has_file:
                refused[one.id] = Refusal(f"Clip {one.id} is not finished.")
        try:
            publisher = await self._book.publisher_of(target.id)
        except NotTaken as error:
            why = Refusal(error.whole)
            return refused | {one.id: why for one in rest}
        try:
            if wish.way is not Way.AS_IS:
                return refused
            finished = [one for one in rest if one.has_file]
            for number, parcel in await asyncio.to_thread(_parcels, finished):
                if (said := publisher.refusal(parcel)) is not None:
                    refused[number] = said
        finally:
            await publisher.close()
        return refused


def _parcels(found: Sequence[Generation]) -> list[tuple[int, Parcel]]:
    """For the question whether they would be taken; what it brings with it is not wanted at every start."""
    from veo_studio.core.publishing.preparing import parcel_of

    return [(one.id, parcel_of(one, "")) for one in found]


def _missing(found: Sequence[Generation]) -> list[Generation]:
    return [one for one in found if one.video_path is not None and not _is_there(one.video_path)]


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _gone(generation: Generation) -> str:
    name = generation.video_path.name if generation.video_path is not None else ""
    return f"The file of clip {generation.id} is not there any more: {name}. Locate it first."
