"""Runway's adapter against the scripted server: paid once, cancelled with care, no key astray."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.providers.runway_cases import adapter, operation_of, request_of, submitted
from tests.providers.servers import runway as script
from tests.providers.servers.runway import KEY, RunwayServer, runway
from tests.transport.raw_server import running
from veo_studio.core.errors import (
    AuthError,
    InsufficientCredits,
    InvalidRequest,
    LinkExpired,
    NotFoundError,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
    RateLimited,
)
from veo_studio.core.models import (
    Done,
    ResultRef,
    Running,
)
from veo_studio.core.providers.http import HttpGateway

CLIP = b"\x00\x00\x00\x18ftypmp42" + b"clip" * 1000


@pytest.fixture
async def gateway() -> AsyncIterator[HttpGateway]:
    made = HttpGateway(submit_timeout_s=10, connect_timeout_s=5, stall_timeout_s=10)
    yield made
    await made.close()


@pytest.fixture
async def server() -> AsyncIterator[RunwayServer]:
    async with runway(CLIP) as made:
        yield made


# submit


async def test_an_accepted_submit_tells_its_name_and_what_it_will_cost(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    operation = await submitted(adapter(server, gateway))
    assert operation.operation_id in server.tasks
    assert operation.cost_usd == Decimal("0.60")
    assert server.paid[0].path == "/v1/text_to_video"
    assert server.last_body["model"] == "veo3.1"
    assert KEY not in str(server.last_body)


@pytest.mark.parametrize(
    "step",
    [
        script.answer({"error": "Oops"}, 500),
        script.page(502),
        script.page(503),
        script.page(504),
        script.answer({"error": "Slow"}, 504),
        script.answer({"error": "Wait"}, 408),
        script.answer({"error": "Conflict"}, 409),
        script.page(302),
        script.accept_unreadably,
        script.accept_and_reset,
        script.answer({"id": "../up"}),
        script.answer({"estimatedCost": {"credits": 60}}),
        script.answer({"id": KEY}),
        script.answer([]),
    ],
)
async def test_a_lost_or_unclear_answer_is_unknown_and_never_sent_again(
    server: RunwayServer, gateway: HttpGateway, step: script.Step
) -> None:
    server.submit_steps.append(step)
    with pytest.raises(OutcomeUnknown) as caught:
        await submitted(adapter(server, gateway))
    assert len(server.paid) == 1
    assert caught.value.provider == "runway"
    assert KEY not in caught.value.message


async def test_no_answer_in_time_is_unknown(server: RunwayServer) -> None:
    gateway = HttpGateway(submit_timeout_s=0.5, connect_timeout_s=5)
    server.submit_steps.append(script.accept_and_say_nothing)
    try:
        with pytest.raises(OutcomeUnknown):
            await submitted(adapter(server, gateway))
    finally:
        await gateway.close()
    assert len(server.paid) == 1


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (script.answer({"error": "Validation of body failed"}, 400), InvalidRequest),
        (script.answer({"error": "Not enough credits."}, 400), InsufficientCredits),
        (script.answer({"error": "Unauthorized"}, 401), AuthError),
        (script.answer({"error": "Payment required"}, 402), InsufficientCredits),
        (script.answer({"error": "No such model"}, 404), NotFoundError),
        (script.answer({"error": "Method"}, 405), InvalidRequest),
        (script.answer({"error": "Daily task limit"}, 429), QuotaExceeded),
        (script.answer({"error": "Busy"}, 429, Retry_After="5"), RateLimited),
        (script.page(429), RateLimited),
        (script.answer({"error": "Overloaded"}, 503), ProviderUnavailable),
    ],
)
async def test_a_clear_no_says_that_nothing_was_accepted(
    server: RunwayServer, gateway: HttpGateway, step: script.Step, kind: type[ProviderError]
) -> None:
    server.submit_steps.append(step)
    with pytest.raises(kind) as caught:
        await submitted(adapter(server, gateway))
    assert type(caught.value) is kind
    assert len(server.paid) == 1
    assert not server.tasks


async def test_overloaded_is_asked_again_slowly(server: RunwayServer, gateway: HttpGateway) -> None:
    server.submit_steps += [
        script.answer({"error": "Overloaded"}, 503),
        script.answer({"error": "Overloaded"}, 503, Retry_After="90"),
        script.answer({"error": "Busy"}, 429, Retry_After="5"),
    ]
    waits = []
    for kind in (ProviderUnavailable, ProviderUnavailable, RateLimited):
        with pytest.raises(kind) as caught:
            await submitted(adapter(server, gateway))
        waits.append(caught.value.retry_after_s)
    assert waits == [10.0, 90.0, 5.0]


async def test_a_refused_connection_is_not_sent(gateway: HttpGateway) -> None:
    async with running(lambda _received, _reply: pytest.fail("nobody is there")) as gone:
        url = gone.url
    with pytest.raises(NotSent):
        await submitted(adapter(url, gateway))


async def test_a_refused_body_tells_which_field_is_wrong(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    body = {**provider.build_body(request_of()), "surprise": 1}
    with pytest.raises(InvalidRequest, match="surprise: unknown field"):
        await provider.submit(body, attempt_uuid="a")
    assert server.refused


@pytest.mark.parametrize(
    "key", [None, "", "two words", "line\nbreak", "k\N{LATIN SMALL LETTER E WITH ACUTE}y"]
)
async def test_a_key_that_cannot_be_one_sends_nothing(
    server: RunwayServer, gateway: HttpGateway, key: str | None
) -> None:
    provider = adapter(server, gateway, key=key)
    with pytest.raises(AuthError):
        await submitted(provider)
    with pytest.raises(AuthError):
        await provider.poll(operation_of("abc"))
    assert server.raw.requests == []


async def test_a_base_address_may_end_with_the_version(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    operation = await submitted(adapter(f"{server.url}/v1/", gateway))
    assert operation.operation_id in server.tasks


async def test_a_model_that_the_list_no_longer_has_is_not_sent(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    with pytest.raises(ValueError, match="no longer has gen9"):
        adapter(server, gateway).build_body(request_of("gen9"))


# poll and result


async def test_progress_then_the_clip_with_its_cost(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    assert await provider.poll(operation) == Running(0.42, "RUNNING")
    done = await provider.poll(operation)
    assert isinstance(done, Done)
    assert done.cost_usd == Decimal("0.60")
    async with provider.open_result(done.result, 0, None) as body:
        assert b"".join([chunk async for chunk in body.chunks]) == CLIP


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (script.answer({"error": "Oops"}, 500), ProviderUnavailable),
        (script.page(502), ProviderUnavailable),
        (script.answer({"error": "Overloaded"}, 503), ProviderUnavailable),
        (script.answer({"error": "Slow"}, 408), ProviderUnavailable),
        (script.answer({"error": "Slow down"}, 429), RateLimited),
        (script.answer({"error": "No such task"}, 404), NotFoundError),
        (script.page(404), NotFoundError),
        (script.answer({"error": "Unauthorized"}, 401), AuthError),
        (script.answer({"error": "Forbidden"}, 403), AuthError),
        (script.page(403), ProtocolError),
        (script.answer({"error": "Bad"}, 400), ProtocolError),
        (script.page(200), ProtocolError),
        (script.page(302), ProtocolError),
        (script.answer({"id": "another-task", "status": "SUCCEEDED"}), ProtocolError),
    ],
)
async def test_a_poll_without_a_clear_answer_decides_nothing(
    server: RunwayServer, gateway: HttpGateway, step: script.Step, kind: type[ProviderError]
) -> None:
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    server.poll_steps.append(step)
    with pytest.raises(kind) as caught:
        await provider.poll(operation)
    assert type(caught.value) is kind
    assert caught.value.provider == "runway"
    assert isinstance(await provider.poll(operation), Running)


async def test_a_stored_name_that_is_none_is_not_asked_for(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    for work in (provider.poll, provider.cancel):
        with pytest.raises(ProtocolError):
            await work(operation_of("../organization"))
    assert server.raw.requests == []


async def test_an_expired_link_says_so(server: RunwayServer, gateway: HttpGateway) -> None:
    provider = adapter(server, gateway)

    async def expired(_files: Any, _received: Any, reply: Any, _start: int) -> None:
        await reply.head(403, {"Content-Length": "0"})

    server.files.faults.append(expired)
    link = ResultRef(f"{server.storage.url}/out/a.mp4?_jwt=old")
    with pytest.raises(LinkExpired):
        async with provider.open_result(link, 0, None):
            pass
