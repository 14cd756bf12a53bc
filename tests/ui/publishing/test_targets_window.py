"""Setting targets and rules up: fields by kind, secrets, tests, deletion with a way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from tests.publishing.scripted import Place, a_target, plugged
from tests.ui.publishing.conftest import Desk, choose, type_into, until
from tests.ui.waiting import Opening
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.models import TargetKind
from veo_studio.ui.dialogs import Question
from veo_studio.ui.views.rules_dialog import RulesDialog


@pytest.fixture
def place() -> Iterator[Place]:
    """A store whose answers are written down; it has a room, a size and a key."""
    made = Place(TargetKind.S3)
    with plugged(made):
        yield made


async def test_every_kind_is_offered_and_says_what_it_is(desk: Desk) -> None:
    desk.driver.window.acts.targets.trigger()
    dialog = await desk.targets_dialog()
    # one word for them, wherever they are named
    assert desk.driver.window.acts.targets.text() == "&Targets…"
    assert dialog.windowTitle() == "Targets"
    assert dialog.stack.currentIndex() == 0
    names = [button.objectName() for button in dialog.kinds.buttons]
    assert names == [f"kind-{kind.value}" for kind in TargetKind]
    for kind in TargetKind:
        page = await desk.new_target(dialog, kind)
        assert page.draft.info.about == page.about.text()
        assert set(page.fields) == {one.name for one in page.draft.info.fields}
        assert not page.save.isEnabled() or not page.draft.missing()
        for field in page.fields.values():
            hides = field.edit is not None and field.edit.echoMode() is QLineEdit.EchoMode.Password
            assert hides is field.field.is_secret
        dialog.show_kinds()
    await desk.close_targets(dialog)


async def test_what_is_missing_is_said_and_wrong_values_stand_at_their_field(desk: Desk) -> None:
    dialog = await desk.open_targets()
    page = await desk.new_target(dialog, TargetKind.TELEGRAM)
    assert page.problem.text() == "Still missing: Bot token, Chat."
    assert not page.test.isEnabled()
    type_into(page, "field-chat", "not a chat")
    assert "A chat is @name" in page.fields["chat"].note.text()
    assert not page.save.isEnabled()
    type_into(page, "field-chat", "@paper_boats")
    assert page.problem.text() == "Still missing: Bot token."
    # an address that is not encrypted is asked about where there is one
    assert page.fields["plain_http"].isHidden()
    type_into(page, "field-server", "http://bots.example")
    assert not page.fields["plain_http"].isHidden()
    opening = Opening(Question)
    dialog.leave.click()
    question = await opening.shown
    assert isinstance(question, Question)
    question.do_it.click()
    await until(lambda: desk.publishing.targets.dialog is None)
    assert await desk.studio.publishing.targets() == []


async def test_a_target_is_set_up_tested_changed_and_deleted_with_a_way_back(
    desk: Desk, place: Place
) -> None:
    dialog = await desk.open_targets()
    page = await desk.new_target(dialog, TargetKind.S3)
    type_into(page, "targetName", "Attic")
    type_into(page, "field-room", "7")
    type_into(page, "field-key", "a-secret-of-many-letters")
    choose(page, "field-size", "l")
    page.test.click()
    await until(lambda: page.result.text == "The room is there.")
    assert place.options[-1] == {"room": "7", "size": "l", "key": "a-secret-of-many-letters"}
    await desk.save_target(dialog)
    (target,) = await desk.studio.publishing.targets()
    assert (target.name, dict(target.options)["room"]) == ("Attic", "7")
    assert "a-secret" not in repr(target)
    page = dialog.page
    assert page is not None
    # it is kept, and nobody sees it again
    assert page.fields["key"].value == ""
    assert page.fields["key"].edit is not None
    assert "One is kept" in page.fields["key"].edit.placeholderText()
    type_into(page, "field-room", "8")
    await desk.save_target(dialog)
    (target,) = await desk.studio.publishing.targets()
    assert dict(target.options)["room"] == "8"
    assert desk.studio.publishing.has_secret(target, "key")
    assert dialog.page is not None
    dialog.page.delete.click()
    await until(lambda: not dialog.model.targets)
    assert await desk.studio.publishing.targets() == []
    notice = dialog.notices.notice("deleted")
    assert notice is not None
    notice.action_button.click()
    await until(lambda: bool(dialog.model.targets))
    (back,) = await desk.studio.publishing.targets()
    assert back.id == target.id
    await until(lambda: dialog.page is not None and dialog.page.draft.name == "Attic")
    await desk.close_targets(dialog)


async def test_a_kept_secret_is_removed_or_kept_after_all(desk: Desk, place: Place) -> None:
    studio = desk.studio
    target = await studio.publishing.add_target(
        "Attic", TargetKind.S3, {"room": "1"}, {"key": "a-secret-of-many-letters"}
    )
    dialog = await desk.open_targets()
    await until(lambda: dialog.page is not None and dialog.page.draft.name == "Attic")
    page = dialog.page
    assert page is not None
    remove, key = page.fields["key"].removal, page.fields["key"].edit
    assert remove is not None
    assert key is not None
    assert (remove.isHidden(), remove.text()) == (False, "Remove it")
    remove.click()
    assert key.placeholderText() == "It is removed when you save"
    assert page.save.isEnabled()
    remove.click()
    assert "One is kept" in key.placeholderText()
    assert not page.save.isEnabled()
    remove.click()
    # another one in its place: nothing is removed then
    type_into(page, "field-key", "another-secret-of-many")
    assert remove.text() == "Remove it"
    remove.click()
    assert key.text() == ""
    await desk.save_target(dialog)
    assert studio.secrets.key(target.secret_name("key")) is None
    assert dialog.page is not None
    gone = dialog.page.fields["key"].removal
    assert gone is not None
    assert gone.isHidden()
    await desk.close_targets(dialog)


async def test_a_key_file_is_chosen(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text("{}")
    dialog = await desk.open_targets()
    page = await desk.new_target(dialog, TargetKind.GOOGLE)
    type_into(page, "field-key_file", str(tmp_path / "old.json"))
    choose_it = page.findChild(QPushButton, "choose-key_file")
    assert choose_it is not None
    assert choose_it.accessibleName() == "Choose a file"
    opening = Opening(QFileDialog)
    choose_it.click()
    chooser = await opening.shown
    assert isinstance(chooser, QFileDialog)
    assert chooser.fileMode() is QFileDialog.FileMode.ExistingFile
    assert Path(chooser.directory().absolutePath()) == tmp_path
    line = chooser.findChild(QLineEdit)
    assert line is not None
    line.setText(str(file))
    chooser.accept()
    await until(lambda: page.fields["key_file"].value == str(file))
    assert page.draft.options["key_file"] == str(file)
    opening = Opening(Question)
    dialog.leave.click()
    question = await opening.shown
    assert isinstance(question, Question)
    question.do_it.click()
    await until(lambda: desk.publishing.targets.dialog is None)


async def test_a_folder_that_is_not_there_is_saved_with_a_warning(
    desk: Desk, tmp_path: Path
) -> None:
    dialog = await desk.open_targets()
    page = await desk.new_target(dialog, TargetKind.FOLDER)
    type_into(page, "field-folder", str(tmp_path / "unplugged"))
    await desk.save_target(dialog)
    await until(lambda: any("may not be plugged in" in one for one in dialog.notices.texts))


async def test_a_test_that_fails_says_why(desk: Desk, tmp_path: Path) -> None:
    dialog = await desk.open_targets()
    page = await desk.new_target(dialog, TargetKind.FOLDER)
    type_into(page, "field-folder", str(tmp_path / "not there"))
    page.test.click()
    await until(lambda: bool(page.result.text) and not dialog.model.trial.is_running)
    assert dialog.model.trial.problem
    assert page.result.text == dialog.model.trial.problem
    assert page.result.text.startswith("The test failed. ")
    assert "delivered" not in page.result.text
    type_into(page, "field-folder", str(tmp_path))
    # what was said of another folder is not said of this one
    assert page.result.text == ""
    page.test.click()
    await until(lambda: page.result.text == "The folder is there and can be written.")
    opening = Opening(Question)
    dialog.leave.click()
    question = await opening.shown
    assert isinstance(question, Question)
    question.do_it.click()
    await until(lambda: desk.publishing.targets.dialog is None)


async def test_a_name_that_is_taken_is_refused_where_it_was_typed(desk: Desk, place: Place) -> None:
    await a_target(desk.studio, place, "Attic")
    dialog = await desk.open_targets()
    await until(lambda: dialog.page is not None and dialog.page.draft.name == "Attic")
    dialog.new.click()
    page = await desk.new_target(dialog, TargetKind.S3)
    type_into(page, "targetName", "attic")
    type_into(page, "field-room", "9")
    page.save.click()
    await until(lambda: page.problem.text() != "")
    assert dialog.page is page
    assert len(await desk.studio.publishing.targets()) == 1
    type_into(page, "targetName", "Cellar")
    await desk.save_target(dialog)
    assert len(await desk.studio.publishing.targets()) == 2
    await desk.close_targets(dialog)


async def test_a_rule_is_made_switched_off_and_deleted_with_a_way_back(
    desk: Desk, place: Place
) -> None:
    target = await a_target(desk.studio, place, "Attic")
    dialog = await _rules(desk)
    assert "No rule yet" in dialog.empty.text
    dialog.empty.button.click()
    setting = desk.publishing.rules
    await until(lambda: setting.editing is not None and setting.editing.isVisible())
    editing = setting.editing
    assert editing is not None
    assert editing.problem.text() == "Choose where the clips go."
    editing.pictures.click()
    (row,) = editing.targets
    row.tick.click()
    editing.name.clear()
    QTest.keyClicks(editing.name, "To the attic")
    editing.yes.click()
    await until(lambda: setting.editing is None and len(dialog.rows) == 1)
    (rule,) = await desk.studio.publishing.rules()
    assert (rule.name, rule.kinds) == ("To the attic", frozenset({GenerationKind.VIDEO}))
    assert dialog.rows[0].words.text() == "Every finished video \u2192 Attic"
    dialog.rows[0].tick.click()
    await until(lambda: not dialog.model.rules[0].is_on)
    dialog.rows[0].delete.click()
    await until(lambda: not dialog.model.rules)
    notice = dialog.notices.notice("deleted rule")
    assert notice is not None
    notice.action_button.click()
    await until(lambda: len(dialog.rows) == 1)
    assert target.id == dialog.model.rules[0].targets[0].target_id
    dialog.leave.click()
    await until(lambda: setting.dialog is None)


async def _rules(desk: Desk) -> RulesDialog:
    setting = desk.publishing.rules
    desk.publishing.show_rules()
    await until(lambda: setting.dialog is not None and setting.dialog.isVisible())
    assert setting.dialog is not None
    return setting.dialog
