"""Films made in the export worker: plans, progress, cancelling, and the name at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from veo_studio.core.film.models import Film, FilmFormat, FilmMade, FilmPlan


class FilmMaker:
    """Made once per program; `notes` is the folder where unfinished parts are noted (that of exports)."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    async def plan(self, film: Film, form: FilmFormat | None = None) -> FilmPlan:
        """How it would be made, without writing, also while another one is being made.

        Raises ValueError with a sentence for what makes no sense, StudioError for a clip or soundtrack
        that is gone or cannot be read, with the clip's name.
        """
        raise NotImplementedError

    async def make(
        self,
        film: Film,
        target: Path,
        form: FilmFormat,
        on_progress: Callable[[float], None] = lambda _fraction: None,
    ) -> FilmMade:
        """Write `target`, or with _2, _3 ... where there is such a file: its path is in what comes back.

        `on_progress` gets 0.0-1.0. Cancelling the task leaves nothing. Raises what `plan` raises, DiskFull
        and StorageError.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """End what runs, for good; nothing of it is left."""
