"""What a user thinks of generations: favourites, ratings, rejects, captions and tags."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from veo_studio.core.library_query import MAX_RATING, MAX_TAGS, clean_tags, folded
from veo_studio.core.store.library_sql import ids_json

_MANY = "WHERE deleted_at IS NULL AND id IN (SELECT value FROM json_each(?))"


def set_favourite(connection: Connection, ids: Sequence[int], is_favourite: bool) -> None:
    """A favourite is not rejected."""
    changes = "favourite = 1, rejected = 0" if is_favourite else "favourite = 0"
    connection.exec_driver_sql(f"UPDATE generations SET {changes} {_MANY}", (ids_json(ids),))  # noqa: S608


def set_rejected(connection: Connection, ids: Sequence[int], is_rejected: bool) -> None:
    """What is rejected is no favourite."""
    changes = "rejected = 1, favourite = 0" if is_rejected else "rejected = 0"
    connection.exec_driver_sql(f"UPDATE generations SET {changes} {_MANY}", (ids_json(ids),))  # noqa: S608


def set_rating(connection: Connection, ids: Sequence[int], rating: int) -> None:
    """0 takes the rating away. ValueError for anything but 0 to 5."""
    if type(rating) is not int or not 0 <= rating <= MAX_RATING:
        raise ValueError(f"A rating is a whole number from 0 to {MAX_RATING}.")
    connection.exec_driver_sql(
        f"UPDATE generations SET rating = ? {_MANY}",  # noqa: S608
        (rating, ids_json(ids)),
    )


def set_caption(connection: Connection, generation_id: int, caption: str) -> None:
    connection.exec_driver_sql(
        "UPDATE generations SET caption = ? WHERE id = ? AND deleted_at IS NULL",
        (caption.strip() or None, generation_id),
    )


def add_tags(connection: Connection, ids: Sequence[int], names: Collection[str]) -> None:
    """ValueError for a bad name and where a clip would have more than 32; then nothing is written."""
    clean = clean_tags(names)
    if not clean:
        return
    many = ids_json(ids)
    for name in clean:
        connection.exec_driver_sql(
            "INSERT INTO tags (name, folded) VALUES (?, ?) ON CONFLICT (folded) DO NOTHING",
            (name, folded(name)),
        )
        connection.exec_driver_sql(
            "INSERT OR IGNORE INTO generation_tags (tag_id, generation_id) "  # noqa: S608
            "SELECT (SELECT id FROM tags WHERE folded = ?), id FROM generations "
            f"{_MANY}",
            (folded(name), many),
        )
    too_many = connection.exec_driver_sql(
        "SELECT generation_id FROM generation_tags WHERE generation_id IN "
        "(SELECT value FROM json_each(?)) GROUP BY generation_id HAVING count(*) > ?",
        (many, MAX_TAGS),
    ).first()
    if too_many is not None:
        raise ValueError(f"A clip has at most {MAX_TAGS} tags.")
    _write_words(connection, many)


def remove_tags(connection: Connection, ids: Sequence[int], names: Collection[str]) -> None:
    """Names that nobody has are no mistake."""
    many = ids_json(ids)
    for name in clean_tags(names):
        connection.exec_driver_sql(
            "DELETE FROM generation_tags "  # noqa: S608
            "WHERE tag_id = (SELECT id FROM tags WHERE folded = ?) "
            f"AND generation_id IN (SELECT id FROM generations {_MANY})",
            (folded(name), many),
        )
    connection.exec_driver_sql(
        "DELETE FROM tags WHERE id NOT IN (SELECT tag_id FROM generation_tags)"
    )
    _write_words(connection, many)


def _write_words(connection: Connection, many: str) -> None:
    connection.exec_driver_sql(
        "UPDATE generations SET tag_words = coalesce((SELECT group_concat(name, char(10)) FROM "  # noqa: S608
        "(SELECT t.name AS name FROM generation_tags AS gt JOIN tags AS t ON t.id = gt.tag_id "
        f"WHERE gt.generation_id = generations.id ORDER BY t.folded)), '') {_MANY}",
        (many,),
    )
