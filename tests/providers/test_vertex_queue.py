"""Vertex through the real queue: faults of the line, restarts, keys, and the command line."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import here, program  # noqa: F401
from tests.core.studios import open_studio, settled, until
from tests.providers.servers import vertex
from tests.providers.servers.vertex import (
    PROJECT,
    Step,
    Vertex,
    accept_and,
    credentials_file,
    refuse,
)
from tests.transport.clips import noise_clip
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import (
    Charge,
    ErrorKind,
    Generation,
    GenerationRequest,
    GenerationState,
    InputRole,
    MediaInput,
    VideoConfig,
)
from veo_studio.core.providers.google_sign_in import missing_part
from veo_studio.core.studio import Studio

S = GenerationState
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")
    monkeypatch.delenv("VEO_STUDIO_VERTEX_BUCKET", raising=False)


def connect(monkeypatch: pytest.MonkeyPatch, server: Vertex, folder: Path) -> None:
    monkeypatch.setenv("VEO_STUDIO_VERTEX_URL", server.url)
    monkeypatch.setenv("VEO_STUDIO_VERTEX_STORAGE_URL", server.url)
    monkeypatch.setenv("VEO_STUDIO_VERTEX_PROJECT", PROJECT)
    path = credentials_file(folder, server.url)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))


@pytest.fixture
async def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Vertex]:
    server = Vertex(noise_clip())
    await server.start()
    connect(monkeypatch, server, tmp_path)
    yield server
    await server.stop()
    assert server.strays == []


def kite(*inputs: MediaInput, samples: int = 1) -> GenerationRequest:
    config = VideoConfig("16:9", 8, "720p", "", 7, inputs=inputs, samples=samples)
    return GenerationRequest("A red kite", "vertex", "veo-3.1-generate-001", config)


async def reached(studio: Studio, generation: Generation, *states: S) -> Generation:
    async def is_there() -> bool:
        return (await studio.generations.get(generation.id)).state in states

    await until(is_there, studio)
    return await studio.generations.get(generation.id)


async def is_whole(made: Generation, cloud: Vertex) -> None:
    assert made.state is S.COMPLETED, made.error
    assert made.video_path is not None
    content = await asyncio.to_thread(made.video_path.read_bytes)
    assert content == cloud.files.content
    assert len(cloud.submits) == len(cloud.accepted) == 1


@pytest.mark.parametrize("bucket", ["", "gs://films/clips"])
async def test_a_clip_arrives(cloud: Vertex, monkeypatch: pytest.MonkeyPatch, bucket: str) -> None:
    monkeypatch.setenv("VEO_STUDIO_VERTEX_BUCKET", bucket)
    cloud.poll_steps.append(vertex.run_on)
    async with open_studio() as studio:
        await is_whole(await settled(studio, kite()), cloud)
    assert len(cloud.downloads) == (1 if bucket else 0)


async def test_a_stored_attempt_holds_no_picture_and_no_token(
    cloud: Vertex, tmp_path: Path
) -> None:
    async with open_studio() as studio:
        source = tmp_path / "kite.png"
        Image.effect_noise((300, 200), 90).save(source)
        first = take_in_picture(studio.client.files, source, InputRole.FIRST_FRAME)
        made = await settled(studio, kite(first))
        await is_whole(made, cloud)
        (attempt,) = await studio.generations.attempts(made.id)
    (instance,) = attempt.request["instances"]
    assert instance["image"] == {"sha256": first.sha256, "mimeType": "image/png"}
    assert cloud.tokens[0] not in str(attempt)
    (sent,) = cloud.submits[0].json()["instances"]
    assert len(sent["image"]["bytesBase64Encoded"]) > 10_000


UNKNOWN: dict[str, Step] = {
    "500": refuse(500, "INTERNAL"),
    "502": accept_and(vertex.send(b"<html>", "text/html", 502)),
    "504": refuse(504, "DEADLINE_EXCEEDED"),
    "a page": accept_and(vertex.send(b"<html>", "text/html")),
    "reset": accept_and(vertex.reset),
    "cut short": accept_and(vertex.send(b'{"name": "pro', "application/json")),
    "no name": accept_and(vertex.answer({"name": "../../evil"})),
}


@pytest.mark.parametrize("how", UNKNOWN)
async def test_a_lost_answer_is_unknown_and_paid_at_most_once(cloud: Vertex, how: str) -> None:
    cloud.submit_steps.append(UNKNOWN[how])
    async with open_studio() as studio:
        made = await settled(studio, kite())
        assert made.state is S.UNKNOWN, made.error
        assert made.charge is Charge.UNKNOWN
    async with open_studio() as studio:
        await studio.queue.resume()
        assert (await studio.generations.get(made.id)).state is S.UNKNOWN
    assert len(cloud.submits) == 1


async def test_a_submit_that_is_never_answered_is_unknown(
    cloud: Vertex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEO_STUDIO_SUBMIT_TIMEOUT", "1")

    async def silence(_call: vertex.Call) -> None:
        await asyncio.Event().wait()

    cloud.submit_steps.append(accept_and(silence))
    async with open_studio() as studio:
        made = await settled(studio, kite())
    assert made.state is S.UNKNOWN
    assert len(cloud.submits) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_too_many_requests_are_waited_for(cloud: Vertex, status: int) -> None:
    cloud.submit_steps.append(refuse(status, "UNAVAILABLE", Retry_After="1"))
    async with open_studio() as studio:
        made = await settled(studio, kite())
    assert made.state is S.COMPLETED, made.error
    assert (len(cloud.submits), len(cloud.accepted)) == (2, 1)


async def test_polls_that_fail_change_nothing(cloud: Vertex) -> None:
    cloud.poll_steps.extend([refuse(500, "INTERNAL"), refuse(404, "NOT_FOUND")])
    async with open_studio() as studio:
        await is_whole(await settled(studio, kite()), cloud)
    assert len(cloud.polls) == 3


async def test_a_link_that_expired_is_asked_for_again(
    cloud: Vertex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEO_STUDIO_VERTEX_BUCKET", "gs://films")
    cloud.download_steps.append(refuse(404, "NOT_FOUND"))
    async with open_studio() as studio:
        await is_whole(await settled(studio, kite()), cloud)
    assert len(cloud.polls) == 2


async def test_a_refused_clip_is_given_back_with_its_reason(cloud: Vertex) -> None:
    words = "It was kept back. Support codes: 61493863"
    filtered = vertex.done_with([], raiMediaFilteredCount=1, raiMediaFilteredReasons=[words])
    cloud.poll_steps.append(filtered)
    async with open_studio() as studio:
        made = await settled(studio, kite())
    assert (made.state, made.error_kind) == (S.FAILED, ErrorKind.CONTENT_FILTERED)
    assert "violence" in str(made.error)


async def test_a_refused_sign_in_keeps_the_generation(cloud: Vertex) -> None:
    cloud.token_steps.append(vertex.answer({"error": "invalid_grant"}, 400))
    async with open_studio() as studio:
        (made,) = await studio.queue.enqueue([kite()])

        async def is_told() -> bool:
            return (await studio.generations.get(made.id)).error_kind is ErrorKind.AUTH

        await until(is_told, studio)
        stored = await studio.generations.get(made.id)
        assert stored.state is S.PENDING
        assert "invalid_grant" in str(stored.error)
    assert cloud.submits == []


async def test_work_goes_on_after_a_restart(cloud: Vertex) -> None:
    cloud.poll_default = vertex.run_on
    async with open_studio() as studio:
        (started,) = await studio.queue.enqueue([kite()])
        await reached(studio, started, S.PROCESSING)
    cloud.poll_default = vertex.done_in_bucket
    async with open_studio() as studio:
        await studio.queue.resume()
        await is_whole(await reached(studio, started, S.COMPLETED, S.FAILED), cloud)


async def test_cancel_stops_waiting_and_asks_google_for_nothing(cloud: Vertex) -> None:
    cloud.poll_default = vertex.run_on
    async with open_studio() as studio:
        (started,) = await studio.queue.enqueue([kite()])
        await reached(studio, started, S.PROCESSING)
        ended = await studio.queue.cancel(started.id)
    assert ended.state is S.CANCELLED
    assert ended.charge is not Charge.NOT_CHARGED
    assert len(cloud.submits) == 1


# the command line


@contextmanager
def in_thread() -> Iterator[Vertex]:
    """For a program in this process, which has a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="vertex")
    thread.start()
    server = Vertex(noise_clip())
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(20)
        yield server
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(20)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


ASKED = ("generate", "A red kite", "--provider", "vertex", "--model", "veo-3.1", "--duration", "4")


def test_a_clip_arrives_in_the_terminal(
    here: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with in_thread() as server:
        connect(monkeypatch, server, tmp_path)
        here("wallet", "add", "100")
        refused = here(*ASKED, code=2)
        assert "$1.60" in refused.stderr
        assert server.requests == []
        done = here(*ASKED, "--no-audio", "--json", "--yes")
        assert "$0.80" in done.stderr
        told = json.loads(done.stdout)
        assert (told["status"], told["model"]) == ("completed", "veo-3.1-generate-001")
        assert (told["price_usd"], told["charge"]) == (0.8, "charged")
        assert Path(told["video_path"]).read_bytes() == server.files.content
        assert server.submits[0].json()["parameters"]["generateAudio"] is False
        assert len(server.submits) == 1


def test_without_a_project_it_says_how_to_unlock(
    here: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("VEO_STUDIO_VERTEX_PROJECT", raising=False)
    refused = here(*ASKED, "--yes", code=None)
    assert refused.returncode != 0
    assert "VEO_STUDIO_VERTEX_PROJECT" in refused.stderr


def test_without_googles_library_it_says_what_to_install(
    here: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VEO_STUDIO_VERTEX_PROJECT", PROJECT)
    monkeypatch.setitem(sys.modules, "google.auth", None)
    assert missing_part()
    refused = here(*ASKED, "--yes", code=None)
    assert refused.returncode != 0
    assert "pip install 'veo-studio[vertex]'" in refused.stderr
