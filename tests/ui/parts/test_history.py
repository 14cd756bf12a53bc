"""The model behind the lists of clips: blocks, events, search, thumbnails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PyQt6.QtGui import QImage, QPixmap
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui.parts.histories import a_library, a_model, an_event, ids_of
from tests.ui.parts.samples import Library, Pictures, Scope, generation
from tests.ui.waiting import becomes
from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind
from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import (
    GenerationState,
    Progress,
    Stage,
)
from veo_studio.ui.view_models.library_model import (
    DayRole,
    GenerationRole,
    LibraryModel,
    ProblemRole,
    ProgressRole,
    ThumbnailRole,
)

S = GenerationState


def insertions(model: LibraryModel) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: told.append((first, last)))
    return told


def test_model_keeps_qts_rules(qtmodeltester: ModelTester, qapp: object) -> None:
    model = a_model(a_library(300))
    qtmodeltester.check(model)
    model.on_event(an_event(EventKind.ADDED, generation(301)))
    model.on_event(an_event(EventKind.REMOVED, generation(299)))
    model.take_in()
    qtmodeltester.check(model)


def test_every_row_has_its_place_and_the_first_ones_are_loaded(qapp: object) -> None:
    library = a_library(500)
    model = a_model(library)
    assert model.total == model.rowCount() == 500
    assert ids_of(model) == list(range(500, 0, -1))
    assert model.generation(model.index(0, 0)) is not None
    assert model.generation(model.index(499, 0)) is None
    assert model.index_of(7).row() == 493
    assert library.reads_of("by_ids") == []


def test_rows_are_loaded_around_what_is_looked_at(qtbot: QtBot) -> None:
    library = a_library(5000)
    model = a_model(library)
    model.see(1, 2000, 2011)
    assert library.reads_of("by_ids")[0][:12] == list(range(3000, 2988, -1))
    # what is in sight first, and then as much as a hand on the wheel reaches next
    qtbot.waitUntil(
        lambda: None not in [model.generation(model.index(row, 0)) for row in range(1890, 2120)],
        timeout=20_000,
    )
    assert model.generation(model.index(3000, 0)) is None


def test_only_so_many_rows_stay_loaded(qtbot: QtBot) -> None:
    model = a_model(a_library(6000))
    for first in range(0, 6000, 60):
        model.see(1, first, first + 59)
        qtbot.waitUntil(
            lambda first=first: model.generation(model.index(first + 59, 0)) is not None,
            timeout=20_000,
        )
    assert model._window.loaded_count <= 2_100
    assert model.generation(model.index(1, 0)) is None
    # what is new is compared with the first row
    assert model.generation(model.index(0, 0)) is not None
    assert model.generation(model.index(5999, 0)) is not None


def test_what_is_selected_stays_loaded(qtbot: QtBot) -> None:
    model = a_model(a_library(6000))
    model.hold(1, [5_990, 20])
    for first in range(60, 6000, 60):
        model.see(1, first, first + 59)
        qtbot.waitUntil(
            lambda first=first: model.generation(model.index(first + 59, 0)) is not None,
            timeout=20_000,
        )
    assert [one.id for one in model.loaded_of([5_990, 20])] == [5_990, 20]


def test_a_new_generation_comes_first(qapp: object) -> None:
    model = a_model(a_library(3))
    model.on_event(an_event(EventKind.ADDED, generation(4, state=S.PENDING)))
    model.on_event(an_event(EventKind.ADDED, generation(5, state=S.PENDING)))
    assert model.index_of(4).row() == 1
    assert ids_of(model) == [5, 4, 3, 2, 1]
    assert model.total == 5


def test_a_thousand_new_ones_are_one_insertion(qtbot: QtBot) -> None:
    model = a_model(a_library(5000))
    for first in range(0, 4000, 60):  # far away from where they go
        model.see(1, first, first + 59)
        qtbot.waitUntil(
            lambda first=first: model.generation(model.index(first + 59, 0)) is not None,
            timeout=20_000,
        )
    told = insertions(model)
    for number in range(5001, 6001):
        model.on_event(an_event(EventKind.ADDED, generation(number)))
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told == [(0, 999)]
    assert ids_of(model) == list(range(6000, 0, -1))


def test_a_removed_one_that_comes_back_takes_its_old_place(qapp: object) -> None:
    model = a_model(a_library(5))
    model.on_event(an_event(EventKind.REMOVED, generation(3)))
    assert ids_of(model) == [5, 4, 2, 1]
    model.on_event(an_event(EventKind.ADDED, generation(3)))
    assert ids_of(model) == [5, 4, 3, 2, 1]
    assert [model.index_of(one).row() for one in (5, 3, 1)] == [0, 2, 4]


def test_one_that_comes_back_among_unloaded_rows_finds_its_place(qtbot: QtBot) -> None:
    library = a_library(3000)
    model = a_model(library)
    model.on_event(an_event(EventKind.REMOVED, generation(500)))
    assert model.row_of(500) is None
    told = insertions(model)
    model.on_event(an_event(EventKind.ADDED, generation(500)))
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told == [(2500, 2500)]
    assert ids_of(model) == list(range(3000, 0, -1))


def test_progress_is_announced_at_most_ten_times_a_second(qtbot: QtBot) -> None:
    model = a_model(a_library(3))
    running = generation(2, state=S.PROCESSING)
    announced: list[tuple[int, list[int]]] = []
    model.dataChanged.connect(lambda first, last, roles: announced.append((first.row(), roles)))
    for percent in range(20, 60):
        progress = Progress(percent, Stage.PROCESSING, "Generating frames")
        model.on_event(an_event(EventKind.PROGRESS, running, progress))
    assert announced == []
    assert model.index_of(2).data(ProgressRole).percent == 59
    qtbot.waitUntil(lambda: bool(announced), timeout=20_000)
    assert announced == [(1, [ProgressRole])]


def test_a_change_of_state_is_announced_at_once(qapp: object) -> None:
    model = a_model(a_library(3))
    rows: list[int] = []
    model.dataChanged.connect(lambda first, last, roles: rows.append(first.row()))
    model.on_event(
        an_event(EventKind.PROGRESS, generation(2, state=S.PROCESSING),
               Progress(30, Stage.PROCESSING, "x"))
    )  # fmt: skip
    model.on_event(an_event(EventKind.STATE_CHANGED, generation(2, state=S.FAILED)))
    assert rows == [1]
    assert model.index_of(2).data(ProgressRole) is None
    assert model.index_of(2).data(GenerationRole).state is S.FAILED


def test_search_waits_until_the_typing_rests(qtbot: QtBot) -> None:
    library = Library([generation(1, prompt="A red fox"), generation(2, prompt="A blue whale")])
    model = a_model(library)
    library.reads.clear()
    for text in ("r", "re", "red"):
        model.set_search(text)
    assert library.reads == []
    qtbot.waitUntil(lambda: model.shown_query.text == "red", timeout=20_000)
    assert [query.text for query in library.reads_of("first")] == ["red"]
    assert ids_of(model) == [1]
    for new in (generation(3, prompt="A green parrot"), generation(4, prompt="Red sand")):
        library.replace(new)
        model.on_event(an_event(EventKind.ADDED, new))
    assert ids_of(model) == [4, 1]
    assert library.reads_of("matching") == [[3, 4]]


def test_a_filter_gains_and_loses_what_changes(qapp: object) -> None:
    rows = [generation(number, favourite=number % 2 == 0) for number in range(1, 7)]
    library = Library(rows)
    model = a_model(library)
    model.set_query(LibraryQuery(favourites=True))
    assert ids_of(model) == [6, 4, 2]
    for changed in (generation(4), generation(5, favourite=True)):
        library.replace(changed)
        model.on_event(an_event(EventKind.UPDATED, changed))
    assert ids_of(model) == [6, 5, 2]
    assert model.query.favourites


def test_another_order_moves_only_what_changed(qtbot: QtBot) -> None:
    library = Library([generation(number, rating=0) for number in range(1, 6)])
    model = a_model(library)
    model.set_query(LibraryQuery(sort=Sort.BEST_RATED))
    assert ids_of(model) == [5, 4, 3, 2, 1]
    kept = [persistent(model, 2), persistent(model, 4)]
    moves: list[object] = []
    model.rowsMoved.connect(lambda *told: moves.append(told))
    rated = generation(2, rating=5)
    library.replace(rated)
    model.on_event(an_event(EventKind.UPDATED, rated))
    qtbot.waitUntil(lambda: ids_of(model) == [2, 5, 4, 3, 1], timeout=20_000)
    assert len(moves) == 1
    assert [index.row() for index in kept] == [0, 2]


def persistent(model: LibraryModel, one: int) -> QPersistentModelIndex:
    return QPersistentModelIndex(model.index_of(one))


def test_days_follow_what_comes_and_goes(qapp: object) -> None:
    rows = [generation(number) for number in range(1, 4)]
    yesterday = rows[0].created_at - timedelta(days=1)
    old = [replace(one, created_at=yesterday) for one in rows[:2]]
    model = a_model(Library([*old, rows[2]]))
    today = rows[2].created_at.astimezone().date()
    day_before = yesterday.astimezone().date()
    assert model.days() == [(today, 1), (day_before, 2)]
    model.on_event(an_event(EventKind.ADDED, generation(4)))
    model.take_in()
    assert model.days() == [(today, 2), (day_before, 2)]
    assert model.index(2, 0).data(DayRole) == day_before
    for one in (generation(4), generation(3)):
        model.on_event(an_event(EventKind.REMOVED, one))
    assert model.days() == [(day_before, 2)]


def test_an_answer_that_was_overtaken_is_dropped(qapp: object) -> None:
    scope = Scope(is_held=True)
    library = a_library(3)
    model = LibraryModel(library, None, scope.spawn)
    model.load()
    library_before = scope.waiting.pop()
    library.rows = [generation(9)]
    model.load()
    scope.run()
    scope.waiting.append(library_before)
    library.rows = [generation(1)]
    scope.run()
    assert ids_of(model) == [9]


class _Answers:
    """A library whose answers wait until they are let go, one by one."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.gates: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        ask = getattr(self._library, name)

        async def asked(*arguments: Any) -> Any:
            answer = await ask(*arguments)  # as it was when it was asked
            gate = asyncio.get_running_loop().create_future()
            self.gates.put_nowait(gate)
            await gate
            return answer

        return asked

    async def let_go(self) -> None:
        async with asyncio.timeout(20):
            gate = await self.gates.get()
        gate.set_result(None)


async def test_what_happens_while_the_list_is_read_is_kept(qapp: object) -> None:
    library = a_library(3)
    answers = _Answers(library)
    tasks: list[asyncio.Task[None]] = []
    model = LibraryModel(
        answers,  # type: ignore[arg-type]
        None,
        lambda work, name: tasks.append(asyncio.get_running_loop().create_task(work, name=name)),
    )
    model.load()
    await answers.let_go()  # the first rows
    await becomes(lambda: model.is_loaded, model.modelReset)
    # the ids were read before this happened
    model.on_event(an_event(EventKind.ADDED, generation(4, state=S.PENDING)))
    model.take_in()
    model.on_event(an_event(EventKind.REMOVED, generation(2)))
    await answers.let_go()
    async with asyncio.timeout(20):
        await tasks[0]
    assert ids_of(model) == [4, 3, 1]
    assert [count for _, count in model.days()] == [3]


def test_reading_again_moves_nothing_when_nothing_changed(qapp: object) -> None:
    model = a_model(a_library(3))
    told: list[None] = []
    for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved):
        signal.connect(lambda *_: told.append(None))
    model.load()
    assert told == []


def test_reading_again_finds_what_another_process_did(qapp: object) -> None:
    library = a_library(300)
    model = a_model(library)
    library.remove(200)
    library.replace(generation(301))
    model.load()
    assert ids_of(model) == [*range(301, 200, -1), *range(199, 0, -1)]


async def test_any_rows_can_be_had_loaded_or_not(qapp: object) -> None:
    model = a_model(a_library(500))
    found = await model.generations([1, 500, 77, 999])
    assert [one.id for one in found] == [1, 500, 77]
    assert (await model.find(999)) is None


def test_a_broken_store_is_asked_once(qapp: object) -> None:
    library = a_library(5000)
    scope = Scope()
    model = a_model(library, scope)
    library.fail_with = StorageError("gone")
    for first in (1000, 2000, 3000):
        model.see(1, first, first + 10)
    assert len(scope.errors) == 1
    assert not model.is_loading
    library.fail_with = None
    model.load()
    model.see(1, 3000, 3010)
    assert model.generation(model.index(3000, 0)) is not None


@pytest.fixture
def picture(tmp_path: Path, qapp: object) -> Path:
    path = tmp_path / "thumbnail.jpg"
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    assert image.save(str(path))
    return path


class _Tasks:
    """A scope of real tasks, since pictures are decoded in a thread."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> None:
        self.tasks.add(asyncio.get_running_loop().create_task(work, name=name))

    async def until(self, model: LibraryModel, is_so: Callable[[], bool]) -> None:
        await becomes(is_so, model.dataChanged, model.modelReset, model.rowsInserted)
        async with asyncio.timeout(20):
            await asyncio.gather(*self.tasks)


async def test_thumbnails_are_made_for_painted_rows_only(qapp: object, picture: Path) -> None:
    rows = [generation(number, video_path=Path(f"/clips/{number}.mp4")) for number in range(1, 30)]
    pictures, tasks = Pictures(picture), _Tasks()
    model = LibraryModel(Library(rows), pictures, tasks.spawn)
    model.load()
    await tasks.until(model, lambda: model.rowCount() == 29)
    assert pictures.asked == []
    assert model.index(0, 0).data(ThumbnailRole) is None
    assert model.index(1, 0).data(ThumbnailRole) is None
    await tasks.until(model, lambda: len(pictures.asked) == 2)
    pixmap = model.index(0, 0).data(ThumbnailRole)
    assert isinstance(pixmap, QPixmap)
    assert pixmap.deviceIndependentSize().toSize() == QSize(96, 54)
    assert pictures.asked == ["uuid-28", "uuid-29"]  # the one painted last comes first
    assert model.index(0, 0).data(ThumbnailRole).cacheKey() == pixmap.cacheKey()


async def test_a_larger_cell_has_its_picture_read_again(qapp: object, picture: Path) -> None:
    pictures, tasks = Pictures(picture), _Tasks()
    row = generation(1, video_path=Path("/clips/1.mp4"))
    model = LibraryModel(Library([row]), pictures, tasks.spawn)
    model.load()
    await tasks.until(model, lambda: model.rowCount() == 1)
    model.index(0, 0).data(ThumbnailRole)
    await tasks.until(model, lambda: model.pixmap_of(row) is not None)
    model.set_picture_size(QSize(320, 180))
    small = model.index(0, 0).data(ThumbnailRole)
    assert small.width() == 96  # until the larger one is there
    await tasks.until(model, lambda: model.pixmap_of(row).width() == 320)


async def test_a_clip_without_a_picture_is_asked_for_once(qapp: object) -> None:
    pictures, tasks = Pictures(None), _Tasks()
    row = generation(1, video_path=Path("/clips/1.mp4"))
    model = LibraryModel(Library([row]), pictures, tasks.spawn)
    model.load()
    await tasks.until(model, lambda: model.rowCount() == 1)
    model.index(0, 0).data(ThumbnailRole)
    await tasks.until(model, lambda: len(pictures.asked) == 1)
    model.index(0, 0).data(ThumbnailRole)
    assert model.index(0, 0).data(ProblemRole) == "damaged"
    assert not model._pictures._timer.isActive()
    model.on_event(an_event(EventKind.UPDATED, row))
    model.index(0, 0).data(ThumbnailRole)
    assert model._pictures._timer.isActive()
    await tasks.until(model, lambda: len(pictures.asked) == 2)


def test_a_drag_carries_files_and_nothing_else(qapp: object, tmp_path: Path) -> None:
    clip = tmp_path / "a clip.mp4"
    clip.write_bytes(b"x")
    rows = [
        generation(3, video_path=clip),
        generation(2, video_path=tmp_path / "gone.mp4"),
        generation(1, state=S.FAILED),
    ]
    model = a_model(Library(rows))
    mime = model.mimeData([model.index(row, 0) for row in range(3)])
    assert mime.formats() == ["text/uri-list"]
    assert [url.toLocalFile() for url in mime.urls()] == [str(clip)]
    assert model.supportedDragActions() == Qt.DropAction.CopyAction
    assert not model.flags(model.index_of(1)) & Qt.ItemFlag.ItemIsDragEnabled
    assert model.generation(QModelIndex()) is None
