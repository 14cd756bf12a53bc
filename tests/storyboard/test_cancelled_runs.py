"""A run that is cancelled on its way, and begun once more: what was paid is used, nothing is paid twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.core.studios import until
from tests.providers.servers import runway as script
from tests.storyboard.made_boards import (
    a_board,
    a_studio,
    asked,
    booked,
    everything,
    rested,
    seen,
)
from tests.storyboard.runway_films import FilmRunway, film_runway
from veo_studio.core.models import GenerationState
from veo_studio.core.storyboard.ending import stop_unsent
from veo_studio.core.storyboard.models import RunGoal, RunState, SceneState
from veo_studio.core.studio import Studio

RATIO = "1104:832"
_S = GenerationState


async def until_sent(studio: Studio, count: int) -> None:
    async def is_sent() -> bool:
        stored = await everything(studio)
        return sum(one.state is _S.PROCESSING for one in stored) == count

    await until(is_sent, studio)


def let_arrive(server: FilmRunway) -> None:
    server.states = [script.succeeded()]
    for task in server.tasks.values():
        task.states.append(script.succeeded())


async def test_begun_again_while_pictures_arrive_it_waits_for_them_and_pays_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner = studio.storyboards.runner
        server.states = [script.running_state(0.1)]
        board = await studio.storyboards.repository.create(a_board(4, resolution=RATIO))
        before = await studio.wallet.balance()
        first = await runner.start(board, RunGoal.FILM)
        # Runway takes two at once; the others wait
        await until_sent(studio, 2)
        assert (await runner.cancel(first)).state is RunState.CANCELLED
        price = await runner.price(board, RunGoal.FILM)
        assert (price.pictures, price.clips) == (2, 4)
        again = await runner.start(board, RunGoal.FILM)
        assert again.id != first.id
        let_arrive(server)
        again = await rested(studio, again)
        assert (again.state, again.reason) == (RunState.DONE, "")
        view = await seen(studio, board)
        assert [one.state for one in view.scenes] == [SceneState.DONE] * 4
        assert (len(server.pictures), len(server.clips)) == (4, 4)
        assert server.deleted == []
        assert Counter(await asked(studio, board)) == {
            ("picture:0:1", _S.COMPLETED): 2, ("picture:0:1", _S.CANCELLED): 2,
            ("picture:0:2", _S.COMPLETED): 2, ("clip:0:1", _S.COMPLETED): 4,
        }  # fmt: skip
        assert await studio.wallet.balance() == before - 4 - 40
        assert (await booked(studio))["refund"] == 2


async def test_begun_again_at_once_however_far_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner = studio.storyboards.runner
        board = a_board(3, resolution=RATIO, stops_for_approval=True)
        board = await studio.storyboards.repository.create(board)
        # each time from another place: nothing asked for, waiting, being sent, sent
        for _ in range(3):
            run = await runner.start(board, RunGoal.FILM)
            await runner.cancel(run)
        run = await rested(studio, await runner.start(board, RunGoal.FILM))
        assert run.state is RunState.APPROVAL
        assert run.reason == "3 pictures wait for your approval."
        assert len(server.pictures) == 3
        assert server.deleted == []


async def test_it_stops_for_approval_once_all_of_the_pictures_have_arrived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner = studio.storyboards.runner
        server.states = [script.running_state(0.1)]
        board = a_board(2, resolution=RATIO, stops_for_approval=True)
        board = await studio.storyboards.repository.create(board)
        run = await runner.start(board, RunGoal.FILM)
        await until_sent(studio, 2)
        await runner.cancel(run)
        again = await runner.start(board, RunGoal.FILM)
        one, other = server.tasks.values()
        one.states.append(script.succeeded())
        await until_sent(studio, 1)
        assert (await studio.storyboards.repository.run(again.id)).state is RunState.RUNNING
        other.states.append(script.succeeded())
        again = await rested(studio, again)
        assert again.state is RunState.APPROVAL
        assert again.reason == "2 pictures wait for your approval."
        assert len(server.paid) == 2


async def test_what_was_sent_while_the_others_were_stopped_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_answered = asyncio.Event()

    async def answer_late(call: script.Call) -> None:
        await is_answered.wait()
        await script.accept(call)

    async with film_runway(monkeypatch) as server, a_studio() as studio:
        server.submit_steps.append(answer_late)
        board = await studio.storyboards.repository.create(a_board(1, resolution=RATIO))
        run = await studio.storyboards.runner.start(board, RunGoal.PICTURES)

        async def is_at_runway() -> bool:
            return len(server.paid) == 1

        await until(is_at_runway, studio)
        (picture,) = await everything(studio)
        # it waited when the list of them was read
        stopping = asyncio.ensure_future(stop_unsent(studio, picture.id))
        is_answered.set()
        await stopping
        assert (await rested(studio, run)).state is RunState.DONE
        assert server.deleted == []
        assert len(server.paid) == 1
        (picture,) = await everything(studio)
        assert picture.state is _S.COMPLETED


async def test_a_picture_whose_fate_is_not_known_is_told_by_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner = studio.storyboards.runner
        board = await studio.storyboards.repository.create(a_board(1, resolution=RATIO))
        server.submit_steps.append(script.accept_and_reset)
        run = await runner.start(board, RunGoal.FILM)
        assert (await rested(studio, run)).state is RunState.WAITING
        await runner.cancel(run)
        # its picture may have been paid for: only the clip is missing, and that cannot begin
        again = await rested(studio, await runner.start(board, RunGoal.FILM))
        assert again.state is RunState.WAITING
        assert again.reason.startswith("Scene 1 needs your decision")
        assert len(server.paid) == 1
        (lost,) = await everything(studio)
        await studio.queue.mark_failed(lost.id)
        assert (await rested(studio, again)).state is RunState.FAILED
        assert (await rested(studio, await runner.start(board, RunGoal.FILM))).state is (
            RunState.DONE
        )
        assert (len(server.pictures), len(server.clips)) == (2, 1)


async def test_a_storyboard_that_is_deleted_leaves_nothing_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner, repository = studio.storyboards.runner, studio.storyboards.repository
        server.states = [script.running_state(0.1)]
        board = await repository.create(a_board(4, resolution=RATIO))
        before = await studio.wallet.balance()
        run = await runner.start(board, RunGoal.FILM)
        await until_sent(studio, 2)
        assert await runner.delete(board) == 2
        assert await repository.entries() == []
        assert studio.queue.waiting_ids == ()
        assert await studio.wallet.balance() == before - 2
        let_arrive(server)
        for one in await everything(studio):
            await studio.queue.wait(one.id)
        assert len(server.paid) == 2
        # undo brings it back with what has arrived; nothing begins by itself
        board = await repository.restore(board.id)
        view = await seen(studio, board)
        assert view.run is not None
        assert (view.run.id, view.run.state) == (run.id, RunState.CANCELLED)
        assert sum(one.picture is not None for one in view.scenes) == 2
        price = await runner.price(board, RunGoal.FILM)
        assert (price.pictures, price.clips) == (2, 4)


async def test_a_storyboard_that_rests_is_deleted_and_nothing_is_said_of_a_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        board = await studio.storyboards.repository.create(a_board(1, resolution=RATIO))
        assert await studio.storyboards.runner.delete(board) == 0
        assert server.paid == []
