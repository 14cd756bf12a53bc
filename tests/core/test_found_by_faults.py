"""What the state machine of tests/torture found, each as the shortest way there."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.torture.world import LIMITS, World
from veo_studio.core.errors import DiskFull
from veo_studio.core.models import Charge, GenerationState
from veo_studio.core.store.database import Database

S = GenerationState


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    template = tmp_path / "template.db"
    Database.open(template).close()
    world = World(tmp_path / "world", template, b"", seed=1)
    world.open()
    world.loop.go()
    yield world
    assert world.bugs == []
    world.end()


def asked(world: World, provider: str, count: int = 1) -> list[int]:
    assert world.program is not None
    request = world.request(provider, "video", "A boat")
    made = world.loop.run(world.program.queue.enqueue([request] * count))
    world.loop.go()
    return [generation.id for generation in made]


def states(world: World) -> list[str]:
    return [row["state"] for row in world.rows("SELECT state FROM generations ORDER BY id")]


def test_i11_told_to_one_it_holds_for_the_other_that_is_about_to_be_sent(world: World) -> None:
    """Both have begun when the first is told; the second had already passed the queue's look."""
    world.services["alpha"].submits.append("429 in 1 h")
    asked(world, "alpha", LIMITS["alpha"])
    assert world.services["alpha"].broken == []
    assert world.services["alpha"].accepted == []
    assert states(world) == ["pending", "pending"]
    world.pass_time(3700)
    assert states(world) == ["processing", "processing"]


def test_i11_what_the_disk_stopped_keeps_its_place_at_the_provider(world: World) -> None:
    """Accepted, but its name went to the journal: it runs at the provider although no run does."""
    world.disk.good, world.disk.bad = 2, 1
    asked(world, "beta")
    asked(world, "beta")
    assert len(world.services["beta"].accepted) == 1
    assert states(world) == ["submitting", "pending"]
    world.pass_time(15)
    assert states(world) == ["processing", "pending"]


def test_an_unreadable_journal_keeps_nothing_else_from_going_on(world: World) -> None:
    (first,) = asked(world, "alpha")
    world.crash()
    world.paths.journal.mkdir()
    world.open()
    world.loop.go()
    assert world.program is not None
    assert world.program.is_resumed
    assert first in world.program.queue.running_ids


def test_i05_a_held_clip_that_is_given_up_may_have_been_billed(world: World) -> None:
    world.services["alpha"].downloads.extend(["html"] * 5)
    (number,) = asked(world, "alpha")
    world.pass_time(600, steps=30)
    assert states(world) == ["held"]
    assert world.program is not None
    failed = world.loop.run(world.program.queue.mark_failed(number))
    assert (failed.state, failed.charge) == (S.FAILED, Charge.UNKNOWN)
    assert world.loop.run(world.program.wallet.balance()) == 100
    day = world.loop.run(world.program.wallet.budgets())[0]
    assert day.spent_usd == Decimal("0.40")


@pytest.mark.parametrize("ending", ["400", "cancel"])
def test_i05_sent_again_for_nothing_the_lost_first_one_may_still_be_billed(
    world: World, ending: str
) -> None:
    world.services["alpha"].submits.append("lost")
    (number,) = asked(world, "alpha")
    assert states(world) == ["unknown"]
    assert world.program is not None
    queue = world.program.queue
    if ending == "cancel":
        world.loop.run(queue.pause())
    else:
        world.services["alpha"].submits.append("400")
    world.loop.run(queue.send_again(number))
    world.loop.go()
    if ending == "cancel":
        world.loop.run(queue.cancel(number))
    ended = world.loop.run(world.program.repository.get(number))
    assert ended.state is (S.CANCELLED if ending == "cancel" else S.FAILED)
    assert ended.charge is Charge.UNKNOWN
    assert world.loop.run(world.program.wallet.balance()) == 100


def test_i05_a_lost_one_that_never_arrived_is_not_billed(world: World) -> None:
    """The provider was asked: what became of the first submit is no longer unknown."""
    world.services["beta"].submits.extend(["vanished", "400"])
    (number,) = asked(world, "beta")
    assert world.program is not None
    ended = world.loop.run(world.program.repository.get(number))
    assert (ended.state, ended.charge) == (S.FAILED, Charge.NOT_CHARGED)


def test_i11_one_that_a_user_cancels_too_late_keeps_its_place(world: World) -> None:
    """Done at the provider and not fetched yet: it goes on, and nothing else is sent in its place."""
    world.services["beta"].takes_s = 0.0
    first, _ = asked(world, "beta", 2)
    assert states(world) == ["processing", "pending"]
    assert world.program is not None
    world.loop.run(world.program.queue.cancel(first))
    world.loop.go()
    assert states(world) == ["processing", "pending"]
    world.pass_time(6, steps=1)
    assert states(world)[1] == "processing"


def test_i11_a_cancel_that_the_disk_stops_frees_no_place(world: World) -> None:
    first, _ = asked(world, "beta", 2)
    assert world.program is not None
    world.disk.bad = 1
    with pytest.raises(DiskFull):
        world.loop.run(world.program.queue.cancel(first))
    world.loop.go()
    assert states(world) == ["processing", "pending"]
    assert first in world.program.queue.running_ids


def test_a15_a_second_cancel_takes_up_nothing_that_the_first_has_ended(world: World) -> None:
    """Whenever it comes: the first has not decided yet, or just has."""
    assert world.program is not None
    queue = world.program.queue
    world.loop.run(world.program.wallet.grant(400, "for the test"))
    for turns in range(40):
        (number,) = asked(world, "beta")
        first = world.start(queue.cancel(number))
        world.loop.go(turns)
        second = world.start(queue.cancel(number))
        world.loop.go()
        assert first.result().state is S.CANCELLED
        assert second.result().state is S.CANCELLED
        assert not queue.running_ids, f"after {turns} turns"


def test_a_program_that_ends_while_sending_complains_about_no_journal(world: World) -> None:
    """Neither the database nor the journal takes the name any more; the next start finds it unknown."""
    for turns in range(4, 20):
        assert world.program is not None
        request = world.request("beta", "picture", "A boat")
        world.start(world.program.queue.enqueue([request]))
        world.loop.go(turns)
        if not world.paths.journal.exists():
            world.paths.journal.mkdir()
        world.crash()
        gc.collect()
        assert world.loop.complaints == [], f"after {turns} turns"
        world.mend_folders()
        world.open()
        world.loop.go()
        world.pass_time(60)
