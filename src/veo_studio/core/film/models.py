"""What a film is made of, as frozen values. Moments and lengths are seconds, sizes pixels, rates frames a second."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from veo_studio.core.exporting.presets import LEAST_PX, MOST_PX, Form
from veo_studio.core.exporting.tasks import Way, check_cut
from veo_studio.core.storyboard.models import MAX_SCENES, Soundtrack

# what a film can be written as, with the ending of its file
SUFFIXES = {Form.H264: ".mp4", Form.H265: ".mp4", Form.PRORES: ".mov"}
MOST_FADE_S = 10.0
MOST_RATE = 120


@dataclass(frozen=True)
class FilmClip:
    """A clip in the film: `in_s` and `out_s` are moments of its file, None its own ends.

    `fade_s` is how long it is cross-faded with the one before, 0 for a cut. `title` stands over its
    start, `subtitle` under all of it. `name` is for people and for other programs.
    """

    path: Path
    name: str
    in_s: float | None = None
    out_s: float | None = None
    fade_s: float = 0.0
    title: str = ""
    subtitle: str = ""
    generation_id: int | None = None


@dataclass(frozen=True)
class Film:
    """`width_px`, `height_px` and `rate` are None where they follow from the clips: what most of them have."""

    title: str
    clips: tuple[FilmClip, ...]
    soundtrack: Soundtrack | None = None
    width_px: int | None = None
    height_px: int | None = None
    rate: Fraction | None = None

    def check(self) -> None:
        """Raises ValueError with a sentence for what makes no sense, whatever is on the disk."""
        if not self.clips:
            raise ValueError("A film needs at least one clip.")
        if len(self.clips) > MAX_SCENES:
            raise ValueError(f"A film has at most {MAX_SCENES} clips.")
        for clip in self.clips:
            try:
                check_cut(clip.in_s, clip.out_s)
            except ValueError as error:
                raise ValueError(f"{clip.name}: {error}") from None
            _check_numbers((clip.fade_s,), MOST_FADE_S, f"{clip.name}: a cross-fade lasts")
        if (self.width_px is None) is not (self.height_px is None):
            raise ValueError("A film has a width and a height, or neither.")
        for px in (self.width_px, self.height_px):
            if px is not None and not LEAST_PX <= px <= MOST_PX:
                raise ValueError(f"A film is {LEAST_PX} to {MOST_PX} pixels wide and high.")
        if self.rate is not None and not 1 <= self.rate <= MOST_RATE:
            raise ValueError(f"A film has 1 to {MOST_RATE} pictures a second.")
        if (track := self.soundtrack) is not None:
            _check_numbers((track.volume, track.clip_volume), 1.0, "A volume is")
            fades = (track.fade_in_s, track.fade_out_s)
            _check_numbers(fades, 600.0, "A fade of the soundtrack lasts", "seconds")


def _check_numbers(
    numbers: Iterable[float], most: float, words: str, unit: str = ""
) -> None:  # fmt: skip
    for number in numbers:
        if not (math.isfinite(number) and 0 <= number <= most):
            raise ValueError(f"{words} 0 to {most:g} {unit}".rstrip() + ".")


@dataclass(frozen=True)
class FilmFormat:
    """How it is written: H.264, H.265 or ProRes. `may_copy`: without encoding anew where the clips allow it.

    Subtitles that are not burnt in become a text track that players can switch on.
    """

    form: Form = Form.H264
    may_copy: bool = True
    burns_titles: bool = True
    burns_subtitles: bool = False

    @property
    def suffix(self) -> str:
        return SUFFIXES[self.form]

    def check(self) -> None:
        """Raises ValueError with a sentence."""
        if self.form not in SUFFIXES:
            raise ValueError("A film is written as H.264, H.265 or ProRes.")


@dataclass(frozen=True)
class PlacedClip:
    """Where a clip stands in the film, as it is made.

    `start_s` is a moment of the film, `in_s` and `out_s` are of its file; `fade_s` is how long it lies over
    the end of the one before, which may be less than was asked for. The other facts are the file's, with
    its picture as it is seen: turned upright, its pixels square.
    """

    clip: FilmClip
    start_s: float
    in_s: float
    out_s: float
    fade_s: float
    width_px: int
    height_px: int
    rate: Fraction
    has_sound: bool

    @property
    def length_s(self) -> float:
        return self.out_s - self.in_s

    @property
    def end_s(self) -> float:
        """Of the film."""
        return self.start_s + self.length_s


@dataclass(frozen=True)
class FilmPlan:
    """How a film would be made: said before it is.

    `way` is of the picture: `Way.KEPT` is taken as it is, without encoding anew; else `why` says in a
    sentence what stands against it. `notes` are sentences about what is not as the clips are: fitted
    sizes and rates, missing sound, shorter fades.
    """

    way: Way
    why: str
    width_px: int
    height_px: int
    rate: Fraction
    duration_s: float
    clips: tuple[PlacedClip, ...]
    has_sound: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilmMade:
    """What lies on the disk, as it was read back."""

    path: Path
    way: Way
    duration_s: float
    size_bytes: int
    width_px: int
    height_px: int
    video_codec: str
    audio_codec: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cue:
    """A subtitle: seconds of the film; lines of `text` end in a newline but for the last."""

    start_s: float
    end_s: float
    text: str
