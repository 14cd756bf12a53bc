"""Single frames of a clip for choosing its cover: decoded in a thread, the newest wish first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QSize, pyqtSignal
from PyQt6.QtGui import QImage

from veo_studio.core.models import Generation
from veo_studio.core.stills import still

if TYPE_CHECKING:
    from PIL import Image

Spawn = Callable[..., object]
# as large as the picker ever shows it on a dense screen
_LARGEST = (960, 960)


@dataclass(frozen=True)
class _Wish:
    path: Path
    is_picture: bool
    at_s: float


class CoverFrames(QObject):
    """While one frame is decoded only the last of all further wishes is kept.

    Signals:
        ready(QImage): the frame that was wanted last.
        failed(str): why there is none, in a sentence.
    """

    ready = pyqtSignal(QImage)
    failed = pyqtSignal(str)

    def __init__(self, spawn: Spawn, parent: QObject | None = None) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self._spawn = spawn
        self._wish: _Wish | None = None
        self._is_working = False
        self._is_closed = False

    def want(self, generation: Generation, at_s: float) -> None:
        """`at_s` counts for clips alone."""
        if generation.video_path is None or self._is_closed:
            return
        self._wish = _Wish(generation.video_path, generation.is_picture, at_s)
        if not self._is_working:
            self._is_working = True
            self._spawn(self._work(), name="publish: cover")

    def close(self) -> None:
        """What is being decoded is told to nobody."""
        self._is_closed = True
        self._wish = None

    async def _work(self) -> None:
        try:
            while (wish := self._wish) is not None:
                self._wish = None
                image, problem = await asyncio.to_thread(_frame, wish)
                if self._is_closed or self._wish is not None:
                    continue
                if image is None:
                    self.failed.emit(problem)
                else:
                    self.ready.emit(image)
        finally:
            self._is_working = False


def _frame(wish: _Wish) -> tuple[QImage | None, str]:
    """The picture, or why there is none."""
    try:
        return _small(_opened(wish.path) if wish.is_picture else still(wish.path, wish.at_s)), ""
    except ValueError as error:
        return None, str(error)


def _opened(path: Path) -> Image.Image:
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            opened.draft("RGB", _LARGEST)
            return ImageOps.exif_transpose(opened).convert("RGB")
    except Exception as error:
        # Pillow raises whatever its decoders do
        raise ValueError(f"{path.name} cannot be read as a picture.") from error


def _small(picture: Image.Image) -> QImage:
    shown = picture.convert("RGB")
    shown.thumbnail(_LARGEST)
    size = QSize(shown.width, shown.height)
    raw = shown.tobytes()
    image = QImage(raw, size.width(), size.height(), 3 * size.width(), QImage.Format.Format_RGB888)
    # the bytes go with this call
    return image.copy()
