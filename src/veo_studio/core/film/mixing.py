"""The sound of a film: that of its clips at their places, cross-faded as their pictures are, and the soundtrack.

Everything is stereo at 48 kHz, as floats of -1.0 to 1.0 in arrays of (2, samples). Blocks.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from veo_studio.core.errors import DownloadError
from veo_studio.core.exporting.sound import sound_graph
from veo_studio.core.exporting.sources import start_of
from veo_studio.core.film.models import PlacedClip
from veo_studio.core.storyboard.models import Soundtrack

RATE_HZ = 48_000
Sound = NDArray[np.float32]
_FORMAT, _LAYOUT = "fltp", "stereo"
_BEFORE_S = 0.5
# louder than this, several sounds together are pressed together softly instead of cut off
_LOUD = 0.8


def silence(samples: int) -> Sound:
    return np.zeros((2, samples), np.float32)


class SoundFile:
    """The sound of a file between two moments; silence where there is none, and after its end."""

    def __init__(self, stack: ExitStack, path: Path, in_s: float, out_s: float | None) -> None:
        import av

        try:
            self._container = stack.enter_context(av.open(str(path), mode="r"))
        except Exception as error:
            raise DownloadError(f"{path.name} cannot be read as sound.") from error
        start_s = start_of(self._container)
        self._in_s = start_s + in_s
        self._out_s = None if out_s is None else start_s + out_s
        if in_s > 0:
            self._container.seek(round((start_s + max(0.0, in_s - _BEFORE_S)) * 1_000_000))
        self._blocks = self._decoded()
        self._rest = silence(0)

    def read(self, samples: int) -> Sound:
        parts, count = [self._rest], self._rest.shape[1]
        while count < samples:
            block = next(self._blocks, None)
            if block is None:
                parts.append(silence(samples - count))
                break
            parts.append(block)
            count += block.shape[1]
        whole = np.concatenate(parts, axis=1)
        self._rest = whole[:, samples:]
        return whole[:, :samples]

    def close(self) -> None:
        self._blocks.close()
        self._container.close()

    def _decoded(self) -> Generator[Sound, None, None]:
        import av

        graph: Any = None
        packets = self._container.demux(self._container.streams.audio[0])
        packet: Any = True
        while packet is not None:
            try:
                packet = next(packets, None)
                frames = [] if packet is None else packet.decode()
            except av.error.FFmpegError:
                # a hole in it: what comes after it is heard at its own time
                continue
            for frame in frames:
                if self._out_s is not None and (frame.time or 0.0) >= self._out_s:
                    packet = None
                    break
                if graph is None:
                    graph = sound_graph(frame, self._in_s, self._out_s, RATE_HZ, _FORMAT, _LAYOUT)
                graph.push(frame)
                yield from _pulled(graph)
        if graph is not None:
            graph.push(None)
            yield from _pulled(graph)


def _pulled(graph: Any) -> Generator[Sound, None, None]:
    import av

    while True:
        try:
            yield graph.pull().to_ndarray()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


class Mixer:
    """The whole sound from its beginning; files are opened when they are heard and closed afterwards."""

    def __init__(
        self,
        stack: ExitStack,
        placed: Sequence[PlacedClip],
        soundtrack: Soundtrack | None,
        track_s: float | None,
        duration_s: float,
    ) -> None:
        self._stack = stack
        self._volume = 1.0 if soundtrack is None else soundtrack.clip_volume
        self._voices = [
            _Voice(one, *_end_of(placed, index, duration_s))
            for index, one in enumerate(placed)
            if one.has_sound and self._volume > 0
        ]
        self._track: SoundFile | None = None
        self._soundtrack = soundtrack
        if soundtrack is not None and soundtrack.volume > 0:
            self._track = SoundFile(stack, soundtrack.path, 0.0, None)
        end_s = duration_s if track_s is None else min(track_s, duration_s)
        self._fades_s = (0.0, 0.0) if soundtrack is None else soundtrack.fades_within(end_s)
        self._track_end = round(end_s * RATE_HZ)
        self.total = round(duration_s * RATE_HZ)
        self._at = 0

    def read(self, samples: int) -> Sound:
        """What comes next; less at the end."""
        samples = min(samples, self.total - self._at)
        if samples <= 0:
            return silence(0)
        start, end = self._at, self._at + samples
        mix, heard = silence(samples), 0
        for voice in [voice for voice in self._voices if voice.start < end]:
            mix += voice.read(self._stack, start, end) * np.float32(self._volume)
            heard += 1
            if voice.end <= end:
                voice.close()
                self._voices.remove(voice)
        if self._track is not None:
            mix += self._track.read(samples) * self._track_gain(start, samples)
            heard += 1
        self._at = end
        return _softened(mix) if heard > 1 else np.clip(mix, -1.0, 1.0)

    def _track_gain(self, start: int, samples: int) -> Sound:
        assert self._soundtrack is not None
        track = self._soundtrack
        at = np.arange(start, start + samples, dtype=np.float64)
        gain = np.full(samples, track.volume)
        fade_in_s, fade_out_s = self._fades_s
        if fade_in_s > 0:
            gain *= np.clip(at / (fade_in_s * RATE_HZ), 0, 1)
        if fade_out_s > 0:
            gain *= np.clip((self._track_end - at) / (fade_out_s * RATE_HZ), 0, 1)
        gain[at >= self._track_end] = 0
        return gain.astype(np.float32)


def _end_of(placed: Sequence[PlacedClip], index: int, duration_s: float) -> tuple[float, float]:
    """Where its sound ends, so that the next one's follows without a gap, and its cross-fade."""
    if index + 1 == len(placed):
        return duration_s, 0.0
    after = placed[index + 1]
    return after.start_s + after.fade_s, after.fade_s


class _Voice:
    """One clip: its first and last sample in the film, and how it comes and goes."""

    def __init__(self, placed: PlacedClip, end_s: float, next_fade_s: float) -> None:
        self._placed = placed
        self.start = round(placed.start_s * RATE_HZ)
        self.end = round(end_s * RATE_HZ)
        self._fade_in = round(placed.fade_s * RATE_HZ)
        self._fade_out = round(next_fade_s * RATE_HZ)
        self._file: SoundFile | None = None

    def read(self, stack: ExitStack, start: int, end: int) -> Sound:
        """Of the film from `start` to `end`, silence where the clip is not."""
        if self._file is None:
            one = self._placed
            out_s = one.in_s + (self.end - self.start) / RATE_HZ
            self._file = SoundFile(stack, one.clip.path, one.in_s, out_s)
        first, last = max(start, self.start), min(end, self.end)
        found = silence(end - start)
        if last > first:
            gain = self._gain(first, last)
            found[:, first - start : last - start] = self._file.read(last - first) * gain
        return found

    def _gain(self, first: int, last: int) -> Sound:
        """Of equal power, so that two clips together are as loud as one."""
        at = np.arange(first, last, dtype=np.float64)
        gain = np.ones(last - first)
        if self._fade_in:
            gain *= np.sin(np.clip((at - self.start) / self._fade_in, 0, 1) * (np.pi / 2))
        if self._fade_out:
            gain *= np.sin(np.clip((self.end - at) / self._fade_out, 0, 1) * (np.pi / 2))
        return gain.astype(np.float32)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _softened(mix: Sound) -> Sound:
    over = np.abs(mix) - _LOUD
    if not (over > 0).any():
        return mix
    room = np.float32(1 - _LOUD)
    pressed = np.sign(mix) * (_LOUD + room * np.tanh(over / room))
    return np.where(over > 0, pressed, mix).astype(np.float32)
