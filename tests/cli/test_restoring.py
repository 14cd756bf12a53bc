"""E03, D08 on the command line: damage names its backup, `restore` puts it back, `doctor` tells both."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.store.libraries import balance, filled
from veo_studio.core.paths import Paths
from veo_studio.core.store.backups import back_up

CLIP = "20261121_130000_A_red_kite.mp4"


@pytest.fixture
def paths(program):
    """A library with 90 tokens, a backup of two hours ago, and then damage."""
    paths = Paths.below(program.home)
    paths.ensure()
    filled(paths.database, 5)
    back_up(paths.database, datetime.now(UTC) - timedelta(hours=2))
    paths.database.write_bytes(b"\0" * 8192)
    return paths


def checks_of(found):
    return {check["name"]: check for check in found["checks"]}


def test_damage_names_the_newest_backup_and_how_to_get_it_back(here, paths):
    done = here("history", code=6)
    assert "`veo-studio restore`" in done.stderr
    assert "2 h ago" in done.stderr
    assert done.stderr.count("\n") == 1
    assert paths.database.read_bytes() == b"\0" * 8192


def test_restore_keeps_the_damaged_file_and_lists_what_the_backup_does_not_know(
    here, here_json, paths
):
    (paths.outputs / CLIP).write_bytes(b"x" * 5000)
    found = here_json("restore", "--yes")
    assert found["status"] == "restored"
    assert found["balance"] == 90 == balance(paths.database)
    assert found["differences"]["files"] == [
        {"path": str(paths.outputs / CLIP), "size_bytes": 5000}
    ]
    (kept,) = paths.data.glob("veo-studio-damaged-*.db")
    assert found["kept_aside"] == str(kept)
    assert kept.read_bytes() == b"\0" * 8192
    assert len(here_json("history")) == 5
    checks = checks_of(here_json("doctor"))
    assert checks["database"]["status"] == "ok"
    assert CLIP in checks["differences"]["message"]


def test_restore_asks_and_without_a_terminal_changes_nothing(here, paths):
    done = here("restore", code=2)
    assert "--yes" in done.stderr
    assert paths.database.read_bytes() == b"\0" * 8192


def test_a_backup_is_chosen_by_its_name_or_its_file(here, paths, tmp_path):
    (backup,) = paths.backups.glob("*.db")
    assert here("restore", backup.name, "--yes").stdout.strip() == str(paths.database)
    elsewhere = tmp_path / "from another disk.db"
    elsewhere.write_bytes(backup.read_bytes())
    done = here("restore", str(elsewhere), "--yes")
    assert "present database is sound" in done.stderr
    assert "no backup nonsense" in here("restore", "nonsense", "--yes", code=2).stderr


def test_without_any_backup_restore_says_so(here, paths):
    for backup in paths.backups.glob("*.db"):
        backup.unlink()
    assert "no good backup" in here("restore", "--yes", code=6).stderr
    assert "no good backup" in here("history", code=6).stderr


def test_doctor_tells_the_newest_backup_its_age_and_the_damage(here_json, paths):
    checks = checks_of(here_json("doctor", code=6))
    assert checks["database"]["status"] == "fail"
    assert "veo-studio restore" in checks["database"]["advice"]
    assert "made 2 h ago" in checks["backups"]["message"]
    assert checks["backups"]["status"] == "ok"
    (backup,) = paths.backups.glob("*.db")
    backup.write_bytes(backup.read_bytes()[:-4096])
    checks = checks_of(here_json("doctor", code=6))
    assert checks["backups"]["status"] == "warn"
    assert "no good backup" in checks["database"]["advice"].lower()
