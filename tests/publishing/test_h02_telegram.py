"""H02: Telegram. What breaks after the last byte left is "maybe sent", everything before is tried again."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.publishing.clips_to_send import clip_file, parcel_of
from tests.publishing.servers.telegram import (
    GROUP,
    TOKEN,
    BotApi,
    Step,
    bot_api,
    cut_answer,
    refuses,
    refuses_at_once,
    reset_after_sending,
    reset_within,
    says,
    silent_after_sending,
)
from tests.publishing.telegram_cases import Told, check_masked, clip_parcel, made, sent
from veo_studio.core.answers import ErrorKind
from veo_studio.core.publishing import sending
from veo_studio.core.publishing.base import MaybeSent, NotTaken, Publisher, TryAgain
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import Parcel, TargetKind
from veo_studio.core.publishing.telegram import Telegram


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as one:
        yield one


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[Publisher]:
    one = made(api)
    yield one
    await one.close()


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    return clip_parcel(tmp_path)


# the table of answers


NOT_TAKEN = [
    (refuses(401, "Unauthorized"), ErrorKind.AUTH, "bot token"),
    (refuses(404, "Not Found"), ErrorKind.AUTH, "bot token"),
    (refuses(400, "Bad Request: chat not found"), ErrorKind.NOT_FOUND, "chat"),
    (refuses(403, "Forbidden: bot was blocked by the user"), ErrorKind.AUTH, "may not write"),
    (refuses(403, "Forbidden: bot is not a member of the channel chat"), ErrorKind.AUTH, "member"),
    (
        refuses(400, "Bad Request: not enough rights to send videos to the chat"),
        ErrorKind.AUTH,
        "may not",
    ),
    (
        refuses(400, "Bad Request: need administrator rights in the channel chat"),
        ErrorKind.AUTH,
        "may not",
    ),
    (refuses(413, "Request Entity Too Large"), ErrorKind.INVALID_REQUEST, "too large"),
    (refuses_at_once(413, "Request Entity Too Large"), ErrorKind.INVALID_REQUEST, "too large"),
    (says(413, b"<html>nginx</html>"), ErrorKind.INVALID_REQUEST, "too large"),
    (refuses(400, "Bad Request: wrong file"), ErrorKind.INVALID_REQUEST, "wrong file"),
    (says(302, b"", {"Location": "https://evil.example/"}), ErrorKind.INVALID_REQUEST, "another"),
]


@pytest.mark.parametrize(("step", "kind", "words"), NOT_TAKEN)
async def test_what_telegram_refuses_is_not_tried_again(api, telegram, parcel, step, kind, words):
    api.steps.append(step)
    with pytest.raises(NotTaken, match=words) as refused:
        await sent(telegram, parcel)
    assert refused.value.kind is kind
    assert len(api.calls) == 1
    assert not api.messages
    check_masked(refused.value)


async def test_429_waits_exactly_as_long_as_the_body_says(api, telegram, parcel):
    words = "Too Many Requests: retry after 17"
    api.steps.append(refuses(429, words, retry_after=17))
    with pytest.raises(TryAgain) as refused:
        await sent(telegram, parcel)
    assert refused.value.retry_after_s == 17
    assert refused.value.kind is ErrorKind.RATE_LIMITED


async def test_429_without_a_body_waits_as_the_header_says(api, telegram, parcel):
    api.steps.append(says(429, b"slow", {"Retry-After": "5"}))
    with pytest.raises(TryAgain) as refused:
        await sent(telegram, parcel)
    assert refused.value.retry_after_s == 5


async def test_a_group_that_became_a_supergroup_is_followed(api, parcel):
    supergroup = {"id": -1009, "type": "supergroup", "title": "Friends of boats"}
    api.chats["-1009"] = supergroup
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    api.steps.append(refuses(400, words, migrate_to_chat_id=-1009))
    telegram = made(api, chat=str(GROUP["id"]))
    receipt = await sent(telegram, parcel)
    await telegram.close()
    (message,) = api.messages.values()
    assert message.chat == -1009
    assert message.fields["video"].content == parcel.file.read_bytes()
    assert receipt.new_options == {"chat": "-1009"}
    assert receipt.facts["chat"] == "-1009"
    assert receipt.public_url is None


async def test_a_group_that_moves_for_ever_is_given_up(api, telegram, parcel):
    moved = refuses(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
    api.steps += [moved, moved, moved]
    with pytest.raises(NotTaken):
        await sent(telegram, parcel)
    assert len(api.calls) == 2


# the double guard


AFTER_ALL_OF_IT = [
    reset_after_sending,
    cut_answer,
    says(200, b"<html>a portal of a hotel</html>"),
    says(200, {"ok": False}),
    says(200, b'{"ok": true' + b" " * 300_000 + b"}"),
    says(500, {"ok": False, "error_code": 500, "description": "Internal Server Error"}),
    says(502, b"Bad Gateway"),
    says(504, b"Gateway Timeout"),
]


@pytest.mark.parametrize("step", AFTER_ALL_OF_IT)
async def test_all_of_it_sent_and_no_answer_is_maybe_sent(
    api: BotApi, telegram: Publisher, parcel: Parcel, step: Step
) -> None:
    api.steps.append(step)
    with pytest.raises(MaybeSent) as unknown:
        await sent(telegram, parcel)
    assert "All of it was sent" in unknown.value.message
    assert unknown.value.action
    assert len(api.calls) == 1
    check_masked(unknown.value)


async def test_an_answer_that_does_not_come_in_time_is_maybe_sent(api, parcel):
    api.steps.append(silent_after_sending)
    telegram = Telegram(api.url, TOKEN, "@paper_boats", is_own=True, answer_within_s=0.2)
    with pytest.raises(MaybeSent, match="did not answer in time"):
        await sent(telegram, parcel)
    await telegram.close()


async def test_a_break_within_the_clip_is_tried_again(api, telegram, parcel, tmp_path):
    # more than the system takes in by itself
    clip = parcel_of(clip_file(tmp_path, 24_000_000))
    api.steps.append(reset_within(100_000))
    with pytest.raises(TryAgain) as broken:
        await sent(telegram, clip)
    assert broken.value.kind is ErrorKind.NETWORK
    assert not api.messages
    check_masked(broken.value)
    # to another one: reading the large one takes the test's server long
    await sent(telegram, parcel)
    assert len(api.messages) == 1


async def test_an_error_of_the_server_before_it_had_all_is_tried_again(api, telegram, tmp_path):
    clip = parcel_of(clip_file(tmp_path, 24_000_000))
    api.steps.append(refuses_at_once(503, "Service Unavailable"))
    with pytest.raises(TryAgain):
        await sent(telegram, clip)
    assert not api.messages


async def test_no_connection_is_tried_again(parcel):
    # nobody else gets this port, and nobody listens on it
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        told = {"chat": "@paper_boats", "server": f"http://127.0.0.1:{deaf.getsockname()[1]}"}
        telegram = publisher_for(TargetKind.TELEGRAM, told, {"token": TOKEN})
        with pytest.raises(TryAgain, match="no connection") as refused:
            await sent(telegram, parcel)
        await telegram.close()
    assert refused.value.kind is ErrorKind.NETWORK
    check_masked(refused.value)


async def test_a_file_that_changes_before_it_is_read_is_not_sent(api, telegram, parcel):
    parcel.file.write_bytes(b"another one")
    with pytest.raises(TryAgain, match="changed meanwhile"):
        await sent(telegram, parcel)
    parcel.file.unlink()
    with pytest.raises(TryAgain, match=r"could not be read to its end \(No such file"):
        await sent(telegram, parcel)
    assert not api.messages


async def test_a_clip_that_is_cancelled_on_its_way_is_not_shown(api, telegram, tmp_path):
    has_some = asyncio.Event()

    async def slow(one: BotApi, call):
        call.read = await call.reader.readexactly(100_000)
        has_some.set()
        await asyncio.Event().wait()

    api.steps.append(slow)
    told = Told()
    sending = asyncio.create_task(telegram.send(parcel_of(clip_file(tmp_path, 24_000_000)), told))
    await has_some.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert told.steps[-1][0] < told.steps[-1][1]
    assert not api.messages


async def test_one_that_is_stopped_before_its_first_byte_knows_that_nothing_was_sent(
    telegram: Publisher, parcel: Parcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def slow_start() -> None:
        begun.set()
        await never.wait()

    monkeypatch.setattr(sending, "load_aiohttp", slow_start)
    told = Told()
    task = asyncio.create_task(telegram.send(parcel, told))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ((done, whole),) = told.steps
    assert 0 == done < whole
