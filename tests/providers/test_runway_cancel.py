"""Runway: cancels that never delete a finished clip, uploads, and the connection test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.providers.runway_cases import adapter, item_of, operation_of, picture, submitted
from tests.providers.servers import runway as script
from tests.providers.servers.runway import KEY, RunwayServer, runway
from tests.transport.raw_server import running
from veo_studio.core.errors import (
    AuthError,
    InvalidRequest,
    NotFoundError,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
)
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    Done,
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


# cancel


@pytest.mark.parametrize("state", ["PENDING", "THROTTLED", "RUNNING"])
async def test_cancel_deletes_what_is_not_finished(
    server: RunwayServer, gateway: HttpGateway, state: str
) -> None:
    server.states = [script.pending(state)]
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    assert await provider.cancel(operation) is CancelOutcome.CONFIRMED
    assert server.deleted == [operation.operation_id]
    # the 404 of a task that we deleted ourselves is no loss
    assert await provider.poll(operation) == CancelledByProvider()
    assert await provider.cancel(operation) is CancelOutcome.CONFIRMED
    assert server.deleted == [operation.operation_id]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (script.succeeded(), CancelOutcome.TOO_LATE),
        (script.failed("INTERNAL"), CancelOutcome.TOO_LATE),
        ({"status": "CANCELLED", "cost": {"credits": 0}}, CancelOutcome.CONFIRMED),
    ],
)
async def test_cancel_never_deletes_a_finished_task(
    server: RunwayServer, gateway: HttpGateway, state: dict[str, Any], outcome: CancelOutcome
) -> None:
    server.states = [state]
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    assert await provider.cancel(operation) is outcome
    assert server.deleted == []


@pytest.mark.parametrize(
    "step",
    [script.page(502), script.answer({"error": "Slow down"}, 429), script.page(403)],
)
async def test_without_a_clear_look_nothing_is_deleted(
    server: RunwayServer, gateway: HttpGateway, step: script.Step
) -> None:
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    server.poll_steps.append(step)
    with pytest.raises(ProviderError):
        await provider.cancel(operation)
    assert server.deleted == []


async def test_a_task_that_ends_during_the_cancel_is_too_late(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    server.states = [script.running_state(0.9), script.succeeded()]
    server.delete_steps.append(script.answer({"error": "Task has ended"}, 409))
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    assert await provider.cancel(operation) is CancelOutcome.TOO_LATE
    assert isinstance(await provider.poll(operation), Done)


async def test_a_refused_delete_of_a_running_task_is_an_error(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    server.states = [script.running_state(0.1)]
    server.delete_steps.append(script.answer({"error": "Oops"}, 500))
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    with pytest.raises(ProviderUnavailable):
        await provider.cancel(operation)
    assert isinstance(await provider.poll(operation), Running)


async def test_a_delete_whose_answer_is_lost_is_seen_in_the_next_poll(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    async def delete_and_reset(call: script.Call) -> None:
        server.tasks[call.task_id].is_deleted = True
        await call.reply.reset()

    server.states = [script.running_state(0.1)]
    server.delete_steps.append(delete_and_reset)
    provider = adapter(server, gateway)
    operation = await submitted(provider)
    with pytest.raises(ProviderUnavailable):
        await provider.cancel(operation)
    assert await provider.poll(operation) == CancelledByProvider()


async def test_a_task_that_is_gone_without_us_is_no_cancel(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    with pytest.raises(NotFoundError):
        await adapter(server, gateway).cancel(operation_of("unknown"))
    assert server.deleted == []


# uploads and the connection


async def test_an_upload_brings_the_file_last_and_the_key_nowhere_else(
    server: RunwayServer, gateway: HttpGateway, tmp_path: Path
) -> None:
    path = picture(tmp_path)
    uri = await adapter(server, gateway).upload(item_of(path), path)
    assert uri == "runway://upload-1"
    assert server.uploads[0].json() == {"filename": "first_frame.png", "type": "ephemeral"}
    (stored,) = server.stored
    parts = script.form_parts(stored)
    assert [name for name, _, _ in parts] == ["key", "policy", "x-amz-signature", "file"]
    assert [text for _, _, text in parts[:3]] == [b"uploads/1", b"a-policy", b"a-signature"]
    assert parts[3][1:] == ("first_frame.png", path.read_bytes())
    assert KEY.encode() not in stored.body
    assert b"holiday" not in stored.body
    assert KEY not in str(stored.headers)
    assert not server.paid


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (413, InvalidRequest),
        (403, ProviderUnavailable),
        (503, ProviderUnavailable),
    ],
)
async def test_a_file_that_is_not_taken_says_why(
    server: RunwayServer,
    gateway: HttpGateway,
    tmp_path: Path,
    status: int,
    kind: type[ProviderError],
) -> None:
    server.storage_status = status
    path = picture(tmp_path)
    with pytest.raises(kind) as caught:
        await adapter(server, gateway).upload(item_of(path), path)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "url",
    [
        "ftp://bucket.example.com/a",
        "http://bucket.example.com/a",
        "https://10.0.0.1/a",
        "file:///etc",
    ],
)
async def test_a_place_that_is_not_public_gets_no_file(
    server: RunwayServer, gateway: HttpGateway, tmp_path: Path, url: str
) -> None:
    place = {"uploadUrl": url, "fields": {}, "runwayUri": "runway://a"}
    server.upload_steps.append(script.answer(place))
    path = picture(tmp_path)
    with pytest.raises(ProtocolError):
        await adapter(server, gateway).upload(item_of(path), path)


async def test_a_tiny_file_and_a_refused_place_end_before_anything_is_sent(
    server: RunwayServer, gateway: HttpGateway, tmp_path: Path
) -> None:
    path = tmp_path / "tiny.png"
    path.write_bytes(b"x" * 100)
    with pytest.raises(InvalidRequest, match="512 bytes to 200 MB"):
        await adapter(server, gateway).upload(item_of(path), path)
    big = picture(tmp_path)
    with pytest.raises(InvalidRequest, match="512 bytes to 200 MB"):
        await adapter(server, gateway).upload(replace(item_of(big), size_bytes=200_000_001), big)
    assert server.uploads == []
    server.upload_steps.append(script.answer({"error": "Unauthorized"}, 401))
    with pytest.raises(AuthError):
        await adapter(server, gateway).upload(item_of(big), big)
    assert server.stored == []


async def test_the_connection_test_tells_the_balance(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    report = await adapter(server, gateway).check_connection()
    assert report.balance == "1,250 credits, about $12.50"
    assert "accepted the key" in report.proved
    assert not server.paid


async def test_the_connection_test_knows_a_wrong_key_and_a_wrong_place(
    server: RunwayServer, gateway: HttpGateway
) -> None:
    with pytest.raises(AuthError):
        await adapter(server, gateway, key="key_of_somebody_else").check_connection()

    async def another_service(_received: Any, reply: Any) -> None:
        await reply.json({"hello": "world"})

    async with running(another_service) as other:
        with pytest.raises(ProtocolError):
            await adapter(other.url, gateway).check_connection()


async def test_a_submit_cannot_be_looked_up(server: RunwayServer, gateway: HttpGateway) -> None:
    provider = adapter(server, gateway)
    assert not provider.can_find
    with pytest.raises(NotImplementedError):
        await provider.find("attempt-1")
