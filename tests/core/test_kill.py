"""A02, C02: kill -9 at any moment of a real process, then `collect`: one file, one charge."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import Process
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from veo_studio.core import download
from veo_studio.core.json_view import generation_json
from veo_studio.core.paths import Paths
from veo_studio.core.providers.rehearsal.server import RehearsalServer
from veo_studio.core.store.database import Database
from veo_studio.core.store.repositories import GenerationRepository

ARGUMENTS = ("generate", "A paper boat", "--json", "--yes")
# states of the row at which the process is killed, and seconds it is given after reaching them
MOMENTS = [
    ("pending", 0.0),
    ("submitting", 0.0),
    ("processing", 0.0),
    ("processing", 0.3),
    ("downloading", 0.0),
    ("downloading", 0.02),
    ("completed", 0.0),
]


async def start(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "veo_studio",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def finished(process: Process) -> tuple[int, Any, str]:
    async with asyncio.timeout(180):
        out, err = await process.communicate()
    return process.returncode or 0, json.loads(out) if out.strip() else None, err.decode()


async def stored(paths: Paths) -> list[dict[str, Any]]:
    """What `history --json` tells."""
    database = Database.open(paths.database)
    try:
        page = await GenerationRepository(database).page()
        return [generation_json(generation) for generation in page]
    finally:
        database.close()


def states_seen(database: Path) -> list[str]:
    """Every state that any row has had so far; empty while there is no database yet."""
    try:
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
        try:
            return [row[0] for row in connection.execute("SELECT to_state FROM state_changes")]
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return []


async def kill_at(process: Process, state: str, seconds_later: float) -> None:
    """SIGKILL as soon as a row has reached `state`; the poll is a read of the file, nothing of ours."""
    database = Paths.default().database
    async with asyncio.timeout(90):
        # another process cannot wake us, so its file is read again and again
        while state not in states_seen(database) and process.returncode is None:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    await asyncio.sleep(seconds_later)
    if process.returncode is None:
        os.kill(process.pid, signal.SIGKILL)
    await process.communicate()


def ledger(database: Path) -> Counter[str]:
    connection = sqlite3.connect(database)
    try:
        return Counter(row[0] for row in connection.execute("SELECT kind FROM wallet_entries"))
    finally:
        connection.close()


def check_files(paths: Paths, clips: list[dict[str, Any]]) -> None:
    # a program that is killed right before it writes a recipe leaves none
    found = {str(path) for path in paths.outputs.iterdir() if path.suffix != ".json"}
    assert found == {clip["video_path"] for clip in clips}
    recipes = {path.stem for path in paths.outputs.glob("*.json")}
    assert recipes <= {Path(clip["video_path"]).stem for clip in clips}
    for clip in clips:
        path = Path(clip["video_path"])
        download.check_mp4(path)
        assert download.sha256_of(path) == clip["sha256"]


@pytest.mark.parametrize(("state", "seconds_later"), MOMENTS)
async def test_rehearsal_survives_kill_9(state: str, seconds_later: float) -> None:
    process = await start(*ARGUMENTS, "--duration", "2", "--resolution", "480p")
    await kill_at(process, state, seconds_later)
    paths = Paths.default()
    code, clips, errors = await finished(await start("collect", "--json"))
    assert code == 0, errors
    history = await stored(paths)
    assert [clip["status"] for clip in history] == ["completed"], (clips, errors)
    check_files(paths, history)
    assert ledger(paths.database) == Counter(grant=1, charge=1)


@pytest.mark.parametrize(("state", "seconds_later"), MOMENTS)
async def test_a_paid_generation_survives_kill_9(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: str, seconds_later: float
) -> None:
    async with RehearsalServer(tmp_path / "google") as server:
        monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", server.base_url)
        monkeypatch.setenv("GEMINI_API_KEY", "AIzaSy-test-key-0123456789")
        monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.1")
        process = await start(*ARGUMENTS, "--duration", "3", "--resolution", "360p")
        await kill_at(process, state, seconds_later)
        accepted = server.accepted_count
        paths = Paths.default()
        code, _, errors = await finished(await start("collect", "--json"))
        # collect sends nothing that costs anything
        assert server.accepted_count == accepted <= 1
        history = await stored(paths)
        (clip,) = history
        booked = ledger(paths.database)
        # what the provider counted is booked at most once
        assert booked - Counter(correction=1) == Counter(grant=1, charge=1)
        if clip["operation_id"] is None:
            # killed before the answer was stored: it may be billed, so a person decides
            assert clip["status"] in ("unknown", "pending"), errors
            assert list(paths.outputs.iterdir()) == []
            return
        assert (code, clip["status"], clip["charge"]) == (0, "completed", "charged"), errors
        check_files(paths, history)
