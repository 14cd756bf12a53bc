"""What other programs on this folder store: their generations, their cancels, their pauses."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from veo_studio.core.clock import Clock
from veo_studio.core.errors import StudioError
from veo_studio.core.events import EventKind, GenerationEvent

if TYPE_CHECKING:
    from veo_studio.core.scheduler import Scheduler

_log = logging.getLogger(__name__)
# how soon work that another process stored is noticed
_LOOK_S = 1.0


class Guests:
    """Looks once a second, at the price of one number while nothing changes."""

    def __init__(self, scheduler: Scheduler, clock: Clock) -> None:
        self._scheduler = scheduler
        self._clock = clock

    async def serve(self) -> None:
        """Until it is cancelled."""
        version: int | None = None
        while True:
            await self._clock.sleep(_LOOK_S)
            try:
                before, version = version, await self._scheduler.repository.data_version()
                if version != before and not await self._look():
                    version = before
            except StudioError as error:
                _log.warning("the queue of other programs cannot be read: %s", error.message)

    async def _look(self) -> bool:
        """What others stored comes into the line, what they cancelled leaves it; pauses likewise.

        False where a user did something meanwhile, so that it has to be looked at again.
        """
        scheduler = self._scheduler
        deeds, waiting_before = scheduler.deeds, scheduler.line.ids
        pauses = await scheduler.stored_line.pauses()
        stored_ids = await scheduler.stored_line.waiting_ids()
        new_ids = [number for number in stored_ids if not scheduler.owns(number)]
        new = [await scheduler.repository.get(number) for number in new_ids]
        if deeds != scheduler.deeds:
            return False
        scheduler.pausing.follow(pauses)
        # tokens and budgets may be others as well: whoever shows them looks again
        scheduler.changed()
        scheduler.add(new)
        for generation_id in set(waiting_before).difference(stored_ids):
            if generation_id in scheduler.line:
                scheduler.line.remove(generation_id)
                generation = await scheduler.repository.get(generation_id)
                scheduler.forget(generation_id)
                scheduler.events.emit(GenerationEvent(EventKind.STATE_CHANGED, generation))
        return True
