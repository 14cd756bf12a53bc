"""What changed between two texts, word by word: for people, so the pieces keep their spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# a word with the spaces after it; marks count as words, so that a new comma is not a new word
_TOKEN = re.compile(r"\s+|[\w'’-]+\s*|[^\w\s]\s*")

Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True)
class Piece:
    kind: Kind
    text: str


def diff(before: str, after: str) -> list[Piece]:
    """Pieces in reading order; same + removed give `before` exactly, same + added `after`."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for _, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        gone, come = old[old_from:old_to], new[new_from:new_to]
        if gone == come:
            _add(pieces, "same", gone)
            continue
        _add(pieces, "removed", gone)
        _add(pieces, "added", come)
    return pieces


def _add(pieces: list[Piece], kind: Kind, tokens: list[str]) -> None:
    if tokens:
        pieces.append(Piece(kind, "".join(tokens)))
