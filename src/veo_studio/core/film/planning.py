"""How a film would be made: what is taken as it is, what is encoded and why, and what has to be fitted. Blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.exporting.presets import Form
from veo_studio.core.exporting.tasks import Way, even
from veo_studio.core.film.facts import ClipFacts, facts_of, sound_of
from veo_studio.core.film.models import Film, FilmClip, FilmFormat, FilmPlan, PlacedClip
from veo_studio.core.film.timing import Span, most_common, spans_of

_CODECS = {Form.H264: "h264", Form.H265: "hevc", Form.PRORES: "prores"}
_NAMES = {Form.H264: "H.264", Form.H265: "H.265", Form.PRORES: "ProRes"}
_MOST_NAMED = 3
_HEARD_S = 0.1


@dataclass(frozen=True)
class Layout:
    """A plan with what only the making needs: facts of the files, and pictures instead of seconds."""

    plan: FilmPlan
    facts: tuple[ClipFacts, ...]
    # none where the picture is taken as it is
    spans: tuple[Span, ...]
    track_s: float | None


def layout_of(film: Film, form: FilmFormat, *, is_joinable: bool = True) -> Layout:
    """`is_joinable`: False where it was tried to take the pictures as they are, and could not be.

    Raises ValueError with a sentence, DownloadError and StorageError with the name of the clip."""
    film.check()
    form.check()
    facts, taken = _read(film)
    track_s = None if film.soundtrack is None else sound_of(film.soundtrack.path).length_s
    volume = 1.0 if film.soundtrack is None else film.soundtrack.clip_volume
    is_clip_heard = volume > 0 and any(one.has_sound for one in facts)
    has_track = film.soundtrack is not None and film.soundtrack.volume > 0
    size = _size_of(film, facts)
    rate = _rate_of(film, facts)
    why = _why_encoded(film, form, facts, taken, size, rate)
    if not why and not is_joinable:
        why = "The clips do not follow each other without encoding them anew."
    notes: list[str] = []
    spans: tuple[Span, ...] = ()
    if why:
        spans = spans_of(
            [out_s - in_s for in_s, out_s in taken], [clip.fade_s for clip in film.clips], rate
        )
        placed = tuple(
            _placed(clip, float(span.first / rate), cut, float(span.fade / rate), one)
            for clip, span, cut, one in zip(film.clips, spans, taken, facts, strict=True)
        )
        duration_s = float(spans[-1].end / rate)
        notes += _size_notes(film.clips, facts, (even(size[0]), even(size[1])))
        notes += _rate_notes(film.clips, facts, rate)
        notes += _fade_notes(placed, rate)
    else:
        at_s = 0.0
        kept = []
        for clip, cut, one in zip(film.clips, taken, facts, strict=True):
            kept.append(_placed(clip, at_s, cut, 0.0, one))
            at_s += cut[1] - cut[0]
        placed, duration_s = tuple(kept), at_s
    if is_clip_heard:
        notes += _silence_notes(film.clips, facts)
    if has_track and track_s is not None and track_s < duration_s - _HEARD_S:
        notes.append(
            f"The soundtrack ends after {track_s:.1f} s, the film after {duration_s:.1f} s."
        )
    plan = FilmPlan(
        way=Way.ENCODED if why else Way.KEPT,
        why=why,
        width_px=even(size[0]) if why else size[0],
        height_px=even(size[1]) if why else size[1],
        rate=rate,
        duration_s=duration_s,
        clips=placed,
        has_sound=is_clip_heard or has_track,
        notes=tuple(notes),
    )
    return Layout(plan, facts, spans, track_s)


def _read(film: Film) -> tuple[tuple[ClipFacts, ...], tuple[tuple[float, float], ...]]:
    facts, taken = [], []
    for clip in film.clips:
        try:
            one = facts_of(clip.path)
            in_s, out_s = one.moments.cut(clip.in_s, clip.out_s)
            taken.append((in_s, min(out_s, one.moments.end_s)))
        except StorageError as error:
            raise StorageError(f"{clip.name}: {error.message}", action=error.action) from error
        except DownloadError as error:
            raise DownloadError(f"{clip.name}: {error.message}", action=error.action) from error
        facts.append(one)
    return tuple(facts), tuple(taken)


def _size_of(film: Film, facts: Sequence[ClipFacts]) -> tuple[int, int]:
    if film.width_px and film.height_px:
        return film.width_px, film.height_px
    return most_common((one.width_px, one.height_px) for one in facts)


def _rate_of(film: Film, facts: Sequence[ClipFacts]) -> Fraction:
    return film.rate or most_common(one.rate for one in facts)


def _placed(
    clip: FilmClip, start_s: float, cut: tuple[float, float], fade_s: float, facts: ClipFacts
) -> PlacedClip:
    return PlacedClip(
        clip, start_s, *cut, fade_s, facts.width_px, facts.height_px, facts.rate, facts.has_sound
    )


def _why_encoded(
    film: Film,
    form: FilmFormat,
    facts: Sequence[ClipFacts],
    taken: Sequence[tuple[float, float]],
    size: tuple[int, int],
    rate: Fraction,
) -> str:
    """The first reason in a sentence; "" where the pictures can be taken as they are."""
    if not form.may_copy:
        return "Everything is encoded anew, as it was asked for."
    named = list(zip(film.clips, facts, strict=True))
    for clip, one in named:
        if one.codec != _CODECS[form.form]:
            return f"{clip.name} is not {_NAMES[form.form]}."
    for clip, one in named:
        if (one.width_px, one.height_px) != size or not one.is_kept_size or one.turn:
            return f"{clip.name} has another size than the film."
        if one.rate != rate:
            return f"{clip.name} has another number of pictures a second than the film."
    for index, (clip, one) in enumerate(named):
        if one.stamp != facts[0].stamp:
            return f"{clip.name} was encoded in another way than {film.clips[0].name}."
        if index and clip.fade_s > 0:
            return "There are cross-fades."
        if form.burns_titles and clip.title.strip():
            return "There are titles in the picture."
        if form.burns_subtitles and clip.subtitle.strip():
            return "There are subtitles in the picture."
    for (clip, one), (in_s, out_s) in zip(named, taken, strict=True):
        if not one.is_clean_cut(in_s, out_s):
            return f"{clip.name} is cut between two pictures that stand for themselves."
    return ""


def _size_notes(
    clips: Sequence[FilmClip], facts: Sequence[ClipFacts], size: tuple[int, int]
) -> list[str]:
    width, height = size

    def sentence(one: ClipFacts) -> str:
        if abs(one.width_px - width) < 2 and abs(one.height_px - height) < 2:
            return ""
        old = f"{one.width_px} x {one.height_px}"
        new = f"{width} x {height}"
        shape, wanted = one.width_px / one.height_px, width / height
        if one.has_shape_of(width, height):
            how = "larger" if one.width_px < width else "smaller"
            return f"{old}, made {how} to {new}."
        where = "at the sides" if shape < wanted else "above and below"
        return f"{old}, fitted into {new} with black {where}."

    return _grouped(clips, facts, sentence)


def _rate_notes(clips: Sequence[FilmClip], facts: Sequence[ClipFacts], rate: Fraction) -> list[str]:
    def sentence(one: ClipFacts) -> str:
        if one.rate == rate:
            return ""
        how = "some are seen twice" if one.rate < rate else "some are left out"
        return f"{_number(one.rate)} pictures a second, fitted to {_number(rate)}: {how}."

    return _grouped(clips, facts, sentence)


def _silence_notes(clips: Sequence[FilmClip], facts: Sequence[ClipFacts]) -> list[str]:
    return _grouped(clips, facts, lambda one: "" if one.has_sound else "no sound.")


def _fade_notes(placed: Sequence[PlacedClip], rate: Fraction) -> list[str]:
    # a fade of whole pictures may be a little shorter than was asked for
    step_s = 1 / float(rate) + 0.001
    return [
        f"{one.clip.name}: a cross-fade of {one.fade_s:.2f} s instead of {one.clip.fade_s:.2f} s, "
        "as long as the clips allow."
        for index, one in enumerate(placed)
        if index and one.fade_s < one.clip.fade_s - step_s
    ]


def _grouped(
    clips: Sequence[FilmClip],
    facts: Sequence[ClipFacts],
    sentence: Callable[[ClipFacts], str],
) -> list[str]:
    """One sentence for all clips that it is true of."""
    told = sorted(
        (words, index) for index, one in enumerate(facts) if (words := sentence(one))
    )  # fmt: skip
    notes = []
    for words, group in groupby(told, key=lambda pair: pair[0]):
        names = [clips[index].name for _, index in group]
        shown = ", ".join(names[:_MOST_NAMED])
        if len(names) > _MOST_NAMED:
            shown += f" and {len(names) - _MOST_NAMED} more"
        notes.append(f"{shown}: {words}")
    return notes


def _number(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
