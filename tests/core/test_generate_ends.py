"""Cancelling, closing and starting again in the middle of a generation: nothing is paid twice or lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.core.studios import SHORT, google, omni, open_studio, sketch, until
from veo_studio.core.errors import FolderInUse
from veo_studio.core.generators.requests import check_request
from veo_studio.core.models import (
    Charge,
    GenerationState,
)
from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.studio import Studio

S = GenerationState


async def test_cancel_while_it_waits_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with (
        google(monkeypatch, tmp_path / "google", delay_s=60) as server,
        open_studio() as studio,
    ):
        made = await studio.queue.enqueue([omni(config=SHORT) for _ in range(5)])
        last = made[-1]
        assert last.id in studio.queue.waiting_ids
        cancelled = await studio.queue.cancel(last.id)
        assert (cancelled.state, cancelled.charge) == (S.CANCELLED, Charge.NOT_CHARGED)
        assert await studio.wallet.balance() == 60
        assert server.accepted_count <= 4


async def test_cancel_while_it_runs_stays_charged_and_reaches_the_provider(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with (
        google(monkeypatch, tmp_path / "google", delay_s=60) as server,
        open_studio() as studio,
    ):
        (generation,) = await studio.queue.enqueue([omni()])

        async def is_processing() -> bool:
            return (await studio.generations.get(generation.id)).state is S.PROCESSING

        await until(is_processing, studio)
        cancelled = await studio.queue.cancel(generation.id)
        assert (cancelled.state, cancelled.charge) == (S.CANCELLED, Charge.CHARGED)
        assert any(request.path.endswith("/cancel") for request in server.requests)
        assert studio.queue.running_ids == frozenset()


async def test_closing_in_the_middle_goes_on_at_the_next_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google", delay_s=1.0) as server:
        async with open_studio() as studio:
            (generation,) = await studio.queue.enqueue([omni()])

            async def is_processing() -> bool:
                return (await studio.generations.get(generation.id)).state is S.PROCESSING

            await until(is_processing, studio)
        async with open_studio() as studio:
            assert await studio.queue.resume() == 1
            done = await studio.queue.wait(generation.id)
            assert done.state is S.COMPLETED, done.error
            assert await studio.wallet.balance() == 90
        assert server.accepted_count == 1


async def test_collect_never_sends_what_costs_something(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google", delay_s=60) as server:
        async with open_studio() as studio:
            made = await studio.queue.enqueue([omni() for _ in range(6)])
            waiting = studio.queue.waiting_ids
            assert len(waiting) == 2
        accepted = server.accepted_count
        async with open_studio() as studio:
            collected = await studio.queue.collect(waiting)
            assert [generation.state for generation in collected] == [S.PENDING, S.PENDING]
        assert server.accepted_count == accepted <= len(made) - 2


async def test_a_second_start_on_the_folder_is_refused() -> None:
    async with open_studio():
        with pytest.raises(FolderInUse, match="already running"):
            async with open_studio():
                pass


async def test_t3_an_operation_that_cannot_be_committed_is_found_in_the_journal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refuse = (
        "CREATE TRIGGER full BEFORE UPDATE ON generations WHEN new.state = 'processing' "
        "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )
    async with google(monkeypatch, tmp_path / "google") as server:
        async with open_studio() as studio:
            await studio.database.write(lambda c: c.exec_driver_sql(refuse))
            (generation,) = await studio.queue.enqueue([omni()])

            async with asyncio.timeout(20):
                # nothing announces the journal: the file is the news
                while not studio.paths.journal.exists():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        async with open_studio() as studio:
            assert (await studio.generations.get(generation.id)).state is S.SUBMITTING
            await studio.database.write(lambda c: c.exec_driver_sql("DROP TRIGGER full"))
            await studio.queue.resume()
            done = await studio.queue.wait(generation.id)
            assert done.state is S.COMPLETED, done.error
            assert not studio.paths.journal.exists()
            assert await studio.wallet.balance() == 90
        assert server.accepted_count == 1


async def test_cancel_in_a_free_download_leaves_no_partial_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "slow")
    async with open_studio() as studio:
        (generation,) = await studio.queue.enqueue([sketch()])
        await until(lambda: part_exists(studio), studio)
        cancelled = await studio.queue.cancel(generation.id)
        assert cancelled.state is S.CANCELLED
        assert list(studio.paths.outputs.iterdir()) == []


async def test_cancel_in_a_paid_download_lets_the_clip_arrive(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google", faults="slow*1"), open_studio() as studio:
        (generation,) = await studio.queue.enqueue([omni()])
        await until(lambda: part_exists(studio), studio)
        kept = await studio.queue.cancel(generation.id)
        assert kept.state is S.DOWNLOADING
        done = await studio.queue.wait(generation.id)
        assert (done.state, done.charge) == (S.COMPLETED, Charge.CHARGED)


async def part_exists(studio: Studio) -> bool:
    return any(studio.paths.outputs.glob(".*.part"))


async def test_g03_closing_while_a_submit_waits_for_its_answer_keeps_the_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google") as server:
        async with open_studio() as studio:
            (generation,) = await studio.queue.enqueue([omni()])

            async def is_submitting() -> bool:
                return (await studio.generations.get(generation.id)).state is S.SUBMITTING

            await until(is_submitting, studio)
        async with open_studio() as studio:
            stored = await studio.generations.get(generation.id)
            assert stored.state in (S.PROCESSING, S.DOWNLOADING, S.COMPLETED)
        assert server.accepted_count == 1


async def test_g03_closing_while_a_submit_gets_no_answer_is_quick_and_unknown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google", faults="silent"):
        async with open_studio() as studio:
            (generation,) = await studio.queue.enqueue([omni()])

            async def is_submitting() -> bool:
                return (await studio.generations.get(generation.id)).state is S.SUBMITTING

            await until(is_submitting, studio)
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 2.5
        async with open_studio() as studio:
            stored = await studio.generations.get(generation.id)
            assert (stored.state, stored.charge) == (S.UNKNOWN, Charge.UNKNOWN)


async def test_work_that_another_process_stores_is_taken_up(tmp_path: Path) -> None:
    async with open_studio() as studio:
        await studio.queue.resume()
        beside = await Studio.open(Paths.default(), Settings(), Secrets(), is_scheduler=False)
        try:
            request = check_request(beside.catalog, sketch())
            (generation,) = await beside.generations.create([NewGeneration(request, 0, None)])
        finally:
            await beside.close()

        async def is_done() -> bool:
            return (await studio.generations.get(generation.id)).state is S.COMPLETED

        await until(is_done, studio)
