from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.generations import NOON, a_generation
from veo_studio import __version__
from veo_studio.core import log
from veo_studio.core.details import error_report, generation_report
from veo_studio.core.errors import ProviderUnavailable
from veo_studio.core.models import (
    Attempt,
    Charge,
    ErrorKind,
    Generation,
    GenerationState,
    StateChange,
)
from veo_studio.core.plain import masked, plain, without_links

KEY = "AIzaSyD-1234567890abcdefghijklmnopqrstu"
SIGNED = "https://storage.example.com/results/s3cr3t-folder/clip.mp4?X-Goog-Signature=abcdef0123"


def failed(**fields: object) -> Generation:
    values: dict[str, object] = {
        "provider": "gemini",
        "model": "omni",
        "prompt": "My unpublished film",
        "state": GenerationState.FAILED,
        "state_cause": f"the provider answered 400, see {SIGNED}",
        "error": f"key {KEY} is not valid\nState: completed",
        "error_kind": ErrorKind.AUTH,
        "charge": Charge.NOT_CHARGED,
        "tokens": 10,
        "price_usd": Decimal("0.56"),
        "operation_id": "operations/abc",
    }
    return a_generation(**{**values, **fields})


def an_attempt(number: int, **fields: object) -> Attempt:
    made = Attempt(
        id=number,
        generation_id=1,
        uuid=f"uuid-{number}",
        request={"prompt": "My unpublished film"},
        body_sha256="0" * 64,
        started_at=NOON,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def test_a_report_says_what_happened_and_when() -> None:
    changes = [
        StateChange(None, GenerationState.PENDING, NOON, "asked for"),
        StateChange(GenerationState.PENDING, GenerationState.SUBMITTING, NOON, "its turn"),
    ]
    attempts = [
        an_attempt(1, finished_at=NOON + timedelta(seconds=2), http_status=503, outcome="refused"),
        an_attempt(2),
    ]
    lines = generation_report(failed(), changes, attempts).splitlines()
    assert lines[0] == f"Veo Studio {__version__}"
    assert any(line.startswith("State: failed since 2026-11-21T12:00:00.000Z") for line in lines)
    assert any("not_charged, 10 tokens, estimate $0.56, reported -" in line for line in lines)
    assert "  2026-11-21T12:00:00.000Z pending to submitting: its turn" in lines
    assert "  1. 2026-11-21T12:00:00.000Z to 2026-11-21T12:00:02.000Z: HTTP 503, refused" in lines
    assert "  2. 2026-11-21T12:00:00.000Z to -: no status, no outcome" in lines


def test_a_report_holds_no_key_no_signed_link_and_no_prompt() -> None:
    report = generation_report(failed(), (), [an_attempt(1)])
    for secret in (KEY, KEY[:20], "s3cr3t-folder", "abcdef0123", "My unpublished film"):
        assert secret not in report
    assert "https://storage.example.com/…" in report


def test_words_from_outside_cannot_begin_a_line_of_a_report() -> None:
    report = generation_report(failed())
    assert [line for line in report.splitlines() if line.startswith("State: completed")] == []


def test_an_error_without_a_generation_has_a_report_too() -> None:
    error = ProviderUnavailable(f"down, key={KEY}", provider="gemini", status=503)
    report = error_report(error)
    assert "ProviderUnavailable (server_error): down" in report
    assert "gemini, HTTP 503" in report
    assert KEY not in report


def test_a_bug_is_reported_with_its_traceback() -> None:
    try:
        raise RuntimeError(f"unexpected {KEY}")
    except RuntimeError as error:
        report = error_report(error)
    assert "RuntimeError: unexpected" in report
    assert "test_details.py" in report
    assert KEY not in report


@pytest.mark.parametrize(
    "hostile",
    [
        "a\x1b[31mb\x1b[0mc",
        "a\x9b2Jbc",
        "a\x1b]8;;http://evil.example\x07bc",
        "a\x1b]0;title\x1b\\bc",
        "a\x1b(Bbc",
        "a\u202eb\u202cc",
        "a\u2067b\u2069\u200fc",
        "a\x00b\x7f\u200bc",
        "ab\ud800c",
    ],
)
def test_f04_what_acts_on_terminals_or_on_the_reading_direction_is_taken_out(hostile: str) -> None:
    assert plain(hostile) == "abc"


def test_f04_a_key_that_is_split_by_escapes_is_masked_all_the_same() -> None:
    split = f"{KEY[:10]}\x1b[0m{KEY[10:20]}\u200b{KEY[20:]}"
    assert masked(split) == log.MARK


def test_words_of_other_scripts_stay_as_they_are() -> None:
    words = "Запрос отклонён: 不允许\tمرفوض 👩‍🚀\n"
    assert plain(words) == words


def test_links_keep_their_host_alone() -> None:
    assert without_links("at https://user:pass@cdn.example:8443/a/b?c=d#e.") == (
        "at https://cdn.example:8443/…"
    )
