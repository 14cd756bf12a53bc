"""What tests of Telegram share: a publisher for the test's server, a clip for it, and what must not be shown."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

from PIL import Image

from tests.publishing.clips_to_send import SMALL, clip_file, parcel_of
from tests.publishing.servers.telegram import (
    TOKEN,
    BotApi,
)
from veo_studio.core.errors import PublishError
from veo_studio.core.publishing.base import Publisher
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import Parcel, Receipt, TargetKind


def made(api: BotApi, **options: str) -> Publisher:
    told = {"chat": "@paper_boats", "server": api.url, **options}
    return publisher_for(TargetKind.TELEGRAM, told, {"token": TOKEN})


def clip_parcel(folder: Path) -> Parcel:
    thumbnail = folder / "thumbnail.jpg"
    Image.new("RGB", (320, 180), "teal").save(thumbnail)
    return replace(
        parcel_of(clip_file(folder, SMALL)),
        width_px=640,
        height_px=360,
        length_s=2.6,
        thumbnail=thumbnail,
    )


class Told:
    """What was heard of the progress."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.steps.append((done, total))


async def sent(telegram: Publisher, parcel: Parcel) -> Receipt:
    return await telegram.send(parcel, Told())


def check_masked(error: PublishError) -> None:
    """Neither the token nor the address is in anything that may be shown or kept."""
    shown = "".join(
        [str(error), repr(error), str(error.action), *traceback.format_exception(error)]
    )
    secret = TOKEN.partition(":")[2]
    assert secret[:12] not in shown
    assert "/bot" not in shown
