"""What a start finds half done: operations in the journal, submits whose answer nobody waits for, parts."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import Path

from veo_studio.core.errors import StorageError
from veo_studio.core.models import ErrorKind, GenerationState
from veo_studio.core.placing import discard
from veo_studio.core.store.journal import OperationJournal
from veo_studio.core.store.repositories import GenerationRepository

_log = logging.getLogger(__name__)
_S = GenerationState
# of a clip, of a further clip of one submit, and what is known about either
_PART = re.compile(
    r"(?P<part>\.(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-\d+)?\.part)(?:\.json)?"
)


async def recover(
    repository: GenerationRepository, journal: OperationJournal, *, live: Container[int]
) -> None:
    """The journal's operations are ours, and what was being sent is now unknown.

    For the scheduler of the folder alone; `live` are the generations that it is running now.
    """
    try:
        await replay_journal(repository, journal, live=live)
    except OSError as error:
        # its lines stay for the next time; until then what they name is unknown, and nothing is lost
        _log.error("the operation journal cannot be read: %s", error)
    for generation in await repository.in_states({_S.SUBMITTING}):
        if generation.id in live:  # asked anew each time: one may have started meanwhile
            continue
        await repository.move(
            generation.id,
            _S.UNKNOWN,
            "the program ended while sending",
            error="The program ended while this was being sent: it may have been accepted and billed.",
            error_kind=ErrorKind.SUBMIT_UNKNOWN.value,
        )


async def replay_journal(
    repository: GenerationRepository, journal: OperationJournal, *, live: Container[int]
) -> None:
    """Bring operation ids that could not be committed into the database. Raises OSError."""
    lines, is_readable = await asyncio.to_thread(journal.read)
    if not lines:
        return
    named = {line.generation_uuid: line.operation_id for line in lines}
    # A line stays while its operation is nowhere else: of a row that waits again for any reason, and
    # of one that an older backup does not know.
    waiting = {row.uuid for row in await repository.in_states({_S.PENDING})}
    unknown = set(named) - await repository.known_among(named)
    is_settled = is_readable and not unknown and waiting.isdisjoint(named)
    for generation in await repository.in_states({_S.SUBMITTING, _S.UNKNOWN}):
        operation_id = named.get(generation.uuid)
        if operation_id is None or generation.id in live:
            continue
        try:
            await repository.move(
                generation.id,
                _S.PROCESSING,
                "found in the journal",
                operation_id=operation_id,
                submitted_at=generation.updated_at,
                error=None,
                error_kind=None,
            )
        except StorageError as error:
            # the line stays for the next time; the generation stays unknown, for the user
            is_settled = False
            _log.error("operation of generation %d: %s", generation.id, error.message)
    # no await between looking and clearing: a line that came meanwhile is not lost with the old ones
    if is_settled and journal.read() == (lines, True):
        journal.clear()


async def sweep(repository: GenerationRepository, outputs: Path) -> None:
    """Remove the parts of generations that have ended.

    Ending is stored first and its part removed afterwards, so a program that is killed between the
    two leaves one behind. Parts of nobody that is known here are not ours to remove.
    """
    folders = {outputs, *await repository.output_folders()}
    parts = await asyncio.to_thread(_parts, folders)
    waiting = {generation.uuid for generation in await repository.awaiting_clips()}
    for uuid in set(await repository.ended_among(parts.keys())) - waiting:
        for part in parts[uuid]:
            await asyncio.to_thread(discard, part)


def _parts(folders: Iterable[Path]) -> dict[str, set[Path]]:
    """By the uuid of their generation; also where only what is known about a part is left."""
    found: dict[str, set[Path]] = defaultdict(set)
    for folder in folders:
        try:
            names = os.listdir(folder)
        except OSError:
            continue  # a folder that is not there now; a later start finds it
        for name in names:
            if (part := _PART.fullmatch(name)) is not None:
                found[part["uuid"]].add(folder / part["part"])
    return found
