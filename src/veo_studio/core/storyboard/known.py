"""The generations of storyboards as they are now, read once and kept up by events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.store.batches import KeyedGeneration
from veo_studio.core.storyboard.models import Storyboard
from veo_studio.core.storyboard.standing import Standing

if TYPE_CHECKING:
    from veo_studio.core.store.storyboards import StoryboardRepository


class KnownGenerations:
    """By the uuid of the storyboard. What another program stores is not told: `forget` reads anew."""

    def __init__(self, repository: StoryboardRepository) -> None:
        self._repository = repository
        self._known: dict[str, dict[int, KeyedGeneration]] = {}
        self._stale: set[str] = set()
        # grows with everything that a read may have missed
        self._told = 0

    def boards_of(self, generation_id: int) -> list[str]:
        return [uuid for uuid, known in self._known.items() if generation_id in known]

    @property
    def boards(self) -> list[str]:
        return list(self._known)

    def forget(self, scenario_uuid: str | None = None) -> None:
        """Read it anew next time; None for all."""
        self._told += 1
        if scenario_uuid is None:
            # the ids stay, so that whoever watches is told of what happens to them
            self._stale = set(self._known)
        else:
            self._stale.add(scenario_uuid)

    def note(self, event: GenerationEvent) -> list[str]:
        """Take over what an event says; the storyboards that it is about."""
        self._told += 1
        generation = event.generation
        found = self.boards_of(generation.id)
        for uuid in found:
            known = self._known[uuid][generation.id]
            is_deleted = known.is_deleted
            if event.kind is EventKind.REMOVED:
                is_deleted = True
            elif event.kind is EventKind.ADDED:
                is_deleted = False
            self._known[uuid][generation.id] = replace(
                known, generation=generation, is_deleted=is_deleted
            )
        return found

    async def of(self, scenario_uuid: str, *, anew: bool = False) -> list[KeyedGeneration]:
        """Everything that was asked for by this storyboard or is chosen in it, the oldest first."""
        known = self._known.get(scenario_uuid)
        if known is None or anew or scenario_uuid in self._stale:
            known = await self._read(scenario_uuid)
        return list(known.values())

    async def _read(self, scenario_uuid: str) -> dict[int, KeyedGeneration]:
        before = self._told
        stored = await self._repository.takes(scenario_uuid)
        known = {one.generation.id: one for one in stored}
        self._known[scenario_uuid] = known
        self._stale.discard(scenario_uuid)
        if before != self._told:
            # something happened while it was read: it may be older than what was told
            self._stale.add(scenario_uuid)
        return known

    async def standing(self, board: Storyboard, *, anew: bool = False) -> Standing:
        """What there is of it, and which of its files are not where they were put."""
        keyed = await self.of(board.scenario.uuid, anew=anew)
        chosen = Standing(board, keyed)
        files = {
            generation.id: generation.video_path
            for generation in chosen.shown_generations()
            if generation.video_path is not None
        }
        gone = await asyncio.to_thread(_missing, files.items())
        return Standing(board, keyed, gone) if gone else chosen


def _missing(files: Iterable[tuple[int, Path]]) -> frozenset[int]:
    return frozenset(number for number, path in files if not path.is_file())
