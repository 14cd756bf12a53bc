"""An engine that draws one clip of each shape (and inputs) and copies it from then on.

For tests of what becomes of a clip. What is on it, and the process that draws it, are tried in
tests/rehearsal; the files here are real ones all the same, only with the words of the first.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
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
        path, kept = self._path, self._folder / f"{_shape(self._spec)}.mp4"
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


def _shape(spec: RenderSpec) -> str:
    """All but words and seed."""
    sound = "sound" if spec.has_audio else "silent"
    shape = f"{spec.width_px}x{spec.height_px}-{spec.duration_s:g}s-{sound}"
    inputs = (spec.first_frame, spec.last_frame, spec.source, *spec.references)
    if not any(inputs):
        return shape
    contents = [path and hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in inputs]
    digest = hashlib.sha256(f"{contents} {spec.source_s}".encode()).hexdigest()
    return f"{shape}-{digest[:16]}"


def _put(source: Path, target: Path) -> None:
    """Whole or not at all: another process or thread may look at the same moment."""
    partial = target.with_name(f"{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    shutil.copyfile(source, partial)
    os.replace(partial, target)


def copying_into(folder: Path) -> MakeRender:
    folder.mkdir(parents=True, exist_ok=True)

    def make(
        spec: RenderSpec, path: Path, on_progress: Callable[[float], None] | None = None
    ) -> RenderProcess:
        return CopiedRender(folder, spec, path, on_progress)

    return make
