"""A publisher of each test's S3 server, and what is looked at afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from tests.publishing.clips_to_send import parcel_of
from tests.publishing.servers.s3 import KEY_ID, REGION, SECRET, S3Server
from veo_studio.core.publishing.base import Publisher
from veo_studio.core.publishing.models import Receipt

BUCKET = "clips-of-tests"
SECRETS = {"secret_key": SECRET}

MakePublisher = Callable[..., Publisher]


def options_of(server: S3Server, **changes: str) -> dict[str, str]:
    return {
        "bucket": BUCKET,
        "region": REGION,
        "endpoint": server.url,
        "access_key": KEY_ID,
        "prefix": "clips/2026",
        **changes,
    }


def assert_only(server: S3Server, file: Path) -> None:
    """One object with the clip's own bytes, and nothing left over."""
    (kept,) = server.objects()
    assert hashlib.sha256(kept.content).digest() == hashlib.sha256(file.read_bytes()).digest()
    assert server.uploads == {}


async def send(publisher: Publisher, file: Path, **told: str) -> Receipt:
    return await publisher.send(parcel_of(file, **told), lambda *_: None)  # type: ignore[arg-type]


async def fetched(url: str) -> tuple[int, bytes]:
    from aiohttp import ClientSession
    from yarl import URL

    async with ClientSession() as session, session.get(URL(url, encoded=True)) as answer:
        return answer.status, await answer.read()
