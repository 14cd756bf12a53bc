"""Following deliveries: one bar on a terminal, a line for each that changes elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from veo_studio.cli.delivery_words import line_of
from veo_studio.cli.opening import Seat
from veo_studio.cli.terminal import Output
from veo_studio.core.plain import masked
from veo_studio.core.publishing.models import Delivery, DeliveryState, PublishingEvent

# so often the bar is drawn; also how often another program's work is looked at
_LOOK_AGAIN_S = 0.5


class Waits:
    """Says once per try that it is made again, and when."""

    def __init__(self, ids: Collection[int], output: Output) -> None:
        self._ids = ids
        self._output = output
        self._told: set[tuple[int, datetime]] = set()

    def on_event(self, event: PublishingEvent) -> None:
        one = event.delivery
        if one is None or one.id not in self._ids or self._output.is_json:
            return
        at = one.next_attempt_at
        if one.state is not DeliveryState.WAITING or not one.reason or at is None:
            return
        if (one.id, at) in self._told:
            return
        self._told.add((one.id, at))
        wait_s = round((at - one.updated_at).total_seconds())
        reason = masked(one.reason).rstrip(".")
        self._output.say(f"{one.target_name}: {reason}; again in {max(wait_s, 0)} s.")


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

    waits = Waits({one.id for one in asked}, output)
    unsubscribe = desk.subscribe(waits.on_event)
    with suppress(OSError):
        progress.start()
    showing = asyncio.create_task(show(), name="delivery bars")
    try:
        return list(await asyncio.gather(*(until_over(one) for one in asked)))
    finally:
        unsubscribe()
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
        with suppress(OSError):
            progress.stop()


async def take_away(seat: Seat, output: Output, clips: Collection[int] | None = None) -> None:
    """Until unpublished clips, these or all, have left the places that show what is published."""
    left = await seat.studio.publishing.taken_away(clips)
    for clip, place in dict.fromkeys((one.generation_id, one.target_name) for one in left):
        output.say(
            f"Clip {clip} could not be taken away at {place} yet. The next window tries it again, "
            "and so does `veo-studio deliveries run`."
        )
