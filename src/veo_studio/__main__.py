"""Start: the window without arguments, a command with them. Nothing heavy is imported before that."""

from __future__ import annotations

import gc
import importlib
import os
import re
import sys
from contextlib import suppress


def main() -> int:
    """Run the program with the arguments of the process; returns its exit code."""
    _fill_standard_files()
    try:
        if len(sys.argv) == 1:
            return _window()
        from veo_studio.cli import main as run_command

        return run_command(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    finally:
        _let_go_of_output()


def _window() -> int:
    # nothing that a start makes is garbage; the window collects from when it is open
    gc.disable()
    # what works beside the window (disk, database) hands the interpreter back after so many seconds
    # at most: with the 5 ms that Python gives it, a turn of the loop that waits three times is too long
    sys.setswitchinterval(0.0005)
    from veo_studio.cli.display import display_problem, library_problem, plugin_problem

    problem = display_problem()
    if problem:
        from veo_studio.cli import sample

        return sample(problem)
    problem = plugin_problem()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    from veo_studio.core.errors import StudioError
    from veo_studio.core.paths import Paths

    try:
        # Asked for by name: libraries that look for any Qt hide why there is none.
        importlib.import_module("PyQt6.QtWidgets")
        from veo_studio.app import run_window

        return run_window(Paths.default())
    except ImportError as error:
        missing = re.match(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object", str(error))
        if missing is None:
            raise
        sys.stderr.write(f"{library_problem([missing[1]])}\n")
        return 1
    except StudioError as error:
        sys.stderr.write(f"{error.whole}\n")
        return 6


def _fill_standard_files() -> None:
    """Take the numbers 0 to 2 where a caller closed them, before a database gets one of them."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    # Python has no stream for a file that was closed, nor for a window without a console (Windows).
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def _let_go_of_output() -> None:
    """A reader that has gone away must not end in a traceback while Python shuts down."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()
    sys.exit(main())
