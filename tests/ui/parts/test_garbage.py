"""When Python looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from veo_studio.ui import garbage


@pytest.fixture
def as_before() -> Iterator[None]:
    was_enabled = gc.isenabled()
    yield
    if garbage._spare_the_first in gc.callbacks:
        gc.callbacks.remove(garbage._spare_the_first)
    gc.unfreeze()
    (gc.enable if was_enabled else gc.disable)()


def test_what_came_until_the_first_walk_stays_too_and_nothing_later(as_before: None) -> None:
    garbage.collect_from_now_on()
    garbage.collect_from_now_on()
    assert gc.isenabled()
    assert gc.callbacks.count(garbage._spare_the_first) == 1
    later = [[number] for number in range(1000)]
    at_start = gc.get_freeze_count()
    gc.collect()
    assert gc.get_freeze_count() >= at_start + len(later)
    assert garbage._spare_the_first not in gc.callbacks
    kept = gc.get_freeze_count()
    more = [[number] for number in range(1000)]
    gc.collect()
    assert gc.get_freeze_count() <= kept, "what comes later is looked at as ever"
    assert len(more) == len(later)
