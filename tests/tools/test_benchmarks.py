"""Every benchmark runs through at a tiny size; the numbers mean nothing here, their presence does."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import startup
from benchmarks.report import Figure, table
from benchmarks.setting import Setting, offscreen, percentile


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmarks") / "library"
    setting_of(folder, folder).library()
    return folder


def setting_of(scratch: Path, library: Path) -> Setting:
    return Setting(scratch, library, library_rows=300, scale=0.01, with_clips=1)


@pytest.mark.parametrize("mark", ["complete", "complete-2"])
def test_a_library_of_an_older_shape_is_made_anew(mark: str, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / mark).touch()
    setting = Setting(tmp_path, folder, library_rows=2, with_clips=0)
    assert not (setting.library() / mark).exists()
    assert list(folder.rglob("*.db"))


def test_a_figure_knows_which_side_of_its_target_it_is_on() -> None:
    assert Figure("wait", 30, 30, "ms").is_reached
    assert not Figure("wait", 30.1, 30, "ms").is_reached
    assert Figure("speed", 0.8, 0.8, "x", is_at_most=False).is_reached
    assert not Figure("speed", 0.79, 0.8, "x", is_at_most=False).is_reached


def test_the_table_says_pass_and_short_and_what_is_missing() -> None:
    figures = [Figure("fast", 1.5, 3, "x", detail="a / b"), Figure("slow", 312.7, 50, "ms")]
    lines = table(figures, [("other", "no such program")]).splitlines()
    assert lines[2].split() == ["fast", "1.50", "x", "≤", "3", "x", "pass", "a", "/", "b"]
    assert lines[3].split() == ["slow", "313", "ms", "≤", "50", "ms", "short"]
    assert lines[4] == "other: not measured: no such program"


def test_the_99th_percentile_of_a_hundred_is_the_last() -> None:
    values = [float(number) for number in range(100)]
    assert percentile(values, 99) == 99
    assert percentile(values, 50) == 50
    assert percentile([7.0], 99.9) == 7


@pytest.mark.parametrize(
    "name", ["search", "books", "thumbnail", "download", "finish", "film", "inflight"]
)
def test_a_benchmark_of_the_core_gives_a_figure(name: str, library: Path, tmp_path: Path) -> None:
    figures = importlib.import_module(f"benchmarks.{name}").measure(setting_of(tmp_path, library))
    assert figures
    assert all(figure.measured > 0 and figure.detail for figure in figures)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("name", ["memory", "loop_gap", "feed"])
def test_a_benchmark_of_the_window_gives_a_figure(name: str, library: Path, tmp_path: Path) -> None:
    figures = importlib.import_module(f"benchmarks.{name}").measure(setting_of(tmp_path, library))
    assert all(figure.measured > 0 for figure in figures)


def test_the_start_is_seen_from_outside(library: Path, tmp_path: Path) -> None:
    window, rows = startup._on(setting_of(tmp_path, library), "offscreen", offscreen(tmp_path))
    assert rows.measured > window.measured > 0


def test_the_command_prints_the_machine_and_writes_json(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    arguments = ["--only", "search", "--scale", "0.01", "--rows", "300"]
    assert command.main([*arguments, "--library", str(library), "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "cpus" in printed
    assert "search as you type" in printed
    document = json.loads(file.read_text())
    assert document["figures"][0]["unit"] == "ms"
    assert document["not_measured"] == {}
