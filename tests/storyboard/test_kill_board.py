"""A02, C02 of whole storyboards: kill -9 in every step, then again: nothing is paid twice, nothing is lost."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.core.studios import google, open_studio
from tests.storyboard.made_boards import a_board, files_in
from veo_studio.core.models import GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.providers.rehearsal.server import RehearsalServer
from veo_studio.core.storyboard.edits import change_scene
from veo_studio.core.storyboard.models import ModelRef, RunGoal, SceneState, Storyboard

_ROOT = Path(__file__).parents[2]
_OMNI = ModelRef("gemini", "gemini-omni-1.2-flash")
_PICTURES = ModelRef("gemini", "gemini-3.1-flash-image")
# Of the run: before and after it is stored, asked for, chosen and concluded. Of its generations: in the
# charge, while one is sent, after its answer, before and after a file has its name.
STEPS = ["S01", "S02", "S03", "S03:2", "S04", "S05", "S06"]
STEPS += ["K02:3", "K05", "K09:3", "K17", "K19:2"]


async def drive(
    goal: RunGoal = RunGoal.FILM, crash: str = "", kill_after_s: float | None = None
) -> tuple[int, dict[str, str]]:
    """Killed at a step, or after so many seconds, unless it ends before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storyboard.driver", goal.value,
        cwd=_ROOT,
        env={**os.environ, "VEO_STUDIO_CRASH": crash},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    speaking = asyncio.ensure_future(process.communicate())
    await asyncio.wait({speaking}, timeout=300 if kill_after_s is None else kill_after_s)
    if not speaking.done():
        process.kill()
    out, err = await speaking
    code = process.returncode or 0
    assert code in (0, -signal.SIGKILL), err.decode()
    return code, json.loads(out) if out.strip() else {}


def ledger() -> Counter[str]:
    connection = sqlite3.connect(Paths.default().database)
    try:
        return Counter(row[0] for row in connection.execute("SELECT kind FROM wallet_entries"))
    finally:
        connection.close()


async def store() -> Storyboard:
    board = a_board(2, resolution="640:360", picture_model=_PICTURES, clip_model=_OMNI)
    for scene in board.scenes:
        board = change_scene(board, scene.uuid, duration_s=3)
    async with open_studio() as studio:
        return await studio.storyboards.repository.create(board)


@pytest.mark.parametrize("step", STEPS)
async def test_a_killed_run_goes_on_and_pays_nothing_twice(
    step: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google", delay_s=0) as server:
        await store()
        code, _ = await drive(crash=step)
        assert code == -signal.SIGKILL, f"{step} was not passed"
        await conclude(server)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_run_that_is_killed_again_and_again_arrives(
    seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draw = random.Random(seed)
    async with google(monkeypatch, tmp_path / "google", delay_s=0) as server:
        await store()
        for _ in range(4):
            await drive(kill_after_s=draw.uniform(0.6, 2.5))
        await conclude(server)


async def conclude(server: RehearsalServer) -> None:
    """The next start makes what is left; what may have been accepted waits for a person."""
    code, told = await drive()
    if "Nothing is missing" in told.get("reason", ""):
        told = {"state": "done", "reason": ""}
    assert code == 0
    async with open_studio() as studio:
        (entry,) = await studio.storyboards.repository.entries()
        view = await studio.storyboards.runner.view(entry.uuid)
        stored = await studio.generations.page(limit=100)
        assert await studio.wallet.check() == []
    lost = [one for one in stored if one.state is GenerationState.UNKNOWN]
    booked = ledger()
    assert (booked["refund"], booked["again"]) == (0, 0)
    assert server.accepted_count <= booked["charge"] == len(stored) <= 4
    made = [one for one in stored if one.state is GenerationState.COMPLETED]
    assert len(files_in(Paths.default().outputs)) == len(made)
    if not lost:
        # two pictures and two clips, whenever it was killed
        assert told == {"state": "done", "reason": ""}
        assert [one.state for one in view.scenes] == [SceneState.DONE] * 2
        assert server.accepted_count == 4
        return
    # it was being sent in that moment: a person decides, and until then it is not sent again
    assert told["state"] == "waiting"
    assert "needs your decision" in told["reason"]
    assert any(one.state is SceneState.ATTENTION for one in view.scenes)
    accepted = server.accepted_count
    assert await drive() == (0, told)
    assert server.accepted_count == accepted
