"""Everything needed to make a clip again, as a small JSON document: what is written, what is believed.

A recipe may come from anywhere. It can say nothing but settings: unknown fields are left out, and no
word of it is a path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path, PureWindowsPath
from typing import Any, NoReturn

from veo_studio import __version__
from veo_studio.core.framing import ratio_of
from veo_studio.core.log import redact
from veo_studio.core.models import Generation, GenerationKind, GenerationRequest, VideoConfig
from veo_studio.core.plain import plain

FORMAT = "veo-studio recipe"
VERSION = 1
MAX_BYTES = 256 * 1024
# more than any service takes; a form and a model say later what fits
_MAX_PROMPT = 20_000
_MAX_NAME = 255
_MAX_INPUTS = 32
_MAX_WHOLE = 2**63 - 1
_MAX_LENGTH_S = 24 * 3600
_INPUT_FIELDS = (
    "role", "sha256", "mime_type", "size_bytes", "name", "width_px", "height_px", "length_s",
    "frame", "original",
)  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9._:/@+-]{1,200}\Z")
_SIZE = re.compile(r"[A-Za-z0-9]{1,16}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
# as it is written here, and small ones as they were written before
_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,18})?(?:E-[0-9]{1,2})?\Z")
_UUID = re.compile(r"[0-9a-f-]{1,36}\Z")


@dataclass(frozen=True)
class Recipe:
    """How a clip or picture was made; `sha256` is that of its file.

    `is_changed`: the file beside it is not what it was any more.
    """

    request: GenerationRequest
    sha256: str | None = None
    size_bytes: int | None = None
    created_at: datetime | None = None
    generation: str | None = None
    tokens: int | None = None
    price_usd: Decimal | None = None
    cost_usd: Decimal | None = None
    is_changed: bool = False

    @property
    def prompt(self) -> str:
        return self.request.prompt

    @property
    def config(self) -> VideoConfig:
        return self.request.config


def of_generation(generation: Generation) -> Recipe:
    """As it is stored here; takes and folders are nobody's business elsewhere."""
    request = replace(
        generation.to_request(), take_group=None, take_number=1, output_dir=None
    )  # fmt: skip
    return Recipe(
        request=request,
        sha256=generation.sha256,
        size_bytes=generation.size_bytes,
        created_at=generation.created_at,
        generation=generation.uuid,
        tokens=generation.tokens,
        price_usd=generation.price_usd,
        cost_usd=generation.cost_usd,
    )


def to_json(recipe: Recipe) -> dict[str, Any]:
    """What `from_json` takes; without keys, folders and what only the provider's account knows."""
    request = recipe.request
    config = request.config.to_json()
    original_prompt = str(config.pop("original_prompt", ""))
    config["negative_prompt"] = redact(config["negative_prompt"])
    if "inputs" in config:
        config["inputs"] = [_input_json(item) for item in config["inputs"]]
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "program": __version__,
        "kind": request.kind.value,
        "prompt": redact(request.prompt),
        "original_prompt": redact(original_prompt),
        "provider": request.provider,
        "model": request.model,
        "config": config,
        "file": {"sha256": recipe.sha256, "size_bytes": recipe.size_bytes},
        "created_at": None if recipe.created_at is None else _utc(recipe.created_at),
        "generation": recipe.generation,
        "tokens": recipe.tokens,
        "price_usd": None if recipe.price_usd is None else f"{recipe.price_usd:f}",
        "cost_usd": None if recipe.cost_usd is None else f"{recipe.cost_usd:f}",
    }
    return {name: value for name, value in document.items() if value not in (None, "")}


def to_text(recipe: Recipe) -> str:
    # escaped, so that half a character of a pasted prompt can be written as well
    return json.dumps(to_json(recipe), indent=2) + "\n"


def read(path: Path) -> Recipe:
    """The recipe in a file. Blocks. Raises ValueError with a sentence for everything that is none."""
    try:
        if not path.is_file():
            raise ValueError(f"There is no file {path}.")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise ValueError(f"{path.name} cannot be opened: {reason}.") from error
    return from_text(content, path.name)


def from_text(content: bytes | str, name: str) -> Recipe:
    """`name` is what the sentences call it. Raises ValueError."""
    if len(content) > MAX_BYTES:
        raise ValueError(f"{name} is too large for a recipe.")
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is no recipe of Veo Studio: it is not readable.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"{name} is no recipe of Veo Studio.")
    version = document.get("version")
    if type(version) is int and version > VERSION:
        raise ValueError(f"{name} was written by a newer Veo Studio. Update this one to use it.")
    try:
        return from_json(document)
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        words = str(error.args[0]) if error.args else "it is damaged"
        raise ValueError(f"{name} is damaged as a recipe: {plain(words)[:200]}.") from error


def from_json(document: Mapping[str, Any]) -> Recipe:
    """Only what is known, each of its own type. Raises LookupError, TypeError, ValueError."""
    if document.get("version") != VERSION or type(document["version"]) is not int:
        raise ValueError("its version is not known")
    kind = GenerationKind(document.get("kind", GenerationKind.VIDEO.value))
    file = document.get("file", {})
    if not isinstance(file, dict):
        raise TypeError("file is no object")
    created_at = _optional_text(document, "created_at", 40)
    return Recipe(
        request=GenerationRequest(
            prompt=_text(document.get("prompt"), "prompt", _MAX_PROMPT),
            provider=_matching(document.get("provider"), "provider", _ID),
            model=_matching(document.get("model"), "model", _ID),
            config=_config(
                document.get("config"),
                kind,
                _optional_text(document, "original_prompt", _MAX_PROMPT) or "",
            ),
            kind=kind,
        ),
        sha256=_optional_match(file, "sha256", _DIGEST),
        size_bytes=_optional_whole(file, "size_bytes"),
        created_at=None if created_at is None else _moment(created_at),
        generation=_optional_match(document, "generation", _UUID),
        tokens=_optional_whole(document, "tokens"),
        price_usd=_money(document, "price_usd"),
        cost_usd=_money(document, "cost_usd"),
    )


def _config(stored: Any, kind: GenerationKind, original_prompt: str) -> VideoConfig:
    if not isinstance(stored, dict):
        raise TypeError("config is no object")
    inputs = stored.get("inputs", [])
    if not isinstance(inputs, list) or len(inputs) > _MAX_INPUTS:
        raise ValueError("inputs is no list of pictures and clips")
    aspect = _text(stored.get("aspect_ratio"), "aspect_ratio", 16)
    if aspect != "auto":
        ratio_of(aspect)
    known: dict[str, Any] = {
        "aspect_ratio": aspect,
        "resolution": _matching(stored.get("resolution"), "resolution", _SIZE),
        "negative_prompt": _optional_text(stored, "negative_prompt", _MAX_PROMPT) or "",
        "seed": _optional_whole(stored, "seed"),
        "enable_audio": _switch(stored, "enable_audio"),
        "inputs": [_input(item) for item in inputs],
        "original_prompt": original_prompt,
        **_length(stored, kind),
    }
    if "task" in stored:
        known["task"] = _text(stored["task"], "task", 16)
    if "samples" in stored:
        known["samples"] = _whole(stored["samples"], "samples", 1, 16)
    if (final := stored.get("final")) is not None:
        if not isinstance(final, dict):
            raise TypeError("final is no object")
        known["final"] = {
            "resolution": _matching(final.get("resolution"), "resolution", _SIZE),
            "enable_audio": _switch(final, "enable_audio"),
            **_length(final, kind),
        }
    return VideoConfig.from_json(known)


def _length(stored: Mapping[str, Any], kind: GenerationKind) -> dict[str, int]:
    least = 0 if kind is GenerationKind.IMAGE else 1
    return {"duration": _whole(stored.get("duration", 0), "duration", least, 3600)}


def _input_json(item: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: item[name] for name in _INPUT_FIELDS if name in item}
    return {**kept, "name": _file_name(redact(str(item["name"])))}


def _input(stored: Any) -> dict[str, Any]:
    """`MediaInput.from_json` looks at digests, kinds and pixels."""
    if not isinstance(stored, dict):
        raise TypeError("an input is no object")
    frame = stored.get("frame")
    if frame is not None and not isinstance(frame, dict):
        raise TypeError("frame is no object")
    kept = {name: stored[name] for name in _INPUT_FIELDS if name in stored}
    for name in ("size_bytes", "width_px", "height_px"):
        if kept.get(name) is not None:
            kept[name] = _whole(kept[name], name, 0, _MAX_WHOLE)
    if kept.get("length_s") is not None:
        kept["length_s"] = _seconds(kept["length_s"])
    name = _text(stored.get("name"), "name", 4096)
    return {**kept, "size_bytes": kept["size_bytes"], "name": _file_name(name)}


def _file_name(words: str) -> str:
    """The last part of what may be a path of any system."""
    return " ".join(plain(PureWindowsPath(words).name).split())[:_MAX_NAME] or "?"


def _text(value: Any, name: str, most: int) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    if len(value) > most:
        raise ValueError(f"{name} is too long")
    return value


def _optional_text(stored: Mapping[str, Any], name: str, most: int) -> str | None:
    value = stored.get(name)
    return None if value is None else _text(value, name, most)


def _matching(value: Any, name: str, pattern: re.Pattern[str]) -> str:
    if not pattern.match(_text(value, name, 400)):
        raise ValueError(f"{name} is not usable")
    return str(value)


def _optional_match(
    stored: Mapping[str, Any], name: str, pattern: re.Pattern[str]
) -> str | None:  # fmt: skip
    value = stored.get(name)
    return None if value is None else _matching(value, name, pattern)


def _whole(value: Any, name: str, least: int, most: int) -> int:
    if type(value) is not int:
        raise TypeError(f"{name} is no whole number")
    if not least <= value <= most:
        raise ValueError(f"{name} is not between {least} and {most}")
    return value


def _seconds(value: Any) -> float:
    if type(value) not in (int, float):
        raise TypeError("length_s is no number")
    if not 0 <= value <= _MAX_LENGTH_S:
        raise ValueError(f"length_s is not between 0 and {_MAX_LENGTH_S}")
    return float(value)


def _optional_whole(stored: Mapping[str, Any], name: str) -> int | None:
    value = stored.get(name)
    return None if value is None else _whole(value, name, 0, _MAX_WHOLE)


def _switch(stored: Mapping[str, Any], name: str) -> bool | None:
    value = stored.get(name)
    if value is not None and not isinstance(value, bool):
        raise TypeError(f"{name} is neither true nor false")
    return value


def _money(stored: Mapping[str, Any], name: str) -> Decimal | None:
    words = _optional_text(stored, name, 40)
    if words is None:
        return None
    if not _AMOUNT.match(words):
        raise ValueError(f"{name} is no amount")
    return Decimal(words)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(words: str) -> datetime:
    at = datetime.fromisoformat(words)
    if at.tzinfo is None:
        raise ValueError("created_at has no time zone")
    return at


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
