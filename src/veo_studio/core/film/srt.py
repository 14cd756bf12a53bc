"""Subtitles as SubRip text (.srt), and where they stand in a film."""

from __future__ import annotations

from collections.abc import Sequence

from veo_studio.core.film.models import Cue, PlacedClip


def read_srt(content: bytes) -> tuple[Cue, ...]:
    """Raises ValueError with a sentence that names the line."""
    raise NotImplementedError


def write_srt(cues: Sequence[Cue]) -> str:
    raise NotImplementedError


def cues_of(placed: Sequence[PlacedClip]) -> tuple[Cue, ...]:
    """The subtitles of a planned film; in a cross-fade one follows the other in its middle."""
    raise NotImplementedError


def subtitles_for(
    cues: Sequence[Cue], placed: Sequence[PlacedClip]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A text for each clip, and sentences about cues that no clip can take."""
    raise NotImplementedError
