"""What `generate` does where nothing may be sent: the row never stays behind, and the money comes back."""

import asyncio
import json
import os
import re
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import PAID
from tests.core.studios import open_studio
from tests.faults.google import refuse
from veo_studio.cli import making
from veo_studio.cli.pausing import pause_sentence, wait_words
from veo_studio.core.models import Pause, PauseKind
from veo_studio.core.store import moves

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def nothing_is_left(here_json):
    """No row waits, and the wallet is as it was."""

    def check():
        assert here_json("queue")["waiting"] == []
        assert here_json("wallet")["balance"] == 100

    return check


def test_a_refused_key_ends_what_was_not_sent(google, here, here_json, nothing_is_left):
    google.submit_default = refuse(401, "UNAUTHENTICATED", "API key not valid")
    done = here("generate", "A kite", *PAID, "--count", "3", "--json", code=3)
    made = json.loads(done.stdout)
    assert {entry["status"] for entry in made} <= {"failed", "cancelled"}
    assert made[0]["error_kind"] == "auth"
    assert {entry["charge"] for entry in made} == {"not_charged"}
    assert "API key not valid" in done.stderr
    assert "`veo-studio doctor` says where it comes from" in done.stderr
    assert google.accepted == {}
    nothing_is_left()
    # the next one is sent with whatever key there is then
    del google.submit_default
    google.submit_default = refuse(400, "INVALID_ARGUMENT", "No such ratio")
    here("generate", "A kite", *PAID, code=3)
    assert len(here_json("history")) == 4


async def test_a_key_that_the_window_finds_refused_ends_the_guest_s_row(google, here_json):
    google.submit_default = refuse(401, "UNAUTHENTICATED", "API key not valid")
    async with open_studio() as studio:
        await studio.queue.resume()
        made = await asyncio.to_thread(here_json, "generate", "A kite", *PAID, code=3)
        assert (made["status"], made["error_kind"]) == ("failed", "auth")
        assert len(google.submits) == 1
        assert await studio.wallet.balance() == 100
        assert await studio.wallet.check() == []


def test_a_paused_queue_is_told_before_anything_is_stored(google, here, here_json, nothing_is_left):
    for place in ([], ["gemini"]):
        here("queue", "pause", *place)
        done = here("generate", "A kite", *PAID, "--json", code=4)
        assert f"veo-studio queue resume{' gemini' if place else ''}`" in done.stderr
        assert "nothing was sent and nothing was charged" in done.stderr
        assert json.loads(done.stdout)["error_kind"] == "paused"
        here("queue", "resume", *place)
    assert google.submits == []
    assert here_json("history") == []
    nothing_is_left()
    assert here("generate", "A kite", *PAID).stdout.endswith("_A_kite.mp4\n")


def test_a_budget_in_money_holds_here_too(google, here, here_json, nothing_is_left):
    here("wallet", "budget", "day", "0.05")
    done = here("generate", "A kite", *PAID, "--json", code=4)
    assert "`veo-studio wallet budget day AMOUNT`" in done.stderr
    assert json.loads(done.stdout)["error_kind"] == "budget"
    # not asked about a price that would be refused after the answer
    assert here("generate", "A kite", *PAID[:-1], code=4).stderr == done.stderr
    assert here_json("history") == []
    nothing_is_left()
    here("wallet", "budget", "day", "none")
    here("wallet", "budget", "batch", "$1")
    here("generate", "A kite", *PAID)
    day, _, batch = here_json("wallet")["budgets"]
    assert (day["limit_usd"], day["spent_usd"], day["reserved_usd"]) == (None, 0.069, 0)
    assert (batch["limit_usd"], batch["left_usd"]) == (1, 1)


def test_a_full_queue_is_code_4(google, here, nothing_is_left, monkeypatch):
    monkeypatch.setattr(moves, "MAX_WAITING", 0)
    done = here("generate", "A kite", *PAID, "--json", code=4)
    assert json.loads(done.stdout)["error_kind"] == "queue_full"
    assert "`veo-studio queue` lists them" in done.stderr
    nothing_is_left()


def test_unsound_books_stop_spending_and_nothing_else(google, here, program):
    here("wallet")
    connection = sqlite3.connect(program.home / "data" / "veo-studio.db")
    with closing(connection), connection:
        connection.execute(
            "INSERT INTO wallet_entries (kind, tokens, balance_after, at, booked_at, cause, "
            "cost_micros) SELECT kind, 5, 5000, at, booked_at, cause, 0 FROM wallet_entries"
        )
    done = here("generate", "A kite", *PAID, code=6)
    assert "`veo-studio doctor`" in done.stderr
    assert google.submits == []
    here("history")
    here("wallet")
    here("collect")


def test_a_wait_that_the_provider_asks_for_is_counted_down(google, here):
    google.submit_steps.append(refuse(429, "RESOURCE_EXHAUSTED", "Slow down", Retry_After="1"))
    done = here("generate", "A kite", *PAID)
    assert re.search(r"Waiting to send it \(.*Slow down\), [1-9] s left", done.stderr), done.stderr
    assert done.stdout.endswith("_A_kite.mp4\n")


def test_a_long_wait_is_an_hour_of_the_day_and_can_be_left(google, program, read_until, here_json):
    google.submit_default = refuse(429, "RESOURCE_EXHAUSTED", "Slow down", Retry_After="86400")
    env = {name: os.environ[name] for name in ("GEMINI_API_KEY", "VEO_STUDIO_GEMINI_URL")}
    running = program.start("generate", "A kite", *PAID, env=env)
    seen = read_until(running.stderr, "until")
    assert re.search(r"until \d{4}-\d\d-\d\d \d\d:\d\d", seen)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "nothing was sent and nothing was charged" in err
    assert len(google.submits) == 1
    assert here_json("wallet")["balance"] == 100


@pytest.mark.parametrize(
    ("left_s", "words"),
    [(-5, "0 s left"), (42, "42 s left"), (299, "4 min 59 s left")],
)
def test_words_of_a_short_wait(left_s, words):
    assert wait_words(NOW + timedelta(seconds=left_s), NOW) == words


def test_words_of_a_long_wait_are_local():
    until = NOW + timedelta(minutes=6)
    assert wait_words(until, NOW) == f"until {until.astimezone():%H:%M}"
    assert wait_words(until + timedelta(days=2), NOW).startswith("until 2026-11-23 ")


@pytest.mark.parametrize("kind", PauseKind)
@pytest.mark.parametrize("provider", ["", "gemini"])
def test_every_pause_has_a_sentence(kind, provider):
    until = NOW + timedelta(seconds=9) if kind is PauseKind.TOLD else None
    words = pause_sentence(Pause(provider, kind, "Because.", NOW, until), NOW)
    assert words[0].isupper()
    assert ("provider gemini" in words) == bool(provider)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VEO_STUDIO_POLL_INTERVAL", "often"),
        ("VEO_STUDIO_SUBMIT_TIMEOUT", "-1"),
        ("VEO_STUDIO_GEMINI_URL", "http://example.com"),
        ("VEO_STUDIO_REHEARSAL_FAULT", "plague"),
        ("VEO_STUDIO_LOG_LEVEL", "loud"),
    ],
)
def test_mistyped_settings_are_told_before_anything_is_stored(
    program, here, monkeypatch, name, value
):
    monkeypatch.setenv(name, value)
    for arguments in (["generate", "A kite"], ["collect"], ["attention"]):
        assert name in here(*arguments, code=2).stderr
        assert not program.home.exists()


@pytest.mark.skipif(os.name != "posix", reason="bytes in names")
def test_a_folder_whose_name_is_no_text_is_told_before_paying(program, here, tmp_path, monkeypatch):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/f\xff")
    assert "UTF-8" in here("generate", "A kite", "--output-dir", folder, code=2).stderr
    assert not program.home.exists()
    monkeypatch.setenv("VEO_STUDIO_HOME", folder)
    assert "UTF-8" in here("generate", "A kite", code=2).stderr
    assert not os.path.exists(folder)


def test_a_value_error_of_ours_is_no_bad_input(here, monkeypatch):
    def boom(*_arguments):
        raise ValueError("invalid literal for int()")

    monkeypatch.setattr(making, "_store", boom)
    monkeypatch.setattr(making, "_refuse_where_paused", boom)
    done = here("generate", "A kite", code=1)
    assert "Something went wrong inside Veo Studio" in done.stderr
    assert "invalid literal" not in done.stderr
