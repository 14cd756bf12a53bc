"""Single pictures of a clip, as exact as they are in it. All of it blocks."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from veo_studio.core.clean_media import MAX_PIXELS

if TYPE_CHECKING:
    from PIL import Image

# what comes before the wanted moment has to be decoded, from the last whole picture on
_BEFORE_END_S = 1.0
_HIGH_DEFINITION_PX = 720


def still(clip: Path, at: Literal["first", "last"] | float) -> Image.Image:
    """The first picture, the last one that can be decoded, or the one that is seen at `at` seconds.

    Beyond the end it is the last one. ValueError with a sentence for what cannot be read.
    """
    import av

    try:
        with av.open(str(clip), mode="r") as container:
            if not container.streams.video:
                raise ValueError(f"{clip.name} holds no picture.")
            stream = container.streams.video[0]
            if stream.codec_context.width * stream.codec_context.height > MAX_PIXELS:
                raise ValueError(f"{clip.name} has more than {MAX_PIXELS // 10**6} million pixels.")
            stream.thread_type = "AUTO"
            if at == "first":
                frame = _last_until(container, stream, 0.0)
            else:
                frame = _near(container, stream, None if at == "last" else at)
            if frame is None:
                raise ValueError(f"{clip.name} is damaged: no picture of it can be read.")
            return picture_of(frame)
    except ValueError as error:
        # some of what PyAV raises is a ValueError, too
        if isinstance(error, av.error.FFmpegError):
            raise _unreadable(clip) from error
        raise
    except Exception as error:
        raise _unreadable(clip) from error


def png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _unreadable(clip: Path) -> ValueError:
    return ValueError(f"{clip.name} cannot be read as a clip.")


def _near(container: Any, stream: Any, at_s: float | None) -> Any:
    """The picture at a moment (None: the last one), without decoding all that comes before."""
    end_s = float(stream.duration * stream.time_base) if stream.duration else 0.0
    wanted_s = end_s if at_s is None else min(at_s, end_s) if end_s else at_s
    start = stream.start_time or 0
    if wanted_s > _BEFORE_END_S:
        from_s = wanted_s - (_BEFORE_END_S if at_s is None else 0)
        container.seek(start + round(from_s / stream.time_base), stream=stream)
        if (frame := _last_until(container, stream, at_s)) is not None:
            return frame
    # the index may be wrong or the end damaged: everything that can be read
    container.seek(start, stream=stream)
    return _last_until(container, stream, at_s)


def _last_until(container: Any, stream: Any, until_s: float | None) -> Any:
    """The last picture that begins by then, or the first of all; None where none can be decoded."""
    import av

    chosen = None
    start_s = float((stream.start_time or 0) * stream.time_base)
    try:
        for frame in container.decode(stream):
            is_later = (
                until_s is not None and frame.time is not None and frame.time - start_s > until_s
            )
            if chosen is None or not is_later:
                chosen = frame
            if is_later:
                break
    except av.error.FFmpegError:
        # a cut file: what came before is its end
        pass
    return chosen


def picture_of(frame: Any, size: tuple[int, int] | None = None) -> Image.Image:
    """A decoded frame in its true colours, upright; `size` is the one before it is turned."""
    from av.video.reformatter import ColorRange, Colorspace
    from PIL.Image import Transpose

    # the numbers of H.273, table 4
    spaces = {
        1: Colorspace.ITU709,
        5: Colorspace.ITU601,
        6: Colorspace.ITU601,
        7: Colorspace.SMPTE240M,
        9: Colorspace.BT2020,
    }
    # files that do not say it mean what players take it for
    is_large = frame.height >= _HIGH_DEFINITION_PX
    usual = Colorspace.ITU709 if is_large else Colorspace.ITU601
    space = spaces.get(int(frame.colorspace), usual)
    is_full = frame.color_range == ColorRange.JPEG
    width, height = size if size is not None else (frame.width, frame.height)
    image: Image.Image = frame.reformat(
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=space,
        src_color_range=ColorRange.JPEG if is_full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        # starting threads takes longer than making a small picture
        threads=0 if size is None else 1,
    ).to_image()
    turns = {90: Transpose.ROTATE_90, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_270}
    turn = turns.get(frame.rotation % 360)
    return image if turn is None else image.transpose(turn)
