"""The one JSON shape of a generation, for the command line and everything that talks to scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from veo_studio.core.models import Generation
from veo_studio.core.plain import masked


def generation_json(generation: Generation) -> dict[str, Any]:
    """Exactly the keys of the command line's contract (design: section 6).

    `kind` is "video" or "image"; `video_path` is the file of either.

    Moments are UTC in ISO 8601 with "Z". Money becomes a float only here, because scripts compare it as
    a number; its shortest form is the stored decimal again. The price is what was agreed to, the cost
    what the provider reported.
    """
    return {
        "id": generation.id,
        "kind": generation.kind.value,
        "status": generation.state.value,
        "provider": generation.provider,
        "model": generation.model,
        "prompt": generation.prompt,
        "config": generation.config.to_json(),
        "operation_id": generation.operation_id,
        "video_path": None if generation.video_path is None else str(generation.video_path),
        "size_bytes": generation.size_bytes,
        "sha256": generation.sha256,
        "tokens": generation.tokens,
        "price_usd": _amount(generation.price_usd),
        "cost_usd": _amount(generation.cost_usd),
        "charge": generation.charge.value,
        "error": None if generation.error is None else masked(generation.error),
        "error_kind": None if generation.error_kind is None else generation.error_kind.value,
        "favourite": generation.favourite,
        "rejected": generation.rejected,
        "rating": generation.rating,
        "caption": generation.caption,
        "tags": list(generation.tags),
        "published_at": moment(generation.published_at),
        "created_at": moment(generation.created_at),
        "finished_at": moment(generation.finished_at),
    }


def _amount(usd: Decimal | None) -> float | None:
    return None if usd is None else float(usd)


def moment(at: datetime | None) -> str | None:
    """An aware moment as `2025-01-05T14:30:25.123Z`."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
