"""Bad input, bad folders and bad streams: one sentence, the right code, never a traceback."""

import json
import os
import subprocess

import pytest

from veo_studio.cli import listing
from veo_studio.cli.terminal import plain

GENERATE_MISTAKES = {
    "Prompt cannot be empty": ["   "],
    "Prompt too short (min 3 characters)": ["ab"],
    "Prompt too long (max 2000 characters)": ["a" * 2001],
    "Duration must be between 2 and 60 seconds": ["A kite", "--duration", "61"],
    "Unknown model 'nope'": ["A kite", "--model", "nope"],
    "There is no provider 'nobody'": ["A kite", "--provider", "nobody"],
    "There is no file first.png": ["A kite", "--image", "first.png"],
    "A last frame needs a first frame": ["A kite", "--last-frame", "last.png"],
    "cannot be used together": ["A kite", "--image", "a.png", "--reference", "b.png"],
    "--edit and --extend exclude each other": ["A kite", "--edit", "1", "--extend", "2"],
    "leave the pictures out": ["A kite", "--edit", "1", "--image", "a.png"],
    "samples must be 1 or more": ["A kite", "--samples", "0"],
    "makes one clip per request": ["A kite", "--samples", "2"],
    "between 1 and 8": ["A kite", "--count", "9"],
    "accepts the resolutions 480p, 720p, 1080p and 4k, not 9k": ["A kite", "--resolution", "9k"],
    "accepts the aspect ratios": ["A kite", "--aspect", "5:4"],
    "GEMINI_API_KEY": ["A kite", "--model", "gemini-omni-1.2-flash"],
    "'--duration'": ["A kite", "--duration", "soon"],
    "--nonsense": ["A kite", "--nonsense"],
}


def test_bad_input_is_one_sentence_and_code_2(shared):
    done = shared.run("generate", "A kite", "--duration", "61", "--json", code=2)
    assert done.stderr == "Duration must be between 2 and 60 seconds\n"
    assert json.loads(done.stdout) == {
        "status": "error",
        "error": "Duration must be between 2 and 60 seconds",
        "error_kind": "invalid_request",
    }
    assert shared.run("generate", "", code=2).stderr == "Prompt cannot be empty\n"
    assert "--nonsense" in shared.run("generate", "A kite", "--nonsense", code=2).stderr


@pytest.mark.parametrize("sentence", GENERATE_MISTAKES)
def test_every_mistake_has_its_sentence(here, sentence):
    done = here("generate", *GENERATE_MISTAKES[sentence], "--json", code=2)
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    document = json.loads(done.stdout)
    assert document["status"] == "error"
    assert sentence in document["error"]
    assert document["error_kind"] == "invalid_request"


def test_a_typing_mistake_leaves_nothing_behind(program):
    program.run("generate", "ab", code=2)
    assert not program.home.exists()


def test_the_duration_names_what_the_model_makes(shared):
    env = {"GEMINI_API_KEY": "not-a-real-key"}
    done = shared.run("generate", "A kite", "--duration", "40", "--yes", code=2, env=env)
    assert "makes clips of 3 to 15 seconds, not 40" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["wallet", "add", "0"],
        ["wallet", "add", "-5"],
        ["wallet", "add", "ten"],
        ["wallet", "add", "1" * 30],
        ["history", "--status", "lost"],
        ["history", "--limit", "0"],
        ["collect", "99"],
        ["rehearsal-server", "--fault", "plague"],
        ["rehearsal-server", "--port", "70000"],
        ["nonsense"],
        ["generate"],
    ],
    ids=" ".join,
)
def test_other_commands_refuse_bad_input_with_code_2(here, arguments):
    done = here(*arguments, code=2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_code_6(here, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    blocked = str(tmp_path / "file" / "home")
    assert blocked in here("generate", "A kite", "--output-dir", blocked, code=6).stderr
    monkeypatch.setenv("VEO_STUDIO_HOME", blocked)
    for arguments in (["history"], ["wallet"], ["collect"], ["models"], ["generate", "A kite"]):
        done = here(*arguments, "--json", code=6)
        assert blocked in done.stderr
        assert json.loads(done.stdout)["error_kind"] == "storage"


def test_a_database_from_the_future_is_code_6_and_stays_untouched(program, here):
    program.run("wallet")
    database = program.home / "data" / "veo-studio.db"
    content = bytearray(database.read_bytes())
    content[60:64] = (9999).to_bytes(4, "big")
    database.write_bytes(content)
    done = here("history", code=6)
    assert "newer" in done.stderr
    assert database.read_bytes() == content
    assert "newer" in here("doctor", code=6).stdout


@pytest.mark.skipif(os.name != "posix", reason="pipes and closed files of POSIX")
@pytest.mark.parametrize("redirections", ["<&-", "<&- >&- 2>&-", "| true"])
def test_closed_streams_and_a_reader_that_went_away(shared, redirections):
    command = " ".join(shared.command("models"))
    done = subprocess.run(
        ["bash", "-c", f"{command} {redirections}; exit ${{PIPESTATUS[0]}}"],
        env={**shared.env, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_prompts_and_answers_cannot_act_on_a_terminal():
    assert plain("red \x1b[31m bell \x07 \x9b up") == "red \\x1b[31m bell \\x07 \\x9b up"
    assert plain("two\nlines\tand [bold]markup[/]") == "two lines and [bold]markup[/]"
    assert plain("right \u202e to left \ud800") == "right \\u202e to left \\ud800"
    assert plain("Grüße, 紙の船 \U0001f6a3") == "Grüße, 紙の船 \U0001f6a3"


def test_a_bug_is_one_calm_line_and_a_traceback_in_the_log(here, program, monkeypatch):
    def boom():
        raise RuntimeError("boom")

    monkeypatch.setattr(listing, "open_workplace", boom)
    done = here("history", "--json", code=1)
    assert len(done.stderr.splitlines()) == 1
    assert "boom" not in done.stderr
    assert json.loads(done.stdout)["error_kind"] == "internal"
    written = (program.home / "logs" / "veo-studio.log").read_text()
    assert "Traceback" in written
    assert "boom" in written
