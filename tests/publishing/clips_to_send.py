"""Clips for targets that look at no picture: bytes of a known checksum, as a parcel."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.models import Parcel

# what stands for the program's 8 MB in most tests, to be quick
PART = 64 * 1024
SMALL = 20_000
LARGE = 2 * PART + 5_000


def clip_file(folder: Path, size: int) -> Path:
    path = folder / f"clip-{size}.mp4"
    path.write_bytes(random.Random(size).randbytes(size))
    return path


def parcel_of(
    file: Path,
    *,
    kind: GenerationKind = GenerationKind.VIDEO,
    name: str = "a paper boat.mp4",
    media_type: str = "video/mp4",
    delivery_uuid: str = "",
) -> Parcel:
    content = file.read_bytes()
    return Parcel(
        delivery_uuid=delivery_uuid or str(uuid4()),
        generation_id=1,
        generation_uuid=str(uuid4()),
        kind=kind,
        file=file,
        name=name,
        media_type=media_type,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        caption="A paper boat",
        tags=("boat",),
        prompt="A paper boat",
        model="rehearsal",
        created_at=datetime.now(UTC),
    )
