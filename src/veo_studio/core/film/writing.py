"""The streams of a film's file: its sound, its text track, and packets in step with each other. Blocks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from veo_studio.core.exporting.cutting import container_of
from veo_studio.core.exporting.presets import SOUND_ENCODERS, Form
from veo_studio.core.film.mixing import RATE_HZ, Mixer
from veo_studio.core.film.models import Cue, Film, FilmFormat
from veo_studio.core.log import redact

_BITS_PER_S = 192_000
_MOST_TITLE_CHARS = 200
_TEXT_BASE = Fraction(1, 1000)
# a text sample says its length in two bytes
_MOST_CUE_BYTES = 60_000
_BLOCK = 4096
# what a text track is announced with: players take their own letters
_STYLE = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True)
class FilmTask:
    """One film as the worker process gets it; `part` is written, its name says nothing about its form."""

    film: Film
    part: Path
    form: FilmFormat

    @property
    def suffix(self) -> str:
        return self.form.suffix

    @property
    def name(self) -> str:
        return "The film"


def create(stack: ExitStack, task: FilmTask) -> Any:
    """The new file, open for packets."""
    import av

    made = av.open(
        str(task.part),
        mode="w",
        format=container_of(task.suffix),
        options={"movflags": "faststart"},
    )
    stack.enter_context(made)
    title = redact(" ".join(task.film.title.split()))[:_MOST_TITLE_CHARS]
    if title := title.encode("utf-8", "replace").decode():
        made.metadata["title"] = title
    return made


class SoundTrack:
    """The mixed sound, encoded as far as the picture is."""

    def __init__(self, new: Any, form: Form, mixer: Mixer) -> None:
        encoder = SOUND_ENCODERS[form]
        self._new, self._mixer = new, mixer
        self._stream = new.add_stream(encoder, rate=RATE_HZ, layout="stereo")
        self._is_whole_numbers = encoder == "pcm_s16le"
        self._stream.codec_context.format = "s16" if self._is_whole_numbers else "fltp"
        if not self._is_whole_numbers:
            self._stream.bit_rate = _BITS_PER_S
        self._at = 0

    def write_to(self, at_s: float) -> None:
        """Everything that is heard before this moment of the film."""
        import av

        end = min(round(at_s * RATE_HZ), self._mixer.total)
        while self._at < end:
            block = self._mixer.read(min(_BLOCK, end - self._at))
            if self._is_whole_numbers:
                whole = np.rint(block * 32767).astype(np.int16)
                samples = np.ascontiguousarray(whole.T).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
            else:
                contiguous = np.ascontiguousarray(block)
                frame = av.AudioFrame.from_ndarray(contiguous, format="fltp", layout="stereo")
            frame.sample_rate, frame.time_base = RATE_HZ, Fraction(1, RATE_HZ)
            frame.pts = self._at
            self._at += block.shape[1]
            self._new.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self.write_to(self._mixer.total / RATE_HZ + 1)
        self._new.mux(self._stream.encode(None))


class TextTrack:
    """Subtitles that players can switch on and off."""

    def __init__(self, new: Any, cues: Sequence[Cue]) -> None:
        self._new = new
        self._cues = sorted(cues, key=lambda cue: cue.start_s)
        self._stream = new.add_stream("mov_text")
        context = self._stream.codec_context
        context.subtitle_header = _STYLE
        self._stream.time_base = context.time_base = _TEXT_BASE

    def write_to(self, at_s: float) -> None:
        """Everything that begins before this moment of the film."""
        import av

        while self._cues and self._cues[0].start_s < at_s:
            cue = self._cues.pop(0)
            text = cue.text.encode("utf-8", "replace")[:_MOST_CUE_BYTES]
            text = text.decode("utf-8", "ignore").encode()
            packet = av.Packet(len(text).to_bytes(2, "big") + text)
            packet.stream, packet.time_base = self._stream, _TEXT_BASE
            packet.pts = packet.dts = round(cue.start_s * 1000)
            packet.duration = max(1, round(cue.end_s * 1000) - packet.pts)
            self._new.mux(packet)
