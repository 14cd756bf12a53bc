"""Where a run that ended leaves its generation: in the line, held, or to be tried again later."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from veo_studio.core.clock import Alarms, Clock
from veo_studio.core.errors import LedgerDamaged, StudioError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import ErrorKind, Generation, GenerationState, PauseKind
from veo_studio.core.recovery import replay_journal
from veo_studio.core.task_scope import TaskScope

if TYPE_CHECKING:
    from veo_studio.core.scheduler import Scheduler

_log = logging.getLogger(__name__)
_S = GenerationState
# how soon a run that the database itself stopped is tried again
_AFTER_TROUBLE_S = 10.0


class AfterRuns:
    """`rest`, `trouble` and `bug` are what `Runs` calls."""

    def __init__(
        self, scheduler: Scheduler, clock: Clock, alarms: Alarms, scope: TaskScope
    ) -> None:
        self._scheduler = scheduler
        self._clock = clock
        self._alarms = alarms
        self._scope = scope
        # rows whose run was stopped by a broken database or disk: theirs again after a while
        self.troubled: dict[int, Generation] = {}
        # how often a mistake of ours stopped a run
        self._bugs: dict[int, int] = {}

    def rest(self, generation: Generation) -> None:
        """Where a run that ended by itself leaves its generation."""
        left_s = self.left_s(generation)
        is_refused_key = generation.error_kind is ErrorKind.AUTH
        if is_refused_key and not generation.state.is_terminal:
            reason = generation.error or "The key was refused."
            self._scheduler.pausing.by_trouble(generation.provider, PauseKind.KEY, reason)
        if generation.state is _S.PENDING:
            self._scheduler.progress.pop(generation.id, None)
            self._scheduler.line.put(generation)
            # a row that only came back because of a pause was told nothing
            if not is_refused_key and generation.error_kind is not None:
                self.told(generation, left_s)
        elif generation.state is _S.HELD and generation.next_attempt_at is not None:
            self.hold_until(generation, max(1.0, left_s))
        elif generation.state.is_active:
            # its provider could not be used, or the caller's patience ended: it is not forgotten
            self._scheduler.give_back(generation.id)
            self.try_later(generation, max(1.0, left_s))

    def bug(self, generation: Generation) -> None:
        """Nothing is lost by it: it is tried again, ever more rarely, and the row says so."""
        times = self._bugs[generation.id] = self._bugs.get(generation.id, 0) + 1
        words = "The program made a mistake while working on this. It tries again by itself."
        self._scope.spawn(self._note(generation.id, words), f"bug of {generation.id}")
        self.try_later(generation, min(3600.0, _AFTER_TROUBLE_S * 2.0**times))

    async def _note(self, generation_id: int, words: str) -> None:
        generation = await self._scheduler.repository.update(generation_id, error=words)
        self._scheduler.events.emit(GenerationEvent(EventKind.UPDATED, generation))

    def trouble(self, generation: Generation, error: StudioError) -> None:
        if isinstance(error, LedgerDamaged):
            self._scheduler.pausing.by_trouble(generation.provider, PauseKind.BOOKS, error.message)
            if generation.state is _S.PENDING:
                self._scheduler.line.put(generation)
                return
        self.try_later(generation, _AFTER_TROUBLE_S)

    def left_s(self, generation: Generation) -> float:
        """Never more than was told, so that a clock set back keeps nobody for years (D06)."""
        if (moment := generation.next_attempt_at) is None:
            return 0.0
        told_s = (moment - generation.updated_at).total_seconds()
        return min(told_s, (moment - self._clock.now()).total_seconds())

    def told(self, generation: Generation, left_s: float) -> None:
        """One answer "later" holds for all generations of that provider."""
        if left_s > 0:
            self._scheduler.pausing.told(generation.provider, left_s, generation.error or "")

    def hold_until(self, generation: Generation, left_s: float) -> None:
        """A held one is no longer waited for, but tried again when its time has come."""
        end = self._clock.monotonic() + left_s

        def again() -> None:
            # alarms are coarse and may ring early
            if (rest_s := end - self._clock.monotonic()) > 0:
                self._alarms.set(rest_s, again)
            else:
                moment = generation.next_attempt_at
                self._scope.spawn(self._try_held(generation.id, moment), f"held {generation.id}")

        self._alarms.set(left_s, again)

    async def _try_held(self, generation_id: int, moment: object) -> None:
        try:
            generation = await self._scheduler.repository.get(generation_id)
        except StudioError as error:
            _log.error("generation %d cannot be read: %s", generation_id, error.message)
            self._alarms.set(_AFTER_TROUBLE_S, lambda: self.reread_soon(generation_id))
            return
        if generation.state is _S.HELD and generation.next_attempt_at == moment:
            self._scheduler.take_up(generation, is_asked_for=True)

    def try_later(self, generation: Generation, wait_s: float) -> None:
        """It keeps its place meanwhile: what was sent may well run at the provider (I11)."""
        if not self._scheduler.is_closed:
            self.troubled[generation.id] = generation
            self._alarms.set(wait_s, lambda: self.reread_soon(generation.id))

    def reread_soon(self, generation_id: int) -> None:
        if not self._scheduler.is_closed:
            self._scope.spawn(self._reread(generation_id), f"reread {generation_id}")

    async def _reread(self, generation_id: int) -> None:
        """Go on with a row whose run was stopped, from what is stored now."""
        try:
            await replay_journal(
                self._scheduler.repository, self._scheduler.journal, live=self._scheduler.runs.ids
            )
            generation = await self._scheduler.repository.get(generation_id)
        except (StudioError, OSError) as error:
            _log.error("generation %d cannot be read: %s", generation_id, error)
            self._alarms.set(_AFTER_TROUBLE_S, lambda: self.reread_soon(generation_id))
            return
        self.troubled.pop(generation_id, None)
        if generation_id in self._scheduler.ending:
            return
        self._scheduler.take_up(generation)
        if not self._scheduler.owns(generation_id):
            self._scheduler.forget(generation_id)
        self._scheduler.fill()
        self._scheduler.changed()
