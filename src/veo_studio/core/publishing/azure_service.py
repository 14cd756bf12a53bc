"""Azure Blob Storage, with the storage account's key: without it no links can be signed.

Requests are proved by a header and not by a signed address: obstore lets those begin this second, and
a clock that is two seconds ahead would be refused.
Source: Azure Storage REST API, "Authorize with Shared Key", "Put Blob", "Put Block", "Put Block List",
"Create Container", read 2026-11-22.
"""

from __future__ import annotations

import asyncio
import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

from veo_studio.core.answers import ErrorKind
from veo_studio.core.crash import crash_point
from veo_studio.core.publishing.aws_signature import path_of, query_of
from veo_studio.core.publishing.base import NotTaken, OnProgress, TryAgain
from veo_studio.core.publishing.store_errors import Said, said_by
from veo_studio.core.publishing.store_service import (
    ObjectService,
    Part,
    Seen,
    Upload,
    client_options,
    in_base64,
    no_retries,
    raise_for,
    size_in,
)
from veo_studio.core.publishing.store_wire import Body, StoreWire, WireAnswer

_VERSION = "2023-11-03"
_PART_TRIES = 3
_PART_WAIT_S = 0.5
_NONE: Mapping[str, str] = MappingProxyType({})
# of the headers that a signature covers by their place, those that are used here
_PLACED = (
    "content-encoding", "content-language", "content-length", "content-md5", "content-type", "date",
    "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range",
)  # fmt: skip


class AzureService(ObjectService):
    """What is a bucket elsewhere is a container here."""

    box = "container"

    def __init__(self, wire: StoreWire, base_url: str, account: str, key: str) -> None:
        super().__init__(wire, base_url)
        self._account = account
        self._key = key_bytes(key)

    def checksums(self, upload: Upload) -> tuple[str, ...]:
        return (in_base64(upload.md5),)

    async def seen(self, bucket: str, key: str) -> Seen | None:
        answer = await self._ask("HEAD", bucket, key)
        if answer.is_good:
            told = answer.headers.get("x-ms-meta-sha256", "")
            return Seen(size_in(answer), (answer.headers.get("Content-MD5", ""),), told)
        said = _said_by(answer)
        if said.status in (403, 404):
            # an answer to HEAD has no words: the PUT will say more
            return None
        raise_for(said, self.place(bucket))

    async def create_bucket(self, bucket: str, *, is_public: bool) -> None:
        headers = {"x-ms-blob-public-access": "blob"} if is_public else {}
        answer = await self._ask("PUT", bucket, asked={"restype": "container"}, headers=headers)
        said = _said_by(answer)
        if answer.is_good or said.code == "ContainerAlreadyExists":
            return
        if said.code in ("PublicAccessNotPermitted", "FeatureNotSupported") and is_public:
            raise NotTaken(
                f"The storage account does not allow public containers, and {bucket} would be one.",
                ErrorKind.INVALID_REQUEST,
                action="Allow anonymous access to blobs in the account, or leave the container for "
                "public pictures empty.",
            )
        raise_for(said, self.place(bucket))

    async def delete(self, bucket: str, key: str) -> None:
        answer = await self._ask("DELETE", bucket, key)
        if not answer.is_good and answer.status != 404:
            raise_for(_said_by(answer), self.place(bucket))

    async def put_whole(self, upload: Upload, on_progress: OnProgress) -> None:
        await self._put_once(
            upload.bucket,
            upload.key,
            {**_facts(upload), "content-md5": in_base64(upload.md5)},
            Body(upload.file, 0, upload.size),
            lambda sent: on_progress(sent, upload.size),
        )

    async def put_note(self, bucket: str, key: str, text: str) -> None:
        headers = {"x-ms-blob-content-type": "text/plain"}
        await self._put_once(bucket, key, headers, text.encode())

    async def _put_once(
        self,
        bucket: str,
        key: str,
        headers: Mapping[str, str],
        body: bytes | Body,
        on_sent: Callable[[int], None] = lambda _: None,
    ) -> None:
        headers = {**headers, "x-ms-blob-type": "BlockBlob", "if-none-match": "*"}
        answer = await self._ask("PUT", bucket, key, headers=headers, body=body, on_sent=on_sent)
        if not answer.is_good:
            raise_for(_said_by(answer), self.place(bucket))

    async def put_parts(self, upload: Upload, on_progress: OnProgress) -> None:
        """Blocks have the same names in every try: a later one takes the place of an earlier one.

        Those that are never joined go away by themselves after a week; Azure has no way to do it sooner.
        """
        names = [b64encode(b"%06d" % number).decode() for number in range(len(upload.parts))]
        for name, part in zip(names, upload.parts, strict=True):
            await self._send_block(upload, name, part, on_progress)
            crash_point("azure-block")
        lines = "".join(f"<Latest>{name}</Latest>" for name in names)
        answer = await self._ask(
            "PUT",
            upload.bucket,
            upload.key,
            asked={"comp": "blocklist"},
            headers={**_facts(upload), "if-none-match": "*"},
            body=f'<?xml version="1.0" encoding="utf-8"?><BlockList>{lines}</BlockList>'.encode(),
        )
        if not answer.is_good:
            raise_for(_said_by(answer), self.place(upload.bucket))
        crash_point("azure-joined")

    async def _send_block(
        self, upload: Upload, name: str, part: Part, on_progress: OnProgress
    ) -> None:
        for left in reversed(range(_PART_TRIES)):
            try:
                answer = await self._ask(
                    "PUT",
                    upload.bucket,
                    upload.key,
                    asked={"comp": "block", "blockid": name},
                    headers={"content-md5": in_base64(part.md5)},
                    body=Body(upload.file, part.start, part.size),
                    on_sent=lambda sent: on_progress(part.start + sent, upload.size),
                )
                if not answer.is_good:
                    raise_for(_said_by(answer), self.place(upload.bucket))
                return
            except TryAgain as error:
                if not left or error.retry_after_s is not None:
                    raise
            await asyncio.sleep(_PART_WAIT_S * (_PART_TRIES - left))

    async def _ask(
        self,
        method: str,
        bucket: str,
        key: str = "",
        *,
        asked: Mapping[str, str] = _NONE,
        headers: Mapping[str, str] = _NONE,
        body: bytes | Body = b"",
        on_sent: Callable[[int], None] = lambda _: None,
    ) -> WireAnswer:
        url = f"{self._base_url}/{bucket}" + (f"/{path_of(key)}" if key else "")
        url += f"?{query_of(asked)}" if asked else ""
        length = body.length if isinstance(body, Body) else len(body)
        sent = {
            **headers,
            "x-ms-date": format_datetime(datetime.now(UTC), usegmt=True),
            "x-ms-version": _VERSION,
        }
        signature = self._signature(method, url, asked, sent, length)
        sent["authorization"] = f"SharedKey {self._account}:{signature}"
        return await self._wire.exchange(method, url, headers=sent, body=body, on_sent=on_sent)

    def _signature(
        self,
        method: str,
        url: str,
        asked: Mapping[str, str],
        headers: Mapping[str, str],
        length: int,
    ) -> str:
        placed = {**headers, "content-length": str(length) if length else ""}
        own = sorted(name for name in headers if name.startswith("x-ms-"))
        lines = [
            method,
            *(placed.get(name, "") for name in _PLACED),
            *(f"{name}:{headers[name]}" for name in own),
            f"/{self._account}{urlsplit(url).path}",
            *(f"{name}:{unquote(asked[name])}" for name in sorted(asked)),
        ]
        return b64encode(hmac.digest(self._key, "\n".join(lines).encode(), "sha256")).decode()

    def _store(self, bucket: str, timeout: timedelta) -> Any:
        from obstore.store import AzureStore

        key = b64encode(self._key).decode()
        return AzureStore(
            bucket,
            config={
                "account_name": self._account,
                "endpoint": self._base_url,
                # the environment is not asked
                "use_emulator": False,
                "skip_signature": False,
            },
            client_options=client_options(timeout, self._base_url),  # type: ignore[arg-type]
            retry_config=no_retries(),  # type: ignore[arg-type]
            credential_provider=lambda: {"access_key": key, "expires_at": None},  # type: ignore[arg-type]
        )


def _facts(upload: Upload) -> dict[str, str]:
    return {
        "x-ms-blob-content-type": upload.media_type,
        "x-ms-blob-content-disposition": upload.disposition,
        "x-ms-blob-content-md5": in_base64(upload.md5),
        "x-ms-meta-sha256": upload.sha256.hex(),
    }


def key_bytes(key: str) -> bytes:
    """An account key as Azure's portal shows it. Raises NotTaken for anything else."""
    try:
        return b64decode(key.strip(), validate=True)
    except (binascii.Error, ValueError):
        pass
    raise NotTaken(
        "This is no account key.",
        ErrorKind.AUTH,
        action="Copy one of the two keys whole from the storage account's Access keys.",
    )


def _said_by(answer: WireAnswer) -> Said:
    return said_by(answer.status, answer.headers, answer.text)
