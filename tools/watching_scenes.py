"""The player with a marked range, and takes that are compared, two and four of them."""

from __future__ import annotations

import asyncio

from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program
from veo_studio.core.models import Generation

_LIMIT_S = 400.0
_PROMPTS = (
    "A paper boat drifts down a rainy street at dusk, camera low over the water",
    "A paper boat drifts down a rainy street at dusk, camera high above the roofs",
)


async def watching(program: Program) -> None:
    """A clip in the player, its time with frames, and a part of it marked."""
    program.window.beginning.end()
    (made,) = await _made(program, _PROMPTS[0], 1, length_s=8)
    window = program.window
    window.history.select(made.id)
    player = window.player
    player.show_generation(made)
    await _until(lambda: player.picture() is not None and player.sources.duration_ms > 0)
    for moment, mark in ((2000, player.set_in), (5500, player.set_out), (3480, None)):
        player.seek(moment)
        await _until(lambda moment=moment: abs(player.sources.picture_ms - moment) < 60)
        if mark is not None:
            mark()
    player.set_looping(True)
    player.controls.set_timecode(True)
    await _until(lambda: program.history.pixmap_of(made) is not None)


async def compare_two(program: Program) -> None:
    """Two prompts of one idea; nothing is decided yet."""
    program.window.beginning.end()
    _pay(program)
    both = [(await _made(program, prompt, 1))[0] for prompt in _PROMPTS]
    await _compared(program, both)


async def compare_four(program: Program) -> None:
    """Four takes of a click, one kept and one rejected."""
    program.window.beginning.end()
    _pay(program)
    made = await _made(program, _PROMPTS[0], 4)
    await _compared(program, made)
    model = program.window.library_tools.comparing.view.model  # type: ignore[union-attr]
    await model.keep(1)
    await model.reject(3)
    model.choose(1)


def compare_window(program: Program) -> QWidget:
    view = program.window.library_tools.comparing.view
    assert view is not None
    return view


async def _compared(program: Program, made: list[Generation]) -> None:
    program.window.history.compare_requested.emit(made)
    view = program.window.library_tools.comparing.view
    assert view is not None
    sources = view.sources
    await _until(lambda: all(item.picture() is not None for item in sources.items))
    view.stop()
    view.seek(3000)
    await _until(lambda: all(abs(item.picture_ms - 3000) < 60 for item in sources.items))


def _pay(program: Program) -> None:
    paid = (one.model for one in program.form.choices() if one.model.provider == "gemini")
    program.form.choose(next(paid))


async def _made(program: Program, prompt: str, takes: int, length_s: int = 4) -> list[Generation]:
    """As the form makes them; back when all of them are finished and known."""
    program.form.set_prompt(prompt)
    program.form.set_duration(length_s)
    program.form.set_takes(takes)
    program.form.confirm = None
    made = await program.form.submit()
    studio = program.studio
    assert studio is not None
    async with asyncio.timeout(_LIMIT_S):
        return [await studio.queue.wait(one.id) for one in made]


async def _until(is_so) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(_LIMIT_S):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
