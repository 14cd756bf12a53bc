"""The user's own model list: `models.toml`, of the form of the shipped files, where an entry may correct one.

What stands in it decides what is bought at which price, so a mistake is told and nothing is guessed.
"""

from __future__ import annotations

import contextlib
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

from veo_studio.core.capabilities import AudioSupport, Capabilities, ModelInfo, either
from veo_studio.core.catalog_file import model_from, provider_from, retired_from
from veo_studio.core.errors import StorageError
from veo_studio.core.models import GenerationKind, InputMode

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
    "price_minimum_usd", "price_source", "price_date", "retired_on", "modes", "kind",
}  # fmt: skip
_MODE_KEYS = {
    "durations_s", "aspect_ratios", "resolutions", "max_images", "follows_source", "max_source_s",
    "audio",
}  # fmt: skip
_KINDS: Mapping[str, tuple[type, int | None]] = {
    "tokens": (int, 0), "max_seed": (int, 0), "max_samples": (int, 1), "max_images": (int, 0),
    "max_prompt_units": (int, 1), "max_source_s": (int, 1), "default_duration_s": (int, 1),
    "price_date": (date, None), "retired_on": (date, None), "has_seed": (bool, None),
    "has_negative_prompt": (bool, None), "follows_source": (bool, None), "modes": (dict, None),
    "name": (str, None), "note": (str, None), "price_source": (str, None),
}  # fmt: skip
_KIND_WORDS = {
    int: "a whole number of 0 or more", bool: "true or false", dict: "a table", str: "a text",
    date: "a date such as 2026-11-21, without quotes",
}  # fmt: skip
_MOST = 2**53
_PARTS = {"providers", "models", "retired"}
_RATIO = re.compile(r"(\d{1,3}:\d{1,3}|auto)\Z")

Entry = dict[str, Any]
# (provider, id) -> the entry as it was read
Entries = Mapping[tuple[str, str], Entry]


def read_own(
    path: Path, providers: Mapping[str, Entry], models: Entries
) -> tuple[Entry, list[str]]:
    """The user's file with every correction completed from what it corrects.

    What has a mistake is left out, and a sentence names the file, the entry and what is wrong with it:
    nothing of the user's is bought at a price that was misread, and everything else stays usable.
    """
    problems: list[str] = []
    document = _document(path, problems)
    found: Entry = {"providers": {}, "models": [], "retired": []}
    with _told(problems):
        for key, entry in _table(path, "'providers'", document.get("providers", {})).items():
            with _told(problems):
                full = {**providers.get(key, {}), **_table(path, f"Provider {key!r}", entry)}
                with _mistakes(path, f"Provider {key!r}"):
                    _check_provider(key, full)
                found["providers"][key] = full
    known = {*providers, *found["providers"]}
    with _told(problems):
        for number, entry in enumerate(_list(path, "models", document), 1):
            where = f"Model {number} ({str(entry.get('id', 'without an id'))[:80]})"
            with _told(problems), _mistakes(path, where):
                full = _completed(entry, models)
                _check(entry, full, known)
                found["models"].append(full)
    with _told(problems):
        for number, entry in enumerate(_list(path, "retired", document), 1):
            with _told(problems), _mistakes(path, f"Retired entry {number}"):
                _check_retired(entry)
                found["retired"].append(entry)
    return found, problems


def _document(path: Path, problems: list[str]) -> Entry:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        problems.append(f"The model list {path} cannot be read: {reason}.")
        return {}
    except (ValueError, RecursionError) as error:
        problems.append(f"The model list {path} is no valid TOML and is left out: {error}.")
        return {}
    problems += [
        _mistake(path, "It", f"has {name!r}, which is none of {either(sorted(_PARTS))}").message
        for name in sorted(set(document) - _PARTS)
    ]
    return document


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
        full.pop("price_date", None)
        if "price_date" in entry:
            full["price_date"] = entry["price_date"]
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
    _check_texts(full)
    _check_values(full)
    _check_word("audio", full["audio"], [kind.value for kind in AudioSupport])
    _check_word("kind", full.get("kind", "video"), [kind.value for kind in GenerationKind])
    for name, limits in full.get("modes", {}).items():
        if name not in [mode.value for mode in InputMode]:
            raise ValueError(f"there is no mode {name!r}")
        if unknown := sorted(set(limits) - _MODE_KEYS):
            raise ValueError(f"there is no field {unknown[0]!r} in the mode {name}")
        _check_texts(limits)
        _check_values(limits)
    model = model_from(full)
    _check_prices(model)
    able = model.capabilities
    for each in (able, *map(able.in_mode, able.modes)):
        if model.makes_pictures and (each.durations_s or each.default_duration_s):
            raise ValueError("a picture has no durations_s")
        if not model.makes_pictures:
            _check_durations(each)
        _check_sizes(each)


def _check_word(name: str, value: Any, known: list[str]) -> None:
    if value not in known:
        raise ValueError(f"{name} has to be {either(known)}, not {value!r}")


def _check_values(entry: Entry) -> None:
    """ValueError for a value of the wrong kind, which would be found out where it is used."""
    for name in sorted(set(entry) & set(_KINDS)):
        kind, least = _KINDS[name]
        value = entry[name]
        # a moment is a date to Python, and a yes is a number
        if type(value) is not kind:
            raise ValueError(f"{name} has to be {_KIND_WORDS[kind]}, not {str(value)[:40]!r}")
        if least is None or not isinstance(value, int):
            continue
        if not least <= value <= _MOST:
            raise ValueError(
                f"{name} has to be a whole number of {least} or more, and at most {_MOST}"
            )
    if entry.get("modes") == {}:
        raise ValueError("modes has to name at least one way to ask, such as text")


def _check_provider(key: str, entry: Entry) -> None:
    pacing = provider_from(key, entry).pacing
    waits = (pacing.first_s, pacing.interval_s, pacing.deadline_s, pacing.retention_h)
    if not all(math.isfinite(wait) and wait >= 0 for wait in waits) or not pacing.interval_s:
        raise ValueError("waits and times have to be numbers above 0")


def _check_retired(entry: Entry) -> None:
    retired = retired_from(entry)
    if not _is_list_of_texts(entry["names"]) or not isinstance(retired.use_instead, str):
        raise ValueError("names has to be a list of texts, and use_instead a text")
    if type(retired.retired_on) is not date:
        raise ValueError("retired_on has to be a date such as 2026-11-21, without quotes")


def _check_prices(model: ModelInfo) -> None:
    prices = model.prices
    amounts = [*prices.per_second.values(), *prices.silent.values(), *prices.per_clip.values(),
               *prices.per_million.values(), prices.minimum]  # fmt: skip
    if any(not amount.is_finite() or amount < 0 for amount in amounts):
        raise ValueError("a price has to be 0 or more")


def _check_durations(able: Capabilities) -> None:
    if not able.durations_s or not all(2 <= stop <= 60 for stop in able.durations_s):
        raise ValueError("durations_s has to be a list of whole seconds from 2 to 60")
    if able.default_duration_s not in able.durations_s:
        raise ValueError(
            f"default_duration_s is {able.default_duration_s}, which is not among those that are offered"
        )


def _check_sizes(able: Capabilities) -> None:
    if not able.aspect_ratios or not all(map(_RATIO.match, able.aspect_ratios)):
        raise ValueError("aspect_ratios has to be a list such as ['16:9', '9:16']")
    if not able.resolutions:
        raise ValueError("resolutions has to be a list such as ['720p', '1080p']")
    for name, value, offered in (
        ("default_aspect_ratio", able.default_aspect_ratio, able.aspect_ratios),
        ("default_resolution", able.default_resolution, able.resolutions),
    ):
        if value not in offered:
            raise ValueError(f"{name} is {value!r}, which is not among those that are offered")


def _check_texts(entry: Entry) -> None:
    for name in ("aspect_ratios", "resolutions", "aliases"):
        if not _is_list_of_texts(entry.get(name, [])):
            raise ValueError(f"{name} has to be a list of texts")


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


@contextlib.contextmanager
def _told(problems: list[str]) -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        problems.append(f"{error.message} It is left out.")


@contextlib.contextmanager
def _mistakes(path: Path, where: str) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise _mistake(path, where, f"has no {error.args[0]}") from error
    except InvalidOperation as error:
        raise _mistake(path, where, "has a price that is no number") from error
    except (ValueError, OverflowError) as error:
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
    return StorageError(f"The model list {path} has a mistake. {where} {what}.")
