"""The sound of an animatic: a soft chord with a slow motif above it, from the seed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from veo_studio.core.providers.rehearsal.spec import RenderSpec
from veo_studio.core.providers.rehearsal.theme import Theme

SAMPLE_RATE_HZ = 48_000
_PEAK = 10 ** (-18 / 20) * 1.9
_CHORDS = ((0, 7, 12, 16), (-4, 3, 8, 12), (-7, 0, 9, 12), (-5, 2, 7, 14))
_SAD_CHORDS = ((0, 7, 12, 15), (-4, 3, 8, 12), (-7, 0, 8, 12), (-2, 5, 10, 14))
_BRIGHT_STEPS = (12, 14, 16, 19, 21, 24)
_SAD_STEPS = (12, 15, 17, 19, 22, 24)
_CHORD_S = 4.0
_NOTE_S = 1.0


class Score:
    """Stereo float samples of one clip, a second at a time."""

    def __init__(self, spec: RenderSpec, theme: Theme) -> None:
        self._total = round(spec.frame_count / spec.fps * SAMPLE_RATE_HZ)
        chance = np.random.default_rng(theme.random_seed ^ 0x5EED)
        self._root_hz = 110.0 * 2 ** (int(chance.integers(-3, 6)) / 12)
        is_dark = theme.light in ("night", "overcast", "ember", "dusk", "space")
        self._chords = _SAD_CHORDS if is_dark else _CHORDS
        steps = _SAD_STEPS if is_dark else _BRIGHT_STEPS
        self._motif = [int(steps[int(i)]) for i in chance.integers(0, len(steps), 8)]
        self._rests = [bool(r < 0.35) for r in chance.random(8)]
        self._hiss = {"rain": 0.05, "snow": 0.012}.get(
            "rain" if "rain" in theme.weather else "snow" if "snow" in theme.weather else "", 0.0
        )
        if theme.setting == "sea":
            self._hiss = max(self._hiss, 0.03)
        self._is_sea = theme.setting == "sea"
        self._chance = chance

    def blocks(self) -> Iterator[NDArray[Any]]:
        """Arrays of shape (2, samples), float32, together exactly the length of the clip."""
        for start in range(0, self._total, SAMPLE_RATE_HZ):
            count = min(SAMPLE_RATE_HZ, self._total - start)
            times = (start + np.arange(count, dtype=np.float64)) / SAMPLE_RATE_HZ
            left, right = self._pad(times)
            tune = self._tune(times)
            left, right = left + 0.9 * tune, right + 0.75 * tune
            if self._hiss:
                left, right = left + self._wash(times), right + self._wash(times)
            edges = np.clip(times / 0.6, 0, 1)
            end = self._total / SAMPLE_RATE_HZ
            edges *= np.clip((end - times) / min(1.2, end / 3), 0, 1)
            samples = np.stack([left, right]) * (edges * _PEAK)
            yield np.ascontiguousarray(np.clip(samples, -0.5, 0.5), dtype=np.float32)

    def _pad(self, times: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        left = np.zeros_like(times)
        right = np.zeros_like(times)
        first = int(times[0] // _CHORD_S)
        for index in range(max(0, first - 1), int(times[-1] // _CHORD_S) + 2):
            since = times - index * _CHORD_S
            # neighbours overlap for a second and sum to one
            gain = np.clip(since + 0.5, 0, 1) if index else np.ones_like(times)
            gain = gain * np.clip(_CHORD_S + 0.5 - since, 0, 1)
            if not gain.any():
                continue
            for voice, step in enumerate(self._chords[index % len(self._chords)]):
                pitch = self._root_hz * 2 ** (step / 12)
                swell = 0.8 + 0.2 * np.sin(2 * math.pi * 0.11 * times + voice)
                for side, turn in ((left, 1.0015), (right, 0.9985)):
                    angle = 2 * math.pi * pitch * turn * times
                    tone = np.sin(angle) + 0.22 * np.sin(2 * angle)
                    side += tone * (gain * swell * (0.20 - 0.025 * voice))
        return left, right

    def _tune(self, times: NDArray[Any]) -> NDArray[Any]:
        sound = np.zeros_like(times)
        last = int(times[-1] // _NOTE_S)
        for index in range(max(0, last - 3), last + 1):
            place = index % len(self._motif)
            if self._rests[place]:
                continue
            since = times - index * _NOTE_S
            pitch = self._root_hz * 2 ** (self._motif[place] / 12)
            shape = np.where(since >= 0, np.exp(-2.0 * since) * np.clip(since / 0.02, 0, 1), 0)
            angle = 2 * math.pi * pitch * since
            sound += shape * (np.sin(angle) + 0.18 * np.sin(2 * angle) * shape) * 0.26
        return sound

    def _wash(self, times: NDArray[Any]) -> NDArray[Any]:
        """Rain or surf: filtered noise, the surf swelling slowly."""
        noise = self._chance.standard_normal(times.size + 24)
        smooth = np.convolve(noise, np.ones(25) / 5, mode="valid")
        level = 0.6 + 0.4 * np.sin(2 * math.pi * times / 7) if self._is_sea else 1.0
        return np.asarray(smooth * level * self._hiss)
