"""Bytes on their way to the disk: taken as they arrive, hashed and written, never too many or too slowly.

Runs where the line ends: on the window's loop, or in the courier, a process of its own (`courier.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.errors import DownloadError, ProviderUnavailable, StudioError
from veo_studio.core.models import ErrorKind
from veo_studio.core.mp4 import SIGNATURE_BYTES
from veo_studio.core.partial import Partial, disk_full
from veo_studio.core.placing import discard
from veo_studio.core.result_files import VIDEO, FileKind

MAX_BYTES = VIDEO.max_bytes
# More than this in memory, and the network waits for the disk.
_MAX_WAITING_BYTES = 4 * 1024 * 1024
# what is as large is written as it is
_PIECE_BYTES = 128 * 1024
# after so many bytes it is looked at whether others wait for the loop, in turns longer than this
BYTES_OF_A_TURN = 256 * 1024
LONG_TURN_S = 0.004
_LONGEST_REST_S = 0.03

# One thread writes and hashes for all downloads. It is not what limits them, and several would take
# the loop's turns: four downloads of 300 MB on two busy cores, longest gaps of the loop (p99.9) 31-46 ms
# with one thread, 80-84 ms with two, 64-115 ms with six, at the same rate.
_DISK = ThreadPoolExecutor(1, "download-disk")

OnBytes = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Limits:
    """When a try is given up: silence, a trickle, or more bytes than any file of its kind has."""

    stall_timeout_s: float = 30.0
    low_speed_bytes_per_s: float = 1000.0
    low_speed_s: float = 30.0
    max_bytes: int = MAX_BYTES
    kind: FileKind = VIDEO


@dataclass(frozen=True)
class Errand:
    """What another process is to append to `part`, which has `size` bytes; the rest as for `take_in`."""

    part: Path
    size: int
    total: int | None
    room: int
    limits: Limits


@dataclass(frozen=True)
class Taken:
    """What became of a part: all that `Partial` knows of its bytes, and what broke the line."""

    size: int
    sha256: str
    head: bytes
    cut: ProviderUnavailable | None


class FarBytes(AsyncIterator[bytes]):
    """Bytes that arrive in another process, which can write them itself."""

    @abstractmethod
    async def take_in(self, errand: Errand, on_bytes: OnBytes) -> Taken:
        """As the function of that name; ProviderUnavailable also where that process is gone."""


async def take_in(
    partial: Partial,
    chunks: AsyncIterator[bytes],
    limits: Limits,
    *,
    total: int | None,
    room: int,
    on_bytes: OnBytes,
) -> ProviderUnavailable | None:
    """Append `chunks` to `partial`; what broke the line is returned, for what came before it is kept.

    `total` bytes were announced for the whole file (None: not told), `room` is how large it may get.
    Raises DownloadError, DiskFull and StorageError, after everything that arrived was written.
    """
    if isinstance(chunks, FarBytes):
        errand = Errand(partial.path, partial.size, total, room, limits)
        taken = await chunks.take_in(errand, on_bytes)
        partial.adopt(taken.size, taken.sha256, taken.head)
        return taken.cut
    cut: ProviderUnavailable | None = None
    writer = _Writer(partial, limits.kind)
    courtesy = Courtesy()
    try:
        async with contextlib.aclosing(_steady(chunks, limits)) as steady:
            async for chunk in steady:
                done = writer.received + len(chunk)
                if total is not None and done > total:
                    raise DownloadError("The result is longer than the provider announced.")
                if done > room:
                    raise _too_large(partial, done, room, limits)
                await writer.feed(chunk)
                on_bytes(done, total)
                await courtesy.after(len(chunk))
    except ProviderUnavailable as error:
        cut = error
    finally:
        await asyncio.shield(writer.stop())
    writer.raise_error()
    return cut


async def _steady(chunks: AsyncIterator[bytes], limits: Limits) -> AsyncGenerator[bytes, None]:
    """The same chunks; raises ProviderUnavailable where they stop coming or only trickle."""
    since, received = time.monotonic(), 0
    while True:
        try:
            async with asyncio.timeout(limits.stall_timeout_s):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise ProviderUnavailable(
                f"Nothing arrived for {limits.stall_timeout_s:g} seconds.", kind=ErrorKind.NETWORK
            ) from None
        if chunk is None:
            return
        yield chunk
        received += len(chunk)
        elapsed_s = time.monotonic() - since
        if elapsed_s >= limits.low_speed_s:
            if received < limits.low_speed_bytes_per_s * elapsed_s:
                raise ProviderUnavailable(
                    "The download is too slow to go on like this.", kind=ErrorKind.NETWORK
                )
            since, received = time.monotonic(), 0


class Courtesy:
    """Leaves the loop to others while they have work: a window that is scrolled goes before bytes.

    Nothing is lost by it but speed: what arrives meanwhile waits in the line.
    """

    def __init__(self) -> None:
        self._bytes = 0

    async def after(self, count: int) -> None:
        """So many bytes were taken. Waits only where turns of the loop are long."""
        self._bytes += count
        if self._bytes < BYTES_OF_A_TURN:
            return
        self._bytes = 0
        loop = asyncio.get_running_loop()
        before = loop.time()
        await asyncio.sleep(0)
        turn_s = loop.time() - before
        if turn_s > LONG_TURN_S:
            await asyncio.sleep(min(2 * turn_s, _LONGEST_REST_S))


class _Writer:
    """Hands chunks to a thread that writes and hashes them; the loop never waits for the disk.

    The first chunk is written at once and the following ones together as soon as that is done: large
    writes on a fast line, and nothing that only lies in memory on a slow one.
    """

    def __init__(self, partial: Partial, kind: FileKind) -> None:
        self.received = partial.size
        self._partial = partial
        self._kind = kind
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._writing: asyncio.Future[None] | None = None
        self._error: BaseException | None = None

    async def feed(self, chunk: bytes) -> None:
        """Take a chunk; waits only while too much is waiting for the disk."""
        self._waiting.append(chunk)
        self._waiting_bytes += len(chunk)
        self.received += len(chunk)
        self._write_next()
        while self._waiting_bytes > _MAX_WAITING_BYTES and self._writing is not None:
            await asyncio.wait((self._writing,))
        self.raise_error()

    async def stop(self) -> None:
        """Wait until everything is written, or writing has failed; never raises."""
        while self._writing is not None:
            await asyncio.wait((self._writing,))

    def _write_next(self) -> None:
        if self._writing is not None or not self._waiting or self._error is not None:
            return
        chunks, self._waiting, self._waiting_bytes = self._waiting, [], 0
        loop = asyncio.get_running_loop()
        self._writing = loop.run_in_executor(_DISK, self._write, chunks)
        self._writing.add_done_callback(self._on_written)

    def _write(self, chunks: list[bytes]) -> None:
        # large ones as they are: putting megabytes together holds up every other thread
        for data in in_large_pieces(chunks):
            self._partial.write(data)
        head = self._partial.head
        if len(head) >= SIGNATURE_BYTES:
            self._kind.refuse_other(head)

    def _on_written(self, written: asyncio.Future[None]) -> None:
        self._writing = None
        if not written.cancelled():
            self._error = self._error or written.exception()
        self._write_next()

    def raise_error(self) -> None:
        if self._error is not None:
            raise self._error


def in_large_pieces(chunks: list[bytes]) -> Iterator[bytes]:
    """The same bytes; small neighbours put together."""
    small: list[bytes] = []
    size = 0
    for chunk in chunks:
        if size + len(chunk) > _PIECE_BYTES and small:
            yield b"".join(small)
            small, size = [], 0
        if len(chunk) >= _PIECE_BYTES:
            yield chunk
        else:
            small.append(chunk)
            size += len(chunk)
    if small:
        yield b"".join(small)


def _too_large(partial: Partial, done: int, limit: int, limits: Limits) -> StudioError:
    """For a body without end: the error, after the disk has its room back."""
    discard(partial.path)
    if limit < limits.max_bytes:
        return disk_full(partial.path.parent, done - limit)
    megabytes = limits.max_bytes // 1_000_000
    return DownloadError(f"The result is larger than {megabytes} MB, as no {limits.kind.word} is.")
