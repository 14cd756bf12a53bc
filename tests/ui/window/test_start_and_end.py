"""The program as a process: how it starts, why it does not, and how it ends."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

_RUN = """
import sys
from veo_studio.app import run_window
from veo_studio.core.paths import Paths
{before}
if __name__ == "__main__":
    sys.exit(run_window(Paths.default()))
"""

# Ends the program as soon as the core is open, after saying what is asked of it.
_WHEN_OPEN = """
import veo_studio.app as app
opened = app.Program._open
async def say(self):
    await opened(self)
    print("open", flush=True)
    {then}
app.Program._open = say
"""

_AT_FIRST_PAINT = """
import veo_studio.app as app
waited = app._first_paint
async def say(window):
    await waited(window)
    print("painted", window.isVisible(), *sorted(sys.modules), flush=True)
    window.close()
app._first_paint = say
"""

# What PyQt finds of the window when the process ends: it would delete it in the middle of its walk.
_AT_THE_END = """
import atexit
def say():
    from PyQt6.QtWidgets import QApplication
    print("left", len(QApplication.allWidgets()), flush=True)
atexit.register(say)
"""

# Every tab is shown and every window that has a command is opened, then the program is closed.
_WITH_WINDOWS = """
import asyncio
import veo_studio.app as app
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QTabBar
WINDOWS = [
    "Batch from a file…", "Details of the clip", "Wallet…", "Settings…", "Keyboard shortcuts",
    "Deliveries…", "Targets…", "What is delivered by itself…", "Free space…", "Shelf", "About Veo Studio",
]
opened = app.Program._open
async def say(self):
    await opened(self)
    self.window.scope.spawn(show(self.window), name="showing everything")
async def show(window):
    for bar in window.findChildren(QTabBar):
        for index in range(bar.count()):
            bar.setCurrentIndex(index)
            await asyncio.sleep(0)
    actions = {one.text().replace("&", ""): one for one in window.findChildren(QAction)}
    for name in WINDOWS:
        actions[name].trigger()
        await asyncio.sleep(0.2)
    window.close()
app.Program._open = say
"""

HEAVY = {
    "sqlalchemy", "aiohttp", "alembic", "av", "keyring", "PIL", "numpy", "pyqtgraph", "qtawesome", "typer",
}  # fmt: skip


def start(home: Path, before: str = "") -> subprocess.Popen[str]:
    script = home.parent / "start.py"
    script.write_text(_RUN.format(before=before), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> str:
    """What people read on stderr, without what libraries say about a machine without sound and
    without windows."""
    _out, err = process.communicate(timeout=20)
    quiet = ("pipewire", "audio", "does not support raise()")
    lines = [line for line in err.splitlines() if not any(word in line for word in quiet)]
    return "\n".join(lines).strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_as_the_close_button_does(studio_home, number):
    process = start(studio_home, _WHEN_OPEN.format(then="pass"))
    assert process.stdout.readline() == "open\n"
    process.send_signal(number)
    sent = time.monotonic()
    assert told(process) == ""
    assert process.returncode == 0
    assert time.monotonic() - sent < 2.0
    assert (studio_home / "config" / "settings.json").exists()


def test_a_close_while_the_library_opens_is_clean(studio_home):
    process = start(studio_home, _AT_FIRST_PAINT)
    assert told(process) == ""
    assert process.returncode == 0


def test_the_window_is_on_the_screen_before_anything_heavy_is_imported(studio_home):
    process = start(studio_home, _AT_FIRST_PAINT)
    words = process.stdout.readline().split()
    process.communicate(timeout=20)
    assert words[:2] == ["painted", "True"]
    assert HEAVY & set(words) == set()
    assert "PyQt6.QtMultimedia" not in words


@pytest.mark.parametrize(
    "when",
    [
        _AT_FIRST_PAINT,
        _WHEN_OPEN.format(then="self.window.close()"),
        _WITH_WINDOWS,
    ],
    ids=["at the first paint", "when it is open", "with windows open"],
)
def test_nothing_of_the_window_is_left_when_the_process_ends(studio_home, when):
    process = start(studio_home, _AT_THE_END + when)
    out, _err = process.communicate(timeout=20)
    assert out.splitlines()[-1] == "left 0"
    assert process.returncode == 0


def test_a_database_of_a_newer_version_is_left_alone(studio_home):
    process = start(studio_home, _WHEN_OPEN.format(then="self.window.close()"))
    assert told(process) == ""
    database = studio_home / "data" / "veo-studio.db"
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 9999")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = {path: path.read_bytes() for path in (studio_home / "data").glob("veo-studio.db*")}
    settings = (studio_home / "config" / "settings.json").read_bytes()
    process = start(studio_home, _AT_THE_END)
    left = process.stdout.readline()
    sentence = told(process)
    assert process.returncode == 6
    assert left == "left 0\n"
    assert sentence.count("\n") == 0
    assert "newer" in sentence
    assert {path: path.read_bytes() for path in before} == before
    assert (studio_home / "config" / "settings.json").read_bytes() == settings


def test_a_folder_that_cannot_be_written_is_named(studio_home):
    studio_home.parent.mkdir(parents=True, exist_ok=True)
    studio_home.write_text("a file where the folder should be")
    process = start(studio_home)
    sentence = told(process)
    assert process.returncode == 6
    assert sentence.count("\n") == 0
    assert str(studio_home) in sentence
    assert studio_home.read_text() == "a file where the folder should be"
