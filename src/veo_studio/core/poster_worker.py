"""The process that draws posters and strips, and the pipe to it.

PyAV and Pillow are imported there: what a decoder does to its process is nobody else's affair.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from veo_studio.core.crash import crash_point

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess


_START_LIMIT_S = 120.0


class Asked:
    """The words on the pipe."""

    POSTER: Final = "poster"
    STRIP: Final = "strip"
    TIDY: Final = "tidy"
    # begins an answer about the cache, not about the clip
    NO_ROOM: Final = "cache: "


class Worker:
    """One process; it answers one wish after the other."""

    def __init__(self) -> None:
        # Spawned: a copy of a process with threads and a window would inherit their locks.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_serve, args=(theirs,), name="thumbnails", daemon=True
        )
        self._process.start()
        self._is_ready = False
        theirs.close()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def ask(
        self, what: str, path: Path, other: str, timeout_s: float, at_s: float | None = None
    ) -> str:
        """Ask, wait, and return what went wrong ("" for nothing). Raises OSError, EOFError.

        `at_s`: the moment of a poster; None is the middle.
        """
        if not self._is_ready:
            # how long a busy machine takes to start a process says nothing about the clip
            if not self._pipe.poll(_START_LIMIT_S):
                raise EOFError("the worker did not start")
            self._pipe.recv()
            self._is_ready = True
        self._pipe.send((what, str(path), other, at_s))
        crash_point("K20")
        if not self._pipe.poll(timeout_s):
            raise TimeoutError("no thumbnail in time")
        return str(self._pipe.recv())

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._pipe.close()
        # It ends by itself when the pipe does, unless it hangs in a decoder.
        self._process.kill()
        self._process.join(1.0)
        if not self._process.is_alive():
            self._process.close()


def _serve(pipe: Connection[Any, Any]) -> None:
    """The worker's life: it ends when the pipe does, that is, when its parent is gone."""
    # Ctrl+C in a terminal goes to every process of it; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)
    _be_quiet()
    with contextlib.suppress(EOFError, OSError):
        pipe.send("ready")
        while True:
            pipe.send(_answer(*pipe.recv()))


def _be_quiet() -> None:
    """What libav says about a broken file is said by our answer; nobody reads our error output."""
    import av.logging

    import veo_studio.core.posters  # noqa: F401 - before the first wish, whose time counts

    av.logging.set_libav_level(av.logging.PANIC)


def _answer(what: str, path: str, other: str, at_s: float | None) -> str:
    from veo_studio.core.poster_cache import note_made, tidy
    from veo_studio.core.posters import CacheUnusable, make_strip, make_thumbnail

    try:
        if what == Asked.TIDY:
            tidy(Path(path), int(other))
            return ""
        video, target = Path(path), Path(other)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CacheUnusable(f"The folder cannot be made ({error.strerror}).") from error
        if what == Asked.STRIP:
            make_strip(video, target)
        else:
            make_thumbnail(video, target, at_s=at_s)
        note_made(target, video)
    except CacheUnusable as error:
        return f"{Asked.NO_ROOM}{error}"
    except Exception as error:
        return str(error) or type(error).__name__
    return ""
