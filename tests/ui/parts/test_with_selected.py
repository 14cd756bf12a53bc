"""What is done with very many clips at once: told while they are read, and stopped on request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from tests.ui.parts.histories import a_library, a_model
from tests.ui.parts.samples import Library
from tests.ui.waiting import becomes
from veo_studio.core.models import Generation
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.picking import Picking
from veo_studio.ui.telling import Telling
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.library_marks import LibraryMarks
from veo_studio.ui.view_models.library_places import LibraryPlaces
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.with_selected import WithSelected

_COUNT = 2500


class Slow(Library):
    """Many rows are read when the gate is open."""

    gate: asyncio.Event | None = None

    async def by_ids(self, ids: Sequence[int]) -> list[Generation]:
        if self.gate is not None and len(ids) > 500:
            await self.gate.wait()
        return await super().by_ids(ids)


class Shown:
    def __init__(self, qtbot: QtBot) -> None:
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.library = Slow(a_library(_COUNT).rows)
        self.history = HistoryView(a_model(self.library), self.window)
        self.notices = NoticeBar(self.history)
        self.telling = Telling(self.window, [("history", self.history, self.notices)])
        marks = LibraryMarks(self.window)
        places = LibraryPlaces(self.telling.scope.spawn, self.window)
        self.work = WithSelected(
            self.telling,
            self.history.requests,
            PlayerView(self.window),
            marks=marks,
            places=places,
            picking=Picking(self.window, self.telling, marks, places),
            parent=self.window,
        )
        self.work.serve(self.history, self.history.list)
        self.window.setCentralWidget(self.history)
        self.window.resize(500, 500)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.deleted: list[int] = []
        self.history.delete_requested.connect(lambda chosen: self.deleted.append(len(chosen)))
        self.library.gate = asyncio.Event()

    async def delete_all(self) -> None:
        clips = self.history.list
        clips.selectAll()
        QTest.keyClick(clips, Qt.Key.Key_Delete)
        await becomes(
            lambda: self.notices.texts == [f"Reading the clips: 0 of {_COUNT}."],
            self.notices.shown,
        )

    def read_on(self) -> None:
        assert self.library.gate is not None
        self.library.gate.set()


@pytest.fixture
async def shown(qtbot: QtBot, theme: Theme) -> AsyncIterator[Shown]:
    made = Shown(qtbot)
    yield made
    await made.telling.scope.close()
    made.telling.notifications.close()


async def test_what_is_read_first_is_told(shown: Shown) -> None:
    await shown.delete_all()
    assert not shown.deleted
    shown.read_on()
    await becomes(lambda: shown.deleted == [_COUNT], shown.history.delete_requested)
    await becomes(lambda: not shown.notices.texts)


async def test_who_has_had_enough_stops_it(shown: Shown) -> None:
    await shown.delete_all()
    shown.notices.notices[0].action_button.click()
    shown.read_on()
    await becomes(lambda: not shown.notices.texts)
    assert not shown.deleted


async def test_so_many_are_not_read_to_be_compared(shown: Shown) -> None:
    compared: list[list[Generation]] = []
    shown.history.compare_requested.connect(compared.append)
    shown.history.list.selectAll()
    shown.history.used.emit("compare")
    await becomes(lambda: compared == [[]], shown.history.compare_requested)
