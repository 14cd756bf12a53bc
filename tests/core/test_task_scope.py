"""Tasks that nobody awaits are kept, told about and ended, in the core and in the window alike."""

import asyncio
import logging

import pytest

from veo_studio.core.task_scope import TaskScope


async def _fail():
    raise RuntimeError("boom")


async def test_an_error_goes_to_its_owner():
    told = asyncio.get_running_loop().create_future()
    scope = TaskScope(told.set_result)
    scope.spawn(_fail(), name="failing")
    assert str(await told) == "boom"
    await scope.close()


async def test_an_error_without_an_owner_goes_to_the_log(caplog):
    scope = TaskScope()
    task = scope.spawn(_fail(), "failing")
    with pytest.raises(RuntimeError):
        await task
    with caplog.at_level(logging.ERROR):
        await scope.close()
    assert "failing: boom" in caplog.text


async def test_nothing_outlives_close_and_nothing_starts_after_it():
    ended = []

    async def wait():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    scope = TaskScope()
    task = scope.spawn(wait(), "waiting")
    await asyncio.wait([task], timeout=0)
    await scope.close()
    assert ended == [True]
    assert scope.spawn(wait(), "late") is None


async def test_a_task_may_close_its_own_scope():
    scope = TaskScope()
    task = scope.spawn(scope.close(), "closing")
    await task
    assert not task.cancelled()


def test_nothing_starts_without_a_loop():
    assert TaskScope().spawn(_fail(), "never") is None
