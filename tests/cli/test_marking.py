"""`history` with its filters, and `mark`."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.store.libraries import new
from veo_studio.core.paths import Paths
from veo_studio.core.store import moves
from veo_studio.core.store.database import Database

NOW = datetime.now(UTC)


@pytest.fixture
def stored(program):
    """Three clips, the oldest of three days ago."""
    paths = Paths.below(program.home)
    paths.ensure()
    database = Database.open(paths.database)
    try:
        for number, prompt in enumerate(("A red kite", "Two foxes", "A harbour at night")):
            at = NOW - timedelta(days=3 - number)
            database.write_now(lambda c, p=prompt, at=at: moves.create(c, [new(p)], at))
    finally:
        database.close()


@pytest.fixture
def found(here_json):
    def ids(*options):
        return [one["id"] for one in here_json("history", *options)]

    return ids


def test_marks_are_stored_shown_and_found(stored, here, here_json, found):
    marked = here_json(
        "mark", "1", "3", "--favourite", "--rating", "4", "--tag", "for Anna", "--tag", "KEEP"
    )
    assert [one["id"] for one in marked] == [1, 3]
    assert {(one["favourite"], one["rating"], tuple(one["tags"])) for one in marked} == {
        (True, 4, ("for Anna", "KEEP"))
    }
    assert found("--favourites") == [3, 1]
    assert found("--tag", "keep", "--tag", "for anna") == [3, 1]
    assert found("--search", "anna kite") == [1]
    assert here_json("mark", "2", "--caption", "Opening shot")[0]["caption"] == "Opening shot"
    assert found("--search", "opening") == [2]
    done = here("mark", "3", "--no-favourite", "--untag", "Keep", "--rating", "0", "--reject")
    assert done.stdout == "3: rejected; tags for Anna\n"
    assert here("mark", "3", "--favourite").stdout == "3: favourite; tags for Anna\n"
    assert here("mark", "2", "--caption", "").stdout == "2: no marks\n"


def test_the_history_is_narrowed_down_and_sorted(stored, found):
    assert found() == [3, 2, 1]
    assert found("--sort", "oldest", "--limit", "2") == [1, 2]
    assert found("--sort", "prompt") == [3, 1, 2]
    # not from today on: midnight may come between
    assert found("--since", f"{(NOW - timedelta(days=1)).astimezone():%Y-%m-%d}") == [3]
    assert found("--until", f"{(NOW - timedelta(days=2)).astimezone():%Y-%m-%d}") == [2, 1]
    assert found("--since", "30d", "--until", "today") == [3, 2, 1]
    assert found("--model", "gemini-omni-1.2-flash", "--provider", "gemini") == [3, 2, 1]
    assert found("--provider", "runway") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["history", "--sort", "size"], "There is no order 'size'. Known: newest,"),
        (["history", "--since", "last week"], "is no day"),
        (["history", "--since", "today", "--until", "7d"], "7d is before today"),
        (["mark", "1"], "Say what to change"),
        (["mark", "1", "--rating", "6"], "from 0 to 5"),
        (["mark", "1", "--tag", "  "], "needs a name"),
        (["mark", "1", "--tag", "x" * 65], "at most 64"),
        (["mark", "1", "--favourite", "--reject"], "not both"),
        (["mark", "1", "9", "--favourite"], "There is no generation 9"),
        (["mark", "1", "--favourite", "--caption", "a\udcffb"], "--caption is not valid UTF-8."),
        (["mark", "1", "--favourite", "--tag", "a\udcffb"], "--tag is not valid UTF-8."),
        (["history", "--tag", "\udcff"], "--tag is not valid UTF-8."),
        (["history", "--model", "\udcff"], "--model is not valid UTF-8."),
        (["history", "--provider", "\udcff"], "--provider is not valid UTF-8."),
        (["history", "--search", "kite\udcff"], "--search is not valid UTF-8."),
    ],
)
def test_what_cannot_be_meant_is_told_and_nothing_is_changed(stored, here, found, arguments, words):
    assert words in here(*arguments, code=2).stderr
    assert found("--favourites") == []


def test_too_many_tags_change_nothing(stored, here, found):
    tags = [part for number in range(33) for part in ("--tag", f"tag {number}")]
    assert "at most 32" in here("mark", "1", "--favourite", *tags, code=2).stderr
    assert found("--favourites") == found("--tag", "tag 1") == []


def test_json_has_the_marks_of_every_row(stored, here):
    row = json.loads(here("history", "--json").stdout)[0]
    assert (row["favourite"], row["rejected"], row["rating"]) == (False, False, 0)
    assert (row["caption"], row["tags"]) == ("", [])
