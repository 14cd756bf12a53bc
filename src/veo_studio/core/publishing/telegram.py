"""Telegram: a clip as a message of the user's own bot.

Source: core.telegram.org/bots/api ("sendVideo", "sendPhoto", "ResponseParameters"), and the constants
of python-telegram-bot 22.8 (Bot API 10.0), read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from veo_studio.core.publishing.base import KindInfo, Options, Publisher, TargetField
from veo_studio.core.publishing.models import TargetKind
from veo_studio.core.publishing.own_address import PLAIN_HTTP, address_problem, readable_problem

OFFICIAL = "https://api.telegram.org"
# of an upload to Telegram itself, and to a server of one's own
MAX_BYTES = 50_000_000
MAX_OWN_BYTES = 2_000_000_000
MAX_CAPTION = 1024

_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{30,64}\Z")
_CHAT = re.compile(r"(?:@[A-Za-z][A-Za-z0-9_]{3,31}|-?[0-9]{1,19})\Z")


def _token_problem(value: str) -> str:
    if _TOKEN.match(value):
        return ""
    return "A bot token looks like 123456789:AAbbCC…, with a colon in it. @BotFather tells it."


def _chat_problem(value: str) -> str:
    if _CHAT.match(value):
        return ""
    return "A chat is @name of a public channel or group, or a number such as -1001234567890."


INFO: Mapping[TargetKind, KindInfo] = {
    TargetKind.TELEGRAM: KindInfo(
        TargetKind.TELEGRAM,
        label="Telegram",
        about="A message with the clip, its caption and tags, in a chat, group or channel of yours.",
        fields=(
            TargetField(
                "token",
                "Bot token",
                "Write /newbot to @BotFather in Telegram; it answers with the token of your bot.",
                is_secret=True,
                check=_token_problem,
            ),
            TargetField(
                "chat",
                "Chat",
                "@name of a public channel or group, or the number of a chat. "
                "Make the bot an administrator of a channel, a member of a group; "
                "in a chat with yourself, press Start first.",
                check=_chat_problem,
            ),
            TargetField(
                "server",
                "Bot API server",
                "Only for a Bot API server of your own, which takes clips of up to 2,000 MB. "
                "Empty means Telegram's own.",
                is_required=False,
                asks="url",
                check=address_problem,
            ),
            PLAIN_HTTP,
        ),
        can_remove=True,
        max_bytes=MAX_BYTES,
        max_caption=MAX_CAPTION,
        check=lambda filled: readable_problem(filled, "server"),
    )
}


def make(kind: TargetKind, options: Options) -> Publisher:
    """Raises NotTaken where something has to be filled in."""
    raise NotImplementedError
