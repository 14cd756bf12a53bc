"""How runs go on: whatever happened, what is stored is read, and what may be asked for now is asked for.

An event, a start after a kill, somebody's approval: all lead here. What is stored under a key is never
asked for again, and nothing is asked for that is not among the keys of its run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from veo_studio.core.crash import crash_point
from veo_studio.core.errors import BudgetError, LedgerDamaged, QueueFull, StudioError
from veo_studio.core.models import Pause, PauseKind
from veo_studio.core.pauses import EVERYTHING
from veo_studio.core.store.line import LineRepository
from veo_studio.core.storyboard.agreed import needs_word, new_price_words, price_of, unasked
from veo_studio.core.storyboard.asking import Asking
from veo_studio.core.storyboard.known import KnownGenerations
from veo_studio.core.storyboard.models import Run, RunState
from veo_studio.core.storyboard.planning import Decision, decide
from veo_studio.core.storyboard.settling import settled_choices
from veo_studio.core.storyboard.standing import Standing
from veo_studio.core.storyboard.taking_up import TakingUp
from veo_studio.core.task_scope import TaskScope

if TYPE_CHECKING:
    from veo_studio.core.store.storyboards import StoryboardRepository
    from veo_studio.core.studio import Studio

_log = logging.getLogger(__name__)
# as many as a run has waiting in the queue at once: others want a place there, too
_PORTION = 100
_AGAIN_S = 10.0


class Advancing:
    """`tell` is called with the uuid of a storyboard whose view has changed."""

    def __init__(
        self,
        studio: Studio,
        repository: StoryboardRepository,
        known: KnownGenerations,
        asking: Asking,
        tell: Callable[[str], None],
    ) -> None:
        self._studio = studio
        self._repository = repository
        self._known = known
        self._asking = asking
        self._tell = tell
        self._taking_up = TakingUp(studio)
        self._scope = TaskScope()
        # ids of the runs that are not over, by the storyboard
        self._runs: dict[str, set[int]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._due: set[str] = set()
        self._busy: set[str] = set()
        # why what they have in the line is not taken up: a service without a key, a model that is gone
        self._stuck: dict[str, str] = {}
        # those that are looked at again after a while
        self._later: set[str] = set()
        # runs of other programs are taken over once this one has taken up everything
        self._takes_over = False
        self._is_looking = False
        self._is_closed = False

    def lock(self, scenario_uuid: str) -> asyncio.Lock:
        """Held by whoever decides something about the storyboard's runs."""
        return self._locks.setdefault(scenario_uuid, asyncio.Lock())

    def track(self, run: Run) -> None:
        self._runs.setdefault(run.scenario_uuid, set()).add(run.id)

    def forget(self, scenario_uuid: str) -> None:
        """Nothing of it goes on any more."""
        self._runs.pop(scenario_uuid, None)

    def follows(self, run_id: int) -> bool:
        """True while it goes on here."""
        return not self._is_closed and any(run_id in runs for runs in self._runs.values())

    def is_due(self, scenario_uuid: str) -> bool:
        """It is being looked at now, or will be at once."""
        return scenario_uuid in self._due or scenario_uuid in self._busy

    async def resume(
        self, scenario_uuid: str | None, run_ids: Collection[int] | None = None
    ) -> list[Run]:
        """See `StoryboardRunner.resume`."""
        if scenario_uuid is None:
            self._takes_over = True
            try:
                return await self._resume(await self._repository.unfinished_runs())
            except (StudioError, ValueError) as error:
                # a disk that is full or locked in this moment: the start goes on without
                _log.error("storyboards are taken up later: %s", error)
                self._scope.spawn(self._resume_later(), "storyboards later")
                return []
        runs = await self._repository.unfinished_runs()
        if self._studio.database.is_scheduler:
            # what was being sent when the program before ended is not known: it is never sent again
            await self._studio.queue.recover()
        return await self._resume(
            [
                run
                for run in runs
                if run.scenario_uuid == scenario_uuid and (run_ids is None or run.id in run_ids)
            ]
        )

    async def _resume_later(self) -> None:
        await self._studio.clock.sleep(_AGAIN_S)
        await self.resume(None)

    async def _resume(self, found: list[Run]) -> list[Run]:
        for uuid in dict.fromkeys(run.scenario_uuid for run in found):
            of_board = [run for run in found if run.scenario_uuid == uuid]
            for run in of_board:
                self.track(run)
            if self._studio.database.is_scheduler:
                await self._take_up(uuid, of_board)
            self.look_at(uuid)
        if not self._stuck:
            return found
        return [await self._repository.run(run.id) for run in found]

    async def _take_up(self, uuid: str, runs: Collection[Run]) -> None:
        """What cannot be taken up as things are makes the runs wait, with the sentence."""
        keys = {key for run in runs for key in run.keys}
        keyed = await self._known.of(uuid, anew=True)
        self._stuck.pop(uuid, None)
        try:
            await self._taking_up.take_up([one for one in keyed if one.key in keys])
        except (ValueError, BudgetError, LedgerDamaged) as error:
            self._stuck[uuid] = str(error)
            for run in runs:
                await self.set(run, RunState.WAITING, str(error))
        self._known.forget(uuid)

    async def take_up_again(self, run: Run) -> None:
        """Somebody wants it to go on; ValueError with the reason where it still cannot."""
        uuid = run.scenario_uuid
        if uuid in self._stuck:
            await self._take_up(uuid, [run])
            if reason := self._stuck.get(uuid):
                raise ValueError(reason)

    def look_at(self, scenario_uuid: str) -> None:
        """Something may be asked for now: soon, and once for many calls."""
        if self._is_closed or not self._runs.get(scenario_uuid):
            return
        self._due.add(scenario_uuid)
        if scenario_uuid not in self._busy:
            self._busy.add(scenario_uuid)
            self._scope.spawn(self._work(scenario_uuid), "storyboard")

    def look_at_all(self) -> None:
        """What held them may be over. Another program may have begun a run, too: it goes on here."""
        for uuid in list(self._runs):
            self.look_at(uuid)
        if self._takes_over and not self._is_looking and self._studio.database.is_scheduler:
            self._is_looking = True
            self._scope.spawn(self._take_over(), "storyboards of others")

    async def set(self, run: Run, state: RunState, reason: str) -> Run:
        """As it stands then; one that somebody ended stays as it is."""
        if run.state.is_over or (run.state, run.reason) == (state, reason):
            return run
        changed = await self._repository.set_run(run.id, state, reason)
        self._tell(run.scenario_uuid)
        return changed

    async def close(self) -> None:
        self._is_closed = True
        await self._taking_up.close()
        await self._scope.close()

    # inside

    async def _work(self, scenario_uuid: str) -> None:
        """Until nothing is due any more."""
        try:
            while scenario_uuid in self._due:
                self._due.discard(scenario_uuid)
                async with self.lock(scenario_uuid):
                    for run_id in sorted(self._runs.get(scenario_uuid, ())):
                        await self._advance(run_id)
        except LookupError:
            # it was deleted; what it asked for arrives in the library all the same
            self.forget(scenario_uuid)
        except StudioError as error:
            _log.error("a storyboard goes on later: %s", error.message)
            self._look_later(scenario_uuid)
        finally:
            self._due.discard(scenario_uuid)
            self._busy.discard(scenario_uuid)
            self._tell(scenario_uuid)

    def _look_later(self, scenario_uuid: str) -> None:
        if scenario_uuid not in self._later:
            self._later.add(scenario_uuid)
            self._scope.spawn(self._wait_and_look(scenario_uuid), "storyboard later")

    async def _wait_and_look(self, scenario_uuid: str) -> None:
        await self._studio.clock.sleep(_AGAIN_S)
        self._later.discard(scenario_uuid)
        self.look_at(scenario_uuid)

    async def _take_over(self) -> None:
        try:
            runs = await self._repository.unfinished_runs()
        except StudioError as error:
            _log.warning("the runs of storyboards cannot be read: %s", error.message)
            return
        finally:
            self._is_looking = False
        for run in runs:
            self.track(run)
        for uuid in {run.scenario_uuid for run in runs}:
            self.look_at(uuid)

    async def _advance(self, run_id: int) -> None:
        run = await self._repository.run(run_id)
        if not run.state.is_over:
            standing = await self._settle(await self._standing_of(run))
            decision = decide(standing, run)
            trouble = ""
            if decision.asks:
                # what is asked for is decided on what is stored now, and on nothing else
                standing = await self._known.standing(standing.board, anew=True)
                run = await self._repository.run(run_id)
                decision = decide(standing, run)
                if not run.state.is_over:
                    trouble = await self._ask(standing, run, decision)
                standing = await self._known.standing(standing.board, anew=True)
                decision = decide(standing, run)
            if decision.state.is_over:
                # what arrived while something else was stored
                await self._settle(standing)
            run = await self._conclude(run, decision, trouble)
        if run.state.is_over:
            self._runs.get(run.scenario_uuid, set()).discard(run_id)

    async def _standing_of(self, run: Run) -> Standing:
        board = await self._repository.get(run.scenario_uuid)
        # beside the scheduler nobody tells what happens
        return await self._known.standing(board, anew=not self._studio.database.is_scheduler)

    async def _settle(self, standing: Standing) -> Standing:
        """What has arrived is chosen, where nobody chose anything else."""
        arrived = {
            scene.uuid: chosen
            for scene in standing.board.scenes
            if (chosen := settled_choices(standing, scene)) is not None
        }
        if not arrived:
            return standing
        crash_point("S04")
        board = await self._repository.choose(standing.board.scenario.uuid, arrived)
        crash_point("S05")
        self._tell(board.scenario.uuid)
        return await self._known.standing(board)

    async def _ask(self, standing: Standing, run: Run, decision: Decision) -> str:
        """Ask for what may be asked for; a sentence where some of it cannot be."""
        room = max(0, _PORTION - decision.active)
        requests, problems = await self._asking.prepare(standing, decision.asks[:room])
        agreed = run.agreed
        changed = [
            request
            for request in requests
            if needs_word(
                price_of(self._asking.priced(request)), agreed.get(request.idempotency_key or "")
            )
        ]
        if changed:
            requests = [request for request in requests if request not in changed]
            items = await self._asking.prices(standing.board, unasked(standing, run))
            problems.append(new_price_words(run, items))
        try:
            if requests:
                await self._asking.ask(requests)
                crash_point("S03")
        except QueueFull:
            self._look_later(standing.board.scenario.uuid)
        except (BudgetError, LedgerDamaged) as error:
            problems.append(f"{error.message} {error.action or ''}".strip())
        except ValueError as error:
            problems.append(str(error))
        return problems[0] if problems else ""

    async def _conclude(self, run: Run, decision: Decision, trouble: str) -> Run:
        if trouble:
            # what is there goes on; what could not be asked for waits for somebody
            goes_on = decision.active or decision.arriving
            state = RunState.RUNNING if goes_on else RunState.WAITING
            return await self.set(run, state, trouble)
        is_in_line = decision.active > 0 and len(decision.in_line) == decision.active
        if is_in_line and (reason := self._stuck.get(run.scenario_uuid)):
            return await self.set(run, RunState.WAITING, reason)
        if is_in_line and (reason := await self._pause_of(decision.in_line)):
            return await self.set(run, RunState.WAITING, reason)
        if decision.state.is_over:
            crash_point("S06")
        return await self.set(run, decision.state, decision.reason)

    async def _pause_of(self, providers: Collection[str]) -> str:
        """Why nothing of it is sent before a person has done something; "" where something is."""
        pauses = self._studio.queue.pauses
        if not self._studio.database.is_scheduler:
            pauses = await LineRepository(self._studio.database).pauses()
        reason = ""
        for provider in dict.fromkeys(providers):
            held = [pauses[one] for one in (EVERYTHING, provider) if one in pauses]
            pause = next((one for one in held if one.kind is not PauseKind.TOLD), None)
            if pause is None:
                return ""
            reason = reason or self._pause_words(pause)
        return reason

    def _pause_words(self, pause: Pause) -> str:
        info = self._studio.catalog.providers.get(pause.provider)
        name = "The queue" if info is None else info.name
        words = " ".join(pause.reason.split())
        if pause.kind is PauseKind.USER or not words:
            return f"{name} is paused."
        return f"{name} is paused: {words}"
