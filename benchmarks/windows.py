"""Starting watched windows and reading what they tell."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.report import NotMeasured
from benchmarks.setting import child, environment
from benchmarks.watched import ROWS, WINDOW

_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Seen:
    """Seconds from exec to each moment; `pid` while the process lives."""

    window_s: float
    rows_s: float | None
    pid: int


@contextlib.contextmanager
def started(
    home: Path, trace: Path, kind: str, *, platform: dict[str, str], stays: bool = False
) -> Iterator[Seen]:
    """A bare window or the program, until its last moment was told; ended with the block."""
    trace.unlink(missing_ok=True)
    wanted = ROWS if kind == "app" else WINDOW
    env = environment(home, **platform)
    exec_at = time.monotonic()
    with child("benchmarks.watched", str(trace), kind, "stay" if stays else "exit", env=env) as run:
        moments: dict[str, float] = {}
        while wanted not in moments:
            if trace.exists():
                lines = trace.read_text().splitlines(keepends=True)
                for line in lines:
                    if line.endswith("\n"):
                        moments.update(json.loads(line))
            ended = run.poll()
            if wanted not in moments and (
                time.monotonic() - exec_at > _PATIENCE_S or (ended is not None and ended != 0)
            ):
                raise NotMeasured(f"the {kind} window was not seen (exit code {ended})")
            time.sleep(0.02)
        rows = moments.get(ROWS)
        yield Seen(moments[WINDOW] - exec_at, None if rows is None else rows - exec_at, run.pid)


def pss_mb(pid: int) -> float:
    """Memory of a process and its children, shared pages counted in parts, in MB."""
    process = psutil.Process(pid)
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        rollup = Path(f"/proc/{one.pid}/smaps_rollup")
        if not rollup.is_file():
            raise NotMeasured("this system has no /proc/PID/smaps_rollup")
        for line in rollup.read_text().splitlines():
            if line.startswith("Pss:"):
                total += float(line.split()[1]) / 1024
    return total


def settle(pid: int, *, longest_s: float) -> None:
    """Wait until a process has no children left and uses next to no processor."""
    process = psutil.Process(pid)
    until = time.monotonic() + longest_s
    while time.monotonic() < until:
        before = sum(process.cpu_times()[:2])
        time.sleep(min(1.0, longest_s))
        is_quiet = sum(process.cpu_times()[:2]) - before < 0.03
        if is_quiet and not process.children():
            return
