"""Telegram: a clip as a message of the user's own bot.

Source: core.telegram.org/bots/api ("sendVideo", "sendPhoto", "ResponseParameters"), and the constants
of python-telegram-bot 22.8 (Bot API 10.0), read 2026-11-22.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta

from veo_studio.core.answers import ErrorKind
from veo_studio.core.log import register_secret
from veo_studio.core.publishing.base import (
    KindInfo,
    NotTaken,
    OnProgress,
    Options,
    Publisher,
    TargetField,
    TryAgain,
)
from veo_studio.core.publishing.models import Link, Parcel, Receipt, Refusal, TargetKind, Way
from veo_studio.core.publishing.own_address import (
    PLAIN_HTTP,
    address_problem,
    readable_problem,
    without,
)
from veo_studio.core.publishing.sending import Answer, FileFailed, Form, NoAnswer, Wire
from veo_studio.core.publishing.telegram_wire import (
    MAX_CAPTION,
    MAX_TEXT,
    Files,
    bot_name,
    caption_of,
    chat_name,
    check_member,
    is_gone,
    maybe_sent,
    message_of,
    new_chat,
    receipt_of,
    result_of,
    text_with_link,
    too_long,
)

OFFICIAL = "https://api.telegram.org"
# of an upload to Telegram itself, and to a server of one's own
MAX_BYTES = 50_000_000
MAX_OWN_BYTES = 2_000_000_000
# it looks at a clip before it answers
_ANSWER_WITHIN_S = 300.0

_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{30,64}\Z")
_CHAT = re.compile(r"(?:@[A-Za-z][A-Za-z0-9_]{3,31}|-?[0-9]{1,19})\Z")


def _token_problem(value: str) -> str:
    if _TOKEN.match(value):
        return ""
    like = "A bot token looks like 123456789:AAbbCC…"
    if ":" in value:
        return f"{like}, with about 35 letters behind the colon. Copy all of it from @BotFather."
    return f"{like}, with a colon in it. @BotFather tells it."


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
    server = options["server"].strip().rstrip("/")
    filled = {name: options[name].strip() for name in ("token", "chat", "plain_http")}
    if not filled["token"]:
        raise without("bot token")
    problem = (
        _token_problem(filled["token"])
        or _chat_problem(filled["chat"])
        or (server and address_problem(server))
        or readable_problem({**filled, "server": server}, "server")
    )
    if problem:
        raise NotTaken(problem, ErrorKind.INVALID_REQUEST, action="Edit the target.")
    register_secret(filled["token"])
    return Telegram(server or OFFICIAL, filled["token"], filled["chat"], is_own=bool(server))


class Telegram:
    """A second message would be seen, so nothing is repeated that may have arrived."""

    repeats_harmlessly = False

    def __init__(
        self,
        server: str,
        token: str,
        chat: str,
        *,
        is_own: bool,
        answer_within_s: float = _ANSWER_WITHIN_S,
    ) -> None:
        self._base = f"{server}/bot{token}"
        self._chat = chat
        self.max_bytes: int | None = MAX_OWN_BYTES if is_own else MAX_BYTES
        self._answer_within_s = answer_within_s
        self._wire = Wire("Telegram")

    async def check(self) -> str:
        me = await self._asked("getMe", {})
        chat = await self._asked("getChat", {"chat_id": self._chat})
        title = chat_name(chat, self._chat)
        if chat.get("type") != "private":
            asked = {"chat_id": self._chat, "user_id": me.get("id")}
            check_member(await self._asked("getChatMember", asked), chat, title)
        return f"The bot {bot_name(me)} can write to {title}."

    def refusal(self, parcel: Parcel) -> Refusal | None:
        if parcel.link is not None:
            text = text_with_link(parcel)
            return too_long(text, MAX_TEXT, ()) if len(text) > MAX_TEXT else None
        if self.max_bytes is not None and parcel.size_bytes > self.max_bytes:
            return Refusal(
                f"Telegram takes files of up to {self.max_bytes / 1e6:,.0f} MB; this one has "
                f"{parcel.size_bytes / 1e6:,.1f} MB.",
                (Way.SMALLER, Way.LINK),
            )
        text = caption_of(parcel)
        return too_long(text, MAX_CAPTION, (Way.LINK,)) if len(text) > MAX_CAPTION else None

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        if refusal := self.refusal(parcel):
            raise NotTaken(refusal.sentence, ErrorKind.INVALID_REQUEST)
        method, fields, files = message_of(parcel)
        chat, new_options = self._chat, {}
        answer = await self._sent(method, {"chat_id": chat, **fields}, files, on_progress)
        if moved_to := new_chat(answer):
            # nothing was shown there: the group has another number since it became a supergroup
            chat, new_options = moved_to, {"chat": moved_to}
            answer = await self._sent(method, {"chat_id": chat, **fields}, files, on_progress)
        return receipt_of(result_of(answer, is_message=True), chat, new_options)

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        return None if receipt.public_url is None else Link(receipt.public_url)

    async def remove(self, receipt: Receipt) -> None:
        chat, message = receipt.facts.get("chat"), receipt.facts.get("message")
        if not chat or not message:
            raise NotTaken(
                "Telegram did not say which message it became.",
                ErrorKind.NOT_FOUND,
                action="Delete it in Telegram.",
            )
        answer = await self._answer("deleteMessage", {"chat_id": chat, "message_id": int(message)})
        if not is_gone(answer):
            result_of(answer)

    async def close(self) -> None:
        await self._wire.close()

    async def _asked(self, method: str, fields: Mapping[str, object]) -> Mapping[str, object]:
        return result_of(await self._answer(method, fields))

    async def _answer(self, method: str, fields: Mapping[str, object]) -> Answer:
        body = json.dumps(fields).encode("ascii")
        try:
            return await self._wire.ask("POST", f"{self._base}/{method}", body=body)
        except NoAnswer as error:
            raise TryAgain(error.sentence, error.kind) from None

    async def _sent(
        self, method: str, fields: Mapping[str, str], files: Files, on_progress: OnProgress
    ) -> Answer:
        try:
            return await self._wire.ask(
                "POST",
                f"{self._base}/{method}",
                body=Form(fields, files),
                answer_within_s=self._answer_within_s,
                on_progress=on_progress,
            )
        except FileFailed as error:
            raise TryAgain(str(error), ErrorKind.STORAGE) from None
        except NoAnswer as error:
            if error.was_whole:
                raise maybe_sent(error.sentence) from None
            raise TryAgain(error.sentence, error.kind) from None

    def __repr__(self) -> str:
        return f"<Telegram, chat {self._chat}>"
