"""Collections and saved searches: what the user gives a name to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from veo_studio.core.library_query import (
    Collection,
    LibraryQuery,
    SavedSearch,
    clean_name,
    folded,
)
from veo_studio.core.store.library_sql import ids_json

_COLLECTIONS = (
    "SELECT c.id, c.name, (SELECT count(*) FROM collection_items AS ci "
    "JOIN library AS l ON l.id = ci.generation_id "
    "WHERE ci.collection_id = c.id AND l.is_deleted = 0) FROM collections AS c "
)


def collections(connection: Connection) -> list[Collection]:
    found = connection.exec_driver_sql(_COLLECTIONS + "ORDER BY c.folded")
    return [Collection(*row) for row in found]


def _collection(connection: Connection, collection_id: int) -> Collection:
    row = connection.exec_driver_sql(_COLLECTIONS + "WHERE c.id = ?", (collection_id,)).first()
    if row is None:
        raise LookupError("This collection is gone.")
    return Collection(*row)


def create(connection: Connection, name: str, at: datetime) -> Collection:
    name = clean_name(name, "collection")
    with _Taken(name, "collection"):
        made = connection.exec_driver_sql(
            "INSERT INTO collections (name, folded, created_at) VALUES (?, ?, ?) RETURNING id",
            (name, folded(name), _stored(at)),
        ).scalar_one()
    return _collection(connection, int(made))


def restore(
    connection: Connection, collection: Collection, ids: Sequence[int], at: datetime
) -> Collection:
    """Under the number it had, which saved searches name; no other ever has it."""
    with _Taken(collection.name, "collection"):
        connection.exec_driver_sql(
            "INSERT INTO collections (id, name, folded, created_at) VALUES (?, ?, ?, ?)",
            (collection.id, collection.name, folded(collection.name), _stored(at)),
        )
    return add(connection, collection.id, ids, at)


def rename(connection: Connection, collection_id: int, name: str) -> Collection:
    name = clean_name(name, "collection")
    with _Taken(name, "collection"):
        connection.exec_driver_sql(
            "UPDATE collections SET name = ?, folded = ? WHERE id = ?",
            (name, folded(name), collection_id),
        )
    return _collection(connection, collection_id)


def delete(connection: Connection, collection_id: int) -> None:
    for table, column in (("collection_items", "collection_id"), ("collections", "id")):
        connection.exec_driver_sql(
            f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608
            (collection_id,),
        )


def add(connection: Connection, collection_id: int, ids: Sequence[int], at: datetime) -> Collection:
    _collection(connection, collection_id)
    connection.exec_driver_sql(
        "INSERT OR IGNORE INTO collection_items (collection_id, generation_id, added_at) "
        "SELECT ?, id, ? FROM generations "
        "WHERE deleted_at IS NULL AND id IN (SELECT value FROM json_each(?))",
        (collection_id, _stored(at), ids_json(ids)),
    )
    return _collection(connection, collection_id)


def remove(connection: Connection, collection_id: int, ids: Sequence[int]) -> Collection:
    connection.exec_driver_sql(
        "DELETE FROM collection_items WHERE collection_id = ? "
        "AND generation_id IN (SELECT value FROM json_each(?))",
        (collection_id, ids_json(ids)),
    )
    return _collection(connection, collection_id)


def searches(connection: Connection) -> list[SavedSearch]:
    found = connection.exec_driver_sql("SELECT id, name, query FROM saved_searches ORDER BY folded")
    return [_saved(*row) for row in found]


def save_search(
    connection: Connection, name: str, query: LibraryQuery, at: datetime
) -> SavedSearch:
    name = clean_name(name, "search")
    with _Taken(name, "search"):
        row = connection.exec_driver_sql(
            "INSERT INTO saved_searches (name, folded, query, created_at) VALUES (?, ?, ?, ?) "
            "RETURNING id, name, query",
            (name, folded(name), json.dumps(query.to_json()), _stored(at)),
        ).one()
    return _saved(*row)


def rename_search(connection: Connection, search_id: int, name: str) -> SavedSearch:
    name = clean_name(name, "search")
    with _Taken(name, "search"):
        row = connection.exec_driver_sql(
            "UPDATE saved_searches SET name = ?, folded = ? WHERE id = ? RETURNING id, name, query",
            (name, folded(name), search_id),
        ).first()
    if row is None:
        raise LookupError("This search is gone.")
    return _saved(*row)


def update_search(connection: Connection, search_id: int, query: LibraryQuery) -> SavedSearch:
    row = connection.exec_driver_sql(
        "UPDATE saved_searches SET query = ? WHERE id = ? RETURNING id, name, query",
        (json.dumps(query.to_json()), search_id),
    ).first()
    if row is None:
        raise LookupError("This search is gone.")
    return _saved(*row)


def delete_search(connection: Connection, search_id: int) -> None:
    connection.exec_driver_sql("DELETE FROM saved_searches WHERE id = ?", (search_id,))


def _saved(search_id: int, name: str, stored: str) -> SavedSearch:
    try:
        query = LibraryQuery.from_json(json.loads(stored))
    except ValueError:
        query = None
    return SavedSearch(search_id, name, query)


def _stored(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


class _Taken:
    """Says that a name is in use already, where the table of names refuses it."""

    def __init__(self, name: str, what: str) -> None:
        self._words = f"There is a {what} {name!r} already."

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, IntegrityError):
            raise ValueError(self._words) from error
