"""A film leaves the window: exported with progress and cancel, handed to editors, with subtitles in and out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import pytest
from PyQt6.QtCore import QStandardPaths, QTimer
from PyQt6.QtWidgets import QApplication, QFileDialog, QWidget

from tests.handoff.reading import clips_of, read_back, tracks
from tests.ui.parts.timed_clips import timed_clip
from tests.ui.storyboard.films import opened
from tests.ui.waiting import Opening, becomes
from veo_studio.core.exporting.presets import Form
from veo_studio.core.film.srt import read_srt
from veo_studio.core.handoff.kinds import Kind
from veo_studio.core.storyboard.models import Cut
from veo_studio.ui.dialogs import Question
from veo_studio.ui.filming import Filming
from veo_studio.ui.telling import Telling
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.clip_pictures import ClipPictures
from veo_studio.ui.view_models.scene_rows import SceneRows
from veo_studio.ui.views.film_export import FilmExportDialog
from veo_studio.ui.views.storyboard import StoryboardView
from veo_studio.ui.views.storyboard_bar import FILM, SCENES

# processes start on machines that have other work, too
_PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("film")
    return [timed_clip(folder / f"{name}.mp4") for name in ("a", "b", "c")]


@dataclass
class Page:
    """The storyboard page with its film in sight."""

    view: StoryboardView
    telling: Telling
    filming: Filming
    folder: Path

    @property
    def film(self) -> Any:
        assert self.filming.page is not None
        return self.filming.page

    def told(self) -> str:
        notice = self.view.notices.notice("film")
        return "" if notice is None else notice.text

    def all_told(self) -> str:
        return " ".join(notice.text for notice in self.view.notices.notices)


Opened = Callable[[list[Path]], Awaitable[Page]]


@pytest.fixture
async def open_page(
    qapp: QApplication, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Opened]:
    folder = tmp_path / "out"
    folder.mkdir()
    # where people keep their films
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _place: str(folder))
    made: list[Page] = []

    async def make(takes: list[Path]) -> Page:
        document = opened(takes)
        window = QWidget()
        telling = Telling(window, [])
        pictures = ClipPictures(None, telling.scope.spawn)
        rows = SceneRows(document, pictures)
        view = StoryboardView(document, rows)
        telling.add_page(view, view.notices)
        filming = Filming(view, telling, pictures)
        filming.exporting.open(tmp_path / "notes")
        view.resize(1000, 700)
        view.show()
        view.show_part(FILM)
        page = Page(view, telling, filming, folder)
        made.append(page)
        return page

    yield make
    for page in made:
        page.filming.close()
        await page.telling.scope.close()
        page.view.close()
        page.view.deleteLater()


async def soon(is_so: Callable[[], bool]) -> None:
    """Until `is_so` says yes: not everything that is seen sends a signal."""
    timer = QTimer()
    timer.start(20)
    try:
        await becomes(is_so, timer.timeout, timeout_s=_PATIENCE_S)
    finally:
        timer.stop()


async def exporting(page: Page) -> FilmExportDialog:
    """The dialog, when it knows what comes of its choices."""
    opening = Opening(FilmExportDialog)
    page.film.export.click()
    dialog = await asyncio.wait_for(opening.shown, _PATIENCE_S)
    assert isinstance(dialog, FilmExportDialog)
    await soon(dialog.yes.isEnabled)
    return dialog


async def choosing(click: Callable[[], object], path: Path) -> None:
    """A file dialog opens, and this is chosen."""
    opening = Opening(QFileDialog)
    click()
    chooser = await asyncio.wait_for(opening.shown, _PATIENCE_S)
    assert isinstance(chooser, QFileDialog)
    # Qt's own check of what was typed may ask with a loop of its own
    chooser.selectedFiles = lambda: [str(path)]  # type: ignore[method-assign]
    chooser.done(QFileDialog.DialogCode.Accepted)


def length_of(path: Path) -> float:
    with av.open(str(path)) as container:
        return float(container.duration or 0) / 1_000_000


async def test_the_film_is_exported_under_the_name_of_the_storyboard(
    open_page: Opened, clips: list[Path]
) -> None:
    page = await open_page(clips)
    page.film.model.trim(page.film.model.items[0].uuid, 0.0, 1.0)
    dialog = await exporting(page)
    assert dialog.target == page.folder / "The paper boat.mp4"
    assert dialog.facts.text() == "0:05, 160 × 90 pixels, 25 pictures a second"
    dialog.accept()
    await soon(lambda: "is exported" in page.told())
    assert length_of(page.folder / "The paper boat.mp4") == pytest.approx(5.0, abs=0.1)
    assert not page.film.bar.isVisible()
    assert [one.name for one in page.folder.iterdir()] == ["The paper boat.mp4"]


async def test_the_dialog_says_how_it_is_made_and_other_choices_are_planned_anew(
    open_page: Opened, clips: list[Path]
) -> None:
    page = await open_page(clips)
    dialog = await exporting(page)
    assert dialog.way.text() == "The picture is taken as it is: quick, and without any loss."
    prores = dialog.forms.findData(Form.PRORES)
    dialog.forms.setCurrentIndex(prores)
    dialog.forms.activated.emit(prores)
    assert not dialog.yes.isEnabled()
    await soon(dialog.yes.isEnabled)
    assert "taken as it is" not in dialog.way.text()
    assert dialog.target.suffix == ".mov"
    dialog.name.setText("a/b")
    assert "cannot hold" in dialog.problem.text()
    assert not dialog.yes.isEnabled()
    dialog.reject()
    await soon(lambda: page.filming.exporting.dialog is None)
    assert list(page.folder.iterdir()) == []


async def test_a_take_that_is_gone_is_said_before_anything_is_made(
    open_page: Opened, clips: list[Path], tmp_path: Path
) -> None:
    page = await open_page([clips[0], tmp_path / "gone.mp4"])
    opening = Opening(FilmExportDialog)
    page.film.export.click()
    dialog = await asyncio.wait_for(opening.shown, _PATIENCE_S)
    assert isinstance(dialog, FilmExportDialog)
    await soon(lambda: "gone.mp4" in dialog.problem.text())
    assert not dialog.yes.isEnabled()
    dialog.reject()


async def test_a_cancelled_export_leaves_nothing(open_page: Opened, clips: list[Path]) -> None:
    # minutes of film: it is not there before somebody has cancelled it
    page = await open_page(clips * 12)
    page.film.model.set_cut(page.film.model.items[1].uuid, Cut.CROSS_FADE)
    dialog = await exporting(page)
    h265 = dialog.forms.findData(Form.H265)
    dialog.forms.setCurrentIndex(h265)
    dialog.forms.activated.emit(h265)
    assert "a track that players can switch on" in dialog.track.text()
    dialog.subtitles.setChecked(True)
    await soon(dialog.yes.isEnabled)
    dialog.accept()
    await soon(page.film.bar.isVisible)
    # the next time it begins with what was chosen
    board = page.film.model.document.board
    assert board is not None
    assert (board.scenario.has_burnt_titles, board.scenario.has_burnt_subtitles) == (True, True)
    page.film.bar.cancel.click()
    await soon(lambda: "was cancelled" in page.told())
    assert not page.film.bar.isVisible()
    assert list(page.folder.iterdir()) == []


@pytest.mark.parametrize("kind", [Kind.FCPXML, Kind.OTIO])
async def test_the_film_is_handed_to_an_editor(
    open_page: Opened, clips: list[Path], kind: Kind
) -> None:
    page = await open_page(clips)
    page.film.model.trim(page.film.model.items[1].uuid, 0.4, 1.2)
    path = page.folder / f"film{kind.suffix}"
    await choosing(page.film.hand_off.click, path)
    await soon(lambda: "is written" in page.told())
    (pictures, *_) = tracks(read_back(path, kind), "Video")
    assert [(one.path, one.start, one.length) for one in clips_of(pictures)] == [
        (clips[0], 0, 50),
        (clips[1], 10, 20),
        (clips[2], 0, 50),
    ]


async def test_a_file_that_is_there_is_replaced_only_after_a_question(
    open_page: Opened, clips: list[Path]
) -> None:
    page = await open_page(clips)
    path = page.folder / "film.edl"
    path.write_text("what was there")
    for answer in (Question.DialogCode.Rejected, Question.DialogCode.Accepted):
        opening = Opening(Question)
        await choosing(page.film.hand_off.click, path)
        question = await asyncio.wait_for(opening.shown, _PATIENCE_S)
        assert isinstance(question, Question)
        assert path.read_text() == "what was there"
        question.done(answer)
    await soon(lambda: "is written" in page.told())
    assert path.read_text().startswith("TITLE: The paper boat")


async def test_subtitles_come_from_a_file_and_go_into_one(
    open_page: Opened, clips: list[Path], tmp_path: Path
) -> None:
    page = await open_page(clips)
    source = tmp_path / "words.srt"
    source.write_text(
        "1\n00:00:00,500 --> 00:00:01,500\nOne.\n\n2\n00:00:04,200 --> 00:00:05,000\nThree.\n"
    )
    await choosing(page.film.srt_in.trigger, source)
    await soon(lambda: "2 clips have subtitles" in page.told())
    assert [one.scene.cut.subtitle for one in page.film.model.items] == ["One.", "", "Three."]
    target = page.folder / "out.srt"
    await choosing(page.film.srt_out.trigger, target)
    await soon(lambda: "out.srt is saved" in page.told())
    cues = read_srt(target)
    assert [(cue.start_s, cue.end_s, cue.text) for cue in cues] == [
        (0.0, 2.0, "One."),
        (4.0, 6.0, "Three."),
    ]
    page.view.document.undo.undo()
    assert [one.scene.cut.subtitle for one in page.film.model.items] == ["", "", ""]


async def test_what_is_no_subtitle_file_is_said(
    open_page: Opened, clips: list[Path], tmp_path: Path
) -> None:
    page = await open_page(clips)
    source = tmp_path / "words.srt"
    source.write_text("just words\n")
    await choosing(page.film.srt_in.trigger, source)
    await soon(lambda: "Line 1" in page.all_told())
    assert page.view.document.undo.count() == 0


async def test_a_soundtrack_is_chosen_from_a_file(open_page: Opened, clips: list[Path]) -> None:
    page = await open_page(clips)
    await choosing(page.film.sound.choose.click, clips[2])
    await soon(lambda: page.film.model.soundtrack is not None)
    assert page.film.model.soundtrack.path == clips[2]


async def test_scenes_and_film_lead_to_each_other(open_page: Opened, clips: list[Path]) -> None:
    page = await open_page(clips)
    assert page.view.part == FILM
    page.film.scenes_requested.emit()
    assert page.view.part == SCENES
    page.view.show_part(FILM)
    assert page.film.isVisible()
