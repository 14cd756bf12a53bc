"""The child process that renders one clip, and the handle by which the server follows it.

The heavy imports happen in the child only. The child ends by itself when the program that started
it is gone, even if that was killed.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from veo_studio.core.providers.rehearsal.spec import RenderSpec

_START_LOCK = threading.Lock()


@dataclass(frozen=True)
class Rendered:
    """A finished file."""

    size_bytes: int
    sha256: str


class RenderError(Exception):
    """The worker could not draw the clip; the message is one sentence for people."""


class RenderProcess:
    """One render in a child process; `run` blocks, `cancel` may come from another thread."""

    def __init__(
        self,
        spec: RenderSpec,
        path: Path,
        on_progress: Callable[[float], None] | None = None,
    ) -> None:
        self._spec = spec
        self._path = path
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._is_cancelled = False

    @property
    def pid(self) -> int | None:
        process = self._process
        return None if process is None else process.pid

    def run(self) -> Rendered | None:
        """Render to a temporary name, then rename; None when cancelled. Raises RenderError."""
        partial = self._path.with_name(self._path.name + ".part")
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(
            target=render_to_file,
            args=(self._spec, str(partial), str(self._path), sender),
            name="veo-studio-rehearsal",
            daemon=True,
        )
        with receiver:
            with self._lock:
                if self._is_cancelled:
                    sender.close()
                    return None
                with _START_LOCK, _bare_main():
                    process.start()
                self._process = process
            sender.close()
            result = self._follow(receiver)
            process.join()
            code = process.exitcode
            with self._lock:
                self._process = None
            process.close()
        if isinstance(result, Rendered):
            return result
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        if self._is_cancelled:
            return None
        raise RenderError(result or f"The renderer stopped unexpectedly (exit code {code}).")

    def cancel(self) -> None:
        with self._lock:
            self._is_cancelled = True
            if self._process is not None:
                self._process.kill()

    def _follow(self, receiver: Connection) -> Rendered | str | None:
        result: Rendered | str | None = None
        while True:
            try:
                message = receiver.recv()
            except (EOFError, OSError):
                return result
            if isinstance(message, float):
                if self._on_progress is not None:
                    self._on_progress(message)
            else:
                result = message


@contextlib.contextmanager
def _bare_main() -> Iterator[None]:
    """Hide the main module while a child starts.

    Otherwise the child would import it: slow for the window, and endless for a user's script that
    lacks the `if __name__ == "__main__"` guard.
    """
    main = sys.modules.get("__main__")
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        if main is not None:
            sys.modules["__main__"] = main


def render_to_file(spec: RenderSpec, partial: str, final: str, answers: Connection) -> None:
    """Entry point of the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    with contextlib.suppress(AttributeError, OSError):
        os.nice(5)
    try:
        from veo_studio.core.providers.rehearsal.renderer import render

        def tell(fraction: float) -> None:
            answers.send(float(fraction))

        render(spec, Path(partial), tell)
        digest = hashlib.sha256()
        with open(partial, "rb+") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
            os.fsync(stream.fileno())
            size = os.fstat(stream.fileno()).st_size
        os.replace(partial, final)
        answers.send(Rendered(size, digest.hexdigest()))
    except Exception as error:  # the boundary of the process: every reason becomes an answer
        with contextlib.suppress(OSError):
            answers.send(f"The renderer failed: {type(error).__name__}: {error}")
    finally:
        answers.close()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
