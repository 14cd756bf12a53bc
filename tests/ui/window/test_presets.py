"""Presets, variables and lists through the window: what is clicked, what is seen, what is stored."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QApplication, QMenu

from tests.ui.waiting import becomes, emitted
from tests.ui.window.conftest import Driver, running
from veo_studio.core.models import GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.preset_file import PresetFile
from veo_studio.ui.presets import Presets
from veo_studio.ui.view_models.form_presets import apply_preset, preset_of
from veo_studio.ui.views.preset_dialog import PresetDialog

CTRL = Qt.KeyboardModifier.ControlModifier


def presets_of(driver: Driver) -> Presets:
    return driver.window.tools.presets


async def menu_of(driver: Driver) -> QMenu:
    """The menu, as Ctrl+P opens it."""
    presets = presets_of(driver)
    shown = asyncio.ensure_future(emitted(presets.menu.aboutToShow))
    driver.window.acts.presets.trigger()
    await shown
    presets.menu.hide()
    return presets.menu


def action_of(menu: QMenu, words: str) -> QAction:
    return next(action for action in menu.actions() if words in action.text())


async def managed(driver: Driver) -> PresetDialog:
    presets = presets_of(driver)
    presets.manage()
    await becomes(lambda: presets.dialog is not None, presets.dialog_opened)
    dialog = presets_of(driver).dialog
    assert dialog is not None
    return dialog


async def closed(driver: Driver, dialog: PresetDialog) -> None:
    dialog.done_button.click()
    presets = presets_of(driver)
    await becomes(lambda: presets.dialog is None, presets.dialog_closed)


async def test_a_preset_without_its_model_leaves_the_model_of_the_form(driver: Driver) -> None:
    form = driver.program.form
    form.set_aspect_ratio("9:16")
    preset = preset_of(form, "Tall", keeps_prompt=False, keeps_seed=False, keeps_model=False)
    assert (preset.provider, preset.model) == ("", "")
    form.set_aspect_ratio("16:9")
    other = next(one.model for one in form.choices() if one.model is not form.model)
    form.choose(other)
    apply_preset(form, preset)
    assert (form.model, form.aspect_ratio) == (other, "9:16")


async def test_lists_and_variables_make_clips_of_every_prompt(driver: Driver):
    driver.choose_text("{subject}, {red|blue}")
    under = presets_of(driver).under_prompt
    field = under.variables.fields["subject"]
    assert field.isVisibleTo(driver.window)
    assert "Fill in {subject}" in driver.window.form.blocked.text()
    driver.type("a kite", field)
    assert driver.program.form.prompts() == ["a kite, red", "a kite, blue"]
    assert under.preview.head.text() == "2 prompts"
    assert not under.preview.rows.isVisibleTo(under)
    under.preview.head.click()
    model = under.preview.rows.model()
    assert [model.index(row, 0).data() for row in range(2)] == ["a kite, red", "a kite, blue"]
    assert "2 × " in driver.window.form.price.text()
    driver.window.acts.generate.trigger()
    await driver.until_ready(2)
    assert sorted(row.prompt for row in driver.rows) == ["a kite, blue", "a kite, red"]
    assert {row.take_group for row in driver.rows} == {None}


async def test_the_prompt_keeps_its_lists_and_a_clip_keeps_its_words(driver: Driver):
    driver.choose_text("{{red|blue}} kite {a|b}")
    driver.window.acts.generate.trigger()
    await driver.until_ready(2)
    row = next(row for row in driver.rows if row.prompt == "{red|blue} kite a")
    assert driver.window.form.prompt.toPlainText() == "{{red|blue}} kite {a|b}"
    driver.window.form.load(row)
    assert driver.window.form.prompt.toPlainText() == "{{red|blue}} kite a"
    assert driver.program.form.prompts() == ["{red|blue} kite a"]


async def test_a_thousand_prompts_are_shown_and_more_are_refused(driver: Driver):
    preview = presets_of(driver).under_prompt.preview
    driver.choose_text("{a|b|c|d|e|f|g|h|i|j}" * 3)
    assert preview.head.text() == "1,000 prompts"
    preview.head.click()
    assert preview.rows.model().rowCount() == 1000
    driver.program.form.set_takes(2)
    assert "at most 1,000 go at once" in driver.window.form.blocked.text()
    driver.choose_text("{a|b|c|d|e|f|g|h|i|j}" * 4)
    assert preview.head.text() == "10,000 prompts"
    assert not preview.rows.isVisibleTo(preview)
    assert not driver.window.form.generate.isEnabled()


async def test_fields_stay_while_the_prompt_changes_and_go_with_their_variable(driver: Driver):
    driver.choose_text("{subject} in {place}")
    fields = presets_of(driver).under_prompt.variables.fields
    kept = fields["place"]
    driver.type("a harbour", kept)
    driver.choose_text("{weather} in {place}")
    fields = presets_of(driver).under_prompt.variables.fields
    # a list by that name is shipped
    assert list(fields) == ["place"]
    assert fields["place"] is kept
    driver.choose_text("nothing of that")
    assert not presets_of(driver).under_prompt.isVisibleTo(driver.window)
    driver.window.form.prompt.setFocus()
    for _ in range(3):
        driver.press(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not None


async def test_variables_are_remembered_between_two_starts(qapp, paths: Paths, no_task_left):
    async with running(paths) as driver:
        driver.choose_text("{subject}")
        driver.type("a red kite", presets_of(driver).under_prompt.variables.fields["subject"])
    async with running(paths) as driver:
        assert presets_of(driver).under_prompt.variables.fields["subject"].text() == "a red kite"
        assert driver.program.form.prompts() == ["a red kite"]


async def test_a_preset_comes_from_the_menu_and_goes_with_undo(driver: Driver):
    driver.choose_text("my own words")
    before = driver.program.form.state()
    menu = await menu_of(driver)
    action_of(menu, "Product turntable").trigger()
    form = driver.program.form
    assert form.prompt.startswith("{product} on a slowly")
    assert (form.aspect_ratio, form.wants_sound) == ("1:1", False)
    assert QApplication.focusWidget() is presets_of(driver).under_prompt.variables.fields["product"]
    notice = driver.window.form.notices.notice("preset")
    assert notice.text == "“Product turntable” is in the form."
    notice.action_button.click()
    assert form.state() == before


async def test_what_a_model_cannot_do_is_told(driver: Driver, paths: Paths):
    entry = {
        "name": "Elsewhere",
        "provider": "runway",
        "model": "gen4.5",
        "config": {"aspect_ratio": "21:9", "duration": 5},
    }
    paths.presets.write_text(json.dumps({"presets": [entry]}))
    action_of(await menu_of(driver), "Elsewhere").trigger()
    words = driver.window.form.refit_line.text()
    assert "gen4.5 is not connected" in words
    assert "aspect 21:9 → 16:9" in words
    assert driver.program.form.model.provider == "rehearsal"


async def test_the_form_is_saved_as_a_preset(driver: Driver, paths: Paths):
    driver.choose_text("{subject} at dusk")
    driver.program.form.set_takes(3)
    driver.program.form.set_aspect_ratio("9:16")
    driver.program.form.set_seed(7, is_locked=True)
    action_of(await menu_of(driver), "Save as preset").trigger()
    await becomes(lambda: presets_of(driver).saving is not None, presets_of(driver).dialog_opened)
    dialog = presets_of(driver).saving
    assert not dialog.yes.isEnabled()
    dialog.name.setText("  My  look ")
    assert "9:16" in dialog.words.text()
    dialog.keeps_seed.setChecked(True)
    assert not dialog.keeps_model.isChecked(), "nobody means to go back to the rehearsal"
    assert "rehearsal-1" not in dialog.words.text()
    dialog.keeps_model.setChecked(True)
    dialog.yes.click()
    await driver.until(lambda: "Saved as “My look”." in driver.notices)
    (preset,) = PresetFile(paths.presets).load().presets.own
    assert (preset.name, preset.prompt, preset.takes) == ("My look", "{subject} at dusk", 3)
    assert preset.config["aspect_ratio"] == "9:16"
    assert preset.config["seed"] == 7
    assert (preset.provider, preset.model) == ("rehearsal", "rehearsal-1")
    driver.window.acts.new_prompt.trigger()
    driver.program.form.set_takes(1)
    action_of(await menu_of(driver), "My look").trigger()
    assert driver.program.form.prompt == "{subject} at dusk"
    assert driver.program.form.takes == 3


async def test_a_list_is_made_changed_deleted_and_brought_back(driver: Driver, paths: Paths):
    driver.choose_text("{hue} kite")
    dialog = await managed(driver)
    page = dialog.lists
    dialog.tabs.setCurrentWidget(page)
    page.new.click()
    await becomes(lambda: page.entry is not None and page.entry.name == "list", dialog.worked)
    page.name.setText("hue")
    page.texts.setPlainText("red\n\nblue\nred")
    page.store_button.click()
    await becomes(lambda: "hue" in driver.program.form.texts.lists, dialog.worked)
    assert driver.program.form.prompts() == ["red kite", "blue kite"]
    assert page.entry.name == "hue"
    page.away.click()
    await becomes(lambda: "hue" not in driver.program.form.texts.lists, dialog.worked)
    dialog.notices.notice("deleted").action_button.click()
    await becomes(lambda: "hue" in driver.program.form.texts.lists, dialog.worked)
    # what is typed is stored at the end, without a click on Save
    page.texts.setPlainText("green")
    await closed(driver, dialog)
    assert PresetFile(paths.presets).load().texts()["hue"] == ("green",)
    assert driver.program.form.prompts() == ["green kite"]


async def test_shipped_ones_are_hidden_shown_and_copied(driver: Driver, paths: Paths):
    dialog = await managed(driver)
    page = dialog.presets
    assert page.select("Food close-up")
    assert page.prompt.isReadOnly()
    assert page.away.text() == "&Hide"
    page.away.click()
    await becomes(lambda: page.away.text() == "S&how", dialog.worked)
    page.copy.click()
    await becomes(lambda: page.entry.name == "Food close-up 2", dialog.worked)
    assert not page.prompt.isReadOnly()
    page.name.setText("Soup")
    page.store_button.click()
    await becomes(
        lambda: presets_of(driver).presets.library.presets.own[0].name == "Soup", dialog.worked
    )
    await closed(driver, dialog)
    menu = await menu_of(driver)
    assert not any("Food close-up" in action.text() for action in menu.actions())
    assert action_of(menu, "Soup")


async def test_a_name_that_is_taken_or_wrong_is_said_and_not_stored(driver: Driver, paths: Paths):
    paths.presets.write_text(
        json.dumps({"lists": [{"name": n, "texts": ["x"]} for n in ("hue", "tone")]})
    )
    dialog = await managed(driver)
    page = dialog.lists
    assert page.select("hue")
    page.name.setText("TONE")
    assert page.problem.text() == "There is one called “tone” already."
    assert not page.store_button.isEnabled()
    page.name.setText("two words")
    assert page.problem.text().startswith("The name of a list begins with a letter")
    page.texts.setPlainText("")
    await closed(driver, dialog)
    assert PresetFile(paths.presets).load().texts()["hue"] == ("x",)


async def test_files_are_imported_with_what_is_wrong_in_them_named(driver: Driver, tmp_path: Path):
    hues = tmp_path / "hues.txt"
    hues.write_bytes("grün\nblau".encode("utf-16"))
    dialog = await managed(driver)
    await dialog.import_file(hues)
    assert "Imported 1 from hues.txt: hues." in dialog.notices.texts
    assert dialog.tabs.currentWidget() is dialog.lists
    assert dialog.lists.entry.texts == ("grün", "blau")
    await dialog.import_file(hues)
    assert "Everything in hues.txt is there already." in dialog.notices.texts
    picture = tmp_path / "picture.json"
    picture.write_bytes(b"\x89PNG\0")
    with pytest.raises(ValueError, match=r"^picture\.json is no file of presets"):
        await dialog.import_file(picture)
    await closed(driver, dialog)


async def test_a_preset_is_not_applied_to_one_that_is_edited(driver: Driver):
    assert driver.program.studio is not None
    await driver.program.studio.queue.pause()
    driver.choose_text("{red|blue} kite")
    driver.window.acts.generate.trigger()
    await driver.until(lambda: len(driver.rows) == 2)
    waiting = next(row for row in driver.rows if row.state is GenerationState.PENDING)
    driver.window.queue_controls.edit(waiting)
    assert driver.window.form.prompt.toPlainText() == waiting.prompt
    menu = await menu_of(driver)
    assert not action_of(menu, "Product turntable").isEnabled()
    assert action_of(menu, "Manage").isEnabled()
    driver.window.editing.keep()
    assert driver.window.form.prompt.toPlainText() == "{red|blue} kite"


async def test_undo_of_a_preset_leaves_alone_what_is_edited_meanwhile(driver: Driver):
    form, studio = driver.program.form, driver.program.studio
    assert studio is not None
    await studio.queue.pause()
    driver.choose_text("a waiting kite")
    driver.window.acts.generate.trigger()
    await driver.until(lambda: len(driver.rows) == 1)
    driver.choose_text("my {red|blue} kite")
    form.set_takes(4)
    action_of(await menu_of(driver), "Product turntable").trigger()
    notice = driver.window.form.notices.notice("preset")
    assert notice is not None
    driver.window.queue_controls.edit(driver.rows[0])
    driver.click(notice.action_button)
    assert (form.prompt, form.takes) == ("a waiting kite", 1)
    assert any("comes back when the edit ends" in words for words in driver.notices)
    # one that was opened before the edit began
    presets = presets_of(driver)
    presets.apply(presets.presets.library.presets.offered()[0])
    assert form.prompt == "a waiting kite"
    assert any("Save or keep it first" in words for words in driver.notices)
    driver.window.editing.keep()
    assert (form.prompt, form.takes) == ("my {red|blue} kite", 4)


async def test_words_written_after_a_preset_come_back_after_its_undo(driver: Driver):
    form = driver.program.form
    driver.choose_text("my own words")
    action_of(await menu_of(driver), "Product turntable").trigger()
    driver.choose_text("half an hour of work")
    notice = driver.window.form.notices.notice("preset")
    assert notice is not None
    driver.click(notice.action_button)
    assert form.prompt == "my own words"
    undone = driver.window.form.notices.notice("form")
    assert undone is not None
    driver.click(undone.action_button)
    assert form.prompt == "half an hour of work"


async def test_a_broken_file_is_told_and_nothing_else_breaks(qapp, paths: Paths, no_task_left):
    paths.ensure()
    paths.presets.write_text("{")
    async with running(paths) as driver:
        assert any("file of your presets was damaged" in text for text in driver.notices)
        assert action_of(await menu_of(driver), "Product turntable")
    paths.presets.write_text(json.dumps({"presets": [{"name": "A", "takes": 99}]}))
    async with running(paths) as driver:
        assert any(
            "In presets.json: Preset 1 ('A') was left out" in text for text in driver.notices
        )
