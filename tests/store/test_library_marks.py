"""Marks, tags, collections, saved searches and lineage, with whatever people and programs do to them."""

from __future__ import annotations

import json
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.store.libraries import new, schema_one, store_generations
from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import (
    Charge,
    Generation,
    GenerationKind,
    GenerationState,
    InputRole,
    MediaInput,
)
from veo_studio.core.store.database import Database
from veo_studio.core.store.library import LibraryRepository
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository

EVERYTHING = LibraryQuery()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "veo-studio.db")
    yield database
    database.close()


@pytest.fixture
def library(database: Database) -> LibraryRepository:
    return LibraryRepository(database)


@pytest.fixture
def repository(database: Database) -> GenerationRepository:
    return GenerationRepository(database)


def numbers(found: list[Generation]) -> list[int]:
    return [one.id for one in found]


async def test_a_favourite_is_not_rejected_and_the_other_way_round(
    database: Database, library: LibraryRepository
) -> None:
    store_generations(database, 3)
    kept = await library.set_favourite([1, 2], True)
    assert [one.favourite for one in kept] == [True, True]
    (rejected,) = await library.set_rejected([2], True)
    assert (rejected.favourite, rejected.rejected) == (False, True)
    (kept_again,) = await library.set_favourite([2], True)
    assert (kept_again.favourite, kept_again.rejected) == (True, False)
    assert list(await library.ids(LibraryQuery(favourites=True))) == [2, 1]


@pytest.mark.parametrize("rating", [-1, 6, 2.5, True, "3", None])
async def test_a_rating_is_a_whole_number_up_to_five(
    database: Database, library: LibraryRepository, rating: Any
) -> None:
    store_generations(database, 1)
    await library.set_rating([1], 5)
    with pytest.raises(ValueError, match="0 to 5"):
        await library.set_rating([1], rating)
    assert [one.rating for one in await library.first(EVERYTHING, 9)] == [5]


async def test_unknown_and_repeated_ids_are_no_mistake(
    database: Database, library: LibraryRepository
) -> None:
    store_generations(database, 2)
    assert numbers(await library.set_rating([2, 99, -1, 2, 2**62], 3)) == [2, 2]
    assert await library.set_favourite([], True) == []
    assert await library.add_tags([77], ["x"]) == []
    assert await library.by_ids([2**63 - 1, 1]) == [(await library.by_ids([1]))[0]]
    assert await library.matching(EVERYTHING, [1, 5]) == {1}


NAMES = (
    'O\'Brien "quoted"',
    "Straße; DROP TABLE tags",
    "東京 夜景é",
    "👨‍👩‍👧 family",
    "%_*?",
    "null",
)


async def test_tags_are_kept_as_written_and_found_in_any_case(
    database: Database, library: LibraryRepository
) -> None:
    store_generations(database, 2)
    (one,) = await library.add_tags([1], NAMES)
    assert set(one.tags) == set(NAMES)
    for name in NAMES:
        assert list(await library.ids(LibraryQuery(tags=frozenset({name.upper()})))) == [1], name
    assert numbers(await library.first(LibraryQuery(text="strasse"), 9)) == []
    assert numbers(await library.first(LibraryQuery(text="straße bri"), 9)) == [1]
    (same,) = await library.add_tags([1], ["  STRASSE;   drop\ntable\ttags "])
    assert same.tags == one.tags, "the same name in other letters"
    for spelling in ("  STRASSE;   drop\ntable\ttags ", unicodedata.normalize("NFD", "東京 夜景é")):
        query = LibraryQuery(tags=frozenset({spelling}))
        assert list(await library.ids(query)) == [1], "and found as it is stored"
    for bad in ("", " \n", "x" * 65, "\udcff"):
        assert list(await library.ids(LibraryQuery(tags=frozenset({bad})))) == []
    (fewer,) = await library.remove_tags([1], ["straße; drop table TAGS", "never there"])
    assert len(fewer.tags) == len(NAMES) - 1
    assert ("null", 1) in (await library.facets()).tags


@pytest.mark.parametrize("name", ["", " \n\t ", "x" * 65, "\u202e", "\x00"])
async def test_a_bad_name_changes_nothing(
    database: Database, library: LibraryRepository, name: str
) -> None:
    store_generations(database, 1)
    with pytest.raises(ValueError, match="name"):
        await library.add_tags([1], ["good", name])
    assert (await library.facets()).tags == ()
    for create in (library.create_collection, lambda n: library.save_search(n, EVERYTHING)):
        with pytest.raises(ValueError, match="name"):
            await create(name)


async def test_a_clip_has_at_most_thirty_two_tags(
    database: Database, library: LibraryRepository
) -> None:
    store_generations(database, 2)
    await library.add_tags([1], [f"tag {number}" for number in range(32)])
    await library.add_tags([1], ["TAG 5"])
    with pytest.raises(ValueError, match="32"):
        await library.add_tags([1, 2], ["one more"])
    assert [len(one.tags) for one in await library.by_ids([1, 2])] == [32, 0]
    many = frozenset(f"tag {number}" for number in range(40))
    assert await library.count(LibraryQuery(tags=many)) == 0


SIGNS = (
    '"',
    "'",
    "*",
    "NEAR(",
    "a AND",
    "-x",
    "prompt:",
    "(",
    "^a",
    "\x00",
    "{a b}:",
    "_",
    "…",
    "\ud83e",
)


@pytest.mark.parametrize("text", SIGNS)
async def test_signs_are_never_an_order_to_the_search(
    database: Database, library: LibraryRepository, repository: GenerationRepository, text: str
) -> None:
    store_generations(database, 2)
    for query in (LibraryQuery(text=text), LibraryQuery(text=f"clip {text}", rejected=False)):
        found = await library.ids(query)
        assert len(found) == await library.count(query)
        assert await library.matching(query, [1, 2]) == set(found)
        assert sum(day.count for day in await library.days(query)) == len(found)
    await repository.page(search=text)


async def test_a_search_of_a_thousand_words_is_answered(
    database: Database, library: LibraryRepository
) -> None:
    store_generations(database, 2)
    assert len(await library.ids(LibraryQuery(text="clip " * 5000))) == 2
    assert len(await library.ids(LibraryQuery(text="x" * 200_000))) == 0


async def test_captions_and_tags_are_found_by_the_old_page_too(
    database: Database, library: LibraryRepository, repository: GenerationRepository
) -> None:
    store_generations(database, 3)
    await library.set_caption(1, "  Crème brûlée, second take ")
    await library.add_tags([2], ["für Anna"])
    assert numbers(await repository.page(search="creme BRU")) == [1]
    assert numbers(await repository.page(search="fu\u0308r an")) == [2]
    await library.set_caption(1, "")
    assert await repository.page(search="creme") == []
    assert (await library.by_ids([1]))[0].caption == ""


async def test_what_was_deleted_keeps_its_marks_for_the_undo(
    database: Database, library: LibraryRepository, repository: GenerationRepository
) -> None:
    store_generations(database, 2)
    made = await library.create_collection("Film")
    await library.add_tags([1], ["keep"])
    await library.set_rating([1], 4)
    await library.add_to_collection(made.id, [1, 2])
    await repository.forget(1)
    for query in (EVERYTHING, LibraryQuery(text="clip"), LibraryQuery(collection_id=made.id)):
        assert list(await library.ids(query)) == [2]
    assert await library.by_ids([1]) == []
    assert await library.set_rating([1], 1) == []
    assert (await library.facets()).tags == ()
    assert [one.count for one in await library.collections()] == [1]
    await repository.remember(1)
    (back,) = await library.first(LibraryQuery(tags=frozenset({"keep"})), 9)
    assert (back.id, back.rating) == (1, 4)
    assert [one.count for one in await library.collections()] == [2]


async def test_a_collection_that_was_deleted_shows_nothing(
    database: Database, library: LibraryRepository
) -> None:
    store_generations(database, 2)
    film = await library.create_collection(" Film  one ")
    assert film.name == "Film one"
    query = LibraryQuery(collection_id=film.id)
    assert (await library.add_to_collection(film.id, [1, 2, 2, 99])).count == 2
    assert (await library.remove_from_collection(film.id, [1])).count == 1
    with pytest.raises(ValueError, match="already"):
        await library.create_collection("FILM one")
    assert (await library.rename_collection(film.id, "film ONE")).name == "film ONE"
    await library.delete_collection(film.id)
    await library.delete_collection(film.id)
    assert list(await library.ids(query)) == await library.days(query) == []
    for change in (
        library.add_to_collection(film.id, [1]),
        library.remove_from_collection(film.id, [1]),
        library.rename_collection(film.id, "other"),
    ):
        with pytest.raises(LookupError):
            await change
    assert (await library.create_collection("Film one")).id > film.id, "saved searches name it"


FULL = LibraryQuery(
    text="fox", states=frozenset({GenerationState.HELD}), kinds=frozenset({GenerationKind.IMAGE}),
    models=frozenset({"b", "a"}), providers=frozenset({"p"}), aspects=frozenset({"1:1"}),
    charges=frozenset({Charge.UNKNOWN}), tags=frozenset({"東京"}), favourites=True, least_rating=3,
    rejected=False, since=date(2026, 1, 2), until=date(2026, 3, 4), least_s=1.5, most_s=8.0,
    collection_id=7, sort=Sort.BEST_RATED,
)  # fmt: skip


async def test_a_saved_search_comes_back_as_it_was(library: LibraryRepository) -> None:
    saved = await library.save_search("Everything at once", FULL)
    assert saved.query == FULL
    assert LibraryQuery.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL
    assert EVERYTHING.to_json() == {"format": 1}
    await library.rename_search(saved.id, "Another name")
    assert [(one.name, one.query) for one in await library.saved_searches()] == [
        ("Another name", FULL)
    ]
    with pytest.raises(ValueError, match="already"):
        await library.save_search("another NAME", EVERYTHING)
    await library.delete_search(saved.id)
    assert await library.saved_searches() == []
    with pytest.raises(LookupError):
        await library.rename_search(saved.id, "x")


@pytest.mark.parametrize(
    "stored",
    [
        {"format": 2}, {}, [], None, "x", {"format": 1, "camera": "dolly"}, {"format": 1, "sort": "warmest"},
        {"format": 1, "states": "held"}, {"format": 1, "states": ["gone"]}, {"format": 1, "since": "soon"},
        {"format": 1, "rejected": 1}, {"format": 1, "least_rating": 9}, {"format": 1, "least_s": "x"},
        {"format": 1, "collection_id": True}, {"format": 1, "text": 7}, {"format": 1, "tags": [1]},
        {"format": 1, "sort": []}, {"format": 1, "favourites": None}, {"format": 1, "least_s": float("nan")},
    ],
)  # fmt: skip
async def test_a_search_of_a_newer_version_is_told_and_no_crash(
    database: Database, library: LibraryRepository, stored: object
) -> None:
    with pytest.raises(ValueError, match="search"):
        LibraryQuery.from_json(stored)
    saved = await library.save_search("From tomorrow", FULL)
    database.write_now(
        lambda c: c.exec_driver_sql("UPDATE saved_searches SET query = ?", (json.dumps(stored),))
    )
    (found,) = await library.saved_searches()
    assert (found.id, found.query) == (saved.id, None)


async def test_a_hundred_thousand_ids_at_once(
    database: Database, library: LibraryRepository
) -> None:
    store_generations(database, 5)
    ids = range(1, 100_001)
    assert numbers(await library.set_rating(ids, 2)) == [1, 2, 3, 4, 5]
    assert len(await library.add_tags(ids, ["all of them"])) == 5
    assert await library.matching(LibraryQuery(text="clip", least_rating=2), ids) == {1, 2, 3, 4, 5}
    made = await library.create_collection("Many")
    assert (await library.add_to_collection(made.id, ids)).count == 5


async def test_two_programs_mark_at_once(tmp_path: Path, database: Database) -> None:
    ids = store_generations(database, 40)
    other = Database.open(database.path)
    errors: list[BaseException] = []

    def work(own: Database, name: str) -> None:
        try:
            for number in ids:
                own.write_now(lambda c, n=number: marks.add_tags(c, [n], [name]))
        except BaseException as error:
            errors.append(error)

    from veo_studio.core.store import marks

    try:
        threads = [
            threading.Thread(target=work, args=(own, name))
            for own, name in ((database, "one"), (other, "two"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = await LibraryRepository(other).by_ids(ids)
    finally:
        other.close()
    assert errors == []
    assert {one.tags for one in found} == {("one", "two")}


async def test_lineage_leads_to_parents_and_children(
    database: Database, library: LibraryRepository, repository: GenerationRepository
) -> None:
    store_generations(database, 2)
    (child,) = await repository.create([made_from(1, 2, 1, 99, None)])
    assert numbers(await library.parents(child)) == [1, 2]
    assert numbers(await library.children(1)) == [child.id]
    (grandchild,) = await repository.create([made_from(child.id)])
    assert numbers(await library.parents(grandchild)) == [child.id]
    await repository.forget(1)
    assert numbers(await library.parents(child)) == [2], "what was deleted is not shown"
    assert numbers(await library.children(1)) == [child.id]
    await repository.remember(1)
    assert numbers(await library.parents(child)) == [1, 2]


def made_from(*parents: int | None) -> NewGeneration:
    item = new()
    inputs = tuple(
        MediaInput(InputRole.REFERENCE, "0" * 64, "image/png", 1, "x.png", generation_id=parent)
        for parent in parents
    )
    config = replace(item.request.config, inputs=inputs)
    return replace(item, request=replace(item.request, config=config))


async def test_a_file_is_found_elsewhere(
    database: Database, library: LibraryRepository, tmp_path: Path
) -> None:
    store_generations(database, 1)
    with pytest.raises(ValueError, match="no file"):
        await library.relocate(1, tmp_path / "clip.mp4", {})
    with pytest.raises(LookupError):
        await library.relocate(9, tmp_path / "clip.mp4", {})
    database.write_now(
        lambda c: c.exec_driver_sql("UPDATE generations SET state = 'completed' WHERE id = 1")
    )
    moved = await library.relocate(1, tmp_path / "clip.mp4", {"size_bytes": 7, "length_s": 2.5})
    assert (moved.video_path, moved.size_bytes) == (tmp_path / "clip.mp4", 7)
    assert list(await library.ids(LibraryQuery(least_s=2.4, most_s=2.6))) == [1]
    with pytest.raises(TypeError):
        await library.relocate(1, tmp_path / "clip.mp4", {"state": "failed"})


async def test_an_older_library_has_everything_after_its_migration(tmp_path: Path) -> None:
    path = tmp_path / "data" / "veo-studio.db"
    schema_one(path, count=30)
    database = Database.open(path)
    try:
        library = LibraryRepository(database)
        assert list(await library.ids(EVERYTHING)) == list(range(30, 0, -1))
        assert list(await library.ids(LibraryQuery(text="clip 17"))) == [17]
        assert [one.count for one in await library.days(EVERYTHING)] == [30]
        assert (await library.facets()).aspects == (("16:9", 30),)
    finally:
        database.close()
    assert list(path.parent.glob("**/*backup*")), "a backup was made first"
