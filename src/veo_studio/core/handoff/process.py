"""Hand-offs are written in a process of their own: it opens every clip, and may be stopped at any moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

from veo_studio.core.errors import DownloadError
from veo_studio.core.exporting.bench import over
from veo_studio.core.exporting.worker import ExportWorker, WorkerEnded
from veo_studio.core.film.models import Film
from veo_studio.core.handoff.kinds import Drafted, Kind, Written
from veo_studio.core.handoff.writing import check_place, place


async def hand_off(film: Film, path: Path, kind: Kind | None = None) -> Written:
    """Write `path` over what is there, in the form of its ending where `kind` says no other.

    Cancelling the task leaves the old file, or none. Raises ValueError with a sentence, StudioError.
    """
    form = Kind.of(path) if kind is None else kind
    await asyncio.to_thread(check_place, path)
    drafted = await _draft(film, form)
    return await asyncio.to_thread(place, drafted, path)


async def _draft(film: Film, kind: Kind) -> Drafted:
    worker = await _started()
    work = asyncio.ensure_future(asyncio.to_thread(worker.hand_off, film, kind))
    try:
        return await asyncio.shield(work)
    except WorkerEnded as error:
        raise DownloadError(
            "A clip of the film could not be read: the part of the program that reads it ended."
        ) from error
    finally:
        worker.kill()
        # a thread waits at the pipe until the process is gone
        await over(work)
        await _close(worker)


async def _started() -> ExportWorker:
    """Whoever cancels while it starts waits until it is there, and gone again."""
    starting = asyncio.ensure_future(asyncio.to_thread(ExportWorker))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await over(starting)
        if not starting.cancelled() and starting.exception() is None:
            await _close(starting.result())
        raise


async def _close(worker: ExportWorker) -> None:
    closing = asyncio.ensure_future(asyncio.to_thread(worker.close))
    await over(closing)
