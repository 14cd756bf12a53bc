"""The Storyboard tab in the real window: begun, written, arranged, kept, carried in and out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu

from tests.ui.storyboard.pages import Page
from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.paths import Paths
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import Storyboard
from veo_studio.ui.board_keeping import BoardKeeping
from veo_studio.ui.views.new_board import NewBoardDialog
from veo_studio.ui.views.scene_import import SceneImportDialog
from veo_studio.ui.views.storyboard import StoryboardView
from veo_studio.ui.window_pages import STORYBOARD

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
KEYS = Qt.Key


class Board(Page):
    """The tab as its user has it."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver.window, driver.window.storyboarding.document)
        self.driver = driver
        self.tabs = driver.window.storyboarding

    async def open(self) -> None:
        self.driver.window.pages.show(STORYBOARD)
        await becomes(lambda: self.keeping.is_read, self.keeping.began)

    @property
    def view(self) -> StoryboardView:
        assert self.tabs.view is not None
        return self.tabs.view

    @property
    def keeping(self) -> BoardKeeping:
        assert self.tabs.keeping is not None
        return self.tabs.keeping

    async def stored(self) -> Storyboard:
        studio = self.driver.program.studio
        assert studio is not None
        return await studio.storyboards.repository.get(self.board.scenario.uuid)

    async def told(self, words: str) -> None:
        notices = self.view.notices
        await becomes(lambda: words in notices.texts, notices.shown)


@pytest.fixture
async def board(qapp: QApplication, paths: Paths, no_task_left: None) -> AsyncIterator[Board]:
    async with running(paths) as driver:
        made = Board(driver)
        await made.open()
        await made.keeping.create("The harbour")
        driver.window.activateWindow()
        yield made


async def test_a_storyboard_is_begun_written_and_there_again(
    qapp: QApplication, paths: Paths, no_task_left: None
):
    async with running(paths) as driver:
        board = Board(driver)
        assert board.tabs.view is None, "nothing is built before it is looked at"
        await board.open()
        view = board.view
        assert view.empty.isVisible()
        opening = Opening(NewBoardDialog)
        driver.click(view.empty.button)
        dialog = await opening.shown
        assert isinstance(dialog, NewBoardDialog)
        assert dialog.focusWidget() is dialog.field
        assert dialog.field.selectedText() == "My film"
        assert dialog.resolution == "1280:720"
        assert [one.option.words for one in dialog.shape.buttons][:3] == ["16:9", "9:16", "1:1"]
        dialog.shape.buttons[2].click()
        dialog.field.setText("The harbour <b>at night</b>")
        QTest.keyClick(dialog.field, KEYS.Key_Return)
        await becomes(lambda: board.document.board is not None, board.document.opened)
        assert board.board.scenario.resolution == "960:960"
        assert view.top.chooser.text() == "The harbour <b>at night</b>"
        driver.click(view.no_scenes.button)
        assert driver.window.focusWidget() is view.editor.picture
        QTest.keyClicks(view.editor.picture, "A boat")
        board.press(KEYS.Key_N, CTRL | SHIFT)
        QTest.keyClicks(view.editor.picture, "A lamp")
        QTest.keyClicks(view.editor.motion, "It turns")
        view.editor.seconds.setValue(12)
        assert board.prompts == ["A boat", "A lamp"]
        assert view.top.summary.text == "2 scenes \u00b7 0:17"
        # the window is closed before the half second is over: nothing is lost
    async with running(paths) as driver:
        board = Board(driver)
        await becomes(lambda: board.tabs.keeping is not None, driver.window.pages.changed)
        await becomes(lambda: board.keeping.is_read, board.keeping.began)
        assert driver.window.pages.current == STORYBOARD
        assert board.board.scenario.title == "The harbour <b>at night</b>"
        assert board.prompts == ["A boat", "A lamp"]
        assert (board.scenes[1].visual_prompt, board.scenes[1].duration_s) == ("It turns", 12)


async def test_undo_and_redo_by_key_in_a_field_and_in_the_list(board: Board):
    board.write_scenes("Boat", "Fox")
    editor = board.view.editor
    editor.picture.setFocus()
    editor.picture.moveCursor(editor.picture.textCursor().MoveOperation.End)
    QTest.keyClicks(editor.picture, " at sea")
    assert board.prompts == ["Boat at sea", "Fox"]
    board.press(KEYS.Key_Z, CTRL)
    assert (board.prompts, editor.picture.toPlainText()) == (["Boat", "Fox"], "Boat")
    board.press(KEYS.Key_Y, CTRL)
    assert editor.picture.toPlainText() == "Boat at sea"
    board.in_list(KEYS.Key_Z, CTRL)
    assert board.prompts == ["Boat", "Fox"]
    board.in_list(KEYS.Key_Z, CTRL | SHIFT)
    assert board.prompts == ["Boat at sea", "Fox"]
    board.driver.click(board.view.top.undo)
    board.driver.click(board.view.top.undo)
    assert board.scenes == ()
    assert not board.view.top.undo.isEnabled()


async def test_a_picture_is_dropped_to_make_the_scene_after(board: Board, tmp_path: Path):
    board.write_scenes("Boat")
    path = tmp_path / "boat.jpg"
    Image.linear_gradient("L").resize((300, 400)).convert("RGB").save(path)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    editor = board.view.editor
    editor.dropEvent(
        QDropEvent(
            QPointF(40, 40), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )  # fmt: skip
    await becomes(lambda: board.scenes[0].reference is not None, board.document.board_changed)
    reference = board.scenes[0].reference
    assert reference is not None
    assert reference.name == "boat.jpg"
    (tile,) = editor.reference.tiles
    assert tile.remove is not None
    board.driver.click(tile.remove)
    assert board.scenes[0].reference is None
    board.document.undo.undo()
    await board.saved()
    assert (await board.stored()).scenes[0].reference == reference


def menu_words(menu: QMenu) -> list[str]:
    return [one.text().replace("&", "").partition("\t")[0] for one in menu.actions()]


async def test_storyboards_are_chosen_renamed_duplicated_and_deleted_with_a_way_back(board: Board):
    board.write_scenes("Boat")
    await board.keeping.create("Another")
    chooser = board.view.top.chooser
    chooser.fill()
    assert menu_words(chooser.boards)[:2] == ["Another", "The harbour"]
    assert chooser.boards.actions()[0].isChecked()
    chooser.boards.actions()[1].trigger()
    await becomes(lambda: board.board.scenario.title == "The harbour", board.document.opened)
    assert board.prompts == ["Boat"], "what was written was stored before"
    await board.keeping.rename("The old harbour")
    assert chooser.text() == "The old harbour"
    board.document.undo.undo()
    assert chooser.text() == "The harbour"
    await board.keeping.duplicate()
    assert board.board.scenario.title == "The harbour (copy)"
    assert board.prompts == ["Boat"]
    await board.keeping.delete()
    await board.told("“The harbour (copy)” was deleted. Its clips stay in the library.")
    assert board.board.scenario.title != "The harbour (copy)"
    (notice,) = board.view.notices.notices
    notice.action_button.click()
    await becomes(lambda: board.board.scenario.title == "The harbour (copy)", board.document.opened)
    assert board.prompts == ["Boat"]
    for _ in range(3):
        await board.keeping.delete()
    assert board.document.board is None
    assert board.view.empty.isVisible()


async def test_a_file_carries_a_storyboard(board: Board, tmp_path: Path):
    board.write_scenes("Boat", "Fox")
    path = tmp_path / "harbour.veostory"
    await board.keeping.write_out(board.board, path)
    await board.told("The storyboard was saved as harbour.veostory.")
    await board.keeping.delete()
    await board.keeping.take_in(path)
    assert board.board.scenario.title == "The harbour"
    assert board.prompts == ["Boat", "Fox"]
    damaged = tmp_path / "damaged.veostory"
    damaged.write_text("{", encoding="utf-8")
    before = board.board
    with pytest.raises(ValueError, match=r"damaged\.veostory"):
        await board.keeping.take_in(damaged)
    assert board.board == before


async def test_what_the_command_line_wrote_is_shown(board: Board):
    board.write_scenes("Boat", "Fox")
    await board.saved()
    studio = board.driver.program.studio
    assert studio is not None
    theirs = edits.change_scene(board.board, board.scenes[1].uuid, image_prompt="A red fox")
    await studio.storyboards.repository.save(theirs)
    QTest.keyClicks(board.view.editor.picture, "s")
    await board.told(
        "This storyboard was changed outside this window. Undo brings your version back."
    )
    assert board.prompts == ["Boat", "A red fox"]


async def test_the_menu_says_what_can_be_done(board: Board):
    window = board.driver.window
    board.write_scenes("Boat", "Fox")
    board.choose(0, 1)
    menu = window.menus.scenes
    menu.aboutToShow.emit()
    words = [one for one in menu_words(menu) if one]
    assert words == [
        "Undo: Scenes", "Redo", "New scene", "Scenes from a text…", "Duplicate 2 scenes", "Split",
        "Move up", "Move down", "Delete 2 scenes", "Make what is missing", "Rehearse",
        "Approve the pictures", "New picture", "New take", "Scenes or film", "Export the film…",
        "New storyboard…", "Open a storyboard…",
    ]  # fmt: skip
    named = {one.text().replace("&", "").partition("\t")[0]: one for one in menu.actions()}
    assert not named["Split"].isEnabled()
    named["Delete 2 scenes"].trigger()
    assert board.scenes == ()
    board.document.undo.undo()
    board.view.open_menu(board.view.mapToGlobal(QPoint(10, 10)))
    assert board.view.menu is not None
    assert len([one for one in menu_words(board.view.menu) if one]) == len(words)
    board.view.menu.close()
    window.acts.tabs[0].trigger()
    menu.aboutToShow.emit()
    assert menu_words(menu) == ["Storyboard"]
    menu.actions()[0].trigger()
    assert window.pages.current == STORYBOARD


async def test_the_list_of_storyboards_is_right_at_the_first_opening(board: Board):
    chooser = board.view.top.chooser
    board.write_scenes("Boat", "Fox")
    await board.saved()
    chooser.boards.popup(QPoint(0, 0))
    await becomes(
        lambda: (
            [one.text().partition(",")[0] for one in chooser.boards.actions()[:1]]
            == ["The harbour\t2 scenes"]
        ),
        chooser.filled,
    )
    chooser.boards.close()


async def test_empty_pages_offer_a_text_and_a_file(board: Board):
    view = board.view
    assert view.no_scenes.isVisible()
    for button in (view.text_buttons[1], view.file_buttons[1]):
        assert button.isVisible()
    opening = Opening(SceneImportDialog)
    board.driver.click(view.text_buttons[1])
    (await opening.shown).close()
    await board.keeping.delete()
    asked: list[str] = []
    view.board_requested.connect(asked.append)
    opening = Opening(NewBoardDialog)
    board.driver.click(view.text_buttons[0])
    (await opening.shown).close()
    assert asked == ["from_text"]
    # never wholly grey: without a storyboard one is begun or opened
    live = [one.text().partition("\t")[0] for one in view.menu_actions() if one and one.isEnabled()]
    assert live == ["New storyboard…", "Open a storyboard…"]


async def test_a_script_that_is_opened_is_wide(board: Board, tmp_path: Path):
    path = tmp_path / "script.txt"
    path.write_text("A boat leaves.\n\nA lamp turns.", encoding="utf-8")
    await board.keeping.take_in(path)
    assert board.board.scenario.resolution == "1280:720"
    board.document.undo.undo()
    assert board.board.scenario.resolution == "", "what the file says"


async def test_a_subtitle_is_written_in_the_scene(board: Board):
    board.write_scenes("Boat")
    QTest.keyClicks(board.view.editor.subtitle, "We have to go.")
    assert board.scenes[0].cut.subtitle == "We have to go."
    board.document.undo.undo()
    assert board.scenes[0].cut.subtitle == ""
    assert board.view.editor.subtitle.toPlainText() == ""


async def test_the_film_by_key_and_back(board: Board):
    board.write_scenes("Boat")
    board.in_list(KEYS.Key_F, CTRL | SHIFT)
    assert board.view.part == "film"
    # without clips there is one way on, and F6 finds it
    board.driver.window.acts.next_pane.trigger()
    filming = board.tabs.filming
    assert filming is not None
    assert filming.page is not None
    assert board.window.focusWidget() is filming.page.empty.button
    assert board.view.top.side.isHidden(), "there is nothing at the side of the film"
    board.press(KEYS.Key_F, CTRL | SHIFT)
    assert board.view.part == "scenes"
    assert not board.view.top.side.isHidden()


async def test_a_narrow_window_shows_the_side_on_demand_and_f6_goes_through_the_parts(board: Board):
    view = board.view
    board.write_scenes("Boat")
    assert view.editor.isVisible()
    assert view.side_place.isVisible()
    board.driver.window.resize(800, 600)
    await becomes(lambda: not view.side_place.isVisible(), view.resized)
    assert view.editor.isVisible()
    board.driver.click(view.top.side)
    assert view.side_place.isVisible()
    assert not view.editor.isVisible()
    assert view.list.isVisible()
    board.driver.window.resize(1280, 800)
    await becomes(lambda: view.editor.isVisible(), view.resized)
    assert view.side_place.isVisible()
    # by key through all of them
    acts = board.driver.window.acts
    view.list.setFocus()
    met = []
    for _ in range(4):
        acts.next_pane.trigger()
        focus = board.window.focusWidget()
        assert focus is not None
        parts = (view.list, view.editor, view.side_place, view.run_place)
        met.append(next(n for n, part in enumerate(parts) if part is focus or part.isAncestorOf(focus)))  # fmt: skip
    assert met == [1, 2, 3, 0]
