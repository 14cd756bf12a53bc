"""A story of ten scenes and the tab that makes it, for tests and for a window of its own that is killed.

As a program it opens the window, makes the ten scenes out of the text, asks for everything, approves the
pictures, and stays until somebody ends it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QApplication, QFileDialog

from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.paths import Paths
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import Cut, RunState, SceneCut
from veo_studio.ui.event_loop import EventLoop
from veo_studio.ui.filming import Filming
from veo_studio.ui.storyboard_runs import StoryboardRuns
from veo_studio.ui.views.confirm_run import ConfirmRunDialog
from veo_studio.ui.views.film_export import FilmExportDialog
from veo_studio.ui.views.storyboard import StoryboardView
from veo_studio.ui.views.storyboard_bar import FILM
from veo_studio.ui.window_pages import STORYBOARD

COUNT = 10
DURATION_S = 2
TITLE = "Under ten bridges"
_BRIDGES = ("stone", "iron", "wooden", "broken", "painted", "narrow", "old", "white", "low", "last")
TEXT = "\n\n".join(f"A paper boat drifts under the {name} bridge." for name in _BRIDGES)
# processes start and clips are made on machines that have other work, too
PATIENCE_S = 120.0


class Story:
    """The tab, as its user has it."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        storyboarding = driver.window.storyboarding
        view = driver.window.pages.page(STORYBOARD)
        assert isinstance(view, StoryboardView)
        self.view = view
        driver.window.pages.show(STORYBOARD)
        self.document = storyboarding.document
        runs, filming = storyboarding.findChild(StoryboardRuns), storyboarding.filming
        assert runs is not None
        assert isinstance(filming, Filming)
        self.runs, self.filming = runs, filming
        assert storyboarding.keeping is not None
        self._keeping = storyboarding.keeping

    async def until(self, is_so: Callable[[], bool]) -> None:
        model = self.runs.model
        assert model is not None
        await becomes(is_so, model.changed, timeout_s=PATIENCE_S)

    def _has_run(self) -> bool:
        view = self.document.view
        return view is not None and view.run is not None

    def is_at(self, state: RunState) -> bool:
        view = self.document.view
        return view is not None and view.run is not None and view.run.state is state

    async def begin(self, resolution: str, *, fades: bool = False) -> None:
        """A storyboard of ten scenes out of the text, by the dialog; its third scene may fade in."""
        await self._keeping.create(TITLE)
        importing = self.runs.importing
        assert importing is not None
        importing.show()
        dialog = importing.dialog
        assert dialog is not None
        dialog.show_text(TEXT)
        dialog.split.click()
        await becomes(lambda: dialog.model.drafts.rowCount() == COUNT, dialog.model.changed)
        dialog.take.click()
        board = self.document.board
        assert board is not None
        assert len(board.scenes) == COUNT
        board = edits.change_scenario(board, resolution=resolution, has_sound=False)
        board = edits.change_scenes(board, [s.uuid for s in board.scenes], duration_s=DURATION_S)
        if fades:
            fade = SceneCut(cut=Cut.CROSS_FADE, fade_s=0.5, title="Iron and stone")
            board = edits.change_scene(board, board.scenes[2].uuid, cut=fade)
        self.document.edit("Set up", board)

    async def make(self) -> None:
        """Ask for everything, and approve the pictures when they are there."""
        model, bar = self.runs.model, self.runs.bar
        assert model is not None
        assert bar is not None
        await self.until(lambda: model.price is not None and not model.is_stale)
        await self.until(bar.make.isEnabled)
        asking = Opening(ConfirmRunDialog)
        self._driver.click(bar.make)
        # what costs so much is asked about, what is free begins
        await self.until(lambda: asking.shown.done() or self._has_run())
        if asking.shown.done():
            dialog = asking.shown.result()
            assert isinstance(dialog, ConfirmRunDialog)
            dialog.accept()
        await self.until(lambda: self.is_at(RunState.APPROVAL))
        await self.until(bar.approve.isEnabled)
        self._driver.click(bar.approve)

    async def export(self, folder: Path) -> None:
        """The film as H.264 and as FCPXML, from the film page."""
        self.view.show_part(FILM)
        page = self.filming.page
        assert page is not None
        await becomes(page.export.isEnabled, timeout_s=PATIENCE_S)
        opening = Opening(FilmExportDialog)
        self._driver.click(page.export)
        dialog = await asyncio.wait_for(opening.shown, PATIENCE_S)
        assert isinstance(dialog, FilmExportDialog)
        dialog.set_folder(folder)
        await becomes(dialog.yes.isEnabled, timeout_s=PATIENCE_S)
        target = dialog.target
        dialog.accept()
        await becomes(target.is_file, timeout_s=PATIENCE_S)
        await becomes(lambda: self.filming.exporting.dialog is None and page.bar.isHidden())
        choosing = Opening(QFileDialog)
        page.hand_off.click()
        chooser = await asyncio.wait_for(choosing.shown, PATIENCE_S)
        assert isinstance(chooser, QFileDialog)
        path = folder / f"{TITLE}.fcpxml"
        # Qt's own check of what was typed may ask with a loop of its own
        chooser.selectedFiles = lambda: [str(path)]  # type: ignore[method-assign]
        chooser.done(QFileDialog.DialogCode.Accepted)
        await becomes(path.is_file, timeout_s=PATIENCE_S)


async def _live(resolution: str) -> None:
    async with running(Paths.default()) as driver:
        story = Story(driver)
        await story.begin(resolution, fades=True)
        await story.make()
        await asyncio.Event().wait()


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: EventLoop(app)) as runner:
        runner.run(_live(sys.argv[1]))
