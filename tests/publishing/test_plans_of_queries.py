"""With a hundred thousand deliveries the desk reads a handful: by indexes, never by a walk over the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from veo_studio.core.publishing.models import DeliveryState
from veo_studio.core.store import publishing_following, publishing_moves, publishing_rows
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import utc_now
from veo_studio.core.store.publishing import look

D = DeliveryState
READS = {
    "what there is to do": look,
    "what failed": lambda c: publishing_rows.page(c, None, [D.FAILED], None, 100),
    "what needs attention": lambda c: publishing_rows.page(
        c, None, [D.FAILED, D.MAYBE_SENT], None, 100
    ),
    "what is open": lambda c: publishing_rows.page(c, None, [D.WAITING, D.SENDING], None, 100),
    "those of a clip": lambda c: publishing_rows.page(c, 7, None, None, 100),
    "one place of a clip": lambda c: publishing_rows.there(c, 7, 1),
    "what leaves the pages": lambda c: publishing_following.take_off(c, 7, utc_now()),
    "what waits for a target": lambda c: publishing_moves.cancel_waiting(
        c, utc_now(), "", target_id=1
    ),
}


def plans_of(connection: Connection, name: str) -> list[str]:
    """How SQLite goes about each statement of a read."""
    said: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, sql: str, values: object, *_rest: object) -> None:
        said.append((sql, values))

    event.listen(connection, "before_cursor_execute", note)
    READS[name](connection)
    event.remove(connection, "before_cursor_execute", note)
    plans = []
    for sql, values in said:
        found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[arg-type]
        plans += [str(row[3]) for row in found]
    return plans


@pytest.mark.parametrize("name", READS)
def test_few_of_many_are_found_by_an_index(name: str, tmp_path: Path) -> None:
    database = Database.open(tmp_path / "veo-studio.db")
    try:
        plans = database.read_now(lambda c: plans_of(c, name))
    finally:
        database.close()
    assert plans
    for table in ("deliveries", "schedules", "state_changes", "library"):
        walks = [one for one in plans if one == f"SCAN {table}"]
        assert walks == [], plans
