"""The window and its dialogs, where they need no file of their own; see `screenshots.py`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import BudgetPeriod, GenerationState
from veo_studio.core.presets import NamedList
from veo_studio.ui.view_models.form_parts import ModelChoice

PROMPTS = (
    "A paper boat drifts down a rainy street at dusk, camera low over the water",
    "Two foxes play in fresh snow under an aurora",
    "A lighthouse in a storm, waves over the rocks, slow push in",
    "A red kite over the dunes at golden hour",
)
_LIMIT_S = 240.0


async def nothing(program: Program) -> None:
    """An empty library."""


async def decline(program: Program) -> None:
    """An empty library of somebody who knows how to begin."""
    program.window.beginning.end()


async def work(program: Program) -> None:
    """Three running, two waiting, one finished clip in the player."""
    program.form.set_prompt(PROMPTS[0])
    await program.form.submit()
    await until(program, lambda event: event.generation.has_file)
    for prompt, takes in ((PROMPTS[1], 1), (PROMPTS[2], 2), (PROMPTS[3], 2)):
        program.form.set_prompt(prompt)
        program.form.set_takes(takes)
        await program.form.submit()
    reached = 45
    await until(program, lambda e: e.progress is not None and e.progress.percent >= reached)


async def failure(program: Program) -> None:
    """Two clips that the engine's safety system refuses."""
    program.form.set_prompt(PROMPTS[2])
    program.form.set_takes(2)
    ends = {GenerationState.FAILED}
    first = asyncio.ensure_future(until(program, lambda e: e.generation.state in ends, count=2))
    await program.form.submit()
    await first


async def attention(program: Program) -> None:
    """Two whose outcome is unknown, one finished clip, and a paused queue in which three wait."""
    program.form.choose(next(one.model for one in program.form.choices() if not is_free(one)))
    program.form.set_prompt(PROMPTS[2])
    program.form.set_takes(2)
    lost = {GenerationState.UNKNOWN}
    both = asyncio.ensure_future(until(program, lambda e: e.generation.state in lost, count=2))
    await program.form.submit()
    await both
    program.form.use_rehearsal()
    program.form.set_prompt(PROMPTS[0])
    program.form.set_takes(1)
    finished = asyncio.ensure_future(until(program, lambda e: e.generation.has_file))
    await program.form.submit()
    await finished
    assert program.studio is not None
    await program.studio.queue.pause()
    for prompt, takes in ((PROMPTS[1], 1), (PROMPTS[3], 2)):
        program.form.set_prompt(prompt)
        program.form.set_takes(takes)
        await program.form.submit()
    program.queue.flush()
    await _pictured(program)


async def _pictured(program: Program, most: int = 14) -> None:
    """The first rows of the history have their thumbnails, which a process of its own makes."""
    model = program.history
    found = [model.generation(model.index(row, 0)) for row in range(min(most, model.rowCount()))]
    clips = [one for one in found if one is not None and one.has_file]
    async with asyncio.timeout(_LIMIT_S):
        while not all(model.pixmap_of(one) for one in clips):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def is_free(choice: ModelChoice) -> bool:
    return choice.model.provider == "rehearsal"


async def wallet(program: Program) -> None:
    """The wallet over a library that was paid for, with a budget for a day and for a month."""
    model = program.window.wallet.model
    await model.set_budget(BudgetPeriod.DAY, "5")
    await model.set_budget(BudgetPeriod.MONTH, "60")
    program.window.show_wallet()
    entries = model.entries
    if not entries.rowCount():
        filled = asyncio.get_running_loop().create_future()
        entries.loaded.connect(lambda *_: filled.done() or filled.set_result(None))
        await asyncio.wait_for(filled, _LIMIT_S)


def wallet_window(program: Program) -> QWidget:
    dialog = program.window.wallet.dialog
    assert dialog is not None
    return dialog


async def library(program: Program) -> None:
    """Five hundred clips, one of them in the player."""
    index = program.history.index(0, 0)
    row = 0
    while (generation := program.history.generation(index)) is None or not generation.has_file:
        row += 1
        index = program.history.index(row, 0)
    program.window.history.select(generation.id)
    program.window.player.show_generation(generation)
    # as many rows in sight as in the largest picture
    program.window.resize(1920, 1080)
    await _pictured(program)


async def services(program: Program) -> None:
    """The settings of the services, with Google connected and tested: the engine stands in its place."""
    program.window.services.show_service("gemini")
    dialog = program.window.services.dialog
    assert dialog is not None
    tested = asyncio.get_running_loop().create_future()

    def look(name: str) -> None:
        trial = dialog.model.trial(name)
        if trial is not None and not trial.is_running and not tested.done():
            tested.set_result(None)

    dialog.model.changed.connect(look)
    dialog.page.trial.test.click()
    await asyncio.wait_for(tested, _LIMIT_S)


def services_window(program: Program) -> QWidget:
    dialog = program.window.services.dialog
    assert dialog is not None
    return dialog


async def models(program: Program) -> None:
    """The models side by side, for the clip in the form."""
    program.window.services.compare()
    async with asyncio.timeout(_LIMIT_S):
        while program.window.services.table is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def models_window(program: Program) -> QWidget:
    table = program.window.services.table
    assert table is not None
    return table


async def presets(program: Program) -> None:
    """A prompt with a variable and two lists, and all the prompts that come of it with their price."""
    program.window.beginning.end()
    program.form.choose(next(one.model for one in program.form.choices() if not is_free(one)))
    await program.window.tools.presets.presets.put(NamedList("light", ("golden hour", "blue hour")))
    program.form.set_prompt("{subject} by the sea, {light}, {slow push in|locked-off camera}")
    program.form.set_value("subject", "A red kite")
    program.form.set_takes(2)
    under = program.window.tools.presets.under_prompt
    under.preview.head.click()
    program.window.form.scroller.ensureWidgetVisible(under)


async def preset_dialog(program: Program) -> None:
    """A list of the user's own in the dialog of presets and lists."""
    control = program.window.tools.presets
    await control.presets.put(NamedList("places", ("a harbour", "a rooftop", "a forest clearing")))
    opened = asyncio.get_running_loop().create_future()
    control.dialog_opened.connect(lambda: opened.done() or opened.set_result(None))
    control.manage()
    await asyncio.wait_for(opened, _LIMIT_S)
    assert control.dialog is not None
    control.dialog.tabs.setCurrentWidget(control.dialog.lists)


def preset_window(program: Program) -> QWidget:
    dialog = program.window.tools.presets.dialog
    assert dialog is not None
    return dialog


BATCH = """prompt,model,aspect_ratio,duration,seed,takes
A paper boat drifts down a rainy street at dusk,rehearsal-1,16:9,8,42,2
Two foxes play in fresh snow under an aurora,gemini-omni-1.2-flash,9:16,,,1
"A lighthouse in a storm, waves over the rocks, slow push in",gemini-omni-1.2-flash,16:9,8,,3
A red kite over the dunes at golden hour,rehearsal-1,5:4,8,7,1
A harbour wakes up under low fog,gemini-omni-1.2-flash,16:9,99,,
Paper lanterns rise over a lake,rehearsal-1,1:1,4,,
"""


async def batch(program: Program) -> None:
    """A file of six prompts of which two have mistakes, over a budget for the day."""
    path = Path(os.environ["VEO_STUDIO_HOME"]) / "spring-campaign.csv"
    path.write_text(BATCH, encoding="utf-8")
    await program.window.wallet.model.set_budget(BudgetPeriod.DAY, "5")
    program.window.tools.batches.show_file(path)
    dialog = program.window.tools.batches.dialog
    assert dialog is not None
    read = asyncio.get_running_loop().create_future()
    model = dialog.model
    model.changed.connect(lambda: model.total.rows and (read.done() or read.set_result(None)))
    await asyncio.wait_for(read, _LIMIT_S)
    dialog.rows.go_to(3)


def batch_window(program: Program) -> QWidget:
    dialog = program.window.tools.batches.dialog
    assert dialog is not None
    return dialog


async def until(
    program: Program, is_so: Callable[[GenerationEvent], bool], *, count: int = 1
) -> None:
    """Wait for the `count`-th event that is so."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left = count

    def listen(event: GenerationEvent) -> None:
        nonlocal left
        if is_so(event):
            left -= 1
            if left == 0 and not done.done():
                done.set_result(None)

    assert program.studio is not None
    unsubscribe = program.studio.events.subscribe(listen)
    try:
        await asyncio.wait_for(done, _LIMIT_S)
    finally:
        unsubscribe()
