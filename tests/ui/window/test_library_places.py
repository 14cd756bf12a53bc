"""Collections, saved searches and tags in the real window."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import running
from tests.ui.window.shown_library import BOAT, FOX, KITE, LAMP, LibraryDriver, fill
from veo_studio.core.library_query import LibraryQuery
from veo_studio.core.paths import Paths
from veo_studio.ui.views.name_dialog import NameDialog
from veo_studio.ui.views.name_picker import NamePicker

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
async def library(
    qapp: QApplication, paths: Paths, no_task_left: None
) -> AsyncIterator[LibraryDriver]:
    fill(paths)
    async with running(paths) as driver:
        shown = LibraryDriver(driver)
        await shown.open(4)
        yield shown


async def give_name(opening: Opening, name: str) -> NameDialog:
    """Type it into the dialog that opens, and press Return."""
    dialog = await opening.shown
    assert isinstance(dialog, NameDialog)
    dialog.field.selectAll()
    QTest.keyClicks(dialog.field, name)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    return dialog


async def make_collection(library: LibraryDriver, name: str) -> None:
    opening = Opening(NameDialog)
    library.view.sidebar.new_collection_clicked.emit()
    await give_name(opening, name)
    await library.until(lambda: name in library.places)


async def test_a_collection_is_made_filled_shown_and_deleted_with_undo(library: LibraryDriver):
    await make_collection(library, "Harbour film")
    view, places = library.view, library.control.places
    await library.until(lambda: view.stack.currentWidget() is view.empty)
    assert view.empty.text.startswith("This collection is empty.")
    library.driver.click(view.empty.button)
    await library.until(lambda: len(library.rows) == 4)
    library.choose(KITE, FOX)
    (collection,) = places.places.collections
    view.sidebar.clips_dropped.emit(collection, list(view.chosen_ids()))
    await library.until(lambda: places.places.collections[0].count == 2)
    assert library.notices == ["2 added to \u201cHarbour film\u201d."]
    library.click_place("Harbour film")
    await library.until(lambda: library.prompts == [KITE, FOX])
    assert library.chips == ["Harbour film"]
    library.choose(FOX)
    view.used.emit("take_out")
    await library.until(lambda: library.prompts == [KITE])
    view.sidebar.delete_requested.emit(view.sidebar.current_place())
    await library.until(lambda: "Harbour film" not in library.places)
    await library.until(lambda: len(library.rows) == 4)
    library.undo()
    await library.until(lambda: "Harbour film" in library.places)
    library.click_place("Harbour film")
    await library.until(lambda: library.prompts == [KITE])


async def test_a_collection_that_comes_back_is_found_by_its_saved_searches(
    library: LibraryDriver,
):
    places = library.control.places
    kite = library.row(KITE).id
    await make_collection(library, "Harbour film")
    (collection,) = places.places.collections
    await places.add_to_collection(collection.id, [kite])
    await places.save_search("Of the harbour", LibraryQuery(collection_id=collection.id))
    await library.until(lambda: "Of the harbour" in library.places)
    await places.delete_collection(collection.id)
    await library.until(lambda: "Harbour film" not in library.places)
    library.undo()
    await library.until(lambda: "Harbour film" in library.places)
    library.click_place("Of the harbour")
    await library.until(lambda: library.prompts == [KITE])
    assert library.chips == ["Harbour film"]


async def test_what_changes_nothing_has_no_undo(library: LibraryDriver):
    kite = library.row(KITE).id
    await make_collection(library, "Harbour film")
    (collection,) = library.control.places.places.collections
    added, already = "Added to \u201cHarbour film\u201d.", "In \u201cHarbour film\u201d already."
    # what was done before can still be undone
    for said in ([added], [added, already]):
        library.view.sidebar.clips_dropped.emit(collection, [kite])
        await library.until(lambda said=said: library.notices == said)
    assert library.view.notices.notices[-1].action_button.isHidden()


async def test_a_name_that_is_taken_is_refused_where_it_is_typed(library: LibraryDriver):
    await make_collection(library, "Harbour film")
    opening = Opening(NameDialog)
    library.view.sidebar.new_collection_clicked.emit()
    dialog = await give_name(opening, "harbour FILM")
    await becomes(lambda: bool(dialog.problem.text()), dialog.refused)
    assert dialog.isVisible()
    assert dialog.problem.text() == "There is a collection 'harbour FILM' already."
    QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
    assert library.places.count("Harbour film") == 1


async def test_a_search_is_saved_renamed_updated_and_deleted(library: LibraryDriver):
    view, places = library.view, library.control.places
    QTest.keyClicks(view.bar.search, "kite")
    await library.until(lambda: library.prompts == [KITE])
    opening = Opening(NameDialog)
    library.driver.click(view.bar.chips.save_button)
    dialog = await opening.shown
    assert dialog.field.text() == "kite", "its words are offered as a name"
    await give_name(opening, "Kites")
    await library.until(lambda: "Kites" in library.places)
    library.click_place("All")
    await library.until(lambda: len(library.rows) == 4)
    library.click_place("Kites")
    await library.until(lambda: library.prompts == [KITE])
    view.bar.search.setText("boat")
    await library.until(lambda: library.prompts == [BOAT])
    view.sidebar.update_requested.emit(places.places.searches[0])
    await library.until(lambda: places.places.searches[0].query.text == "boat")
    opening = Opening(NameDialog)
    QTest.keyClick(view.sidebar, Qt.Key.Key_F2)
    await give_name(opening, "Boats")
    await library.until(lambda: "Boats" in library.places)
    QTest.keyClick(view.sidebar, Qt.Key.Key_Delete)
    await library.until(lambda: "Boats" not in library.places)
    library.undo()
    await library.until(lambda: "Boats" in library.places)


async def test_tags_of_several_show_what_only_some_have(library: LibraryDriver):
    library.choose(KITE)
    picker = await open_picker(library, Qt.Key.Key_T)
    QTest.keyClicks(picker.field, "b-roll")
    assert shown(picker) == [("Add the tag \u201cb-roll\u201d", None)]
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    await library.until(lambda: library.row(KITE).tags == ("b-roll",))
    picker.close()
    library.choose(KITE, LAMP)
    picker = await open_picker(library, Qt.Key.Key_T)
    await library.until(lambda: shown(picker) == [("b-roll", Qt.CheckState.PartiallyChecked)])
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    await library.until(lambda: library.row(LAMP).tags == ("b-roll",))
    await becomes(lambda: shown(picker) == [("b-roll", Qt.CheckState.Checked)], picker.shown_anew)
    QTest.keyClick(picker.field, Qt.Key.Key_Escape)
    await library.until(lambda: library.notices == ["2 tagged with \u201cb-roll\u201d."])
    library.undo()
    await library.until(lambda: library.row(LAMP).tags == ())
    assert library.row(KITE).tags == ("b-roll",), "it had it before"
    await library.until(lambda: "b-roll" in library.places)
    library.click_place("b-roll")
    await library.until(lambda: library.prompts == [KITE])
    assert library.chips == ["#b-roll"]
    library.click_place("b-roll")
    await library.until(lambda: len(library.rows) == 4)


async def test_clips_go_into_a_new_collection_by_keys(library: LibraryDriver):
    library.press(Qt.Key.Key_A, CTRL)
    picker = await open_picker(library, Qt.Key.Key_B)
    QTest.keyClicks(picker.field, "All of it")
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    await library.until(lambda: "All of it" in library.places)
    await becomes(
        lambda: shown(picker) == [("All of it", Qt.CheckState.Checked)], picker.shown_anew
    )
    picker.close()
    assert library.control.places.places.collections[0].count == 4


async def open_picker(library: LibraryDriver, key: Qt.Key) -> NamePicker:
    opening = Opening(NamePicker)
    library.view.grid.setFocus()
    library.press(key)
    picker = await opening.shown
    assert isinstance(picker, NamePicker)
    return picker


def shown(picker: NamePicker) -> list[tuple[str, Qt.CheckState | None]]:
    found = []
    for row in range(picker.list.count()):
        item = picker.list.item(row)
        assert item is not None
        state = item.data(Qt.ItemDataRole.CheckStateRole)
        found.append((item.text(), None if state is None else Qt.CheckState(state)))
    return found
