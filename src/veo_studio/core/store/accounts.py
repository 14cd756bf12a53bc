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

# pairs of the first submit of an account, and that account; the oldest are forgotten
_History = list[tuple[int, str]]
_LONGEST = 100


class Accounts:
    """`of_now` gives the fingerprint of the account that a provider is set up with now."""

    def __init__(self, database: Database, of_now: Callable[[str], str]) -> None:
        self._database = database
        self.of_now = of_now

    async def is_of_now(self, provider: str, generation_id: int) -> bool:
        """False where it was surely sent with another account than that of now."""
        now = self.of_now(provider)
        query = select(func.max(attempts.c.id)).where(attempts.c.generation_id == generation_id)

        def work(connection: Connection) -> bool:
            sent = connection.execute(query).scalar() or 0
            of_then = [account for first, account in _load(connection, provider) if first <= sent]
            return not of_then or of_then[-1] == now

        return await self._database.read(work)


def note(connection: Connection, provider: str, attempt_id: int, account: str) -> None:
    """This submit is of that account, in its own transaction.

    Counted by submits, not by time: a clock may be set back between two of them.
    """
    history = _load(connection, provider)
    if not history or history[-1][1] != account:
        _store(connection, provider, [*history, (attempt_id, account)][-_LONGEST:])


def _name(provider: str) -> str:
    return f"accounts_{provider}"


def _load(connection: Connection, provider: str) -> _History:
    query = select(about.c.value).where(about.c.name == _name(provider))
    stored = connection.execute(query).scalar()
    return [(first, account) for first, account in json.loads(stored)] if stored else []


def _store(connection: Connection, provider: str, history: _History) -> None:
    statement = insert(about).values(name=_name(provider), value=json.dumps(history))
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": statement.excluded.value}
        )
    )
