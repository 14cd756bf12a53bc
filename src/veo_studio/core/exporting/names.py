"""Names of exported files: a template of the user's own, made portable, never one that is taken."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

from veo_studio.core.errors import StorageError
from veo_studio.core.models import Generation

DEFAULT_TEMPLATE = "{date}_{time}_{prompt}"
VARIABLES = (
    "date",
    "time",
    "prompt",
    "model",
    "provider",
    "aspect",
    "duration",
    "resolution",
    "seed",
    "take",
    "rating",
    "id",
    "number",
)
MOST_BYTES = 120
MOST_TEMPLATE_CHARS = 300
_MOST_COPIES = 10_000
# room for the number that tells it from a file of the same name, as in _9999
_NUMBER_BYTES = 5
_MOST_PROMPT_WORDS = 6
_MOST_PROMPT_BYTES = 60
_READ_CHARS = 2000
_PIECE = re.compile(r"\{([^{}]*)\}")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`]")
# names that Windows keeps for itself, whatever follows the first dot
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)


def check_template(template: str) -> None:
    """Raises ValueError with a sentence that names what is wrong."""
    if not template.strip():
        raise ValueError("The name needs at least one word or variable.")
    if len(template) > MOST_TEMPLATE_CHARS:
        raise ValueError(f"The name is too long: at most {MOST_TEMPLATE_CHARS} characters.")
    for name in _PIECE.findall(template):
        if name not in VARIABLES:
            raise ValueError(
                f"There is no variable {{{name}}}. There are: "
                + ", ".join(f"{{{known}}}" for known in VARIABLES) + "."
            )  # fmt: skip
    if "{" in _PIECE.sub("", template) or "}" in _PIECE.sub("", template):
        raise ValueError("A brace in the name has no partner.")


def stem_of(template: str, generation: Generation, number: int, count: int = 1) -> str:
    """The name without its ending: portable, at most 120 bytes with the longest ending and a number.

    `number` counts from 1 within the export, with the digits that `count` needs. Raises ValueError.
    """
    check_template(template)
    values = _values(generation, number, count)
    room = MOST_BYTES - _NUMBER_BYTES - len(".webm")
    stem = _filled(template, values)
    over = len(stem.encode()) - room
    if over > 0 and "{prompt}" in template:
        # the words give way before anything else does; it may stand there more than once
        times = template.count("{prompt}")
        least = max(8, len(values["prompt"].encode()) - -(-over // times))
        values["prompt"] = _cut(values["prompt"], least)
        stem = _filled(template, values)
    stem = _cut(stem, room) or "clip"
    return f"_{stem}" if _RESERVED.fullmatch(stem) else stem


def free_name(folder: Path, stem: str, suffix: str, taken: Collection[str] = ()) -> Path:
    """A path that nothing has: `stem`, or with _2, _3 ...; `taken` holds casefolded names of this export."""
    for number in range(1, _MOST_COPIES):
        name = f"{stem}{suffix}" if number == 1 else f"{stem}_{number}{suffix}"
        if name.casefold() not in taken and not os.path.lexists(folder / name):
            return folder / name
    raise StorageError(f"{folder} holds too many files named like {stem}{suffix}.")


def preview(
    template: str,
    generations: Sequence[Generation],
    suffixes: Sequence[str],
    folder: Path | None,
    most: int = 3,
) -> list[str]:
    """The first names, as an export would give them now; looks into `folder`. Raises ValueError."""
    taken: set[str] = set()
    shown = []
    # suffixes of the first ones will do
    for number, (one, suffix) in enumerate(zip(generations[:most], suffixes, strict=False), 1):
        stem = stem_of(template, one, number, len(generations))
        name = free_name(folder, stem, suffix, taken).name if folder else f"{stem}{suffix}"
        taken.add(name.casefold())
        shown.append(name)
    return shown


def _values(one: Generation, number: int, count: int) -> dict[str, str]:
    # as the library names its files
    at = one.created_at.astimezone()
    seed = one.config.seed
    length_s = one.length_s or one.config.duration_s or 0
    digits = max(2, len(str(count)))
    return {
        "date": f"{at:%Y%m%d}",
        "time": f"{at:%H%M%S}",
        "prompt": _words(one.prompt),
        "model": _clean(one.model),
        "provider": _clean(one.provider),
        "aspect": _clean((one.config.aspect_ratio or "").replace(":", "x")),
        "duration": "" if one.is_picture or not length_s else f"{round(length_s)}s",
        "resolution": _clean(one.config.resolution or ""),
        "seed": "" if seed is None else str(seed),
        "take": str(one.take_number),
        "rating": str(getattr(one, "rating", 0)),
        "id": str(one.id),
        "number": f"{number:0{digits}d}",
    }


def _words(prompt: str) -> str:
    """The first words; letters of every script stay, since a name of a clip in Kyoto is no "clip"."""
    text = _clean(_APOSTROPHES.sub("", prompt[:_READ_CHARS]), between="_")
    words = "_".join([word for word in text.split("_") if word][:_MOST_PROMPT_WORDS])
    return _cut(words, _MOST_PROMPT_BYTES) or "clip"


def _filled(template: str, values: dict[str, str]) -> str:
    literal = _PIECE.split(template)
    # every second piece is the name of a variable
    pieces = [
        values[piece] if index % 2 else _literal(piece) for index, piece in enumerate(literal)
    ]
    stem = re.sub(r"([_\-. ])\1+", r"\1", "".join(pieces))
    return stem.strip("_-. ")


def _literal(text: str) -> str:
    """What the user typed: spaces, dots and brackets stay, whatever is none of those becomes _."""
    text = unicodedata.normalize("NFC", text)
    return "".join(char if _is_portable(char) or char in " .-+()[],=@#" else "_" for char in text)


def _clean(text: str, between: str = "_") -> str:
    text = unicodedata.normalize("NFC", text)
    return "".join(char if _is_portable(char) or char in "-." else between for char in text).strip(
        "_.-"
    )


def _is_portable(char: str) -> bool:
    """Letters, their marks, and digits; no emoji, no direction marks, no halves of characters."""
    return (
        char == "_"
        or unicodedata.category(char)[0] in "LN"
        or unicodedata.category(char) in ("Mn", "Mc")
    )


def _cut(text: str, most_bytes: int) -> str:
    """At the end of a whole character, with nothing dangling."""
    return text.encode()[:most_bytes].decode("utf-8", "ignore").rstrip("_-. ")
