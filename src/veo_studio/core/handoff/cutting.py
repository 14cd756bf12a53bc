"""Where each clip stands, in whole pictures: a cut lies in the middle of its cross-fade, as editors have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from veo_studio.core.film.models import Film, FilmClip
from veo_studio.core.film.timing import most_common, spans_of
from veo_studio.core.handoff.media import MediaFacts, known_rate

# what a length read from a file may be short of a whole picture, in pictures
_ROUGHLY = 0.05


@dataclass(frozen=True)
class Placed:
    """A clip in the timeline, its halves of the cross-fades taken off. Whole pictures of the timeline.

    `source_s` is the moment of the file at which it begins; `fade` pictures of cross-fade lie around
    its start: an even number, half of it before. `media_rate` is its own rate where editors know it.
    """

    clip: FilmClip
    media: MediaFacts
    start: int
    length: int
    source_s: Fraction
    fade: int
    media_rate: Fraction


@dataclass(frozen=True)
class Cuts:
    """The film in pictures at `rate` a second."""

    rate: Fraction
    width_px: int
    height_px: int
    placed: tuple[Placed, ...]
    notes: tuple[str, ...]

    @property
    def length(self) -> int:
        last = self.placed[-1]
        return last.start + last.length


def cut(film: Film, media: Sequence[MediaFacts]) -> Cuts:
    """`media` belongs to the clips one by one. Raises ValueError with a sentence."""
    if not film.clips:
        raise ValueError("There is no clip in this film yet.")
    # as the film that is exported has it
    own = film.rate or most_common(one.rate for one in media) or Fraction(24)
    width_px, height_px = most_common((one.width_px, one.height_px) for one in media)
    rate = known_rate(own)
    notes = [] if rate == own else [_rate_note(own, rate)]
    if any(one.rate != media[0].rate for one in media):
        notes.append(
            f"The clips have different frame rates; the timeline has {_rate_words(rate)} a second."
        )
    lengths = [_visible(clip, facts, rate) for clip, facts in zip(film.clips, media, strict=True)]
    fades = _fades(film.clips, lengths, rate)
    placed: list[Placed] = []
    start = 0
    for number, (clip, facts) in enumerate(zip(film.clips, media, strict=True)):
        head = fades[number] // 2
        tail = fades[number + 1] // 2 if number + 1 < len(fades) else 0
        length = lengths[number] - head - tail
        media_rate = facts.rate or rate
        placed.append(
            Placed(
                clip,
                facts,
                start,
                length,
                _snapped(clip.in_s or 0.0, media_rate) + Fraction(head) / rate,
                fades[number],
                media_rate if known_rate(media_rate) == media_rate else rate,
            )
        )
        start += length
    return Cuts(
        rate,
        film.width_px or width_px,
        film.height_px or height_px,
        tuple(placed),
        tuple(notes),
    )


def _visible(clip: FilmClip, facts: MediaFacts, rate: Fraction) -> int:
    """Whole pictures of the timeline between the clip's points, its cross-fades with it."""
    in_s = max(0.0, clip.in_s or 0.0)
    out_s = facts.duration_s if clip.out_s is None else min(clip.out_s, facts.duration_s)
    left_s = facts.duration_s - float(_snapped(in_s, facts.rate or rate))
    # whole pictures, and none behind the end of the file
    pictures = min(round((out_s - in_s) * rate), int(left_s * rate + _ROUGHLY))
    if pictures < 1:
        raise ValueError(
            f"Nothing of {clip.name or clip.path.name} is in the film: its clip lasts "
            f"{facts.duration_s:.2f} s, and it is cut from {in_s:.2f} s to {out_s:.2f} s."
        )
    return pictures


def _fades(clips: Sequence[FilmClip], lengths: Sequence[int], rate: Fraction) -> list[int]:
    """Pictures of each cross-fade: an even number, as the film has them."""
    spans = spans_of(
        [length / float(rate) for length in lengths], [one.fade_s for one in clips], rate
    )
    return [span.fade for span in spans]


def _snapped(at_s: float, rate: Fraction) -> Fraction:
    """The moment of the nearest picture of the file."""
    return Fraction(round(max(0.0, at_s) * rate)) / rate


def _rate_note(own: Fraction, rate: Fraction) -> str:
    return (
        f"The film has {_rate_words(own)} a second, which editors do not know; "
        f"the timeline has {_rate_words(rate)}."
    )


def _rate_words(rate: Fraction) -> str:
    return f"{float(rate):.5g} pictures"
