"""H01 of reliability.md: S3 in each fault, and killed in each step."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tests.publishing.clips_to_send import LARGE, PART, SMALL, clip_file, parcel_of
from tests.publishing.sending_child import killed_while_sending
from tests.publishing.servers.s3 import SECRET, S3Server
from tests.publishing.servers.store import Cut, Fault, Lost, Says, Silent, serving
from tests.publishing.stores.s3_case import (
    BUCKET,
    SECRETS,
    MakePublisher,
    assert_only,
    options_of,
    send,
)
from veo_studio.core.answers import ErrorKind
from veo_studio.core.publishing.base import NotTaken, TryAgain
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import TargetKind

SLOW_DOWN = Says(503, "SlowDown", "Please reduce your request rate", {"Retry-After": "7"})


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


async def test_an_endless_list_of_leftovers_holds_nothing_up(
    server: S3Server,
    make_publisher: MakePublisher,
    files: dict[int, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parcel = parcel_of(files[LARGE])
    key = f"clips/2026/{parcel.delivery_uuid}.mp4"
    named = f"<Upload><Key>{key}</Key><UploadId>not-there</UploadId></Upload>"
    for text in ("<Upload>" * 125_000, named * 1_000):
        monkeypatch.setattr(server, "_list", lambda *_, text=text: web.Response(text=text))
        server.buckets = {BUCKET: {}}
        async with asyncio.timeout(30):
            await make_publisher().send(parcel, lambda *_: None)
    assert_only(server, files[LARGE])
    assert 0 < server.kinds().count("abort") < 100


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


@pytest.mark.parametrize(("size", "what"), [(SMALL, "put"), (LARGE, "part")])
async def test_an_answer_without_end_is_not_read_to_its_end(
    server: S3Server, make_publisher: MakePublisher, files: dict[int, Path], size: int, what: str
) -> None:
    server.faults[what].extend([Says(403, "AccessDenied", more="x" * 3_000_000)] * 3)
    with pytest.raises(TryAgain, match="far too large"):
        await send(make_publisher(), files[size])


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
