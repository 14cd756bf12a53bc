"""The real window with finished clips, and the dialogs about publishing driven as a user does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from tests.publishing.scripted import a_clip
from tests.ui.waiting import becomes
from tests.ui.window.conftest import QUIET_MACHINE, Driver, running
from veo_studio.core.models import Generation
from veo_studio.core.paths import Paths
from veo_studio.core.publishing.models import TargetKind
from veo_studio.core.studio import Studio
from veo_studio.ui.publishing import Publishing
from veo_studio.ui.views.deliveries import DeliveriesDialog
from veo_studio.ui.views.publish_dialog import PublishDialog
from veo_studio.ui.views.target_page import TargetPage
from veo_studio.ui.views.targets_dialog import TargetsDialog


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(*QUIET_MACHINE))


class Desk:
    """The publishing side of a window as its user has it."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.publishing: Publishing = driver.window.publishing
        studio = driver.program.studio
        assert studio is not None
        self.studio: Studio = studio

    # clips

    async def clips(self, count: int = 1) -> list[Generation]:
        """So many finished clips, the oldest first: real files that no engine has to draw."""
        return [await a_clip(self.studio, f"A paper boat, take {n + 1}") for n in range(count)]

    async def now(self, ids: list[int]) -> list[Generation]:
        """As they are stored."""
        found = {one.id: one for one in await self.studio.library.by_ids(ids)}
        return [found[number] for number in ids]

    # dialogs

    async def open_publish(self, clips: list[Generation]) -> PublishDialog:
        self.driver.window.requests.publish_requested.emit(clips)
        return await self._publish_dialog()

    async def open_deliver(self, clips: list[Generation]) -> PublishDialog:
        self.driver.window.requests.deliver_requested.emit(clips)
        return await self._publish_dialog()

    async def _publish_dialog(self) -> PublishDialog:
        asking = self.publishing.asking
        await until(
            lambda: (
                asking.dialog is not None
                and asking.dialog.isVisible()
                and asking.dialog.model.is_read
            )
        )
        assert asking.dialog is not None
        return asking.dialog

    async def open_targets(self) -> TargetsDialog:
        self.publishing.show_targets()
        return await self.targets_dialog()

    async def targets_dialog(self) -> TargetsDialog:
        setting = self.publishing.targets
        await until(lambda: setting.dialog is not None and setting.dialog.isVisible())
        assert setting.dialog is not None
        return setting.dialog

    async def new_target(self, dialog: TargetsDialog, kind: TargetKind) -> TargetPage:
        """Choose this kind where a new one is asked for."""
        await until(lambda: dialog.stack.currentIndex() == 0)
        button = next(
            one for one in dialog.kinds.buttons if one.objectName() == f"kind-{kind.value}"
        )
        button.click()
        await until(lambda: dialog.page is not None and dialog.page.draft.info.kind is kind)
        assert dialog.page is not None
        return dialog.page

    async def save_target(self, dialog: TargetsDialog) -> None:
        page = dialog.page
        assert page is not None
        page.save.click()
        await until(
            lambda: (
                dialog.page is not None
                and dialog.page is not page
                and dialog.page.draft.stored is not None
            )
        )

    async def close_targets(self, dialog: TargetsDialog) -> None:
        dialog.leave.click()
        await until(lambda: self.publishing.targets.dialog is None)

    async def open_deliveries(self) -> DeliveriesDialog:
        self.publishing.show_deliveries()
        delivering = self.publishing.delivering
        await until(
            lambda: (
                delivering.dialog is not None
                and delivering.dialog.isVisible()
                and delivering.dialog.rows.is_loaded
            )
        )
        assert delivering.dialog is not None
        return delivering.dialog

    async def accept(self, dialog: PublishDialog) -> None:
        """Press the button, and wait until the dialog has gone."""
        assert dialog.yes.isEnabled(), dialog.problem.text()
        dialog.yes.click()
        await until(lambda: self.publishing.asking.dialog is None)

    @property
    def notices(self) -> list[str]:
        """What stands in sight, wherever it is told."""
        return self.driver.window.telling.notices_of("history").texts


async def until(is_so: Callable[[], bool]) -> None:
    """Most of what is waited for here sends no signal that lives as long."""
    await becomes(is_so, _pulse().timeout)


def _pulse():  # type: ignore[no-untyped-def]
    from PyQt6.QtCore import QTimer

    app = QApplication.instance()
    found = app.findChild(QTimer, "test pulse") if app is not None else None
    if found is None:
        found = QTimer(app)
        found.setObjectName("test pulse")
        found.setInterval(20)
        found.start()
    return found


def type_into(widget: QWidget, name: str, words: str) -> None:
    """Put `words` into the field called `name`, as typing does."""
    field = widget.findChild(QLineEdit, name)
    assert field is not None, name
    field.clear()
    field.insert(words)
    field.textEdited.emit(field.text())
    field.editingFinished.emit()


def choose(widget: QWidget, name: str, value: str) -> None:
    """Take the entry with this value in the box called `name`."""
    box = widget.findChild(QComboBox, name)
    assert box is not None, name
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


@pytest.fixture(autouse=True)
def no_clip_is_drawn_twice(clips_are_copied: None) -> None:
    """What `clips_are_copied` does, for all of this folder."""


@pytest.fixture
def paths(studio_home: Path) -> Paths:
    return Paths.default()


@pytest.fixture
async def desk(qapp: QApplication, paths: Paths, no_task_left: None) -> AsyncIterator[Desk]:
    async with running(paths) as driver:
        # one notice bar, whatever page is shown
        driver.window.beginning.end()
        yield Desk(driver)
