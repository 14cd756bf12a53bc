"""One export as the worker process gets it, and what it says about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from veo_studio.core.errors import StorageError
from veo_studio.core.exporting.presets import ExportPreset, Form, Inside, Size
from veo_studio.core.exporting.sources import SourceFacts
from veo_studio.core.recipe import Recipe

# takes a fraction, 0.0-1.0
Tell = Callable[[float], None]


class Unreadable(StorageError):
    """A file of the library that cannot be read as what it should be, or made into what was asked for."""


class Way(Enum):
    """How a file came about, the gentlest first."""

    # byte for byte
    COPIED = "copied"
    # the same picture and sound in a new file: nothing was encoded anew
    KEPT = "kept"
    ENCODED = "encoded"


@dataclass(frozen=True)
class Task:
    """`in_s` and `out_s` are seconds of the clip, None for its own ends; `suffix` is the target's.

    `most_bits_s` is what an H.264 picture may take a second; the sound beside it is encoded anew, too.
    """

    source: Path
    part: Path
    suffix: str
    preset: ExportPreset
    in_s: float | None = None
    out_s: float | None = None
    recipe: Recipe | None = None
    most_bits_s: int | None = None

    def check(self) -> None:
        """Raises ValueError with a sentence."""
        self.preset.check()
        check_cut(self.in_s, self.out_s)


@dataclass(frozen=True)
class Made:
    """What lies on the disk, as it was read back; `notes` are sentences about what is not as asked."""

    way: Way
    size_bytes: int
    width_px: int
    height_px: int
    duration_s: float = 0.0
    video_codec: str = ""
    audio_codec: str | None = None
    notes: tuple[str, ...] = ()


def check_cut(in_s: float | None, out_s: float | None) -> None:
    """Raises ValueError with a sentence for ends that leave nothing between them."""
    for moment in (in_s, out_s):
        if moment is not None and not 0 <= moment < 1e6:
            raise ValueError("The in and out points lie inside the clip.")
    if out_s is not None and out_s <= (in_s or 0.0):
        raise ValueError("The out point comes after the in point.")


def way_of(
    preset: ExportPreset, facts: SourceFacts, in_s: float | None, out_s: float | None
) -> Way:
    """How it would be made, said before it is. A clip that a preset cannot hold is encoded."""
    form = preset.form
    if form is Form.STILL:
        return Way.ENCODED
    if facts.is_picture:
        return Way.COPIED if preset.inside is Inside.AS_IT_IS else Way.KEPT
    if form is not Form.COPY:
        return Way.ENCODED
    is_cut = is_cut_by(facts, in_s, out_s)
    if is_cut and not (preset.is_fast and facts.is_clean_cut(in_s, out_s)):
        return Way.ENCODED
    loses_sound = facts.audio_codec is not None and not preset.has_sound
    if is_cut or loses_sound or preset.inside is not Inside.AS_IT_IS:
        return Way.KEPT
    return Way.COPIED


def is_cut_by(facts: SourceFacts, in_s: float | None, out_s: float | None) -> bool:
    """Whether anything of the clip lies outside."""
    half_s = 0.5 / facts.fps if facts.fps else 0.02
    return (in_s or 0.0) >= half_s or (out_s is not None and out_s <= facts.duration_s - half_s)


def target_size(preset: ExportPreset, width_px: int, height_px: int) -> tuple[int, int]:
    """Of a picture of that size as it is seen; never larger, and of even numbers."""
    scale = 1.0
    if preset.size in (Size.P1080, Size.P720):
        short = 1080 if preset.size is Size.P1080 else 720
        scale = short / min(width_px, height_px)
    elif preset.size is Size.FIT:
        scale = min(preset.width_px / width_px, preset.height_px / height_px)
    scale = min(1.0, scale)
    return even(width_px * scale), even(height_px * scale)


def even(px: float) -> int:
    return max(2, int(px / 2 + 0.25) * 2)
