"""One submit, several clips: each arrives by itself, and none takes another with it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core import test_inputs_and_samples as scripted
from tests.core.studios import settled, until
from tests.core.test_inputs_and_samples import Scripted, request_of
from veo_studio.core.errors import LinkExpired, NotFoundError, ProviderError
from veo_studio.core.models import Done, Generation, GenerationState, Operation, ResultRef
from veo_studio.core.paths import Paths
from veo_studio.core.providers.base import Body
from veo_studio.core.recipe_files import own_recipe
from veo_studio.core.recovery import sweep
from veo_studio.core.retry import Backoff
from veo_studio.core.studio import Studio

_S = GenerationState
Opened = tuple[Studio, Scripted]

# the same studio and the same service as there
opened = scripted.opened
_takes_first_frames = scripted._takes_first_frames


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Backoff, "wait_s", lambda self, times, told_s=None: max(0.01, told_s or 0.0)
    )


def refuse_files(
    provider: Scripted, monkeypatch: pytest.MonkeyPatch, *names: str
) -> Callable[[], None]:
    """Those are gone at the provider, until the returned call brings them back."""
    gone = set(names)
    real = provider._opened

    def opened_(
        result: ResultRef, offset: int, validator: str | None
    ) -> AbstractAsyncContextManager[Body]:
        if result.uri.rsplit("/", 1)[-1] in gone:
            raise LinkExpired("This clip is gone.")
        return real(result, offset, validator)

    monkeypatch.setattr(provider, "_opened", opened_)
    return gone.clear


def three(provider: Scripted, note: str = "") -> Done:
    urls = [f"{provider.base_url}/{name}.mp4" for name in "abc"]
    return Done(ResultRef(urls[0], more=tuple(urls[1:])), note=note)


def files() -> list[Path]:
    return [path for path in Paths.default().outputs.rglob("*.mp4") if path.is_file()]


def parts() -> list[Path]:
    return [path for path in Paths.default().outputs.rglob(".*") if ".part" in path.name]


async def test_a_clip_that_is_gone_does_not_take_the_others_with_it(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    provider.answer = three(provider, "One was filtered.")
    refuse_files(provider, monkeypatch, "b.mp4")
    first = await settled(studio, request_of(samples=3))
    assert first.state is _S.COMPLETED
    assert first.error == "One was filtered. 2 of 3 clips arrived. This clip is gone."
    assert first.video_path is not None
    assert first.video_path.is_file()
    assert first.awaits_clips
    assert len(await studio.generations.page()) == len(files()) == 2
    assert len(provider.sent) == 1


async def test_the_first_clip_is_complete_while_the_others_are_still_fetched(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    provider.answer = three(provider)
    entered, go = asyncio.Event(), asyncio.Event()
    add = studio.generations.add_sample

    async def add_sample(*given: Any) -> Generation:
        entered.set()
        await go.wait()
        return await add(*given)

    generator = studio.queue._scheduler._any
    monkeypatch.setattr(generator.repository, "add_sample", add_sample)
    (made,) = await studio.queue.enqueue([request_of(samples=3)])
    await asyncio.wait_for(entered.wait(), 30)
    first = await studio.generations.get(made.id)
    assert first.state is _S.COMPLETED
    assert first.has_file
    go.set()
    first = await studio.queue.wait(made.id)
    assert not first.awaits_clips
    assert first.error is None
    assert len(await studio.generations.page()) == 3


async def test_a_later_start_fetches_what_is_missing(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    provider.answer = three(provider)
    bring_back = refuse_files(provider, monkeypatch, "b.mp4", "c.mp4")
    first = await settled(studio, request_of(samples=3))
    assert first.error == "1 of 3 clips arrived. This clip is gone."
    bring_back()
    # what every start does
    assert await studio.queue.resume() == 0, "nothing of it is unfinished"
    first = await asyncio.wait_for(studio.queue.wait(first.id), 30)
    assert first.error is None
    assert not first.awaits_clips
    assert len(await studio.generations.page()) == len(files()) == 3
    assert await studio.wallet.check() == []
    assert len(provider.sent) == 1


async def test_a_further_clip_that_was_stored_without_its_recipe_gets_it_at_a_later_start(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    provider.answer = three(provider)
    bring_back = refuse_files(provider, monkeypatch, "c.mp4")
    first = await settled(studio, request_of(samples=3))
    stored = await studio.generations.sample(first, 2)
    assert stored is not None
    recipe = own_recipe(stored)
    assert recipe is not None
    recipe.unlink()  # the program died right after storing the row
    bring_back()
    await studio.queue.resume()
    await asyncio.wait_for(studio.queue.wait(first.id), 30)
    assert own_recipe(stored) == recipe


async def test_a_first_clip_that_is_gone_does_not_keep_the_others(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    provider.answer = three(provider)
    refuse_files(provider, monkeypatch, "a.mp4")
    first = await settled(studio, request_of(samples=3))
    assert first.state is _S.HELD
    done = await studio.generations.page(states=[_S.COMPLETED])
    assert len(done) == len(files()) == 2


async def test_what_a_provider_says_about_a_finished_one_stays_with_it(opened: Opened) -> None:
    studio, provider = opened
    provider.answer = Done(ResultRef(f"{provider.base_url}/a.mp4"), note="One was filtered.")
    first = await settled(studio, request_of())
    assert (first.state, first.error) == (_S.COMPLETED, "One was filtered.")
    assert first.error_kind is None


async def test_a_clip_that_is_all_here_is_placed_though_the_provider_forgot_it(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    monkeypatch.setattr("veo_studio.core.generators.watching._GONE_AFTER_S", 0.0)
    outputs = Paths.default().outputs
    name = f"{uuid.uuid4()}.mp4"
    blocked = outputs / name

    def no_room(*_: object) -> Path:
        raise ProviderError("The folder cannot be used.")

    monkeypatch.setattr("veo_studio.core.download.reserve_name", no_room)
    first = await settled(studio, request_of())
    assert first.state is _S.HELD
    assert len([part for part in parts() if part.suffix == ".part"]) == 1
    monkeypatch.setattr("veo_studio.core.download.reserve_name", lambda *_: blocked)

    async def forgotten(operation: Operation) -> None:
        raise NotFoundError("No such operation.")

    monkeypatch.setattr(provider, "poll", forgotten)
    await studio.queue.retry(first.id)

    async def is_over() -> bool:
        return (await studio.generations.get(first.id)).state.is_terminal

    await until(is_over, studio)
    first = await studio.generations.get(first.id)
    assert first.state is _S.COMPLETED
    assert first.video_path == blocked
    assert blocked.is_file()


async def test_parts_of_further_clips_are_swept_once_their_generation_is_over(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    provider.answer = three(provider)
    bring_back = refuse_files(provider, monkeypatch, "b.mp4")
    waits = await settled(studio, request_of(samples=3))
    bring_back()
    over = await settled(studio, request_of(samples=3))
    folder = Paths.default().outputs
    kept = folder / f".{waits.uuid}-2.part"
    strangers = folder / f".{uuid.uuid4()}-2.part"
    ended = [folder / f".{over.uuid}{end}" for end in (".part", "-2.part", "-3.part.json")]
    for path in [kept, strangers, *ended]:
        path.write_bytes(b"x")
    await sweep(studio.generations, folder)
    assert kept.exists(), "it may still become whole"
    assert strangers.exists(), "nobody here knows it"
    assert [path for path in ended if path.exists()] == []


@pytest.mark.parametrize(("tries", "state"), [(4, _S.COMPLETED), (100, _S.FAILED)])
async def test_a_clock_alone_does_not_say_that_a_file_is_no_longer_kept(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, tries: int, state: GenerationState
) -> None:
    studio, provider = opened
    # by the clock everything is too old
    provider.pacing = replace(provider.pacing, retention_h=-1)
    asked = 0
    real = provider._opened

    def opened_(*given: Any) -> AbstractAsyncContextManager[Body]:
        nonlocal asked
        asked += 1
        if asked <= tries:
            raise LinkExpired("This link has expired.")
        return real(*given)

    monkeypatch.setattr(provider, "_opened", opened_)
    made = await settled(studio, request_of())
    assert made.state is state
