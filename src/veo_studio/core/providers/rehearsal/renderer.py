"""Draws an animatic or a still and writes it as an MP4 or PNG file; runs in the worker process.

H.264 4:2:0 with the index in front, one frame per 1/24 s, and quiet stereo AAC when sound is on.
Memory does not grow with the duration: one frame and one second of sound exist at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from veo_studio.core.providers.rehearsal.footage import EditedScene, ExtendedScene, Footage
from veo_studio.core.providers.rehearsal.overlay import Overlay
from veo_studio.core.providers.rehearsal.photo import PhotoScene
from veo_studio.core.providers.rehearsal.pinned import Pinned
from veo_studio.core.providers.rehearsal.raster import Canvas
from veo_studio.core.providers.rehearsal.scene import Scene
from veo_studio.core.providers.rehearsal.scenery.stage import even
from veo_studio.core.providers.rehearsal.signed import Bars, lines_on, sign
from veo_studio.core.providers.rehearsal.sound import SAMPLE_RATE_HZ, Score
from veo_studio.core.providers.rehearsal.spec import RenderSpec
from veo_studio.core.providers.rehearsal.theme import read_theme

Array = NDArray[Any]
_ZOOM = {"in": (1.0, 1.09), "out": (1.10, 1.01)}


class FrameSource:
    """Frames of one clip as planar 8-bit YUV, each (rows * 3 / 2, columns)."""

    def __init__(self, spec: RenderSpec) -> None:
        self._spec = spec
        self.theme = read_theme(spec.prompt, spec.seed, spec.negative_prompt)
        width, height = spec.width_px, spec.height_px
        short = 1440 if min(width, height) > 1440 else 720
        scale = short / min(width, height)
        self._canvas = Canvas(even(width * scale), even(height * scale))
        size = (self._canvas.width_px, self._canvas.height_px)
        opening: list[Image.Image | None] = []
        self._scene: Scene | PhotoScene | EditedScene | ExtendedScene
        if spec.source is not None:
            footage = Footage(spec.source, *size)
            self._scene = (
                EditedScene(footage, self.theme)
                if spec.is_edit
                else ExtendedScene(footage, Scene(self.theme, *size, spec.fps), spec.source_s)
            )
        elif spec.first_frame or spec.last_frame:
            opening = [_open(path) for path in (spec.first_frame, spec.last_frame)]
            self._scene = PhotoScene(opening[0], opening[1], *size, spec.duration_s)
        else:
            self._scene = Scene(self.theme, *size, spec.fps)
        references = [picture for path in spec.references if (picture := _open(path))]
        self._pinned = Pinned(references, width, height)
        self._overlay = Overlay(spec, self.theme.palette.accent)
        self.lines = self._overlay.lines
        given = max(map(lines_on, opening), default=0)
        self._bars = Bars(width, height, max(given, self.lines)) if given else None
        self._buffer: Array = np.empty((height * 3 // 2, width), np.uint8)

    def frame(self, number: int) -> Array:
        """One frame; the array is used again for the next."""
        spec = self._spec
        width, height = spec.width_px, spec.height_px
        self._scene.paint(self._canvas, number / spec.fps)
        box = self._box(number)
        luma = self._buffer[:height]
        luma[...] = _resample(self._canvas.luma, (width, height), box)
        flat = self._buffer[height:].reshape(-1)
        half = (width // 2, height // 2)
        half_box = tuple(edge / 2 for edge in box)
        chroma = []
        for index in (0, 1):
            plane = flat[index * half[0] * half[1] : (index + 1) * half[0] * half[1]]
            plane = plane.reshape(half[1], half[0])
            plane[...] = _resample(self._canvas.chroma[index], half, half_box)
            chroma.append(plane)
        if self._bars is not None:
            self._bars.draw(luma, (chroma[0], chroma[1]))
        self._pinned.draw(luma, (chroma[0], chroma[1]))
        self._overlay.draw(luma, (chroma[0], chroma[1]), number)
        return self._buffer

    def _box(self, number: int) -> tuple[float, ...]:
        """What of the canvas is seen; a clip that was given is seen whole."""
        spec = self._spec
        whole = (0.0, 0.0, float(self._canvas.width_px), float(self._canvas.height_px))
        if spec.source is None:
            return self._view(number / max(1, spec.frame_count - 1))
        since_s = number / spec.fps - spec.source_s
        if spec.is_edit or since_s <= 0:
            return whole
        box = self._view(min(1.0, since_s / max(0.1, spec.duration_s - spec.source_s)))
        share = min(1.0, since_s)
        return tuple(a + (b - a) * share for a, b in zip(whole, box, strict=True))

    def _view(self, progress: float) -> tuple[float, float, float, float]:
        """What the camera sees of the canvas: left, top, right, bottom."""
        width, height = self._canvas.width_px, self._canvas.height_px
        eased = 0.6 * progress + 0.4 * progress * progress * (3 - 2 * progress)
        camera = self.theme.camera
        start, end = _ZOOM.get(camera, (1.05, 1.05))
        zoom = start + (end - start) * eased
        view_w, view_h = width / zoom, height / zoom
        x, y = 0.5, 0.5
        if camera in ("left", "right"):
            x = eased if camera == "right" else 1 - eased
        elif camera in ("up", "down"):
            y = 1 - eased if camera == "up" else eased
        left, top = (width - view_w) * x, (height - view_h) * y
        return left, top, left + view_w, top + view_h


def _open(path: str | None) -> Image.Image | None:
    if path is None:
        return None
    with Image.open(path) as picture:
        picture.load()
        return picture.copy()


def _resample(plane: Array, size: tuple[int, int], box: tuple[float, ...]) -> Array:
    image = Image.fromarray(plane.astype(np.uint8))
    frame = (box[0], box[1], box[2], box[3])
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=frame))


def _write_still(source: FrameSource, path: Path) -> None:
    frame = av.VideoFrame.from_ndarray(source.frame(0), format="yuv420p")
    pixels = frame.reformat(format="rgb24", src_colorspace="ITU709", src_color_range="MPEG")
    # harder packing takes several times as long and saves a tenth
    Image.fromarray(sign(pixels.to_ndarray(), source.lines)).save(path, "PNG", compress_level=4)


def render(
    spec: RenderSpec, path: Path, on_progress: Callable[[float], None] | None = None
) -> None:
    """Write the file to `path`; `on_progress` takes the fraction of frames that are done."""
    source = FrameSource(spec)
    if spec.is_still:
        _write_still(source, path)
        return
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video: Any = container.add_stream("libx264", rate=spec.fps)
        video.width, video.height = spec.width_px, spec.height_px
        video.pix_fmt = "yuv420p"
        video.time_base = Fraction(1, spec.fps)
        context = video.codec_context
        context.time_base = Fraction(1, spec.fps)
        # one thread: the bytes must not depend on the number of cores
        context.thread_count = 1
        context.color_range, context.colorspace = 1, 1
        context.color_primaries, context.color_trc = 1, 1
        video.options = {"preset": "superfast", "crf": "21", "g": str(spec.fps * 2)}
        sound: Any = None
        blocks: Iterator[Array] = iter(())
        if spec.has_audio:
            sound = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
            sound.bit_rate = 128_000
            blocks = Score(spec, source.theme).blocks()
        position = 0

        def sing() -> None:
            nonlocal position
            block = next(blocks, None)
            if sound is None or block is None:
                return
            piece = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            piece.sample_rate = SAMPLE_RATE_HZ
            piece.time_base = Fraction(1, SAMPLE_RATE_HZ)
            piece.pts = position
            position += block.shape[1]
            container.mux(sound.encode(piece))

        count = spec.frame_count
        for number in range(count):
            if number % spec.fps == 0:
                sing()
            picture = av.VideoFrame.from_ndarray(source.frame(number), format="yuv420p")
            picture.pts = number
            picture.time_base = Fraction(1, spec.fps)
            container.mux(video.encode(picture))
            if on_progress is not None and number % 6 == 5:
                on_progress((number + 1) / count)
        container.mux(video.encode(None))
        if sound is not None:
            for _ in range(2):
                sing()
            container.mux(sound.encode(None))
