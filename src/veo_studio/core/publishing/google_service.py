"""Google Cloud Storage, with a service account's key: without one no links can be signed.

A clip goes in one request that fails where the name is taken, whatever its size: Google's uploads in
parts know no such condition, and what a killed one leaves can only be taken away with a token that
obstore keeps for itself.
Source: Cloud Storage, "Request preconditions", "XML API multipart uploads", "V4 signing process with
Cloud Storage tools", read 2026-11-22.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import PublishError
from veo_studio.core.log import register_secret
from veo_studio.core.publishing.base import NotTaken, OnProgress
from veo_studio.core.publishing.store_errors import said_by
from veo_studio.core.publishing.store_service import (
    ObjectService,
    Seen,
    Upload,
    client_options,
    in_base64,
    loaded_obstore,
    no_retries,
    raise_for,
    size_in,
)
from veo_studio.core.publishing.store_wire import StoreWire, not_readable

GOOGLE_URL = "https://storage.googleapis.com"

_MAX_KEY_FILE_BYTES = 100_000
_ASK_S = timedelta(seconds=60)
# one request of obstore's cannot be watched: it has this, and a second more for so many bytes
_PUT_S = 60
_SLOWEST_BYTES_PER_S = 64 * 1024
_KEEP = ("type", "client_email", "private_key", "private_key_id")


class GoogleService(ObjectService):
    def __init__(self, wire: StoreWire, base_url: str, key_file: Path) -> None:
        super().__init__(wire, base_url)
        self._key_file = key_file

    def goes_whole(self, size: int) -> bool:
        return True

    def checksums(self, upload: Upload) -> tuple[str, ...]:
        return (in_base64(upload.md5),)

    async def seen(self, bucket: str, key: str) -> Seen | None:
        obstore = await loaded_obstore()
        store = await asyncio.to_thread(self._store, bucket, _ASK_S)
        # signed for a quarter of an hour: the two clocks need not agree to the second
        url = await self._by_obstore(
            obstore.sign_async(store, "HEAD", key, timedelta(minutes=15)), self.place(bucket)
        )
        answer = await self._wire.exchange("HEAD", url)
        if answer.status in (403, 404):
            # an answer to HEAD has no words: the PUT will say more
            return None
        if not answer.is_good:
            raise_for(said_by(answer.status, answer.headers, answer.text), self.place(bucket))
        hashes = [text for name, text in answer.headers.items() if name.lower() == "x-goog-hash"]
        md5 = re.search(r"md5=([A-Za-z0-9+/=]{24})", ",".join(hashes))
        told = answer.headers.get("x-goog-meta-sha256", "")
        return Seen(size_in(answer), (md5[1] if md5 else "",), told)

    async def create_bucket(self, bucket: str, *, is_public: bool) -> None:
        raise NotTaken(
            f"There is no bucket named {bucket}.",
            ErrorKind.NOT_FOUND,
            action="Create it in the Google Cloud console under Cloud Storage > Buckets, and give the "
            "service account the role Storage Object Admin there.",
        )

    async def put_whole(self, upload: Upload, on_progress: OnProgress) -> None:
        content = await asyncio.to_thread(_content_of, upload)
        attributes = {
            "Content-Type": upload.media_type,
            "Content-Disposition": upload.disposition,
            "sha256": upload.sha256.hex(),
        }
        await self._put_once(upload.bucket, upload.key, content, attributes)
        on_progress(upload.size, upload.size)

    async def put_note(self, bucket: str, key: str, text: str) -> None:
        await self._put_once(bucket, key, text.encode(), {"Content-Type": "text/plain"})

    async def _put_once(
        self, bucket: str, key: str, content: bytes, attributes: dict[str, str]
    ) -> None:
        obstore = await loaded_obstore()
        timeout = timedelta(seconds=_PUT_S + len(content) // _SLOWEST_BYTES_PER_S)
        store = await asyncio.to_thread(self._store, bucket, timeout)
        sent = obstore.put_async(
            store, key, content, attributes=attributes, mode="create", use_multipart=False
        )
        await self._by_obstore(sent, self.place(bucket))

    async def delete(self, bucket: str, key: str) -> None:
        obstore = await loaded_obstore()
        store = await asyncio.to_thread(self._store, bucket, _ASK_S)
        try:
            await self._by_obstore(obstore.delete_async(store, key), self.place(bucket))
        except PublishError as error:
            if getattr(error, "kind", None) is not ErrorKind.NOT_FOUND:
                raise

    def _store(self, bucket: str, timeout: timedelta) -> Any:
        from obstore.exceptions import BaseError
        from obstore.store import GCSStore

        config: dict[str, Any] = {"base_url": self._base_url, "skip_signature": False}
        content = key_content(self._key_file)
        if os.environ.get("GOOGLE_SERVICE_ACCOUNT") or os.environ.get(
            "GOOGLE_SERVICE_ACCOUNT_PATH"
        ):
            # obstore takes the environment's file beside a key, and then refuses both
            config["service_account"] = str(self._key_file)
        else:
            config["service_account_key"] = content
        refused = False
        try:
            return GCSStore(
                bucket,
                config=config,  # type: ignore[arg-type]
                client_options=client_options(timeout, self._base_url),  # type: ignore[arg-type]
                retry_config=no_retries(),  # type: ignore[arg-type]
            )
        except (BaseError, ValueError):
            refused = True
        assert refused
        raise _damaged(self._key_file)


def _content_of(upload: Upload) -> bytes:
    try:
        with upload.file.open("rb") as file:
            content = file.read(upload.size + 1)
    except OSError as error:
        raise not_readable(upload.file, error) from None
    if hashlib.sha256(content).digest() != upload.sha256:
        raise not_readable(upload.file)
    return content


def key_content(file: Path) -> str:
    """What of a service account's file is needed, as JSON; blocks. Raises NotTaken.

    Addresses that such a file may name are left out: what is sent there is as good as a password.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MAX_KEY_FILE_BYTES + 1)
    except OSError as error:
        raise NotTaken(
            f"The key file {file.name} cannot be opened ({error.strerror}).",
            ErrorKind.AUTH,
            action="Choose the service account's key file anew in the target.",
        ) from None
    told: Any = None
    if len(raw) <= _MAX_KEY_FILE_BYTES:
        try:
            told = json.loads(raw)
        except (ValueError, RecursionError):
            told = None
    if not isinstance(told, dict) or told.get("type") != "service_account":
        raise _damaged(file)
    kept = {name: told.get(name) for name in _KEEP}
    if not all(isinstance(value, str) and value for value in kept.values()):
        raise _damaged(file)
    register_secret(str(kept["private_key"]))
    return json.dumps(kept)


def _damaged(file: Path) -> NotTaken:
    return NotTaken(
        f"The file {file.name} is no key of a service account.",
        ErrorKind.AUTH,
        action="Make a key of the kind JSON for the service account, and choose that file.",
    )
