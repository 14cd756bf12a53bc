"""What KIE is sent: the fields of each model and mode, and what is refused instead of dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.providers.kie_cases import (
    OMNI,
    SEEDANCE,
    SHORT,
    WAN,
    item_of,
    made_at_kie,
    request_of,
    sharper,
)
from tests.providers.servers.kie import problem
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import GenerationKind, InputRole, MediaInput, Task, VideoConfig
from veo_studio.core.providers.kie import requests as outgoing

R = InputRole
A, B, C = "https://kie.test/a.png", "https://kie.test/b.png", "https://kie.test/c.png"
CATALOG = Catalog.load()


def with_inputs(*roles: InputRole, **settings: Any) -> VideoConfig:
    return replace(SHORT, inputs=tuple(item_of(role) for role in roles), **settings)


VEO: dict[str, Any] = {
    "prompt": "A paper boat",
    "model": "veo3_fast",
    "aspect_ratio": "16:9",
    "resolution": "720p",
    "duration": 4,
    "generationType": "TEXT_2_VIDEO",
    "enableTranslation": False,
}
FRAMES = {**VEO, "generationType": "FIRST_AND_LAST_FRAMES_2_VIDEO"}
REFERENCES = {**VEO, "generationType": "REFERENCE_2_VIDEO", "duration": 8}
INPUT: dict[str, Any] = {"prompt": "A paper boat", "aspect_ratio": "16:9", "resolution": "720p"}


@pytest.mark.parametrize(
    ("config", "uploads", "body"),
    [
        (SHORT, (), VEO),
        (VideoConfig("9:16", 6, "1080p"), (), {**VEO, "aspect_ratio": "9:16", "duration": 6, "resolution": "1080p"}),
        (with_inputs(R.FIRST_FRAME), (A,), {**FRAMES, "imageUrls": [A]}),
        (with_inputs(R.FIRST_FRAME, R.LAST_FRAME), (A, B), {**FRAMES, "imageUrls": [A, B]}),
        # in whatever order the user chose them
        (with_inputs(R.LAST_FRAME, R.FIRST_FRAME), (B, A), {**FRAMES, "imageUrls": [A, B]}),
        (with_inputs(R.REFERENCE, R.REFERENCE, duration_s=8), (A, B), {**REFERENCES, "imageUrls": [A, B]}),
        (replace(SHORT, enable_audio=True), (), VEO),
    ],
)  # fmt: skip
def test_veo_gets_its_documented_fields(
    config: VideoConfig, uploads: tuple[str, ...], body: dict[str, Any]
) -> None:
    made = outgoing.build_body(request_of(config=config), uploads)
    assert made == body
    assert problem("/api/v1/veo/generate", made) == ""
    assert outgoing.call_of(made) == outgoing.Call("/api/v1/veo/generate", made)


@pytest.mark.parametrize(
    ("model", "config", "uploads", "told"),
    [
        (OMNI, replace(SHORT, seed=7), (), {**INPUT, "duration": "4", "seed": 7}),
        (OMNI, with_inputs(R.FIRST_FRAME), (A,), {**INPUT, "duration": "4", "first_frame_url": A}),
        (
            OMNI,
            with_inputs(R.FIRST_FRAME, R.LAST_FRAME),
            (A, B),
            {**INPUT, "duration": "4", "first_frame_url": A, "last_frame_url": B},
        ),
        (OMNI, with_inputs(R.REFERENCE, R.REFERENCE), (A, B), {**INPUT, "duration": "4", "image_urls": [A, B]}),
        (OMNI, replace(SHORT, resolution="4K"), (), {**INPUT, "duration": "4", "resolution": "4k"}),
        (SEEDANCE, SHORT, (), {**INPUT, "duration": 4}),
        (SEEDANCE, replace(SHORT, enable_audio=False), (), {**INPUT, "duration": 4, "generate_audio": False}),
        (
            SEEDANCE,
            with_inputs(R.REFERENCE, R.REFERENCE, R.REFERENCE),
            (A, B, C),
            {**INPUT, "duration": 4, "reference_image_urls": [A, B, C]},
        ),
        (
            WAN,
            replace(SHORT, duration_s=5, negative_prompt="rain", seed=0),
            (),
            {**INPUT, "negative_prompt": "rain", "seed": 0, "enable_prompt_expansion": False},
        ),
    ],
)  # fmt: skip
def test_jobs_get_the_fields_of_their_model(
    model: str, config: VideoConfig, uploads: tuple[str, ...], told: dict[str, Any]
) -> None:
    made = outgoing.build_body(request_of(model, config), uploads)
    assert made == {"model": model, "input": told}
    assert problem("/api/v1/jobs/createTask", made) == ""
    assert outgoing.call_of(made).path == "/api/v1/jobs/createTask"


@pytest.mark.parametrize(
    ("model", "config"),
    [
        ("veo3", replace(SHORT, negative_prompt="rain")),
        ("veo3", replace(SHORT, seed=7)),
        ("veo3", replace(SHORT, enable_audio=False)),
        ("veo3", replace(SHORT, samples=2)),
        ("veo3", with_inputs(R.REFERENCE, duration_s=8)),
        ("veo3_fast", with_inputs(R.REFERENCE)),
        ("veo3", replace(SHORT, task=Task.EXTEND, inputs=(made_at_kie(),))),
        ("veo3", replace(SHORT, task=Task.EDIT, inputs=(made_at_kie(),))),
        (OMNI, replace(SHORT, negative_prompt="rain")),
        (OMNI, replace(SHORT, enable_audio=False)),
        (SEEDANCE, replace(SHORT, seed=7)),
        (WAN, with_inputs(R.FIRST_FRAME)),
        (WAN, with_inputs(R.REFERENCE)),
        (WAN, replace(SHORT, negative_prompt="x" * 501)),
        (WAN, replace(SHORT, enable_audio=False)),
        ("kling/v9", SHORT),
    ],
)
def test_a_setting_without_a_field_is_refused_and_not_dropped(
    model: str, config: VideoConfig
) -> None:
    with pytest.raises(ValueError):
        outgoing.build_body(request_of(model, config), tuple(A for _ in config.inputs))


def test_a_picture_that_is_missing_at_kie_is_no_text_to_video() -> None:
    with pytest.raises(ValueError):
        outgoing.build_body(request_of(config=with_inputs(R.FIRST_FRAME)), ())


def test_a_still_picture_is_not_made_here() -> None:
    with pytest.raises(ValueError, match="videos only"):
        outgoing.build_body(replace(request_of(), kind=GenerationKind.IMAGE), ())


@pytest.mark.parametrize("model", [m.id for m in CATALOG.models if m.provider == "kie"])
def test_every_setting_that_the_catalogue_offers_has_a_field(model: str) -> None:
    entry = CATALOG.get("kie", model)
    assert entry is not None
    for mode, roles in _ROLES.items():
        if mode not in {known.value for known in entry.capabilities.modes}:
            continue
        for config in _offered(entry.default_config(), roles, entry):
            CATALOG.check(entry, config)
            made = outgoing.build_body(request_of(model, config), tuple(A for _ in config.inputs))
            assert problem(outgoing.call_of(made).path, made) == ""


_ROLES: dict[str, tuple[InputRole, ...]] = {
    "text": (),
    "first_frame": (R.FIRST_FRAME,),
    "frames": (R.FIRST_FRAME, R.LAST_FRAME),
    "references": (R.REFERENCE,) * 3,
}


def _offered(plain: VideoConfig, roles: tuple[InputRole, ...], entry: Any) -> list[VideoConfig]:
    asked = replace(plain, inputs=tuple(item_of(role) for role in roles))
    able = entry.capabilities.in_mode(asked.mode)
    return [
        replace(
            asked,
            duration_s=duration,
            aspect_ratio=ratio,
            resolution=size,
            seed=able.max_seed if able.has_seed else None,
            negative_prompt="rain" if able.has_negative_prompt else "",
        )
        for duration in able.durations_s
        for ratio in able.aspect_ratios
        for size in able.resolutions
    ]


# upgrades


def test_1080p_is_a_question_that_costs_nothing_and_4k_the_one_paid_request() -> None:
    marker = outgoing.marker_of(made_at_kie())
    free = outgoing.call_of(outgoing.build_body(sharper("1080p"), [marker]))
    assert free == outgoing.Call(
        "/api/v1/veo/get-1080p-video?taskId=veo_task_0001&index=0", None, is_paid=False
    )
    paid = outgoing.call_of(outgoing.build_body(sharper("4k"), [marker]))
    assert paid == outgoing.Call(
        "/api/v1/veo/get-4k-video", {"taskId": "veo_task_0001", "index": 0}
    )


def test_an_upgraded_clip_is_upgraded_by_the_task_that_it_came_from() -> None:
    first = outgoing.upgrade_id("veo_task_0001", "1080p", "1b4e28ba-2fa1")
    assert first == "veo_task_0001@1080p-1b4e28ba"
    assert outgoing.upgrade_of(first) == outgoing.Upgrade("veo_task_0001", "1080p")
    assert outgoing.marker_of(made_at_kie(first)) == outgoing.marker_of(made_at_kie())


@pytest.mark.parametrize(
    "source",
    [
        item_of(R.SOURCE),
        item_of(R.SOURCE, provider="runway", operation_id="veo_task_0001"),
        item_of(R.SOURCE, provider="kie"),
        item_of(R.SOURCE, provider="kie", operation_id="../x"),
    ],
)
def test_a_clip_that_kie_did_not_make_is_not_upgraded(source: MediaInput) -> None:
    with pytest.raises(ValueError, match="were made there"):
        outgoing.marker_of(source)


@pytest.mark.parametrize(
    ("resolution", "marker"), [("720p", "kie-task:a"), ("4k", A), ("4k", "kie-task:../a"), ("4k", "")]
)  # fmt: skip
def test_an_upgrade_names_a_task_and_one_of_two_sizes(resolution: str, marker: str) -> None:
    with pytest.raises(ValueError):
        outgoing.build_body(sharper(resolution), [marker])


@pytest.mark.parametrize(
    "name", ["veo_task_1", "a@720p", "@4k", "../a@4k", "a b@4k", "a@4k-../b", "a@b@4k"]
)
def test_only_names_of_ours_are_upgrades(name: str) -> None:
    assert outgoing.upgrade_of(name) is None
