"""Stores on this machine; the server and the publishers are S3's where a file has no others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.publishing.clips_to_send import LARGE, PART, SMALL, clip_file
from tests.publishing.servers.s3 import S3Server
from tests.publishing.servers.store import serving
from tests.publishing.stores.s3_case import BUCKET, SECRETS, MakePublisher, options_of
from veo_studio.core.publishing.base import Publisher
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import TargetKind
from veo_studio.core.publishing.store_service import ObjectService


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {size: clip_file(folder, size) for size in (SMALL, LARGE)}


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ObjectService, "part_bytes", PART)


@pytest.fixture
async def server() -> AsyncIterator[S3Server]:
    made = S3Server()
    made.buckets[BUCKET] = {}
    made.min_part_bytes = PART
    async with serving(made):
        yield made
    assert made.complaints == []


@pytest.fixture
async def make_publisher(server: S3Server) -> AsyncIterator[MakePublisher]:
    made = []

    def of(**changes: str) -> Publisher:
        publisher = publisher_for(TargetKind.S3, options_of(server, **changes), SECRETS)
        made.append(publisher)
        return publisher

    yield of
    for publisher in made:
        await publisher.close()
