"""A photo of 12 megapixels from the file to what is sent, cut to 16:9; and what the event loop feels of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.report import Figure
from benchmarks.setting import Setting, median

_TARGET_MS = 500
_GAP_TARGET_MS = 50
_SIZE_PX = (4000, 3000)
_BEAT_S = 0.002
_FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("jpg", {"quality": 92}),
    "PNG": ("png", {"compress_level": 6}),
    "WebP": ("webp", {"quality": 85, "method": 0}),
}


def measure(setting: Setting) -> list[Figure]:
    from veo_studio.core.framing import Frame, Framing
    from veo_studio.core.input_files import InputFiles
    from veo_studio.core.inputs import take_in_picture
    from veo_studio.core.models import InputRole

    photo = _photo()
    figures, gaps = [], []
    for name, (suffix, how) in _FORMS.items():
        source = setting.scratch / f"photo.{suffix}"
        photo.save(source, name.upper(), exif=_on_its_side(), **how)
        for framing in (Framing.CROP, Framing.PAD):
            took, busy = [], []
            for number in range(setting.times(7, least=2)):
                # a folder of its own: nothing is there already
                files = InputFiles(setting.scratch / f"{name}-{framing.value}-{number}")
                frame = Frame("16:9", framing)

                def work(
                    files: InputFiles = files, frame: Frame = frame, source: Path = source
                ) -> None:
                    take_in_picture(files, source, InputRole.FIRST_FRAME, frame)

                before = time.process_time()
                seconds, gap = asyncio.run(_beside_a_loop(work))
                busy.append(time.process_time() - before)
                took.append(seconds)
                gaps.append(gap)
            figures.append(
                Figure(
                    f"photo taken in, {name}, {framing.value}",
                    median(took) * 1000,
                    _TARGET_MS,
                    "ms",
                    detail=f"{source.stat().st_size / 1e6:.1f} MB, on its side; "
                    f"fastest {min(took) * 1000:.0f} ms, "
                    f"{median(busy) * 1000:.0f} ms of a processor",
                )
            )
    figures.append(
        Figure(
            "photo taken in, event-loop gap",
            max(gaps) * 1000,
            _GAP_TARGET_MS,
            "ms",
            detail=f"the longest of {len(gaps)} photos; median {median(gaps) * 1000:.0f} ms",
        )
    )
    return figures


async def _beside_a_loop(work: Callable[[], None]) -> tuple[float, float]:
    """How long the work took in a thread, and the longest time between two beats of the loop."""
    loop = asyncio.get_running_loop()
    started = last = time.perf_counter()
    running = loop.run_in_executor(None, work)
    gap = 0.0
    while not running.done():
        await asyncio.sleep(_BEAT_S)
        now = time.perf_counter()
        gap, last = max(gap, now - last), now
    await running
    return time.perf_counter() - started, gap


def _photo() -> Any:
    """Large soft shapes and some grain, as a camera sees them."""
    from PIL import Image

    width, height = _SIZE_PX
    shapes = Image.effect_noise((width // 8, height // 8), 60).convert("RGB")
    soft = shapes.resize(_SIZE_PX, Image.Resampling.BICUBIC)
    grain = Image.effect_noise(_SIZE_PX, 8)
    return Image.merge("RGB", [Image.blend(band, grain, 0.25) for band in soft.split()])


def _on_its_side() -> Any:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    return exif
