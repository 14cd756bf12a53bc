from __future__ import annotations

import inspect

import pytest

from tests.ui.parts.samples import generation
from veo_studio.core import errors
from veo_studio.core.errors import StudioError
from veo_studio.core.models import Charge, ErrorKind, GenerationState
from veo_studio.ui import error_text
from veo_studio.ui.error_text import ErrorText, describe, describe_generation


def _classes() -> list[type[StudioError]]:
    found = [
        member
        for _, member in inspect.getmembers(errors, inspect.isclass)
        if issubclass(member, StudioError)
    ]
    return sorted(set(found), key=lambda one: one.__name__)


def _make(kind: type[StudioError]) -> StudioError:
    if kind is errors.NotEnoughTokens:
        return errors.NotEnoughTokens(needed=10, balance=3)
    if kind is errors.DatabaseTooNew:
        return errors.DatabaseTooNew("too new", written_by="9.0")
    return kind("the server's own words")


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
    assert told.action_id == error_text.COLLECT
