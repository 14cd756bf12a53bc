"""A film whose pictures are taken as they are: packets of one clip after those of the other. Blocks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from veo_studio.core.exporting.sound import can_keep_sound
from veo_studio.core.exporting.sources import opened, start_of
from veo_studio.core.exporting.tasks import Tell
from veo_studio.core.film.mixing import Mixer
from veo_studio.core.film.models import PlacedClip
from veo_studio.core.film.planning import Layout
from veo_studio.core.film.srt import cues_of
from veo_studio.core.film.writing import FilmTask, SoundTrack, TextTrack, create


class CannotJoin(Exception):
    """The packets do not follow each other in time: the film has to be encoded."""


def splice(task: FilmTask, layout: Layout, tell: Tell) -> None:
    """Write the part. Raises CannotJoin, DownloadError, and what PyAV raises.

    Sound is mixed and encoded anew: its packets end where pictures do not, and would click at every join.
    Only that of a single clip is taken as it is.
    """
    plan, clips = layout.plan, layout.plan.clips
    cues = cues_of(clips)
    with ExitStack() as stack:
        new = create(stack, task)
        first = stack.enter_context(opened(clips[0].clip.path))
        picture = new.add_stream_from_template(first.streams.video[0])
        kept_sound = _kept_sound(task, layout, first, new)
        sound = text = None
        if plan.has_sound and kept_sound is None:
            mixer = Mixer(
                stack, clips, task.film.soundtrack, layout.track_s, plan.duration_s
            )  # fmt: skip
            sound = SoundTrack(new, task.form.form, mixer)
        if cues and not task.form.burns_subtitles:
            text = TextTrack(new, cues)
        joint = _Joint(new, picture)
        for placed in clips:
            with opened(placed.clip.path) as old:
                streams = [old.streams.video[0]]
                if kept_sound is not None:
                    streams.append(old.streams.audio[0])
                start_s = start_of(old)
                for packet in old.demux(*streams):
                    # the last ones of a file are empty
                    if packet.dts is None or packet.pts is None:
                        continue
                    at_s = float(packet.pts * packet.time_base) - start_s
                    if not _is_taken(packet, at_s, placed):
                        continue
                    shift_s = placed.start_s - placed.in_s - start_s
                    if packet.stream.type != "video":
                        _move(packet, shift_s)
                        packet.stream = kept_sound
                        new.mux(packet)
                        continue
                    film_s = at_s - placed.in_s + placed.start_s
                    if text is not None:
                        text.write_to(film_s + 1)
                    if sound is not None:
                        sound.write_to(film_s)
                    joint.take(packet, shift_s)
                    tell(film_s / max(plan.duration_s, 0.001))
        if sound is not None:
            sound.finish()


def _kept_sound(task: FilmTask, layout: Layout, first: Any, new: Any) -> Any:
    """The stream for sound that stays as it is; None where it is mixed, or where there is none."""
    clips = layout.plan.clips
    is_alone = len(clips) == 1 and task.film.soundtrack is None and clips[0].has_sound
    if not is_alone:
        return None
    audio = first.streams.audio[0]
    is_whole = clips[0].in_s <= 0 and clips[0].out_s >= layout.facts[0].moments.end_s
    if not is_whole or not can_keep_sound(task.suffix[1:], task.form.form, audio):
        return None
    return new.add_stream_from_template(audio)


def _is_taken(packet: Any, at_s: float, placed: PlacedClip) -> bool:
    if packet.stream.type != "video":
        return True
    return placed.in_s - 1e-4 <= at_s < placed.out_s - 1e-4


def _move(packet: Any, shift_s: float) -> None:
    shift = round(shift_s / packet.time_base)
    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift


class _Joint:
    """Where one clip's packets follow the other's: stored in an order that only grows, before they are seen."""

    def __init__(self, new: Any, stream: Any) -> None:
        self._new, self._stream = new, stream
        self._last_s: float | None = None

    def take(self, packet: Any, shift_s: float) -> None:
        _move(packet, shift_s)
        stored_s = float(packet.dts * packet.time_base)
        if self._last_s is not None and stored_s <= self._last_s:
            # a clip that is stored earlier than the one before ended: as little later as there is
            packet.dts = int(self._last_s / packet.time_base) + 1
            stored_s = float(packet.dts * packet.time_base)
            if packet.dts > packet.pts:
                raise CannotJoin
        self._last_s = stored_s
        packet.stream = self._stream
        self._new.mux(packet)
