"""An engine that draws one clip of each shape and copies it from then on.

For tests of what becomes of a clip. What is on it, and the process that draws it, are tried in
tests/rehearsal; the files here are real ones all the same, only with the words of the first.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from veo_studio.core.providers.rehearsal.spec import RenderSpec
from veo_studio.core.providers.rehearsal.worker import Rendered, RenderProcess

MakeRender = Callable[[RenderSpec, Path, Callable[[float], None] | None], RenderProcess]


class CopiedRender(RenderProcess):
    """Shared by all test processes of a session through `folder`."""

    def __init__(
        self,
        folder: Path,
        spec: RenderSpec,
        path: Path,
        on_progress: Callable[[float], None] | None = None,
    ) -> None:
        super().__init__(spec, path, on_progress)
        self._folder = folder

    def run(self) -> Rendered | None:
        spec, path = self._spec, self._path
        if spec.first_frame or spec.last_frame or spec.references or spec.source:
            return super().run()
        sound = "sound" if spec.has_audio else "silent"
        kept = self._folder / f"{spec.width_px}x{spec.height_px}-{spec.duration_s:g}s-{sound}.mp4"
        if not kept.exists():
            rendered = super().run()
            if rendered is not None:
                _put(path, kept)
            return rendered
        if self._is_cancelled:
            return None
        _put(kept, path)
        if self._on_progress is not None:
            self._on_progress(1.0)
        content = path.read_bytes()
        return Rendered(len(content), hashlib.sha256(content).hexdigest())


def _put(source: Path, target: Path) -> None:
    """Whole or not at all: another process may look at the same moment."""
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    shutil.copyfile(source, partial)
    os.replace(partial, target)


def copying_into(folder: Path) -> MakeRender:
    folder.mkdir(parents=True, exist_ok=True)

    def make(
        spec: RenderSpec, path: Path, on_progress: Callable[[float], None] | None = None
    ) -> RenderProcess:
        return CopiedRender(folder, spec, path, on_progress)

    return make
