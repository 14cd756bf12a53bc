"""The runs that go on right now: one task per generation, and nothing about when to begin one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from veo_studio.core.errors import StudioError
from veo_studio.core.generators.run import GenerationRun
from veo_studio.core.models import Generation, GenerationState

_log = logging.getLogger(__name__)
_S = GenerationState
_CLOSE_S = 1.5
# these occupy a place at the provider; what only downloads does not
_IN_FLIGHT = frozenset({_S.PENDING, _S.SUBMITTING, _S.PROCESSING})


def occupied(generations: Iterable[Generation]) -> list[str]:
    """The provider of each that has a place there, once per generation."""
    return [generation.provider for generation in generations if generation.state in _IN_FLIGHT]


class Runs:
    """`on_rest` gets a generation whose run ended by itself, `on_trouble` one that the database or a
    disk stopped, `on_bug` one that a mistake of ours stopped, `on_end` every one afterwards, however
    its task ended.
    """

    def __init__(
        self,
        on_rest: Callable[[Generation], None],
        on_trouble: Callable[[Generation, StudioError], None],
        on_bug: Callable[[Generation], None],
        on_end: Callable[[int], None],
    ) -> None:
        self._on_rest = on_rest
        self._on_trouble = on_trouble
        self._on_bug = on_bug
        self._on_end = on_end
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._runs: dict[int, GenerationRun] = {}
        self._is_closed = False

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(self._tasks)

    def __contains__(self, generation_id: object) -> bool:
        return generation_id in self._tasks

    def in_flight(self) -> list[str]:
        """The provider of every run that occupies a place there, once per run.

        One that is beyond its deadline no longer counts: it may hang for two days, and the others
        must not wait for that.
        """
        return occupied(run.generation for run in self._runs.values() if not run.is_overdue)

    def in_place(self, generation_id: int) -> Generation | None:
        """What runs with this id, where it occupies a place at its provider."""
        run = self._runs.get(generation_id)
        return None if run is None or run.is_overdue else run.generation

    def start(self, run: GenerationRun) -> None:
        """Begin it, unless one of this generation goes on already."""
        generation_id = run.generation.id
        if generation_id in self._tasks:
            return
        self._runs[generation_id] = run
        task = asyncio.get_running_loop().create_task(
            self._run(run), name=f"generation {generation_id}"
        )
        self._tasks[generation_id] = task
        task.add_done_callback(lambda _task: self._ended(generation_id))

    def is_overdue(self, generation_id: int) -> bool:
        """True where the provider's deadline has passed and it still runs there."""
        run = self._runs.get(generation_id)
        return run is not None and run.is_overdue

    async def stop(self, generation_id: int) -> None:
        """End a run; a submit in flight first ends with its answer stored."""
        task, run = self._tasks.get(generation_id), self._runs.get(generation_id)
        if task is None:
            return
        if run is not None and run.paying is not None and not run.paying.done():
            await asyncio.wait([run.paying])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Stop all of them within two seconds; every row stays as it is."""
        self._is_closed = True
        tasks = list(self._tasks.values())
        paying = [run.paying for run in self._runs.values() if run.paying is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait([*tasks, *paying], timeout=_CLOSE_S)
        for submit in paying:
            # one that still has no answer becomes unknown, and is stored as such
            submit.cancel()
        await asyncio.gather(*paying, *tasks, return_exceptions=True)

    async def _run(self, run: GenerationRun) -> None:
        """The boundary: nothing that goes wrong with one generation reaches another."""
        generation_id = run.generation.id
        try:
            generation = await run.run()
        except StudioError as error:
            _log.error("generation %d stopped: %s", generation_id, error.message)
            self._on_trouble(run.generation, error)
        except Exception:
            _log.exception("generation %d stopped by a bug", generation_id)
            self._on_bug(run.generation)
        else:
            self._on_rest(generation)

    def _ended(self, generation_id: int) -> None:
        """Called however the task ended, even if it was cancelled before its first step."""
        self._tasks.pop(generation_id, None)
        self._runs.pop(generation_id, None)
        if not self._is_closed:
            self._on_end(generation_id)
