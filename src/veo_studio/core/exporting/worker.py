"""The process that reads and writes the files of exports, and the pipe to it.

It ends when its parent does, by whatever; a broken file or a decoder that dies takes nothing else along.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veo_studio.core.exporting.failures import error_of, failure_of

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from veo_studio.core.exporting.sources import SourceFacts
    from veo_studio.core.exporting.tasks import Made, Task
    from veo_studio.core.film.models import Film, FilmFormat, FilmMade, FilmPlan
    from veo_studio.core.film.writing import FilmTask
    from veo_studio.core.handoff.kinds import Drafted, Kind

_START_LOCK = threading.Lock()
_NICE = 5
_LOOK_LIMIT_S = 30.0
# hundreds of clips on a slow disk
_PLAN_LIMIT_S = 300.0


class WorkerEnded(Exception):
    """The process is gone: killed, or taken along by a file."""


class ExportWorker:
    """One process; everything but `kill` belongs to one thread."""

    def __init__(self) -> None:
        # Spawned: a copy of a process with threads and a window would inherit their locks.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=serve, args=(theirs,), name="veo-studio-export", daemon=True
        )
        with _START_LOCK, _bare_main():
            self._process.start()
        theirs.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def look(self, source: Path) -> SourceFacts:
        """Raises StudioError, WorkerEnded."""
        found: SourceFacts = self._ask(("look", source), lambda _fraction: None, _LOOK_LIMIT_S)
        return found

    def make(self, task: Task, tell: Callable[[float], None]) -> Made:
        """Raises StudioError, ValueError with a sentence, WorkerEnded."""
        made: Made = self._ask(("make", task), tell, None)
        return made

    def plan_film(self, film: Film, form: FilmFormat) -> FilmPlan:
        """Raises StudioError, ValueError with a sentence, WorkerEnded."""
        planned: FilmPlan = self._ask(("plan", (film, form)), lambda _fraction: None, _PLAN_LIMIT_S)
        return planned

    def make_film(self, task: FilmTask, tell: Callable[[float], None]) -> FilmMade:
        """Raises StudioError, ValueError with a sentence, WorkerEnded."""
        made: FilmMade = self._ask(("film", task), tell, None)
        return made

    def hand_off(self, film: Film, kind: Kind) -> Drafted:
        """`handoff.writing.draft`. Raises StudioError, ValueError with a sentence, WorkerEnded."""
        drafted: Drafted = self._ask(("handoff", (film, kind)), lambda _fraction: None, None)
        return drafted

    def locked(self, form: object) -> str:
        """`presets.locked_reason` without PyAV in this process."""
        return str(self._ask(("locked", form), lambda _fraction: None, _LOOK_LIMIT_S))

    def _ask(self, wish: object, tell: Callable[[float], None], limit_s: float | None) -> Any:
        try:
            self._pipe.send(wish)
            while True:
                if limit_s is not None and not self._pipe.poll(limit_s):
                    raise WorkerEnded
                kind, answer = self._pipe.recv()
                if kind == "fraction":
                    tell(answer)
                elif kind == "done":
                    return answer
                else:
                    raise error_of(kind, answer)
        except (EOFError, OSError) as error:
            raise WorkerEnded from error

    def kill(self) -> None:
        """From any thread; whoever waits gets WorkerEnded."""
        with contextlib.suppress(ValueError, AttributeError):
            self._process.kill()

    def close(self) -> None:
        """Returns when the process is gone: it holds no file any more. Can be repeated."""
        self.kill()
        with contextlib.suppress(ValueError, AssertionError):
            self._process.join(5.0)
            if not self._process.is_alive():
                self._process.close()
        self._pipe.close()


@contextlib.contextmanager
def _bare_main() -> Iterator[None]:
    """Hide the main module while a child starts: it would import it, and everything that it imports."""
    main = sys.modules.get("__main__")
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        if main is not None:
            sys.modules["__main__"] = main


def serve(pipe: Connection[Any, Any]) -> None:
    """The worker's life."""
    # Ctrl+C in a terminal goes to every process of it; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    # SVT-AV1 writes its settings to stderr otherwise
    os.environ["SVT_LOG"] = "1"
    with contextlib.suppress(AttributeError, OSError):
        os.nice(_NICE)
    with contextlib.suppress(EOFError, OSError):
        while True:
            _answer(pipe, pipe.recv())


def _answer(pipe: Connection[Any, Any], wish: Any) -> None:
    from veo_studio.core.exporting import making
    from veo_studio.core.exporting.presets import locked_reason
    from veo_studio.core.exporting.sources import look_at

    what, about = wish
    try:
        if what == "make":
            answer: object = making.make(about, lambda done: pipe.send(("fraction", done)))
        elif what == "look":
            answer = look_at(about)
        elif what == "plan":
            from veo_studio.core.film.making import plan

            answer = plan(*about)
        elif what == "film":
            from veo_studio.core.film.making import make

            answer = make(about, lambda done: pipe.send(("fraction", done)))
        elif what == "handoff":
            from veo_studio.core.handoff.writing import draft

            answer = draft(*about)
        else:
            answer = locked_reason(about)
    except Exception as error:  # the boundary of the process: every reason becomes an answer
        if what == "make":
            words = f"{about.source.name} cannot be made into this form"
            pipe.send(failure_of(error, words, about.part))
        elif what in ("plan", "film"):
            part = about.part if what == "film" else None
            pipe.send(failure_of(error, "The film cannot be made", part))
        elif what == "handoff":
            pipe.send(failure_of(error, "The film cannot be told to an editor"))
        else:
            sentence = str(getattr(error, "message", "")) or type(error).__name__
            pipe.send(("damaged", (sentence, getattr(error, "action", None))))
    else:
        pipe.send(("done", answer))


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
