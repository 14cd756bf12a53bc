"""Google's model through the real queue: pictures, edits and extensions, from request to file and cost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from tests.core.studios import google, open_studio, settled
from veo_studio.core.inputs import take_in_clip, take_in_picture
from veo_studio.core.models import (
    Generation,
    GenerationRequest,
    GenerationState,
    InputRole,
    MediaInput,
    Task,
    VideoConfig,
)
from veo_studio.core.providers.rehearsal.server import RehearsalServer
from veo_studio.core.studio import Studio

OMNI = "gemini-omni-1.2-flash"


@pytest.fixture
async def opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clips_are_copied: None
) -> AsyncIterator[tuple[Studio, RehearsalServer]]:
    monkeypatch.setenv("VEO_STUDIO_HOME", str(tmp_path / "home"))
    async with google(monkeypatch, tmp_path / "engine") as server:
        async with open_studio() as studio:
            yield studio, server


def asked(server: RehearsalServer, method: str, part: str) -> int:
    return sum(told.method == method and part in told.path for told in server.requests)


def request_of(
    *inputs: MediaInput, duration_s: int = 3, task: Task = Task.CREATE
) -> GenerationRequest:
    config = VideoConfig("16:9", duration_s, "360p", seed=7, inputs=inputs, task=task)
    return GenerationRequest("A paper boat", "gemini", OMNI, config)


async def finished(studio: Studio, request: GenerationRequest) -> Generation:
    made = await settled(studio, request)
    assert made.state is GenerationState.COMPLETED, made.error
    return made


async def test_a_picture_goes_there_first_and_once(
    opened: tuple[Studio, RehearsalServer], tmp_path: Path
) -> None:
    studio, server = opened
    source = tmp_path / "cat.png"
    Image.new("RGB", (64, 36), "red").save(source)
    item = take_in_picture(studio.client.files, source, InputRole.FIRST_FRAME)
    made = await finished(studio, request_of(item))
    await finished(studio, request_of(item))
    posts = [told.path for told in server.requests if told.method == "POST"]
    assert posts == ["/upload/v1/files"] * 2 + ["/v1/interactions"] * 2
    (attempt,) = await studio.generations.attempts(made.id)
    stored = json.dumps(dict(attempt.request))
    assert "/files/" in stored
    assert len(stored) < 2000, "no picture in the database"
    # the engine counts tokens as Google does: 3 s of 1931
    assert made.cost_usd is not None
    assert abs(made.cost_usd - (made.price_usd or 0)) < made.cost_usd / 20
    booked = sum(entry.cost_usd for entry in await studio.wallet.entries())
    assert booked < -made.cost_usd


async def test_a_result_of_ours_is_extended_and_edited_without_an_upload(
    opened: tuple[Studio, RehearsalServer],
) -> None:
    studio, server = opened
    first = await finished(studio, request_of())
    assert first.video_path is not None
    clip = take_in_clip(studio.client.files, first.video_path, InputRole.SOURCE, first)
    longer = await finished(studio, request_of(clip, task=Task.EXTEND))
    edited = await finished(studio, request_of(clip, task=Task.EDIT))
    assert asked(server, "POST", "/upload/") == 0
    assert longer.length_s == pytest.approx(6, abs=0.2)
    assert edited.length_s == pytest.approx(3, abs=0.2)


async def test_a_result_that_is_kept_no_longer_is_uploaded(
    opened: tuple[Studio, RehearsalServer],
) -> None:
    studio, server = opened
    first = await finished(studio, request_of())
    assert first.video_path is not None
    clip = take_in_clip(studio.client.files, first.video_path, InputRole.SOURCE, first)
    gone = MediaInput(**{**vars(clip), "operation_id": "v1_gone"})
    await finished(studio, request_of(gone, task=Task.EDIT))
    assert asked(server, "POST", "/upload/") == 2
