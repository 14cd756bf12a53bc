"""Scenes that belong together: one that follows another, takes, copies, rehearsals, and what is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.storyboard.made_boards import a_board, a_studio, asked, everything, made, rested, seen
from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import GenerationState
from veo_studio.core.storyboard.edits import (
    change_scenario,
    change_scene,
    delete_scenes,
    duplicate_scenes,
)
from veo_studio.core.storyboard.models import (
    ModelRef,
    RunGoal,
    RunState,
    SceneState,
    Step,
    Storyboard,
)
from veo_studio.core.studio import Studio


async def saved(studio: Studio, board: Storyboard) -> Storyboard:
    """What was edited, on top of what is stored."""
    stored = await studio.storyboards.repository.get(board.scenario.uuid)
    return await studio.storyboards.repository.save(replace(board, revision=stored.revision))


async def test_takes_have_seeds_of_their_own_and_the_first_one_stands() -> None:
    async with a_studio() as studio:
        board = a_board(1)
        board = change_scene(board, board.scenes[0].uuid, takes=3)
        board = await studio.storyboards.repository.create(board)
        assert (await studio.storyboards.price(board, RunGoal.FILM)).clips == 3
        assert (await made(studio, board)).state is RunState.DONE
        (view,) = (await seen(studio, board)).scenes
        assert sorted(one.config.seed or 0 for one in view.takes) == [7, 8, 9]
        assert {one.take_group for one in view.takes} == {view.takes[0].take_group}
        assert view.take is not None
        # one take more is all that is missing then
        board = await saved(studio, change_scene(board, board.scenes[0].uuid, takes=4))
        price = await studio.storyboards.price(board, RunGoal.FILM)
        assert (price.pictures, price.clips) == (0, 1)
        assert (await made(studio, board)).state is RunState.DONE
        assert len((await seen(studio, board)).scenes[0].takes) == 4


async def test_a_copy_of_a_scene_costs_nothing() -> None:
    async with a_studio() as studio:
        board = await studio.storyboards.repository.create(a_board(1))
        await made(studio, board)
        board = await studio.storyboards.repository.get(board.scenario.uuid)
        board = await saved(studio, duplicate_scenes(board, [board.scenes[0].uuid]))
        view = await seen(studio, board)
        assert [one.state for one in view.scenes] == [SceneState.DONE] * 2
        assert view.scenes[0].take == view.scenes[1].take
        assert (await studio.storyboards.price(board, RunGoal.FILM)).count == 0
        # what is made anew for the copy leaves the first one as it is
        run = await studio.storyboards.runner.redo(
            board.scenario.uuid, board.scenes[1].uuid, Step.CLIP
        )
        assert (await rested(studio, run)).state is RunState.DONE
        after = await seen(studio, board)
        assert after.scenes[0].take == view.scenes[0].take
        assert after.scenes[1].take != view.scenes[1].take


async def test_a_rehearsal_is_free_has_the_right_timing_and_leaves_the_price_as_it_was() -> None:
    async with a_studio() as studio:
        board = a_board(2)
        board = change_scene(board, board.scenes[1].uuid, duration_s=3)
        board = await studio.storyboards.repository.create(board)
        price = await studio.storyboards.price(board, RunGoal.REHEARSAL)
        assert (price.rehearsals, price.is_free) == (2, True)
        assert (await made(studio, board, RunGoal.REHEARSAL)).state is RunState.DONE
        view = await seen(studio, board)
        assert view.is_rehearsed
        lengths = [one.rehearsal.config.duration_s for one in view.scenes if one.rehearsal]
        assert lengths == [2, 3]
        assert [one.state for one in view.scenes] == [SceneState.READY] * 2
        # of words or a length that changed, and of nothing else
        board = await saved(studio, change_scene(board, board.scenes[0].uuid, duration_s=3))
        assert (await studio.storyboards.price(board, RunGoal.REHEARSAL)).rehearsals == 1
        assert (await made(studio, board, RunGoal.REHEARSAL)).state is RunState.DONE
        view = await seen(studio, board)
        lengths = [one.rehearsal.config.duration_s for one in view.scenes if one.rehearsal]
        assert lengths == [3, 3]
        real = await studio.storyboards.price(board, RunGoal.FILM)
        assert (real.pictures, real.clips) == (2, 2)


@pytest.mark.parametrize("step", [Step.PICTURE, Step.CLIP])
async def test_a_file_that_is_gone_is_told_and_not_paid_for_again(step: Step) -> None:
    async with a_studio() as studio:
        goal = RunGoal.PICTURES if step is Step.PICTURE else RunGoal.FILM
        board = await studio.storyboards.repository.create(a_board(2))
        await made(studio, board, goal)
        lost = (await seen(studio, board)).scenes[1]
        generation = lost.picture if step is Step.PICTURE else lost.take
        assert generation is not None
        assert generation.video_path is not None
        aside = generation.video_path.with_suffix(".aside")
        generation.video_path.rename(aside)
        view = (await seen(studio, board)).scenes[1]
        assert view.state is SceneState.MISSING
        assert generation.video_path.name in view.problem
        thing = "picture" if step is Step.PICTURE else "clip"
        count = len(await everything(studio))
        with pytest.raises(ValueError, match=f"Scene 2: its {thing} is not where it was put"):
            await studio.storyboards.runner.start(board, RunGoal.FILM)
        assert len(await everything(studio)) == count
        aside.rename(generation.video_path)
        assert (await seen(studio, board)).scenes[1].state is not SceneState.MISSING


async def test_a_take_that_was_deleted_can_be_made_anew() -> None:
    async with a_studio() as studio:
        runner = studio.storyboards.runner
        board = await studio.storyboards.repository.create(a_board(1))
        await made(studio, board)
        (before,) = (await seen(studio, board)).scenes
        assert before.take is not None
        forgotten = await studio.generations.update(before.take.id, deleted_at=studio.clock.now())
        studio.events.emit(GenerationEvent(EventKind.REMOVED, forgotten))
        assert (await seen(studio, board)).scenes[0].state is SceneState.MISSING
        price = await runner.price(board, RunGoal.FILM)
        assert price.problems
        run = await runner.redo(board.scenario.uuid, before.scene.uuid, Step.CLIP)
        assert (await rested(studio, run)).state is RunState.DONE
        (after,) = (await seen(studio, board)).scenes
        assert after.state is SceneState.DONE
        assert after.take is not None
        assert after.take.id != before.take.id


async def test_bad_scenes_are_told_before_anything_begins() -> None:
    async with a_studio() as studio:
        board = a_board(3)
        first, second, third = (scene.uuid for scene in board.scenes)
        board = change_scene(board, first, image_prompt="", visual_prompt="")
        board = change_scene(board, second, image_prompt="@nobody waits at the harbour")
        board = change_scene(board, third, image_prompt="A" * 2500)
        board = await studio.storyboards.repository.create(board)
        with pytest.raises(ValueError) as told:
            await studio.storyboards.runner.start(board, RunGoal.FILM)
        sentences = str(told.value).splitlines()
        assert [one.split(":")[0] for one in sentences] == ["Scene 1", "Scene 2", "Scene 3"]
        assert "@nobody" in sentences[1]
        assert await everything(studio) == []
        assert await studio.storyboards.repository.unfinished_runs() == []
        view = await seen(studio, board)
        assert [one.state for one in view.scenes] == [
            SceneState.EMPTY, SceneState.READY, SceneState.READY
        ]  # fmt: skip


async def test_a_board_without_scenes_or_with_unknown_models_says_so() -> None:
    async with a_studio() as studio:
        empty = await studio.storyboards.repository.create(a_board(0))
        with pytest.raises(ValueError, match="no scenes"):
            await studio.storyboards.runner.start(empty, RunGoal.FILM)
        board = change_scenario(a_board(1), clip_model=ModelRef("runway", "gen4.5"))
        board = await studio.storyboards.repository.create(board)
        price = await studio.storyboards.price(board, RunGoal.FILM)
        (problem,) = price.problems
        assert problem.startswith("Runway: Open Settings > Services")


async def test_a_scene_that_is_deleted_while_it_waits_is_not_asked_for() -> None:
    async with a_studio() as studio:
        runner = studio.storyboards.runner
        board = await studio.storyboards.repository.create(a_board(2, stops_for_approval=True))
        run = await made(studio, board)
        assert run.state is RunState.APPROVAL
        board = await studio.storyboards.repository.get(board.scenario.uuid)
        gone = board.scenes[0].uuid
        board = await saved(studio, delete_scenes(board, [gone]))
        await runner.approve(board.scenario.uuid)
        assert (await rested(studio, run)).state is RunState.DONE
        steps = [name for name, _ in await asked(studio, board)]
        assert sorted(steps) == ["clip:0:1", "picture:0:1", "picture:0:1"]


async def test_a_run_goes_on_in_the_next_start_of_the_program() -> None:
    async with a_studio() as studio:
        board = await studio.storyboards.repository.create(a_board(1, stops_for_approval=True))
        run = await made(studio, board)
    async with a_studio() as studio:
        assert (await rested(studio, run)).state is RunState.APPROVAL
        await studio.storyboards.runner.approve(board.scenario.uuid)
        assert (await rested(studio, run)).state is RunState.DONE
        states = {state for _, state in await asked(studio, board)}
        assert states == {GenerationState.COMPLETED}
    with pytest.raises(StorageError):
        await studio.storyboards.runner.view(board.scenario.uuid)
