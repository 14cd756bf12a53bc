"""Google's text models over generateContent: words and a picture in, words out.

Source: Gemini API, "Generating content", read 2026-11-20 (providers: section 7). A text request is cheap and
harmless, so it may be sent twice.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from veo_studio.core.enhancing.instructions import SCHEMA
from veo_studio.core.errors import (
    ContentRefused,
    GenerationFailedError,
    InvalidRequest,
    ProtocolError,
)
from veo_studio.core.log import register_secret
from veo_studio.core.models import ErrorKind
from veo_studio.core.plain import masked
from veo_studio.core.providers.adapter import refusal_of
from veo_studio.core.providers.addresses import base_problem
from veo_studio.core.providers.chat import Picture, ask_as
from veo_studio.core.providers.connection import Connection
from veo_studio.core.providers.gemini_wire import read_error
from veo_studio.core.providers.http import HttpGateway, JsonAnswer
from veo_studio.core.providers.words import plain

PROVIDER = "gemini"
_VERSION = re.compile(r"/v\d+(alpha|beta)?\d*\Z")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\Z")
# thinking counts against it
_MAX_TOKENS = 4096
_REFUSED = frozenset(
    {"SAFETY", "PROHIBITED_CONTENT", "RECITATION", "BLOCKLIST", "SPII", "IMAGE_SAFETY", "LANGUAGE"}
)
# in the list, and no writers of words
_NO_TEXT = re.compile(
    r"(?i)embedding|image|banana|tts|audio|live|veo|omni|aqa|imagen|robotics|lyria|computer-use"
)


class GeminiText:
    """One model of Google's; raises InvalidRequest for an address or a name that cannot be one."""

    def __init__(
        self, gateway: HttpGateway, connection: Connection, model: str, timeout_s: float
    ) -> None:
        problem = base_problem(connection.base_url)
        if problem and not connection.allows_plain_http:
            raise InvalidRequest(f"The base address cannot be used: {problem}.", provider=PROVIDER)
        self._model = model.removeprefix("models/")
        if not _MODEL.match(self._model):
            raise InvalidRequest("The name of the text model cannot be one.", provider=PROVIDER)
        self._gateway = gateway
        base = connection.base_url
        self._base_url = base if _VERSION.search(base) else f"{base}/v1"
        key = connection.key or ""
        register_secret(key)
        self._headers = {"x-goog-api-key": key}
        self._timeout_s = timeout_s

    async def complete(
        self,
        system: str,
        user: str,
        picture: Picture | None = None,
        *,
        schema: Mapping[str, Any] = SCHEMA,
        max_tokens: int = _MAX_TOKENS,
    ) -> tuple[str, bool]:
        """The answer as JSON of `schema`, and True: every model of Google's sees pictures.

        Raises ContentRefused, GenerationFailedError (no answer, or one that was cut off), and what `models`
        raises.
        """
        body = _body(system, user, picture, schema, max_tokens)
        path = f"/models/{self._model}:generateContent"
        answer = await self._ask("POST", path, body)
        # older models lack one of two settings, and name it
        while (simpler := _simpler(body, answer)) is not None:
            body = simpler
            answer = await self._ask("POST", path, body)
        _raise_for_status(answer)
        return read_answer(answer.json), True

    async def models(self) -> list[str]:
        """Names of the models that write; free, and proves the key.

        Raises AuthError, RateLimited, QuotaExceeded, InvalidRequest, NotFoundError, ProviderUnavailable,
        ProtocolError.
        """
        answer = await self._ask("GET", "/models?pageSize=1000")
        _raise_for_status(answer)
        entries = answer.json.get("models") if isinstance(answer.json, dict) else None
        if not isinstance(entries, list):
            raise ProtocolError("The service's answer is no list of models.", provider=PROVIDER)
        found = []
        for entry in entries:
            name = entry.get("name") if isinstance(entry, dict) else None
            methods = entry.get("supportedGenerationMethods") if isinstance(entry, dict) else None
            if not isinstance(name, str) or _NO_TEXT.search(name):
                continue
            if isinstance(methods, list) and "generateContent" not in methods:
                continue
            found.append(plain(name).removeprefix("models/"))
        return [name for name in found if _MODEL.match(name)]

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> JsonAnswer:
        return await ask_as(
            PROVIDER, self._gateway, method, self._base_url + path,
            headers=self._headers, body=body, timeout_s=self._timeout_s,
        )  # fmt: skip


def _body(
    system: str, user: str, picture: Picture | None, schema: Mapping[str, Any], max_tokens: int
) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    if picture is not None:
        content = base64.b64encode(picture.content).decode("ascii")
        parts.append({"inlineData": {"mimeType": picture.mime_type, "data": content}})
    parts.append({"text": user})
    return {
        "contents": [{"role": "user", "parts": parts}],
        "systemInstruction": {"parts": [{"text": system}]},
        "generationConfig": {
            "maxOutputTokens": max_tokens,
            "thinkingConfig": {"thinkingLevel": "LOW"},
            "responseMimeType": "application/json",
            "responseJsonSchema": _known_words(schema),
        },
    }


def _known_words(schema: Any) -> Any:
    """Google's schemas do not know one of the words, on any level."""
    if isinstance(schema, Mapping):
        return {
            name: _known_words(value)
            for name, value in schema.items()
            if name != "additionalProperties"
        }
    return schema


def _simpler(body: Mapping[str, Any], answer: JsonAnswer) -> dict[str, Any] | None:
    """The body without what this model does not know, where it names that; else None."""
    if answer.status != 400:
        return None
    message = read_error(answer.status, answer.headers, answer.json).message.lower()
    config = dict(body["generationConfig"])
    if "thinking" in message:
        config.pop("thinkingConfig", None)
    if any(word in message for word in ("schema", "json mode", "mime")):
        config.pop("responseJsonSchema", None)
        config.pop("responseMimeType", None)
    return {**body, "generationConfig": config} if config != body["generationConfig"] else None


def read_answer(value: object) -> str:
    """The text without the thoughts; raises what `complete` raises."""
    if not isinstance(value, dict):
        raise ProtocolError("The service's answer is no answer of a text model.", provider=PROVIDER)
    candidates = value.get("candidates")
    candidate = candidates[0] if isinstance(candidates, list) and candidates else None
    if not isinstance(candidate, dict):
        feedback = value.get("promptFeedback")
        reason = feedback.get("blockReason") if isinstance(feedback, dict) else None
        if isinstance(reason, str):
            told = plain(feedback.get("blockReasonMessage")) if isinstance(feedback, dict) else ""
            raise ContentRefused(
                told or f"Google refused the prompt ({plain(reason)}).", provider=PROVIDER
            )
        raise ProtocolError("The service's answer is no answer of a text model.", provider=PROVIDER)
    ended = candidate.get("finishReason")
    if ended in _REFUSED:
        raise ContentRefused(f"Google refused to answer ({ended}).", provider=PROVIDER)
    if ended == "MAX_TOKENS":
        raise GenerationFailedError("The model's answer was cut off.", provider=PROVIDER)
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    texts = [
        part["text"]
        for part in (parts if isinstance(parts, list) else [])
        if isinstance(part, dict) and isinstance(part.get("text"), str) and not part.get("thought")
    ]
    text = masked("".join(texts)).strip()
    if not text:
        raise GenerationFailedError("The model answered without words.", provider=PROVIDER)
    return text


def _raise_for_status(answer: JsonAnswer) -> None:
    if 200 <= answer.status < 300:
        return
    error = read_error(answer.status, answer.headers, answer.json)
    action = None
    if error.kind is ErrorKind.NOT_FOUND:
        action = "Choose another text model for the enhancer."
    raise refusal_of(
        PROVIDER,
        error.kind,
        error.message,
        status=answer.status,
        code=error.code,
        retry_after_s=error.retry_after_s,
        action=action,
    )
