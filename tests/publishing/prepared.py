"""What tests of preparing share: a preparer on folders of a test, deliveries and clips for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.fakes.generations import a_generation
from tests.publishing.scripted import Place
from veo_studio.core.exporting.exporter import Exporter
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.publishing.base import Options
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    Link,
    Origin,
    Parcel,
    TargetKind,
    Way,
)
from veo_studio.core.publishing.preparing import Preparer

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@dataclass
class Bench:
    preparer: Preparer
    exporter: Exporter
    folder: Path
    limit: int | None = None

    async def parcel(
        self, generation: Generation, one: Delivery, link: Link | None = None
    ) -> Parcel:
        async def link_of(_one: Delivery) -> Link:
            assert link is not None, "no link was to be made"
            return link

        place = Place(TargetKind.FOLDER, max_bytes=self.limit)
        publisher = place.make(TargetKind.FOLDER, Options(place.info, {}, {}))
        return await self.preparer.parcel(one, generation, publisher, link_of)

    def left(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))


def a_delivery(way: Way = Way.AS_IS) -> Delivery:
    return Delivery(
        1, str(uuid4()), 1, 1, "My folder", TargetKind.FOLDER, way, DeliveryState.SENDING,
        Origin.USER, NOW, NOW,
    )  # fmt: skip


def a_clip(file: Path, **fields: Any) -> Generation:
    content = file.read_bytes()
    return replace(
        a_generation(),
        state=GenerationState.COMPLETED,
        video_path=file,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        caption="A boat",
        tags=("boat", "sea"),
        **fields,
    )
