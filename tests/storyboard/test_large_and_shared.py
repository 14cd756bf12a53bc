"""Two hundred scenes, and two programs on one folder."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.core.studios import until
from tests.storyboard.made_boards import (
    a_board,
    a_studio,
    asked,
    booked,
    everything,
    made,
    rested,
    seen,
    until_state,
)
from veo_studio.core.models import GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.storyboard.models import RunGoal, RunState, SceneState
from veo_studio.core.studio import Studio


async def test_two_hundred_scenes_are_asked_for_in_portions_and_given_back() -> None:
    async with a_studio() as studio:
        await studio.queue.pause()
        runner = studio.storyboards.runner
        board = await studio.storyboards.repository.create(a_board(200))
        price = await studio.storyboards.price(board, RunGoal.FILM)
        assert (price.pictures, price.clips, price.problems) == (200, 200, ())
        before = await studio.wallet.balance()
        run = await runner.start(board, RunGoal.FILM)

        async def is_full() -> bool:
            return len(studio.queue.waiting_ids) == 100

        await until(is_full, studio)
        view = await seen(studio, board)
        states = Counter(one.state for one in view.scenes)
        assert states == {SceneState.MAKING_PICTURE: 100, SceneState.WAITING: 100}
        assert (await runner.cancel(run)).state is RunState.CANCELLED
        assert studio.queue.waiting_ids == ()
        assert await booked(studio) == Counter(charge=100, refund=100)
        assert await studio.wallet.balance() == before
        view = await seen(studio, board)
        assert {one.state for one in view.scenes} == {SceneState.READY}


async def test_listeners_hear_what_changes_and_a_broken_one_stops_nothing() -> None:
    async with a_studio() as studio:
        runner = studio.storyboards.runner
        heard: list[str] = []

        def broken(_uuid: str) -> None:
            raise RuntimeError("a bug of a view")

        ends = [runner.subscribe(broken), runner.subscribe(heard.append)]
        board = await studio.storyboards.repository.create(a_board(1))
        assert (await made(studio, board)).state is RunState.DONE
        assert set(heard) == {board.scenario.uuid}
        for end in ends:
            end()
        heard.clear()
        run = await runner.start(board, RunGoal.REHEARSAL)
        assert (await rested(studio, run)).state is RunState.DONE
        assert heard == []


async def test_a_run_of_another_program_goes_on_in_the_one_that_is_open() -> None:
    async with a_studio() as window:
        board = await window.storyboards.repository.create(a_board(2))
        command = await Studio.open(Paths.default(), Settings(), Secrets(), is_scheduler=False)
        try:
            run = await command.storyboards.runner.start(board, RunGoal.FILM)
            run = await rested(command, run)
            assert (run.state, run.reason) == (RunState.DONE, "")
            view = await seen(command, board)
            assert [one.state for one in view.scenes] == [SceneState.DONE] * 2
        finally:
            await command.close()
        assert len(await asked(window, board)) == 4
        view = await seen(window, board)
        assert [one.state for one in view.scenes] == [SceneState.DONE] * 2


async def test_a_command_that_ends_at_once_leaves_its_run_to_the_window() -> None:
    async with a_studio() as window:
        board = await window.storyboards.repository.create(a_board(1))
        command = await Studio.open(Paths.default(), Settings(), Secrets(), is_scheduler=False)
        try:
            run = await command.storyboards.runner.start(board, RunGoal.FILM)
        finally:
            await command.close()
        await until_state(window, run, RunState.DONE)
        assert len(await asked(window, board)) == 2


async def test_a_window_ends_what_a_command_began() -> None:
    async with a_studio() as window:
        board = await window.storyboards.repository.create(a_board(2))
        await window.queue.pause()
        command = await Studio.open(Paths.default(), Settings(), Secrets(), is_scheduler=False)
        try:
            run = await command.storyboards.runner.start(board, RunGoal.FILM)
            run = await rested(command, run)
            assert (run.state, run.reason) == (RunState.WAITING, "The queue is paused.")
            await window.storyboards.runner.cancel(run)
            assert (await rested(command, run)).state is RunState.CANCELLED
        finally:
            await command.close()
        assert await asked(window, board) == [("picture:0:1", GenerationState.CANCELLED)] * 2
        await window.queue.unpause()
        assert (await made(window, board)).state is RunState.DONE


async def test_two_clicks_at_once_make_everything_once() -> None:
    async with a_studio() as studio:
        runner = studio.storyboards.runner
        board = await studio.storyboards.repository.create(a_board(2))
        runs = await asyncio.gather(*(runner.start(board, RunGoal.FILM) for _ in range(5)))
        assert len({run.id for run in runs}) == 1
        assert (await rested(studio, runs[0])).state is RunState.DONE
        assert len(await everything(studio)) == 4
