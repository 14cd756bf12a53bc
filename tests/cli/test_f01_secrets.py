"""F01: a provider that repeats the key everywhere; it reaches no file, no stream and no report."""

import json
from urllib.parse import quote

import pytest

from tests.cli.conftest import PAID
from tests.faults import books
from tests.faults.google import (
    Call,
    accept_as,
    answer,
    done_at,
    failed,
    interaction,
    refuse,
    send,
    take,
)
from veo_studio.cli import listing
from veo_studio.core.providers.gemini import GeminiProvider
from veo_studio.core.store.repositories import GenerationRepository

KEY = books.KEY
LEAKS = books.leaks_of(KEY)
ECHO = " ; ".join(["You sent", *LEAKS.values(), f"x-goog-api-key: {KEY}", f"Bearer {KEY}"])
SHORT_ECHO = f"You sent {KEY}"
# header lines are latin-1, and a NUL ends them
HEADERS = {"X_Echo": KEY, "X_Request_Id": KEY, "Set_Cookie": f"key={quote(KEY)}", "Server": KEY}


@pytest.fixture
def echoing(google, here, program, monkeypatch):
    """Runs commands with every log line there is; afterwards everything that was seen is searched."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setenv("VEO_STUDIO_LOG_LEVEL", "debug")
    seen = {}

    def run(*arguments, code=0):
        done = here(*arguments, code=code)
        seen[f"{len(seen)} {arguments[:2]} stdout"] = done.stdout
        seen[f"{len(seen)} {arguments[:2]} stderr"] = done.stderr
        return done

    yield run
    assert any(KEY in asked.received.headers.values() for asked in google.submits)
    assert "DEBUG" in (program.home / "logs" / "veo-studio.log").read_text()
    books.check_no_key([KEY], [program.home], seen)


def generate(echoing, *more, code):
    return echoing("generate", "A kite", *PAID, *more, code=code)


@pytest.mark.parametrize("status", [400, 401, 404])
def test_in_a_refusal(google, echoing, status):
    google.submit_default = refuse(status, "INVALID_ARGUMENT", ECHO, **HEADERS)
    words = generate(echoing, code=3).stderr
    assert "You sent" in words
    assert "[redacted]" in words
    assert "You sent" in echoing("history", "--json").stdout


def test_in_a_wait_and_in_what_is_no_json(google, echoing):
    google.submit_steps.append(
        refuse(429, "RESOURCE_EXHAUSTED", SHORT_ECHO, Retry_After="1", **HEADERS)
    )
    google.submit_default = send(f"<h1>{ECHO}</h1>".encode(), "text/html", 500, **HEADERS)
    generate(echoing, code=5)
    echoing("attention")
    echoing("attention", "--json")


@pytest.mark.parametrize("form", LEAKS)
def test_in_the_name_of_an_operation(google, echoing, form):
    google.submit_default = accept_as(LEAKS[form])
    generate(echoing, code=5)
    echoing("history", "--json")


def test_in_the_end_of_a_generation(google, echoing):
    google.poll_steps.append(answer({"error": {"code": 500, "message": ECHO}}, 500, **HEADERS))
    google.poll_default = failed(3, ECHO)
    assert "You sent" in generate(echoing, "--json", code=3).stdout


@pytest.mark.parametrize("part", ["query", "path", "user", "quoted"])
def test_in_the_link_to_the_clip(google, echoing, part):
    link = {
        "query": f"{google.url}/v1/files/x:download?key={KEY}",
        "path": f"{google.url}/v1/files/{KEY}:download",
        "user": f"https://{quote(KEY, safe='')}@example.com/x.mp4",
        "quoted": f"{google.url}/v1/files/x:download?note={quote(KEY, safe='')}",
    }[part]
    google.poll_steps.append(done_at(link, status_message=ECHO, **{KEY: KEY}))
    google.download_default = refuse(401, "UNAUTHENTICATED", ECHO, **HEADERS)
    done = generate(echoing, "--json", code=5)
    assert json.loads(done.stdout)["status"] == "held"


def test_in_a_good_answer(google, echoing):
    async def accept(call: Call) -> None:
        await call.says({"id": take(call), "status": "queued", "echo": ECHO, KEY: KEY}, **HEADERS)

    async def run_on(call: Call) -> None:
        await call.says(interaction(call, "in_progress", note=ECHO), **HEADERS)

    google.submit_default = accept
    google.poll_steps.append(run_on)
    assert generate(echoing, code=0).stdout.endswith("_A_kite.mp4\n")
    for arguments in (["history"], ["wallet"], ["queue"], ["models"], ["doctor"], ["attention"]):
        echoing(*arguments)
        echoing(*arguments, "--json")


def test_in_a_table_for_others(google, echoing, program):
    google.submit_default = refuse(400, "INVALID_ARGUMENT", ECHO)
    generate(echoing, code=3)
    file = program.home / "wallet.csv"
    echoing("wallet", "export", str(file))
    assert "grant" in file.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("owner", "name"),
    [(GeminiProvider, "submit"), (GenerationRepository, "create")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_in_a_bug_of_ours(google, echoing, monkeypatch, owner, name):
    google.submit_default = refuse(401, "UNAUTHENTICATED", SHORT_ECHO)
    generate(echoing, code=3)

    def boom(*_arguments, **_options):
        raise RuntimeError(ECHO)

    monkeypatch.setattr(owner, name, boom)
    generate(echoing, code=None)


def test_in_a_bug_of_a_command(google, echoing, monkeypatch):
    google.submit_default = refuse(401, "UNAUTHENTICATED", SHORT_ECHO)
    generate(echoing, code=3)

    def boom():
        raise RuntimeError(ECHO)

    monkeypatch.setattr(listing, "open_workplace", boom)
    echoing("history", "--json", code=1)


def test_in_the_arguments(google, echoing):
    google.submit_default = refuse(401, "UNAUTHENTICATED", SHORT_ECHO)
    generate(echoing, code=3)
    for arguments in ([KEY], ["generate", "A kite", f"--api-key={KEY}"],
                      ["generate", "A kite", "--duration", KEY], ["generate", "A kite", "--model", KEY],
                      ["generate", "A kite", "--aspect", KEY], ["wallet", "add", KEY],
                      ["wallet", "budget", KEY, KEY], ["queue", "pause", KEY],
                      ["history", "--status", KEY]):  # fmt: skip
        echoing(*arguments, "--json", code=2)
