"""ComfyUI: polls, lost answers and cancels against a scripted server."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.providers.comfyui_bench import Bench, at_a_bench
from tests.providers.servers.comfyui import Fault, says
from veo_studio.core.errors import (
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    Done,
    ErrorKind,
    Operation,
    Refused,
    Running,
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with at_a_bench(tmp_path) as made:
        yield made


# poll


async def test_progress_comes_from_the_socket_and_never_falls(bench: Bench) -> None:
    operation = await bench.running()
    name = operation.operation_id
    seen: list[float] = []

    async def told(kind: str, **data: Any) -> None:
        await bench.comfy.say(kind, prompt_id=name, **data)
        await bench.comfy.say("execution_start", prompt_id="another")
        async with asyncio.timeout(10):
            while True:
                answer = await bench.adapter.poll(operation)
                assert isinstance(answer, Running)
                if answer.fraction is not None and (not seen or answer.fraction != seen[-1]):
                    break
        seen.append(answer.fraction)

    await told("execution_cached", nodes=["1", "2", "3", "4"])
    await told("progress", node="10", value=10, max=20)
    await told("progress_state", nodes={"10": {"value": 20, "max": 20, "state": "finished"}})
    # the second sampler begins at 0 again
    await told("progress", node="11", value=5, max=20)
    await told("execution_success")
    assert seen == sorted(seen)
    assert seen[0] == pytest.approx(4 / 14)
    assert seen[-1] == 1.0


async def test_a_waiting_one_tells_its_place_and_does_not_age(bench: Bench) -> None:
    operation = await bench.pending()
    answer = await bench.adapter.poll(operation)
    assert isinstance(answer, Running)
    assert answer.is_queued
    assert answer.is_held_back
    assert answer.status == "queued behind 1"


async def test_a_finished_one_names_its_file_on_the_own_server(bench: Bench) -> None:
    operation = await bench.running()
    bench.comfy.finish(operation.operation_id)
    answer = await bench.adapter.poll(operation)
    assert isinstance(answer, Done)
    assert answer.result.uri.startswith(f"{bench.comfy.url}/view?filename=")
    async with bench.adapter.open_result(answer.result, 0, None) as body:
        assert b"".join([chunk async for chunk in body.chunks]) == b"a clip"


OUT = {"subfolder": "", "type": "output"}


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        ({}, "without a video"),
        ({"9": {"images": [{"filename": "a.png", **OUT}]}}, "without a video"),
        ({"9": {"gifs": [{"filename": "a.webm", **OUT}]}}, "saved a webm file"),
        ({"9": {"images": [{"filename": "../a.mp4", **OUT}]}}, "without a video"),
        (
            {"9": {"images": [{"filename": "a.mp4", "subfolder": "../..", "type": "output"}]}},
            "with",
        ),
        ({"9": {"images": [{"filename": "a.mp4", "subfolder": "/etc", "type": "output"}]}}, "with"),
        ({"9": {"images": [{"filename": "a.mp4", "subfolder": "", "type": "input"}]}}, "without"),
        ({"9": {"images": "no list"}, "8": 7}, "without a video"),
    ],
)
async def test_an_end_without_a_clip_says_what_to_do(
    bench: Bench, outputs: dict[str, Any], words: str
) -> None:
    operation = await bench.running()
    bench.comfy.finish(operation.operation_id, outputs)
    answer = await bench.adapter.poll(operation)
    assert isinstance(answer, Refused)
    assert words in answer.reason


async def test_files_are_found_under_every_name_and_kept_ones_win(bench: Bench) -> None:
    operation = await bench.running()
    bench.comfy.finish(
        operation.operation_id,
        {
            "1": {"images": [{"filename": "preview.mp4", "subfolder": "", "type": "temp"}]},
            "2": {"gifs": [{"filename": "kept one.mp4", "subfolder": "a/b", "type": "output"}]},
            "3": {"videos": [{"filename": "second.MP4", "subfolder": "", "type": "output"}]},
        },
    )
    answer = await bench.adapter.poll(operation)
    assert isinstance(answer, Done)
    assert "filename=kept+one.mp4&subfolder=a%2Fb&type=output" in answer.result.uri
    assert len(answer.result.more) == 1


async def test_how_a_graph_fails(bench: Bench) -> None:
    operation = await bench.running()
    name = operation.operation_id
    bench.comfy.fail(
        name, "execution_error", node_type="KSampler", exception_type="torch.OutOfMemoryError",
        exception_message="Allocation on device 0", traceback=["File x\n"],
    )  # fmt: skip
    answer = await bench.adapter.poll(operation)
    assert isinstance(answer, Refused)
    assert "smaller size or a shorter clip" in answer.reason
    bench.comfy.fail(
        name, "execution_error", node_type="VAEDecode", exception_type="ValueError",
        exception_message="bad \x1b[31mshape",
    )  # fmt: skip
    answer = await bench.adapter.poll(operation)
    assert answer == Refused(
        ErrorKind.GENERATION_FAILED, "VAEDecode failed: bad shape.", "ValueError"
    )
    bench.comfy.fail(name, "execution_interrupted", node_id="10")
    assert await bench.adapter.poll(operation) == CancelledByProvider()


async def test_a_server_that_was_restarted_ends_it_when_seen_twice(bench: Bench) -> None:
    operation = await bench.running()
    bench.comfy.restart()
    first = await bench.adapter.poll(operation)
    assert isinstance(first, Running)
    async with asyncio.timeout(10):
        while isinstance(answer := await bench.adapter.poll(operation), Running):
            pass
    assert isinstance(answer, Refused)
    assert answer.kind is ErrorKind.NOT_FOUND
    assert "costs nothing" in answer.reason


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (says(500, "oops"), ProviderUnavailable),
        (says(429, "", Retry_After="3"), RateLimited),
        (says(404, "<html>"), ProtocolError),
        (says(200, "<html>"), ProtocolError),
        (says(200, "[]"), ProtocolError),
    ],
)
async def test_a_bad_poll_says_nothing_about_the_generation(
    bench: Bench, fault: Fault, kind: type[ProviderError]
) -> None:
    operation = await bench.running()
    for path in ("/history", "/queue"):
        bench.comfy.at(path, fault)
        with pytest.raises(kind):
            await bench.adapter.poll(operation)
    assert isinstance(await bench.adapter.poll(operation), Running)


async def test_an_id_that_leads_elsewhere_is_never_asked_for(bench: Bench) -> None:
    with pytest.raises(ProtocolError):
        await bench.adapter.poll(Operation("comfyui", "../../etc", "wan-2.2-text"))
    assert bench.comfy.requests == []


# find


async def test_a_lost_answer_is_found_in_queue_and_history(bench: Bench) -> None:
    operation = await bench.running()
    assert await bench.adapter.find(operation.operation_id) is not None
    bench.comfy.finish(operation.operation_id)
    found = await bench.adapter.find(operation.operation_id)
    assert found is not None
    assert found.operation_id == operation.operation_id
    assert await bench.adapter.find(str(uuid.uuid4())) is None


@pytest.mark.parametrize("version", ["0.3.44", "0.2.7", "", "a-fork"])
async def test_a_server_that_gives_ids_of_its_own_cannot_say_that_nothing_came(
    bench: Bench, version: str
) -> None:
    bench.comfy.version, bench.comfy.honours_ids = version, False
    bench.comfy.makes_at_once = False
    attempt = str(uuid.uuid4())

    async def lose(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=502)

    bench.comfy.after_submit.append(lose)
    await bench.adapter.prepare()
    with pytest.raises(OutcomeUnknown):
        await bench.adapter.submit(bench.body(), attempt_uuid=attempt)
    with pytest.raises(ProtocolError, match="too old"):
        await bench.adapter.find(attempt)
    assert len(bench.comfy.submits) == 1


async def test_an_old_server_that_has_our_id_has_the_work(bench: Bench) -> None:
    bench.comfy.version = "0.3.44"
    operation = await bench.running()
    assert await bench.adapter.find(operation.operation_id) is not None


# cancel


async def test_cancel_of_a_running_and_a_waiting_one(bench: Bench) -> None:
    running = await bench.running()
    assert await bench.adapter.cancel(running) is CancelOutcome.CONFIRMED
    waiting = await bench.pending()
    assert await bench.adapter.cancel(waiting) is CancelOutcome.CONFIRMED
    assert not bench.comfy.interrupts
    assert [item[1] for item in bench.comfy.running] == ["somebody-else"]


async def test_cancel_of_a_finished_one_is_too_late(bench: Bench) -> None:
    operation = await bench.running()
    bench.comfy.finish(operation.operation_id)
    assert await bench.adapter.cancel(operation) is CancelOutcome.TOO_LATE


async def test_an_older_server_is_asked_to_stop_the_named_one(bench: Bench) -> None:
    bench.comfy.has_jobs = False
    running = await bench.running()
    assert await bench.adapter.cancel(running) is CancelOutcome.CONFIRMED
    assert bench.comfy.interrupts == [{"prompt_id": running.operation_id}]


@pytest.mark.parametrize("version", ["0.3.40", "0.3.59", "unknown", ""])
async def test_a_server_that_may_stop_anybody_is_not_asked_to(bench: Bench, version: str) -> None:
    bench.comfy.has_jobs = False
    bench.comfy.version = version
    running = await bench.running()
    assert await bench.adapter.cancel(running) is CancelOutcome.UNSUPPORTED
    assert bench.comfy.interrupts == []


async def test_a_waiting_one_is_taken_out_of_an_older_queue_alone(bench: Bench) -> None:
    bench.comfy.has_jobs = False
    bench.comfy.version = "0.3.40"
    waiting = await bench.pending()
    bench.comfy.put_foreign(is_running=False, name="third")
    assert await bench.adapter.cancel(waiting) is CancelOutcome.CONFIRMED
    assert bench.comfy.interrupts == []
    assert [item[1] for item in bench.comfy.pending] == ["third"]


async def test_a_waiting_one_that_begins_between_the_calls_is_still_stopped(bench: Bench) -> None:
    bench.comfy.has_jobs = False
    waiting = await bench.pending()

    async def begins(request: object) -> None:
        bench.comfy.finish("somebody-else")
        bench.comfy.start(waiting.operation_id)

    async def goes_on(request: object) -> None:
        return None

    # seen waiting, and running by the time that it is taken out of the queue
    bench.comfy.at("/queue", goes_on, begins)
    assert await bench.adapter.cancel(waiting) is CancelOutcome.CONFIRMED
    assert bench.comfy.interrupts == [{"prompt_id": waiting.operation_id}]


async def test_one_that_ends_just_before_the_stop_leaves_the_next_alone(bench: Bench) -> None:
    bench.comfy.has_jobs = False
    running = await bench.running()

    async def ends(request: object) -> None:
        bench.comfy.finish(running.operation_id)
        bench.comfy.put_foreign(is_running=True)

    bench.comfy.at("/interrupt", ends)
    assert await bench.adapter.cancel(running) is CancelOutcome.TOO_LATE
    assert [item[1] for item in bench.comfy.running] == ["somebody-else"]
