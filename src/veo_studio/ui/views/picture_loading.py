"""Pictures of files, read small in a thread: the window would stand still for a large one."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PyQt6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, pyqtSignal
from PyQt6.QtGui import QImage, QImageReader

# as large as the form shows them, on a fine screen
_LARGEST = QSize(960, 640)
_MOST_KEPT = 24
# as large as the editor of a crop shows it
_EDITED = QSize(1600, 1200)


def read_scaled(path: Path, largest: QSize) -> QImage:
    """The picture, at most that large; a null image for what cannot be read. Blocks."""
    reader = QImageReader(str(path))
    size = reader.size()
    if size.isValid() and (size.width() > largest.width() or size.height() > largest.height()):
        reader.setScaledSize(size.scaled(largest, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def read_large(path: Path) -> QImage:
    """For the editor of a crop. Blocks."""
    return read_scaled(path, _EDITED)


class _Done(QObject):
    ready = pyqtSignal(str, QImage)


class _Load(QRunnable):
    def __init__(self, path: Path, done: _Done) -> None:
        super().__init__()
        self._path = path
        self._done = done

    def run(self) -> None:
        self._done.ready.emit(str(self._path), read_scaled(self._path, _LARGEST))


class PictureLoader(QObject):
    """Signals:
    loaded(path): the picture of that file can be had now.
    """

    loaded = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[str, QImage] = OrderedDict()
        self._asked: set[str] = set()
        # without a parent: a thread that still reads outlives the window
        self._done = _Done()
        self._done.ready.connect(self._on_ready)

    def picture(self, path: Path) -> QImage | None:
        """None while it is being read; a null image where it cannot be."""
        key = str(path)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._asked:
            self._asked.add(key)
            pool = QThreadPool.globalInstance()
            assert pool is not None
            pool.start(_Load(path, self._done))
        return None

    def _on_ready(self, key: str, image: QImage) -> None:
        self._asked.discard(key)
        self._kept[key] = image
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        self.loaded.emit(Path(key))
