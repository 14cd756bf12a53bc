"""Webhooks: signed so that a stranger's code can prove it, and harmless to repeat."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.publishing.clips_to_send import SMALL, clip_file, parcel_of
from tests.publishing.servers.webhook import (
    SECRET,
    Receiver,
    as_json,
    receiver,
    says,
    take_and_reset,
)
from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import PublishError
from veo_studio.core.publishing.base import NotTaken, Publisher, TryAgain
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import Link, Parcel, TargetKind
from veo_studio.core.publishing.webhook import signature


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as one:
        yield one


@pytest.fixture
async def webhook(hook: Receiver) -> AsyncIterator[Publisher]:
    one = made(hook.url)
    yield one
    await one.close()


def made(url: str, secret: str = SECRET, **options: str) -> Publisher:
    return publisher_for(TargetKind.WEBHOOK, {"url": url, **options}, {"secret": secret})


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    return replace(
        parcel_of(clip_file(tmp_path, SMALL)),
        caption="Ein Boot \N{SAILBOAT}\nZeile zwei",
        tags=("boat", "süß"),
        width_px=640,
        height_px=360,
        length_s=2.5,
        has_audio=True,
        created_at=datetime(2026, 11, 22, 4, 5, 6, tzinfo=UTC),
        published_at=datetime(2026, 11, 22, 5, 0, tzinfo=UTC),
    )


async def sent(webhook: Publisher, parcel: Parcel) -> list[tuple[int, int]]:
    steps: list[tuple[int, int]] = []
    await webhook.send(parcel, lambda done, size: steps.append((done, size)))
    return steps


async def test_a_receiver_believes_the_signature_and_gets_the_facts(hook, webhook, parcel):
    steps = await sent(webhook, parcel)
    (delivery,) = hook.taken
    assert delivery == parcel.delivery_uuid
    assert hook.taken[delivery] == {
        "version": 1,
        "event": "clip",
        "delivery_id": parcel.delivery_uuid,
        "clip": {
            "id": parcel.generation_uuid,
            "kind": "video",
            "name": "a paper boat.mp4",
            "media_type": "video/mp4",
            "size_bytes": SMALL,
            "sha256": parcel.sha256,
            "width_px": 640,
            "height_px": 360,
            "length_s": 2.5,
            "has_audio": True,
            "model": "rehearsal",
            "prompt": "A paper boat",
            "created_at": "2026-11-22T04:05:06Z",
            "published_at": "2026-11-22T05:00:00Z",
        },
        "caption": "Ein Boot \N{SAILBOAT}\nZeile zwei",
        "tags": ["boat", "süß"],
        "link": None,
    }
    assert steps[0][0] == 0
    assert steps[-1][0] == steps[-1][1] == len(hook.received[0].body)
    # the address as it was typed
    assert hook.received[0].path == "/hooks/clips?from=veo"


async def test_a_link_goes_with_its_end_and_is_not_kept(hook, webhook, parcel):
    until = datetime(2026, 11, 29, tzinfo=UTC)
    url = "https://store.example/a.mp4?sig=abc%2B"
    receipt = await webhook.send(replace(parcel, link=Link(url, until)), lambda *_: None)
    (message,) = hook.taken.values()
    assert message["link"] == {"url": url, "until": "2026-11-29T00:00:00Z"}
    assert receipt.link_until == until
    assert "abc" not in repr(receipt)


async def test_another_secret_is_not_believed(hook, parcel):
    stranger = made(hook.url, "another long secret of mine")
    with pytest.raises(NotTaken, match="HTTP 401") as refused:
        await sent(stranger, parcel)
    await stranger.close()
    assert refused.value.kind is ErrorKind.AUTH
    assert "signing secret" in str(refused.value.action)
    assert not hook.taken


async def test_a_changed_message_is_not_believed(hook, webhook, parcel):
    await sent(webhook, parcel)
    genuine = hook.received[0]
    assert not hook.problem(genuine)
    changed = genuine.body.replace(b"boat", b"goat")
    assert hook.problem(replace(genuine, body=changed)) == "wrong signature"
    later = {**genuine.headers, "x-veo-timestamp": str(int(genuine.headers["x-veo-timestamp"]) + 1)}
    assert hook.problem(replace(genuine, headers=later)) == "wrong signature"
    old = {**genuine.headers, "x-veo-timestamp": "1700000000"}
    old["x-veo-signature"] = signature(SECRET, "1700000000", genuine.body)
    assert hook.problem(replace(genuine, headers=old)) == "too old"


async def test_a_lost_answer_is_tried_again_and_is_no_second_clip(hook, webhook, parcel):
    assert webhook.repeats_harmlessly
    hook.steps.append(take_and_reset)
    with pytest.raises(TryAgain) as broken:
        await sent(webhook, parcel)
    assert broken.value.kind is ErrorKind.NETWORK
    check_masked(broken.value)
    await sent(webhook, parcel)
    assert list(hook.taken) == [parcel.delivery_uuid]
    assert hook.doubles == 1
    first, second = hook.received
    assert as_json(first) == as_json(second)
    assert first.connection != second.connection


@pytest.mark.parametrize(
    ("status", "headers", "wait_s", "kind"),
    [
        (429, {"Retry-After": "7"}, 7.0, ErrorKind.RATE_LIMITED),
        (503, {"Retry-After": "120"}, 120.0, ErrorKind.SERVER_ERROR),
        (503, {"Retry-After": "0"}, 1.0, ErrorKind.SERVER_ERROR),
        (500, {}, None, ErrorKind.SERVER_ERROR),
        (502, {"Retry-After": "soon"}, None, ErrorKind.SERVER_ERROR),
        (408, {}, None, ErrorKind.SERVER_ERROR),
    ],
)
async def test_what_cannot_be_taken_now_is_tried_again(
    hook, webhook, parcel, status, headers, wait_s, kind
):
    hook.steps.append(says(status, b"busy", headers))
    with pytest.raises(TryAgain) as refused:
        await sent(webhook, parcel)
    assert refused.value.retry_after_s == wait_s
    assert refused.value.kind is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ErrorKind.INVALID_REQUEST),
        (403, ErrorKind.AUTH),
        (404, ErrorKind.NOT_FOUND),
        (410, ErrorKind.NOT_FOUND),
        (413, ErrorKind.INVALID_REQUEST),
        (422, ErrorKind.INVALID_REQUEST),
    ],
)
async def test_what_is_refused_is_not_tried_again(hook, webhook, parcel, status, kind):
    hook.steps.append(says(status, f"no, and your secret is {SECRET}".encode()))
    with pytest.raises(NotTaken, match=f"HTTP {status}") as refused:
        await sent(webhook, parcel)
    assert refused.value.kind is kind
    assert refused.value.action
    check_masked(refused.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(hook, webhook, parcel, status):
    hook.steps.append(says(status, b"", {"Location": hook.url}))
    with pytest.raises(NotTaken, match="another address"):
        await sent(webhook, parcel)
    assert len(hook.received) == 1


@pytest.mark.parametrize("body", [b"x" * 2_000_000, b"\xff\xfe", b""])
async def test_whatever_a_receiver_answers_counts_by_its_status(hook, webhook, parcel, body):
    hook.steps.append(says(200, body))
    await sent(webhook, parcel)


async def test_a_check_sends_a_signed_test(hook, webhook):
    assert await webhook.check() == "127.0.0.1 took a signed test message."
    (message,) = hook.taken.values()
    assert message == {"version": 1, "event": "test"}


async def test_there_is_nothing_to_link_or_take_back(hook, webhook, parcel):
    receipt = await webhook.send(parcel, lambda *_: None)
    assert receipt.place == "Webhook at 127.0.0.1"
    assert (
        await webhook.link(receipt, (datetime.now(UTC) - datetime(2026, 1, 1, tzinfo=UTC))) is None
    )
    with pytest.raises(NotTaken, match="cannot be taken back"):
        await webhook.remove(receipt)


@pytest.mark.parametrize(
    ("options", "secret", "words"),
    [
        ({"url": ""}, SECRET, "web address"),
        ({"url": "ftp://a.example/x"}, SECRET, "web address"),
        ({"url": "https://me:word@a.example/x"}, SECRET, "web address"),
        ({"url": "https://a.example/x#y"}, SECRET, "#"),
        ({"url": "https://a.example/x"}, "short", "16 characters"),
        ({"url": "https://a.example/x"}, "", "signing secret is not known here"),
        ({"url": "http://nas.lan/x"}, SECRET, "http:"),
    ],
)
def test_what_is_missing_or_wrong_is_said(options, secret, words):
    with pytest.raises(NotTaken, match=words):
        made(options.pop("url"), secret, **options)


def check_masked(error: PublishError) -> None:
    shown = "".join(
        [str(error), repr(error), str(error.action), *traceback.format_exception(error)]
    )
    assert SECRET not in shown
    assert "v1=" not in shown


async def test_the_check_in_the_documentation_works(hook, webhook, parcel):
    page = Path(__file__).parents[2] / "docs" / "webhooks.md"
    code = page.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    told: dict[str, Any] = {}
    exec(code, told)
    await sent(webhook, parcel)
    (message,) = hook.received
    names = ("X-Veo-Timestamp", "X-Veo-Signature")
    headers = {name: message.headers[name.lower()] for name in names}
    assert told["is_genuine"](SECRET, headers, message.body)
    assert not told["is_genuine"](SECRET, headers, message.body + b" ")
    assert not told["is_genuine"](SECRET + "x", headers, message.body)
    old = {"X-Veo-Timestamp": "1700000000"}
    old["X-Veo-Signature"] = signature(SECRET, "1700000000", message.body)
    assert not told["is_genuine"](SECRET, old, message.body)
