"""Runway's pictures through the adapter: asked for, paid once, fetched, refused and cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.providers.runway_cases import adapter, request_of
from tests.providers.servers import runway as script
from tests.providers.servers.runway import RunwayServer, runway
from tests.transport.pictures import noise_picture
from veo_studio.core.errors import InvalidRequest, OutcomeUnknown
from veo_studio.core.models import (
    CancelOutcome,
    Done,
    ErrorKind,
    GenerationKind,
    GenerationRequest,
    InputRole,
    MediaInput,
    Operation,
    Refused,
    Running,
    VideoConfig,
)
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.providers.runway import RunwayProvider

STILL = VideoConfig("4:3", 0, "1080p", seed=7)
REFERENCE = MediaInput(InputRole.REFERENCE, "0" * 64, "image/png", 4096, "a.png")


@pytest.fixture
async def gateway() -> AsyncIterator[HttpGateway]:
    made = HttpGateway(submit_timeout_s=60, connect_timeout_s=30, stall_timeout_s=60)
    yield made
    await made.close()


@pytest.fixture
async def server() -> AsyncIterator[RunwayServer]:
    async with runway(noise_picture()) as made:
        yield made


def asked(model: str = "gen4_image", config: VideoConfig = STILL) -> GenerationRequest:
    return request_of(model, config, kind=GenerationKind.IMAGE)


async def submitted(provider: RunwayProvider) -> Operation:
    body = provider.build_body(asked())
    return replace(await provider.submit(body, attempt_uuid="attempt"), config=STILL)


async def test_a_picture_is_made_and_fetched(server: RunwayServer, gateway: HttpGateway) -> None:
    server.states = [script.pending(), script.running_state(0.5), script.succeeded(8)]
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    assert server.paid[0].path == "/v1/text_to_image"
    assert isinstance(await provider.poll(operation), Running)
    assert await provider.poll(operation) == Running(0.5, "RUNNING")
    done = await provider.poll(operation)
    assert isinstance(done, Done)
    assert (done.result.mime_type, done.cost_usd) == ("image/png", Decimal("0.08"))
    async with provider.open_result(done.result, 0, None) as body:
        assert b"".join([chunk async for chunk in body.chunks]) == noise_picture()
    assert (server.refused, len(server.paid)) == ([], 1)


async def test_a_model_that_left_the_list_is_known_by_its_settings(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    server.states = [script.succeeded(8)]
    provider = adapter(server, gateway)
    done = await provider.poll(replace(await submitted(provider), model="my_own_image"))
    assert isinstance(done, Done)
    assert done.result.mime_type == "image/png"


async def test_references_are_sent_with_their_tags(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    config = replace(STILL, inputs=(REFERENCE, REFERENCE))
    body = provider.build_body(asked("gen4_image_turbo", config), ["runway://a", "runway://b"])
    await provider.submit(body, attempt_uuid="attempt")
    assert [item["tag"] for item in server.last_body["referenceImages"]] == ["ref1", "ref2"]
    assert server.refused == []


async def test_the_fast_model_needs_a_reference(server: RunwayServer, gateway: HttpGateway) -> None:
    with pytest.raises(ValueError, match="cannot be asked like this: text"):
        adapter(server, gateway).build_body(asked("gen4_image_turbo"))


@pytest.mark.parametrize(
    "step", [script.accept_and_reset, script.accept_unreadably, script.page(502)]
)
async def test_a_lost_answer_is_never_sent_again(
    server: RunwayServer, gateway: HttpGateway, step: script.Step
) -> None:
    server.submit_steps.append(step)
    with pytest.raises(OutcomeUnknown):
        await submitted(adapter(server, gateway))
    assert len(server.paid) == 1


async def test_what_runway_refuses_costs_nothing(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    body = {**provider.build_body(asked()), "ratio": "1:1"}
    with pytest.raises(InvalidRequest, match="Validation of body failed"):
        await provider.submit(body, attempt_uuid="attempt")
    assert server.tasks == {}


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (script.failed("SAFETY.OUTPUT.IMAGE", credits_used=8), ErrorKind.CONTENT_FILTERED),
        (script.failed("SAFETY.INPUT.TEXT"), ErrorKind.CONTENT_FILTERED),
        (script.failed("INTERNAL.BAD_OUTPUT.CODE01"), ErrorKind.GENERATION_FAILED),
        (script.succeeded(8, output=[]), ErrorKind.GENERATION_FAILED),
    ],
)
async def test_a_picture_that_is_refused_says_so_in_words_of_no_clip(
    server: RunwayServer, gateway: HttpGateway, state: dict[str, object], kind: ErrorKind
) -> None:
    server.states = [state]
    provider = adapter(server, gateway)
    told = await provider.poll(await submitted(provider))
    assert isinstance(told, Refused)
    assert told.kind is kind
    assert "clip" not in told.reason
    assert told.cost_usd is not None


async def test_a_picture_is_cancelled_as_long_as_it_is_not_finished(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    server.states = [script.running_state(0.1)]
    operation = await submitted(provider)
    assert await provider.cancel(operation) is CancelOutcome.CONFIRMED
    server.states = [script.succeeded(8)]
    finished = await submitted(provider)
    assert await provider.cancel(finished) is CancelOutcome.TOO_LATE
    assert server.deleted == [operation.operation_id]
