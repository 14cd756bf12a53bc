"""What is done with the queue, on a fake of it: what a cancel means, clearing, keys, choices."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from tests.fakes.core import FakeQueue
from tests.fakes.generations import a_generation
from veo_studio.core.errors import NoLongerWaiting
from veo_studio.core.models import Choice, GenerationState
from veo_studio.ui.view_models.queue_commands import QueueCommands, Stop
from veo_studio.ui.view_models.queue_model import QueueModel

S = GenerationState


def commands_on(queue: FakeQueue, *generations) -> QueueCommands:
    model = QueueModel()
    model.open(queue, generations)
    return QueueCommands(queue, model)


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({"state": S.PENDING, "tokens": 10}, Stop.REFUND),
        ({"state": S.SUBMITTING, "tokens": 10}, Stop.PAID),
        ({"state": S.PROCESSING, "price_usd": Decimal("0.56")}, Stop.PAID),
        ({"state": S.DOWNLOADING, "tokens": 10}, Stop.PAID),
        ({"state": S.PROCESSING}, Stop.FREE),
        ({"state": S.PENDING}, Stop.FREE),
    ],
)
def test_a15_what_a_cancel_means_is_known_in_every_state(qapp, fields, means):
    assert commands_on(FakeQueue()).what_a_stop_means(a_generation(**fields)) is means


async def test_clearing_leaves_alone_what_was_sent_meanwhile(qapp):
    queue = FakeQueue()
    queue.waiting = (1, 2, 3, 4)
    line = [a_generation(id=one, tokens=10) for one in queue.waiting]
    commands = commands_on(queue, *line)
    # the first was sent between the question and the answer
    queue.waiting = (2, 3, 4)
    done = await commands.clear_waiting(line)
    # from the end: while it is cleared, nothing of it moves up and starts
    assert [argument for name, argument in queue.calls if name == "cancel"] == [4, 3, 2]
    assert [one.id for one in done] == [4, 3, 2]


async def test_moves_are_stored_in_the_order_they_were_asked_for(qapp):
    queue = FakeQueue()
    queue.waiting = (1, 2, 3)
    commands = commands_on(queue, *(a_generation(id=one) for one in queue.waiting))
    await asyncio.gather(commands.move(3, 2), commands.move(3, 1), commands.move(1, None))
    assert queue.waiting == (3, 2, 1)


async def test_a_move_that_came_too_late_shows_the_true_order_again(qapp):
    queue = FakeQueue()
    queue.waiting = (1, 2, 3)
    commands = commands_on(queue, *(a_generation(id=one) for one in queue.waiting))
    queue.fail_with = NoLongerWaiting()
    with pytest.raises(NoLongerWaiting):
        await commands.move(3, 1)
    assert [one.id for one in commands._model.generations] == [1, 2, 3]


async def test_the_same_key_once_more_lets_the_provider_go_on(qapp):
    queue = FakeQueue()
    await commands_on(queue).try_key_again("gemini")
    assert queue.calls == [("key_changed", "gemini")]


@pytest.mark.parametrize(
    ("choice", "call"),
    [
        (Choice.CHECK, "retry"),
        (Choice.COLLECT, "retry"),
        (Choice.MARK_FAILED, "mark_failed"),
        (Choice.SEND_AGAIN, "send_again"),
    ],
)
async def test_every_choice_asks_the_queue_for_its_own(qapp, choice, call):
    queue = FakeQueue()
    queue.offered = (choice,)
    unknown = a_generation(id=4, state=S.UNKNOWN)
    commands = commands_on(queue, unknown)
    await commands.choose(unknown, choice)
    assert queue.calls == [(call, 4)]
