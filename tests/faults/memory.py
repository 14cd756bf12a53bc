"""How much memory a piece of work takes at its peak, as the system sees it (Linux)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Peak:
    grown_bytes: int = 0


@contextmanager
def measured() -> Iterator[Peak]:
    """`grown_bytes` is known afterwards: the highest resident size less the one at the start."""
    peak = Peak()
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    yield peak
    peak.grown_bytes = _status("VmHWM") - before


def _status(name: str) -> int:
    match = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match is not None, name
    return int(match[1]) * 1024
