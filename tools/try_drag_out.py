"""Drag clips off the shelf into another program, on a screen of its own, and tell what happened.

    python -m tools.try_drag_out [pcmanfm | thunar | firefox | chromium | shotcut | kdenlive] [--keep FOLDER]

Needs Xvfb, openbox, xdotool and the program (Debian packages of these names, and libxcb-cursor0 for Qt).
docs/drag-and-drop.md says what came of it. Nothing here is part of the tests: they run on bare machines.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_TARGET_AT, _TARGET_SIZE = (480, 40), (1160, 820)
_ZONE = """<!doctype html><meta charset=utf-8><title>waiting</title>
<body style="margin:0"><div id=zone style="height:100vh;background:#cde">Drop here</div><script>
addEventListener("dragover", e => { e.preventDefault(); e.dataTransfer.dropEffect = "copy" });
addEventListener("drop", async e => {
  e.preventDefault(); const told = [];
  for (const f of e.dataTransfer.files)
    told.push(f.name + " " + (await f.arrayBuffer()).byteLength + " bytes " + f.type);
  document.title = "DROPPED " + told.length + ": " + told.join(" | ");
  zone.textContent = document.title + "; offered: " + [...e.dataTransfer.types].join(", ");
});
</script>
"""
# the shelf with real clips; says where its first two rows are
_SHELF = """
import asyncio, json, sys
from pathlib import Path
from PyQt6.QtCore import Qt, QTimer
from veo_studio.app import _application
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.shelf_model import ShelfModel
from veo_studio.ui.views.shelf import ShelfWindow
from tools.try_drag_out import clip_rows

app = _application()
theme = Theme()
theme.apply(app, "light")
shelf = ShelfWindow(ShelfModel(None, lambda work, name: work.close()))
shelf.model.add(clip_rows([Path(one) for one in sys.argv[1:]]))
shelf.move(40, 60)
shelf.show()
shelf.list.selectAll()

def tell():
    rows = [shelf.list.visualRect(shelf.model.index(row, 0)).center() for row in range(2)]
    at = [shelf.list.viewport().mapToGlobal(row) for row in rows]
    print(json.dumps([[point.x(), point.y()] for point in at]), flush=True)

QTimer.singleShot(500, tell)
app.exec()
"""


def clip_rows(paths: list[Path]) -> list[Any]:
    """Finished generations with these files."""
    from datetime import UTC, datetime

    from veo_studio.core.models import (
        Charge,
        Generation,
        GenerationKind,
        GenerationState,
        VideoConfig,
    )

    now = datetime.now(UTC)
    return [
        Generation(
            id=number,
            uuid=f"drag-{number}",
            kind=GenerationKind.VIDEO,
            provider="rehearsal",
            model="rehearsal-1",
            prompt=path.stem.replace("_", " "),
            config=VideoConfig(),
            state=GenerationState.COMPLETED,
            state_cause="",
            charge=Charge.NOT_CHARGED,
            tokens=0,
            price_usd=None,
            created_at=now,
            updated_at=now,
            video_path=path,
            size_bytes=path.stat().st_size,
            length_s=4.0,
        )
        for number, path in enumerate(paths, 1)
    ]


class Screen:
    """An X screen with a window manager; everything started on it ends with it."""

    def __init__(self, stack: ExitStack, home: Path) -> None:
        self._stack = stack
        home.chmod(0o700)
        self.environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "XDG_RUNTIME_DIR": str(home),
            "QT_QPA_PLATFORM": "xcb",
            "PYTHONPATH": os.pathsep.join(["src", "."]),
        }
        self.environment.pop("WAYLAND_DISPLAY", None)
        reader, writer = os.pipe()
        size = "1680x900x24"
        self.start(
            [
                "Xvfb",
                "-displayfd",
                str(writer),
                "-screen",
                "0",
                size,
                "-nolisten",
                "tcp",
                "-noreset",
            ],
            pass_fds=(writer,),
        )
        os.close(writer)
        with os.fdopen(reader) as told:
            self.environment["DISPLAY"] = f":{told.readline().strip()}"
        manager = self.start(["openbox", "--sm-disable"])
        time.sleep(1)
        if manager.poll() is not None:
            raise RuntimeError("openbox did not stay")

    def start(self, command: list[str], **how: Any) -> subprocess.Popen[str]:
        how.setdefault("stdout", subprocess.DEVNULL)
        how.setdefault("stderr", subprocess.DEVNULL)
        process = subprocess.Popen(
            command, env=self.environment, text=True, start_new_session=True, **how
        )
        self._stack.callback(_end, process)
        return process

    def xdotool(self, *words: object) -> str:
        command = ["xdotool", *(str(word) for word in words)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=20, env=self.environment, check=False
        )
        return done.stdout.strip()

    def windows(self, what: str) -> list[str]:
        """The windows of a program, in the order of the window manager."""
        return self.xdotool("search", "--onlyvisible", "--class", what).split()

    def titles(self, what: str) -> list[str]:
        return [self.xdotool("getwindowname", one) for one in self.windows(what)]

    def drag(self, start: list[int], end: tuple[int, int]) -> None:
        """Move as a hand does: a press, a start, a way, a rest, a release."""
        (x, y), (to_x, to_y) = start, end
        self.xdotool("mousemove", x, y)
        time.sleep(0.2)
        self.xdotool("mousedown", 1)
        for step in range(1, 31):
            self.xdotool("mousemove", x + (to_x - x) * step // 30, y + (to_y - y) * step // 30)
            time.sleep(0.02)
        time.sleep(1.0)
        self.xdotool("mousemove", to_x + 2, to_y + 2)
        time.sleep(0.5)
        self.xdotool("mouseup", 1)

    def picture(self, path: Path) -> None:
        if shutil.which("ffmpeg") is None:
            return
        command = ["ffmpeg", "-v", "error", "-y", "-f", "x11grab", "-video_size", "1680x900"]
        command += ["-i", self.environment["DISPLAY"], "-frames:v", "1", str(path)]
        subprocess.run(command, env=self.environment, check=False, timeout=30)


def _end(process: subprocess.Popen[str]) -> None:
    """With whatever it started itself: each was given a group of its own."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
    if process.stdout is not None:
        process.stdout.close()


def soon(ask: Callable[[], T], limit_s: float = 20.0) -> T | None:
    """The first true answer; other programs have no signal that we could wait for."""
    ends = time.monotonic() + limit_s
    while time.monotonic() < ends:
        if answer := ask():
            return answer
        time.sleep(0.2)
    return None


def _commands(program: str, folder: Path) -> tuple[list[str], str]:
    """How to start it, and its window class."""
    target, zone = folder / "target", folder / "zone.html"
    target.mkdir(exist_ok=True)
    zone.write_text(_ZONE, encoding="utf-8")
    profile = folder / f"{program} profile"
    profile.mkdir(exist_ok=True)
    profile_of = [f"--user-data-dir={profile}", zone.as_uri()]
    return {
        "pcmanfm": (["pcmanfm", "--no-desktop", str(target)], "pcmanfm"),
        "thunar": (["thunar", str(target)], "thunar"),
        "firefox": (
            ["firefox", "--no-remote", "--profile", str(profile), zone.as_uri()],
            "firefox",
        ),
        "chromium": (
            # it refuses its sandbox to the superuser, and asks for a keyring
            ["chromium", "--no-sandbox", "--no-first-run", "--password-store=basic", *profile_of],
            "chromium",
        ),
        "shotcut": (["shotcut"], "shotcut"),
        "kdenlive": (["dbus-run-session", "--", "kdenlive"], "kdenlive"),
    }[program]


def _evidence(program: str, screen: Screen, folder: Path, clips: list[Path]) -> str:
    """What can be seen of a drop, waiting for it; "" for nothing."""
    if program in ("pcmanfm", "thunar"):
        copies = [folder / "target" / clip.name for clip in clips]

        def are_copied() -> bool:
            return all(
                copy.is_file() and copy.read_bytes() == clip.read_bytes()
                for copy, clip in zip(copies, clips, strict=True)
            )

        is_done = soon(are_copied)
        return f"{len(copies)} files copied whole, under their own names" if is_done else ""
    if program in ("firefox", "chromium"):
        found = soon(lambda: [one for one in screen.titles(program) if "DROPPED" in one])
        return found[0] if found else ""
    # editors mark a project that is not as it was saved
    found = soon(lambda: [one for one in screen.titles(program) if "*" in one], 8)
    return f"window title: {found[0]}" if found else ""


def attempt(program: str, folder: Path, at: tuple[int, int] | None, wait_s: float) -> int:
    clips = [folder / "clips" / f"20261121_2100{n:02}_A_paper_boat_{n}.mp4" for n in (1, 2)]
    clips[0].parent.mkdir(parents=True, exist_ok=True)
    for number, clip in enumerate(clips):
        _draw(clip, number)
    with ExitStack() as stack:
        screen = Screen(stack, folder)
        command, name = _commands(program, folder)
        screen.start(command)
        found = soon(lambda: screen.windows(name), 90)
        if not found:
            print(f"{program}: no window")
            return 1
        time.sleep(wait_s)
        for window in screen.windows(name):
            screen.xdotool("windowsize", window, *_TARGET_SIZE)
            screen.xdotool("windowmove", window, *_TARGET_AT)
        time.sleep(2)
        source = screen.start(
            [sys.executable, "-c", _SHELF, *map(str, clips)], stdout=subprocess.PIPE
        )
        assert source.stdout is not None
        rows = json.loads(source.stdout.readline())
        screen.picture(folder / f"{program}-before.png")
        middle = tuple(a + b // 2 for a, b in zip(_TARGET_AT, _TARGET_SIZE, strict=True))
        screen.drag(rows[0], at or middle)  # type: ignore[arg-type]
        told = _evidence(program, screen, folder, clips)
        time.sleep(2)
        screen.picture(folder / f"{program}-after.png")
        print(f"{program}: {told or 'nothing to be seen from outside; look at the pictures'}")
        print(f"pictures: {folder}/{program}-before.png, -after.png")
        is_alive = source.poll() is None
        print(f"the shelf {'goes on' if is_alive else 'ENDED'}")
        return 0 if told and is_alive else 1


def _draw(clip: Path, number: int) -> None:
    from benchmarks import clips

    if not clip.exists():
        clips.draw(clip, width_px=640, height_px=360, seconds=2 + number)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", nargs="?", default="pcmanfm")
    parser.add_argument("--keep", type=Path, help="a folder for pictures and files")
    parser.add_argument(
        "--at", help="X,Y on the screen to let go at; the middle of the program else"
    )
    parser.add_argument(
        "--wait", type=float, default=3.0, help="seconds the program needs to settle"
    )
    given = parser.parse_args()
    missing = [
        one for one in ("Xvfb", "openbox", "xdotool", given.program) if not shutil.which(one)
    ]
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    at = tuple(int(one) for one in given.at.split(",")) if given.at else None
    if given.keep is not None:
        given.keep.mkdir(parents=True, exist_ok=True)
        return attempt(given.program, given.keep.absolute(), at, given.wait)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        return attempt(given.program, Path(folder), at, given.wait)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
