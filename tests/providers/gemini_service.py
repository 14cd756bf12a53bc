"""Google's side of uploads and interactions, scripted for the recorder; the inputs that go there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.providers.conformance.recorder import Recorded, Reply
from veo_studio.core.models import (
    GenerationKind,
    GenerationRequest,
    InputRole,
    MediaInput,
    Task,
    VideoConfig,
)

KEY = "AIzaSy-a-key-for-conformance-0123456789"
FILE_URI = "https://generativelanguage.googleapis.com/v1beta/files/ref1"
_TIME = "2026-11-20T20:00:00Z"
VIDEO = {"type": "video", "mime_type": "video/mp4", "uri": f"{FILE_URI}:download?alt=media"}


def interaction(status: str = "queued", **fields: Any) -> dict[str, Any]:
    return {
        "id": "v1_abc",
        "object": "interaction",
        "model": "gemini-omni-1.2-flash",
        "status": status,
        "created": _TIME,
        "updated": _TIME,
        **fields,
    }


def finished(**fields: Any) -> dict[str, Any]:
    steps = [{"type": "model_output", "content": [VIDEO]}]
    return interaction("completed", steps=steps, **fields)


class Service:
    """Answers as Google does; `answers` replaces single answers, by "METHOD path"."""

    def __init__(self, **answers: Reply) -> None:
        self.url = ""
        self.file_states = ["PROCESSING", "ACTIVE"]
        self.answers: dict[str, Reply] = dict(answers)

    def __call__(self, request: Recorded) -> Reply:
        if (said := self.answers.get(f"{request.method} {request.path}")) is not None:
            return said
        match request.path.split("/")[1:]:
            case ["upload", "v1", "files"] if "upload_id" not in request.query:
                link = f"{self.url}/upload/v1/files?upload_id=u1&upload_protocol=resumable"
                return Reply({}, headers={"X-Goog-Upload-URL": link, **_status("active")})
            case ["upload", "v1", "files"]:
                return Reply({"file": self._file()}, headers=_status("final"))
            case ["v1", "files", "ref1"]:
                return Reply(self._file())
            case ["v1", "models"]:
                return Reply({"models": [{"name": "models/gemini-omni-1.2-flash"}]})
            case ["v1", "interactions", _, "cancel"]:
                return Reply(interaction("cancelled"))
            case ["v1", "interactions", _]:
                return Reply(finished())
        return Reply(interaction())

    def _file(self) -> Mapping[str, str]:
        state = self.file_states.pop(0) if len(self.file_states) > 1 else self.file_states[0]
        return {"name": "files/ref1", "uri": FILE_URI, "state": state}


def _status(word: str) -> dict[str, str]:
    return {"X-Goog-Upload-Status": word}


def picture(
    role: InputRole = InputRole.FIRST_FRAME, content: bytes = b"PNGPNG", name: str = "my cat.png"
) -> MediaInput:
    digest = hashlib.sha256(content).hexdigest()
    return MediaInput(role, digest, "image/png", len(content), name, 64, 48)


def clip(**changes: Any) -> MediaInput:
    fields: dict[str, Any] = {
        "role": InputRole.SOURCE,
        "sha256": hashlib.sha256(b"MP4").hexdigest(),
        "mime_type": "video/mp4",
        "size_bytes": 3,
        "name": "boat.mp4",
        "width_px": 1280,
        "height_px": 720,
        "length_s": 8.0,
    }
    return MediaInput(**{**fields, **changes})


def ours(**changes: Any) -> MediaInput:
    """A clip that this program made at Google."""
    return clip(generation_id=1, operation_id="v1_old", provider="gemini", **changes)


FRAMES = (picture(), picture(InputRole.LAST_FRAME))
REFERENCES = tuple(picture(InputRole.REFERENCE) for _ in range(3))


def request_of(prompt: str = "Waves roll in", **settings: Any) -> GenerationRequest:
    model = settings.pop("model", "gemini-omni-1.2-flash")
    return GenerationRequest(prompt, "gemini", model, VideoConfig(**settings))


def picture_of(prompt: str = "Waves roll in", **settings: Any) -> GenerationRequest:
    """The request for a picture."""
    model = settings.pop("model", "gemini-3.1-flash-image")
    config = VideoConfig(**{"duration_s": 0, "resolution": "1k", **settings})
    return GenerationRequest(prompt, "gemini", model, config, GenerationKind.IMAGE)


def edit(item: MediaInput, **settings: Any) -> GenerationRequest:
    return request_of("Make it night", inputs=(item,), task=Task.EDIT, **settings)


def extend(item: MediaInput, **settings: Any) -> GenerationRequest:
    return request_of("It sails on", inputs=(item,), task=Task.EXTEND, **settings)


def file_of(folder: Path, content: bytes) -> Path:
    path = folder / "input"
    path.write_bytes(content)
    return path
