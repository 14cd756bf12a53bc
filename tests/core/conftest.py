"""What the core's tests share. Their clips are copies, unless a test is about drawing them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from veo_studio.core.store.database import Database
from veo_studio.core.store.repositories import GenerationRepository


@pytest.fixture(autouse=True)
def no_clip_is_drawn_twice(clips_are_copied: None) -> None:
    """What `clips_are_copied` does, for all of this folder."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "data" / "veo-studio.db")
    yield database
    database.close()


@pytest.fixture
def repository(database: Database) -> GenerationRepository:
    return GenerationRepository(database)
