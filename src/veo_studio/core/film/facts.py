"""What a film has to know about the files that it is made of. Blocks; runs in the worker process."""

from __future__ import annotations

import functools
from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.exporting.sources import (
    Moments,
    moments_of,
    opened,
    seen_size,
    start_of,
    turn_of,
)
from veo_studio.core.film.models import MOST_RATE
from veo_studio.core.film.rates import USUAL_RATES, near
from veo_studio.core.picture_file import is_picture_name

_FULL_RANGE = 2
_BT709, _UNKNOWN, _BT601 = 1, 2, 6
_RGB_SPACE = 0
_HIGH_DEFINITION_PX = 720
# how far what a file says may be from one of these
_NEAR = 0.0005
_SAME_S = 1e-4
# shapes closer than this are filled without bars
_SAME_SHAPE = 0.01


@dataclass(frozen=True)
class ClipFacts:
    """`width_px`, `height_px`: as it is seen. `space` and `is_full` tell what its numbers mean (ITU-T H.273).

    Files with the same `stamp` hold pictures that one decoder takes after each other.
    """

    width_px: int
    height_px: int
    rate: Fraction
    moments: Moments
    codec: str
    turn: int
    space: int
    is_full: bool
    has_sound: bool
    is_kept_size: bool
    stamp: tuple[Hashable, ...]

    def has_shape_of(self, width_px: int, height_px: int) -> bool:
        """Nearly enough to fill that size without bars."""
        return abs(self.width_px / self.height_px / (width_px / height_px) - 1) <= _SAME_SHAPE

    def is_clean_cut(self, in_s: float, out_s: float) -> bool:
        """Whether a decoder can begin at `in_s` and end at `out_s`, both moments of whole pictures."""
        keys = self.moments.key_s
        begins = in_s <= 0 or any(abs(in_s - key_s) < _SAME_S for key_s in keys)
        ends = out_s >= self.moments.end_s - _SAME_S
        return begins and (ends or any(abs(out_s - key_s) < _SAME_S for key_s in keys))


def facts_of(path: Path) -> ClipFacts:
    """Raises DownloadError for what is no clip, StorageError for one that is gone."""
    try:
        found = path.stat()
    except OSError as error:
        raise StorageError(
            f"The file {path.name} is gone.", action="Put it back, or choose another take."
        ) from error
    return _facts_of(path, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=512)
def _facts_of(path: Path, _changed_ns: int, _size_bytes: int) -> ClipFacts:
    if is_picture_name(path):
        raise DownloadError(f"{path.name} is a picture, not a clip.")
    turn = turn_of(path)
    with opened(path) as container:
        video = container.streams.video[0]
        moments = moments_of(container, video)
        width, height = seen_size(video, turn)
        context = video.codec_context
        name = context.format.name if context.format else ""
        is_rgb = name.startswith(("rgb", "bgr", "gbr", "pal8", "argb", "abgr", "0rgb", "0bgr"))
        space = int(context.colorspace)
        if is_rgb or space in (_UNKNOWN, _RGB_SPACE):
            # what players take it for, judged by its size
            space = _BT709 if is_rgb or context.height >= _HIGH_DEFINITION_PX else _BT601
        return ClipFacts(
            width_px=width,
            height_px=height,
            rate=_rate_of(video, moments),
            moments=moments,
            codec=context.name,
            turn=turn,
            space=space,
            is_full=is_rgb or context.color_range == _FULL_RANGE or name.startswith("yuvj"),
            has_sound=bool(container.streams.audio),
            is_kept_size=(width, height) == (context.width, context.height),
            stamp=(
                context.name, context.width, context.height, name, bytes(context.extradata or b""),
                video.sample_aspect_ratio, int(context.color_range), int(context.colorspace),
                int(context.color_primaries), int(context.color_trc),
            ),
        )  # fmt: skip


def _rate_of(video: Any, moments: Moments) -> Fraction:
    rate = video.average_rate or video.guessed_rate or 0
    if not rate:
        rate = Fraction(len(moments.shown_s) / max(moments.end_s, 0.04)).limit_denominator(1001)
    if (usual := near(Fraction(rate), USUAL_RATES, _NEAR)) is not None:
        return usual
    return min(Fraction(MOST_RATE), max(Fraction(1), Fraction(rate).limit_denominator(1001)))


@dataclass(frozen=True)
class SoundFacts:
    """Of the first sound of a file."""

    length_s: float
    channels: int
    rate_hz: int


def sound_of(path: Path) -> SoundFacts:
    """Of a sound file, or of the sound of a clip. Raises DownloadError, StorageError."""
    import av

    if not path.is_file():
        raise StorageError(
            f"The soundtrack {path.name} is gone.", action="Put it back, or choose another one."
        )
    try:
        with av.open(str(path), mode="r") as container:
            if not container.streams.audio:
                raise DownloadError(f"{path.name} holds no sound.")
            audio = container.streams.audio[0].codec_context
            return SoundFacts(
                _length_s(container), int(audio.channels or 0), int(audio.sample_rate or 0)
            )
    except DownloadError:
        raise
    except PermissionError as error:
        raise StorageError(f"{path.name} cannot be read ({error.strerror}).") from error
    except Exception as error:
        raise DownloadError(f"{path.name} cannot be read as sound.") from error


def _length_s(container: Any) -> float:
    if container.duration:
        return max(0.0, float(container.duration) / 1_000_000)
    last_s = 0.0
    for packet in container.demux(container.streams.audio[0]):
        if packet.pts is not None:
            end = packet.pts + (packet.duration or 0)
            last_s = max(last_s, float(end * packet.time_base) - start_of(container))
    return last_s
