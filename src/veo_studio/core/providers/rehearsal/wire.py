"""Google's words: reading a submit, the JSON of errors, and how tokens are counted.

Source: providers' interaction schema of google-genai 3.4 (2026-11), with two extensions that Google
lacks: `generation_config.rehearsal` (`audio`, `negative_prompt`) and the label `attempt`.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any

from veo_studio.core.providers.rehearsal.spec import (
    ASPECT_RATIOS,
    MAX_DURATION_S,
    MIN_DURATION_S,
    PICTURE_SIDES_PX,
    SHORT_SIDES_PX,
)

MODELS: dict[str, str] = {
    "rehearsal": "Rehearsal animatic",
    "gemini-omni-1.2-flash": "Gemini Omni 1.2 Flash (rehearsed)",
    "gemini-omni-1.1-flash": "Gemini Omni 1.1 Flash (rehearsed)",
    "veo-3.1": "Veo 3.1 (rehearsed)",
    "veo-2.0": "Veo 2.0 (rehearsed)",
    "rehearsal-picture": "Rehearsal picture",
    "gemini-3.1-flash-image": "Gemini 3.1 Flash Image (rehearsed)",
    "gemini-3.1-flash-lite-image": "Gemini 3.1 Flash Lite Image (rehearsed)",
    "gemini-3-pro-image": "Gemini 3 Pro Image (rehearsed)",
}
PICTURE_MODELS = frozenset(name for name in MODELS if name.endswith(("-picture", "-image")))
VIDEO_TOKENS_PER_S = {"360p": 1931, "480p": 2896, "720p": 5792, "1080p": 8688, "4k": 17376}
PICTURE_TOKENS = {"1K": 1120, "2K": 1120, "4K": 2000}

_FIELDS = frozenset(
    {
        "model", "agent", "background", "input", "generation_config", "response_format", "store",
        "labels", "stream", "tools", "previous_interaction_id", "service_tier", "webhook_config",
        "system_instruction", "safety_settings", "response_modalities", "response_mime_type",
        "cached_content", "environment", "continuation_token",
    }
)  # fmt: skip
_FORMAT_FIELDS = {
    "video": frozenset({"type", "aspect_ratio", "delivery", "duration", "gcs_uri", "resolution"}),
    "image": frozenset({"type", "aspect_ratio", "delivery", "image_size", "mime_type"}),
}
_TASKS = frozenset({"text_to_video", "image_to_video", "reference_to_video", "edit", "extend"})
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}$")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}$")
_ROLE_TAG = re.compile(r"<(FIRST_FRAME|LAST_FRAME|IMAGE_REF_\d+|VIDEO_REF_\d+)>")
_SOURCES = re.compile(r"\[#[^\]]*\]")


class WireError(Exception):
    """A request that is answered with an error in Google's shape."""

    def __init__(
        self, code: int, status: str, message: str, details: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details = details or []

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "code": self.code, "message": self.message, "status": self.status,
        }  # fmt: skip
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str) -> WireError:
    return WireError(400, "INVALID_ARGUMENT", message)


def not_found(message: str) -> WireError:
    return WireError(404, "NOT_FOUND", message)


def key_refused(code: int = 400) -> WireError:
    if code == 401:
        return WireError(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
    if code == 403:
        return WireError(403, "PERMISSION_DENIED", "The caller does not have permission.")
    return WireError(
        400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
        [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID",
          "domain": "googleapis.com"}],
    )  # fmt: skip


def rate_limited(retry_after: str) -> WireError:
    return WireError(
        429, "RESOURCE_EXHAUSTED", "Too many requests: please slow down.",
        [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after}s"}],
    )  # fmt: skip


def quota_used_up() -> WireError:
    return WireError(
        429, "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
            {"quotaMetric": "generativelanguage.googleapis.com/video_requests",
             "quotaId": "VideoRequestsPerDayPerProject", "quotaValue": "10"}]}],
    )  # fmt: skip


def credits_used_up() -> WireError:
    return WireError(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.")


@dataclass(frozen=True)
class Submit:
    """A submit that was understood."""

    model: str
    prompt: str
    aspect_ratio: str
    resolution: str
    duration_s: float
    seed: int | None
    has_audio: bool
    negative_prompt: str
    is_background: bool
    attempt: str | None
    delivery: str
    labels: dict[str, str]
    previous_id: str | None
    task: str | None = None
    images: list[dict[str, str]] = field(default_factory=list)
    """In order: {"data": base64} or {"uri": ...}."""
    videos: list[dict[str, str]] = field(default_factory=list)
    tags: frozenset[str] = frozenset()
    """The roles that the prompt names: FIRST_FRAME, LAST_FRAME, IMAGE_REF_0 ..."""
    is_picture: bool = False


def roles(
    submit: Submit,
) -> tuple[dict[str, str] | None, dict[str, str] | None, list[dict[str, str]]]:
    """First frame, last frame and references; a picture that nobody names opens the clip."""
    rest = list(submit.images)
    if submit.is_picture:
        return None, None, rest
    has_last = "LAST_FRAME" in submit.tags
    names_frames = has_last or "FIRST_FRAME" in submit.tags
    has_references = any(tag.startswith("IMAGE_REF_") for tag in submit.tags)
    if not names_frames and (has_references or submit.task == "reference_to_video"):
        return None, None, rest
    first = rest.pop(0) if rest and (len(rest) > 1 or not has_last) else None
    last = rest.pop(0) if rest and has_last else None
    return first, last, rest


def read_submit(body: Any) -> Submit:
    """Check a request as the service does; raises WireError naming what is accepted."""
    if not isinstance(body, dict):
        raise invalid("Invalid JSON payload received: an object is expected.")
    for name in body:
        if name not in _FIELDS:
            raise invalid(f'Invalid JSON payload received. Unknown name "{name}": no such field.')
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise invalid("model: a string is required.")
    model = model.removeprefix("models/")
    if model not in MODELS and not model.startswith("rehearsal"):
        raise not_found(
            f"models/{model} is not found for API version v1, or is not supported for interactions."
        )
    if body.get("stream"):
        raise invalid("stream: video models do not support streaming.")
    if body.get("store") is False and body.get("background"):
        raise invalid("store: must not be false when background is true.")
    background = _boolean(body.get("background", False), "background")
    given = _Input()
    given.read(body.get("input"))
    prompt = "\n".join(text for text in given.texts if text)
    is_picture = model in PICTURE_MODELS
    format_ = _format(body.get("response_format"), "image" if is_picture else "video")
    aspect = _choice(format_.get("aspect_ratio", "16:9"), "aspect_ratio", list(ASPECT_RATIOS))
    if is_picture:
        size = format_.get("image_size", "1K")
        resolution = _choice(size, "image_size", list(PICTURE_SIDES_PX))
    else:
        size = format_.get("resolution", "720p")
        resolution = _choice(size, "resolution", list(SHORT_SIDES_PX))
    delivery = _choice(format_.get("delivery", "uri"), "delivery", ["uri", "inline"])
    config = body.get("generation_config") or {}
    if not isinstance(config, dict):
        raise invalid("generation_config: an object is expected.")
    seed = config.get("seed")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise invalid("generation_config.seed: an integer is expected.")
    extension = config.get("rehearsal") or {}
    if not isinstance(extension, dict):
        raise invalid("generation_config.rehearsal: an object is expected.")
    negative = extension.get("negative_prompt") or ""
    if not isinstance(negative, str):
        raise invalid("generation_config.rehearsal.negative_prompt: a string is expected.")
    has_clip = bool(given.videos or body.get("previous_interaction_id"))
    task = _task(config.get("video_config"), has_clip)
    if is_picture and task is not None:
        raise invalid("The model makes pictures, from words and pictures only.")
    if task == "edit":
        for name in ("duration", "aspect_ratio"):
            if name in format_:
                raise invalid(f"response_format.{name}: not supported for task edit.")
    labels = _labels(body.get("labels") or {})
    previous = body.get("previous_interaction_id")
    if previous is not None and not isinstance(previous, str):
        raise invalid("previous_interaction_id: a string is expected.")
    return Submit(
        model=model,
        prompt=_SOURCES.sub("", _ROLE_TAG.sub("", prompt)).strip(),
        aspect_ratio=aspect,
        resolution=resolution,
        duration_s=0.0 if is_picture else _duration(format_.get("duration", "8s")),
        seed=seed,
        has_audio=_boolean(extension.get("audio", True), "generation_config.rehearsal.audio"),
        negative_prompt=negative,
        is_background=background,
        attempt=labels.get("attempt"),
        delivery=delivery,
        labels=labels,
        previous_id=previous,
        task=task,
        images=given.images,
        videos=given.videos,
        tags=frozenset(_ROLE_TAG.findall(prompt)),
        is_picture=is_picture,
    )


class _Input:
    """Texts, images and videos of a string, a list of parts or a list of steps, in their order."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.images: list[dict[str, str]] = []
        self.videos: list[dict[str, str]] = []

    def read(self, value: Any) -> None:
        if isinstance(value, str | dict):
            value = [value]
        if not isinstance(value, list):
            raise invalid("input: a string, a list of parts or a list of steps is required.")
        for part in value:
            if isinstance(part, str):
                self.texts.append(part)
            elif isinstance(part, dict):
                self._part(part)
            else:
                raise invalid("input: every part must be an object with a type.")

    def _part(self, part: dict[str, Any]) -> None:
        kind = part.get("type")
        if kind == "user_input":
            self.read(part.get("content") or [])
        elif kind == "text":
            if not isinstance(part.get("text"), str):
                raise invalid("input.text: a string is expected.")
            self.texts.append(part["text"])
        elif kind == "image":
            self.images.append(_media(part, "image"))
        elif kind == "video":
            self.videos.append(_media(part, "video"))
        elif kind not in ("audio", "document"):
            raise invalid(
                f"input: unknown type {kind!r}; accepted are user_input, text, image, video."
            )


def _task(value: Any, has_clip: bool) -> str | None:
    """As it is named, or as the parts imply it."""
    if value is not None and not isinstance(value, dict):
        raise invalid("generation_config.video_config: an object is expected.")
    task = (value or {}).get("task")
    if task is None:
        return "edit" if has_clip else None
    if task not in _TASKS:
        accepted = ", ".join(sorted(_TASKS))
        raise invalid(f"video_config.task: {task!r} is not supported; accepted are {accepted}.")
    return str(task)


def _media(part: dict[str, Any], kind: str) -> dict[str, str]:
    if isinstance(part.get("uri"), str):
        return {"uri": part["uri"]}
    if not isinstance(part.get("data"), str):
        raise invalid(f"input.{kind}: data (base64) or uri is required.")
    try:
        base64.b64decode(part["data"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(f"input.{kind}.data: not valid base64.") from error
    return {"data": part["data"]}


def _format(value: Any, kind: str) -> dict[str, Any]:
    formats = value if isinstance(value, list) else [{} if value is None else value]
    for candidate in formats:
        if not isinstance(candidate, dict):
            raise invalid("response_format: an object is expected.")
        if candidate.get("type", kind) != kind:
            continue
        for name in candidate:
            if name not in _FORMAT_FIELDS[kind]:
                raise invalid(
                    f'Invalid JSON payload received. Unknown name "{name}" at '
                    "'response_format': no such field."
                )
        return candidate
    raise invalid(f"response_format.type: the model accepts {kind!r}.")


def _duration(value: Any) -> float:
    match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?)s", value) if isinstance(value, str) else None
    if match is None:
        raise invalid('response_format.duration: a string such as "8s" is expected.')
    seconds = float(match[1])
    if not MIN_DURATION_S <= seconds <= MAX_DURATION_S:
        raise invalid(
            f"response_format.duration: {value} is not supported; "
            f"accepted are {MIN_DURATION_S}s to {MAX_DURATION_S}s."
        )
    return seconds


def _choice(value: Any, name: str, accepted: list[str]) -> str:
    if not isinstance(value, str) or value not in accepted:
        raise invalid(
            f"response_format.{name}: {value!r} is not supported; "
            f"accepted are {', '.join(accepted)}."
        )
    return value


def _boolean(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(f"{name}: true or false is expected.")
    return value


def _labels(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise invalid("labels: an object is expected.")
    for key, text in value.items():
        if not _LABEL_KEY.match(key) or not isinstance(text, str) or not _LABEL_VALUE.match(text):
            raise invalid(
                "labels: keys and values have at most 63 lower-case letters, digits, _ and -."
            )
    return dict(value)


def usage(prompt: str, seconds: float, resolution: str, *, is_refused: bool) -> dict[str, Any]:
    """Tokens as the service counts them."""
    given = max(1, round(len(prompt) / 4))
    kind = "image" if resolution in PICTURE_TOKENS else "video"
    made = 0 if is_refused else PICTURE_TOKENS.get(resolution, 0)
    if kind == "video" and not is_refused:
        made = round(seconds * VIDEO_TOKENS_PER_S[resolution])
    answer: dict[str, Any] = {
        "total_input_tokens": given,
        "total_output_tokens": made if made else 24,
        "total_tokens": given + (made if made else 24),
    }
    modality = {"modality": kind, "tokens": made} if made else {"modality": "text", "tokens": 24}
    answer["output_tokens_by_modality"] = [modality]
    return answer
