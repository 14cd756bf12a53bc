"""The example uses the public API as a stranger would: every mode ends well and without a key."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "examples" / "demo_generation.py"
# The API gives up after 150 polls: on a busy machine that must be more than a few seconds.
POLL_INTERVAL = "0.3"


def run_demo(program, *arguments, answer=""):
    return subprocess.run(
        [sys.executable, "-W", "error", str(DEMO), *arguments],
        env={**program.env, "VEO_STUDIO_POLL_INTERVAL": POLL_INTERVAL},
        input=answer,
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_all_runs_every_mode_and_leaves_no_practised_failure(here_json, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [str(DEMO), "all"])
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", POLL_INTERVAL)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(DEMO), run_name="__main__")
    seen = capsys.readouterr()
    assert ended.value.code == 0, seen.err
    assert "Complete" in seen.out
    for words in ("quota:", "timeout:", "failed:", "refused: Prompt cannot be empty"):
        assert words in seen.out
    states = [entry["status"] for entry in here_json("history")]
    assert states == ["completed"] * 4


def test_the_menu_takes_a_number(program):
    done = run_demo(program, answer="3\n")
    assert done.returncode == 0, done.stderr
    assert "quota:" in done.stdout
    assert program.json("history") == []
