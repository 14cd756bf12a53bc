"""Fetching a finished result: resumable, verified, and in its place only when it is whole.

`fetch` is one try and keeps what arrived; the generator decides about the next. `finish` makes the
part the finished file under a name that was stored before: after a crash the same two calls with the
same arguments end in the same single file.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.errors import (
    DownloadError,
    LinkExpired,
    ProviderUnavailable,
    StorageError,
    StudioError,
)
from veo_studio.core.file_names import NameTaken, file_name, reserve_name
from veo_studio.core.models import ErrorKind, ResultRef
from veo_studio.core.mp4 import SIGNATURE_BYTES, CutShort, check_mp4
from veo_studio.core.partial import Partial, disk_full
from veo_studio.core.placing import check_folder, discard, finish, prepare_folder, sha256_of
from veo_studio.core.providers.base import Body, Provider, RangeRefused
from veo_studio.core.result_files import VIDEO, FileKind, kind_of

__all__ = [
    "Fetched",
    "NameTaken",
    "check_mp4",
    "discard",
    "fetch",
    "file_name",
    "finish",
    "is_whole",
    "prepare_folder",
    "reserve_name",
    "sha256_of",
]

MAX_BYTES = VIDEO.max_bytes
# More than this in memory, and the network waits for the disk.
_MAX_WAITING_BYTES = 4 * 1024 * 1024
# what is as large is written as it is
_PIECE_BYTES = 128 * 1024
# after so many bytes it is looked at whether others wait for the loop, in turns longer than this
_BYTES_OF_A_TURN = 256 * 1024
_LONG_TURN_S = 0.004
_LONGEST_REST_S = 0.03

# One thread writes and hashes for all downloads. It is not what limits them, and several would take
# the loop's turns: four downloads of 300 MB on two busy cores, longest gaps of the loop (p99.9) 31-46 ms
# with one thread, 80-84 ms with two, 64-115 ms with six, at the same rate.
_DISK = ThreadPoolExecutor(1, "download-disk")

OnBytes = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Fetched:
    """A whole, verified file that still has its part name; `validator` is its strong ETag or None.

    `extension` is what its bytes say that it is, whatever the provider called it.
    """

    path: Path
    size_bytes: int
    sha256: str
    validator: str | None
    extension: str = "mp4"


@dataclass(frozen=True)
class Limits:
    """When a try is given up: silence, a trickle, or more bytes than any file of its kind has."""

    stall_timeout_s: float = 30.0
    low_speed_bytes_per_s: float = 1000.0
    low_speed_s: float = 30.0
    max_bytes: int = MAX_BYTES
    kind: FileKind = VIDEO


def is_whole(part: Path) -> bool:
    """True where everything arrived and only its place is missing: then no server is needed. Blocks."""
    if not part.exists():
        return False
    try:
        partial = Partial.open(part)
    except StorageError:
        return False
    try:
        return partial.size > 0 and partial.size == partial.total
    finally:
        partial.close()


async def fetch(
    provider: Provider,
    result: ResultRef,
    target_part: Path,
    *,
    on_bytes: OnBytes | None = None,
    stall_timeout_s: float = Limits.stall_timeout_s,
    low_speed_bytes_per_s: float = Limits.low_speed_bytes_per_s,
    low_speed_s: float = Limits.low_speed_s,
    max_bytes: int = MAX_BYTES,
) -> Fetched:
    """Fetch `result` into `target_part`, going on from what an earlier try left there.

    `on_bytes(done, total)` is called with what is there already, then as bytes arrive. Raises
    ProviderUnavailable and its kind where the line broke (try again: what arrived is kept),
    DownloadError where the file is not what was announced (kept only if the rest may still come),
    LinkExpired, AuthError, RateLimited, DiskFull and StorageError.
    """
    kind = kind_of(result.mime_type)
    most = min(max_bytes, kind.max_bytes)
    limits = Limits(stall_timeout_s, low_speed_bytes_per_s, low_speed_s, most, kind)
    await asyncio.to_thread(check_folder, target_part.parent)
    partial = await asyncio.to_thread(Partial.open, target_part)
    try:
        return await _fetch_into(partial, provider, result, limits, on_bytes or _ignore)
    except LinkExpired:
        raise
    except DownloadError as error:
        # Only what ended early can still become whole, and only with the rest of the same file.
        if not isinstance(error, CutShort) or partial.validator is None:
            discard(target_part)
        raise
    finally:
        # the last bytes of a large file may reach the disk only now: 10 to 45 ms on ext4
        await asyncio.shield(asyncio.to_thread(partial.close))


async def _fetch_into(
    partial: Partial, provider: Provider, result: ResultRef, limits: Limits, on_bytes: OnBytes
) -> Fetched:
    if partial.size and partial.size == partial.total:
        # Everything arrived, and the program ended before the file was in its place.
        with contextlib.suppress(DownloadError):
            return await _verified(partial, limits.kind, {})
    try:
        return await _receive(partial, provider, result, limits, on_bytes)
    except RangeRefused as error:
        if partial.size and error.total_bytes == partial.size:
            # There is no more of it, so what is here is all.
            with contextlib.suppress(DownloadError):
                return await _verified(partial, limits.kind, {})
        await asyncio.to_thread(partial.restart, None, None)
        return await _receive(partial, provider, result, limits, on_bytes)


async def _receive(
    partial: Partial, provider: Provider, result: ResultRef, limits: Limits, on_bytes: OnBytes
) -> Fetched:
    async with provider.open_result(result, partial.size, partial.validator) as body:
        _check_head(body, limits)
        if body.offset not in (0, partial.size):
            raise RangeRefused("The server sent another part of the file than it was asked for.")
        if body.offset and body.validator != partial.validator:
            raise RangeRefused("The file at the provider has changed.")
        if body.offset == 0:
            await asyncio.to_thread(partial.restart, body.validator, body.total_bytes)
        limit = await asyncio.to_thread(partial.check_room, body.total_bytes, limits.max_bytes)
        if body.offset and body.total_bytes != partial.total:
            await asyncio.to_thread(partial.note, body.validator, body.total_bytes)
        cut: ProviderUnavailable | None = None
        writer = _Writer(partial, limits.kind)
        courtesy = _Courtesy()
        on_bytes(writer.received, body.total_bytes)
        try:
            async with contextlib.aclosing(_steady(body.chunks, limits)) as chunks:
                async for chunk in chunks:
                    done = writer.received + len(chunk)
                    if body.total_bytes is not None and done > body.total_bytes:
                        raise DownloadError("The result is longer than the provider announced.")
                    if done > limit:
                        raise _too_large(partial, done, limit, limits)
                    await writer.feed(chunk)
                    on_bytes(done, body.total_bytes)
                    await courtesy.after(len(chunk))
        except ProviderUnavailable as error:
            cut = error
        finally:
            await asyncio.shield(writer.stop())
        writer.raise_error()
    if cut is None and body.total_bytes is not None and partial.size < body.total_bytes:
        cut = ProviderUnavailable("The connection ended too early.", kind=ErrorKind.NETWORK)
    if cut is not None and partial.size != body.total_bytes:
        if body.total_bytes is not None and await asyncio.to_thread(
            _is_whole, partial.path, limits.kind
        ):
            # A line that breaks exactly at the end of a whole file did not break.
            raise DownloadError("The result's size differs from what the provider announced.")
        raise cut
    return await _verified(partial, limits.kind, body.digests)


def _check_head(body: Body, limits: Limits) -> None:
    """What the headers give away before a byte is read."""
    told, word = body.content_type, limits.kind.word
    if told.startswith("text/") or told.endswith(("json", "xml", "javascript")):
        raise DownloadError(f"The provider sent {told[:60]} in place of a {word}.")
    if body.encoding:
        raise DownloadError(f"The provider sent the {word} compressed, which nobody asked for.")
    if body.total_bytes is not None and body.total_bytes > limits.max_bytes:
        raise DownloadError(
            f"The provider announced {body.total_bytes // 1_000_000} MB, more than any {word} has."
        )


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


class _Courtesy:
    """Leaves the loop to others while they have work: a window that is scrolled goes before bytes.

    Nothing is lost by it but speed: what arrives meanwhile waits in the line.
    """

    def __init__(self) -> None:
        self._bytes = 0

    async def after(self, count: int) -> None:
        """So many bytes were taken. Waits only where turns of the loop are long."""
        self._bytes += count
        if self._bytes < _BYTES_OF_A_TURN:
            return
        self._bytes = 0
        loop = asyncio.get_running_loop()
        before = loop.time()
        await asyncio.sleep(0)
        turn_s = loop.time() - before
        if turn_s > _LONG_TURN_S:
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
        for data in _in_large_pieces(chunks):
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


def _in_large_pieces(chunks: list[bytes]) -> Iterator[bytes]:
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


def _is_whole(path: Path, kind: FileKind) -> bool:
    try:
        kind.check(path)
    except DownloadError:
        return False
    return True


def _too_large(partial: Partial, done: int, limit: int, limits: Limits) -> StudioError:
    """For a body without end: the error, after the disk has its room back."""
    discard(partial.path)
    if limit < limits.max_bytes:
        return disk_full(partial.path.parent, done - limit)
    megabytes = limits.max_bytes // 1_000_000
    return DownloadError(f"The result is larger than {megabytes} MB, as no {limits.kind.word} is.")


async def _verified(partial: Partial, kind: FileKind, digests: Mapping[str, bytes]) -> Fetched:
    def verify() -> None:
        kind.check(partial.path)
        for algorithm, expected in digests.items():
            with partial.path.open("rb") as file:
                if hashlib.file_digest(file, algorithm).digest() != expected:
                    raise DownloadError("The result was damaged on its way.")
        if partial.total != partial.size:
            partial.note(partial.validator, partial.size)

    await asyncio.to_thread(verify)
    extension = kind.extension_of(partial.head)
    assert extension is not None, "what was checked is of its kind"
    return Fetched(partial.path, partial.size, partial.sha256, partial.validator, extension)


def _ignore(done: int, total: int | None) -> None:
    pass
