"""The resolution of a storyboard in the sizes of models, `@name` in their words, and who makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.storyboard.made_boards import a_board
from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import InputMode, InputRole, MediaInput
from veo_studio.core.storyboard import casting
from veo_studio.core.storyboard.choosing import models_of
from veo_studio.core.storyboard.edits import change_scene
from veo_studio.core.storyboard.keys import SceneKey
from veo_studio.core.storyboard.models import CastMember, ModelRef, Scenario, Step
from veo_studio.core.storyboard.requests import clip_request, length_s, picture_request
from veo_studio.core.storyboard.sizes import (
    PICTURE_OF_CLIP,
    RESOLUTIONS,
    clip_settings,
    picture_resolution,
    picture_settings,
    pixels,
    resolution_of,
)

CATALOG = Catalog.load()


def model(provider: str, name: str) -> ModelInfo:
    found = CATALOG.get(provider, name)
    assert found is not None
    return found


def face(digit: str) -> MediaInput:
    return MediaInput(InputRole.REFERENCE, digit * 64, "image/png", 100, f"{digit}.png", 64, 64)


CAST = (CastMember("anna", face("a")), CastMember("Old_Boat", face("b")))


def test_pictures_have_the_sizes_of_the_table() -> None:
    assert dict(PICTURE_OF_CLIP) == {
        "1280:720": "1920:1080",
        "720:1280": "1080:1920",
        "1104:832": "1168:880",
        "832:1104": "1080:1440",
        "960:960": "1024:1024",
        "1584:672": "1920:1080",
        "1280:768": "1920:1080",
        "768:1280": "1080:1920",
    }


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_runway_is_asked_for_exactly_the_pictures_of_the_table(resolution: str) -> None:
    size = picture_settings(resolution, model("runway", "gen4_image"))
    assert f"{size.width_px}:{size.height_px}" == PICTURE_OF_CLIP[resolution]
    assert size.sentence == ""


@pytest.mark.parametrize("resolution", RESOLUTIONS[:6])
def test_runway_is_asked_for_exactly_the_clips(resolution: str) -> None:
    size = clip_settings(resolution, model("runway", "gen4_turbo"))
    assert (f"{size.width_px}:{size.height_px}", size.sentence) == (resolution, "")


def test_the_nearest_size_of_the_same_shape_is_taken_and_said() -> None:
    size = clip_settings("1104:832", model("runway", "seedance2"))
    assert (size.aspect_ratio, size.resolution) == ("4:3", "720p")
    assert size.sentence == "Seedance 2 makes clips of 1112 × 834, the nearest to 1104 × 832."
    size = picture_settings("1280:720", model("gemini", "gemini-3.1-flash-image"))
    assert (size.aspect_ratio, size.resolution) == ("16:9", "1k")
    assert "the nearest to 1920 × 1080" in size.sentence


def test_a_shape_that_a_model_does_not_make_is_said() -> None:
    size = clip_settings("832:1104", model("gemini", "gemini-omni-1.2-flash"))
    assert size.aspect_ratio == "9:16"
    assert size.sentence.startswith("Omni 1.2 Flash makes no clips of the shape 3:4")


def test_a_model_that_takes_the_shape_of_the_picture_names_no_pixels() -> None:
    size = clip_settings("1280:720", model("runway", "kling2.5_turbo_pro"))
    assert (size.aspect_ratio, size.width_px, size.sentence) == ("auto", None, "")
    assert size.words == "the shape of the picture"


@pytest.mark.parametrize("resolution", [*RESOLUTIONS, "640:360", "4096:2160", "300:900"])
def test_every_model_that_begins_with_a_picture_can_be_asked(resolution: str) -> None:
    for one in CATALOG.models:
        if one.makes_pictures:
            mode = next(iter(one.capabilities.modes))
            size = picture_settings(resolution, one, mode)
        elif InputMode.FIRST_FRAME in one.capabilities.modes:
            mode = InputMode.FIRST_FRAME
            size = clip_settings(resolution, one)
        else:
            continue
        able = one.capabilities.in_mode(mode)
        assert size.aspect_ratio in able.aspect_ratios
        assert size.resolution in able.resolutions


def test_a_scenario_without_a_resolution_is_upright_and_says_so() -> None:
    resolution, sentence = resolution_of("")
    assert resolution == "720:1280"
    assert "720 × 1280" in sentence
    assert resolution_of("960:960") == ("960:960", "")


def test_a_resolution_that_is_not_in_the_table_takes_the_pictures_of_the_nearest_shape() -> None:
    assert picture_resolution("1920:1080") == "1920:1080"
    assert picture_resolution("1000:1000") == "1024:1024"
    with pytest.raises(ValueError, match="no resolution"):
        pixels("large")


def test_runway_is_told_names_as_its_own_tags() -> None:
    said = casting.with_pictures(
        "@old_boat carries @anna; me@anna.org and @nobody stay", CAST, model("runway", "gen4_image")
    )
    assert said.words == "@ref1 carries @ref2; me@anna.org and @nobody stay"
    assert [one.sha256[0] for one in said.pictures] == ["b", "a"]
    assert {one.role for one in said.pictures} == {InputRole.REFERENCE}


def test_other_models_are_told_which_picture_is_whose() -> None:
    said = casting.with_pictures(
        "@anna looks at @Old_Boat. @ANNA smiles", CAST, model("gemini", "gemini-3.1-flash-image")
    )
    assert said.words == (
        "anna (reference picture 1) looks at Old Boat (reference picture 2). ANNA smiles"
    )


def test_a_reference_without_a_name_is_the_last_one() -> None:
    said = casting.with_pictures("@anna runs", CAST, model("runway", "gen4_image"), face("c"))
    assert said.words == "@ref1 runs. Like @ref2."
    assert [one.sha256[0] for one in said.pictures] == ["a", "c"]


def test_more_pictures_than_a_model_takes_are_refused_with_their_names() -> None:
    cast = tuple(CastMember(f"p{number}", face(str(number))) for number in range(4))
    with pytest.raises(ValueError, match="at most 3 reference pictures, and this scene has @p0"):
        casting.with_pictures("@p0 @p1 @p2 @p3", cast, model("runway", "gen4_image"))


def test_names_become_words_where_the_first_frame_shows_who_is_meant() -> None:
    assert casting.in_words("@anna and @old_boat, @nobody", CAST) == "anna and old boat, @nobody"


def test_the_style_line_is_a_sentence_of_its_own() -> None:
    assert casting.styled("A harbour", "Ink on paper") == "A harbour. Ink on paper"
    assert casting.styled("A harbour!", " ") == "A harbour!"
    assert casting.styled("", "Ink on paper") == "Ink on paper"


def test_a_clip_is_at_least_as_long_as_its_scene_where_the_model_can() -> None:
    able = model("runway", "veo3.1").capabilities
    assert [length_s(wanted, able) for wanted in (2, 4, 5, 8, 30)] == [4, 4, 6, 8, 8]


def test_takes_and_rounds_differ_in_their_seed_and_scenes_do_not() -> None:
    board = a_board(2, seed=2**31 - 1)
    clip = model("rehearsal", "rehearsal-1")
    seeds = {}
    for scene in board.scenes:
        for number, take in ((0, 1), (0, 2), (0, 9), (1, 1)):
            key = SceneKey(board.scenario.uuid, scene.uuid, Step.CLIP, number, take)
            config = clip_request(board, scene, clip, key).config
            seeds.setdefault((number, take), set()).add(config.seed)
    # after the largest seed comes 0
    assert seeds == {(0, 1): {2**31 - 1}, (0, 2): {0}, (0, 9): {7}, (1, 1): {999}}


def test_a_scene_with_one_prompt_uses_it_for_both() -> None:
    board = a_board(1)
    scene = board.scenes[0]
    key = SceneKey(board.scenario.uuid, scene.uuid, Step.PICTURE, 0, 1)
    only = change_scene(board, scene.uuid, image_prompt="")
    request = picture_request(only, only.scenes[0], model("rehearsal", "rehearsal-picture"), key)
    assert request.prompt == scene.visual_prompt
    only = change_scene(board, scene.uuid, visual_prompt="")
    request = clip_request(only, only.scenes[0], model("rehearsal", "rehearsal-1"), key)
    assert request.prompt == scene.image_prompt


def locked_but(*providers: str) -> Callable[[str], str]:
    return lambda provider: "" if provider in providers else "Connect it first."


def test_without_a_service_everything_is_rehearsed() -> None:
    found = models_of(Scenario("u", "t"), CATALOG, locked_but("rehearsal"))
    assert found.picture is not None
    assert found.clip is not None
    assert (found.picture.id, found.clip.id) == ("rehearsal-picture", "rehearsal-1")


def test_pictures_and_clips_come_from_one_service_where_nobody_chose() -> None:
    found = models_of(Scenario("u", "t"), CATALOG, locked_but("rehearsal", "runway"))
    assert found.picture is not None
    assert found.clip is not None
    assert (found.picture.provider, found.clip.provider) == ("runway", "runway")
    chosen = Scenario("u", "t", clip_model=ModelRef("runway", "veo3.1"))
    found = models_of(chosen, CATALOG, locked_but("rehearsal", "runway", "gemini"))
    assert found.picture is not None
    assert found.picture.provider == "runway"


def test_nobody_pays_for_a_clip_of_a_sketch_without_having_chosen_it() -> None:
    scenario = Scenario("u", "t", clip_model=ModelRef("vertex", "veo-3.1-generate-001"))
    found = models_of(scenario, CATALOG, locked_but("rehearsal", "vertex"))
    assert found.picture is None
    assert "No connected service makes pictures" in found.picture_problem
    chosen = replace(scenario, picture_model=ModelRef("rehearsal", "rehearsal-picture"))
    found = models_of(chosen, CATALOG, locked_but("rehearsal", "vertex"))
    assert found.picture is not None


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (ModelRef("runway", "gen4.5"), "Runway: Connect it first."),
        (ModelRef("rehearsal", "rehearsal-picture"), "does not make clips"),
        (ModelRef("rehearsal", "no-such-model"), "Unknown model"),
        (ModelRef("nowhere", "gen4.5"), "Unknown provider"),
    ],
)
def test_a_model_that_cannot_make_it_is_told(chosen: ModelRef, words: str) -> None:
    found = models_of(Scenario("u", "t", clip_model=chosen), CATALOG, locked_but("rehearsal"))
    assert found.clip is None
    assert words in found.clip_problem
