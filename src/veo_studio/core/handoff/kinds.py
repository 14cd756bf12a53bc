"""The files that editing programs read, and how their names end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Kind(Enum):
    OTIO = "otio"
    FCPXML = "fcpxml"
    FCP7 = "fcp7"
    EDL = "edl"

    @property
    def suffix(self) -> str:
        """With its dot."""
        return _SUFFIXES[self]

    @classmethod
    def of(cls, path: Path) -> Kind:
        """By how the name ends. Raises ValueError with a sentence."""
        for kind, suffix in _SUFFIXES.items():
            if path.suffix.lower() == suffix:
                return kind
        endings = ", ".join(_SUFFIXES.values())
        raise ValueError(f"A hand-off to an editor ends in {endings}, not in {path.name!r}.")


_SUFFIXES: Mapping[Kind, str] = {
    Kind.OTIO: ".otio",
    Kind.FCPXML: ".fcpxml",
    Kind.FCP7: ".xml",
    Kind.EDL: ".edl",
}


@dataclass(frozen=True)
class Drafted:
    """What is written: the whole text. `notes` are sentences: what it cannot say, and what was fitted."""

    text: str
    kind: Kind
    clips: int
    duration_s: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """A file that was written, and what there is to say of it."""

    path: Path
    drafted: Drafted

    @property
    def notes(self) -> tuple[str, ...]:
        return self.drafted.notes
