"""Chat completions of OpenAI and the many servers that speak like it: words in, words out.

Source: OpenAI API reference, "Chat completions", and the documentation of Ollama and llama.cpp, read
2026-11-20. A text request is cheap and harmless, so unlike a clip it may be sent twice.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from veo_studio.core.errors import (
    AuthError,
    ContentRefused,
    GenerationFailedError,
    InsufficientCredits,
    InvalidRequest,
    NotFoundError,
    NotSent,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.log import register_secret
from veo_studio.core.plain import masked
from veo_studio.core.providers.addresses import base_problem, parse_address
from veo_studio.core.providers.http import HttpGateway, JsonAnswer
from veo_studio.core.providers.words import plain, retry_after_s

PROVIDER = "openai"
# a local model may be loaded from the disk before the first word
_ANSWER_S = 180.0
_MAX_TOKENS = 800
_TEMPERATURE = 0.7
_KEY = re.compile(r"[\x21-\x7e]{1,512}\Z")
_THINKS, _THOUGHT = "<think>", "</think>"
# thoughts are taken off before it is compared
_MAX_CHARS = 64_000
_REFUSED_CODES = frozenset({"content_policy_violation", "moderation_blocked", "content_filter"})


@dataclass(frozen=True)
class Picture:
    """A picture that the words are about."""

    content: bytes
    mime_type: str

    @property
    def data_url(self) -> str:
        return f"data:{self.mime_type};base64,{base64.b64encode(self.content).decode('ascii')}"


class ChatClient:
    """One server and one model; `base_url` is the part before `/chat/completions`, with its `/v1`.

    Raises InvalidRequest for an address that is neither https nor on this machine, unless the user
    allowed it; AuthError for a key that cannot be one. Local servers need no key.
    """

    def __init__(
        self,
        gateway: HttpGateway,
        base_url: str,
        model: str,
        key: str | None = None,
        *,
        allows_plain_http: bool = False,
        timeout_s: float = _ANSWER_S,
    ) -> None:
        problem = base_problem(base_url)
        if problem and not allows_plain_http:
            raise InvalidRequest(f"The base address cannot be used: {problem}.", provider=PROVIDER)
        if key is not None:
            key = key.strip()
            register_secret(key)
            if not _KEY.match(key):
                raise AuthError("The key holds characters that no key has.", provider=PROVIDER)
        self._gateway = gateway
        self._base_url = base_url.rstrip("/")
        self._is_local = parse_address(base_url).is_loopback
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._model = model
        self._timeout_s = timeout_s

    async def complete(
        self,
        system: str,
        user: str,
        picture: Picture | None = None,
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = _MAX_TOKENS,
    ) -> str:
        """The model's answer as plain text; with `schema` JSON of that form, where the server can.

        Raises ContentRefused, GenerationFailedError (no answer, or one that was cut off), and what
        `models` raises.
        """
        body = self._body(system, user, picture)
        body["max_tokens"] = max_tokens
        if schema is not None:
            named = {"name": "answer", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        answer = await self._ask("POST", "/chat/completions", body)
        # models refuse fields that others need, and name one of them at a time
        while (simpler := _simpler(body, answer)) is not None:
            body = simpler
            answer = await self._ask("POST", "/chat/completions", body)
        _raise_for_status(answer)
        return read_answer(answer.json)

    async def models(self) -> list[str]:
        """Ids of the models there; free, and proves the key.

        Raises AuthError, RateLimited, InsufficientCredits, InvalidRequest, NotFoundError,
        ProviderUnavailable, ProtocolError.
        """
        answer = await self._ask("GET", "/models")
        _raise_for_status(answer)
        entries = answer.json.get("data") if isinstance(answer.json, dict) else None
        if not isinstance(entries, list):
            raise ProtocolError("The server's answer is no list of models.", provider=PROVIDER)
        names = [entry.get("id") for entry in entries if isinstance(entry, dict)]
        return [plain(name) for name in names if isinstance(name, str) and name]

    def _body(self, system: str, user: str, picture: Picture | None) -> dict[str, Any]:
        asked: Any = user
        if picture is not None:
            asked = [
                {"type": "text", "text": user},
                {"type": "image_url", "image_url": {"url": picture.data_url}},
            ]
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": asked},
            ],
            "max_tokens": _MAX_TOKENS,
            "temperature": _TEMPERATURE,
        }

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> JsonAnswer:
        try:
            return await ask_as(
                PROVIDER, self._gateway, method, self._base_url + path,
                headers=self._headers, body=body, timeout_s=self._timeout_s,
            )  # fmt: skip
        except NotSent as error:
            if self._is_local:
                error.action = "Start the server on this computer, or choose another address."
            raise


async def ask_as(
    provider: str, gateway: HttpGateway, method: str, url: str, **how: Any
) -> JsonAnswer:
    """`gateway.request_json`, whose errors name the service that writes words."""
    try:
        return await gateway.request_json(method, url, **how)
    except ProviderError as error:
        error.provider = provider
        raise


def _simpler(body: Mapping[str, Any], answer: JsonAnswer) -> dict[str, Any] | None:
    """The body that this model takes, where it names a field that it does not take; else None."""
    if answer.status != 400:
        return None
    error = _error_of(answer.json)
    named = f"{error.get('param') or ''} {plain(error.get('message'))}"
    simpler = dict(body)
    if "max_tokens" in named and "max_tokens" in body:
        simpler["max_completion_tokens"] = simpler.pop("max_tokens")
    if "temperature" in named:
        simpler.pop("temperature", None)
    if "response_format" in named or "json_schema" in named:
        simpler.pop("response_format", None)
    return simpler if simpler != body else None


def read_answer(value: object) -> str:
    """The text of a completion without the thoughts before it; raises what `complete` raises."""
    choices = value.get("choices") if isinstance(value, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise ProtocolError("The server's answer is no completion.", provider=PROVIDER)
    refusal = plain(message.get("refusal"))
    if refusal or choice.get("finish_reason") == "content_filter":
        raise ContentRefused(refusal or "The model refused without a reason.", provider=PROVIDER)
    content = message.get("content")
    text = _without_thoughts(content if isinstance(content, str) else "").strip()
    if len(text) > _MAX_CHARS and not text.startswith(_THINKS):
        raise GenerationFailedError("The model's answer was far too long.", provider=PROVIDER)
    # a cut answer can end inside its thoughts
    if choice.get("finish_reason") == "length" or text.startswith(_THINKS):
        raise GenerationFailedError("The model's answer was cut off.", provider=PROVIDER)
    text = masked(text).strip()
    if not text:
        raise GenerationFailedError("The model answered without words.", provider=PROVIDER)
    return text


def _without_thoughts(text: str) -> str:
    """In one pass: answers may have millions of characters, and nobody can interrupt a pattern."""
    kept, place = [], 0
    while (start := text.find(_THINKS, place)) >= 0:
        end = text.find(_THOUGHT, start)
        if end < 0:
            break
        kept.append(text[place:start])
        place = end + len(_THOUGHT)
    return "".join([*kept, text[place:]])


def _error_of(value: object) -> Mapping[str, Any]:
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, str):
        # Ollama's older shape
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _raise_for_status(answer: JsonAnswer) -> None:
    """Sort an answer that is no success into our kinds (providers: section 10.1)."""
    status = answer.status
    if 200 <= status < 300:
        return
    error = _error_of(answer.json)
    code = plain(str(error.get("code") or error.get("type") or ""))[:200]
    message = plain(error.get("message")) or f"The answer was HTTP {status}."
    named: dict[str, Any] = {"provider": PROVIDER, "status": status}
    told_s = retry_after_s(answer.headers.get("Retry-After"))
    if status in (401, 403):
        raise AuthError(message, code=code, **named)
    if status == 402 or (status == 429 and code == "insufficient_quota"):
        raise InsufficientCredits(message, code=code, **named)
    if status == 429:
        raise RateLimited(message, retry_after_s=told_s, **named)
    if status in (404, 410):
        raise NotFoundError(
            message, code=code, action="Choose another model, or load it on the server.", **named
        )
    if status in (400, 451) and (status == 451 or code in _REFUSED_CODES):
        raise ContentRefused(message, code=code, **named)
    if status >= 500 or status == 408:
        raise ProviderUnavailable(message, retry_after_s=told_s, **named)
    raise InvalidRequest(message, code=code, **named)
