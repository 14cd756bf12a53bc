"""Files that somebody asked for by name: written whole or not at all, and never through a link. All blocks."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from veo_studio.core.exporting.names import free_name
from veo_studio.core.file_names import NameTaken
from veo_studio.core.partial import storage_errors
from veo_studio.core.placing import discard, finish


def write_whole(path: Path, content: bytes | str, *, replaces: bool = True) -> Path:
    """Where it was written: `path`, or beside it with _2, _3 ... where a file may not be replaced.

    Whatever happens, a file that was there is whole. Raises StorageError.
    """
    if isinstance(content, str):
        content = content.encode("utf-8", "replace")
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with storage_errors(path.parent), part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return replace(part, path) if replaces else place_beside(part, path)
    finally:
        discard(part)


def replace(part: Path, path: Path) -> Path:
    """`part` takes the name, and with it the place of what is there; a link goes, not what it leads to."""
    with storage_errors(path.parent):
        os.replace(part, path)
    return path


def place_beside(part: Path, path: Path) -> Path:
    """`part` gets the name, or with _2, _3 ... the first that nothing has. Raises StorageError."""
    while True:
        try:
            return finish(part, free_name(path.parent, path.stem, path.suffix))
        except NameTaken:
            # somebody else's came meanwhile; the next name is looked for
            continue
