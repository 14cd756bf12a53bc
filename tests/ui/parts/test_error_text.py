from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ui.parts.samples import generation
from veo_studio.core import errors
from veo_studio.core.errors import StudioError
from veo_studio.core.models import BudgetPeriod, Charge, ErrorKind, GenerationState
from veo_studio.ui import error_text
from veo_studio.ui.error_text import ErrorText, describe, describe_generation


def _classes() -> list[type[StudioError]]:
    found = [
        member
        for _, member in inspect.getmembers(errors, inspect.isclass)
        if issubclass(member, StudioError)
    ]
    return sorted(set(found), key=lambda one: one.__name__)


_OWN_ARGUMENTS: dict[type[StudioError], Callable[[], StudioError]] = {
    errors.NotEnoughTokens: lambda: errors.NotEnoughTokens(needed=10, balance=3),
    errors.DatabaseTooNew: lambda: errors.DatabaseTooNew("too new", written_by="9.0"),
    errors.BudgetExceeded: lambda: _over(BudgetPeriod.DAY, "5.00", "3.80", "4.48"),
    errors.QueueFull: lambda: errors.QueueFull(10_000),
    errors.QueuePaused: lambda: errors.QueuePaused("gemini"),
    errors.NoLongerWaiting: errors.NoLongerWaiting,
    errors.StillRunning: errors.StillRunning,
}


def _make(kind: type[StudioError]) -> StudioError:
    return _OWN_ARGUMENTS.get(kind, lambda: kind("the server's own words"))()


def _over(
    period: BudgetPeriod, limit: str, spent: str, needed: str | None
) -> errors.BudgetExceeded:
    return errors.BudgetExceeded(
        period,
        limit_usd=Decimal(limit),
        spent_usd=Decimal(spent),
        needed_usd=None if needed is None else Decimal(needed),
    )


def _is_for_people(text: ErrorText) -> None:
    for sentence in (text.happened, text.next_step):
        assert sentence[0].isupper()
        assert sentence[-1] in ".!?…"
        assert "{" not in sentence
        assert "None" not in sentence
    assert (text.action_id is None) == (text.action_text is None)
    assert text.action_id is None or text.action_id in error_text.ACTION_IDS


@pytest.mark.parametrize("kind", _classes(), ids=lambda kind: kind.__name__)
def test_every_error_has_sentences_of_its_own(kind: type[StudioError]) -> None:
    assert kind in error_text._BY_CLASS
    _is_for_people(describe(_make(kind)))


def test_every_kind_is_told_as_the_class_that_carries_it() -> None:
    assert set(error_text._BY_KIND) == set(ErrorKind)
    for kind in ErrorKind:
        carriers = [one for one in _classes() if one.kind is kind]
        assert carriers, f"no error carries {kind}"


@pytest.mark.parametrize("kind", list(ErrorKind), ids=lambda kind: kind.value)
@pytest.mark.parametrize(
    "state",
    [
        GenerationState.FAILED,
        GenerationState.HELD,
        GenerationState.UNKNOWN,
        GenerationState.CANCELLED,
    ],
    ids=lambda state: state.value,
)
def test_every_kind_of_failure_has_sentences(kind: ErrorKind, state: GenerationState) -> None:
    for charge in Charge:
        for words in (None, "", "no\ncredit"):
            row = generation(state=state, error_kind=kind, error=words, charge=charge)
            _is_for_people(describe_generation(row))


def test_a_failure_says_what_it_cost() -> None:
    row = generation(state=GenerationState.FAILED, error_kind=ErrorKind.AUTH)
    assert describe_generation(row).next_step.endswith("It was charged.")
    free = generation(
        state=GenerationState.FAILED, error_kind=ErrorKind.AUTH, charge=Charge.NOT_CHARGED
    )
    assert describe_generation(free).next_step.endswith("Nothing was charged.")


def test_a_new_error_speaks_like_its_parent() -> None:
    class Novel(errors.AuthError):
        pass

    assert describe(Novel("x")) == describe(errors.AuthError("x"))


def test_rate_limits_tell_how_long() -> None:
    told = describe(errors.RateLimited("slow down", retry_after_s=40, provider="runway"))
    assert told.happened == "Runway asks for fewer requests."
    assert told.action_text == "Try again in 40 s"


def test_the_place_that_raised_may_know_the_next_step() -> None:
    told = describe(errors.StorageError("No.", action="Plug the disk in."))
    assert told.next_step == "Plug the disk in."


def test_long_words_of_a_provider_are_cut() -> None:
    told = describe(errors.ContentRefused("because " * 200, provider="gemini"))
    assert len(told.happened) < 400
    assert told.happened.endswith("…")


def test_a_lost_answer_is_never_offered_as_try_again() -> None:
    told = describe_generation(generation(state=GenerationState.UNKNOWN))
    # the real choices stand beside it, under "Needs attention"
    assert told.action_id is None
    assert told.happened.startswith("It may have been charged")


def test_a_broken_budget_says_which_and_what_is_left() -> None:
    told = describe(_over(BudgetPeriod.DAY, "5.00", "3.80", "4.48"))
    assert told.happened == (
        "This costs about $4.48, and $1.20 is left of the budget of $5.00 per day."
    )
    assert told.action_id == error_text.OPEN_WALLET
    used_up = describe(_over(BudgetPeriod.MONTH, "5.00", "5.20", "0.56"))
    assert used_up.happened == (
        "This costs about $0.56, and the budget of $5.00 per month is used up."
    )
    one_click = describe(_over(BudgetPeriod.BATCH, "2.00", "0", "4.48"))
    assert one_click.happened == (
        "This costs about $4.48, more than the budget of $2.00 per click."
    )
    unpriced = describe(_over(BudgetPeriod.DAY, "5.00", "0", None))
    assert unpriced.happened.startswith("The price of this model is not known")


def test_a_full_queue_says_how_many_wait() -> None:
    assert describe(errors.QueueFull(10_000)).happened == (
        "The queue is full: 10,000 clips may wait at the most."
    )


def test_a_damaged_library_names_its_newest_backup() -> None:
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    told = describe(errors.DatabaseDamaged("It is cut short.", backup=Path("b.db"), backup_at=at))
    assert told.happened == "It is cut short."
    assert f"the backup of {at.astimezone():%Y-%m-%d %H:%M}" in told.next_step
    assert "There is no backup." in describe(errors.DatabaseDamaged("It is gone.")).next_step


def test_damaged_books_stop_spending_only() -> None:
    told = describe(errors.LedgerDamaged("The newest entries do not fit together."))
    assert "nothing is spent" in told.happened
    assert told.action_id == error_text.COPY_DETAILS
