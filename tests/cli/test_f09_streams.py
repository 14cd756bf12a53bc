"""F09: readers that go away, closed files and the C locale; no option takes a key."""

import os
import subprocess

import pytest

from tests.cli.conftest import PAID
from tests.faults.google import accept_and_reset


@pytest.mark.skipif(os.name != "posix", reason="pipes and closed files of POSIX")
def test_every_command_survives_streams_that_are_gone(google, here, program, tmp_path):
    google.submit_steps.append(accept_and_reset)
    here("generate", "紙の船 and a kite", *PAID, code=5)
    program_line = " ".join(program.command())
    commands = [
        ("history --json", 0), ("attention <&- >&- 2>&-", 0), ("attention 1 --send-again <&-", 2),
        ("wallet export x.csv | true", 0), ("queue pause 2>&-", 0),
    ]  # fmt: skip
    script = " ; ".join(
        f"{program_line} {words} ; echo ${{PIPESTATUS[0]}} >> codes" for words, _ in commands
    )
    done = subprocess.run(
        ["bash", "-c", script],
        env={**program.env, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
    )
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    codes = (tmp_path / "codes").read_text().split()
    assert codes == [str(code) for _, code in commands], done.stderr
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbfat,kind,tokens")


@pytest.mark.parametrize(
    "command",
    ["generate", "history", "collect", "wallet", "queue", "attention", "models", "doctor"],
)
def test_no_option_takes_a_key(here, command):
    words = here(command, "--help").stdout.lower()
    assert "--key" not in words
    assert "api-key" not in words
    assert "token=" not in words
