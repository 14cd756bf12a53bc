"""Schedules: clips that are published at a moment, also where the program was closed then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from veo_studio.core.publishing.models import Delivery, Schedule, ScheduleState
from veo_studio.core.store.publishing import PublishingRepository

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio

# later than this, and the computer slept or the program was closed
_LATE = timedelta(seconds=90)
_GONE = "The file of the clip is not there any more: {}."


class Scheduling:
    """`tell` is given each schedule that is over now, with what was asked for by it."""

    def __init__(
        self,
        studio: Studio,
        repository: PublishingRepository,
        tell: Callable[[Schedule, list[Delivery]], None],
    ) -> None:
        self._studio = studio
        self._repository = repository
        self._tell = tell

    def wait_s(self, planned: Sequence[Schedule]) -> float | None:
        """Until the next of these is due, by the wall clock; None where nothing is planned."""
        if not planned:
            return None
        first = min(one.due_at for one in planned)
        return max(0.0, (first - self._studio.clock.now()).total_seconds())

    async def do_due(self, planned: Sequence[Schedule], begun_at: datetime) -> None:
        """Publish what is due; what was due before `begun_at` was missed. Raises StorageError."""
        now = self._studio.clock.now()
        for one in planned:
            if one.due_at <= now:
                await self._do(one, one.due_at < begun_at or now - one.due_at > _LATE)

    async def _do(self, planned: Schedule, was_missed: bool) -> None:
        found = await self._studio.library.by_ids([planned.wish.generation_id])
        path = found[0].video_path if found else None
        if path is not None and not await asyncio.to_thread(path.is_file):
            reason = _GONE.format(path.name)
            self._tell(await self._repository.fail_schedule(planned.id, reason, was_missed), [])
            return
        done, made = await self._repository.do_schedule(planned.id, was_missed)
        if done.state is not ScheduleState.PLANNED:
            self._tell(done, made)
