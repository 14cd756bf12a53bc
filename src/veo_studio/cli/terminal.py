"""What reaches the terminal: results on stdout, sentences on stderr, and signals as one clean end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from veo_studio.core.log import redact

# Nothing may hold up the end for longer than this after Ctrl+C.
_LAST_RESORT_S = 5.0


class ExitCode(IntEnum):
    """What scripts can rely on (design: section 6); 1 is a bug of ours."""

    DONE = 0
    BUG = 1
    BAD_INPUT = 2
    PROVIDER_FAILED = 3
    BUDGET = 4
    WAITING = 5
    STORAGE = 6
    INTERRUPTED = 130


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` as one line that cannot act on a terminal: controls and direction marks are spelled out."""
    return _CONTROLS.sub(
        lambda match: " " if match.group() in "\n\t" else ascii(match.group())[1:-1], text
    )


class _Console(Console):
    """Goes quiet where the reader has gone away; rich would end the program with code 1."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


class Output:
    """The two streams of one command; `is_json` means that stdout gets one document and nothing else."""

    def __init__(self, *, is_json: bool = False) -> None:
        self.is_json = is_json
        for stream in (sys.stdout, sys.stderr):
            if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
                reconfigure(errors="backslashreplace")
        self._errors = _Console(stderr=True, highlight=False, markup=False, emoji=False)

    @property
    def errors(self) -> Console:
        """stderr, for progress bars."""
        return self._errors

    def say(self, sentence: str) -> None:
        """One line on stderr."""
        with contextlib.suppress(OSError):
            sys.stderr.write(plain(redact(sentence)) + "\n")
            sys.stderr.flush()

    def path(self, path: Path) -> None:
        """A file name on stdout, byte for byte as the file system has it."""
        with _reader_may_be_gone():
            sys.stdout.flush()
            sys.stdout.buffer.write(os.fsencode(path) + b"\n")
            sys.stdout.buffer.flush()

    def text(self, line: str) -> None:
        """One line on stdout."""
        with _reader_may_be_gone():
            sys.stdout.write(plain(line) + "\n")
            sys.stdout.flush()

    def raw(self, text: str) -> None:
        """A whole file on stdout, line ends and all."""
        with _reader_may_be_gone():
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
            sys.stdout.buffer.flush()

    def json(self, document: Any) -> None:
        """The one JSON document; ASCII, so that it survives every locale and terminal."""
        with _reader_may_be_gone():
            sys.stdout.write(json.dumps(document, indent=2) + "\n")
            sys.stdout.flush()

    def table(self, table: Table) -> None:
        """A table on stdout; as wide as it needs to be where stdout is not a terminal."""
        with _reader_may_be_gone():
            width = None if sys.stdout.isatty() else 240
            _Console(file=sys.stdout, highlight=False, emoji=False, width=width).print(table)
            sys.stdout.flush()

    def error(self, message: str, kind: str) -> None:
        """A failure without a stored generation: the sentence, and a document for scripts."""
        self.say(message)
        if self.is_json:
            self.json({"status": "error", "error": redact(message), "error_kind": kind})

    def ask(self, question: str) -> bool:
        """Yes or no on the terminal; see `can_ask`."""
        return ask(redact(question))


@contextlib.contextmanager
def _reader_may_be_gone() -> Iterator[None]:
    """`| head` ends its reader early: the work is done all the same, so nothing is said."""
    try:
        yield
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_until_done(work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run `work` on a loop of its own; Ctrl+C and SIGTERM cancel it once and then wait for its end.

    `work` turns the cancellation into its own words and exit code.
    """

    async def guarded() -> int:
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        is_ending = False

        def end() -> None:
            nonlocal is_ending
            # `timeout` and some shells send the signal twice; the first one is enough.
            if is_ending:
                return
            is_ending = True
            last_resort = threading.Timer(_LAST_RESORT_S, lambda: os._exit(ExitCode.INTERRUPTED))
            last_resort.daemon = True
            last_resort.start()
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, end)
            except (NotImplementedError, RuntimeError, ValueError):
                with contextlib.suppress(ValueError):
                    signal.signal(number, lambda *_: loop.call_soon_threadsafe(end))
        try:
            return await work()
        except asyncio.CancelledError:
            return ExitCode.INTERRUPTED

    return asyncio.run(guarded())


def can_ask() -> bool:
    """True where a person can read a question and answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> bool:
    """Yes or no on the terminal, question on stderr; Ctrl+C and Ctrl+D mean no."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.stderr.write(f"{plain(question)} [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except (KeyboardInterrupt, OSError, ValueError):
        with contextlib.suppress(OSError):
            sys.stderr.write("\n")
        return False
    finally:
        signal.signal(signal.SIGINT, previous)
