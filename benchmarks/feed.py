"""Scrolling a feed of a thousand published clips, which play where the scrolling rests."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import clips
from benchmarks.report import Figure, NotMeasured
from benchmarks.setting import Setting, child, environment, offscreen, percentile
from veo_studio.core.paths import Paths

_CLIPS = 1_000
_DISTINCT = 6
_STEPS = 900
_PATIENCE_S = 240
_WORDS = {
    "wheel": "wheel, resting now and then",
    "thumb": "drags of the thumb",
    "playing": "standing still while a clip plays",
}


def measure(setting: Setting) -> list[Figure]:
    home = setting.scratch / "home"
    count = _published(setting, home)
    result = setting.scratch / "feed.json"
    arguments = (str(result), str(setting.times(_STEPS, 60)), str(count))
    env = environment(home, **offscreen(setting.scratch))
    with child("benchmarks.fed", *arguments, env=env, goes_first=setting.goes_first) as run:
        try:
            run.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            raise NotMeasured("scrolling the feed did not end") from error
    if not result.exists():
        raise NotMeasured(f"the window ended early (exit code {run.returncode})")
    found = json.loads(result.read_text())
    figures = [_figure(found, part, words) for part, words in _WORDS.items()]
    detail = (
        f"{found['cards']} cards of 1280 x 720, {found['played']} played on the way; "
        f"{found['pictures']} pictures shown"
    )
    return [*figures, Figure("feed, clips open at once", found["open"], 1, "", detail=detail)]


def _figure(found: dict[str, Any], part: str, words: str) -> Figure:
    beats, busy = found["beats_ms"][part], found["busy_ms"][part]
    detail = (
        f"p50 {percentile(beats, 50):.1f}, p99 {percentile(beats, 99):.1f}, longest "
        f"{max(beats):.0f} ms; the window's own work p99.9 {percentile(busy, 99.9):.1f}, longest "
        f"{max(busy):.1f} ms ({len(beats)} beats, load {os.getloadavg()[0]:.1f})"
    )
    return Figure(f"feed, {words}: gap, p99.9", percentile(beats, 99.9), 16, "ms", detail=detail)


def _published(setting: Setting, home: Path) -> int:
    """A library whose newest finished clips are published, each with a file; how many they are."""
    source, target = Paths.below(setting.library()), Paths.below(home)
    target.ensure()
    shutil.copytree(source.data, target.data, dirs_exist_ok=True)
    # no cache: the covers are made while it is scrolled, as at the first time
    drawn = [
        clips.draw(
            setting.scratch / f"{number}.mp4",
            width_px=1280 if setting.scale >= 1 else 320,
            height_px=720 if setting.scale >= 1 else 180,
            seconds=2,
        )
        for number in range(_DISTINCT if setting.scale >= 1 else 1)
    ]
    _migrated(target.database)
    count = setting.times(_CLIPS, 40)
    now = datetime.now(UTC)
    connection = sqlite3.connect(target.database)
    try:
        ids = [
            row[0]
            for row in connection.execute(
                "SELECT id FROM generations WHERE state = 'completed' AND kind = 'video' "
                "AND deleted_at IS NULL ORDER BY created_at DESC LIMIT ?",
                (count,),
            )
        ]
        for number, one in enumerate(ids):
            path = target.outputs / f"published {one}.mp4"
            os.link(drawn[number % len(drawn)], path)
            at = (now - timedelta(minutes=number)).isoformat(timespec="microseconds")
            connection.execute(
                "UPDATE generations SET video_path = ?, published_at = ?, caption = ? WHERE id = ?",
                (str(path), at, f"Number {number}: what was made of it, in a line or two", one),
            )
        connection.commit()
    finally:
        connection.close()
    return len(ids)


def _migrated(database: Path) -> None:
    """A kept library may be of an older version."""
    from veo_studio.core.store.database import Database

    Database.open(database).close()
