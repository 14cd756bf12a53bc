"""The files of one gallery: its lock, its list, its page, and the clips and pictures beside it.

All of it blocks. Nothing in the folder is touched that was not put there by a gallery.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from veo_studio.core.answers import ErrorKind
from veo_studio.core.crash import crash_point
from veo_studio.core.partial import storage_errors
from veo_studio.core.placing import discard, sha256_of, sync_folder
from veo_studio.core.publishing.base import NotTaken, TryAgain
from veo_studio.core.publishing.copying import (
    PART_PREFIX,
    Work,
    check_place,
    copy_into,
    write_file,
)
from veo_studio.core.publishing.gallery_list import (
    CLIPS,
    LIST_NAME,
    MAX_LIST_BYTES,
    THUMBS,
    GalleryList,
    read,
    written,
)
from veo_studio.core.publishing.gallery_page import MARK, PAGE_NAME

_PREFIX = f"{PART_PREFIX}gallery-"
_LOCK_NAME = f"{_PREFIX}lock"
_LOCK_WAIT_S = 60.0
_LOCK_LOOK_S = 0.05
_MARK_BYTES = 4096
# what systems leave in folders that are empty to whoever looks at them
_NOTHING = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".directory", "lost+found"})


class GalleryFolder:
    """What changes it is done by who holds the lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def locked(self, work: Work) -> Iterator[GalleryFolder]:
        """Raises TryAgain where another program does not end its own change."""
        check_place(self.folder)
        lock = FileLock(self.folder / _LOCK_NAME, timeout=0)
        ends = time.monotonic() + _LOCK_WAIT_S
        while True:
            work.check()
            # a lock that is taken is an OSError as well
            with storage_errors(self.folder), suppress(Timeout):
                lock.acquire()
                break
            if time.monotonic() > ends:
                raise TryAgain(
                    f"Another program is writing into the gallery {self.folder}.",
                    ErrorKind.STORAGE,
                    action="Wait until it is ready, then deliver the clip again.",
                )
            work.stop.wait(_LOCK_LOOK_S)
        try:
            yield self
        finally:
            lock.release()

    def is_ours(self) -> bool:
        with storage_errors(self.folder):
            return os.path.lexists(self.folder / LIST_NAME)

    def opened(self) -> GalleryList:
        """What it shows; nothing yet in an empty folder.

        Raises NotTaken for a folder that holds anything else, and one whose page or list is not ours.
        """
        path = self.folder / LIST_NAME
        if not self.is_ours():
            self._check_empty()
            return GalleryList()
        with storage_errors(self.folder):
            found = path.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_LIST_BYTES:
                raise self._not_ours(LIST_NAME)
            gallery = read(path.read_bytes())
        self._check_page()
        for name in (CLIPS, THUMBS):
            inside = self.folder / name
            # what is written there must not end anywhere else
            if os.path.lexists(inside) and (inside.is_symlink() or not inside.is_dir()):
                raise self._not_ours(name)
        return gallery

    def begin(self) -> None:
        """Its folders, and nothing left of a program that was killed."""
        if not self.is_ours():
            # first of all: from now on the folder is known as ours
            self.save(GalleryList())
            crash_point("gallery-begun")
        with storage_errors(self.folder):
            for inside in (self.folder, self.folder / CLIPS, self.folder / THUMBS):
                inside.mkdir(exist_ok=True)
                for part in inside.glob(f"{_PREFIX}*.part"):
                    discard(part)

    def save(self, gallery: GalleryList) -> None:
        self._write(LIST_NAME, written(gallery))

    def show(self, content: bytes) -> None:
        self._check_page()
        with suppress(OSError):
            if (self.folder / PAGE_NAME).read_bytes() == content:
                return
        self._write(PAGE_NAME, content)

    def bring(
        self,
        source: Path,
        name: str,
        sha256: str,
        told: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        """A copy of `source` to its place, unless it is there. Raises as `copy_into`."""
        path = self.folder / name
        with storage_errors(self.folder):
            found = path.lstat() if os.path.lexists(path) else None
        if found is not None and stat.S_ISREG(found.st_mode) and sha256_of(path) == sha256:
            return
        part = path.with_name(f"{_PREFIX}{path.name}.part")
        copy_into(source, part, sha256, told)
        with storage_errors(self.folder):
            os.replace(part, path)
            sync_folder(path.parent)

    def clear(self, names: Collection[str], after: GalleryList) -> None:
        """Delete these files; `after` is the list then."""
        with storage_errors(self.folder):
            for name in names:
                with suppress(FileNotFoundError):
                    (self.folder / name).unlink()
        self.save(after)

    def _write(self, name: str, content: bytes) -> None:
        write_file(self.folder / name, self.folder / f"{_PREFIX}{name}.part", content)

    def _check_empty(self) -> None:
        with storage_errors(self.folder):
            names = [entry.name for entry in os.scandir(self.folder)]
        for name in names:
            if name.casefold() not in _NOTHING and not name.startswith(PART_PREFIX):
                raise NotTaken(
                    f"The folder {self.folder} holds other files, and a gallery needs its own.",
                    ErrorKind.STORAGE,
                    action="Choose an empty folder for this target, or one that is a gallery already.",
                )

    def _check_page(self) -> None:
        """Raises NotTaken for a page that somebody else wrote."""
        path = self.folder / PAGE_NAME
        with storage_errors(self.folder):
            if not os.path.lexists(path):
                return
            if path.is_symlink() or not path.is_file():
                raise self._not_ours(PAGE_NAME)
            with path.open("rb") as file:
                if MARK.encode() not in file.read(_MARK_BYTES):
                    raise self._not_ours(PAGE_NAME)

    def _not_ours(self, name: str) -> NotTaken:
        return NotTaken(
            f"{name} in the folder {self.folder} is not what Veo Studio put there; it stays.",
            ErrorKind.STORAGE,
            action="Give it another name, or choose an empty folder for the gallery.",
        )
