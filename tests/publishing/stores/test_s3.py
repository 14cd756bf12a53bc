"""Delivery to S3 and its like against a strict server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from yarl import URL

from tests.publishing.clips_to_send import LARGE, SMALL, clip_file, parcel_of
from tests.publishing.servers.s3 import KEY_ID, S3Server
from tests.publishing.servers.store import Says
from tests.publishing.stores.s3_case import (
    BUCKET,
    SECRETS,
    MakePublisher,
    assert_only,
    fetched,
    options_of,
    send,
)
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.base import NotTaken, Options
from veo_studio.core.publishing.kinds import info_of, publisher_for
from veo_studio.core.publishing.models import LINK_AT_MOST, LINK_FOR, Receipt, TargetKind
from veo_studio.core.publishing.object_store import make
from veo_studio.core.publishing.store_service import PART_BYTES, ObjectService
from veo_studio.core.publishing.store_wire import address_of


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_clip_arrives_under_its_deliverys_name(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    parcel = parcel_of(files[size])
    moved: list[tuple[int, int]] = []
    receipt = await make_publisher().send(parcel, lambda done, of: moved.append((done, of)))
    key = f"clips/2026/{parcel.delivery_uuid}.mp4"
    assert receipt == Receipt(f"{BUCKET}/{key}", {"bucket": BUCKET, "key": key})
    assert_only(server, files[size])
    headers = server.buckets[BUCKET][key].headers
    assert headers["content-type"] == "video/mp4"
    assert headers["content-disposition"] == 'inline; filename="a paper boat.mp4"'
    assert headers["x-amz-meta-sha256"] == parcel.sha256
    assert moved[0] == (0, size)
    assert moved[-1] == (size, size)
    assert moved == sorted(moved)
    assert server.kinds().count("part") == (3 if size == LARGE else 0)


async def test_parts_are_as_large_as_s3_wants_them(
    server: S3Server,
    make_publisher: MakePublisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.min_part_bytes = 5 * 1024 * 1024
    monkeypatch.setattr(ObjectService, "part_bytes", PART_BYTES)
    file = clip_file(tmp_path, PART_BYTES + 1)
    await send(make_publisher(), file)
    assert server.kinds().count("part") == 2
    assert_only(server, file)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_missing_bucket_is_created(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    del server.buckets[BUCKET]
    await send(make_publisher(), files[size])
    assert_only(server, files[size])


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_where_it_may_not_be_created_it_is_said_what_to_do(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    del server.buckets[BUCKET]
    server.may_create = False
    with pytest.raises(NotTaken, match="the key may not create one") as raised:
        await send(make_publisher(), files[size])
    assert raised.value.action == ("Create the bucket at the store, or allow the key to create it.")
    with pytest.raises(NotTaken, match=f"There is no bucket named {BUCKET}"):
        await send(make_publisher(create="no"), files[size])
    assert server.kinds().count("create") == 1


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_store_without_conditions_gets_the_clip_once(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    server.knows_conditions = False
    parcel = parcel_of(files[size])
    publisher = make_publisher()
    for _ in range(2):
        await publisher.send(parcel, lambda *_: None)
    assert_only(server, files[size])


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_checksums_can_be_turned_off(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    await send(make_publisher(checksums="no"), files[size])
    assert_only(server, files[size])
    assert not any("x-amz-checksum-sha256" in asked.headers for asked in server.asked)


async def test_a_temporary_key_is_told_with_its_token(
    server: S3Server, files: dict[int, Path]
) -> None:
    server.session_token = "a-token-of-tests/+="
    publisher = publisher_for(
        TargetKind.S3, options_of(server), {**SECRETS, "session_token": server.session_token}
    )
    try:
        for size in (SMALL, LARGE):
            await send(publisher, files[size])
    finally:
        await publisher.close()
    assert len(server.objects()) == 2


async def test_what_the_environment_says_is_not_asked(
    server: S3Server,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "AKIAOTHER",
        "AWS_SECRET_ACCESS_KEY": "other",
        "AWS_SESSION_TOKEN": "other",
        "AWS_REGION": "xx-other-1",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
    }.items():
        monkeypatch.setenv(name, value)
    await send(make_publisher(), files[SMALL])
    assert_only(server, files[SMALL])


async def test_plain_http_takes_no_proxy(
    server: S3Server,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A proxy would read clip and key."""
    visits = []

    async def visited(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(1)
        writer.close()

    proxy = await asyncio.start_server(visited, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with proxy:
        for size in (SMALL, LARGE):
            await send(make_publisher(), files[size])
    assert visits == []


async def test_a_private_clip_has_links_that_end(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path]
) -> None:
    publisher = make_publisher()
    receipt = await send(publisher, files[SMALL])
    before = datetime.now(UTC)
    link = await publisher.link(receipt, LINK_FOR)
    assert link is not None
    assert link.until is not None
    assert before + LINK_FOR <= link.until <= datetime.now(UTC) + LINK_FOR
    assert link.url not in repr(link)
    assert await fetched(link.url) == (200, files[SMALL].read_bytes())
    server.clock_shift = LINK_FOR + timedelta(minutes=1)
    assert (await fetched(link.url))[0] == 403


async def test_a_link_lasts_a_week_at_most(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path]
) -> None:
    publisher = make_publisher()
    receipt = await send(publisher, files[SMALL])
    link = await publisher.link(receipt, timedelta(days=30))
    assert link is not None
    assert link.until is not None
    assert link.until <= datetime.now(UTC) + LINK_AT_MOST
    assert (await fetched(link.url))[0] == 200


async def test_pictures_are_public_if_wanted_and_videos_never(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path]
) -> None:
    publisher = make_publisher(
        public_bucket="pictures-of-tests", public_url="https://pictures.example.com/"
    )
    picture = parcel_of(
        files[SMALL], kind=GenerationKind.IMAGE, name="boat.PNG", media_type="image/png"
    )
    receipt = await publisher.send(picture, lambda *_: None)
    key = f"clips/2026/{picture.delivery_uuid}.png"
    assert receipt.public_url == f"https://pictures.example.com/{key}"
    assert list(server.buckets["pictures-of-tests"]) == [key]
    link = await publisher.link(receipt, LINK_FOR)
    assert link is not None
    assert (link.url, link.until) == (receipt.public_url, None)
    video = await send(publisher, files[SMALL])
    assert video.public_url is None
    assert video.facts["bucket"] == BUCKET
    private = await make_publisher().send(picture, lambda *_: None)
    assert private.public_url is None


async def test_taken_away_it_is_gone_and_once_more_is_no_error(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path]
) -> None:
    publisher = make_publisher()
    receipt = await send(publisher, files[SMALL])
    for _ in range(2):
        await publisher.remove(receipt)
        assert server.objects() == []
    del server.buckets[BUCKET]
    await publisher.remove(receipt)


async def test_the_check_proves_writing_and_deleting(
    server: S3Server, make_publisher: MakePublisher
) -> None:
    publisher = make_publisher(public_bucket="pictures-of-tests")
    assert await publisher.check() == (
        f"The key may write and delete in the bucket {BUCKET}. "
        "The key may write and delete in the bucket pictures-of-tests."
    )
    assert server.objects() == []
    server.faults["delete"].append(Says(403, "AccessDenied", "Access Denied"))
    assert "but not delete there" in await make_publisher().check()
    server.faults["put"].append(Says(403, "AccessDenied", "Access Denied"))
    with pytest.raises(NotTaken, match="key may not do this"):
        await make_publisher().check()
    with pytest.raises(NotTaken, match="does not know this key"):
        await make_publisher(access_key="AKIAOTHER").check()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bucket": ""}, "Bucket has to be filled in"),
        ({"bucket": "No_Bucket/../x"}, "Bucket: A bucket's name has"),
        ({"prefix": "../up"}, "Folder in it: A folder's name has"),
        ({"region": "a region"}, "Region: A region looks like"),
        ({"endpoint": "ftp://example.com"}, "Address: it is no web address"),
        ({"endpoint": "http://store.example.com"}, "it has to be https"),
        ({"access_key": ""}, "Access key ID has to be filled in"),
    ],
)
async def test_what_is_filled_in_wrong_is_named(changes: dict[str, str], words: str) -> None:
    options = {"bucket": BUCKET, "access_key": KEY_ID, **changes}
    with pytest.raises(NotTaken, match=words) as raised:
        make(TargetKind.S3, Options(info_of(TargetKind.S3), options, SECRETS))
    assert raised.value.action


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("http://localhost:80/", "http://localhost"),
        ("HTTP://LOCALHOST:9000/minio/", "http://localhost:9000/minio"),
        ("https://Store.Example.com:443", "https://store.example.com"),
        ("https://store.example.com.:0443/a/", "https://store.example.com/a"),
        ("https://store.example.com:80", "https://store.example.com:80"),
        ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_the_host_is_signed_as_it_is_sent(told: str, address: str) -> None:
    made = address_of(told, allows_plain_http=False)
    assert made == address
    assert urlsplit(made).netloc == URL(made, encoded=True).host_port_subcomponent


async def test_plain_http_needs_a_yes() -> None:
    options = {
        "bucket": BUCKET,
        "access_key": KEY_ID,
        "endpoint": "http://nas.example.com:9000",
        "plain_http": "yes",
    }
    publisher = publisher_for(TargetKind.S3, options, SECRETS)
    await publisher.close()
    check = info_of(TargetKind.S3).check
    assert check is not None
    assert check(options) == ""
    assert "https" in check({**options, "plain_http": "no"})
