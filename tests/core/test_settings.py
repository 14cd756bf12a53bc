"""What is remembered between two starts survives crashes, editors and newer versions."""

import json
import os
import stat
from pathlib import Path

import pytest

from veo_studio.core.errors import StorageError
from veo_studio.core.settings import Settings


def test_everything_comes_back(tmp_path):
    path = tmp_path / "settings.json"
    settings = Settings(
        theme="dark",
        output_dir=tmp_path / "clips",
        last_model="veo-3.1",
        last_config={"duration": 5},
        last_prompt="Ein Boot \U0001f6a3 \ud800",
        concurrency={"gemini": 3},
        window_state={"main": "AAAA"},
        player_volume=0.25,
        player_loop=True,
    )
    settings.save(path)
    assert Settings.load(path) == settings
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_missing_file_gives_the_defaults_and_writes_nothing(tmp_path):
    assert Settings.load(tmp_path / "settings.json") == Settings()
    assert list(tmp_path.iterdir()) == []


def test_what_a_newer_version_wrote_is_kept(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "light", "palette": {"accent": [1, 2]}}))
    settings = Settings.load(path)
    settings.theme = "dark"
    settings.save(path)
    assert json.loads(path.read_text())["palette"] == {"accent": [1, 2]}
    assert Settings.load(path).theme == "dark"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"\xff\xfe\x00", b"\0" * 100, b"[" * 100_000, b'"' + b"x" * 5_000_000],
    ids=["empty", "cut", "list", "utf16", "zeros", "deep", "huge"],
)
def test_a_broken_file_is_kept_aside_and_the_defaults_are_used(tmp_path, content):
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings = Settings.load(path)
    assert settings == Settings()
    assert settings.kept_aside is not None
    assert settings.kept_aside.read_bytes() == content
    settings.save(path)
    assert Settings.load(path).kept_aside is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "purple"},
        {"output_dir": "relative/folder"},
        {"output_dir": 7},
        {"last_config": []},
        {"concurrency": {"gemini": 0}},
        {"concurrency": {"gemini": True}},
        {"window_state": {"main": 1}},
        {"player_volume": "loud"},
        {"player_volume": True},
        {"player_loop": "yes"},
    ],
    ids=str,
)
def test_one_wrong_value_costs_only_itself(tmp_path, wrong):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"last_prompt": "kept", **wrong}))
    settings = Settings.load(path)
    assert settings == Settings(last_prompt="kept")
    assert settings.kept_aside is None


@pytest.mark.parametrize(
    ("name", "stored", "kept"),
    [
        ("addresses", {"gemini": "https://proxy.example", "runway": 5}, {"gemini": "https://proxy.example"}),
        ("concurrency", {"kie": 0, "gemini": 2}, {"gemini": 2}),
        ("options", {"vertex": {"project": "mine", "bucket": 7}, "kie": 5}, {"vertex": {"project": "mine"}}),
        ("window_state", {"place": "AAAA", "docks": None}, {"place": "AAAA"}),
    ],
)  # fmt: skip
def test_one_wrong_value_of_a_table_costs_only_itself(tmp_path, name, stored, kept):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({name: stored}))
    assert getattr(Settings.load(path), name) == kept


def test_not_a_number_does_not_become_a_volume(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"player_volume": NaN}')
    assert Settings.load(path).player_volume == 1.0


def test_an_unwritable_folder_is_one_sentence_and_leaves_no_rubbish(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written") as caught:
        Settings().save(tmp_path / "file" / "settings.json")
    assert "\n" not in caught.value.message
    (tmp_path / "settings.json").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        Settings().save(tmp_path / "settings.json")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "settings.json"]


def test_an_unreadable_file_is_said_and_not_replaced(tmp_path):
    (tmp_path / "settings.json").mkdir()
    with pytest.raises(StorageError, match="cannot be read"):
        Settings.load(tmp_path / "settings.json")
    assert (tmp_path / "settings.json").is_dir()


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_link_into_somebodys_dotfiles_stays_a_link(tmp_path):
    real = tmp_path / "dotfiles" / "studio.json"
    real.parent.mkdir()
    real.write_text("{}")
    link: Path = tmp_path / "settings.json"
    link.symlink_to(real)
    Settings(theme="dark").save(link)
    assert link.is_symlink()
    assert Settings.load(real).theme == "dark"
