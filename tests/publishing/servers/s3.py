"""A strict S3: it checks every signature, payload hash, checksum, condition and part."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import web

from tests.publishing.servers.store import Asked, Kept, Says, StoreServer

KEY_ID = "AKIATESTTESTTEST"
SECRET = "a-secret-of-tests/0123456789"
REGION = "eu-west-1"
_MIN_PART_BYTES = 5 * 1024 * 1024
_KEPT_HEADERS = ("content-type", "content-disposition")


@dataclass
class Started:
    """An upload in parts; `parts` by number."""

    bucket: str
    key: str
    headers: dict[str, str]
    parts: dict[int, bytes] = field(default_factory=dict)


class S3Server(StoreServer):
    """Its buckets lie in `REGION`; `may_create` and `knows_conditions` are what some have not."""

    def __init__(self) -> None:
        super().__init__()
        self.uploads: dict[str, Started] = {}
        self.may_create = True
        self.min_part_bytes = _MIN_PART_BYTES
        self.knows_conditions = True
        self.session_token = ""
        self.clock_shift = timedelta(0)
        self._ids = itertools.count(1)

    def kind_of(self, method: str, path: str, query: Mapping[str, str]) -> str:
        has_key = "/" in path.strip("/")
        match method, has_key:
            case "POST", True:
                return "begin" if "uploads" in query else "complete"
            case "PUT", True:
                return "part" if "uploadId" in query else "put"
            case "PUT", False:
                return "create"
            case "DELETE", True:
                return "abort" if "uploadId" in query else "delete"
            case "GET", False:
                return "list"
            case "HEAD", False:
                return "bucket"
        return method.lower()

    def do(self, asked: Asked) -> web.Response:
        if (refused := self._refused(asked)) is not None:
            return self.says(refused)
        bucket, _, key = asked.path.strip("/").partition("/")
        if asked.what == "create":
            return self._create(bucket, asked)
        if bucket not in self.buckets:
            return self.says(Says(404, "NoSuchBucket", "The specified bucket does not exist"))
        answer: web.Response = getattr(self, f"_{asked.what}")(bucket, key, asked)
        return answer

    def _create(self, bucket: str, asked: Asked) -> web.Response:
        if not self.may_create:
            return self.says(Says(403, "AccessDenied", "Access Denied"))
        self.buckets.setdefault(bucket, {})
        return web.Response()

    def _bucket(self, bucket: str, key: str, asked: Asked) -> web.Response:
        return web.Response(headers={"x-amz-bucket-region": REGION})

    def _put(self, bucket: str, key: str, asked: Asked) -> web.Response:
        if (answer := self._condition(bucket, key, asked)) is not None:
            return answer
        if (answer := self._checksum(asked)) is not None:
            return answer
        own = b64encode(hashlib.sha256(asked.body).digest()).decode()
        self.buckets[bucket][key] = Kept(asked.body, _headers(asked.headers, own))
        return web.Response(headers={"ETag": f'"{hashlib.md5(asked.body).hexdigest()}"'})

    def _begin(self, bucket: str, key: str, asked: Asked) -> web.Response:
        if "if-none-match" in asked.headers:
            return self.says(Says(501, "NotImplemented", "A header implies something unknown"))
        upload_id = f"upload/{next(self._ids)}+="
        self.uploads[upload_id] = Started(bucket, key, dict(asked.headers))
        return _xml(f"<InitiateMultipartUploadResult><UploadId>{upload_id}</UploadId>"
                    "</InitiateMultipartUploadResult>")  # fmt: skip

    def _part(self, bucket: str, key: str, asked: Asked) -> web.Response:
        started = self.uploads.get(asked.query["uploadId"])
        if started is None or (started.bucket, started.key) != (bucket, key):
            return self.says(Says(404, "NoSuchUpload", "The upload does not exist"))
        if "x-amz-checksum-algorithm" in started.headers:
            if "x-amz-checksum-sha256" not in asked.headers:
                return self.says(Says(400, "InvalidRequest", "A checksum is missing"))
            if (answer := self._checksum(asked)) is not None:
                return answer
        started.parts[int(asked.query["partNumber"])] = asked.body
        return web.Response(headers={"ETag": f'"{hashlib.md5(asked.body).hexdigest()}"'})

    def _complete(self, bucket: str, key: str, asked: Asked) -> web.Response:
        started = self.uploads.get(asked.query["uploadId"])
        if started is None:
            return self.says(Says(404, "NoSuchUpload", "The upload does not exist"))
        if (answer := self._condition(bucket, key, asked)) is not None:
            return answer
        told = re.findall(
            r"<Part><PartNumber>(\d+)</PartNumber><ETag>([^<]+)</ETag>"
            r"(?:<ChecksumSHA256>([^<]+)</ChecksumSHA256>)?</Part>",
            asked.body.decode(),
        )
        digests = []
        for place, (number, tag, checksum) in enumerate(told, 1):
            part = started.parts.get(int(number))
            if part is None or int(number) != place:
                return self.says(Says(400, "InvalidPart", "A part is missing"))
            digest = hashlib.sha256(part).digest()
            if hashlib.md5(part).hexdigest() != tag.replace("&quot;", "").strip('"'):
                return self.says(Says(400, "InvalidPart", "A tag is wrong"))
            if checksum and b64encode(digest).decode() != checksum:
                return self.says(Says(400, "InvalidPart", "A checksum is wrong"))
            if place < len(told) and len(part) < self.min_part_bytes:
                return self.says(Says(400, "EntityTooSmall", "A part is too small"))
            digests.append(digest)
        if len(told) != len(started.parts):
            return self.says(Says(400, "InvalidPart", "Not all parts were named"))
        content = b"".join(started.parts[number] for number in sorted(started.parts))
        own = b64encode(hashlib.sha256(b"".join(digests)).digest()).decode()
        self.buckets[bucket][key] = Kept(
            content, _headers(started.headers, f"{own}-{len(digests)}")
        )
        del self.uploads[asked.query["uploadId"]]
        return _xml(f"<CompleteMultipartUploadResult><Key>{key}</Key>"
                    "</CompleteMultipartUploadResult>")  # fmt: skip

    def _abort(self, bucket: str, key: str, asked: Asked) -> web.Response:
        if self.uploads.pop(asked.query["uploadId"], None) is None:
            return self.says(Says(404, "NoSuchUpload", "The upload does not exist"))
        return web.Response(status=204)

    def _list(self, bucket: str, key: str, asked: Asked) -> web.Response:
        found = "".join(
            f"<Upload><Key>{started.key}</Key><UploadId>{upload_id}</UploadId></Upload>"
            for upload_id, started in self.uploads.items()
            if started.bucket == bucket and started.key.startswith(asked.query.get("prefix", ""))
        )
        return _xml(f"<ListMultipartUploadsResult>{found}</ListMultipartUploadsResult>")

    def _head(self, bucket: str, key: str, asked: Asked) -> web.Response:
        kept = self.buckets[bucket].get(key)
        if kept is None:
            return web.Response(status=404)
        headers = dict(kept.headers)
        if asked.headers.get("x-amz-checksum-mode") != "ENABLED":
            headers.pop("x-amz-checksum-sha256")
        return web.Response(headers={**headers, "Content-Length": str(len(kept.content))})

    def _get(self, bucket: str, key: str, asked: Asked) -> web.Response:
        kept = self.buckets[bucket].get(key)
        if kept is None:
            return self.says(Says(404, "NoSuchKey", "The specified key does not exist"))
        return web.Response(body=kept.content, headers=kept.headers)

    def _delete(self, bucket: str, key: str, asked: Asked) -> web.Response:
        self.buckets[bucket].pop(key, None)
        return web.Response(status=204)

    def _condition(self, bucket: str, key: str, asked: Asked) -> web.Response | None:
        told = asked.headers.get("if-none-match")
        if told is None:
            if self.knows_conditions:
                self.complaints.append(f"{asked.what} without a condition")
            return None
        if not self.knows_conditions:
            return self.says(Says(501, "NotImplemented", "A header implies something unknown"))
        if told != "*":
            return self.says(Says(400, "InvalidArgument", "The condition is no *"))
        if key in self.buckets[bucket]:
            return self.says(Says(412, "PreconditionFailed", "A condition did not hold"))
        return None

    def _checksum(self, asked: Asked) -> web.Response | None:
        told = asked.headers.get("x-amz-checksum-sha256")
        if told and told != b64encode(hashlib.sha256(asked.body).digest()).decode():
            return self.says(Says(400, "XAmzContentChecksumMismatch", "The checksum is wrong"))
        return None

    def _refused(self, asked: Asked) -> Says | None:
        """Why the request is not from somebody with the key, now and here."""
        if "X-Amz-Signature" in asked.query:
            return self._link_refused(asked)
        proof = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?"
            r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
            asked.headers.get("authorization", ""),
        )
        if proof is None:
            return Says(403, "AccessDenied", "Access Denied")
        key_id, day, region, names, signature = proof.groups()
        if key_id != KEY_ID:
            return Says(403, "InvalidAccessKeyId", "The access key does not exist")
        moment = asked.headers["x-amz-date"]
        if (refused := self._untimely(moment)) is not None:
            return refused
        if asked.headers.get("x-amz-security-token", "") != self.session_token:
            return Says(400, "InvalidToken", "The provided token is malformed")
        if region != REGION:
            if asked.method == "HEAD":
                return Says(400, headers={"x-amz-bucket-region": REGION})
            return Says(
                400,
                "AuthorizationHeaderMalformed",
                f"The region {region} is wrong; expecting {REGION}",
                more=f"<Region>{REGION}</Region>",
            )
        for name in asked.headers:
            if name.lower().startswith("x-amz-") and name.lower() not in names.split(";"):
                return Says(403, "AccessDenied", "There were headers which were not signed")
        payload = asked.headers["x-amz-content-sha256"]
        if hashlib.sha256(asked.body).hexdigest() != payload:
            return Says(400, "XAmzContentSHA256Mismatch", "The payload is another one")
        parts = urlsplit(asked.raw_path)
        lines = [f"{name}:{asked.headers[name].strip()}" for name in names.split(";")]
        expected = _signature(
            asked.method, parts.path, _sorted(parts.query), lines, names, payload, moment, day
        )
        if not hmac.compare_digest(expected, signature):
            return Says(403, "SignatureDoesNotMatch", "The signature does not match")
        return None

    def _link_refused(self, asked: Asked) -> Says | None:
        moment = asked.query["X-Amz-Date"]
        began = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lasts_s = int(asked.query["X-Amz-Expires"])
        if lasts_s > 604_800:
            return Says(400, "AuthorizationQueryParametersError", "Longer than a week")
        if datetime.now(UTC) + self.clock_shift > began + timedelta(seconds=lasts_s):
            return Says(403, "AccessDenied", "Request has expired")
        parts = urlsplit(asked.raw_path)
        query = "&".join(
            pair for pair in parts.query.split("&") if not pair.startswith("X-Amz-Signature=")
        )
        lines = [f"host:{asked.headers['host']}"]
        expected = _signature(
            asked.method, parts.path, _sorted(query), lines, "host", "UNSIGNED-PAYLOAD", moment,
            moment[:8],
        )  # fmt: skip
        if expected != asked.query["X-Amz-Signature"]:
            return Says(403, "SignatureDoesNotMatch", "The signature does not match")
        return None

    def _untimely(self, moment: str) -> Says | None:
        told = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs(datetime.now(UTC) + self.clock_shift - told) > timedelta(minutes=15):
            return Says(403, "RequestTimeTooSkewed", "The difference is too large")
        return None


def _signature(
    method: str,
    path: str,
    query: str,
    lines: list[str],
    names: str,
    payload: str,
    moment: str,
    day: str,
) -> str:
    canonical = "\n".join([method, path, query, *lines, "", names, payload])
    scope = f"{day}/{REGION}/s3/aws4_request"
    text = "\n".join(
        ["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    key = b"AWS4" + SECRET.encode()
    for part in (day, REGION, "s3", "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def _sorted(query: str) -> str:
    return "&".join(sorted(pair for pair in query.split("&") if pair))


def _headers(sent: Mapping[str, str], checksum: str) -> dict[str, str]:
    low = {name.lower(): value for name, value in sent.items()}
    kept = {name: low[name] for name in _KEPT_HEADERS if name in low}
    kept |= {name: value for name, value in low.items() if name.startswith("x-amz-meta-")}
    return {**kept, "x-amz-checksum-sha256": checksum}


def _xml(text: str) -> web.Response:
    return web.Response(text=f'<?xml version="1.0"?>{text}', content_type="application/xml")
