"""Storyboards, put together: where they are stored, what they cost, and how they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veo_studio.core.storyboard.models import RunGoal, Storyboard
from veo_studio.core.storyboard.pricing import RunPrice
from veo_studio.core.storyboard.runner import StoryboardRunner
from veo_studio.core.storyboard.views import BoardView

if TYPE_CHECKING:
    from veo_studio.core.store.storyboards import StoryboardRepository
    from veo_studio.core.studio import Studio


class Storyboards:
    """`studio.storyboards`; closed by the studio."""

    def __init__(self, studio: Studio) -> None:
        from veo_studio.core.store.storyboards import StoryboardRepository

        self.repository: StoryboardRepository = StoryboardRepository(
            studio.database, studio.clock.now
        )
        self.runner = StoryboardRunner(studio, self.repository)

    async def view(self, board: Storyboard) -> BoardView:
        """As it stands now; `board` may hold edits that are not stored yet."""
        return await self.runner.view_of(board)

    async def price(
        self, board: Storyboard, goal: RunGoal, scene_uuids: tuple[str, ...] | None = None
    ) -> RunPrice:
        """What is missing for `goal` in these scenes, None for all; nothing is stored."""
        return await self.runner.price(board, goal, scene_uuids)

    async def resume(self) -> None:
        """Go on with every run that is not over, and with those that other programs begin from now on.

        For the scheduler of this folder, at its start.
        """
        await self.runner.resume()

    async def close(self) -> None:
        await self.runner.close()
