"""What KIE is sent: the fields of the Veo family, of each model of the job API, and of upgrades.

Source: docs.kie.ai, "Veo 3.1 API" and "Market", read 2026-11-20. Pure translation.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from veo_studio.core.models import (
    GenerationKind,
    GenerationRequest,
    InputMode,
    InputRole,
    MediaInput,
    Operation,
    Task,
    VideoConfig,
)
from veo_studio.core.providers.kie.answers import TASK_ID, task_id

_MAX_NEGATIVE_UNITS = 500
_REFERENCE_SECONDS = 8
# how a clip that lies at KIE is named between `upload` and `build_body`
_MARKER = "kie-task:"
_UPGRADE = re.compile(
    r"(?P<task>[^@]{1,256})@(?P<size>1080p|4k)(-[A-Za-z0-9]{1,8})?(~(?P<link>[A-Za-z0-9_-]{2,2800}))?\Z"
)
_MAX_LINK_BYTES = 2000


@dataclass(frozen=True)
class Call:
    """One request: `body` None is a GET. Only what `is_paid` may never be sent twice."""

    path: str
    body: Mapping[str, Any] | None
    is_paid: bool = True


@dataclass(frozen=True)
class Upgrade:
    """An operation that makes the finished clip of `task` sharper; `link` where it was there at once."""

    task: str
    resolution: str
    link: str = ""


@dataclass(frozen=True)
class _Job:
    """How one model of the job API names its fields; "" where it has none for something."""

    duration: Callable[[int], Any] | None = None
    first: str = ""
    last: str = ""
    references: str = ""
    negative: str = ""
    seed: str = ""
    audio: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict)


_JOBS: Mapping[str, _Job] = {
    "google/gemini-omni-flash-1-1": _Job(
        duration=str,
        first="first_frame_url",
        last="last_frame_url",
        references="image_urls",
        seed="seed",
    ),
    "bytedance/seedance-2-5": _Job(
        duration=int,
        first="first_frame_url",
        last="last_frame_url",
        references="reference_image_urls",
        audio="generate_audio",
    ),
    "wan/2-5-text-to-video": _Job(
        negative="negative_prompt",
        seed="seed",
        # what the user wrote is what is made
        fixed={"enable_prompt_expansion": False},
    ),
}


def is_veo(model: str) -> bool:
    """True for the models that have the older API of their own."""
    return model.startswith("veo")


def build_body(request: GenerationRequest, uploads: Sequence[str]) -> dict[str, Any]:
    """The body of the submit; raises ValueError for a setting that KIE has no field for."""
    config = request.config
    if request.kind is not GenerationKind.VIDEO:
        raise ValueError("KIE makes videos only here.")
    if config.samples != 1:
        raise ValueError("KIE makes one clip per request.")
    if config.task is Task.UPSCALE:
        return _upgrade_body(config, uploads)
    if config.task is not Task.CREATE:
        raise ValueError("KIE cannot edit or extend a clip here.")
    pictures = _by_role(config.inputs, uploads)
    if is_veo(request.model):
        return _veo_body(request, pictures)
    job = _JOBS.get(request.model)
    if job is None:
        raise ValueError(f"This version does not know which fields KIE's {request.model} has.")
    return {"model": request.model, "input": _job_input(request, job, pictures)}


def call_of(body: Mapping[str, Any]) -> Call:
    """Where a body of `build_body` goes. Making 1080p of a clip is free, so it is a mere question."""
    if "input" in body:
        return Call("/api/v1/jobs/createTask", body)
    if "taskId" not in body:
        return Call("/api/v1/veo/generate", body)
    if body["resolution"] == "1080p":
        return Call(upgrade_path(str(body["taskId"])), None, is_paid=False)
    named = {"taskId": body["taskId"], "index": body["index"]}
    return Call("/api/v1/veo/get-4k-video", named)


def upgrade_path(task: str) -> str:
    return f"/api/v1/veo/get-1080p-video?taskId={quote(task, safe='')}&index=0"


def record_path(model: str, task: str) -> str:
    """Where a task tells how it is doing."""
    route = "/api/v1/veo/record-info" if is_veo(model) else "/api/v1/jobs/recordInfo"
    return f"{route}?taskId={quote(task, safe='')}"


def upgrade_id(task: str, resolution: str, attempt_uuid: str, link: str = "") -> str:
    """The operation of an upgrade: KIE may give it the task of the clip, and a second try the same.

    A `link` that came with the answer is a part of it, for KIE may not tell it a second time.
    """
    name = f"{task}@{resolution}-{re.sub('[^A-Za-z0-9]', '', attempt_uuid)[:8] or '0'}"
    raw = link.encode("utf-8", "surrogatepass")
    if not 0 < len(raw) <= _MAX_LINK_BYTES:
        return name
    return f"{name}~{base64.urlsafe_b64encode(raw).decode('ascii').rstrip('=')}"


def upgrade_of(operation_id: str) -> Upgrade | None:
    """What `upgrade_id` made, read again; None for every other operation."""
    found = _UPGRADE.match(operation_id)
    if found is None or not TASK_ID.match(found["task"]):
        return None
    packed = found["link"] or ""
    try:
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        return Upgrade(found["task"], found["size"], raw.decode("utf-8", "surrogatepass"))
    except ValueError:
        return None


def source_task(item: MediaInput | None) -> str | None:
    """The task whose clip this is, where KIE made it; of an upgraded clip the one that it was made of."""
    if item is None or item.provider != "kie" or not item.operation_id:
        return None
    upgrade = upgrade_of(item.operation_id)
    return upgrade.task if upgrade else task_id(item.operation_id)


def marker_of(item: MediaInput) -> str:
    """How `build_body` is told of a clip that lies at KIE; ValueError for one that does not."""
    task = source_task(item)
    if task is None:
        raise ValueError("KIE makes only those clips sharper that were made there.")
    return _MARKER + task


def is_dedicated(operation: Operation, upgrade: Upgrade) -> bool:
    """True where the upgrade has a task of its own, whose first result is the sharper clip."""
    source = operation.config.source if operation.config else None
    return source_task(source) not in (None, upgrade.task)


def _upgrade_body(config: VideoConfig, uploads: Sequence[str]) -> dict[str, Any]:
    marker = uploads[0] if len(uploads) == 1 else ""
    task = task_id(marker.removeprefix(_MARKER))
    if task is None or not marker.startswith(_MARKER):
        raise ValueError("KIE makes only those clips sharper that were made there.")
    if config.resolution not in ("1080p", "4k"):
        raise ValueError(f"KIE makes a clip 1080p or 4k, not {config.resolution}.")
    _refuse_unsaid(config, _Job())
    # the resolution is the address that this goes to and no field
    return {"taskId": task, "index": 0, "resolution": config.resolution}


def _veo_body(
    request: GenerationRequest, pictures: Mapping[InputRole, Sequence[str]]
) -> dict[str, Any]:
    config = request.config
    _refuse_unsaid(config, _Job())
    body: dict[str, Any] = {
        "prompt": request.prompt,
        "model": request.model,
        "aspect_ratio": config.aspect_ratio,
        "resolution": config.resolution.lower(),
        "duration": config.duration_s,
        "generationType": "TEXT_2_VIDEO",
        # on by default: the prompt would not be the user's own any more
        "enableTranslation": False,
    }
    frames = [*pictures[InputRole.FIRST_FRAME], *pictures[InputRole.LAST_FRAME]]
    references = pictures[InputRole.REFERENCE]
    if config.mode is InputMode.REFERENCES:
        if request.model == "veo3" or config.duration_s != _REFERENCE_SECONDS:
            raise ValueError(
                "Veo takes reference pictures at KIE in clips of 8 seconds, Fast or Lite only."
            )
        body |= {"generationType": "REFERENCE_2_VIDEO", "imageUrls": list(references)}
    elif frames:
        body |= {"generationType": "FIRST_AND_LAST_FRAMES_2_VIDEO", "imageUrls": frames}
    return body


def _job_input(
    request: GenerationRequest, job: _Job, pictures: Mapping[InputRole, Sequence[str]]
) -> dict[str, Any]:
    config = request.config
    _refuse_unsaid(config, job)
    names = {InputRole.FIRST_FRAME: job.first, InputRole.LAST_FRAME: job.last}
    if any(pictures[role] and not name for role, name in names.items()) or (
        pictures[InputRole.REFERENCE] and not job.references
    ):
        raise ValueError(f"{request.model} does not take these pictures.")
    told: dict[str, Any] = {
        "prompt": request.prompt,
        "aspect_ratio": config.aspect_ratio,
        "resolution": config.resolution.lower(),
        **job.fixed,
    }
    if job.duration is not None:
        told["duration"] = job.duration(config.duration_s)
    if config.negative_prompt:
        told[job.negative] = config.negative_prompt
    if config.seed is not None:
        told[job.seed] = config.seed
    if job.audio and config.enable_audio is not None:
        told[job.audio] = config.enable_audio
    for role, name in names.items():
        if pictures[role]:
            (told[name],) = pictures[role]
    if pictures[InputRole.REFERENCE]:
        told[job.references] = list(pictures[InputRole.REFERENCE])
    return told


def _refuse_unsaid(config: VideoConfig, job: _Job) -> None:
    """ValueError for what this model has no field for: nothing is dropped silently."""
    if config.negative_prompt and not job.negative:
        raise ValueError(
            "This model takes no negative prompt; put the wish into the prompt itself."
        )
    if len(config.negative_prompt.encode("utf-16-le")) // 2 > _MAX_NEGATIVE_UNITS:
        raise ValueError(f"The negative prompt takes at most {_MAX_NEGATIVE_UNITS} characters.")
    if config.seed is not None and not job.seed:
        raise ValueError("This model takes no seed.")
    if config.enable_audio is False and not job.audio:
        raise ValueError("This model always makes sound; it cannot be switched off.")


def _by_role(
    inputs: Sequence[MediaInput], uploads: Sequence[str]
) -> Mapping[InputRole, Sequence[str]]:
    found: dict[InputRole, list[str]] = {role: [] for role in InputRole}
    for item, address in zip(inputs, uploads, strict=True):
        found[item.role].append(address)
    return found
