"""Marks of many clips: in pieces, told while they are set, stopped where the user wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.store.libraries import store_generations
from veo_studio.core.events import GenerationEvent
from veo_studio.core.library_query import MAX_TAGS, LibraryQuery
from veo_studio.core.store.chosen import ChosenClips
from veo_studio.core.store.database import Database
from veo_studio.core.store.library import LibraryRepository
from veo_studio.ui.view_models.library_marks import LibraryMarks, Undo

# as many as may wait
_COUNT = 1_000


class _Work:
    """Stops before the piece that would go beyond `most`."""

    def __init__(self, words: str, total: int, most: int) -> None:
        assert words.format(n=1, total=total)
        self._most = most
        self.steps: list[int] = []
        self.is_over = False

    def step(self, done: int) -> bool:
        self.steps.append(done)
        return done < self._most

    def end(self) -> None:
        self.is_over = True


class _Desk:
    def __init__(self, database: Database, most: int = _COUNT) -> None:
        self.works: list[_Work] = []
        self.told: list[GenerationEvent] = []
        self.undos: list[tuple[str, Undo]] = []
        self.library = LibraryRepository(database)
        self.most = most
        self.marks = LibraryMarks(work_of=self._work_of)
        self.marks.open(self.library, ChosenClips(database), self.told.append)
        self.marks.changed.connect(self._on_changed)

    def _work_of(self, words: str, total: int) -> _Work:
        self.works.append(_Work(words, total, self.most))
        return self.works[-1]

    def _on_changed(self, words: str, undo: Callable[[], object]) -> None:
        self.undos.append((words, undo))  # type: ignore[arg-type]

    async def count(self, query: LibraryQuery) -> int:
        return await self.library.count(query)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "veo-studio.db")
    yield database
    database.close()


async def test_few_are_marked_without_a_word(qapp: object, database: Database) -> None:
    desk = _Desk(database)
    await desk.marks.set_rating(store_generations(database, 3), 4)
    assert desk.works == []
    assert len(desk.told) == 3


async def test_many_are_told_and_all_come_back(qapp: object, database: Database) -> None:
    desk, ids = _Desk(database), store_generations(database, _COUNT)
    await desk.library.set_rating(ids[:700], 2)
    await desk.marks.set_favourite(ids, True)
    (work,) = desk.works
    assert work.is_over
    assert work.steps == [0, 500]
    assert [event.generation.id for event in desk.told] == ids
    assert await desk.count(LibraryQuery(favourites=True)) == _COUNT
    ((words, undo),) = desk.undos
    assert words == "1000 favourites."
    await undo()
    assert await desk.count(LibraryQuery(favourites=True)) == 0
    assert await desk.count(LibraryQuery(least_rating=2)) == 700
    assert all(one.is_over for one in desk.works)


async def test_a_stop_leaves_the_rest_and_undoes_what_was_done(
    qapp: object, database: Database
) -> None:
    desk, ids = _Desk(database, most=500), store_generations(database, _COUNT)
    await desk.marks.set_rating(ids, 5)
    assert await desk.count(LibraryQuery(least_rating=5)) == 500
    ((words, undo),) = desk.undos
    assert words == "500 rated with 5."
    await undo()
    assert await desk.count(LibraryQuery(least_rating=1)) == 0


async def test_tags_of_many_stop_and_come_back(qapp: object, database: Database) -> None:
    desk, ids = _Desk(database, most=500), store_generations(database, _COUNT)
    tagged = LibraryQuery(tags=frozenset({"b-roll"}))
    await desk.library.add_tags(ids[:10], ["b-roll"])
    await desk.marks.add_tags(ids, ["b-roll"])
    assert await desk.count(tagged) == 500
    await desk.undos[0][1]()
    assert sorted(await desk.library.ids(tagged)) == ids[:10]


async def test_one_tag_too_many_changes_none(qapp: object, database: Database) -> None:
    desk, ids = _Desk(database), store_generations(database, _COUNT)
    await desk.library.add_tags(ids[-1:], [f"tag {number}" for number in range(MAX_TAGS)])
    with pytest.raises(ValueError, match="at most"):
        await desk.marks.add_tags(ids, ["b-roll"])
    assert await desk.count(LibraryQuery(tags=frozenset({"b-roll"}))) == 0
    assert desk.undos == []
