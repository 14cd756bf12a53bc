"""What a user does with the queue: order, pauses, edits, and clips that are held."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.core.studios import (
    KEY,
    google,
    omni,
    open_studio,
    scripted_google,
    settled,
    sketch,
    until,
)
from veo_studio.core.api import get_database
from veo_studio.core.catalog import Catalog
from veo_studio.core.clock import Clock
from veo_studio.core.errors import (
    NoLongerWaiting,
    QueueFull,
)
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import (
    Charge,
    Choice,
    ErrorKind,
    GenerationState,
    PauseKind,
)
from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.store import moves
from veo_studio.core.store.database import Database
from veo_studio.core.studio import Studio

S = GenerationState


async def waiting_prompts(studio: Studio) -> list[str]:
    return [(await studio.generations.get(number)).prompt for number in studio.queue.waiting_ids]


async def test_a07_a_refused_key_pauses_the_provider_once_and_a_new_key_resumes_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted_google(monkeypatch) as server:
        monkeypatch.setenv("GEMINI_API_KEY", "AIzaSy-a-wrong-key-000000000000000000000")
        async with open_studio() as studio:
            await studio.wallet.grant(200, "for twenty")
            made = await studio.queue.enqueue([omni(f"Boat {n}") for n in range(20)])
            async with asyncio.timeout(60):
                for entry in made:
                    await studio.queue.wait(entry.id)
            pause = studio.queue.pauses["gemini"]
            assert (pause.kind, pause.until) == (PauseKind.KEY, None)
            limit = studio.catalog.providers["gemini"].concurrency
            sent = sum([len(await studio.generations.attempts(entry.id)) for entry in made])
            assert sent <= limit
            assert len(server.accepted) == 0
            assert len(studio.queue.waiting_ids) == 20
            # whoever waits for one of them is let go: only a person can help
            first = await studio.queue.wait(made[0].id)
            assert (first.state, first.error_kind) == (S.PENDING, ErrorKind.AUTH)
            assert await studio.wallet.balance() == 100
            assert await studio.wallet.check() == []

            monkeypatch.setenv("GEMINI_API_KEY", KEY)
            studio.client.providers.connections._keys = lambda _provider: (
                KEY
            )  # the settings dialog's part
            await studio.queue.key_changed("gemini")
            async with asyncio.timeout(120):
                done = [await studio.queue.wait(entry.id) for entry in made]
            assert {entry.state for entry in done} == {S.COMPLETED}
            assert len(server.accepted) == 20
            assert dict(studio.queue.pauses) == {}
            assert await studio.wallet.balance() == 100


async def test_order_priority_and_pause_survive_a_restart(tmp_path: Path) -> None:
    async with open_studio() as studio:
        await studio.queue.pause()
        a, b, c, d = await studio.queue.enqueue([sketch(f"Kite {name}") for name in "abcd"])
        assert studio.queue.running_ids == frozenset()
        await studio.queue.move_before(d.id, b.id)
        await studio.queue.move_before(a.id, None)
        assert await waiting_prompts(studio) == ["Kite d", "Kite b", "Kite c", "Kite a"]
        await studio.queue.set_priority(c.id, 5)
        await studio.queue.run_next(a.id)
        assert await waiting_prompts(studio) == ["Kite a", "Kite c", "Kite d", "Kite b"]
    async with open_studio() as studio:
        assert await studio.queue.resume() == 4
        assert await waiting_prompts(studio) == ["Kite a", "Kite c", "Kite d", "Kite b"]
        assert studio.queue.pauses[""].kind is PauseKind.USER
        assert studio.queue.running_ids == frozenset()
        await studio.queue.unpause()
        async with asyncio.timeout(60):
            done = [await studio.queue.wait(entry.id) for entry in (a, b, c, d)]
        assert {entry.state for entry in done} == {S.COMPLETED}
        started = sorted(done, key=lambda entry: entry.submitted_at or entry.created_at)
        assert [entry.prompt for entry in started][:3] != ["Kite a", "Kite b", "Kite c"]


async def test_many_moves_between_the_same_two_keep_the_order(tmp_path: Path) -> None:
    async with open_studio() as studio:
        await studio.queue.pause()
        made = await studio.queue.enqueue([sketch(f"Kite {n}") for n in range(5)])
        expected = [entry.id for entry in made]
        for turn in range(40):
            last, before = expected[-1], expected[1 + turn % 2]
            expected.remove(last)
            expected.insert(expected.index(before), last)
            await studio.queue.move_before(last, before)
            assert list(studio.queue.waiting_ids) == expected
        stored = await studio.generations.in_states({S.PENDING})
        assert [entry.id for entry in stored] == expected


async def test_a_waiting_generation_is_edited_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted_google(monkeypatch), open_studio() as studio:
        await studio.queue.pause()
        first, second, third = await studio.queue.enqueue([omni("One"), omni("Two"), omni("Three")])
        edited = await studio.queue.edit(second.id, omni("Two, at night"))
        assert await waiting_prompts(studio) == ["One", "Two, at night", "Three"]
        old = await studio.generations.get(second.id)
        assert (old.state, old.charge) == (S.CANCELLED, Charge.NOT_CHARGED)
        assert [g.id for g in await studio.generations.page()] == [edited.id, third.id, first.id]
        assert await studio.wallet.balance() == 70
        assert await studio.wallet.check() == []
        with pytest.raises(NoLongerWaiting):
            await studio.queue.edit(second.id, omni("Too late"))
        with pytest.raises(ValueError, match="Duration"):
            await studio.queue.edit(
                first.id, replace(omni(), config=replace(omni().config, duration_s=90))
            )
        assert (await studio.generations.get(first.id)).state is S.PENDING


async def test_the_queue_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "MAX_WAITING", 3)
    async with open_studio() as studio:
        await studio.queue.pause()
        await studio.queue.enqueue([sketch(), sketch()])
        with pytest.raises(QueueFull, match="at most 3 waiting"):
            await studio.queue.enqueue([sketch(), sketch()])
        assert await studio.generations.count() == 2
        await studio.queue.enqueue([sketch()])


async def test_a_retry_after_of_one_generation_holds_for_all_and_survives_a_restart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google", faults="429:600*1") as server:
        async with open_studio(Settings(concurrency={"gemini": 1})) as studio:
            made = await studio.queue.enqueue([omni("One"), omni("Two")])

            async def is_paused() -> bool:
                return "gemini" in studio.queue.pauses

            await until(is_paused, studio)
            pause = studio.queue.pauses["gemini"]
            assert pause.kind is PauseKind.TOLD
            assert pause.until is not None
            assert (pause.until - pause.since).total_seconds() == pytest.approx(600, abs=5)
            await studio.queue.cancel(made[0].id)
        async with open_studio() as studio:
            await studio.queue.resume()
            assert studio.queue.pauses["gemini"].kind is PauseKind.TOLD
            assert studio.queue.running_ids == frozenset()
            assert len(await studio.generations.attempts(made[1].id)) == 0
            # the user may know better
            await studio.queue.unpause("gemini")
            async with asyncio.timeout(60):
                assert (await studio.queue.wait(made[1].id)).state is S.COMPLETED
        assert server.accepted_count == 1


@pytest.mark.parametrize("is_collected", [True, False])
async def test_a_held_clip_is_fetched_when_the_user_asks_although_its_time_has_not_come(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_collected: bool
) -> None:
    outputs = tmp_path / "outputs"
    outputs.write_text("a file where the folder should be")
    async with scripted_google(monkeypatch) as server:
        async with open_studio() as studio:
            (made,) = await studio.queue.enqueue([replace(omni(), output_dir=outputs)])
            assert (await studio.queue.wait(made.id)).state is S.HELD
        outputs.unlink()
        async with open_studio() as studio:
            await studio.queue.resume()
            assert studio.queue.running_ids == frozenset()
            async with asyncio.timeout(60):
                if is_collected:
                    await studio.queue.collect()
                else:
                    await studio.queue.retry(made.id)
                    await studio.queue.wait(made.id)
            assert (await studio.generations.get(made.id)).state is S.COMPLETED
        assert len(server.accepted) == 1


async def test_c12_a_held_clip_is_fetched_by_itself_when_its_folder_is_there_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "veo_studio.core.generators.run_row.held_wait_s", lambda _error, _times: 0.2
    )
    outputs = tmp_path / "outputs"
    outputs.write_text("a file where the folder should be")
    paths = replace(Paths.default(), outputs=outputs)
    async with scripted_google(monkeypatch):
        studio = await Studio.open(Paths.default(), Settings(), Secrets())
        try:
            (made,) = await studio.queue.enqueue([replace(omni(), output_dir=paths.outputs)])
            async with asyncio.timeout(60):
                held = await studio.queue.wait(made.id)
            assert (held.state, held.error_kind) == (S.HELD, ErrorKind.STORAGE)
            assert held.next_attempt_at is not None
            assert studio.queue.choices(held) == (Choice.COLLECT, Choice.MARK_FAILED)
            outputs.unlink()

            async def is_done() -> bool:
                return (await studio.generations.get(made.id)).state is S.COMPLETED

            await until(is_done, studio)
            assert await studio.wallet.balance() == 90
        finally:
            await studio.close()


async def test_nothing_is_sent_after_a_pause_has_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        made = await studio.queue.enqueue([omni(f"Boat {n}") for n in range(4)])
        await studio.queue.pause()
        async with asyncio.timeout(60):
            for entry in made:
                await studio.queue.wait(entry.id)
        sent = [len(await studio.generations.attempts(entry.id)) for entry in made]
        # those that had been written down before the pause may arrive; no others
        assert len(server.accepted) == sum(sent)
        states = {(await studio.generations.get(entry.id)).state for entry in made}
        assert states <= {S.PENDING, S.PROCESSING, S.DOWNLOADING, S.COMPLETED}
        assert S.PENDING in states


async def test_a_clock_that_was_set_back_pauses_nobody(tmp_path: Path) -> None:
    async with open_studio() as studio:
        await studio.queue.pause()
        (made,) = await studio.queue.enqueue([sketch()])

    class SetBack(Clock):
        def now(self) -> datetime:
            return super().now() - timedelta(days=1)

    database = Database.open(Paths.default().database)
    studio = Studio(
        Paths.default(), Settings(), Secrets(), Catalog.load(), database, clock=SetBack()
    )
    async with studio.client:
        await studio.queue.resume()
        await studio.queue.unpause()
        assert dict(studio.queue.pauses) == {}
        async with asyncio.timeout(60):
            assert (await studio.queue.wait(made.id)).state is S.COMPLETED
        await studio.queue.close()
    await studio.thumbnails.close()
    await asyncio.to_thread(database.close)


async def test_the_public_api_lets_nothing_be_sent_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "g", faults="reset*1"):
        async with open_studio() as studio:
            number = (await settled(studio, omni())).id
        database = get_database()
        try:
            for state in ("pending", "submitting", "processing"):
                with pytest.raises(ValueError, match="Only the queue"):
                    await asyncio.to_thread(
                        database.update_video_generation, number, {"status": state}
                    )
        finally:
            await asyncio.to_thread(database.close)


async def test_an_edit_of_one_with_a_key_is_another_request(tmp_path: Path) -> None:
    async with open_studio() as studio:
        await studio.queue.pause()
        asked = replace(sketch("One"), idempotency_key="one click")
        (made,) = await studio.queue.enqueue([asked])
        edited = await studio.queue.edit(made.id, replace(asked, prompt="Two"))
        assert edited.prompt == "Two"
        with pytest.raises(ValueError, match="idempotency key"):
            await studio.queue.enqueue([replace(asked, prompt="Three")])


@pytest.mark.parametrize("discards", [True, False])
async def test_a15_a_late_result_is_kept_or_discarded_as_the_user_chose(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, discards: bool
) -> None:
    async with google(monkeypatch, tmp_path / "google"), open_studio() as studio:
        (made,) = await studio.queue.enqueue([omni()])

        arriving = asyncio.Event()

        def look(event: GenerationEvent) -> None:
            if event.generation.state is S.DOWNLOADING:
                arriving.set()

        end = studio.events.subscribe(look)
        async with asyncio.timeout(60):
            await arriving.wait()
            end()
            await studio.queue.cancel(made.id, discards_result=discards)
            ended = await studio.queue.wait(made.id)
        assert ended.state in ({S.CANCELLED, S.COMPLETED} if discards else {S.COMPLETED})
        assert ended.charge is Charge.CHARGED
        assert await studio.wallet.balance() == 90
        files = [path.name for path in studio.paths.outputs.iterdir() if path.suffix != ".json"]
        assert len(files) == (1 if ended.state is S.COMPLETED else 0), files
