"""What a message of Telegram's Bot API says in either direction.

Lengths are counted in whole characters, not in halves of surrogate pairs: 4,096 emoji were taken and
4,097 refused when this was measured at the service (github.com/FerroxLabs/wayland, issue 934, 2026-08-29).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from veo_studio.core.answers import ErrorKind
from veo_studio.core.plain import without_links
from veo_studio.core.providers.words import plain, retry_after_s
from veo_studio.core.publishing.base import MaybeSent, NotTaken, TryAgain
from veo_studio.core.publishing.models import Parcel, Receipt, Refusal, Way
from veo_studio.core.publishing.sending import Answer, at_least_a_second

# of what stands below a clip, and of a message without one
MAX_CAPTION = 1024
MAX_TEXT = 4096
# of a picture that is shown as one: bytes, both sides together, the longer by the shorter
_MAX_PHOTO_BYTES = 10_000_000
_MAX_PHOTO_SIDES_PX = 10_000
_MAX_PHOTO_RATIO = 20
_PHOTOS = ("image/jpeg", "image/png", "image/webp")
_LONGEST_WAIT_S = 7 * 24 * 3600.0

# field, name, media type, path and size of each file
Files = Sequence[tuple[str, str, str, Path, int]]


def caption_of(parcel: Parcel) -> str:
    """What stands below the clip: the caption, then the tags as Telegram's own."""
    tags = " ".join(f"#{word}" for tag in parcel.tags if (word := _tag(tag)))
    return "\n\n".join(part for part in (parcel.caption.strip(), tags) if part)


def text_with_link(parcel: Parcel) -> str:
    link = "" if parcel.link is None else parcel.link.url
    return "\n\n".join(part for part in (caption_of(parcel), link) if part)


def _tag(tag: str) -> str:
    """Letters, digits and underscores; Telegram ends a tag at anything else."""
    return "".join(char if char.isalnum() or char == "_" else "_" for char in tag.strip("# "))


def too_long(text: str, most: int, ways: tuple[Way, ...]) -> Refusal:
    return Refusal(
        f"Telegram takes {most:,} characters below a clip; caption and tags have {len(text):,}."
        if most == MAX_CAPTION
        else f"Telegram takes {most:,} characters in a message; this one has {len(text):,}.",
        ways,
    )


def message_of(parcel: Parcel) -> tuple[str, dict[str, str], Files]:
    """The method, its fields but the chat, and its files, the clip last."""
    if parcel.link is not None:
        return "sendMessage", {"text": text_with_link(parcel)}, ()
    fields = {}
    if text := caption_of(parcel):
        fields["caption"] = text
    method, name = _method_of(parcel)
    files = [(name, parcel.name, parcel.media_type, parcel.file, parcel.size_bytes)]
    if name == "video":
        fields["supports_streaming"] = "true"
        if parcel.width_px and parcel.height_px:
            fields["width"], fields["height"] = str(parcel.width_px), str(parcel.height_px)
        if parcel.length_s:
            fields["duration"] = str(max(1, round(parcel.length_s)))
    if name != "photo" and (picture := _picture(parcel)) is not None:
        files.insert(0, picture)
    return method, fields, files


def _method_of(parcel: Parcel) -> tuple[str, str]:
    """Players of Telegram know MP4; other clips, and large pictures, go as plain files."""
    if parcel.media_type == "video/mp4":
        return "sendVideo", "video"
    sides = (parcel.width_px or 1, parcel.height_px or 1)
    is_photo = (
        parcel.media_type in _PHOTOS
        and parcel.size_bytes <= _MAX_PHOTO_BYTES
        and sum(sides) <= _MAX_PHOTO_SIDES_PX
        and max(sides) <= _MAX_PHOTO_RATIO * min(sides)
    )
    return ("sendPhoto", "photo") if is_photo else ("sendDocument", "document")


def _picture(parcel: Parcel) -> tuple[str, str, str, Path, int] | None:
    if parcel.thumbnail is None:
        return None
    try:
        size_bytes = parcel.thumbnail.stat().st_size
    except OSError:
        # a clip without its small picture is a clip
        return None
    return ("thumbnail", "thumbnail.jpg", "image/jpeg", parcel.thumbnail, size_bytes)


# answers


def new_chat(answer: Answer) -> str | None:
    """The new number of a group that became a supergroup."""
    parameters = _dict(_dict(answer.json).get("parameters"))
    moved_to = parameters.get("migrate_to_chat_id")
    if isinstance(moved_to, int) and not isinstance(moved_to, bool) and not _is_ok(answer):
        return str(moved_to)
    return None


def result_of(answer: Answer, *, is_message: bool = False) -> Mapping[str, Any]:
    """What it gave. Raises TryAgain, NotTaken; MaybeSent for a message of which nobody knows."""
    if _is_ok(answer):
        return _dict(_dict(answer.json).get("result"))
    told = _dict(answer.json)
    code = told.get("error_code")
    status = code if isinstance(code, int) and not isinstance(code, bool) else answer.status
    words = without_links(plain(told.get("description")))[:200].rstrip(".")
    if status == 429:
        raise TryAgain(
            "Telegram takes no more messages for a moment.",
            ErrorKind.RATE_LIMITED,
            retry_after_s=_told_wait_s(answer),
        )
    if 400 <= status < 500:
        raise _refused(status, words)
    if 300 <= status < 400:
        raise NotTaken(
            "The Bot API server sends to another address; nothing is sent there.",
            ErrorKind.INVALID_REQUEST,
            action="Check the address of the Bot API server.",
        )
    sentence = f"Telegram could not answer properly (HTTP {answer.status})."
    if is_message and answer.was_whole:
        raise maybe_sent(sentence)
    raise TryAgain(sentence, ErrorKind.SERVER_ERROR)


def maybe_sent(sentence: str) -> MaybeSent:
    return MaybeSent(
        f"{sentence} All of it was sent, so the message may be there.",
        action="Look into the chat: say that it arrived, or send it again.",
    )


def _refused(status: int, words: str) -> NotTaken:
    said = f" It said: {words}." if words else ""
    lower = words.lower()
    if status in (401, 404):
        return NotTaken(
            "Telegram does not know this bot token.",
            ErrorKind.AUTH,
            action="Copy the token from @BotFather again and put it into the target.",
        )
    if status == 413 or "too large" in lower or "too big" in lower:
        return NotTaken(
            "The file is too large for Telegram.",
            ErrorKind.INVALID_REQUEST,
            action="Send a smaller copy, or a link to it.",
        )
    if "chat not found" in lower:
        return NotTaken(
            "Telegram does not find this chat, or the bot was never in it.",
            ErrorKind.NOT_FOUND,
            action="Check the chat of the target, and add the bot to it.",
        )
    is_forbidden = status == 403 or "not enough rights" in lower or "have no rights" in lower
    if is_forbidden or "administrator rights" in lower or "need administrator" in lower:
        return NotTaken(
            f"The bot may not write there.{said}",
            ErrorKind.AUTH,
            action="Add the bot to the chat and let it post messages.",
        )
    return NotTaken(f"Telegram did not take it (HTTP {status}).{said}", ErrorKind.INVALID_REQUEST)


def is_gone(answer: Answer) -> bool:
    """Whether a message that was to be deleted is not there any more. Raises NotTaken."""
    if _is_ok(answer):
        return True
    words = str(_dict(answer.json).get("description", "")).lower()
    if "can't be deleted" in words:
        raise NotTaken(
            "Telegram lets a bot delete its messages for 48 hours only.",
            ErrorKind.INVALID_REQUEST,
            action="Delete it in Telegram.",
        )
    return answer.status == 400 and "message to delete not found" in words


def receipt_of(message: Mapping[str, Any], chat: str, new_options: Mapping[str, str]) -> Receipt:
    shown_in = _dict(message.get("chat"))
    facts = {"chat": str(shown_in.get("id", chat))}
    number = message.get("message_id")
    public_url = None
    if isinstance(number, int) and not isinstance(number, bool):
        facts["message"] = str(number)
        name = shown_in.get("username")
        is_name = isinstance(name, str) and name.isascii() and name.replace("_", "").isalnum()
        # of a person's own chat nobody else sees a message
        if is_name and shown_in.get("type") in ("channel", "supergroup"):
            public_url = f"https://t.me/{name}/{number}"
    place = f"Telegram, {chat_name(shown_in, chat)}"
    return Receipt(place, facts, public_url=public_url, new_options=dict(new_options))


def bot_name(me: Mapping[str, Any]) -> str:
    return f"@{plain(me.get('username'))[:64]}" if me.get("username") else "behind this token"


def chat_name(chat: Mapping[str, Any], otherwise: str) -> str:
    for key in ("title", "first_name", "username"):
        if name := " ".join(plain(chat.get(key)).split()):
            return name[:100]
    return otherwise


def check_member(member: Mapping[str, Any], chat: Mapping[str, Any], title: str) -> None:
    """Raises NotTaken where the bot could not post there."""
    status = member.get("status")
    if chat.get("type") == "channel":
        can_write = status == "creator" or (
            status == "administrator" and member.get("can_post_messages") is True
        )
        action = "Make the bot an administrator of the channel that may post messages."
    else:
        can_write = status in ("creator", "administrator", "member") or (
            status == "restricted" and member.get("can_send_videos") is True
        )
        action = "Add the bot to the group and let it send videos."
    if not can_write:
        raise NotTaken(f"The bot may not write to {title}.", ErrorKind.AUTH, action=action)


def _told_wait_s(answer: Answer) -> float | None:
    told = _dict(_dict(answer.json).get("parameters")).get("retry_after")
    if isinstance(told, int | float) and not isinstance(told, bool) and told >= 0:
        return at_least_a_second(min(float(told), _LONGEST_WAIT_S))
    return at_least_a_second(retry_after_s(answer.headers.get("Retry-After")))


def _is_ok(answer: Answer) -> bool:
    return 200 <= answer.status < 300 and _dict(answer.json).get("ok") is True


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
