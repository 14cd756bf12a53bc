"""`generate` and `collect` end to end: files, documents, exit codes, Ctrl+C, two programs at once."""

import hashlib
import json
import os
import pty
import signal
import stat

import av
import pytest

from tests.cli.conftest import PAID
from tests.faults.google import accept_and_reset, done, run_on

SHORT = ("--duration", "2", "--resolution", "480p")
KEYS = [
    "id", "kind", "status", "provider", "model", "prompt", "config", "operation_id", "video_path",
    "size_bytes", "sha256", "tokens", "price_usd", "cost_usd", "charge", "error", "error_kind", "favourite",
    "rejected", "rating", "caption", "tags", "published_at", "created_at", "finished_at",
]  # fmt: skip


def picture_of(path):
    """A digest of every decoded frame: what is seen, whatever the container says."""
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            for plane in frame.planes:
                digest.update(bytes(plane))
    return digest.hexdigest()


def test_the_path_is_on_stdout_and_progress_on_stderr(program, here, here_json):
    done = program.run("generate", "A paper boat in the rain", *SHORT, "--seed", "7")
    path = done.stdout.removesuffix("\n")
    assert "\n" not in path
    assert os.path.isfile(path)
    assert path.endswith("_A_paper_boat_in.mp4")
    assert "10 %" in done.stderr
    assert "100 %" in done.stderr

    again = program.json("generate", "A paper boat in the rain", *SHORT, "--seed", "7")
    assert list(again) == KEYS
    assert again["video_path"] != path
    assert picture_of(again["video_path"]) == picture_of(path)
    assert again["status"] == "completed"
    assert again["provider"] == "rehearsal"
    assert again["config"] == {
        "aspect_ratio": "16:9",
        "duration": 2,
        "resolution": "480p",
        "negative_prompt": "",
        "seed": 7,
        "enable_audio": None,
    }
    with open(again["video_path"], "rb") as file:
        content = file.read()
    assert again["sha256"] == hashlib.sha256(content).hexdigest()
    assert again["size_bytes"] == len(content)
    assert (again["tokens"], again["price_usd"], again["error"]) == (0, 0, None)
    assert again["created_at"].endswith("Z")
    assert again["finished_at"] > again["created_at"]

    # What was made can be found again.
    assert [entry["id"] for entry in here_json("history", "--search", "paper rain")] == [2, 1]
    assert [entry["id"] for entry in here_json("history", "--limit", "1")] == [2]
    assert here_json("history", "--search", "harbour") == []
    assert here_json("history", "--status", "failed") == []
    table = program.run("history").stdout
    assert path in table
    assert "A paper boat in the rain" in table
    assert here("collect", "1").stdout == f"{path}\n"


def test_takes_are_a_list_with_neighbouring_seeds(here_json, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "new" / "folder"  # a relative folder means here
    takes = here_json(
        "generate", "Two foxes", *SHORT, "--count", "2", "--seed", "5", "--no-audio",
        "--output-dir", "new/folder",
    )  # fmt: skip
    assert [take["config"]["seed"] for take in takes] == [5, 6]
    assert {os.path.dirname(take["video_path"]) for take in takes} == {str(folder)}
    with av.open(takes[0]["video_path"]) as container:
        assert not container.streams.audio


def test_the_provider_that_fails_is_code_3(here, monkeypatch):
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "fail:the camera \x1b[31mmelted")
    done = here("generate", "A kite", *SHORT, "--json", code=3)
    document = json.loads(done.stdout)
    assert document["status"] == "failed"
    assert document["error_kind"] == "generation_failed"
    # F04: what a provider says cannot act on the terminal
    assert "\x1b" not in done.stderr + done.stdout
    assert "melted" in done.stderr


@pytest.fixture
def at_google(google, program):
    """Google, as far as the programs that are started know: nothing is drawn."""
    names = ("VEO_STUDIO_GEMINI_URL", "GEMINI_API_KEY")
    program.env |= {name: os.environ[name] for name in names}
    return google


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_generation_is_collected_later(at_google, program, read_until, number):
    at_google.poll_default = run_on
    running = program.start("generate", "A kite", *PAID)
    read_until(running.stderr, "Accepted")
    running.send_signal(number)
    running.send_signal(number)  # `timeout` and impatient people send it twice
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "goes on at the provider" in err
    assert "veo-studio collect" in err
    assert "Traceback" not in err
    assert out == ""
    if number is signal.SIGINT:
        at_google.poll_default = done
        assert program.run("collect").stdout.endswith("_A_kite.mp4\n")
        assert len(at_google.accepted) == 1


def test_a_second_program_waits_and_takes_over(at_google, program, here_json, read_until):
    at_google.poll_default = run_on
    first = program.start("generate", "The first", *PAID)
    read_until(first.stderr, "Accepted")
    second = program.start("generate", "The second", *PAID)
    read_until(second.stderr, "following it")
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    at_google.poll_default = done
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert out.endswith("_The_second.mp4\n")
    assert len(here_json("history")) == 2
    assert len(at_google.accepted) == 2


def test_a_terminal_gets_a_bar(at_google, program):
    ours, theirs = pty.openpty()
    running = program.start("generate", "A kite", *PAID, stderr=theirs, env={"TERM": "xterm"})
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # Linux reports the closed other side of a terminal like this
            break
        if not chunk:
            break
        seen += chunk
    assert running.wait(60) == 0
    assert b"1/5" in seen
    assert b"%" in seen
    os.close(ours)
    running.stdout.close()


def test_a_lost_answer_is_code_5_and_never_sent_again(google, here, here_json):
    google.submit_steps.append(accept_and_reset)
    done = here("generate", "A kite", *PAID, "--json", code=5)
    assert json.loads(done.stdout)["status"] == "unknown"
    assert "may have been charged" in done.stderr
    assert here("collect", code=5).stdout == ""
    assert here_json("wallet")["balance"] == 90
    assert len(google.submits) == 1


def test_a_price_is_asked_on_a_terminal_and_no_costs_nothing(program):
    ours, theirs = pty.openpty()
    running = program.start(
        "generate", "A kite", "--provider", "gemini",
        stdin=theirs, stderr=theirs, env={"GEMINI_API_KEY": "not-a-real-key"},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while b"[y/N]" not in seen:
        seen += os.read(ours, 4096)
    assert b"10 tokens and about $0.56 at Google Gemini" in seen
    assert b"100 tokens" in seen
    os.write(ours, b"n\n")
    assert running.communicate(timeout=60)[0] == ""
    assert running.returncode == 130
    os.close(ours)
    assert program.json("wallet")["balance"] == 100
    assert program.json("history") == []


class TestAgainstTheRehearsalServer:
    """The server stands in for the real service: same protocol, same prices, same adapter."""

    KEY = "A-key-that-must-never-be-seen-0123456789"

    @pytest.fixture
    def serve(self, program, read_until):
        servers = []

        def start(*arguments):
            server = program.start("rehearsal-server", *arguments)
            servers.append(server)
            url = server.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:")
            hint = read_until(server.stderr, "Try it")
            assert f"VEO_STUDIO_GEMINI_URL={url}" in hint
            program.env |= {"VEO_STUDIO_GEMINI_URL": url, "GEMINI_API_KEY": self.KEY}

        yield start
        for server in servers:
            server.send_signal(signal.SIGINT)
            _, err = server.communicate(timeout=60)
            assert server.returncode == 0, err
            assert "Traceback" not in err

    PAID = ("--provider", "gemini", "--duration", "3", "--resolution", "360p")

    def test_a_paid_clip_costs_tokens_once_and_keeps_the_key_secret(self, program, serve):
        serve()
        refused = program.run("generate", "A kite", *self.PAID, code=2)
        assert "--yes" in refused.stderr
        assert "10 tokens and about $0.07" in refused.stderr
        done = program.json("generate", "A kite", *self.PAID, "--yes")
        assert done["status"] == "completed"
        assert (done["tokens"], done["price_usd"], done["charge"]) == (10, 0.069, "charged")
        wallet = program.json("wallet")
        assert wallet["balance"] == 90
        charges = [entry["tokens"] for entry in wallet["entries"] if entry["kind"] == "charge"]
        assert charges == [-10]
        found = [
            path
            for path in program.home.rglob("*")
            if path.is_file() and self.KEY[:20].encode() in path.read_bytes()
        ]
        assert found == []

    def test_an_empty_wallet_is_code_4_and_sends_nothing(
        self, program, here, here_json, monkeypatch
    ):
        config = program.home / "config"
        config.mkdir(parents=True)
        (config / "models.toml").write_text(
            """
            [[models]]
            id = "dear"
            provider = "gemini"
            name = "Dear"
            tokens = 101
            durations_s = [4]
            aspect_ratios = ["16:9"]
            resolutions = ["720p"]
            has_negative_prompt = false
            has_seed = false
            audio = "always"
            default_duration_s = 4
            default_aspect_ratio = "16:9"
            default_resolution = "720p"
            """
        )
        monkeypatch.setenv("GEMINI_API_KEY", self.KEY)
        done = here("generate", "A kite", "--model", "dear", "--json", code=4)
        document = json.loads(done.stdout)
        assert document["error_kind"] == "budget"
        assert "101 tokens" in document["error"]
        assert "veo-studio wallet add" in done.stderr
        assert here_json("history") == []


def test_folders_and_files_are_private(program):
    program.run("history")
    for path in (program.home / "data", program.home / "logs"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (program.home / "data" / "veo-studio.db", program.home / "logs" / "veo-studio.log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
