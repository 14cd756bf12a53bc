"""Every model of the catalogue in every way to ask: what the form offers, its adapter sends."""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from veo_studio.core import fitting
from veo_studio.core.catalog import AudioSupport, Catalog, ModelInfo
from veo_studio.core.generators.requests import check_request
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import (
    GenerationRequest,
    InputMode,
    InputRole,
    MediaInput,
    Task,
    VideoConfig,
)
from veo_studio.core.providers.adapter import Adapter, AdapterTools
from veo_studio.core.providers.connection import Connection
from veo_studio.core.providers.gemini_wire import cost_usd
from veo_studio.core.providers.registry import _ADAPTERS

CATALOG = Catalog.load()
WAYS = [(model, mode) for model in CATALOG.models for mode in model.capabilities.modes]
_IDS = [f"{model.provider} {model.id} {mode.value}" for model, mode in WAYS]
_ON_CLIPS = (InputMode.EDIT, InputMode.EXTEND, InputMode.UPSCALE)
# what no fitting can mend: the user has to give something, or something else
_MISSING = (" needs ", " takes clips of at most ")


def adapter_of(provider: str) -> Adapter:
    module, name = _ADAPTERS.get(provider, _ADAPTERS["gemini"])
    info = CATALOG.providers[provider]
    options = {"project": "my-films-123"} if provider == "vertex" else {}
    address = info.base_url or "http://127.0.0.1:8188"
    tools = AdapterTools(
        None,  # type: ignore[arg-type]  # nothing is sent
        Connection(provider, address, "k" * 20, options),
        info,
        lambda model: CATALOG.get(provider, model),
        InputFiles(Path("/nowhere")),
    )
    adapter = getattr(importlib.import_module(module), name)
    made: Adapter = adapter(
        tools, **({"allow_extensions": True} if provider == "rehearsal" else {})
    )
    return made


ADAPTERS = {provider: adapter_of(provider) for provider in CATALOG.providers}


def picture(role: InputRole, number: int = 0) -> MediaInput:
    return MediaInput(role, f"{number:064x}", "image/png", 1000, "a.png", 1280, 720)


def clip(provider: str, length_s: float = 5.0, *, is_upright: bool = False) -> MediaInput:
    width, height = (720, 1280) if is_upright else (1280, 720)
    return MediaInput(
        InputRole.SOURCE, "c" * 64, "video/mp4", 10**5, "a.mp4", width, height, length_s,
        1, "taskabc", provider,
    )  # fmt: skip


def inputs_for(model: ModelInfo, mode: InputMode, shape: str = "16:9") -> tuple[MediaInput, ...]:
    count = max(1, model.capabilities.max_images(mode))
    first, last = picture(InputRole.FIRST_FRAME), picture(InputRole.LAST_FRAME, 1)
    if mode in _ON_CLIPS:
        return (clip(model.provider, is_upright=shape == "9:16"),)
    return {
        InputMode.FIRST_FRAME: (first,),
        InputMode.FRAMES: (first, last),
        InputMode.REFERENCES: tuple(picture(InputRole.REFERENCE, n) for n in range(count)),
    }.get(mode, ())


def uploads_of(provider: str, config: VideoConfig) -> list[str]:
    places = {
        "kie": "https://x.example/{}.png",
        "vertex": "sha256:{}",
        "runway": "runway://{}",
        "comfyui": "veo-studio/{}.png",
    }
    found = []
    for item in config.inputs:
        if provider == "kie" and item.role is InputRole.SOURCE:
            found.append("kie-task:taskabc")
        else:
            place = places.get(provider, "https://x.example/v1/files/{}")
            found.append(place.format(item.sha256))
    return found


def body_of(model: ModelInfo, config: VideoConfig) -> str:
    request = GenerationRequest("a red kite", model.provider, model.id, config, model.kind)
    adapter = ADAPTERS[model.provider]
    return json.dumps(adapter.build_body(request, uploads_of(model.provider, config)))


def offered(model: ModelInfo, mode: InputMode) -> Iterator[VideoConfig]:
    """Each length, shape and size with each other; sound and words to avoid in turn."""
    able = model.capabilities.in_mode(mode)
    sounds: list[bool | None] = {
        AudioSupport.SWITCHABLE: [None, True, False],
        AudioSupport.ALWAYS: [None, True],
        AudioSupport.NEVER: [None, False],
    }[able.audio]
    number = 0
    for duration_s in able.durations_s or (0,):
        for aspect in able.aspect_ratios:
            for size in able.resolutions:
                for sound in sounds:
                    number += 1
                    yield VideoConfig(
                        aspect_ratio=aspect,
                        duration_s=duration_s,
                        resolution=size,
                        negative_prompt="rain" if able.has_negative_prompt and number % 2 else "",
                        seed=7 if able.has_seed else None,
                        enable_audio=sound,
                        inputs=inputs_for(model, mode, aspect),
                        task=Task(mode.value) if mode in _ON_CLIPS else Task.CREATE,
                        samples=able.max_samples,
                    )


def missing_in(body: str, model: ModelInfo, config: VideoConfig) -> list[str]:
    """What was chosen and is not in the body. A workflow's graph has its own words for sizes."""
    able, mode = model.capabilities.in_mode(config.mode), config.mode
    follows = model.capabilities.follows_source(mode)
    length = config.duration_s
    lengths = (f'"{length}s"', f'uration": {length}', f'"durationSeconds": {length}',
               f'"duration": "{length}"')  # fmt: skip
    # Vertex always adds seven seconds, KIE's Wan always makes five: there is no field
    is_fixed = len(able.durations_s) <= 1
    missing = []
    if not follows and not is_fixed and not any(words in body for words in lengths):
        missing.append("duration")
    if config.negative_prompt and config.negative_prompt not in body:
        missing.append("negative prompt")
    if config.seed is not None and '"seed": 7' not in body:
        missing.append("seed")
    sound = f'udio": {str(config.enable_audio).lower()}'
    is_switched = able.audio is AudioSupport.SWITCHABLE and config.enable_audio is not None
    if is_switched and sound not in body:
        missing.append("sound")
    if model.provider in ("gemini", "kie", "vertex"):
        if mode not in (InputMode.EDIT, InputMode.UPSCALE) and config.aspect_ratio not in body:
            missing.append("aspect")
        size = config.resolution.upper() if model.makes_pictures else config.resolution
        if size not in body:
            missing.append("resolution")
    for place in uploads_of(model.provider, config):
        if place.removeprefix("sha256:").removeprefix("kie-task:") not in body:
            missing.append("input")
    return missing


@pytest.mark.parametrize(("model", "mode"), WAYS, ids=_IDS)
def test_what_is_offered_is_checked_and_sent(model: ModelInfo, mode: InputMode) -> None:
    count = 0
    for config in offered(model, mode):
        if model.capabilities.in_mode(mode).shape_of(config) not in (None, config.aspect_ratio):
            continue  # a clip keeps its shape
        request = check_request(
            CATALOG,
            GenerationRequest("a red kite", model.provider, model.id, config),
        )
        body = body_of(model, request.config)
        if model.provider != "comfyui":
            assert missing_in(body, model, request.config) == [], (config, body)
        count += 1
    assert count


def wild(draw: random.Random) -> VideoConfig:
    """Anything that another model, an old file or a caller may leave behind."""
    inputs = [
        clip("gemini", draw.choice([5.0, 5.0, 25.0, 100.0]), is_upright=draw.random() < 0.5)
        if role is InputRole.SOURCE
        else picture(role, draw.randrange(3))
        for role in draw.choices(list(InputRole), k=draw.choice([0, 1, 1, 2, 3, 12]))
    ]
    return VideoConfig(
        aspect_ratio=draw.choice(["16:9", "9:16", "1:1", "4:3", "auto", "3:2"]),
        duration_s=draw.randint(2, 60),
        resolution=draw.choice(["360p", "480p", "720p", "768p", "1080p", "2k", "4k", "auto"]),
        negative_prompt=draw.choice(["", "rain"]),
        seed=draw.choice([None, -1, 0, 5, 2**31, 2**32 - 1, 2**33]),
        enable_audio=draw.choice([None, True, False]),
        inputs=tuple(inputs),
        task=draw.choice([Task.CREATE, *Task]),
        samples=draw.choice([0, 1, 2, 4, 9]),
    )


@pytest.mark.parametrize("model", CATALOG.models, ids=lambda model: f"{model.provider} {model.id}")
def test_whatever_was_fitted_passes_and_is_sent(model: ModelInfo) -> None:
    draw = random.Random(model.id)
    sent = 0
    for _ in range(60):
        config = wild(draw)
        fitted, changes = fitting.fit(model, config)
        assert fitting.fit(model, fitted) == (fitted, []), config
        same = replace(fitted, enable_audio=config.enable_audio)
        assert bool(changes) or same == model.settled(config)
        try:
            fitting.check(model, fitted)
        except ValueError as error:
            assert any(words in str(error) for words in _MISSING), (config, error)  # noqa: PT017
            continue
        body_of(model, fitting.settle(model, fitted))
        sent += 1
    assert sent or InputMode.TEXT not in model.capabilities.modes


def test_too_many_references_lose_the_last_ones_even_where_they_are_the_same() -> None:
    model = CATALOG.find("gemini-omni-1.1-flash", "gemini")
    config = VideoConfig(inputs=(picture(InputRole.REFERENCE),) * 4)
    fitted, changes = fitting.fit(model, config)
    assert fitted.inputs == config.inputs[:3]
    assert changes == ["reference pictures 4 → 3"]


@pytest.mark.parametrize("role", [InputRole.FIRST_FRAME, InputRole.LAST_FRAME, InputRole.REFERENCE])
@pytest.mark.parametrize(
    ("model", "mode"), [way for way in WAYS if way[1] in _ON_CLIPS], ids=lambda part: str(part)[:40]
)
def test_a_clip_to_work_on_comes_with_no_pictures_but_references_that_are_sent(
    model: ModelInfo, mode: InputMode, role: InputRole
) -> None:
    alone = replace(next(offered(model, mode)), inputs=inputs_for(model, mode))
    alone, _changes = fitting.fit(model, alone)
    fitting.check(model, alone)
    both = replace(alone, inputs=(*alone.inputs, picture(role)))
    if role is InputRole.REFERENCE and model.capabilities.max_images(mode):
        fitting.check(model, both)
        assert fitting.fit(model, both) == (both, [])
        assert missing_in(body_of(model, both), model, both) == []
        return
    with pytest.raises(ValueError, match=r"."):
        fitting.check(model, both)
    assert fitting.fit(model, both)[0] == alone


@pytest.mark.parametrize(("provider", "name"), [
    ("gemini", "gemini-omni-1.2-flash"), ("vertex", "veo-3.1-generate-001"), ("rehearsal", "rehearsal-1"),
])  # fmt: skip
def test_an_extension_has_the_shape_of_its_clip(provider: str, name: str) -> None:
    model = CATALOG.find(name, provider)
    config = replace(
        next(offered(model, InputMode.EXTEND)),
        aspect_ratio="16:9",
        inputs=(clip(provider, is_upright=True),),
    )
    with pytest.raises(ValueError, match="The clip to extend is 9:16; choose that aspect ratio"):
        fitting.check(model, config)
    fitted, changes = fitting.fit(model, config)
    assert (fitted.aspect_ratio, changes) == ("9:16", ["aspect 16:9 → 9:16"])
    fitting.check(model, fitted)


@pytest.mark.parametrize(
    ("task", "size", "input_s"),
    [(Task.EXTEND, "360p", 20.0), (Task.EXTEND, "720p", 12.3), (Task.EDIT, "720p", 9.0)],
)
def test_what_omni_is_given_is_in_the_price_that_is_shown(
    task: Task, size: str, input_s: float
) -> None:
    model = CATALOG.find("gemini-omni-1.2-flash", "gemini")
    config = VideoConfig(
        duration_s=3, resolution=size, inputs=(clip("gemini", input_s),), task=task
    )
    shown = model.estimate(config)
    output_s = 3 if task is Task.EXTEND else input_s
    per_second = {"360p": 1931, "720p": 5792}[size]
    usage = {
        "total_input_tokens": int(input_s * 5792),
        "output_tokens_by_modality": [{"modality": "video", "tokens": int(per_second * output_s)}],
    }
    booked = cost_usd({"usage": usage}, model.prices.per_million)
    assert shown is not None
    assert booked is not None
    assert abs(shown - booked) < booked / 50
    # the table of models shows the same before anything is settled
    assert model.estimate(model.settled(config)) == shown


def test_a_picture_for_omni_costs_a_third_of_a_cent() -> None:
    model = CATALOG.find("gemini-omni-1.2-flash", "gemini")
    config = VideoConfig(duration_s=3)
    alone = model.estimate(config)
    given = model.estimate(replace(config, inputs=(picture(InputRole.FIRST_FRAME),)))
    assert alone is not None
    assert given == alone + Decimal("0.00306")


@pytest.mark.parametrize("name", ["klingO3_standard", "klingO3_pro", "klingO3_4k"])
def test_sound_is_no_choice_where_the_service_has_no_field_for_it(name: str) -> None:
    able = CATALOG.find(name, "runway").capabilities
    assert able.audio is AudioSupport.SWITCHABLE
    assert able.in_mode(InputMode.EDIT).audio is AudioSupport.ALWAYS
