"""S3 and what speaks its language: R2, MinIO and many others.

A clip of more than 8 MB goes in parts, each with its checksum, and becomes an object only where its name
is free; obstore leaves that condition out when it sends parts.
Source: Amazon S3 API reference: CreateMultipartUpload, UploadPart, CompleteMultipartUpload,
ListMultipartUploads, AbortMultipartUpload; user guide, "Conditional writes", read 2026-11-22.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from types import MappingProxyType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from veo_studio.core.answers import ErrorKind
from veo_studio.core.crash import crash_point
from veo_studio.core.publishing.aws_signature import (
    NOTHING_SHA256,
    AwsKey,
    path_of,
    query_of,
    signed,
)
from veo_studio.core.publishing.base import NotTaken, OnProgress, TryAgain
from veo_studio.core.publishing.store_errors import Said, said_by
from veo_studio.core.publishing.store_service import (
    ObjectService,
    Part,
    Seen,
    Upload,
    cleaned_up,
    client_options,
    in_base64,
    no_retries,
    raise_for,
    size_in,
)
from veo_studio.core.publishing.store_wire import Body, StoreWire, WireAnswer

# a part that was lost is sent again at once: nothing is shown of it before the end
_PART_TRIES = 3
_PART_WAIT_S = 0.5
_NOT_KNOWN = 501
# each killed try leaves one
_MAX_LEFTOVERS = 20
_NONE: Mapping[str, str] = MappingProxyType({})
_IF_FREE: Mapping[str, str] = MappingProxyType({"if-none-match": "*"})


class S3Service(ObjectService):
    def __init__(
        self,
        wire: StoreWire,
        base_url: str,
        region: str,
        key: AwsKey,
        *,
        names_in_host: bool,
        has_checksums: bool,
    ) -> None:
        """`names_in_host`: the bucket is the first part of the host's name instead of the path's."""
        super().__init__(wire, base_url, region)
        self._key = key
        self._names_in_host = names_in_host
        self._has_checksums = has_checksums

    def bucket_url(self, bucket: str) -> str:
        if not self._names_in_host:
            return f"{self._base_url}/{bucket}"
        parts = urlsplit(self._base_url)
        return parts._replace(netloc=f"{bucket}.{parts.netloc}").geturl()

    def checksums(self, upload: Upload) -> tuple[str, ...]:
        of_parts = hashlib.sha256(b"".join(part.sha256 for part in upload.parts)).digest()
        joined = in_base64(of_parts)
        # some stores leave the number of parts away
        return in_base64(upload.sha256), f"{joined}-{len(upload.parts)}", joined

    async def seen(self, bucket: str, key: str) -> Seen | None:
        answer = await self._ask("HEAD", bucket, key, headers={"x-amz-checksum-mode": "ENABLED"})
        if answer.is_good:
            checksum = answer.headers.get("x-amz-checksum-sha256", "")
            return Seen(size_in(answer), (checksum,), answer.headers.get("x-amz-meta-sha256", ""))
        said = _said_by(answer)
        if said.status == 404 or (said.status == 403 and not said.code):
            # an answer to HEAD has no words: the PUT will say more
            return None
        raise_for(await self._with_region(said, bucket), self.place(bucket))

    async def create_bucket(self, bucket: str, *, is_public: bool) -> None:
        """It is private whatever `is_public` says: who may look is for its owner to say there."""
        body = b""
        is_amazon = urlsplit(self._base_url).netloc.endswith(
            (".amazonaws.com", ".amazonaws.com.cn")
        )
        if is_amazon and self._region != "us-east-1":
            where = f"<LocationConstraint>{self._region}</LocationConstraint>"
            body = f"<CreateBucketConfiguration>{where}</CreateBucketConfiguration>".encode()
        answer = await self._ask("PUT", bucket, body=body)
        if answer.is_good:
            return
        said = _said_by(answer)
        if said.code == "BucketAlreadyOwnedByYou":
            return
        if said.code == "BucketAlreadyExists":
            raise NotTaken(
                f"Somebody else has a bucket named {bucket}.",
                ErrorKind.INVALID_REQUEST,
                action="Choose another name for the bucket in the target.",
            )
        if said.status == 403 and said.code in ("AccessDenied", ""):
            raise NotTaken(
                f"There is no bucket named {bucket}, and the key may not create one.",
                ErrorKind.AUTH,
                action="Create the bucket at the store, or allow the key to create it.",
            )
        raise_for(said, self.place(bucket))

    async def delete(self, bucket: str, key: str) -> None:
        answer = await self._ask("DELETE", bucket, key)
        said = _said_by(answer)
        if not answer.is_good and said.code != "NoSuchKey":
            raise_for(await self._with_region(said, bucket), self.place(bucket))

    async def clear_leftovers(self, upload: Upload) -> None:
        if self.goes_whole(upload.size):
            return
        asked = {"uploads": "", "prefix": upload.key}
        answer = await self._ask("GET", upload.bucket, asked=asked)
        if not answer.is_good:
            # the key may not list, or there is no bucket yet: the upload itself will say
            return
        # split and not matched: an endless list of openings would hold the window for minutes
        for found in answer.text.split("<Upload>", _MAX_LEFTOVERS)[1:]:
            found, _, _ = found.partition("</Upload>")
            if _of_xml(found, "Key") == upload.key and (upload_id := _of_xml(found, "UploadId")):
                await cleaned_up(self._abort(upload, upload_id))

    async def put_whole(self, upload: Upload, on_progress: OnProgress) -> None:
        await self._put_once(
            upload.bucket,
            upload.key,
            {**_facts(upload), **self._checksum(upload.sha256)},
            Body(upload.file, 0, upload.size),
            payload_sha256=upload.sha256.hex(),
            on_sent=lambda sent: on_progress(sent, upload.size),
        )

    async def put_note(self, bucket: str, key: str, text: str) -> None:
        await self._put_once(bucket, key, {"content-type": "text/plain"}, text.encode())

    async def _put_once(
        self,
        bucket: str,
        key: str,
        headers: Mapping[str, str],
        body: bytes | Body,
        *,
        payload_sha256: str = "",
        on_sent: Callable[[int], None] = lambda _: None,
    ) -> None:
        # a store without conditions: the name is ours alone, and was free a moment ago
        for condition in (_IF_FREE, _NONE):
            answer = await self._ask(
                "PUT",
                bucket,
                key,
                headers={**headers, **condition},
                body=body,
                payload_sha256=payload_sha256,
                on_sent=on_sent,
            )
            if answer.status != _NOT_KNOWN:
                break
        if not answer.is_good:
            await self._refused(answer, bucket)

    async def put_parts(self, upload: Upload, on_progress: OnProgress) -> None:
        upload_id = await self._begin(upload)
        crash_point("s3-began")
        try:
            tags = []
            for number, part in enumerate(upload.parts, 1):
                tags.append(await self._send_part(upload, upload_id, number, part, on_progress))
                crash_point("s3-part")
            await self._complete(upload, upload_id, tags)
        except BaseException:
            await cleaned_up(self._abort(upload, upload_id))
            raise
        crash_point("s3-completed")

    async def _begin(self, upload: Upload) -> str:
        headers = _facts(upload)
        if self._has_checksums:
            headers["x-amz-checksum-algorithm"] = "SHA256"
        answer = await self._ask(
            "POST", upload.bucket, upload.key, asked={"uploads": ""}, headers=headers
        )
        if not answer.is_good:
            await self._refused(answer, upload.bucket)
        if not (upload_id := _of_xml(answer.text, "UploadId")):
            raise TryAgain("The store's answer cannot be read.", ErrorKind.SERVER_ERROR)
        return upload_id

    async def _send_part(
        self, upload: Upload, upload_id: str, number: int, part: Part, on_progress: OnProgress
    ) -> str:
        """The part's tag; a line that broke is tried again here."""
        for left in reversed(range(_PART_TRIES)):
            try:
                answer = await self._ask(
                    "PUT",
                    upload.bucket,
                    upload.key,
                    asked={"partNumber": str(number), "uploadId": upload_id},
                    headers=self._checksum(part.sha256),
                    body=Body(upload.file, part.start, part.size),
                    payload_sha256=part.sha256.hex(),
                    on_sent=lambda sent: on_progress(part.start + sent, upload.size),
                )
                if not answer.is_good:
                    await self._refused(answer, upload.bucket)
                return answer.headers.get("ETag", "")
            except TryAgain as error:
                if not left or error.retry_after_s is not None:
                    raise
            await asyncio.sleep(_PART_WAIT_S * (_PART_TRIES - left))
        raise AssertionError

    async def _complete(self, upload: Upload, upload_id: str, tags: list[str]) -> None:
        lines = [
            f"<Part><PartNumber>{number}</PartNumber><ETag>{_in_xml(tag)}</ETag>"
            + (
                f"<ChecksumSHA256>{in_base64(part.sha256)}</ChecksumSHA256>"
                if self._has_checksums
                else ""
            )
            + "</Part>"
            for number, (tag, part) in enumerate(zip(tags, upload.parts, strict=True), 1)
        ]
        body = f"<CompleteMultipartUpload>{''.join(lines)}</CompleteMultipartUpload>".encode()
        asked = {"uploadId": upload_id}
        answer = await self._ask(
            "POST", upload.bucket, upload.key, asked=asked, headers=_IF_FREE, body=body
        )
        if answer.status == _NOT_KNOWN:
            # this store has no conditions: the name is ours alone, and was free a moment ago
            answer = await self._ask("POST", upload.bucket, upload.key, asked=asked, body=body)
        # joining takes long: the store says 200 first, and what went wrong behind it
        if not answer.is_good or "<Error>" in answer.text:
            await self._refused(answer, upload.bucket)
        if "CompleteMultipartUploadResult" not in answer.text:
            raise TryAgain("The store's answer cannot be read.", ErrorKind.SERVER_ERROR)

    async def _abort(self, upload: Upload, upload_id: str) -> None:
        await self._ask("DELETE", upload.bucket, upload.key, asked={"uploadId": upload_id})

    def _checksum(self, sha256: bytes) -> dict[str, str]:
        return {"x-amz-checksum-sha256": in_base64(sha256)} if self._has_checksums else {}

    async def _ask(
        self,
        method: str,
        bucket: str,
        key: str = "",
        *,
        asked: Mapping[str, str] = _NONE,
        headers: Mapping[str, str] = _NONE,
        body: bytes | Body = b"",
        payload_sha256: str = "",
        on_sent: Callable[[int], None] = lambda _: None,
    ) -> WireAnswer:
        url = self.bucket_url(bucket) + (f"/{path_of(key)}" if key else "")
        url += f"?{query_of(asked)}" if asked else ""
        if isinstance(body, bytes):
            payload_sha256 = hashlib.sha256(body).hexdigest() if body else NOTHING_SHA256
        proved = signed(
            self._key,
            self._region,
            method,
            url,
            headers=headers,
            payload_sha256=payload_sha256,
            now=datetime.now(UTC),
        )
        return await self._wire.exchange(method, url, headers=proved, body=body, on_sent=on_sent)

    async def _refused(self, answer: WireAnswer, bucket: str) -> NoReturn:
        raise_for(await self._with_region(_said_by(answer), bucket), self.place(bucket))

    async def _with_region(self, said: Said, bucket: str) -> Said:
        """Where a bucket is: some answers leave it out, and a HEAD says it."""
        if said.region or said.status not in (301, 307, 400):
            return said
        answer = await self._ask("HEAD", bucket)
        region = _said_by(answer).region
        return Said(said.status, said.code, said.words, region, said.retry_after_s)

    def _store(self, bucket: str, timeout: timedelta) -> Any:
        from obstore.store import S3Store

        url = self.bucket_url(bucket) if self._names_in_host else self._base_url
        config = {
            "endpoint": url,
            # this one would win over the other, from the environment too
            "aws_endpoint_url_s3": url,
            "region": self._region,
            "virtual_hosted_style_request": self._names_in_host,
            "skip_signature": False,
        }
        key = self._key
        return S3Store(
            bucket,
            config=config,  # type: ignore[arg-type]
            client_options=client_options(timeout, self._base_url),  # type: ignore[arg-type]
            retry_config=no_retries(),  # type: ignore[arg-type]
            credential_provider=lambda: {  # type: ignore[arg-type]
                "access_key_id": key.id,
                "secret_access_key": key.secret,
                "token": key.token or None,
                "expires_at": None,
            },
        )


def _facts(upload: Upload) -> dict[str, str]:
    return {
        "content-type": upload.media_type,
        "content-disposition": upload.disposition,
        "x-amz-meta-sha256": upload.sha256.hex(),
    }


def _said_by(answer: WireAnswer) -> Said:
    return said_by(answer.status, answer.headers, answer.text)


def _of_xml(text: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<]{{1,2000}})</{name}>", text)
    return unescape(found[1]) if found else ""


def _in_xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
