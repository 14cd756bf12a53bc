"""Scrolling a hundred thousand rows, in rows and as a grid, and a thousand clips that come in meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.report import Figure, NotMeasured
from benchmarks.setting import Setting, child, environment, offscreen, percentile
from veo_studio.core.paths import Paths

_STEPS = 600
_CLIPS = 1_000
_PATIENCE_S = 180
_WORDS = {
    "wheel": "wheel steps",
    "thumb": "drags of the thumb",
    "import": "steps with clips coming in",
}


def measure(setting: Setting) -> list[Figure]:
    figures = []
    for view, words in (("history", "list"), ("library", "grid")):
        found = _rolled(setting, view)
        for part, what in _WORDS.items():
            figures += _figures(found, part, f"{words}, {what}")
        shared = f"{found['imported']} clips into {found['rows']} rows, {found['loaded']} loaded"
        figures.append(Figure(f"{words}, jumps", found["jumps"], 0, "", detail=shared))
    return figures


def _figures(found: dict[str, dict[str, list[float]]], part: str, name: str) -> list[Figure]:
    paints, beats = found["paints_ms"][part], found["beats_ms"][part]
    load = os.getloadavg()[0]
    detail = (
        f"p50 {percentile(beats, 50):.1f}, p99 {percentile(beats, 99):.1f}, longest "
        f"{max(beats):.0f} ms; to move and paint {percentile(paints, 50):.1f} ms, p99 "
        f"{percentile(paints, 99):.1f} ms ({len(paints)} steps, load {load:.1f})"
    )
    return [Figure(f"{name}: gap, p99.9", percentile(beats, 99.9), 16, "ms", detail=detail)]


def _rolled(setting: Setting, view: str) -> dict[str, dict[str, list[float]]]:
    home = setting.scratch / view
    source, target = Paths.below(setting.library()), Paths.below(home)
    target.ensure()
    for folder, copied in ((source.data, target.data), (source.cache, target.cache)):
        shutil.copytree(folder, copied, dirs_exist_ok=True)
    result = setting.scratch / f"{view}.json"
    arguments = (str(result), view, str(setting.times(_STEPS, 40)), str(setting.times(_CLIPS, 60)))
    env = environment(home, **offscreen(setting.scratch))
    with child("benchmarks.rolled", *arguments, env=env, goes_first=setting.goes_first) as run:
        try:
            run.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            raise NotMeasured(f"scrolling the {view} did not end") from error
    if not result.exists():
        raise NotMeasured(f"the window ended early (exit code {run.returncode})")
    return json.loads(Path(result).read_text())  # type: ignore[no-any-return]
