"""What is said on the pipe between the program and its courier. Keys travel here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from veo_studio.core.errors import StudioError
from veo_studio.core.intake import Errand, Taken


@dataclass(frozen=True)
class Ready:
    """The courier's first word: everything is imported."""


@dataclass(frozen=True)
class Alive:
    """Said again and again while a stream is open, whatever its server does."""


@dataclass(frozen=True)
class Opening:
    """As the arguments of `HttpGateway.open_stream`."""

    url: str
    headers: Mapping[str, str]
    credentials: Mapping[str, str] = field(repr=False)
    allowed_origins: frozenset[str]


@dataclass(frozen=True)
class Head:
    """The answer without its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    origin: str


@dataclass(frozen=True)
class AsJson:
    """A wish: the body as JSON, for answers that are errors."""

    max_bytes: int


@dataclass(frozen=True)
class Value:
    """What the body says as JSON, or None."""

    value: object


@dataclass(frozen=True)
class NextPiece:
    """A wish: some of the body, for whoever does not want it in a file."""


@dataclass(frozen=True)
class Piece:
    """Empty at the end."""

    data: bytes


@dataclass(frozen=True)
class Moved:
    """So many bytes of the file are here."""

    done: int


@dataclass(frozen=True)
class Stop:
    """A wish: close the line and the file. Answered by `Ended` alone."""


@dataclass(frozen=True)
class Failed:
    """An error of the world, or the traceback of a bug."""

    error: StudioError | str


@dataclass(frozen=True)
class Ended:
    """The last word about a stream: neither line nor file is touched any more."""


Wish = Opening | AsJson | NextPiece | Errand | Stop
Answer = Head | Value | Piece | Taken
Word = Ready | Alive | Answer | Moved | Failed | Ended
