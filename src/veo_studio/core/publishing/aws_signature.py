"""Amazon's Signature Version 4 in a header, for the requests that obstore has no words for.

Source: Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)", read 2026-11-22.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

NOTHING_SHA256 = hashlib.sha256().hexdigest()


@dataclass(frozen=True)
class AwsKey:
    """`token` belongs to keys that expire, and is "" for all others."""

    id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


def query_of(asked: Mapping[str, str]) -> str:
    """In the order and spelling in which it is signed."""
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in asked.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def path_of(key: str) -> str:
    """A name in the spelling in which it is signed and sent."""
    return quote(key, safe="/-_.~")


def signed(
    key: AwsKey,
    region: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    payload_sha256: str,
    now: datetime,
) -> dict[str, str]:
    """`headers` and those that prove who asks. `url` has `path_of` and `query_of` spelling; `now` is UTC."""
    parts = urlsplit(url)
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    sent = {
        **{name.lower(): value.strip() for name, value in headers.items()},
        "host": parts.netloc,
        "x-amz-content-sha256": payload_sha256,
        "x-amz-date": moment,
    }
    if key.token:
        sent["x-amz-security-token"] = key.token
    names = ";".join(sorted(sent))
    canonical = "\n".join(
        (
            method,
            parts.path or "/",
            parts.query,
            *(f"{name}:{sent[name]}" for name in sorted(sent)),
            "",
            names,
            payload_sha256,
        )
    )
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
    signing_key = b"AWS4" + key.secret.encode()
    for part in (moment[:8], region, "s3", "aws4_request"):
        signing_key = hmac.digest(signing_key, part.encode(), "sha256")
    signature = hmac.digest(signing_key, to_sign.encode(), "sha256").hex()
    del sent["host"]
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={key.id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return sent


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
