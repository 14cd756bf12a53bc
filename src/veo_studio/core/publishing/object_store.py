"""Object stores: Amazon S3 and its like, Google Cloud Storage, Azure Blob Storage, through obstore.

An object is named by its delivery, so that sending twice can only ever make one. Before and after a
sending the store is asked what it has under that name: the same size and checksum means done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import TypeVar
from uuid import uuid4

from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.aws_signature import AwsKey, path_of
from veo_studio.core.publishing.base import NotTaken, OnProgress, Options
from veo_studio.core.publishing.models import (
    LINK_AT_MOST,
    Link,
    Parcel,
    Receipt,
    Refusal,
    TargetKind,
    Way,
)
from veo_studio.core.publishing.object_store_fields import GOOGLE_MAX_BYTES
from veo_studio.core.publishing.object_store_fields import INFO as INFO
from veo_studio.core.publishing.store_errors import problem_of, said_by
from veo_studio.core.publishing.store_service import (
    AlreadyThere,
    NoBucket,
    NotKnown,
    ObjectService,
    Upload,
    measured,
)
from veo_studio.core.publishing.store_wire import StoreWire, address_of

_T = TypeVar("_T")


def make(kind: TargetKind, options: Options) -> ObjectStorePublisher:
    """Raises NotTaken where something has to be filled in."""
    for field in INFO[kind].fields:
        value = options[field.name].strip()
        if field.is_required and not value:
            raise _incomplete(f"{field.label} has to be filled in.")
        if value and field.check and (problem := field.check(value)):
            raise _incomplete(f"{field.label}: {problem}")
    allows_plain_http = options["plain_http"] == "yes"
    filled = {field.name: options[field.name] for field in INFO[kind].fields}
    check = INFO[kind].check
    if check is not None and (problem := check(filled)):
        raise _incomplete(problem)

    def address(default: str) -> str:
        return address_of(options["endpoint"].strip() or default, allows_plain_http)

    wire = StoreWire()
    service: ObjectService
    if kind is TargetKind.S3:
        from veo_studio.core.publishing.s3_service import S3Service

        region = options["region"].strip()
        service = S3Service(
            wire,
            address(f"https://s3.{region}.amazonaws.com"),
            region,
            AwsKey(
                options["access_key"].strip(),
                options["secret_key"].strip(),
                options["session_token"].strip(),
            ),
            names_in_host=options["style"] == "host",
            has_checksums=options["checksums"] != "no",
        )
    elif kind is TargetKind.GOOGLE:
        from veo_studio.core.publishing.google_service import GOOGLE_URL, GoogleService

        # there is no field for another address: obstore signs links for Google's own host whatever it is
        file = Path(options["key_file"].strip()).expanduser()
        service = GoogleService(wire, address(GOOGLE_URL), file)
    else:
        from veo_studio.core.publishing.azure_service import AzureService

        account = options["account"].strip()
        url = address(f"https://{account}.blob.core.windows.net")
        service = AzureService(wire, url, account, options["account_key"])
    return ObjectStorePublisher(kind, service, options)


def _incomplete(words: str) -> NotTaken:
    return NotTaken(words, ErrorKind.INVALID_REQUEST, action="Fill it in in the target's settings.")


class ObjectStorePublisher:
    """One bucket for videos, and maybe one for pictures that everybody may see."""

    repeats_harmlessly = True

    def __init__(self, kind: TargetKind, service: ObjectService, options: Options) -> None:
        self._kind = kind
        self._service = service
        self._bucket = options["bucket"].strip()
        self._public_bucket = options["public_bucket"].strip()
        self._public_url = options["public_url"].strip().rstrip("/")
        prefix = options["prefix"].strip().strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._creates = options["create"] != "no"
        self.max_bytes = GOOGLE_MAX_BYTES if kind is TargetKind.GOOGLE else None

    async def check(self) -> str:
        """Writes a note of a few bytes into each bucket and takes it away again."""
        proved = []
        for bucket in filter(None, (self._bucket, self._public_bucket)):
            proved.append(await self._checked(bucket))
        return " ".join(proved)

    def refusal(self, parcel: Parcel) -> Refusal | None:
        if self.max_bytes is not None and parcel.size_bytes > self.max_bytes:
            return Refusal(
                "This program sends at most 1 GB to Google Cloud Storage.", (Way.SMALLER,)
            )
        return None

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        is_public = bool(self._public_bucket) and parcel.kind is GenerationKind.IMAGE
        bucket = self._public_bucket if is_public else self._bucket
        key = f"{self._prefix}{parcel.delivery_uuid}{PurePath(parcel.name).suffix.lower()}"
        upload = await asyncio.to_thread(measured, parcel, bucket, key, self._service.part_bytes)
        on_progress(0, upload.size)
        await self._in_bucket(bucket, lambda: self._put(upload, on_progress))
        on_progress(upload.size, upload.size)
        return Receipt(
            f"{bucket}/{key}",
            {"bucket": bucket, "key": key},
            public_url=self._public_address(bucket, key) if is_public else None,
        )

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        if receipt.public_url:
            return Link(receipt.public_url)
        valid_for = max(timedelta(seconds=1), min(valid_for, LINK_AT_MOST))
        until = datetime.now(UTC) + valid_for
        bucket, key = _place_of(receipt)
        return Link(await self._service.link(bucket, key, valid_for), until)

    async def remove(self, receipt: Receipt) -> None:
        bucket, key = _place_of(receipt)
        try:
            await self._service.delete(bucket, key)
        except NoBucket:
            return
        except NotKnown as error:
            raise error.told from None

    async def close(self) -> None:
        await self._service.close()

    async def _put(self, upload: Upload, on_progress: OnProgress) -> None:
        """There when it returns, once and whole."""
        if await self._is_there(upload):
            return
        await self._service.clear_leftovers(upload)
        was_there = False
        try:
            await self._service.put(upload, on_progress)
        except AlreadyThere:
            was_there = True
        # a key may be allowed to write and not to look: then the store's word is all there is
        if not await self._is_there(upload) and was_there:
            raise _different(upload)

    async def _is_there(self, upload: Upload) -> bool:
        """Raises NotTaken where something else has the name."""
        seen = await self._service.seen(upload.bucket, upload.key)
        if seen is None:
            return False
        if not seen.is_same(upload, self._service.checksums(upload)):
            raise _different(upload)
        return True

    async def _in_bucket(self, bucket: str, use: Callable[[], Awaitable[_T]]) -> _T:
        """Do it, and once more in a bucket that had to be created first."""
        for is_last in (False, True):
            try:
                return await use()
            except NotKnown as error:
                raise error.told from None
            except NoBucket:
                pass
            if is_last or not self._creates:
                break
            try:
                await self._service.create_bucket(bucket, is_public=bucket == self._public_bucket)
            except NotKnown as error:
                raise error.told from None
        told = said_by(404, {}, "<Code>NoSuchBucket</Code>")
        raise problem_of(told, self._service.place(bucket))

    async def _checked(self, bucket: str) -> str:
        key = f"{self._prefix}veo-studio-test-{uuid4()}.txt"
        note = "Veo Studio tried whether it may write here. This file can be deleted."
        await self._in_bucket(bucket, lambda: self._service.put_note(bucket, key, note))
        box = self._service.box
        try:
            await self._service.delete(bucket, key)
        except NotTaken:
            return f"The key may write in the {box} {bucket}, but not delete there."
        except NotKnown as error:
            raise error.told from None
        return f"The key may write and delete in the {box} {bucket}."

    def _public_address(self, bucket: str, key: str) -> str:
        base = self._public_url or self._service.bucket_url(bucket)
        return f"{base}/{path_of(key)}"


def _place_of(receipt: Receipt) -> tuple[str, str]:
    return receipt.facts["bucket"], receipt.facts["key"]


def _different(upload: Upload) -> NotTaken:
    return NotTaken(
        f"The store has something else under the name {upload.key}, and it is not overwritten.",
        ErrorKind.INVALID_REQUEST,
        action="Take it away at the store, then deliver the clip again.",
    )
