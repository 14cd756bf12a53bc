"""What is done for the pictures of prompt enhancement; see `screenshots.py`, which lists the scenes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PIL import Image
from PyQt6.QtCore import pyqtBoundSignal
from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import Generation, GenerationState, InputRole
from veo_studio.ui.view_models.enhance_model import Stage
from veo_studio.ui.views.enhancer_page import EnhancerPage

_PROMPT = "A paper boat drifts down a rainy street"
_REFUSED = "A soldier shoots his way out of a burning street, blood on the walls, slow push in"
_LIMIT_S = 90.0


async def enhance(program: Program) -> None:
    """The panel with what the built-in rules propose."""
    program.form.set_prompt(_PROMPT)
    program.window.tools.enhancing.enhance()
    await _proposed(program)


async def refused(program: Program) -> None:
    """A clip that the engine's safety system refused, and the smallest change that helps."""
    program.form.set_prompt(_REFUSED)
    failed: asyncio.Future[Generation] = asyncio.get_running_loop().create_future()

    def listen(event: GenerationEvent) -> None:
        if event.generation.state is GenerationState.FAILED and not failed.done():
            failed.set_result(event.generation)

    assert program.studio is not None
    unsubscribe = program.studio.events.subscribe(listen)
    await program.form.submit()
    generation = await asyncio.wait_for(failed, _LIMIT_S)
    unsubscribe()
    program.window.tools.enhancing.help_refused(generation)
    await _proposed(program)


async def animate(program: Program) -> None:
    """A photo in Image to Video, one click away from its clip."""
    assert program.studio is not None
    photo = program.studio.paths.data / "harbour.png"
    await asyncio.to_thread(_paint, photo)
    await program.form.add_picture(photo, InputRole.FIRST_FRAME)
    await asyncio.sleep(1.0)  # its preview is read in a thread


async def settings(program: Program) -> None:
    """The settings, with a server on this computer."""
    program.window.services.show_enhancer()
    dialog = program.window.services.dialog
    assert dialog is not None
    page = dialog.page
    assert isinstance(page, EnhancerPage)
    page.server.activated.emit(page.server.findText("Ollama"))
    assert dialog.enhancer is not None
    await _emitted(dialog.enhancer.connected)


def panel(program: Program) -> QWidget:
    dialog = program.window.tools.enhancing.dialog
    assert dialog is not None
    return dialog


async def _proposed(program: Program) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while program.window.tools.enhancing.dialog is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        model = program.window.tools.enhancing.dialog.model
        while model.stage is not Stage.PROPOSED:
            await _emitted(model.changed)


async def _emitted(signal: pyqtBoundSignal) -> None:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def slot(*_args: object) -> None:
        if not done.done():
            done.set_result(None)

    signal.connect(slot)
    await asyncio.wait_for(done, _LIMIT_S)


def _paint(path: Path) -> None:
    """A horizon at dusk: enough of a photo to see that it is one."""
    picture = Image.linear_gradient("L").resize((1600, 900))
    sky = Image.merge(
        "RGB",
        (picture, picture.point(lambda v: v // 2 + 40), picture.point(lambda v: 200 - v // 2)),
    )
    sky.paste((24, 36, 58), (0, 560, 1600, 900))
    sky.save(path)
