"""Rows A of the fault matrix: what the provider says while money is spent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.faults import books, google
from tests.faults.google import Call, Step, refuse
from tests.faults.lab import Lab, S
from veo_studio.core.models import ErrorKind, PauseKind

NEW_KEY = "9z-New+Key/Check=abcdefghijklmnop~0123"


async def test_a01_a_reply_that_is_reset_is_unknown_and_paid_once(lab: Lab) -> None:
    lab.google.submit_steps.append(google.accept_and_reset)
    generation = await lab.make()
    await lab.is_unknown(generation)
    await lab.restart()
    await lab.leap(7 * 86_400)
    await lab.rest(generation)
    await lab.is_unknown(generation)
    assert len(lab.google.submits) == len(lab.google.accepted) == 1


async def test_a01_sent_again_by_the_user_it_completes_with_one_charge(lab: Lab) -> None:
    lab.google.submit_steps.append(google.accept_and_reset)
    generation = await lab.make()
    lab.sent_again += 1
    await lab.studio.queue.send_again(generation.id)
    await lab.rest(generation)
    stored = await lab.get(generation)
    assert stored.state is S.COMPLETED, stored.error
    assert await lab.kinds(generation) == ["charge", "again"]
    assert len(lab.google.accepted) == 2


async def test_a01_given_up_by_the_user_it_is_refunded_once(lab: Lab) -> None:
    lab.google.submit_steps.append(google.accept_and_reset)
    generation = await lab.make()
    await asyncio.gather(
        lab.studio.queue.mark_failed(generation.id),
        lab.studio.queue.mark_failed(generation.id),
        return_exceptions=True,
    )
    assert (await lab.get(generation)).state is S.FAILED
    assert await lab.kinds(generation) == ["charge", "refund"]
    assert len(lab.google.submits) == 1


def in_7_seconds() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=7), usegmt=True)


RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}
TOLD = {
    "seconds": lambda: refuse(429, "RESOURCE_EXHAUSTED", Retry_After="7"),
    "a date": lambda: refuse(429, "RESOURCE_EXHAUSTED", Retry_After=in_7_seconds()),
    "in the body": lambda: google.answer(
        google.error_of("RESOURCE_EXHAUSTED", "Slowly.", details=[RETRY_INFO]), 429
    ),
    "the longer of two": lambda: google.answer(
        google.error_of("RESOURCE_EXHAUSTED", "Slowly.", details=[RETRY_INFO]), 429, Retry_After="1"
    ),
}


@pytest.mark.parametrize("how", TOLD)
async def test_a03_nobody_asks_a_provider_before_the_time_that_it_told(lab: Lab, how: str) -> None:
    lab.google.submit_steps.append(TOLD[how]())
    (first,) = await lab.enqueue()
    await lab.put_back(first)
    pause = lab.studio.queue.pauses["gemini"]
    assert pause.kind is PauseKind.TOLD
    assert pause.until is not None
    assert 5 <= (pause.until - pause.since).total_seconds() <= 8
    await lab.is_queued(first)
    others = await lab.enqueue(3)
    lab.clock.speed = 100
    for generation in (first, *others):
        await lab.rest(generation)
        await lab.is_completed(generation)
    # a date has whole seconds, and some of the last one may be gone
    least_s = 5.9 if how == "a date" else 7
    refused, *later = lab.google.submits
    assert all(asked.at_s - refused.at_s >= least_s for asked in later)
    assert len(lab.google.submits) == 5


async def test_a03_without_a_time_it_is_tried_again_after_a_while(lab: Lab) -> None:
    lab.google.submit_steps.append(refuse(429, "RESOURCE_EXHAUSTED"))
    await lab.is_completed(await lab.make())
    assert len(lab.google.submits) == 2


async def test_a03_a_restart_does_not_shorten_the_wait(lab: Lab) -> None:
    lab.google.submit_steps.append(refuse(429, "RESOURCE_EXHAUSTED", Retry_After="3600"))
    (generation,) = await lab.enqueue()
    await lab.put_back(generation)
    await lab.is_queued(generation)
    await lab.restart()
    await lab.leap(1800)
    (other,) = await lab.enqueue()
    lab.clock.speed = 100
    # a moment in which a submit would go out
    await lab.clock.sleep(20)
    assert len(lab.google.submits) == 1
    await lab.leap(1800)
    for waiting in (generation, other):
        await lab.rest(waiting)
        await lab.is_completed(waiting)


async def test_a04_a_day_is_waited_for_and_shown_as_a_moment(lab: Lab) -> None:
    lab.google.submit_steps.append(refuse(429, "RESOURCE_EXHAUSTED", Retry_After="86400"))
    (generation,) = await lab.enqueue()
    await lab.put_back(generation)
    stored = await lab.is_queued(generation)
    assert stored.next_attempt_at is not None
    left_s = (stored.next_attempt_at - lab.clock.now()).total_seconds()
    assert 86_000 < left_s <= 86_400
    await lab.leap(86_400)
    await lab.rest(generation)
    await lab.is_completed(generation)


GARBAGE = ["-1", "soon", "1e309", "", "nan", "Thu, 01 Jan 1970 00:00:00 GMT", "7;8", "0x10"]


@pytest.mark.parametrize("value", GARBAGE)
async def test_a04_garbage_is_no_time(lab: Lab, value: str) -> None:
    lab.google.submit_steps.append(refuse(429, "RESOURCE_EXHAUSTED", Retry_After=value))
    await lab.is_completed(await lab.make())
    first, second = lab.google.submits
    assert second.at_s - first.at_s < 60


async def test_a05_a_500_is_unknown_at_the_first(lab: Lab) -> None:
    lab.google.submit_steps.extend([refuse(500, "INTERNAL")] * 3)
    await lab.is_unknown(await lab.make())
    assert len(lab.google.submits) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a05_a_proxys_page_is_unknown(lab: Lab, status: int) -> None:
    lab.google.submit_steps.append(google.send(b"<html>Bad gateway</html>", "text/html", status))
    await lab.is_unknown(await lab.make())


async def test_a05_a_503_in_somebody_elses_words_is_unknown(lab: Lab) -> None:
    lab.google.submit_steps.append(google.send(b"<html>Try later</html>", "text/html", 503))
    await lab.is_unknown(await lab.make())


async def test_a05_the_providers_own_503_is_tried_again(lab: Lab) -> None:
    lab.google.submit_steps.extend([refuse(503, "UNAVAILABLE", "Overloaded.")] * 3)
    await lab.is_completed(await lab.make())
    assert len(lab.google.submits) == 4
    assert len(lab.google.accepted) == 1


REFUSALS = {
    400: (ErrorKind.INVALID_REQUEST, "INVALID_ARGUMENT"),
    404: (ErrorKind.NOT_FOUND, "NOT_FOUND"),
    413: (ErrorKind.INVALID_REQUEST, "INVALID_ARGUMENT"),
    422: (ErrorKind.INVALID_REQUEST, "INVALID_ARGUMENT"),
}


@pytest.mark.parametrize("status", REFUSALS)
async def test_a06_a_refusal_is_refunded_with_the_providers_words(lab: Lab, status: int) -> None:
    kind, code = REFUSALS[status]
    words = f"The field <b>x</b> is wrong for {books.KEY}, see {books.KEY[:20]}."
    lab.google.submit_steps.append(refuse(status, code, words))
    stored = await lab.is_refunded(await lab.make())
    assert stored.error_kind is kind
    assert stored.error is not None
    assert "The field <b>x</b> is wrong for [redacted]" in stored.error
    assert len(lab.google.submits) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a07_a_refused_key_pauses_the_provider_and_a_new_one_goes_on(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    async def only_the_new_key(call: Call) -> None:
        if call.received.headers["x-goog-api-key"] == NEW_KEY:
            await google.accept(call)
        else:
            await refuse(status, "UNAUTHENTICATED", f"Bad key {books.KEY}.")(call)

    lab.google.submit_default = only_the_new_key
    lab.keys.append(NEW_KEY)
    made = await lab.enqueue(20)
    async with asyncio.timeout(20):
        at_rest = [await lab.rest(generation) for generation in made]
    assert {generation.state for generation in at_rest} == {S.PENDING}
    assert len(lab.google.submits) <= 4
    pause = lab.studio.queue.pauses["gemini"]
    assert pause.kind is PauseKind.KEY
    assert "Bad key [redacted]" in pause.reason
    for generation in made:
        assert await lab.kinds(generation) == ["charge"]
    monkeypatch.setenv("GEMINI_API_KEY", NEW_KEY)
    await lab.studio.queue.key_changed("gemini")
    assert "gemini" not in lab.studio.queue.pauses
    for generation in made:
        await lab.rest(generation)
        await lab.is_completed(generation)
    assert len(lab.google.accepted) == 20


async def test_a07_what_is_under_way_takes_the_new_key(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def only_the_new_key(call: Call) -> None:
        is_new = call.received.headers["x-goog-api-key"] == NEW_KEY
        await (google.done if is_new else refuse(401, "UNAUTHENTICATED"))(call)

    lab.keys.append(NEW_KEY)
    lab.google.poll_default = google.run_on
    made = await lab.enqueue(2)
    for generation in made:
        await lab.reach(generation, S.PROCESSING)
    await lab.until(lambda: len(lab.google.polls) >= 4)
    monkeypatch.setenv("GEMINI_API_KEY", NEW_KEY)
    await lab.studio.queue.key_changed("gemini")
    # polls that are on their way still carry the old one
    await lab.until(lambda: lab.google.polls[-1].received.headers["x-goog-api-key"] == NEW_KEY)
    await asyncio.sleep(0.05)
    lab.google.poll_default = only_the_new_key
    for generation in made:
        await lab.rest(generation)
        await lab.is_completed(generation)


async def test_a07_a_key_that_is_refused_while_it_is_watched_holds_the_result(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.google.poll_default = refuse(401, "UNAUTHENTICATED", f"Bad key {books.KEY}.")
    generation = await lab.make()
    stored = await lab.is_held(generation)
    assert stored.error_kind is ErrorKind.AUTH
    lab.keys.append(NEW_KEY)
    lab.google.poll_default = google.done
    monkeypatch.setenv("GEMINI_API_KEY", NEW_KEY)
    await lab.studio.queue.key_changed("gemini")
    await lab.reach(generation, S.COMPLETED)
    await lab.is_completed(generation)
    assert len(lab.google.submits) == 1


async def test_a08_no_reply_is_unknown_after_the_time_limit(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEO_STUDIO_SUBMIT_TIMEOUT", "0.3")
    lab.google.submit_steps.append(google.accept_and_say_nothing)
    await lab.is_unknown(await lab.make())
    assert len(lab.google.submits) == 1


PAGE = b'<html><a href=\'/v1/interactions/v1_1\'>Sign in</a> {"id": "v1_1"}</html>'
NO_ANSWERS: dict[str, Step] = {
    "a captive portal": google.accept_and_send(PAGE, "text/html"),
    "a page as json": google.accept_and_send(PAGE),
    "cut json": google.accept_and_send(google.cut_json({"id": "v1_1", "status": "queued"})),
    "nothing": google.accept_and_send(b""),
    "null": google.accept_and_send(b"null"),
    "a list": google.accept_and_send(b"[]"),
    "a list of one": google.accept_and_send(b'[{"id": "v1_1", "status": "queued"}]'),
    "a text": google.accept_and_send(b'"v1_1"'),
    "no name": google.accept_and_send(b'{"status": "queued"}'),
    "an error as success": google.accept_and_send(b'{"error": {"message": "no"}}'),
    "utf-16": google.accept_and_send('{"id": "v1_1", "status": "queued"}'.encode("utf-16")),
    "latin-1": google.accept_and_send('{"id": "v1_1", "note": "\u00e9"}'.encode("latin-1")),
    "a redirect": google.accept_and_send(b"", status=302, Location="/v1/interactions/v1_1"),
    "a 204": google.accept_and_send(b"", status=204),
    "a 409": google.accept_and_send(b"{}", status=409),
    "a 408": google.accept_and_send(b"{}", status=408),
}


@pytest.mark.parametrize("body", NO_ANSWERS)
async def test_a09_what_is_no_answer_is_unknown_and_not_used(lab: Lab, body: str) -> None:
    lab.google.submit_steps.append(NO_ANSWERS[body])
    stored = await lab.is_unknown(await lab.make())
    assert stored.operation_id is None
    assert len(lab.google.requests) == 1


BAD_NAMES = {
    "climbing": "../../v1/models",
    "a path": "v1_1/cancel",
    "an address": "https://evil.example.com/v1",
    "another host": "//evil.example.com/v1",
    "a NUL": "v1_\0",
    "a quoted NUL": "v1_%00",
    "a line break": "v1_1\r\nHost: evil",
    "a query": "v1_1?key=x",
    "100 kB": "v" * 100_000,
    "a number": 17,
    "a list": ["v1_1"],
    "null": None,
    "empty": "",
    "dots": "..",
    "the key": books.KEY,
    "the key in hex": books.KEY.encode().hex(),
}


@pytest.mark.parametrize("name", BAD_NAMES)
async def test_a11_a_name_that_could_lead_elsewhere_is_unknown(lab: Lab, name: str) -> None:
    lab.google.submit_steps.append(google.accept_as(BAD_NAMES[name]))
    stored = await lab.is_unknown(await lab.make())
    assert stored.operation_id is None
    assert len(lab.google.requests) == 1


async def test_i08_one_name_for_two_submits_makes_the_second_unknown(lab: Lab) -> None:
    lab.google.submit_default = google.accept_as("v1_same")
    first = await lab.make()
    await lab.is_completed(first)
    second = await lab.make()
    stored = await lab.is_unknown(second)
    assert stored.operation_id is None
    assert len(lab.google.submits) == 2
    assert len(lab.files()) == 1
