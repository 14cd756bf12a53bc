"""The user's own model list: `models.toml`, of the form of the shipped files, where an entry may correct one.

What stands in it decides what is bought at which price, so a mistake is told and nothing is guessed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

from veo_studio.core.capabilities import AudioSupport, Capabilities, ModelInfo, either
from veo_studio.core.catalog_file import model_from, provider_from, retired_from
from veo_studio.core.errors import StorageError
from veo_studio.core.models import InputMode

_AMOUNTS = (
    "price_per_second_usd",
    "price_per_second_silent_usd",
    "price_per_clip_usd",
    "price_per_million_usd",
)
_MODEL_KEYS = {
    *_AMOUNTS, "id", "provider", "name", "aliases", "note", "tokens", "durations_s", "aspect_ratios",
    "resolutions", "has_negative_prompt", "has_seed", "max_seed", "max_samples", "audio",
    "default_duration_s", "default_aspect_ratio", "default_resolution", "max_prompt_units",
    "price_minimum_usd", "price_source", "price_date", "retired_on", "modes",
}  # fmt: skip
_MODE_KEYS = {
    "durations_s", "aspect_ratios", "resolutions", "max_images", "follows_source", "max_source_s",
    "audio",
}  # fmt: skip
_PARTS = {"providers", "models", "retired"}
_RATIO = re.compile(r"(\d{1,3}:\d{1,3}|auto)\Z")

Entry = dict[str, Any]
# (provider, id) -> the entry as it was read
Entries = Mapping[tuple[str, str], Entry]


def read_own(path: Path, providers: Mapping[str, Entry], models: Entries) -> Entry:
    """The user's file with every correction completed from what it corrects.

    Raises StorageError with one sentence: the file, the entry, and what is wrong with it.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise StorageError(f"The model list {path} cannot be read: {reason}.") from error
    except ValueError as error:
        raise StorageError(f"The model list {path} is no valid TOML: {error}.") from error
    if unknown := sorted(set(document) - _PARTS):
        raise _mistake(path, "It", f"has {unknown[0]!r}, which is none of {either(sorted(_PARTS))}")
    found: Entry = {
        "providers": {
            key: {**providers.get(key, {}), **_table(path, f"Provider {key!r}", entry)}
            for key, entry in _table(path, "'providers'", document.get("providers", {})).items()
        },
        "models": [],
        "retired": [],
    }
    for key, entry in found["providers"].items():
        _try(path, f"Provider {key!r}", lambda key=key, entry=entry: provider_from(key, entry))
    known = {*providers, *found["providers"]}
    for number, entry in enumerate(_list(path, "models", document), 1):
        where = f"Model {number} ({str(entry.get('id', 'without an id'))[:80]})"
        full = _completed(entry, models)
        _try(path, where, lambda full=full, entry=entry: _check(entry, full, known))
        found["models"].append(full)
    for number, entry in enumerate(_list(path, "retired", document), 1):
        _try(path, f"Retired entry {number}", lambda entry=entry: retired_from(entry))
        found["retired"].append(entry)
    return found


def _completed(entry: Entry, models: Entries) -> Entry:
    """What is not said is as in the entry of the same provider and id; new prices are the user's."""
    key = (str(entry.get("provider", "")), str(entry.get("id", "")))
    base = models.get(key, {})
    full = {**base, **entry}
    for name in _AMOUNTS:
        if isinstance(entry.get(name), dict) and isinstance(base.get(name), dict):
            full[name] = {**base[name], **entry[name]}
    if base and set(entry) & {*_AMOUNTS, "price_minimum_usd"}:
        full["price_source"] = entry.get("price_source", "your own model list")
        full["price_date"] = entry.get("price_date")
    return full


def _check(entry: Entry, full: Entry, providers: set[str]) -> None:
    """ValueError or KeyError for what does not fit; stricter than for the shipped files."""
    if unknown := sorted(set(entry) - _MODEL_KEYS):
        raise ValueError(f"there is no field {unknown[0]!r}")
    if not isinstance(full["id"], str) or not full["id"].strip():
        raise ValueError("the id has to be text")
    if full["provider"] not in providers:
        raise ValueError(
            f"there is no provider {full['provider']!r}; known are {either(sorted(providers))}"
        )
    for name in ("aspect_ratios", "resolutions", "aliases"):
        if not _is_list_of_texts(full.get(name, [])):
            raise ValueError(f"{name} has to be a list of texts")
    kinds = [kind.value for kind in AudioSupport]
    if full["audio"] not in kinds:
        raise ValueError(f"audio has to be {either(kinds)}, not {full['audio']!r}")
    for name, limits in full.get("modes", {}).items():
        if name not in [mode.value for mode in InputMode]:
            raise ValueError(f"there is no mode {name!r}")
        if unknown := sorted(set(limits) - _MODE_KEYS):
            raise ValueError(f"there is no field {unknown[0]!r} in the mode {name}")
    model = model_from(full)
    _check_prices(model)
    _check_sizes(model.capabilities)
    for mode in model.capabilities.modes:
        _check_sizes(model.capabilities.in_mode(mode))


def _check_prices(model: ModelInfo) -> None:
    prices = model.prices
    amounts = [*prices.per_second.values(), *prices.silent.values(), *prices.per_clip.values(),
               *prices.per_million.values(), prices.minimum]  # fmt: skip
    if any(not amount.is_finite() or amount < 0 for amount in amounts):
        raise ValueError("a price has to be 0 or more")


def _check_sizes(able: Capabilities) -> None:
    if not able.durations_s or not all(1 <= stop <= 600 for stop in able.durations_s):
        raise ValueError("durations_s has to be a list of whole seconds")
    if not able.aspect_ratios or not all(map(_RATIO.match, able.aspect_ratios)):
        raise ValueError("aspect_ratios has to be a list such as ['16:9', '9:16']")
    if not able.resolutions:
        raise ValueError("resolutions has to be a list such as ['720p', '1080p']")
    for name, value, offered in (
        ("default_duration_s", able.default_duration_s, able.durations_s),
        ("default_aspect_ratio", able.default_aspect_ratio, able.aspect_ratios),
        ("default_resolution", able.default_resolution, able.resolutions),
    ):
        if value not in offered:
            raise ValueError(f"{name} is {value!r}, which is not among those that are offered")


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _try(path: Path, where: str, work: Any) -> None:
    try:
        work()
    except KeyError as error:
        raise _mistake(path, where, f"has no {error.args[0]}") from error
    except InvalidOperation as error:
        raise _mistake(path, where, "has a price that is no number") from error
    except ValueError as error:
        raise _mistake(path, where, f"does not fit: {error}") from error
    except (TypeError, AttributeError) as error:
        raise _mistake(path, where, "has a value of the wrong kind") from error


def _table(path: Path, where: str, value: Any) -> Entry:
    if not isinstance(value, dict):
        raise _mistake(path, where, "has to be a table")
    return value


def _list(path: Path, name: str, document: Entry) -> list[Entry]:
    value = document.get(name, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise _mistake(path, f"'{name}'", f"has to be written as [[{name}]]")
    return value


def _mistake(path: Path, where: str, what: str) -> StorageError:
    return StorageError(
        f"The model list {path} has a mistake. {where} {what}.",
        action="Correct it, or move the file away.",
    )
