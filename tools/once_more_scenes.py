"""Takes side by side, a similar clip, and a draft before its final clip."""

from __future__ import annotations

import asyncio

from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program
from veo_studio.core.again import Variation
from veo_studio.core.models import Generation
from veo_studio.ui.views.similar import SimilarDialog

_LIMIT_S = 90.0
_PROMPTS = (
    "A paper boat drifts down a rainy street at dusk, camera low over the water",
    "Two foxes play in fresh snow under an aurora",
)


async def takes(program: Program) -> None:
    """Three takes that stand together, and four more that are folded."""
    program.window.beginning.end()
    for prompt, count in ((_PROMPTS[0], 4), (_PROMPTS[1], 3)):
        await _made(program, prompt, count)
    first = program.history.generation(program.history.index(3, 0))
    assert first is not None
    program.window.history.list.fold(program.history.index_of(first.id), True)
    newest = program.history.generation(program.history.index(0, 0))
    assert newest is not None
    program.window.history.select(newest.id)
    await asyncio.sleep(3.0)  # their thumbnails


async def similar(program: Program) -> None:
    """What should differ, with the words as they would be sent."""
    (made,) = await _made(program, _PROMPTS[0], 1, is_paid=True)
    program.window.once_more.similar(made)
    async with asyncio.timeout(_LIMIT_S):
        while not program.window.findChildren(SimilarDialog):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    dialog = similar_dialog(program)
    assert isinstance(dialog, SimilarDialog)
    dialog.buttons[Variation.LIGHT].click()
    dialog.takes.setValue(2)


def similar_dialog(program: Program) -> QWidget:
    return program.window.findChildren(SimilarDialog)[0]


async def draft(program: Program) -> None:
    """A finished draft in the player, and the menu that makes it final."""
    program.window.beginning.end()
    _pay(program)
    program.form.set_resolution("1080p")
    program.form.set_duration(8)
    program.form.set_draft(True)
    (made,) = await _made(program, _PROMPTS[1], 1)
    history = program.window.history
    history.select(made.id)
    row = history.list.visualRect(program.history.index_of(made.id))
    history.open_menu(history.list.viewport().mapToGlobal(row.center()))
    await asyncio.sleep(2.0)


def draft_menu(program: Program) -> QWidget:
    assert program.window.history.menu is not None
    return program.window.history.menu


def _pay(program: Program) -> None:
    paid = (one.model for one in program.form.choices() if one.model.provider == "gemini")
    program.form.choose(next(paid))


async def _made(
    program: Program, prompt: str, takes: int, *, is_paid: bool = False
) -> list[Generation]:
    """As the form makes them; back when all of them are finished."""
    if is_paid:
        _pay(program)
    program.form.set_prompt(prompt)
    program.form.set_takes(takes)
    program.form.confirm = None
    made = await program.form.submit()
    studio = program.studio
    assert studio is not None
    async with asyncio.timeout(_LIMIT_S):
        return [await studio.queue.wait(one.id) for one in made]
