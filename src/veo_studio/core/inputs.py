"""Pictures and clips that generations are made from: checked, cleaned and kept under their content.

The user may move or change a file right after the click; what was asked for stays what it was.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Literal

from veo_studio.core import media
from veo_studio.core.clean_media import CleanPicture, clean_clip, clean_picture, is_clip
from veo_studio.core.errors import StudioError
from veo_studio.core.framing import Frame, Framing
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import Generation, InputRole, MediaInput
from veo_studio.core.stills import png, still
from veo_studio.core.video_config import PICTURE_TYPES, SUFFIXES

MAX_IMAGE_BYTES = 50 * 1024 * 1024
MAX_CLIP_BYTES = 500 * 1024 * 1024
# a picture that was taken in and written anew can have become larger
_MAX_KEPT_BYTES = 8 * MAX_IMAGE_BYTES


def take_in_picture(
    files: InputFiles, source: Path, role: InputRole, frame: Frame | None = None
) -> MediaInput:
    """Copy a PNG, JPEG or WebP picture, upright and without what a camera wrote into it. Blocks.

    With a `frame` it is brought to that shape, and the whole picture is kept beside it.
    Raises ValueError with a sentence for anything else, StorageError where it cannot be kept.
    """
    content = _read(source, MAX_IMAGE_BYTES)
    return take_in_bytes(files, content, source.name, role, frame)


def take_in_bytes(
    files: InputFiles, content: bytes, name: str, role: InputRole, frame: Frame | None = None
) -> MediaInput:
    """A picture that is no file of the user's, such as one of the clipboard; else as `take_in_picture`."""
    if len(content) > MAX_IMAGE_BYTES:
        raise ValueError(_too_large(name, MAX_IMAGE_BYTES))
    return _kept(files, clean_picture(content, name), name, role, frame)


def take_in_frame(
    files: InputFiles,
    clip: Path,
    role: InputRole,
    *,
    at: Literal["first", "last"] | float,
    made_by: Generation | None = None,
    frame: Frame | None = None,
) -> MediaInput:
    """A still of a clip, as PNG: its first picture, its last one, or the one at so many seconds. Blocks.

    `made_by` is the generation whose clip it is. Errors as `take_in_picture`.
    """
    if isinstance(at, float | int) and not (at >= 0 and math.isfinite(at)):
        raise ValueError("A moment of a clip is 0 seconds or more.")
    if not clip.is_file():
        raise ValueError(f"There is no file {clip}.")
    image = still(clip, at)
    where = f"{at} frame" if isinstance(at, str) else f"at {at:g} s"
    picture = CleanPicture(image, None, png(image), "image/png")
    item = _kept(files, picture, f"{clip.stem}, {where}.png", role, frame)
    return item if made_by is None else replace(item, generation_id=made_by.id)


def reframed(files: InputFiles, item: MediaInput, frame: Frame | None) -> MediaInput:
    """The picture in another shape, made of the whole one that is kept; None gives that one. Blocks.

    Raises ValueError where it is not kept any more, StorageError.
    """
    whole = files.picture(item.original or item.sha256)
    if whole is None:
        raise ValueError(f"{item.name} is not kept any more; choose the file again.")
    content = _read(whole, _MAX_KEPT_BYTES)
    picture = clean_picture(content, item.name)
    # not what it became by being read: the very file that is kept
    mime_type = next(kind for kind in PICTURE_TYPES if SUFFIXES[kind] == whole.suffix)
    picture = replace(picture, content=content, mime_type=mime_type)
    made = _kept(files, picture, item.name, item.role, frame)
    return replace(made, generation_id=item.generation_id)


def _kept(
    files: InputFiles, picture: CleanPicture, name: str, role: InputRole, frame: Frame | None
) -> MediaInput:
    whole = _keep(files, picture, name, role)
    if frame is None or frame.how is Framing.KEEP:
        return whole
    part = picture.framed(frame)
    if part is picture:
        return replace(whole, frame=frame, original=whole.sha256)
    return replace(_keep(files, part, name, role), frame=frame, original=whole.sha256)


def _keep(files: InputFiles, picture: CleanPicture, name: str, role: InputRole) -> MediaInput:
    item = MediaInput(
        role=role,
        sha256=hashlib.sha256(picture.content).hexdigest(),
        mime_type=picture.mime_type,
        size_bytes=len(picture.content),
        name=name,
        width_px=picture.image.width,
        height_px=picture.image.height,
    )
    files.keep(item, picture.content)
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
        raise ValueError(_too_large(source.name, max_bytes))
    return content


def _too_large(name: str, max_bytes: int) -> str:
    return f"{name} is larger than {max_bytes // 1024**2} MB."
