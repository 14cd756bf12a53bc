"""Supabase Storage: videos in a private bucket with links that end, pictures in a public one.

Source: Supabase Storage reference and error codes, read 2026-11-22.
"""

from __future__ import annotations

import asyncio
import binascii
import hashlib
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from veo_studio.core.answers import ErrorKind
from veo_studio.core.crash import crash_point
from veo_studio.core.errors import DownloadError
from veo_studio.core.models import GenerationKind
from veo_studio.core.providers.addresses import parse_address
from veo_studio.core.publishing.aws_signature import path_of
from veo_studio.core.publishing.base import NotTaken, OnProgress, Options, TryAgain
from veo_studio.core.publishing.models import (
    LINK_AT_MOST,
    Link,
    Parcel,
    Receipt,
    Refusal,
    TargetKind,
    Way,
)
from veo_studio.core.publishing.store_wire import (
    Body,
    StoreWire,
    WireAnswer,
    address_of,
    not_readable,
)
from veo_studio.core.publishing.supabase_errors import said_by
from veo_studio.core.publishing.supabase_fields import INFO as INFO
from veo_studio.core.publishing.supabase_fields import MEGABYTE

_CACHE_S = 3600
_NONE: Mapping[str, str] = MappingProxyType({})
_UNSAFE = re.compile(r"[^A-Za-z0-9._~/%?&=+:@!$'()*,;-]")
_READ_BYTES = 1024 * 1024


def make(kind: TargetKind, options: Options) -> SupabasePublisher:
    """Raises NotTaken where something has to be filled in."""
    for field in INFO[kind].fields:
        value = options[field.name].strip()
        words = f"{field.label} has to be filled in." if field.is_required and not value else ""
        if value and field.check and (problem := field.check(value)):
            words = f"{field.label}: {problem}"
        if words:
            action = "Fill it in in the target's settings."
            raise NotTaken(words, ErrorKind.INVALID_REQUEST, action=action)
    url = address_of(options["url"], options["plain_http"] == "yes")
    return SupabasePublisher(url.removesuffix("/storage/v1"), options)


class SupabasePublisher:
    """The storage of one project; a file is named by its delivery."""

    repeats_harmlessly = True

    def __init__(self, base_url: str, options: Options) -> None:
        self._wire = StoreWire()
        self._base_url = f"{base_url}/storage/v1"
        self._key = options["key"].strip()
        self._video_bucket = options["video_bucket"].strip()
        self._picture_bucket = options["picture_bucket"].strip()
        self._has_public_pictures = options["pictures"] == "public"
        self.max_bytes: int | None = int(options["max_mb"]) * MEGABYTE
        prefix = options["prefix"].strip().strip("/")
        self._prefix = f"{prefix}/" if prefix else ""

    async def check(self) -> str:
        """Writes a note of a few bytes into each bucket and takes it away again."""
        buckets = [self._video_bucket]
        if self._has_public_pictures:
            buckets.append(self._picture_bucket)
        proved = [await self._checked(bucket) for bucket in buckets]
        if await self._is_public(self._video_bucket):
            proved.append(
                f"Take care: the bucket {self._video_bucket} is public, so everybody who has the "
                "address of a video can see it."
            )
        if opens_everything(self._key):
            proved.append(
                "Take care: this key opens everything in the project, past all of its rules. Keep it to "
                "yourself."
            )
        return " ".join(proved)

    def refusal(self, parcel: Parcel) -> Refusal | None:
        if self.max_bytes is None or parcel.size_bytes <= self.max_bytes:
            return None
        return Refusal(
            f"This file has {parcel.size_bytes / MEGABYTE:.0f} MB, and the target takes "
            f"{self.max_bytes // MEGABYTE} MB (50 MB on Supabase's free plan).",
            (Way.SMALLER,),
        )

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        is_public = self._has_public_pictures and parcel.kind is GenerationKind.IMAGE
        bucket = self._picture_bucket if is_public else self._video_bucket
        path = f"{self._prefix}{parcel.delivery_uuid}{PurePath(parcel.name).suffix.lower()}"
        if await asyncio.to_thread(_sha256_of, parcel) != parcel.sha256:
            raise not_readable(parcel.file)
        on_progress(0, parcel.size_bytes)
        crash_point("supabase-put")
        body = Body(parcel.file, 0, parcel.size_bytes)
        answer = await self._put(
            bucket,
            path,
            body,
            parcel.media_type,
            lambda sent: on_progress(min(sent, parcel.size_bytes), parcel.size_bytes),
        )
        crash_point("supabase-sent")
        said = said_by(answer)
        if not answer.is_good and not said.is_double:
            raise said.problem(bucket)
        size = await self._size_of(bucket, path)
        if size != parcel.size_bytes and (said.is_double or size is not None):
            raise NotTaken(
                f"Supabase has something else under the name {path}, and it is not overwritten.",
                ErrorKind.INVALID_REQUEST,
                action="Take it away in the Supabase dashboard, then deliver the clip again.",
            )
        on_progress(parcel.size_bytes, parcel.size_bytes)
        public_url = f"{self._base_url}/object/public/{bucket}/{path_of(path)}"
        return Receipt(
            f"{bucket}/{path}",
            {"bucket": bucket, "path": path},
            public_url=public_url if is_public else None,
        )

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        if receipt.public_url:
            return Link(receipt.public_url)
        valid_for = max(timedelta(seconds=1), min(valid_for, LINK_AT_MOST))
        until = datetime.now(UTC) + valid_for
        bucket, path = receipt.facts["bucket"], receipt.facts["path"]
        answer = await self._ask(
            "POST",
            f"/object/sign/{bucket}/{path_of(path)}",
            {"expiresIn": str(int(valid_for.total_seconds()))},
        )
        if not answer.is_good:
            raise said_by(answer).problem(bucket)
        told = answer.json()
        signed = told.get("signedURL") if isinstance(told, dict) else None
        own = f"/object/sign/{bucket}/{path_of(path)}?"
        if not isinstance(signed, str) or not signed.startswith(own) or _UNSAFE.search(signed):
            raise TryAgain("Supabase's answer cannot be read.", ErrorKind.SERVER_ERROR)
        try:
            # it is relative to the storage's own address, and leads nowhere else
            url = parse_address(f"{self._base_url}{signed}").url
        except DownloadError:
            raise TryAgain("Supabase's answer cannot be read.", ErrorKind.SERVER_ERROR) from None
        return Link(url, until)

    async def remove(self, receipt: Receipt) -> None:
        bucket, path = receipt.facts["bucket"], receipt.facts["path"]
        await self._remove(bucket, path)
        # what its rules forbid, the server leaves in its place and says nothing
        if await self._size_of(bucket, path) is not None:
            raise NotTaken(
                f"The key may not delete in the bucket {bucket}.",
                ErrorKind.AUTH,
                action="Allow it with a policy for DELETE, or take the file away in the dashboard.",
            )

    async def close(self) -> None:
        await self._wire.close()

    async def _remove(self, bucket: str, path: str) -> None:
        answer = await self._ask("DELETE", f"/object/{bucket}", {"prefixes": [path]})
        if not answer.is_good and said_by(answer).status != 404:
            raise said_by(answer).problem(bucket)

    async def _checked(self, bucket: str) -> str:
        path = f"{self._prefix}veo-studio-test-{uuid4()}.txt"
        note = b"Veo Studio tried whether it may write here. This file can be deleted."
        answer = await self._put(bucket, path, note, "text/plain", lambda _: None)
        said = said_by(answer)
        if not answer.is_good:
            if said.is_other_type:
                return f"The bucket {bucket} is there and takes some kinds of files only."
            raise said.problem(bucket)
        try:
            await self._remove(bucket, path)
        except NotTaken:
            return f"The key may write in the bucket {bucket}, but not delete there."
        return f"The key may write in the bucket {bucket}."

    async def _put(
        self,
        bucket: str,
        path: str,
        content: Body | bytes,
        media_type: str,
        on_sent: Callable[[int], None],
    ) -> WireAnswer:
        """Upload under a free name; once more where the bucket had to be created first."""
        answer = await self._put_once(bucket, path, content, media_type, on_sent)
        if not said_by(answer).is_no_bucket:
            return answer
        is_public = self._has_public_pictures and bucket == self._picture_bucket
        wanted = {"id": bucket, "name": bucket, "public": is_public}
        created = await self._ask("POST", "/bucket", wanted)
        said = said_by(created)
        if not created.is_good and not said.is_double:
            if said.status in (401, 403):
                raise said.problem(bucket, is_no_bucket=True)
            raise said.problem(bucket)
        return await self._put_once(bucket, path, content, media_type, on_sent)

    async def _put_once(
        self,
        bucket: str,
        path: str,
        content: Body | bytes,
        media_type: str,
        on_sent: Callable[[int], None],
    ) -> WireAnswer:
        mark = f"veo-studio-{uuid4().hex}"
        name = PurePath(path).name
        before = (
            f'--{mark}\r\nContent-Disposition: form-data; name="cacheControl"\r\n\r\n{_CACHE_S}\r\n'
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n"
        ).encode()
        after = f"\r\n--{mark}--\r\n".encode()
        return await self._wire.exchange(
            "POST",
            f"{self._base_url}/object/{bucket}/{path_of(path)}",
            headers={
                **self._proof(),
                "Content-Type": f"multipart/form-data; boundary={mark}",
                "x-upsert": "false",
            },
            body=Body(content.file, content.start, content.size, before, after)
            if isinstance(content, Body)
            else before + content + after,
            on_sent=on_sent,
        )

    async def _size_of(self, bucket: str, path: str) -> int | None:
        """None where nothing is there, or where the key may not look."""
        url = f"{self._base_url}/object/{bucket}/{path_of(path)}"
        answer = await self._wire.exchange("HEAD", url, headers=self._proof())
        told = answer.headers.get("Content-Length", "")
        return int(told) if answer.is_good and told.isdecimal() and len(told) < 20 else None

    async def _is_public(self, bucket: str) -> bool:
        """False where it is not told."""
        answer = await self._ask("GET", f"/bucket/{bucket}")
        told = answer.json() if answer.is_good else None
        return isinstance(told, dict) and told.get("public") is True

    async def _ask(self, method: str, path: str, body: Any = None) -> WireAnswer:
        return await self._wire.exchange(
            method,
            f"{self._base_url}{path}",
            headers={**self._proof(), "Content-Type": "application/json"},
            body=b"" if body is None else json.dumps(body).encode(),
        )

    def _proof(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}", "apikey": self._key}


def opens_everything(key: str) -> bool:
    """True for a project's secret key, in its old and its new form."""
    if key.startswith("sb_secret_"):
        return True
    middle = key.split(".")[1] if key.count(".") == 2 else ""
    try:
        told = json.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(told, dict) and told.get("role") == "service_role"


def _sha256_of(parcel: Parcel) -> str:
    digest = hashlib.sha256()
    try:
        with parcel.file.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                digest.update(piece)
    except OSError as error:
        raise not_readable(parcel.file, error) from None
    return digest.hexdigest()
