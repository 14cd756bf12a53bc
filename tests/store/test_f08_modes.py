"""F08: what the program keeps is for its user alone, whatever the umask and whatever was there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.libraries import filled, schema_one, store_generations
from veo_studio.core import log
from veo_studio.core.paths import Paths
from veo_studio.core.store.backups import back_up
from veo_studio.core.store.database import Database
from veo_studio.core.store.journal import JournalLine, OperationJournal
from veo_studio.core.store.moves import utc_now
from veo_studio.core.store.opening import mark_doubt
from veo_studio.core.store.restoring import restore

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are a POSIX idea")


@pytest.fixture
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in [folder, *folder.rglob("*")]
    }


def check_private(folder: Path) -> None:
    for name, mode in modes(folder).items():
        wanted = 0o700 if (folder / name).is_dir() else 0o600
        assert mode == wanted, f"{name}: {mode:o}"


@pytest.mark.usefixtures("open_to_all")
def test_nothing_is_ever_open_to_others_with_a_umask_of_zero() -> None:
    paths = Paths.default()
    paths.ensure()
    log.configure(paths)
    try:
        schema_one(paths.database)
        database = Database.open(paths.database)
        database.acquire_scheduler()
        store_generations(database, 3)
        OperationJournal(paths.journal).append(JournalLine("a", "b", "c"))
        backup = back_up(paths.database, utc_now())
        assert modes(paths.data)["veo-studio.db-wal"] == 0o600
        assert modes(paths.data)["veo-studio.db-shm"] == 0o600
        check_private(paths.data)
        database.close()
        mark_doubt(paths.database)
        restore(paths.database, backup.path)
        check_private(paths.data)
        check_private(paths.logs)
    finally:
        log.close()
    # nobody may put another folder in the place of one of ours
    assert stat.S_IMODE(paths.data.parent.stat().st_mode) & 0o022 == 0


def test_what_was_open_before_becomes_private() -> None:
    paths = Paths.default()
    paths.ensure()
    filled(paths.database, 3)
    back_up(paths.database, utc_now())
    OperationJournal(paths.journal).append(JournalLine("a", "b", "c"))
    (paths.logs / "veo-studio.log.1").write_text("old")
    for folder in (paths.data, paths.logs, paths.backups):
        for path in folder.rglob("*"):
            path.chmod(0o777 if path.is_dir() else 0o666)
        folder.chmod(0o777)
    paths.ensure()
    Database.open(paths.database).close()
    check_private(paths.data / "backups")
    for name in ("veo-studio.db", "operations.journal", "scheduler.lock"):
        if (paths.data / name).exists():
            assert modes(paths.data)[name] == 0o600, name
    assert modes(paths.data)["."] == 0o700
    assert modes(paths.logs)["veo-studio.log.1"] == 0o600


def test_the_database_alone_makes_its_own_files_private(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    filled(path, 3)
    path.chmod(0o644)
    database = Database.open(path)
    store_generations(database, 1)
    assert {
        name: mode for name, mode in modes(tmp_path).items() if name.startswith("veo-studio.db")
    } == dict.fromkeys(["veo-studio.db", "veo-studio.db-wal", "veo-studio.db-shm"], 0o600)
    database.close()


def test_a_folder_of_others_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    (tmp_path / "shared").chmod(0o755)
    Database.open(tmp_path / "shared" / "veo-studio.db").close()
    assert modes(tmp_path)["shared"] == 0o755


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    paths = Paths.default()
    paths.ensure()
    theirs = tmp_path / "theirs"
    theirs.write_text("x")
    theirs.chmod(0o644)
    (paths.data / "veo-studio.db-wal").symlink_to(theirs)
    paths.ensure()
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o644
