"""What is checked before anything is stored: the caller's prompt and settings, as a request."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from veo_studio.core.catalog import MAX_DURATION_S, MIN_DURATION_S, Catalog
from veo_studio.core.fitting import check_prompt_length, settle
from veo_studio.core.input_files import InputFiles
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import (
    GenerationRequest,
    InputRole,
    MediaInput,
    VideoConfig,
)

MIN_PROMPT_CHARS = 3
MAX_PROMPT_CHARS = 2000
_REQUIRED_KEYS = ("aspect_ratio", "duration", "resolution")
_PICTURE_KEYS = ("first_frame", "last_frame", "references")
_KNOWN_KEYS = frozenset(
    {*_REQUIRED_KEYS, *_PICTURE_KEYS, "negative_prompt", "seed", "enable_audio", "samples"}
)
_REQUIRED_OF_PICTURES = ("aspect_ratio", "resolution")
_KNOWN_OF_PICTURES = frozenset({*_REQUIRED_OF_PICTURES, "seed", "references"})


def check_prompt(prompt: str) -> str:
    """The prompt without surrounding blanks; ValueError with the sentence for the user."""
    if not isinstance(prompt, str):
        raise ValueError("The prompt must be text")
    words = prompt.strip()
    if not words:
        raise ValueError("Prompt cannot be empty")
    if len(words) < MIN_PROMPT_CHARS:
        raise ValueError(f"Prompt too short (min {MIN_PROMPT_CHARS} characters)")
    if len(words) > MAX_PROMPT_CHARS:
        raise ValueError(f"Prompt too long (max {MAX_PROMPT_CHARS} characters)")
    # a lone surrogate cannot be stored or sent; nothing else is changed
    return words.encode("utf-8", "replace").decode("utf-8")


def check_request(catalog: Catalog, request: GenerationRequest) -> GenerationRequest:
    """The request as it will be stored: checked against its model, and with a seed drawn where it has none.

    Raises ValueError with a sentence that names what is accepted.
    """
    prompt = check_prompt(request.prompt)
    model = catalog.find(request.model, request.provider)
    check_prompt_length(model, prompt)
    config = settle(model, request.config)
    catalog.check(model, config)
    if config.seed is None and model.capabilities.has_seed:
        config = replace(
            config, seed=secrets.randbelow(min(2**31, model.capabilities.max_seed + 1))
        )
    return replace(request, prompt=prompt, model=model.id, config=config, kind=model.kind)


def config_from(config: Mapping[str, Any] | None, files: InputFiles | None = None) -> VideoConfig:
    """The public API's dictionary as a `VideoConfig`, its pictures taken in to `files`. Blocks then.

    ValueError names what is missing or wrong; StorageError where a picture cannot be kept.
    """
    given = _keys_of(config, _REQUIRED_KEYS, _KNOWN_KEYS)
    duration = given["duration"]
    is_number = isinstance(duration, int | float) and not isinstance(duration, bool)
    if not is_number or not math.isfinite(duration) or duration != int(duration):
        raise ValueError("Duration must be a whole number of seconds")
    if not MIN_DURATION_S <= duration <= MAX_DURATION_S:
        raise ValueError(f"Duration must be between {MIN_DURATION_S} and {MAX_DURATION_S} seconds")
    audio = given.get("enable_audio")
    if audio is not None and not isinstance(audio, bool):
        raise ValueError("enable_audio must be True, False or left out")
    samples = given.get("samples", 1)
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 1:
        raise ValueError("samples must be a whole number of 1 or more")
    return VideoConfig(
        aspect_ratio=str(given["aspect_ratio"]),
        duration_s=int(duration),
        resolution=str(given["resolution"]).lower(),
        negative_prompt=str(given.get("negative_prompt") or ""),
        seed=_seed(given),
        enable_audio=audio,
        inputs=_taken_in(given, files),
        samples=samples,
    )


def picture_config_from(
    config: Mapping[str, Any] | None, files: InputFiles | None = None
) -> VideoConfig:
    """As `config_from`, for a picture: it has neither a length nor sound."""
    given = _keys_of(config, _REQUIRED_OF_PICTURES, _KNOWN_OF_PICTURES)
    return VideoConfig(
        aspect_ratio=str(given["aspect_ratio"]),
        duration_s=0,
        resolution=str(given["resolution"]).lower(),
        seed=_seed(given),
        inputs=_taken_in(given, files),
    )


def _keys_of(
    config: Mapping[str, Any] | None, required: Sequence[str], known: Set[str]
) -> dict[str, Any]:
    if config is not None and not isinstance(config, Mapping):
        raise ValueError("The config must be a dictionary")
    given = dict(config or {})
    if missing := [key for key in required if given.get(key) is None]:
        raise ValueError(f"Missing required config: {', '.join(missing)}")
    if unknown := sorted(set(given) - known):
        raise ValueError(
            f"Unknown config: {', '.join(unknown)}. Known: {', '.join(sorted(known))}."
        )
    return given


def _seed(given: Mapping[str, Any]) -> int | None:
    seed = given.get("seed")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise ValueError("The seed must be a whole number")
    return seed


def _taken_in(given: Mapping[str, Any], files: InputFiles | None) -> tuple[MediaInput, ...]:
    pictures = _pictures(given)
    if pictures and files is None:
        raise ValueError("There is no place to keep pictures here")
    return tuple(take_in_picture(files, path, role) for role, path in pictures if files)


def _pictures(given: Mapping[str, Any]) -> list[tuple[InputRole, Path]]:
    """What each picture is for; ValueError for what is no path."""
    found = []
    for key, role in (
        ("first_frame", InputRole.FIRST_FRAME),
        ("last_frame", InputRole.LAST_FRAME),
    ):
        if given.get(key) is not None:
            found.append((role, _path(given[key], key)))
    references = given.get("references") or ()
    if not isinstance(references, list | tuple):
        raise ValueError("references must be a list of paths")
    return [*found, *((InputRole.REFERENCE, _path(item, "references")) for item in references)]


def _path(value: Any, key: str) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise ValueError(f"{key} must be a path")
    return Path(value)
