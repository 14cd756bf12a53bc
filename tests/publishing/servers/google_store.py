"""Google Cloud Storage as far as the program speaks to it: the XML interface, its tokens and links."""

from __future__ import annotations

import functools
import hashlib
import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.publishing.servers.store import Asked, Kept, Says, StoreServer

ACCOUNT = "studio@tests.iam.gserviceaccount.com"


@functools.cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_file(folder: Path, **changes: Any) -> Path:
    """A service account's key, as the console hands it out."""
    pem = private_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    told = {
        "type": "service_account",
        "project_id": "tests",
        "private_key_id": "0123456789abcdef",
        "private_key": pem.decode(),
        "client_email": ACCOUNT,
        "token_uri": "http://127.0.0.1:9/token",
        **changes,
    }
    path = folder / "studio-key.json"
    path.write_text(json.dumps(told))
    return path


class GoogleStore(StoreServer):
    """It checks that tokens and links were signed with the account's key, and for Google's host."""

    def __init__(self) -> None:
        super().__init__()
        self.clock_shift = timedelta(0)

    def kind_of(self, method: str, path: str, query: Mapping[str, str]) -> str:
        return method.lower()

    def do(self, asked: Asked) -> web.Response:
        if (refused := self._refused(asked)) is not None:
            return self.says(refused)
        bucket, _, key = asked.path.strip("/").partition("/")
        if bucket not in self.buckets:
            return self.says(Says(404, "NoSuchBucket", "The specified bucket does not exist."))
        answer: web.Response = getattr(self, f"_{asked.what}")(self.buckets[bucket], key, asked)
        return answer

    def _put(self, bucket: dict[str, Kept], key: str, asked: Asked) -> web.Response:
        if asked.headers.get("x-goog-if-generation-match") != "0":
            self.complaints.append("put without a condition")
        elif key in bucket:
            return self.says(Says(412, "PreconditionFailed", "A condition did not hold."))
        md5 = b64encode(hashlib.md5(asked.body).digest()).decode()
        low = {name.lower(): value for name, value in asked.headers.items()}
        headers = {"Content-Type": low["content-type"], "x-goog-hash": f"crc32c=AAAAAA==,md5={md5}"}
        headers |= {name: value for name, value in low.items() if name.startswith("x-goog-meta-")}
        bucket[key] = Kept(asked.body, headers)
        return web.Response(headers={"ETag": '"1"', "x-goog-generation": "1"})

    def _head(self, bucket: dict[str, Kept], key: str, asked: Asked) -> web.Response:
        if key not in bucket:
            return web.Response(status=404)
        kept = bucket[key]
        return web.Response(headers={**kept.headers, "Content-Length": str(len(kept.content))})

    def _get(self, bucket: dict[str, Kept], key: str, asked: Asked) -> web.Response:
        if key not in bucket:
            return self.says(Says(404, "NoSuchKey", "The specified key does not exist."))
        return web.Response(body=bucket[key].content, headers=bucket[key].headers)

    def _delete(self, bucket: dict[str, Kept], key: str, asked: Asked) -> web.Response:
        if bucket.pop(key, None) is None:
            return self.says(Says(404, "NoSuchKey", "The specified key does not exist."))
        return web.Response(status=204)

    def _refused(self, asked: Asked) -> Says | None:
        if "X-Goog-Signature" in asked.query:
            return self._link_refused(asked)
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        head, _, rest = token.partition(".")
        claims, _, signature = rest.partition(".")
        if scheme != "Bearer" or not _is_signed(f"{head}.{claims}".encode(), _unpadded(signature)):
            return Says(401, "AuthenticationRequired", "Authentication required.")
        if json.loads(_unpadded(claims))["iss"] != ACCOUNT:
            return Says(403, "AccessDenied", "Access denied.")
        return None

    def _link_refused(self, asked: Asked) -> Says | None:
        moment = asked.query["X-Goog-Date"]
        began = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lasts = timedelta(seconds=int(asked.query["X-Goog-Expires"]))
        if lasts > timedelta(days=7) or datetime.now(UTC) + self.clock_shift > began + lasts:
            return Says(400, "ExpiredToken", "The provided token has expired.")
        parts = urlsplit(asked.raw_path)
        pairs = [
            pair for pair in parts.query.split("&") if not pair.startswith("X-Goog-Signature=")
        ]
        canonical = "\n".join(
            [
                asked.method, parts.path, "&".join(sorted(pairs)), "host:storage.googleapis.com",
                "", "host", "UNSIGNED-PAYLOAD",
            ]
        )  # fmt: skip
        scope = asked.query["X-Goog-Credential"].partition("/")[2]
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"GOOG4-RSA-SHA256\n{moment}\n{scope}\n{digest}"
        if not _is_signed(text.encode(), bytes.fromhex(asked.query["X-Goog-Signature"])):
            return Says(403, "SignatureDoesNotMatch", "The signature does not match.")
        return None


def _is_signed(text: bytes, signature: bytes) -> bool:
    try:
        private_key().public_key().verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
