"""A run that was killed goes on, or says why it cannot; nothing of it breaks the start."""

from __future__ import annotations

import asyncio
import signal

import pytest

from tests.core.studios import open_studio
from tests.storyboard.made_boards import a_board, asked, rested, seen
from tests.storyboard.runway_films import film_runway
from tests.storyboard.test_kill_board import drive
from veo_studio.core.models import GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.storyboard.models import RunGoal, RunState, SceneState, Storyboard
from veo_studio.core.studio import Studio

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


async def ask_and_end(board: Storyboard) -> None:
    """A program that asks for the first picture, sends nothing, and is gone."""
    studio = await Studio.open(Paths.default(), Settings(), Secrets(), is_scheduler=False)
    told = asyncio.Event()
    end = studio.storyboards.runner.subscribe(lambda _uuid: told.set())
    try:
        async with asyncio.timeout(60):
            await studio.storyboards.runner.start(board, RunGoal.FILM)
            while not await asked(studio, board):
                await told.wait()
                told.clear()
    finally:
        end()
        await studio.close()


async def test_a_run_whose_key_is_gone_waits_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async with film_runway(monkeypatch) as server:
        async with open_studio() as studio:
            board = await studio.storyboards.repository.create(a_board(1, resolution="1280:720"))
        await ask_and_end(board)
        with monkeypatch.context() as without:
            without.delenv("RUNWAYML_API_SECRET")
            async with open_studio() as studio:
                runner = studio.storyboards.runner
                (run,) = await runner.resume(board.scenario.uuid)
                assert run.state is RunState.WAITING
                run = await rested(studio, run)
                assert run.state is RunState.WAITING
                assert "key" in run.reason
                with pytest.raises(ValueError, match="key"):
                    await runner.start(board, RunGoal.FILM)
        assert server.paid == []
        # the key is back
        async with open_studio() as studio:
            (run,) = await studio.storyboards.runner.resume(board.scenario.uuid)
            run = await rested(studio, run)
            assert run.state is RunState.DONE
            assert len(server.paid) == 2
            assert await studio.wallet.check() == []
