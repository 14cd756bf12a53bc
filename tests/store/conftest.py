"""What the tests of the store share."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


class SmallDisk:
    """8 MB that can be filled: a file system of its own, or only what the system tells about one."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True
        )
        self._is_real = made.returncode == 0

    def fill(self) -> None:
        if not self._is_real:
            usage = shutil.disk_usage(self.folder)._replace(free=0)
            self._monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
            return
        with pytest.raises(OSError), (self.folder / "filler").open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass

    def clear(self) -> None:
        self._monkeypatch.undo()
        (self.folder / "filler").unlink(missing_ok=True)

    def close(self) -> None:
        if self._is_real:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "small disk"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as monkeypatch:
        disk = SmallDisk(folder, monkeypatch)
        yield disk
        disk.close()
