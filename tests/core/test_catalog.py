"""The catalogue: names, limits, prices, and what a switch of models changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from veo_studio.core.catalog import Catalog
from veo_studio.core.generators.requests import check_prompt, check_request, config_from
from veo_studio.core.models import GenerationKind, GenerationRequest, VideoConfig
from veo_studio.core.wallet import Wallet

CATALOG = Catalog.load()
OMNI = CATALOG.find("gemini-omni-1.2-flash")
SKETCH = CATALOG.find("rehearsal-1")
WITH_KEY = frozenset({"rehearsal", "gemini"})


@pytest.mark.parametrize("name", ["veo-3.1", "veo-2.0", "VEO-3.1", "rehearsal"])
def test_rehearsal_takes_the_names_of_the_specification(name: str) -> None:
    assert CATALOG.find(name) is SKETCH
    assert CATALOG.find(name, "rehearsal", ready=WITH_KEY) is SKETCH


def test_with_a_real_service_veo_2_is_retired_and_says_what_to_use() -> None:
    with pytest.raises(ValueError, match=r"retired on 2026-06-30\. Use 'gemini-omni-1\.2-flash'"):
        CATALOG.find("veo-2.0", ready=WITH_KEY)


def test_with_a_real_service_veo_3_1_is_never_a_sketch() -> None:
    with pytest.raises(ValueError, match=r"sells Veo 3\.1"):
        CATALOG.find("veo-3.1", ready=WITH_KEY)


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"Unknown model 'sora-9'\. Known: rehearsal-1"):
        CATALOG.find("sora-9")
    with pytest.raises(ValueError, match="Unknown provider 'nobody'"):
        CATALOG.find("veo-3.1", "nobody")


def test_a_newcomer_rehearses_and_a_customer_gets_the_real_thing() -> None:
    assert CATALOG.default_model(frozenset({"rehearsal"})) is SKETCH
    assert CATALOG.default_model(WITH_KEY) is OMNI


def test_pictures_come_after_the_clips_of_their_service() -> None:
    """Whoever takes the first model, of all or of one service, means clips."""
    assert CATALOG.models[0] is SKETCH
    for provider in CATALOG.providers:
        kinds = [m.kind for m in CATALOG.models if m.provider == provider]
        assert kinds == sorted(kinds, key=lambda kind: kind is GenerationKind.IMAGE)
    for model in CATALOG.of_kind(GenerationKind.IMAGE):
        assert model.tokens == (0 if model.provider == "rehearsal" else 1)
        assert model.default_config().duration_s == 0
        assert set(model.prices.per_clip) == set(model.capabilities.resolutions)


def test_imagen_leads_to_googles_picture_model_and_offers_no_clips() -> None:
    words = r"retired on 2026-08-17\. Use 'gemini-3\.1-flash-image' instead"
    with pytest.raises(ValueError, match=words):
        CATALOG.find("imagen-4", ready=WITH_KEY)
    with pytest.raises(ValueError, match=rf"{words}\. Connect .*'gen4_image' is there already"):
        CATALOG.find("imagen-4", ready=frozenset({"rehearsal", "runway"}))


def test_a_picture_that_is_sold_no_longer_leads_to_a_picture() -> None:
    model = replace(CATALOG.find("rehearsal-picture"), retired_on=date(2026, 1, 1))
    others = [m for m in CATALOG.models if m.id != model.id and m.provider == "rehearsal"]
    pictures = replace(CATALOG.find("rehearsal-picture"), id="other", provider="gemini")
    catalog = Catalog([*others, model, pictures], CATALOG.providers)
    with pytest.raises(ValueError, match=r"Use 'other' instead"):
        catalog.find("rehearsal-picture")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (VideoConfig(duration_s=1), "Duration must be between 2 and 60 seconds"),
        (VideoConfig(duration_s=61), "Duration must be between 2 and 60 seconds"),
        (VideoConfig(duration_s=16), "clips of 3 to 15 seconds, not 16"),
        (VideoConfig(aspect_ratio="1:1"), "aspect ratios 16:9 and 9:16, not 1:1"),
        (VideoConfig(resolution="480p"), "resolutions 360p, 720p, 1080p and 4k, not 480p"),
        (VideoConfig(negative_prompt="rain"), "no negative prompt"),
        (VideoConfig(enable_audio=False), "always makes sound"),
        (VideoConfig(seed=-1), "between 0 and 2147483647"),
    ],
)
def test_limits_name_what_the_model_accepts(config: VideoConfig, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        CATALOG.check(OMNI, config)


def test_switching_the_model_keeps_what_fits_and_says_what_changed() -> None:
    wanted = VideoConfig("4:3", 40, "480p", "rain", 7, False)
    fitted, changes = CATALOG.fit(OMNI, wanted)
    assert fitted == VideoConfig("16:9", 15, "360p", "", 7, None)
    assert changes == [
        "duration 40 s → 15 s",
        "aspect 4:3 → 16:9",
        "resolution 480p → 360p",
        "no negative prompt",
        "always with sound",
    ]
    CATALOG.check(OMNI, fitted)
    same, nothing = CATALOG.fit(SKETCH, wanted)
    assert same == wanted
    assert nothing == []


def test_the_price_is_tokens_and_money_for_all_takes() -> None:
    estimate = Wallet.estimate(OMNI, VideoConfig(duration_s=8, resolution="1080p"), takes=3)
    assert (estimate.tokens, estimate.cost_usd) == (30, Decimal("2.520"))
    assert Wallet.estimate(SKETCH, VideoConfig()).tokens == 0


def test_the_users_own_file_adds_and_replaces_models(tmp_path: Path) -> None:
    own = tmp_path / "models.toml"
    own.write_text(
        """
[[models]]
id = "gemini-omni-1.2-flash"
provider = "gemini"
name = "My Omni"
tokens = 3
durations_s = [4, 8]
aspect_ratios = ["16:9"]
resolutions = ["720p"]
has_negative_prompt = false
has_seed = false
audio = "always"
default_duration_s = 8
default_aspect_ratio = "16:9"
default_resolution = "720p"
"""
    )
    mine = Catalog.load(own).find("gemini-omni-1.2-flash")
    assert (mine.name, mine.tokens, mine.capabilities.durations_s) == ("My Omni", 3, (4, 8))
    assert mine.capabilities.durations_in_words() == "4 or 8 seconds"


@pytest.mark.parametrize(
    "text", ["[[models]", "[[models]]\nid = 'x'", "[[models]]\nid = 3\ntokens = -1"]
)
def test_a_broken_file_of_the_user_is_named(tmp_path: Path, text: str) -> None:
    own = tmp_path / "models.toml"
    own.write_text(text)
    (problem,) = Catalog.load(own).problems
    assert str(own) in problem


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("", "Prompt cannot be empty"),
        (" \n ", "Prompt cannot be empty"),
        ("ab", r"Prompt too short \(min 3 characters\)"),
        ("x" * 2001, r"Prompt too long \(max 2000 characters\)"),
    ],
)
def test_prompts_are_checked_with_the_words_of_the_specification(prompt: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_prompt(prompt)


def test_2000_characters_and_strange_ones_are_fine() -> None:
    assert len(check_prompt("é" * 2000)) == 2000
    assert check_prompt("kite \ud800 \u202e") == "kite ? \u202e"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, "Missing required config: aspect_ratio, duration, resolution"),
        ({"aspect_ratio": "16:9", "resolution": "720p"}, "Missing required config: duration"),
        (
            {"aspect_ratio": "16:9", "resolution": "720p", "duration": 61},
            "between 2 and 60 seconds",
        ),
        (
            {"aspect_ratio": "16:9", "resolution": "720p", "duration": "5"},
            "whole number of seconds",
        ),
        (
            {"aspect_ratio": "16:9", "resolution": "720p", "duration": 5, "fps": 60},
            "Unknown config: fps",
        ),
        (
            {"aspect_ratio": "16:9", "resolution": "720p", "duration": 5, "seed": "x"},
            "seed must be a whole",
        ),
        (
            {"aspect_ratio": "16:9", "resolution": "720p", "duration": 5, "enable_audio": 1},
            "enable_audio",
        ),
    ],
)
def test_the_api_configuration_is_checked(config: dict[str, object] | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        config_from(config)


def test_a_seed_is_drawn_before_it_is_needed() -> None:
    request = GenerationRequest("A red kite", "rehearsal", "veo-3.1", VideoConfig())
    checked = check_request(CATALOG, request)
    assert checked.config.seed is not None
    assert checked.model == "rehearsal-1"
    fixed = replace(request, config=VideoConfig(seed=7))
    assert check_request(CATALOG, fixed).config.seed == 7
