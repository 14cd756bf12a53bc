"""How long a command waits for a list, and what is said about those whose turn never came."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.cli.conftest import PAID, google, here, program  # noqa: F401
from tests.fakes.generations import a_generation
from tests.faults.google import run_on
from veo_studio.cli import making
from veo_studio.cli.in_line import LinePatience
from veo_studio.core.models import GenerationState as S


def a_line(count, provider="rehearsal"):
    return [
        replace(a_generation(), id=number, provider=provider, state=S.PENDING)
        for number in range(1, count + 1)
    ]


def test_the_time_of_one_in_line_begins_when_those_before_it_end():
    first, second, third = a_line(3)
    patience = LinePatience([first, second, third], {"rehearsal": 100.0}, 0.0)
    patience.saw(replace(first, state=S.PROCESSING), 1.0)
    patience.saw(replace(first, state=S.COMPLETED), 90.0)
    assert (patience.left_s(second.id, 90.0), patience.left_s(third.id, 90.0)) == (100.0, 100.0)
    assert patience.left_s(first.id, 90.0) == 10.0
    # once it is accepted its own time runs, whatever others do
    patience.saw(replace(second, state=S.PROCESSING), 91.0)
    patience.saw(replace(second, state=S.COMPLETED), 170.0)
    assert patience.left_s(second.id, 170.0) == 20.0
    assert patience.left_s(third.id, 170.0) == 100.0


def test_a_line_that_stands_still_is_not_waited_for():
    mine, stranger, elsewhere = [*a_line(2), replace(a_generation(), id=9, provider="gemini")]
    patience = LinePatience([mine], {"rehearsal": 100.0}, 0.0)
    # turned away again and again, asked about again and again, another provider's: no progress
    for moment in range(1, 90):
        patience.saw(replace(mine, state=S.SUBMITTING), moment)
        patience.saw(replace(mine, state=S.PENDING), moment)
        patience.saw(replace(elsewhere, id=moment + 100, state=S.COMPLETED), moment)
    assert patience.left_s(mine.id, 90.0) == 10.0
    patience.saw(replace(stranger, state=S.PROCESSING), 50.0)
    patience.saw(replace(stranger, state=S.PROCESSING), 90.0)
    patience.saw(replace(stranger, state=S.DOWNLOADING), 91.0)
    assert patience.left_s(mine.id, 100.0) == 50.0


def test_those_that_were_never_sent_are_ended_with_a_sentence(here, google, monkeypatch):  # noqa: F811
    google.poll_default = run_on
    monkeypatch.setattr(making, "_AFTER_DEADLINE_S", 8.0 - 1200.0)
    made = here("generate", "{a|b|c|d|e|f} red kite", *PAID, "--json", code=5)
    ends = [one for one in json.loads(made.stdout) if one["status"] == "cancelled"]
    assert len(ends) == 2
    assert {one["charge"] for one in ends} == {"not_charged"}
    assert "2 of 6 were never sent, because the provider took nothing more in time" in made.stderr
    assert "nothing was charged for them" in made.stderr
    assert len(google.submits) == 4
