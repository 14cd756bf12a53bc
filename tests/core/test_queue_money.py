"""What the queue may spend: budgets, choices about the unknown, and books that are not sound."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from tests.core.studios import google, omni, open_studio, scripted_google, settled, sketch, until
from veo_studio.core.errors import (
    BudgetExceeded,
    LedgerDamaged,
    StorageError,
)
from veo_studio.core.models import (
    BudgetPeriod,
    Charge,
    Choice,
    GenerationState,
    PauseKind,
)
from veo_studio.core.studio import Studio

S = GenerationState


class TestBudgets:
    @pytest.mark.parametrize("period", list(BudgetPeriod))
    async def test_a_limit_holds_before_anything_is_stored_or_sent(
        self, monkeypatch: pytest.MonkeyPatch, period: BudgetPeriod
    ) -> None:
        async with scripted_google(monkeypatch) as server, open_studio() as studio:
            price = studio.wallet.estimate(
                studio.catalog.find("gemini-omni-1.2-flash", "gemini"), omni().config
            ).cost_usd
            assert price == Decimal("0.069")
            await studio.wallet.set_budget(period, price * 2)
            with pytest.raises(BudgetExceeded) as caught:
                await studio.queue.enqueue([omni(), omni(), omni()])
            assert caught.value.period is period
            assert caught.value.needed_usd == price * 3
            assert await studio.generations.count() == 0
            assert len(server.accepted) == 0
            await studio.queue.pause()
            await studio.queue.enqueue([omni(), omni()])
            if period is not BudgetPeriod.BATCH:
                with pytest.raises(BudgetExceeded):
                    await studio.queue.enqueue([omni()])
            spent = {state.period: state.spent_usd for state in await studio.wallet.budgets()}
            assert spent[BudgetPeriod.DAY] == spent[BudgetPeriod.MONTH] == price * 2
            reserved = {one.period: one.reserved_usd for one in await studio.wallet.budgets()}
            # both wait: nobody has taken anything yet
            assert reserved[BudgetPeriod.DAY] == reserved[BudgetPeriod.MONTH] == price * 2
            assert reserved[BudgetPeriod.BATCH] == 0
            # rehearsal is free and never refused
            await studio.queue.enqueue([sketch()])

    async def test_what_is_given_back_can_be_spent_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with scripted_google(monkeypatch), open_studio() as studio:
            await studio.wallet.set_budget(BudgetPeriod.DAY, Decimal("0.07"))
            await studio.queue.pause()
            (first,) = await studio.queue.enqueue([omni()])
            with pytest.raises(BudgetExceeded):
                await studio.queue.enqueue([omni()])
            await studio.queue.cancel(first.id)
            await studio.queue.enqueue([omni()])
            await studio.wallet.set_budget(BudgetPeriod.DAY, None)
            await studio.queue.enqueue([omni(), omni()])

    @pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "1000001"])
    async def test_only_amounts_are_limits(self, tmp_path: Path, amount: str) -> None:
        async with open_studio() as studio:
            with pytest.raises(ValueError, match="amount"):
                await studio.wallet.set_budget(BudgetPeriod.DAY, Decimal(amount))


class TestUnknown:
    async def unknown(self, studio: Studio) -> int:
        generation = await settled(studio, omni())
        assert (generation.state, generation.charge) == (S.UNKNOWN, Charge.UNKNOWN)
        assert studio.queue.choices(generation) == (
            Choice.OPEN_PROVIDER,
            Choice.MARK_FAILED,
            Choice.SEND_AGAIN,
        )
        return generation.id

    async def test_marked_as_failed_the_tokens_come_back_once_and_the_money_stays_booked(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        async with google(monkeypatch, tmp_path / "g", faults="reset*1"), open_studio() as studio:
            number = await self.unknown(studio)
            failed = await studio.queue.mark_failed(number)
            assert (failed.state, failed.charge) == (S.FAILED, Charge.UNKNOWN)
            await studio.queue.mark_failed(number)
            assert await studio.wallet.balance() == 100
            kinds = [entry.kind for entry in await studio.wallet.entries()]
            assert kinds == ["refund", "charge", "grant"]
            (day, *_) = await studio.wallet.budgets()
            assert day.spent_usd == Decimal("0.069")
            assert await studio.wallet.check() == []

    async def test_i06_sent_again_only_when_the_user_says_so(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        async with google(monkeypatch, tmp_path / "g", faults="reset*1") as server:
            async with open_studio() as studio:
                number = await self.unknown(studio)
            async with open_studio() as studio:
                await studio.queue.resume()
                await studio.queue.collect()
                assert server.accepted_count == 1
                await studio.wallet.set_budget(BudgetPeriod.DAY, Decimal("0.10"))
                with pytest.raises(BudgetExceeded):
                    await studio.queue.send_again(number)
                await studio.wallet.set_budget(BudgetPeriod.DAY, None)
                await studio.queue.pause()
                await studio.queue.send_again(number)
                (day, *_) = await studio.wallet.budgets()
                # the first may have been billed; only the second waits
                assert (day.spent_usd, day.reserved_usd) == (Decimal("0.138"), Decimal("0.069"))
                await studio.queue.unpause()
                async with asyncio.timeout(60):
                    done = await studio.queue.wait(number)
                assert (done.state, done.charge) == (S.COMPLETED, Charge.CHARGED)
                assert server.accepted_count == 2
                assert await studio.wallet.balance() == 90
                kinds = [entry.kind for entry in await studio.wallet.entries()]
                # the last is what Google counted, in place of the estimate
                assert kinds == ["correction", "again", "charge", "grant"]
                (day, *_) = await studio.wallet.budgets()
                # the estimate of the one that was lost, and what was counted for the other
                assert (day.spent_usd, day.reserved_usd) == (Decimal("0.139049"), 0)


async def test_unsound_books_stop_what_costs_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted_google(monkeypatch) as server:
        async with open_studio() as studio:
            await studio.queue.pause("gemini")
            (paid,) = await studio.queue.enqueue([omni()])
            for statement in (
                "DROP TRIGGER wallet_entries_no_update",
                "UPDATE wallet_entries SET balance_after = 55, tokens = 55 WHERE id = 1",
            ):
                await studio.database.write(lambda c, sql=statement: c.exec_driver_sql(sql))
        async with open_studio() as studio:
            await studio.queue.resume()
            await studio.queue.unpause("gemini")
            async with asyncio.timeout(30):
                waiting = await studio.queue.wait(paid.id)
            assert waiting.state is S.PENDING
            assert studio.queue.pauses["gemini"].kind is PauseKind.BOOKS
            assert "I01" in studio.queue.pauses["gemini"].reason
            with pytest.raises(LedgerDamaged):
                await studio.queue.enqueue([omni()])
            assert (await settled(studio, sketch())).state is S.COMPLETED
        assert len(server.accepted) == 0


class TestOnlyWhatWaitsForTheUser:
    async def test_what_goes_on_at_the_provider_cannot_be_marked_as_failed(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        async with google(monkeypatch, tmp_path / "g", delay_s=0.5) as server:
            async with open_studio() as studio:
                (made,) = await studio.queue.enqueue([omni()])

                async def is_sent() -> bool:
                    return (await studio.generations.get(made.id)).state is S.PROCESSING

                await until(is_sent, studio)
                with pytest.raises(StorageError, match="does not wait for you"):
                    await studio.queue.mark_failed(made.id)
                async with asyncio.timeout(60):
                    assert (await studio.queue.wait(made.id)).state is S.COMPLETED
                assert await studio.wallet.balance() == 90
            assert server.accepted_count == 1

    async def test_a_waiting_one_stays_in_the_line(self, tmp_path: Path) -> None:
        async with open_studio() as studio:
            await studio.queue.pause()
            (made,) = await studio.queue.enqueue([sketch()])
            with pytest.raises(StorageError):
                await studio.queue.mark_failed(made.id)
            assert studio.queue.waiting_ids == (made.id,)
