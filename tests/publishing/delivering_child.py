"""A process of its own that works on what is open in this folder: it is killed where VEO_STUDIO_CRASH says.

What its places got is one line for each in a file, written through before the answer, as a service has it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.publishing.scripted import Place, plugged, studio_with
from veo_studio.core.publishing.base import OnProgress
from veo_studio.core.publishing.models import Parcel, Receipt, TargetKind


def arrived_in(folder: Path, kind: TargetKind) -> list[str]:
    """The deliveries that a place got, in their order."""
    path = folder / kind.value
    return path.read_text().split() if path.exists() else []


def keeping(folder: Path, place: Place) -> Place:
    async def keep(parcel: Parcel, on_progress: OnProgress) -> Receipt | None:
        with (folder / place.kind.value).open("a") as file:
            file.write(f"{parcel.delivery_uuid}\n")
            file.flush()
            os.fsync(file.fileno())
        return None

    place.steps = [keep] * 20
    return place


def two_places(folder: Path) -> tuple[Place, Place]:
    """One that may be sent to again, and one that may not."""
    store = Place(TargetKind.S3)
    chat = Place(TargetKind.TELEGRAM, repeats_harmlessly=False)
    return keeping(folder, store), keeping(folder, chat)


async def main(folder: Path) -> None:
    with plugged(*two_places(folder)):
        async with studio_with() as studio:
            await studio.publishing.resume()
            for one in await studio.publishing.deliveries():
                await studio.publishing.wait(one.id)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
