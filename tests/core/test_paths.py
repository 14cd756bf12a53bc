"""The folders of a user: where they are, who may look into them, and what is said when they fail."""

import os
import stat
from pathlib import Path

import pytest

from veo_studio.core.errors import StorageError
from veo_studio.core.paths import Paths, ensure_folder


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_variable_puts_everything_below_one_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VEO_STUDIO_HOME", str(tmp_path / "Ünïcode home"))
    paths = Paths.default()
    assert paths == Paths.below(tmp_path / "Ünïcode home")
    for path in (*paths.folders().values(), paths.database, paths.settings, paths.log_file):
        assert path.is_relative_to(tmp_path / "Ünïcode home")
    assert paths.database == paths.data / "veo-studio.db"
    assert paths.settings == paths.config / "settings.json"


def test_a_relative_home_is_fixed_to_where_the_program_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VEO_STUDIO_HOME", "here/../home")
    assert Paths.default().data == tmp_path / "home" / "data"


def test_without_the_variable_the_systems_own_places_are_used(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("VEO_STUDIO_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    paths = Paths.default()
    assert paths.outputs.name == "Veo Studio"
    assert all(path.is_relative_to(tmp_path) for path in paths.folders().values())


@pytest.mark.skipif(os.name != "posix", reason="modes are a POSIX idea")
def test_folders_are_private_whatever_the_umask_and_outputs_are_not(tmp_path):
    paths = Paths.below(tmp_path / "home")
    previous = os.umask(0)
    try:
        paths.ensure()
        paths.data.chmod(0o755)
        paths.ensure()
    finally:
        os.umask(previous)
    for folder in (paths.data, paths.config, paths.cache, paths.logs, paths.rehearsal):
        assert mode_of(folder) == 0o700, folder
    assert mode_of(paths.outputs) != 0o700
    assert not [entry for folder in paths.folders().values() for entry in folder.glob(".veo*")]


def test_a_file_in_the_way_gives_one_sentence_that_names_the_folder(tmp_path):
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(StorageError) as caught:
        Paths.below(tmp_path / "home").ensure()
    assert str(tmp_path / "home" / "data") in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.action


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder nobody can write")
def test_a_folder_that_nobody_can_write_gives_one_sentence():
    with pytest.raises(StorageError, match=r"^The folder /proc/self/x cannot be written"):
        ensure_folder(Path("/proc/self/x"))


def test_a_name_that_no_system_takes_is_a_sentence_too(tmp_path):
    with pytest.raises(StorageError, match="cannot be written"):
        ensure_folder(tmp_path / "nul\0byte")
    with pytest.raises(StorageError, match="cannot be written"):
        ensure_folder(tmp_path / ("x" * 300))


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files without a name are Linux's own")
def test_a_kill_while_a_folder_is_proved_leaves_nothing_in_it(tmp_path, monkeypatch):
    def killed(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", killed)
    ensure_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []
