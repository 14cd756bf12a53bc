"""What a draft is: made, or being made, and not published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum

from veo_studio.core.library_query import LibraryQuery
from veo_studio.core.models import ATTENTION_STATES, GenerationState

_S = GenerationState


class DraftState(Enum):
    """How far a draft is, as people think of it."""

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    ATTENTION = "attention"
    FAILED = "failed"


# a cancelled one is no draft
STATES_OF: Mapping[DraftState, frozenset[GenerationState]] = {
    DraftState.PENDING: frozenset({_S.PENDING}),
    DraftState.PROCESSING: frozenset({_S.SUBMITTING, _S.PROCESSING, _S.DOWNLOADING}),
    DraftState.READY: frozenset({_S.COMPLETED}),
    DraftState.ATTENTION: frozenset(ATTENTION_STATES),
    DraftState.FAILED: frozenset({_S.FAILED}),
}
_STATE_OF = {state: one for one, states in STATES_OF.items() for state in states}


def draft_state(state: GenerationState) -> DraftState | None:
    """None for what is no draft in any case."""
    return _STATE_OF.get(state)


def drafts_query(states: Collection[DraftState] = (), text: str = "") -> LibraryQuery:
    """The newest drafts first; without `states`, all of them."""
    wanted = frozenset[GenerationState]().union(*(STATES_OF[one] for one in states or DraftState))
    return LibraryQuery(text=text, states=wanted, published=False)
