"""Google's words in ours: bodies, the statuses of providers.md 4.3 and the errors of 4.4."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.transport.conftest import KEY, MakeProvider, request_of
from tests.transport.raw_server import Received, Reply, Script, running
from veo_studio.core.errors import (
    AuthError,
    ContentRefused,
    DownloadError,
    InsufficientCredits,
    InvalidRequest,
    LinkExpired,
    NotFoundError,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
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
    interaction_id,
    read_error,
    read_interaction,
    retry_after_s,
)

OPERATION = Operation("gemini", "v1_abc", "gemini-omni-1.2-flash")
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "11s"}
DAILY = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}],
}
KEY_INVALID = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}


def says(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Script:
    async def script(received: Received, reply: Reply) -> None:
        await reply.json(value, status, headers)

    return script


def html(status: int) -> Script:
    async def script(received: Received, reply: Reply) -> None:
        await reply.head(status, {"Content-Type": "text/html", "Content-Length": "6"})
        await reply.body(b"<html>")

    return script


def google(code: int, status: str = "", message: str = "It failed.", *details: Any) -> Any:
    return {"error": {"code": code, "status": status, "message": message, "details": list(details)}}


# bodies


async def test_the_body_is_what_the_service_documents(make_provider: MakeProvider) -> None:
    config = {"duration_s": 8, "resolution": "4K", "seed": 7, "aspect_ratio": "9:16"}
    body = make_provider("https://example.com").build_body(request_of(**config))
    assert body == {
        "model": "gemini-omni-1.2-flash",
        "background": True,
        "input": "A paper boat",
        "generation_config": {"seed": 7, "video_config": {"task": "text_to_video"}},
        "response_format": {
            "type": "video",
            "aspect_ratio": "9:16",
            "duration": "8s",
            "resolution": "4k",
            "delivery": "uri",
        },
        "store": True,
    }


@pytest.mark.parametrize("config", [{"negative_prompt": "people"}, {"enable_audio": False}])
async def test_a_setting_without_a_field_is_refused_and_not_dropped(
    make_provider: MakeProvider, config: dict[str, Any]
) -> None:
    with pytest.raises(ValueError):
        make_provider("https://example.com").build_body(request_of(**config))


async def test_the_rehearsal_takes_sound_and_a_negative_prompt(make_provider: MakeProvider) -> None:
    provider = make_provider("http://127.0.0.1:1", extensions=True)
    silent = provider.build_body(request_of(negative_prompt="people", enable_audio=False))
    default = provider.build_body(request_of())
    extension = {"audio": False, "negative_prompt": "people"}
    assert silent["generation_config"]["rehearsal"] == extension
    assert default["generation_config"]["rehearsal"]["audio"] is True
    assert "seed" not in default["generation_config"]


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("", "/v1/interactions"),
        ("/", "/v1/interactions"),
        ("/v1", "/v1/interactions"),
        ("/v1beta/", "/v1beta/interactions"),
        ("/gateway", "/gateway/v1/interactions"),
        ("/gateway/v1", "/gateway/v1/interactions"),
    ],
)
async def test_the_base_address_keeps_its_path(
    make_provider: MakeProvider, base: str, path: str
) -> None:
    async with running(says({"id": "v1_abc", "status": "queued"})) as api:
        await make_provider(api.url + base).submit({"model": "m"}, attempt_uuid="a-1")
    assert api.requests[0].path == path


@pytest.mark.parametrize("base", ["http://example.com", "ftp://example.com", "example.com", ""])
async def test_f11_a_base_address_that_would_show_the_key_is_refused(
    make_provider: MakeProvider, base: str
) -> None:
    with pytest.raises(InvalidRequest):
        make_provider(base)


async def test_a_submit_is_labelled_with_its_attempt(make_provider: MakeProvider) -> None:
    uuid = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
    async with running(says({"id": "v1_abc", "status": "queued"})) as api:
        operation = await make_provider(api.url).submit({"model": "m"}, attempt_uuid=uuid)
    assert api.requests[0].json() == {"model": "m", "labels": {"attempt": uuid}}
    assert (operation.operation_id, operation.provider, operation.model) == (
        "v1_abc",
        "gemini",
        "m",
    )
    assert operation.submitted_at is not None


@pytest.mark.parametrize(
    "name",
    [
        "../interactions/v1_other",
        "https://evil.com/",
        "//evil.com",
        "v1_a\0",
        "v1_a\n",
        "v1_%2e%2e",
        "v1 a",
        ".",
        "..",
        "",
        "a" * 100_000,
        7,
        None,
        ["v1_abc"],
    ],
)
async def test_a11_a_name_that_could_lead_elsewhere_makes_the_outcome_unknown(
    make_provider: MakeProvider, name: object
) -> None:
    async with running(says({"id": name, "status": "queued"})) as api:
        with pytest.raises(OutcomeUnknown):
            await make_provider(api.url).submit({"model": "m"}, attempt_uuid="a-1")
    assert len(api.requests) == 1


def test_a11_real_names_are_taken() -> None:
    for name in ("v1_abc", "v1_ChdpQU9Da2FqNE9Fc0s0-_==", "interactions.7"):
        assert interaction_id({"id": name}) == name


# submit: what an error means (4.4 and reliability section 1)

SUBMIT_ERRORS: list[tuple[int, Any, type[ProviderError], ErrorKind]] = [
    (400, google(400, "INVALID_ARGUMENT"), InvalidRequest, ErrorKind.INVALID_REQUEST),
    (400, {"error": {"code": "invalid_request", "message": "no"}}, InvalidRequest, ErrorKind.INVALID_REQUEST),
    (400, [google(400, "INVALID_ARGUMENT")], InvalidRequest, ErrorKind.INVALID_REQUEST),
    (400, google(400, "X", "API key not valid. Please pass a valid one."), AuthError, ErrorKind.AUTH),
    (400, google(400, "X", "API key expired."), AuthError, ErrorKind.AUTH),
    (400, google(400, "INVALID_ARGUMENT", "no", KEY_INVALID), AuthError, ErrorKind.AUTH),
    (400, google(400, "FAILED_PRECONDITION", "Not in your region."), AuthError, ErrorKind.AUTH),
    (400, google(400, "SAFETY"), ContentRefused, ErrorKind.CONTENT_FILTERED),
    (400, google(400, "PROHIBITED_CONTENT"), ContentRefused, ErrorKind.CONTENT_FILTERED),
    (400, google(400, "BLOCKLIST"), ContentRefused, ErrorKind.CONTENT_FILTERED),
    (400, google(400, "SPII"), ContentRefused, ErrorKind.CONTENT_FILTERED),
    (400, google(400, "X", "The input was blocked for safety."), ContentRefused, ErrorKind.CONTENT_FILTERED),
    (401, google(401, "UNAUTHENTICATED"), AuthError, ErrorKind.AUTH),
    (403, google(403, "PERMISSION_DENIED"), AuthError, ErrorKind.AUTH),
    (402, google(402), InsufficientCredits, ErrorKind.INSUFFICIENT_CREDITS),
    (404, google(404, "NOT_FOUND"), NotFoundError, ErrorKind.NOT_FOUND),
    (413, google(413), InvalidRequest, ErrorKind.INVALID_REQUEST),
    (422, google(422), InvalidRequest, ErrorKind.INVALID_REQUEST),
    (429, google(429, "RESOURCE_EXHAUSTED", "slow", RETRY_INFO), RateLimited, ErrorKind.RATE_LIMITED),
    (429, google(429, "RESOURCE_EXHAUSTED", "no", DAILY), QuotaExceeded, ErrorKind.QUOTA_EXCEEDED),
    (429, google(429, "X", "Your spend cap is reached."), QuotaExceeded, ErrorKind.QUOTA_EXCEEDED),
    (429, google(429, "X", "prepayment credits are depleted"), InsufficientCredits, ErrorKind.INSUFFICIENT_CREDITS),
    (451, google(451), ContentRefused, ErrorKind.CONTENT_FILTERED),
    (500, google(500, "INTERNAL"), OutcomeUnknown, ErrorKind.SUBMIT_UNKNOWN),
    (502, google(502), OutcomeUnknown, ErrorKind.SUBMIT_UNKNOWN),
    (503, google(503, "UNAVAILABLE"), ProviderUnavailable, ErrorKind.SERVER_ERROR),
    (504, google(504, "DEADLINE_EXCEEDED"), OutcomeUnknown, ErrorKind.SUBMIT_UNKNOWN),
    (408, google(408), OutcomeUnknown, ErrorKind.SUBMIT_UNKNOWN),
    (409, google(409), OutcomeUnknown, ErrorKind.SUBMIT_UNKNOWN),
    (501, {}, OutcomeUnknown, ErrorKind.SUBMIT_UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("status", "value", "expected", "kind"), SUBMIT_ERRORS)
async def test_a05_a06_a07_an_error_on_submit_is_sorted(
    make_provider: MakeProvider,
    status: int,
    value: Any,
    expected: type[ProviderError],
    kind: ErrorKind,
) -> None:
    async with running(says(value, status)) as api:
        with pytest.raises(ProviderError) as caught:
            await make_provider(api.url).submit({"model": "m"}, attempt_uuid="a-1")
    assert type(caught.value) is expected
    assert caught.value.kind is kind
    assert caught.value.status == status
    assert caught.value.provider == "gemini"
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, InvalidRequest), (404, NotFoundError), (429, RateLimited), (500, OutcomeUnknown),
     (502, OutcomeUnknown), (503, OutcomeUnknown), (504, OutcomeUnknown)],
)  # fmt: skip
async def test_a05_html_on_submit_is_no_word_of_the_provider(
    make_provider: MakeProvider, status: int, expected: type[ProviderError]
) -> None:
    """A 503 by a proxy says nothing about what the provider did with the request."""
    async with running(html(status)) as api:
        with pytest.raises(expected):
            await make_provider(api.url).submit({"model": "m"}, attempt_uuid="a-1")


async def test_a06_the_providers_sentence_reaches_the_user(make_provider: MakeProvider) -> None:
    words = "The duration 99s is not supported."
    async with running(says(google(400, "INVALID_ARGUMENT", words), 400)) as api:
        with pytest.raises(InvalidRequest) as caught:
            await make_provider(api.url).submit({"model": "m"}, attempt_uuid="a-1")
    assert caught.value.message == words
    assert caught.value.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("headers", "details", "seconds"),
    [
        ({"Retry-After": "7"}, [], 7),
        ({}, [RETRY_INFO], 11),
        ({"Retry-After": "7"}, [RETRY_INFO], 11),
        ({"Retry-After": "soon"}, [], None),
        ({}, [{**RETRY_INFO, "retryDelay": "later"}], None),
        ({}, [{**RETRY_INFO, "retryDelay": 11}], None),
        ({}, ["text", None, 7], None),
    ],
)
async def test_a03_a_429_says_how_long_to_wait(
    make_provider: MakeProvider, headers: dict[str, str], details: list[Any], seconds: float | None
) -> None:
    error = google(429, "RESOURCE_EXHAUSTED", "Slow down.", *details)
    async with running(says(error, 429, headers)) as api:
        with pytest.raises(RateLimited) as caught:
            await make_provider(api.url).submit({"model": "m"}, attempt_uuid="a-1")
    assert caught.value.retry_after_s == seconds


NOW = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("1.5", 1.5),
        ("86400", 86400),
        ("99999999999", 7 * 24 * 3600),
        ("Sat, 21 Nov 2026 08:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 08:00:30", 30),
        ("Sat, 21 Nov 2026 07:59:30 GMT", None),
        ("Fri, 99 Zzz 2026 99:99:99 GMT", None),
        ("-1", None),
        ("soon", None),
        ("1e309", None),
        ("nan", None),
        ("", None),
        (None, None),
        ("9" * 10_000, None),
    ],
)
def test_a04_retry_after_takes_numbers_and_dates_and_no_garbage(
    header: str | None, seconds: float | None
) -> None:
    assert retry_after_s(header, NOW) == seconds


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
        (output(usage=tokens("video", 9)), ErrorKind.GENERATION_FAILED, "without a video"),
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
    assert answer.reason.startswith("No.[31ma")
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
