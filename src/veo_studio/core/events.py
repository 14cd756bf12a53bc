"""The one ordered stream that every consumer of a run subscribes to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from veo_studio.core.models import Generation, Progress

_log = logging.getLogger(__name__)


class EventKind(Enum):
    ADDED = "added"
    STATE_CHANGED = "state_changed"
    PROGRESS = "progress"
    # Facts that change without a state change: a thumbnail was made, a wait was announced.
    UPDATED = "updated"
    REMOVED = "removed"


@dataclass(frozen=True)
class GenerationEvent:
    """Something happened to `generation`; `progress` is set while it runs."""

    kind: EventKind
    generation: Generation
    progress: Progress | None = None


Listener = Callable[[GenerationEvent], None]


class EventStream:
    """Calls listeners at once, in order, on the thread of the loop."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add `listener`; the returned call removes it again."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def emit(self, event: GenerationEvent) -> None:
        # A broken listener is a bug of ours, but it must not stop a paid run or the other listeners.
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                _log.exception("a listener failed on %s", event.kind.value)
