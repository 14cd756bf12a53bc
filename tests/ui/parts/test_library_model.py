"""The list of clips while much happens at once: readings, marks, files that are others now."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Collection, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtGui import QColor, QImage

from tests.ui.parts.histories import an_event, ids_of
from tests.ui.parts.samples import Library, Pictures, generation
from tests.ui.waiting import becomes
from veo_studio.core.events import EventKind
from veo_studio.core.library_query import DayCount, LibraryQuery, Sort
from veo_studio.ui.view_models.library_model import LibraryModel, ThumbnailRole


class _Tasks:
    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> None:
        self.tasks.add(asyncio.get_running_loop().create_task(work, name=name))

    async def end(self) -> None:
        async with asyncio.timeout(20):
            while unfinished := [one for one in self.tasks if not one.done()]:
                await asyncio.gather(*unfinished)


@pytest.fixture
def pictures(tmp_path: Path, qapp: object) -> Callable[[str], Path]:
    def made(colour: str) -> Path:
        path = tmp_path / f"{colour}.png"
        image = QImage(96, 54, QImage.Format.Format_RGB32)
        image.fill(QColor(colour))
        assert image.save(str(path))
        return path

    return made


async def test_another_file_has_another_picture(pictures: Callable[[str], Path]) -> None:
    row = generation(1, video_path=Path("/clips/1.mp4"), sha256="a")
    maker, tasks = Pictures(pictures("red")), _Tasks()
    model = LibraryModel(Library([row]), maker, tasks.spawn)

    def colour() -> str | None:
        pixmap = model.index(0, 0).data(ThumbnailRole)
        return pixmap.toImage().pixelColor(5, 5).name() if pixmap is not None else None

    model.load()
    await tasks.end()
    await becomes(lambda: colour() == QColor("red").name(), model.dataChanged)
    maker.path = pictures("lime")
    model.on_event(an_event(EventKind.UPDATED, replace(row, rating=3)))
    assert colour() == QColor("red").name()
    assert not model._pictures._timer.isActive(), "a mark changes no picture"
    model.on_event(an_event(EventKind.UPDATED, replace(row, sha256="b")))
    await becomes(lambda: colour() == QColor("lime").name(), model.dataChanged)
    assert len(maker.asked) == 2
    await tasks.end()


class _Waiting(Library):
    """What was asked is answered as it was then, but only when the test lets it go."""

    def __init__(self, count: int) -> None:
        super().__init__([generation(number) for number in range(1, count + 1)])
        self.gates: list[asyncio.Event] = []
        self.is_open = True

    async def _wait(self) -> None:
        if not self.is_open:
            gate = asyncio.Event()
            self.gates.append(gate)
            await gate.wait()

    async def listed(self, query: LibraryQuery) -> tuple[array[int], list[DayCount]]:
        found = await super().listed(query)
        await self._wait()
        return found

    async def matching(self, query: LibraryQuery, ids: Collection[int]) -> set[int]:
        found = await super().matching(query, list(ids))
        await self._wait()
        return found

    def let_go(self) -> None:
        self.is_open = True
        for gate in self.gates:
            gate.set()


async def a_waiting(query: LibraryQuery) -> tuple[_Waiting, LibraryModel, _Tasks]:
    library, tasks = _Waiting(9), _Tasks()
    model = LibraryModel(library, None, tasks.spawn)
    model.set_query(query)
    await tasks.end()
    library.is_open = False
    return library, model, tasks


async def test_only_one_reading_at_a_time(qapp: object) -> None:
    library, model, tasks = await a_waiting(LibraryQuery(sort=Sort.BEST_RATED))
    for number in (1, 2):
        rated = generation(number, rating=5)
        library.replace(rated)
        model.on_event(an_event(EventKind.UPDATED, rated))
        model.take_in()
        model._reread_timer.stop()
        model._on_order_rests()
        await becomes(lambda: len(library.gates) == 1)
    library.gates[0].set()
    await becomes(lambda: model._heard is None or len(library.gates) > 1)
    library.remove(7)
    model.on_event(an_event(EventKind.REMOVED, generation(7)))
    library.let_go()
    await becomes(lambda: ids_of(model)[:2] == [2, 1], model.rowsMoved, model.modelReset)
    await tasks.end()
    assert ids_of(model) == [2, 1, 9, 8, 6, 5, 4, 3]


async def test_what_is_deleted_while_it_is_looked_for_stays_away(qapp: object) -> None:
    library, model, tasks = await a_waiting(LibraryQuery(favourites=True))
    chosen = [generation(number, favourite=True) for number in (3, 7)]
    for one in chosen:
        library.replace(one)
        model.on_event(an_event(EventKind.UPDATED, one))
    model.take_in()
    await becomes(lambda: len(library.gates) == 1)
    library.remove(7)
    model.on_event(an_event(EventKind.REMOVED, chosen[1]))
    library.let_go()
    await tasks.end()
    assert ids_of(model) == [3]
    # a mark that was told too late brings nothing back, an undo does
    model.on_event(an_event(EventKind.UPDATED, chosen[1]))
    await tasks.end()
    assert ids_of(model) == [3]
    library.replace(chosen[1])
    model.on_event(an_event(EventKind.ADDED, chosen[1]))
    model.take_in()
    await tasks.end()
    assert ids_of(model) == [7, 3]


async def test_many_marks_are_one_walk_over_the_list(qapp: object) -> None:
    library, tasks = Library([generation(number) for number in range(1, 3_001)]), _Tasks()
    model = LibraryModel(library, None, tasks.spawn)
    model.load()
    await tasks.end()
    walks: list[int] = []
    window = model._window

    class Ids(array):  # type: ignore[type-arg]
        def tobytes(self) -> bytes:
            walks.append(1)
            return super().tobytes()

    window.ids = Ids("q", window.ids)
    for number in range(1, 1_001):
        model.on_event(an_event(EventKind.UPDATED, generation(number, rating=4)))
    model.take_in()
    assert walks == []
    assert model.rowCount() == 3_000
