"""What the library knows of files on the disk, read in pages and beside everything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Text, cast, or_, select

from veo_studio.core.models import TERMINAL_STATES, GenerationState
from veo_studio.core.store.database import Database
from veo_studio.core.store.tables import generations, scenarios, scenes

_g = generations.c
_PAGE = 10_000
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
# a delete can be undone for a while; what it was made from stays as long
_UNDO = timedelta(days=1)


@dataclass(frozen=True)
class KnownFile:
    """The file of a row; `size_bytes` is what it had when it arrived."""

    generation_id: int
    path: Path
    size_bytes: int
    prompt: str
    uuid: str = ""


@dataclass(frozen=True)
class Known:
    """`reserved` are names that running work will give to files; `inputs` digests that are in use."""

    files: tuple[KnownFile, ...]
    reserved: tuple[Path, ...]
    folders: tuple[Path, ...]
    inputs: frozenset[str]


class FileRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, now: datetime) -> Known:
        """Everything that `free_space` compares with what lies on the disk."""
        return await self._database.read_apart(lambda connection: _known(connection, now))

    async def inputs_in_use(self, now: datetime) -> frozenset[str]:
        """Digests of what a generation was or will be made from, and of pictures in storyboards."""
        return await self._database.read_apart(lambda connection: _inputs(connection, now))


def _known(connection: Connection, now: datetime) -> Known:
    going = select(_g.target_path).where(
        _g.target_path.is_not(None),
        _g.state.not_in([state.value for state in TERMINAL_STATES]),
    )
    folders = select(_g.output_dir).where(_g.output_dir.is_not(None)).distinct()
    return Known(
        files=tuple(_files(connection)),
        reserved=tuple(Path(path) for path in connection.execute(going).scalars()),
        folders=tuple(Path(path) for path in connection.execute(folders).scalars()),
        inputs=_inputs(connection, now),
    )


def _files(connection: Connection) -> Iterator[KnownFile]:
    last = 0
    while True:
        query = (
            select(_g.id, _g.uuid, _g.video_path, _g.size_bytes, _g.prompt)
            .where(_g.id > last, _g.video_path.is_not(None), _g.deleted_at.is_(None))
            .where(_g.state == GenerationState.COMPLETED.value)
            .order_by(_g.id)
            .limit(_PAGE)
        )
        page = connection.execute(query).all()
        for row in page:
            path, prompt = Path(row.video_path), row.prompt[:200]
            yield KnownFile(row.id, path, row.size_bytes or 0, prompt, row.uuid)
        if len(page) < _PAGE:
            return
        last = page[-1].id


def _inputs(connection: Connection, now: datetime) -> frozenset[str]:
    config = cast(_g.config, Text)
    is_there = or_(_g.deleted_at.is_(None), _g.deleted_at > now - _UNDO)
    query = select(config).where(is_there, config.like('%"inputs"%'))
    found: set[str] = set()
    for stored in connection.execute(query).scalars():
        found.update(_DIGEST.findall(stored))
    return frozenset(found.union(*map(_DIGEST.findall, _boards(connection, now))))


def _boards(connection: Connection, now: datetime) -> Iterator[str]:
    """What storyboards say, and what undo would bring back of them."""
    boards, parts = scenarios.c, scenes.c
    is_there = or_(boards.deleted_at.is_(None), boards.deleted_at > now - _UNDO)
    yield from connection.execute(select(cast(boards.document, Text)).where(is_there)).scalars()
    query = select(cast(parts.document, Text)).join(scenarios, boards.id == parts.scenario_id)
    is_part = or_(parts.deleted_at.is_(None), parts.deleted_at > now - _UNDO)
    yield from connection.execute(query.where(is_there, is_part)).scalars()
