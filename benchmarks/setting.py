"""What benchmarks share: the scratch folder, the demo library, child processes, percentiles."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import NotMeasured

ROOT = Path(__file__).resolve().parent.parent
LIBRARY_ROWS = 100_000
# says that a kept library is whole, and what `tools/demo_library.py` puts into one now
_MARK = "complete-3"
_OLD_MARKS = ("complete", "complete-2")


@dataclass
class Setting:
    """`scale` 1.0 is the full size; tests take less. `library` is made at first use and kept."""

    scratch: Path
    library_folder: Path
    library_rows: int = LIBRARY_ROWS
    scale: float = 1.0
    with_clips: int = 300
    # the measured window goes before all other work of the machine
    goes_first: bool = False
    _is_ready: bool = field(default=False, repr=False)

    def library(self) -> Path:
        """A data folder (VEO_STUDIO_HOME) with `library_rows` generations."""
        if not self._is_ready:
            if not (self.library_folder / _MARK).exists():
                from tools import demo_library

                if any((self.library_folder / mark).exists() for mark in _OLD_MARKS):
                    shutil.rmtree(self.library_folder)
                tell(
                    f"making a library of {self.library_rows} generations in {self.library_folder}"
                )
                demo_library.fill(
                    self.library_folder, self.library_rows, with_clips=self.with_clips
                )
                (self.library_folder / _MARK).touch()
            self._is_ready = True
        return self.library_folder

    def times(self, full: int, least: int = 1) -> int:
        """How often to repeat, scaled."""
        return max(least, round(full * self.scale))


def tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values: Sequence[float]) -> float:
    return percentile(values, 50)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a child process: its own data folder, no key and no keyring of the user's."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.endswith("_API_KEY") and not key.startswith("VEO_STUDIO_")
    }
    paths = [str(ROOT / "src"), str(ROOT)]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "VEO_STUDIO_HOME": str(home),
        **more,
    }


def _go_first() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, -20)


@contextlib.contextmanager
def child(
    module: str, *arguments: str, env: Mapping[str, str], goes_first: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """A Python process running `module`, ended with the block; its stdout is a pipe.

    One that `goes_first` has the highest priority (Linux, root only).
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=dict(env),
        cwd=ROOT,
        # a child that reads it sees the end when this process is gone
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_go_first if goes_first else None,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def offscreen(scratch: Path) -> dict[str, str]:
    """The environment for Qt's offscreen platform with a desktop's screen; its own is 800 x 800."""
    path = scratch / "screen.json"
    screen = {"name": "screen", "x": 0, "y": 0, "width": 1600, "height": 1000}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    path.write_text(json.dumps({"screens": [screen]}))
    return {"QT_QPA_PLATFORM": f"offscreen:configfile={path}"}


@contextlib.contextmanager
def virtual_screen() -> Iterator[str]:
    """An X display of its own, as DISPLAY; raises NotMeasured without Xvfb."""
    read, write = os.pipe()
    try:
        screen = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(write),
                "-screen",
                "0",
                "1600x1000x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        os.close(read)
        raise NotMeasured("Xvfb is not installed") from error
    finally:
        os.close(write)
    try:
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            raise NotMeasured("Xvfb does not start")
        yield f":{number}"
    finally:
        screen.terminate()
        screen.wait()
