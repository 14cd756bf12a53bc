"""Clips and recipes dropped onto the window, copies with metadata, and the switch in the menu."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import av
from PIL import Image
from PyQt6.QtCore import QEvent, QFileSystemWatcher, QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget

from tests.fakes.generations import a_generation
from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core import recipe as recipes
from veo_studio.core.models import InputRole, MediaInput, Task, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.ui.dialogs import Question
from veo_studio.ui.view_models.form_parts import FormTab

_BUTTON, _NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
_COPY = Qt.DropAction.CopyAction


def mime_of(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def enter(widget: QWidget, mime: QMimeData) -> bool:
    event = QDragEnterEvent(QPoint(40, 40), _COPY, mime, _BUTTON, _NO_KEYS)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def drop(widget: QWidget, *paths: Path) -> bool:
    """As Qt does it: whoever accepts the drag gets the drop; from the inside out."""
    mime = mime_of(*paths)
    place: QWidget | None = widget
    while place is not None:
        if place.acceptDrops() and enter(place, mime):
            event = QDropEvent(QPointF(40, 40), _COPY, mime, _BUTTON, _NO_KEYS, QEvent.Type.Drop)
            QApplication.sendEvent(place, event)
            return event.isAccepted()
        place = place.parentWidget()
    return False


async def until_made(driver: Driver) -> None:
    """With room for a machine that draws other clips at the same time."""
    await driver.until(lambda: any(row.has_file for row in driver.rows), timeout_s=90.0)


async def one_clip(driver: Driver, words: str = "A paper boat"):
    driver.choose_text(words)
    driver.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until_made(driver)
    (made,) = driver.rows
    # it comes after the clip, and nobody tells
    folder = QFileSystemWatcher([str(made.video_path.parent)])
    await becomes(
        made.video_path.with_suffix(".json").is_file, folder.directoryChanged, timeout_s=60.0
    )
    return made


def a_recipe(path: Path, **changes) -> Path:
    """A recipe of a clip that was made elsewhere."""
    fields = {"config": VideoConfig("9:16", 3, "480p", "rain", 42), **changes}
    path.write_text(recipes.to_text(recipes.of_generation(a_generation(**fields))))
    return path


async def test_a_clip_or_its_recipe_brings_its_settings_wherever_it_is_dropped(driver: Driver):
    made = await one_clip(driver)
    window, form = driver.window, driver.program.form
    clip = made.video_path
    targets = (window.player, window.form.prompt.viewport(), window.history.list, window.header)
    for number, target in enumerate(targets):
        driver.choose_text(f"something else {number}")
        form.set_seed(None, is_locked=False)
        assert drop(target, clip if number % 2 else clip.with_suffix(".json"))
        await driver.until(lambda: form.prompt == "A paper boat")
        assert form.seed == made.config.seed
        assert driver.window.form.prompt.toPlainText() == "A paper boat"
    told = f"The settings of {clip.name} are in the form. Seed {made.config.seed} is locked."
    assert told in driver.notices
    assert len(driver.rows) == 1, "nothing is bought"


async def test_what_was_being_written_comes_back_with_undo(driver: Driver, tmp_path: Path):
    driver.choose_text("My own words")
    form = driver.program.form
    aspect = form.aspect_ratio
    drop(driver.window, a_recipe(tmp_path / "a.json", prompt="A red kite"))
    await driver.until(lambda: form.prompt == "A red kite")
    assert (form.aspect_ratio, form.seed, form.negative_prompt) == ("9:16", 42, "rain")
    bar = driver.window.form.notices
    (notice,) = [one for one in bar.notices if "a.json" in one.text]
    form.set_prompt("A red kite, and much more")
    notice.action_button.click()
    assert (form.prompt, form.aspect_ratio) == ("My own words", aspect)
    undone = bar.notice("form")
    assert undone is not None
    undone.action_button.click()
    assert form.prompt == "A red kite, and much more"


async def test_what_cannot_be_restored_is_told(driver: Driver, tmp_path: Path):
    gone = MediaInput(InputRole.SOURCE, "ab" * 32, "video/mp4", 100, "boat.mp4", 64, 36, 3.0)
    config = VideoConfig("16:9", 3, "480p", inputs=(gone,), task=Task.EDIT)
    drop(driver.window, a_recipe(tmp_path / "a.json", config=config, model="gone-9"))
    form = driver.program.form
    await driver.until(lambda: any("a.json" in words for words in driver.notices))
    (words,) = [words for words in driver.notices if "a.json" in words]
    assert "boat.mp4 is not kept here any more: choose it again." in words
    assert f"There is no model gone-9 here; {form.model.name} is chosen." in words
    assert form.inputs == ()
    assert form.task is Task.CREATE
    assert form.tab is FormTab.PICTURES, "where it can be given again"


async def test_a_file_that_is_no_recipe_changes_nothing(driver: Driver, tmp_path: Path):
    driver.choose_text("My own words")
    before = driver.program.form.state()
    (tmp_path / "notes.json").write_text("{}")
    drop(driver.window, tmp_path / "notes.json")
    await driver.until(lambda: "notes.json is no recipe of Veo Studio." in driver.notices)
    (tmp_path / "holiday.mp4").write_bytes(b"clip")
    drop(driver.window, tmp_path / "holiday.mp4")
    await driver.until(
        lambda: any("holiday.mp4 has no recipe" in words for words in driver.notices)
    )
    assert driver.program.form.state() == before
    assert not drop(driver.window.player, tmp_path), "a folder means nothing"


async def test_a_picture_dropped_anywhere_starts_a_clip_from_it(driver: Driver, tmp_path: Path):
    Image.new("RGB", (160, 90), "red").save(tmp_path / "boat.png")
    assert drop(driver.window.player, tmp_path / "boat.png")
    form = driver.program.form
    await driver.until(lambda: [item.name for item in form.inputs] == ["boat.png"])
    assert form.tab is FormTab.PICTURES


async def test_what_a_drop_would_do_is_said_while_it_is_over_the_window(
    driver: Driver, tmp_path: Path
):
    window = driver.window
    hint = window.tools.drops.hint
    assert enter(window, mime_of(tmp_path / "a.mp4"))
    assert hint.isVisible()
    assert hint.words == "Drop to load its settings"
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not hint.isVisible()
    assert not enter(window, mime_of(tmp_path))
    assert not hint.isVisible()


async def test_a_copy_with_metadata_goes_where_the_user_says(driver: Driver, tmp_path: Path):
    made = await one_clip(driver)
    before = made.video_path.read_bytes()
    history = driver.window.history
    (export,) = [
        action
        for action in history.actions_for([driver.rows[0]])
        if action is not None and action.text() == "Export copy with metadata…"
    ]
    (tmp_path / "copy.mp4").write_text("precious")
    opening, asking = Opening(QFileDialog), Opening(Question)
    export.trigger()
    dialog = await asyncio.wait_for(opening.shown, 20)
    assert dialog.testOption(QFileDialog.Option.DontConfirmOverwrite), "Qt's question would nest"
    dialog.findChild(QLineEdit).setText(str(tmp_path / "copy.mp4"))
    dialog.accept()
    question = await asyncio.wait_for(asking.shown, 20)
    question.accept()
    await driver.until(lambda: "copy.mp4 holds prompt and recipe." in driver.notices)
    with av.open(str(tmp_path / "copy.mp4")) as copy:
        assert copy.metadata["comment"] == "A paper boat"
    assert made.video_path.read_bytes() == before
    driver.choose_text("something else")
    drop(driver.window, tmp_path / "copy.mp4")
    await driver.until(lambda: driver.program.form.prompt == "A paper boat")


async def test_recipes_are_switched_off_in_the_menu_and_stay_off(qapp, paths: Paths, no_task_left):
    async with running(paths) as driver:
        action = driver.window.acts.recipes
        assert action.isChecked()
        assert action in driver.window.header.gear.menu().actions()
        action.trigger()
        driver.choose_text("A paper boat")
        driver.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until_made(driver)
        folder = driver.rows[0].video_path.parent
    assert [path.suffix for path in folder.iterdir()] == [".mp4"]
    assert json.loads(paths.settings.read_text())["writes_recipes"] is False
    assert Settings.load(paths.settings).writes_recipes is False
