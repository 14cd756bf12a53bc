"""The check of the database and its backup in a process of their own: some seconds of a processor.

A thread would take the interpreter from the window a thousand times a second, for SQLite asks it all the
time whether to go on; and one that goes behind all others makes everybody wait for its next turn.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from veo_studio.core.errors import StorageError

# how soon it is seen that the program ends
_LOOK_EVERY_S = 0.05
_NICENESS = 10

Work = Callable[[Path, datetime, Callable[[], bool]], None]


def run_apart(work: Work, path: Path, now: datetime, should_stop: Callable[[], bool]) -> None:
    """Call `work`, a function of a module, in a new process; raises what it raises. Blocks.

    Where `should_stop` becomes true the process is ended: what it was making counts for nothing then.
    """
    # Spawned: a copy of a process with threads and a window would inherit their locks.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_serve, args=(theirs, work, path, now), name="database-backup", daemon=True
    )
    with ours:
        with theirs:
            process.start()
        try:
            while not ours.poll(_LOOK_EVERY_S):
                if should_stop():
                    return
            error = ours.recv()
        except EOFError:
            raise StorageError("The check of the database ended before it was done.") from None
        finally:
            process.kill()
            process.join()
            process.close()
    if isinstance(error, str):
        raise RuntimeError(error)
    if error is not None:
        raise error


def _serve(pipe: Connection[Any, Any], work: Work, path: Path, now: datetime) -> None:
    # Ctrl+C in a terminal goes to every process of it; the program decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    with contextlib.suppress(OSError):
        pipe.send(_error_of(work, path, now))


def _error_of(work: Work, path: Path, now: datetime) -> StorageError | str | None:
    try:
        work(path, now, lambda: False)
    except StorageError as error:
        return error
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
