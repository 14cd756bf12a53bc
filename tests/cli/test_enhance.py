"""Better prompts on the command line: proposed, agreed to, and a help where one is refused."""

import io
import json
import os
import pty
import shlex

import pytest
from PIL import Image

from tests.providers.conformance.recorder import Reply
from tests.providers.servers.texts import Texts, chat_says, gemini_error, gemini_says, serving
from veo_studio.core.enhance import DEFAULT_SYSTEM_PROMPT

KEY = "AIza-a-key-that-is-never-shown-0123"
BETTER = "A kite dances over the sea, slow pan, low sun."
SMALL = ("--resolution", "480p", "--duration", "2", "--provider", "rehearsal")


@pytest.fixture(autouse=True)
def no_service_of_this_machine(monkeypatch):
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_DELAY", "0")


@pytest.fixture
def texts():
    return Texts()


@pytest.fixture
def gemini(texts, monkeypatch):
    """Google's text models."""
    texts.says(gemini_says(json.dumps({"prompt": BETTER})))
    with serving(texts) as server:
        monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", server.url)
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        yield server


@pytest.fixture
def ollama(texts):
    texts.models = {"data": [{"id": "llama3.2"}, {"id": "qwen"}]}
    texts.says(chat_says(f"Here is your prompt:\n\n{BETTER}"))
    with serving(texts) as server:
        yield server


def settings_of(program):
    return json.loads((program.home / "config" / "settings.json").read_text())


def test_the_rules_propose_on_stdout_and_show_the_changes_on_stderr(here, here_json, program):
    done = here("enhance", "a red kite")
    assert done.stdout.startswith("a red kite. ")
    assert "camera" in done.stdout
    assert done.stderr.startswith("a red kite{+. ")
    assert here("enhance", "a red kite").stdout == done.stdout
    document = here_json("enhance", "a red kite")
    assert document["prompt"] == done.stdout.strip()
    assert (document["original_prompt"], document["service"]) == ("a red kite", "rules")
    kept = "".join(each["text"] for each in document["changes"] if each["kind"] != "added")
    assert kept == "a red kite"
    assert "camera" not in here("enhance", "a red kite", "--picture").stdout
    assert not (program.home / "data" / "studio.db").exists()


def test_a_prompt_that_is_good_comes_back_as_it_is(here, here_json):
    better = here("enhance", "a red kite").stdout.strip()
    done = here("enhance", better)
    assert done.stdout.strip() == better
    assert "nothing to add" in done.stderr
    assert not here_json("enhance", better)["is_changed"]
    assert "English only" in here("enhance", "Eine Katze auf dem Dach").stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("",), "Prompt cannot be empty"),
        (("x" * 2001,), "too long"),
        (("a cat", "--service", "nobody"), "Choose rules, gemini or openai"),
        (("a cat", "--service", "gemini"), "veo-studio providers connect gemini"),
        (("a cat", "--service", "openai"), "veo-studio providers address openai URL"),
        (("a cat", "--image", "no-such-file.png"), "cannot be read"),
        (("a cat", "--model", "nobody"), "nobody"),
    ],
)
def test_bad_input_is_code_2_and_prints_nothing(here, arguments, words):
    done = here("enhance", *arguments, code=2)
    assert words in done.stderr
    assert done.stdout == ""


def test_a_text_file_is_no_photo(here, tmp_path):
    path = tmp_path / "photo.png"
    path.write_text("hello")
    assert "photo.png" in here("enhance", "a cat", "--image", str(path), code=2).stderr


def test_gemini_proposes_and_a_wrong_answer_leaves_stdout_empty(here, gemini, texts, program):
    done = here("enhance", "a kite", "--duration", "5")
    assert done.stdout == f"{BETTER}\n"
    (told,) = gemini.take()
    assert "5 seconds" in str(told.body)
    for reply, words in (
        (Reply(gemini_says("I'm sorry, I can't do that.")), "declined"),
        (gemini_error(429, "RESOURCE_EXHAUSTED", "Slow down"), "Slow down"),
        (gemini_error(401, "UNAUTHENTICATED", f"No {KEY}"), "No "),
        (Reply(raw=b"<html>"), "answer"),
    ):
        texts.says(reply)
        done = here("enhance", "a kite", code=3)
        assert done.stdout == ""
        assert words in done.stderr
        assert KEY not in done.stderr
    for path in program.home.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()


def test_a_service_that_never_answers_ends_in_time(here, gemini, texts, monkeypatch):
    texts.is_silent = True
    monkeypatch.setenv("VEO_STUDIO_ENHANCE_TIMEOUT", "0.3")
    assert "within 0.3 seconds" in here("enhance", "a kite", code=3).stderr


def test_a_photo_is_looked_at_and_not_kept(here, gemini, program, tmp_path):
    photo = tmp_path / "photo.png"
    Image.new("RGB", (64, 36), "red").save(photo)
    assert here("enhance", "", "--image", str(photo)).stdout == f"{BETTER}\n"
    (told,) = gemini.take()
    assert "inlineData" in str(told.body)
    assert not list(program.home.rglob("*.png"))
    rules = here("enhance", "a cat", "--image", str(photo), "--service", "rules")
    assert "not looked at" in rules.stderr
    assert "light" not in rules.stdout


def test_a_chat_server_is_set_up_tested_and_used(here, here_json, ollama, program):
    address = f"{ollama.url}/v1"
    here("providers", "address", "openai", address)
    assert "llama3.2, qwen" in here("providers", "test", "openai").stdout
    assert here_json("providers", "show", "openai")["is_ready"]
    states = here_json("enhancer")
    assert states["chosen"] == "openai"
    assert "in use" in here("enhancer").stdout
    assert here("enhance", "a kite").stdout == f"{BETTER}\n"
    assert ollama.take()[-1].body["model"] == "llama3.2"
    assert here("enhancer", "model", "openai").stdout == "llama3.2\nqwen\n"
    assert here("enhancer", "model", "openai", "qwen").stdout == "Chat server: qwen\n"
    assert "has qwen, one of 2 models" in here("enhancer", "test").stdout
    here("enhance", "a kite")
    assert ollama.take()[-1].body["model"] == "qwen"
    here("enhancer", "use", "rules")
    assert settings_of(program)["enhancer"] == {"service": "rules", "models": {"openai": "qwen"}}
    assert here("enhance", "a kite").stdout.startswith("a kite. ")
    here("enhancer", "use", "--usual")
    here("enhancer", "model", "openai", "--usual")
    assert settings_of(program)["enhancer"] == {}
    assert "Chat server" in here("providers").stderr
    checks = here_json("doctor", code=None)["checks"]
    assert any("Chat server" in each["message"] for each in checks if each["name"] == "enhancer")


def test_the_enhancer_refuses_what_it_cannot_do(here):
    assert "providers connect gemini" in here("enhancer", "use", "gemini", code=2).stderr
    assert "--usual" in here("enhancer", "use", code=2).stderr
    assert "no models" in here("enhancer", "model", "rules", "x", code=2).stderr
    assert "providers address openai" in here("enhancer", "test", "openai", code=2).stderr
    assert "no connection" in here("enhancer", "test").stdout
    plain = ("providers", "address", "openai", "http://192.168.1.20:11434/v1")
    assert "not encrypted" in here(*plain, code=2).stderr
    here(*plain, "--plain-http")


def test_instructions_are_shown_replaced_and_brought_back(
    here, here_json, tmp_path, gemini, monkeypatch
):
    assert here("enhancer", "instructions").stdout.strip() == DEFAULT_SYSTEM_PROMPT.strip()
    file = tmp_path / "own.txt"
    file.write_bytes(b"\xef\xbb\xbfWrite like a poet.\n")
    here("enhancer", "instructions", str(file))
    assert here_json("enhancer", "instructions") == {
        "instructions": "Write like a poet.",
        "is_own": True,
    }
    here("enhance", "a kite")
    assert "Write like a poet." in str(gemini.take()[0].body)
    monkeypatch.setattr("sys.stdin", io.StringIO("Be brief."))
    here("enhancer", "instructions", "-")
    assert here_json("enhancer", "instructions")["instructions"] == "Be brief."
    for content, words in ((b"", "empty"), (b"\xff\xfe\xff", "UTF-8"), (b"x" * 9000, "too long")):
        file.write_bytes(content)
        assert words in here("enhancer", "instructions", str(file), code=2).stderr
    assert "cannot be read" in here("enhancer", "instructions", "nowhere.txt", code=2).stderr
    here("enhancer", "instructions", "--usual")
    assert not here_json("enhancer", "instructions")["is_own"]


def test_generate_sends_the_proposal_and_keeps_the_users_words(here, here_json):
    done = here("generate", "a red kite", *SMALL, "--enhance", "--yes", "--json")
    document = json.loads(done.stdout)
    assert document["prompt"].startswith("a red kite. ")
    assert document["config"]["original_prompt"] == "a red kite"
    assert "{+" in done.stderr
    (stored,) = here_json("history")
    assert (stored["prompt"], stored["config"]) == (document["prompt"], document["config"])
    again = here_json("again", str(document["id"]))
    assert again["config"]["original_prompt"] == "a red kite"
    assert again["sha256"] == document["sha256"]


def test_without_a_terminal_or_an_answer_nothing_is_stored(here, here_json, gemini, texts):
    asked = ("generate", "a red kite", *SMALL, "--enhance")
    assert "--yes" in here(*asked, code=2).stderr
    texts.says(gemini_says("{}"))
    assert "Your prompt is unchanged" in here(*asked, "--yes", code=3).stderr
    assert here_json("history") == []


def test_where_nothing_is_added_the_users_words_are_sent(here, here_json):
    done = here("generate", "Eine Katze auf dem Dach", *SMALL, "--enhance", "--json")
    document = json.loads(done.stdout)
    assert document["prompt"] == "Eine Katze auf dem Dach"
    assert "original_prompt" not in document["config"]
    assert "English only" in done.stderr


@pytest.mark.parametrize(("answer", "is_used"), [("y", True), ("n", False)])
def test_on_a_terminal_it_asks_before_the_price(program, answer, is_used):
    program.run("enhancer", "use", "rules")
    ours, theirs = pty.openpty()
    running = program.start(
        "generate", "a red kite", "--provider", "gemini", "--enhance",
        stdin=theirs, stderr=theirs,
        env={"GEMINI_API_KEY": "not-a-real-key", "TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    for reply in (answer, "n"):
        asked = seen.count(b"[y/N]")
        while seen.count(b"[y/N]") == asked:
            seen += os.read(ours, 4096)
        os.write(ours, f"{reply}\n".encode())
    assert running.communicate(timeout=60)[0] == ""
    assert running.returncode == 130
    os.close(ours)
    assert b"\x1b[32m" in seen, "what is added is green"
    assert (b"Your own words are used" not in seen) is is_used
    assert program.json("history") == []


def test_a_refused_prompt_comes_with_a_small_change_and_its_command(here, here_json, monkeypatch):
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "refuse")
    done = here("generate", "a boy's gun in the rain", *SMALL, code=3)
    assert "usage guidelines" in done.stderr
    assert "a [-boy's gun-] {+young man's flashlight+} in the rain" in done.stderr
    line = next(line for line in done.stderr.splitlines() if line.startswith("To send it: "))
    command = shlex.split(line.removeprefix("To send it: "))
    assert command[:4] == ["veo-studio", "again", "1", "--prompt"]
    assert command[4] == "a young man's flashlight in the rain"
    sent = here_json(*command[1:], code=3)
    assert (sent["id"], sent["prompt"]) == (2, command[4])


def test_a_refusal_without_a_known_word_says_so(here, monkeypatch):
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "refuse")
    done = here("generate", "a quiet lake", *SMALL, code=3)
    assert "found no word" in done.stderr
    assert "veo-studio again 1 --prompt TEXT" in done.stderr
    again = here("enhance", "Tom Cruise at a lake", "--refused", "a public figure")
    assert again.stdout == "A male film star at a lake\n"
    assert "Changed: Tom Cruise became a male film star." in again.stderr


def test_a_pipe_is_no_photo_and_no_instructions(here, tmp_path):
    """Nobody writes into it: reading it never ends."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told = here("enhance", "a red kite", "--image", str(pipe), "--service", "rules", code=2)
    assert "is no file" in told.stderr
    assert "is no file" in here("enhancer", "instructions", str(pipe), code=2).stderr
    assert "cannot be read" in here("enhancer", "instructions", str(tmp_path / "no"), code=2).stderr
    assert "There is no file" in here("generate", "--recipe", str(pipe), code=2).stderr
    os.rename(pipe, tmp_path / "pipe.json")
    told = here("generate", "--recipe", str(tmp_path / "pipe.json"), code=2)
    assert "There is no file" in told.stderr
