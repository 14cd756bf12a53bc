"""Row G08 of the fault matrix: a thousand wait, and a user plays with the queue."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import books
from tests.torture.world import LIMITS, World
from veo_studio.core.models import GenerationState
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
    assert all(service.broken == [] for service in world.services.values())
    books.check_money(world.paths.database)
    world.end()
    gc.unfreeze()


def test_g08_a_thousand_wait_while_a_user_plays_with_the_queue(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    assert world.program is not None
    queue = world.program.queue
    world.loop.run(world.program.wallet.grant(20_000, "for a thousand"))
    world.loop.run(queue.pause())
    request = world.request("alpha", "video", "A boat")
    expected = [made.id for made in world.loop.run(queue.enqueue([request] * 1000))]
    world.loop.start_measuring()
    for turn in range(30):
        moved, before = expected[-1 - turn], expected[turn * 3 % 50]
        expected.remove(moved)
        expected.insert(expected.index(before), moved)
        world.loop.run(queue.move_before(moved, before))
        cancelled = expected.pop(500)
        world.loop.run(queue.cancel(cancelled))
        world.loop.run(queue.unpause() if turn % 2 else queue.pause())
        assert len(queue.running_ids) <= LIMITS["alpha"]
        if turn % 2:
            # both places are taken at the first resume and stay taken
            started = [number for number in expected if number not in queue.waiting_ids]
            assert started == expected[:2] or turn > 1
            expected = [number for number in expected if number in queue.waiting_ids]
        assert list(queue.waiting_ids) == expected
    for turn in range(20):
        world.pass_time(40)
        assert len(queue.running_ids) <= LIMITS["alpha"]
        left = list(queue.waiting_ids)
        assert left == expected[len(expected) - len(left) :], "they did not start in their order"
        world.start(queue.pause() if turn % 3 else queue.unpause())
    stored = world.loop.run(world.program.repository.in_states({S.PENDING}))
    assert [generation.id for generation in stored] == list(queue.waiting_ids)
    for number in list(queue.waiting_ids)[::7]:
        world.start(queue.cancel(number))
    world.loop.go()
    assert not world.commands
    record_property("longest_turn_ms", round(1000 * world.loop.longest_turn_s, 1))
    # of the loop's own thread, so that a busy machine does not count
    assert world.loop.longest_turn_s <= 0.05, f"{1000 * world.loop.longest_turn_s:.0f} ms"
