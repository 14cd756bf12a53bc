"""A library of pictures for the window, and the Library tab as its user has it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from sqlalchemy import Connection

from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver
from veo_studio.core.models import Generation, GenerationRequest, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.store import moves
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration, utc_now
from veo_studio.ui.views.library import LibraryView

FOX, BOAT, KITE, LAMP = "Two foxes", "A paper boat", "A red kite", "A lighthouse"


def fill(paths: Paths, prompts: Sequence[str] = (FOX, BOAT, KITE, LAMP)) -> list[int]:
    """Finished pictures with these prompts, the last one the newest; their ids."""
    paths.ensure()
    paths.outputs.mkdir(parents=True, exist_ok=True)
    image = QImage(64, 36, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    database = Database.open(paths.database)
    try:
        wanted = [
            NewGeneration(
                GenerationRequest(prompt, "rehearsal", "rehearsal-1", VideoConfig()), 0, None
            )
            for prompt in prompts
        ]
        made = database.write_now(lambda c: moves.create(c, wanted, utc_now()))
        for one in made:
            path = paths.outputs / f"{one.id}.png"
            assert image.save(str(path))
            _finish(database, one.id, path)
    finally:
        database.close()
    return [one.id for one in made]


def _finish(database: Database, generation_id: int, path: Path) -> None:
    sql = (
        "UPDATE generations SET kind = 'image', state = 'completed', video_path = ?, "
        "size_bytes = 1000, width_px = 64, height_px = 36 WHERE id = ?"
    )
    moved = (
        "INSERT INTO state_changes (generation_id, from_state, to_state, at, cause) "
        "SELECT id, ?, ?, updated_at, 'drawn' FROM generations WHERE id = ?"
    )
    states = ("pending", "submitting", "processing", "downloading", "completed")

    def work(connection: Connection) -> None:
        connection.exec_driver_sql(sql, (str(path), generation_id))
        for before, after in pairwise(states):
            connection.exec_driver_sql(moved, (before, after, generation_id))

    database.write_now(work)


class LibraryDriver:
    """The Library tab of a window."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.window = driver.window
        self.control = driver.window.library_tools.control

    @property
    def view(self) -> LibraryView:
        return self.window.library

    async def open(self, count: int | None = None) -> None:
        """Go there; until `count` rows are there, and the sidebar was read."""
        self.window.acts.tabs[3].trigger()
        model = self.view.model
        await self.until(lambda: model.is_loaded and not model.is_loading)
        if count is not None:
            await self.until(lambda: model.rowCount() == count and len(self.rows) == count)
            await self.until(lambda: self.control.places.places.total == count)

    async def until(self, is_so: Callable[[], bool], timeout_s: float = 40.0) -> None:
        model, control = self.view.model, self.control
        await becomes(
            is_so,
            model.dataChanged,
            model.rowsInserted,
            model.rowsRemoved,
            model.modelReset,
            model.search_changed,
            model.loading_changed,
            control.places.changed,
            control.marks.changed,
            control.marks.tags_changed,
            self.view.notices.shown,
            self.window.player.sources.picture_changed,
            timeout_s=timeout_s,
        )

    @property
    def rows(self) -> list[Generation]:
        model = self.view.model
        found = (model.generation(model.index(row, 0)) for row in range(model.rowCount()))
        return [one for one in found if one is not None]

    @property
    def prompts(self) -> list[str]:
        return [one.prompt for one in self.rows]

    @property
    def chosen(self) -> list[str]:
        return [one.prompt for one in self.view.selected()]

    def row(self, prompt: str) -> Generation:
        return next(one for one in self.rows if one.prompt == prompt)

    def choose(self, *prompts: str) -> None:
        """Select these, as clicks with Ctrl do, with the focus in the clips."""
        ids = [self.row(prompt).id for prompt in prompts]
        self.view.grid.setFocus()
        self.view.grid.choose_ids(array("q", ids), ids[-1])

    def press(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        QTest.keyClick(self.view.grid, key, modifiers)

    def place(self, words: str) -> int:
        """The line of the sidebar with these words."""
        sidebar = self.view.sidebar
        for number in range(sidebar.topLevelItemCount()):
            if sidebar.topLevelItem(number).text(0) == words:  # type: ignore[union-attr]
                return number
        raise AssertionError(f"no place {words!r}")

    def click_place(self, words: str) -> None:
        sidebar = self.view.sidebar
        item = sidebar.topLevelItem(self.place(words))
        rect = sidebar.visualItemRect(item)
        QTest.mouseClick(
            sidebar.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            rect.center(),
        )

    @property
    def places(self) -> list[str]:
        sidebar = self.view.sidebar
        return [
            item.text(0)
            for number in range(sidebar.topLevelItemCount())
            if (item := sidebar.topLevelItem(number)) is not None
        ]

    @property
    def chips(self) -> list[str]:
        return [one.text() for one in self.view.bar.chips.chips]

    @property
    def notices(self) -> list[str]:
        return list(self.view.notices.texts)

    def undo(self) -> None:
        """With the button of the newest notice."""
        self.driver.click(self.view.notices.notices[-1].action_button)
