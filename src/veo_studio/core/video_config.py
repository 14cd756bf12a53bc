"""The settings of one clip, and the pictures and clips that it is made from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

from veo_studio.core.framing import Frame

# what can be taken in, and how the files end under which it is kept
SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
}
PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class InputRole(Enum):
    """What a picture or clip is for."""

    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    REFERENCE = "reference"
    # the clip that is edited, extended or made sharper
    SOURCE = "source"


class Task(Enum):
    """What is asked for; `CREATE` is everything that does not begin with a clip."""

    CREATE = "create"
    EDIT = "edit"
    EXTEND = "extend"
    UPSCALE = "upscale"


class InputMode(Enum):
    """The ways to ask a model for a clip; each has limits of its own."""

    TEXT = "text"
    FIRST_FRAME = "first_frame"
    FRAMES = "frames"
    REFERENCES = "references"
    EDIT = "edit"
    EXTEND = "extend"
    UPSCALE = "upscale"


@dataclass(frozen=True)
class MediaInput:
    """A picture or clip that was taken in (`inputs.py` keeps the bytes under their `sha256`).

    `name` is the user's own file name, for people only. Pixels and seconds are None where they do not
    apply. A clip of ours names its `generation_id` and the provider's `operation_id`, so that a
    provider that still has it need not be sent it again. What was brought to another shape has its
    `frame`, and in `original` the digest of the whole picture that it was made of.
    """

    role: InputRole
    sha256: str
    mime_type: str
    size_bytes: int
    name: str
    width_px: int | None = None
    height_px: int | None = None
    length_s: float | None = None
    generation_id: int | None = None
    operation_id: str | None = None
    provider: str | None = None
    frame: Frame | None = None
    original: str | None = None

    def to_json(self) -> dict[str, Any]:
        stored = {
            "role": self.role.value,
            "sha256": self.sha256,
            "mime_type": self.mime_type,
            "size_bytes": self.size_bytes,
            "name": self.name,
            "width_px": self.width_px,
            "height_px": self.height_px,
            "length_s": self.length_s,
            "generation_id": self.generation_id,
            "operation_id": self.operation_id,
            "provider": self.provider,
            "frame": None if self.frame is None else self.frame.to_json(),
            "original": self.original,
        }
        return {name: value for name, value in stored.items() if value is not None}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> MediaInput:
        """Raises KeyError, TypeError or ValueError; the digest names a file, so it has to be one."""
        # what another version stored besides is left out
        known = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        frame = known.get("frame")
        known["frame"] = None if frame is None else Frame.from_json(frame)
        item = cls(**{**known, "role": InputRole(stored["role"])})
        item.check_place()
        pixels = (item.width_px, item.height_px)
        if any(
            count is not None and type(count) is not int for count in (item.size_bytes, *pixels)
        ):
            raise ValueError("bytes and pixels are whole numbers")
        if item.length_s is not None and type(item.length_s) not in (int, float):
            raise ValueError("a length is a number")
        return item

    def check_place(self) -> None:
        """ValueError for what cannot be the name of a file that was taken in."""
        digests = (self.sha256,) if self.original is None else (self.sha256, self.original)
        for digest in digests:
            if not isinstance(digest, str) or not _SHA256.match(digest):
                raise ValueError("a digest has to be 64 small hexadecimal digits")
        if not isinstance(self.mime_type, str) or self.mime_type not in SUFFIXES:
            raise ValueError("an input has to be a PNG, JPEG or WebP picture or an mp4 clip")


@dataclass(frozen=True)
class Quality:
    """The settings that a draft leaves for the clip that is made of it in the end."""

    duration_s: int
    resolution: str
    enable_audio: bool | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "duration": self.duration_s,
            "resolution": self.resolution,
            "enable_audio": self.enable_audio,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Quality:
        return cls(
            duration_s=int(stored["duration"]),
            resolution=str(stored["resolution"]),
            enable_audio=stored.get("enable_audio"),
        )


@dataclass(frozen=True)
class VideoConfig:
    """The settings of one clip or picture, validated against a model before they are stored.

    `duration_s` is 0 for a picture. `seed` None means that one is drawn (and recorded) before the
    submit. `enable_audio` None means the model's own default. `samples` is how many clips one submit
    makes, where a model can do that; takes are generations of their own. `final` is set in a draft.
    `original_prompt` is what the user wrote where an enhanced prompt was sent in its place, else "".
    """

    aspect_ratio: str = "16:9"
    duration_s: int = 8
    resolution: str = "720p"
    negative_prompt: str = ""
    seed: int | None = None
    enable_audio: bool | None = None
    inputs: tuple[MediaInput, ...] = ()
    task: Task = Task.CREATE
    samples: int = 1
    final: Quality | None = None
    original_prompt: str = ""

    def inputs_of(self, role: InputRole) -> tuple[MediaInput, ...]:
        return tuple(item for item in self.inputs if item.role is role)

    @property
    def source(self) -> MediaInput | None:
        """The clip that is edited, extended or made sharper."""
        return next(iter(self.inputs_of(InputRole.SOURCE)), None)

    @property
    def mode(self) -> InputMode:
        if self.task is not Task.CREATE:
            return InputMode(self.task.value)
        roles = {item.role for item in self.inputs}
        if InputRole.LAST_FRAME in roles:
            return InputMode.FRAMES
        if InputRole.FIRST_FRAME in roles:
            return InputMode.FIRST_FRAME
        return InputMode.REFERENCES if InputRole.REFERENCE in roles else InputMode.TEXT

    def to_json(self) -> dict[str, Any]:
        """The public names (design: section 5), as stored and printed."""
        stored: dict[str, Any] = {
            "aspect_ratio": self.aspect_ratio,
            "duration": self.duration_s,
            "resolution": self.resolution,
            "negative_prompt": self.negative_prompt,
            "seed": self.seed,
            "enable_audio": self.enable_audio,
        }
        if self.inputs:
            stored["inputs"] = [item.to_json() for item in self.inputs]
        if self.task is not Task.CREATE:
            stored["task"] = self.task.value
        if self.samples != 1:
            stored["samples"] = self.samples
        if self.final is not None:
            stored["final"] = self.final.to_json()
        if self.original_prompt:
            stored["original_prompt"] = self.original_prompt
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> VideoConfig:
        return cls(
            aspect_ratio=str(stored["aspect_ratio"]),
            duration_s=int(stored["duration"]),
            resolution=str(stored["resolution"]),
            negative_prompt=str(stored.get("negative_prompt") or ""),
            seed=stored.get("seed"),
            enable_audio=stored.get("enable_audio"),
            inputs=tuple(MediaInput.from_json(item) for item in stored["inputs"])
            if "inputs" in stored
            else (),
            task=Task(stored["task"]) if "task" in stored else Task.CREATE,
            samples=int(stored.get("samples", 1)),
            final=Quality.from_json(stored["final"]) if stored.get("final") else None,
            original_prompt=str(stored.get("original_prompt") or ""),
        )
