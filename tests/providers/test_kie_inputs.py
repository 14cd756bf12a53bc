"""Pictures go to KIE's own host for files, finished clips of KIE's stay there and are made sharper."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.providers.kie_cases import (
    adapter,
    item_of,
    made_at_kie,
    operation_of,
    request_of,
    sharper,
    submitted,
)
from tests.providers.servers import kie as script
from tests.providers.servers.kie import KEY, KieServer, Step, form_parts, kie
from tests.transport.raw_server import Received, Reply, running
from veo_studio.core.errors import (
    AuthError,
    InsufficientCredits,
    InvalidRequest,
    NotFoundError,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.models import (
    Done,
    ErrorKind,
    InputRole,
    MediaInput,
    Operation,
    Refused,
    ResultRef,
    Running,
)
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.providers.kie import KieProvider
from veo_studio.core.providers.kie import requests as outgoing

CLIP = b"\x00\x00\x00\x18ftypmp42" + b"clip" * 1000
WORKING = "4k is processing. It should be ready in 5-10 minutes. Please check back shortly."


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


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "kite.png"
    Image.new("RGB", (64, 36), "teal").save(path)
    return path


def first_frame(path: Path, **fields: Any) -> MediaInput:
    return item_of(InputRole.FIRST_FRAME, path, **fields)


# uploads


async def test_a_picture_is_brought_to_the_other_host_with_the_same_key(
    server: KieServer, gateway: HttpGateway, picture: Path
) -> None:
    provider = adapter(server, gateway)
    item = first_frame(picture)
    link = await provider.upload(item, picture)
    assert link == f"{server.cdn.url}/uploaded/1.png"
    parts = form_parts(server.uploads[0])
    name, content = parts["file"]
    assert content == picture.read_bytes()
    assert name == f"{item.sha256[:24]}.png"
    assert parts["uploadPath"][1] == b"veo-studio"
    assert b"holiday" not in server.uploads[0].body, "the user's own file name stays here"
    await submitted(provider, request_of(config=replace(request_of().config, inputs=(item,))), link)
    assert server.last_body["imageUrls"] == [link]
    assert server.refused == []


UPLOAD_ERRORS: list[tuple[Step, type[ProviderError]]] = [
    (script.answer({"success": False, "code": 401, "msg": "no"}, 401), AuthError),
    (script.refuse(401), AuthError),
    (script.refuse(400, "Unsupported file"), InvalidRequest),
    (script.answer({"code": 413, "msg": "too large"}, 413), InvalidRequest),
    (script.page(403), InvalidRequest),
    (script.refuse(429), RateLimited),
    (script.refuse(500), ProviderUnavailable),
    (script.page(502), ProviderUnavailable),
    (script.reset, ProviderUnavailable),
    (script.page(200), ProtocolError),
    (script.answer({"code": 200, "data": {}}), ProtocolError),
    (script.answer({"code": 200, "data": {"downloadUrl": 7}}), ProtocolError),
    (script.answer({"code": 200, "data": {"downloadUrl": "file:///etc/passwd"}}), ProtocolError),
    (script.answer({"code": 200, "data": {"downloadUrl": "http://10.0.0.1/a"}}), ProtocolError),
    (script.answer({"code": 200, "data": {"downloadUrl": f"https://a.test/{KEY}"}}), ProtocolError),
]


@pytest.mark.parametrize(("step", "error"), UPLOAD_ERRORS)
async def test_an_upload_that_fails_says_how(
    server: KieServer,
    gateway: HttpGateway,
    picture: Path,
    step: Step,
    error: type[ProviderError],
) -> None:
    server.upload_steps.append(step)
    with pytest.raises(error) as told:
        await adapter(server, gateway).upload(first_frame(picture), picture)
    assert type(told.value) is error
    assert told.value.provider == "kie"
    assert KEY not in told.value.message


@pytest.mark.parametrize(
    "address", ["http://files.example.com", "ftp://a.test", "nonsense", "https://a.test/?x=1"]
)
async def test_the_key_goes_to_no_upload_address_that_is_not_https(
    server: KieServer, gateway: HttpGateway, picture: Path, address: str
) -> None:
    with pytest.raises(InvalidRequest, match="upload address"):
        await adapter(server, gateway, upload_url=address).upload(first_frame(picture), picture)


async def test_behind_an_address_of_ones_own_nothing_goes_past_it(
    gateway: HttpGateway, picture: Path
) -> None:
    async def own(received: Received, reply: Reply) -> None:
        await reply.json({"code": 400, "msg": "no files here"})

    async with running(own) as proxy:
        with pytest.raises(InvalidRequest, match="no files here"):
            await adapter(proxy.url, gateway).upload(first_frame(picture), picture)
    assert [request.path for request in proxy.requests] == ["/api/file-stream-upload"]


def test_kie_itself_has_its_own_host_for_files(gateway: HttpGateway) -> None:
    provider = adapter("https://api.kie.ai", gateway)
    assert provider._upload_url == "https://kieai.redpandaai.co"


async def test_a_picture_that_is_too_large_is_not_sent(
    server: KieServer, gateway: HttpGateway, picture: Path
) -> None:
    with pytest.raises(InvalidRequest, match="10 MB"):
        await adapter(server, gateway).upload(
            first_frame(picture, size_bytes=11 * 1024**2), picture
        )
    assert server.uploads == []


# upgrades


async def upgraded(provider: KieProvider, resolution: str) -> Operation:
    """As the run does it: bring the source, submit, and poll with what was asked for."""
    request = sharper(resolution)
    (source,) = request.config.inputs
    marker = await provider.upload(source, Path("not-read"))
    operation = await submitted(provider, request, marker)
    return replace(operation, model=request.model, config=request.config)


async def test_1080p_is_asked_for_until_it_is_there_and_costs_nothing(
    server: KieServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    server.upgrade_steps.extend(
        [script.refuse(400, "It is being made"), script.refuse(500, "Wait")]
    )
    operation = await upgraded(provider, "1080p")
    assert operation.operation_id == "veo_task_0001@1080p-1b4e28ba"
    assert await provider.poll(operation) == Running(status="Wait")
    link = server.link("veo_task_0001", "sharp")
    assert await provider.poll(operation) == Done(ResultRef(link), cost_usd=Decimal(0))
    assert server.paid == []
    assert server.uploads == []
    assert server.upgrade_polls == ["veo_task_0001"] * 3


async def test_4k_is_paid_for_once_and_then_only_watched(
    server: KieServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    operation = await upgraded(provider, "4k")
    # a task of its own, as KIE's answer names it; here it happens to be called like the source
    assert operation.operation_id == "veo_task_0001@4k-1b4e28ba"
    for step in (script.veo(1), script.veo(0), script.refuse(455)):
        server.poll_steps.append(step)
    assert isinstance(await provider.poll(operation), Running), "that was the first clip"
    assert isinstance(await provider.poll(operation), Running)
    with pytest.raises(ProviderUnavailable):
        await provider.poll(operation)
    server.poll_steps.append(script.veo(1, "4k"))
    answer = await provider.poll(operation)
    assert isinstance(answer, Done)
    assert answer.cost_usd == Decimal("0.6")
    assert len(server.paid) == 1
    assert server.last_body == {"taskId": "veo_task_0001", "index": 0}


async def test_4k_with_a_task_of_its_own_is_done_with_that(
    server: KieServer, gateway: HttpGateway
) -> None:
    provider = adapter(server, gateway)
    server.submit_steps.append(script.answer({"code": 200, "data": {"taskId": "veo_4k_7"}}))
    operation = await upgraded(provider, "4k")
    assert operation.operation_id.startswith("veo_4k_7@4k")
    server.poll_steps.append(script.veo(1, ""))
    answer = await provider.poll(operation)
    assert isinstance(answer, Done)
    assert answer.result.uri == server.link("veo_4k_7")


async def test_4k_that_was_there_at_once_is_kept_by_its_name(
    server: KieServer, gateway: HttpGateway
) -> None:
    """Also by a program that was started anew, and KIE's record tells of the first clip only."""
    ready = {"taskId": "veo_task_0001", "resultUrls": ["https://a.test/4k.mp4?a=\u00e9"]}
    server.submit_steps.append(script.answer({"code": 200, "data": ready}))
    words = "The video has been generated successfully."
    server.submit_steps.append(script.answer({"code": 422, "msg": words, "data": ready}))
    for paid in (1, 2):
        operation = await upgraded(adapter(server, gateway), "4k")
        server.poll_steps.append(script.veo(1))
        later = adapter(server, gateway)
        answer = await later.poll(operation)
        assert answer == Done(ResultRef("https://a.test/4k.mp4?a=\u00e9"))
        assert len(server.paid) == paid
        assert outgoing.source_task(made_at_kie(operation.operation_id)) == "veo_task_0001"


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (script.refuse(402, "No credits"), InsufficientCredits),
        (script.refuse(422, "record is null"), NotFoundError),
        (script.refuse(422, "index is invalid"), InvalidRequest),
        (script.refuse(400, "Please wait and try again later"), InvalidRequest),
        (script.refuse(400, "This process is not allowed"), InvalidRequest),
        # of another request or of this one, that nobody can say
        (script.refuse(422, WORKING), OutcomeUnknown),
        (script.refuse(429), RateLimited),
        (script.refuse(500), OutcomeUnknown),
        (script.page(502), OutcomeUnknown),
        (script.reset, OutcomeUnknown),
    ],
)
async def test_a_4k_request_is_sorted_like_every_paid_one(
    server: KieServer, gateway: HttpGateway, step: Step, error: type[ProviderError]
) -> None:
    server.submit_steps.append(step)
    with pytest.raises(error):
        await upgraded(adapter(server, gateway), "4k")
    assert len(server.paid) == 1


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (script.refuse(401), AuthError),
        (script.refuse(402), InsufficientCredits),
        (script.refuse(422, "record is null"), NotFoundError),
        (script.refuse(429), RateLimited),
        (script.refuse(455), ProviderUnavailable),
        (script.page(502), ProviderUnavailable),
        (script.page(200), ProviderUnavailable),
        (script.reset, ProviderUnavailable),
    ],
)
async def test_a_free_1080p_request_may_always_be_asked_again(
    server: KieServer, gateway: HttpGateway, step: Step, error: type[ProviderError]
) -> None:
    # a question may be asked twice where the line broke
    server.upgrade_steps.extend([step, step])
    with pytest.raises(error):
        await upgraded(adapter(server, gateway), "1080p")


async def test_a_free_upgrade_is_given_up_by_a_clock_that_does_not_jump(
    server: KieServer, gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = adapter(server, gateway)
    server.upgrade_steps.extend([script.refuse(400, "Not ready")] * 3)
    operation = await upgraded(provider, "1080p")
    old = replace(operation, submitted_at=datetime.now(UTC) - timedelta(days=2))
    assert isinstance(await provider.poll(old), Running), "the clock of the wall may have jumped"
    monkeypatch.setattr("veo_studio.core.providers.kie.adapter._FREE_UPGRADE_S", 0.0)
    answer = await provider.poll(operation)
    assert isinstance(answer, Refused)
    assert "15 minutes" in answer.reason
    assert not answer.may_be_billed


@pytest.mark.parametrize("flag", [0, 1])
async def test_a_paid_upgrade_is_not_given_up_while_kie_works_on_it(
    server: KieServer, gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch, flag: int
) -> None:
    monkeypatch.setattr("veo_studio.core.providers.kie.adapter._FREE_UPGRADE_S", 0.0)
    operation = await upgraded(adapter(server, gateway), "4k")
    old = replace(operation, submitted_at=datetime.now(UTC) - timedelta(hours=20))
    provider = adapter(server, gateway)
    server.poll_steps.extend([script.veo(flag)] * 2)
    for _ in range(2):
        assert isinstance(await provider.poll(old), Running)
    assert len(server.paid) == 1


async def test_a_clip_of_another_service_is_refused_before_anything_is_sent(
    server: KieServer, gateway: HttpGateway
) -> None:
    foreign = item_of(InputRole.SOURCE, provider="runway", operation_id="task")
    with pytest.raises(ValueError, match="were made there"):
        await adapter(server, gateway).upload(foreign, Path("not-read"))
    assert server.raw.requests == []


async def test_an_upgrade_that_fails_at_kie_says_why(
    server: KieServer, gateway: HttpGateway
) -> None:
    operation = operation_of("veo_4k_7@4k-1", "veo3-upgrade", config=sharper("4k").config)
    server.poll_steps.append(script.veo(3, errorCode=500, errorMessage="No 4k of this one"))
    answer = await adapter(server, gateway).poll(operation)
    assert answer == Refused(
        ErrorKind.GENERATION_FAILED, "No 4k of this one", "500", may_be_billed=True
    )


async def test_a_refused_key_while_waiting_for_1080p_is_told(
    server: KieServer, gateway: HttpGateway
) -> None:
    config = sharper("1080p", made_at_kie()).config
    operation = operation_of("veo_task_0001@1080p-1", "veo3-upgrade", config=config)
    with pytest.raises(AuthError):
        await adapter(server, gateway, key="another-key").poll(operation)
