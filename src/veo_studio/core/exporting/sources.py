"""What is in a file that is to be exported: its moments, key frames, turn and colours. All of it blocks.

Runs in the worker process: a decoder that dies on a broken file takes nothing else along.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.picture_file import is_picture_name, opened_picture

# two moments closer than this are one: players count whole milliseconds
_SAME_S = 0.0015


@dataclass(frozen=True)
class SourceFacts:
    """For people and plans; `key_frames_s` are the moments at which a cut needs no new encoding."""

    width_px: int
    height_px: int
    duration_s: float = 0.0
    fps: float = 0.0
    video_codec: str = ""
    audio_codec: str | None = None
    key_frames_s: tuple[float, ...] = ()
    is_picture: bool = False

    def is_clean_cut(self, in_s: float | None, out_s: float | None) -> bool:
        """Whether both ends are key frames, or the clip's own ends."""
        half_s = 0.5 / self.fps if self.fps else _SAME_S

        def is_key(at_s: float) -> bool:
            return any(abs(at_s - key_s) < half_s for key_s in self.key_frames_s)

        is_in = in_s is None or in_s < half_s or is_key(in_s)
        return is_in and (out_s is None or out_s > self.duration_s - half_s or is_key(out_s))


@dataclass(frozen=True)
class Moments:
    """The pictures of a clip in the order in which they are seen; seconds from the clip's start."""

    shown_s: tuple[float, ...]
    # of these, the ones that need no other picture, and that nothing before them needs
    key_s: tuple[float, ...]
    end_s: float

    def snapped(self, at_s: float) -> float:
        """The moment of the nearest picture, or the end."""
        if not self.shown_s or at_s >= self.end_s:
            return max(at_s, self.end_s)
        index = bisect.bisect_left(self.shown_s, at_s)
        near = [*self.shown_s[max(0, index - 1) : index + 1], self.end_s]
        return min(near, key=lambda moment: abs(moment - at_s))

    def cut(self, in_s: float | None, out_s: float | None) -> tuple[float, float]:
        """Both points as they are taken. Raises DownloadError where no picture is between them."""
        first_s = self.snapped(in_s) if in_s else 0.0
        last_s = self.end_s if out_s is None else self.snapped(out_s)
        if (in_s or 0.0) >= self.end_s:
            raise DownloadError("The in and out points lie outside the clip.")
        if first_s >= min(last_s, self.end_s):
            raise DownloadError("There is no picture between the in and out points.")
        return first_s, last_s


def start_of(container: Any) -> float:
    """Where the clip's own time begins, in the seconds of its streams."""
    return (container.start_time or 0) / 1_000_000


def opened(source: Path) -> Any:
    """A container that is only read. Raises DownloadError for what is no clip, StorageError."""
    import av

    try:
        container = av.open(str(source), mode="r")
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise StorageError(f"{source.name} cannot be read ({error.strerror}).") from error
    except Exception as error:
        raise DownloadError(f"{source.name} cannot be read as a clip.") from error
    if not container.streams.video:
        container.close()
        raise DownloadError(f"{source.name} holds no picture.")
    return container


def look_at(source: Path) -> SourceFacts:
    """Everything that a dialog shows and a plan needs. Raises DownloadError, StorageError."""
    if is_picture_name(source):
        try:
            with opened_picture(source) as picture:
                return SourceFacts(picture.width, picture.height, is_picture=True)
        except (DownloadError, StorageError):
            raise
        except Exception as error:
            raise DownloadError(f"{source.name} cannot be read as a picture.") from error
    with opened(source) as container:
        video = container.streams.video[0]
        moments = moments_of(container, video)
        width, height = seen_size(video, turn_of(source))
        audio = container.streams.audio[0] if container.streams.audio else None
        return SourceFacts(
            width_px=width,
            height_px=height,
            duration_s=moments.end_s,
            fps=float(video.average_rate or 0),
            video_codec=video.codec_context.name,
            audio_codec=audio.codec_context.name if audio is not None else None,
            key_frames_s=moments.key_s,
        )


def moments_of(container: Any, video: Any) -> Moments:
    """From the packets alone: nothing is decoded; the container is at its end afterwards."""
    start_s = start_of(container)
    found: list[tuple[float, bool]] = []
    ends: list[float] = []
    try:
        for packet in container.demux(video):
            if packet.pts is None or packet.dts is None:
                continue
            at_s = float(packet.pts * packet.time_base) - start_s
            found.append((at_s, packet.is_keyframe))
            ends.append(at_s + float((packet.duration or 0) * packet.time_base))
    except Exception as error:
        # a damaged end: what comes before it can still be exported
        if not found:
            raise DownloadError("The file may be damaged: no picture can be read.") from error
    if not found:
        raise DownloadError("The file may be damaged: no picture can be read.")
    shown = tuple(sorted(at_s for at_s, _ in found))
    last = shown[-1]
    step = 1 / float(video.average_rate) if video.average_rate else 0.04
    end_s = max(ends)
    return Moments(shown, _clean_keys(found), end_s if end_s > last else last + step)


def _clean_keys(found: list[tuple[float, bool]]) -> tuple[float, ...]:
    """Key frames with nothing behind them in the file that is seen before them."""
    clean = []
    least_after = float("inf")
    for at_s, is_key in reversed(found):
        if is_key and least_after > at_s:
            clean.append(at_s)
        least_after = min(least_after, at_s)
    return tuple(sorted(clean))


def turn_of(source: Path) -> int:
    """By how many degrees a player turns the picture counter-clockwise: 0, 90, 180 or 270."""
    with opened(source) as container:
        try:
            for frame in container.decode(video=0):
                return int(round(frame.rotation / 90) * 90) % 360
        except Exception as error:
            raise DownloadError("The file may be damaged: no picture can be read.") from error
    raise DownloadError("The file may be damaged: no picture can be read.")


def seen_size(video: Any, turn: int) -> tuple[int, int]:
    """As a player shows it: turned upright, its pixels square."""
    width, height = video.codec_context.width, video.codec_context.height
    if not (width > 0 and height > 0):
        raise DownloadError("The file may be damaged: its picture has no size.")
    ratio = video.sample_aspect_ratio
    if ratio and ratio != 1 and 0.05 < float(ratio) < 20:
        width = max(1, round(width * float(ratio)))
    return (height, width) if turn in (90, 270) else (width, height)
