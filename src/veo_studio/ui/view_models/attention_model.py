"""Generations that wait for the user: the outcome is not known, or the clip cannot be had now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import ATTENTION_STATES, Choice, Generation, GenerationState
from veo_studio.ui import error_text
from veo_studio.ui.error_words import quoted
from veo_studio.ui.view_models.generation_rows import GenerationRows, Row
from veo_studio.ui.view_models.queue_words import held_words, short_choice_words

_TICK_MS = 1000


class ChoiceSource(Protocol):
    def choices(self, generation: Generation) -> tuple[Choice, ...]: ...


class AttentionModel(GenerationRows):
    """One row per generation that is unknown or held, the oldest first.

    Signals:
        count_changed(int): how many there are.
    """

    count_changed = pyqtSignal(int)

    def __init__(self, clock: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._source: ChoiceSource | None = None
        self._tick_timer = QTimer(self)
        self._tick_timer.setInterval(_TICK_MS)
        self._tick_timer.timeout.connect(self._on_tick)

    def open(self, source: ChoiceSource, generations: Sequence[Generation]) -> None:
        self._source = source
        chosen = [one for one in generations if one.state in ATTENTION_STATES]
        self._set_rows([Row(one) for one in sorted(chosen, key=lambda one: one.id)])
        self._counted()

    def choices(self, generation: Generation) -> tuple[Choice, ...]:
        """What the user can do about it, the gentlest first."""
        return () if self._source is None else self._source.choices(generation)

    def words(self, row: Row) -> str:
        generation = row.generation
        if generation.state is GenerationState.HELD and generation.error:
            # the cause alone: a row has no room for more, and when it is tried again must be seen
            return row.busy or quoted(generation.error)
        return row.busy or error_text.describe_generation(generation).happened

    def detail(self, row: Row) -> str:
        if row.busy:
            return ""
        told = held_words(row.generation, self._clock())
        return told or error_text.describe_generation(row.generation).next_step

    def button(self, row: Row) -> str:
        choices = self.choices(row.generation)
        return short_choice_words(choices[0]) if choices and not row.busy else ""

    def on_event(self, event: GenerationEvent) -> None:
        generation = event.generation
        number = self._numbers.get(generation.id)
        belongs = event.kind is not EventKind.REMOVED and generation.state in ATTENTION_STATES
        if number is not None and belongs:
            self._rows[number].generation = generation
            self._announce(number, number)
        elif number is not None:
            self._remove(number)
            self._counted()
        elif belongs:
            self._insert(len(self._rows), Row(generation))
            self._counted()

    def _on_tick(self) -> None:
        self._announce(0, len(self._rows) - 1)

    def _counted(self) -> None:
        if any(row.generation.next_attempt_at is not None for row in self._rows):
            self._tick_timer.start()
        else:
            self._tick_timer.stop()
        self.count_changed.emit(len(self._rows))
