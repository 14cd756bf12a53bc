"""KIE's finished clips and its money: links that end, the balance, and what a submit cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.providers.kie_cases import OMNI, adapter, request_of, submitted
from tests.providers.servers import kie as script
from tests.providers.servers.kie import KEY, KieServer, Step, kie
from veo_studio.core.errors import AuthError, LinkExpired, ProtocolError, ProviderError
from veo_studio.core.models import Done, ResultRef
from veo_studio.core.providers.http import HttpGateway

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


# result


async def test_the_clip_is_fetched_without_the_key(server: KieServer, gateway: HttpGateway) -> None:
    provider = adapter(server, gateway)
    async with provider.open_result(ResultRef(server.link("a")), 0, None) as body:
        assert b"".join([chunk async for chunk in body.chunks]) == CLIP
    assert len(server.cdn.requests) == 1, "and it asserts there that no key came"


async def test_a_link_that_ended_is_exchanged_for_a_new_one(
    server: KieServer, gateway: HttpGateway
) -> None:
    async def gone(_files: Any, _received: Any, reply: Any, _start: int) -> None:
        await reply.head(404, {"Content-Length": "0"})

    server.files.faults = [gone]
    server.link_steps.append(script.answer({"code": 200, "data": server.link("fresh")}))
    provider = adapter(server, gateway)
    async with provider.open_result(ResultRef(server.link("a")), 0, None) as body:
        assert b"".join([chunk async for chunk in body.chunks]) == CLIP
    assert server.renewed == [server.link("a")]


@pytest.mark.parametrize(
    "step",
    [
        script.refuse(422, "expired"),
        script.answer({"code": 200, "data": None}),
        script.answer({"code": 200, "data": f"https://a.test/{KEY}"}),
        script.page(500),
        script.reset,
    ],
)
async def test_a_link_that_ended_for_good_says_so(
    server: KieServer, gateway: HttpGateway, step: Step
) -> None:
    async def gone(_files: Any, _received: Any, reply: Any, _start: int) -> None:
        await reply.head(403, {"Content-Length": "0"})

    server.files.faults, server.files.is_always_faulty = [gone], True
    server.link_steps.append(step)
    with pytest.raises(LinkExpired):
        async with adapter(server, gateway).open_result(ResultRef(server.link("a")), 0, None):
            pass


# money


async def test_the_balance_is_told_in_credits_and_dollars(
    server: KieServer, gateway: HttpGateway
) -> None:
    report = await adapter(server, gateway).check_connection()
    assert report.balance == "1,234.5 credits, about $6.17 at $0.005 each"
    with pytest.raises(AuthError):
        await adapter(server, gateway, key="another-key").check_connection()
    for garbage in (None, "1", True, {}, 1e300):
        server.balance_steps.append(script.answer({"code": 200, "data": garbage}))
        with pytest.raises(ProtocolError):
            await adapter(server, gateway).check_connection()


async def test_the_cost_is_what_the_balance_lost(server: KieServer, gateway: HttpGateway) -> None:
    provider = adapter(server, gateway)
    for model, cost in (("veo3_fast", "0.3"), ("veo3", "1.25"), (OMNI, "0.315")):
        operation = await submitted(provider, request_of(model))
        answer = await provider.poll(operation)
        assert isinstance(answer, Done)
        assert answer.cost_usd == Decimal(cost)
    assert server.balance_reads == 6


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (script.refuse(500), None),
        (script.refuse(401), None),
        (None, script.page(502)),
        (None, script.answer({"code": 200, "data": None})),
        # more came in than went out, nothing, and far more than any clip costs
        (None, script.answer({"code": 200, "data": 5000})),
        (None, script.answer({"code": 200, "data": 1234.5})),
        (None, script.answer({"code": 200, "data": -100_000})),
    ],
)
async def test_a_balance_that_tells_nothing_changes_nothing(
    server: KieServer, gateway: HttpGateway, before: Step | None, after: Step | None
) -> None:
    server.balance_steps.extend([before or script.tell_balance, after or script.tell_balance])
    if before is not None:
        server.balance_steps.pop()
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    answer = await provider.poll(operation)
    assert isinstance(answer, Done)
    assert answer.cost_usd is None
    assert len(server.paid) == 1


async def test_a_balance_that_never_comes_delays_a_submit_a_little_only(
    server: KieServer, gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("veo_studio.core.providers.kie.balance.BEFORE_S", 0.1)
    server.balance_steps.append(script.silence)
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    answer = await provider.poll(operation)
    assert isinstance(answer, Done)
    assert answer.cost_usd is None


async def test_a_refused_submit_gives_the_turn_back(
    server: KieServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    for code in (400, 429, 500):
        server.submit_steps.append(script.refuse(code))
        with pytest.raises(ProviderError):
            await submitted(provider)
    answer = await provider.poll(await submitted(provider))
    assert isinstance(answer, Done)
    assert answer.cost_usd == Decimal("0.3")


async def test_after_closing_nothing_is_measured_and_submits_still_work(
    server: KieServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    await provider.close()
    answer = await provider.poll(await submitted(provider))
    assert isinstance(answer, Done)
    assert answer.cost_usd is None
    assert server.balance_reads == 0


async def test_submits_at_once_are_measured_one_after_the_other(
    server: KieServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    models = ("veo3", "veo3_fast", "veo3_lite")
    made = await asyncio.gather(*(submitted(provider, request_of(model)) for model in models))
    for operation, cost in zip(made, ("1.25", "0.3", "0.15"), strict=True):
        answer = await provider.poll(operation)
        assert isinstance(answer, Done)
        assert answer.cost_usd == Decimal(cost)


async def test_a_slow_submit_holds_no_other_up_and_neither_is_measured(
    server: KieServer, gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, goes_on = asyncio.Event(), asyncio.Event()

    async def slowly(call: script.Call) -> None:
        arrived.set()
        await goes_on.wait()
        await script.accept(call)

    server.submit_steps.append(slowly)
    provider = adapter(server, gateway)
    slow = asyncio.create_task(submitted(provider, request_of("veo3")))
    async with asyncio.timeout(10):
        await arrived.wait()
        monkeypatch.setattr("veo_studio.core.providers.kie.balance.BEFORE_S", 0.1)
        quick = await submitted(provider)
        goes_on.set()
        operations = [quick, await slow]
    for operation in operations:
        answer = await provider.poll(operation)
        assert isinstance(answer, Done)
        assert answer.cost_usd is None
    assert len(server.paid) == 2


async def test_nothing_is_asked_after_the_submit_was_stored_as_sent(
    server: KieServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    body = provider.build_body(request_of())
    await provider.prepare()
    asked = len(server.raw.requests)
    operation = await provider.submit(body, attempt_uuid="a")
    assert server.raw.requests[asked].method == "POST"
    answer = await provider.poll(operation)
    assert isinstance(answer, Done)
    assert answer.cost_usd == Decimal("0.30")
    await provider.close()


async def test_a_submit_that_was_prepared_and_never_came_keeps_nobody_waiting(
    server: KieServer, gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("veo_studio.core.providers.kie.balance._HELD_S", 0.0)
    provider = adapter(server, gateway)
    body = provider.build_body(request_of())
    async with asyncio.timeout(8.0):
        for _ in range(3):
            await provider.prepare()
            await asyncio.sleep(0)
    monkeypatch.setattr("veo_studio.core.providers.kie.balance._HELD_S", 10.0)
    await provider.prepare()
    # sent by somebody who did not prepare: the balance of before is nobody's any more
    first, second = [await provider.submit(body, attempt_uuid=name) for name in ("a", "b")]
    for operation in (first, second):
        answer = await provider.poll(operation)
        assert isinstance(answer, Done)
    await provider.close()


async def test_the_balance_is_not_read_without_a_key(
    server: KieServer, gateway: HttpGateway
) -> None:
    with pytest.raises(AuthError):
        await adapter(server, gateway, key=None).prepare()
    assert server.raw.requests == []
