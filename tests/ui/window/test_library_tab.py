"""The Library tab in the real window: found, marked, deleted, remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import becomes
from tests.ui.window.conftest import running
from tests.ui.window.shown_library import BOAT, FOX, KITE, LAMP, LibraryDriver, fill
from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.paths import Paths
from veo_studio.ui.window_pages import FORMS, INSIGHTS, LIBRARY, STORYBOARD

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
async def library(
    qapp: QApplication, paths: Paths, no_task_left: None
) -> AsyncIterator[LibraryDriver]:
    fill(paths)
    async with running(paths) as driver:
        shown = LibraryDriver(driver)
        await shown.open(4)
        yield shown


async def test_the_tabs_have_keys_and_the_player_goes_along(
    qapp: QApplication, paths: Paths, no_task_left: None
):
    async with running(paths) as driver:
        window = driver.window
        assert window.pages.made(LIBRARY) is None, "nothing is built before it is looked at"
        home = window.player.parentWidget()
        for keys, page in ((4, LIBRARY), (7, INSIGHTS), (3, STORYBOARD), (1, FORMS), (4, LIBRARY)):
            window.acts.tabs[keys - 1].trigger()
            assert window.pages.current == page
            assert window.tabs.currentIndex() == keys - 1
            is_home = window.player.parentWidget() is home
            assert is_home is (page != LIBRARY)
        assert window.library.side.isAncestorOf(window.player)
        for _ in range(4):
            window.acts.next_tab.trigger()
        assert window.tabs.tabText(window.tabs.currentIndex()) == "Text to Video"
        assert window.player.isVisible()
        window.acts.previous_tab.trigger()
        assert window.pages.current == INSIGHTS
        window.acts.focus_prompt.trigger()
        assert window.pages.current == FORMS, "who wants to write is brought to the form"
        assert window.form.prompt.hasFocus()


async def test_typing_finds_and_escape_steps_out(library: LibraryDriver):
    view = library.view
    assert library.prompts == [LAMP, KITE, BOAT, FOX]
    library.window.acts.focus_search.trigger()
    assert view.bar.search.hasFocus()
    QTest.keyClicks(view.bar.search, "kite re")
    await library.until(lambda: library.prompts == [KITE])
    QTest.keyClick(view.bar.search, Qt.Key.Key_Down)
    assert view.grid.hasFocus()
    assert library.chosen == [KITE]
    library.press(Qt.Key.Key_Escape)
    assert library.chosen == []
    library.press(Qt.Key.Key_Escape)
    assert view.bar.search.hasFocus()
    QTest.keyClick(view.bar.search, Qt.Key.Key_Escape)
    await library.until(lambda: len(library.rows) == 4)
    QTest.keyClick(view.bar.search, Qt.Key.Key_Escape)
    assert view.grid.hasFocus()


async def test_filters_are_chips_that_go_one_by_one(library: LibraryDriver):
    view = library.view
    menu = view.bar.menu
    menu.fill()
    subs = {one.title().replace("&", ""): one for one in menu.findChildren(type(menu).__mro__[1])}
    assert "Tag" not in subs, "a filter that nothing has is not offered"
    model_line = subs["Model"].actions()[0]
    assert model_line.text().endswith("\t4")
    model_line.trigger()
    rating = subs["Rating"].actions()
    rating[0].trigger()
    await library.until(lambda: view.stack.currentWidget() is view.empty)
    assert view.empty.text == "Nothing matches this search."
    assert library.chips[1] == "\u2605\u2605\u2605\u2605\u2605"
    library.driver.click(view.bar.chips.chips[1])
    await library.until(lambda: len(library.rows) == 4)
    assert len(library.chips) == 1
    library.driver.click(view.bar.chips.clear_button)
    assert library.chips == []
    assert view.model.query.is_plain


async def test_an_empty_library_says_what_to_do(
    qapp: QApplication, paths: Paths, no_task_left: None
):
    async with running(paths) as driver:
        shown = LibraryDriver(driver)
        await shown.open(0)
        assert shown.view.empty.text.startswith("No clips yet.")
        driver.click(shown.view.empty.button)
        assert driver.window.pages.current == FORMS
        assert driver.window.form.prompt.hasFocus()


async def test_keys_mark_what_is_selected(library: LibraryDriver):
    library.choose(KITE)
    library.press(Qt.Key.Key_4)
    await library.until(lambda: library.row(KITE).rating == 4)
    library.press(Qt.Key.Key_F)
    await library.until(lambda: library.row(KITE).favourite)
    library.press(Qt.Key.Key_X)
    await library.until(lambda: library.row(KITE).rejected)
    assert not library.row(KITE).favourite, "what is rejected is no favourite"
    await library.until(lambda: library.notices == ["1 rejected."])
    library.press(Qt.Key.Key_X)
    await library.until(lambda: not library.row(KITE).rejected)


async def test_what_is_done_to_one_can_be_undone_too(library: LibraryDriver):
    library.choose(KITE)
    library.press(Qt.Key.Key_F)
    await library.until(lambda: library.notices == ["1 favourite."])
    library.press(Qt.Key.Key_X)
    await library.until(lambda: library.notices == ["1 rejected."])
    # what cannot be undone takes no way back away
    library.control._offer_undo("Renamed.", None)
    assert library.notices == ["1 rejected.", "Renamed."]
    library.control._telling.undo()
    await library.until(lambda: library.row(KITE).favourite)
    assert not library.row(KITE).rejected


async def test_a_notification_selects_its_clips_in_the_library_that_is_shown(
    library: LibraryDriver,
):
    library.choose(KITE)
    news = library.driver.window.telling.news
    news.opened.emit([library.row(BOAT)])
    assert library.chosen == [BOAT]
    news.opened.emit([library.row(FOX), library.row(LAMP)])
    assert sorted(library.chosen) == sorted([FOX, LAMP])


async def test_what_is_done_to_several_can_be_undone(library: LibraryDriver):
    library.choose(KITE)
    library.press(Qt.Key.Key_3)
    await library.until(lambda: library.row(KITE).rating == 3)
    library.press(Qt.Key.Key_A, CTRL)
    assert len(library.chosen) == 4
    foot = library.view.foot
    await becomes_words(library, "4 selected \u00b7 4.0 kB")
    assert not foot.selection.buttons["compare"].toolTip().startswith("Two")
    library.press(Qt.Key.Key_5)
    await library.until(lambda: [one.rating for one in library.rows] == [5] * 4)
    await library.until(lambda: library.notices == ["4 rated with 5."])
    library.undo()
    await library.until(lambda: [one.rating for one in library.rows] == [0, 3, 0, 0])


async def becomes_words(library: LibraryDriver, words: str) -> None:
    words_of = library.view.foot.selection.words
    facts = library.control._facts_timer.timeout
    model = library.view.model
    # the facts come from the database, a moment after the selection rests
    await becomes(
        lambda: words_of.text == words,
        facts,
        model.dataChanged,
        library.view.foot.selection.facts_shown,
    )


async def test_deleting_goes_on_with_the_next_and_comes_back(library: LibraryDriver):
    library.choose(KITE, BOAT)
    paths = [library.row(one).video_path for one in (KITE, BOAT)]
    library.press(Qt.Key.Key_Delete)
    await library.until(lambda: library.prompts == [LAMP, FOX])
    assert library.chosen == [FOX]
    assert not any(path.exists() for path in paths)
    await library.until(lambda: library.notices == ["2 clips moved to the trash."])
    library.undo()
    await library.until(lambda: library.prompts == [LAMP, KITE, BOAT, FOX])
    assert all(path.exists() for path in paths)


async def test_the_player_follows_the_selection_and_lets_go(library: LibraryDriver):
    player = library.window.player
    library.choose(BOAT)
    await library.until(lambda: player.generation is not None and player.generation.prompt == BOAT)
    library.choose(FOX)
    await library.until(lambda: player.generation.prompt == FOX)
    library.press(Qt.Key.Key_Delete)
    await library.until(lambda: FOX not in library.prompts)
    await library.until(lambda: player.generation is not None and player.generation.prompt == BOAT)


async def test_how_it_is_looked_at_survives_a_restart(
    qapp: QApplication, paths: Paths, no_task_left: None
):
    fill(paths)
    async with running(paths) as driver:
        shown = LibraryDriver(driver)
        await shown.open(4)
        query = replace(LibraryQuery(), sort=Sort.PROMPT, favourites=False, text="a")
        shown.view.model.set_query(query)
        await shown.until(lambda: shown.prompts == [LAMP, BOAT, KITE])
        driver.click(shown.view.bar.list_button)
        shown.view.bar.cell.setValue(300)
        shown.view.bar.days_button.setChecked(False)
    async with running(paths) as driver:
        assert driver.window.pages.current == LIBRARY
        assert driver.window.tabs.currentIndex() == 3
        shown = LibraryDriver(driver)
        await shown.until(lambda: shown.prompts == [LAMP, BOAT, KITE])
        view = shown.view
        assert view.model.query == query
        assert view.bar.search.text() == "a"
        assert view.bar.sort.currentText() == "By prompt"
        assert not view.grid.is_grid
        assert (view.cell_px, view.has_days) == (300, False)


async def test_a_small_window_has_the_clips_and_the_rest_on_demand(
    qapp: QApplication, paths: Paths, no_task_left: None
):
    fill(paths)
    async with running(paths, width=800, height=600) as driver:
        shown = LibraryDriver(driver)
        await shown.open(4)
        view = shown.view
        assert not view.sidebar.isVisible()
        assert not view.side.isVisible()
        assert view.grid.width() > 700
        driver.click(view.bar.sidebar_button)
        assert view.sidebar.isVisible(), "over the clips"
        shown.click_place("Favourites")
        await shown.until(lambda: view.stack.currentWidget() is view.empty)
        assert not view.sidebar.isVisible(), "it goes when something was chosen"
        assert shown.chips == ["Favourites"]
        driver.click(view.bar.chips.clear_button)
        await shown.until(lambda: len(shown.rows) == 4)
        driver.click(view.bar.side_button)
        assert driver.window.player.isVisible()
        assert view.grid.isVisible()
        driver.window.resize(1280, 800)
        await becomes(lambda: view.sidebar.isVisible(), view.room.fitted)
        assert driver.window.player.isVisible()


async def test_the_menu_of_a_clip_has_a_letter_in_every_line(library: LibraryDriver):
    library.choose(KITE)
    view = library.view
    view.open_menu(view.mapToGlobal(view.rect().center()))
    lines = [one.text() for one in view.menu.actions() if not one.isSeparator()]
    letters = [line.partition("&")[2][:1].casefold() for line in lines]
    assert all(letters)
    assert len(set(letters)) == len(letters)
    view.menu.close()


async def test_the_history_counts_pictures_as_what_they_are(library: LibraryDriver):
    library.window.acts.tabs[0].trigger()
    assert library.window.history.count.text() == "4 clips and pictures"
