"""Making the storyboard that is open: priced before the click, approved, made anew, cancelled."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from veo_studio.core.storyboard.models import RunGoal, RunState, Step, Storyboard
from veo_studio.ui.view_models.run_reading import RunReading


class RunModel(RunReading):
    """One per window, beside the document."""

    # commands; ValueError and StudioError are for whoever shows them

    async def start(self, goal: RunGoal | None = None) -> None:
        """Make what is missing for the goal; all of it was priced, or nothing begins.

        Where nothing is missing, what was changed since it was made is made anew.
        """
        if goal is None and self.again is not None:
            await self._make_again(self.again.steps)
            return
        await self._start(self.goal if goal is None else goal, self.scene_uuids)

    async def go_on(self) -> None:
        """With a run that waits."""
        if self.run is not None:
            await self._start(self.run.goal, self.run.scene_uuids or None)

    async def _start(self, goal: RunGoal, scene_uuids: Collection[str] | None) -> None:
        services = self._services
        if services is None or self.is_starting or self.document.board is None:
            return
        self.is_starting = True
        self.changed.emit()
        try:
            await self.document.flush()
            board = self.document.board
            if board is not None:
                await services.start(board, goal, scene_uuids)
        finally:
            self.is_starting = False
            self._look_soon()
            self._price_soon()
            self.changed.emit()

    async def redo(self, step: Step) -> None:
        """One step of the scene that is looked at, anew; what was there stays."""
        if self.scene_uuid is not None:
            await self._make_again(((self.scene_uuid, step),))

    async def _make_again(self, steps: Sequence[tuple[str, Step]]) -> None:
        """One after the other; what all of them cost was looked at before the click."""
        board = self.document.board
        if self._services is None or board is None or self.is_starting:
            return
        self.is_starting = True
        self.changed.emit()
        try:
            await self.document.flush()
            for scene_uuid, step in steps:
                await self._services.redo(board.scenario.uuid, scene_uuid, step)
        finally:
            self.is_starting = False
            self._look_soon()
            self._price_soon()
            self.changed.emit()

    async def approve(
        self, scene_uuids: Collection[str] | None = None, *, is_approved: bool = True
    ) -> None:
        """The pictures of these scenes are as they should be; None for all."""
        board = self.document.board
        if self._services is not None and board is not None:
            await self.document.flush()
            stored = await self._services.approve(board.scenario.uuid, scene_uuids, is_approved)
            self._take(stored)

    async def choose(self, scene_uuid: str, generation_id: int) -> None:
        """Let this picture, take or rehearsal stand for the scene."""
        board = self.document.board
        if self._services is not None and board is not None:
            await self.document.flush()
            stored = await self._services.choose_take(
                board.scenario.uuid, scene_uuid, generation_id
            )
            self._take(stored)

    def _take(self, stored: Storyboard) -> None:
        board = self.document.board
        if board is not None and board.scenario.uuid == stored.scenario.uuid:
            self.document.take_choices({scene.uuid: scene.choices for scene in stored.scenes})
        self._look_soon()

    async def cancel(self) -> None:
        """What waits is refunded; what was sent stays and arrives."""
        if self._services is not None and self.run is not None and self.is_running:
            await self._services.cancel(self.run)
            self._look_soon()
            self._price_soon()

    @property
    def waits(self) -> bool:
        """A run waits for tokens, a key or a decision."""
        return self.run is not None and self.run.state is RunState.WAITING
