"""A storyboard through the rehearsal engine: pictures, approval, clips, and nothing asked for twice."""

from __future__ import annotations

import asyncio

import pytest

from tests.storyboard.made_boards import a_board, a_studio, asked, made, rested, seen
from veo_studio.core.models import GenerationState, InputRole
from veo_studio.core.storyboard.models import Run, RunGoal, RunState, SceneState, Step

_DONE = GenerationState.COMPLETED


async def test_a_run_makes_a_picture_and_a_clip_of_it_for_each_scene() -> None:
    async with a_studio() as studio:
        board = await studio.storyboards.repository.create(a_board(2))
        run = await made(studio, board)
        assert (run.state, run.reason) == (RunState.DONE, "")
        view = await seen(studio, board)
        assert [one.state for one in view.scenes] == [SceneState.DONE, SceneState.DONE]
        assert view.percent == 100
        for one in view.scenes:
            assert one.picture is not None
            assert one.take is not None
            assert one.scene.choices.picture_id == one.picture.id
            assert one.scene.choices.take_id == one.take.id
            (first,) = one.take.config.inputs
            assert (first.role, first.generation_id) == (InputRole.FIRST_FRAME, one.picture.id)
            assert (one.take.config.aspect_ratio, one.take.config.resolution) == ("16:9", "480p")
            assert one.take.config.seed == 7
        told = await asked(studio, board)
        assert sorted(told) == [("clip:0:1", _DONE)] * 2 + [("picture:0:1", _DONE)] * 2


async def test_a_run_stops_for_approval_and_goes_on_scene_by_scene() -> None:
    async with a_studio() as studio:
        runner = studio.storyboards.runner
        board = await studio.storyboards.repository.create(a_board(2, stops_for_approval=True))
        run = await made(studio, board)
        assert run.state is RunState.APPROVAL
        assert run.reason == "2 pictures wait for your approval."
        view = await seen(studio, board)
        assert [one.state for one in view.scenes] == [SceneState.APPROVAL] * 2
        assert [one.percent for one in view.scenes] == [40, 40]
        first, second = (scene.uuid for scene in board.scenes)
        await runner.approve(board.scenario.uuid, [second])
        run = await rested(studio, run)
        assert run.state is RunState.APPROVAL
        view = await seen(studio, board)
        assert [one.state for one in view.scenes] == [SceneState.APPROVAL, SceneState.DONE]
        await runner.approve(board.scenario.uuid)
        run = await rested(studio, run)
        assert run.state is RunState.DONE
        assert len(await asked(studio, board)) == 4
        assert (await seen(studio, board)).scene(first).state is SceneState.DONE


async def test_a_row_that_was_read_before_the_approval_is_not_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_studio() as studio:
        runner, repository = studio.storyboards.runner, studio.storyboards.repository
        board = await repository.create(a_board(1, stops_for_approval=True))
        run = await made(studio, board)
        assert run.state is RunState.APPROVAL
        read, write = repository.run, repository.set_run
        over, late, waiting = asyncio.Event(), [], asyncio.current_task()

        async def read_late(run_id: int) -> Run:
            found = await read(run_id)
            if not late and asyncio.current_task() is waiting:
                late.append(found)
                # meanwhile the approval is seen, and all of its work is done
                await over.wait()
            return found

        async def write_and_tell(run_id: int, state: RunState, reason: str = "") -> Run:
            written = await write(run_id, state, reason)
            if state.is_over:
                over.set()
            return written

        monkeypatch.setattr(repository, "run", read_late)
        monkeypatch.setattr(repository, "set_run", write_and_tell)
        await runner.approve(board.scenario.uuid)
        async with asyncio.timeout(60):
            assert (await runner.wait(run.id)).state is RunState.DONE
        assert late


async def test_what_is_there_is_never_asked_for_again() -> None:
    async with a_studio() as studio:
        board = await studio.storyboards.repository.create(a_board(2))
        first = board.scenes[0].uuid
        await made(studio, board, RunGoal.FILM, [first])
        price = await studio.storyboards.price(board, RunGoal.FILM)
        assert (price.pictures, price.clips) == (1, 1)
        assert (price.kept_pictures, price.kept_clips) == (1, 1)
        await made(studio, board)
        with pytest.raises(ValueError, match="Nothing is missing"):
            await studio.storyboards.runner.start(board, RunGoal.FILM)
        assert len(await asked(studio, board)) == 4


async def test_one_step_is_made_anew_and_the_others_stay() -> None:
    async with a_studio() as studio:
        runner = studio.storyboards.runner
        board = await studio.storyboards.repository.create(a_board(1))
        await made(studio, board)
        before = (await seen(studio, board)).scenes[0]
        run = await runner.redo(board.scenario.uuid, before.scene.uuid, Step.CLIP)
        assert (await rested(studio, run)).state is RunState.DONE
        after = (await seen(studio, board)).scenes[0]
        assert before.take is not None
        assert after.take is not None
        assert after.picture == before.picture
        assert [one.id for one in after.takes] == [before.take.id, after.take.id]
        # with the same seed it would be the same clip
        assert after.take.config.seed == 1007
        await runner.choose_take(board.scenario.uuid, after.scene.uuid, before.take.id)
        again = (await seen(studio, board)).scenes[0]
        assert again.take == before.take
        assert again.state is SceneState.DONE
