"""Vertex: clips that come inside the answer, on their way to a file."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
import tracemalloc
from pathlib import Path

import pytest

from tests.providers.servers import vertex
from tests.providers.servers.vertex import connected
from tests.providers.vertex_cases import done, fetched, received, submitted
from tests.transport.clips import noise_clip, padded
from veo_studio.core.errors import (
    LinkExpired,
    ProviderUnavailable,
)
from veo_studio.core.models import (
    ResultRef,
)
from veo_studio.core.providers.inline_results import SCHEME


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


# from inside the answer


async def test_clips_inside_the_answer_arrive_whole(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        result = await done(case.provider, await submitted(case, samples=2))
        assert result.uri.startswith(SCHEME)
        assert len(result.uri) < 200
        for link in (result.uri, *result.more):
            assert await fetched(case, case.provider, ResultRef(link)) == clip
    assert case.vertex.downloads == []


async def test_a_restart_between_answer_and_file_asks_nobody(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)
        result = await done(case.provider, operation)
        # Google keeps an operation for a time that it does not tell
        case.vertex.accepted.clear()
        later = case.another()
        assert await done(later, operation) == result
        assert await fetched(case, later, result) == clip
    assert len(case.vertex.polls) == 1


async def test_a_received_clip_that_is_lost_is_asked_for_again(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)
        result = await done(case.provider, operation)
        for path in received(case):
            if path.suffix == ".mp4":
                path.unlink()
        with pytest.raises(LinkExpired):
            await fetched(case, case.provider, result)
        assert await done(case.provider, operation) == result
        assert await fetched(case, case.provider, result) == clip
    assert len(case.vertex.polls) == 2


async def test_a_download_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        result = await done(case.provider, await submitted(case))
        async with case.provider.open_result(result, 0, None) as body:
            assert (body.status, body.offset, body.total_bytes) == (200, 0, len(clip))
            assert body.digests == {"sha256": hashlib.sha256(clip).digest()}
        async with case.provider.open_result(result, 1000, body.validator) as rest:
            assert (rest.status, rest.offset) == (206, 1000)
            assert b"".join([chunk async for chunk in rest.chunks]) == clip[1000:]
        async with case.provider.open_result(result, 1000, '"another"') as whole:
            assert (whole.status, whole.offset) == (200, 0)


@pytest.mark.parametrize("name", ["../../secrets.json", "a.mp4", "", "/etc/passwd"])
async def test_a_stored_link_leads_out_of_no_folder(tmp_path: Path, name: str) -> None:
    async with connected(tmp_path) as case:
        with pytest.raises(LinkExpired):
            async with case.provider.open_result(ResultRef(SCHEME + name), 0, None):
                pass


async def test_an_answer_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)

        async def half(call: vertex.Call) -> None:
            head = b'{"name": "' + call.name.encode() + b'", "done": true, "response": {"videos": ['
            body = head + b'{"bytesBase64Encoded": "' + base64.b64encode(clip)
            length = {"Content-Length": str(len(body) + 9), "Content-Type": "application/json"}
            await call.reply.head(200, length)
            await call.reply.body(body[: len(body) // 2])
            await call.reply.reset()

        case.vertex.poll_steps.append(half)
        with pytest.raises(ProviderUnavailable):
            await case.provider.poll(operation)
        assert received(case) == []
        result = await done(case.provider, operation)
        assert await fetched(case, case.provider, result) == clip


async def test_a_folder_that_takes_nothing_decides_nothing(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)
        (tmp_path / "inputs").mkdir()
        (tmp_path / "inputs" / "received").write_text("in the way")
        with pytest.raises(ProviderUnavailable, match="cannot be kept"):
            await case.provider.poll(operation)
        (tmp_path / "inputs" / "received").unlink()
        assert await fetched(case, case.provider, await done(case.provider, operation)) == clip


HOUR_S, DAY_S = 3600.0, 24 * 3600.0


async def swept(case: vertex.Case, *later_s: float) -> list[str]:
    """What is left after sweeps so much later than now."""
    for seconds in later_s:
        await asyncio.to_thread(case.provider._received.results.sweep, time.time() + seconds)
    return [path.suffix for path in received(case) if path.name != "seen.json"]


async def test_what_was_fetched_is_removed_an_hour_later(tmp_path: Path) -> None:
    async with connected(tmp_path, noise_clip()) as case:
        result = await done(case.provider, await submitted(case))
        await fetched(case, case.provider, result)
        kept = await swept(case, 0, HOUR_S / 2)
        assert sorted(kept) == [".json", ".mp4", ".served"]
        assert await swept(case, HOUR_S + 10) == []
    assert received(case) == []


async def test_a_clip_that_was_not_fetched_keeps_all_of_its_operation(tmp_path: Path) -> None:
    async with connected(tmp_path, noise_clip()) as case:
        operation = await submitted(case, samples=2)
        first = await done(case.provider, operation)
        async with case.provider.open_result(first, 0, None) as body:
            async for _ in body.chunks:
                pass
        await swept(case, 0, HOUR_S + 10, 2 * DAY_S, 13 * DAY_S)
        assert await done(case.another(), operation) == first
        case.vertex.accepted.clear()
        for link in (first.uri, *first.more):
            assert await fetched(case, case.provider, ResultRef(link)) == noise_clip()


async def test_a_clock_that_jumps_removes_nothing(tmp_path: Path) -> None:
    async with connected(tmp_path, noise_clip()) as case:
        operation = await submitted(case)
        await done(case.provider, operation)
        half = tmp_path / "inputs" / "received" / ".1234.part"
        half.write_bytes(b"on its way")
        for jump_s in (15 * DAY_S, -15 * DAY_S, 400 * DAY_S):
            # there and back again: what it said then does not count
            assert sorted(await swept(case, jump_s, jump_s + HOUR_S, 0)) == [
                ".json",
                ".mp4",
                ".part",
            ]


async def test_what_is_old_is_removed_when_it_is_so_twice(tmp_path: Path) -> None:
    async with connected(tmp_path, noise_clip()) as case:
        await done(case.provider, await submitted(case))
        (tmp_path / "inputs" / "received" / ".1234.part").write_bytes(b"of a program that ended")
        assert sorted(await swept(case, 2 * DAY_S, 4 * DAY_S)) == [".json", ".mp4"]
        assert len(await swept(case, 15 * DAY_S)) == 2
        (tmp_path / "inputs" / "received" / "seen.json").write_text("[damaged")
        assert len(await swept(case, 16 * DAY_S + HOUR_S)) == 2
        assert await swept(case, 18 * DAY_S) == []
    assert received(case) == []


async def test_a_clip_of_60_mb_is_never_in_memory(tmp_path: Path) -> None:
    clip = padded(noise_clip(), 60_000_000)
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)
        encoded = base64.b64encode(clip)
        head = b'{"name": "' + operation.operation_id.encode() + b'", "done": true, "response": {'
        body = head + b'"videos": [{"bytesBase64Encoded": "' + encoded + b'"}]}}'

        async def stream(call: vertex.Call) -> None:
            length = {"Content-Length": str(len(body)), "Content-Type": "application/json"}
            await call.reply.head(200, length)
            for at in range(0, len(body), 65536):
                await call.reply.body(body[at : at + 65536])

        case.vertex.poll_steps.append(stream)
        tracemalloc.start()
        try:
            result = await done(case.provider, operation)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 20_000_000
        (file,) = [path for path in received(case) if path.suffix == ".mp4"]
        assert file.stat().st_size == len(clip)
        assert file.stat().st_mode & 0o077 == 0
        assert result.uri == SCHEME + file.name
