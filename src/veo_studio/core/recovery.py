"""What a start finds half done: operations in the journal, and submits whose answer nobody waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Set

from veo_studio.core.errors import StorageError
from veo_studio.core.models import ErrorKind, GenerationState
from veo_studio.core.store.journal import OperationJournal
from veo_studio.core.store.repositories import GenerationRepository

_log = logging.getLogger(__name__)
_S = GenerationState


async def recover(
    repository: GenerationRepository, journal: OperationJournal, *, live: Set[int]
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
        if generation.id in live:
            continue
        await repository.move(
            generation.id,
            _S.UNKNOWN,
            "the program ended while sending",
            error_kind=ErrorKind.SUBMIT_UNKNOWN.value,
        )


async def replay_journal(
    repository: GenerationRepository, journal: OperationJournal, *, live: Set[int]
) -> None:
    """Bring operation ids that could not be committed into the database. Raises OSError."""
    lines, is_readable = await asyncio.to_thread(journal.read)
    if not lines:
        return
    named = {line.generation_uuid: line.operation_id for line in lines}
    is_settled = is_readable
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
