"""Large bodies on bad lines: what was surely not sent whole, and who is waited for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.transport.raw_server import Received, Reply, running
from veo_studio.core.errors import NotSent, OutcomeUnknown, ProviderUnavailable
from veo_studio.core.models import ErrorKind
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.providers.upload_body import FileBody, FormBody, UploadBody

# more than all buffers of a line take
LARGE = {"video": "A" * 24_000_000}


@pytest.fixture
async def hasty() -> AsyncIterator[HttpGateway]:
    made = HttpGateway(submit_timeout_s=0.5, connect_timeout_s=5, stall_timeout_s=0.4)
    yield made
    await made.close()


@asynccontextmanager
async def reader(take: int | None, then_reset: bool = False) -> AsyncIterator[str]:
    """A server that reads `take` bytes (None: slowly, everything) and says nothing."""

    async def serve(received: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = 0
        try:
            while take is None or taken < take:
                if not (piece := await received.read(1_000_000)):
                    return
                taken += len(piece)
                await asyncio.sleep(0.04)
            if not then_reset:
                await asyncio.Event().wait()
        finally:
            writer.transport.abort()

    tasks: set[asyncio.Task[None]] = set()

    def accept(received: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.get_running_loop().create_task(serve(received, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=65536)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def pay(gateway: HttpGateway, url: str) -> None:
    await gateway.request_json("POST", url, headers={}, body=LARGE, is_paid=True)


@pytest.mark.parametrize("then_reset", [False, True])
async def test_c18_a_paid_body_that_did_not_leave_whole_is_not_sent(
    hasty: HttpGateway, then_reset: bool
) -> None:
    async with reader(1_000_000, then_reset) as url, asyncio.timeout(60):
        with pytest.raises(NotSent, match="whole"):
            await pay(hasty, url)


async def test_a08_the_time_for_a_paid_answer_begins_after_a_slow_body(
    hasty: HttpGateway,
) -> None:
    """The line takes twice the submit's time and never stands still: then the answer is missing."""
    async with reader(None) as url, asyncio.timeout(60):
        with pytest.raises(OutcomeUnknown):
            await pay(hasty, url)


async def test_a_large_paid_body_arrives_as_it_is(hasty: HttpGateway) -> None:
    async def script(received: Received, reply: Reply) -> None:
        await reply.json({"bytes": len(received.json()["video"])})

    async with running(script) as api:
        made = HttpGateway(submit_timeout_s=30, stall_timeout_s=30)
        answer = await made.request_json("POST", api.url, headers={}, body=LARGE, is_paid=True)
        await made.close()
    assert answer.json == {"bytes": 24_000_000}


def _bodies(path: Path) -> Iterator[UploadBody]:
    yield FileBody(path, "video/mp4")
    yield FormBody(path, "video/mp4", "clip.mp4", fields={"a": "b"})


@pytest.mark.parametrize("form", [0, 1])
async def test_c09_an_upload_that_no_longer_moves_is_given_up(
    hasty: HttpGateway, tmp_path: Path, form: int
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x" * 24_000_000)
    async with reader(0) as url, asyncio.timeout(60):
        with pytest.raises(ProviderUnavailable) as caught:
            await hasty.send_file(url, [*_bodies(path)][form], own_origins={url})
    assert caught.value.kind is ErrorKind.TIMEOUT


@pytest.mark.parametrize("form", [0, 1])
async def test_an_upload_that_moves_arrives_whole(
    hasty: HttpGateway, tmp_path: Path, form: int
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x" * 24_000_000)
    made = HttpGateway(stall_timeout_s=20)
    sizes = []

    async def script(received: Received, reply: Reply) -> None:
        sizes.append(len(received.body))
        await reply.json({})

    async with running(script) as api:
        await made.send_file(api.url, [*_bodies(path)][form], own_origins={api.url})
    await made.close()
    assert sizes[0] >= 24_000_000
