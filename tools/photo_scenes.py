"""What is done for the pictures of Image to Video and its chooser; see `screenshots.py`."""

from __future__ import annotations

import asyncio

from PyQt6.QtWidgets import QApplication, QWidget

from veo_studio.app import Program
from veo_studio.core.models import GenerationKind, InputRole
from veo_studio.ui.view_models.form_parts import FormTab
from veo_studio.ui.views.crop_dialog import CropDialog

_LIMIT_S = 240.0
_STILL = "A lighthouse in a storm, waves over the rocks"
_MOVES = "The waves break over the rocks, the light turns, slow push in"


async def photo(program: Program) -> None:
    """A tall picture as the first frame of a wide clip."""
    program.window.beginning.end()
    form = program.form
    form.set_kind(GenerationKind.IMAGE)
    form.set_prompt(_STILL)
    form.set_aspect_ratio("3:4")
    assert program.studio is not None
    done = asyncio.get_running_loop().create_future()
    program.studio.events.subscribe(
        lambda event: event.generation.has_file and (done.done() or done.set_result(None))
    )
    (made,) = await form.submit()
    await asyncio.wait_for(done, _LIMIT_S)
    stored = await program.history.find(made.id)
    assert stored is not None
    form.set_kind(GenerationKind.VIDEO)
    form.set_aspect_ratio("16:9")
    form.set_prompt(_MOVES)
    await form.add_generation(stored, InputRole.FIRST_FRAME)
    assert form.tab is FormTab.PICTURES
    program.window.player.clear()
    await asyncio.sleep(2.0)  # its thumbnail, and the picture itself


async def crop(program: Program) -> None:
    """The same picture with the frame that is cut out of it."""
    await photo(program)
    program.window.form.pictures.crop_wanted.emit(program.form.inputs[0])
    async with asyncio.timeout(_LIMIT_S):
        while not _dialogs():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    view = _dialogs()[0].view
    view.zoom(1.2)
    view.move(0, 0.1)


def crop_dialog(_program: Program) -> QWidget:
    return _dialogs()[0]


def _dialogs() -> list[CropDialog]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, CropDialog)]


async def picture(program: Program) -> None:
    """A picture instead of a clip, with what either costs."""
    program.window.beginning.end()
    paid = [one.model for one in program.form.choices() if one.model.provider == "gemini"]
    program.form.choose(paid[0])
    program.form.set_kind(GenerationKind.IMAGE)
    program.form.set_prompt(_STILL)
