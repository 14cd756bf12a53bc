"""The check and the backup in a process of their own, as beside a window."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.store.libraries import filled, scalar
from tests.store.test_e06_backups import NOON, Days, names
from veo_studio.core.errors import DatabaseDamaged, StorageError
from veo_studio.core.store import backups
from veo_studio.core.store.backup_process import run_apart
from veo_studio.core.store.backups import back_up, folder_of, keep_backups
from veo_studio.core.store.database import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "veo-studio.db"
    filled(path)
    return path


async def kept_apart(path: Path, days: int) -> list[StorageError]:
    database = Database.open(path)
    clock, problems = Days(days), list[StorageError]()
    task = asyncio.create_task(
        keep_backups(database, clock, on_problem=problems.append, goes_apart=True)
    )
    async with asyncio.timeout(120):
        await clock.rests.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.to_thread(database.close)
    return problems


async def test_a_backup_is_made_and_no_temporary_file_stays(path: Path) -> None:
    assert await kept_apart(path, 1) == []
    assert len(names(path)) == 1
    assert sorted(file.suffix for file in folder_of(path).iterdir()) == [".db", ".lock"]


async def test_damage_comes_back_with_the_backup_that_is_left(path: Path) -> None:
    kept = back_up(path, NOON)
    root = scalar(path, "SELECT rootpage FROM sqlite_master WHERE name = 'attempts_by_generation'")
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)
    (problem,) = await kept_apart(path, 1)
    assert isinstance(problem, DatabaseDamaged)
    assert problem.backup == kept.path
    assert "is damaged" in problem.message


def test_a_program_that_ends_waits_for_nothing_and_keeps_nothing(path: Path) -> None:
    run_apart(backups._check_first, path, NOON, lambda: True)
    assert names(path) == []


def test_a_process_that_dies_is_told_as_a_problem(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEO_STUDIO_CRASH", "K23")
    with pytest.raises(StorageError, match="before it was done"):
        run_apart(backups._check_first, path, NOON, lambda: False)
    monkeypatch.delenv("VEO_STUDIO_CRASH")
    assert names(path) == []
    run_apart(backups._check_first, path, NOON, lambda: False)
    assert len(names(path)) == 1
