"""Delivery to Supabase Storage (providers.md 13.3) against a strict server."""

from __future__ import annotations

import asyncio
import json
import signal
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from yarl import URL

from tests.publishing.clips_to_send import LARGE, clip_file, parcel_of
from tests.publishing.sending_child import killed_while_sending
from tests.publishing.servers.store import Cut, Fault, Lost, Says, Silent, serving
from tests.publishing.servers.supabase import KEY, SupabaseServer
from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.base import NotTaken, Publisher, TryAgain
from veo_studio.core.publishing.kinds import info_of, publisher_for
from veo_studio.core.publishing.models import LINK_FOR, Parcel, Receipt, TargetKind, Way
from veo_studio.core.publishing.supabase import opens_everything

MakePublisher = Callable[..., Publisher]


@pytest.fixture
async def server() -> AsyncIterator[SupabaseServer]:
    made = SupabaseServer()
    made.buckets = {"video-files": {}, "generated-content": {}}
    made.public.add("generated-content")
    async with serving(made):
        yield made
    assert made.complaints == []


@pytest.fixture
async def make_publisher(server: SupabaseServer) -> AsyncIterator[MakePublisher]:
    made = []

    def of(**changes: str) -> Publisher:
        secrets = {"key": changes.pop("key", KEY)}
        publisher = publisher_for(TargetKind.SUPABASE, {"url": server.url, **changes}, secrets)
        made.append(publisher)
        return publisher

    yield of
    for publisher in made:
        await publisher.close()


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    return parcel_of(clip_file(tmp_path, LARGE))


def assert_only(server: SupabaseServer, parcel: Parcel) -> None:
    (kept,) = server.objects()
    assert kept.content == parcel.file.read_bytes()


async def send(publisher: Publisher, parcel: Parcel) -> Receipt:
    return await publisher.send(parcel, lambda *_: None)


async def test_a_video_is_private_and_has_links_that_end(
    server: SupabaseServer, make_publisher: MakePublisher, parcel: Parcel
) -> None:
    publisher = make_publisher(prefix="clips")
    moved: list[int] = []
    receipt = await publisher.send(parcel, lambda done, _: moved.append(done))
    name = f"clips/{parcel.delivery_uuid}.mp4"
    assert receipt == Receipt(f"video-files/{name}", {"bucket": "video-files", "path": name})
    assert server.buckets["video-files"][name].headers == {"Content-Type": "video/mp4"}
    assert moved == sorted(moved)
    assert moved[-1] == parcel.size_bytes
    link = await publisher.link(receipt, LINK_FOR)
    assert link is not None
    assert link.until is not None
    ((path, lasts_s),) = server.links.values()
    assert (path, lasts_s) == (f"video-files/{name}", 3600)
    async with (
        ClientSession() as session,
        session.get(URL(link.url, encoded=True)) as answer,
    ):
        assert (answer.status, await answer.read()) == (200, parcel.file.read_bytes())
    await publisher.link(receipt, timedelta(days=30))
    assert max(lasts for _, lasts in server.links.values()) == 7 * 24 * 3600


async def test_a_picture_is_public_unless_it_shall_be_private(
    server: SupabaseServer, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    picture = parcel_of(
        clip_file(tmp_path, 5000),
        kind=GenerationKind.IMAGE,
        name="boat.png",
        media_type="image/png",
    )
    receipt = await send(make_publisher(), picture)
    assert receipt.facts["bucket"] == "generated-content"
    assert receipt.public_url is not None
    async with ClientSession() as session, session.get(receipt.public_url) as answer:
        assert answer.status == 200
    private = await send(make_publisher(pictures="private"), picture)
    assert private.public_url is None
    assert private.facts["bucket"] == "video-files"


async def test_a_double_of_the_same_size_is_done(
    server: SupabaseServer, make_publisher: MakePublisher, parcel: Parcel, tmp_path: Path
) -> None:
    publisher = make_publisher()
    first = await send(publisher, parcel)
    assert await send(publisher, parcel) == first
    assert_only(server, parcel)
    other = parcel_of(clip_file(tmp_path, 100), delivery_uuid=parcel.delivery_uuid)
    with pytest.raises(NotTaken, match="something else under the name"):
        await send(publisher, other)
    assert_only(server, parcel)


@pytest.mark.parametrize(
    "fault",
    [
        Cut(),
        Cut(40_000),
        Lost(),
        Says(429, "too_many_requests", "Slow down", {"Retry-After": "5"}),
        Says(503, "unavailable", "Try later"),
        Says(544, "DatabaseTimeout", "The database timed out"),
    ],
)
async def test_a_fault_is_made_good_by_the_next_try(
    server: SupabaseServer, make_publisher: MakePublisher, parcel: Parcel, fault: Fault
) -> None:
    server.faults["put"].append(fault)
    publisher = make_publisher()
    with pytest.raises(TryAgain) as raised:
        await send(publisher, parcel)
    is_told = isinstance(fault, Says) and fault.status == 429
    assert raised.value.retry_after_s == (5 if is_told else None)
    await send(publisher, parcel)
    assert_only(server, parcel)


@pytest.mark.parametrize("crash", ["supabase-put", "supabase-sent"])
async def test_killed_in_any_step_there_is_one_file_after_the_next_try(
    server: SupabaseServer, make_publisher: MakePublisher, parcel: Parcel, crash: str
) -> None:
    code = await killed_while_sending(
        TargetKind.SUPABASE,
        {"url": server.url},
        {"key": KEY},
        parcel.file,
        parcel.delivery_uuid,
        crash,
    )
    assert code == -signal.SIGKILL
    await send(make_publisher(), parcel)
    assert_only(server, parcel)


async def test_missing_buckets_are_created_where_it_is_allowed(
    server: SupabaseServer, make_publisher: MakePublisher, parcel: Parcel
) -> None:
    server.buckets.clear()
    server.public.clear()
    await send(make_publisher(), parcel)
    assert_only(server, parcel)
    await make_publisher().check()
    assert list(server.buckets) == ["video-files", "generated-content"]
    assert server.public == {"generated-content"}
    server.buckets.clear()
    server.may_create = False
    with pytest.raises(NotTaken, match="no bucket named video-files") as raised:
        await send(make_publisher(), parcel)
    assert "dashboard" in (raised.value.action or "")


@pytest.mark.parametrize(
    ("told", "words", "kind"),
    [
        (Says(403, "Unauthorized", "Invalid Compact JWS"), "refuses the key", ErrorKind.AUTH),
        (
            Says(400, "InvalidJWT", '"exp" claim timestamp check failed: jwt expired'),
            "has expired",
            ErrorKind.AUTH,
        ),
        (
            Says(403, "Unauthorized", "new row violates row-level security policy"),
            "rules do not let this key write",
            ErrorKind.AUTH,
        ),
        (
            Says(413, "Payload too large", "The object exceeded the maximum allowed size"),
            "50 MB on the free plan",
            ErrorKind.INVALID_REQUEST,
        ),
        (Says(422, "odd", "odd <b>thing</b>"), "refused", ErrorKind.INVALID_REQUEST),
    ],
)
async def test_a_refusal_says_what_to_do_and_is_final(
    server: SupabaseServer,
    make_publisher: MakePublisher,
    parcel: Parcel,
    told: Says,
    words: str,
    kind: ErrorKind,
) -> None:
    server.faults["put"].append(told)
    with pytest.raises(NotTaken, match=words) as raised:
        await send(make_publisher(), parcel)
    assert raised.value.kind is kind
    assert raised.value.action
    assert server.objects() == []


async def test_the_check_warns_of_a_key_that_opens_everything_and_of_public_videos(
    server: SupabaseServer, make_publisher: MakePublisher
) -> None:
    assert await make_publisher().check() == (
        "The key may write in the bucket video-files. "
        "The key may write in the bucket generated-content."
    )
    server.key = jwt_of("service_role")
    words = await make_publisher(key=server.key).check()
    assert "opens everything in the project" in words
    assert server.key not in words
    server.public.add("video-files")
    assert "video-files is public" in await make_publisher(key=server.key).check()
    assert server.objects() == []
    with pytest.raises(NotTaken, match="refuses the key"):
        await make_publisher(key="another").check()


@pytest.mark.parametrize(
    ("key", "is_open"),
    [
        ("sb_secret_0123456789", True),
        ("sb_publishable_0123456789", False),
        ("a.b.c", False),
        ("a." + "W" * 40_000 + ".c", False),
        ("", False),
    ],
)
def test_a_keys_role_is_read_from_it(key: str, is_open: bool) -> None:
    assert opens_everything(key) is is_open
    assert opens_everything(jwt_of("service_role"))
    assert not opens_everything(jwt_of("anon"))


async def test_taken_away_it_is_gone_and_a_rule_that_forbids_it_is_named(
    server: SupabaseServer, make_publisher: MakePublisher, parcel: Parcel
) -> None:
    publisher = make_publisher()
    receipt = await send(publisher, parcel)
    server.may_delete = False
    with pytest.raises(NotTaken, match="may not delete"):
        await publisher.remove(receipt)
    server.may_delete = True
    for _ in range(2):
        await publisher.remove(receipt)
        assert server.objects() == []
    with pytest.raises(NotTaken, match="does not find"):
        await publisher.link(receipt, LINK_FOR)


@pytest.mark.parametrize(
    "signed",
    [
        "https://evil.example.com/x",
        "//evil.example.com/x",
        "/object/sign/../../x?token=1",
        "/object/sign/video-files/another.mp4?token=1",
        "",
        None,
        7,
    ],
)
async def test_a_link_that_leads_elsewhere_is_none(
    server: SupabaseServer,
    make_publisher: MakePublisher,
    parcel: Parcel,
    signed: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from aiohttp import web

    publisher = make_publisher()
    receipt = await send(publisher, parcel)
    monkeypatch.setattr(
        server, "_sign", lambda *_: web.json_response({"signedURL": signed}), raising=True
    )
    with pytest.raises(TryAgain, match="cannot be read"):
        await publisher.link(receipt, LINK_FOR)


async def test_too_large_files_are_refused_before_anything_is_sent(
    server: SupabaseServer, make_publisher: MakePublisher, tmp_path: Path
) -> None:
    assert info_of(TargetKind.SUPABASE).max_bytes == 50 * 1024 * 1024
    parcel = parcel_of(clip_file(tmp_path, 1024 * 1024 + 1))
    refusal = make_publisher(max_mb="1").refusal(parcel)
    assert refusal is not None
    assert refusal.ways == (Way.SMALLER,)
    assert make_publisher().refusal(parcel) is None
    assert server.asked == []


async def test_cancelled_it_leaves_nothing(
    server: SupabaseServer, make_publisher: MakePublisher, parcel: Parcel
) -> None:
    server.faults["put"].append(Silent())
    sending = asyncio.ensure_future(send(make_publisher(), parcel))
    await server.reached.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert server.objects() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": ""}, "Address of the project has to be filled in"),
        ({"url": "http://project.example.com"}, "has to be https"),
        ({"max_mb": "many"}, "whole number of megabytes"),
        ({"video_bucket": "../up"}, "Bucket for videos"),
    ],
)
def test_what_is_filled_in_wrong_is_named(changes: dict[str, str], words: str) -> None:
    options = {"url": "https://project.supabase.co", **changes}
    with pytest.raises(NotTaken, match=words):
        publisher_for(TargetKind.SUPABASE, options, {"key": KEY})
    with pytest.raises(NotTaken, match="Key has to be filled in"):
        publisher_for(TargetKind.SUPABASE, {"url": "https://project.supabase.co"}, {})


def jwt_of(role: str) -> str:
    claims = urlsafe_b64encode(json.dumps({"role": role}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{claims}.c2lnbmF0dXJl"
