"""KIE through the real queue, the real store and the command line, with faults on its own wire."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.conftest import Program
from tests.core.studios import until
from tests.faults import books
from tests.faults.clock import SCALE, FastClock
from tests.providers.kie_cases import OMNI, SHORT, request_of
from tests.providers.servers import kie as script
from tests.providers.servers.kie import KEY, KieServer, kie, kie_in_thread
from tests.transport.clips import noise_clip
from tests.transport.raw_server import running
from veo_studio.core.inputs import take_in_clip, take_in_picture
from veo_studio.core.models import (
    Charge,
    ErrorKind,
    Generation,
    GenerationRequest,
    GenerationState,
    InputRole,
    PauseKind,
    Task,
    VideoConfig,
)
from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.studio import Studio

S = GenerationState


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[KieServer]:
    async with kie(noise_clip()) as made:
        _connect(monkeypatch, made.url)
        monkeypatch.setenv("VEO_STUDIO_KIE_UPLOAD_URL", made.upload_host.url)
        yield made
        assert made.strays == []


def _connect(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VEO_STUDIO_KIE_URL", url)
    monkeypatch.setenv("KIE_API_KEY", KEY)
    # of the fast clock
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "2")
    monkeypatch.setenv("VEO_STUDIO_SUBMIT_TIMEOUT", str(20 * SCALE))


@asynccontextmanager
async def studio_at() -> AsyncIterator[Studio]:
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


async def reach(studio: Studio, generation: Generation, state: GenerationState) -> None:
    async def is_there() -> bool:
        return (await studio.generations.get(generation.id)).state is state

    await until(is_there, studio)


def is_whole(generation: Generation, server: KieServer) -> None:
    assert generation.state is S.COMPLETED, (generation.state, generation.error)
    assert generation.video_path is not None
    found = generation.video_path.read_bytes()
    assert found == server.clip
    assert generation.sha256 == hashlib.sha256(found).hexdigest()


@pytest.mark.parametrize(
    ("model", "price", "cost"), [("veo3_fast", "0.30", "0.30"), (OMNI, "0.315", "0.315")]
)
async def test_a_clip_arrives_with_its_price_before_and_its_cost_after(
    server: KieServer, model: str, price: str, cost: str
) -> None:
    server.poll_steps.append(script.veo(0) if model != OMNI else script.job("waiting"))
    async with studio_at() as studio:
        generation = await made(studio, request_of(model))
    is_whole(generation, server)
    assert generation.price_usd == Decimal(price)
    assert generation.cost_usd == Decimal(cost)
    assert generation.charge is Charge.CHARGED
    assert len(server.paid) == 1
    assert server.refused == []


async def test_frames_are_brought_before_they_are_paid_for(
    server: KieServer, tmp_path: Path
) -> None:
    # the first try breaks off; that costs nothing
    server.upload_steps.append(script.page(502))
    items = []
    async with studio_at() as studio:
        for role, color in ((InputRole.FIRST_FRAME, "teal"), (InputRole.LAST_FRAME, "navy")):
            picture = tmp_path / f"{color}.png"
            Image.new("RGB", (64, 36), color).save(picture)
            items.append(take_in_picture(studio.providers.files, picture, role))
        config = replace(SHORT, inputs=tuple(items))
        generation = await made(studio, request_of(config=config))
    is_whole(generation, server)
    assert len(server.uploads) == 3
    assert len(server.last_body["imageUrls"]) == 2
    assert len(server.paid) == 1


@pytest.mark.parametrize(
    "step",
    [
        script.refuse(500, "Server error"),
        script.refuse(501, "Generation failed"),
        script.page(500),
        script.page(502),
        script.page(503),
        script.page(504),
        script.page(200),
        script.accept_and(script.reset),
        script.accept_and(script.page(200, b'{"code": 200, "da')),
        script.answer({"code": 200, "data": {"taskId": f"x{KEY}"}}),
    ],
)
async def test_a_lost_answer_is_unknown_and_paid_once(server: KieServer, step: script.Step) -> None:
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
        script.answer({"code": 429, "msg": "Slow down"}, Retry_After="3"),
        script.page(429),
        script.refuse(455, "Maintenance"),
        script.refuse(503, "Overloaded"),
    ],
)
async def test_what_was_not_accepted_waits_and_is_accepted_once(
    server: KieServer, step: script.Step
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
        server = KieServer(noise_clip())
        port = int(url.rpartition(":")[2])
        async with running(server.api, port=port) as api, running(server.serve_clip) as cdn:
            server.raw, server.cdn = api, cdn
            async with asyncio.timeout(60 * SCALE):
                is_whole(await studio.queue.wait(generation.id), server)
            assert len(server.paid) == 1


async def test_polls_that_fail_say_nothing_about_the_clip(server: KieServer) -> None:
    server.poll_steps += [
        script.refuse(500),
        script.page(502),
        script.answer({"code": 429, "msg": "Slow down"}, Retry_After="4"),
        script.refuse(422, "record is null"),
        script.page(404),
        script.page(200),
        script.veo(7),
    ]
    async with studio_at() as studio:
        generation = await made(studio)
    is_whole(generation, server)
    assert len(server.polls) >= 8
    assert len(server.paid) == 1


async def test_a_link_that_ended_is_renewed(server: KieServer) -> None:
    async def gone(_files: Any, _received: Any, reply: Any, _start: int) -> None:
        await reply.head(404, {"Content-Length": "0"})

    # the first exchange fails as well: then the task is asked again
    server.files.faults += [gone, gone]

    async def fresh(call: script.Call) -> None:
        await call.fine(call.server.link("fresh"))

    server.link_steps += [script.refuse(422, "expired"), fresh]
    async with studio_at() as studio:
        generation = await made(studio)
    is_whole(generation, server)
    assert len(server.renewed) == 2
    assert len(server.paid) == 1


async def test_a_refused_key_keeps_the_row_and_stops_the_line(
    server: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIE_API_KEY", "a-key-of-somebody-else-0123456789")
    async with studio_at() as studio:
        (generation,) = await studio.queue.enqueue([request_of()])

        async def is_stopped() -> bool:
            return "kie" in studio.queue.pauses

        await until(is_stopped, studio)
        assert studio.queue.pauses["kie"].kind is PauseKind.KEY
        stored = await studio.generations.get(generation.id)
        assert (stored.state, stored.error_kind) == (S.PENDING, ErrorKind.AUTH)
    assert not server.tasks


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (402, ErrorKind.INSUFFICIENT_CREDITS),
        (433, ErrorKind.QUOTA_EXCEEDED),
        (404, ErrorKind.NOT_FOUND),
        (422, ErrorKind.INVALID_REQUEST),
    ],
)
async def test_a_clear_no_gives_the_tokens_back(
    server: KieServer, code: int, kind: ErrorKind
) -> None:
    server.submit_steps.append(script.refuse(code))
    async with studio_at() as studio:
        balance = await studio.wallet.balance()
        generation = await made(studio)
        assert (generation.state, generation.error_kind) == (S.FAILED, kind)
        assert generation.charge is Charge.NOT_CHARGED
        assert await studio.wallet.balance() == balance
    assert len(server.paid) == 1


async def test_a_clip_that_the_safety_system_refuses_says_so(server: KieServer) -> None:
    words = f"Your prompt violates our policy ({KEY})"
    server.poll_steps.append(script.veo(2, errorCode=400, errorMessage=words))
    async with studio_at() as studio:
        generation = await made(studio)
    assert (generation.state, generation.error_kind) == (S.FAILED, ErrorKind.CONTENT_FILTERED)
    assert "violates our policy" in str(generation.error)
    assert KEY not in str(generation)


async def test_cancel_before_the_submit_costs_nothing(server: KieServer) -> None:
    async with studio_at() as studio:
        await studio.queue.pause()
        (generation,) = await studio.queue.enqueue([request_of()])
        assert (await studio.queue.cancel(generation.id)).state is S.CANCELLED
    assert server.raw.requests == []


async def test_cancel_of_what_runs_stops_nothing_at_kie_and_is_not_called_free(
    server: KieServer,
) -> None:
    server.poll_steps += [script.veo(0)] * 1000
    async with studio_at() as studio:
        (generation,) = await studio.queue.enqueue([request_of()])
        await reach(studio, generation, S.PROCESSING)
        cancelled = await studio.queue.cancel(generation.id)
        assert cancelled.charge is Charge.CHARGED
        assert "refund" not in {entry.kind for entry in await studio.wallet.entries()}
    assert {request.method for request in server.raw.requests} == {"GET", "POST"}
    assert len(server.paid) == 1


async def test_a_restart_goes_on_with_the_stored_task(server: KieServer) -> None:
    server.poll_steps += [script.veo(0)] * 1000
    async with studio_at() as studio:
        (generation,) = await studio.queue.enqueue([request_of()])
        await reach(studio, generation, S.PROCESSING)
    server.poll_steps.clear()
    async with studio_at() as studio:
        await studio.queue.resume()
        async with asyncio.timeout(60 * SCALE):
            is_whole(await studio.queue.wait(generation.id), server)
    assert len(server.paid) == 1


async def test_a_clip_is_made_sharper_as_a_generation_of_its_own(server: KieServer) -> None:
    server.upgrade_steps += [script.refuse(400, "Not ready")] * 3
    async with studio_at() as studio:
        first = await made(studio)
        assert first.video_path is not None
        source = take_in_clip(
            studio.providers.files, first.video_path, InputRole.SOURCE, made_by=first
        )
        config = VideoConfig("16:9", 4, "1080p", task=Task.UPSCALE, inputs=(source,))
        free = await made(studio, request_of("veo3-upgrade", config))
        is_whole(free, server)
        assert (free.price_usd, free.cost_usd) == (Decimal(0), Decimal(0))
        assert len(server.paid) == 1
        server.poll_steps += [script.veo(1), script.veo(1, "4k")]
        best = await made(studio, request_of("veo3-upgrade", replace(config, resolution="4k")))
        is_whole(best, server)
        assert (best.price_usd, best.cost_usd) == (Decimal("0.60"), Decimal("0.60"))
        # a second try at the same clip is a generation of its own as well
        again = await made(studio, request_of("veo3-upgrade", config))
        is_whole(again, server)
    assert server.uploads == []
    assert len(server.paid) == 2
    names = {first.operation_id, free.operation_id, best.operation_id, again.operation_id}
    assert len(names) == 4


def test_the_command_line_makes_a_clip_with_one_key_and_one_address(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    with kie_in_thread(noise_clip()) as server:
        server.poll_steps.append(script.veo(0))
        program.env |= {"VEO_STUDIO_KIE_URL": server.url, "KIE_API_KEY": KEY}
        done = program.run(
            "generate", "A paper boat", "--provider", "kie", "--model", "veo3",
            "--duration", "6", "--json", "--yes",
        )  # fmt: skip
        told = json.loads(done.stdout)
        assert told["status"] == "completed"
        assert (told["provider"], told["model"]) == ("kie", "veo3")
        assert Decimal(str(told["price_usd"])) == Decimal("1.25")
        with open(told["video_path"], "rb") as file:
            assert file.read() == server.clip
        assert server.last_body["duration"] == 6
        assert len(server.paid) == 1
        assert server.balance_reads == 2
        database = next(program.home.rglob("*.db"))
        (stored,) = books.rows(database, "SELECT price_usd, cost_usd FROM generations")
        assert Decimal(str(stored["price_usd"])) == Decimal("1.25")
        assert Decimal(str(stored["cost_usd"])) == Decimal("1.25")
        assert KEY not in done.stdout + done.stderr


def test_the_command_line_finds_veo_3_1_at_kie_and_names_a_locked_key(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    with kie_in_thread(noise_clip()) as server:
        program.env |= {"VEO_STUDIO_KIE_URL": server.url}
        arguments = ("generate", "A kite", "--provider", "kie", "--model", "veo-3.1", "--yes")
        done = program.run(*arguments, "--duration", "4", code=2)
        assert "KIE_API_KEY" in done.stderr
        program.env |= {"KIE_API_KEY": KEY}
        done = program.run(*arguments, "--duration", "4")
        assert done.stdout.endswith("_A_kite.mp4\n")
        assert server.last_body["model"] == "veo3"
