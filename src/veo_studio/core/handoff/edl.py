"""EDL (CMX 3600): one track of pictures, by time code. Everything else stays out."""

from __future__ import annotations

from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime

from veo_studio.core.film.models import Film
from veo_studio.core.handoff.cutting import Cuts
from veo_studio.core.handoff.names import line
from veo_studio.core.handoff.timeline import reference_of, source_range

# three digits count the edits
MOST_EDITS = 999


def edl_of(film: Film, cuts: Cuts) -> str:
    """The text of the file. Raises ValueError with a sentence where it cannot hold the film."""
    if len(cuts.placed) > MOST_EDITS:
        raise ValueError(f"An EDL holds at most {MOST_EDITS} clips; choose another format.")
    text = str(
        otio.adapters.write_to_string(
            _timeline(film, cuts), "cmx_3600", style="nucoda", rate=float(cuts.rate)
        )
    )
    title, _, rest = text.partition("\n")
    is_drop = ";" in text.split("FROM", 1)[0]
    return f"{title}\nFCM: {'' if is_drop else 'NON-'}DROP FRAME\n{rest}"


def _timeline(film: Film, cuts: Cuts) -> Any:
    """Everything at the timeline's rate: a list of edits has no other."""
    rate = cuts.rate
    timeline = otio.schema.Timeline(name=line(film.title) or "Film")
    track = otio.schema.Track(name="Pictures", kind="Video")
    reels: dict[object, str] = {}
    for one in cuts.placed:
        reel = reels.setdefault(one.media.path, f"R{len(reels) + 1:03d}")
        clip = otio.schema.Clip(
            # programs look for the file by this name
            name=line(one.media.path.name),
            media_reference=reference_of(one.media, rate),
            source_range=source_range(one, rate),
        )
        comments = [f"SCENE: {line(one.clip.name)}"] if line(one.clip.name) else []
        for word, text in (("TITLE", one.clip.title), ("SUBTITLE", one.clip.subtitle)):
            comments += [f"{word}: {line(text)}"] if line(text) else []
        clip.metadata["cmx_3600"] = {"reel": reel, "comments": comments}
        if one.fade:
            half = RationalTime(one.fade // 2, float(rate))
            track.append(
                otio.schema.Transition(
                    transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
                    in_offset=half,
                    out_offset=half,
                )
            )
        track.append(clip)
    timeline.tracks.append(track)
    return timeline
