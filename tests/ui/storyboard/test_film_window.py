"""A rehearsed storyboard becomes a film in the real window: seen, cut, handed to an editor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QFileDialog

from tests.handoff.reading import clips_of, read_back, tracks
from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.handoff.kinds import Kind
from veo_studio.core.paths import Paths
from veo_studio.core.storyboard import edits
from veo_studio.ui.filming import Filming
from veo_studio.ui.storyboard_runs import StoryboardRuns
from veo_studio.ui.storyboarding import Storyboarding
from veo_studio.ui.views.film import FilmPage
from veo_studio.ui.views.storyboard import StoryboardView
from veo_studio.ui.views.storyboard_bar import FILM
from veo_studio.ui.window_pages import STORYBOARD

_PATIENCE_S = 120.0


async def soon(is_so: object) -> None:
    """Until `is_so` says yes: not everything that is seen sends a signal."""
    timer = QTimer()
    timer.start(20)
    try:
        await becomes(is_so, timer.timeout, timeout_s=_PATIENCE_S)  # type: ignore[arg-type]
    finally:
        timer.stop()


@pytest.fixture
async def driver(
    qapp: QApplication, paths: Paths, clips_are_copied: None, no_task_left: None
) -> AsyncIterator[Driver]:
    async with running(paths) as made:
        yield made


async def rehearsed(driver: Driver) -> StoryboardView:
    """Two short scenes, rehearsed with the bar's own button."""
    storyboarding: Storyboarding = driver.window.storyboarding
    view = driver.window.pages.page(STORYBOARD)
    assert isinstance(view, StoryboardView)
    driver.window.pages.show(STORYBOARD)
    assert storyboarding.keeping is not None
    await storyboarding.keeping.create("The harbour")
    document = storyboarding.document
    board = document.board
    assert board is not None
    board = edits.change_scenario(board, resolution="640:360", has_sound=False)
    scenes = [edits.new_scene(visual_prompt=f"A boat, {n}", duration_s=2) for n in (1, 2)]
    document.edit("Two scenes", edits.add_scenes(board, scenes))
    runs = storyboarding.findChild(StoryboardRuns)
    assert runs is not None
    assert runs.bar is not None
    await soon(runs.bar.rehearse.isEnabled)
    driver.click(runs.bar.rehearse)
    await soon(lambda: document.view is not None and document.view.is_rehearsed)
    return view


async def chosen(path: Path, opening: Opening) -> None:
    chooser = await asyncio.wait_for(opening.shown, _PATIENCE_S)
    assert isinstance(chooser, QFileDialog)
    # Qt's own check of what was typed may ask with a loop of its own
    chooser.selectedFiles = lambda: [str(path)]  # type: ignore[method-assign]
    chooser.done(QFileDialog.DialogCode.Accepted)


async def test_a_rehearsed_storyboard_is_seen_cut_and_handed_off(
    driver: Driver, tmp_path: Path
) -> None:
    view = await rehearsed(driver)
    view.show_part(FILM)
    filming = driver.window.storyboarding.filming
    assert isinstance(filming, Filming)
    page = filming.page
    assert isinstance(page, FilmPage)
    assert page.note.text() == "2 scenes are shown by their rehearsals."
    await soon(lambda: page.sequence is not None and bool(page.sequence.pictures()))
    first = page.model.items[0]
    page.model.trim(first.uuid, 0.5, first.out_s)

    opening = Opening(QFileDialog)
    driver.click(page.hand_off)
    handed = tmp_path / "harbour.fcpxml"
    await chosen(handed, opening)
    await soon(lambda: "is written" in " ".join(view.notices.texts))
    pictures = tracks(read_back(handed, Kind.FCPXML), "Video")[-1]
    found = clips_of(pictures)
    assert [one.path for one in found] == [one.path for one in page.model.items]
    assert [one.start / one.rate for one in found] == [0.5, 0.0]
