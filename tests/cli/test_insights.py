"""`veo-studio insights`: the same figures in a terminal."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.made_library import OMNI, SKETCH, MadeLibrary
from veo_studio.core.csv_file import csv_text, write_csv
from veo_studio.core.models import GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.store.database import Database

NOW = datetime.now(UTC)


@pytest.fixture
def filled(studio_home: Path) -> None:
    database = Database.open(Paths.default().database)
    library = MadeLibrary(database)
    for number in range(3):
        library.make(NOW - timedelta(days=number, hours=1), took_s=40 + number, cost="0.4")
    library.make(NOW - timedelta(hours=1), of=SKETCH, took_s=4)
    library.make(NOW - timedelta(hours=1), GenerationState.FAILED)
    database.close()


def test_models_are_listed_with_their_figures(filled: None, here) -> None:  # type: ignore[no-untyped-def]
    words = here("insights").stdout
    assert "success 80.0%: 4 ready, 1 failed, 0 refused; 0 cancelled are not counted" in words
    assert "spent 30 tokens and $1.20" in words
    assert "estimated" not in words
    assert "failures: server_error 1" in words
    (row,) = [line.split() for line in words.splitlines() if OMNI[1] in line]
    assert row[:4] == [*OMNI, "3", "1"]
    assert "$1.20" in row


def test_json_has_every_day(filled: None, here_json) -> None:  # type: ignore[no-untyped-def]
    told = here_json("insights", "--days", "7", "--by", "day")
    assert len(told["days"]) == 7
    assert sum(day["completed"] for day in told["days"]) == told["completed"] == 4
    assert told["cost_usd"] == 1.2
    assert told["days"][0]["cost_usd"] == 0.0
    one = here_json("insights", "--model", SKETCH[1], "--by", "provider")
    assert [row["provider"] for row in one["providers"]] == ["rehearsal"]
    assert one["median_s"] == 4.0


def test_csv_is_the_table(filled: None, here) -> None:  # type: ignore[no-untyped-def]
    words = here("insights", "--by", "model", "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(words)))
    assert [row["model"] for row in rows] == [OMNI[1], SKETCH[1]]
    assert rows[0]["cost_usd"] == "1.200000"


def test_a_range_from_day_to_day(filled: None, here_json) -> None:  # type: ignore[no-untyped-def]
    until = (NOW - timedelta(hours=1)).astimezone().date()
    since = until - timedelta(days=1)
    told = here_json("insights", "--since", str(since), "--until", str(until), "--by", "day")
    assert [row["day"] for row in told["days"]] == [str(since), str(until)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--days", "0"], "The number of days must be 1 to"),
        (["--days", "3", "--since", "2026-01-01"], "Choose --days, or --since and --until."),
        (["--since", "2026-02-02", "--until", "2026-02-01"], "before it begins"),
        (["--until", "9999-12-31"], "The days of a range are of the years 1900 to 2199."),
        (["--since", "0001-01-01"], "The days of a range are of the years 1900 to 2199."),
        (["--since", "yesterday"], "does not match the format"),
        (["--by", "week"], "is not one of"),
        (["--model", "veo-9"], "The library has nothing of the model 'veo-9'."),
        (["--model", "\udcff"], "--model is not valid UTF-8."),
        (["--provider", "a\udcffb"], "--provider is not valid UTF-8."),
        (["--json", "--csv"], "Choose --json or --csv."),
    ],
)
def test_what_cannot_be_meant_is_told(filled: None, here, arguments, words) -> None:  # type: ignore[no-untyped-def]
    assert words in here("insights", *arguments, code=2).stderr


def test_an_empty_library_says_so(studio_home: Path, here) -> None:  # type: ignore[no-untyped-def]
    done = here("insights")
    assert done.stdout == ""
    assert "Nothing ended" in done.stderr
    assert json.loads(here("insights", "--json").stdout)["success"] is None


def test_a_cell_that_a_spreadsheet_would_calculate_stays_text(tmp_path: Path) -> None:
    rows = [("=1+1", -1), ("+49", -0.5), ("-x", None), ("@SUM(A1)", 'a "b", c\nd'), ("é", 3)]
    assert csv_text(("name", "value"), rows) == (
        'name,value\r\n\'=1+1,-1\r\n\'+49,-0.5\r\n\'-x,\r\n\'@SUM(A1),"a ""b"", c\nd"\r\né,3\r\n'
    )
    path = tmp_path / "table.csv"
    write_csv(path, ("name",), [("é",)])
    assert path.read_bytes() == b"\xef\xbb\xbfname\r\n\xc3\xa9\r\n"
    assert [one.name for one in tmp_path.iterdir()] == ["table.csv"]
