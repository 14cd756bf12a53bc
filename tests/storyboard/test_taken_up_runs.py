"""A run that was killed goes on, or says why it cannot; nothing of it breaks the start."""

from __future__ import annotations

import signal

from tests.core.studios import open_studio
from tests.storyboard.made_boards import a_board, asked, rested, seen
from tests.storyboard.test_kill_board import drive
from veo_studio.core.models import GenerationState
from veo_studio.core.storyboard.models import RunGoal, RunState, SceneState

_S = GenerationState


async def test_a_rehearsal_that_was_being_sent_is_sent_once_more() -> None:
    async with open_studio() as studio:
        board = await studio.storyboards.repository.create(a_board(1))
    code, _ = await drive(RunGoal.REHEARSAL, crash="K05")
    assert code == -signal.SIGKILL
    async with open_studio() as studio:
        # as a command does it, which takes up nothing else
        (run,) = await studio.storyboards.runner.resume(board.scenario.uuid)
        assert (await rested(studio, run)).state is RunState.DONE
        assert await asked(studio, board) == [("rehearsal:0:1", _S.COMPLETED)]
        assert await studio.wallet.check() == []


async def test_a_rehearsal_of_a_cancelled_run_is_asked_for_anew() -> None:
    async with open_studio() as studio:
        board = await studio.storyboards.repository.create(a_board(1))
    await drive(RunGoal.REHEARSAL, crash="K05")
    async with open_studio() as studio:
        runner = studio.storyboards.runner
        await studio.queue.recover()
        (run,) = await studio.storyboards.repository.unfinished_runs()
        await runner.cancel(run)
        assert (await runner.price(board, RunGoal.REHEARSAL)).rehearsals == 1
        run = await rested(studio, await runner.start(board, RunGoal.REHEARSAL))
        assert run.state is RunState.DONE
        assert [state for _, state in await asked(studio, board)] == [_S.UNKNOWN, _S.COMPLETED]
        (scene,) = (await seen(studio, board)).scenes
        assert scene.rehearsal is not None
        assert scene.state is not SceneState.ATTENTION
