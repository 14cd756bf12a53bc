"""What people want of a storyboard's runs: a price, a start, approval, one thing anew, an end.

A run is its keys, stored before anything is asked for; how it goes on is in `advancing.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from veo_studio.core.crash import crash_point
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.storyboard.advancing import Advancing
from veo_studio.core.storyboard.agreed import price_of
from veo_studio.core.storyboard.asking import Asking
from veo_studio.core.storyboard.ending import end_runs, stop_unsent
from veo_studio.core.storyboard.known import KnownGenerations
from veo_studio.core.storyboard.models import (
    Choices,
    Run,
    RunGoal,
    RunState,
    Step,
    Storyboard,
)
from veo_studio.core.storyboard.pricing import Priced, Pricing, RunPrice
from veo_studio.core.storyboard.scene_states import view_of
from veo_studio.core.storyboard.settling import begun_anew, with_choice
from veo_studio.core.storyboard.standing import Standing
from veo_studio.core.storyboard.views import BoardView

if TYPE_CHECKING:
    from veo_studio.core.store.storyboards import StoryboardRepository
    from veo_studio.core.studio import Studio

_log = logging.getLogger(__name__)
_LOOK_AGAIN_S = 0.5
_GOALS = {
    Step.PICTURE: RunGoal.PICTURES,
    Step.CLIP: RunGoal.CLIPS,
    Step.REHEARSAL: RunGoal.REHEARSAL,
}

Listener = Callable[[str], None]


class StoryboardRunner:
    """Decides what is asked for next; when it is sent is the queue's business."""

    def __init__(self, studio: Studio, repository: StoryboardRepository) -> None:
        self._studio = studio
        self._repository = repository
        self._known = KnownGenerations(repository)
        self._asking = Asking(studio)
        self._pricing = Pricing(studio, self._asking)
        self._advancing = Advancing(studio, repository, self._known, self._asking, self._tell)
        self._listeners: list[Listener] = []
        self._changed = asyncio.Event()
        self._changes = 0
        self._unsubscribe = [
            studio.events.subscribe(self._on_event),
            studio.queue.subscribe(self._on_queue_changed),
        ]

    # what is shown

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be called with a scenario's uuid when what `view` says may have changed; the returned call ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    async def view(self, scenario_uuid: str) -> BoardView:
        """The stored storyboard as it stands. Raises LookupError."""
        return await self.view_of(await self._repository.get(scenario_uuid))

    async def view_of(self, board: Storyboard) -> BoardView:
        """As `view`, of a storyboard with edits that are not stored yet."""
        standing = await self._standing(board)
        uuid = board.scenario.uuid
        runs = [
            run for run in await self._repository.unfinished_runs() if run.scenario_uuid == uuid
        ]
        last = None if runs else await self._repository.last_run(uuid)
        return view_of(
            standing,
            self._studio.queue.progress_of,
            catalog=self._studio.catalog,
            runs=runs,
            last_run=last,
        )

    async def price(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> RunPrice:
        """What is missing for `goal` in these scenes (None: all), and what it costs. Stores nothing."""
        standing = await self._standing(board)
        return (await self._pricing.price(standing, goal, scene_uuids)).price

    async def price_of_redo(self, board: Storyboard, scene_uuid: str, step: Step) -> RunPrice:
        """What `redo` would cost."""
        return (await self._price_of_redo(board, scene_uuid, step)).price

    # what people want

    async def start(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> Run:
        """Ask for what is missing, after all of it was priced; `board` is stored already.

        A run that waits for tokens or for anything else goes on with it. Raises ValueError with
        sentences, NotEnoughTokens, BudgetExceeded, LedgerDamaged, StorageError: then nothing was stored.
        """
        uuid = board.scenario.uuid
        async with self._advancing.lock(uuid):
            stored = await self._repository.get(uuid)
            priced = await self._pricing.price(
                await self._standing(stored, anew=True), goal, scene_uuids
            )
            run = await self._begin(uuid, priced, {})
        self._advancing.look_at(uuid)
        return run

    async def redo(self, scenario_uuid: str, scene_uuid: str, step: Step) -> Run:
        """Make one step of a scene anew; what was there stays and can be chosen. Raises as `start`."""
        async with self._advancing.lock(scenario_uuid):
            board = await self._repository.get(scenario_uuid)
            priced = await self._price_of_redo(board, scene_uuid, step, anew=True)
            scene = board.scene(scene_uuid)
            choices = begun_anew(await self._standing(board), scene, step)
            run = await self._begin(scenario_uuid, priced, {scene_uuid: choices})
        self._advancing.look_at(scenario_uuid)
        return run

    async def approve(
        self,
        scenario_uuid: str,
        scene_uuids: Collection[str] | None = None,
        is_approved: bool = True,
    ) -> Storyboard:
        """Somebody has seen the pictures of these scenes, None for all that have one: their clips may begin."""
        async with self._advancing.lock(scenario_uuid):
            board = await self._repository.get(scenario_uuid)
            standing = await self._standing(board, anew=True)
            wanted = (
                {scene.uuid for scene in board.scenes} if scene_uuids is None else set(scene_uuids)
            )
            chosen: dict[str, Choices] = {}
            for scene in board.scenes:
                made = standing.ready(scene, Step.PICTURE)
                if scene.uuid in wanted and made is not None:
                    chosen[scene.uuid] = replace(
                        scene.choices, picture_id=made.generation.id, is_approved=is_approved
                    )
            board = await self._repository.choose(scenario_uuid, chosen)
        self._advancing.look_at(scenario_uuid)
        self._tell(scenario_uuid)
        return board

    async def choose_take(
        self, scenario_uuid: str, scene_uuid: str, generation_id: int
    ) -> Storyboard:
        """Let this take, picture or rehearsal stand for the scene. Raises LookupError, ValueError."""
        async with self._advancing.lock(scenario_uuid):
            board = await self._repository.get(scenario_uuid)
            standing = await self._standing(board, anew=True)
            choices = with_choice(standing, board.scene(scene_uuid), generation_id)
            board = await self._repository.choose(scenario_uuid, {scene_uuid: choices})
            self._known.forget(scenario_uuid)
        self._advancing.look_at(scenario_uuid)
        self._tell(scenario_uuid)
        return board

    async def cancel(self, run: Run) -> Run:
        """Ask for nothing more and stop what waits (it is refunded); what was sent stays and arrives.

        Whatever else is being made of the same storyboard ends, too.
        """
        uuid = run.scenario_uuid
        async with self._advancing.lock(uuid):
            await self._end_runs(uuid, run)
        self._tell(uuid)
        return await self._repository.run(run.id)

    async def delete(self, board: Storyboard) -> int:
        """Delete it, after its runs were cancelled; how many waiting requests were refunded.

        The repository restores it; runs stay cancelled then. What was sent arrives in the library.
        """
        uuid = board.scenario.uuid
        async with self._advancing.lock(uuid):
            stopped = await self._end_runs(uuid)
            await self._repository.delete(board.id)
        self._tell(uuid)
        return stopped

    async def _end_runs(self, uuid: str, *further: Run) -> int:
        """All that go on; `further` are over already, and may have left something in the line."""
        unfinished = await self._repository.unfinished_runs()
        runs = [one for one in unfinished if one.scenario_uuid == uuid]
        self._advancing.forget(uuid)
        stopped = await end_runs(
            self._repository, [*runs, *further], lambda number: stop_unsent(self._studio, number)
        )
        self._known.forget(uuid)
        return stopped

    async def wait(self, run_id: int) -> Run:
        """Until it is over or only a person can go on with it (`APPROVAL`, `WAITING`)."""
        while True:
            self._changed.clear()
            before = self._changes
            is_followed = self._advancing.follows(run_id)
            run = await self._repository.run(run_id)
            if run.state.is_over or not is_followed:
                return run
            # told of a change while the row was read: what was read may be the row of before
            is_settled = self._changes == before
            is_settled = is_settled and not self._advancing.is_due(run.scenario_uuid)
            if run.state is not RunState.RUNNING and is_settled:
                return run
            if not self._studio.database.is_scheduler:
                # another program moves the rows; there is no event to wait for
                self._advancing.look_at(run.scenario_uuid)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN_S):
                    await self._changed.wait()

    # going on

    async def resume(
        self, scenario_uuid: str | None = None, run_ids: Collection[int] | None = None
    ) -> list[Run]:
        """After a start: go on with every run that is not over, or with (some) of one storyboard.

        For the scheduler of the folder, once its queue is taken up; or, with a storyboard, for a command
        that takes up nothing else. Where a service is not connected any more, or a model is gone, its
        runs wait and say so. Raises StorageError; without a storyboard it is tried again later instead.
        """
        return await self._advancing.resume(scenario_uuid, run_ids)

    async def close(self) -> None:
        """Every run stays as it is stored and goes on at the next start."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._listeners.clear()
        await self._advancing.close()
        self._changed.set()

    # inside

    async def _standing(self, board: Storyboard, *, anew: bool = False) -> Standing:
        # beside the scheduler nobody tells what happens
        anew = anew or not self._studio.database.is_scheduler
        return await self._known.standing(board, anew=anew)

    async def _price_of_redo(
        self, board: Storyboard, scene_uuid: str, step: Step, *, anew: bool = False
    ) -> Priced:
        standing = await self._standing(board, anew=anew)
        scene = board.scene(scene_uuid)
        choices = begun_anew(standing, scene, step)
        scenes = tuple(
            replace(one, choices=choices) if one.uuid == scene_uuid else one for one in board.scenes
        )
        standing = await self._standing(replace(board, scenes=scenes))
        return await self._pricing.price(standing, _GOALS[step], [scene_uuid])

    async def _begin(self, scenario_uuid: str, priced: Priced, chosen: dict[str, Choices]) -> Run:
        """Store the run, once nothing speaks against it any more."""
        price = priced.price
        if price.problems:
            raise ValueError("\n".join(price.problems))
        earlier = await self._same_run(scenario_uuid, priced)
        if not priced.keys and earlier is None:
            raise ValueError("Nothing is missing: everything that was asked for is there.")
        await self._pricing.check_books(priced.items)
        await self._pricing.check_money(priced.items)
        keys = [str(key) for key in priced.keys]
        prices = [price_of(item) for item in priced.items]
        if earlier is not None:
            await self._advancing.take_up_again(earlier)
            # what it costs now was seen: from here on it may cost that
            earlier = await self._repository.agree(earlier.id, dict(zip(keys, prices, strict=True)))
            return await self._advancing.set(earlier, RunState.RUNNING, "")
        crash_point("S01")
        run = await self._repository.begin_run(
            scenario_uuid,
            price.goal,
            [scene.uuid for scene in priced.scenes],
            keys,
            chosen,
            prices,
        )
        crash_point("S02")
        self._advancing.track(run)
        self._tell(scenario_uuid)
        return run

    async def _same_run(self, scenario_uuid: str, priced: Priced) -> Run | None:
        """One that goes on already and would ask for all of this."""
        keys = {str(key) for key in priced.keys}
        scenes = {scene.uuid for scene in priced.scenes}
        for run in await self._repository.unfinished_runs():
            is_same = run.scenario_uuid == scenario_uuid and run.goal is priced.price.goal
            if is_same and keys <= set(run.keys) and scenes <= set(run.scene_uuids):
                self._advancing.track(run)
                return run
        return None

    def _on_event(self, event: GenerationEvent) -> None:
        for uuid in self._known.note(event):
            self._tell(uuid)
            if event.kind is not EventKind.PROGRESS:
                self._advancing.look_at(uuid)

    def _on_queue_changed(self) -> None:
        """Pauses and places in the line; also: another program stored something in this folder."""
        self._known.forget()
        for uuid in self._known.boards:
            self._tell(uuid)
        self._advancing.look_at_all()

    def _tell(self, scenario_uuid: str) -> None:
        self._changes += 1
        self._changed.set()
        for listener in tuple(self._listeners):
            try:
                listener(scenario_uuid)
            except Exception:
                _log.exception("a listener of a storyboard failed")
