"""Which account each provider was paid with, from which submit on: fingerprints, never a key.

What one account made, another cannot see: its "no such operation" says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from veo_studio.core.store.database import Database
from veo_studio.core.store.tables import about, attempts

# pairs of the newest submit before a change, and the account since then; the oldest are forgotten
_History = list[tuple[int, str]]
_LONGEST = 100


class Accounts:
    """`fingerprint` gives that of the account which a provider is set up with now.

    Counted by submits, not by time: a clock may be set back between two of them.
    """

    def __init__(self, database: Database, fingerprint: Callable[[str], str]) -> None:
        self._database = database
        self._fingerprint = fingerprint
        self._noted: dict[str, str] = {}

    async def note(self, provider: str) -> None:
        """The next submits are of the account of now; before each of them. Raises StorageError."""
        now = self._fingerprint(provider)
        if self._noted.get(provider) == now:
            return

        def work(connection: Connection) -> None:
            history = _load(connection, provider)
            if not history or history[-1][1] != now:
                newest = connection.execute(select(func.max(attempts.c.id))).scalar() or 0
                _store(connection, provider, [*history, (newest, now)][-_LONGEST:])

        await self._database.write(work)
        self._noted[provider] = now

    async def is_of_now(self, provider: str, generation_id: int) -> bool:
        """False where it was surely sent with another account than that of now."""
        now = self._fingerprint(provider)
        query = select(func.max(attempts.c.id)).where(attempts.c.generation_id == generation_id)

        def work(connection: Connection) -> bool:
            sent = connection.execute(query).scalar() or 0
            of_then = [account for after, account in _load(connection, provider) if after < sent]
            return not of_then or of_then[-1] == now

        return await self._database.read(work)


def _name(provider: str) -> str:
    return f"accounts_{provider}"


def _load(connection: Connection, provider: str) -> _History:
    query = select(about.c.value).where(about.c.name == _name(provider))
    stored = connection.execute(query).scalar()
    return [(after, account) for after, account in json.loads(stored)] if stored else []


def _store(connection: Connection, provider: str, history: _History) -> None:
    statement = insert(about).values(name=_name(provider), value=json.dumps(history))
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": statement.excluded.value}
        )
    )
