"""Veo Studio's public Python API, kept stable.

::

    generator = TextToVideoGenerator(create_client("API key or None"), get_database())
    result = await generator.generate_video("A paper boat on a rainy street", model="veo-3.1",
        config={"aspect_ratio": "16:9", "duration": 5, "resolution": "1080p"})

Names are loaded at their first use, so that importing one module of the core costs only that module.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from veo_studio.core.api import StudioDatabase as StudioDatabase
    from veo_studio.core.api import get_database as get_database
    from veo_studio.core.client import Client as Client
    from veo_studio.core.client import create_client as create_client
    from veo_studio.core.errors import APIQuotaExceededError as APIQuotaExceededError
    from veo_studio.core.errors import GenerationError as GenerationError
    from veo_studio.core.errors import GenerationFailedError as GenerationFailedError
    from veo_studio.core.errors import GenerationTimeoutError as GenerationTimeoutError
    from veo_studio.core.generators.base_generator import GenerationResult as GenerationResult
    from veo_studio.core.generators.image_to_video import (
        ImageToVideoGenerator as ImageToVideoGenerator,
    )
    from veo_studio.core.generators.text_to_image import (
        TextToImageGenerator as TextToImageGenerator,
    )
    from veo_studio.core.generators.text_to_video import (
        TextToVideoGenerator as TextToVideoGenerator,
    )

_HOMES = {
    "APIQuotaExceededError": "errors",
    "Client": "client",
    "GenerationError": "errors",
    "GenerationFailedError": "errors",
    "GenerationResult": "generators.base_generator",
    "GenerationTimeoutError": "errors",
    "ImageToVideoGenerator": "generators.image_to_video",
    "StudioDatabase": "api",
    "TextToImageGenerator": "generators.text_to_image",
    "TextToVideoGenerator": "generators.text_to_video",
    "create_client": "client",
    "get_database": "api",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
