"""Exports of a film in the window: the dialog, what its choices come to, progress, and what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QStandardPaths
from PyQt6.QtWidgets import QDialog, QFileDialog, QWidget

from veo_studio.core.errors import StudioError
from veo_studio.ui import error_text
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.notices import Level
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.core.film.maker import FilmMaker
    from veo_studio.core.film.models import Film, FilmFormat, FilmMade, PlacedClip
    from veo_studio.ui.views.export_bar import ExportBar
    from veo_studio.ui.views.film_export import FilmExportDialog

_PANE = "storyboard"
# an estimate of so little time says nothing
_ESTIMATE_AFTER_S = 1.0

# words, level, and the file that they are about
Tell = Callable[[str, Level, Path | None], object]


class FilmExport:
    """One per window; `tell` says what became of an export, `before` is called as one begins."""

    def __init__(
        self, window: QWidget, telling: Telling, *, tell: Tell, before: Callable[[], object]
    ) -> None:
        self._window = window
        self._telling = telling
        self._tell = tell
        self._before = before
        self._notes: Path | None = None
        self._maker: FilmMaker | None = None
        # dialogs and exports that use it now
        self._users = 0
        self._work: asyncio.Task[FilmMade] | None = None
        self.dialog: FilmExportDialog | None = None

    def open(self, notes: Path) -> None:
        """`notes` is the folder where unfinished parts are noted."""
        self._notes = notes

    @property
    def is_working(self) -> bool:
        return self._work is not None

    def cancel(self) -> None:
        """End the export that runs."""
        if self._work is not None:
            self._work.cancel()

    async def run(
        self,
        film: Film,
        problems: tuple[str, ...],
        first: FilmFormat,
        bar: ExportBar,
        on_chosen: Callable[[FilmFormat], object],
    ) -> None:
        """Ask how, then make it; `problems` are said with the plan, `on_chosen` hears what is agreed to.

        Raises StudioError, ValueError.
        """
        # imported late: the window is up before anybody exports a film
        from veo_studio.ui.views.film_export import FilmExportDialog

        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        if self._work is not None:
            raise ValueError(tr("A film is being exported; wait for it, or cancel it."))
        maker = self._take()
        try:
            folder = await asyncio.to_thread(_first_folder)
            dialog = self.dialog = FilmExportDialog(
                file_name(film.title), folder, first, self._window
            )
            planning = _Planning(self._telling, dialog, maker, film, problems)
            dialog.changed.connect(planning.begin)
            dialog.folder_requested.connect(
                lambda: self._telling.run(self._choose_folder(dialog), _PANE)
            )
            planning.begin()
            try:
                is_agreed = await run_dialog(dialog) == QDialog.DialogCode.Accepted
            finally:
                planning.end()
                self.dialog = None
            form, target = dialog.form, dialog.target
            await maker.rest()
            if is_agreed:
                on_chosen(form)
                await self._make(maker, film, target, form, bar)
        finally:
            await self._give_back()

    async def _choose_folder(self, dialog: FilmExportDialog) -> None:
        chooser = QFileDialog(dialog, tr("Export into"), str(dialog.folder))
        chooser.setFileMode(QFileDialog.FileMode.Directory)
        chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        if await run_dialog(chooser) == QDialog.DialogCode.Accepted:
            dialog.set_folder(Path(chooser.selectedFiles()[0]))

    async def _make(
        self, maker: FilmMaker, film: Film, target: Path, form: FilmFormat, bar: ExportBar
    ) -> None:
        self._before()
        follow = _Following(bar, target.name)
        work = asyncio.get_running_loop().create_task(
            maker.make(film, target, form, follow.tell), name="film"
        )
        self._work = work
        bar.begin(0)
        try:
            made = await asyncio.shield(work)
        except asyncio.CancelledError:
            if not work.done():
                # the window is closing: nothing is left behind
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError, StudioError, ValueError):
                    await work
                raise
            self._tell(tr("The export was cancelled; nothing of it is left."), "info", None)
            return
        finally:
            self._work = None
            bar.hide()
        notes = " ".join([tr("{name} is exported.", name=made.path.name), *made.notes])
        self._tell(notes, "ok", made.path)

    async def placed(self, film: Film) -> tuple[PlacedClip, ...]:
        """Where the clips stand in the film, as it is made. Raises StudioError, ValueError."""
        maker = self._take()
        try:
            plan = await maker.plan(film)
            await maker.rest()
            return plan.clips
        finally:
            await self._give_back()

    def _take(self) -> FilmMaker:
        """The one maker, whose processes live only while somebody uses it."""
        from veo_studio.core.film.maker import FilmMaker

        if self._notes is None:
            raise ValueError(tr("Your library is still being opened."))
        if self._maker is None:
            self._maker = FilmMaker(self._notes)
        self._users += 1
        return self._maker

    async def _give_back(self) -> None:
        self._users -= 1
        if not self._users and self._maker is not None:
            maker, self._maker = self._maker, None
            await maker.close()


class _Planning:
    """Tells a dialog what comes of its choices; the newest ones count."""

    def __init__(
        self,
        telling: Telling,
        dialog: FilmExportDialog,
        maker: FilmMaker,
        film: Film,
        problems: tuple[str, ...],
    ) -> None:
        self._telling = telling
        self._dialog: FilmExportDialog | None = dialog
        self._maker, self._film, self._problems = maker, film, problems
        self._number = 0
        self._has_locks = False

    def begin(self) -> None:
        self._number += 1
        self._telling.run(self._plan(self._number), _PANE)

    def end(self) -> None:
        """The dialog is gone."""
        self._dialog = None

    async def _plan(self, number: int) -> None:
        dialog = self._dialog
        if dialog is None:
            return
        try:
            plan = await self._maker.plan(self._film, dialog.form)
        except (StudioError, ValueError) as error:
            if self._dialog is not None and number == self._number:
                self._dialog.show_refusal(_said(error))
            return
        if self._dialog is not None and number == self._number:
            self._dialog.show_plan(replace(plan, notes=(*self._problems, *plan.notes)))
        await self._tell_locks()

    async def _tell_locks(self) -> None:
        from veo_studio.core.film.models import SUFFIXES

        if self._has_locks:
            return
        self._has_locks = True
        for form in SUFFIXES:
            if self._dialog is None:
                return
            reason = await self._maker.locked(form)
            if self._dialog is not None:
                self._dialog.show_locked(form, reason)


class _Following:
    """The words of a bar, from fractions."""

    def __init__(self, bar: ExportBar, name: str) -> None:
        self._bar, self._name = bar, name
        self._since = time.monotonic()

    def tell(self, fraction: float) -> None:
        from veo_studio.core.exporting.exporter import ExportProgress

        took_s = time.monotonic() - self._since
        is_telling = took_s > _ESTIMATE_AFTER_S and fraction > 0.02
        remaining_s = took_s * (1 - fraction) / fraction if is_telling else None
        self._bar.show_progress(ExportProgress(0, 1, fraction, remaining_s=remaining_s), self._name)


def _said(error: Exception) -> str:
    if isinstance(error, StudioError):
        return error_text.describe(error).whole
    return error_text.quoted(str(error))


def file_name(title: str) -> str:
    """A name that every file system takes."""
    clean = "".join(
        " " if char in '/\\:*?"<>|' or ord(char) < 32 else char for char in title
    )  # fmt: skip
    return " ".join(clean.split()).strip(". ")[:80] or "film"


def _first_folder() -> Path:
    """Where films go while nothing was chosen."""
    location = QStandardPaths.StandardLocation
    for place in (location.MoviesLocation, location.DocumentsLocation):
        path = QStandardPaths.writableLocation(place)
        if path and Path(path).is_dir():
            return Path(path)
    return Path.home()
