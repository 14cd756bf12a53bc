"""Picture and sound encoded anew, at the moments and in the colours that they had. Blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from veo_studio.core.errors import DownloadError
from veo_studio.core.exporting.cutting import container_of, create, words_for
from veo_studio.core.exporting.frames import FrameShaper, pixel_format
from veo_studio.core.exporting.presets import ENCODERS, ExportPreset, Form, ProRes, Size
from veo_studio.core.exporting.sound import SoundEncoder, can_keep_sound
from veo_studio.core.exporting.sources import (
    Moments,
    moments_of,
    opened,
    seen_size,
    start_of,
    turn_of,
)
from veo_studio.core.exporting.tasks import Task, Tell, target_size

# what a copy that has to be encoded is encoded with
_FAMILIES = {
    "h264": Form.H264,
    "hevc": Form.H265,
    "vp9": Form.VP9,
    "libvpx-vp9": Form.VP9,
    "av1": Form.AV1,
    "libdav1d": Form.AV1,
    "prores": Form.PRORES,
}
_SECONDS_BETWEEN_KEYS = 2


@dataclass(frozen=True)
class Range:
    """What of a clip is taken, in its own seconds, at whole pictures."""

    in_s: float
    out_s: float
    is_cut: bool

    @classmethod
    def of(cls, task: Task, moments: Moments) -> Range:
        in_s, out_s = moments.cut(task.in_s, task.out_s)
        return cls(in_s, out_s, in_s > 0 or out_s < moments.end_s)


def form_of(task: Task, video_codec: str) -> Form:
    """What is encoded with; for a copy, what the clip has already where there is an encoder."""
    form = task.preset.form
    if form is not Form.COPY:
        return form
    if task.suffix.lower() == ".webm":
        return Form.VP9
    return _FAMILIES.get(video_codec, Form.H264)


def encode(task: Task, tell: Tell) -> None:
    """Write the part. Raises DownloadError for what cannot be read, and what PyAV raises."""
    with opened(task.source) as old:
        moments = moments_of(old, old.streams.video[0])
    span = Range.of(task, moments)
    turn = turn_of(task.source)
    with ExitStack() as stack:
        old = stack.enter_context(opened(task.source))
        video = old.streams.video[0]
        video.thread_type = "AUTO"
        audio = old.streams.audio[0] if old.streams.audio and task.preset.has_sound else None
        new = create(stack, task, words_for(task, old))
        form = form_of(task, video.codec_context.name)
        picture = _Picture(task, form, video, turn, new)
        sound = None
        copied = None
        if audio is not None:
            can_be_kept = can_keep_sound(container_of(task.suffix), form, audio)
            if not span.is_cut and task.most_bits_s is None and can_be_kept:
                copied = new.add_stream_from_template(audio)
            else:
                sound = SoundEncoder(form, audio, new, start_of(old) + span.in_s, _end(old, span))
        _run(old, new, video, audio, picture, sound, copied, span, tell)


def _end(old: Any, span: Range) -> float | None:
    return start_of(old) + span.out_s if span.is_cut else None


def _run(
    old: Any,
    new: Any,
    video: Any,
    audio: Any,
    picture: _Picture,
    sound: SoundEncoder | None,
    copied: Any,
    span: Range,
    tell: Tell,
) -> None:
    start_s = start_of(old)
    picture.start_at(start_s + span.in_s)
    if span.in_s > 0:
        # a little before it, so that sound which is stored early is there as well
        old.seek(round((start_s + max(0.0, span.in_s - 0.5)) * 1_000_000))
    half_s = 0.5 / float(video.average_rate or 25)
    is_seen = False
    is_video_over = is_audio_over = False
    for packet in old.demux(*(stream for stream in (video, audio) if stream is not None)):
        if packet.stream is audio:
            if copied is not None:
                if packet.dts is not None:
                    packet.stream = copied
                    new.mux(packet)
            elif sound is not None and not is_audio_over:
                new.mux(sound.encode(packet))
                is_audio_over = sound.is_over
        elif not is_video_over:
            for frame in _decoded(packet, is_seen):
                is_seen = True
                at_s = (frame.time or 0.0) - start_s
                if at_s < span.in_s - min(half_s, 1e-4):
                    continue
                if span.is_cut and at_s > span.out_s - min(half_s, 1e-4):
                    is_video_over = True
                    break
                new.mux(picture.encode(frame))
                tell((at_s - span.in_s) / max(span.out_s - span.in_s, 1e-3))
        if is_video_over and (sound is None or is_audio_over):
            break
    if not picture.count:
        raise DownloadError("The file may be damaged: no picture can be read.")
    new.mux(picture.encode(None))
    if sound is not None:
        new.mux(sound.encode(None))


def _decoded(packet: Any, is_seen: bool) -> Iterator[Any]:
    """A clip that breaks off is taken as far as it can be read, as players do."""
    import av

    try:
        yield from packet.decode()
    except av.error.FFmpegError:
        if not is_seen:
            raise


class _Picture:
    """The encoder of the picture, and what shapes frames for it."""

    def __init__(self, task: Task, form: Form, video: Any, turn: int, new: Any) -> None:
        width, height = video.codec_context.width, video.codec_context.height
        ratio = video.sample_aspect_ratio or Fraction(1)
        if turn in (90, 270):
            width, height, ratio = height, width, 1 / ratio
        if task.preset.size is Size.KEEP:
            # each picture element as it is; one line is cut off where encoders need even numbers
            size = (width - width % 2, height - height % 2)
        else:
            size = target_size(task.preset, *seen_size(video, turn))
            ratio = Fraction(1)
        rate = video.average_rate or Fraction(25)
        encoder = ENCODERS[form]
        self._stream = new.add_stream(encoder, rate=rate)
        self._stream.width, self._stream.height = size
        context = self._stream.codec_context
        # the clip's own clock: pictures that come at uneven moments keep them
        self._time_base = video.time_base
        self._stream.time_base = context.time_base = video.time_base
        if ratio != 1:
            context.sample_aspect_ratio = ratio
        wanted = pixel_format(form, video.codec_context.format)
        self._shaper = FrameShaper(video, size, wanted, turn, is_kept=task.preset.size is Size.KEEP)
        self._stream.pix_fmt = wanted
        self._shaper.colour(context)
        context.gop_size = max(1, round(float(rate) * _SECONDS_BETWEEN_KEYS))
        self._stream.options = encoder_options(task.preset, form, task.most_bits_s)
        if form is Form.H265:
            context.codec_tag = "hvc1"
        context.thread_type = "AUTO"
        self._base = 0
        self._last: int | None = None
        self.count = 0

    def start_at(self, at_s: float) -> None:
        """The moment of the source that becomes the beginning."""
        self._base = round(at_s / self._time_base)

    def encode(self, frame: Any) -> list[Any]:
        if frame is None:
            return list(self._stream.encode(None))
        pts = (frame.pts or 0) - self._base
        duration = frame.duration
        shaped = self._shaper.shaped(frame)
        if self._last is not None and pts <= self._last:
            pts = self._last + 1
        self._last = pts
        shaped.pts, shaped.time_base = max(0, pts), self._time_base
        if duration:
            shaped.duration = duration
        # it would force the encoder to the types of the old one's pictures
        shaped.pict_type = 0
        self.count += 1
        return list(self._stream.encode(shaped))


def encoder_options(
    preset: ExportPreset, form: Form, most_bits_s: int | None = None
) -> dict[str, str]:
    """Quality and speed, in the words of each encoder.

    With `most_bits_s` no stretch of an H.264 picture takes more than so much, and a second of it besides.
    """
    if form is Form.PRORES:
        profile = list(ProRes).index(preset.prores)
        return {"profile": str(profile), "vendor": "apl0"}
    # a cut copy is as good as the eye can tell
    crf = str(_copy_crf(form) if preset.form is Form.COPY else preset.crf)
    if form is Form.VP9:
        return {"crf": crf, "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}
    if form is Form.AV1:
        return {"crf": crf, "preset": "8"}
    if form is Form.H265:
        return {"crf": crf, "preset": "medium", "x265-params": "log-level=none"}
    if most_bits_s is None:
        return {"crf": crf, "preset": "medium"}
    most = str(most_bits_s)
    return {"crf": crf, "preset": "medium", "maxrate": most, "bufsize": most}


def _copy_crf(form: Form) -> int:
    from veo_studio.core.exporting.presets import RATES

    return RATES[form][0] if form in RATES else 0
