"""A run asks for nothing at a higher price than was agreed to when it began."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.storyboard.made_boards import a_board, a_studio, everything, made, rested, seen
from tests.storyboard.runway_films import film_runway
from veo_studio.core.storyboard.agreed import is_dearer
from veo_studio.core.storyboard.edits import change_scenario, change_scene
from veo_studio.core.storyboard.models import KeyPrice, ModelRef, RunGoal, RunState, SceneState

RATIO = "1280:720"
_CHEAP = ModelRef("runway", "gen4_turbo")
_DEAR = ModelRef("runway", "veo3.1")


async def test_dearer_clips_wait_until_somebody_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner, repository = studio.storyboards.runner, studio.storyboards.repository
        board = a_board(2, resolution=RATIO, clip_model=_CHEAP, stops_for_approval=True)
        board = await repository.create(board)
        run = await made(studio, board)
        assert run.state is RunState.APPROVAL
        before = sum(price.cost_usd or 0 for price in list(run.agreed.values()))
        board = await repository.get(board.scenario.uuid)
        await repository.save(change_scenario(board, clip_model=_DEAR))
        await runner.approve(board.scenario.uuid)
        run = await rested(studio, run)
        assert run.state is RunState.WAITING
        assert run.reason.startswith("2 things cost more than when this run began: 20 tokens, ")
        assert "Go on pays what it costs now" in run.reason
        assert server.clips == []
        view = await seen(studio, board)
        assert {one.problem for one in view.scenes} == {run.reason}
        # it stays so over a new start of the program
        assert (await repository.run(run.id)).agreed == run.agreed
        # somebody goes on: that is the price from now on
        again = await made(studio, board)
        assert (again.id, again.state) == (run.id, RunState.DONE)
        assert [body["model"] for body in server.clips] == ["veo3.1", "veo3.1"]
        assert sum(price.cost_usd or 0 for price in again.agreed.values()) > before


async def test_changed_back_it_goes_on_and_what_is_not_dearer_never_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner, repository = studio.storyboards.runner, studio.storyboards.repository
        board = a_board(2, resolution=RATIO, clip_model=_CHEAP, stops_for_approval=True)
        board = await repository.create(board)
        first, second = (scene.uuid for scene in board.scenes)
        run = await made(studio, board)
        board = await repository.get(board.scenario.uuid)
        # a longer scene is dearer, too; the other one is made
        await repository.save(change_scene(board, first, duration_s=10))
        await runner.approve(board.scenario.uuid)
        run = await rested(studio, run)
        assert run.state is RunState.WAITING
        assert run.reason.startswith("1 thing costs more than when this run began: 10 tokens, ")
        assert (await seen(studio, board)).scene(second).state is SceneState.DONE
        assert len(server.clips) == 1
        board = await repository.get(board.scenario.uuid)
        await repository.save(change_scene(board, first, duration_s=2))
        assert (await made(studio, board)).state is RunState.DONE
        assert len(server.clips) == 2
        assert len(await everything(studio)) == 4


async def test_a_free_rehearsal_is_no_agreement_to_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner, repository = studio.storyboards.runner, studio.storyboards.repository
        free = ModelRef("rehearsal", "rehearsal-1")
        sketch = ModelRef("rehearsal", "rehearsal-picture")
        board = a_board(1, clip_model=free, picture_model=sketch, stops_for_approval=True)
        board = await repository.create(board)
        run = await made(studio, board, RunGoal.FILM)
        assert run.state is RunState.APPROVAL
        board = await repository.get(board.scenario.uuid)
        await repository.save(change_scenario(board, clip_model=_CHEAP, resolution=RATIO))
        await runner.approve(board.scenario.uuid)
        run = await rested(studio, run)
        assert run.state is RunState.WAITING
        assert "instead of 0 tokens, about $0.00" in run.reason
        assert server.paid == []


async def test_a_cheaper_model_of_somebody_else_is_no_agreement_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner, repository = studio.storyboards.runner, studio.storyboards.repository
        board = a_board(1, resolution=RATIO, clip_model=_DEAR, stops_for_approval=True)
        board = await repository.create(board)
        run = await made(studio, board)
        assert run.state is RunState.APPROVAL
        board = await repository.get(board.scenario.uuid)
        await repository.save(change_scenario(board, clip_model=_CHEAP))
        await runner.approve(board.scenario.uuid)
        run = await rested(studio, run)
        assert run.state is RunState.WAITING
        assert run.reason.startswith("gen4_turbo would make 1 thing instead of veo3.1, which was")
        assert server.clips == []
        again = await made(studio, board)
        assert (again.id, again.state) == (run.id, RunState.DONE)
        assert [body["model"] for body in server.clips] == ["gen4_turbo"]


def test_what_is_dearer() -> None:
    known, unknown = KeyPrice(10, Decimal("0.50")), KeyPrice(10, None)
    assert not is_dearer(known, None)
    assert not is_dearer(known, known)
    assert not is_dearer(KeyPrice(10, Decimal("0.40")), known)
    assert is_dearer(KeyPrice(10, Decimal("0.51")), known)
    assert is_dearer(KeyPrice(11, Decimal("0.10")), known)
    assert is_dearer(unknown, known)
    assert not is_dearer(known, unknown)
