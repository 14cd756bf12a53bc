"""`doctor` says what is wrong and what to do, and changes nothing."""

import os
import sqlite3
import stat
from contextlib import closing

import pytest

from veo_studio.core.store.database import Database


@pytest.fixture
def report(here_json):
    """The checks by name."""

    def run(code=0):
        return {check["name"]: check for check in here_json("doctor", code=code)["checks"]}

    return run


@pytest.fixture
def change(program):
    """Do something to the stored library behind the program's back."""

    def run(statement):
        connection = sqlite3.connect(program.home / "data" / "veo-studio.db")
        with closing(connection), connection:
            connection.execute(statement)

    return run


def test_looking_makes_nothing(program, report):
    checks = report()
    assert not program.home.exists()
    assert "does not exist yet" in checks["folder data"]["message"]
    assert "does not exist yet" in checks["database"]["message"]
    assert checks["scheduler"]["message"] == "No Veo Studio is open on this library."


def test_sound_books_pauses_and_attention_are_told(here, report):
    here("wallet", "add", "7")
    here("queue", "pause", "gemini")
    checks = report()
    assert checks["books"]["status"] == "ok"
    assert "107 tokens" in checks["books"]["message"]
    assert "queue resume gemini" in checks["pause"]["message"]
    assert checks["attention"] == {
        "name": "attention", "status": "ok", "message": "Nothing needs your attention.", "advice": "",
    }  # fmt: skip


def test_d07_unsound_books_are_found_and_named(here, report, change):
    here("wallet")
    change(
        "INSERT INTO wallet_entries (kind, tokens, balance_after, at, booked_at, cause, cost_micros) "
        "SELECT kind, 5, 5000, at, booked_at, cause, 0 FROM wallet_entries"
    )
    checks = report(code=6)
    assert checks["books"]["status"] == "fail"
    assert "I01" in checks["books"]["message"]
    assert checks["database"]["status"] == "ok"


def test_the_key_is_named_by_its_place_and_never_shown(report, monkeypatch):
    monkeypatch.setenv("GOOGLE_API_KEY", "a-key-that-is-not-shown-0123")
    monkeypatch.setenv("GEMINI_API_KEY", "two words")
    checks = report()
    words = checks["provider gemini"]["message"]
    assert "the environment variable GOOGLE_API_KEY" in words
    assert "GEMINI_API_KEY is set but cannot be a key" in words
    assert "a-key-that-is-not-shown" not in str(checks)
    assert "two words" not in str(checks)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_folders_that_others_may_reach_are_named(program, here, report):
    here("wallet")
    assert report()["privacy"]["status"] == "ok"
    folder = program.home / "data"
    folder.chmod(0o755)
    words = report()["privacy"]
    assert (words["status"], str(folder) in words["message"]) == ("warn", True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_mistyped_settings_are_found(report, monkeypatch):
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "often")
    monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", "http://example.com")
    checks = report(code=6)
    assert "VEO_STUDIO_POLL_INTERVAL" in checks["environment"]["message"]
    assert "VEO_STUDIO_GEMINI_URL" in checks["address"]["message"]


def test_the_scheduler_is_seen_and_its_lock_never_tried(program, here, report, monkeypatch):
    def refuse(*_arguments, **_options):
        raise AssertionError("a start in that moment would have been turned away")

    here("wallet")
    database = Database.open(program.home / "data" / "veo-studio.db")
    try:
        database.acquire_scheduler()
        monkeypatch.setattr("filelock.FileLock.acquire", refuse)
        assert f"process {os.getpid()}" in report()["scheduler"]["message"]
    finally:
        database.close()
    assert "No Veo Studio" in report()["scheduler"]["message"]


@pytest.mark.parametrize("text", ["[[models]", '[[models]]\nid = "mine"\nprovider = "gemini"'])
def test_a_mistake_in_the_model_list_is_told_and_stops_nothing(program, report, here, text):
    own = program.home / "config" / "models.toml"
    own.parent.mkdir(parents=True)
    own.write_text(text)
    found = report()["catalogue"]
    assert found["status"] == "warn"
    assert str(own) in found["message"]
    assert "Correct it, or move the file away." in found.values()
    done = here("models")
    assert str(own) in done.stderr
    assert "rehearsal-1" in done.stdout
