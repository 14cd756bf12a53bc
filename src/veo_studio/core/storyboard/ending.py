"""Ending what was asked for and never sent."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from veo_studio.core.errors import NoLongerWaiting, StorageError
from veo_studio.core.store.line import LineRepository

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio


async def stop_unsent(studio: Studio, generation_id: int) -> None:
    """Cancelled and refunded; one that was sent in this moment goes on."""
    with suppress(NoLongerWaiting, StorageError):
        if studio.database.is_scheduler:
            # not `cancel`: it stops what was sent, too, and that stays charged
            await studio.queue.give_up(generation_id, is_cancelled=True)
        else:
            # the scheduler beside us may be about to send it: one transaction decides
            await LineRepository(studio.database).give_up(generation_id, is_cancelled=True)
