"""The example uses the public API as a stranger would: every mode ends well and without a key."""

import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).parents[2] / "examples" / "demo_generation.py"


def run_demo(program, *arguments, answer=""):
    return subprocess.run(
        [sys.executable, "-W", "error", str(DEMO), *arguments],
        # The API gives up after 150 polls: on a busy machine that must be more than a few seconds.
        env={**program.env, "VEO_STUDIO_POLL_INTERVAL": "0.3"},
        input=answer,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_all_runs_every_mode_and_leaves_no_practised_failure(program):
    done = run_demo(program, "all")
    assert done.returncode == 0, done.stderr
    assert "Complete" in done.stdout
    for words in ("quota:", "timeout:", "failed:", "refused: Prompt cannot be empty"):
        assert words in done.stdout
    states = [entry["status"] for entry in program.json("history")]
    assert states == ["completed"] * 4


def test_the_menu_takes_a_number(program):
    done = run_demo(program, answer="3\n")
    assert done.returncode == 0, done.stderr
    assert "quota:" in done.stdout
    assert program.json("history") == []
