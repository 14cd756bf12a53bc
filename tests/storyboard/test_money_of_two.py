"""What a run still has to ask for is not given to another storyboard: each is made whole, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.storyboard.made_boards import a_board, a_studio, made, rested, until_state
from tests.storyboard.runway_films import film_runway
from veo_studio.core.errors import BudgetExceeded, NotEnoughTokens
from veo_studio.core.models import BudgetPeriod
from veo_studio.core.storyboard.models import RunGoal, RunState

RATIO = "1280:720"


async def test_tokens_of_a_run_are_not_given_to_another_storyboard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner, repository = studio.storyboards.runner, studio.storyboards.repository
        first = await repository.create(a_board(1, resolution=RATIO, stops_for_approval=True))
        run = await made(studio, first)
        assert run.state is RunState.APPROVAL
        # its clip costs ten; the other storyboard eleven for each scene
        balance = await studio.wallet.balance()
        count = balance // 11
        assert balance - 11 * count < 10
        second = await repository.create(a_board(count, resolution=RATIO))
        price = await runner.price(second, RunGoal.FILM)
        assert f"wallet holds {balance}: 10 tokens and about $" in price.shortage
        assert "kept for storyboards that are being made already" in price.shortage
        with pytest.raises(NotEnoughTokens):
            await runner.start(second, RunGoal.FILM)
        assert len(server.paid) == 1
        # a smaller one has room, and is told what is kept
        small = await repository.create(a_board(1, resolution=RATIO))
        told = await runner.price(small, RunGoal.FILM)
        assert told.is_possible
        assert told.notes[-1].startswith("10 tokens and about $")
        # its own money holds nobody up: what was begun is finished
        await runner.approve(first.scenario.uuid)
        await until_state(studio, run, RunState.DONE)
        assert (await runner.price(small, RunGoal.FILM)).notes == told.notes[:-1]


async def test_a_budget_is_shared_with_what_still_has_to_be_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch), a_studio() as studio:
        runner, repository = studio.storyboards.runner, studio.storyboards.repository
        first = await repository.create(a_board(1, resolution=RATIO, stops_for_approval=True))
        whole = (await runner.price(first, RunGoal.FILM)).cost_usd
        assert whole is not None
        run = await made(studio, first)
        (today,) = [one for one in await studio.wallet.budgets() if one.period is BudgetPeriod.DAY]
        # room for either of them, and not for both
        limit_usd = today.spent_usd + whole + Decimal("0.01")
        await studio.wallet.set_budget(BudgetPeriod.DAY, limit_usd)
        second = await repository.create(a_board(1, resolution=RATIO))
        with pytest.raises(BudgetExceeded, match="of it is kept for storyboards"):
            await runner.start(second, RunGoal.FILM)
        # the one that began first goes on, whoever else wants the money
        await runner.approve(first.scenario.uuid)
        run = await rested(studio, run)
        assert run.reason == ""
        assert run.state is RunState.DONE
