"""The small pictures of a clip: its poster, and the strip of frames for scrubbing. All of it blocks.

Drawn in the worker process of `thumbnails.py`: a damaged file can never do more than lack a picture.
Nothing is decoded that is not looked at, and never with more threads than pay for themselves.
"""

from __future__ import annotations

import contextlib
import os
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veo_studio.core.clean_media import MAX_PIXELS
from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.picture_file import is_picture_name, opened_picture
from veo_studio.core.stills import picture_of

if TYPE_CHECKING:
    from PIL import Image

THUMBNAIL_WIDTH_PX = 640
STRIP_FRAMES = 16
STRIP_FRAME_WIDTH_PX = 160
_JPEG_QUALITY = 85
# as bright as it is dark, so that anything can be seen on it
_UNDER_TRANSPARENCY = (128, 128, 128, 255)
# Keyframes can be far apart in a damaged file; the nearest one is a good poster, too.
_MAX_PACKETS = 1200
_MAX_PACKET_BYTES = 64 * 1024 * 1024
# a strip is a courtesy: what is not decoded by then is shown by the frame before it
_STRIP_LIMIT_S = 4.0
# fewer frames are decoded before a second thread has started
_WORTH_THREADS = 12
_MOST_THREADS = 4
# Libav decodes the beginning to describe it better than the file does. These describe themselves
# well enough.
_SELF_DESCRIBING = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"})
_UNSEEN = {"skip_frame": "all", "analyzeduration": "1"}


class CacheUnusable(StorageError):
    """The picture has no place to go: nothing is said about the clip."""


def make_thumbnail(
    video: Path, target: Path, width_px: int = THUMBNAIL_WIDTH_PX, *, at_s: float | None = None
) -> None:
    """Write the frame at `at_s` seconds, or the middle one, as JPEG; all of it or nothing.

    Its wide side has at most `width_px`; beyond the end it is the last one.

    Of a picture itself, made small. Raises DownloadError for a file without a readable picture,
    StorageError, FileNotFoundError, PermissionError; CacheUnusable where `target` cannot be written.
    """
    if is_picture_name(video):
        _save(_drawn(lambda: _small_picture(video, width_px)), target)
    else:
        _save(_drawn(lambda: _one_frame(video, width_px, at_s)), target)


def make_strip(video: Path, target: Path, limit_s: float = _STRIP_LIMIT_S) -> None:
    """Write `STRIP_FRAMES` frames of the whole clip side by side as one JPEG; all of it or nothing.

    Raises what `make_thumbnail` raises.
    """
    _save(_drawn(lambda: _strip(video, limit_s)), target)


def _drawn(draw: Callable[[], Image.Image]) -> Image.Image:
    try:
        return draw()
    except (DownloadError, StorageError, FileNotFoundError, PermissionError):
        raise
    except Exception as error:
        # PyAV raises what libav says as a dozen classes, and its own bugs on broken files besides.
        raise DownloadError(f"The file may be damaged ({type(error).__name__}).") from error


def _save(picture: Image.Image, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with open(os.open(temporary, flags, 0o600), "wb") as file:
            picture.save(file, "JPEG", quality=_JPEG_QUALITY)
        os.replace(temporary, target)
    except OSError as error:
        raise CacheUnusable(f"The thumbnail cannot be written ({error.strerror}).") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


# one frame


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The file and its first video stream, nothing of it decoded yet where that can be helped."""
    import av

    with contextlib.ExitStack() as stack:
        container = stack.enter_context(av.open(str(path), mode="r", options=_UNSEEN))
        if container.format.name not in _SELF_DESCRIBING:
            stack.close()
            container = stack.enter_context(av.open(str(path), mode="r"))
        if not container.streams.video:
            raise DownloadError("The file may be damaged: it holds no picture.")
        stream = container.streams.video[0]
        context = stream.codec_context
        if context.width * context.height > MAX_PIXELS:
            raise DownloadError(f"It has more than {MAX_PIXELS // 10**6} million pixels.")
        yield container, stream


def _one_frame(path: Path, width_px: int, at_s: float | None) -> Image.Image:
    """The one at `at_s` seconds of the clip, or in its middle."""
    with _opened(path) as (container, stream):
        start, duration = _span(container, stream)
        wanted = start + duration // 2
        if at_s is not None:
            ticks = max(0, round(at_s / stream.time_base))
            wanted = start + (min(ticks, duration) if duration else ticks)
        if container.format.name in _SELF_DESCRIBING:
            container.seek(wanted, stream=stream)
        frame = _frame_at(container, stream, wanted)
        if frame is None:
            # some files lie about their keyframes
            container.seek(start, stream=stream)
            frame = _frame_at(container, stream, wanted)
        if frame is None:
            container.seek(start, stream=stream)
            frame = _first_frame(container, stream)
        return _small_frame(frame, width_px)


def _span(container: Any, stream: Any) -> tuple[int, int]:
    """Start and duration in the stream's own units; the duration is 0 where nobody knows it."""
    import av

    duration = stream.duration
    if duration is None and container.duration is not None:
        duration = int(container.duration / av.time_base / stream.time_base)
    return stream.start_time or 0, max(0, duration or 0)


def _frame_at(container: Any, stream: Any, at: int) -> Any:
    """The frame that is seen at `at`, decoding from here on only what it needs; None for nothing."""
    packets, wanted = _packets_until(container, stream, at)
    context = stream.codec_context
    if packets and not packets[0].is_keyframe:
        return None
    _set_threads(context, len(packets))
    last = None
    for packet in (*packets, None):
        if packet is not None:
            is_wanted = wanted is None or packet.pts == wanted
            context.skip_frame = "DEFAULT" if is_wanted else "NONREF"
        for frame in _decoded(context, packet):
            last = frame
            if frame.pts == wanted:
                return frame
    return last


def _packets_until(container: Any, stream: Any, at: int) -> tuple[list[Any], int | None]:
    """What has to be decoded for the frame at `at`, in its order, and that frame's own moment."""
    packets: list[Any] = []
    wanted, ends, size_bytes = None, 0, 0
    for packet in container.demux(stream):
        if packet.size == 0 or (packets and packet.dts is not None and packet.dts > at):
            break
        packets.append(packet)
        size_bytes += packet.size
        if packet.pts is not None and (wanted is None or wanted < packet.pts <= at):
            wanted, ends = packet.pts, len(packets)
        if len(packets) >= _MAX_PACKETS or size_bytes >= _MAX_PACKET_BYTES:
            break
    return (packets, None) if wanted is None else (packets[:ends], wanted)


def _decoded(context: Any, packet: Any) -> Sequence[Any]:
    """Its frames; what is damaged has none."""
    import av

    try:
        return context.decode(packet)  # type: ignore[no-any-return]
    except av.error.FFmpegError:
        return ()


def _first_frame(container: Any, stream: Any) -> Any:
    context = stream.codec_context
    context.skip_frame = "DEFAULT"
    for number, packet in enumerate(container.demux(stream)):
        for frame in _decoded(context, packet if packet.size else None):
            return frame
        if number >= _MAX_PACKETS:
            break
    raise DownloadError("The file may be damaged: no picture can be read.")


def _set_threads(context: Any, count: int) -> None:
    """For so many frames; before the first of them only, libav takes no other number later."""
    if context.is_open:
        return
    if count < _WORTH_THREADS:
        context.thread_count = 1
        return
    context.thread_type = "AUTO"
    context.thread_count = min(_MOST_THREADS, os.cpu_count() or 1)


def _small_frame(frame: Any, width_px: int) -> Image.Image:
    scale = min(1.0, width_px / max(frame.width, frame.height))
    return picture_of(
        frame, (max(2, round(frame.width * scale)), max(2, round(frame.height * scale)))
    )


def _small_picture(path: Path, width_px: int) -> Image.Image:
    from PIL import Image

    with opened_picture(path) as picture:
        picture.thumbnail((width_px, width_px))
        if not picture.has_transparency_data:
            return picture.convert("RGB")
        layer = picture.convert("RGBA")
        under = Image.new("RGBA", layer.size, _UNDER_TRANSPARENCY)
        return Image.alpha_composite(under, layer).convert("RGB")


# many frames


def _strip(path: Path, limit_s: float) -> Image.Image:
    from PIL import Image

    ends = time.monotonic() + limit_s
    with _opened(path) as (container, stream):
        start, duration = _span(container, stream)
        if duration <= 0:
            raise DownloadError("The file does not say how long it is.")
        wanted = [start + duration * (2 * n + 1) // (2 * STRIP_FRAMES) for n in range(STRIP_FRAMES)]
        cells = _cells(container, stream, wanted, ends)
    if not cells:
        raise DownloadError("The file may be damaged: no picture can be read.")
    width, height = cells[0].size
    strip = Image.new("RGB", (width * STRIP_FRAMES, height))
    for number, cell in enumerate(cells):
        strip.paste(cell, (number * width, 0))
    return strip


def _cells(container: Any, stream: Any, wanted: list[int], ends: float) -> list[Image.Image]:
    """One small picture for each wanted moment; where none can be read, the one before it."""
    keys: list[int] = []
    if container.format.name in _SELF_DESCRIBING:
        keys = sorted(entry.timestamp for entry in stream.index_entries if entry.is_keyframe)
    # frames between two keyframes are decoded together, once; without an index all of them are
    threads_for = 2 if len(keys) >= STRIP_FRAMES else _MAX_PACKETS
    _set_threads(stream.codec_context, threads_for)
    found: list[Image.Image | None] = []
    for _key, group in groupby(wanted, key=lambda at: bisect_right(keys, at)):
        moments = list(group)
        if keys:
            container.seek(moments[0], stream=stream)
        is_alone = len(moments) == 1 or time.monotonic() > ends
        took = _key_frame if is_alone else _frames_on_the_way
        found += took(container, stream, moments, ends)
    there = [one for one in found if one is not None]
    if not there:
        return []
    cells, before = [], there[0]
    for one in found:
        before = one if one is not None else before
        cells.append(before)
    return cells


def _cell(frame: Any) -> Image.Image:
    scale = min(1.0, STRIP_FRAME_WIDTH_PX / frame.width)
    picture = picture_of(
        frame, (max(2, round(frame.width * scale)), max(2, round(frame.height * scale)))
    )
    return picture


def _key_frame(
    container: Any, stream: Any, moments: list[int], _ends: float
) -> list[Image.Image | None]:
    """The frame that the seek found, for all of these moments."""
    context = stream.codec_context
    context.skip_frame = "NONREF"
    for packet in container.demux(stream):
        frames = [*_decoded(context, packet if packet.size else None)]
        if packet.size:
            frames += _decoded(context, None)
        cell = _cell(frames[0]) if frames else None
        return [cell] * len(moments)
    return [None] * len(moments)


def _frames_on_the_way(
    container: Any, stream: Any, moments: list[int], ends: float
) -> list[Image.Image | None]:
    """Decoded from the keyframe on, the frames nobody refers to left out."""
    context = stream.codec_context
    context.skip_frame = "NONREF"
    cells: list[Image.Image | None] = []
    last = None
    for packet in container.demux(stream):
        for frame in _decoded(context, packet if packet.size else None):
            while len(cells) < len(moments) and (frame.pts or 0) >= moments[len(cells)]:
                cells.append(_cell(frame))
            last = frame
        if len(cells) == len(moments) or time.monotonic() > ends:
            break
    rest = _cell(last) if last is not None and len(cells) < len(moments) else None
    return cells + [rest] * (len(moments) - len(cells))
