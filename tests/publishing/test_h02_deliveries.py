"""H02 through the whole program: Telegram and webhooks in each fault and each step, with kill -9."""

from __future__ import annotations

import logging
import signal
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from tests.faults.books import check_no_key
from tests.faults.clock import FastClock
from tests.publishing.desk_child import killed_while_delivering
from tests.publishing.scripted import Place, a_clip, closed, money, plugged, studio_with
from tests.publishing.servers import telegram as bots
from tests.publishing.servers import webhook as hooks
from tests.publishing.servers.telegram import GROUP, TOKEN, BotApi, bot_api
from tests.publishing.servers.webhook import SECRET, Receiver, receiver
from veo_studio.core import log
from veo_studio.core.publishing.models import Delivery, DeliveryState, TargetKind, TargetWish, Way
from veo_studio.core.studio import Studio

D = DeliveryState
# steps of every delivery, in their order; in those of `_SENT` the place has all of it
_BEFORE = ("deliver-stored", "deliver-prepared")
_SENDING = ("deliver-sending", "deliver-body:2", "deliver-body-whole")
_SENT = ("deliver-answered", "deliver-sent")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as one:
        yield one


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as one:
        yield one


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without a keyring: every program of the test knows them."""
    monkeypatch.setenv("VEO_STUDIO_TARGET_MY_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("VEO_STUDIO_TARGET_MY_HOOK_SECRET", SECRET)


async def asked(
    studio: Studio,
    api: BotApi | None = None,
    hook: Receiver | None = None,
    chat: str = "@paper_boats",
) -> Delivery:
    """A clip that is to go to the bot's channel, or to the webhook."""
    desk = studio.publishing
    if api is not None:
        options = {"chat": chat, "server": api.url}
        target = await desk.add_target("My bot", TargetKind.TELEGRAM, options, {"token": TOKEN})
    else:
        assert hook is not None
        options = {"url": hook.url}
        target = await desk.add_target("My hook", TargetKind.WEBHOOK, options, {"secret": SECRET})
    clip = await a_clip(studio, "A paper boat", caption="A boat")
    # its picture was looked at before: no process has to start for it
    Image.new("RGB", (640, 360), "teal").save(studio.thumbnails.path_for(clip.uuid))
    (one,) = await desk.deliver([clip.id], [TargetWish(target.id)])
    return one


async def planned(api: BotApi | None = None, hook: Receiver | None = None) -> Delivery:
    """Stored by a program that does not work on it."""
    async with studio_with(is_scheduler=False) as studio:
        return await asked(studio, api, hook)


# kill -9 in each step


@pytest.mark.parametrize("label", [*_BEFORE, *_SENDING, *_SENT, "deliver-done"])
async def test_after_a_kill_nothing_is_shown_twice_in_a_chat(api: BotApi, label: str) -> None:
    one = await planned(api)
    before = money()
    assert await killed_while_delivering(one.id, label) == -signal.SIGKILL
    arrived = len(api.messages)
    assert arrived == (1 if label in (*_SENT, "deliver-done") else 0)

    async with studio_with(FastClock()) as studio:
        await studio.publishing.resume()
        after = await closed(studio, one.id)
        if label in _BEFORE or label == "deliver-done":
            assert after.state is D.DELIVERED
            assert len(api.messages) == 1
        else:
            # nobody can know, so nobody but the user repeats it
            assert after.state is D.MAYBE_SENT
            assert len(api.messages) == arrived
            tries = await studio.publishing.attempts(one.id)
            assert [one.outcome for one in tries] == ["interrupted"]
    assert money() == before


@pytest.mark.parametrize("label", ["deliver-sending", "deliver-body", *_SENT])
async def test_after_a_kill_a_webhook_hears_of_it_once(hook: Receiver, label: str) -> None:
    one = await planned(hook=hook)
    before = money()
    assert await killed_while_delivering(one.id, label) == -signal.SIGKILL

    async with studio_with(FastClock()) as studio:
        await studio.publishing.resume()
        after = await closed(studio, one.id)
        assert after.state is D.DELIVERED
    assert list(hook.taken) == [one.uuid]
    assert hook.doubles == (1 if label in _SENT else 0)
    assert money() == before


# faults of the place


async def test_maybe_sent_is_not_resent_by_itself(api: BotApi) -> None:
    api.steps.append(bots.reset_after_sending)
    clock = FastClock()
    async with studio_with(clock) as studio:
        desk = studio.publishing
        await desk.resume()
        one = await asked(studio, api)
        maybe = await closed(studio, one.id)
        assert maybe.state is D.MAYBE_SENT
        assert "may be there" in maybe.reason
        assert maybe.action
        clock.leap(7 * 24 * 3600)
        # what comes later is sent, and this one is left alone
        clip = await a_clip(studio, "A kite")
        (next_one,) = await desk.deliver([clip.id], [TargetWish(one.target_id)])
        assert (await closed(studio, next_one.id)).state is D.DELIVERED
        assert (await desk.delivery(one.id)).state is D.MAYBE_SENT
        assert [message.fields.get("caption") for message in api.messages.values()] == [
            "A boat",
            None,
        ]
        arrived = await desk.arrived(one.id)
        assert arrived.state is D.DELIVERED
    async with studio_with(FastClock()) as studio:
        await studio.publishing.resume()
        assert (await studio.publishing.delivery(one.id)).state is D.DELIVERED
    assert len(api.messages) == 2


async def test_the_user_sends_what_did_not_arrive_once_more(api: BotApi) -> None:
    api.steps.append(bots.says(502, b"Bad Gateway"))
    async with studio_with(FastClock()) as studio:
        desk = studio.publishing
        await desk.resume()
        one = await asked(studio, api)
        assert (await closed(studio, one.id)).state is D.MAYBE_SENT
        before = money()
        await desk.again(one.id)
        delivered = await closed(studio, one.id)
        assert delivered.state is D.DELIVERED
        assert delivered.receipt is not None
        assert delivered.receipt.public_url == "https://t.me/paper_boats/100"
        await desk.remove_there(one.id)
        assert not api.messages
        assert money() == before


async def test_429_is_obeyed_and_is_no_try(api: BotApi) -> None:
    limited = bots.refuses(429, "Too Many Requests: retry after 17", retry_after=17)
    api.steps += [limited] * 5
    clock = FastClock(speed=40)
    async with studio_with(clock) as studio:
        desk = studio.publishing
        await desk.resume()
        one = await asked(studio, api)
        delivered = await closed(studio, one.id)
        assert delivered.state is D.DELIVERED
        tries = await desk.attempts(one.id)
        assert len(tries) == 6
        for earlier, later in pairwise(tries):
            assert earlier.finished_at is not None
            assert (later.started_at - earlier.finished_at).total_seconds() >= 17
    assert len(api.messages) == 1


async def test_a_chat_that_moved_is_stored_with_the_target(api: BotApi) -> None:
    api.chats["-1009"] = {"id": -1009, "type": "supergroup", "title": "Friends"}
    moved = bots.refuses(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
    api.steps.append(moved)
    async with studio_with(FastClock()) as studio:
        desk = studio.publishing
        await desk.resume()
        one = await asked(studio, api, chat=str(GROUP["id"]))
        assert (await closed(studio, one.id)).state is D.DELIVERED
        (target,) = await desk.targets()
        assert target.options["chat"] == "-1009"
    assert [message.chat for message in api.messages.values()] == [-1009]


async def test_a_token_that_is_taken_back_fails_with_what_to_do(api: BotApi) -> None:
    api.token = "123456789:another-token-since-this-morning0"
    async with studio_with(FastClock()) as studio:
        await studio.publishing.resume()
        one = await asked(studio, api)
        before = money()
        failed = await closed(studio, one.id)
        assert failed.state is D.FAILED
        assert "bot token" in failed.reason
        assert "BotFather" in str(failed.action)
        assert money() == before


# secrets


@pytest.fixture
def everything_is_logged() -> Any:
    """At DEBUG, into the real file."""
    root = logging.getLogger()
    level = root.level

    def begin(studio: Studio) -> None:
        log.configure(studio.paths, logging.DEBUG)

    yield begin
    log.close()
    root.setLevel(level)


async def test_no_secret_and_no_signed_link_is_left_anywhere(
    api: BotApi,
    hook: Receiver,
    capfd: pytest.CaptureFixture[str],
    everything_is_logged: Any,
) -> None:
    shown: dict[str, str] = {}
    api.steps += [
        bots.refuses(401, f"Unauthorized: {TOKEN}"),
        bots.refuses(400, f"Bad Request: see https://api.telegram.org/bot{TOKEN}/sendVideo"),
        bots.reset_after_sending,
        bots.says(500, f"<html>/bot{TOKEN}/sendVideo</html>".encode()),
    ]
    hook.steps += [hooks.says(422, f"the secret is {SECRET}".encode())] * 2
    store = Place(TargetKind.S3)
    with plugged(store):
        async with studio_with(FastClock(speed=40)) as studio:
            everything_is_logged(studio)
            desk = studio.publishing
            await desk.resume()
            one, other = await asked(studio, api), await asked(studio, hook=hook)
            ids = [one.id, other.id]
            for number in (1, 2, 3, 4):
                ended = await closed(studio, one.id)
                assert ended.state in (D.FAILED, D.MAYBE_SENT), number
                shown[f"delivery {number}"] = repr(ended)
                await desk.again(one.id)
            assert (await closed(studio, one.id)).state is D.DELIVERED
            assert (await closed(studio, other.id)).state is D.FAILED
            # as a link to the store, in both
            room = await desk.add_target("My store", TargetKind.S3, {"room": "1"}, {})
            (there,) = await desk.deliver([one.generation_id], [TargetWish(room.id)])
            assert (await closed(studio, there.id)).state is D.DELIVERED
            hook.steps.clear()
            for made in await desk.deliver(
                [one.generation_id],
                [
                    TargetWish(one.target_id, Way.LINK, room.id),
                    TargetWish(other.target_id, Way.LINK, room.id),
                ],
            ):
                assert (await closed(studio, made.id)).state is D.DELIVERED
                ids.append(made.id)
            shown["targets"] = repr(await desk.targets())
            for number in ids:
                shown[f"delivery {number}"] = repr(await desk.delivery(number))
                shown[f"attempts {number}"] = repr(await desk.attempts(number))
    log.close()
    home = studio.paths.data.parent
    # it was there, and in what was sent
    assert any("signature=" in message.fields.get("text", "") for message in api.messages.values())
    assert any(taken.get("link") for taken in hook.taken.values())
    told = capfd.readouterr()
    shown |= {"stdout": told.out, "stderr": told.err}
    assert (studio.paths.log_file).stat().st_size > 0
    secret_part = TOKEN.partition(":")[2]
    check_no_key([TOKEN, secret_part, SECRET, "signature=1", "signature=2"], [home], shown)
