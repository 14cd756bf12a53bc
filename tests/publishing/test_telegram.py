"""Telegram: what is sent, what is refused before, what is taken away again, and the check of a target."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.publishing.servers.telegram import (
    CHANNEL,
    TOKEN,
    BotApi,
    bot_api,
    says,
)
from tests.publishing.telegram_cases import Told, clip_parcel, made, sent
from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.base import NotTaken, Publisher
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import Link, Parcel, TargetKind, Way
from veo_studio.core.publishing.telegram import INFO, MAX_BYTES, Telegram


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


@pytest.mark.parametrize(
    ("token", "words"),
    [("12345:wrong", "about 35 letters behind the colon"), ("12345", "with a colon in it")],
)
def test_what_is_no_token_is_told_what_it_lacks(token, words):
    (field,) = (one for one in INFO[TargetKind.TELEGRAM].fields if one.name == "token")
    assert words in field.check(token)
    assert field.check(f"123456789:{'a' * 35}") == ""
