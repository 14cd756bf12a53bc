"""Turns the stream of events into the few moments the window reacts to."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import ATTENTION_STATES, Generation, GenerationState


class WorkWatcher(QObject):
    """Listens to the core's events.

    Signals:
        started(generation): stored, a moment ago.
        finished(generation): its file is on the disk.
        described(generation): what its file is like was read, a moment after that.
        failed(generation): it ended without a file.
        cancelled(generation): the user ended it.
        needs_attention(generation): it waits for the user or for time.
        money_moved(): the balance may be another one.
    """

    started = pyqtSignal(object)
    finished = pyqtSignal(object)
    described = pyqtSignal(object)
    failed = pyqtSignal(object)
    cancelled = pyqtSignal(object)
    needs_attention = pyqtSignal(object)
    money_moved = pyqtSignal()

    def on_event(self, event: GenerationEvent) -> None:
        generation = event.generation
        if event.kind is EventKind.ADDED:
            # what comes back from the trash is no new work
            if generation.state.is_active:
                self.started.emit(generation)
                self._money(generation)
            return
        if event.kind is EventKind.UPDATED and generation.has_file:
            self.described.emit(generation)
        if event.kind is not EventKind.STATE_CHANGED:
            return
        if generation.state is GenerationState.COMPLETED:
            self.finished.emit(generation)
        elif generation.state is GenerationState.FAILED:
            self.failed.emit(generation)
        elif generation.state is GenerationState.CANCELLED:
            self.cancelled.emit(generation)
        elif generation.state in ATTENTION_STATES:
            self.needs_attention.emit(generation)
        # back in the line may mean that the user sends it again, which is booked a second time
        if generation.state.is_terminal or generation.state is GenerationState.PENDING:
            self._money(generation)

    def _money(self, generation: Generation) -> None:
        # a model may cost dollars and no tokens; budgets count them all the same
        if generation.tokens or generation.price_usd or generation.cost_usd:
            self.money_moved.emit()
