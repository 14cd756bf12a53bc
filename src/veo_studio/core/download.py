"""Fetching a finished result: resumable, verified, and in its place only when it is whole.

`fetch` is one try and keeps what arrived; the generator decides about the next. `finish` makes the
part the finished file under a name that was stored before: after a crash the same two calls with the
same arguments end in the same single file.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.errors import (
    DownloadError,
    LinkExpired,
    ProviderUnavailable,
    StorageError,
)
from veo_studio.core.file_names import NameTaken, file_name, reserve_name
from veo_studio.core.intake import MAX_BYTES, Limits, OnBytes, take_in
from veo_studio.core.models import ErrorKind, ResultRef
from veo_studio.core.mp4 import CutShort, check_mp4
from veo_studio.core.partial import Partial
from veo_studio.core.placing import check_folder, discard, finish, prepare_folder, sha256_of
from veo_studio.core.providers.base import Body, Provider, RangeRefused
from veo_studio.core.result_files import FileKind, kind_of

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
        room = await asyncio.to_thread(partial.check_room, body.total_bytes, limits.max_bytes)
        if body.offset and body.total_bytes != partial.total:
            await asyncio.to_thread(partial.note, body.validator, body.total_bytes)
        on_bytes(partial.size, body.total_bytes)
        cut = await take_in(
            partial, body.chunks, limits,
            total=body.total_bytes, room=room, on_bytes=on_bytes,
        )  # fmt: skip
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


def _is_whole(path: Path, kind: FileKind) -> bool:
    try:
        kind.check(path)
    except DownloadError:
        return False
    return True


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
