"""Stored values as a `Generation`; needs neither SQLAlchemy nor an open database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from json import JSONDecoder
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

_raw_decode = JSONDecoder().raw_decode


class _Members(dict[str, Any]):
    """The members of an enum by their values, in a third of the time; it refuses others itself."""

    def __init__(self, enum: type[Enum]) -> None:
        super().__init__({one.value: one for one in enum})
        self._enum = enum

    def __missing__(self, value: str) -> Any:
        return self._enum(value)


_KINDS, _STATES = _Members(GenerationKind), _Members(GenerationState)
_CHARGES, _ERROR_KINDS = _Members(Charge), _Members(ErrorKind)


def _value_of(text: str) -> Any:
    """`json.loads` of what the program wrote itself, which has no space around it: half the time."""
    return _raw_decode(text)[0]


_READ_BY: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        (
            "created_at",
            "updated_at",
            "submitted_at",
            "finished_at",
            "next_attempt_at",
            "published_at",
        ),
        datetime.fromisoformat,
    ),
    **dict.fromkeys(("price_usd", "cost_usd"), Decimal),
    **dict.fromkeys(("config", "result"), _value_of),
    **dict.fromkeys(("has_audio", "favourite", "rejected"), bool),
}


def as_read(stored: dict[str, Any]) -> dict[str, Any]:
    """Columns as SQLite gives them, with moments, amounts and JSON read in their place."""
    for name, read in _READ_BY.items():
        value = stored[name]
        if value is not None:
            stored[name] = read(value)
    return stored


def generation_from(stored: Mapping[str, Any]) -> Generation:
    """From columns by name, with moments, amounts and JSON already read."""
    result = stored["result"]
    made = object.__new__(Generation)
    # a frozen dataclass sets forty fields with a call each: a third of all that reading a row takes
    made.__dict__.update(
        id=stored["id"],
        uuid=stored["uuid"],
        kind=_KINDS[stored["kind"]],
        provider=stored["provider"],
        model=stored["model"],
        prompt=stored["prompt"],
        config=VideoConfig.from_json(stored["config"]),
        state=_STATES[stored["state"]],
        state_cause=stored["state_cause"],
        charge=_CHARGES[stored["charge"]],
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
        error_kind=_ERROR_KINDS[stored["error_kind"]] if stored["error_kind"] else None,
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
    return made
