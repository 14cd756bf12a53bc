"""The main job through the core: a prompt goes in, a verified file and one charge come out."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from tests.core.studios import KEY, google, omni, open_studio, settled, sketch
from veo_studio.core.errors import NotEnoughTokens
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import (
    Charge,
    ErrorKind,
    GenerationState,
)

S = GenerationState


async def test_a_clip_arrives_with_one_charge_and_honest_progress(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google") as server, open_studio() as studio:
        events: list[GenerationEvent] = []
        studio.events.subscribe(events.append)
        generation = await settled(studio, omni())
        assert generation.state is S.COMPLETED, generation.error
        assert generation.charge is Charge.CHARGED
        assert await studio.wallet.balance() == 90
        assert server.accepted_count == 1
        path = generation.video_path
        assert path is not None
        assert path.parent == studio.paths.outputs
        assert hashlib.sha256(path.read_bytes()).hexdigest() == generation.sha256
        assert path.stat().st_size == generation.size_bytes
        assert (generation.width_px, generation.height_px, generation.has_audio) == (640, 360, True)
        assert generation.length_s == pytest.approx(3, abs=0.1)
        # its recipe beside it, and nothing else
        names = sorted(entry.name for entry in path.parent.iterdir())
        assert names == [f"{path.stem}.json", path.name]
        percents = [event.progress.percent for event in events if event.progress]
        assert percents == sorted(percents)
        assert {0, 10, 90, 100} <= set(percents)
        changes = [
            change.to_state for change in await studio.generations.state_changes(generation.id)
        ]
        assert changes == [S.PENDING, S.SUBMITTING, S.PROCESSING, S.DOWNLOADING, S.COMPLETED]


async def test_without_a_key_the_embedded_engine_costs_nothing(tmp_path: Path) -> None:
    async with open_studio() as studio:
        generation = await settled(studio, sketch())
        assert generation.state is S.COMPLETED, generation.error
        assert (generation.tokens, generation.charge) == (0, Charge.NOT_CHARGED)
        assert await studio.wallet.balance() == 100


# what is only downloaded no longer occupies a place at the provider
IN_FLIGHT = {S.SUBMITTING, S.PROCESSING}


async def test_several_at_once_stay_within_the_limit(tmp_path: Path) -> None:
    async with open_studio() as studio:
        most = 0
        at_provider: set[int] = set()

        def count(event: GenerationEvent) -> None:
            nonlocal most
            generation = event.generation
            (at_provider.add if generation.state in IN_FLIGHT else at_provider.discard)(
                generation.id
            )
            most = max(most, len(at_provider))

        studio.events.subscribe(count)
        made = await studio.queue.enqueue([sketch(seed=seed) for seed in range(5)])
        done = [await studio.queue.wait(generation.id) for generation in made]
        assert {generation.state for generation in done} == {S.COMPLETED}
        assert len({generation.video_path for generation in done}) == 5
        assert most == 3


async def test_the_same_words_and_seed_make_a_second_file() -> None:
    async with open_studio() as studio:
        first, second = await settled(studio, sketch()), await settled(studio, sketch())
        assert first.video_path is not None
        assert second.video_path is not None
        assert first.video_path != second.video_path
        assert first.video_path.read_bytes() == second.video_path.read_bytes()


async def test_a03_429_waits_as_long_as_told_and_then_completes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with (
        google(monkeypatch, tmp_path / "google", faults="429:1*1") as server,
        open_studio() as studio,
    ):
        loop = asyncio.get_running_loop()
        started = loop.time()
        generation = await settled(studio, omni())
        assert generation.state is S.COMPLETED, generation.error
        assert loop.time() - started >= 1.0
        assert len(await studio.generations.attempts(generation.id)) == 2
        assert server.accepted_count == 1
        assert await studio.wallet.balance() == 90


@pytest.mark.parametrize("fault", ["reset", "500"])
async def test_a01_a05_a_lost_answer_is_unknown_and_never_sent_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    async with google(monkeypatch, tmp_path / "google", faults=fault) as server:
        async with open_studio() as studio:
            generation = await settled(studio, omni())
            assert generation.state is S.UNKNOWN
            assert generation.charge is Charge.UNKNOWN
            assert await studio.wallet.balance() == 90
        async with open_studio() as studio:
            await studio.queue.resume()
            again = await studio.queue.wait(generation.id)
            assert again.state is S.UNKNOWN
        posts = [
            r for r in server.requests if r.method == "POST" and r.path.endswith("/interactions")
        ]
        assert len(posts) == 1


async def test_a_lost_answer_of_the_embedded_engine_is_found_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "reset")
    async with open_studio() as studio:
        generation = await settled(studio, sketch())
        assert generation.state is S.COMPLETED, generation.error
        states = [c.to_state for c in await studio.generations.state_changes(generation.id)]
        assert S.UNKNOWN in states


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("refuse", ErrorKind.CONTENT_FILTERED),
        ("fail", ErrorKind.GENERATION_FAILED),
    ],
)
async def test_b01_a_failure_gives_the_tokens_back_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str, kind: ErrorKind
) -> None:
    async with google(monkeypatch, tmp_path / "google", faults=fault), open_studio() as studio:
        generation = await settled(studio, omni())
        assert generation.state is S.FAILED
        assert generation.error_kind is kind
        assert generation.error
        assert generation.charge is Charge.NOT_CHARGED
        kinds = [entry.kind for entry in await studio.wallet.entries()]
        assert kinds == ["refund", "charge", "grant"]


@pytest.mark.parametrize(
    "fault", ["cut:50%", "cut:1000", "short", "expired", "html*1", "poll-500", "poll-html"]
)
async def test_trouble_after_the_submit_ends_in_the_whole_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    async with (
        google(monkeypatch, tmp_path / "google", faults=fault) as server,
        open_studio() as studio,
    ):
        generation = await settled(studio, omni())
        assert generation.state is S.COMPLETED, generation.error
        assert generation.video_path is not None
        digest = hashlib.sha256(generation.video_path.read_bytes()).hexdigest()
        assert digest == generation.sha256
        names = sorted(entry.name for entry in studio.paths.outputs.iterdir())
        clip = generation.video_path
        assert names == [f"{clip.stem}.json", clip.name]
        assert server.accepted_count == 1


@pytest.mark.parametrize("fault", ["html", "expired-forever"])
async def test_a_result_that_never_comes_whole_is_held_and_not_refunded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    monkeypatch.setattr("veo_studio.core.retry.Backoff.wait_s", lambda *_: 0.01)
    faults = "html*99" if fault == "html" else fault
    async with google(monkeypatch, tmp_path / "google", faults=faults), open_studio() as studio:
        generation = await settled(studio, omni())
        assert generation.state is S.HELD
        assert generation.charge is Charge.CHARGED
        assert await studio.wallet.balance() == 90
        assert not list(studio.paths.outputs.glob("*.mp4"))


async def test_too_few_tokens_store_and_send_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google") as server, open_studio() as studio:
        with pytest.raises(NotEnoughTokens):
            await studio.queue.enqueue([omni() for _ in range(11)])
        assert await studio.generations.count() == 0
        assert server.accepted_count == 0


async def test_the_key_is_nowhere_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, studio_home: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google", faults="500"), open_studio() as studio:
        await settled(studio, omni())
        files = [path for path in studio_home.rglob("*") if path.is_file()]
        assert files
        assert not [path for path in files if KEY[:20].encode() in path.read_bytes()]


async def test_an_unknown_event_listener_does_not_stop_the_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_studio() as studio:

        def broken(event: GenerationEvent) -> None:
            if event.kind is EventKind.PROGRESS:
                raise RuntimeError("a widget is gone")

        studio.events.subscribe(broken)
        generation = await settled(studio, sketch())
        assert generation.state is S.COMPLETED
        assert "a listener failed" in caplog.text
