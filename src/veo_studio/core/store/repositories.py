"""Generations in the database: lists and searches, and the moves of `moves.py` on the writer thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, select, text, update

from veo_studio.core.crash import crash_point
from veo_studio.core.models import (
    TERMINAL_STATES,
    Attempt,
    Generation,
    GenerationState,
    StateChange,
)
from veo_studio.core.store import accounts, moves, publishing_asking, rows, samples, submits
from veo_studio.core.store.database import Database
from veo_studio.core.store.library_sql import match_words
from veo_studio.core.store.moves import NewGeneration, utc_now
from veo_studio.core.store.tables import attempts, generations, state_changes

_g = generations.c
_S = GenerationState


class GenerationRepository:
    """Reads are on the reader thread, moves on the writer thread; moments come from `clock`."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self._clock = clock

    async def create(self, new: Sequence[NewGeneration]) -> list[Generation]:
        """Store rows and charges in one transaction: all of them or none.

        A request whose idempotency key is already stored gives the stored generation, uncharged.
        Raises NotEnoughTokens, BudgetExceeded, QueueFull, LedgerDamaged.
        """
        created = await self.database.write(
            lambda connection: moves.create(connection, new, self._clock())
        )
        crash_point("K03")
        return created

    async def begin_attempt(
        self,
        generation_id: int,
        body: Mapping[str, Any],
        body_sha256: str,
        account: str | None = None,
    ) -> Attempt:
        """PENDING → SUBMITTING, durable before the POST (T2); `account` is whose submit it is."""

        def work(connection: Connection) -> Attempt:
            attempt = moves.begin_attempt(
                connection, generation_id, body, body_sha256, self._clock()
            )
            if account is not None:
                provider = rows.get(connection, generation_id).provider
                accounts.note(connection, provider, attempt.id, account)
            return attempt

        return await self.database.write(work)

    async def end_attempt(
        self,
        attempt: Attempt,
        to: GenerationState,
        cause: str,
        *,
        http_status: int | None = None,
        operation_id: str | None = None,
        **fields: Any,
    ) -> Generation:
        """Record what became of a submit and move the generation, in one transaction (T3).

        Raises OutcomeUnknown where `operation_id` already belongs to another generation (I08).
        """

        def work(connection: Connection) -> Generation:
            if operation_id is not None:
                submits.require_own_name(connection, attempt.generation_id, operation_id)
            connection.execute(
                update(attempts)
                .where(attempts.c.id == attempt.id)
                .values(
                    finished_at=self._clock(),
                    outcome=submits.outcome_words(to),
                    http_status=http_status,
                    operation_id=operation_id,
                )
            )
            if operation_id is not None:
                fields.update(operation_id=operation_id, submitted_at=attempt.started_at)
            return moves.move(connection, attempt.generation_id, to, cause, self._clock(), **fields)

        return await self.database.write(work)

    async def move(
        self, generation_id: int, to: GenerationState, cause: str, **fields: Any
    ) -> Generation:
        """Change the state with its cause and what it does to the wallet; see `move` below."""
        return await self.database.write(
            lambda connection: moves.move(
                connection, generation_id, to, cause, self._clock(), **fields
            )
        )

    async def update(self, generation_id: int, **fields: Any) -> Generation:
        """Change columns that are not the state."""

        def work(connection: Connection) -> Generation:
            moves.set_fields(connection, generation_id, self._clock(), fields)
            return rows.get(connection, generation_id)

        return await self.database.write(work)

    async def sample(self, first: Generation, number: int) -> Generation | None:
        """A further clip of one submit, where it is stored already."""
        key = samples.key_of(first, number)
        return await self.database.read(lambda connection: samples.find(connection, key))

    async def add_sample(
        self, first: Generation, number: int, path: Path, facts: Mapping[str, Any]
    ) -> Generation:
        """Store a further clip of one submit, once; its file is in its place."""
        return await self.database.write(
            lambda connection: samples.add(connection, first, number, path, facts, self._clock())
        )

    async def awaiting_clips(self) -> list[Generation]:
        """The complete ones of which further clips may still arrive, the oldest first."""
        more = func.json_extract(_g.result, "$.more")
        query = (
            select(generations)
            .where(_g.state == _S.COMPLETED.value, more.is_not(None))
            .order_by(_g.id)
        )
        return await self.database.read(
            lambda c: [rows.to_generation(row) for row in c.execute(query)]
        )

    async def forget(self, generation_id: int) -> None:
        """Leave the generation out of every list; its money and history stay."""
        at = self._clock()
        await self.database.write(lambda c: publishing_asking.delete(c, generation_id, at))

    async def remember(self, generation_id: int) -> Generation:
        """Undo `forget`."""
        at = self._clock()

        def work(connection: Connection) -> Generation:
            publishing_asking.restore(connection, generation_id, at)
            return rows.get(connection, generation_id)

        return await self.database.write(work)

    async def get(self, generation_id: int) -> Generation:
        """Raises LookupError where there is no such generation."""
        return await self.database.read(lambda connection: rows.get(connection, generation_id))

    async def by_operation(self, operation_id: str) -> Generation | None:
        query = select(generations).where(_g.operation_id == operation_id)
        return await self.database.read(lambda c: rows.optional(c.execute(query).first()))

    async def by_digest(self, sha256: str) -> Generation | None:
        """The newest generation whose file has that SHA-256, also one that was deleted."""
        query = (
            select(generations)
            .where(_g.sha256 == sha256, _g.state == _S.COMPLETED.value)
            .order_by(_g.id.desc())
        )
        return await self.database.read(lambda c: rows.optional(c.execute(query).first()))

    async def by_file(self, path: Path) -> Generation | None:
        """The newest generation whose clip lies there, without those that were deleted."""
        query = (
            select(generations)
            .where(_g.video_path == str(path), _g.deleted_at.is_(None))
            .where(_g.state == _S.COMPLETED.value)
            .order_by(_g.id.desc())
        )
        return await self.database.read(lambda c: rows.optional(c.execute(query).first()))

    async def page(
        self,
        *,
        search: str = "",
        states: Collection[GenerationState] | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> list[Generation]:
        """Newest first, strictly older than `before_id`: keyset paging, never an offset."""
        query = select(generations).where(_g.deleted_at.is_(None))
        query = (
            _filtered(query, search, states, before_id, limit).order_by(_g.id.desc()).limit(limit)
        )
        return await self.database.read(
            lambda c: [rows.to_generation(row) for row in c.execute(query)]
        )

    async def count(
        self, search: str = "", states: Collection[GenerationState] | None = None
    ) -> int:
        query = select(func.count()).select_from(generations).where(_g.deleted_at.is_(None))
        query = _filtered(query, search, states, None, None)
        return await self.database.read(lambda c: int(c.execute(query).scalar_one()))

    async def in_states(self, states: Collection[GenerationState]) -> list[Generation]:
        """All generations in these states, in queue order."""
        query = (
            select(generations)
            .where(_g.state.in_([state.value for state in states]))
            .order_by(_g.priority.desc(), _g.queue_position, _g.id)
        )
        return await self.database.read(
            lambda c: [rows.to_generation(row) for row in c.execute(query)]
        )

    async def held_times(self, generation_id: int) -> int:
        """How often it was held: what the wait before the next try grows with."""
        query = (
            select(func.count())
            .select_from(state_changes)
            .where(state_changes.c.generation_id == generation_id)
            .where(state_changes.c.to_state == _S.HELD.value)
        )
        return await self.database.read(lambda c: int(c.execute(query).scalar_one()))

    async def data_version(self) -> int:
        """A number that changes whenever anybody, here or in another process, commits."""
        query = "PRAGMA data_version"
        return await self.database.read(lambda c: int(c.exec_driver_sql(query).scalar_one()))

    async def known_among(self, uuids: Collection[str]) -> set[str]:
        """Those of `uuids` that belong to a generation here."""
        query = select(_g.uuid).where(_g.uuid.in_(list(uuids)))
        return await self.database.read(lambda c: {row.uuid for row in c.execute(query)})

    async def has_file_of_another(self, generation_id: int, path: Path) -> bool:
        """True where a completed generation other than this one has its clip there, by whatever way."""
        # a folder may have two names, and letters of two sizes; a file keeps its own
        query = select(_g.video_path).where(
            _g.state == _S.COMPLETED.value,
            _g.video_path.endswith(path.name, autoescape=True),
            _g.id != generation_id,
        )
        stored = await self.database.read(lambda c: c.execute(query).scalars().all())
        return await asyncio.to_thread(lambda: any(_is_same(Path(one), path) for one in stored))

    async def target_path(self, generation_id: int) -> Path | None:
        """The file name reserved for the clip, once one was chosen."""
        query = select(_g.target_path).where(_g.id == generation_id)
        stored = await self.database.read(lambda c: c.execute(query).scalar())
        return Path(stored) if stored else None

    async def output_folders(self) -> list[Path]:
        """Every folder that a clip was asked for into, beside the usual one."""
        query = select(_g.output_dir).where(_g.output_dir.is_not(None)).distinct()
        stored = await self.database.read(lambda c: c.execute(query).scalars().all())
        return [Path(folder) for folder in stored]

    async def ended_among(self, uuids: Collection[str]) -> list[str]:
        """Those of `uuids` whose generation is completed, failed or cancelled."""
        if not uuids:
            return []
        query = (
            select(_g.uuid)
            .where(_g.uuid.in_(list(uuids)))
            .where(_g.state.in_([state.value for state in TERMINAL_STATES]))
        )
        return await self.database.read(lambda c: list(c.execute(query).scalars()))

    async def state_changes(self, generation_id: int) -> list[StateChange]:
        query = (
            select(state_changes)
            .where(state_changes.c.generation_id == generation_id)
            .order_by(state_changes.c.id)
        )
        stored = await self.database.read(lambda c: c.execute(query).all())
        return [
            StateChange(
                from_state=_S(row.from_state) if row.from_state else None,
                to_state=_S(row.to_state),
                at=row.at,
                cause=row.cause,
            )
            for row in stored
        ]

    async def attempts(self, generation_id: int) -> list[Attempt]:
        query = (
            select(attempts)
            .where(attempts.c.generation_id == generation_id)
            .order_by(attempts.c.id)
        )
        stored = await self.database.read(lambda c: c.execute(query).all())
        return [Attempt(*row) for row in stored]

    async def seconds_taken(self, provider: str, model: str, limit: int = 50) -> list[float]:
        """How long the newest completed generations of a model took, for estimates."""
        query = (
            select(_g.submitted_at, _g.finished_at)
            .where(_g.provider == provider, _g.model == model, _g.state == _S.COMPLETED.value)
            .where(_g.submitted_at.is_not(None), _g.finished_at.is_not(None))
            .order_by(_g.id.desc())
            .limit(limit)
        )
        stored = await self.database.read(lambda c: c.execute(query).all())
        return [(row.finished_at - row.submitted_at).total_seconds() for row in stored]


def _filtered(
    query: Select[Any],
    search: str,
    states: Collection[GenerationState] | None,
    before_id: int | None,
    limit: int | None,
) -> Select[Any]:
    if states is not None:
        query = query.where(_g.state.in_([state.value for state in states]))
    if before_id is not None:
        query = query.where(_g.id < before_id)
    words = match_words(search)
    if words:
        # The index walks newest first and stops early. The margin is for rows that were deleted or
        # are in another state; where those filters are set the whole list is walked.
        bound = "" if before_id is None else "AND rowid < :before "
        stop = (
            ""
            if limit is None or states is not None
            else f"ORDER BY rowid DESC LIMIT {int(limit) * 4}"
        )
        # only our own constants and a number are put together here; the words are bound
        matches = text(
            "generations.id IN (SELECT rowid FROM generations_fts "  # noqa: S608
            f"WHERE generations_fts MATCH :match {bound}{stop})"
        )
        values: dict[str, Any] = {"match": words}
        if before_id is not None:
            values["before"] = before_id
        query = query.where(matches.bindparams(**values))
    elif search.strip():
        query = query.where(text("0"))
    return query


def _is_same(one: Path, other: Path) -> bool:
    if one == other:
        return True
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False
