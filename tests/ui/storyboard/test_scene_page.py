"""Scenes in the list and the editor of the Storyboard page, over a real database, without the rest of the window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel

from tests.ui.storyboard.pages import Page
from veo_studio.core.store.database import Database
from veo_studio.core.store.storyboards import StoryboardRepository
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import Storyboard
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.clip_pictures import ClipPictures
from veo_studio.ui.view_models.scene_rows import SceneRows
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views.storyboard import StoryboardView

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
KEYS = Qt.Key


class Alone(Page):
    """The page as a window of its own."""

    def __init__(
        self, view: StoryboardView, document: BoardDocument, store: StoryboardRepository
    ) -> None:
        super().__init__(view, document)
        self._view = view
        self._store = store
        self.refused: list[str] = []
        view.refused.connect(self.refused.append)

    @property
    def view(self) -> StoryboardView:
        return self._view

    async def stored(self) -> Storyboard:
        return await self._store.get(self.board.scenario.uuid)


@pytest.fixture
async def board(
    qapp: QApplication, theme: Theme, tmp_path: Path, no_task_left: None
) -> AsyncIterator[Alone]:
    database = Database.open(tmp_path / "library.db")
    store = StoryboardRepository(database)
    errors: list[BaseException] = []
    scope = TaskScope(errors.append)
    document = BoardDocument(scope.spawn)
    document.bind(store)
    pictures = ClipPictures(None, scope.spawn)
    rows = SceneRows(document, pictures)
    view = StoryboardView(document, rows)
    view.resize(1200, 700)
    view.show()
    document.open(await store.create(edits.new_board("The harbour")))
    yield Alone(view, document, store)
    await document.flush()
    pictures.stop()
    await scope.close()
    view.close()
    # views go before what they show
    for one in (view, rows, pictures, document):
        one.deleteLater()
    database.close()
    assert errors == []


async def test_keys_arrange_the_scenes(board: Alone):
    board.write_scenes("Boat", "Fox", "Kite")
    board.choose(0)
    board.in_list(KEYS.Key_Down, ALT | SHIFT)
    assert (board.prompts, board.chosen) == (["Fox", "Boat", "Kite"], [1])
    board.in_list(KEYS.Key_Down, ALT)
    assert board.chosen == [2]
    board.in_list(KEYS.Key_Up, ALT)
    board.in_list(KEYS.Key_D, CTRL)
    assert (board.prompts, board.chosen) == (["Fox", "Boat", "Boat", "Kite"], [2])
    board.choose(1, 2)
    board.in_list(KEYS.Key_Delete)
    assert (board.prompts, board.chosen) == (["Fox", "Kite"], [1])
    board.in_list(KEYS.Key_Return)
    # it has no motion yet
    assert board.window.focusWidget() is board.view.editor.motion
    await board.saved()
    assert [one.image_prompt for one in (await board.stored()).scenes] == ["Fox", "Kite"]


async def test_a_scene_is_split_where_the_cursor_stands(board: Alone):
    board.write_scenes("The boat leaves. \U0001f6a2 The fox waits.")
    picture = board.view.editor.picture
    picture.setFocus()
    cursor = picture.textCursor()
    # a ship is two units of the cursor, one character of ours
    cursor.setPosition(len("The boat leaves. \U0001f6a2") + 1)
    picture.setTextCursor(cursor)
    board.press(KEYS.Key_K, CTRL)
    assert board.prompts == ["The boat leaves. \U0001f6a2", "The fox waits."]
    board.choose(1)
    board.document.edit("Short", edits.change_scene(board.board, board.scenes[1].uuid,
                                                    image_prompt="Fox"))  # fmt: skip
    board.in_list(KEYS.Key_K, CTRL)
    assert board.refused == [
        "There is nothing to split here: put the cursor between two sentences."
    ]
    assert len(board.scenes) == 2


def drop(board: Alone, rows: list[int], to: int, *, is_below: bool = False) -> None:
    listed = board.view.list
    mime = listed.rows.mimeData([listed.rows.index(row, 0) for row in rows])
    box = listed.visualRect(listed.rows.index(to, 0))
    at = QPoint(box.center().x(), box.bottom() - 3 if is_below else box.top() + 3)
    listed.dropEvent(
        QDropEvent(
            QPointF(at), Qt.DropAction.MoveAction, mime, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )  # fmt: skip


async def test_scenes_are_dragged_to_another_place(board: Alone):
    board.write_scenes("Boat", "Fox", "Kite", "Lamp")
    board.choose(0)
    drop(board, [0], 2, is_below=True)
    assert board.prompts == ["Fox", "Kite", "Boat", "Lamp"]
    assert board.chosen == [2], "what was selected stays selected"
    drop(board, [1, 3], 0)
    assert board.prompts == ["Kite", "Lamp", "Fox", "Boat"]
    assert board.document.undo.undoText() == "Move 2 scenes"
    board.document.undo.undo()
    assert board.prompts == ["Fox", "Kite", "Boat", "Lamp"]
    drop(board, [1], 1)
    assert board.document.undo.undoText() == "Move a scene"


async def test_length_and_takes_are_set_for_all_that_are_selected(board: Alone):
    board.write_scenes("Boat", "Fox", "Kite")
    board.choose(0, 2)
    editor = board.view.editor
    assert editor.for_all.text().startswith("Length, takes")
    editor.seconds.setValue(9)
    editor.takes.setValue(3)
    editor.follows.setChecked(False)
    assert [scene.duration_s for scene in board.scenes] == [9, 5, 9]
    assert [scene.takes for scene in board.scenes] == [3, 1, 3]
    board.document.undo.undo()
    assert editor.takes.value() == 1
    board.choose(1)
    assert editor.for_all.text() == ""
    editor.follows.setChecked(True)
    assert [scene.follows for scene in board.scenes] == [False, True, False]


async def test_what_does_not_fit_is_not_kept_and_says_why(board: Alone):
    board.write_scenes("Boat")
    editor = board.view.editor
    QApplication.clipboard().setText("x" * 10_001)
    editor.picture.paste()
    assert editor.refused_line.text() == "The picture prompt is too long (max 10000 characters)."
    assert editor.picture.toPlainText() == "Boat"
    QTest.keyClicks(editor.picture, "s")
    assert editor.refused_line.text() == ""


async def test_two_hundred_scenes_change_one_row_at_a_time(board: Alone):
    board.write_scenes(*(f"Scene of the boat {number}" for number in range(200)))
    rows = board.view.list.rows
    assert rows.rowCount() == 200
    changed: list[tuple[int, int]] = []

    def on_changed(first: object, last: object) -> None:
        changed.append((first.row(), last.row()))  # type: ignore[attr-defined]

    rows.dataChanged.connect(on_changed)
    board.choose(120)
    QTest.keyClicks(board.view.editor.picture, "s")
    rows.dataChanged.disconnect(on_changed)
    assert set(changed) == {(120, 120)}
    await board.saved()
    assert len((await board.stored()).scenes) == 200


async def test_another_scene_is_shown_from_its_start(board: Alone):
    long = "\n".join(f"line {n} of what is seen" for n in range(60))
    board.write_scenes(f"{long}\nthe boat leaves", f"{long}\nthe boat comes")
    picture = board.view.editor.picture
    place = len(long) + 4
    cursor = picture.textCursor()
    cursor.setPosition(place)
    picture.setTextCursor(cursor)
    picture.ensureCursorVisible()
    board.view.list.choose_row(1)
    bar = picture.verticalScrollBar()
    assert bar is not None
    assert (picture.textCursor().position(), bar.value()) == (0, 0)
    # in one scene the cursor goes where the change is
    board.document.edit("Ends", edits.change_scene(board.board, board.scenes[1].uuid,
                                                   image_prompt=f"{long}\nthe boat sinks"))  # fmt: skip
    assert picture.textCursor().position() > len(long)


async def test_letters_of_a_label_are_not_cut_off(board: Alone):
    label = next(one for one in board.view.editor.findChildren(QLabel) if one.text() == "&Takes")
    bounds = label.fontMetrics().boundingRect("Takes")
    assert label.width() > max(bounds.right() + 1, label.fontMetrics().horizontalAdvance("Takes"))


async def test_without_a_scene_fields_show_what_a_new_one_has(board: Alone):
    editor = board.view.editor
    assert not editor.isEnabled()
    assert (editor.seconds.value(), editor.takes.value()) == (edits.new_scene().duration_s, 1)
    board.write_scenes("Boat", "Fox")
    assert not editor.follows.isEnabled()
    assert editor.follows.toolTip() == "The first scene has none before it"
    board.choose(1)
    assert editor.follows.isEnabled()
    assert editor.follows.toolTip().startswith("Its first picture")


async def test_undo_of_a_delete_chooses_what_came_back(board: Alone):
    board.write_scenes("Boat", "Fox", "Kite")
    board.choose(1, 2)
    board.view.run("scenes.delete")
    assert board.prompts == ["Boat"]
    board.document.undo.undo()
    assert board.prompts == ["Boat", "Fox", "Kite"]
    assert board.chosen == [1, 2]


async def test_a_page_is_alive_when_its_last_scene_goes_and_comes_back(board: Alone):
    board.write_scenes("Boat")
    board.view.editor.picture.setFocus()
    board.view.run("scenes.delete")
    assert board.scenes == ()
    assert board.window.focusWidget() is board.view.no_scenes.button
    board.document.undo.undo()
    assert board.chosen == [0]
    assert board.view.editor.isEnabled()
