"""Google's answers in our words: statuses, costs and the three shapes of its errors.

Source: Gemini API, "Interactions" and the schema of google-genai 3.4, read 2026-11-20.
Pure translation; nothing here waits or sends.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from veo_studio.core.errors import ProtocolError
from veo_studio.core.log import holds_secret
from veo_studio.core.models import (
    CancelledByProvider,
    Done,
    ErrorKind,
    PollResult,
    Refused,
    ResultRef,
    Running,
)
from veo_studio.core.providers.inline_results import SCHEME
from veo_studio.core.providers.words import WireError as WireError
from veo_studio.core.providers.words import fraction_of, retry_after_s
from veo_studio.core.providers.words import plain as plain

_log = logging.getLogger(__name__)

NO_REASON = "The provider made nothing and gave no reason."
# what is made, and the bytes of it where the answer does not say
_USUAL_TYPES = {"video": "video/mp4", "image": "image/png"}
_LONGEST_WAIT_S = 7 * 24 * 3600.0
# many times what the longest clip takes
_MOST_TOKENS = 100_000_000
# An id becomes a part of an address: no slash, no dots to climb with, no percent sign.
_INTERACTION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=-]{0,511}\Z")
_MIME_TYPE = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}\Z")
_SAFETY_CODES = ("safety", "prohibited_content", "blocklist", "spii", "content_filter", "blocked")
_SAFETY_TEXT = re.compile(r"(?is)\bblocked\b.*\bsafety\b|\bsafety\b.*\bblocked\b")
_KEY_TEXT = re.compile(r"(?i)api[ _]key (not valid|expired|is invalid|has expired)")
_DAILY = re.compile(r"(?i)per[ _-]?(day|month)|spend")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s\Z")
_seen_statuses: set[str] = set()


def interaction_id(value: object) -> str | None:
    """The id of an interaction object, or None if it is not one that may be used.

    It is stored and becomes a part of addresses, so one that repeats the key is none.
    """
    found = value.get("id") if isinstance(value, dict) else None
    if not isinstance(found, str) or not _INTERACTION_ID.match(found) or holds_secret(found):
        return None
    return found


def read_interaction(value: object) -> PollResult:
    """What an interaction object says; raises ProtocolError for what is none."""
    status = value.get("status") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(status, str):
        raise ProtocolError("The provider's answer is no interaction.")
    match status:
        case "queued":
            return Running(status=status, is_queued=True)
        case "in_progress":
            return Running(fraction_of(value.get("progress")), status)
        case "completed" | "incomplete":
            return _ended(value, status)
        case "failed":
            return _failed(value)
        case "cancelled":
            return CancelledByProvider()
        case "budget_exceeded":
            return Refused(
                ErrorKind.QUOTA_EXCEEDED, "The budget at the provider is used up.", status
            )
        case "requires_action" | "requires_continuation":
            return Refused(
                ErrorKind.GENERATION_FAILED, f"The provider stopped with {status!r}.", status
            )
    # New statuses come without notice. None of them ends a paid generation.
    shown = plain(status)[:100]
    if shown not in _seen_statuses and len(_seen_statuses) < 100:
        _seen_statuses.add(shown)
        _log.warning("the provider reports a status that is not known here: %r", shown)
    return Running(status=shown)


def _ended(value: Mapping[str, Any], status: str) -> PollResult:
    made, text = _last_output(value)
    usage = value.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    if made is not None:
        uri, mime_type = made.get("uri"), made.get("mime_type")
        received = made.get("data")
        if isinstance(uri, str) and uri.startswith(SCHEME):
            raise ProtocolError("The provider named a result in a way that cannot be used.")
        if not uri and isinstance(received, str) and received.startswith(SCHEME):
            uri = received
        if isinstance(uri, str) and uri:
            if holds_secret(uri):
                # it would be stored, and whoever reads the database would have the key
                raise ProtocolError("The provider put the key into the link of the result.")
            named = mime_type if isinstance(mime_type, str) else ""
            kind = str(made["type"])
            if not _MIME_TYPE.match(named) or holds_secret(named) or not named.startswith(kind):
                named = _USUAL_TYPES[kind]
            return Done(ResultRef(uri, named), usage=_without_secrets(usage))
        return Refused(
            ErrorKind.GENERATION_FAILED, "The provider finished without a link to the result."
        )
    if status == "incomplete":
        return Refused(
            ErrorKind.GENERATION_FAILED, text or "The provider stopped before the end.", status
        )
    # A refusal by the safety system looks like success with words in place of a result.
    if text:
        return Refused(ErrorKind.CONTENT_FILTERED, text)
    if not _made_tokens(usage):
        return Refused(ErrorKind.CONTENT_FILTERED, NO_REASON)
    return Refused(ErrorKind.GENERATION_FAILED, "The provider finished without a result.")


def _last_output(value: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
    """The last video or image part of the last model output, and that output's text."""
    for step in reversed(_dicts(value.get("steps"))):
        if step.get("type") == "model_output":
            parts = _dicts(step.get("content"))
            made = [part for part in parts if part.get("type") in _USUAL_TYPES]
            texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
            return (made[-1] if made else None), plain("\n".join(texts))
    return None, ""


def _failed(value: Mapping[str, Any]) -> Refused:
    errors = _dicts(value.get("errors")) + _dicts([value.get("error")])
    errors += _dicts([step.get("error") for step in _dicts(value.get("steps"))])
    error = errors[0] if errors else {}
    code = error.get("code")
    code = plain(str(code))[:200] if isinstance(code, str | int) else None
    message = error.get("message")
    reason = plain(message) if isinstance(message, str) else ""
    status = error.get("status")
    words = f"{code or ''} {status if isinstance(status, str) else ''}".lower()
    kind = ErrorKind.GENERATION_FAILED
    if any(word in words for word in _SAFETY_CODES) or _SAFETY_TEXT.search(reason):
        kind = ErrorKind.CONTENT_FILTERED
    elif "deadline_exceeded" in words:
        kind = ErrorKind.TIMEOUT
    elif "resource_exhausted" in words or "quota" in words:
        kind = ErrorKind.QUOTA_EXCEEDED
    elif "invalid_argument" in words or "invalid_request" in words:
        kind = ErrorKind.INVALID_REQUEST
    return Refused(kind, reason or "The provider failed without a reason.", code)


def _without_secrets(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a provider counted, for callers who may print it; nothing of it where it holds a key."""
    return {} if holds_secret(str(usage)) else usage


def _made_tokens(usage: Mapping[str, Any]) -> bool:
    return any(
        entry.get("modality") in _USUAL_TYPES and entry.get("tokens")
        for entry in _dicts(usage.get("output_tokens_by_modality"))
    )


def cost_usd(value: object, per_million: Mapping[str, Decimal]) -> Decimal | None:
    """What the tokens of an interaction cost; None where no result was counted or a price is not known.

    `per_million` are the catalogue's prices for `input`, `text` and `video` or `image` tokens. Thinking
    is billed as text.
    """
    usage = value.get("usage") if isinstance(value, dict) else None
    made = next((name for name in _USUAL_TYPES if name in per_million), None)
    if not isinstance(usage, dict) or made is None:
        return None
    outputs = _dicts(usage.get("output_tokens_by_modality"))
    counts = {
        made: sum(_count(e.get("tokens")) for e in outputs if e.get("modality") == made),
        "text": sum(_count(e.get("tokens")) for e in outputs if e.get("modality") != made)
        + _count(usage.get("total_thought_tokens")),
        "input": _count(usage.get("total_input_tokens")),
    }
    if not counts[made]:
        return None
    cost = sum(
        (per_million.get(name, Decimal(0)) * count for name, count in counts.items()), Decimal(0)
    )
    return (cost / 1_000_000).quantize(Decimal("0.000001"))


def _count(tokens: object) -> int:
    if not isinstance(tokens, int) or isinstance(tokens, bool):
        return 0
    return tokens if 0 <= tokens <= _MOST_TOKENS else 0


def read_error(http_status: int, headers: Mapping[str, str], value: object) -> WireError:
    """Sort an answer that is no success into our kinds (providers: section 4.4)."""
    if isinstance(value, list) and value:
        value = value[0]
    error = value.get("error") if isinstance(value, dict) else None
    told_s = retry_after_s(headers.get("Retry-After"))
    if not isinstance(error, dict):
        kind = _kind(http_status, "", "", ())
        return WireError(False, kind, f"The answer was HTTP {http_status}.", None, told_s)
    details = _dicts(error.get("details"))
    text = error.get("message")
    message = plain(text) if isinstance(text, str) else ""
    codes = [error.get("status"), error.get("code"), *(entry.get("reason") for entry in details)]
    words = [code for code in codes if isinstance(code, str)]
    kind = _kind(http_status, " ".join(words).lower(), message, tuple(_quota_names(details)))
    waits = [told_s, *(_retry_info_s(entry) for entry in details)]
    return WireError(
        True,
        kind,
        message or f"The answer was HTTP {http_status} without a reason.",
        plain(words[0])[:200] if words else None,
        max((wait for wait in waits if wait is not None), default=None),
    )


def _kind(http_status: int, words: str, message: str, quotas: tuple[str, ...]) -> ErrorKind:
    match http_status:
        case 400:
            if "api_key_invalid" in words or _KEY_TEXT.search(message):
                return ErrorKind.AUTH
            if any(code in words for code in _SAFETY_CODES) or _SAFETY_TEXT.search(message):
                return ErrorKind.CONTENT_FILTERED
            if "failed_precondition" in words:
                return ErrorKind.AUTH
            if "invalid interaction name" in message.lower():
                return ErrorKind.NOT_FOUND
            return ErrorKind.INVALID_REQUEST
        case 401 | 403:
            return ErrorKind.AUTH
        case 402:
            return ErrorKind.INSUFFICIENT_CREDITS
        case 404 | 410:
            return ErrorKind.NOT_FOUND
        case 408 | 504:
            return ErrorKind.TIMEOUT
        case 429:
            if "credits are depleted" in message.lower():
                return ErrorKind.INSUFFICIENT_CREDITS
            if any(_DAILY.search(name) for name in quotas) or "spend" in message.lower():
                return ErrorKind.QUOTA_EXCEEDED
            return ErrorKind.RATE_LIMITED
        case 451:
            return ErrorKind.CONTENT_FILTERED
    return ErrorKind.SERVER_ERROR if http_status >= 500 else ErrorKind.INVALID_REQUEST


def _quota_names(details: list[Mapping[str, Any]]) -> Iterator[str]:
    for entry in details:
        for violation in _dicts(entry.get("violations")):
            name = violation.get("quotaId")
            if isinstance(name, str):
                yield name


def _retry_info_s(detail: Mapping[str, Any]) -> float | None:
    delay = detail.get("retryDelay")
    match = _DURATION.match(delay) if isinstance(delay, str) else None
    return min(float(match[1]), _LONGEST_WAIT_S) if match else None


def _dicts(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
