"""Delivery to Google Cloud Storage, as far as obstore speaks to it."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from yarl import URL

from tests.publishing.clips_to_send import LARGE, SMALL, clip_file, parcel_of
from tests.publishing.sending_child import killed_while_sending
from tests.publishing.servers.google_store import GoogleStore, key_file
from tests.publishing.servers.store import Cut, Fault, Lost, Says, Silent, serving
from veo_studio.core.answers import ErrorKind
from veo_studio.core.log import redact
from veo_studio.core.publishing.base import NotTaken, Publisher, TryAgain
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import TargetKind

BUCKET = "clips-of-tests"

MakePublisher = Callable[..., Publisher]


@pytest.fixture
async def server() -> AsyncIterator[GoogleStore]:
    made = GoogleStore()
    made.buckets[BUCKET] = {}
    async with serving(made):
        yield made
    assert made.complaints == []


@pytest.fixture
async def make_publisher(server: GoogleStore, tmp_path: Path) -> AsyncIterator[MakePublisher]:
    made = []

    def of(**changes: str) -> Publisher:
        publisher = publisher_for(TargetKind.GOOGLE, options_of(server, tmp_path, **changes), {})
        made.append(publisher)
        return publisher

    yield of
    for publisher in made:
        await publisher.close()


def options_of(server: GoogleStore, folder: Path, **changes: str) -> dict[str, str]:
    key = str(key_file(folder))
    return {"bucket": BUCKET, "key_file": key, "endpoint": server.url, **changes}


def assert_only(server: GoogleStore, file: Path) -> None:
    (kept,) = server.objects()
    assert kept.content == file.read_bytes()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_clip_arrives_once_and_in_one_piece(
    server: GoogleStore, make_publisher: MakePublisher, tmp_path: Path, size: int
) -> None:
    parcel = parcel_of(clip_file(tmp_path, size))
    publisher = make_publisher(prefix="clips")
    receipt = await publisher.send(parcel, lambda *_: None)
    assert receipt.facts == {"bucket": BUCKET, "key": f"clips/{parcel.delivery_uuid}.mp4"}
    assert await publisher.send(parcel, lambda *_: None) == receipt
    assert server.kinds() == ["head", "put", "head", "head"]
    assert_only(server, parcel.file)


async def test_412_is_done_if_it_is_the_same(
    server: GoogleStore, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    file = clip_file(tmp_path, SMALL)
    parcel = parcel_of(file)
    publisher = make_publisher()
    await publisher.send(parcel, lambda *_: None)
    server.faults["head"].append(Says(404))
    await publisher.send(parcel, lambda *_: None)
    other = tmp_path / "other.mp4"
    other.write_bytes(b"x" + file.read_bytes()[1:])
    server.faults["head"].append(Says(404))
    with pytest.raises(NotTaken, match="something else under the name"):
        mine = parcel_of(other, delivery_uuid=parcel.delivery_uuid)
        await publisher.send(mine, lambda *_: None)
    assert_only(server, file)


@pytest.mark.parametrize(
    "fault",
    [Cut(), Cut(1000), Lost(), Says(503, "SlowDown", "Slow down"), Says(500, "InternalError")],
)
async def test_a_fault_is_made_good_by_the_next_try(
    server: GoogleStore, make_publisher: MakePublisher, tmp_path: Path, fault: Fault
) -> None:
    server.faults["put"].append(fault)
    parcel = parcel_of(clip_file(tmp_path, LARGE))
    publisher = make_publisher()
    with pytest.raises(TryAgain):
        await publisher.send(parcel, lambda *_: None)
    assert server.kinds().count("put") <= 1
    await publisher.send(parcel, lambda *_: None)
    assert_only(server, parcel.file)


@pytest.mark.parametrize("crash", ["store-put", "store-sent"])
async def test_killed_in_any_step_there_is_one_object_after_the_next_try(
    server: GoogleStore, make_publisher: MakePublisher, tmp_path: Path, crash: str
) -> None:
    parcel = parcel_of(clip_file(tmp_path, LARGE))
    options = options_of(server, tmp_path)
    code = await killed_while_sending(
        TargetKind.GOOGLE, options, {}, parcel.file, parcel.delivery_uuid, crash
    )
    assert code == -signal.SIGKILL
    await make_publisher().send(parcel, lambda *_: None)
    assert_only(server, parcel.file)


async def test_a_missing_bucket_says_where_to_create_it(
    server: GoogleStore, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    server.buckets.clear()
    with pytest.raises(NotTaken, match=f"There is no bucket named {BUCKET}") as raised:
        await make_publisher().send(parcel_of(clip_file(tmp_path, SMALL)), lambda *_: None)
    assert raised.value.kind is ErrorKind.NOT_FOUND
    assert "console" in (raised.value.action or "")


async def test_a_key_without_rights_is_named(
    server: GoogleStore, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    server.faults["put"].append(Says(403, "AccessDenied", "Access denied."))
    with pytest.raises(NotTaken, match="key may not do this in the bucket"):
        await make_publisher().check()
    words = await make_publisher().check()
    assert words == f"The key may write and delete in the bucket {BUCKET}."
    assert server.objects() == []


async def test_links_end(
    server: GoogleStore, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    publisher = make_publisher()
    parcel = parcel_of(clip_file(tmp_path, SMALL))
    receipt = await publisher.send(parcel, lambda *_: None)
    link = await publisher.link(receipt, timedelta(days=99))
    assert link is not None
    async with ClientSession() as session:
        async with session.get(URL(link.url, encoded=True)) as answer:
            assert (answer.status, await answer.read()) == (200, parcel.file.read_bytes())
        server.clock_shift = timedelta(days=8)
        async with session.get(URL(link.url, encoded=True)) as answer:
            assert answer.status == 400


async def test_taken_away_it_is_gone_and_once_more_is_no_error(
    server: GoogleStore, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    publisher = make_publisher()
    receipt = await publisher.send(parcel_of(clip_file(tmp_path, SMALL)), lambda *_: None)
    for _ in range(2):
        await publisher.remove(receipt)
        assert server.objects() == []


async def test_cancelled_it_leaves_nothing(
    server: GoogleStore, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    server.faults["put"].append(Silent())
    parcel = parcel_of(clip_file(tmp_path, LARGE))
    sending = asyncio.ensure_future(make_publisher().send(parcel, lambda *_: None))
    while "put" not in server.kinds():
        server.reached.clear()
        await server.reached.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert server.objects() == []


async def test_the_key_file_is_a_secret_and_leads_nowhere(
    server: GoogleStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address inside of it is not followed, and neither is the environment."""
    monkeypatch.setenv("GOOGLE_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GOOGLE_SKIP_SIGNATURE", "true")
    options = options_of(server, tmp_path)
    file = key_file(tmp_path, gcs_base_url="http://127.0.0.1:9", disable_oauth=True)
    publisher = publisher_for(TargetKind.GOOGLE, options, {})
    try:
        await publisher.check()
    finally:
        await publisher.close()
    secret = json.loads(file.read_text())["private_key"]
    assert secret[60:100] not in redact(f"it said {secret}")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be opened"),
        ("{", "is no key of a service account"),
        ("[" * 50_000, "is no key of a service account"),
        ('{"type": "authorized_user"}', "is no key of a service account"),
        ("x" * 200_000, "is no key of a service account"),
        (
            '{"type": "service_account", "client_email": "a", "private_key": "b", '
            '"private_key_id": "c"}',
            "is no key of a service account",
        ),
    ],
)
async def test_a_key_file_that_is_none_is_named(
    server: GoogleStore,
    make_publisher: MakePublisher,
    tmp_path: Path,
    content: str | None,
    words: str,
) -> None:
    file = tmp_path / "other.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(NotTaken, match=words) as raised:
        await make_publisher(key_file=str(file)).check()
    assert raised.value.action
