"""Pictures and clips that generations are made from: checked, cleaned and kept under their content.

The user may move or change a file right after the click; what was asked for stays what it was.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from veo_studio.core import media
from veo_studio.core.clean_media import clean_clip, clean_picture, is_clip
from veo_studio.core.errors import StudioError
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import Generation, InputRole, MediaInput

MAX_IMAGE_BYTES = 50 * 1024 * 1024
MAX_CLIP_BYTES = 500 * 1024 * 1024


def take_in_picture(files: InputFiles, source: Path, role: InputRole) -> MediaInput:
    """Copy a PNG, JPEG or WebP picture, upright and without what a camera wrote into it. Blocks.

    Raises ValueError with a sentence for anything else, StorageError where it cannot be kept.
    """
    content, mime_type, size = clean_picture(_read(source, MAX_IMAGE_BYTES), source.name)
    item = MediaInput(
        role=role,
        sha256=hashlib.sha256(content).hexdigest(),
        mime_type=mime_type,
        size_bytes=len(content),
        name=source.name,
        width_px=size[0],
        height_px=size[1],
    )
    files.keep(item, content)
    return item


def take_in_clip(
    files: InputFiles, source: Path, role: InputRole, made_by: Generation | None = None
) -> MediaInput:
    """Copy an mp4 without what a camera wrote into it. Blocks.

    `made_by` is the generation whose clip it is; one that was changed since is a clip like any other.
    Raises ValueError with a sentence for anything else, StorageError where it cannot be kept.
    """
    content = _read(source, MAX_CLIP_BYTES)
    if not is_clip(content):
        raise ValueError(f"{source.name} is no mp4 clip.")
    try:
        facts = media.probe(source)
    except StudioError as error:
        raise ValueError(f"{source.name} cannot be read as a clip.") from error
    if not facts.duration_s > 0:
        raise ValueError(f"{source.name} has no length; it is no clip.")
    digest = hashlib.sha256(content).hexdigest()
    # only the very bytes that the provider made are what it knows under its own id
    ours = made_by if made_by is not None and made_by.sha256 == digest else None
    if ours is None:
        content = clean_clip(content, source.name)
        digest = hashlib.sha256(content).hexdigest()
    item = MediaInput(
        role=role,
        sha256=digest,
        mime_type="video/mp4",
        size_bytes=len(content),
        name=source.name,
        width_px=facts.width_px,
        height_px=facts.height_px,
        length_s=facts.duration_s,
        generation_id=ours.id if ours else None,
        operation_id=ours.operation_id if ours else None,
        provider=ours.provider if ours else None,
    )
    files.keep(item, content)
    return item


def _read(source: Path, max_bytes: int) -> bytes:
    try:
        if not source.is_file():
            raise ValueError(f"There is no file {source}.")
        with source.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise ValueError(f"{source.name} cannot be opened: {reason}.") from error
    if len(content) > max_bytes:
        raise ValueError(f"{source.name} is larger than {max_bytes // 1024**2} MB.")
    return content
