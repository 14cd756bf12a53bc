"""Showing one picture in the player: something to open, and nothing to play."""

from __future__ import annotations

import threading
from pathlib import Path

from PyQt6.QtCore import QBuffer, QIODevice, QObject, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QImageReader

from veo_studio.core.errors import StudioError
from veo_studio.core.picture_file import picture_size
from veo_studio.ui.playback import DEFAULT_FRAME_MS, Playback

# as large as any screen; a larger picture would only take memory and time
_LARGEST = QSize(4096, 4096)


class _Reading(QObject):
    """What a reading thread speaks through; it lives as long as the thread, whatever becomes of the window.

    A signal of an object that is deleted in the middle of being sent ends the program.
    """

    # taken on the window's thread: (open number, picture, reason)
    arrived = pyqtSignal(int, object, str)


class StillPlayback(Playback):
    """Its picture is read in a thread: twelve million pixels take half a second."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._picture: QImage | None = None
        self._number = 0
        # the thread no longer needs the file: it can be moved or deleted
        self._has_read: threading.Event | None = None
        self._reading: _Reading | None = None

    @property
    def is_playing(self) -> bool:
        return False

    @property
    def position_ms(self) -> int:
        return 0

    @property
    def duration_ms(self) -> int:
        return 0

    @property
    def frame_ms(self) -> float:
        return DEFAULT_FRAME_MS

    @property
    def picture_ms(self) -> float:
        return 0.0

    def picture(self) -> QImage | None:
        return self._picture

    def open(self, path: Path) -> None:
        self.close()
        self._has_read = threading.Event()
        self._reading = _Reading()
        self._reading.arrived.connect(self._on_arrived)
        threading.Thread(
            target=_read,
            args=(self._number, path, self._has_read, self._reading),
            name="picture",
        ).start()  # waited for at the end of the program: Qt's readers must not go while one is used

    def play(self) -> None:
        """There is nothing to play."""

    def pause(self) -> None:
        """There is nothing to pause."""

    def seek(self, position_ms: int) -> None:
        """There is one moment."""

    def set_rate(self, rate: float) -> None:
        """Pictures have no speed."""

    def set_loop(self, is_looping: bool, in_ms: int | None, out_ms: int | None) -> None:
        """Pictures have no end."""

    def close(self) -> None:
        self._number += 1
        has_read, self._has_read = self._has_read, None
        if has_read is not None:
            # only for the bytes: to decode them takes far longer
            has_read.wait(timeout=5)
        self._picture = None
        self.picture_changed.emit()

    def _on_arrived(self, number: int, picture: QImage, reason: str) -> None:
        if number != self._number:
            return  # of a file that is closed by now
        if reason:
            self.failed.emit(reason)
            return
        self._picture = picture
        self.picture_changed.emit()


# On the picture's thread


def _read(number: int, path: Path, has_read: threading.Event, reading: _Reading) -> None:
    try:
        content, reason = _content_of(path)
    finally:
        has_read.set()
    picture = QImage()
    if not reason:
        picture, reason = _decoded(content)
    reading.arrived.emit(number, picture, reason)


def _content_of(path: Path) -> tuple[bytes, str]:
    """The file's bytes, or why they are not worth decoding."""
    try:
        picture_size(path)
        return path.read_bytes(), ""
    except StudioError as error:
        return b"", error.message
    except OSError as error:
        return b"", error.strerror or type(error).__name__


def _decoded(content: bytes) -> tuple[QImage, str]:
    """The picture, or why there is none."""
    buffer = QBuffer()
    buffer.setData(content)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    # the bytes were looked at; what the file is called says nothing
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.width() > _LARGEST.width() or size.height() > _LARGEST.height():
        reader.setScaledSize(size.scaled(_LARGEST, Qt.AspectRatioMode.KeepAspectRatio))
    picture = reader.read()
    return picture, reader.errorString() if picture.isNull() else ""
