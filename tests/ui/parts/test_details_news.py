"""The details while clips change: the selected ones are shown as they are now, others never."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from decimal import Decimal
from typing import Any

import pytest
from PyQt6.QtCore import QObject

from tests.ui.parts.samples import generation
from tests.ui.waiting import becomes
from veo_studio.core.clip_details import FileFacts, StoredDetails, Sum
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.view_models.details_model import DetailsModel


class Core:
    """Each clip has a size, and together they have the sum."""

    def __init__(self) -> None:
        self.sizes = {1: 1000, 2: 2000, 3: 0}

    async def stored(self, generation_id: int) -> StoredDetails:
        return StoredDetails(generation(generation_id, size_bytes=self.sizes[generation_id]))

    async def sum_of(self, ids: Any) -> Sum:
        return Sum(len(ids), 0.0, sum(self.sizes[one] for one in ids), 0, Decimal(0))

    async def file_facts(self, made: Generation) -> FileFacts | None:
        return None

    async def set_caption(self, generation_id: int, caption: str) -> None: ...

    async def ensure(self, uuid: str, video_path: Any, at_s: float | None = None) -> None: ...

    async def ensure_strip(self, uuid: str, video_path: Any) -> None: ...

    def problem(self, uuid: str) -> str:
        return ""


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
async def model(qapp: QObject, core: Core) -> AsyncIterator[DetailsModel]:
    errors: list[BaseException] = []
    scope = TaskScope(errors.append)

    def spawn(work: Coroutine[Any, Any, Any], *, name: str) -> object:
        return scope.spawn(work, name=name)

    owner = QObject()
    made = DetailsModel(spawn, owner)
    made.open(
        core,
        model_of=lambda *_: None,
        provider_name=str,
        set_caption=core.set_caption,
        thumbnails=core,
    )
    yield made
    await scope.close()
    owner.deleteLater()
    assert errors == []


async def test_the_sum_of_several_grows_when_one_of_them_finishes(
    model: DetailsModel, core: Core
) -> None:
    model.show_many([1, 3])
    await becomes(lambda: model.sum is not None, model.changed)
    assert model.sum is not None
    assert model.sum.size_bytes == 1000
    core.sizes[3] = 500
    model.on_event(GenerationEvent(EventKind.UPDATED, generation(3)))
    await becomes(lambda: model.sum is not None and model.sum.size_bytes == 1500, model.changed)


async def test_news_of_the_one_before_do_not_bring_it_back(model: DetailsModel) -> None:
    def is_shown(generation_id: int) -> bool:
        return model.generation is not None and model.generation.id == generation_id

    model.show_generation(generation(1))
    await becomes(lambda: is_shown(1), model.changed)
    seen: list[int] = []
    model.changed.connect(lambda: seen.append(model.generation.id if model.generation else 0))
    model.show_generation(generation(2))
    model.on_event(GenerationEvent(EventKind.UPDATED, generation(1)))
    await becomes(lambda: model.generation is not None and bool(seen), model.changed)
    assert is_shown(2)
    model.show_id(1)
    model.on_event(GenerationEvent(EventKind.REMOVED, generation(2)))
    await becomes(lambda: is_shown(1), model.changed)
    assert 0 not in seen
