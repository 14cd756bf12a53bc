"""A storyboard made from its tab, in the real window with the real core and the rehearsal engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtCore import QMimeData, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QPushButton

from tests.ui.parts.samples import generation
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.models import GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.keys import SceneKey
from veo_studio.core.storyboard.models import RunState, SceneState, Step
from veo_studio.ui.given import Given
from veo_studio.ui.storyboard_runs import StoryboardRuns
from veo_studio.ui.views.name_completion import NameCompletion
from veo_studio.ui.views.storyboard import StoryboardView
from veo_studio.ui.window_pages import INSIGHTS, STORYBOARD

SCRIPT = "A harbour at dawn, gulls rise.\n\nA small boat leaves the harbour."
LIMIT_S = 120.0


class Making:
    """The tab, as its user has it."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        storyboarding = driver.window.storyboarding
        view = driver.window.pages.page(STORYBOARD)
        assert isinstance(view, StoryboardView)
        self.view = view
        driver.window.pages.show(STORYBOARD)
        self.document = storyboarding.document
        runs = storyboarding.findChild(StoryboardRuns)
        assert runs is not None
        self.runs = runs
        assert storyboarding.keeping is not None
        self.keeping = storyboarding.keeping

    async def until(self, is_so: object) -> None:
        model = self.runs.model
        assert model is not None
        await becomes(is_so, model.changed, timeout_s=LIMIT_S)  # type: ignore[arg-type]

    async def until_priced(self) -> None:
        model = self.runs.model
        assert model is not None

        def is_all_known() -> bool:
            # a look at the scenes that comes after the price makes that old once more
            view, board = self.document.view, self.document.board
            is_seen = board is not None and view is not None and view.board.scenes == board.scenes
            return is_seen and model.price is not None and not model.is_stale

        await self.until(is_all_known)

    async def press(self, button: QPushButton) -> None:
        """In the moment in which it can be: whatever arrives makes a price old, and the button wait."""
        is_clicked = False

        def click() -> bool:
            nonlocal is_clicked
            if not is_clicked and button.isEnabled() and not button.isHidden():
                is_clicked = True
                self.driver.click(button)
            return is_clicked

        await self.until(click)

    def states(self) -> list[SceneState]:
        view = self.document.view
        return [] if view is None else [one.state for one in view.scenes]

    @property
    def run_state(self) -> RunState | None:
        view = self.document.view
        return None if view is None or view.run is None else view.run.state


@pytest.fixture
async def making(
    qapp: QApplication, paths: Paths, clips_are_copied: None, no_task_left: None
) -> AsyncIterator[Making]:
    async with running(paths) as driver:
        made = Making(driver)
        await made.keeping.create("The harbour")
        yield made


async def with_scenes(making: Making) -> None:
    """Two scenes out of a text, by the dialog."""
    importing = making.runs.importing
    assert importing is not None
    making.driver.click(importing.button)
    dialog = importing.dialog
    assert dialog is not None
    dialog.show_text(SCRIPT)
    dialog.split.click()
    await becomes(lambda: dialog.model.drafts.rowCount() == 2, dialog.model.changed)
    dialog.take.click()
    board = making.document.board
    assert board is not None
    assert len(board.scenes) == 2
    # quickly drawn
    board = edits.change_scenario(board, resolution="640:360", has_sound=False)
    making.document.edit(
        "Shorter", edits.change_scenes(board, [s.uuid for s in board.scenes], duration_s=2)
    )
    await making.until_priced()


async def test_scenes_that_arrive_tell_once_and_not_over_their_page(making: Making) -> None:
    window = making.driver.window
    board = making.document.board
    assert board is not None
    watcher = window.watcher
    made = [
        generation(
            9001 + n, take_group=SceneKey(board.scenario.uuid, f"s{n}", step, 0, 1).take_group
        )
        for n, step in enumerate((Step.PICTURE, Step.CLIP))
    ]

    def told() -> list[str]:
        bars = (making.view.notices, window.arrivals._telling.notices_of("queue"))
        return [words for bar in bars for words in bar.texts if "ready" in words]

    for one in made:
        watcher.started.emit(one)
    for one in made:
        watcher.finished.emit(one)
    assert told() == []
    window.pages.show(INSIGHTS)
    for one in made:
        watcher.started.emit(one)
    watcher.finished.emit(made[0])
    assert told() == []
    watcher.failed.emit(made[1])
    assert told() == ["Pictures or clips of a storyboard are ready."]


async def test_a_text_becomes_scenes_pictures_and_clips(making: Making) -> None:
    await with_scenes(making)
    bar, takes = making.runs.bar, making.runs.takes
    assert bar is not None and takes is not None  # noqa: PT018
    assert bar.words.text() == "Free rehearsal"
    assert bar.make.text() == "M&ake 2 pictures and 2 clips (rehearsal)"
    await making.press(bar.make)

    # the pictures first: somebody looks at them
    await making.until(lambda: making.run_state is RunState.APPROVAL)
    assert making.states() == [SceneState.APPROVAL] * 2
    assert bar.approve.text() == "&Approve all 2 pictures"
    assert len(takes.pictures.tiles) == 1

    # one of them is not what was meant
    await making.press(takes.redo_picture)
    await making.until(
        lambda: len(takes.pictures.tiles) == 2 and making.states()[0] is SceneState.APPROVAL
    )
    await making.until(lambda: making.run_state is RunState.APPROVAL)

    await making.press(bar.approve)
    await making.until(lambda: making.run_state is RunState.DONE)
    assert making.states() == [SceneState.DONE] * 2
    assert len(takes.takes.tiles) == 1
    await making.until_priced()
    assert bar.words.text() == "Nothing is missing: nothing is paid."
    assert not bar.make.isEnabled()

    # another take of the first scene; the one before can be taken again
    await making.press(takes.redo_clip)
    await making.until(
        lambda: len(takes.takes.tiles) == 2 and making.states()[0] is SceneState.DONE
    )
    first = takes.takes.tiles[0]
    assert not first.isChecked()
    making.driver.click(first)
    await making.until(lambda: takes.takes.tiles[0].isChecked())


async def test_a_rehearsal_is_free_and_stays_one_without_a_service(making: Making) -> None:
    await with_scenes(making)
    bar = making.runs.bar
    assert bar is not None
    await making.press(bar.rehearse)
    await making.until(lambda: making.run_state is RunState.DONE)
    view = making.document.view
    assert view is not None
    assert view.is_rehearsed
    await making.until_priced()
    # there is no paid service here: what it makes is a rehearsal still
    assert bar.make.text() == "M&ake 2 pictures and 2 clips (rehearsal)"


async def test_a_run_is_cancelled_and_goes_on_with_what_is_missing(making: Making) -> None:
    await with_scenes(making)
    bar = making.runs.bar
    assert bar is not None
    await making.press(bar.make)
    await making.press(bar.cancel)
    await making.until(lambda: making.run_state is RunState.CANCELLED)
    assert "The last run was cancelled" in bar.more.text()
    # what was sent arrives still, and is used
    await making.press(bar.make)
    await making.until(lambda: making.run_state is RunState.APPROVAL)
    assert making.states() == [SceneState.APPROVAL] * 2
    view = making.document.view
    assert view is not None
    there = [one for scene in view.scenes for one in scene.pictures if one.has_file]
    assert len(there) == 2


async def test_deleting_while_it_waits_says_what_was_cancelled_and_undo_offers_it_again(
    making: Making,
) -> None:
    await with_scenes(making)
    bar, studio = making.runs.bar, making.driver.program.studio
    assert bar is not None
    assert studio is not None
    await studio.queue.pause()
    await making.press(bar.make)
    await making.until(lambda: making.run_state is RunState.WAITING)
    await making.keeping.delete()
    assert making.document.board is None
    assert studio.queue.waiting_ids == ()
    (notice,) = [one for one in making.view.notices.notices if "was deleted" in one.text]
    assert "2 requests that waited were cancelled: nothing is paid for them." in notice.text
    await studio.queue.unpause()
    notice.action_button.click()
    await making.until(lambda: making.run_state is RunState.CANCELLED)
    await making.press(bar.make)
    await making.until(lambda: making.run_state is RunState.APPROVAL)


async def test_a_scene_without_words_stops_all_before_anything_is_paid(making: Making) -> None:
    await with_scenes(making)
    board = making.document.board
    assert board is not None
    making.document.edit("Add a scene", edits.add_scene(board))
    bar = making.runs.bar
    assert bar is not None
    await making.until(lambda: not bar.blocked.isHidden() and "no prompt" in bar.blocked.text())
    assert not bar.make.isEnabled()
    assert all(row.state is not GenerationState.PENDING for row in making.driver.rows)


async def test_the_menu_makes_scenes_of_a_text_too(making: Making) -> None:
    importing = making.runs.importing
    assert importing is not None
    assert "Ctrl+T" in importing.button.toolTip()
    actions = [one for one in making.view.menu_actions() if one is not None]
    action = next(one for one in actions if one.text().startswith("Scenes from a text"))
    action.trigger()
    assert importing.dialog is not None
    # once more brings up no second one
    shown = importing.dialog
    importing.show()
    assert importing.dialog is shown
    shown.reject()


async def test_a_script_is_dropped_on_the_page(making: Making, tmp_path: Path) -> None:
    path = tmp_path / "film.txt"
    path.write_text(SCRIPT, encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    at = making.view.rect().center()
    for kind in (QDragEnterEvent, QDropEvent):
        where = at if kind is QDragEnterEvent else at.toPointF()
        event = kind(where, Qt.DropAction.CopyAction, mime, left, none)  # type: ignore[call-overload]
        event.ignore()
        QApplication.sendEvent(making.view, event)
        assert event.isAccepted()
    importing = making.runs.importing
    assert importing is not None
    dialog = importing.dialog
    assert dialog is not None
    await becomes(lambda: dialog.model.drafts.rowCount() == 2, dialog.model.changed)
    # nothing is a scene before it is taken
    assert making.document.board is not None
    assert making.document.board.scenes == ()
    dialog.reject()
    assert importing.dialog is None


async def test_the_cast_is_dropped_named_and_used(making: Making, tmp_path: Path) -> None:
    await with_scenes(making)
    setup = making.runs.setup
    assert setup is not None
    path = tmp_path / "old boat.png"
    Image.new("RGB", (320, 200), "brown").save(path)
    setup.cast.pictures_given.emit(Given((path,)))
    await becomes(lambda: setup.names() == ["old_boat"], making.document.board_changed)
    row = setup.cast.rows[0]
    row.name.setText("boat")
    row.named.emit("boat")
    assert setup.names() == ["boat"]
    board = making.document.board
    assert board is not None
    scene = board.scenes[1]
    changed = edits.change_scene(board, scene.uuid, visual_prompt="@boat leaves")
    making.document.edit("Write", changed)
    assert setup.cast.rows[0].facts.text() == "in 1 scene"
    making.document.undo.undo()
    making.document.undo.undo()
    assert setup.names() == ["old_boat"]
    # what is no picture is told, and nothing changes
    (tmp_path / "bad.png").write_bytes(b"no picture")
    setup.cast.pictures_given.emit(Given((tmp_path / "bad.png",)))
    await becomes(lambda: bool(making.view.notices.texts), making.view.notices.shown)
    assert setup.names() == ["old_boat"]


async def test_settings_say_what_models_make_of_them(making: Making) -> None:
    setup = making.runs.setup
    assert setup is not None
    panel = setup.settings
    assert "No resolution is chosen" in panel.resolution_words.text()
    panel.changed.emit("Change the resolution", {"resolution": "1104:832"}, "")
    board = making.document.board
    assert board is not None
    assert board.scenario.resolution == "1104:832"
    assert panel.resolution_words.text() == ""
    assert "1168 × 880" in panel.picture_words.text() or "1104" in panel.clip_words.text()
    panel.changed.emit("x", {"style": "s" * 5000}, "style")
    assert making.document.board.scenario.style == ""
    assert any("too long" in words for words in making.view.notices.texts)
    assert Step.CLIP not in making.runs.model.redo_prices  # type: ignore[union-attr]


async def test_an_at_in_a_prompt_offers_the_cast(making: Making, tmp_path: Path) -> None:
    await with_scenes(making)
    setup = making.runs.setup
    assert setup is not None
    path = tmp_path / "keeper.png"
    Image.new("RGB", (320, 200), "blue").save(path)
    setup.cast.pictures_given.emit(Given((path,)))
    await becomes(lambda: setup.names() == ["keeper"], making.document.board_changed)
    field = making.view.editor.motion
    # the offscreen platform gives the focus back to nobody when a dialog closes
    making.driver.window.activateWindow()
    field.setFocus()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    await becomes(field.hasFocus, app.focusChanged)
    making.driver.type(" @ke", field)
    completion = field.findChild(NameCompletion)
    assert completion is not None
    assert completion.is_open
    QTest.keyClick(completion.completer.popup(), Qt.Key.Key_Return)
    assert "@keeper" in field.toPlainText()
    board = making.document.board
    assert board is not None
    assert "@keeper" in board.scenes[0].visual_prompt
