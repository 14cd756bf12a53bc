"""A clip is dragged out of the window into a real file manager, on a screen of its own.

Needs the programs Xvfb, openbox, xdotool and pcmanfm (Debian packages xvfb, openbox, xdotool,
pcmanfm, and libxcb-cursor0 for Qt).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

_NEEDED = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "pcmanfm": "pcmanfm"}

# Makes one clip, says where its row is on the screen, and stays.
_WINDOW = """
import asyncio, json, sys
import veo_studio.app as app
from PyQt6.QtCore import QPoint
from veo_studio.core.paths import Paths

opened = app.Program._open

async def work(self):
    window = self.window
    window.setGeometry(0, 40, 1000, 700)
    await opened(self)
    finished = asyncio.get_running_loop().create_future()
    window.watcher.finished.connect(
        lambda generation: finished.done() or finished.set_result(generation)
    )
    self.form.set_prompt("A clip to drag")
    self.form.set_duration(2)
    self.form.set_resolution("480p")
    await self.form.submit()
    generation = await finished
    window.player.pause()
    rows = window.history.list
    row = rows.visualRect(self.history.index_of(generation.id)).center()
    player = window.player.rect().center() - QPoint(0, 60)
    print(json.dumps({
        "path": str(generation.video_path),
        "history": [getattr(rows.viewport().mapToGlobal(row), axis)() for axis in "xy"],
        "player": [getattr(window.player.mapToGlobal(player), axis)() for axis in "xy"],
    }), flush=True)

app.Program._open = work
if __name__ == "__main__":
    sys.exit(app.run_window(Paths.default()))
"""


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    """An X screen with a window manager; what is entered into it ends with it."""
    missing = sorted(package for name, package in _NEEDED.items() if shutil.which(name) is None)
    if missing:
        pytest.fail(f"This test needs the packages {', '.join(missing)}: apt-get install them.")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        folder = tmp_path / name.lower()
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder))
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with ExitStack() as stack:
        reader, writer = os.pipe()
        server = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1680x900x24", "-nolisten"]
        start(stack, [*server, "tcp"], pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as told:
            monkeypatch.setenv("DISPLAY", f":{told.readline().strip()}")
        start(stack, ["openbox", "--sm-disable"])
        yield stack


def start(stack: ExitStack, command: list[str], **how: object) -> subprocess.Popen[str]:
    """Start a program that is ended with the screen."""
    how.setdefault("stdout", subprocess.DEVNULL)
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, text=True, **how)

    def end() -> None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    stack.callback(end)
    return process


def xdotool(*words: object) -> str:
    command = ["xdotool", *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout.strip()


def soon(ask: Callable[[], T], what: str, limit_s: float = 15.0) -> T:
    """The first true answer; other programs have no signal that we could wait for."""
    ends = time.monotonic() + limit_s
    while time.monotonic() < ends:
        if answer := ask():
            return answer
        time.sleep(0.05)
    pytest.fail(f"{what} did not happen within {limit_s:.0f} s")


def drag(start_at: list[int], end_at: tuple[int, int]) -> None:
    """Move as a hand does: a press, a start, a way, a rest, a release."""
    (x, y), (to_x, to_y) = start_at, end_at
    xdotool("mousemove", x, y)
    time.sleep(0.1)
    xdotool("mousedown", 1)
    for step in range(1, 21):
        xdotool("mousemove", x + (to_x - x) * step // 20, y + (to_y - y) * step // 20)
        time.sleep(0.02)
    time.sleep(0.3)
    xdotool("mouseup", 1)


def test_clips_are_dragged_into_a_file_manager(screen: ExitStack, tmp_path: Path, studio_home):
    program = tmp_path / "program.py"
    program.write_text(_WINDOW, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    window = start(screen, [sys.executable, str(program)], env=environment, stdout=subprocess.PIPE)
    target = tmp_path / "target"
    target.mkdir()
    start(screen, ["pcmanfm", "--no-desktop", str(target)])
    found = soon(
        lambda: xdotool("search", "--onlyvisible", "--class", "pcmanfm").split(),
        "the file manager",
    )[-1]
    told = json.loads(window.stdout.readline())
    clip = Path(told["path"])
    xdotool("windowsize", found, 600, 600, "windowmove", found, 1040, 60)
    soon(lambda: "X=10" in xdotool("getwindowgeometry", "--shell", found), "the move")
    for pane in ("history", "player"):
        drag(told[pane], (1500, 520))
        copy = soon(lambda: next(target.glob("*.mp4"), None), f"the drop out of the {pane}")
        soon(lambda copy=copy: copy.stat().st_size == clip.stat().st_size, "the copy")
        assert copy.read_bytes() == clip.read_bytes()
        assert copy.name == clip.name
        copy.unlink()
    assert window.poll() is None
