"""Real pictures for tests, made once per process."""

from __future__ import annotations

import functools
import io

from PIL import Image

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
MIME_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


@functools.cache
def noise_picture(extension: str = "png", width: int = 320, height: int = 180) -> bytes:
    """Noise, which no format packs well."""
    import numpy as np

    draw = np.random.default_rng(7)
    noise = draw.integers(0, 255, (height, width, 3), dtype=np.uint8)
    return written(Image.fromarray(noise), extension)


def written(image: Image.Image, extension: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, FORMATS[extension], **how)
    return file.getvalue()
