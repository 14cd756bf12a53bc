"""The Library tab: the grid with a clip beside it, filters as chips, several selected."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable

from veo_studio.app import Program
from veo_studio.core.library_query import LibraryQuery
from veo_studio.core.models import GenerationState

_LIMIT_S = 240.0


async def tab(program: Program) -> None:
    """One clip selected, in the player and the details."""
    await _open(program)
    view = program.window.library
    view.grid.setCurrentIndex(view.model.index(1, 0))
    await _until(lambda: program.window.player.picture() is not None)
    await _pictures(program)


async def filters(program: Program) -> None:
    """Finished ones with a rating, in a list."""
    await _open(program)
    view = program.window.library
    query = LibraryQuery(
        states=frozenset({GenerationState.COMPLETED}), least_rating=3, rejected=False
    )
    view.model.set_query(query)
    view.set_grid(False)
    await _until(lambda: not view.model.is_loading)
    await _pictures(program)


async def chosen(program: Program) -> None:
    """Four clips selected, with what they are together."""
    await _open(program)
    view = program.window.library
    ids = array("q", [view.model.id_at(row) for row in (1, 2, 4, 5)])
    view.grid.choose_ids(ids)
    await _pictures(program)


async def _open(program: Program) -> None:
    program.window.acts.tabs[3].trigger()
    view = program.window.library
    places = program.window.library_tools.control.places
    await _until(lambda: view.model.is_loaded and places.places.total > 0)


async def _pictures(program: Program) -> None:
    """Everything in sight has its thumbnail, and the details were read."""
    view = program.window.library
    model = view.model

    def is_there(row: int) -> bool:
        one = model.generation(model.index(row, 0))
        return one is not None and (not one.has_file or model.pixmap_of(one) is not None)

    await asyncio.sleep(1.0)  # laid out, and asked for
    await _until(lambda: all(is_there(row) for row in view.grid.rows_in_sight()))
    await asyncio.sleep(1.0)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
