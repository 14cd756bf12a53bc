"""What tells the window that money moved, and how an old clip is found for its entry."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PyQt6.QtWidgets import QApplication

from tests.ui.parts.samples import Library, Scope, generation
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import GenerationState
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.view_models.work_watcher import WorkWatcher

S = GenerationState


@pytest.mark.parametrize(
    ("state", "money", "is_told"),
    [
        (S.FAILED, {"tokens": 10}, True),
        (S.COMPLETED, {"tokens": 0, "price_usd": Decimal("0.56")}, True),
        (S.COMPLETED, {"tokens": 0, "price_usd": None, "cost_usd": Decimal("0.1")}, True),
        (S.PENDING, {"tokens": 10}, True),
        (S.PROCESSING, {"tokens": 10}, False),
        (S.COMPLETED, {"tokens": 0, "price_usd": Decimal(0)}, False),
    ],
)
def test_moves_that_may_change_the_money_are_told(
    qapp: QApplication, state: GenerationState, money: dict[str, object], is_told: bool
) -> None:
    watcher = WorkWatcher()
    told: list[int] = []
    watcher.money_moved.connect(lambda: told.append(1))
    watcher.on_event(GenerationEvent(EventKind.STATE_CHANGED, generation(1, state=state, **money)))
    assert told == [1] * is_told


async def test_a_clip_is_found_however_old_it_is(qapp: QApplication) -> None:
    library = Library([generation(number) for number in range(1, 500) if number != 7])
    model = LibraryModel(library, None, Scope().spawn)
    model.load()
    reads = len(library.reads)
    newest = await model.find(499)
    assert newest is not None
    assert newest.id == 499
    assert len(library.reads) == reads, "what is loaded is not read again"
    oldest = await model.find(3)
    assert oldest is not None
    assert oldest.id == 3
    assert await model.find(7) is None, "deleted"
