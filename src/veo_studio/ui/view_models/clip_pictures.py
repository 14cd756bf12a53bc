"""The small pictures of clips: made when they are looked at, a bounded number of bytes kept."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QImage, QImageReader, QPixmap

from veo_studio.core.models import Generation

_log = logging.getLogger(__name__)

_DELAY_MS = 30
_BREATH_MS = 1
_SIZE = QSize(96, 54)
_MOST_BYTES = 24_000_000
_MOST_WANTED = 64
_MOST_IN_FLIGHT = 4
_STRIPS_KEPT = 4

Spawn = Callable[..., object]


class ThumbnailMaker(Protocol):
    """Makes pictures of a clip, once; None where it cannot."""

    async def ensure(self, uuid: str, video_path: Path, at_s: float | None = None) -> Path | None:
        """`at_s`: the frame at so many seconds, where it is not the usual one."""
        ...

    async def ensure_strip(self, uuid: str, video_path: Path) -> Path | None:
        """Some frames side by side in one picture."""
        ...

    def problem(self, uuid: str) -> str:
        """ "" | "missing" | "damaged": why there is no picture, as far as it was tried."""
        ...


@dataclass(frozen=True)
class _Kept:
    pixmap: QPixmap
    box: QSize
    file: object

    @property
    def size_bytes(self) -> int:
        return self.pixmap.width() * self.pixmap.height() * 4


class ClipPictures(QObject):
    """Latest asked first; what scrolled past long ago is not made any more.

    Files are decoded in a thread, no larger than views show them.

    Signals:
        made(int): the picture or the strip of the generation with this id is at hand, or never will be.
    """

    made = pyqtSignal(int)

    def __init__(
        self, thumbnails: ThumbnailMaker | None, spawn: Spawn, parent: QObject | None = None
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self.maker = thumbnails
        self._spawn = spawn
        self._box = _SIZE
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._kept_bytes = 0
        self._strips: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._pictureless: set[str] = set()
        self._wanted: OrderedDict[str, Generation] = OrderedDict()
        self._in_flight: set[str] = set()
        self._is_stopped = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._start)

    def stop(self) -> None:
        """What is being made is told to nobody."""
        self._is_stopped = True
        self._timer.stop()

    def set_size(self, box: QSize) -> None:
        """What is kept in another size, or of another file, stays in sight until it is read again."""
        self._box = box

    def at_hand(self, generation: Generation) -> QPixmap | None:
        """The picture, if it is there; asks for nothing."""
        kept = self._kept.get(generation.uuid)
        return kept.pixmap if kept is not None else None

    def wanted(self, generation: Generation) -> QPixmap | None:
        """The picture; None where there is none, or not yet: then `made` tells."""
        uuid = generation.uuid
        kept = self._kept.get(uuid)
        if kept is not None:
            self._kept.move_to_end(uuid)
            if kept.box == self._box and kept.file == _file_of(generation):
                return kept.pixmap
        if self.maker is not None and generation.has_file:
            self._ask(generation)
        return kept.pixmap if kept is not None else None

    def strip(self, generation: Generation) -> QPixmap | None:
        """Some frames side by side; None where there are none, or not yet: then `made` tells."""
        uuid = generation.uuid
        if uuid in self._strips:
            self._strips.move_to_end(uuid)
            return self._strips[uuid]
        if self.maker is None or not generation.has_file or generation.is_picture:
            return None
        self._strips[uuid] = None  # asked for once
        self._spawn(self._load_strip(generation), name="library: strip of frames")
        return None

    def problem(self, generation: Generation) -> str:
        """Why there is no picture: "" | "missing" | "damaged"."""
        if self.maker is None or not generation.has_file:
            return ""
        return self.maker.problem(generation.uuid)

    def try_again(self, generation: Generation) -> None:
        """Its file is another one now: a picture may be possible."""
        self._pictureless.discard(generation.uuid)
        self._strips.pop(generation.uuid, None)

    def forget(self, generation: Generation) -> None:
        self._drop(generation.uuid)
        self._strips.pop(generation.uuid, None)
        self._wanted.pop(generation.uuid, None)
        self._pictureless.discard(generation.uuid)

    def _ask(self, generation: Generation) -> None:
        uuid = generation.uuid
        if uuid in self._pictureless or uuid in self._in_flight:
            return
        self._wanted[uuid] = generation
        self._wanted.move_to_end(uuid)
        while len(self._wanted) > _MOST_WANTED:
            self._wanted.popitem(last=False)
        if not self._timer.isActive():
            self._timer.start(_DELAY_MS)

    def _start(self) -> None:
        while self._wanted and len(self._in_flight) < _MOST_IN_FLIGHT:
            uuid, generation = self._wanted.popitem(last=True)
            self._in_flight.add(uuid)
            self._spawn(self._load(generation), name="library: thumbnail")

    async def _load(self, generation: Generation) -> None:
        assert self.maker is not None
        assert generation.video_path is not None
        uuid, box = generation.uuid, self._box
        try:
            path = await self.maker.ensure(uuid, generation.video_path, generation.cover_at_s)
            pixmap = await _decoded(path, box) if path is not None else None
            if self._is_stopped:
                return
            if pixmap is None:
                self._pictureless.add(uuid)
                self.made.emit(generation.id)
                return
            self._keep(uuid, _Kept(pixmap, box, _file_of(generation)))
            self.made.emit(generation.id)
        finally:
            self._in_flight.discard(uuid)
            # By the timer, so that the loop breathes between two pictures.
            if self._wanted and not self._is_stopped and not self._timer.isActive():
                self._timer.start(_BREATH_MS)

    async def _load_strip(self, generation: Generation) -> None:
        assert self.maker is not None
        assert generation.video_path is not None
        path = await self.maker.ensure_strip(generation.uuid, generation.video_path)
        # as high as a cell is; how many frames it has, the strip itself tells
        strip = await _decoded(path, QSize(0, self._box.height())) if path is not None else None
        if strip is not None and not self._is_stopped:
            self._strips[generation.uuid] = strip
            while len(self._strips) > _STRIPS_KEPT:
                self._strips.popitem(last=False)
            self.made.emit(generation.id)

    def _keep(self, uuid: str, kept: _Kept) -> None:
        self._drop(uuid)
        self._kept[uuid] = kept
        self._kept_bytes += kept.size_bytes
        while self._kept_bytes > _MOST_BYTES and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, uuid: str) -> None:
        kept = self._kept.pop(uuid, None)
        if kept is not None:
            self._kept_bytes -= kept.size_bytes


def _file_of(generation: Generation) -> object:
    """The same for the same clip with the same cover; marks change nothing in it."""
    return generation.video_path, generation.size_bytes, generation.sha256, generation.cover_at_s


async def _decoded(path: Path, box: QSize) -> QPixmap | None:
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    ratio = application.devicePixelRatio()
    image = await asyncio.to_thread(read_thumbnail, path, box * ratio)
    if image is None:
        return None
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def read_thumbnail(path: Path, box_px: QSize) -> QImage | None:
    """The picture at `path`, decoded no larger than `box_px` needs; never stretched. For any thread.

    A width of 0 does not bound it.
    """
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        width = box_px.width() or 100 * box_px.height()
        if size.width() > width or size.height() > box_px.height():
            target = QSize(width, box_px.height())
            reader.setScaledSize(size.scaled(target, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        _log.info("thumbnail %s cannot be read: %s", path.name, reader.errorString())
        return None
    # what painting on the screen takes without converting again
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
