"""D08: after an older backup, what it does not know is listed, and nothing is charged for it again."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.libraries import balance, follow, store_generations
from veo_studio.core.errors import FolderInUse, StorageError
from veo_studio.core.paths import Paths
from veo_studio.core.store.backups import back_up
from veo_studio.core.store.database import Database
from veo_studio.core.store.journal import JournalLine, OperationJournal
from veo_studio.core.store.restoring import Differences, differences, restore

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
CLIP = "20261121_130000_A_red_kite.mp4"


@pytest.fixture
def paths() -> Paths:
    paths = Paths.default()
    paths.ensure()
    return paths


def found(paths: Paths) -> Differences:
    return differences(paths.database, paths.journal, [paths.outputs])


def test_clips_and_operations_since_the_backup_are_listed_and_not_charged(paths: Paths) -> None:
    database = Database.open(paths.database)
    (first,) = store_generations(database, 1, tokens=10)
    follow(database, first, "v1_first")
    backup = back_up(paths.database, NOON)
    (second,) = store_generations(database, 1, tokens=10)
    follow(database, second, "v1_second")
    database.close()
    OperationJournal(paths.journal).append(JournalLine("unknown-uuid", "attempt", "v1_third"))
    (paths.outputs / CLIP).write_bytes(b"x" * 4096)
    (paths.outputs / "holiday.mp4").write_bytes(b"the user's own")
    assert [one.operation_id for one in found(paths).operations] == ["v1_third"]

    restore(paths.database, backup.path)
    Database.open(paths.database).close()
    after = found(paths)
    assert [(one.path, one.size_bytes) for one in after.files] == [(paths.outputs / CLIP, 4096)]
    by_id = {one.operation_id: one for one in after.operations}
    assert set(by_id) == {"v1_second", "v1_third"}
    assert by_id["v1_second"].prompt == "Clip 0"
    assert by_id["v1_second"].provider == "gemini"
    assert by_id["v1_third"].found_in == paths.journal
    # 100 - 10: the second charge is gone with the database that had it, and is not made again
    assert balance(paths.database) == 90


def test_a_library_without_differences_has_none(paths: Paths) -> None:
    database = Database.open(paths.database)
    (only,) = store_generations(database, 1)
    follow(database, only, "v1_known")
    clip = paths.outputs / CLIP
    database.write_now(
        lambda c: c.exec_driver_sql("UPDATE generations SET video_path = ?", (str(clip),))
    )
    database.close()
    clip.write_bytes(b"x")
    OperationJournal(paths.journal).append(JournalLine("some-uuid", "attempt", "v1_known"))
    assert not found(paths)


def test_a_damaged_file_is_read_as_far_as_it_goes(paths: Paths) -> None:
    database = Database.open(paths.database)
    backup = back_up(paths.database, NOON)
    for number in range(40):
        (one,) = store_generations(database, 1)
        follow(database, one, f"v1_{number}")
    database.close()
    content = paths.database.read_bytes()
    paths.database.write_bytes(content[: len(content) - 8192] + b"\xff" * 8192)
    restore(paths.database, backup.path)
    assert all(one.operation_id.startswith("v1_") for one in found(paths).operations)


def test_nothing_is_restored_while_the_program_works_on_the_folder(paths: Paths) -> None:
    database = Database.open(paths.database)
    database.acquire_scheduler()
    backup = back_up(paths.database, NOON)
    before = paths.database.read_bytes()
    with pytest.raises(FolderInUse):
        restore(paths.database, backup.path)
    assert paths.database.read_bytes() == before
    database.close()


def test_only_a_good_backup_is_restored(paths: Paths, tmp_path: Path) -> None:
    Database.open(paths.database).close()
    before = paths.database.read_bytes()
    for name, content in (
        ("picture.png", b"\x89PNG"),
        ("empty.db", b""),
        ("cut.db", before[:8192]),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(StorageError, match="cannot be used"):
            restore(paths.database, tmp_path / name)
    with pytest.raises(StorageError, match="cannot be used"):
        restore(paths.database, tmp_path / "missing.db")
    assert paths.database.read_bytes() == before


@pytest.mark.parametrize("moves_done", [1, 2, 3, 4])
def test_a_restore_that_is_cut_off_is_finished_by_the_next_one(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, moves_done: int
) -> None:
    database = Database.open(paths.database)
    store_generations(database, 1, tokens=10)
    backup = back_up(paths.database, NOON)
    database.close()
    damaged = b"damaged" * 1000
    paths.database.write_bytes(damaged)
    left = moves_done

    class Cut(BaseException):
        """The process ends here."""

    from veo_studio.core.store import backups

    synced = backups.sync

    def cut(path: Path) -> None:
        nonlocal left
        synced(path)
        left -= 1
        if left == 0:
            raise Cut

    monkeypatch.setattr(backups, "sync", cut)
    with suppress(Cut):
        restore(paths.database, backup.path)
    monkeypatch.undo()
    if not paths.database.exists() or paths.database.read_bytes() == damaged:
        with pytest.raises(StorageError) as caught:
            Database.open(paths.database)
        restore(paths.database, getattr(caught.value, "backup"))  # noqa: B009
    Database.open(paths.database).close()
    assert balance(paths.database) == 90
    kept = [path.read_bytes() for path in paths.data.glob("veo-studio-damaged-*.db")]
    assert damaged in kept
