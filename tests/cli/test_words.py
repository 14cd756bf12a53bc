"""Every ending has its code and its sentence; every error a next step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from veo_studio.cli.terminal import ExitCode
from veo_studio.cli.words import (
    ago,
    error_sentence,
    exit_code_for,
    exit_code_of,
    outcome_sentence,
    price_words,
    size_words,
)
from veo_studio.core import errors
from veo_studio.core.models import (
    Charge,
    ErrorKind,
    Generation,
    GenerationKind,
    GenerationState,
    VideoConfig,
)

S = GenerationState
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAID = Generation(
    id=7,
    uuid="u",
    kind=GenerationKind.VIDEO,
    provider="gemini",
    model="m",
    prompt="A kite",
    config=VideoConfig(),
    state=S.FAILED,
    state_cause="",
    charge=Charge.NOT_CHARGED,
    tokens=10,
    price_usd=Decimal("0.56"),
    created_at=NOW,
    updated_at=NOW,
)


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        ([S.COMPLETED], 0),
        ([S.FAILED], 3),
        ([S.CANCELLED], 3),
        ([S.UNKNOWN], 5),
        ([S.HELD], 5),
        ([S.PROCESSING], 5),
        ([S.COMPLETED, S.FAILED], 3),
        ([S.FAILED, S.HELD, S.COMPLETED], 5),
    ],
)
def test_one_code_for_all_takes(states, code):
    assert exit_code_for([replace(PAID, state=state) for state in states]) == code


def test_a_failure_of_our_own_side_has_its_own_code():
    assert exit_code_for([replace(PAID, error_kind=ErrorKind.STORAGE)]) is ExitCode.STORAGE
    assert exit_code_for([replace(PAID, error_kind=ErrorKind.BUDGET)]) is ExitCode.BUDGET


@pytest.mark.parametrize("state", [state for state in S if state is not S.COMPLETED])
def test_every_ending_without_a_file_is_a_sentence_with_its_number(state):
    words = outcome_sentence(replace(PAID, state=state, error="It broke\nbadly"))
    assert "eneration 7" in words
    assert words.endswith(".")


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_failure_says_what_to_do_and_what_it_cost(kind):
    words = outcome_sentence(replace(PAID, error_kind=kind, error="It broke"))
    assert words.startswith("Generation 7: It broke. ")
    assert words.endswith("Nothing was charged.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.DiskFull("The disk is full."), 6),
        (errors.FolderInUse("Already running."), 6),
        (errors.NotEnoughTokens(needed=10, balance=0), 4),
        (errors.AuthError("No key."), 3),
        (errors.RateLimited("Slow down", retry_after_s=7), 3),
        (errors.OutcomeUnknown("Lost."), 5),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_before_a_row_have_a_code_and_a_next_step(error, code):
    assert exit_code_of(error) == code
    words = error_sentence(error)
    assert words.startswith(error.message.rstrip("."))
    assert len(words) > len(error.message) + 10


def test_small_words():
    assert price_words(10, Decimal("0.5600"), "Google") == "10 tokens and about $0.56 at Google"
    assert price_words(10, None, "Google") == "10 tokens and an unknown price at Google"
    assert size_words(640) == "640 bytes"
    assert size_words(5_240_000) == "5.2 MB"
    for age, words in (
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
    ):
        assert ago(NOW - age, NOW) == words
    assert ago(NOW - timedelta(days=40), NOW) == "2026-10-12"
