"""A picture that was made from something else than its scene says now: told, and never made anew by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.storyboard.test_scene_states import CLIP, PICTURE, Bench, S
from veo_studio.cli.storyboard_report import state_words as words_on_the_command_line
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import GenerationKind, Progress, Stage
from veo_studio.core.storyboard.models import SceneState
from veo_studio.core.storyboard.requests import picture_request
from veo_studio.core.storyboard.scene_states import view_of
from veo_studio.core.storyboard.views import SceneView
from veo_studio.ui.view_models.scene_words import is_only_rehearsed, state_words

CATALOG = Catalog.load()
MODEL = next(one for one in CATALOG.of_kind(GenerationKind.IMAGE) if one.provider == "rehearsal")
CHANGES = [
    ({"image_prompt": "A castle of ice"}, {}, "other words"),
    ({}, {"style": "As a woodcut"}, "other words"),
    ({}, {"resolution": "720:1280"}, "another size"),
    ({"image_prompt": "@nobody in a boat"}, {}, "other words"),
]


def a_bench(*, stops: bool = False) -> Bench:
    bench = Bench(stops=stops)
    bench.has(PICTURE, S.COMPLETED)
    wish = picture_request(bench.board, bench.board.scenes[0], MODEL, bench.key(PICTURE))
    (keyed,) = bench.keyed
    asked = replace(
        keyed.generation, prompt=wish.prompt, config=wish.config,
        provider=wish.provider, model=wish.model,
    )  # fmt: skip
    bench.keyed = [replace(keyed, generation=asked)]
    return bench


def seen(bench: Bench) -> SceneView:
    runs = [] if bench.run is None else [bench.run]
    nothing = Progress(0, Stage.PROCESSING, "")
    (view,) = view_of(bench.standing, lambda _id: nothing, catalog=CATALOG, runs=runs).scenes
    return view


def change(bench: Bench, scene: dict[str, object], scenario: dict[str, object]) -> None:
    board = bench.board
    bench.board = replace(
        board,
        scenario=replace(board.scenario, **scenario),  # type: ignore[arg-type]
        scenes=(replace(board.scenes[0], **scene),),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("scene", "scenario", "words"), CHANGES)
def test_the_scene_is_changed_with_its_picture_alone_and_with_its_clip(
    scene: dict[str, object], scenario: dict[str, object], words: str
) -> None:
    for has_clip in (False, True):
        bench = a_bench()
        if has_clip:
            bench.has(CLIP, S.COMPLETED)
        before = seen(bench)
        assert before.state is (SceneState.DONE if has_clip else SceneState.READY)
        change(bench, scene, scenario)
        after = seen(bench)
        assert after.state is SceneState.CHANGED
        assert words in after.words
        assert bench.standing.missing(bench.board.scenes[0], PICTURE) == []


def test_who_is_asked_to_approve_is_told() -> None:
    bench = a_bench(stops=True)
    bench.runs()
    assert seen(bench).words == "Its picture waits for your approval"
    change(bench, {"image_prompt": "A castle of ice"}, {})
    told = seen(bench)
    assert told.state is SceneState.APPROVAL
    assert "made from other words: approve it anyway, or make it anew" in told.words


@pytest.mark.parametrize("state", SceneState)
def test_the_command_line_calls_states_as_the_window_does(state: SceneState) -> None:
    bench = a_bench()
    one = replace(seen(bench), state=state, percent=20)
    for view in (one, replace(one, picture=None, rehearsal=one.picture)):
        shown = state_words(view.state, 20, is_rehearsed=is_only_rehearsed(view))
        assert words_on_the_command_line(view) == shown
