"""A clip from the queue's own engine into a folder: real file, real cover, real publisher."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.publishing.scripted import a_clip, closed, eventually, money, studio_with
from veo_studio.core.publishing.models import (
    DeliveryState,
    PublishWish,
    TargetKind,
    TargetWish,
)


async def test_a_published_clip_lies_in_the_folder_and_its_parts_are_gone(tmp_path: Path) -> None:
    folder = tmp_path / "shown"
    folder.mkdir()
    async with studio_with() as studio:
        # the one that the program uses
        del studio.publishing.preparer
        desk = studio.publishing
        clip = await a_clip(studio)
        target = await desk.add_target("Shown", TargetKind.FOLDER, {"folder": str(folder)}, {})
        await desk.publish([PublishWish(clip.id, "At sea", targets=(TargetWish(target.id),))])
        before = money()
        one = await closed(studio, 1)
        assert (one.state, one.reason) == (DeliveryState.DELIVERED, "")
        (copy,) = folder.glob("*.mp4")
        assert hashlib.sha256(copy.read_bytes()).hexdigest() == clip.sha256
        assert money() == before
        made = studio.paths.cache / "deliveries"
        # they go once the end is stored
        await eventually(lambda: not made.exists() or not list(made.iterdir()))
        await desk.resume()
        await desk.remove_there(one.id)
        assert list(folder.glob("*.mp4")) == []
        assert clip.video_path is not None
        assert clip.video_path.is_file()
