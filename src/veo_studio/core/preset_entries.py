"""One preset or list as it stands in a file, checked: every mistake is a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from veo_studio.core.models import GenerationKind
from veo_studio.core.presets import (
    MAX_NAME_CHARS,
    MAX_TEXT_CHARS,
    MAX_TEXTS,
    NamedList,
    Preset,
)
from veo_studio.core.prompt_lists import MAX_TEMPLATE_CHARS, is_name

_PRESET_KEYS = (
    "name", "prompt", "negative_prompt", "provider", "model", "config", "kind", "takes", "note",
)  # fmt: skip
_LIST_KEYS = ("name", "texts")
_CONFIG_KEYS = ("aspect_ratio", "duration", "resolution", "enable_audio", "samples", "seed")
_RATIO = re.compile(r"(\d{1,3}:\d{1,3}|auto)\Z")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MOST_TAKES = 8
_MOST_SAMPLES = 8
_LONGEST_S = 60
_MOST_SEED = 2**32 - 1


def preset_from(entry: object, *, is_shipped: bool = False) -> Preset:
    """ValueError says what is wrong with it."""
    stored = _object(entry)
    _known(stored, _PRESET_KEYS)
    return Preset(
        name=preset_name(stored.get("name")),
        prompt=_text(stored, "prompt", MAX_TEMPLATE_CHARS),
        negative_prompt=_text(stored, "negative_prompt", MAX_TEXT_CHARS),
        provider=_text(stored, "provider", MAX_NAME_CHARS),
        model=_text(stored, "model", MAX_NAME_CHARS),
        config=_config(stored.get("config", {})),
        kind=_kind(stored.get("kind", GenerationKind.VIDEO.value)),
        takes=_number("takes", stored.get("takes"), 1, _MOST_TAKES),
        note=_text(stored, "note", MAX_TEXT_CHARS),
        is_shipped=is_shipped,
    )


def list_from(entry: object, *, is_shipped: bool = False) -> NamedList:
    """ValueError says what is wrong with it."""
    stored = _object(entry)
    _known(stored, _LIST_KEYS)
    texts = stored.get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("'texts' has to be a list of texts")
    return NamedList(list_name(stored.get("name")), list_texts(texts), is_shipped)


def preset_name(name: object) -> str:
    """ValueError where it is no name for a preset."""
    if not isinstance(name, str) or not name.strip():
        raise ValueError("it needs a name")
    plain = " ".join(name.split())
    if len(plain) > MAX_NAME_CHARS or _CONTROLS.search(plain):
        raise ValueError(f"its name may have at most {MAX_NAME_CHARS} characters")
    return _storable(plain)


def list_name(name: object) -> str:
    """ValueError where it is no name that can stand in braces."""
    if not isinstance(name, str) or not name.strip():
        raise ValueError("it needs a name")
    if not is_name(name.strip()):
        raise ValueError(
            "the name of a list begins with a letter and has letters, digits, - and _ "
            "(40 at the most)"
        )
    return name.strip()


def list_texts(lines: Sequence[str]) -> tuple[str, ...]:
    """Without empty ones and repetitions; ValueError where they are too many, too long, or none."""
    texts: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        text = _storable(" ".join(line.split()))
        if len(text) > MAX_TEXT_CHARS:
            raise ValueError(
                f"line {number} has {len(text):,} characters; {MAX_TEXT_CHARS:,} is the most"
            )
        if _CONTROLS.search(text):
            raise ValueError(f"line {number} is not plain text")
        if text:
            texts[text] = None
    if not texts:
        raise ValueError("it has no texts: write one on each line")
    if len(texts) > MAX_TEXTS:
        raise ValueError(f"it has {len(texts):,} texts; {MAX_TEXTS:,} is the most")
    return tuple(texts)


def _object(entry: object) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise ValueError("it has to be an object in braces")
    return entry


def _known(stored: Mapping[str, Any], keys: Sequence[str]) -> None:
    for name in stored:
        if name not in keys:
            raise ValueError(f"it has '{str(name)[:40]}', which is none of {', '.join(keys)}")


def _text(stored: Mapping[str, Any], key: str, most: int) -> str:
    value = stored.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"'{key}' has to be text")
    if len(value) > most:
        raise ValueError(f"'{key}' has {len(value):,} characters; {most:,} is the most")
    return _storable(value)


def _storable(text: str) -> str:
    """Without lone surrogates, which can be neither stored nor sent."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _kind(value: object) -> GenerationKind:
    try:
        return GenerationKind(value)
    except ValueError:
        raise ValueError("'kind' has to be video or image") from None


def _number(key: str, value: object, least: int, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"'{key}' has to be a whole number from {least} to {most}")
    return value


def _config(entry: object) -> dict[str, Any]:
    stored = _object(entry)
    _known(stored, _CONFIG_KEYS)
    ratio = stored.get("aspect_ratio")
    if ratio is not None and (not isinstance(ratio, str) or not _RATIO.match(ratio)):
        raise ValueError("'aspect_ratio' has to be a text such as 16:9")
    audio = stored.get("enable_audio")
    if audio is not None and not isinstance(audio, bool):
        raise ValueError("'enable_audio' has to be true or false")
    size = _text(stored, "resolution", MAX_NAME_CHARS).lower()
    read = {
        "aspect_ratio": ratio,
        "duration": _number("duration", stored.get("duration"), 1, _LONGEST_S),
        "resolution": size or None,
        "enable_audio": audio,
        "samples": _number("samples", stored.get("samples"), 1, _MOST_SAMPLES),
        "seed": _number("seed", stored.get("seed"), 0, _MOST_SEED),
    }
    return {name: value for name, value in read.items() if value is not None}
