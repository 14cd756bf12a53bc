"""Stored values as a `Generation`; needs neither SQLAlchemy nor an open database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from veo_studio.core.models import (
    Charge,
    ErrorKind,
    Generation,
    GenerationKind,
    GenerationState,
    ResultRef,
    VideoConfig,
)


def generation_from(stored: Mapping[str, Any]) -> Generation:
    """From columns by name, with moments, amounts and JSON already read."""
    result = stored["result"]
    return Generation(
        id=stored["id"],
        uuid=stored["uuid"],
        kind=GenerationKind(stored["kind"]),
        provider=stored["provider"],
        model=stored["model"],
        prompt=stored["prompt"],
        config=VideoConfig.from_json(stored["config"]),
        state=GenerationState(stored["state"]),
        state_cause=stored["state_cause"],
        charge=Charge(stored["charge"]),
        tokens=stored["tokens"],
        price_usd=stored["price_usd"],
        created_at=stored["created_at"],
        updated_at=stored["updated_at"],
        operation_id=stored["operation_id"],
        result=ResultRef.from_json(result) if result else None,
        output_dir=Path(stored["output_dir"]) if stored["output_dir"] else None,
        video_path=Path(stored["video_path"]) if stored["video_path"] else None,
        size_bytes=stored["size_bytes"],
        sha256=stored["sha256"],
        width_px=stored["width_px"],
        height_px=stored["height_px"],
        length_s=stored["length_s"],
        has_audio=stored["has_audio"],
        error=stored["error"],
        error_kind=ErrorKind(stored["error_kind"]) if stored["error_kind"] else None,
        submitted_at=stored["submitted_at"],
        finished_at=stored["finished_at"],
        next_attempt_at=stored["next_attempt_at"],
        take_group=stored["take_group"],
        take_number=stored["take_number"],
        queue_position=stored["queue_position"],
        priority=stored["priority"],
        cost_usd=stored["cost_usd"],
        favourite=stored["favourite"],
        rating=stored["rating"],
        rejected=stored["rejected"],
        caption=stored["caption"] or "",
        tags=tuple(stored["tag_words"].split("\n")) if stored["tag_words"] else (),
        published_at=stored["published_at"],
        cover_at_s=stored["cover_at_s"],
    )
