"""Names for finished files: readable, portable to every system, never one that is taken."""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import datetime
from pathlib import Path

from veo_studio.core.errors import StorageError

_MAX_WORDS = 4
_MAX_WORDS_LENGTH = 60
_MAX_PROMPT_LENGTH = 2000
_MAX_COPIES = 10_000
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`]")
_WORD = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


class NameTaken(StorageError):
    """Somebody else's file has the name meanwhile: reserve another one, store it, finish again."""


def file_name(prompt: str, at: datetime, extension: str = "mp4") -> str:
    """`20250105_143025_A_beautiful_sunset_over.mp4`: local time, first words; ASCII, <= 120 bytes.

    Accents go, other scripts are left out; a prompt without any such word becomes "clip".
    """
    text = _APOSTROPHES.sub("", prompt[:_MAX_PROMPT_LENGTH])
    # takes accents off their letters; what is not a letter of ASCII afterwards separates words
    text = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    words = "_".join(_WORD.findall(text)[:_MAX_WORDS])[:_MAX_WORDS_LENGTH].rstrip("_-")
    return f"{at.astimezone():%Y%m%d_%H%M%S}_{words or 'clip'}.{extension}"


def reserve_name(output_dir: Path, name: str) -> Path:
    """A path in `output_dir` that nothing has yet: `name`, or with _2, _3 ... before its extension.

    Nothing is created: store the path, then `finish` claims it or says that it was taken meanwhile.
    """
    stem, extension = os.path.splitext(name)
    for number in range(1, _MAX_COPIES):
        target = output_dir / (name if number == 1 else f"{stem}_{number}{extension}")
        if not os.path.lexists(target):
            return target
    raise StorageError(f"{output_dir} holds too many files named like {name}.")
