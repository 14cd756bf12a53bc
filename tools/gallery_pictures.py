"""Pictures of a gallery's page for the documentation: `gallery_pictures.py [FOLDER]` (default docs/images).

The page is a real one in a real browser: clips of the rehearsal engine, delivered as any clip is.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

# `python tools/gallery_pictures.py` looks for modules beside itself
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.publishing.browser import Browser, Page
from veo_studio.core.models import GenerationKind
from veo_studio.core.posters import make_thumbnail
from veo_studio.core.providers.rehearsal.spec import RenderSpec, frame_size
from veo_studio.core.providers.rehearsal.worker import RenderProcess
from veo_studio.core.publishing.gallery import GalleryPublisher
from veo_studio.core.publishing.models import Parcel

ROOT = Path(__file__).resolve().parent.parent
LENGTH_S = 4.0
NEWEST_AT = datetime(2026, 11, 20, 17, 42, tzinfo=UTC)
PAGES = ((1280, 800), (375, 812))
# prompt, shape, caption, tags; the newest first
CLIPS = (
    ("A paper boat drifts down a rainy street at dusk", "16:9", "After the rain", ("boat", "rain")),
    (
        "Two foxes play in fresh snow under an aurora",
        "16:9",
        "They came back every night that week.\nWe never found out where they lived.",
        ("winter", "animals"),
    ),
    (
        "A lighthouse in a storm, waves over the rocks",
        "16:9",
        "Harbour film, scene 3",
        ("harbour",),
    ),
    ("A red kite over the dunes at golden hour", "9:16", "Wind from the west", ("kite", "summer")),
    ("Steam over a bowl of noodles, neon behind it", "16:9", "東京、真夜中", ("東京", "night")),
    ("A glass greenhouse at night, seen from above", "1:1", "", ("loop",)),
    ("A street musician in the first snow", "16:9", "Straßenmusik", ("winter", "music")),
    ("A train crosses a viaduct in the fog", "16:9", "The 6:42", ("morning",)),
    ("Ink spreads in clear water", "16:9", "Title card, second try", ("texture", "title")),
)


def parcel(folder: Path, number: int) -> Parcel:
    prompt, shape, caption, tags = CLIPS[number]
    width, height = frame_size(shape, "480p")
    file, poster = folder / f"{number}.mp4", folder / f"{number}.jpg"
    rendered = RenderProcess(RenderSpec(prompt, number, width, height, LENGTH_S), file).run()
    assert rendered is not None, "nobody cancels it"
    make_thumbnail(file, poster)
    at = NEWEST_AT - timedelta(days=number)
    return Parcel(
        delivery_uuid=f"delivery-{number}",
        generation_id=number,
        generation_uuid=f"00000000-0000-4000-8000-{number:012d}",
        kind=GenerationKind.VIDEO,
        file=file,
        name=file.name,
        media_type="video/mp4",
        size_bytes=file.stat().st_size,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        caption=caption,
        tags=tags,
        prompt=prompt,
        model="rehearsal",
        created_at=at,
        published_at=at,
        width_px=width,
        height_px=height,
        length_s=LENGTH_S,
        poster=poster,
    )


async def take(page: Page, path: Path) -> None:
    """Once a clip runs, and every cover that is seen is there."""
    await page.until(
        """Array.from(document.querySelectorAll("video")).some((one) => one.currentTime > 0.5)
        && Array.from(document.querySelectorAll("#clips img")).slice(0, 6).every((one) => one.complete)"""
    )
    path.write_bytes(base64.b64decode(await page.picture()))


async def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="veo-studio-gallery-") as made:
        place, clips = Path(made) / "gallery", Path(made) / "clips"
        place.mkdir()
        clips.mkdir()
        gallery = GalleryPublisher(place, "Nordlicht, autumn 2026")
        for number in range(len(CLIPS)):
            one = await asyncio.to_thread(parcel, clips, number)
            await gallery.send(one, lambda _done, _total: None)
        browser = await Browser.start(Path(made) / "profile")
        try:
            for theme in ("dark", "light"):
                for width, height in PAGES:
                    page = await browser.page(width, height, prefers_color_scheme=theme)
                    await page.open((place / "index.html").as_uri())
                    await take(page, folder / f"gallery-{theme}-{width}x{height}.png")
                    if (width, height) == PAGES[0]:
                        await page.click(".card:nth-child(2) .frame")
                        await take(page, folder / f"gallery-viewer-{theme}-{width}x{height}.png")
                    await page.close()
        finally:
            await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(told.folder))
