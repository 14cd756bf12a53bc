"""H02: Telegram. What breaks after the last byte left is "maybe sent", everything before is tried again."""

from __future__ import annotations

import asyncio
import io
import socket
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.publishing.clips_to_send import SMALL, clip_file, parcel_of
from tests.publishing.servers.telegram import (
    CHANNEL,
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
from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import PublishError
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.base import MaybeSent, NotTaken, Publisher, TryAgain
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import Link, Parcel, Receipt, TargetKind, Way
from veo_studio.core.publishing.telegram import MAX_BYTES, Telegram


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as one:
        yield one


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[Publisher]:
    one = made(api)
    yield one
    await one.close()


def made(api: BotApi, **options: str) -> Publisher:
    told = {"chat": "@paper_boats", "server": api.url, **options}
    return publisher_for(TargetKind.TELEGRAM, told, {"token": TOKEN})


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    thumbnail = tmp_path / "thumbnail.jpg"
    Image.new("RGB", (320, 180), "teal").save(thumbnail)
    return replace(
        parcel_of(clip_file(tmp_path, SMALL)),
        width_px=640,
        height_px=360,
        length_s=2.6,
        thumbnail=thumbnail,
    )


class Told:
    """What was heard of the progress."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.steps.append((done, total))


async def sent(telegram: Publisher, parcel: Parcel) -> Receipt:
    return await telegram.send(parcel, Told())


# what is sent


async def test_a_clip_is_shown_with_caption_tags_and_thumbnail(api, telegram, parcel):
    told = Told()
    clip = replace(parcel, caption='A "boat" <b>&amp; a kite\n*stars*', tags=("paper boat", "kite"))
    receipt = await telegram.send(clip, told)

    (message,) = api.messages.values()
    assert message.method == "sendVideo"
    assert message.fields["caption"] == 'A "boat" <b>&amp; a kite\n*stars*\n\n#paper_boat #kite'
    assert message.fields["width"] == "640"
    assert message.fields["height"] == "360"
    assert message.fields["duration"] == "3"
    assert message.fields["video"].name == parcel.name
    assert message.fields["video"].content == parcel.file.read_bytes()
    with Image.open(io.BytesIO(message.fields["thumbnail"].content)) as picture:
        assert picture.size == (320, 180)
    assert receipt.place == "Telegram, Paper boats"
    assert receipt.facts == {"chat": "-1001234", "message": "100"}
    assert receipt.public_url == "https://t.me/paper_boats/100"
    assert not receipt.new_options
    # nobody could have had all of it before the last step
    *before, last = told.steps
    assert before[0][0] == 0
    assert all(done < total for done, total in before)
    assert last[0] == last[1]
    assert [done for done, _ in told.steps] == sorted(done for done, _ in told.steps)


async def test_each_message_goes_over_a_connection_of_its_own(api, telegram, parcel):
    await sent(telegram, parcel)
    await sent(telegram, parcel)
    assert api.methods == ["sendVideo", "sendVideo"]
    peers = {call.writer.get_extra_info("peername") for call in api.calls}
    assert len(peers) == 2


@pytest.mark.parametrize(
    ("name", "media_type", "size", "method"),
    [
        ("a.jpg", "image/jpeg", (640, 360), "sendPhoto"),
        ("a.png", "image/png", (640, 360), "sendPhoto"),
        # too wide for a picture that is shown as one
        ("a.png", "image/png", (6400, 300), "sendDocument"),
        ("a.png", "image/png", (8000, 2100), "sendDocument"),
        ("a.webm", "video/webm", (640, 360), "sendDocument"),
    ],
)
async def test_what_no_player_shows_goes_as_a_file(
    api, telegram, parcel, name, media_type, size, method
):
    kind = GenerationKind.IMAGE if media_type.startswith("image") else GenerationKind.VIDEO
    await sent(
        telegram,
        replace(
            parcel, kind=kind, name=name, media_type=media_type, width_px=size[0], height_px=size[1]
        ),
    )
    (message,) = api.messages.values()
    assert message.method == method
    assert ("thumbnail" in message.fields) is (method == "sendDocument")


async def test_a_large_picture_goes_as_a_file(api, telegram, parcel, tmp_path):
    large = tmp_path / "large.png"
    large.write_bytes(bytes(10_000_001))
    await sent(
        telegram,
        replace(parcel, file=large, size_bytes=10_000_001, name="a.png", media_type="image/png"),
    )
    assert api.methods == ["sendDocument"]


async def test_a_link_is_sent_as_words(api, telegram, parcel):
    url = "https://store.example/clip.mp4?X-Amz-Signature=abc&x=%2F"
    # of a clip that may be gone by now
    receipt = await sent(
        telegram, replace(parcel, link=Link(url), file=Path("/gone"), size_bytes=90_000_000)
    )
    (message,) = api.messages.values()
    assert message.method == "sendMessage"
    assert message.fields["text"] == f"A paper boat\n\n#boat\n\n{url}"
    assert "abc" not in str(receipt)


# before anything is sent


async def test_more_than_50_mb_is_refused_before_the_upload(api, telegram, parcel):
    large = replace(parcel, size_bytes=MAX_BYTES + 1)
    own_server = made(api)
    refusal = Telegram(api.url, TOKEN, "@paper_boats", is_own=False).refusal(large)
    assert refusal is not None
    assert "50 MB" in refusal.sentence
    assert refusal.ways == (Way.SMALLER, Way.LINK)
    # a server of one's own takes 2,000 MB
    assert own_server.refusal(large) is None
    assert own_server.refusal(replace(parcel, size_bytes=2_000_000_001)) is not None
    assert not api.calls
    await own_server.close()


async def test_what_is_refused_is_not_sent(api, parcel):
    telegram = Telegram(api.url, TOKEN, "@paper_boats", is_own=False)
    with pytest.raises(NotTaken, match="50 MB"):
        await sent(telegram, replace(parcel, size_bytes=MAX_BYTES + 1))
    assert not api.calls
    await telegram.close()


async def test_a_caption_is_counted_in_whole_characters(api, telegram, parcel):
    most = replace(parcel, caption="\N{SAILBOAT}" * 1017, tags=("boat",))
    assert telegram.refusal(most) is None
    await sent(telegram, most)
    refusal = telegram.refusal(replace(most, caption=most.caption + "."))
    assert refusal is not None
    assert "1,025" in refusal.sentence
    assert refusal.ways == (Way.LINK,)
    linked = replace(most, caption="x" * 2200, link=Link("https://store.example/a"))
    assert telegram.refusal(linked) is None


@pytest.mark.parametrize(
    ("options", "secrets", "words"),
    [
        ({"chat": "@boats"}, {}, "bot token is not known here"),
        ({"chat": "@boats"}, {"token": "123456"}, "BotFather"),
        ({"chat": "@boats"}, {"token": TOKEN + "/x"}, "BotFather"),
        ({"chat": "boats"}, {"token": TOKEN}, "@name"),
        ({"chat": ""}, {"token": TOKEN}, "@name"),
        ({"chat": "@boats", "server": "localhost:8081"}, {"token": TOKEN}, "web address"),
        ({"chat": "@boats", "server": "http://nas.lan:8081"}, {"token": TOKEN}, "http:"),
    ],
)
def test_what_is_missing_or_wrong_is_said(options, secrets, words):
    with pytest.raises(NotTaken, match=words) as refused:
        publisher_for(TargetKind.TELEGRAM, options, secrets)
    assert TOKEN not in str(refused.value)


def test_readable_http_needs_the_users_word():
    told = {"chat": "@boats", "server": "http://nas.lan:8081", "plain_http": "yes"}
    assert "boats" in repr(publisher_for(TargetKind.TELEGRAM, told, {"token": TOKEN}))


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


# afterwards


async def test_a_message_is_taken_away_again(api, telegram, parcel):
    receipt = await sent(telegram, parcel)
    await telegram.remove(receipt)
    assert not api.messages
    assert api.deleted == [100]
    # gone already
    await telegram.remove(receipt)


async def test_a_message_without_a_number_is_left_to_the_user(api, telegram, parcel):
    api.steps.append(says(200, {"ok": True, "result": {}}))
    receipt = await sent(telegram, parcel)
    assert receipt.facts == {"chat": "@paper_boats"}
    with pytest.raises(NotTaken, match="which message"):
        await telegram.remove(receipt)


# set-up


async def test_a_check_proves_bot_chat_and_right(api, telegram):
    assert await telegram.check() == "The bot @boat_bot can write to Paper boats."
    assert api.methods == ["getMe", "getChat", "getChatMember"]
    assert not api.messages


async def test_a_chat_with_a_person_needs_no_membership(api):
    telegram = made(api, chat="42")
    assert await telegram.check() == "The bot @boat_bot can write to Ann."
    await telegram.close()


@pytest.mark.parametrize(
    "member",
    [
        {"status": "left"},
        {"status": "member"},
        {"status": "administrator", "can_post_messages": False},
    ],
)
async def test_a_channel_that_the_bot_may_not_write_to_is_found_out(api, telegram, member):
    api.member = member
    with pytest.raises(NotTaken, match="may not write to Paper boats") as refused:
        await telegram.check()
    assert refused.value.kind is ErrorKind.AUTH


async def test_a_check_with_a_wrong_token_or_chat_says_so(api):
    wrong = publisher_for(
        TargetKind.TELEGRAM,
        {"chat": str(CHANNEL["id"]), "server": api.url},
        {"token": "123456789:BBh-F4k3_T0kenOfATest-NeverSeen0123"},
    )
    with pytest.raises(NotTaken, match="bot token"):
        await wrong.check()
    await wrong.close()
    nowhere = made(api, chat="@nobody_here")
    with pytest.raises(NotTaken, match="does not find this chat"):
        await nowhere.check()
    await nowhere.close()


def check_masked(error: PublishError) -> None:
    """Neither the token nor the address is in anything that may be shown or kept."""
    shown = "".join(
        [str(error), repr(error), str(error.action), *traceback.format_exception(error)]
    )
    secret = TOKEN.partition(":")[2]
    assert secret[:12] not in shown
    assert "/bot" not in shown
