"""Ending runs, and what was asked for and never sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from veo_studio.core.errors import NoLongerWaiting, StorageError
from veo_studio.core.models import GenerationState
from veo_studio.core.store.database import Database
from veo_studio.core.store.line import LineRepository
from veo_studio.core.storyboard.models import Run, RunState

if TYPE_CHECKING:
    from veo_studio.core.store.storyboards import StoryboardRepository
    from veo_studio.core.studio import Studio

_CANCELLED = GenerationState.CANCELLED


async def end_runs(
    repository: StoryboardRepository, runs: Sequence[Run], stop: Callable[[int], Awaitable[bool]]
) -> int:
    """Cancel runs of one storyboard; how many of their requests waited and are refunded."""
    for run in runs:
        await repository.set_run(run.id, RunState.CANCELLED)
    keys = {key for run in runs for key in run.keys}
    stopped = 0
    for known in await repository.takes(runs[0].scenario_uuid) if runs else ():
        if known.key in keys and known.generation.state is GenerationState.PENDING:
            stopped += await stop(known.generation.id)
    return stopped


async def stop_unsent(studio: Studio, generation_id: int) -> bool:
    """Cancelled and refunded; False for one that was sent in this moment: that goes on."""
    if not studio.database.is_scheduler:
        return await give_up_unsent(studio.database, generation_id)
    with suppress(NoLongerWaiting, StorageError):
        # not `cancel`: it stops what was sent, too, and that stays charged
        ended = await studio.queue.give_up(generation_id, is_cancelled=True)
        return ended.state is _CANCELLED
    return False


async def give_up_unsent(database: Database, generation_id: int) -> bool:
    """As `stop_unsent`, beside the scheduler, which may be about to send it: one transaction decides."""
    with suppress(NoLongerWaiting, StorageError):
        await LineRepository(database).give_up(generation_id, is_cancelled=True)
        return True
    return False
