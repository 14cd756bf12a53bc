"""Runway's tasks in our words: requests, statuses, failures, credits and errors.

Source: runwayml 5.24.0 and docs.dev.runwayml.com, read 2026-11-20. Pure translation; nothing here
waits or sends.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from veo_studio.core.capabilities import AudioSupport, ModelInfo
from veo_studio.core.errors import ProtocolError
from veo_studio.core.log import holds_secret
from veo_studio.core.models import (
    CancelledByProvider,
    Done,
    ErrorKind,
    GenerationRequest,
    InputMode,
    InputRole,
    PollResult,
    Refused,
    ResultRef,
    Running,
    VideoConfig,
)
from veo_studio.core.providers.runway_models import Form, form_of
from veo_studio.core.providers.words import WireError as WireError
from veo_studio.core.providers.words import fraction_of, plain, retry_after_s

_log = logging.getLogger(__name__)

# An id becomes a part of an address: no slash, no dots to climb with, no percent sign.
_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,127}\Z")
_UPLOAD = re.compile(r"runway://[\x21-\x7e]{1,4000}\Z")
_CREDITS_TEXT = re.compile(r"(?i)\bcredits?\b")
_DAILY_TEXT = re.compile(r"(?i)\bdaily\b|\bper day\b|\b24[ -]?h(ou)?rs?\b|\bquota\b|\bmonthly\b")
_USD_PER_CREDIT = Decimal("0.01")
_MOST_CREDITS = 10_000_000
_ON_CLIPS = (InputMode.EDIT, InputMode.EXTEND)
_seen_statuses: set[str] = set()

# beginnings of failure codes, the longest first: what they mean, and words around Runway's own
_FAILURES: tuple[tuple[str, ErrorKind, str], ...] = (
    (
        "SAFETY.INPUT",
        ErrorKind.CONTENT_FILTERED,
        "Runway's safety system refused the words or a picture.",
    ),
    (
        "SAFETY.OUTPUT",
        ErrorKind.CONTENT_FILTERED,
        "Runway's safety system refused what was made; other words may pass.",
    ),
    ("SAFETY", ErrorKind.CONTENT_FILTERED, "Runway's safety system refused this."),
    (
        "INTERNAL.BAD_OUTPUT",
        ErrorKind.GENERATION_FAILED,
        "Runway made nothing usable; if it happens again, change the prompt.",
    ),
    ("ASSET.INVALID", ErrorKind.INVALID_REQUEST, "Runway cannot use an input file."),
    ("INPUT_PREPROCESSING", ErrorKind.GENERATION_FAILED, "Runway could not prepare an input."),
)
_FAILED = "Runway could not finish this."


def build_body(
    request: GenerationRequest, uploads: Sequence[str], model: ModelInfo
) -> dict[str, Any]:
    """The body of the submit; raises ValueError for a setting that the model has no field for."""
    thing = "picture" if model.makes_pictures else "clip"
    if request.kind is not model.kind:
        raise ValueError(f"{model.name} makes {thing}s only.")
    config, form = request.config, form_of(model)
    if config.mode not in model.capabilities.modes:
        raise ValueError(f"{model.name} cannot be asked like this: {config.mode.value}.")
    if config.samples != 1:
        raise ValueError(f"{model.name} makes one {thing} per request.")
    body: dict[str, Any] = {"model": request.model, "promptText": request.prompt}
    body |= _inputs(config, uploads, form, model)
    body |= _size(config, form, model)
    if config.mode is not InputMode.EDIT and not model.makes_pictures:
        body["duration"] = config.duration_s
    if form.says_task and config.mode in _ON_CLIPS:
        body["mode"] = config.task.value
    return body | _options(config, form, model)


def _inputs(
    config: VideoConfig, uploads: Sequence[str], form: Form, model: ModelInfo
) -> dict[str, Any]:
    if len(uploads) != len(config.inputs):
        raise ValueError("Not every picture or clip was brought to Runway.")
    uris: dict[InputRole, list[str]] = {role: [] for role in InputRole}
    for item, uri in zip(config.inputs, uploads, strict=True):
        uris[item.role].append(uri)
    firsts, lasts = uris[InputRole.FIRST_FRAME], uris[InputRole.LAST_FRAME]
    references, sources = uris[InputRole.REFERENCE], uris[InputRole.SOURCE]
    if len(firsts) > 1 or len(lasts) > len(firsts):
        raise ValueError("There is one first frame, and a last frame only with it.")
    if firsts and (references or sources):
        raise ValueError("Frames cannot be used together with references or a clip.")
    if len(references) > model.capabilities.max_images(InputMode.REFERENCES):
        raise ValueError(f"{model.name} does not take so many reference pictures.")
    fields: dict[str, Any] = {}
    if sources:
        if not form.clip_field or len(sources) > 1:
            raise ValueError(f"{model.name} does not take these clips.")
        fields[form.clip_field] = sources[0]
    if firsts:
        frames = [{"uri": firsts[0], "position": "first"}]
        frames += [{"uri": uri, "position": "last"} for uri in lasts]
        is_bare = len(frames) == 1 and not form.places_frames
        fields["promptImage"] = firsts[0] if is_bare else frames
    if references and model.makes_pictures:
        # the words may speak of @ref1
        tagged = enumerate(references, 1)
        fields["referenceImages"] = [{"uri": uri, "tag": f"ref{n}"} for n, uri in tagged]
    elif references:
        fields["references"] = [{"uri": uri} for uri in references]
    return fields


def _size(config: VideoConfig, form: Form, model: ModelInfo) -> dict[str, str]:
    fields = form.size(config.mode, config.resolution, config.aspect_ratio)
    if fields is None:
        raise ValueError(
            f"{model.name} does not make {config.resolution} in {config.aspect_ratio} like this."
        )
    return {**fields, **(form.edit_fields if config.mode is InputMode.EDIT else {})}


def _options(config: VideoConfig, form: Form, model: ModelInfo) -> dict[str, Any]:
    able = model.capabilities.in_mode(config.mode)
    fields: dict[str, Any] = {}
    if config.negative_prompt:
        if not able.has_negative_prompt:
            raise ValueError(f"{model.name} has no negative prompt; write it into the prompt.")
        fields["negativePrompt"] = config.negative_prompt
    if config.seed is not None:
        if not able.has_seed:
            raise ValueError(f"{model.name} takes no seed.")
        fields["seed"] = config.seed
    if config.enable_audio is None:
        return fields
    if able.audio is not AudioSupport.SWITCHABLE:
        if config.enable_audio is not (able.audio is AudioSupport.ALWAYS):
            raise ValueError(f"The sound of {model.name} cannot be switched.")
        return fields
    if config.mode in _ON_CLIPS and not form.edits_sound:
        raise ValueError(f"{model.name} cannot switch the sound of a clip that it works on.")
    return {**fields, "audio": config.enable_audio}


def path_of(body: Mapping[str, Any]) -> str:
    """Where a body goes: pictures and the three kinds of video tasks have addresses of their own."""
    if "videoUri" in body or "promptVideo" in body:
        return "/v1/video_to_video"
    if "promptImage" in body:
        return "/v1/image_to_video"
    # every clip has a length
    return "/v1/text_to_video" if "duration" in body else "/v1/text_to_image"


def task_id(value: object) -> str | None:
    """The id of a task, or None if it is not one that may be used.

    It is stored and becomes a part of addresses, so one that repeats the key is none.
    """
    found = value.get("id") if isinstance(value, dict) else None
    if not isinstance(found, str) or not _TASK_ID.match(found) or holds_secret(found):
        return None
    return found


@dataclass(frozen=True)
class Upload:
    """Where a file goes, with which fields, and what it is called afterwards."""

    url: str
    fields: Mapping[str, str]
    uri: str


def read_upload(value: object) -> Upload:
    """Raises ProtocolError for what is no place to upload to."""
    place = value if isinstance(value, dict) else {}
    url, fields, uri = (place.get(name) for name in ("uploadUrl", "fields", "runwayUri"))
    if (
        not isinstance(url, str)
        or not isinstance(fields, dict)
        or not all(isinstance(text, str) for text in fields.values())
        or not isinstance(uri, str)
        or not _UPLOAD.match(uri)
        or holds_secret(f"{url} {fields} {uri}")
    ):
        raise ProtocolError("Runway's answer names no usable place for the file.")
    return Upload(url, fields, uri)


def cost_usd(value: object, name: str) -> Decimal | None:
    """The credits of `estimatedCost` or `cost` as US dollars; None where there are none."""
    cost = value.get(name) if isinstance(value, dict) else None
    number = cost.get("credits") if isinstance(cost, dict) else None
    return None if (amount := _credits(number)) is None else amount * _USD_PER_CREDIT


def _credits(number: object) -> Decimal | None:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    if not math.isfinite(number) or not 0 <= number <= _MOST_CREDITS:
        return None
    return Decimal(str(number)).quantize(Decimal("0.01"))


def balance_words(value: object) -> str:
    """'1,250 credits, about $12.50'; "" where the answer tells none."""
    number = value.get("creditBalance") if isinstance(value, dict) else None
    amount = _credits(number)
    if amount is None:
        return ""
    return f"{amount.normalize():,f} credits, about ${amount * _USD_PER_CREDIT:,.2f}"


def read_task(value: object, mime_type: str = "video/mp4") -> PollResult:
    """What a task says, which makes files of `mime_type`; raises ProtocolError for what is none."""
    status = value.get("status") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(status, str):
        raise ProtocolError("Runway's answer is no task.")
    match status:
        case "PENDING":
            return Running(status=status, is_queued=True)
        case "THROTTLED":
            # the user's other generations take all places: it starts by itself
            return Running(status=status, is_queued=True, is_held_back=True)
        case "RUNNING":
            return Running(fraction_of(value.get("progress")), status)
        case "SUCCEEDED":
            return _succeeded(value, mime_type)
        case "FAILED":
            return _failed(value)
        case "CANCELLED":
            return CancelledByProvider()
    # New statuses come without notice. None of them ends a paid generation.
    shown = plain(status)[:100]
    if shown not in _seen_statuses and len(_seen_statuses) < 100:
        _seen_statuses.add(shown)
        _log.warning("Runway reports a status that is not known here: %r", shown)
    return Running(status=shown)


def _succeeded(value: Mapping[str, Any], mime_type: str) -> PollResult:
    output = value.get("output")
    links = [link for link in output if isinstance(link, str)] if isinstance(output, list) else []
    cost = cost_usd(value, "cost")
    if not links:
        return Refused(
            ErrorKind.GENERATION_FAILED,
            "Runway finished without a link to a result.",
            cost_usd=cost,
            may_be_billed=cost is None,
        )
    if holds_secret(links[0]):
        # it would be stored, and whoever reads the database would have the key
        raise ProtocolError("Runway put the key into the link of the result.")
    # one submit makes one clip; what comes beside it (sound apart, say) is no second one
    return Done(ResultRef(links[0], mime_type), cost)


def _failed(value: Mapping[str, Any]) -> Refused:
    told = value.get("failureCode")
    code = plain(told)[:200] if isinstance(told, str) else ""
    words = plain(value.get("failure"))
    kind, sentence = ErrorKind.GENERATION_FAILED, _FAILED
    for beginning, its_kind, its_sentence in _FAILURES:
        if code == beginning or code.startswith(f"{beginning}."):
            kind, sentence = its_kind, its_sentence
            break
    if code.startswith("SAFETY."):
        # Runway asks not to show the rest: it is diagnostic and may name the wrong input
        shown = ".".join(code.split(".")[:2])
        words, code = words.replace(code, shown), shown
    reason = f"{sentence} {words}".strip()
    cost = cost_usd(value, "cost")
    # what it refuses for the input's sake is not paid back, of the rest nothing is promised
    return Refused(kind, reason, code or None, cost, may_be_billed=cost is None)


def read_error(http_status: int, headers: Mapping[str, str], value: object) -> WireError:
    """Sort an answer that is no success into our kinds (providers: section 8.4)."""
    told_s = retry_after_s(headers.get("Retry-After"))
    error = value.get("error") if isinstance(value, dict) else None
    is_own = isinstance(error, str)
    words = plain(error)
    kind = _kind(http_status, words, is_told=not is_own or told_s is not None)
    if is_own and isinstance(value, dict) and kind is ErrorKind.INVALID_REQUEST:
        words = " ".join([words, *_issues(value.get("issues"))])
    return WireError(
        is_own, kind, words or f"Runway answered HTTP {http_status} without a reason.", None, told_s
    )


def _kind(http_status: int, words: str, *, is_told: bool) -> ErrorKind:
    match http_status:
        case 400 | 402 | 429 if _CREDITS_TEXT.search(words):
            return ErrorKind.INSUFFICIENT_CREDITS
        case 401 | 403:
            return ErrorKind.AUTH
        case 402:
            return ErrorKind.INSUFFICIENT_CREDITS
        case 404 | 410:
            return ErrorKind.NOT_FOUND
        case 408 | 504:
            return ErrorKind.TIMEOUT
        case 429:
            # The documented reason is the rolling limit of 24 hours; too many at once are THROTTLED.
            is_short = is_told and not _DAILY_TEXT.search(words)
            return ErrorKind.RATE_LIMITED if is_short else ErrorKind.QUOTA_EXCEEDED
        case 451:
            return ErrorKind.CONTENT_FILTERED
    is_busy = http_status >= 500 or http_status == 409
    return ErrorKind.SERVER_ERROR if is_busy else ErrorKind.INVALID_REQUEST


def _issues(value: object) -> list[str]:
    """What is wrong with which field, where Runway says so (its form is not documented)."""
    found = []
    for issue in value[:5] if isinstance(value, list) else []:
        words = plain(issue.get("message")) if isinstance(issue, dict) else plain(issue)
        if words:
            found.append(words[:200])
    return found
