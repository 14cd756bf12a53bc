"""The newest rows of a library that was closed in good order, before the database itself is open.

What the window shows first. Anything unusual (a log beside the file, another schema, another program's
file) gives no rows: then they come with the database, which looks at all that before it trusts it.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from veo_studio.core.models import Generation
from veo_studio.core.store.mapping import as_read, generation_from
from veo_studio.core.store.schema import APPLICATION_ID, SCHEMA_VERSION

_SOME = (
    "SELECT id FROM (SELECT id FROM library INDEXED BY library_by_created_at "
    "WHERE is_deleted = 0 AND is_late = {} ORDER BY created_at DESC, id DESC LIMIT ?1)"
)
# in the order of the library, which is that of time
_NEWEST = (
    f"SELECT * FROM generations WHERE id IN ({_SOME.format(0)} UNION ALL {_SOME.format(1)}) "  # noqa: S608
    "ORDER BY created_at DESC, id DESC LIMIT ?1"
)
_log = logging.getLogger(__name__)


def newest(database: Path, limit: int) -> list[Generation]:
    """At most `limit` generations, the newest first. Blocks for milliseconds; never raises for a bad file.

    Takes no lock and leaves nothing behind: a file without a log is not written by anybody now.
    """
    log = database.with_name(f"{database.name}-wal")
    try:
        if not database.is_file() or (log.exists() and log.stat().st_size):
            return []
        uri = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            marks = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS]
            if marks != [APPLICATION_ID, SCHEMA_VERSION]:
                return []
            connection.row_factory = sqlite3.Row
            return [
                generation_from(as_read(dict(row))) for row in connection.execute(_NEWEST, (limit,))
            ]
    except (OSError, sqlite3.Error, ValueError, KeyError, TypeError, ArithmeticError) as error:
        # the database says in words what is wrong with it when it is opened
        _log.info("no rows before the library is open: %s", type(error).__name__)
        return []


_PRAGMAS = ("application_id", "user_version")
