"""Following deliveries: one bar on a terminal, a line for each that changes elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from veo_studio.cli.delivery_words import line_of
from veo_studio.cli.opening import Seat
from veo_studio.cli.terminal import Output
from veo_studio.core.publishing.models import Delivery, DeliveryState

# so often the bar is drawn; also how often another program's work is looked at
_LOOK_AGAIN_S = 0.5


async def follow(seat: Seat, asked: Sequence[Delivery], output: Output) -> list[Delivery]:
    """Until each of them is over, or waits for longer than a try; says what becomes of each."""
    desk = seat.studio.publishing
    told: dict[int, DeliveryState] = {}
    progress = Progress(
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.description}", markup=False),
        console=output.errors,
        disable=not output.errors.is_terminal,
        transient=True,
    )

    async def show() -> None:
        bars = {one.id: progress.add_task(one.target_name, total=None) for one in asked}
        while True:
            for one in asked:
                done, size = desk.progress_of(one.id) or (0, None)
                with suppress(OSError):
                    progress.update(bars[one.id], completed=done, total=size)
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def until_over(one: Delivery) -> Delivery:
        ended = await desk.wait(one.id)
        if told.get(one.id) is not ended.state and not output.is_json:
            told[one.id] = ended.state
            output.say(line_of(ended))
        return ended

    with suppress(OSError):
        progress.start()
    showing = asyncio.create_task(show(), name="delivery bars")
    try:
        return list(await asyncio.gather(*(until_over(one) for one in asked)))
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
        with suppress(OSError):
            progress.stop()
