"""Rows D of the fault matrix: the books under races, failing disks and clocks that jump."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.faults import books
from tests.torture.model import Asked, Model
from tests.torture.world import World
from veo_studio.core.errors import NotEnoughTokens, StorageError
from veo_studio.core.models import (
    BudgetPeriod,
    Charge,
    GenerationKind,
    GenerationRequest,
    GenerationState,
    VideoConfig,
)
from veo_studio.core.store import budgets, ledger
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.wallet import Wallet

S = GenerationState
ROOT = Path(__file__).resolve().parents[2]
DAY_S = 86_400.0
TEN_YEARS_S = 3652 * DAY_S


@dataclass
class Shop:
    """Two handles on one file, as a window and a command line have them."""

    path: Path
    here: Database
    there: Database

    @property
    def repositories(self) -> tuple[GenerationRepository, GenerationRepository]:
        return GenerationRepository(self.here), GenerationRepository(self.there)

    async def balance(self) -> int:
        return await Wallet(self.here).balance()

    async def sound(self) -> None:
        """Nothing contradicts anything, as a stranger and as the program see it."""
        assert await Wallet(self.here).check() == []
        books.check_money(self.path)
        books.check_database(self.path)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    path = tmp_path / "veo-studio.db"
    shop = Shop(path, Database.open(path), Database.open(path))
    yield shop
    await shop.sound()
    shop.here.close()
    shop.there.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    template = tmp_path / "template.db"
    Database.open(template).close()
    world = World(tmp_path / "world", template, b"", seed=1)
    world.open()
    world.loop.go()
    yield world
    assert world.bugs == []
    assert all(service.broken == [] for service in world.services.values())
    books.check_money(world.paths.database)
    world.end()


def one(tokens: int, kind: GenerationKind = GenerationKind.VIDEO) -> NewGeneration:
    request = GenerationRequest("A boat", "gemini", "m", VideoConfig(), kind)
    return NewGeneration(request, tokens, Decimal("0.07"))


async def outcomes(*work: object) -> list[object]:
    return list(await asyncio.gather(*work, return_exceptions=True))  # type: ignore[call-overload]


# D01


async def test_d01_64_threads_ask_for_one_refund(shop: Shop) -> None:
    (made,) = await shop.repositories[0].create([one(10)])
    given: list[bool] = []
    start = threading.Barrier(64)

    def ask(database: Database) -> None:
        start.wait()
        given.append(
            database.write_now(
                lambda connection: ledger.refund(connection, made.id, datetime.now(UTC), "at once")
            )
        )

    threads = [
        threading.Thread(target=ask, args=((shop.here, shop.there)[number % 2],))
        for number in range(64)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert len(given) == 64
    assert given.count(True) == 1
    assert await shop.balance() == 100
    # a refund alone leaves a waiting row that is refunded: the row has to end as well
    await shop.repositories[0].move(made.id, S.CANCELLED, "cancelled by the user")
    assert await shop.balance() == 100


async def test_d01_8_processes_ask_for_one_refund(shop: Shop) -> None:
    (made,) = await shop.repositories[0].create([one(10)])
    told = await asyncio.to_thread(ask_in_processes, shop.path, made.id)
    assert sum(told) == 1
    assert await shop.balance() == 100
    await shop.repositories[1].move(made.id, S.CANCELLED, "cancelled by the user")


def ask_in_processes(path: Path, generation_id: int) -> list[int]:
    """How many of its eight threads gave the tokens back, for each of eight processes."""
    command = [sys.executable, "-m", "tests.faults.refunding", str(path), str(generation_id)]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(8)
        ]
        for process in processes:
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
        return [int(process.stdout.read()) for process in processes if process.stdout]


async def test_d01_window_command_line_and_restart_end_the_same_one(shop: Shop) -> None:
    (made,) = await shop.repositories[0].create([one(10)])
    here, there = shop.repositories
    await outcomes(
        *(here.move(made.id, S.CANCELLED, "window") for _ in range(8)),
        *(there.move(made.id, S.CANCELLED, "command line") for _ in range(8)),
    )
    assert await shop.balance() == 100
    kinds = [entry.kind for entry in await Wallet(shop.here).entries()]
    assert kinds == ["refund", "charge", "grant"]


# D02 (real kills are in tests/torture)


@pytest.mark.parametrize("at_commit", [False, True], ids=["at begin", "at commit"])
@pytest.mark.parametrize("ending", ["completed", "refused", "cancelled", "given up"])
def test_d02_a_write_that_fails_leaves_books_and_states_in_agreement(
    world: World, ending: str, at_commit: bool
) -> None:
    """The k-th write of a whole life fails, for every k, and the life goes on afterwards."""
    model = Model(granted=100)
    for good in range(9):
        world.services["alpha"].submits.clear()
        world.services["alpha"].submits.extend(
            {"refused": ["400"], "given up": ["lost"]}.get(ending, [])
        )
        assert world.program is not None
        queue = world.program.queue
        prompt = f"Boat {good}"
        asked = model.asked[prompt] = Asked(1, 10, Decimal("0.40"))
        world.disk.good, world.disk.bad, world.disk.at_commit = good, 1, at_commit
        made = world.start(queue.enqueue([world.request("alpha", "video", prompt)]))
        world.loop.go()
        asked.is_stored = made.exception() is None
        model.check(world.paths.database, world.services.values())
        for _ in range(12):
            world.pass_time(8, steps=1)
            model.check(world.paths.database, world.services.values())
        rows = world.rows(f"SELECT id FROM generations WHERE prompt = '{prompt}'")
        for row in rows if ending in ("cancelled", "given up") else []:
            model.given_up.add(row["id"])
            act = queue.cancel if ending == "cancelled" else queue.mark_failed
            for _ in range(2):
                world.start(act(row["id"]))
                world.pass_time(30)
                model.check(world.paths.database, world.services.values())
        world.disk.bad = 0
    assert world.program is not None
    assert world.loop.run(world.program.wallet.check()) == []


# D03


async def test_d03_two_race_for_the_last_ten_tokens(shop: Shop) -> None:
    here, there = shop.repositories
    await here.create([one(90)])
    found = await outcomes(here.create([one(10)]), there.create([one(10)]))
    assert sorted(type(outcome).__name__ for outcome in found) == ["NotEnoughTokens", "list"]
    assert await shop.balance() == 0


async def test_d03_a_batch_is_stored_whole_or_not_at_all(shop: Shop) -> None:
    here, there = shop.repositories
    await Wallet(shop.here).grant(50, "to 150")
    with pytest.raises(NotEnoughTokens) as caught:
        await here.create([one(10)] * 20)
    assert (caught.value.needed, await here.count()) == (10, 0)
    assert await shop.balance() == 150
    picture = one(1, GenerationKind.IMAGE)
    mixed = [one(10), picture, picture, picture] * 11  # 143 tokens
    found = await outcomes(here.create(mixed), there.create(mixed))
    assert sorted(type(outcome).__name__ for outcome in found) == ["NotEnoughTokens", "list"]
    assert await here.count() == 44
    assert await shop.balance() == 7
    await there.create([picture] * 7)
    with pytest.raises(NotEnoughTokens):
        await here.create([picture])
    lowest = books.rows(shop.path, "SELECT MIN(balance_after) AS least FROM wallet_entries")
    assert lowest[0]["least"] == 0


# D04


async def test_d04_success_and_failure_are_decided_at_the_same_time(shop: Shop) -> None:
    here, there = shop.repositories
    made = await here.create([one(1)] * 20)
    for generation in made:
        attempt = await here.begin_attempt(generation.id, {}, "")
        await here.end_attempt(
            attempt, S.PROCESSING, "accepted", operation_id=f"op-{generation.id}"
        )
        await here.move(generation.id, S.DOWNLOADING, "done")
        found = await outcomes(
            here.move(generation.id, S.COMPLETED, "file in its place"),
            there.move(generation.id, S.FAILED, "given up"),
        )
        assert sum(isinstance(outcome, StorageError) for outcome in found) == 1, found
        ended = await here.get(generation.id)
        kinds = [
            entry.kind
            for entry in await Wallet(shop.there).entries()
            if entry.generation_id == generation.id
        ]
        if ended.state is S.COMPLETED:
            assert (ended.charge, kinds) == (Charge.CHARGED, ["charge"])
        else:
            assert (ended.state, ended.charge) == (S.FAILED, Charge.NOT_CHARGED)
            assert kinds == ["refund", "charge"]


# D05


def test_d05_a_refund_is_its_own_charge_whatever_the_price_is_now(world: World) -> None:
    assert world.program is not None
    queue, wallet = world.program.queue, world.program.wallet
    world.loop.run(queue.pause())
    request = world.request("alpha", "video", "A boat")
    (dear,) = world.loop.run(queue.enqueue([request]))
    world.change_price(7, Decimal("0.05"))
    (cheap,) = world.loop.run(queue.enqueue([request]))
    world.change_price(300, Decimal(9))
    assert world.loop.run(wallet.balance()) == 83
    world.loop.run(queue.cancel(dear.id))
    assert world.loop.run(wallet.balance()) == 93
    world.loop.run(queue.cancel(cheap.id))
    assert world.loop.run(wallet.balance()) == 100
    money = [entry.cost_usd for entry in world.loop.run(wallet.entries())]
    assert money == [Decimal("0.2"), Decimal("0.4"), Decimal("-0.2"), Decimal("-0.4"), 0]


# D06

JUMPS = [-DAY_S, TEN_YEARS_S, -60 * 365 * DAY_S]


@pytest.mark.parametrize("jump", JUMPS, ids=["back a day", "on ten years", "before 1970"])
@pytest.mark.parametrize("is_restarted", [False, True], ids=["running", "restarted"])
def test_d06_a_clock_that_jumps_ends_nothing_early_and_keeps_the_order(
    world: World, jump: float, is_restarted: bool
) -> None:
    world.services["alpha"].takes_s = 400
    request = world.request("alpha", "video", "A boat")
    assert world.program is not None
    (running,) = world.loop.run(world.program.queue.enqueue([request]))
    world.pass_time(30)
    world.jump(jump)
    if is_restarted:
        world.close()
        world.open()
        world.loop.go()
    assert world.program is not None
    queue, wallet = world.program.queue, world.program.wallet
    world.pass_time(60)
    assert world.loop.run(world.program.repository.get(running.id)).state is S.PROCESSING
    world.loop.run(queue.pause("alpha"))
    (second,) = world.loop.run(queue.enqueue([request]))
    world.loop.run(queue.cancel(second.id))
    world.loop.run(queue.cancel(second.id))
    world.jump(-jump)
    world.loop.run(queue.cancel(second.id))
    entries = world.loop.run(wallet.entries())
    assert [entry.kind for entry in entries] == ["refund", "charge", "charge", "grant"]
    assert [entry.id for entry in entries] == [4, 3, 2, 1]
    assert world.loop.run(wallet.balance()) == 90
    # it was never asked more often, and its clip is still wanted
    world.services["alpha"].downloads.extend(["503"] * 3)
    world.pass_time(700, steps=20)
    assert world.loop.run(world.program.repository.get(running.id)).state in (
        S.DOWNLOADING,
        S.HELD,
    )


@pytest.mark.parametrize("mode", ["429 in 7 s", "html"])
def test_d06_a_clock_set_back_for_good_keeps_nobody_waiting_for_years(
    world: World, mode: str
) -> None:
    """The next try was stored as a moment of a clock that was ten years ahead."""
    alpha = world.services["alpha"]
    world.jump(TEN_YEARS_S)
    (alpha.submits if mode.startswith("429") else alpha.downloads).extend([mode] * 5)
    request = world.request("alpha", "video", "A boat")
    assert world.program is not None
    (made,) = world.loop.run(world.program.queue.enqueue([request]))
    world.pass_time(1, steps=1)
    for _ in range(100):
        if world.loop.run(world.program.repository.get(made.id)).next_attempt_at is not None:
            break
        world.pass_time(1, steps=1)
    world.crash()
    world.jump(-TEN_YEARS_S)
    alpha.submits.clear()
    alpha.downloads.clear()
    alpha.lift()
    asked = len(alpha.accepted)
    alpha.key_is_good = True
    world.open()
    before = world.rows("SELECT COUNT(*) AS n FROM state_changes")[0]["n"]
    world.pass_time(4 * 3600, steps=40)
    after = world.rows("SELECT COUNT(*) AS n FROM state_changes")[0]["n"]
    assert after > before, "nothing was tried in four hours"
    assert len(alpha.accepted) >= max(1, asked)


@pytest.mark.parametrize(
    ("at", "is_counted"),
    [
        # in Berlin the clocks go back on 25 October 2026 at 03:00, which is 01:00 UTC
        ("2026-10-24T21:59:59+00:00", False),
        ("2026-10-24T22:00:00+00:00", True),
        ("2026-10-25T22:59:59+00:00", True),
        ("2026-10-25T23:00:00+00:00", False),
    ],
)
def test_d06_the_day_that_has_25_hours_is_one_day_of_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, is_counted: bool
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        database = Database.open(tmp_path / "veo-studio.db")
        spent_at = datetime.fromisoformat(at)
        # asked one second later, but within the day in question
        asked_at = datetime(2026, 10, 25, 12, tzinfo=UTC)
        if spent_at > asked_at:
            asked_at = spent_at + timedelta(seconds=0 if is_counted else 1)
        asyncio.run(GenerationRepository(database, lambda: spent_at).create([one(10)]))
        states = database.write_now(lambda connection: budgets.states(connection, asked_at))
        spent = {state.period: state.spent_usd for state in states}[BudgetPeriod.DAY]
        if spent_at > datetime(2026, 10, 25, 23, tzinfo=UTC) - timedelta(seconds=1):
            is_counted = True  # a day of its own has begun, and this is on it
        assert spent == (Decimal("0.07") if is_counted else 0)
        database.close()
    finally:
        monkeypatch.undo()
        time.tzset()
