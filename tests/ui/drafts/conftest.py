"""The Drafts tab of a real window, as its user has it."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import becomes
from tests.ui.window.conftest import QUIET_MACHINE, Driver, running
from tests.ui.window.shown_library import fill
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.publishing.drafts import DraftState
from veo_studio.core.studio import Studio
from veo_studio.ui.views.drafts import DraftsView
from veo_studio.ui.window_pages import DRAFTS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(*QUIET_MACHINE))


class DraftsDriver:
    """Through mouse, keys and what is visible."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.window = driver.window
        studio = driver.program.studio
        assert studio is not None
        self.studio: Studio = studio

    @property
    def page(self) -> DraftsView:
        return self.window.drafts.page

    async def open(self) -> None:
        """Go there with its key; until everything was read."""
        self.window.acts.tabs[4].trigger()
        assert self.window.pages.current == DRAFTS
        drafts, model = self.page.drafts, self.page.model
        await self.until(lambda: drafts.is_counted and model.is_loaded and not model.is_loading)

    async def until(self, is_so: Callable[[], bool], timeout_s: float = 40.0) -> None:
        page = self.page
        await becomes(
            is_so,
            page.drafts.counts_changed,
            page.drafts.plans_changed,
            page.drafts.filter_changed,
            page.model.dataChanged,
            page.model.rowsInserted,
            page.model.rowsRemoved,
            page.model.modelReset,
            page.model.loading_changed,
            page.notices.shown,
            timeout_s=timeout_s,
        )

    @property
    def rows(self) -> list[Generation]:
        model = self.page.model
        found = (model.generation(model.index(row, 0)) for row in range(model.rowCount()))
        return [one for one in found if one is not None]

    @property
    def prompts(self) -> list[str]:
        return [one.prompt for one in self.rows]

    @property
    def states(self) -> list[GenerationState]:
        return [one.state for one in self.rows]

    @property
    def counts(self) -> dict[DraftState, int]:
        """Of each state that has some, as the chips say it."""
        chips = self.page.bar.chips
        numbers = {state: int(chip.text().rpartition(" ")[2]) for state, chip in chips.items()}
        return {state: number for state, number in numbers.items() if number}

    @property
    def notices(self) -> list[str]:
        return list(self.page.notices.texts)

    def choose(self, *prompts: str) -> None:
        """Select these, with the focus among the drafts."""
        ids = [one.id for one in self.rows if one.prompt in prompts]
        self.page.grid.setFocus()
        self.page.grid.choose_ids(array("q", ids), ids[-1])

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.page.grid, key)

    def use(self, command: str) -> None:
        """With its button under the drafts."""
        button = self.page.foot.buttons[command]
        assert button.isEnabled(), command
        self.driver.click(button)


@pytest.fixture
def paths(studio_home: Path) -> Paths:
    return Paths.default()


@pytest.fixture(autouse=True)
def no_clip_is_drawn_twice(clips_are_copied: None) -> None:
    """What `clips_are_copied` does, for all of this folder."""


@pytest.fixture
async def drafts(
    qapp: QApplication, paths: Paths, no_task_left: None
) -> AsyncIterator[DraftsDriver]:
    """Four finished pictures, and the tab that shows them."""
    fill(paths)
    async with running(paths) as driver:
        made = DraftsDriver(driver)
        await made.open()
        yield made
