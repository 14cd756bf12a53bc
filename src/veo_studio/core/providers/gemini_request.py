"""Our requests in Google's words: the body of a submit, and of the upload of what it is made from.

Source: Gemini API, "Interactions" and "Files", and the schema of google-genai 3.4, read 2026-11-20.
Pure translation; nothing here waits or sends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from veo_studio.core.errors import ProtocolError
from veo_studio.core.log import holds_secret
from veo_studio.core.models import (
    GenerationKind,
    GenerationRequest,
    InputMode,
    InputRole,
    MediaInput,
    VideoConfig,
)
from veo_studio.core.providers.addresses import parse_address

# what `upload` answers for a clip that the service made itself and still has
_KEPT = "interaction:"
_TASKS = {
    InputMode.TEXT: "text_to_video",
    InputMode.FIRST_FRAME: "image_to_video",
    InputMode.FRAMES: "image_to_video",
    InputMode.REFERENCES: "reference_to_video",
    InputMode.EDIT: "edit",
    InputMode.EXTEND: "extend",
}
# the order of the parts; the service numbers them by it
_ORDER = (InputRole.SOURCE, InputRole.FIRST_FRAME, InputRole.LAST_FRAME, InputRole.REFERENCE)
_FILE_NAME = re.compile(r"files/[A-Za-z0-9][A-Za-z0-9_-]{0,127}\Z")
_MAX_URI_LENGTH = 2048


def kept_marker(interaction: str) -> str:
    """Names a clip by the interaction that made it, in place of an upload."""
    return f"{_KEPT}{interaction}"


def build_body(
    request: GenerationRequest, uploads: Sequence[str] = (), *, has_extensions: bool
) -> dict[str, Any]:
    """The body of the submit; raises ValueError for a setting that the service has no field for."""
    config = request.config
    if request.kind is GenerationKind.IMAGE:
        return _picture_body(request, uploads)
    _check_fields(config, has_extensions)
    _check_inputs(config, uploads)
    generation_config: dict[str, Any] = {"video_config": {"task": _TASKS[config.mode]}}
    if config.seed is not None:
        generation_config["seed"] = config.seed
    if has_extensions:
        generation_config["rehearsal"] = {
            "audio": config.enable_audio is not False,
            "negative_prompt": config.negative_prompt,
        }
    body: dict[str, Any] = {
        "model": request.model,
        # without it the POST stays open for minutes, and a broken line loses a paid result
        "background": True,
        "input": request.prompt,
        "generation_config": generation_config,
        "response_format": _response_format(config),
        "store": True,
    }
    if uploads and uploads[0].startswith(_KEPT):
        body["previous_interaction_id"] = uploads[0].removeprefix(_KEPT)
    elif uploads:
        body["input"] = [{"type": "user_input", "content": _parts(request, uploads)}]
    return body


def is_of_picture(body: Mapping[str, Any]) -> bool:
    """Whether a submit asks for a picture."""
    format_ = body.get("response_format")
    return isinstance(format_, Mapping) and format_.get("type") == "image"


def _picture_body(request: GenerationRequest, uploads: Sequence[str]) -> dict[str, Any]:
    """The same of a picture, which has a size and no task; roles are for the words to say."""
    config = request.config
    if config.mode not in (InputMode.TEXT, InputMode.REFERENCES):
        raise ValueError("A picture is made from words and reference pictures.")
    if config.negative_prompt:
        raise ValueError(
            "This model takes no negative prompt; put the wish into the prompt itself."
        )
    if config.enable_audio:
        raise ValueError("A picture has no sound.")
    if config.samples != 1:
        raise ValueError("This model makes one picture per request.")
    _check_inputs(config, uploads)
    body: dict[str, Any] = {
        "model": request.model,
        # as for a clip: a line that breaks must not lose what is paid for
        "background": True,
        "input": request.prompt,
        "response_format": {
            "type": "image",
            "aspect_ratio": config.aspect_ratio,
            # with a capital letter, unlike the sizes of clips
            "image_size": config.resolution.upper(),
            "delivery": "uri",
        },
        "store": True,
    }
    if config.seed is not None:
        body["generation_config"] = {"seed": config.seed}
    if uploads:
        parts = [
            {"type": "image", "uri": uri, "mime_type": item.mime_type}
            for item, uri in zip(config.inputs, uploads, strict=True)
        ]
        words = {"type": "text", "text": request.prompt}
        body["input"] = [{"type": "user_input", "content": [*parts, words]}]
    return body


def _check_fields(config: VideoConfig, has_extensions: bool) -> None:
    if not has_extensions and config.negative_prompt:
        raise ValueError(
            "This model takes no negative prompt; put the wish into the prompt itself."
        )
    if not has_extensions and config.enable_audio is False:
        raise ValueError("This model always makes sound; it cannot be switched off.")
    if config.samples != 1:
        raise ValueError("This model makes one clip per request.")
    if config.mode not in _TASKS:
        raise ValueError("This model makes no clip sharper.")


def _check_inputs(config: VideoConfig, uploads: Sequence[str]) -> None:
    if len(uploads) != len(config.inputs):
        raise ValueError("The pictures and clips are not at the provider.")
    is_clip = config.mode in (InputMode.EDIT, InputMode.EXTEND)
    if is_clip and [item.role for item in config.inputs] != [InputRole.SOURCE]:
        raise ValueError("To edit or extend a clip, give that clip and no pictures.")
    if not is_clip and any(not item.mime_type.startswith("image/") for item in config.inputs):
        raise ValueError("Frames and references have to be pictures.")
    source = config.source
    if config.mode is InputMode.EXTEND and source and source.width_px and source.height_px:
        is_upright = source.height_px > source.width_px
        if is_upright != (config.aspect_ratio == "9:16") and config.aspect_ratio in (
            "16:9",
            "9:16",
        ):
            shape = "upright: choose 9:16" if is_upright else "not upright: choose 16:9"
            raise ValueError(f"The clip to extend is {shape}.")


def _response_format(config: VideoConfig) -> dict[str, Any]:
    wanted = {
        "type": "video",
        "aspect_ratio": config.aspect_ratio,
        "duration": f"{config.duration_s}s",
        "resolution": config.resolution.lower(),
        # inline is for results under 4 MB, and would make every poll as large as the clip
        "delivery": "uri",
    }
    if config.mode is InputMode.EDIT:
        # both follow the clip that is edited, and naming them is an error
        del wanted["aspect_ratio"], wanted["duration"]
    return wanted


def _parts(request: GenerationRequest, uploads: Sequence[str]) -> list[dict[str, Any]]:
    """The media in the order of their roles, then the words, which name every role."""
    pairs = sorted(
        zip(request.config.inputs, uploads, strict=True),
        key=lambda pair: _ORDER.index(pair[0].role),
    )
    parts: list[dict[str, Any]] = [
        {
            "type": "video" if item.mime_type.startswith("video/") else "image",
            "uri": uri,
            "mime_type": item.mime_type,
        }
        for item, uri in pairs
    ]
    # people may have written the names where they belong
    tags = [tag for tag in _tags(request.config) if tag not in request.prompt]
    return [*parts, {"type": "text", "text": " ".join([*tags, request.prompt])}]


def _tags(config: VideoConfig) -> list[str]:
    tags = ["<FIRST_FRAME>"] if config.inputs_of(InputRole.FIRST_FRAME) else []
    if config.inputs_of(InputRole.LAST_FRAME):
        tags.append("<LAST_FRAME>")
    references = len(config.inputs_of(InputRole.REFERENCE))
    return [*tags, *(f"<IMAGE_REF_{number}>" for number in range(references))]


def start_upload(item: MediaInput) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and body that open a resumable upload; the user's name for the file stays here."""
    headers = {
        "X-Goog-Upload-Protocol": "resumable",
        "X-Goog-Upload-Command": "start",
        "X-Goog-Upload-Header-Content-Length": str(item.size_bytes),
        "X-Goog-Upload-Header-Content-Type": item.mime_type,
    }
    return headers, {"file": {"mime_type": item.mime_type, "size_bytes": item.size_bytes}}


WHOLE_UPLOAD: Mapping[str, str] = {
    "X-Goog-Upload-Command": "upload, finalize",
    "X-Goog-Upload-Offset": "0",
}


@dataclass(frozen=True)
class UploadedFile:
    """A file at the service; `name` becomes a part of addresses, `uri` of bodies that are stored."""

    name: str
    uri: str
    state: str


def read_file(value: object) -> UploadedFile:
    """A file object, as it is or in the answer to an upload; raises ProtocolError for what is none."""
    found = value.get("file", value) if isinstance(value, dict) else None
    found = found if isinstance(found, dict) else {}
    name, uri, state = (found.get(part) for part in ("name", "uri", "state"))
    if not isinstance(name, str) or not _FILE_NAME.match(name) or not isinstance(uri, str):
        raise ProtocolError("The provider's answer is no file.")
    if len(uri) > _MAX_URI_LENGTH or holds_secret(uri) or holds_secret(name):
        raise ProtocolError("The provider named a file in a way that cannot be used.")
    parse_address(uri)
    return UploadedFile(name, uri, state if isinstance(state, str) else "")
