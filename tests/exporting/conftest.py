"""Tiny real clips, and a task that is made in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.exporting.clips import write_clip
from veo_studio.core.exporting import making
from veo_studio.core.exporting.presets import ExportPreset
from veo_studio.core.exporting.tasks import Made, Task

MakeOf = Callable[..., tuple[Path, Made]]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds at ten pictures a second, a key frame every half second."""
    return write_clip(tmp_path / "clip.mp4")


@pytest.fixture
def make(tmp_path: Path) -> MakeOf:
    """What the worker does with a task; the file and what is told about it."""

    def made(source: Path, preset: ExportPreset, **task: Any) -> tuple[Path, Made]:
        suffix = preset.suffix(source.suffix)
        part = tmp_path / f"made{suffix}"
        part.write_bytes(b"")
        return part, making.make(Task(source, part, suffix, preset, **task), lambda _done: None)

    return made
