"""Pictures and clips that generations are made from: checked, cleaned and kept under their content.

The user may move or change a file right after the click; what was asked for stays what it was.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

from veo_studio.core import media
from veo_studio.core.errors import StudioError
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import Generation, InputRole, MediaInput

# more pixels than any camera makes: such a file is meant to fill the memory
MAX_PIXELS = 80_000_000
MAX_IMAGE_BYTES = 50 * 1024 * 1024
MAX_CLIP_BYTES = 500 * 1024 * 1024
_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def take_in_picture(files: InputFiles, source: Path, role: InputRole) -> MediaInput:
    """Copy a PNG, JPEG or WebP picture, upright and without what a camera wrote into it. Blocks.

    Raises ValueError with a sentence for anything else, StorageError where it cannot be kept.
    """
    content, mime_type, size = _clean_picture(_read(source, MAX_IMAGE_BYTES), source.name)
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
    """Copy an mp4; `made_by` is the generation that it came from, where it is one of ours. Blocks.

    Raises ValueError with a sentence for anything else, StorageError where it cannot be kept.
    """
    content = _read(source, MAX_CLIP_BYTES)
    if content[4:8] != b"ftyp":
        raise ValueError(f"{source.name} is no mp4 clip.")
    try:
        facts = media.probe(source)
    except StudioError as error:
        raise ValueError(f"{source.name} cannot be read as a clip.") from error
    item = MediaInput(
        role=role,
        sha256=hashlib.sha256(content).hexdigest(),
        mime_type="video/mp4",
        size_bytes=len(content),
        name=source.name,
        width_px=facts.width_px,
        height_px=facts.height_px,
        length_s=facts.duration_s,
        generation_id=made_by.id if made_by else None,
        operation_id=made_by.operation_id if made_by else None,
        provider=made_by.provider if made_by else None,
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


def _clean_picture(content: bytes, name: str) -> tuple[bytes, str, tuple[int, int]]:
    """The picture's bytes, type and size; written anew where it holds camera data or lies on its side."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        # reads the head only: what claims too much is refused before anything of it is decoded
        image = Image.open(BytesIO(content), formats=tuple(_FORMATS))
        if image.width * image.height > MAX_PIXELS:
            raise ValueError(f"{name} has more than {MAX_PIXELS // 10**6} million pixels.")
        mime_type = _FORMATS[str(image.format)]
        if getattr(image, "is_animated", False):
            raise ValueError(f"{name} is animated; choose a still picture.")
        image.load()
        if not image.getexif() and "xmp" not in image.info and b"XML:com.adobe.xmp" not in content:
            return content, mime_type, image.size
        upright = ImageOps.exif_transpose(image)
        written = BytesIO()
        profile = image.info.get("icc_profile")
        clean = Image.new(upright.mode, upright.size)
        clean.paste(upright)
        if upright.palette is not None:
            clean = upright.convert("RGBA")
        clean.save(written, str(image.format), quality=95, icc_profile=profile)
        return written.getvalue(), mime_type, clean.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"{name} has far too many pixels.") from error
    except UnidentifiedImageError as error:
        raise ValueError(f"{name} is no PNG, JPEG or WebP picture.") from error
    except (OSError, SyntaxError, EOFError) as error:
        raise ValueError(f"{name} is damaged: it cannot be read as a picture.") from error
