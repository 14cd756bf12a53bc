"""E07: a folder that cannot be used is said in one sentence; nothing goes to another place instead."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.libraries import balance, filled, store_generations
from veo_studio.core.errors import StorageError
from veo_studio.core.paths import Paths
from veo_studio.core.store.backups import back_up, backups_in, folder_of
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import utc_now
from veo_studio.core.store.restoring import restore

LONG = "x" * 90


def names_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "name",
    ["Ünïcode ünd Leerzeichen 映画", "100%25 ?#&;'\"", " ends with a space ", f"{LONG}/{LONG}"],
    ids=["other letters", "signs of addresses", "spaces", "long"],
)
def test_odd_folders_work_for_everything(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "data" / "veo-studio.db"
    if "x" in name:
        room = 250 - len(str(path.parent)) - 1
        path = path.parent / ("y" * room if room > 0 else "y") / "veo-studio.db"
        assert len(str(path.parent)) >= 250
    filled(path, 3)
    backup = back_up(path, utc_now())
    path.write_bytes(b"damaged")
    restore(path, backup.path)
    database = Database.open(path)
    store_generations(database, 1)
    database.close()
    assert balance(path) == 90
    assert len(backups_in(folder_of(path))) == 1


def test_a_file_in_the_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageError) as caught:
        Database.open(tmp_path / "data" / "veo-studio.db")
    assert str(tmp_path / "data") in caught.value.message
    assert names_below(tmp_path) == {"data", "home"} - ({"home"} - names_below(tmp_path))


def test_a_folder_in_the_place_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    path.mkdir()
    with pytest.raises(StorageError) as caught:
        Database.open(path)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message


# the kernel's own folder, and below something that is no folder: not even root can write there
@pytest.mark.parametrize("folder", ["/proc/self/fdinfo", "/dev/null/x"])
def test_a_folder_that_nobody_can_write_is_one_sentence(folder: str) -> None:
    with pytest.raises(StorageError, match=r"cannot be (written|used)"):
        Database.open(Path(folder) / "veo-studio.db")


def test_a_read_only_disk_says_so_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "disk" / "veo-studio.db"
    filled(path, 3)
    folder = path.parent
    mounted = subprocess.run(["mount", "--bind", folder, folder], capture_output=True)
    is_mounted = mounted.returncode == 0
    if is_mounted:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
    else:
        folder.chmod(0o500)
        path.chmod(0o400)
    try:
        before = names_below(tmp_path)
        with pytest.raises(StorageError, match="cannot be written"):
            Database.open(path)
        with pytest.raises(StorageError):
            back_up(path, utc_now())
        assert names_below(tmp_path) == before
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", folder], check=True)
        else:
            folder.chmod(0o700)
            path.chmod(0o600)
    Database.open(path).close()
    assert balance(path) == 90


def test_a_folder_that_is_missing_is_made_where_it_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "veo-studio.db"
    Database.open(path).close()
    assert path.exists()
    assert (path.parent.stat().st_mode & 0o777) == 0o700


def paths_with(**variables: str) -> str:
    """What a process with these variables and no others of the kind takes for its data folder."""
    script = (
        "from veo_studio.core.errors import StorageError\n"
        "from veo_studio.core.paths import Paths\n"
        "try: print(Paths.default().data)\n"
        "except StorageError as error: print('refused:', error.message)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def test_without_a_home_it_is_the_users_own_or_nothing() -> None:
    import pwd

    own = pwd.getpwuid(os.getuid()).pw_dir
    assert paths_with() == f"{own}/.local/share/veo-studio"
    assert paths_with(HOME="").startswith("refused:")
    assert paths_with(HOME="relative").startswith("refused:")
    assert paths_with(HOME="", VEO_STUDIO_HOME="/somewhere") == "/somewhere/data"


def test_the_five_folders_lie_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEO_STUDIO_HOME", str(tmp_path / "gone" / "disk"))
    Paths.default().ensure()
    below = {path for path in names_below(tmp_path) if not path.startswith("home")}
    assert all(path.startswith("gone") for path in below)
