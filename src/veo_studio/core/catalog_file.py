"""Reading the catalogue's TOML: the shipped file, and the user's own of the same form."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from veo_studio.core.capabilities import (
    MAX_SEED,
    AudioSupport,
    Capabilities,
    ModeLimits,
    ModelInfo,
    OptionInfo,
    Prices,
    ProviderInfo,
    Retired,
)
from veo_studio.core.models import GenerationKind, InputMode, PollPacing


def provider_from(key: str, entry: Mapping[str, Any]) -> ProviderInfo:
    """Raises KeyError, TypeError or ValueError for what does not fit."""
    return ProviderInfo(
        id=key,
        name=str(entry["name"]),
        needs_key=bool(entry["needs_key"]),
        key_help=str(entry["key_help"]),
        pacing=PollPacing(
            first_s=float(entry["first_poll_s"]),
            interval_s=float(entry["poll_interval_s"]),
            deadline_s=float(entry["deadline_s"]),
            retention_h=float(entry["retention_h"]),
        ),
        concurrency=max(1, int(entry["concurrency"])),
        can_find=bool(entry.get("can_find", False)),
        usage_page=_page(entry, "usage_page"),
        key_page=_page(entry, "key_page"),
        base_url=str(entry.get("base_url", "")),
        needs_address=bool(entry.get("needs_address", False)),
        can_cancel=bool(entry.get("can_cancel", True)),
        cancel_help=str(entry.get("cancel_help", "")),
        options=tuple(OptionInfo(**option) for option in entry.get("options", ())),
        upload_mb=int(entry.get("upload_mb", 20)),
        about=str(entry.get("about", "")),
    )


def model_from(entry: Mapping[str, Any]) -> ModelInfo:
    """Raises KeyError, TypeError, ValueError or InvalidOperation for what does not fit."""
    tokens = entry["tokens"]
    if not isinstance(tokens, int) or tokens < 0:
        raise ValueError(f"tokens of {entry['id']} must be a whole number of 0 or more")
    return ModelInfo(
        id=str(entry["id"]),
        provider=str(entry["provider"]),
        name=str(entry["name"]),
        capabilities=_capabilities(entry),
        tokens=tokens,
        prices=Prices(
            per_second=_amounts(entry, "price_per_second_usd"),
            silent=_amounts(entry, "price_per_second_silent_usd"),
            per_clip=_amounts(entry, "price_per_clip_usd"),
            minimum=Decimal(str(entry.get("price_minimum_usd", 0))),
            per_million=_amounts(entry, "price_per_million_usd"),
        ),
        price_source=str(entry.get("price_source", "")),
        price_date=entry.get("price_date"),
        retired_on=entry.get("retired_on"),
        aliases=tuple(entry.get("aliases", ())),
        note=str(entry.get("note", "")),
        kind=GenerationKind(entry.get("kind", GenerationKind.VIDEO.value)),
    )


def retired_from(entry: Mapping[str, Any]) -> Retired:
    """Raises KeyError or TypeError for what does not fit."""
    return Retired(tuple(entry["names"]), entry["retired_on"], entry["use_instead"])


def _capabilities(entry: Mapping[str, Any]) -> Capabilities:
    stored_modes = entry.get("modes", {"text": {}})
    return Capabilities(
        # a picture has no length
        durations_s=_stops(entry.get("durations_s", ())),
        aspect_ratios=tuple(entry["aspect_ratios"]),
        resolutions=tuple(entry["resolutions"]),
        has_negative_prompt=bool(entry["has_negative_prompt"]),
        has_seed=bool(entry["has_seed"]),
        audio=AudioSupport(entry["audio"]),
        default_duration_s=int(entry.get("default_duration_s", 0)),
        default_aspect_ratio=str(entry["default_aspect_ratio"]),
        default_resolution=str(entry["default_resolution"]),
        modes={InputMode(name): _limits(limits) for name, limits in stored_modes.items()},
        max_prompt_units=entry.get("max_prompt_units"),
        max_seed=int(entry.get("max_seed", MAX_SEED)),
        max_samples=int(entry.get("max_samples", 1)),
    )


def _limits(entry: Mapping[str, Any]) -> ModeLimits:
    return ModeLimits(
        durations_s=_stops(entry["durations_s"]) if "durations_s" in entry else None,
        aspect_ratios=tuple(entry["aspect_ratios"]) if "aspect_ratios" in entry else None,
        resolutions=tuple(entry["resolutions"]) if "resolutions" in entry else None,
        audio=AudioSupport(entry["audio"]) if "audio" in entry else None,
        max_images=int(entry.get("max_images", 0)),
        follows_source=bool(entry.get("follows_source", False)),
        max_source_s=entry.get("max_source_s"),
    )


def _stops(durations: Any) -> tuple[int, ...]:
    """Whole seconds: a list, or every one `from` ... `to`."""
    if isinstance(durations, Mapping):
        first, last = durations["from"], durations["to"]
        if not 1 <= first <= last <= 600:
            raise ValueError("durations_s has to be a list of whole seconds from 2 to 60")
        return tuple(range(first, last + 1))
    return tuple(int(stop) for stop in durations)


def _amounts(entry: Mapping[str, Any], name: str) -> dict[str, Decimal]:
    return {key: Decimal(str(amount)) for key, amount in entry.get(name, {}).items()}


def _page(entry: Mapping[str, Any], name: str) -> str:
    """Opened in the user's browser, so nothing but a web page is taken."""
    words = str(entry.get(name, ""))
    if words and not words.startswith("https://"):
        raise ValueError(f"{name} must begin with https://, not {words[:40]!r}")
    return words
