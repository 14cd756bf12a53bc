"""The film as an OpenTimelineIO timeline: pictures, the clips' own sound, the soundtrack.

`opentimelineio` is imported here and in the modules that write, never with the program.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from veo_studio.core.film.models import Film
from veo_studio.core.handoff.cutting import Cuts, Placed
from veo_studio.core.handoff.media import MediaFacts
from veo_studio.core.handoff.names import line, url_of
from veo_studio.core.storyboard.models import Soundtrack

# of our own facts inside the files
OURS = "veo_studio"


def timeline_of(
    film: Film, cuts: Cuts, sound: MediaFacts | None, *, has_clip_sound: bool = True
) -> Any:
    """`sound` is the soundtrack's file; `has_clip_sound` puts the clips' own sound on a track of its own."""
    timeline = otio.schema.Timeline(name=line(film.title) or "Film")
    timeline.global_start_time = RationalTime(0, float(cuts.rate))
    timeline.metadata[OURS] = {"width_px": cuts.width_px, "height_px": cuts.height_px}
    timeline.tracks.append(_track("Pictures", "Video", cuts, lambda one: _clip(one, cuts.rate)))
    if has_clip_sound and any(one.media.has_sound for one in cuts.placed):
        volume = 1.0 if film.soundtrack is None else film.soundtrack.clip_volume
        timeline.tracks.append(
            _track("Sound", "Audio", cuts, lambda one: _sounding(one, cuts.rate, volume))
        )
    if film.soundtrack is not None and sound is not None:
        timeline.tracks.append(_soundtrack(film.soundtrack, sound, cuts))
    return timeline


def seconds(at_s: Fraction | float, rate: Fraction) -> RationalTime:
    """The nearest picture at `rate`."""
    return RationalTime(round(at_s * rate), float(rate))


def _track(name: str, kind: str, cuts: Cuts, item_of: Callable[[Placed], Any]) -> Any:
    track = otio.schema.Track(name=name, kind=kind)
    before: Any = None
    for one in cuts.placed:
        item = item_of(one)
        # nothing fades from or into silence: there is nothing to fade with
        if one.fade and isinstance(item, otio.schema.Clip) and isinstance(before, otio.schema.Clip):
            track.append(_fade(one.fade, cuts.rate, kind))
        track.append(item)
        before = item
    return track


def _fade(pictures: int, rate: Fraction, kind: str) -> Any:
    half = RationalTime(pictures // 2, float(rate))
    fade = otio.schema.Transition(
        name="Cross Dissolve" if kind == "Video" else "Cross Fade (+3dB)",
        transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
        in_offset=half,
        out_offset=half,
    )
    if kind == "Audio":
        # Final Cut Pro 7 XML: a dissolve of pictures would stand on a track of sound
        fade.metadata["fcp_xml"] = {
            "effect": {
                "name": fade.name,
                "effectid": "KGAudioTransCrossFade3dB",
                "effecttype": "transition",
                "mediatype": "audio",
            }
        }
    return fade


def _clip(one: Placed, rate: Fraction) -> Any:
    clip = otio.schema.Clip(
        name=line(one.clip.name) or one.clip.path.name,
        media_reference=reference_of(one.media, one.media_rate),
        source_range=source_range(one, rate),
    )
    own: dict[str, Any] = {}
    if one.clip.generation_id is not None:
        own["generation_id"] = one.clip.generation_id
    for word, text in (("title", one.clip.title), ("subtitle", one.clip.subtitle)):
        if line(text):
            own[word] = text
            clip.markers.append(_marker(word, line(text), clip.source_range))
    clip.metadata[OURS] = own
    return clip


def source_range(one: Placed, rate: Fraction) -> TimeRange:
    """In pictures of the timeline, also of a file with another rate: starts and lengths stay whole."""
    return TimeRange(seconds(one.source_s, rate), RationalTime(one.length, float(rate)))


def _marker(word: str, text: str, source: TimeRange) -> Any:
    return otio.schema.Marker(
        name=f"{word.capitalize()}: {text}",
        marked_range=TimeRange(source.start_time, RationalTime(1, source.start_time.rate)),
        color=otio.schema.MarkerColor.GREEN,
    )


def _sounding(one: Placed, rate: Fraction, volume: float) -> Any:
    if not one.media.has_sound:
        return otio.schema.Gap(
            source_range=TimeRange(
                RationalTime(0, float(rate)), RationalTime(one.length, float(rate))
            )
        )
    clip = otio.schema.Clip(
        name=line(one.clip.name) or one.clip.path.name,
        media_reference=reference_of(one.media, one.media_rate),
        source_range=source_range(one, rate),
    )
    if volume != 1.0:
        clip.metadata[OURS] = {"volume": volume}
        clip.metadata["fcp_xml"] = {"filter": _level([(None, volume)])}
    return clip


def _soundtrack(track: Soundtrack, media: MediaFacts, cuts: Cuts) -> Any:
    """As long as the film, or as the file where that is shorter."""
    length = min(cuts.length, media.pictures(cuts.rate))
    clip = otio.schema.Clip(
        name=line(media.path.stem) or media.path.name,
        media_reference=reference_of(media, cuts.rate),
        source_range=TimeRange(
            RationalTime(0, float(cuts.rate)), RationalTime(length, float(cuts.rate))
        ),
    )
    clip.metadata[OURS] = {
        "volume": track.volume,
        "fade_in_s": track.fade_in_s,
        "fade_out_s": track.fade_out_s,
    }
    clip.metadata["fcp_xml"] = {"filter": _level(_ramp(track, length, cuts.rate))}
    made = otio.schema.Track(name="Soundtrack", kind="Audio")
    made.append(clip)
    return made


def _ramp(track: Soundtrack, length: int, rate: Fraction) -> list[tuple[int | None, float]]:
    """Pictures and volumes between which an editor draws lines."""
    fade_in_s, fade_out_s = track.fades_within(float(length / rate))
    fade_in = min(round(fade_in_s * rate), length)
    fade_out = min(round(fade_out_s * rate), length - fade_in)
    if not fade_in and not fade_out:
        return [(None, track.volume)]
    points: list[tuple[int | None, float]] = []
    points += [(0, 0.0), (fade_in, track.volume)] if fade_in else [(0, track.volume)]
    if fade_out:
        if (begin := length - fade_out) > fade_in:
            points.append((begin, track.volume))
        points.append((length, 0.0))
    return points


def _level(points: list[tuple[int | None, float]]) -> dict[str, Any]:
    """Final Cut Pro 7 XML's volume: one number, or lines between some."""
    parameter: dict[str, Any] = {
        "parameterid": "level",
        "name": "Level",
        "valuemin": "0",
        "valuemax": "3.98109",
    }
    first = points[0][1]
    if len(points) == 1:
        parameter["value"] = f"{first:g}"
    else:
        parameter["keyframe"] = [{"when": str(at), "value": f"{value:g}"} for at, value in points]
    return {
        "effect": {
            "name": "Audio Levels",
            "effectid": "audiolevels",
            "effectcategory": "audiolevels",
            "effecttype": "audiolevels",
            "mediatype": "audio",
            "parameter": parameter,
        }
    }


def reference_of(media: MediaFacts, rate: Fraction) -> Any:
    """The file with its whole length, by its absolute URL."""
    reference = otio.schema.ExternalReference(
        target_url=url_of(media.path),
        available_range=TimeRange(
            RationalTime(0, float(rate)),
            RationalTime(media.pictures(rate), float(rate)),
        ),
    )
    reference.name = media.path.name
    kinds: dict[str, Any] = {}
    if media.width_px:
        kinds["video"] = {
            "samplecharacteristics": {
                "width": str(media.width_px),
                "height": str(media.height_px),
                "pixelaspectratio": "square",
            }
        }
    if media.has_sound:
        kinds["audio"] = {
            "samplecharacteristics": {"depth": "16", "samplerate": str(media.sample_rate)},
            "channelcount": str(media.channels),
        }
    reference.metadata["fcp_xml"] = {"media": kinds}
    return reference
