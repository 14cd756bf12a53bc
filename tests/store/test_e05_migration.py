"""E05: a migration leaves the old library or the new one, and a backup of the old one exists first."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.conftest import SmallDisk
from tests.store.libraries import SCALE, balance, is_whole, scalar, schema_one, store_generations
from veo_studio.core.errors import StorageError
from veo_studio.core.store import soundness
from veo_studio.core.store.backups import backups_in, folder_of
from veo_studio.core.store.database import Database
from veo_studio.core.store.schema import SCHEMA_VERSION

ROOT = Path(__file__).parents[2]


def version_of(path: Path) -> int:
    return int(scalar(path, "PRAGMA user_version"))


def revision_of(path: Path) -> int:
    return int(scalar(path, "SELECT version_num FROM alembic_version"))


def prompts_of(path: Path) -> list[tuple[int, str, str]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        query = "SELECT id, uuid, prompt FROM generations ORDER BY id"
        return list(connection.execute(query))


def child(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=240,
        **options,  # type: ignore[call-overload]
    )


def test_every_released_schema_is_brought_up_to_date_after_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    schema_one(path)
    before = prompts_of(path)
    Database.open(path).close()
    assert version_of(path) == SCHEMA_VERSION == revision_of(path)
    assert (prompts_of(path), balance(path)) == (before, 90)
    (backup,) = backups_in(folder_of(path))
    assert soundness.backup_problems(backup.path) == []
    assert (version_of(backup.path), prompts_of(backup.path)) == (1, before)


def test_odd_inputs_of_one_row_do_not_stand_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    schema_one(path, 8)
    odd = [
        '{"inputs": ["abc", {"generation_id": 1}]}',
        '{"inputs": [[1], 5, null, {"generation_id": {"a": 1}}], "generation_id": 1}',
        '{"inputs": "abc", "generation_id": 1}',
        '{"inputs": {"generation_id": "abc"}}',
        '["generation_id"]',
        'no JSON "generation_id"',
        '{inputs: [{generation_id: 1}], "generation_id": 1}',
    ]
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            "UPDATE generations SET config = ? WHERE id = ?",
            [(config, number) for number, config in enumerate(odd, 2)],
        )
        connection.commit()
    Database.open(path).close()
    assert version_of(path) == SCHEMA_VERSION
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT child_id, parent_id FROM lineage"
        assert list(connection.execute(query)) == [(2, 1)]


def test_a_library_that_is_up_to_date_or_new_is_not_backed_up(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    for _ in range(2):
        Database.open(path).close()
    assert not folder_of(path).exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forks")
def test_kill_9_at_every_statement_leaves_the_old_or_the_new_one(tmp_path: Path) -> None:
    original = tmp_path / "before" / "veo-studio.db"
    schema_one(original)
    before = prompts_of(original)
    step = 1 if SCALE >= 1 else 5
    done = child(str(ROOT / "tests/store/dying.py"), str(tmp_path), str(step))
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(tmp_path / "before")
    seen = set()
    for folder in sorted(tmp_path.iterdir(), key=lambda folder: int(folder.name)):
        path = folder / "veo-studio.db"
        version = version_of(path)
        seen.add(version)
        assert (version, is_whole(path)) == (revision_of(path), True), folder.name
        assert (prompts_of(path), balance(path)) == (before, 90), folder.name
        if version == SCHEMA_VERSION:
            assert backups_in(folder_of(path)), folder.name
        Database.open(path).close()
        assert version_of(path) == revision_of(path) == SCHEMA_VERSION
        assert (prompts_of(path), balance(path)) == (before, 90), folder.name
        assert [version_of(one.path) for one in backups_in(folder_of(path))] == [1] * len(
            backups_in(folder_of(path))
        )
        assert not list(folder_of(path).glob(".*")), folder.name
    assert seen == {1, SCHEMA_VERSION}
    assert len(list(tmp_path.iterdir())) > 20 / step


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forks")
def test_kill_9_while_a_library_is_made_leaves_none_or_a_whole_one(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    step = 4 if SCALE <= 1 else 1
    done = child(str(ROOT / "tests/store/dying.py"), str(tmp_path), str(step))
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "before").rmdir()
    for folder in tmp_path.iterdir():
        path = folder / "veo-studio.db"
        assert not path.exists() or version_of(path) == SCHEMA_VERSION
        Database.open(path).close()
        assert (balance(path), is_whole(path)) == (100, True)
        assert not list(folder.glob("*.new*")), folder.name


@pytest.mark.parametrize("label", ["K22", "K23"])
def test_killed_in_the_migration_or_its_backup(tmp_path: Path, label: str) -> None:
    path = tmp_path / "veo-studio.db"
    schema_one(path)
    script = "import sys; from pathlib import Path; from veo_studio.core.store.database import Database; "
    script += "Database.open(Path(sys.argv[1]))"
    os.environ["VEO_STUDIO_CRASH"] = label
    try:
        killed = child("-c", script, str(path))
    finally:
        del os.environ["VEO_STUDIO_CRASH"]
    assert killed.returncode == -signal.SIGKILL
    assert (version_of(path), is_whole(path), balance(path)) == (1, True, 90)
    assert len(backups_in(folder_of(path))) == (1 if label == "K22" else 0)
    database = Database.open(path)
    store_generations(database, 1)
    database.close()
    assert version_of(path) == SCHEMA_VERSION
    assert not list(folder_of(path).glob(".*"))


_OPEN_LIMITED = """
import resource, signal, sys
from pathlib import Path
import veo_studio.core.store.migrations.runner
from veo_studio.core.errors import StorageError
from veo_studio.core.store.database import Database
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    Database.open(Path(sys.argv[1])).close()
except StorageError as error:
    print(type(error).__name__, error.message)
"""


@pytest.mark.parametrize("part", [0.2, 0.9, 1.05, 1.5])
def test_no_room_in_the_midst_of_it_leaves_the_old_one(tmp_path: Path, part: float) -> None:
    """The backup, the log and the fold-back each grow beyond what a file may have here."""
    path = tmp_path / "veo-studio.db"
    schema_one(path, 400)
    before = prompts_of(path)
    limit = int(path.stat().st_size * part)
    done = child("-c", _OPEN_LIMITED, str(path), str(limit))
    assert done.returncode == 0, done.stderr
    assert version_of(path) == revision_of(path)
    assert (prompts_of(path), balance(path), is_whole(path)) == (before, 90, True)
    if part < 1:
        assert "could be made" in done.stdout or "no room" in done.stdout
        assert version_of(path) == 1
        assert backups_in(folder_of(path)) == []
    Database.open(path).close()
    assert version_of(path) == SCHEMA_VERSION


def test_a_disk_without_room_for_the_backup_is_said_before_anything(small_disk: SmallDisk) -> None:
    path = small_disk.folder / "veo-studio.db"
    schema_one(path)
    before = path.read_bytes()
    small_disk.fill()
    with pytest.raises(StorageError, match=r"full|room"):
        Database.open(path)
    assert path.read_bytes() == before
    small_disk.clear()
    Database.open(path).close()
    assert (version_of(path), balance(path)) == (SCHEMA_VERSION, 90)
