"""A process that migrates files and is killed at one statement after the other.

`dying.py FOLDER`: each FOLDER/NUMBER holds a library; the opening of it dies of SIGKILL just before
its NUMBER-th statement, the first one that lives through is the last. What alembic and SQLAlchemy
cost to import is paid once: every opening is a fork.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

import veo_studio.core.store.migrations.runner  # noqa: F401 (before the forks)
from veo_studio.core.store.database import Database


def die_at(number: int) -> None:
    """Count the statements of every engine, and what begins and ends a transaction."""
    left = number

    def count(*_arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


def main(folder: Path, step: int) -> None:
    number = 1
    while True:
        library = folder / str(number)
        shutil.copytree(folder / "before", library)
        child = os.fork()
        if child == 0:
            die_at(number)
            try:
                Database.open(library / "veo-studio.db").close()
            except BaseException as error:
                print(repr(error), flush=True)
                os._exit(1)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status))
        number += step


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
