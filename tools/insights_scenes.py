"""The Insights tab over a library of two years."""

from __future__ import annotations

import asyncio

from veo_studio.app import Program
from veo_studio.core.insights import Period
from veo_studio.ui.views.insights import InsightsView
from veo_studio.ui.window_pages import INSIGHTS

_LIMIT_S = 60.0


async def insights(program: Program) -> None:
    """The last 90 days, with the exact values of one day's money."""
    view = await _shown(program, Period.QUARTER)
    view.cards["money"].chart.read_out(60)  # type: ignore[union-attr]


async def models(program: Program) -> None:
    """Further down, over everything: models side by side, and one card as a table."""
    view = await _shown(program, Period.ALL)
    view.cards["models"].as_table.setChecked(True)
    await asyncio.sleep(0.2)
    bar = view.area.verticalScrollBar()
    assert bar is not None
    bar.setValue(bar.maximum())


async def _shown(program: Program, period: Period) -> InsightsView:
    program.window.beginning.end()
    program.window.pages.show(INSIGHTS)
    control = program.window.library_tools.insights
    control.model.choose_period(period)
    async with asyncio.timeout(_LIMIT_S):
        while True:
            view, model = control.view, control.model
            is_read = model.found is not None and not model.is_reading_due
            if view is not None and is_read and view.cards["money"].chart is not None:
                await asyncio.sleep(0.3)
                return view
            await asyncio.sleep(0.05)
