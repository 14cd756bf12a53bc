"""What KIE answers, in our words. Its errors come inside of HTTP 200: the `code` of the body decides.

Source: docs.kie.ai, "Veo 3.1 API", "Market" and "Common API", read 2026-11-20. Pure translation.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from veo_studio.core.errors import ProtocolError
from veo_studio.core.log import holds_secret
from veo_studio.core.models import Done, ErrorKind, PollResult, Refused, ResultRef, Running
from veo_studio.core.providers.json_answer import JsonAnswer
from veo_studio.core.providers.words import plain, retry_after_s

_log = logging.getLogger(__name__)

# what a credit costs when it is bought in the usual packs (verify with a real bill)
CREDIT_USD = Decimal("0.005")
# An id becomes a part of an address and, before "@", of the names of upgrades.
TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,255}\Z")

# codes with which KIE surely accepted nothing (providers: section 9.4)
REFUSED_CODES = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 433, 451, 505})
LATER_CODES = frozenset({455, 503})
_LATER_WAIT_S = 30.0
_MOST_CREDITS = Decimal(10_000_000)

_POLICY = re.compile(
    r"(?i)polic(y|ies)|safety|sensitive|prohibited|moderation|inappropriate|nsfw|flagged"
)
# KIE has no code of its own for a task that it does not know
_UNKNOWN_TASK = re.compile(r"(?i)\bnull\b|not found|(does not|doesn't) exist|no such")
_WORKING = re.compile(r"(?i)processing|being (made|generated|processed)|generat(ing|ed)|ready")
_KINDS: Mapping[int, ErrorKind] = {
    401: ErrorKind.AUTH,
    402: ErrorKind.INSUFFICIENT_CREDITS,
    403: ErrorKind.AUTH,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    410: ErrorKind.NOT_FOUND,
    429: ErrorKind.RATE_LIMITED,
    433: ErrorKind.QUOTA_EXCEEDED,
    451: ErrorKind.INVALID_REQUEST,
    455: ErrorKind.SERVER_ERROR,
    501: ErrorKind.GENERATION_FAILED,
    505: ErrorKind.INVALID_REQUEST,
}
_seen_statuses: set[str] = set()


@dataclass(frozen=True)
class Verdict:
    """An answer, sorted: `code` 200 is fine. `is_own` False means that it is not KIE's own JSON."""

    is_own: bool
    code: int
    kind: ErrorKind
    message: str
    retry_after_s: float | None = None

    @property
    def is_fine(self) -> bool:
        return self.is_own and self.code == 200

    @property
    def is_unknown_task(self) -> bool:
        """True where KIE says that there is no such task."""
        return self.is_own and (
            self.code in (404, 410)
            or (self.code in (400, 422) and bool(_UNKNOWN_TASK.search(self.message)))
        )

    @property
    def is_still_working(self) -> bool:
        """True where the free question for a sharper clip says that it is not there yet."""
        return self.is_own and not self.is_unknown_task and self.code in (400, 422, 500, 501)

    @property
    def speaks_of_work(self) -> bool:
        """True for a refusal whose words say that something is being made, or was."""
        return self.is_own and self.code in (400, 422) and bool(_WORKING.search(self.message))


def judge(answer: JsonAnswer) -> Verdict:
    """Sort an answer into our kinds; the one place that does (providers: section 9.4)."""
    body = answer.json if isinstance(answer.json, dict) else {}
    code = _whole(body.get("code"))
    told_s = retry_after_s(answer.headers.get("Retry-After"))
    if code is None or (code == 200 and not 200 <= answer.status < 300):
        # a page of a proxy, or two statements that contradict each other
        kind = _kind(answer.status, "")
        return Verdict(False, answer.status, kind, f"The answer was HTTP {answer.status}.", told_s)
    message = plain(body.get("msg")) or plain(body.get("message"))
    if code in LATER_CODES:
        told_s = max(told_s or 0.0, _LATER_WAIT_S)
    words = message or f"KIE answered with the code {code} and no reason."
    return Verdict(True, code, _kind(code, message), words, told_s)


def _kind(code: int, message: str) -> ErrorKind:
    if (known := _KINDS.get(code)) is not None:
        return known
    if code >= 500:
        return ErrorKind.SERVER_ERROR
    return ErrorKind.CONTENT_FILTERED if _POLICY.search(message) else ErrorKind.INVALID_REQUEST


def task_id(value: object) -> str | None:
    """`value`, where it is an id that may be stored and asked for; one that repeats the key is none."""
    if not isinstance(value, str) or not TASK_ID.match(value) or holds_secret(value):
        return None
    return value


def data_of(answer: JsonAnswer) -> Mapping[str, Any]:
    data = answer.json.get("data") if isinstance(answer.json, dict) else None
    return data if isinstance(data, dict) else {}


def read_veo(data: Mapping[str, Any]) -> PollResult:
    """A record of the Veo family; raises ProtocolError for what is none."""
    match _whole(data.get("successFlag")):
        case 0:
            return Running(status="generating")
        case 1:
            return _done(_response(data.get("response")) or data)
        case 2 | 3:
            return _failed(data.get("errorCode"), data.get("errorMessage"))
        case None:
            raise ProtocolError("KIE's answer is no record of a clip.")
        case other:
            return _not_known_here(str(other))


def read_job(data: Mapping[str, Any]) -> PollResult:
    """A record of the job API; raises ProtocolError for what is none."""
    state = data.get("state")
    if not isinstance(state, str):
        raise ProtocolError("KIE's answer is no record of a task.")
    match state.lower():
        case "waiting" | "queuing":
            return Running(status=state, is_queued=True)
        case "generating":
            return Running(status=state)
        case "success":
            return _done(_response(data.get("resultJson")) or data, data.get("creditsConsumed"))
        case "fail":
            return _failed(data.get("failCode"), data.get("failMsg"))
    return _not_known_here(state)


def read_link(value: object) -> str:
    """A link that KIE names, "" for none. Raises ProtocolError where it holds the key."""
    links = _links(value)
    return links[0] if links else ""


def upgraded_link(data: Mapping[str, Any]) -> str:
    """The sharper clip in the answer of an upgrade, "" while there is none."""
    return read_link(data.get("resultUrl")) or read_link(data.get("resultUrls"))


def is_4k(data: Mapping[str, Any]) -> bool:
    """True where a record says that its result is the 4k one."""
    resolution = _response(data.get("response")).get("resolution")
    return isinstance(resolution, str) and resolution.lower() == "4k"


def credits_of(value: object) -> Decimal | None:
    """A number of credits, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    found = Decimal(str(value))
    return found if abs(found) < _MOST_CREDITS else None


def balance_words(credits: Decimal) -> str:
    return f"{credits:,.10g} credits, about ${credits * CREDIT_USD:,.2f} at $0.005 each"


def _done(holder: Mapping[str, Any], credits: object = None) -> PollResult:
    links = _links(holder.get("resultUrls")) or _links(holder.get("resultUrl"))
    taken = credits_of(credits)
    cost_usd = taken * CREDIT_USD if taken is not None and taken >= 0 else None
    if not links:
        return Refused(
            ErrorKind.GENERATION_FAILED,
            "KIE finished without a link to a video.",
            cost_usd=cost_usd,
            may_be_billed=True,
        )
    return Done(ResultRef(links[0], more=tuple(links[1:])), cost_usd=cost_usd)


def _failed(code: object, message: object) -> Refused:
    number = _whole(code)
    reason = plain(message)
    kind = ErrorKind.GENERATION_FAILED
    if number in (400, 422) or (number is None and _POLICY.search(reason)):
        kind = _kind(400, reason)
    elif number in (402, 433):
        kind = _KINDS[number]
    shown = plain(str(code))[:100] if isinstance(code, str | int) and code != "" else None
    # failed jobs are said to be refunded, which nobody has verified
    return Refused(kind, reason or "KIE failed without a reason.", shown, may_be_billed=True)


def _links(value: object) -> list[str]:
    """The addresses in a list, in JSON text of one, or in a lone address."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _parsed(value)
    if isinstance(value, str):
        value = [value]
    found = (
        [link for link in value if isinstance(link, str) and link]
        if isinstance(value, list)
        else []
    )
    if holds_secret(" ".join(found)):
        # it would be stored, and whoever reads the database would have the key
        raise ProtocolError("KIE put the key into the link of the result.")
    return list(dict.fromkeys(found))


def _response(value: object) -> Mapping[str, Any]:
    """An object, or JSON text of one; older answers had text where newer have the object."""
    if isinstance(value, str):
        value = _parsed(value)
    return value if isinstance(value, dict) else {}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _whole(value: object) -> int | None:
    """A code: a number, or the digits of one."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _not_known_here(status: str) -> Running:
    """New states come without notice. None of them ends a paid generation."""
    shown = plain(status)[:100]
    if shown not in _seen_statuses and len(_seen_statuses) < 100:
        _seen_statuses.add(shown)
        _log.warning("KIE reports a state that is not known here: %r", shown)
    return Running(status=shown)
