"""What is done for the pictures of exporting and free space; see `screenshots.py`, which lists the scenes."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace

from picture_scenes import pictures
from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program
from veo_studio.core.exporting.presets import Inside, Size
from veo_studio.core.models import Generation
from veo_studio.core.recipe_files import write_beside
from veo_studio.ui.view_models.export_model import ExportModel

_LIMIT_S = 30.0


async def export(program: Program) -> None:
    """One clip that is cut between the points of the player, as H.264."""
    await _with_clip(program)
    dialog = await _asked(program, _clips(program)[:1])
    model = dialog.model
    assert program.studio is not None
    folder = program.studio.paths.outputs.parent / "Spring campaign"
    folder.mkdir(exist_ok=True)
    model.set_folder(folder)
    model.choose(replace(model.choices.presets[1], size=Size.P1080, inside=Inside.RECIPE))
    model.set_template("{number}_{prompt}_{model}_{seed}")
    model.set_cut(True, 0.5, 1.75)
    await _named(program)


async def many(program: Program) -> None:
    """Several clips and pictures, as they are."""
    await _with_clip(program)
    await _asked(program, _clips(program))
    await _named(program)


async def running(program: Program) -> None:
    """A slow conversion in the middle of it."""
    await _with_clip(program)
    exporting = program.window.library_tools.exporting
    from veo_studio.core.exporting.exporter import ExportProgress

    bar = exporting._made_bar()
    bar.begin(0)
    bar.show_progress(ExportProgress(1, 4, 0.62, 3.1, 18.0), "02_A_paper_boat_drifts_down.mp4")


async def space(program: Program) -> None:
    """Missing files, files without a row, and the largest clips."""
    await _with_clip(program)
    assert program.studio is not None
    outputs = program.studio.paths.outputs
    old = time.time() - 86_400
    for number, words in enumerate(("A_red_kite_over_the", "Two_foxes_play_in"), 1):
        path = outputs / f"2025010{number}_143025_{words}.mp4"
        path.write_bytes(bytes(2_400_000 * number))
        facts = {"video_path": path, "size_bytes": 2_400_000 * number}
        recipe = write_beside(replace(_clips(program)[0], **facts))
        for one in (path, recipe):
            os.utime(one, (old, old))
    freeing = program.window.library_tools.freeing
    freeing.show()
    assert freeing.dialog is not None
    looked = asyncio.get_running_loop().create_future()
    model = freeing.dialog.model
    model.changed.connect(lambda: model.is_looking or looked.done() or looked.set_result(None))
    await asyncio.wait_for(looked, _LIMIT_S)
    page = freeing.dialog.largest if not model.strays.rows else freeing.dialog.strays
    freeing.dialog.tabs.setCurrentWidget(page)
    page.rows.selectAll()


def export_dialog(program: Program) -> QWidget:
    dialog = program.window.library_tools.exporting.dialog
    assert dialog is not None
    return dialog


def space_dialog(program: Program) -> QWidget:
    dialog = program.window.library_tools.freeing.dialog
    assert dialog is not None
    return dialog


async def _with_clip(program: Program) -> None:
    await pictures(program)


def _clips(program: Program) -> list[Generation]:
    model = program.history
    found = [model.generation(model.index(row, 0)) for row in range(model.rowCount())]
    clips = [one for one in found if one is not None and one.has_file]
    return sorted(clips, key=lambda one: one.is_picture)


async def _asked(program: Program, clips: list[Generation]):  # type: ignore[no-untyped-def]
    exporting = program.window.library_tools.exporting
    exporting.export(clips)
    async with asyncio.timeout(_LIMIT_S):
        while exporting.dialog is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return exporting.dialog


async def _named(program: Program) -> None:
    model = export_model(program)

    def is_shown() -> bool:
        is_one = len(model.generations) == 1
        return bool(model.names) and (not is_one or model.facts is not None)

    async with asyncio.timeout(_LIMIT_S):
        while not is_shown():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(1.0)


def export_model(program: Program) -> ExportModel:
    dialog = program.window.library_tools.exporting.dialog
    assert dialog is not None
    return dialog.model
