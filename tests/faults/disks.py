"""A disk that is really full: 8 MB of memory as a file system, or a limit of the process."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path

SMALL_BYTES = 8 * 2**20


class SmallDisk:
    """Mounted at a folder with `mount`; where nobody may mount, no file of this process may grow.

    `is_real` tells which of the two; only a real one answers "no space left".
    """

    def __init__(self) -> None:
        self.is_real = False
        self._place: Path | None = None
        self._access = os.access
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def mount(self, place: Path) -> None:
        self._place = place
        place.mkdir(parents=True, exist_ok=True)
        self.is_real = os.geteuid() == 0 and self._mounted(f"size={SMALL_BYTES}")
        if not self.is_real:
            self._allow(SMALL_BYTES)

    def grow(self, size_bytes: int) -> None:
        if self.is_real:
            assert self._mounted("remount", f"size={size_bytes}")
        else:
            self._allow(self._limits[0])

    def fill(self) -> None:
        """Leave no room at all."""
        assert self._place is not None
        if not self.is_real:
            # files that exist may not grow, whatever they have now
            self._allow(1)
            return
        # a small rest may still be there after a large block did not fit
        for block in (2**16, 2**12):
            with open(self._place / ".filler", "ab", buffering=0) as filler:
                try:
                    while filler.write(bytes(block)) == block:
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        assert self._place is not None
        self._allow(self._limits[0])
        (self._place / ".filler").unlink(missing_ok=True)

    def make_read_only(self, is_read_only: bool = True) -> None:
        assert self._place is not None
        if self.is_real:
            assert self._mounted("remount", "ro" if is_read_only else "rw")
        elif os.geteuid():
            self._place.chmod(0o500 if is_read_only else 0o700)
        else:
            # root may write anywhere: only the question can be answered with no
            place, real = self._place, self._access
            os.access = lambda path, mode: path != place and real(path, mode)
            if not is_read_only:
                os.access = real

    def close(self) -> None:
        os.access = self._access
        self._allow(self._limits[0])
        if self.is_real:
            subprocess.run(["umount", "--lazy", str(self._place)], check=True)

    def _mounted(self, *options: str) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(self._place)]
        return subprocess.run(command, capture_output=True).returncode == 0

    def _allow(self, size_bytes: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, self._limits[1]))
