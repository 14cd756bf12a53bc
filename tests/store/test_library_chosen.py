"""What many chosen clips have together, and a saved search that finds something else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.store.libraries import store_generations
from veo_studio.core.library_query import LibraryQuery
from veo_studio.core.store.chosen import ChosenClips, ChosenFacts, Marks
from veo_studio.core.store.database import Database
from veo_studio.core.store.library import LibraryRepository


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(tmp_path / "veo-studio.db")
    yield opened
    opened.close()


async def test_sums_count_what_is_there(database: Database):
    ids = store_generations(database, 3, tokens=10)
    sql = "UPDATE generations SET length_s = 4.5, size_bytes = 1000 WHERE id IN (?, ?)"
    database.write_now(lambda c: c.exec_driver_sql(sql, (ids[0], ids[1])))
    chosen = ChosenClips(database)
    facts = await chosen.facts([*ids, 999])
    assert (facts.count, facts.length_s, facts.size_bytes) == (3, 9.0, 2000)
    assert facts.price_usd == Decimal("1.68")
    assert await chosen.facts([]) == ChosenFacts()


async def test_marks_tags_and_collections_of_many(database: Database):
    ids = store_generations(database, 3)
    library, chosen = LibraryRepository(database), ChosenClips(database)
    await library.set_favourite(ids[:1], True)
    await library.set_rating(ids[1:2], 4)
    await library.add_tags(ids[:2], ["b-roll"])
    made = await library.create_collection("Harbour film")
    await library.add_to_collection(made.id, ids[1:])
    assert sorted(await chosen.marks(ids), key=lambda one: one.generation_id) == [
        Marks(ids[0], True, 0, False),
        Marks(ids[1], False, 4, False),
        Marks(ids[2], False, 0, False),
    ]
    assert await chosen.tags(ids) == {"b-roll": frozenset(ids[:2])}
    assert await chosen.collections(ids) == {"Harbour film": frozenset(ids[1:])}


async def test_a_saved_search_finds_something_else_under_its_name(database: Database):
    library = LibraryRepository(database)
    saved = await library.save_search("Mine", LibraryQuery(text="boat"))
    changed = await library.update_search(saved.id, LibraryQuery(text="kite"))
    assert (changed.id, changed.name) == (saved.id, "Mine")
    assert (await library.saved_searches()) == [changed]
    with pytest.raises(LookupError):
        await library.update_search(999, LibraryQuery())


async def test_a_collection_comes_back_under_its_number(database: Database):
    ids = store_generations(database, 3)
    library = LibraryRepository(database)
    film = await library.create_collection("Film")
    await library.delete_collection(film.id)
    other = await library.create_collection("film")
    with pytest.raises(ValueError, match="already"):
        await library.restore_collection(film, ids)
    await library.rename_collection(other.id, "Another")
    back = await library.restore_collection(film, ids[:2])
    assert (back.id, back.name, back.count) == (film.id, "Film", 2)
    assert sorted(await library.ids(LibraryQuery(collection_id=film.id))) == ids[:2]
    assert (await library.create_collection("Third")).id > other.id
