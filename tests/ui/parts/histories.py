"""A history in memory, and what happens in it."""

from __future__ import annotations

from tests.ui.parts.samples import Library, Scope, generation
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import (
    Generation,
    Progress,
)
from veo_studio.ui.view_models.library_model import (
    LibraryModel,
)


def a_library(count: int) -> Library:
    return Library([generation(number) for number in range(1, count + 1)])


def a_model(library: Library, scope: Scope | None = None) -> LibraryModel:
    made = LibraryModel(library, None, (scope or Scope()).spawn)
    made.load()
    return made


def ids_of(model: LibraryModel) -> list[int]:
    """All of them, with what was told and has no place yet."""
    model.take_in()
    return [model.id_at(row) for row in range(model.rowCount())]


def an_event(kind: EventKind, row: Generation, progress: Progress | None = None) -> GenerationEvent:
    return GenerationEvent(kind, row, progress)
