"""The list of clips while much happens at once: readings, marks, files that are others now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtGui import QColor, QImage

from tests.ui.parts.histories import an_event
from tests.ui.parts.samples import Library, Pictures, generation
from tests.ui.waiting import becomes
from veo_studio.core.events import EventKind
from veo_studio.ui.view_models.library_model import LibraryModel, ThumbnailRole


class _Tasks:
    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> None:
        self.tasks.add(asyncio.get_running_loop().create_task(work, name=name))

    async def end(self) -> None:
        async with asyncio.timeout(20):
            while unfinished := [one for one in self.tasks if not one.done()]:
                await asyncio.gather(*unfinished)


@pytest.fixture
def pictures(tmp_path: Path, qapp: object) -> Iterator[Callable[[str], Path]]:
    def made(colour: str) -> Path:
        path = tmp_path / f"{colour}.png"
        image = QImage(96, 54, QImage.Format.Format_RGB32)
        image.fill(QColor(colour))
        assert image.save(str(path))
        return path

    yield made


async def test_another_file_has_another_picture(pictures: Callable[[str], Path]) -> None:
    row = generation(1, video_path=Path("/clips/1.mp4"), sha256="a")
    maker, tasks = Pictures(pictures("red")), _Tasks()
    model = LibraryModel(Library([row]), maker, tasks.spawn)

    def colour() -> str | None:
        pixmap = model.index(0, 0).data(ThumbnailRole)
        return pixmap.toImage().pixelColor(5, 5).name() if pixmap is not None else None

    model.load()
    await tasks.end()
    await becomes(lambda: colour() == QColor("red").name(), model.dataChanged)
    maker.path = pictures("lime")
    model.on_event(an_event(EventKind.UPDATED, replace(row, rating=3)))
    assert colour() == QColor("red").name()
    assert not model._pictures._timer.isActive(), "a mark changes no picture"
    model.on_event(an_event(EventKind.UPDATED, replace(row, sha256="b")))
    await becomes(lambda: colour() == QColor("lime").name(), model.dataChanged)
    assert len(maker.asked) == 2
    await tasks.end()
