"""The line in memory: its order, and what happens to one that leaves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.studios import google, omni, open_studio
from tests.fakes.generations import a_generation
from veo_studio.core.models import Charge, Generation, GenerationState
from veo_studio.core.waiting import WaitingLine

_NUMBERS = st.integers(1, 8)
_STEPS = st.lists(
    st.one_of(
        st.tuples(
            _NUMBERS, st.integers(-1, 1), st.integers(0, 3), st.sampled_from(("alpha", "beta"))
        ),
        _NUMBERS,
    ),
    max_size=40,
)


@given(_STEPS)
def test_the_line_is_as_if_sorted_anew_after_every_step(
    steps: list[tuple[int, int, int, str] | int],
) -> None:
    line = WaitingLine()
    expected: dict[int, Generation] = {}
    for step in steps:
        if isinstance(step, int):
            line.remove(step)
            expected.pop(step, None)
        else:
            number, priority, position, provider = step
            generation = a_generation(
                id=number, priority=priority, queue_position=position, provider=provider
            )
            line.put(generation)
            expected[number] = generation
        in_order = sorted(expected.values(), key=lambda g: (-g.priority, g.queue_position, g.id))
        assert list(line) == in_order
        assert line.ids == tuple(generation.id for generation in in_order)
        assert len(line) == len(in_order)
        assert set(line.providers) == {generation.provider for generation in in_order}
        assert all(line.get(number) is expected.get(number) for number in range(1, 9))


async def test_a15_one_that_waits_is_cancelled_and_refunded_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google"), open_studio() as studio:
        await studio.queue.pause()
        here, there, _ = await studio.queue.enqueue([omni(f"Boat {n}") for n in range(3)])
        cancelled = await studio.queue.cancel(here.id)
        assert (cancelled.state, cancelled.charge) == (
            GenerationState.CANCELLED,
            Charge.NOT_CHARGED,
        )
        # another program was faster, and this one has not noticed yet
        await studio.generations.move(there.id, GenerationState.CANCELLED, "elsewhere")
        assert there.id in studio.queue.waiting_ids
        found = await studio.queue.cancel(there.id)
        assert (found.state, found.state_cause) == (GenerationState.CANCELLED, "elsewhere")
        assert len(studio.queue.waiting_ids) == 1
        assert await studio.wallet.balance() == 90
        assert await studio.wallet.check() == []
