"""Google's words in ours: what is sent, and what an error on the paid request means (4.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.transport.conftest import MakeProvider, request_of
from tests.transport.google_words import (
    DAILY,
    KEY_INVALID,
    RETRY_INFO,
    google,
    html,
    says,
)
from tests.transport.raw_server import running
from veo_studio.core.errors import (
    AuthError,
    ContentRefused,
    InsufficientCredits,
    InvalidRequest,
    NotFoundError,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
    RateLimited,
)
from veo_studio.core.models import (
    ErrorKind,
)
from veo_studio.core.providers.gemini_wire import interaction_id
from veo_studio.core.providers.words import retry_after_s

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
