"""Runway through the real queue, the real store and the command line, with faults on its own wire."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Program
from tests.core.studios import until
from tests.faults import books
from tests.faults.clock import SCALE, FastClock
from tests.providers.runway_cases import picture, request_of
from tests.providers.servers import runway as script
from tests.providers.servers.runway import KEY, RunwayServer, runway, runway_in_thread
from tests.transport.clips import noise_clip
from tests.transport.raw_server import running
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import (
    Charge,
    ErrorKind,
    Generation,
    GenerationRequest,
    GenerationState,
    InputRole,
    PauseKind,
    VideoConfig,
)
from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.studio import Studio

S = GenerationState


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunwayServer]:
    async with runway(noise_clip()) as made:
        _connect(monkeypatch, made.url)
        yield made


def _connect(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VEO_STUDIO_RUNWAY_URL", url)
    monkeypatch.setenv("RUNWAYML_API_SECRET", KEY)
    # of the fast clock
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "2")
    monkeypatch.setenv("VEO_STUDIO_SUBMIT_TIMEOUT", str(20 * SCALE))


@asynccontextmanager
async def studio_at(server: RunwayServer | None = None) -> AsyncIterator[Studio]:
    """A core whose clock runs a hundred times faster; afterwards the key is searched for."""
    clock = FastClock(speed=100)

    class QuickStudio(Studio):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, clock)

    studio = await QuickStudio.open(Paths.default(), Settings(), Secrets())
    try:
        yield studio
        books.check_no_key([KEY], [studio.paths.database.parent], {})
    finally:
        await studio.close()
    books.check_money(studio.paths.database)


async def made(studio: Studio, request: GenerationRequest | None = None) -> Generation:
    (generation,) = await studio.queue.enqueue([request or request_of()])
    async with asyncio.timeout(60 * SCALE):
        return await studio.queue.wait(generation.id)


def is_whole(generation: Generation, server: RunwayServer) -> None:
    assert generation.state is S.COMPLETED, (generation.state, generation.error)
    assert generation.video_path is not None
    found = generation.video_path.read_bytes()
    assert found == server.clip
    assert generation.sha256 == hashlib.sha256(found).hexdigest()


async def test_a_clip_arrives_with_its_price_before_and_its_cost_after(
    server: RunwayServer,
) -> None:
    server.states = [script.pending(), script.running_state(0.5), script.succeeded(150)]
    async with studio_at() as studio:
        generation = await made(studio)
    is_whole(generation, server)
    assert generation.price_usd == Decimal("1.60")
    assert generation.cost_usd == Decimal("1.50")
    assert generation.charge is Charge.CHARGED
    assert len(server.paid) == 1


async def test_a_first_frame_is_brought_before_it_is_paid_for(
    server: RunwayServer, tmp_path: Path
) -> None:
    async with studio_at() as studio:
        item = take_in_picture(studio.providers.files, picture(tmp_path), InputRole.FIRST_FRAME)
        config = VideoConfig("16:9", 4, "720p", inputs=(item,))
        generation = await made(studio, request_of(config=config))
    is_whole(generation, server)
    assert server.paid[0].path == "/v1/image_to_video"
    assert server.last_body["promptImage"] == "runway://upload-1"
    assert len(server.stored) == 1


async def test_an_upload_that_breaks_is_tried_again_and_paid_once(
    server: RunwayServer, tmp_path: Path
) -> None:
    server.upload_steps += [script.answer({"error": "Oops"}, 500), script.page(502)]
    async with studio_at() as studio:
        item = take_in_picture(studio.providers.files, picture(tmp_path), InputRole.FIRST_FRAME)
        config = VideoConfig("16:9", 4, "720p", inputs=(item,))
        generation = await made(studio, request_of(config=config))
    is_whole(generation, server)
    assert len(server.uploads) == 3
    assert len(server.paid) == 1


@pytest.mark.parametrize(
    "step",
    [
        script.answer({"error": "Oops"}, 500),
        script.page(502),
        script.page(503),
        script.page(504),
        script.accept_unreadably,
        script.accept_and_reset,
        script.answer({"id": KEY}),
    ],
)
async def test_a_lost_answer_is_unknown_and_paid_once(
    server: RunwayServer, step: script.Step
) -> None:
    server.submit_steps.append(step)
    async with studio_at() as studio:
        generation = await made(studio)
        assert generation.state is S.UNKNOWN
        assert generation.charge is Charge.UNKNOWN
        assert generation.error_kind is ErrorKind.SUBMIT_UNKNOWN
        # also after everything has been looked at again
        await studio.queue.resume()
        assert (await studio.generations.get(generation.id)).state is S.UNKNOWN
    assert len(server.paid) == 1


@pytest.mark.parametrize(
    "step",
    [
        script.answer({"error": "Busy"}, 429, Retry_After="3"),
        script.page(429),
        script.answer({"error": "Overloaded"}, 503),
    ],
)
async def test_what_was_not_accepted_waits_and_is_accepted_once(
    server: RunwayServer, step: script.Step
) -> None:
    server.submit_steps.append(step)
    async with studio_at() as studio:
        generation = await made(studio)
    is_whole(generation, server)
    assert len(server.tasks) == 1
    assert len(server.paid) == 2


async def test_a_refused_connection_sends_nothing_and_goes_on_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def nobody(_received: Any, _reply: Any) -> None:
        raise AssertionError("nobody is there")

    async with running(nobody) as gone:
        url = gone.url
    _connect(monkeypatch, url)
    async with studio_at() as studio:
        (generation,) = await studio.queue.enqueue([request_of()])

        async def is_put_back() -> bool:
            stored = await studio.generations.get(generation.id)
            return stored.state is S.PENDING and stored.error_kind is ErrorKind.NETWORK

        await until(is_put_back, studio)
        server = RunwayServer(noise_clip())
        port = int(url.rpartition(":")[2])
        async with running(server.api, port=port) as api, running(server.foreign) as storage:
            server.raw, server.storage = api, storage
            async with asyncio.timeout(60 * SCALE):
                is_whole(await studio.queue.wait(generation.id), server)
            assert len(server.paid) == 1


async def test_polls_that_fail_say_nothing_about_the_clip(server: RunwayServer) -> None:
    server.poll_steps += [
        script.answer({"error": "Oops"}, 500),
        script.page(502),
        script.answer({"error": "Slow down"}, 429, Retry_After="4"),
        script.answer({"error": "No such task"}, 404),
        script.page(403),
        script.answer({"status": "NEVER_SEEN"}),
    ]
    async with studio_at() as studio:
        generation = await made(studio)
    is_whole(generation, server)
    assert len(server.polls) >= 8
    assert len(server.paid) == 1


async def test_an_expired_link_is_renewed_by_asking_the_task(server: RunwayServer) -> None:
    async def expired(_files: Any, _received: Any, reply: Any, _start: int) -> None:
        await reply.head(403, {"Content-Length": "0"})

    server.files.faults.append(expired)
    async with studio_at() as studio:
        generation = await made(studio)
    is_whole(generation, server)
    links = [request.path for request in server.storage.requests]
    assert len(links) == len(set(links)) == 2


async def test_a_refused_key_keeps_the_row_and_stops_the_line(
    server: RunwayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNWAYML_API_SECRET", "key_of_somebody_else_0123456789")
    async with studio_at() as studio:
        (generation,) = await studio.queue.enqueue([request_of()])

        async def is_stopped() -> bool:
            return "runway" in studio.queue.pauses

        await until(is_stopped, studio)
        assert studio.queue.pauses["runway"].kind is PauseKind.KEY
        stored = await studio.generations.get(generation.id)
        assert (stored.state, stored.error_kind) == (S.PENDING, ErrorKind.AUTH)
    assert not server.tasks


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (script.answer({"error": "Not enough credits"}, 400), ErrorKind.INSUFFICIENT_CREDITS),
        (script.answer({"error": "Daily limit reached"}, 429), ErrorKind.QUOTA_EXCEEDED),
        (script.answer({"error": "No such model"}, 404), ErrorKind.NOT_FOUND),
    ],
)
async def test_a_clear_no_gives_the_tokens_back(
    server: RunwayServer, step: script.Step, kind: ErrorKind
) -> None:
    server.submit_steps.append(step)
    async with studio_at() as studio:
        balance = await studio.wallet.balance()
        generation = await made(studio)
        assert (generation.state, generation.error_kind) == (S.FAILED, kind)
        assert generation.charge is Charge.NOT_CHARGED
        assert await studio.wallet.balance() == balance
    assert len(server.paid) == 1


async def test_a_refusal_by_the_safety_system_tells_its_cost_and_not_its_code(
    server: RunwayServer,
) -> None:
    server.states = [script.failed("SAFETY.INPUT.TEXT", "Not allowed.", 60)]
    async with studio_at() as studio:
        generation = await made(studio)
    assert (generation.state, generation.error_kind) == (S.FAILED, ErrorKind.CONTENT_FILTERED)
    assert generation.cost_usd == Decimal("0.60")
    assert "Not allowed." in str(generation.error)
    assert "TEXT" not in str(generation.error)


@pytest.mark.parametrize("state", ["THROTTLED", "RUNNING"])
async def test_cancel_stops_what_runs(server: RunwayServer, state: str) -> None:
    server.states = [script.pending(state)]
    async with studio_at() as studio:
        (generation,) = await studio.queue.enqueue([request_of()])

        await _reach(studio, generation, S.PROCESSING)
        cancelled = await studio.queue.cancel(generation.id)
        assert cancelled.state is S.CANCELLED
    assert len(server.deleted) == 1


async def test_cancel_of_a_finished_clip_brings_it_instead(server: RunwayServer) -> None:
    server.states = [script.succeeded()]
    polled = asyncio.Event()

    async def not_yet(call: script.Call) -> None:
        await call.says({"status": "RUNNING"})
        polled.set()

    # what the run's poll did not see, the cancel does
    server.poll_steps.append(not_yet)
    async with studio_at() as studio:
        clock = studio.clock
        assert isinstance(clock, FastClock)
        (generation,) = await studio.queue.enqueue([request_of()])
        await _reach(studio, generation, S.PROCESSING)
        async with asyncio.timeout(30 * SCALE):
            await polled.wait()
        clock.speed = 0.01
        await studio.queue.cancel(generation.id)
        clock.speed = 100
        async with asyncio.timeout(60 * SCALE):
            is_whole(await studio.queue.wait(generation.id), server)
    assert server.deleted == []


async def _reach(studio: Studio, generation: Generation, state: GenerationState) -> None:
    async def is_there() -> bool:
        return (await studio.generations.get(generation.id)).state is state

    await until(is_there, studio)


async def test_a_restart_goes_on_with_the_stored_task(server: RunwayServer) -> None:
    server.states = [script.running_state(0.1)]
    async with studio_at() as studio:
        (generation,) = await studio.queue.enqueue([request_of()])
        await _reach(studio, generation, S.PROCESSING)
    next(iter(server.tasks.values())).states.append(script.succeeded())
    async with studio_at() as studio:
        await studio.queue.resume()
        async with asyncio.timeout(60 * SCALE):
            is_whole(await studio.queue.wait(generation.id), server)
    assert len(server.paid) == 1


def test_the_command_line_makes_a_clip_with_one_key_and_one_address(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    with runway_in_thread(noise_clip()) as server:
        server.states = [script.running_state(0.5), script.succeeded(150)]
        program.env |= {"VEO_STUDIO_RUNWAY_URL": server.url, "RUNWAYML_API_SECRET": KEY}
        done = program.run(
            "generate", "A paper boat", "--provider", "runway", "--model", "veo3.1",
            "--duration", "4", "--no-audio", "--negative", "rain", "--json", "--yes",
        )  # fmt: skip
        told = json.loads(done.stdout)
        assert told["status"] == "completed"
        assert (told["provider"], told["model"]) == ("runway", "veo3.1")
        assert Decimal(str(told["price_usd"])) == Decimal("0.80")
        assert Decimal(str(told["cost_usd"])) == Decimal("1.50")
        with open(told["video_path"], "rb") as file:
            assert file.read() == server.clip
        assert server.last_body["audio"] is False
        assert server.last_body["negativePrompt"] == "rain"
        assert len(server.paid) == 1
        database = next(program.home.rglob("*.db"))
        (stored,) = books.rows(database, "SELECT price_usd, cost_usd FROM generations")
        assert Decimal(str(stored["price_usd"])) == Decimal("0.80")
        assert Decimal(str(stored["cost_usd"])) == Decimal("1.50")
        assert KEY not in done.stdout + done.stderr


def test_the_command_line_finds_veo_3_1_at_runway_and_names_a_locked_key(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    with runway_in_thread(noise_clip()) as server:
        program.env |= {"VEO_STUDIO_RUNWAY_URL": server.url}
        arguments = ("generate", "A kite", "--provider", "runway", "--model", "veo-3.1", "--yes")
        done = program.run(*arguments, "--duration", "4", code=2)
        assert "RUNWAYML_API_SECRET" in done.stderr
        program.env |= {"RUNWAYML_API_SECRET": KEY}
        done = program.run(*arguments, "--duration", "4")
        assert done.stdout.endswith("_A_kite.mp4\n")
        assert server.last_body["model"] == "veo3.1"
