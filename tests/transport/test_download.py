"""Fetching: what arrives is resumed, what is not what was announced never gets through."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.transport.cases import TRIES, Start, check
from tests.transport.conftest import KEY
from tests.transport.file_server import FileServer, chunked, cut_after, headers, instead
from tests.transport.raw_server import Received, Reply, for_ever, running
from veo_studio.core import intake, partial
from veo_studio.core.errors import (
    DownloadError,
    LinkExpired,
    ProviderUnavailable,
)
from veo_studio.core.partial import sidecar_of

CUTS = [0, 1, 7, 8, 24, 1000, 2**16 - 1, 2**16, 2**20 + 1, "half", "all but one"]


async def test_a_file_arrives_whole_and_private(start: Start, clip: bytes) -> None:
    seen: list[tuple[int, int | None]] = []
    async with start(FileServer(clip)) as case:
        fetched = await case.fetch(on_bytes=lambda done, total: seen.append((done, total)))
    check(fetched, clip)
    assert fetched.validator == '"one"'
    assert seen[-1] == (len(clip), len(clip))
    assert seen == sorted(seen)
    assert fetched.path.stat().st_mode & 0o777 == 0o600
    assert sidecar_of(fetched.path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("resets", [False, True], ids=["fin", "rst"])
@pytest.mark.parametrize("count", CUTS)
async def test_c01_a_cut_body_is_resumed_at_the_exact_byte(
    start: Start, clip: bytes, count: int | str, resets: bool, times: int
) -> None:
    size = len(clip)
    bytes_ = {"half": size // 2, "all but one": size - 1}.get(str(count), count)
    assert isinstance(bytes_, int)
    # each of the five answers is cut after as many bytes as are left of that
    files = FileServer(clip, faults=[cut_after(bytes_, resets=resets)] * times)
    async with start(files) as case:
        kept = [0]
        for _ in range(TRIES):
            try:
                fetched = await case.fetch()
                break
            except ProviderUnavailable:
                kept.append(case.part.stat().st_size)
    check(fetched, clip)
    starts = [received.range_start or 0 for received in case.raw.requests]
    assert starts == kept
    # nothing that was sent before the cut is lost
    assert kept == [min(number * bytes_, size) for number in range(len(kept))]
    assert case.raw.body_bytes <= size + 64 * 1024 * len(kept)


async def test_c01_a_cut_by_chunks_is_resumed(start: Start, clip: bytes) -> None:
    half = chunked(len(clip) // 2, is_ended=False)
    async with start(FileServer(clip, faults=[half])) as case:
        fetched, errors = await case.fetch_in_the_end()
    check(fetched, clip)
    assert len(errors) == 1
    assert isinstance(errors[0], ProviderUnavailable)
    assert case.raw.requests[1].range_start == len(clip) // 2


async def test_c02_a_whole_part_needs_no_second_request(start: Start, clip: bytes) -> None:
    """The program was killed after the last byte, before the file was in its place."""
    async with start(FileServer(clip)) as case:
        first = await case.fetch()
        second = await case.fetch()
    assert first == second
    assert len(case.raw.requests) == 1


async def test_c02_a_killed_download_goes_on(start: Start, clip: bytes) -> None:
    """Cancelled between two chunks: what had arrived is on the disk and is not fetched again."""

    async def stops(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        await server.head(reply, start)
        await reply.body(clip[:700_000])
        await for_ever(received, reply)

    arrived = asyncio.Event()

    def on_bytes(done: int, total: int | None) -> None:
        if done == 700_000:
            arrived.set()

    async with start(FileServer(clip, faults=[stops])) as case:
        task = asyncio.create_task(case.fetch(on_bytes=on_bytes))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        check(await case.fetch(), clip)
    assert case.raw.requests[1].range_start == 700_000


async def test_c02_bytes_reach_the_file_without_waiting_for_more(start: Start, clip: bytes) -> None:
    """A kill -9 in a silence loses nothing: no bytes wait in memory for a larger write."""

    async def stops(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        await server.head(reply, start)
        await reply.body(clip[:300_000])
        await for_ever(received, reply)

    async with start(FileServer(clip, faults=[stops])) as case:
        task = asyncio.create_task(case.fetch())
        async with asyncio.timeout(30):
            # the view of another process, which nothing announces
            while not case.part.exists() or case.part.stat().st_size < 300_000:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_c02_a_part_from_before_a_power_cut_is_not_trusted(
    start: Start, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(FileServer(clip, faults=[cut_after(500_000)])) as case:
        with pytest.raises(ProviderUnavailable):
            await case.fetch()
        monkeypatch.setattr(partial, "_boot_id", lambda: "another boot")
        check(await case.fetch(), clip)
    assert case.raw.requests[1].range_start is None


@pytest.mark.parametrize("known", [b"", b"{", b"[]", b'{"validator": 7}', b'{"boot": []}', b"\xff"])
async def test_c02_a_part_with_odd_knowledge_starts_again(
    start: Start, clip: bytes, known: bytes
) -> None:
    async with start(FileServer(clip)) as case:
        case.part.write_bytes(b"left over")
        sidecar_of(case.part).write_bytes(known)
        check(await case.fetch(), clip)
    assert case.raw.requests[0].range_start is None


@pytest.mark.parametrize("fault", [chunked(1_000_000), headers(Content_Length="1000000")])
async def test_c03_a_clean_end_too_early_is_resumed(start: Start, clip: bytes, fault: Any) -> None:
    async with start(FileServer(clip, faults=[fault])) as case:
        fetched, errors = await case.fetch_in_the_end()
    check(fetched, clip)
    assert "cut short" in errors[0].message
    assert case.raw.requests[1].range_start == 1_000_000


async def test_c03_a_file_that_is_short_at_the_provider_never_gets_through(
    start: Start, clip: bytes
) -> None:
    async with start(FileServer(clip[:-1000])) as case:
        with pytest.raises(DownloadError, match="cut short"):
            await case.fetch_in_the_end()
    # the rest was asked for before all of it was fetched again
    assert case.raw.requests[1].range_start == len(clip) - 1000


@pytest.mark.parametrize("etag", ['"one"', None])
async def test_c04_a_length_announced_too_large_is_named(
    start: Start, clip: bytes, etag: str | None
) -> None:
    too_large = headers(Content_Length=str(len(clip) + 1000))
    files = FileServer(clip, etag=etag, faults=[too_large], is_always_faulty=True)
    async with start(files) as case:
        for _ in range(5):
            with pytest.raises(
                DownloadError, match="size differs from what the provider announced"
            ):
                await case.fetch()
        assert case.is_clean


@pytest.mark.parametrize(
    "fault",
    [
        instead(b"<html>Sign in</html>" * 100, headers=[("Content-Type", "text/html; charset=x")]),
        instead(b"<html>Sign in</html>" * 100),
        instead(b"<html>"),
        instead(b'{"error": {}}', headers=[("Content-Type", "application/json")]),
        instead(b'{"error": {"code": 404}}'),
        instead(b""),
        instead(bytes(range(256)) * 1000),
        instead(b"\0\0\0\x18ftyp" + bytes(range(256)) * 100),
        chunked(0),
    ],
    ids=["html", "html as video", "short html", "json", "json as video", "empty", "random", "ftyp and random",
         "empty by chunks"],
)  # fmt: skip
async def test_c05_what_is_no_video_leaves_nothing_behind(
    start: Start, clip: bytes, fault: Any
) -> None:
    async with start(FileServer(clip, faults=[fault])) as case:
        with pytest.raises(DownloadError):
            await case.fetch()
        assert case.is_clean or case.part.stat().st_size < len(clip)
        check(await case.fetch(), clip)


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_c06_an_expired_link_keeps_what_arrived(
    start: Start, clip: bytes, status: int
) -> None:
    faults = [cut_after(500_000), instead(b"{}", status)]
    async with start(FileServer(clip, faults=[*faults])) as case:
        with pytest.raises(ProviderUnavailable):
            await case.fetch()
        with pytest.raises(LinkExpired):
            await case.fetch()
        check(await case.fetch(), clip)
    assert case.raw.requests[2].range_start == 500_000


async def test_c07_a_redirected_download_is_resumed_without_the_key(
    start: Start, clip: bytes
) -> None:
    async with running(FileServer(clip, faults=[cut_after(400_000)])) as storage:

        async def moved(server: FileServer, received: Received, reply: Reply, start: int) -> None:
            await reply.head(302, {"Location": f"{storage.url}/a", "Content-Length": "0"})

        async with start(FileServer(b"", faults=[moved], is_always_faulty=True)) as case:
            fetched, errors = await case.fetch_in_the_end()
    check(fetched, clip)
    assert len(errors) == 1
    assert storage.requests[1].range_start == 400_000
    assert KEY not in str(storage.requests)


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([3], id="one"),
        pytest.param([1] * 50, id="many small"),
        pytest.param([10, 400_000, 10, 20, 131_072, 5], id="mixed"),
        pytest.param([100_000, 100_000, 100_000], id="together too large"),
    ],
)
def test_what_waits_for_the_disk_is_put_together_only_where_it_is_small(sizes: list[int]) -> None:
    chunks = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    pieces = list(intake.in_large_pieces(chunks))
    assert b"".join(pieces) == b"".join(chunks)
    for chunk in chunks:
        if len(chunk) >= 128 * 1024:
            assert any(piece is chunk for piece in pieces), "a large one is not copied"
    assert len(pieces) <= len(chunks)
    assert max(map(len, pieces)) <= max(128 * 1024, max(sizes))


async def test_a_busy_loop_is_left_to_others_and_every_byte_arrives(
    start: Start, clip: bytes
) -> None:
    """A loop whose turns are long, as while a window is scrolled."""
    loop = asyncio.get_running_loop()
    turns, is_over = 0, False

    async def paint() -> None:
        nonlocal turns
        while not is_over:
            until = loop.time() + 1.5 * intake.LONG_TURN_S
            while loop.time() < until:
                pass
            turns += 1
            await asyncio.sleep(0)

    painting = asyncio.create_task(paint())
    try:
        await asyncio.sleep(0)
        courtesy, before = intake.Courtesy(), turns
        await courtesy.after(intake.BYTES_OF_A_TURN - 1)
        assert turns == before, "little is no reason to wait"
        await courtesy.after(1)
        assert turns >= before + 2, "more than the one turn that it looked at"
        async with start(FileServer(clip)) as case:
            fetched = await case.fetch()
    finally:
        is_over = True
        await painting
    check(fetched, clip)
