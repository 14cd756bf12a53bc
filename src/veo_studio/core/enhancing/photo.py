"""A picture small enough to be looked at by a text model."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from veo_studio.core.providers.chat import Picture

LONGEST_SIDE_PX = 1024
_QUALITY = 85


def small_picture(path: Path) -> Picture:
    """A JPEG copy of at most 1024 pixels a side, without what a camera noted. Blocks.

    `path` is a picture that was taken in (`core/inputs.py`): checked, upright, and never changed here.
    Raises ValueError where it is gone or cannot be read any more.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            image.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
            small = image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError("The photo cannot be read any more. Choose it again.") from error
    small.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    if small.mode == "RGBA":
        # what shines through would be black
        ground = Image.new("RGB", small.size, "white")
        ground.paste(small, mask=small.getchannel("A"))
        small = ground
    file = BytesIO()
    small.save(file, "JPEG", quality=_QUALITY)
    return Picture(file.getvalue(), "image/jpeg")
