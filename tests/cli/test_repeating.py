"""`again`, `final` and `generate --draft`."""

from __future__ import annotations

import json

from tests.cli.conftest import PAID, google, here, here_json, program  # noqa: F401
from tests.faults.google import refuse, send, send_file

SMALL = ("--resolution", "480p", "--duration", "2", "--provider", "rehearsal")


def test_again_is_the_same_clip_and_similar_another(here, here_json):  # noqa: F811
    first = here_json("generate", "A red kite", *SMALL, "--seed", "7")
    twin = here_json("again", str(first["id"]))
    assert twin["id"] != first["id"]
    assert (twin["sha256"], twin["config"]) == (first["sha256"], first["config"])
    other = here_json("again", str(first["id"]), "--similar")
    assert other["prompt"] == first["prompt"]
    assert other["config"]["seed"] != 7
    done = here("again", str(first["id"]), "--vary", "light", "--json")
    varied = json.loads(done.stdout)
    assert varied["prompt"].startswith("A red kite, ")
    assert varied["prompt"] in done.stderr
    takes = here_json("again", str(first["id"]), "--prompt", "A blue kite", "--count", "2")
    assert [one["prompt"] for one in takes] == ["A blue kite"] * 2
    assert len({one["config"]["seed"] for one in takes}) == 2


def test_what_cannot_be_made_again_is_bad_input(here, here_json):  # noqa: F811
    assert "no generation 7" in here("again", "7", code=2).stderr
    here_json("generate", "A red kite", *SMALL)
    assert "Known: seed, camera" in here("again", "1", "--vary", "smell", code=2).stderr
    assert "between 1 and 8" in here("again", "1", "--count", "9", code=2).stderr
    assert "Prompt cannot be empty" in here("again", "1", "--prompt", " ", code=2).stderr
    assert "no draft" in here("final", "1", code=2).stderr
    assert len(here_json("history")) == 1


def test_a_draft_is_made_final_with_the_same_seed(here, here_json):  # noqa: F811
    wanted = ("--resolution", "720p", "--duration", "2", "--provider", "rehearsal")
    draft = here_json("generate", "A red kite", *wanted, "--draft", "--seed", "9")
    assert (draft["config"]["resolution"], draft["config"]["final"]["resolution"]) == (
        "480p",
        "720p",
    )
    final = here_json("final", str(draft["id"]))
    config = final["config"]
    assert (config["resolution"], config["seed"], config.get("final")) == ("720p", 9, None)
    small = ("--resolution", "480p", "--duration", "2", "--provider", "rehearsal")
    done = here("generate", "A red kite", *small, "--draft", "--json")
    assert "no cheaper settings" in done.stderr


def test_one_that_cannot_be_fetched_names_the_way_round_it(here, here_json, google):  # noqa: F811
    google.download_default = send(b"this is no video" * 400, "video/mp4")
    here("generate", "A red kite", *PAID, code=5)
    here("attention", "1", "--mark-failed", "--yes")
    refused = here("again", "1", "--yes", code=5)
    assert "not a video" in refused.stderr
    assert "`veo-studio again 1 --pay-again`" in refused.stderr
    assert len(google.submits) == 1
    google.download_default = send_file
    anew = here_json("again", "1", "--pay-again", "--yes")
    assert (anew["id"], anew["status"], len(google.submits)) == (2, "completed", 2)


def test_one_of_another_key_asks_for_that_key(here, google, monkeypatch):  # noqa: F811
    google.download_default = send(b"this is no video" * 400, "video/mp4")
    here("generate", "A red kite", *PAID, code=5)
    here("attention", "1", "--mark-failed", "--yes")
    google.poll_default = refuse(404, "NOT_FOUND", "No such interaction.")
    monkeypatch.setenv("GEMINI_API_KEY", "AIzaSy-another-key-0000000000000000000")
    refused = here("again", "1", "--yes", code=3)
    assert "another key: put that key back to fetch it. Then ask for it again" in refused.stderr
    assert len(google.submits) == 1
