"""The small pictures of clips: made when they are looked at, a bounded number kept."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QImageReader, QPixmap

from veo_studio.core.models import Generation

_log = logging.getLogger(__name__)

_DELAY_MS = 30
_BREATH_MS = 1
_SIZE = QSize(96, 54)
_MOST_KEPT = 256
_MOST_WANTED = 64
_MOST_IN_FLIGHT = 4

Spawn = Callable[..., object]


class ThumbnailMaker(Protocol):
    """Makes a picture of a clip, once; None where it cannot."""

    async def ensure(self, uuid: str, video_path: Path) -> Path | None: ...


class ClipPictures(QObject):
    """Latest asked first; what scrolled past long ago is not made any more.

    Signals:
        made(int): the picture of the generation with this id is at hand.
    """

    made = pyqtSignal(int)

    def __init__(
        self, thumbnails: ThumbnailMaker | None, spawn: Spawn, parent: QObject | None = None
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._spawn = spawn
        self._pixmaps: OrderedDict[str, QPixmap] = OrderedDict()
        self._pictureless: set[str] = set()
        self._wanted: OrderedDict[str, Generation] = OrderedDict()
        self._in_flight: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._start)

    def at_hand(self, generation: Generation) -> QPixmap | None:
        """The picture, if it is there; asks for nothing."""
        return self._pixmaps.get(generation.uuid)

    def wanted(self, generation: Generation) -> QPixmap | None:
        """The picture; None where there is none, or not yet: then `made` tells."""
        uuid = generation.uuid
        found = self._pixmaps.get(uuid)
        if found is not None:
            self._pixmaps.move_to_end(uuid)
            return found
        if self._thumbnails is None or not generation.has_file:
            return None
        if uuid not in self._pictureless and uuid not in self._in_flight:
            self._wanted[uuid] = generation
            self._wanted.move_to_end(uuid)
            while len(self._wanted) > _MOST_WANTED:
                self._wanted.popitem(last=False)
            if not self._timer.isActive():
                self._timer.start(_DELAY_MS)
        return None

    def try_again(self, generation: Generation) -> None:
        """Its file is another one now: a picture may be possible."""
        self._pictureless.discard(generation.uuid)

    def forget(self, generation: Generation) -> None:
        self._pixmaps.pop(generation.uuid, None)
        self._wanted.pop(generation.uuid, None)
        self._pictureless.discard(generation.uuid)

    def _start(self) -> None:
        while self._wanted and len(self._in_flight) < _MOST_IN_FLIGHT:
            uuid, generation = self._wanted.popitem(last=True)
            self._in_flight.add(uuid)
            self._spawn(self._load(generation), name="history: thumbnail")

    async def _load(self, generation: Generation) -> None:
        assert self._thumbnails is not None
        assert generation.video_path is not None
        uuid = generation.uuid
        try:
            path = await self._thumbnails.ensure(uuid, generation.video_path)
            pixmap = read_thumbnail(path, _SIZE) if path is not None else None
            if pixmap is None:
                self._pictureless.add(uuid)
                return
            self._pixmaps[uuid] = pixmap
            while len(self._pixmaps) > _MOST_KEPT:
                self._pixmaps.popitem(last=False)
            self.made.emit(generation.id)
        finally:
            self._in_flight.discard(uuid)
            # By the timer, so that the loop breathes between two pictures.
            if self._wanted and not self._timer.isActive():
                self._timer.start(_BREATH_MS)


def read_thumbnail(path: Path, box: QSize) -> QPixmap | None:
    """The picture at `path`, decoded no larger than `box` (logical pixels) needs; never stretched."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    ratio = QGuiApplication.instance().devicePixelRatio()  # type: ignore[union-attr]
    if size.isValid():
        target = box * ratio
        if size.width() > target.width() or size.height() > target.height():
            reader.setScaledSize(size.scaled(target, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        _log.info("thumbnail %s cannot be read: %s", path.name, reader.errorString())
        return None
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
