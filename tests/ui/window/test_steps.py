"""The start in three steps: frame, newest clips, the rest; and what happens between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import becomes, emitted
from tests.ui.window.shown_library import BOAT, FOX, KITE, LAMP, fill
from veo_studio import app as starting
from veo_studio.app import Program
from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import StorageError
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.ui.main_window import MainWindow
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.library_model import ModelNameRole, ThumbnailRole
from veo_studio.ui.views.text_to_video import FORM, HISTORY, PLAYER, QUEUE

PANES = (FORM, PLAYER, QUEUE, HISTORY)


class Steps:
    """Stops the start where the newest clips are shown, and again after every piece of the rest."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.clips_shown = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self._turns = starting.turns
        monkeypatch.setattr(starting, "turns", self._stop)

    async def _stop(self, count: int) -> None:
        await self._turns(count)
        self.count += 1
        self.clips_shown.set()
        await self.may_go_on.wait()

    async def at_the_clips(self) -> None:
        async with asyncio.timeout(30):
            await self.clips_shown.wait()


@pytest.fixture
async def steps(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, no_task_left: None) -> Steps:
    return Steps(monkeypatch)


@asynccontextmanager
async def started(paths: Paths, ends_with: int = 0) -> AsyncIterator[Program]:
    paths.ensure()
    theme = Theme()
    theme.apply(QApplication.instance(), "dark")  # type: ignore[arg-type]
    program = Program(paths, Settings.load(paths.settings), None, theme)
    program.window.resize(1280, 800)
    program.window.show()
    ended = asyncio.get_running_loop().create_task(program.main(), name="program")
    try:
        yield program
    finally:
        program.window.close()
        assert await asyncio.wait_for(ended, 30.0) == ends_with
        program.window.deleteLater()


async def test_the_newest_clips_are_there_before_the_rest_and_stay(
    paths: Paths, steps: Steps
) -> None:
    ids = fill(paths)
    async with started(paths) as program:
        await steps.at_the_clips()
        window, model = program.window, program.history
        assert not window.is_whole
        assert program.studio is None
        shown = [model.generation(model.index(row, 0)) for row in range(model.rowCount())]
        assert [one.prompt for one in shown if one is not None] == [LAMP, KITE, BOAT, FOX]
        assert window.history.list.isVisible()

        counts: list[str] = []
        resets: list[str] = []
        model.total_changed.connect(lambda _total: counts.append(window.history.count.text()))
        model.modelReset.connect(lambda: resets.append("reset"))
        window.history.select(ids[1])
        assert window.history.count.text() == ""
        steps.may_go_on.set()
        await emitted(program.opened, timeout_s=60.0)
        await becomes(lambda: "4" in window.history.count.text(), model.total_changed)
        assert resets == []
        assert len(counts) == 1
        assert [one.id for one in window.history.selected()] == [ids[1]]
        # asked for when the rows were painted, answered now
        await becomes(lambda: model.index(0, 0).data(ThumbnailRole) is not None, model.dataChanged)


async def test_their_models_have_the_names_of_the_last_time_until_the_catalogue_is_read(
    paths: Paths, steps: Steps
) -> None:
    fill(paths)
    paths.ensure()
    Settings(window_state={"models": '{"rehearsal-1": "An old name"}'}).save(paths.settings)
    async with started(paths) as program:
        await steps.at_the_clips()
        model = program.history
        assert model.index(0, 0).data(ModelNameRole) == "An old name"
        steps.may_go_on.set()
        await emitted(program.opened, timeout_s=60.0)
        name = model.index(0, 0).data(ModelNameRole)
        assert name not in ("An old name", "rehearsal-1")
        await becomes(lambda: model.total == 4, model.total_changed)
    assert Settings.load(paths.settings).window_state["models"] == json.dumps({"rehearsal-1": name})


@pytest.mark.parametrize("stored", ["", "{", "[1]", "7", '{"rehearsal-1": 3}', "null"])
def test_names_that_are_none_are_left_out(qapp: QApplication, stored: str) -> None:
    window = MainWindow(Settings(window_state={"models": stored}))
    assert window.memory.model_names() == {}
    window.deleteLater()


async def test_what_is_typed_meanwhile_is_in_the_prompt(paths: Paths, steps: Steps) -> None:
    async with started(paths) as program:
        await steps.at_the_clips()
        window = program.window
        QTest.keyClicks(QApplication.focusWidget() or window, "A kite inn")
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Backspace)
        QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(window, Qt.Key.Key_Escape)
        steps.may_go_on.set()
        await emitted(program.opened, timeout_s=60.0)
        assert window.form.prompt.toPlainText() == "A kite in"
        assert window.focusWidget() is window.form.prompt
        assert program.form.prompt == "A kite in"


async def test_a_search_that_came_too_early_is_answered_when_it_can_be(
    paths: Paths, steps: Steps
) -> None:
    fill(paths)
    async with started(paths) as program:
        await steps.at_the_clips()
        model = program.history
        program.window.history.search.setText("kite")
        await becomes(lambda: model.is_loading, model.loading_changed)
        assert model.rowCount() == 4, "what is shown stays until there is an answer"
        steps.may_go_on.set()
        await emitted(program.opened, timeout_s=60.0)
        await becomes(lambda: model.total == 1, model.total_changed)
        found = model.generation(model.index(0, 0))
        assert found is not None
        assert found.prompt == KITE


async def test_who_closes_it_before_it_is_whole_has_it_closed(paths: Paths, steps: Steps) -> None:
    fill(paths)
    before = paths.database.read_bytes()
    async with started(paths) as program:
        await steps.at_the_clips()
        assert not program.window.is_whole
    assert steps.count == 1
    assert paths.database.read_bytes() == before
    assert not paths.settings.exists(), "half a window has nothing to remember"


async def test_what_the_world_refuses_meanwhile_is_told_as_before(
    paths: Paths, steps: Steps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_what: object) -> None:
        raise StorageError("The model list cannot be read.")

    monkeypatch.setattr(starting, "first_clips", refuse)
    async with started(paths, ends_with=6) as program:
        await becomes(program.window.isHidden)
    assert "The model list cannot be read." in capsys.readouterr().err


# without a core


def build(program: Program) -> None:
    """The last two steps, one after the other."""
    catalog = Catalog.load()
    program._show_history({})
    for _ in program._building(catalog):
        pass


def end(program: Program) -> None:
    program.window.player.release()
    program.window.close()
    program.window.deleteLater()


def remembered(paths: Paths, settings: Settings, width: int, *, page: str = "") -> None:
    """Let a window of that width write down what it looks like."""
    program = Program(paths, settings, Catalog.load(), Theme())
    program.window.resize(width, 700)
    program.window.show()
    if page:
        program.window.pages.show(page)
    program.window.collect()
    end(program)


def places(program: Program) -> dict[str, QRect | None]:
    """Where each pane is, None for what has stepped aside."""
    program.window.grab()  # lays it out
    panes = program.window.panes
    return {name: panes.pane(name).geometry() if panes.is_shown(name) else None for name in PANES}


@pytest.fixture
def large_letters(qapp: QApplication) -> Iterator[None]:
    before = qapp.font()
    font = qapp.font()
    font.setPointSizeF(before.pointSizeF() * 1.5)
    qapp.setFont(font)
    yield
    qapp.setFont(before)


@pytest.mark.parametrize("width", [700, 860, 1000, 1280])
def test_nothing_moves_when_the_panes_come(qapp: QApplication, paths: Paths, width: int) -> None:
    settings = Settings()
    remembered(paths, settings, width)
    program = Program(paths, settings, None, Theme())
    program.window.show()
    frame = places(program)
    header = program.window.header.geometry()
    build(program)
    assert places(program) == frame
    assert program.window.header.geometry() == header
    end(program)


@pytest.mark.usefixtures("large_letters")
def test_nothing_moves_with_large_letters(qapp: QApplication, paths: Paths) -> None:
    settings = Settings()
    remembered(paths, settings, 1100)
    program = Program(paths, settings, None, Theme())
    program.window.show()
    frame = places(program)
    build(program)
    assert places(program) == frame
    end(program)


def test_the_page_that_was_shown_comes_without_the_panes_before(
    qapp: QApplication, paths: Paths
) -> None:
    settings = Settings()
    remembered(paths, settings, 1280, page="library")
    program = Program(paths, settings, None, Theme())
    window = program.window
    window.show()
    tab = window.tabs.tabText(window.tabs.currentIndex())
    assert tab == "Library"
    assert not window.panes.isVisible()
    build(program)
    assert window.pages.current == "library"
    assert window.pages.stack.currentWidget() is window.library
    assert window.pages.stack.count() == 2
    assert window.tabs.tabText(window.tabs.currentIndex()) == tab
    end(program)


@pytest.mark.parametrize("least", ["", "-5", "a,b", "99999999999,1,1,1", "1,2,3,4,5,6"])
def test_a_width_that_nobody_can_have_meant_is_left_out(
    qapp: QApplication, paths: Paths, least: str
) -> None:
    settings = Settings(window_state={"panes.least": least, "tab": "77"})
    program = Program(paths, settings, None, Theme())
    program.window.resize(1280, 700)
    program.window.show()
    assert program.window.tabs.currentIndex() == 0
    build(program)
    assert places(program)[HISTORY] is not None
    assert program.window.width() == 1280
    end(program)
