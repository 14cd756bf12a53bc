"""Runway: what the official client sends and what we send, for the same wishes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from runwayml import APIStatusError, RunwayML

from tests.providers.conformance.recorder import (
    Recorded,
    Recorder,
    Reply,
    differences,
    unused,
)
from tests.providers.runway_cases import adapter, item_of, operation_of, picture, request_of
from tests.providers.test_runway_bodies import config_of, media, model_of
from veo_studio.core.errors import OutcomeUnknown
from veo_studio.core.models import InputMode, InputRole, VideoConfig
from veo_studio.core.providers.http import HttpGateway

KEY = "key_0123456789abcdef-not-a-real-one"
TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"
# what differs in every request, and why
EVERYWHERE = {
    "header user-agent": "each client says its own name",
    "header x-stainless-*": "the official client reports its language, system and retries",
}
OF_A_DELETE = {
    **EVERYWHERE,
    "header content-type": "the official client names the type of a body that is not there",
}
# More than single facts: a submit is never sent a second time (the official client POSTs again after
# 408, 409, 429, 5xx and broken connections, and the first one may be billed); a cancel looks before it
# deletes (DELETE destroys a finished clip); files go up under neutral names.


@dataclass(frozen=True)
class Case:
    """`theirs` is a call of the official client, `config` the same wish in our words."""

    name: str
    model: str
    config: VideoConfig
    theirs: Callable[[RunwayML], Any]
    uploads: tuple[str, ...] = ()


def wish(model_id: str, mode: InputMode, **changes: Any) -> VideoConfig:
    return config_of(model_of(model_id), mode, **changes)


WORDS = "A red kite"
CASES = [
    Case(
        "words with every option",
        "veo3.1",
        VideoConfig("16:9", 8, "1080p", "rain", 7, False),
        lambda client: client.text_to_video.create(
            model="veo3.1", prompt_text=WORDS, ratio="1920:1080", duration=8,
            negative_prompt="rain", seed=7, audio=False,
        ),
    ),
    Case(
        "words at their simplest",
        "gen4.5",
        wish("gen4.5", InputMode.TEXT, aspect_ratio="9:16"),
        lambda client: client.text_to_video.create(
            model="gen4.5", prompt_text=WORDS, ratio="720:1280", duration=5
        ),
    ),
    Case(
        "a resolution and a shape by their names",
        "hailuo3",
        wish("hailuo3", InputMode.TEXT, aspect_ratio="21:9", resolution="2k"),
        lambda client: client.text_to_video.create(
            model="hailuo3", prompt_text=WORDS, ratio="21:9", resolution="2k", duration=6
        ),
    ),
    Case(
        "references",
        "seedance2",
        wish("seedance2", InputMode.REFERENCES, seed=1, enable_audio=True),
        lambda client: client.text_to_video.create(
            model="seedance2", prompt_text=WORDS, ratio="1280:720", duration=5, seed=1, audio=True,
            references=[{"uri": "runway://a"}, {"uri": "runway://b"}],
        ),
        ("runway://a", "runway://b"),
    ),
    Case(
        "a first frame as an address",
        "gen4.5",
        wish("gen4.5", InputMode.FIRST_FRAME, aspect_ratio="1:1", duration_s=10, seed=1),
        lambda client: client.image_to_video.create(
            model="gen4.5", prompt_text=WORDS, prompt_image="runway://a", ratio="960:960",
            duration=10, seed=1,
        ),
        ("runway://a",),
    ),
    Case(
        "a model that needs a first frame",
        "gen4_turbo",
        wish("gen4_turbo", InputMode.FIRST_FRAME, aspect_ratio="21:9"),
        lambda client: client.image_to_video.create(
            model="gen4_turbo", prompt_text=WORDS, prompt_image="runway://a", ratio="1584:672",
            duration=5,
        ),
        ("runway://a",),
    ),
    Case(
        "first and last frame",
        "veo3.1",
        wish("veo3.1", InputMode.FRAMES),
        lambda client: client.image_to_video.create(
            model="veo3.1", prompt_text=WORDS, ratio="1280:720", duration=8,
            prompt_image=[
                {"uri": "runway://a", "position": "first"},
                {"uri": "runway://b", "position": "last"},
            ],
        ),
        ("runway://a", "runway://b"),
    ),
    Case(
        "a first frame with its place, where a bare picture is a reference",
        "seedance2_5",
        wish("seedance2_5", InputMode.FIRST_FRAME),
        lambda client: client.image_to_video.create(
            model="seedance2_5", prompt_text=WORDS, ratio="1280:720", duration=5,
            prompt_image=[{"uri": "runway://a", "position": "first"}],
        ),
        ("runway://a",),
    ),
    Case(
        "key frames whose shape is the picture's",
        "wan3",
        wish("wan3", InputMode.FIRST_FRAME, resolution="1080p"),
        lambda client: client.image_to_video.create(
            model="wan3", prompt_text=WORDS, ratio="auto_1080p", duration=5,
            prompt_image=[{"uri": "runway://a", "position": "first"}],
        ),
        ("runway://a",),
    ),
    Case(
        "an edit by Runway's own model",
        "aleph2",
        wish("aleph2", InputMode.EDIT, seed=3),
        lambda client: client.video_to_video.create(
            model="aleph2", prompt_text=WORDS, video_uri="runway://a", seed=3
        ),
        ("runway://a",),
    ),
    Case(
        "an edit that keeps the length",
        "seedance2_5",
        VideoConfig(
            "16:9", 5, "720p", task=wish("seedance2_5", InputMode.EDIT).task,
            inputs=(media(InputRole.SOURCE), media(InputRole.REFERENCE)),
        ),
        lambda client: client.video_to_video.create(
            model="seedance2_5", prompt_text=WORDS, prompt_video="runway://a", mode="edit",
            duration="auto", references=[{"uri": "runway://b"}],
        ),
        ("runway://a", "runway://b"),
    ),
    Case(
        "a clip that goes on",
        "gemini_omni_flash_1.1",
        wish("gemini_omni_flash_1.1", InputMode.EXTEND, duration_s=5),
        lambda client: client.video_to_video.create(
            model="gemini_omni_flash_1.1", prompt_text=WORDS, video_uri="runway://a",
            mode="extend", duration=5,
        ),
        ("runway://a",),
    ),
    Case(
        "a picture from words",
        "gen4_image",
        wish("gen4_image", InputMode.TEXT, aspect_ratio="9:16", resolution="720p", seed=3),
        lambda client: client.text_to_image.create(
            model="gen4_image", prompt_text=WORDS, ratio="720:1280", seed=3
        ),
    ),
    Case(
        "a picture from references",
        "gen4_image_turbo",
        wish("gen4_image_turbo", InputMode.REFERENCES, aspect_ratio="1:1"),
        lambda client: client.text_to_image.create(
            model="gen4_image_turbo", prompt_text=WORDS, ratio="1080:1080",
            reference_images=[
                {"uri": "runway://a", "tag": "ref1"},
                {"uri": "runway://b", "tag": "ref2"},
            ],
        ),
        ("runway://a", "runway://b"),
    ),
]  # fmt: skip


def answers(request: Recorded) -> Reply:
    match request.method, request.path:
        case "POST", "/v1/uploads":
            fields = {"key": "uploads/1", "policy": "a-policy"}
            place = f"http://{request.headers['host']}/bucket"
            return Reply({"uploadUrl": place, "fields": fields, "runwayUri": "runway://a"})
        case "POST", "/bucket":
            return Reply(status=204, raw=b"")
        case "POST", _:
            return Reply({"id": TASK, "estimatedCost": {"credits": 60}})
        case "DELETE", _:
            return Reply(status=204, raw=b"")
        case "GET", "/v1/organization":
            return Reply({"creditBalance": 5, "tier": {}, "usage": {}})
    task = {"id": TASK, "status": "RUNNING", "progress": 0.5, "estimatedCost": {"credits": 60}}
    return Reply({**task, "createdAt": "2026-11-20T20:00:00.000Z"})


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder(answers) as made:
        yield made


@pytest.fixture
def official(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunwayML]:
    monkeypatch.delenv("RUNWAYML_BASE_URL", raising=False)
    monkeypatch.delenv("RUNWAYML_CUSTOM_HEADERS", raising=False)
    with RunwayML(api_key=KEY, base_url=recorder.url) as client:
        yield client


@pytest.fixture
async def gateway() -> AsyncIterator[HttpGateway]:
    made = HttpGateway(submit_timeout_s=20)
    yield made
    await made.close()


def compare(ours: list[Recorded], theirs: list[Recorded], deliberate: Mapping[str, str]) -> None:
    assert ours
    assert differences(ours, theirs, deliberate) == []
    assert unused(ours, theirs, deliberate) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_the_same_wish_is_the_same_request(
    case: Case, recorder: Recorder, official: RunwayML, gateway: HttpGateway
) -> None:
    case.theirs(official)
    theirs = recorder.take()
    provider = adapter(recorder.url, gateway)
    request = request_of(case.model, case.config, kind=model_of(case.model).kind)
    body = provider.build_body(replace(request, prompt=WORDS), case.uploads)
    await provider.submit(body, attempt_uuid="attempt")
    compare(recorder.take(), theirs, EVERYWHERE)


async def test_a_task_is_asked_for_in_the_same_way(
    recorder: Recorder, official: RunwayML, gateway: HttpGateway
) -> None:
    official.tasks.retrieve(TASK)
    theirs = recorder.take()
    await adapter(recorder.url, gateway).poll(operation_of(TASK))
    compare(recorder.take(), theirs, EVERYWHERE)


async def test_a_task_is_deleted_in_the_same_way_after_a_look(
    recorder: Recorder, official: RunwayML, gateway: HttpGateway
) -> None:
    official.tasks.delete(TASK)
    theirs = recorder.take()
    await adapter(recorder.url, gateway).cancel(operation_of(TASK))
    look, *ours = recorder.take()
    assert (look.method, look.path) == ("GET", f"/v1/tasks/{TASK}")
    compare(ours, theirs, OF_A_DELETE)


async def test_the_balance_is_asked_for_in_the_same_way(
    recorder: Recorder, official: RunwayML, gateway: HttpGateway
) -> None:
    official.organization.retrieve()
    theirs = recorder.take()
    await adapter(recorder.url, gateway).check_connection()
    compare(recorder.take(), theirs, EVERYWHERE)


async def test_a_file_goes_up_in_the_same_two_steps(
    recorder: Recorder, official: RunwayML, gateway: HttpGateway, tmp_path: Path
) -> None:
    # under the name that we give it, so that nothing but the way is compared
    path = picture(tmp_path, "first_frame.png")
    official.uploads.create_ephemeral(file=path)
    theirs = recorder.take()
    await adapter(recorder.url, gateway).upload(item_of(path), path)
    compare(recorder.take(), theirs, EVERYWHERE)


async def test_a_submit_is_never_sent_a_second_time(
    recorder: Recorder, official: RunwayML, gateway: HttpGateway
) -> None:
    def broken(request: Recorded) -> Reply:
        return Reply({"error": "Oops"}, 500, {"retry-after-ms": "1"})

    recorder.script = broken
    with pytest.raises(APIStatusError):
        CASES[0].theirs(official)
    assert len(recorder.take()) == 3
    provider = adapter(recorder.url, gateway)
    with pytest.raises(OutcomeUnknown):
        await provider.submit(provider.build_body(request_of()), attempt_uuid="attempt")
    assert len(recorder.take()) == 1


def test_at_least_ten_wishes_are_compared() -> None:
    assert len(CASES) >= 10
