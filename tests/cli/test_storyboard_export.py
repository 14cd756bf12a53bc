"""`storyboard export` and files that are there already, or come while it works."""

import os
import subprocess
import sys

import pytest

from veo_studio.cli import storyboard_export
from veo_studio.core.errors import StorageError
from veo_studio.core.whole_file import write_whole

NAMES = ("film.mp4", "cut.otio", "words.srt", "board.veostory")


@pytest.fixture
def board(here, tmp_path):
    script = tmp_path / "script.txt"
    script.write_text('A harbour at dawn. [2 s]\nANNA: "Late."\n', encoding="utf-8")
    here("storyboard", "run", str(script), "--approve", "--resolution", "854:480")
    return "1"


@pytest.fixture
def busy_folder(monkeypatch, tmp_path):
    """Where somebody writes a file of the same name, once it was seen that there is none."""
    look = storyboard_export._check_target

    def look_and_write(target, is_replacing):
        look(target, is_replacing)
        target.write_text("precious", encoding="utf-8")

    monkeypatch.setattr(storyboard_export, "_check_target", look_and_write)
    return tmp_path


def test_a_file_that_came_meanwhile_stays(here, here_json, board, busy_folder):
    for name in NAMES:
        target = busy_folder / name
        beside = target.with_stem(f"{target.stem}_2")
        done = here("storyboard", "export", board, str(target))
        assert f"this one is {beside.name}" in done.stderr
        assert done.stdout == f"{beside}\n"
        assert target.read_text(encoding="utf-8") == "precious"
        assert beside.stat().st_size > 30
        if name == "film.mp4":
            continue
        # with --replace it was agreed to that it goes
        told = here_json("storyboard", "export", board, str(target), "--replace")
        assert told["path"] == str(target)
        assert target.read_bytes() == beside.read_bytes()


def test_a_link_is_replaced_and_not_what_it_leads_to(here, board, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("precious", encoding="utf-8")
    for name in ("words.srt", "cut.otio", "board.veostory"):
        (tmp_path / name).symlink_to(other)
        here("storyboard", "export", board, str(tmp_path / name), "--replace")
        assert not (tmp_path / name).is_symlink()
    assert other.read_text(encoding="utf-8") == "precious"


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path):
    old = tmp_path / "words.srt"
    old.write_text("old", encoding="utf-8")
    code = (
        "import resource, sys; from pathlib import Path;"
        "from veo_studio.core.whole_file import write_whole;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
        "write_whole(Path(sys.argv[1]), 'new')"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, str(old)],
        env={**os.environ, "PYTHONPATH": "src"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "StorageError" in done.stderr
    assert old.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["words.srt"]
    with pytest.raises(StorageError):
        write_whole(tmp_path / "none" / "words.srt", "new")
