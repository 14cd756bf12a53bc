"""What an object store has to be able to do, and the parts of it that obstore does for all of them.

obstore signs links, and asks Google whose tokens it keeps for itself. It has no words for a condition on
a clip in parts, for parts that were left over, for buckets, for the headers of an answer, and no end for
an answer that has none: all other requests are `StoreWire`'s. It also reads the environment of every SDK:
what an environment could turn elsewhere (address, key) is told to it in each case.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
from base64 import b64encode
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from veo_studio.core.answers import ErrorKind
from veo_studio.core.crash import crash_point
from veo_studio.core.errors import PublishError
from veo_studio.core.providers.addresses import is_public_name, parse_address
from veo_studio.core.publishing.base import OnProgress, TryAgain
from veo_studio.core.publishing.models import Parcel
from veo_studio.core.publishing.store_errors import Place, Said, problem_of, said_in
from veo_studio.core.publishing.store_wire import StoreWire, WireAnswer, not_readable

PART_BYTES = 8 * 1024 * 1024
_MAX_PARTS = 10_000
_READ_BYTES = 1024 * 1024
# characters of an error of obstore's: what the store has to say comes first
_MAX_TOLD = 24_000
# for one that only signs
_NOT_ASKED_S = timedelta(seconds=60)
_CLEAN_UP_S = 10.0
_NO_PROXY = "http://127.0.0.1:9"

_T = TypeVar("_T")


class AlreadyThere(Exception):
    """The name is taken."""


class NoBucket(Exception):
    """The bucket does not exist."""


class NotKnown(Exception):
    """The store does not know something of what was asked; `told` says so to people."""

    def __init__(self, told: PublishError) -> None:
        super().__init__()
        self.told = told


@dataclass(frozen=True)
class Part:
    start: int
    size: int
    sha256: bytes
    md5: bytes


@dataclass(frozen=True)
class Upload:
    """A clip with its checksums, and the name that it gets; `parts` are in order and at least one."""

    bucket: str
    key: str
    file: Path
    size: int
    sha256: bytes
    md5: bytes
    parts: tuple[Part, ...]
    media_type: str
    file_name: str

    @property
    def disposition(self) -> str:
        """Shown in the browser; saved under the clip's own name."""
        return f'inline; filename="{self.file_name}"'


@dataclass(frozen=True)
class Seen:
    """What a store says of an object. `checksums` are its own, "" where it has none."""

    size: int
    checksums: tuple[str, ...]
    told_sha256: str

    def is_same(self, upload: Upload, checksums: tuple[str, ...]) -> bool:
        """`checksums` are those of the upload, as the store would write them."""
        if self.size != upload.size:
            return False
        own = tuple(checksum for checksum in self.checksums if checksum)
        if any(checksum in checksums for checksum in own):
            return True
        # parts of another size have another checksum; what we said of the whole stays
        is_of_parts = all("-" in checksum for checksum in own)
        return is_of_parts and self.told_sha256 == upload.sha256.hex()


class ObjectService:
    """One account at one kind of store; made by `object_store.make`."""

    box = "bucket"
    # above this a clip goes in parts of this size
    part_bytes = PART_BYTES

    def __init__(self, wire: StoreWire, base_url: str, region: str = "") -> None:
        self._wire = wire
        self._base_url = base_url
        self._region = region

    def goes_whole(self, size: int) -> bool:
        """Whether one request carries it."""
        return size <= self.part_bytes

    def place(self, bucket: str) -> Place:
        return Place(bucket, self.box, self._region)

    def bucket_url(self, bucket: str) -> str:
        return f"{self._base_url}/{bucket}"

    async def close(self) -> None:
        await self._wire.close()

    # what each store does in its own way

    def checksums(self, upload: Upload) -> tuple[str, ...]:
        raise AssertionError

    async def seen(self, bucket: str, key: str) -> Seen | None:
        """What is there under this name; None for nothing, and where the key may not look."""
        raise AssertionError

    async def create_bucket(self, bucket: str, *, is_public: bool) -> None:
        """Raises NotTaken where it is not allowed, TryAgain."""
        raise AssertionError

    async def delete(self, bucket: str, key: str) -> None:
        raise AssertionError

    async def put_note(self, bucket: str, key: str, text: str) -> None:
        """A few words, to try whether writing is allowed. Raises as `put` does."""
        raise AssertionError

    async def put_whole(self, upload: Upload, on_progress: OnProgress) -> None:
        """In one request. Raises as `put` does."""
        raise AssertionError

    async def put_parts(self, upload: Upload, on_progress: OnProgress) -> None:
        """Raises AlreadyThere, NoBucket, NotTaken, TryAgain; leaves no parts behind."""
        raise AssertionError

    async def clear_leftovers(self, upload: Upload) -> None:
        """Take away the parts that an earlier try left, when the program was killed."""

    def _store(self, bucket: str, timeout: timedelta) -> Any:
        """obstore's own; blocks."""
        raise AssertionError

    # what all have in common

    async def put(self, upload: Upload, on_progress: OnProgress) -> None:
        """Under its name, if that is free. Raises AlreadyThere, NoBucket, NotTaken, TryAgain."""
        if not self.goes_whole(upload.size):
            await self.put_parts(upload, on_progress)
            return
        crash_point("store-put")
        await self.put_whole(upload, on_progress)
        crash_point("store-sent")

    async def link(self, bucket: str, key: str, valid_for: timedelta) -> str:
        """A signed link; nothing is asked of the store."""
        obstore = await loaded_obstore()
        store = await asyncio.to_thread(self._store, bucket, _NOT_ASKED_S)
        url: str = await self._by_obstore(
            obstore.sign_async(store, "GET", key, valid_for), self.place(bucket)
        )
        return url

    async def _by_obstore(self, asked: Awaitable[_T], place: Place) -> _T:
        """Its answer, and its errors in our words: its own name addresses and whole answers."""
        from obstore.exceptions import AlreadyExistsError, BaseError

        is_there, told = False, ""
        try:
            return await asked
        except AlreadyExistsError:
            is_there = True
        except (BaseError, OSError, ValueError) as error:
            # with the whole answer, however long that is
            told = await asyncio.to_thread(_beginning, error)
        if is_there:
            raise AlreadyThere
        if (said := said_in(told)) is not None:
            raise_for(said, place)
        raise TryAgain(_broken_words(told), ErrorKind.NETWORK)


def raise_for(said: Said, place: Place) -> NoReturn:
    """Raises AlreadyThere, NoBucket, NotKnown, NotTaken, TryAgain."""
    if said.is_there_already:
        raise AlreadyThere
    if said.is_no_bucket:
        raise NoBucket
    if said.status == HTTPStatus.NOT_IMPLEMENTED:
        raise NotKnown(problem_of(said, place))
    raise problem_of(said, place)


async def cleaned_up(asked: Awaitable[object]) -> None:
    """Do it if it can be done soon; what cannot is found by the next try."""
    with suppress(PublishError, NoBucket, AlreadyThere, NotKnown, TimeoutError):
        async with asyncio.timeout(_CLEAN_UP_S):
            await asked


async def loaded_obstore() -> Any:
    """Imported in a thread at its first use: the window must not wait for it."""
    return await asyncio.to_thread(importlib.import_module, "obstore")


def client_options(timeout: timedelta, base_url: str) -> dict[str, Any]:
    """Of every store of obstore's: no time, address or proxy but those that were told."""
    options = {
        # plain http was allowed or refused before, see store_wire.address_of
        "allow_http": True,
        "timeout": timeout,
        "connect_timeout": timedelta(seconds=15),
    }
    host = parse_address(base_url).host
    if not base_url.startswith("https:") or not is_public_name(host):
        # as in `sessions.proxy_for`: a proxy would read everything. One that is never used, because
        # obstore takes the environment's where none is named
        options |= {"proxy_url": _NO_PROXY, "proxy_excludes": f"{host},.{host}"}
    return options


def no_retries() -> dict[str, Any]:
    """Tries are counted and spaced in one place, and that is the delivery's."""
    return {"max_retries": 0, "retry_timeout": timedelta(seconds=1)}


def measured(parcel: Parcel, bucket: str, key: str, part_bytes: int) -> Upload:
    """Read the clip once for its checksums; blocks. Raises NotTaken where it is not what it was."""
    part_bytes = max(part_bytes, -(-parcel.size_bytes // _MAX_PARTS))
    whole, whole_md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    parts: list[Part] = []
    start = 0
    try:
        with parcel.file.open("rb") as file:
            while start < parcel.size_bytes:
                part, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
                left = min(part_bytes, parcel.size_bytes - start)
                size = left
                while left and (piece := file.read(min(_READ_BYTES, left))):
                    left -= len(piece)
                    for digest in (whole, whole_md5, part, md5):
                        digest.update(piece)
                if left:
                    raise not_readable(parcel.file)
                parts.append(Part(start, size, part.digest(), md5.digest()))
                start += size
            if file.read(1):
                raise not_readable(parcel.file)
    except OSError as error:
        raise not_readable(parcel.file, error) from None
    if whole.hexdigest() != parcel.sha256:
        raise not_readable(parcel.file)
    return Upload(
        bucket,
        key,
        parcel.file,
        parcel.size_bytes,
        whole.digest(),
        whole_md5.digest(),
        tuple(parts),
        parcel.media_type,
        "".join(sign if sign.isascii() and sign not in '"\\' else "_" for sign in parcel.name),
    )


def in_base64(digest: bytes) -> str:
    return b64encode(digest).decode()


def size_in(answer: WireAnswer) -> int:
    """-1 where it is not told."""
    told = answer.headers.get("Content-Length", "")
    return int(told) if told.isdecimal() and len(told) < 20 else -1


def _beginning(error: BaseException) -> str:
    return str(error)[:_MAX_TOLD]


def _broken_words(told: str) -> str:
    """What obstore says of a line that broke, without its address."""
    if "dns error" in told:
        return "The store's address cannot be found; is this computer online?"
    if "kind: Connect" in told:
        return "No connection to the store; nothing was sent."
    if "kind: Timeout" in told:
        return "The store did not answer in time."
    return "The connection to the store broke."
