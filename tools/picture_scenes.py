"""What is done for the picture of made pictures; see `screenshots.py`, which lists the scenes."""

from __future__ import annotations

import asyncio

from veo_studio.app import Program
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import GenerationKind

_CLIP = "A paper boat drifts down a rainy street at dusk, camera low over the water"
_PICTURES = (
    ("A lighthouse in a storm, waves over the rocks", "9:16"),
    ("A red kite over the dunes at golden hour", "16:9"),
)
_LIMIT_S = 90.0


async def pictures(program: Program) -> None:
    """A clip and two pictures, the last of them in the player."""
    program.window.beginning.end()
    program.form.set_resolution("480p")
    program.form.set_duration(2)
    program.form.set_prompt(_CLIP)
    await _make(program)
    program.form.set_kind(GenerationKind.IMAGE)
    for prompt, shape in _PICTURES:
        program.form.set_prompt(prompt)
        program.form.set_aspect_ratio(shape)
        await _make(program)
    await asyncio.sleep(2.0)  # their thumbnails


async def _make(program: Program) -> None:
    assert program.studio is not None
    made = asyncio.get_running_loop().create_future()

    def listen(event: GenerationEvent) -> None:
        # what it is was read, too
        if event.generation.has_file and event.generation.width_px and not made.done():
            made.set_result(None)

    unsubscribe = program.studio.events.subscribe(listen)
    try:
        await program.form.submit()
        await asyncio.wait_for(made, _LIMIT_S)
    finally:
        unsubscribe()
