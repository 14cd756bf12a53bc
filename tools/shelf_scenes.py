"""The shelf with clips of the library, and clips whose files are gone or damaged."""

from __future__ import annotations

import asyncio

from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program
from veo_studio.core.models import Generation

_LIMIT_S = 60.0


async def shelf(program: Program) -> None:
    """Six clips, two of them chosen; the file of one is gone by now."""
    program.window.beginning.end()
    clips = await _finished(program, 6)
    gone = clips[-2].video_path
    assert gone is not None
    gone.rename(gone.with_name("moved away.mp4"))
    program.window.library_tools.shelf.add(clips)
    view = shelf_window(program)
    async with asyncio.timeout(_LIMIT_S):
        while view.model.rowCount() < len(clips):  # type: ignore[attr-defined] # noqa: ASYNC110
            await asyncio.sleep(0.05)
    view.list.setCurrentIndex(view.model.index(1, 0))  # type: ignore[attr-defined]
    model = view.model  # type: ignore[attr-defined]
    async with asyncio.timeout(_LIMIT_S):
        # thumbnails are made by a process of their own
        while not all(model.pixmap_of(one) or model.pictures.problem(one) for one in clips):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)


async def empty_shelf(program: Program) -> None:
    program.window.beginning.end()
    program.window.library_tools.shelf.set_shown(True)


def shelf_window(program: Program) -> QWidget:
    view = program.window.library_tools.shelf.view
    assert view is not None
    return view


async def missing(program: Program) -> None:
    """A library whose newest files were moved or damaged, and the menu of one of them."""
    program.window.beginning.end()
    for number, clip in enumerate(await _finished(program, 4)):
        assert clip.video_path is not None
        if number % 2:
            clip.video_path.write_bytes(b"no clip any more")
        else:
            clip.video_path.rename(clip.video_path.with_name(f"moved {number}.mp4"))
    history = program.window.history
    await asyncio.sleep(4.0)
    first = program.history.generation(program.history.index(0, 0))
    assert first is not None
    history.select(first.id)
    program.window.player.show_generation(first)
    await asyncio.sleep(1.0)


async def _finished(program: Program, count: int) -> list[Generation]:
    assert program.studio is not None
    page = await program.studio.generations.page(limit=80)
    return [one for one in page if one.has_file and one.video_path and one.video_path.is_file()][
        :count
    ]
