"""What is sent to Runway for every model, mode and size, against the official request types."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.providers.servers.runway_types import models as official_models
from tests.providers.servers.runway_types import problems
from veo_studio.core.capabilities import AudioSupport, ModelInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.fitting import check, check_prompt_length, fit
from veo_studio.core.models import (
    GenerationKind,
    GenerationRequest,
    InputMode,
    InputRole,
    MediaInput,
    Task,
    VideoConfig,
)
from veo_studio.core.providers import runway_wire as wire
from veo_studio.core.providers.runway_models import FORMS

CATALOG = Catalog.load()
MODELS = [model for model in CATALOG.models if model.provider == "runway"]
_ROLES = {
    InputMode.TEXT: (),
    InputMode.FIRST_FRAME: (InputRole.FIRST_FRAME,),
    InputMode.FRAMES: (InputRole.FIRST_FRAME, InputRole.LAST_FRAME),
    InputMode.REFERENCES: (InputRole.REFERENCE, InputRole.REFERENCE),
    InputMode.EDIT: (InputRole.SOURCE,),
    InputMode.EXTEND: (InputRole.SOURCE,),
}
_TASKS = {InputMode.EDIT: Task.EDIT, InputMode.EXTEND: Task.EXTEND}


def media(role: InputRole) -> MediaInput:
    kind = "video/mp4" if role is InputRole.SOURCE else "image/png"
    return MediaInput(role, "0" * 64, kind, 4096, "a file", length_s=5.0)


def config_of(model: ModelInfo, mode: InputMode, **changes: Any) -> VideoConfig:
    """The model's defaults in this mode, with what it needs for it."""
    able = model.capabilities.in_mode(mode)
    config = VideoConfig(
        able.default_aspect_ratio,
        able.default_duration_s,
        able.default_resolution,
        inputs=tuple(media(role) for role in _ROLES[mode]),
        task=_TASKS.get(mode, Task.CREATE),
    )
    return replace(config, **changes)


def built(model: ModelInfo, config: VideoConfig, prompt: str = "A red kite") -> dict[str, Any]:
    check(model, config)
    uploads = [f"runway://{number}" for number in range(len(config.inputs))]
    request = GenerationRequest(prompt, "runway", model.id, config, model.kind)
    return wire.build_body(request, uploads, model)


def model_of(model_id: str) -> ModelInfo:
    model = CATALOG.get("runway", model_id)
    assert model is not None
    return model


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_everything_that_is_offered_is_a_request_of_the_official_client(model: ModelInfo) -> None:
    for mode in model.capabilities.modes:
        able = model.capabilities.in_mode(mode)
        for resolution in able.resolutions:
            for aspect in able.aspect_ratios:
                for duration in able.durations_s or (0,):
                    config = config_of(
                        model, mode, resolution=resolution, aspect_ratio=aspect, duration_s=duration
                    )
                    body = built(model, config)
                    assert problems(wire.path_of(body), body) == [], (mode, body)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_option_that_is_offered_is_a_field_there(model: ModelInfo) -> None:
    able = model.capabilities
    for mode in able.modes:
        config = config_of(model, mode)
        if able.has_seed:
            config = replace(config, seed=able.max_seed)
        if able.has_negative_prompt:
            config = replace(config, negative_prompt="rain")
        if able.audio is AudioSupport.SWITCHABLE and mode not in (InputMode.EDIT, InputMode.EXTEND):
            config = replace(config, enable_audio=False)
        body = built(model, config)
        assert problems(wire.path_of(body), body) == [], (mode, body)
        assert body.get("seed") == config.seed
        assert body.get("audio") == config.enable_audio


def test_every_video_model_of_the_official_client_is_in_the_catalogue() -> None:
    official = {
        name
        for path in ("/v1/text_to_video", "/v1/image_to_video", "/v1/video_to_video")
        for name in official_models(path)
    }
    videos = {model.id for model in CATALOG.of_kind(GenerationKind.VIDEO) if model in MODELS}
    pictures = {model.id for model in MODELS} - videos
    assert videos == official
    assert pictures <= set(official_models("/v1/text_to_image"))
    assert videos | pictures == set(FORMS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_the_table_of_sizes_and_the_catalogue_say_the_same(model: ModelInfo) -> None:
    form = FORMS[model.id]
    for mode in model.capabilities.modes:
        if mode is InputMode.EDIT:
            continue  # the size is the clip's own
        able = model.capabilities.in_mode(mode)
        offered = {(size, ratio) for size in able.resolutions for ratio in able.aspect_ratios}
        assert offered == set(form.sizes_in.get(mode, form.sizes)), mode


@pytest.mark.parametrize(
    ("model_id", "mode", "resolution", "aspect", "fields"),
    [
        ("gen4.5", InputMode.TEXT, "720p", "9:16", {"ratio": "720:1280"}),
        ("gen4.5", InputMode.FIRST_FRAME, "720p", "21:9", {"ratio": "1584:672"}),
        ("gen4_turbo", InputMode.FIRST_FRAME, "720p", "1:1", {"ratio": "960:960"}),
        ("veo3.1", InputMode.TEXT, "1080p", "16:9", {"ratio": "1920:1080"}),
        ("gemini_omni_flash_1.1", InputMode.TEXT, "4k", "9:16", {"ratio": "2160:3840"}),
        ("seedance2", InputMode.TEXT, "4k", "21:9", {"ratio": "3840:1646"}),
        ("seedance2", InputMode.TEXT, "480p", "16:9", {"ratio": "864:496"}),
        ("seedance2_5", InputMode.TEXT, "480p", "16:9", {"ratio": "854:480"}),
        ("wan3", InputMode.TEXT, "1080p", "4:3", {"ratio": "1648:1248"}),
        ("wan3", InputMode.FRAMES, "720p", "auto", {"ratio": "auto_720p"}),
        ("hailuo3", InputMode.TEXT, "2k", "3:4", {"ratio": "3:4", "resolution": "2k"}),
        ("h3_max", InputMode.TEXT, "480p", "auto", {"resolution": "480p"}),
        ("kling3.0_pro", InputMode.TEXT, "1080p", "1:1", {"ratio": "1440:1440"}),
        ("kling3.0_pro", InputMode.FRAMES, "1080p", "auto", {}),
        ("kling_4", InputMode.EDIT, "1080p", "16:9", {"ratio": "auto_1080p"}),
        ("grok_imagine_1_5", InputMode.FIRST_FRAME, "720p", "auto", {"resolution": "720p"}),
        ("aleph2", InputMode.EDIT, "auto", "auto", {}),
        ("gen4_image", InputMode.TEXT, "720p", "1:1", {"ratio": "720:720"}),
        ("gen4_image", InputMode.TEXT, "1080p", "21:9", {"ratio": "2112:912"}),
        ("gen4_image_turbo", InputMode.REFERENCES, "1080p", "3:4", {"ratio": "1080:1440"}),
    ],
)
def test_shape_and_size_become_what_the_model_calls_them(
    model_id: str, mode: InputMode, resolution: str, aspect: str, fields: dict[str, str]
) -> None:
    model = model_of(model_id)
    body = built(model, config_of(model, mode, resolution=resolution, aspect_ratio=aspect))
    assert {name: body[name] for name in ("ratio", "resolution") if name in body} == fields


def test_words_alone_are_a_plain_request() -> None:
    model = model_of("veo3.1")
    config = VideoConfig("16:9", 8, "1080p", "rain", 7, False)
    assert built(model, config) == {
        "model": "veo3.1",
        "promptText": "A red kite",
        "ratio": "1920:1080",
        "duration": 8,
        "negativePrompt": "rain",
        "seed": 7,
        "audio": False,
    }


def test_a_first_frame_is_named_by_its_upload_alone() -> None:
    body = built(model_of("gen4.5"), config_of(model_of("gen4.5"), InputMode.FIRST_FRAME))
    assert body["promptImage"] == "runway://0"
    assert wire.path_of(body) == "/v1/image_to_video"


@pytest.mark.parametrize("model_id", ["seedance2", "seedance2_5", "hailuo3", "wan3"])
def test_where_a_bare_picture_is_a_reference_a_first_frame_says_its_place(model_id: str) -> None:
    body = built(model_of(model_id), config_of(model_of(model_id), InputMode.FIRST_FRAME))
    assert body["promptImage"] == [{"uri": "runway://0", "position": "first"}]


def test_two_frames_say_their_places() -> None:
    body = built(model_of("veo3.1"), config_of(model_of("veo3.1"), InputMode.FRAMES))
    assert body["promptImage"] == [
        {"uri": "runway://0", "position": "first"},
        {"uri": "runway://1", "position": "last"},
    ]


def test_references_go_with_the_words() -> None:
    body = built(model_of("seedance2"), config_of(model_of("seedance2"), InputMode.REFERENCES))
    assert body["references"] == [{"uri": "runway://0"}, {"uri": "runway://1"}]
    assert wire.path_of(body) == "/v1/text_to_video"


def test_a_picture_has_no_length_and_tags_for_its_references() -> None:
    model = model_of("gen4_image")
    config = config_of(model, InputMode.REFERENCES, seed=3)
    body = built(model, config, "@ref1 as a sailor with @ref2")
    assert body == {
        "model": "gen4_image",
        "promptText": "@ref1 as a sailor with @ref2",
        "ratio": "1920:1080",
        "seed": 3,
        "referenceImages": [
            {"uri": "runway://0", "tag": "ref1"},
            {"uri": "runway://1", "tag": "ref2"},
        ],
    }
    assert wire.path_of(body) == "/v1/text_to_image"
    assert problems("/v1/text_to_image", body) == []


def test_a_picture_model_of_the_users_own_is_asked_as_runways() -> None:
    model = replace(model_of("gen4_image"), id="gen5_image")
    body = built(model, config_of(model, InputMode.TEXT))
    assert (body["ratio"], wire.path_of(body)) == ("1920:1080", "/v1/text_to_image")


@pytest.mark.parametrize(
    ("model_id", "mode", "fields"),
    [
        ("aleph2", InputMode.EDIT, {"videoUri": "runway://0"}),
        ("klingO3_pro", InputMode.EDIT, {"promptVideo": "runway://0"}),
        ("gemini_omni_flash", InputMode.EDIT, {"videoUri": "runway://0"}),
        ("gemini_omni_flash_1.1", InputMode.EDIT, {"videoUri": "runway://0", "mode": "edit"}),
        (
            "gemini_omni_flash_1.1",
            InputMode.EXTEND,
            {"videoUri": "runway://0", "mode": "extend", "duration": 8},
        ),
        (
            "seedance2_5",
            InputMode.EDIT,
            {"promptVideo": "runway://0", "mode": "edit", "duration": "auto"},
        ),
        (
            "seedance2_5",
            InputMode.EXTEND,
            {"promptVideo": "runway://0", "mode": "extend", "duration": 5},
        ),
    ],
)
def test_work_on_a_clip_goes_to_its_own_address(
    model_id: str, mode: InputMode, fields: dict[str, Any]
) -> None:
    body = built(model_of(model_id), config_of(model_of(model_id), mode))
    assert body == {"model": model_id, "promptText": "A red kite", **fields}
    assert wire.path_of(body) == "/v1/video_to_video"


def test_an_edit_may_show_pictures_where_the_model_takes_references() -> None:
    model = model_of("seedance2_5")
    config = config_of(model, InputMode.EDIT)
    config = replace(config, inputs=(*config.inputs, media(InputRole.REFERENCE)))
    body = built(model, config)
    assert body["references"] == [{"uri": "runway://1"}]
    assert problems("/v1/video_to_video", body) == []


def build_unchecked(model_id: str, config: VideoConfig, uploads: list[str] | None = None) -> None:
    """As a stored request whose model's entry was changed meanwhile."""
    request = GenerationRequest("A red kite", "runway", model_id, config)
    wire.build_body(request, uploads or [], model_of(model_id))


@pytest.mark.parametrize(
    ("model_id", "config", "words"),
    [
        ("gen4.5", VideoConfig("16:9", 5, "1080p"), "does not make 1080p in 16:9"),
        ("gen4.5", VideoConfig("1:1", 5, "720p"), "does not make 720p in 1:1"),
        ("gen4.5", VideoConfig("16:9", 5, "720p", "rain"), "has no negative prompt"),
        ("gen4.5", VideoConfig("16:9", 5, "720p", enable_audio=True), "cannot be switched"),
        ("gen4.5", VideoConfig("16:9", 5, "720p", samples=2), "one clip per request"),
        ("gemini_omni_flash", VideoConfig(enable_audio=False), "cannot be switched"),
        ("gemini_omni_flash", VideoConfig(seed=1), "takes no seed"),
        ("gen4_turbo", VideoConfig("16:9", 5, "720p"), "cannot be asked like this"),
        ("aleph2", VideoConfig("auto", 5, "auto"), "cannot be asked like this"),
    ],
)
def test_what_a_model_has_no_field_for_is_refused(
    model_id: str, config: VideoConfig, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        build_unchecked(model_id, config)


def test_a_switch_of_sound_is_refused_where_only_new_clips_have_one() -> None:
    model = model_of("klingO3_pro")
    config = replace(config_of(model, InputMode.EDIT), enable_audio=False)
    with pytest.raises(ValueError, match="cannot be switched"):
        build_unchecked(model.id, config, ["runway://0"])
    seedance = config_of(model_of("seedance2_5"), InputMode.EDIT, enable_audio=False)
    assert built(model_of("seedance2_5"), seedance)["audio"] is False


def test_a_model_makes_what_it_makes_and_no_picture_is_left_out() -> None:
    request = GenerationRequest("A kite", "runway", "gen4.5", VideoConfig())
    with pytest.raises(ValueError, match="clips only"):
        wire.build_body(replace(request, kind=GenerationKind.IMAGE), [], model_of("gen4.5"))
    with pytest.raises(ValueError, match="pictures only"):
        wire.build_body(request, [], model_of("gen4_image"))
    with pytest.raises(ValueError, match="Not every picture"):
        build_unchecked("gen4.5", config_of(model_of("gen4.5"), InputMode.FIRST_FRAME))


@pytest.mark.parametrize(
    ("model_id", "task", "roles"),
    [
        ("veo3.1", Task.CREATE, "last_frame"),
        ("veo3.1", Task.CREATE, "first_frame first_frame"),
        ("veo3.1", Task.CREATE, "first_frame last_frame last_frame"),
        ("kling_4", Task.CREATE, "first_frame reference"),
        ("kling_4", Task.EDIT, "source first_frame"),
        ("kling_4", Task.EDIT, "source source"),
        ("aleph2", Task.EDIT, "source reference"),
        ("gen4.5", Task.CREATE, "first_frame source"),
        ("seedance2", Task.CREATE, " ".join(["reference"] * 10)),
    ],
)
def test_no_picture_or_clip_is_left_out_in_silence(model_id: str, task: Task, roles: str) -> None:
    inputs = tuple(media(InputRole(role)) for role in roles.split())
    able = model_of(model_id).capabilities
    config = VideoConfig(
        able.default_aspect_ratio, 5, able.default_resolution, inputs=inputs, task=task
    )
    with pytest.raises(ValueError, match=r"\bframe|Frames|take"):
        build_unchecked(model_id, config, [f"runway://{n}" for n in range(len(inputs))])


def test_a_first_frame_whose_shape_the_model_follows_says_so() -> None:
    model = model_of("wan3")
    picture_first = VideoConfig("9:16", 5, "1080p", inputs=(media(InputRole.FIRST_FRAME),))
    fitted, changes = fit(model, picture_first)
    assert (fitted.aspect_ratio, fitted.resolution) == ("auto", "1080p")
    assert changes == ["aspect 9:16 → auto"]
    back, _ = fit(model_of("gen4_turbo"), fitted)
    assert (back.aspect_ratio, back.resolution) == ("16:9", "720p")


def test_prompts_are_measured_in_utf_16_units() -> None:
    check_prompt_length(model_of("veo3.1"), "a" * 1000)
    with pytest.raises(ValueError, match="at most 1000 characters, not 1002"):
        check_prompt_length(model_of("veo3.1"), "\N{KITE}" * 501)
    check_prompt_length(model_of("happyhorse_1_0"), "a" * 2500)


@pytest.mark.parametrize(
    ("model_id", "config", "dollars"),
    [
        ("gen4.5", VideoConfig("16:9", 10, "720p"), "1.20"),
        ("gen4_turbo", VideoConfig("16:9", 10, "720p"), "0.50"),
        ("veo3.1", VideoConfig("16:9", 8, "720p"), "3.20"),
        ("veo3.1", VideoConfig("16:9", 8, "1080p", enable_audio=False), "1.60"),
        ("veo3.1_fast", VideoConfig("16:9", 4, "720p", enable_audio=False), "0.40"),
        ("seedance2", VideoConfig("16:9", 4, "4k"), "6.00"),
        ("seedance2_mini", VideoConfig("16:9", 4, "720p"), "0.64"),
        ("seedance2_5", VideoConfig("16:9", 4, "480p"), "0.80"),
        ("hailuo3", VideoConfig("16:9", 6, "2k"), "0.90"),
        ("aleph2", VideoConfig("auto", 2, "auto"), "0.56"),
        ("wan3", VideoConfig("16:9", 5, "720p"), None),
    ],
)
def test_prices_are_the_credits_in_dollars(
    model_id: str, config: VideoConfig, dollars: str | None
) -> None:
    told = model_of(model_id).prices.estimate(config)
    assert told == (None if dollars is None else Decimal(dollars))


def test_every_price_has_a_source_and_a_date() -> None:
    for model in MODELS:
        if model.prices.per_second:
            assert model.price_source, model.id
            assert model.price_date is not None, model.id


def test_veo_3_1_is_sold_by_runway() -> None:
    ready = frozenset({"rehearsal", "runway"})
    assert CATALOG.find("veo-3.1", "runway", ready=ready) is model_of("veo3.1")
    assert CATALOG.find("klingO3_4k", "runway", ready=ready) is model_of("klingO3_4k")
