"""How long the window ever stands still: 50 running, 4 downloads at line rate, scrolling everything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import Connection

from benchmarks import clips, engine, service
from benchmarks.report import Figure, NotMeasured
from benchmarks.setting import Setting, child, environment, offscreen, percentile
from veo_studio.core.catalog import Catalog
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.core.store import ledger, moves
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.wallet import Wallet

_RUNNING = 50
_DOWNLOADS = 4
_FILE_BYTES = 300_000_000
_SECONDS = 60.0
_POLL_INTERVAL_S = 2.0


def measure(setting: Setting) -> list[Figure]:
    return [
        figure
        for view, words in (("history", "history"), ("library", "grid"))
        for figure in _measured(setting, view, words)
    ]


def _measured(setting: Setting, view: str, words: str) -> list[Figure]:
    home = _copy_without_clips(setting.library(), setting.scratch / view)
    folder = setting.scratch / f"served-{view}"
    folder.mkdir()
    small = clips.draw(setting.scratch / "small.mp4", width_px=320, height_px=180, seconds=1)
    clips.padded(small, folder / "big.mp4", max(1_000_000, int(_FILE_BYTES * setting.scale)))
    running = setting.times(_RUNNING, least=3)
    _ask_for(home, running, waiting_downloads=setting.times(60, least=8))
    Settings(concurrency={"gemini": running + _DOWNLOADS}).save(Paths.below(home).settings)
    result = setting.scratch / f"{view}.json"
    seconds = max(0.5, _SECONDS * setting.scale)
    with service.running(folder) as server:
        env = environment(
            home,
            **offscreen(setting.scratch),
            GEMINI_API_KEY=engine.KEY,
            VEO_STUDIO_GEMINI_URL=server.base_url,
            VEO_STUDIO_POLL_INTERVAL=str(_POLL_INTERVAL_S),
        )
        wanted = str(running + _DOWNLOADS)
        with child(
            "benchmarks.driven",
            str(result),
            wanted,
            str(seconds),
            view,
            env=env,
            goes_first=setting.goes_first,
        ) as run:
            try:
                run.wait(seconds + 60)
            except subprocess.TimeoutExpired as error:
                raise NotMeasured(f"the window did not get {wanted} generations running") from error
    if not result.exists():
        raise NotMeasured(f"the window ended early (exit code {run.returncode})")
    found = json.loads(result.read_text())
    arrived = sum(
        file.stat().st_size for file in Paths.below(home).outputs.iterdir() if file.is_file()
    )
    beats = found["intervals_ms"]
    shared = (
        f"{len(beats)} heartbeats in {found['seconds']:.0f} s, {found['running']} running, "
        f"{arrived / 1e6 / found['seconds']:.0f} MB/s arriving, {found['rows']} rows scrolled, "
        f"{found['cpu'] * 100:.0f} % of a core, load {os.getloadavg()[0]:.1f}"
    )
    return [
        Figure(f"event-loop gap, {words}, p99.9", percentile(beats, 99.9), 16, "ms", detail=shared),
        Figure(
            f"event-loop gap, {words}, longest",
            max(beats),
            50,
            "ms",
            detail=f"p50 {percentile(beats, 50):.1f}, p99 {percentile(beats, 99):.1f} ms, "
            f"{sum(beat > 16 for beat in beats)} over 16 ms, {sum(beat > 50 for beat in beats)} over 50 ms",
        ),
    ]


def _copy_without_clips(library: Path, home: Path) -> Path:
    source, target = Paths.below(library), Paths.below(home)
    target.ensure()
    for folder, copied in ((source.data, target.data), (source.cache, target.cache)):
        shutil.copytree(folder, copied, dirs_exist_ok=True)
    return home


def _ask_for(home: Path, running: int, *, waiting_downloads: int) -> None:
    """Store what the window will take up when it starts: first those that never end."""
    model = Catalog.load().find(engine.MODEL, "gemini")
    prompts = [f"A clip that never ends, number {number}" for number in range(running)]
    prompts += [
        f"A long clip {number}, done after 0 s as big.mp4" for number in range(waiting_downloads)
    ]
    requests = [engine.request(prompt) for prompt in prompts]
    new = [
        NewGeneration(request, price.tokens, price.cost_usd)
        for request in requests
        for price in [Wallet.estimate(model, request.config)]
    ]

    def work(connection: Connection) -> None:
        ledger.grant(connection, 10_000, moves.utc_now(), "benchmark")
        moves.create(connection, new, moves.utc_now())

    database = Database.open(Paths.below(home).database)
    try:
        database.write_now(work)
    finally:
        database.close()
