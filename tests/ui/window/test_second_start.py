"""Row E01 for two windows: the second start shows the first. Real processes, real socket."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.window.test_start_and_end import _WHEN_OPEN, start, told
from veo_studio.core.paths import Paths
from veo_studio.ui.single_instance import ask_to_show, socket_name

_SAYS_WHEN_SHOWN = """
import veo_studio.ui.main_window as main_window
forward = main_window.MainWindow.come_forward
def say(self):
    forward(self)
    print("came forward", self.isMinimized(), flush=True)
main_window.MainWindow.come_forward = say
""" + _WHEN_OPEN.format(then="self.window.showMinimized()")

SHOWN = "Veo Studio is open already; its window was brought to the front."


@pytest.fixture(autouse=True)
def runtime_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No socket of a test lies beside the developer's own."""
    # a socket's path must be short, and a test's own folder is not
    with tempfile.TemporaryDirectory(prefix="veo-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def open_one(home: Path, before: str = _SAYS_WHEN_SHOWN):
    process = start(home, before)
    assert process.stdout.readline() == "open\n"
    return process


def end(process) -> None:
    process.send_signal(signal.SIGTERM)
    assert told(process) == ""
    assert process.returncode == 0


def test_e01_a_second_start_shows_the_first_and_ends_well(studio_home):
    first = open_one(studio_home)
    for _ in range(3):
        second = start(studio_home)
        assert told(second) == SHOWN
        assert second.returncode == 0
        assert first.stdout.readline() == "came forward False\n"
    end(first)


def test_e01_a_first_that_does_not_answer_leaves_the_sentence_and_code_6(studio_home):
    first = open_one(studio_home)
    first.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    try:
        second = start(studio_home)
        sentence = told(second)
    finally:
        first.send_signal(signal.SIGCONT)
    assert second.returncode == 6
    assert "already running" in sentence
    assert sentence.count("\n") == 0
    assert time.monotonic() - began > 2.0
    # what it was asked while it stood still is done when it goes on
    assert first.stdout.readline() == "came forward False\n"
    end(first)


def test_e01_a_socket_left_behind_by_kill_9_stops_nobody(studio_home):
    first = open_one(studio_home)
    first.kill()
    first.communicate(timeout=20)
    assert os.path.exists(socket_name(Paths.default().data))
    second = open_one(studio_home)
    third = start(studio_home)
    assert told(third) == SHOWN
    assert second.stdout.readline() == "came forward False\n"
    end(second)
    assert not os.path.exists(socket_name(Paths.default().data))


def test_another_folder_is_another_window(studio_home, tmp_path, monkeypatch):
    first = open_one(studio_home)
    monkeypatch.setenv("VEO_STUDIO_HOME", str(tmp_path / "other" / "home"))
    (tmp_path / "other").mkdir()
    other = open_one(tmp_path / "other" / "home")
    end(other)
    end(first)


def test_only_this_user_reaches_the_socket(studio_home, runtime_folder):
    first = open_one(studio_home)
    socket = Path(socket_name(Paths.default().data))
    assert stat.S_ISSOCK(socket.stat().st_mode)
    assert socket.stat().st_mode & 0o077 == 0
    assert socket.parent.stat().st_mode & 0o077 == 0
    end(first)


def test_a_folder_that_others_can_use_is_not_used(studio_home, runtime_folder):
    (runtime_folder / "veo-studio").mkdir(mode=0o755)
    (runtime_folder / "veo-studio").chmod(0o755)
    assert ask_to_show(Paths.default().data) is False


def test_nobody_there_is_known_at_once(studio_home):
    began = time.monotonic()
    assert ask_to_show(Paths.default().data) is False
    assert time.monotonic() - began < 1.0


def test_the_name_stays_short_however_long_the_folder_is(tmp_path):
    deep = tmp_path / ("long" * 40) / ("folder" * 30)
    assert len(os.path.basename(socket_name(deep))) < 40
    assert socket_name(deep) != socket_name(deep / "x")
