"""Exports that are pictures: stills of a clip, GIFs, and pictures of the library in another form. Blocks."""

from __future__ import annotations

import os
from contextlib import ExitStack
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from typing import Any

from veo_studio.core.embedding import picture_with_recipe
from veo_studio.core.errors import DownloadError
from veo_studio.core.exporting.encoding import Range
from veo_studio.core.exporting.presets import Inside, Quality, Size
from veo_studio.core.exporting.sources import look_at, moments_of, opened, start_of, turn_of
from veo_studio.core.exporting.tasks import Task, Tell, even, target_size
from veo_studio.core.picture_file import is_picture_name, opened_picture
from veo_studio.core.stills import still

_JPEG = {Quality.BEST: 95, Quality.GOOD: 88, Quality.SMALL: 75}
_TURNED = {90: "transpose=cclock", 180: "hflip,vflip", 270: "transpose=clock"}


def write_still(task: Task) -> None:
    """The picture at the moment that was asked for, or a picture of the library in another form."""
    from PIL import Image

    preset = task.preset
    image: Any
    if is_picture_name(task.source):
        with opened_picture(task.source) as picture:
            picture.load()
            image = picture.copy()
    else:
        image = _at(task)
    if preset.size is not Size.KEEP:
        size = target_size(preset, *image.size)
        image = image.resize(size, Image.Resampling.LANCZOS)
    if preset.still_kind == "jpg":
        if image.has_transparency_data:
            under = Image.new("RGBA", image.size, (255, 255, 255, 255))
            image = Image.alpha_composite(under, image.convert("RGBA"))
        content = _packed(image.convert("RGB"), "JPEG", quality=_JPEG[preset.quality])
    else:
        if image.mode not in ("RGB", "RGBA", "L", "LA", "P"):
            image = image.convert("RGB")
        content = _packed(image, "PNG", compress_level=4)
    if preset.inside is Inside.RECIPE and task.recipe is not None:
        content = picture_with_recipe(content, task.recipe)
    task.part.write_bytes(content)


def _at(task: Task) -> Any:
    at_s = task.preset.still_at_s if task.preset.still_at_s is not None else task.in_s
    if at_s is None:
        at_s = look_at(task.source).duration_s / 2
    try:
        # at the picture that is seen then: half a frame later is still the same one
        return still(task.source, at_s + 0.002)
    except ValueError as error:
        raise DownloadError(str(error)) from error


def _packed(image: Any, form: str, **how: Any) -> bytes:
    file = BytesIO()
    profile = image.info.get("icc_profile")
    image.info.clear()
    if profile:
        how["icc_profile"] = profile
    image.save(file, form, **how)
    return file.getvalue()


def write_picture(task: Task) -> None:
    """A picture of the library with its recipe, or without any words in it; its pixels stay."""
    if task.preset.inside is Inside.RECIPE and task.recipe is not None:
        task.part.write_bytes(picture_with_recipe(task.source.read_bytes(), task.recipe))
        return
    with opened_picture(task.source) as picture:
        picture.load()
        form = picture.format or "PNG"
        how: dict[str, Any] = {}
        if form == "JPEG":
            how = {"quality": "keep"}
        elif form == "WEBP":
            how = {"lossless": True, "exact": True}
        profile = picture.info.get("icc_profile")
        picture.info = {
            name: picture.info[name] for name in ("transparency",) if name in picture.info
        }
        # Pillow writes these back from the picture's own notes, too
        picture.save(task.part, form, icc_profile=profile, exif=b"", **how)


def write_gif(task: Task, tell: Tell) -> None:
    """Two walks over the clip: its palette first, then the pictures; never all of them in memory."""
    with opened(task.source) as old:
        moments = moments_of(old, old.streams.video[0])
    span = Range.of(task, moments)
    palette = _palette(task, span, lambda fraction: tell(fraction * 0.45))
    import av
    import av.filter

    with ExitStack() as stack:
        new = stack.enter_context(
            av.open(str(task.part), mode="w", format="gif", options={"loop": "0"})
        )
        stream: Any = None
        for frame in _with_palette(task, span, palette, lambda done: tell(0.45 + done * 0.55)):
            if stream is None:
                stream = new.add_stream("gif", rate=task.preset.gif_fps)
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "pal8"
                stream.codec_context.time_base = Fraction(1, 100)
            # a GIF counts in hundredths
            frame.pts = round(float(frame.pts * frame.time_base) * 100)
            frame.time_base = Fraction(1, 100)
            new.mux(stream.encode(frame))
        if stream is None:
            raise DownloadError("The file may be damaged: no picture can be read.")
        new.mux(stream.encode(None))


def _steps(task: Task, size: tuple[int, int]) -> list[tuple[str, str]]:
    preset = task.preset
    steps = [("fps", str(preset.gif_fps))]
    if turned := _TURNED.get(turn_of(task.source)):
        for step in turned.split(","):
            name, _, words = step.partition("=")
            steps.append((name, words))
    width = min(preset.gif_width_px, size[0])
    height = even(width * size[1] / size[0])
    steps.append(("scale", f"{width}:{height}:flags=lanczos"))
    return steps


def _pictures(task: Task, span: Range, tell: Tell) -> Any:
    """Frames between the two points, their time counted from the first one."""
    with opened(task.source) as old:
        video = old.streams.video[0]
        video.thread_type = "AUTO"
        start_s = start_of(old)
        if span.in_s > 0:
            old.seek(round((start_s + max(0.0, span.in_s - 0.1)) * 1_000_000))
        base = round((start_s + span.in_s) / video.time_base)
        for frame in old.decode(video):
            at_s = (frame.time or 0.0) - start_s
            if at_s < span.in_s - 1e-4:
                continue
            if span.is_cut and at_s > span.out_s - 1e-4:
                return
            frame.pts = (frame.pts or 0) - base
            frame.time_base = video.time_base
            tell((at_s - span.in_s) / max(span.out_s - span.in_s, 1e-3))
            yield frame


def _through(graph: Any, frame: Any, at: int = 0) -> list[Any]:
    import av

    graph.vpush(frame, at)
    pulled = []
    while True:
        try:
            pulled.append(graph.vpull())
        except (av.error.BlockingIOError, av.error.EOFError):
            return pulled


def _buffer(graph: Any, frame: Any, time_base: Fraction) -> Any:
    return graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=time_base
    )


def _palette(task: Task, span: Range, tell: Tell) -> Any:
    import av.filter

    graph: Any = None
    made: list[Any] = []
    size = _seen(task)
    for frame in _pictures(task, span, tell):
        if graph is None:
            graph = av.filter.Graph()
            chain = [_buffer(graph, frame, frame.time_base)]
            chain += [graph.add(*step) for step in _steps(task, size)]
            chain += [graph.add("palettegen", "stats_mode=diff"), graph.add("buffersink")]
            graph.link_nodes(*chain).configure()
        made += _through(graph, frame)
    if graph is None:
        raise DownloadError("The file may be damaged: no picture can be read.")
    made += _through(graph, None)
    return made[0]


def _with_palette(task: Task, span: Range, palette: Any, tell: Tell) -> Any:
    import av.filter

    graph: Any = None
    for frame in _pictures(task, span, tell):
        if graph is None:
            graph = av.filter.Graph()
            source = _buffer(graph, frame, frame.time_base)
            colours = _buffer(graph, palette, Fraction(1, 100))
            chain = [source, *(graph.add(*step) for step in _steps(task, _seen(task)))]
            use = graph.add("paletteuse", "dither=bayer:bayer_scale=4:diff_mode=rectangle")
            for one, other in pairwise(chain):
                one.link_to(other)
            chain[-1].link_to(use, 0, 0)
            colours.link_to(use, 0, 1)
            use.link_to(graph.add("buffersink"))
            graph.configure()
            palette.pts = 0
            graph.vpush(palette, 1)
            graph.vpush(None, 1)
        yield from _through(graph, frame)
    if graph is not None:
        yield from _through(graph, None)


def _seen(task: Task) -> tuple[int, int]:
    facts = look_at(task.source)
    return facts.width_px, facts.height_px


def size_of_picture(path: os.PathLike[str]) -> tuple[int, int]:
    """Decoded to its last pixel. Raises what Pillow raises."""
    from PIL import Image

    with Image.open(path, formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
        image.load()
        return image.size
