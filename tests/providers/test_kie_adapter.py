"""KIE's answers in our words: which submits were surely not accepted, and what a poll decides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from tests.providers.kie_cases import OMNI, adapter, operation_of, request_of, submitted
from tests.providers.servers import kie as script
from tests.providers.servers.kie import KEY, KieServer, Step, kie
from tests.transport.raw_server import running
from veo_studio.core.errors import (
    AuthError,
    ContentRefused,
    InsufficientCredits,
    InvalidRequest,
    NotFoundError,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
    RateLimited,
)
from veo_studio.core.models import CancelOutcome, Done, ErrorKind, Refused, ResultRef, Running
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.providers.kie import answers

CLIP = b"\x00\x00\x00\x18ftypmp42" + b"clip" * 1000


@pytest.fixture
async def gateway(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HttpGateway]:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    made = HttpGateway(submit_timeout_s=10, connect_timeout_s=5, stall_timeout_s=10)
    yield made
    await made.close()


@pytest.fixture
async def server() -> AsyncIterator[KieServer]:
    async with kie(CLIP) as made:
        yield made
        assert made.strays == []


# submit


@pytest.mark.parametrize("model", ["veo3", "veo3_lite", OMNI])
async def test_an_accepted_submit_tells_its_task(
    server: KieServer, gateway: HttpGateway, model: str
) -> None:
    operation = await submitted(adapter(server, gateway), request_of(model))
    assert (operation.operation_id, operation.model) == ("veo_task_0001", model)
    assert operation.submitted_at is not None
    assert len(server.paid) == 1
    assert server.refused == []


@pytest.mark.parametrize(
    "name",
    ["", "../x", "a/b", "a?b", "a@4k", "a b", "a\n", 7, None, ["a"], "a" * 300, f"x{KEY}"],
)
async def test_a11_an_accepted_submit_without_a_usable_task_is_unknown(
    server: KieServer, gateway: HttpGateway, name: object
) -> None:
    server.submit_steps.append(script.answer({"code": 200, "data": {"taskId": name}}))
    with pytest.raises(OutcomeUnknown) as told:
        await submitted(adapter(server, gateway))
    assert KEY not in str(told.value)
    assert len(server.paid) == 1


# inside of HTTP 200, as KIE does it
REFUSALS: list[tuple[int, str, type[ProviderError], ErrorKind]] = [
    (400, "Bad format", InvalidRequest, ErrorKind.INVALID_REQUEST),
    (400, "Your prompt was flagged as violating content policies", ContentRefused, ErrorKind.CONTENT_FILTERED),
    (401, "No access", AuthError, ErrorKind.AUTH),
    (402, "Insufficient credits", InsufficientCredits, ErrorKind.INSUFFICIENT_CREDITS),
    (404, "Not found", NotFoundError, ErrorKind.NOT_FOUND),
    (422, "prompt cannot be null", InvalidRequest, ErrorKind.INVALID_REQUEST),
    (422, "Blocked by the safety system", ContentRefused, ErrorKind.CONTENT_FILTERED),
    (429, "Slow down", RateLimited, ErrorKind.RATE_LIMITED),
    (433, "Limit of the sub-key", QuotaExceeded, ErrorKind.QUOTA_EXCEEDED),
    (451, "Failed to fetch the image", InvalidRequest, ErrorKind.INVALID_REQUEST),
    (455, "Maintenance", ProviderUnavailable, ErrorKind.SERVER_ERROR),
    (503, "Overloaded", ProviderUnavailable, ErrorKind.SERVER_ERROR),
    (505, "Switched off", InvalidRequest, ErrorKind.INVALID_REQUEST),
]  # fmt: skip


@pytest.mark.parametrize(("code", "words", "error", "kind"), REFUSALS)
async def test_a_clear_no_inside_of_200_says_that_nothing_was_accepted(
    server: KieServer,
    gateway: HttpGateway,
    code: int,
    words: str,
    error: type[ProviderError],
    kind: ErrorKind,
) -> None:
    server.submit_steps.append(script.refuse(code, words))
    with pytest.raises(error) as told:
        await submitted(adapter(server, gateway))
    assert type(told.value) is error
    assert told.value.kind is kind
    assert told.value.message == words
    assert (told.value.provider, told.value.status) == ("kie", code)
    assert len(server.paid) == 1


async def test_an_empty_account_and_maintenance_say_what_to_do(
    server: KieServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    server.submit_steps.append(script.refuse(402))
    with pytest.raises(InsufficientCredits) as poor:
        await submitted(provider)
    assert "billing" in str(poor.value.action)
    server.submit_steps.append(script.refuse(455))
    with pytest.raises(ProviderUnavailable) as closed:
        await submitted(provider)
    assert (closed.value.retry_after_s or 0) >= 30


UNKNOWN: list[Step] = [
    script.refuse(500, "Server error"),
    script.refuse(501, "Generation failed"),
    script.refuse(999, "What is this"),
    script.answer({"code": 200, "data": None}),
    script.answer({"code": 200}),
    script.answer({"data": {"taskId": "a"}}),
    script.answer({"code": "fine", "data": {"taskId": "a"}}),
    script.answer({"code": 200, "data": {"taskId": "a"}}, 500),
    script.answer([]),
    script.answer(None),
    script.page(200),
    script.page(500),
    script.page(502),
    script.page(503),
    script.page(504),
    script.page(302),
    script.page(200, b'{"code": 200, "da'),
    script.page(200, b""),
    script.reset,
]


@pytest.mark.parametrize("step", UNKNOWN)
async def test_a_lost_or_unclear_answer_is_unknown_and_never_sent_again(
    server: KieServer, gateway: HttpGateway, step: Step
) -> None:
    server.submit_steps.append(script.accept_and(step))
    with pytest.raises(OutcomeUnknown):
        await submitted(adapter(server, gateway))
    assert len(server.paid) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, NotFoundError), (401, AuthError), (413, InvalidRequest), (429, RateLimited)],
)
async def test_a_real_http_refusal_counts_as_well(
    server: KieServer, gateway: HttpGateway, status: int, error: type[ProviderError]
) -> None:
    server.submit_steps.append(script.page(status))
    with pytest.raises(error):
        await submitted(adapter(server, gateway))
    assert len(server.paid) == 1


async def test_no_answer_in_time_is_unknown(server: KieServer) -> None:
    gateway = HttpGateway(submit_timeout_s=0.6, connect_timeout_s=0.3)
    server.submit_steps.append(script.accept_and(script.silence))
    with pytest.raises(OutcomeUnknown):
        await submitted(adapter(server, gateway))
    await gateway.close()
    assert len(server.paid) == 1


async def test_a_refused_connection_is_not_sent(gateway: HttpGateway) -> None:
    async with running(lambda _received, _reply: None) as gone:  # type: ignore[arg-type, return-value]
        url = gone.url
    with pytest.raises(NotSent):
        await submitted(adapter(url, gateway))


@pytest.mark.parametrize("key", [None, "two words", "a\u00e9b-key-of-mine"])
async def test_a_key_that_cannot_be_one_sends_nothing(
    server: KieServer, gateway: HttpGateway, key: str | None
) -> None:
    with pytest.raises(AuthError):
        await submitted(adapter(server, gateway, key=key))
    assert server.raw.requests == []


# poll


async def test_a_finished_clip_of_each_family(server: KieServer, gateway: HttpGateway) -> None:
    provider = adapter(server, gateway)
    for model in ("veo3_fast", OMNI):
        operation = await submitted(provider, request_of(model))
        server.poll_steps.append(script.veo(0) if model != OMNI else script.job("generating"))
        assert isinstance(await provider.poll(operation), Running)
        answer = await provider.poll(operation)
        assert isinstance(answer, Done)
        assert answer.result == ResultRef(server.link(operation.operation_id))
    assert [path.partition("?")[0].rpartition("/")[2] for path in server.polls] == [
        "record-info", "record-info", "recordInfo", "recordInfo",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "response",
    [
        {"resultUrls": ["https://a.test/1.mp4"]},
        {"resultUrls": '["https://a.test/1.mp4"]'},
        '{"resultUrls": ["https://a.test/1.mp4"]}',
        {"resultUrls": "https://a.test/1.mp4"},
        {"resultUrls": ["https://a.test/1.mp4", "https://a.test/1.mp4", 7, ""]},
    ],
)
def test_links_come_as_a_list_or_as_text_of_one(response: object) -> None:
    found = answers.read_veo({"successFlag": 1, "response": response})
    assert found == Done(ResultRef("https://a.test/1.mp4"))
    text = {"state": "success", "resultJson": response}
    assert answers.read_job(text) == found
    assert answers.read_veo({"successFlag": "1", "resultUrls": '["https://a.test/1.mp4"]'}) == found


def test_a_task_that_tells_its_credits_tells_the_cost() -> None:
    told = {"state": "success", "resultJson": '{"resultUrls":["https://a.test/1.mp4"]}'}
    found = answers.read_job({**told, "creditsConsumed": 63})
    assert isinstance(found, Done)
    assert found.cost_usd == Decimal("0.315")
    for garbage in (None, "63", True, -1, 1e300, []):
        without = answers.read_job({**told, "creditsConsumed": garbage})
        assert isinstance(without, Done)
        assert without.cost_usd is None


@pytest.mark.parametrize(
    "value",
    [{}, {"resultUrls": []}, {"resultUrls": None}, {"resultUrls": "[" * 5000}, "not json", "[" * 5000, None],
)  # fmt: skip
def test_success_without_a_link_is_a_failure(value: object) -> None:
    for found in (
        answers.read_veo({"successFlag": 1, "response": value}),
        answers.read_job({"state": "success", "resultJson": value}),
    ):
        assert isinstance(found, Refused)
        assert found.kind is ErrorKind.GENERATION_FAILED


def test_a_link_with_the_key_in_it_is_not_kept(gateway: HttpGateway) -> None:
    adapter("http://127.0.0.1:1", gateway)
    with pytest.raises(ProtocolError):
        answers.read_veo({"successFlag": 1, "response": {"resultUrls": [f"https://a.test/{KEY}"]}})


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        (400, "Your prompt violates our content policy", ErrorKind.CONTENT_FILTERED),
        (400, "The image is too small", ErrorKind.INVALID_REQUEST),
        ("422", "Rejected by moderation", ErrorKind.CONTENT_FILTERED),
        (500, "Upstream failed", ErrorKind.GENERATION_FAILED),
        (501, "Generation failed", ErrorKind.GENERATION_FAILED),
        ("402", "Not enough credits", ErrorKind.INSUFFICIENT_CREDITS),
        (None, "It was flagged as unsafe", ErrorKind.CONTENT_FILTERED),
        (None, None, ErrorKind.GENERATION_FAILED),
        ("", "x", ErrorKind.GENERATION_FAILED),
    ],
)
def test_a_failed_clip_says_why(code: object, words: object, kind: ErrorKind) -> None:
    for found in (
        answers.read_veo({"successFlag": 2, "errorCode": code, "errorMessage": words}),
        answers.read_veo({"successFlag": 3, "errorCode": code, "errorMessage": words}),
        answers.read_job({"state": "fail", "failCode": code, "failMsg": words}),
    ):
        assert isinstance(found, Refused)
        assert found.kind is kind
        assert found.reason == (words or "KIE failed without a reason.")
        assert found.code == (str(code) if code else None)


def test_states_that_are_not_known_here_end_nothing(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        assert answers.read_job({"state": "polishing"}) == Running(status="polishing")
        assert answers.read_veo({"successFlag": 9}) == Running(status="9")
    assert len(caplog.records) == 2, "each is told once"
    for state in ("waiting", "queuing"):
        assert answers.read_job({"state": state}) == Running(status=state, is_queued=True)


POLL_ERRORS: list[tuple[Step, type[ProviderError]]] = [
    (script.refuse(401, "No access"), AuthError),
    (script.refuse(404, "No such task"), NotFoundError),
    (script.refuse(422, "record is null"), NotFoundError),
    (script.refuse(422, "recordInfo is null"), NotFoundError),
    (script.refuse(422, "something else"), ProtocolError),
    (script.refuse(400, "something else"), ProtocolError),
    (script.refuse(402, "No credits"), ProtocolError),
    (script.refuse(429, "Slow down"), RateLimited),
    (script.refuse(455, "Maintenance"), ProviderUnavailable),
    (script.refuse(500, "Oops"), ProviderUnavailable),
    (script.answer({"error": "x"}, 500), ProviderUnavailable),
    (script.page(502), ProviderUnavailable),
    # of an address that is wrong, which says nothing about the clip
    (script.page(404), ProtocolError),
    (script.page(200), ProtocolError),
    (script.answer({"code": 200, "data": None}), ProtocolError),
    (script.answer({"code": 200, "data": {"taskId": "another", "successFlag": 1}}), ProtocolError),
    (script.reset, ProviderUnavailable),
]


@pytest.mark.parametrize(("step", "error"), POLL_ERRORS)
async def test_a_poll_without_a_clear_answer_decides_nothing(
    server: KieServer, gateway: HttpGateway, step: Step, error: type[ProviderError]
) -> None:
    for model in ("veo3", OMNI):
        # a question may be asked twice where the line broke
        server.poll_steps.extend([step, step])
        with pytest.raises(error) as told:
            await adapter(server, gateway).poll(operation_of("task_1", model))
        server.poll_steps.clear()
        assert type(told.value) is error
        assert told.value.provider == "kie"


async def test_501_is_kie_s_word_for_a_failed_clip(server: KieServer, gateway: HttpGateway) -> None:
    server.poll_steps.append(script.refuse(501, "Generation failed"))
    found = await adapter(server, gateway).poll(operation_of("task_1"))
    assert found == Refused(
        ErrorKind.GENERATION_FAILED, "Generation failed", "501", may_be_billed=True
    )


@pytest.mark.parametrize("name", ["../x", "a b", "a@720p", ""])
async def test_a_stored_name_that_is_none_is_not_asked_for(
    server: KieServer, gateway: HttpGateway, name: str
) -> None:
    with pytest.raises(ProtocolError):
        await adapter(server, gateway).poll(operation_of(name))
    assert server.raw.requests == []


async def test_cancel_asks_nobody_and_says_that_it_goes_on(
    server: KieServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    assert await provider.cancel(operation_of("task_1")) is CancelOutcome.UNSUPPORTED
    assert server.raw.requests == []
    assert not provider.tools.info.can_cancel
    assert "billed" in provider.tools.info.cancel_help
