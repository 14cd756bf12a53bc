"""Delivery to S3 and its like against a strict server; H01 of reliability.md."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.publishing.clips_to_send import LARGE, PART, SMALL, clip_file, parcel_of
from tests.publishing.sending_child import killed_while_sending
from tests.publishing.servers.s3 import KEY_ID, REGION, SECRET, S3Server
from tests.publishing.servers.store import Cut, Fault, Lost, Says, Silent, serving
from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.base import NotTaken, Options, Publisher, TryAgain
from veo_studio.core.publishing.kinds import info_of, publisher_for
from veo_studio.core.publishing.models import LINK_AT_MOST, LINK_FOR, Receipt, TargetKind
from veo_studio.core.publishing.object_store import make
from veo_studio.core.publishing.store_service import PART_BYTES, ObjectService

BUCKET = "clips-of-tests"
SECRETS = {"secret_key": SECRET}
SLOW_DOWN = Says(503, "SlowDown", "Please reduce your request rate", {"Retry-After": "7"})

MakePublisher = Callable[..., Publisher]


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
async def test_the_same_clip_sent_again_is_one_object(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    parcel = parcel_of(files[size])
    publisher = make_publisher()
    first = await publisher.send(parcel, lambda *_: None)
    server.asked.clear()
    assert await publisher.send(parcel, lambda *_: None) == first
    assert server.kinds() == ["head"]
    assert_only(server, files[size])


@pytest.mark.parametrize(("size", "what"), [(SMALL, "put"), (LARGE, "complete")])
async def test_412_with_an_equal_checksum_is_done(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int, what: str
) -> None:
    """Somebody was quicker between the look and the condition."""
    parcel = parcel_of(files[size])
    publisher = make_publisher()
    await publisher.send(parcel, lambda *_: None)
    server.faults["head"].append(Says(404))
    await publisher.send(parcel, lambda *_: None)
    assert server.kinds().count(what) == 2
    assert_only(server, files[size])


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_412_with_another_checksum_overwrites_nothing(
    server: S3Server,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    size: int,
    tmp_path: Path,
) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(b"x" + files[size].read_bytes()[1:])
    parcel = parcel_of(other)
    publisher = make_publisher()
    await publisher.send(parcel, lambda *_: None)
    mine = parcel_of(files[size], delivery_uuid=parcel.delivery_uuid)
    for _ in range(2):
        with pytest.raises(NotTaken, match="something else under the name"):
            await publisher.send(mine, lambda *_: None)
        server.faults["head"].append(Says(404))
    assert_only(server, other)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("after", [0, 4_000])
async def test_a_reset_in_a_part_is_made_good(
    server: S3Server,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    number: int,
    after: int,
) -> None:
    server.faults["part"].extend([None] * (number - 1) + [Cut(after)])
    await send(make_publisher(), files[LARGE])
    assert_only(server, files[LARGE])


@pytest.mark.parametrize(
    ("what", "faults"),
    [
        ("begin", [Cut()]),
        ("begin", [Lost()]),
        ("part", [None, Cut(9), Cut(), Lost()]),
        ("part", [SLOW_DOWN]),
        ("part", [Says(400, "XAmzContentSHA256Mismatch")] * 3),
        ("complete", [Cut()]),
        ("complete", [Lost()]),
        ("complete", [Says(500, "InternalError")]),
        # what went wrong behind a 200
        ("complete", [Says(200, "InternalError")]),
        ("complete", [Says(409, "ConditionalRequestConflict")]),
    ],
)
async def test_a_fault_that_ends_a_try_leaves_nothing_and_the_next_try_arrives(
    server: S3Server,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    what: str,
    faults: list[Fault],
) -> None:
    server.faults[what].extend(faults)
    parcel = parcel_of(files[LARGE])
    publisher = make_publisher()
    with pytest.raises(TryAgain) as raised:
        await publisher.send(parcel, lambda *_: None)
    if faults == [SLOW_DOWN]:
        assert raised.value.retry_after_s == 7
        assert raised.value.kind is ErrorKind.RATE_LIMITED
    # a begin whose answer was lost has a name that nobody knows: the next try finds it
    assert server.uploads == {} or faults == [Lost()]
    await publisher.send(parcel, lambda *_: None)
    assert_only(server, files[LARGE])


@pytest.mark.parametrize("fault", [Cut(), Cut(1000), Lost(), SLOW_DOWN, Says(500, "InternalError")])
async def test_a_small_clip_survives_a_broken_line(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], fault: Fault
) -> None:
    server.faults["put"].append(fault)
    parcel = parcel_of(files[SMALL])
    publisher = make_publisher()
    with pytest.raises(TryAgain):
        await publisher.send(parcel, lambda *_: None)
    assert server.kinds().count("put") <= 1, "tries are counted by the delivery alone"
    await publisher.send(parcel, lambda *_: None)
    assert_only(server, files[SMALL])


@pytest.mark.parametrize(
    ("size", "crash"),
    [
        (SMALL, "store-put"),
        (SMALL, "store-sent"),
        (LARGE, "s3-began"),
        (LARGE, "s3-part:1"),
        (LARGE, "s3-part:2"),
        (LARGE, "s3-part:3"),
        (LARGE, "s3-completed"),
    ],
)
async def test_killed_in_any_step_there_is_one_object_after_the_next_try(
    server: S3Server,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    size: int,
    crash: str,
) -> None:
    parcel = parcel_of(files[size])
    code = await killed_while_sending(
        TargetKind.S3, options_of(server), SECRETS, files[size], parcel.delivery_uuid, crash
    )
    assert code == -signal.SIGKILL
    assert bool(server.uploads) is (crash == "s3-began" or crash.startswith("s3-part"))
    await make_publisher().send(parcel, lambda *_: None)
    assert_only(server, files[size])


async def test_leftovers_of_other_clips_are_left_alone(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path]
) -> None:
    other = parcel_of(files[LARGE])
    await killed_while_sending(
        TargetKind.S3, options_of(server), SECRETS, other.file, other.delivery_uuid, "s3-began"
    )
    (left,) = server.uploads.values()
    await send(make_publisher(), files[LARGE])
    assert list(server.uploads.values()) == [left]


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
@pytest.mark.parametrize("shift", [timedelta(minutes=20), timedelta(days=-1)])
async def test_a_wrong_clock_is_named(
    server: S3Server,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    size: int,
    shift: timedelta,
) -> None:
    server.clock_shift = shift
    with pytest.raises(NotTaken, match="clock of this computer is wrong") as raised:
        await send(make_publisher(), files[size])
    assert "date, time and time zone" in (raised.value.action or "")
    assert server.objects() == []


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_wrong_region_is_named_with_the_right_one(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    with pytest.raises(
        NotTaken, match="is in the region eu-west-1, and this target says us-east-1"
    ):
        await send(make_publisher(region="us-east-1"), files[size])


@pytest.mark.parametrize(("size", "what"), [(SMALL, "put"), (LARGE, "begin")])
async def test_a_redirect_to_a_region_is_not_followed_but_named(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int, what: str
) -> None:
    moved = Says(
        301,
        "PermanentRedirect",
        "The bucket must be addressed using the specified endpoint",
        {"x-amz-bucket-region": "ap-south-1", "Location": "http://127.0.0.1:9/elsewhere"},
    )
    server.faults[what].append(moved)
    # obstore drops the header, so the bucket is asked where it is
    server.faults["bucket"].append(replace(moved, code="", message=""))
    with pytest.raises(NotTaken, match="is in the region ap-south-1") as raised:
        await send(make_publisher(), files[size])
    assert raised.value.action == "Set the target's region to ap-south-1, then deliver it again."


@pytest.mark.parametrize(
    ("told", "words", "kind"),
    [
        (Says(400, "ExpiredToken", "The token has expired"), "key has expired", ErrorKind.AUTH),
        (Says(403, "InvalidAccessKeyId", "x"), "does not know this key", ErrorKind.AUTH),
        (Says(403, "SignatureDoesNotMatch", "x"), "does not know this key", ErrorKind.AUTH),
        (Says(403, "AccessDenied", "Access Denied"), "key may not do this", ErrorKind.AUTH),
        (Says(507, "XMinioStorageFull", "full"), "no room left", ErrorKind.QUOTA_EXCEEDED),
        (Says(400, "EntityTooLarge", "x"), "files of this size", ErrorKind.INVALID_REQUEST),
        (Says(400, "Odd", "a & <b> of odd"), "refused", ErrorKind.INVALID_REQUEST),
        (Says(404), "does not find", ErrorKind.NOT_FOUND),
    ],
)
@pytest.mark.parametrize(("size", "what"), [(SMALL, "put"), (LARGE, "part")])
async def test_a_refusal_says_what_to_do_and_is_final(
    server: S3Server,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    told: Says,
    words: str,
    kind: ErrorKind,
    size: int,
    what: str,
) -> None:
    server.faults[what].append(told)
    with pytest.raises(NotTaken, match=words) as raised:
        await send(make_publisher(), files[size])
    assert raised.value.kind is kind
    assert raised.value.action
    assert SECRET not in str(raised.value)
    assert server.url not in str(raised.value)
    assert server.objects() == []
    assert server.uploads == {}


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


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_cancelled_it_leaves_nothing(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int
) -> None:
    what = "part" if size == LARGE else "put"
    server.faults[what].append(Silent())
    sending = asyncio.ensure_future(send(make_publisher(), files[size]))
    while what not in server.kinds():
        server.reached.clear()
        await server.reached.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert server.objects() == []
    assert server.uploads == {}


async def test_a_clip_that_changed_on_the_disk_is_not_sent(
    server: S3Server, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    file = clip_file(tmp_path, SMALL)
    parcel = parcel_of(file)
    file.write_bytes(b"x" + file.read_bytes()[1:])
    with pytest.raises(NotTaken, match="changed while it was sent"):
        await make_publisher().send(parcel, lambda *_: None)
    file.write_bytes(b"cut")
    with pytest.raises(NotTaken, match="changed while it was sent"):
        await make_publisher().send(parcel, lambda *_: None)
    file.unlink()
    with pytest.raises(NotTaken, match="cannot be read") as raised:
        await make_publisher().send(parcel, lambda *_: None)
    assert "Library" in (raised.value.action or "")
    assert server.asked == []


async def test_a_clip_that_is_cut_while_it_is_sent_leaves_nothing(
    server: S3Server, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    file = clip_file(tmp_path, LARGE)
    parcel = parcel_of(file)

    def cut(done: int, _size: int) -> None:
        if done:
            os.truncate(file, PART + 1000)

    with pytest.raises(NotTaken, match="changed while it was sent"):
        await make_publisher().send(parcel, cut)
    assert server.objects() == []
    assert server.uploads == {}


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


async def test_a_store_that_is_away_is_tried_again(files: dict[int, Path]) -> None:
    server = S3Server()
    async with serving(server):
        options = options_of(server)
    publisher = publisher_for(TargetKind.S3, options, SECRETS)
    try:
        for size in (SMALL, LARGE):
            with pytest.raises(TryAgain, match="nothing was sent"):
                await send(publisher, files[size])
    finally:
        await publisher.close()


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


async def fetched(url: str) -> tuple[int, bytes]:
    from aiohttp import ClientSession
    from yarl import URL

    async with ClientSession() as session, session.get(URL(url, encoded=True)) as answer:
        return answer.status, await answer.read()
