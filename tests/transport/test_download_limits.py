"""Fetching where line, server or disk misbehave: limits hold, nothing is spliced or written through."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import hashlib
import os
import shutil
import threading
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from tests.transport.cases import Start, check
from tests.transport.file_server import FileServer, chunked, cut_after, headers
from tests.transport.raw_server import Received, Reply, for_ever
from veo_studio.core.errors import (
    DiskFull,
    DownloadError,
    ProviderUnavailable,
    StorageError,
)
from veo_studio.core.partial import Partial, sidecar_of


async def test_c09_silence_ends_a_try_and_keeps_what_arrived(start: Start, clip: bytes) -> None:
    async def stops(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        await server.head(reply, start)
        await reply.body(clip[:1000])
        await for_ever(received, reply)

    async with start(FileServer(clip, faults=[stops])) as case:
        with pytest.raises(ProviderUnavailable, match=r"Nothing arrived for 0\.5 seconds"):
            await case.fetch(stall_timeout_s=0.5)
        check(await case.fetch(), clip)
    assert case.raw.requests[1].range_start == 1000


async def test_c09_a_trickle_ends_a_try_and_a_slow_line_does_not(start: Start, clip: bytes) -> None:
    async def drips(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        await server.head(reply, start)
        for at in range(start, len(clip), 100):
            await reply.body(clip[at : at + 100])
            await asyncio.sleep(0.01)

    async with start(FileServer(clip, faults=[drips])) as case:
        with pytest.raises(ProviderUnavailable, match="too slow"):
            await case.fetch(low_speed_s=0.1, low_speed_bytes_per_s=100_000)
        assert 0 < case.part.stat().st_size < len(clip)
        check(await case.fetch(low_speed_s=0.1, low_speed_bytes_per_s=1), clip)


@pytest.mark.parametrize(
    ("before", "after"),
    [('"one"', '"two"'), ('W/"weak"', 'W/"weak"'), (None, None), ('"one"', None), ("one", "one")],
)
async def test_c10_files_are_never_spliced(
    start: Start, clip: bytes, before: str | None, after: str | None
) -> None:
    other = clip[:-8] + b"changed!"
    files = FileServer(clip, etag=before, faults=[cut_after(500_000)])
    async with start(files) as case:
        with pytest.raises(ProviderUnavailable):
            await case.fetch()
        files.content, files.etag = other, after
        check(await case.fetch(), other)
    if before != '"one"':
        assert case.raw.requests[1].range_start is None


async def _lies(server: FileServer, received: Received, reply: Reply, start: int) -> None:
    size = len(server.content)
    headers = {"Content-Range": f"bytes {start - 100}-{size - 1}/{size}", "ETag": '"one"'}
    await reply.head(206, {**headers, "Content-Length": str(size - start + 100)})
    await reply.body(server.content[start - 100 :])


async def _is_another(server: FileServer, received: Received, reply: Reply, start: int) -> None:
    size = len(server.content)
    headers = {"Content-Range": f"bytes {start}-{size - 1}/{size}", "ETag": '"two"'}
    await reply.head(206, {**headers, "Content-Length": str(size - start)})
    await reply.body(server.content[start:])


async def _names_no_range(server: FileServer, received: Received, reply: Reply, start: int) -> None:
    await reply.head(206, {"Content-Length": "5", "ETag": '"one"'})
    await reply.body(b"bytes")


async def _has_nothing(server: FileServer, received: Received, reply: Reply, start: int) -> None:
    await reply.head(416, {"Content-Range": "bytes */99"})


async def _ignores(server: FileServer, received: Received, reply: Reply, start: int) -> None:
    await server.head(reply, 0)
    await reply.body(server.content)


@pytest.mark.parametrize("fault", [_lies, _is_another, _names_no_range, _has_nothing, _ignores])
async def test_c11_a_server_that_lies_about_ranges_is_asked_from_zero(
    start: Start, clip: bytes, fault: Any
) -> None:
    async with start(FileServer(clip, faults=[cut_after(500_000), fault])) as case:
        fetched, _ = await case.fetch_in_the_end()
    check(fetched, clip)
    assert case.raw.requests[1].range_start == 500_000
    assert all(received.range_start is None for received in case.raw.requests[2:])


async def test_c11_compressed_bytes_are_refused(start: Start, clip: bytes) -> None:
    async with start(FileServer(clip, faults=[headers(Content_Encoding="gzip")])) as case:
        with pytest.raises(DownloadError, match="compressed"):
            await case.fetch()
        assert case.is_clean
        check(await case.fetch(), clip)


async def test_c11_a_body_longer_than_its_range_is_refused(start: Start, clip: bytes) -> None:
    async def longer(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        size = len(clip)
        head = {"Content-Range": f"bytes {start}-{size - 1}/{size}", "ETag": '"one"'}
        await reply.head(206, {**head, "Transfer-Encoding": "chunked"})
        data = clip[start:] + b"more"
        await reply.raw(f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n")

    async with start(FileServer(clip, faults=[cut_after(len(clip) - 10), longer])) as case:
        fetched, errors = await case.fetch_in_the_end()
    check(fetched, clip)
    assert "longer" in errors[1].message


def test_c12_no_room_left_in_the_middle_keeps_what_arrived(tmp_path: Path) -> None:
    made = Partial.open(tmp_path / ".uuid.part")
    made.restart('"one"', 10_000_000)
    made.write(b"a" * 1000)
    with pytest.raises(DiskFull) as caught:
        with _failing_writes(errno.ENOSPC):
            made.write(b"b" * 1000)
    made.close()
    assert caught.value.needed_bytes == 10_000_000 - 1000
    assert "10 MB" in caught.value.message
    again = Partial.open(tmp_path / ".uuid.part")
    again.close()
    assert (again.size, again.validator, again.total) == (1000, '"one"', 10_000_000)


@contextlib.contextmanager
def _failing_writes(number: int) -> Any:
    with pytest.MonkeyPatch.context() as patch:

        def write(descriptor: int, data: bytes) -> int:
            raise OSError(number, os.strerror(number))

        patch.setattr(os, "write", write)
        yield


async def test_c12_a_full_disk_is_reported_and_the_download_goes_on_later(
    start: Start, clip: bytes
) -> None:
    async with start(FileServer(clip, faults=[cut_after(300_000)])) as case:
        with pytest.raises(ProviderUnavailable):
            await case.fetch()
        with _failing_writes(errno.ENOSPC), pytest.raises(DiskFull):
            await case.fetch()
        check(await case.fetch(), clip)
    assert case.raw.requests[2].range_start == 300_000


async def test_c12_a_file_that_does_not_fit_is_refused_before_the_first_byte(
    start: Start, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(8_000_000, 7_000_000, 1_000_000))
    async with start(FileServer(clip)) as case:
        with pytest.raises(DiskFull) as caught:
            await case.fetch()
        assert caught.value.needed_bytes == len(clip) - 1_000_000 + 400_000
        assert case.part.stat().st_size == 0
        monkeypatch.undo()
        check(await case.fetch(), clip)


async def test_c13_a_write_error_is_a_storage_error(start: Start, clip: bytes) -> None:
    async with start(FileServer(clip)) as case:
        with _failing_writes(errno.EIO), pytest.raises(StorageError) as caught:
            await case.fetch()
    assert type(caught.value) is StorageError
    assert str(case.folder) in caught.value.message


async def test_c14_a_length_of_10_tb_is_refused_before_the_first_byte(
    start: Start, clip: bytes
) -> None:
    async with start(FileServer(clip, faults=[headers(Content_Length=str(10**13))])) as case:
        with pytest.raises(DownloadError, match="10000000 MB"):
            await case.fetch()
        assert case.is_clean


async def test_c14_an_endless_body_is_cut_at_the_limit(start: Start, clip: bytes) -> None:
    async def endless(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        await server.head(reply, 0, Content_Length=None)
        await reply.body(clip)
        while True:
            await reply.body(bytes(65536))

    async with start(FileServer(clip, faults=[endless])) as case:
        with pytest.raises(DownloadError, match="larger than 5 MB"):
            await case.fetch(max_bytes=5_000_000)
        assert case.is_clean
    assert case.raw.body_bytes < 5_000_000 + 8 * 2**20


async def test_c14_an_endless_body_gives_the_disk_its_room_back(
    start: Start, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(20_000_000, 0, 2_000_000))
    async with start(FileServer(clip, faults=[chunked(len(clip))])) as case:
        with pytest.raises(DiskFull):
            await case.fetch()
        assert case.is_clean


async def test_c15_a_folder_that_is_gone_is_a_storage_error(start: Start, clip: bytes) -> None:
    async with start(FileServer(clip)) as case:
        case.folder.rmdir()
        with pytest.raises(StorageError):
            await case.fetch()
        case.folder.write_text("a file")
        with pytest.raises(StorageError):
            await case.fetch()
    assert case.raw.requests == []


@pytest.mark.parametrize("header", ["Repr_Digest", "Digest", "X_Goog_Hash"])
async def test_c17_a_flipped_bit_is_seen_where_the_server_sends_a_digest(
    start: Start, clip: bytes, header: str
) -> None:
    md5 = base64.b64encode(hashlib.md5(clip).digest()).decode()
    sha256 = base64.b64encode(hashlib.sha256(clip).digest()).decode()
    value = {
        "Repr_Digest": f"sha-256=:{sha256}:",
        "Digest": f"sha-256={sha256}",
        "X_Goog_Hash": f"crc32c=AAAAAA==,md5={md5}",
    }[header]
    flipped = bytearray(clip)
    flipped[len(clip) // 2] ^= 1
    files = FileServer(bytes(flipped), faults=[headers(**{header: value})], is_always_faulty=True)
    async with start(files) as case:
        with pytest.raises(DownloadError, match="damaged on its way"):
            await case.fetch()
        assert case.is_clean
        files.content = clip
        check(await case.fetch(), clip)


@pytest.mark.parametrize("kind", ["link", "hard link", "folder link", "fifo", "sidecar link"])
async def test_f08_nothing_planted_at_the_part_name_is_written_through(
    start: Start, clip: bytes, tmp_path: Path, kind: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    async with start(FileServer(clip)) as case:
        match kind:
            case "link":
                case.part.symlink_to(victim)
            case "hard link":
                os.link(victim, case.part)
            case "folder link":
                case.part.symlink_to(tmp_path / "missing" / "name")
            case "fifo":
                os.mkfifo(case.part)
            case "sidecar link":
                sidecar_of(case.part).symlink_to(victim)
        check(await case.fetch(), clip)
    assert victim.read_bytes() == b"precious"
    assert not case.part.is_symlink()


async def test_g02_the_loop_never_waits_for_a_slow_disk(
    start: Start, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that ends only when the loop says so, which a waiting loop could not."""
    real = os.write
    loop = asyncio.get_running_loop()
    is_released = threading.Event()
    held: list[bool] = []

    def slow(descriptor: int, data: bytes) -> int:
        if not held and threading.current_thread() is not threading.main_thread():
            loop.call_soon_threadsafe(is_released.set)
            held.append(is_released.wait(10))
        return real(descriptor, data)

    async with start(FileServer(clip)) as case:
        monkeypatch.setattr(os, "write", slow)
        check(await case.fetch(), clip)
    assert held == [True]
