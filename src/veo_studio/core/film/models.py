"""What a film is made of, as frozen values. Moments and lengths are seconds, sizes pixels, rates frames a second."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from veo_studio.core.exporting.presets import Form
from veo_studio.core.storyboard.models import Soundtrack


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
    """`width_px`, `height_px` and `rate` are None where they follow from the clips: the first one's."""

    title: str
    clips: tuple[FilmClip, ...]
    soundtrack: Soundtrack | None = None
    width_px: int | None = None
    height_px: int | None = None
    rate: Fraction | None = None


@dataclass(frozen=True)
class FilmFormat:
    """How it is written: H.264, H.265 or ProRes. `may_copy`: without encoding anew where the clips allow it."""

    form: Form = Form.H264
    may_copy: bool = True
    burns_titles: bool = True
    burns_subtitles: bool = False
