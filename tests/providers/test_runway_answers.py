"""What Runway's tasks, failures and errors mean to us."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from veo_studio.core.errors import ProtocolError
from veo_studio.core.log import register_secret
from veo_studio.core.models import (
    CancelledByProvider,
    Done,
    ErrorKind,
    PollResult,
    Refused,
    ResultRef,
    Running,
)
from veo_studio.core.providers import runway_wire as wire

SECRET = "key_fedcba9876543210-for-this-test"
LINK = "https://cdn.example.com/out.mp4?_jwt=signed"
K = ErrorKind


@pytest.mark.parametrize(
    ("task", "meaning"),
    [
        ({"status": "PENDING"}, Running(None, "PENDING", is_queued=True)),
        (
            {"status": "THROTTLED"},
            Running(None, "THROTTLED", is_queued=True, is_held_back=True),
        ),
        ({"status": "RUNNING", "progress": 0.42}, Running(0.42, "RUNNING")),
        ({"status": "RUNNING", "progress": 0}, Running(0.0, "RUNNING")),
        ({"status": "RUNNING"}, Running(None, "RUNNING")),
        ({"status": "RUNNING", "progress": 7}, Running(None, "RUNNING")),
        ({"status": "RUNNING", "progress": True}, Running(None, "RUNNING")),
        ({"status": "SOMETHING_NEW"}, Running(None, "SOMETHING_NEW")),
        (
            {"status": "SUCCEEDED", "output": [LINK], "cost": {"credits": 60}},
            Done(ResultRef(LINK), Decimal("0.60")),
        ),
        (
            {"status": "SUCCEEDED", "output": [LINK, "https://cdn.example.com/sound.wav"]},
            Done(ResultRef(LINK), None),
        ),
        ({"status": "CANCELLED", "cost": {"credits": 60}}, CancelledByProvider()),
    ],
)
def test_each_status_has_its_meaning(task: dict[str, Any], meaning: PollResult) -> None:
    assert wire.read_task(task) == meaning


def test_success_without_a_link_is_a_failure_that_tells_its_cost() -> None:
    for output in ([], None, [None], "https://not.a.list"):
        told = wire.read_task({"status": "SUCCEEDED", "output": output, "cost": {"credits": 60}})
        assert isinstance(told, Refused)
        assert (told.kind, told.cost_usd) == (K.GENERATION_FAILED, Decimal("0.60"))


@pytest.mark.parametrize(
    ("code", "kind", "shown"),
    [
        ("SAFETY.INPUT.TEXT", K.CONTENT_FILTERED, "SAFETY.INPUT"),
        ("SAFETY.INPUT.IMAGE.FACE", K.CONTENT_FILTERED, "SAFETY.INPUT"),
        ("SAFETY.OUTPUT.VIDEO", K.CONTENT_FILTERED, "SAFETY.OUTPUT"),
        ("SAFETY.OTHER", K.CONTENT_FILTERED, "SAFETY.OTHER"),
        ("INTERNAL.BAD_OUTPUT.CODE01", K.GENERATION_FAILED, "INTERNAL.BAD_OUTPUT.CODE01"),
        ("ASSET.INVALID", K.INVALID_REQUEST, "ASSET.INVALID"),
        ("INPUT_PREPROCESSING.INTERNAL", K.GENERATION_FAILED, "INPUT_PREPROCESSING.INTERNAL"),
        ("INTERNAL", K.GENERATION_FAILED, "INTERNAL"),
        ("INTERNAL.BAD_OUTPUTS", K.GENERATION_FAILED, "INTERNAL.BAD_OUTPUTS"),
        ("NEVER.SEEN", K.GENERATION_FAILED, "NEVER.SEEN"),
        (None, K.GENERATION_FAILED, None),
        (7, K.GENERATION_FAILED, None),
    ],
)
def test_each_failure_code_has_its_kind(code: Any, kind: ErrorKind, shown: str | None) -> None:
    task = {"status": "FAILED", "failure": f"Words about {code}.", "failureCode": code}
    told = wire.read_task({**task, "cost": {"credits": 12}})
    assert isinstance(told, Refused)
    assert (told.kind, told.code, told.cost_usd) == (kind, shown, Decimal("0.12"))
    assert "Words about" in told.reason


def test_the_diagnostic_part_of_a_safety_code_is_shown_nowhere() -> None:
    task = {"status": "FAILED", "failure": "Refused.", "failureCode": "SAFETY.INPUT.TEXT"}
    told = wire.read_task({**task, "failure": "Refused (SAFETY.INPUT.TEXT)."})
    assert "TEXT" not in repr(told)
    assert isinstance(told, Refused)
    assert told.reason.startswith("Runway's safety system refused the words or a picture.")


def test_a_failure_without_words_still_has_a_sentence() -> None:
    told = wire.read_task({"status": "FAILED"})
    assert told == Refused(K.GENERATION_FAILED, "Runway could not finish this.", may_be_billed=True)


@pytest.mark.parametrize("code", ["SAFETY.INPUT.TEXT", "SAFETY.OUTPUT.VIDEO", "INTERNAL", None])
@pytest.mark.parametrize(("cost", "may_be_billed"), [(None, True), ({"credits": 0}, False)])
def test_a_failure_that_tells_no_cost_may_be_billed(
    code: str | None, cost: object, may_be_billed: bool
) -> None:
    told = wire.read_task({"status": "FAILED", "failureCode": code, "cost": cost})
    assert isinstance(told, Refused)
    assert told.may_be_billed is may_be_billed


@pytest.mark.parametrize("value", [None, [], "SUCCEEDED", {}, {"status": 3}])
def test_what_is_no_task_decides_nothing(value: Any) -> None:
    with pytest.raises(ProtocolError):
        wire.read_task(value)


def test_a_link_with_the_key_in_it_is_not_kept() -> None:
    register_secret(SECRET)
    with pytest.raises(ProtocolError):
        wire.read_task({"status": "SUCCEEDED", "output": [f"{LINK}&key={SECRET}"]})
    failed = wire.read_task({"status": "FAILED", "failure": f"no {SECRET}", "failureCode": SECRET})
    assert SECRET not in repr(failed)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"id": "17f20503-6c24-4c16-946b-35dbbce2af2f"}, "17f20503-6c24-4c16-946b-35dbbce2af2f"),
        ({"id": "abc"}, "abc"),
        ({"id": ""}, None),
        ({"id": "a/b"}, None),
        ({"id": "../organization"}, None),
        ({"id": "a?x=1"}, None),
        ({"id": "a%2fb"}, None),
        ({"id": "a\n"}, None),
        ({"id": "x" * 129}, None),
        ({"id": 5}, None),
        ([], None),
        (None, None),
    ],
)
def test_only_a_name_that_is_safe_in_an_address_is_taken(value: Any, found: str | None) -> None:
    assert wire.task_id(value) == found


@pytest.mark.parametrize(
    ("told", "dollars"),
    [
        ({"credits": 60}, "0.60"),
        ({"credits": 33.5}, "0.335"),
        ({"credits": 0}, "0"),
        ({"credits": -1}, None),
        ({"credits": "60"}, None),
        ({"credits": True}, None),
        ({"credits": float("inf")}, None),
        ({"credits": 10**9}, None),
        ({}, None),
        (60, None),
        (None, None),
    ],
)
def test_a_credit_is_a_cent(told: Any, dollars: str | None) -> None:
    expected = None if dollars is None else Decimal(dollars)
    assert wire.cost_usd({"cost": told}, "cost") == expected


@pytest.mark.parametrize(
    ("balance", "words"),
    [
        (1250, "1,250 credits, about $12.50"),
        (0, "0 credits, about $0.00"),
        (7, "7 credits, about $0.07"),
        (123456, "123,456 credits, about $1,234.56"),
        ("1250", ""),
        (None, ""),
    ],
)
def test_the_balance_is_told_in_credits_and_dollars(balance: Any, words: str) -> None:
    assert wire.balance_words({"creditBalance": balance}) == words


@pytest.mark.parametrize(
    ("status", "words", "retry_after", "kind"),
    [
        (400, "Validation of body failed", None, K.INVALID_REQUEST),
        (400, "You do not have enough credits to run this task.", None, K.INSUFFICIENT_CREDITS),
        (401, "Unauthorized", None, K.AUTH),
        (402, "Payment required", None, K.INSUFFICIENT_CREDITS),
        (403, "Forbidden", None, K.AUTH),
        (404, "No such model", None, K.NOT_FOUND),
        (405, "Method not allowed", None, K.INVALID_REQUEST),
        (409, "Conflict", None, K.SERVER_ERROR),
        (413, "Too large", None, K.INVALID_REQUEST),
        (422, "Unprocessable", None, K.INVALID_REQUEST),
        (429, "Daily task limit reached", None, K.QUOTA_EXCEEDED),
        (429, "Daily task limit reached", "60", K.QUOTA_EXCEEDED),
        (429, "Too many requests", None, K.QUOTA_EXCEEDED),
        (429, "Too many requests", "5", K.RATE_LIMITED),
        (429, "Not enough credits left", None, K.INSUFFICIENT_CREDITS),
        (451, "Not here", None, K.CONTENT_FILTERED),
        (500, "Oops", None, K.SERVER_ERROR),
        (502, "Oops", None, K.SERVER_ERROR),
        (503, "Overloaded", None, K.SERVER_ERROR),
        (504, "Slow", None, K.TIMEOUT),
    ],
)
def test_each_http_error_has_its_kind(
    status: int, words: str, retry_after: str | None, kind: ErrorKind
) -> None:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    error = wire.read_error(status, headers, {"error": words, "docUrl": "https://docs"})
    assert (error.is_own, error.kind, error.message) == (True, kind, words)
    assert error.retry_after_s == (None if retry_after is None else float(retry_after))


def test_a_page_of_a_proxy_is_not_runways_word() -> None:
    error = wire.read_error(429, {}, None)
    assert (error.is_own, error.kind) == (False, K.RATE_LIMITED)
    assert error.message == "Runway answered HTTP 429 without a reason."
    assert not wire.read_error(503, {}, {"error": {"message": "of another's form"}}).is_own


def test_what_is_wrong_with_which_field_is_told() -> None:
    issues = [{"message": "ratio: not one of"}, {"code": 1}, "plain words", 7]
    error = wire.read_error(400, {}, {"error": "Validation of body failed", "issues": issues})
    assert error.message == "Validation of body failed ratio: not one of plain words"


@pytest.mark.parametrize(
    "changes",
    [
        {"uploadUrl": None},
        {"fields": None},
        {"fields": {"key": 7}},
        {"runwayUri": "https://elsewhere"},
        {"runwayUri": "runway://"},
        {"runwayUri": "runway://a b"},
        {"fields": {"key": SECRET}},
    ],
)
def test_a_place_for_an_upload_is_whole_or_none(changes: dict[str, Any]) -> None:
    register_secret(SECRET)
    place = {"uploadUrl": "https://bucket", "fields": {"key": "a"}, "runwayUri": "runway://a"}
    assert wire.read_upload(place) == wire.Upload("https://bucket", {"key": "a"}, "runway://a")
    with pytest.raises(ProtocolError):
        wire.read_upload({**place, **changes})
    with pytest.raises(ProtocolError):
        wire.read_upload(None)
