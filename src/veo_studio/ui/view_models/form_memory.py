"""The form between two starts: what is written into the settings, and what of it still fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from veo_studio.core.catalog import Catalog, ModelInfo
from veo_studio.core.models import VideoConfig

MAX_TAKES = 8
MAX_SEED = 2**31 - 1


def stored_model(
    catalog: Catalog, model_id: str | None, provider: object, default: ModelInfo
) -> ModelInfo:
    """The model of last time, at its provider if it is still there."""
    models = [model for model in catalog.models if model.id == model_id]
    return next((m for m in models if m.provider == provider), (*models, default)[0])


def stored_config(model: ModelInfo, stored: Mapping[str, Any]) -> VideoConfig | None:
    """The settings of last time as they were stored; None where they cannot be read."""
    try:
        return VideoConfig.from_json({**model.default_config().to_json(), **stored})
    except (KeyError, TypeError, ValueError):
        return None


def stored_takes(stored: Mapping[str, Any]) -> int:
    takes = stored.get("takes")
    return takes if isinstance(takes, int) and 1 <= takes <= MAX_TAKES else 1


def stored_seed(stored: Mapping[str, Any]) -> tuple[int, bool] | None:
    """The seed and whether it is locked."""
    seed = stored.get("seed")
    if isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= MAX_SEED:
        return seed, stored.get("is_seed_locked") is True
    return None
