"""Downloads by the courier: the same outcomes, and nothing is lost where that process is."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.fakes.generations import a_generation
from tests.transport.cases import Start, check
from tests.transport.conftest import KEY
from tests.transport.file_server import FileServer, cut_after, instead
from tests.transport.raw_server import Received, Reply, for_ever
from veo_studio.core import intake
from veo_studio.core.courier import Courier
from veo_studio.core.errors import DownloadError, LinkExpired, ProviderUnavailable
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import ErrorKind, GenerationState
from veo_studio.core.partial import sidecar_of
from veo_studio.core.providers.http import HttpGateway

_PATIENCE_S = 60
"""A machine with much other work starts a process slowly."""

_SCRIPT = """
import asyncio
from veo_studio.core.courier import Courier

async def main():
    courier = Courier()
    courier.warm()
    while not courier.is_ready:
        await asyncio.sleep(0.01)
    print(courier.pid, flush=True)
    await asyncio.get_running_loop().create_future()

if __name__ == "__main__":
    asyncio.run(main())
"""


async def becomes(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def courier(gateway: HttpGateway) -> AsyncIterator[Courier]:
    """One that is ready, and used by the adapters of this test."""
    made = Courier()
    made.warm()
    await becomes(lambda: made.is_ready)
    gateway.carrier = made
    yield made
    await made.close()


@pytest.fixture
def no_bytes_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes bytes in within this process fails."""
    monkeypatch.setattr(intake, "_Writer", None)


def gone(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


async def stops_at_700_000(
    server: FileServer, received: Received, reply: Reply, start: int
) -> None:
    await server.head(reply, start)
    await reply.body(server.content[:700_000])
    await for_ever(received, reply)


@pytest.mark.usefixtures("courier", "no_bytes_here")
async def test_a_file_comes_whole_and_private(start: Start, clip: bytes) -> None:
    seen: list[tuple[int, int | None]] = []
    async with start(FileServer(clip)) as case:
        fetched = await case.fetch(on_bytes=lambda done, total: seen.append((done, total)))
    check(fetched, clip)
    assert fetched.validator == '"one"'
    assert seen[0] == (0, len(clip))
    assert seen[-1] == (len(clip), len(clip))
    assert seen == sorted(seen)
    assert fetched.path.stat().st_mode & 0o777 == 0o600
    assert sidecar_of(fetched.path).stat().st_mode & 0o777 == 0o600
    # the key went there by the pipe
    assert case.raw.requests[0].headers["x-goog-api-key"] == KEY


@pytest.mark.usefixtures("courier", "no_bytes_here")
async def test_c01_a_cut_body_is_resumed_at_the_exact_byte(start: Start, clip: bytes) -> None:
    faults = [cut_after(300_000), cut_after(0), cut_after(65_537, resets=True)]
    async with start(FileServer(clip, faults=[*faults])) as case:
        fetched, errors = await case.fetch_in_the_end()
    check(fetched, clip)
    assert [type(error) for error in errors] == [ProviderUnavailable] * 3
    starts = [received.range_start for received in case.raw.requests]
    assert starts == [None, 300_000, 300_000, 365_537]


@pytest.mark.usefixtures("courier", "no_bytes_here")
async def test_what_a_server_refuses_is_said_as_ever(start: Start, clip: bytes) -> None:
    faults = [
        instead(b"{}", 404),
        instead(b"{}", 503),
        instead(b"<html>", headers=[("Content-Type", "text/html")]),
        instead(b"\x89PNG\r\n\x1a\n" + bytes(200_000)),
    ]
    async with start(FileServer(clip, faults=[*faults])) as case:
        with pytest.raises(LinkExpired):
            await case.fetch()
        with pytest.raises(ProviderUnavailable) as away:
            await case.fetch()
        assert away.value.kind is ErrorKind.SERVER_ERROR
        with pytest.raises(DownloadError, match="text/html in place of a video"):
            await case.fetch()
        with pytest.raises(DownloadError, match="a picture in place of a video"):
            await case.fetch()
        assert case.is_clean
        check(await case.fetch(), clip)


async def test_a_download_that_is_stopped_leaves_its_file_alone(
    start: Start, clip: bytes, courier: Courier
) -> None:
    arrived = asyncio.Event()

    def on_bytes(done: int, total: int | None) -> None:
        if done == 700_000:
            arrived.set()

    async with start(FileServer(clip, faults=[stops_at_700_000])) as case:
        task = asyncio.create_task(case.fetch(on_bytes=on_bytes))
        async with asyncio.timeout(_PATIENCE_S):
            await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert courier.pid is not None
        assert str(case.part) not in {
            file.path for file in psutil.Process(courier.pid).open_files()
        }
        check(await case.fetch(), clip)
    assert case.raw.requests[1].range_start == 700_000


async def test_what_a_killed_courier_left_is_continued_here(
    start: Start, clip: bytes, courier: Courier
) -> None:
    arrived = asyncio.Event()

    def on_bytes(done: int, total: int | None) -> None:
        if done == 700_000:
            arrived.set()

    async with start(FileServer(clip, faults=[stops_at_700_000])) as case:
        task = asyncio.create_task(case.fetch(on_bytes=on_bytes))
        async with asyncio.timeout(_PATIENCE_S):
            await arrived.wait()
        # told of before they are on the disk
        await becomes(lambda: case.part.stat().st_size == 700_000)
        assert courier.pid is not None
        os.kill(courier.pid, signal.SIGKILL)
        with pytest.raises(ProviderUnavailable) as cut:
            await task
        assert cut.value.kind is ErrorKind.NETWORK
        assert not courier.is_ready
        check(await case.fetch(), clip)
        # and there is another one for what comes later
        courier.warm()
        await becomes(lambda: courier.is_ready)
    assert case.raw.requests[1].range_start == 700_000


async def test_a_courier_that_does_not_answer_is_ended(
    start: Start, clip: bytes, gateway: HttpGateway
) -> None:
    courier = Courier(patience_s=0.2)
    courier.warm()
    await becomes(lambda: courier.is_ready)
    gateway.carrier = courier
    try:
        assert courier.pid is not None
        async with start(FileServer(clip)) as case:
            os.kill(courier.pid, signal.SIGSTOP)
            task = asyncio.create_task(case.fetch())
            life = courier._life
            await becomes(lambda: life is not None and life.streams)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await becomes(lambda: not courier.is_ready)
            check(await case.fetch(), clip)
    finally:
        await courier.close()


async def test_a_courier_that_hangs_does_not_hang_a_download(
    start: Start, clip: bytes, gateway: HttpGateway
) -> None:
    courier = Courier(silence_s=0.3)
    courier.warm()
    await becomes(lambda: courier.is_ready)
    gateway.carrier = courier
    try:
        assert courier.pid is not None
        async with start(FileServer(clip)) as case:
            os.kill(courier.pid, signal.SIGSTOP)
            async with asyncio.timeout(_PATIENCE_S):
                with pytest.raises(ProviderUnavailable) as cut:
                    await case.fetch()
            assert cut.value.kind is ErrorKind.NETWORK
            assert not courier.is_ready
            check(await case.fetch(), clip)
    finally:
        await courier.close()


async def test_a_courier_speaks_while_its_server_says_nothing(
    start: Start, clip: bytes, gateway: HttpGateway
) -> None:
    courier = Courier(silence_s=0.6)
    courier.warm()
    await becomes(lambda: courier.is_ready)
    life = courier._life
    assert life is not None
    # it speaks often, and nothing ends it on a busy machine
    life._silence_s = _PATIENCE_S
    gateway.carrier = courier
    arrived = asyncio.Event()

    def on_bytes(done: int, total: int | None) -> None:
        if done == 700_000:
            arrived.set()

    try:
        async with start(FileServer(clip, faults=[stops_at_700_000])) as case:
            task = asyncio.create_task(case.fetch(on_bytes=on_bytes))
            async with asyncio.timeout(_PATIENCE_S):
                await arrived.wait()
            heard_at: set[float] = set()

            def spoke_again() -> bool:
                heard_at.add(life.heard_at)
                return len(heard_at) > 3

            await becomes(spoke_again)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    finally:
        await courier.close()


async def test_it_is_there_for_what_is_paid_and_goes_when_idle() -> None:
    courier = Courier(idle_s=0.0)
    try:
        waiting = a_generation(state=GenerationState.PENDING, provider="gemini")
        rehearsed = replace(waiting, state=GenerationState.PROCESSING, provider="rehearsal")
        for one in (waiting, rehearsed):
            courier.on_event(GenerationEvent(EventKind.STATE_CHANGED, one))
        assert courier._starting is None
        paid = replace(waiting, state=GenerationState.PROCESSING)
        courier.on_event(GenerationEvent(EventKind.STATE_CHANGED, paid))
        assert courier._starting is not None
        life = await courier._starting
        assert life.pid is not None
        await becomes(lambda: courier.pid is None and gone(life.pid or 0))
    finally:
        await courier.close()


async def test_it_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(_SCRIPT)
    program = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    async with asyncio.timeout(_PATIENCE_S):
        pid = int(await program.stdout.readline())
    assert not gone(pid)
    program.kill()
    await program.wait()
    await becomes(lambda: gone(pid))
