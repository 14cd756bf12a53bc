"""What an editing program has to know of a file to find it again. Everything here blocks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.exporting.sources import moments_of, opened, seen_size, turn_of
from veo_studio.core.film.facts import sound_of
from veo_studio.core.film.rates import KNOWN_RATES, near

_WHOLE_RATES = tuple(Fraction(whole) for whole in range(1, 121))
# how far what a file says may be from one of these
_NEAR = 0.001


@dataclass(frozen=True)
class MediaFacts:
    """`rate` is pictures a second, None for a file that only sounds; sizes are pixels as seen."""

    path: Path
    duration_s: float
    rate: Fraction | None = None
    width_px: int = 0
    height_px: int = 0
    channels: int = 0
    sample_rate: int = 0

    @property
    def has_sound(self) -> bool:
        return self.channels > 0

    def pictures(self, rate: Fraction) -> int:
        """How long it is; a sound is never longer than it lasts."""
        length = self.duration_s * rate
        return max(1, round(length) if self.rate is not None else int(length + 1e-6))


def read_clip(path: Path) -> MediaFacts:
    """Raises StorageError where it is gone, DownloadError for what is no clip."""
    _check_there(path)
    with opened(path) as container:
        video = container.streams.video[0]
        rate = Fraction(video.average_rate or video.guessed_rate or 24)
        moments = moments_of(container, video)
        width, height = seen_size(video, turn_of(path))
        return MediaFacts(
            path,
            moments.end_s,
            near(rate, (*KNOWN_RATES, *_WHOLE_RATES), _NEAR) or rate.limit_denominator(1001),
            width,
            height,
            *_sound_of(container),
        )


def read_sound(path: Path) -> MediaFacts:
    """Of a soundtrack. Raises StorageError where it is gone, DownloadError where nothing sounds."""
    sound = sound_of(path)
    if not sound.channels or sound.length_s <= 0:
        raise DownloadError(f"{path.name} holds no sound.")
    return MediaFacts(path, sound.length_s, channels=sound.channels, sample_rate=sound.rate_hz)


def known_rate(rate: Fraction) -> Fraction:
    """The same one, or the next higher whole one that editors know."""
    whole = [known for known in KNOWN_RATES if known.denominator == 1]
    return near(rate, KNOWN_RATES, _NEAR) or next((one for one in whole if one > rate), whole[-1])


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise StorageError(
            f"The file {path.name} is gone.", action="Put it back, or choose another one."
        )


def _sound_of(container: Any) -> tuple[int, int]:
    """Channels and samples a second of the first sound; zeros where there is none."""
    if not container.streams.audio:
        return 0, 0
    audio = container.streams.audio[0].codec_context
    return int(audio.channels or 0), int(audio.sample_rate or 0)
