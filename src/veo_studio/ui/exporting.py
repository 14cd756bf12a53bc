"""Exports in the window: the dialog, the row that shows how far they are, and what became of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QStandardPaths
from PyQt6.QtWidgets import QDialog, QFileDialog, QMainWindow

from veo_studio.core.errors import StudioError
from veo_studio.core.models import Generation
from veo_studio.ui import error_text
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.player import PlayerView

if TYPE_CHECKING:
    from veo_studio.core.exporting.exporter import Exporter, ExportJob, ExportProgress, ExportResult
    from veo_studio.core.exporting.kept import ExportChoices
    from veo_studio.core.paths import Paths
    from veo_studio.ui.views.export import ExportDialog
    from veo_studio.ui.views.export_bar import ExportBar

_KEY = "export"


class Exporting(QObject):
    """One per window; `chosen` are the clips that are selected in sight."""

    def __init__(
        self,
        window: QMainWindow,
        telling: Telling,
        *,
        requests: ClipRequests,
        player: PlayerView,
        chosen: Callable[[], Sequence[Generation]],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._player = player
        self._chosen = chosen
        self._paths: Paths | None = None
        self._exporter: Exporter | None = None
        # dialogs and exports that use it now
        self._users = 0
        self._waiting = 0
        self._work: asyncio.Task[list[ExportResult]] | None = None
        self.dialog: ExportDialog | None = None
        self.bar: ExportBar | None = None
        requests.export_files_requested.connect(self.export)
        player.copy_that_plays_requested.connect(self.copy_that_plays)

    def open(self, paths: Paths) -> None:
        """The core is there; what a program that was killed left of its exports goes."""
        self._paths = paths
        self._telling.run(self._sweep(), "history")

    async def _sweep(self) -> None:
        assert self._paths is not None
        folder = self._paths.exports
        if not await asyncio.to_thread(folder.is_dir):
            return
        from veo_studio.core.exporting.parts import Parts

        await asyncio.to_thread(Parts(folder).sweep)

    # what the user asks for

    def export_chosen(self) -> None:
        """What is selected, or else what the player shows."""
        chosen = list(self._chosen())
        shown = self._player.generation
        if not any(one.has_file for one in chosen):
            chosen = [] if shown is None else [shown]
        if not chosen:
            self._telling.notices_of("history").show_notice(
                tr("Select a clip first, then export it."), level="info", key=_KEY
            )
            return
        self.export(chosen)

    def export(self, generations: Sequence[Generation]) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        self._telling.run(self._ask(list(generations)), "history")

    def copy_that_plays(self, generation: Generation) -> None:
        """H.264 and AAC beside the clip."""
        self._telling.run(self._copy_that_plays(generation), "history")

    def cancel(self) -> None:
        """End the export that runs; those that wait go on."""
        if self._work is not None:
            self._work.cancel()

    # the dialog

    async def _ask(self, generations: list[Generation]) -> None:
        # imported late: the window is up before anybody exports something
        from veo_studio.core.exporting import kept
        from veo_studio.ui.view_models.export_model import ExportModel
        from veo_studio.ui.views.export import ExportDialog

        paths = self._need()
        if self.dialog is not None:
            return
        exporter = self._take()
        try:
            choices = await asyncio.to_thread(kept.load, paths.exporting)
            folder = await asyncio.to_thread(_first_folder)
            in_s, out_s = self._range_for(generations)
            model = ExportModel(
                generations,
                choices,
                exporter,
                self._telling.scope.spawn,
                folder=folder,
                in_s=in_s,
                out_s=out_s,
            )
            dialog = self.dialog = ExportDialog(model, self._window)
            dialog.folder_requested.connect(self._on_folder_requested)
            dialog.save_requested.connect(self._on_save_requested)
            dialog.remove_requested.connect(self._on_remove_requested)
            model.load()
            try:
                is_agreed = await run_dialog(dialog) == QDialog.DialogCode.Accepted
            finally:
                model.close()
                self.dialog = None
            await exporter.rest()
            if is_agreed:
                await self._keep(paths, model.kept())
                await self._run(exporter, await model.jobs())
        finally:
            await self._give_back()

    def _range_for(self, generations: Sequence[Generation]) -> tuple[float | None, float | None]:
        """In and out of the player, where it shows the very clip that is exported."""
        shown = self._player.generation
        if len(generations) != 1 or shown is None or shown.id != generations[0].id:
            return None, None
        in_ms, out_ms = self._player.in_ms, self._player.out_ms
        return (
            None if in_ms is None else in_ms / 1000,
            None if out_ms is None else out_ms / 1000,
        )

    def _on_folder_requested(self) -> None:
        if self.dialog is not None:
            self._telling.run(self._choose_folder(self.dialog), "history")

    async def _choose_folder(self, dialog: ExportDialog) -> None:
        chooser = QFileDialog(dialog, tr("Export into"), str(dialog.model.folder))
        chooser.setFileMode(QFileDialog.FileMode.Directory)
        chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        if await run_dialog(chooser) == QDialog.DialogCode.Accepted:
            dialog.model.set_folder(Path(chooser.selectedFiles()[0]))

    def _on_save_requested(self) -> None:
        if self.dialog is not None:
            self._telling.run(self._save(self.dialog), "history")

    async def _save(self, dialog: ExportDialog) -> None:
        from veo_studio.ui.views.export import PresetName

        model = dialog.model
        own = tuple(preset.name for preset in model.choices.own)
        asking = PresetName(model.preset.name if model.is_own else "", own, dialog)
        if await run_dialog(asking) != QDialog.DialogCode.Accepted:
            return
        model.save_own(asking.name)
        await self._keep(self._need(), model.choices)

    def _on_remove_requested(self) -> None:
        if self.dialog is not None:
            model = self.dialog.model
            model.remove_own()
            self._telling.run(self._keep(self._need(), model.choices), "history")

    async def _keep(self, paths: Paths, choices: ExportChoices) -> None:
        from veo_studio.core.exporting import kept

        await asyncio.to_thread(kept.save, paths.exporting, choices)

    # the work

    async def _copy_that_plays(self, generation: Generation) -> None:
        from veo_studio.core.exporting.jobs import copy_that_plays

        self._need()
        exporter = self._take()
        try:
            await self._run(exporter, [copy_that_plays(generation)])
        finally:
            await self._give_back()

    async def _run(self, exporter: Exporter, jobs: Sequence[ExportJob]) -> None:
        bar = self._made_bar()
        self._waiting += 1
        done: list[ExportResult] = []

        def on_progress(progress: ExportProgress) -> None:
            # the first word of this one: those before it are through
            if progress.fraction == 0.0 and progress.index == 0:
                self._work = work
                bar.begin(self._waiting - 1)
            job = jobs[progress.index]
            bar.show_progress(progress, f"{job.stem}{job.suffix}")

        work = asyncio.get_running_loop().create_task(
            exporter.run(jobs, on_progress, done.append), name="export"
        )
        is_cancelled = False
        try:
            if self._waiting == 1:
                self._work = work
                bar.begin(0)
            await asyncio.shield(work)
        except asyncio.CancelledError:
            is_cancelled = True
            if not work.done():
                # the window is closing: nothing is left behind
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await work
                raise
        finally:
            self._waiting -= 1
            if self._work is work:
                self._work = None
            if not self._waiting:
                bar.hide()
        self._tell(done, len(jobs), is_cancelled=is_cancelled)

    def _tell(self, done: Sequence[ExportResult], count: int, *, is_cancelled: bool) -> None:
        made = [result for result in done if result.path is not None]
        failed = [result for result in done if result.error is not None]
        sentences = []
        if made and len(made) == count == 1:
            assert made[0].path is not None
            sentences.append(tr("{name} is exported.", name=made[0].path.name))
        elif made and len(made) == count:
            sentences.append(tr_n("{n} file is exported.", "{n} files are exported.", len(made)))
        elif made or not is_cancelled:
            words = tr("{done} of {count} files are exported.", done=len(made), count=count)
            sentences += [words] if count > 1 else []
        if is_cancelled:
            sentences.append(tr("The export was cancelled; nothing unfinished is left."))
        if failed:
            sentences.append(_reasons(failed))
        notes = sorted({note for result in made if result.made for note in result.made.notes})
        sentences += notes
        bar = self._telling.notices_of("history")
        bar.dismiss(_KEY)
        first = made[0].path if made else None
        bar.show_notice(
            " ".join(sentences),
            level="warn"
            if failed and made
            else "bad"
            if failed
            else "info"
            if is_cancelled
            else "ok",
            key=_KEY,
            action_text=tr("Show in folder") if first is not None else None,
            on_action=None if first is None else (lambda: self._reveal(first)),
            timeout_ms=0 if failed else 15_000,
        )

    def _reveal(self, path: Path) -> None:
        from veo_studio.ui.file_manager import show_in_file_manager

        show_in_file_manager(path)

    # its tools

    def _need(self) -> Paths:
        if self._paths is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._paths

    def _take(self) -> Exporter:
        """The one exporter, whose processes live only while somebody uses it."""
        from veo_studio.core.exporting.exporter import Exporter

        if self._exporter is None:
            self._exporter = Exporter(self._need().exports)
        self._users += 1
        return self._exporter

    async def _give_back(self) -> None:
        self._users -= 1
        if not self._users and self._exporter is not None:
            exporter, self._exporter = self._exporter, None
            await exporter.close()

    def _made_bar(self) -> ExportBar:
        if self.bar is None:
            from veo_studio.ui.views.export_bar import ExportBar

            self.bar = ExportBar(self._window)
            layout = self._window.centralWidget().layout()
            assert layout is not None
            layout.addWidget(self.bar)
            self.bar.cancel_requested.connect(self.cancel)
        return self.bar


def _reasons(failed: Sequence[ExportResult]) -> str:
    """The first reason, and how many more there are."""
    error = failed[0].error
    words = (
        error_text.describe(error).whole
        if isinstance(error, StudioError)
        else error_text.quoted(str(error))
    )
    if len(failed) > 1:
        words += " " + tr_n("One more failed.", "{n} more failed.", len(failed) - 1)
    return words


def _first_folder() -> Path:
    """Where files go while nothing was chosen: one that is there, as on a fresh account."""
    location = QStandardPaths.StandardLocation
    for place in (location.MoviesLocation, location.DocumentsLocation):
        path = QStandardPaths.writableLocation(place)
        if path and Path(path).is_dir():
            return Path(path)
    return Path.home()
