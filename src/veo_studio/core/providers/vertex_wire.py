"""Vertex AI's Veo in our words: requests, operations, codes and the safety system's support codes.

Source: Vertex AI, "Veo on Vertex AI API" and the schema of google-genai 3.4, read 2026-11-20.
Pure translation; nothing here waits or sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from veo_studio.core.errors import ProtocolError
from veo_studio.core.log import holds_secret
from veo_studio.core.models import (
    CancelledByProvider,
    Done,
    ErrorKind,
    GenerationKind,
    GenerationRequest,
    InputMode,
    InputRole,
    MediaInput,
    PollResult,
    Refused,
    ResultRef,
    Running,
    VideoConfig,
)
from veo_studio.core.providers.inline_results import SCHEME
from veo_studio.core.providers.words import plain

INLINE = "sha256:"
# the names become parts of addresses: nothing to climb with, nothing to leave a path with
PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]{3,99}\Z")
LOCATION = re.compile(r"[a-z][a-z0-9-]{1,39}\Z")
BUCKET = re.compile(r"gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/[A-Za-z0-9._/-]{0,500})?\Z")
MODEL = re.compile(r"[a-z0-9][a-z0-9.-]{1,99}\Z")
_OPERATION = re.compile(
    r"projects/[a-z0-9][a-z0-9.:-]{0,99}/locations/(?P<location>[a-z][a-z0-9-]{1,39})"
    r"/publishers/google/models/[a-z0-9][a-z0-9.-]{1,99}/operations/[A-Za-z0-9][A-Za-z0-9_-]{0,127}\Z"
)
_OBJECT = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])/([^\x00-\x1f\x7f]{1,1024})\Z")
_SUPPORT = re.compile(r"(?is)support codes?\W+(.*)")
_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "a child": ("58061214", "17301594"),
    "a celebrity": ("29310472", "15236754"),
    "the safety of the video": ("64151117", "42237218"),
    "dangerous content": ("62263041",),
    "hate": ("57734940", "22137204"),
    "prohibited content": ("89371032", "49114662", "63429089", "72817394", "60599140"),
    "content of third parties": ("35561574", "35561575"),
    "sexual content": ("90789179", "43188360"),
    "toxic language": ("78610348",),
    "violence": ("61493863", "56562880"),
    "vulgar language": ("32635315",),
    "another safety rule": ("74803281", "29578790", "42876398"),
}
# google.rpc.Code of an operation that failed; what is not here is the service's own trouble
_CODES: Mapping[int, ErrorKind] = {
    3: ErrorKind.INVALID_REQUEST,
    4: ErrorKind.TIMEOUT,
    5: ErrorKind.NOT_FOUND,
    7: ErrorKind.AUTH,
    9: ErrorKind.INVALID_REQUEST,
    16: ErrorKind.AUTH,
}
_CANCELLED = 1


def build_body(
    request: GenerationRequest, uploads: Sequence[str], bucket: str = ""
) -> dict[str, Any]:
    """The body of the submit, and the `model` that goes into the address.

    Pictures and clips are named (`sha256`), not held: `with_bytes` puts them in. Raises ValueError
    for a setting that the service has no field for.
    """
    config = request.config
    if request.kind is not GenerationKind.VIDEO:
        raise ValueError("This service makes videos only.")
    if config.mode in (InputMode.EDIT, InputMode.UPSCALE):
        raise ValueError("Veo cannot edit a clip or make it sharper; it can only extend it.")
    if len(uploads) != len(config.inputs):
        raise ValueError("A picture or clip was not brought to the provider.")
    parameters: dict[str, Any] = {
        "aspectRatio": config.aspect_ratio,
        "resolution": config.resolution.lower(),
        "sampleCount": config.samples,
        # without a wish there is sound, and the price says so
        "generateAudio": config.enable_audio is not False,
    }
    if config.mode is InputMode.EXTEND:
        _check_extension(config)
    else:
        parameters["durationSeconds"] = config.duration_s
    if config.seed is not None:
        parameters["seed"] = config.seed
    if config.negative_prompt:
        parameters["negativePrompt"] = config.negative_prompt
    if bucket:
        parameters["storageUri"] = bucket
    instance = {"prompt": request.prompt, **_media(zip(config.inputs, uploads, strict=True))}
    return {
        "model": request.model,
        "instances": [instance],
        "parameters": parameters,
        "labels": {"app": "veo-studio"},
    }


def _check_extension(config: VideoConfig) -> None:
    """An extension has the clip's own shape, and always the same length."""
    source = config.source
    if source is not None and source.width_px and source.height_px:
        shape = "16:9" if source.width_px >= source.height_px else "9:16"
        if config.aspect_ratio != shape:
            raise ValueError(f"The clip to extend is {shape}; choose that aspect ratio.")


def _media(inputs: Iterable[tuple[MediaInput, str]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for item, upload in inputs:
        where = (
            {"sha256": upload.removeprefix(INLINE)}
            if upload.startswith(INLINE)
            else {"gcsUri": upload}
        )
        media = {**where, "mimeType": item.mime_type}
        match item.role:
            case InputRole.FIRST_FRAME:
                fields["image"] = media
            case InputRole.LAST_FRAME:
                fields["lastFrame"] = media
            case InputRole.SOURCE:
                fields["video"] = media
            case InputRole.REFERENCE:
                fields.setdefault("referenceImages", []).append(
                    {"image": media, "referenceType": "ASSET"}
                )
    return fields


def operation_name(value: object) -> str | None:
    """The name of an operation object, or None if it is not one that may be used."""
    found = value.get("name") if isinstance(value, dict) else None
    if not isinstance(found, str) or not _OPERATION.match(found) or holds_secret(found):
        return None
    return found


def location_of(name: str) -> str:
    """Where an operation runs; its `name` must be one of ours."""
    match = _OPERATION.match(name)
    if match is None:
        raise ProtocolError("The stored operation has no usable name.")
    return match["location"]


def read_operation(value: object) -> PollResult:
    """What an operation object says; raises ProtocolError for what is none."""
    if not isinstance(value, dict) or not isinstance(value.get("done", False), bool):
        raise ProtocolError("The provider's answer is no operation.")
    if not value.get("done", False):
        return Running(status="running")
    error = value.get("error")
    if isinstance(error, dict):
        return _failed(error)
    response = value.get("response")
    response = response if isinstance(response, dict) else {}
    filtered = response.get("raiMediaFilteredCount")
    filtered = filtered if isinstance(filtered, int) else 0
    reasons = response.get("raiMediaFilteredReasons")
    told = [word for word in reasons if isinstance(word, str)] if isinstance(reasons, list) else []
    links = [link for video in _dicts(response.get("videos")) if (link := _link(video))]
    if links:
        done = Done(ResultRef(links[0], more=tuple(links[1:])))
        if filtered <= 0:
            return done
        note = f"Google's safety system kept {filtered} of {filtered + len(links)} clips back."
        words = with_categories(plain("\n".join(told)))[:500]
        return replace(done, usage={"filtered": filtered}, note=f"{note} {words}".strip())
    if filtered or told:
        words = plain("\n".join(told)) or "Google's safety system kept every clip back."
        return Refused(ErrorKind.CONTENT_FILTERED, with_categories(words))
    return Refused(ErrorKind.GENERATION_FAILED, "The provider finished without a video.")


def _link(video: Mapping[str, Any]) -> str | None:
    """Where a clip is: in a bucket, or in a file that its bytes were written to."""
    received = video.get("bytesBase64Encoded")
    if isinstance(received, str) and received.startswith(SCHEME):
        return received
    uri = video.get("gcsUri")
    if not isinstance(uri, str):
        return None
    if not _OBJECT.match(uri):
        raise ProtocolError("The provider named a result that is in no bucket.")
    if holds_secret(uri):
        # it would be stored, and whoever reads the database would have the token
        raise ProtocolError("The provider put the token into the link of the result.")
    return uri


def _failed(error: Mapping[str, Any]) -> PollResult:
    code = error.get("code")
    if code == _CANCELLED:
        return CancelledByProvider()
    reason = plain(error.get("message"))
    known = code if isinstance(code, int) else 0
    kind = _CODES.get(known, ErrorKind.GENERATION_FAILED)
    if kind is ErrorKind.INVALID_REQUEST and support_codes(reason):
        kind = ErrorKind.CONTENT_FILTERED
    words = with_categories(reason) or "The provider failed without a reason."
    return Refused(kind, words, str(known) if known else None)


def support_codes(message: str) -> list[str]:
    """The safety system's own numbers at the end of a message."""
    match = _SUPPORT.search(message)
    return re.findall(r"\b\d{8}\b", match[1]) if match else []


def with_categories(message: str) -> str:
    """A refusal, and what its support codes mean where they are known."""
    found = support_codes(message)
    names = [name for name, codes in _CATEGORIES.items() if any(code in codes for code in found)]
    return f"{message} (This is about {', '.join(names)}.)" if names else message


def object_path(uri: str) -> str:
    """The download path of a file in a bucket; raises ProtocolError for what is none."""
    match = _OBJECT.match(uri)
    if match is None:
        raise ProtocolError("The stored link names no file in a bucket.")
    bucket, name = quote(match[1], safe=""), quote(match[2], safe="")
    return f"/download/storage/v1/b/{bucket}/o/{name}?alt=media"


def _dicts(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
