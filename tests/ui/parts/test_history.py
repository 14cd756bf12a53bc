"""The model behind the history: pages, events, search, thumbnails."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QImage, QPixmap
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui.parts.histories import a_library, a_model, an_event, ids_of
from tests.ui.parts.samples import Library, Pictures, Scope, generation
from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind
from veo_studio.core.models import (
    Generation,
    GenerationState,
    Progress,
    Stage,
)
from veo_studio.ui.view_models.library_model import (
    GenerationRole,
    LibraryModel,
    ProgressRole,
    ThumbnailRole,
)

S = GenerationState


def test_model_keeps_qts_rules(qtmodeltester: ModelTester, qapp: object) -> None:
    model = a_model(a_library(300))
    qtmodeltester.check(model)
    model.on_event(an_event(EventKind.ADDED, generation(301)))
    model.on_event(an_event(EventKind.REMOVED, generation(299)))
    while model.canFetchMore(model.index(-1, 0)):
        model.fetchMore(model.index(-1, 0))
    qtmodeltester.check(model)


def test_pages_come_newest_first_and_meet_without_a_gap(qapp: object) -> None:
    library = a_library(500)
    model = a_model(library)
    assert model.total == 500
    first = model.rowCount()
    assert 0 < first < 100
    while model.canFetchMore(model.index(-1, 0)):
        model.fetchMore(model.index(-1, 0))
    assert ids_of(model) == list(range(500, 0, -1))
    # by keyset: each page starts below the last id of the one before
    assert library.loads[1] == ("", 500 - first + 1)


class _Vast(Library):
    """A hundred thousand rows that exist only when they are asked for."""

    async def page(
        self, *, search: str = "", before_id: int | None = None, limit: int = 100
    ) -> list[Generation]:
        self.loads.append((search, before_id))
        newest = (before_id or 100_001) - 1
        return [generation(number) for number in range(newest, max(0, newest - limit), -1)]

    async def count(self, search: str = "") -> int:
        return 100_000


def test_a_hundred_thousand_rows_cost_one_page(qapp: object) -> None:
    library = _Vast()
    model = a_model(library)
    assert model.rowCount() < 100
    assert model.total == 100_000
    assert len(library.loads) == 1
    model.fetchMore(model.index(-1, 0))
    assert model.rowCount() < 400


def test_a_new_generation_comes_first(qapp: object) -> None:
    model = a_model(a_library(3))
    model.on_event(an_event(EventKind.ADDED, generation(4, state=S.PENDING)))
    model.on_event(an_event(EventKind.ADDED, generation(5, state=S.PENDING)))
    assert ids_of(model) == [5, 4, 3, 2, 1]
    assert model.index_of(4).row() == 1
    assert model.total == 5


def test_a_removed_one_that_comes_back_takes_its_old_place(qapp: object) -> None:
    model = a_model(a_library(5))
    model.on_event(an_event(EventKind.REMOVED, generation(3)))
    assert ids_of(model) == [5, 4, 2, 1]
    model.on_event(an_event(EventKind.ADDED, generation(3)))
    assert ids_of(model) == [5, 4, 3, 2, 1]
    assert [model.index_of(one).row() for one in (5, 3, 1)] == [0, 2, 4]


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
    library.loads.clear()
    for text in ("r", "re", "red"):
        model.set_search(text)
    assert library.loads == []
    with qtbot.waitSignal(model.search_changed, timeout=20_000):
        pass
    assert library.loads == [("red", None)]
    assert ids_of(model) == [1]
    model.on_event(an_event(EventKind.ADDED, generation(3, prompt="A green parrot")))
    model.on_event(an_event(EventKind.ADDED, generation(4, prompt="Red sand")))
    assert ids_of(model) == [4, 1]


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


def test_what_is_added_while_the_first_page_is_read_is_kept(qapp: object) -> None:
    scope = Scope(is_held=True)
    model = LibraryModel(a_library(3), None, scope.spawn)
    model.load()
    model.on_event(an_event(EventKind.ADDED, generation(4, state=S.PENDING)))
    scope.run()
    assert ids_of(model) == [4, 3, 2, 1]


def test_reading_again_moves_nothing_when_nothing_changed(qapp: object) -> None:
    model = a_model(a_library(3))
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.load()
    assert resets == []


def test_a_broken_store_is_asked_once(qapp: object) -> None:
    library = a_library(500)
    scope = Scope()
    model = a_model(library, scope)
    library.fail_with = StorageError("gone")
    model.fetchMore(model.index(-1, 0))
    assert len(scope.errors) == 1
    assert not model.canFetchMore(model.index(-1, 0))
    assert not model.is_loading


@pytest.fixture
def picture(tmp_path: Path, qapp: object) -> Path:
    path = tmp_path / "thumbnail.jpg"
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    assert image.save(str(path))
    return path


def test_thumbnails_are_made_for_painted_rows_only(qtbot: QtBot, picture: Path) -> None:
    rows = [generation(number, video_path=Path(f"/clips/{number}.mp4")) for number in range(1, 30)]
    pictures = Pictures(picture)
    model = LibraryModel(Library(rows), pictures, Scope().spawn)
    model.load()
    assert pictures.asked == []
    assert model.index(0, 0).data(ThumbnailRole) is None
    assert model.index(1, 0).data(ThumbnailRole) is None
    qtbot.waitUntil(lambda: len(pictures.asked) == 2, timeout=20_000)
    pixmap = model.index(0, 0).data(ThumbnailRole)
    assert isinstance(pixmap, QPixmap)
    assert pixmap.deviceIndependentSize().toSize() == QSize(96, 54)
    assert pictures.asked == ["uuid-28", "uuid-29"]  # the one painted last comes first
    assert model.index(0, 0).data(ThumbnailRole).cacheKey() == pixmap.cacheKey()


def test_a_clip_without_a_picture_is_asked_for_once(qtbot: QtBot) -> None:
    pictures = Pictures(None)
    row = generation(1, video_path=Path("/clips/1.mp4"))
    model = LibraryModel(Library([row]), pictures, Scope().spawn)
    model.load()
    model.index(0, 0).data(ThumbnailRole)
    qtbot.waitUntil(lambda: len(pictures.asked) == 1, timeout=20_000)
    model.index(0, 0).data(ThumbnailRole)
    assert not model._pictures._timer.isActive()
    model.on_event(an_event(EventKind.UPDATED, row))
    model.index(0, 0).data(ThumbnailRole)
    assert model._pictures._timer.isActive()


def test_a_drag_carries_files_and_nothing_else(qapp: object, tmp_path: Path) -> None:
    clip = tmp_path / "a clip.mp4"
    clip.write_bytes(b"x")
    rows = [
        generation(1, video_path=clip),
        generation(2, video_path=tmp_path / "gone.mp4"),
        generation(3, state=S.FAILED),
    ]
    model = a_model(Library(rows))
    mime = model.mimeData([model.index(row, 0) for row in range(3)])
    assert mime.formats() == ["text/uri-list"]
    assert [url.toLocalFile() for url in mime.urls()] == [str(clip)]
    assert model.supportedDragActions() == Qt.DropAction.CopyAction
    assert not model.flags(model.index_of(3)) & Qt.ItemFlag.ItemIsDragEnabled
