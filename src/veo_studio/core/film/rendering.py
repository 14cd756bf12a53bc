"""A film whose pictures are encoded anew: fitted, cut and cross-faded, with words in them. Blocks."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from typing import Any

from veo_studio.core.exporting.encoding import encoder_options
from veo_studio.core.exporting.frames import PRORES_FORMAT
from veo_studio.core.exporting.presets import ENCODERS, Form, built_in
from veo_studio.core.exporting.tasks import Tell
from veo_studio.core.film.facts import ClipFacts
from veo_studio.core.film.fitting import ClipPictures, Look, mixed
from veo_studio.core.film.mixing import Mixer
from veo_studio.core.film.models import FilmPlan
from veo_studio.core.film.planning import Layout
from veo_studio.core.film.srt import cues_of
from veo_studio.core.film.titling import Titler, titles_of
from veo_studio.core.film.writing import FilmTask, SoundTrack, TextTrack, create

_SECONDS_BETWEEN_KEYS = 2
# ITU-T H.273
_LIMITED = 1
_BT709, _BT601 = 1, 6
_STANDARD_DEFINITION = (5, 6)


def render(task: FilmTask, layout: Layout, tell: Tell) -> list[str]:
    """Write the part; sentences about clips that could be read only partly.

    Raises DownloadError with the name of the clip, and what PyAV raises.
    """
    plan = layout.plan
    look = look_of(plan, layout.facts, task.form.form)
    cues = cues_of(plan.clips)
    with ExitStack() as stack:
        sequence = _Sequence(stack, layout, look)
        new = create(stack, task)
        picture = _Picture(new, task.form.form, look, plan.rate)
        sound = text = None
        if plan.has_sound:
            mixer = Mixer(
                stack, plan.clips, task.film.soundtrack, layout.track_s, plan.duration_s
            )  # fmt: skip
            sound = SoundTrack(new, task.form.form, mixer)
        if cues and not task.form.burns_subtitles:
            text = TextTrack(new, cues)
        titler = Titler(
            look,
            plan.rate,
            titles_of(plan.clips) if task.form.burns_titles else (),
            cues if task.form.burns_subtitles else (),
        )
        count = layout.spans[-1].end
        for number in range(count):
            frame = titler.titled(sequence.picture(number), number)
            end_s = float((number + 1) / plan.rate)
            # words and sound come before the pictures that they belong to
            if text is not None:
                text.write_to(end_s)
            if sound is not None:
                sound.write_to(end_s)
            new.mux(picture.encode(frame, number))
            tell((number + 1) / count)
        if sound is not None:
            sound.finish()
        new.mux(picture.encode(None, count))
        sequence.finish()
    return sequence.notes


def look_of(plan: FilmPlan, facts: tuple[ClipFacts, ...], form: Form) -> Look:
    """The colours of the clips where they are all of one usual kind, else those of high definition."""
    spaces = {one.space for one in facts}
    space = spaces.pop() if len(spaces) == 1 else _BT709
    if space not in _STANDARD_DEFINITION:
        space = _BT709
    pix_fmt = PRORES_FORMAT if form is Form.PRORES else "yuv420p"
    return Look(plan.width_px, plan.height_px, pix_fmt, space)


class _Sequence:
    """The pictures of all clips, one after another; a clip is open only while it is seen."""

    def __init__(self, stack: ExitStack, layout: Layout, look: Look) -> None:
        self._stack, self._layout, self._look = stack, layout, look
        self._open: dict[int, ClipPictures] = {}
        self._first = 0
        self.notes: list[str] = []

    def picture(self, number: int) -> Any:
        spans = self._layout.spans
        while spans[self._first].end <= number:
            self._close(self._first)
            self._first += 1
        index = self._first
        old = self._of(index, number)
        if index + 1 == len(spans) or number < spans[index + 1].first:
            return old
        after = spans[index + 1]
        new = self._of(index + 1, number)
        return mixed(old, new, (number - after.first + 1) / (after.fade + 1))

    def _of(self, index: int, number: int) -> Any:
        layout = self._layout
        if index not in self._open:
            self._open[index] = ClipPictures(
                self._stack, layout.plan.clips[index], layout.facts[index], self._look,
                layout.plan.rate,
            )  # fmt: skip
        return self._open[index].picture(number - layout.spans[index].first)

    def _close(self, index: int) -> None:
        if (pictures := self._open.pop(index, None)) is not None:
            if pictures.is_damaged:
                name = self._layout.plan.clips[index].clip.name
                self.notes.append(f"{name}: some pictures could not be read and are left out.")
            pictures.close()

    def finish(self) -> None:
        for index in list(self._open):
            self._close(index)


class _Picture:
    """The encoder, with pictures at the whole numbers of its rate."""

    def __init__(self, new: Any, form: Form, look: Look, rate: Fraction) -> None:
        self._stream = new.add_stream(ENCODERS[form], rate=rate)
        self._stream.width, self._stream.height = look.width_px, look.height_px
        self._stream.pix_fmt = look.pix_fmt
        context = self._stream.codec_context
        self._time_base = 1 / rate
        self._stream.time_base = context.time_base = self._time_base
        context.color_range = _LIMITED
        context.colorspace = look.space
        context.color_primaries = look.space
        context.color_trc = _BT709 if look.space == _BT709 else _BT601
        context.gop_size = max(1, round(float(rate) * _SECONDS_BETWEEN_KEYS))
        self._stream.options = encoder_options(built_in(form), form)
        if form is Form.H265:
            context.codec_tag = "hvc1"
        context.thread_type = "AUTO"

    def encode(self, frame: Any, number: int) -> list[Any]:
        if frame is None:
            return list(self._stream.encode(None))
        frame.pts, frame.time_base = number, self._time_base
        frame.duration = 1
        # it would force the encoder to the types of the old one's pictures
        frame.pict_type = 0
        return list(self._stream.encode(frame))
