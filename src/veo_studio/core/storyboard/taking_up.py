"""After a kill: what was asked for by a run goes on, in a program that has not taken up its whole queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from veo_studio.core.models import GenerationState
from veo_studio.core.store.batches import KeyedGeneration
from veo_studio.core.storyboard.standing import is_lost_rehearsal
from veo_studio.core.task_scope import TaskScope

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio

_S = GenerationState


class TakingUp:
    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._scope = TaskScope()

    async def take_up(self, keyed: Sequence[KeyedGeneration]) -> None:
        """Those that nothing works on: waiting ones get in line again, sent ones are followed.

        Rehearsals of which nobody knows what became are sent once more: they cost nothing. Raises what
        `GenerationQueue.enqueue` raises.
        """
        queue = self._studio.queue
        owned = queue.running_ids | set(queue.waiting_ids)
        idle = [one for one in keyed if one.generation.id not in owned]
        for one in idle:
            if is_lost_rehearsal(one.generation):
                await queue.send_again(one.generation.id)
        waiting = [one for one in idle if one.generation.state is _S.PENDING]
        sent = [
            one.generation.id
            for one in idle
            if one.generation.state in (_S.SUBMITTING, _S.PROCESSING, _S.DOWNLOADING, _S.HELD)
        ]
        if waiting:
            # under the keys that are stored: the same rows start, and nothing is paid for
            await queue.enqueue(
                [replace(one.generation.to_request(), idempotency_key=one.key) for one in waiting]
            )
        if sent:
            self._scope.spawn(self._collect(sent), "storyboard collects")

    async def _collect(self, ids: Sequence[int]) -> None:
        await self._studio.queue.collect(ids)

    async def close(self) -> None:
        await self._scope.close()
