"""What a scene's state, percentage and words follow from; and what is missing of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.generations import NOON, a_generation
from tests.storyboard.made_boards import a_board
from veo_studio.core.models import (
    Generation,
    GenerationKind,
    GenerationState,
    Progress,
    Stage,
    VideoConfig,
)
from veo_studio.core.store.batches import KeyedGeneration
from veo_studio.core.storyboard.edits import change_scene
from veo_studio.core.storyboard.keys import SceneKey
from veo_studio.core.storyboard.models import (
    Choices,
    Run,
    RunGoal,
    RunState,
    SceneState,
    Step,
    Storyboard,
)
from veo_studio.core.storyboard.planning import decide
from veo_studio.core.storyboard.requests import clip_words
from veo_studio.core.storyboard.scene_states import view_of
from veo_studio.core.storyboard.standing import Standing
from veo_studio.core.storyboard.views import SceneView

S = GenerationState
PICTURE, CLIP = Step.PICTURE, Step.CLIP


class Bench:
    """One scene, and what was asked for by it."""

    def __init__(self, *, stops: bool = False, takes: int = 1) -> None:
        board = a_board(1, stops_for_approval=stops)
        self.board = replace(board, scenes=(replace(board.scenes[0], takes=takes),))
        self.keyed: list[KeyedGeneration] = []
        self.progress: dict[int, int] = {}
        self.run: Run | None = None

    def key(self, step: Step, take: int = 1, number: int = 0) -> SceneKey:
        return SceneKey(self.board.scenario.uuid, self.board.scenes[0].uuid, step, number, take)

    def has(
        self, step: Step, state: GenerationState, take: int = 1, number: int = 0, percent: int = 0
    ) -> Generation:
        """In place of what was under this key before."""
        key = str(self.key(step, take, number))
        known = [one for one in self.keyed if one.key == key]
        generation_id = known[0].generation.id if known else len(self.keyed) + 1
        is_picture = step is PICTURE
        scene = self.board.scenes[0]
        generation = replace(
            a_generation(id=generation_id),
            # not the rehearsal: what is lost there is sent once more
            provider="runway",
            kind=GenerationKind.IMAGE if is_picture else GenerationKind.VIDEO,
            prompt=clip_words(self.board, scene),
            config=VideoConfig(duration_s=0 if is_picture else scene.duration_s),
            state=state,
            video_path=Path(f"{generation_id}.mp4") if state is S.COMPLETED else None,
            error="Not today." if state in (S.FAILED, S.UNKNOWN) else None,
        )
        self.keyed = [one for one in self.keyed if one.key != key]
        self.keyed.append(KeyedGeneration(key, generation))
        self.progress[generation_id] = percent
        return generation

    def chooses(self, **choices: object) -> None:
        scene = self.board.scenes[0]
        changed = replace(scene, choices=replace(scene.choices, **choices))  # type: ignore[arg-type]
        self.board = replace(self.board, scenes=(changed,))

    def runs(self, goal: RunGoal = RunGoal.FILM, *keys: SceneKey) -> Run:
        wanted = keys or (self.key(PICTURE), self.key(CLIP))
        scene = self.board.scenes[0]
        self.run = Run(
            1, self.board.scenario.uuid, goal, (scene.uuid,), RunState.RUNNING, NOON,
            keys=tuple(str(key) for key in wanted),
        )  # fmt: skip
        return self.run

    @property
    def standing(self) -> Standing:
        return Standing(self.board, self.keyed)

    def view(self, gone: frozenset[int] = frozenset()) -> SceneView:
        def progress(generation_id: int) -> Progress:
            return Progress(self.progress[generation_id], Stage.PROCESSING, "Rendering")

        runs = [] if self.run is None else [self.run]
        (view,) = view_of(Standing(self.board, self.keyed, gone), progress, runs=runs).scenes
        return view


def test_the_percentages_of_the_pipeline_grow_from_step_to_step() -> None:
    bench = Bench()
    bench.runs()
    told = [bench.view()]
    for step in (PICTURE, CLIP):
        for state, percent in (
            (S.PENDING, 0), (S.SUBMITTING, 10), (S.PROCESSING, 20), (S.PROCESSING, 80),
            (S.DOWNLOADING, 90), (S.COMPLETED, 100),
        ):  # fmt: skip
            made = bench.has(step, state, percent=percent)
            told.append(bench.view())
        bench.chooses(**{"picture_id" if step is PICTURE else "take_id": made.id})
    told.append(bench.view())
    assert [(one.percent, one.words) for one in told] == [
        (5, "The picture waits for its turn"),
        (5, "Initializing"),
        (15, "Reading configuration and prompts"),
        (17, "Generating the picture"),
        (35, "Generating the picture"),
        (40, "Storing the picture"),
        (40, "The clip waits for its turn"),
        (40, "The clip waits for its turn"),
        (40, "Reading configuration and prompts"),
        (44, "Generating the clip"),
        (70, "Generating the clip"),
        (75, "Storing the clip"),
        (95, "Saving results"),
        (100, "Done"),
    ]


@pytest.mark.parametrize(
    ("stops", "is_approved", "state"),
    [
        (True, False, SceneState.APPROVAL),
        (True, True, SceneState.READY),
        (False, False, SceneState.READY),
    ],
)
def test_a_picture_waits_for_approval_where_the_scenario_wants_that(
    stops: bool, is_approved: bool, state: SceneState
) -> None:
    bench = Bench(stops=stops)
    bench.has(PICTURE, S.COMPLETED)
    bench.chooses(is_approved=is_approved)
    view = bench.view()
    assert (view.state, view.percent) == (state, 40)


def test_what_needs_a_decision_comes_before_everything_else() -> None:
    bench = Bench()
    bench.has(PICTURE, S.COMPLETED)
    bench.has(CLIP, S.UNKNOWN)
    view = bench.view()
    assert (view.state, view.problem) == (SceneState.ATTENTION, "Not today.")
    # it may have been paid for, so it is not missing
    assert bench.standing.missing(bench.board.scenes[0], CLIP) == []


def test_other_words_or_another_length_change_a_scene_and_ask_for_nothing() -> None:
    bench = Bench()
    bench.has(PICTURE, S.COMPLETED)
    bench.has(CLIP, S.COMPLETED)
    assert bench.view().state is SceneState.DONE
    scene = bench.board.scenes[0]
    bench.board = replace(bench.board, scenes=(replace(scene, visual_prompt="Other words"),))
    assert bench.view().state is SceneState.CHANGED
    assert bench.standing.missing(bench.board.scenes[0], CLIP) == []


def test_a_file_that_is_gone_makes_the_scene_one_that_misses_it() -> None:
    bench = Bench()
    picture = bench.has(PICTURE, S.COMPLETED)
    assert bench.view(frozenset({picture.id})).words == "Its picture is gone"
    clip = bench.has(CLIP, S.COMPLETED)
    # the clip is there: what it was made from no longer matters
    assert bench.view(frozenset({picture.id})).state is SceneState.DONE
    assert bench.view(frozenset({clip.id})).words == "Its clip is gone"


def test_a_new_round_shows_the_old_clip_until_the_new_one_is_there() -> None:
    bench = Bench()
    bench.has(PICTURE, S.COMPLETED)
    old = bench.has(CLIP, S.COMPLETED)
    bench.chooses(clip_round=1)
    assert (bench.view().take, bench.view().state) == (old, SceneState.DONE)
    bench.has(CLIP, S.PROCESSING, number=1)
    assert (bench.view().take, bench.view().state) == (old, SceneState.MAKING_CLIP)
    bench.has(CLIP, S.FAILED, number=1)
    view = bench.view()
    assert (view.take, view.state, view.problem) == (old, SceneState.FAILED, "Not today.")
    new = bench.has(CLIP, S.COMPLETED, number=1, take=2)
    assert bench.view().take == new


def missing(bench: Bench, step: Step) -> list[tuple[int, int]]:
    keys = bench.standing.missing(bench.board.scenes[0], step)
    return [(key.round, key.take) for key in keys]


def test_what_failed_is_asked_for_under_the_next_number_only() -> None:
    bench = Bench(takes=3)
    assert missing(bench, CLIP) == [(0, 1), (0, 2), (0, 3)]
    bench.has(CLIP, S.COMPLETED, take=1)
    bench.has(CLIP, S.FAILED, take=2)
    bench.has(CLIP, S.PROCESSING, take=3)
    assert missing(bench, CLIP) == [(0, 4)]
    # a run that planned three does not ask for a fourth by itself
    run = bench.runs(RunGoal.FILM, *(bench.key(CLIP, take) for take in (1, 2, 3)))
    decision = decide(bench.standing, run)
    assert (decision.asks, decision.active, decision.state) == ([], 1, RunState.RUNNING)
    bench.has(CLIP, S.COMPLETED, take=3)
    assert decide(bench.standing, run).state is RunState.FAILED


def test_a_take_that_was_deleted_is_paid_for_again_only_when_somebody_asks() -> None:
    bench = Bench(takes=3)
    for take in (1, 2, 3):
        bench.has(CLIP, S.COMPLETED, take=take)
    bench.keyed[1] = replace(bench.keyed[1], is_deleted=True)
    assert missing(bench, CLIP) == []
    bench.chooses(take_id=bench.keyed[0].generation.id)
    assert missing(bench, CLIP) == []
    bench.board = change_scene(bench.board, bench.board.scenes[0].uuid, takes=4)
    assert missing(bench, CLIP) == [(0, 4)]
    bench.chooses(clip_round=1, take_id=None)
    assert missing(bench, CLIP) == [(1, take) for take in (1, 2, 3, 4)]


def test_a_key_of_an_earlier_round_is_not_asked_for_any_more() -> None:
    bench = Bench()
    bench.has(PICTURE, S.COMPLETED)
    run = bench.runs()
    assert decide(bench.standing, run).asks == [bench.key(CLIP)]
    bench.chooses(clip_round=1)
    decision = decide(bench.standing, run)
    assert (decision.asks, decision.state) == ([], RunState.DONE)


def test_a_choice_that_is_known_nowhere_is_told_and_not_made_again() -> None:
    bench = Bench()
    bench.chooses(take_id=4711)
    assert bench.view().state is SceneState.MISSING
    assert missing(bench, CLIP) == []


def test_a_clip_waits_for_its_picture_and_fails_with_it() -> None:
    bench = Bench()
    run = bench.runs()
    assert decide(bench.standing, run).asks == [bench.key(PICTURE)]
    bench.has(PICTURE, S.PROCESSING)
    decision = decide(bench.standing, run)
    assert (decision.asks, decision.active, decision.arriving) == ([], 1, 1)
    bench.has(PICTURE, S.FAILED)
    decision = decide(bench.standing, run)
    assert decision.state is RunState.FAILED
    assert decision.failed == [
        "Scene 1 failed: Not today.", "Scene 1: there is no picture to begin with."
    ]  # fmt: skip


def test_an_empty_storyboard_has_a_view() -> None:
    board = Storyboard(a_board(0).scenario)
    view = view_of(Standing(board, []), lambda _id: None)
    assert (view.scenes, view.percent, view.is_made, view.is_rehearsed) == ((), 0, False, False)
    assert Choices() == Choices(picture_round=0)
