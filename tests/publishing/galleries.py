"""Galleries and folders for tests: real clips, one entry each, and what lies in the folder afterwards."""

from __future__ import annotations

import functools
import hashlib
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.transport.clips import coloured
from veo_studio.core.models import GenerationKind
from veo_studio.core.posters import make_thumbnail
from veo_studio.core.publishing.models import Parcel

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@functools.cache
def _made() -> tuple[bytes, bytes]:
    """A clip of three seconds, and its poster."""
    with tempfile.TemporaryDirectory() as folder:
        clip = coloured(Path(folder) / "clip.mp4", 160, 90)
        poster = Path(folder) / "poster.jpg"
        make_thumbnail(clip, poster)
        return clip.read_bytes(), poster.read_bytes()


def uuid_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def parcel(folder: Path, number: int = 1, caption: str = "", tags: tuple[str, ...] = ()) -> Parcel:
    """A clip of its own bytes, published `number` minutes after noon."""
    folder.mkdir(parents=True, exist_ok=True)
    content, picture = _made()
    # boxes that players skip
    note = f"number {number}".encode()
    content += (8 + len(note)).to_bytes(4, "big") + b"free" + note
    file, poster = folder / f"{number}.mp4", folder / f"{number}.jpg"
    if not file.exists():
        file.write_bytes(content)
        poster.write_bytes(picture)
    return Parcel(
        delivery_uuid=uuid_of(1_000_000 + number),
        generation_id=number,
        generation_uuid=uuid_of(number),
        kind=GenerationKind.VIDEO,
        file=file,
        name=f"20260301_120000_A_paper_boat_{number}.mp4",
        media_type="video/mp4",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        caption=caption,
        tags=tags,
        prompt="The secret words of the prompt",
        model="rehearsal",
        created_at=NOON,
        published_at=NOON + timedelta(minutes=number),
        width_px=160,
        height_px=90,
        length_s=3.0,
        poster=poster,
    )


def picture_parcel(folder: Path, number: int, caption: str = "") -> Parcel:
    """A picture, which is its own poster."""
    clip = parcel(folder, number, caption)
    assert clip.poster is not None
    content = clip.poster.read_bytes()
    return replace(
        clip,
        kind=GenerationKind.IMAGE,
        file=clip.poster,
        name=f"{number}.jpg",
        media_type="image/jpeg",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        length_s=None,
        poster=None,
    )


def found_in(folder: Path) -> dict[str, bytes]:
    """Every file below it by its path; locks are no content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("-lock")
    }
