"""Delivery to Azure Blob Storage against a strict server."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from yarl import URL

from tests.publishing.clips_to_send import LARGE, SMALL, parcel_of
from tests.publishing.sending_child import killed_while_sending
from tests.publishing.servers.azure import ACCOUNT, KEY, AzureServer
from tests.publishing.servers.store import Cut, Fault, Lost, Says, Silent, serving
from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.base import NotTaken, Publisher, TryAgain
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import LINK_FOR, TargetKind

CONTAINER = "clips-of-tests"
SECRETS = {"account_key": KEY}

MakePublisher = Callable[..., Publisher]


@pytest.fixture
async def server() -> AsyncIterator[AzureServer]:
    made = AzureServer()
    made.buckets[CONTAINER] = {}
    async with serving(made):
        yield made
    assert made.complaints == []


@pytest.fixture
async def make_publisher(server: AzureServer) -> AsyncIterator[MakePublisher]:
    made = []

    def of(**changes: str) -> Publisher:
        publisher = publisher_for(TargetKind.AZURE, options_of(server, **changes), SECRETS)
        made.append(publisher)
        return publisher

    yield of
    for publisher in made:
        await publisher.close()


def options_of(server: AzureServer, **changes: str) -> dict[str, str]:
    return {"account": ACCOUNT, "bucket": CONTAINER, "endpoint": server.address, **changes}


def assert_only(server: AzureServer, file: Path) -> None:
    (kept,) = server.objects()
    assert kept.content == file.read_bytes()
    assert server.blocks == {}


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_clip_arrives_once(
    server: AzureServer, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    parcel = parcel_of(files[size])
    publisher = make_publisher(prefix="clips")
    moved: list[int] = []
    receipt = await publisher.send(parcel, lambda done, _: moved.append(done))
    assert receipt.place == f"{CONTAINER}/clips/{parcel.delivery_uuid}.mp4"
    assert moved == sorted(moved)
    assert moved[-1] == size
    (kept,) = server.objects()
    assert kept.headers["Content-Type"] == "video/mp4"
    assert kept.headers["x-ms-meta-sha256"] == parcel.sha256
    assert server.kinds().count("block") == (3 if size == LARGE else 0)
    assert await publisher.send(parcel, lambda *_: None) == receipt
    assert_only(server, files[size])


@pytest.mark.parametrize(("size", "what"), [(SMALL, "put"), (LARGE, "join")])
async def test_a_name_that_is_taken_is_done_if_it_is_the_same(
    server: AzureServer,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    size: int,
    what: str,
    tmp_path: Path,
) -> None:
    parcel = parcel_of(files[size])
    publisher = make_publisher()
    await publisher.send(parcel, lambda *_: None)
    server.faults["head"].append(Says(404))
    await publisher.send(parcel, lambda *_: None)
    assert server.kinds().count(what) == 2
    other = tmp_path / "other.mp4"
    other.write_bytes(b"x" + files[size].read_bytes()[1:])
    mine = parcel_of(other, delivery_uuid=parcel.delivery_uuid)
    server.faults["head"].append(Says(404))
    with pytest.raises(NotTaken, match="something else under the name"):
        await publisher.send(mine, lambda *_: None)
    assert [kept.content for kept in server.objects()] == [files[size].read_bytes()]


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_reset_in_a_block_is_made_good(
    server: AzureServer, make_publisher: MakePublisher, files: dict[int, Path], number: int
) -> None:
    server.faults["block"].extend([None] * (number - 1) + [Cut(3000)])
    await make_publisher().send(parcel_of(files[LARGE]), lambda *_: None)
    assert_only(server, files[LARGE])


@pytest.mark.parametrize(
    ("size", "what", "faults"),
    [
        (SMALL, "put", [Cut(1000)]),
        (SMALL, "put", [Lost()]),
        (SMALL, "put", [Says(503, "ServerBusy", "The server is busy")]),
        (LARGE, "block", [Cut(), Cut(), Lost()]),
        (LARGE, "block", [Says(503, "ServerBusy", headers={"Retry-After": "9"})]),
        (LARGE, "join", [Cut()]),
        (LARGE, "join", [Lost()]),
        (LARGE, "join", [Says(500, "OperationTimedOut")]),
    ],
)
async def test_a_fault_that_ends_a_try_is_made_good_by_the_next(
    server: AzureServer,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    size: int,
    what: str,
    faults: list[Fault],
) -> None:
    server.faults[what].extend(faults)
    parcel = parcel_of(files[size])
    publisher = make_publisher()
    with pytest.raises(TryAgain):
        await publisher.send(parcel, lambda *_: None)
    await publisher.send(parcel, lambda *_: None)
    assert_only(server, files[size])


@pytest.mark.parametrize(
    ("size", "crash"),
    [
        (SMALL, "store-sent"),
        (LARGE, "azure-block:1"),
        (LARGE, "azure-block:3"),
        (LARGE, "azure-joined"),
    ],
)
async def test_killed_in_any_step_there_is_one_blob_after_the_next_try(
    server: AzureServer,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    size: int,
    crash: str,
) -> None:
    parcel = parcel_of(files[size])
    code = await killed_while_sending(
        TargetKind.AZURE, options_of(server), SECRETS, files[size], parcel.delivery_uuid, crash
    )
    assert code == -signal.SIGKILL
    await make_publisher().send(parcel, lambda *_: None)
    assert_only(server, files[size])


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_missing_container_is_created_private(
    server: AzureServer, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    del server.buckets[CONTAINER]
    await make_publisher().send(parcel_of(files[size]), lambda *_: None)
    assert server.public == set()
    assert_only(server, files[size])
    del server.buckets[CONTAINER]
    with pytest.raises(NotTaken, match=f"There is no container named {CONTAINER}"):
        await make_publisher(create="no").send(parcel_of(files[size]), lambda *_: None)


async def test_a_missing_container_for_public_pictures_is_created_public(
    server: AzureServer, make_publisher: MakePublisher, files: dict[int, Path]
) -> None:
    publisher = make_publisher(public_bucket="pictures")
    picture = parcel_of(
        files[SMALL], kind=GenerationKind.IMAGE, name="boat.png", media_type="image/png"
    )
    receipt = await publisher.send(picture, lambda *_: None)
    assert server.public == {"pictures"}
    assert receipt.public_url == f"{server.address}/pictures/{picture.delivery_uuid}.png"
    del server.buckets["pictures"]
    server.allows_public = False
    with pytest.raises(NotTaken, match="does not allow public containers") as raised:
        await publisher.send(picture, lambda *_: None)
    assert "leave the container for public pictures empty" in (raised.value.action or "")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_wrong_clock_is_named(
    server: AzureServer, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    server.clock_shift = timedelta(hours=2)
    with pytest.raises(NotTaken, match="clock of this computer is wrong"):
        await make_publisher().send(parcel_of(files[size]), lambda *_: None)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_wrong_key_is_named(
    server: AzureServer, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    publisher = publisher_for(
        TargetKind.AZURE, options_of(server), {"account_key": "b3RoZXIga2V5IG9mIHRlc3Rz"}
    )
    try:
        with pytest.raises(NotTaken, match="does not know this key") as raised:
            await publisher.send(parcel_of(files[size]), lambda *_: None)
    finally:
        await publisher.close()
    assert raised.value.kind is ErrorKind.AUTH
    with pytest.raises(NotTaken, match="This is no account key"):
        publisher_for(TargetKind.AZURE, options_of(server), {"account_key": "not base64!"})


async def test_links_end_and_open_nothing_else(
    server: AzureServer, make_publisher: MakePublisher, files: dict[int, Path]
) -> None:
    publisher = make_publisher()
    receipt = await publisher.send(parcel_of(files[SMALL]), lambda *_: None)
    link = await publisher.link(receipt, LINK_FOR)
    assert link is not None
    async with ClientSession() as session:
        async with session.get(URL(link.url, encoded=True)) as answer:
            assert (answer.status, await answer.read()) == (200, files[SMALL].read_bytes())
        server.clock_shift = LINK_FOR + timedelta(minutes=1)
        async with session.get(URL(link.url, encoded=True)) as answer:
            assert answer.status == 403


async def test_taken_away_it_is_gone_and_once_more_is_no_error(
    server: AzureServer, make_publisher: MakePublisher, files: dict[int, Path]
) -> None:
    publisher = make_publisher()
    receipt = await publisher.send(parcel_of(files[SMALL]), lambda *_: None)
    for _ in range(2):
        await publisher.remove(receipt)
        assert server.objects() == []


async def test_cancelled_it_leaves_nothing_that_is_seen(
    server: AzureServer, make_publisher: MakePublisher, files: dict[int, Path]
) -> None:
    server.faults["block"].append(Silent())
    sending = asyncio.ensure_future(make_publisher().send(parcel_of(files[LARGE]), lambda *_: None))
    while "block" not in server.kinds():
        server.reached.clear()
        await server.reached.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert server.objects() == []


async def test_the_check_and_the_environment(
    server: AzureServer, make_publisher: MakePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AZURE_STORAGE_ENDPOINT": "http://127.0.0.1:9",
        "AZURE_STORAGE_ACCOUNT_NAME": "other",
        "AZURE_STORAGE_ACCOUNT_KEY": "b3RoZXI=",
        "AZURE_STORAGE_SAS_KEY": "sv=other&sig=other",
        "AZURE_STORAGE_USE_EMULATOR": "true",
        "AZURE_SKIP_SIGNATURE": "true",
    }.items():
        monkeypatch.setenv(name, value)
    words = await make_publisher().check()
    assert words == f"The key may write and delete in the container {CONTAINER}."
    assert server.objects() == []


async def test_an_address_has_to_name_the_account(server: AzureServer) -> None:
    """Links would be signed for nobody otherwise."""
    with pytest.raises(NotTaken, match=f"or ends with /{ACCOUNT}"):
        publisher_for(TargetKind.AZURE, options_of(server, endpoint=server.url), SECRETS)
