"""What the engine answers: Google's JSON of interactions, files and models, and its errors."""

from __future__ import annotations

import base64
import math
from datetime import UTC, datetime
from typing import Any

from aiohttp import hdrs, web

from veo_studio.core.providers.rehearsal import wire
from veo_studio.core.providers.rehearsal.links import Links
from veo_studio.core.providers.rehearsal.vault import KEEP_S, Record, Upload
from veo_studio.core.providers.rehearsal.wire import WireError

PAGE = "<!doctype html><title>Sign in</title><h1>Please sign in to the network</h1>"
"""What a network's sign-in page puts in place of an answer."""


def interaction_object(
    record: Record, links: Links, *, is_started: bool, content: bytes | None = None
) -> dict[str, Any]:
    """An interaction; its file is `content` itself, or a link without it."""
    status = record.status
    if not record.is_finished:
        status = "in_progress" if is_started else "queued"
    answer: dict[str, Any] = {
        "id": record.id,
        "object": "interaction",
        "model": record.model,
        "status": status,
        "created": _stamp(record.created_s),
        "updated": _stamp(record.updated_s),
    }
    if record.labels:
        answer["labels"] = record.labels
    if status == "failed":
        answer["errors"] = [{"code": record.error_code, "message": record.error_text}]
    if status == "completed":
        output = _output(record, links, content)
        answer["steps"] = [{"type": "thought"}, {"type": "model_output", "content": [output]}]
        answer["usage"] = wire.usage(
            record.prompt, record.made_s, record.resolution, is_refused=bool(record.refusal)
        )
    return answer


def _output(record: Record, links: Links, content: bytes | None) -> dict[str, Any]:
    if record.refusal:
        return {"type": "text", "text": record.refusal}
    kind = "image" if record.is_picture else "video"
    output = {"type": kind, "mime_type": record.mime_type}
    if content is None:
        return {**output, "uri": links.download(record.file_id)}
    return {**output, "data": base64.b64encode(content).decode()}


def file_object(name: str, record: Record, links: Links) -> dict[str, Any]:
    """The file of a finished interaction, under the name it was asked for."""
    return {
        "name": f"files/{name}",
        "mimeType": record.mime_type,
        "sizeBytes": str(record.size_bytes),
        "createTime": _stamp(record.updated_s),
        "updateTime": _stamp(record.updated_s),
        "expirationTime": _stamp(record.updated_s + KEEP_S),
        "sha256Hash": base64.b64encode(bytes.fromhex(record.sha256)).decode(),
        "uri": links.file(name),
        "downloadUri": links.download(record.file_id),
        "state": "ACTIVE",
        "source": "GENERATED",
    }


def upload_object(upload: Upload, links: Links, *, is_active: bool) -> dict[str, Any]:
    return {
        "name": f"files/{upload.id}",
        "displayName": upload.display_name,
        "mimeType": upload.mime_type,
        "sizeBytes": str(upload.size_bytes),
        "createTime": _stamp(upload.created_s),
        "expirationTime": _stamp(upload.created_s + KEEP_S),
        "uri": links.file(upload.id),
        "state": "ACTIVE" if is_active else "PROCESSING",
        "source": "UPLOADED",
    }


def model_object(name: str) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "displayName": wire.MODELS[name],
        "supportedGenerationMethods": ["createInteraction"],
    }


def internal_error() -> WireError:
    return WireError(500, "INTERNAL", "An internal error has occurred.")


def no_file(name: str) -> WireError:
    return WireError(
        403, "PERMISSION_DENIED",
        f"You do not have permission to access the File {name} or it may not exist.",
    )  # fmt: skip


def error_response(error: WireError) -> web.Response:
    return web.json_response(error.body(), status=error.code)


def busy_response(retry_after: str) -> web.Response:
    error = wire.rate_limited(retry_after)
    return web.json_response(
        error.body(), status=429, headers={hdrs.RETRY_AFTER: str(math.ceil(float(retry_after)))}
    )


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
