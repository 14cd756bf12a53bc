"""ComfyUI: bodies, submits, uploads and the connection against a scripted server."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.tools import adapter_tools
from tests.providers.comfyui_bench import CONFIG, Bench, Quick, at_a_bench, picture
from tests.providers.servers.comfyui import Fault, reset, says, silence
from veo_studio.core.errors import (
    AuthError,
    InvalidRequest,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import (
    Done,
    InputRole,
    Running,
    Task,
    VideoConfig,
)
from veo_studio.core.providers.http import HttpGateway


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with at_a_bench(tmp_path) as made:
        yield made


# bodies


def test_a_request_is_put_into_the_places_of_the_template(bench: Bench) -> None:
    graph = bench.body(config=VideoConfig("9:16", 5, "720p", "rain", 7))["prompt"]
    assert graph["7"]["inputs"]["text"] == "A paper boat"
    assert graph["8"]["inputs"]["text"] == "rain"
    assert graph["10"]["inputs"]["noise_seed"] == 7
    latent = graph["9"]["inputs"]
    # 80 frames are asked for, and the model makes 4n+1
    assert (latent["width"], latent["height"], latent["length"]) == (720, 1280, 81)
    assert graph["13"]["inputs"]["fps"] == 16


def test_without_a_negative_prompt_the_template_keeps_its_own(bench: Bench) -> None:
    assert "watermark" in bench.body()["prompt"]["8"]["inputs"]["text"]


def test_the_template_itself_is_never_changed(bench: Bench) -> None:
    bench.body(config=replace(CONFIG, negative_prompt="rain"))
    assert "rain" not in bench.body()["prompt"]["8"]["inputs"]["text"]


@pytest.mark.parametrize(("seconds", "frames"), [(2, 49), (3, 73), (4, 97), (5, 121), (10, 241)])
def test_frames_are_rounded_up_to_what_the_model_makes(
    bench: Bench, seconds: int, frames: int
) -> None:
    graph = bench.body("ltx-video", replace(CONFIG, duration_s=seconds))["prompt"]
    assert graph["6"]["inputs"]["length"] == frames
    assert graph["5"]["inputs"]["frame_rate"] == graph["11"]["inputs"]["fps"] == 24


def test_a_picture_that_was_not_given_leaves_the_graph(bench: Bench, tmp_path: Path) -> None:
    first = picture(tmp_path, InputRole.FIRST_FRAME)
    last = picture(tmp_path, InputRole.LAST_FRAME, "end.png")
    one = bench.body("wan-2.2-image", replace(CONFIG, inputs=(first,)), "veo-studio/a.png")
    assert one["prompt"]["15"]["inputs"]["image"] == "veo-studio/a.png"
    assert "16" not in one["prompt"]
    assert "end_image" not in one["prompt"]["9"]["inputs"]
    both = bench.body("wan-2.2-image", replace(CONFIG, inputs=(first, last)), "a.png", "b.png")
    assert both["prompt"]["9"]["inputs"]["end_image"] == ["16", 0]
    assert both["prompt"]["16"]["inputs"]["image"] == "b.png"
    text = bench.body("wan-2.2-5b", replace(CONFIG, resolution="720p"))["prompt"]
    assert "start_image" not in text["7"]["inputs"]


@pytest.mark.parametrize(
    ("model", "config", "words"),
    [
        ("no-such", CONFIG, "no longer there"),
        ("wan-2.2-text", replace(CONFIG, task=Task.EXTEND), "new videos only"),
        ("wan-2.2-text", replace(CONFIG, samples=2), "one clip"),
        ("wan-2.2-text", replace(CONFIG, enable_audio=True), "no sound"),
        ("wan-2.2-text", replace(CONFIG, aspect_ratio="21:9"), "no size for 21:9"),
        ("wan-2.2-text", replace(CONFIG, resolution="4k"), "no size for 16:9 at 4k"),
    ],
)
def test_what_has_no_place_is_refused(
    bench: Bench, model: str, config: VideoConfig, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        bench.body(model, config)


def test_pictures_that_the_workflow_cannot_take_are_refused(bench: Bench, tmp_path: Path) -> None:
    first = picture(tmp_path, InputRole.FIRST_FRAME)
    with pytest.raises(ValueError, match="no place for the first image"):
        bench.body("wan-2.2-text", replace(CONFIG, inputs=(first,)), "a.png")
    reference = picture(tmp_path, InputRole.REFERENCE)
    with pytest.raises(ValueError, match="first and a last frame only"):
        bench.body("wan-2.2-image", replace(CONFIG, inputs=(reference,)), "a.png")


# submit


async def test_a_submit_carries_our_id_and_the_socket_stands_before_it(bench: Bench) -> None:
    attempt = str(uuid.uuid4())
    await bench.adapter.prepare()
    assert bench.comfy.sockets
    operation = await bench.adapter.submit(bench.body(), attempt_uuid=attempt)
    assert operation.operation_id == attempt
    (sent,) = bench.comfy.submits
    assert sent["prompt_id"] == attempt
    assert sent["client_id"] in bench.comfy.sockets
    assert bench.comfy.requests[0] == ("GET", "/ws")


async def test_the_id_of_an_older_server_is_taken_as_it_says(bench: Bench) -> None:
    bench.comfy.honours_ids = False
    operation = await bench.submit()
    assert operation.operation_id == "theirs-1"
    assert isinstance(await bench.adapter.poll(operation), Running)
    assert isinstance(await bench.adapter.poll(operation), Done)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (says(500, "oops"), OutcomeUnknown),
        (says(502, "<html>bad gateway</html>"), OutcomeUnknown),
        (says(503, "<html>away</html>"), OutcomeUnknown),
        (says(504, ""), OutcomeUnknown),
        (says(200, "<html>log in</html>"), OutcomeUnknown),
        (says(200, "{}"), OutcomeUnknown),
        (says(200, '{"prompt_id": "../x"}'), OutcomeUnknown),
        (says(200, '{"prompt_id": 7}'), OutcomeUnknown),
        (says(200, "null"), OutcomeUnknown),
        (says(200, '{"prompt_id": "'), OutcomeUnknown),
        (reset, OutcomeUnknown),
        (says(429, "slow", Retry_After="7"), RateLimited),
        (says(302, "", Location="https://example.com/"), OutcomeUnknown),
        (says(413, ""), InvalidRequest),
        (says(400, ""), InvalidRequest),
        (says(401, ""), AuthError),
        (says(403, ""), AuthError),
    ],
)
async def test_what_an_answer_to_a_submit_means(
    bench: Bench, fault: Fault, kind: type[ProviderError]
) -> None:
    bench.comfy.at("/prompt", fault)
    with pytest.raises(kind) as caught:
        await bench.submit()
    assert caught.value.provider in ("comfyui", "")
    assert bench.comfy.requests.count(("POST", "/prompt")) == 1
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after_s == 7


async def test_a_server_that_says_nothing_leaves_the_outcome_unknown(bench: Bench) -> None:
    bench.comfy.after_submit.append(silence)
    with pytest.raises(OutcomeUnknown):
        await bench.submit()
    assert len(bench.comfy.submits) == 1


async def test_without_a_server_nothing_is_sent(tmp_path: Path, unused_tcp_port: int) -> None:
    gateway = HttpGateway()
    url = f"http://127.0.0.1:{unused_tcp_port}"
    adapter = Quick(adapter_tools("comfyui", gateway, url, key=None, files=tmp_path))
    body = {"prompt": {}}
    with pytest.raises(NotSent):
        await adapter.submit(body, attempt_uuid=str(uuid.uuid4()))
    await adapter.close()
    await gateway.close()


async def test_a_missing_node_and_a_missing_file_are_named(bench: Bench) -> None:
    bench.comfy.missing_nodes.add("SaveVideo")
    with pytest.raises(InvalidRequest, match="no node of the type SaveVideo"):
        await bench.submit()
    bench.comfy.missing_nodes.clear()
    bench.comfy.missing_files.add("wan_2.1_vae.safetensors")
    with pytest.raises(InvalidRequest, match=r"no file wan_2\.1_vae\.safetensors for VAELoader"):
        await bench.submit()


async def test_only_a_canonical_uuid_is_an_id_for_every_server(bench: Bench) -> None:
    await bench.adapter.prepare()
    with pytest.raises(InvalidRequest, match="canonical UUID"):
        await bench.adapter.submit(bench.body(), attempt_uuid="NOT-A-UUID")


# the rest


async def test_a_picture_goes_into_the_input_folder(bench: Bench, tmp_path: Path) -> None:
    item = picture(tmp_path, InputRole.FIRST_FRAME)
    path = InputFiles(tmp_path).path(item)
    name = await bench.adapter.upload(item, path)
    assert bench.comfy.uploads == {name: path.read_bytes()}
    # the name in the answer counts
    bench.comfy.renames_uploads = True
    assert "/kept " in await bench.adapter.upload(item, path)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (says(413, ""), InvalidRequest),
        (says(400, ""), InvalidRequest),
        (says(500, ""), ProviderUnavailable),
        (says(200, '{"name": "../../x"}'), ProtocolError),
        (says(200, "null"), ProtocolError),
        (reset, ProviderUnavailable),
    ],
)
async def test_an_upload_that_goes_wrong(
    bench: Bench, tmp_path: Path, fault: Fault, kind: type[ProviderError]
) -> None:
    item = picture(tmp_path, InputRole.FIRST_FRAME)
    bench.comfy.at("/upload", fault)
    with pytest.raises(kind):
        await bench.adapter.upload(item, InputFiles(tmp_path).path(item))


async def test_the_connection_test_says_what_answered(bench: Bench) -> None:
    report = await bench.adapter.check_connection()
    assert "ComfyUI 0.3.75 answers, on cuda:0 Test Card with 24 GB" in report.proved
    bench.comfy.at("/system_stats", says(200, "{}"))
    with pytest.raises(ProtocolError, match="Something else"):
        await bench.adapter.check_connection()


async def test_a_server_that_sends_us_elsewhere_is_not_followed(bench: Bench) -> None:
    bench.comfy.at("/system_stats", says(302, "", Location="https://example.com/"))
    with pytest.raises(ProtocolError, match="set that one for ComfyUI"):
        await bench.adapter.check_connection()


async def test_a_broken_socket_is_opened_again(bench: Bench) -> None:
    await bench.running()
    (socket,) = bench.comfy.sockets.values()
    bench.comfy.connected.clear()
    await socket.close()
    async with asyncio.timeout(10):
        await bench.comfy.connected.wait()


async def test_a_closed_adapter_still_sends_and_asks(bench: Bench) -> None:
    operation = await bench.running()
    await bench.adapter.close()
    assert isinstance(await bench.adapter.poll(operation), Running)
    async with asyncio.timeout(4):
        await bench.submit()
    bench.comfy.strays.remove("submit before the websocket")


async def test_plain_http_to_another_machine_needs_a_yes(tmp_path: Path) -> None:
    gateway = HttpGateway()
    tools = adapter_tools("comfyui", gateway, "http://192.168.1.7:8188", key=None, files=tmp_path)
    with pytest.raises(InvalidRequest, match="https"):
        Quick(tools)
    Quick(replace(tools, connection=replace(tools.connection, allows_plain_http=True)))
    await gateway.close()
