"""Google's words in ours: statuses (4.3), errors after the submit (4.4), cancel, find, results."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.transport.conftest import KEY, MakeProvider
from tests.transport.google_words import (
    OPERATION,
    RETRY_INFO,
    google,
    html,
    says,
)
from tests.transport.raw_server import Received, Reply, running
from veo_studio.core.errors import (
    AuthError,
    DownloadError,
    LinkExpired,
    NotFoundError,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    Done,
    ErrorKind,
    Operation,
    Refused,
    ResultRef,
    Running,
)
from veo_studio.core.providers.gemini_wire import (
    read_error,
    read_interaction,
)

# poll: statuses (4.3)

VIDEO = {"type": "video", "mime_type": "video/mp4", "uri": "https://example.com/a"}
TEXT = {"type": "text", "text": "I can't make that."}


def output(*parts: Any, status: str = "completed", **more: Any) -> Any:
    steps = [{"type": "thought"}, {"type": "model_output", "content": list(parts)}]
    return {"id": "v1_abc", "status": status, "steps": steps, **more}


def tokens(modality: str, count: int) -> Any:
    return {"output_tokens_by_modality": [{"modality": modality, "tokens": count}]}


DONE = Done(ResultRef("https://example.com/a"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"status": "queued"}, Running(status="queued", is_queued=True)),
        ({"status": "in_progress"}, Running(status="in_progress")),
        ({"status": "in_progress", "progress": 0.5}, Running(0.5, "in_progress")),
        ({"status": "in_progress", "progress": 50}, Running(None, "in_progress")),
        ({"status": "in_progress", "progress": True}, Running(None, "in_progress")),
        ({"status": "sleeping"}, Running(status="sleeping")),
        ({"status": "cancelled"}, CancelledByProvider()),
        (output(VIDEO), DONE),
        (output(TEXT, VIDEO), DONE),
        (output({**VIDEO, "uri": "https://example.com/0"}, VIDEO), DONE),
        (output(VIDEO, status="incomplete"), DONE),
        (output({**VIDEO, "mime_type": 7}), DONE),
    ],
)
def test_a_status_is_translated(value: Any, expected: Any) -> None:
    assert read_interaction(value) == expected


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        # b02: a refusal looks like success with words in place of a video
        (output(TEXT), ErrorKind.CONTENT_FILTERED, "I can't make that."),
        (output(), ErrorKind.CONTENT_FILTERED, "no reason"),
        (output(usage=tokens("text", 24)), ErrorKind.CONTENT_FILTERED, "no reason"),
        (output(usage=tokens("video", 9)), ErrorKind.GENERATION_FAILED, "without a result"),
        ({"status": "completed"}, ErrorKind.CONTENT_FILTERED, "no reason"),
        (output({"type": "video"}), ErrorKind.GENERATION_FAILED, "without a link"),
        (output({"type": "video", "uri": 7}), ErrorKind.GENERATION_FAILED, "without a link"),
        (output(TEXT, status="incomplete"), ErrorKind.GENERATION_FAILED, "I can't make that."),
        ({"status": "budget_exceeded"}, ErrorKind.QUOTA_EXCEEDED, "budget"),
        ({"status": "requires_action"}, ErrorKind.GENERATION_FAILED, "requires_action"),
        ({"status": "requires_continuation"}, ErrorKind.GENERATION_FAILED, "requires_continuation"),
        ({"status": "failed"}, ErrorKind.GENERATION_FAILED, "without a reason"),
        (output(VIDEO, status="failed"), ErrorKind.GENERATION_FAILED, "without a reason"),
        (
            {"status": "failed", "errors": [{"code": "internal", "message": "It broke."}]},
            ErrorKind.GENERATION_FAILED,
            "It broke.",
        ),
        (
            {"status": "failed", "steps": [{"error": {"code": "SAFETY", "message": "No."}}]},
            ErrorKind.CONTENT_FILTERED,
            "No.",
        ),
        (
            {"status": "failed", "errors": [{"code": "https://e.org/deadline_exceeded"}]},
            ErrorKind.TIMEOUT,
            "without a reason",
        ),
        (
            {"status": "failed", "error": {"code": 8, "status": "RESOURCE_EXHAUSTED"}},
            ErrorKind.QUOTA_EXCEEDED,
            "",
        ),
        (
            {"status": "failed", "errors": [{"code": "invalid_argument"}]},
            ErrorKind.INVALID_REQUEST,
            "",
        ),
        (
            {"status": "failed", "errors": ["text", None], "steps": 7},
            ErrorKind.GENERATION_FAILED,
            "",
        ),
    ],
)
def test_b01_b02_b06_an_ending_without_a_video_says_why(
    value: Any, kind: ErrorKind, reason: str
) -> None:
    answer = read_interaction(value)
    assert isinstance(answer, Refused)
    assert answer.kind is kind
    assert reason in answer.reason


def test_b02_a_reason_is_plain_bounded_text() -> None:
    answer = read_interaction(output({"type": "text", "text": "No.\x1b[31m\x00" + "a" * 10_000}))
    assert isinstance(answer, Refused)
    assert answer.reason.startswith("No.aaa")
    assert len(answer.reason) <= 1000


def test_the_usage_of_a_finished_generation_is_kept() -> None:
    answer = read_interaction(output(VIDEO, usage=tokens("video", 69504)))
    assert isinstance(answer, Done)
    assert answer.usage == tokens("video", 69504)
    assert answer.cost_usd is None


def test_a_new_status_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            read_interaction({"status": "dreaming-of-sheep"})
    assert len(caplog.records) == 1
    caplog.clear()


@pytest.mark.parametrize("value", [None, [], "text", 7, {}, {"status": None}, {"status": 7}])
def test_b05_what_is_no_interaction_is_no_answer(value: Any) -> None:
    with pytest.raises(ProtocolError):
        read_interaction(value)


async def test_an_answer_for_another_interaction_is_not_believed(
    make_provider: MakeProvider,
) -> None:
    async with running(says(output(VIDEO) | {"id": "v1_other"})) as api:
        with pytest.raises(ProtocolError):
            await make_provider(api.url).poll(OPERATION)


# poll: errors

POLL_ERRORS: list[tuple[int, Any, type[ProviderError]]] = [
    (400, google(400, "X", "Invalid interaction name."), NotFoundError),
    (400, google(400, "INVALID_ARGUMENT"), ProtocolError),
    (400, google(400, "X", "API key expired."), AuthError),
    (401, google(401), AuthError),
    (403, google(403), AuthError),
    (404, google(404, "NOT_FOUND"), NotFoundError),
    (408, google(408), ProviderUnavailable),
    (410, google(410), NotFoundError),
    (429, google(429, "RESOURCE_EXHAUSTED", "slow", RETRY_INFO), RateLimited),
    (500, google(500), ProviderUnavailable),
    (502, {}, ProviderUnavailable),
    (503, google(503), ProviderUnavailable),
    (504, google(504), ProviderUnavailable),
    (302, {}, ProtocolError),
    (418, {}, ProtocolError),
]


@pytest.mark.parametrize(("status", "value", "expected"), POLL_ERRORS)
async def test_b04_b05_an_error_on_poll_is_sorted(
    make_provider: MakeProvider, status: int, value: Any, expected: type[ProviderError]
) -> None:
    async with running(says(value, status, {"Retry-After": "3"})) as api:
        with pytest.raises(ProviderError) as caught:
            await make_provider(api.url).poll(OPERATION)
    assert type(caught.value) is expected
    assert caught.value.provider == "gemini"
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after_s == 11
    if isinstance(caught.value, ProviderUnavailable):
        assert caught.value.retry_after_s == 3


async def test_a_poll_asks_for_the_stored_name(make_provider: MakeProvider) -> None:
    async with running(says(output(VIDEO))) as api:
        assert isinstance(await make_provider(api.url).poll(OPERATION), Done)
        with pytest.raises(ProtocolError):
            await make_provider(api.url).poll(Operation("gemini", "../models", "m"))
    assert [received.path for received in api.requests] == ["/v1/interactions/v1_abc"]


# cancel, find


@pytest.mark.parametrize(
    ("status", "value", "outcome"),
    [
        (200, {"status": "cancelled"}, CancelOutcome.CONFIRMED),
        (200, output(VIDEO), CancelOutcome.TOO_LATE),
        (200, {"status": "in_progress"}, CancelOutcome.UNSUPPORTED),
        (400, google(400, "FAILED_PRECONDITION", "already done"), CancelOutcome.TOO_LATE),
        (409, google(409), CancelOutcome.TOO_LATE),
        (405, {}, CancelOutcome.UNSUPPORTED),
        (501, {}, CancelOutcome.UNSUPPORTED),
    ],
)
async def test_a15_a_cancel_says_what_came_of_it(
    make_provider: MakeProvider, status: int, value: Any, outcome: CancelOutcome
) -> None:
    async with running(says(value, status)) as api:
        assert await make_provider(api.url).cancel(OPERATION) is outcome
    assert api.requests[0].path == "/v1/interactions/v1_abc/cancel"
    assert api.requests[0].method == "POST"


async def test_a15_a_cancel_of_nothing_is_not_found(make_provider: MakeProvider) -> None:
    async with running(says(google(404), 404)) as api:
        with pytest.raises(NotFoundError):
            await make_provider(api.url).cancel(OPERATION)


async def test_a01_the_rehearsal_can_tell_whether_a_submit_arrived(
    make_provider: MakeProvider,
) -> None:
    async with running(says({"id": "v1_abc", "status": "queued", "model": "m"})) as api:
        provider = make_provider(api.url, extensions=True)
        operation = await provider.find("a-1")
    assert operation == Operation("rehearsal", "v1_abc", "m")
    assert api.requests[0].path == "/rehearsal/attempts/a-1"


async def test_a01_only_the_engines_own_404_means_that_nothing_arrived(
    make_provider: MakeProvider,
) -> None:
    async with running(says(google(404), 404)) as api:
        assert await make_provider(api.url, extensions=True).find("a-1") is None
    async with running(html(404)) as api:
        with pytest.raises(NotFoundError):
            await make_provider(api.url, extensions=True).find("a-1")
    async with running(says({}, 200)) as api:
        with pytest.raises(ProtocolError):
            await make_provider(api.url, extensions=True).find("a-1")


async def test_a01_google_cannot_tell_whether_a_submit_arrived(make_provider: MakeProvider) -> None:
    provider = make_provider("https://example.com")
    assert not provider.can_find
    with pytest.raises(NotImplementedError):
        await provider.find("a-1")


# results


@pytest.mark.parametrize(
    ("status", "value", "expected"),
    [
        (400, google(400, "X", "API key not valid."), AuthError),
        (400, google(400, "X", "odd"), DownloadError),
        (401, google(401), AuthError),
        (403, google(403), LinkExpired),
        (404, google(404), LinkExpired),
        (410, google(410), LinkExpired),
        (416, {}, DownloadError),
        (429, google(429, "X", "slow", RETRY_INFO), RateLimited),
        (500, google(500), ProviderUnavailable),
        (202, {}, DownloadError),
    ],
)
async def test_c06_an_error_instead_of_a_result_is_sorted(
    make_provider: MakeProvider, status: int, value: Any, expected: type[Exception]
) -> None:
    async with running(says(value, status)) as api:
        with pytest.raises(expected):
            async with make_provider(api.url).open_result(ResultRef(f"{api.url}/v1/a"), 0, None):
                pass


async def test_a_result_is_asked_for_as_it_is_and_with_alt_media(
    make_provider: MakeProvider,
) -> None:
    async def script(received: Received, reply: Reply) -> None:
        await reply.head(200, {"Content-Length": "0", "ETag": 'W/"weak"'})

    async with running(script) as api:
        provider = make_provider(api.url)
        for path in ("/v1/files/a:download", "/v1/a?x=1", "/v1/a?alt=media"):
            async with provider.open_result(ResultRef(api.url + path), 7, None) as body:
                assert body.validator is None
    assert [received.path for received in api.requests] == [
        "/v1/files/a:download?alt=media",
        "/v1/a?x=1&alt=media",
        "/v1/a?alt=media",
    ]
    for received in api.requests:
        # without a strong validator the rest of another file could come
        assert received.range_start is None
        assert received.headers["accept-encoding"] == "identity"
        assert received.headers["x-goog-api-key"] == KEY


async def test_a_result_elsewhere_is_asked_for_unchanged_and_without_the_key(
    make_provider: MakeProvider,
) -> None:
    async def script(received: Received, reply: Reply) -> None:
        await reply.head(200, {"Content-Length": "0"})

    async with running(script) as storage, running(script) as api:
        provider = make_provider(api.url)
        async with provider.open_result(ResultRef(f"{storage.url}/a?sig=1"), 0, None):
            pass
    assert storage.requests[0].path == "/a?sig=1"
    assert KEY not in str(storage.requests)
    assert api.requests == []


async def test_a_key_that_cannot_be_a_key_is_not_sent(make_provider: MakeProvider) -> None:
    with pytest.raises(AuthError):
        await make_provider("http://127.0.0.1:1", key="a key\nwith a line").poll(OPERATION)


def test_an_error_without_shape_is_still_an_error() -> None:
    for value in (None, [], [[]], {"error": "text"}, {"error": {"message": 7, "details": 7}}):
        assert read_error(500, {}, value).kind is ErrorKind.SERVER_ERROR
