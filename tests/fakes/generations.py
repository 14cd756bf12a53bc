"""Generations as the store would give them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from veo_studio.core.models import (
    Charge,
    Generation,
    GenerationKind,
    GenerationState,
    VideoConfig,
)

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
_ids = itertools.count(1)


def a_generation(**fields: Any) -> Generation:
    """One generation; `fields` replaces what matters to a test."""
    number = fields.pop("id", None) or next(_ids)
    values: dict[str, Any] = {
        "id": number,
        "uuid": f"00000000-0000-4000-8000-{number:012}",
        "kind": GenerationKind.VIDEO,
        "provider": "rehearsal",
        "model": "rehearsal-1",
        "prompt": "A paper boat on a rainy street",
        "config": VideoConfig(),
        "state": GenerationState.PENDING,
        "state_cause": "asked for",
        "charge": Charge.NOT_CHARGED,
        "tokens": 0,
        "price_usd": None,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Generation(**{**values, **fields})
