"""The Drafts tab: all states at once, some selected, one that is planned; and the form after Generate."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from veo_studio.app import Program
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.drafts import DraftState
from veo_studio.core.publishing.models import PublishWish

_LIMIT_S = 240.0


async def tab(program: Program) -> None:
    """Some are being made; one of the others is planned, and one shown beside them."""
    await _order(program)
    page = await _open(program)
    ready = [one for one in _rows(program) if one.has_file]
    assert program.studio is not None
    noon = datetime.now().astimezone().replace(hour=18, minute=0, second=0, microsecond=0)
    due = (noon + timedelta(days=3)).astimezone(UTC)
    await program.studio.publishing.publish([PublishWish(ready[1].id, at=due)])
    await _until(lambda: page.drafts.planned_at(ready[1].id) is not None)
    page.select(ready[0].id)
    await _until(lambda: program.window.player.picture() is not None)
    await _pictures(program)


async def chosen(program: Program) -> None:
    """Several are selected."""
    page = await _open(program)
    ids = array("q", [one.id for one in _rows(program)[1:6]])
    page.grid.choose_ids(ids)
    await _pictures(program)


async def failed(program: Program) -> None:
    """Only what failed."""
    page = await _open(program)
    page.drafts.show_states(frozenset({DraftState.FAILED, DraftState.ATTENTION}))
    page.bar.show_states(page.drafts.states)
    await _until(lambda: not page.model.is_loading and page.model.rowCount() > 0)
    await _pictures(program)


async def empty(program: Program) -> None:
    """Nothing was made yet."""
    program.window.beginning.end()
    await _open(program)


async def being_made(program: Program) -> None:
    """The form after Generate."""
    program.window.beginning.end()
    await _order(program)
    view = program.window.drafts.status.view
    await _until(lambda: view.isVisible() and view.ring.fraction > 0)


async def _order(program: Program) -> None:
    assert program.studio is not None
    program.form.set_kind(GenerationKind.VIDEO)
    program.form.set_prompt("A harbour wakes up under low fog, many small lights on the water")
    program.form.set_takes(3)
    await program.form.submit()


async def _open(program: Program):  # type: ignore[no-untyped-def]
    program.window.acts.tabs[4].trigger()
    page = program.window.drafts.page
    await _until(lambda: page.drafts.is_counted and page.model.is_loaded)
    await _until(lambda: not page.model.is_loading)
    return page


def _rows(program: Program):  # type: ignore[no-untyped-def]
    model = program.window.drafts.page.model
    found = (model.generation(model.index(row, 0)) for row in range(min(40, model.rowCount())))
    return [one for one in found if one is not None]


async def _pictures(program: Program) -> None:
    """As many cards in sight as in the largest picture, each with its poster."""
    program.window.resize(1920, 1080)
    await asyncio.sleep(1.0)
    page = program.window.drafts.page
    model = page.model

    def is_there(row: int) -> bool:
        one = model.generation(model.index(row, 0))
        return one is not None and (not one.has_file or model.pixmap_of(one) is not None)

    await _until(lambda: all(is_there(row) for row in page.grid.rows_in_sight()))


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
