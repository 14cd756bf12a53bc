"""ComfyUI through the real queue: faults of the line, restarts and cancels."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from tests.core.studios import open_studio, settled, until
from tests.providers.servers.comfyui import (
    ComfyUi,
    Fault,
    reset,
    says,
    serving,
)
from tests.transport.clips import noise_clip
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import (
    Generation,
    GenerationRequest,
    GenerationState,
    InputRole,
    MediaInput,
    VideoConfig,
)
from veo_studio.core.providers.comfyui import ComfyUiProvider
from veo_studio.core.studio import Studio

S = GenerationState


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ComfyUiProvider, "absence_s", 0.05)
    monkeypatch.setattr(ComfyUiProvider, "stop_look_s", 0.02)
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")


@pytest.fixture
async def comfy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ComfyUi]:
    async with serving(noise_clip()) as server:
        monkeypatch.setenv("COMFYUI_URL", server.url)
        yield server
        assert not server.strays
        assert not server.stopped_foreign


def boat(model: str = "wan-2.2-text", *inputs: MediaInput, seed: int = 7) -> GenerationRequest:
    config = VideoConfig("16:9", 5, "480p", "", seed, inputs=inputs)
    return GenerationRequest("A paper boat", "comfyui", model, config)


async def reached(studio: Studio, generation: Generation, *states: GenerationState) -> Generation:
    async def is_there() -> bool:
        return (await studio.generations.get(generation.id)).state in states

    await until(is_there, studio)
    return await studio.generations.get(generation.id)


async def test_a_clip_arrives_and_costs_nothing(comfy: ComfyUi) -> None:
    async with open_studio() as studio:
        made = await settled(studio, boat())
    assert made.state is S.COMPLETED, made.error
    assert made.video_path is not None
    assert made.video_path.read_bytes() == comfy.clip
    assert (made.tokens, made.price_usd) == (0, 0)


async def test_pictures_are_brought_once_for_several_takes(comfy: ComfyUi, tmp_path: Path) -> None:
    async with open_studio() as studio:
        source = tmp_path / "boat.png"
        Image.new("RGB", (64, 48), "red").save(source)
        first = take_in_picture(studio.client.files, source, InputRole.FIRST_FRAME)
        for seed in (1, 2):
            made = await settled(studio, boat("wan-2.2-image", first, seed=seed))
            assert made.state is S.COMPLETED, made.error
    assert comfy.requests.count(("POST", "/upload/image")) == 1
    (name,) = comfy.uploads
    assert {submit["prompt"]["15"]["inputs"]["image"] for submit in comfy.submits} == {name}


@pytest.mark.parametrize("fault", [reset, says(500, "oops"), says(200, "<html>")])
async def test_a_lost_answer_is_found_and_never_sent_again(comfy: ComfyUi, fault: Fault) -> None:
    """A01: accepted, and the answer was lost."""
    comfy.after_submit.append(fault)
    async with open_studio() as studio:
        made = await settled(studio, boat())
    assert made.state is S.COMPLETED, made.error
    assert len(comfy.submits) == 1


@pytest.mark.parametrize("fault", [reset, says(502, "<html>bad gateway</html>")])
async def test_a_submit_that_never_arrived_is_sent_again_because_it_is_free(
    comfy: ComfyUi, fault: Fault
) -> None:
    comfy.at("/prompt", fault)
    async with open_studio() as studio:
        made = await settled(studio, boat())
    assert made.state is S.COMPLETED, made.error
    assert len(comfy.submits) == 1
    assert comfy.requests.count(("POST", "/prompt")) == 2


async def test_a_server_that_asks_for_a_pause_gets_it(comfy: ComfyUi) -> None:
    comfy.at("/prompt", says(429, "slow down", Retry_After="1"))
    async with open_studio() as studio:
        started = time.monotonic()
        made = await settled(studio, boat())
    assert made.state is S.COMPLETED, made.error
    assert time.monotonic() - started >= 1
    assert len(comfy.submits) == 1


async def test_polls_that_fail_change_nothing(comfy: ComfyUi) -> None:
    comfy.at("/history", says(500, "x"), says(404, "<html>"), says(200, "<html>"), says(200, "[]"))
    async with open_studio() as studio:
        made = await settled(studio, boat())
    assert made.state is S.COMPLETED, made.error
    assert len(comfy.submits) == 1


async def test_a_download_that_is_away_for_a_moment_arrives(comfy: ComfyUi) -> None:
    comfy.at("/view", says(404, "gone"), says(500, "x"))
    async with open_studio() as studio:
        made = await settled(studio, boat())
    assert made.state is S.COMPLETED, made.error


async def test_a_workflow_that_the_server_cannot_run_fails_with_the_reason(comfy: ComfyUi) -> None:
    comfy.missing_files.add("wan_2.1_vae.safetensors")
    async with open_studio() as studio:
        made = await settled(studio, boat())
    assert made.state is S.FAILED
    assert "wan_2.1_vae.safetensors" in str(made.error)


async def test_a_restarted_server_ends_it_as_not_found(comfy: ComfyUi) -> None:
    comfy.makes_at_once = False
    async with open_studio() as studio:
        (started,) = await studio.queue.enqueue([boat()])
        await reached(studio, started, S.PROCESSING)
        comfy.restart()
        ended = await reached(studio, started, S.FAILED)
    assert "costs nothing" in str(ended.error)


async def test_work_goes_on_after_our_own_restart(comfy: ComfyUi) -> None:
    comfy.makes_at_once = False
    async with open_studio() as studio:
        (started,) = await studio.queue.enqueue([boat()])
        await reached(studio, started, S.PROCESSING)
    comfy.makes_at_once = True
    async with open_studio() as studio:
        await studio.queue.resume()
        ended = await reached(studio, started, S.COMPLETED, S.FAILED)
    assert ended.state is S.COMPLETED, ended.error
    assert len(comfy.submits) == 1


async def test_cancel_stops_ours_and_leaves_the_others(comfy: ComfyUi) -> None:
    comfy.makes_at_once = False
    comfy.put_foreign(is_running=True)
    async with open_studio() as studio:
        (started,) = await studio.queue.enqueue([boat()])
        await reached(studio, started, S.PROCESSING)
        ended = await studio.queue.cancel(started.id)
    assert ended.state is S.CANCELLED
    assert [item[1] for item in comfy.running] == ["somebody-else"]
    assert comfy.pending == []
