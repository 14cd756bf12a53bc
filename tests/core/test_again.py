"""Once more: the same, a variation, and what is never paid for a second time."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.core.studios import KEY, omni, open_studio, scripted_google, settled, sketch, until
from tests.fakes.generations import a_generation
from tests.faults.google import Google, done, failed, refuse, run_on, send, send_file
from tests.transport.clips import noise_clip
from veo_studio.core.again import Variation, again, as_takes, similar, varied
from veo_studio.core.errors import DownloadError, NotFoundError, StillRunning
from veo_studio.core.models import (
    Charge,
    Done,
    Generation,
    GenerationState,
    Operation,
    PollResult,
    ResultRef,
    VideoConfig,
)
from veo_studio.core.paths import Paths
from veo_studio.core.studio import Studio

_S = GenerationState


async def test_again_is_the_same_request_and_similar_has_a_seed_of_its_own() -> None:
    async with open_studio() as studio:
        first = await settled(studio, sketch())
        same = again(first)
        assert (same.prompt, same.model, same.config) == (
            first.prompt,
            first.model,
            first.config,
        )
        assert same.take_group is None
        other = similar(first)
        assert (other.prompt, other.config.seed) == (first.prompt, None)
        twin = await settled(studio, same)
        assert twin.sha256 == first.sha256
        assert twin.id != first.id


@pytest.mark.parametrize("variation", [one for one in Variation if one is not Variation.SEED])
def test_a_variation_adds_one_clause_and_never_piles_up(variation: Variation) -> None:
    once = varied("A red kite over the sea.", variation, random.Random(1))
    assert once.startswith("A red kite over the sea, ")
    twice = varied(once, variation, random.Random(2))
    assert twice.count(",") == 1
    assert twice != once


ENHANCED = "A fox runs. The camera tracks alongside and keeps pace. Soft light. Sound: waves."


def test_a_variation_is_a_sentence_of_its_own_before_the_sound() -> None:
    lit = varied(ENHANCED, Variation.LIGHT, random.Random(1))
    assert lit.startswith("A fox runs. The camera tracks alongside and keeps pace. Soft light. ")
    assert lit.endswith(". Sound: waves.")
    moved = varied(ENHANCED, Variation.CAMERA, random.Random(1))
    assert "keeps pace" not in moved
    assert moved.startswith("A fox runs. Soft light. ")
    again_moved = varied(moved, Variation.CAMERA, random.Random(2), unlike=moved)
    assert again_moved != moved
    assert again_moved.count(".") == moved.count(".")


def test_the_seed_variation_leaves_the_words_alone() -> None:
    assert varied("A red kite", Variation.SEED) == "A red kite"


def test_other_words_are_nobodys_enhancement() -> None:
    stored = a_generation(
        prompt="A red kite, soft light", config=VideoConfig(original_prompt="kite")
    )
    assert similar(stored).config.original_prompt == "kite"
    assert similar(stored, prompt="A blue kite").config.original_prompt == ""
    assert similar(stored, Variation.CAMERA).config.original_prompt == ""


def test_takes_share_a_group_and_have_seeds_one_after_the_other() -> None:
    requests = as_takes(sketch(seed=2**31 - 1), 3)
    assert len({one.take_group for one in requests}) == 1
    assert [one.config.seed for one in requests] == [2**31 - 1, 0, 1]
    assert [one.take_number for one in requests] == [1, 2, 3]
    assert as_takes(sketch(), 1) == [sketch()]
    large = 3_000_000_000
    seeds = [one.config.seed for one in as_takes(sketch(seed=large), 2, max_seed=2**32 - 1)]
    assert seeds == [large, large + 1]
    assert as_takes(sketch(seed=large), 2)[0].config.seed == large


async def test_a_clip_that_was_given_up_is_fetched_and_not_paid_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        server.download_default = send(b"this is no video" * 400, "video/mp4")
        held = await settled(studio, omni())
        assert held.state is _S.HELD
        given_up = await studio.queue.mark_failed(held.id)
        balance = await studio.wallet.balance()
        server.download_default = send_file
        (clip,) = await studio.queue.bring_back(given_up.id)
        assert clip.has_file
        assert clip.video_path is not None
        assert clip.video_path.is_file()
        assert clip.tokens == 0
        assert await studio.wallet.balance() == balance
        assert [one.id for one in await studio.queue.bring_back(given_up.id)] == [clip.id]
        assert len(server.submits) == 1
        assert await studio.wallet.check() == []


async def test_what_still_runs_there_is_said_and_what_failed_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        server.download_default = send(b"this is no video" * 400, "video/mp4")
        held = await settled(studio, omni())
        await studio.queue.mark_failed(held.id)
        server.poll_default = run_on
        with pytest.raises(StillRunning):
            await studio.queue.bring_back(held.id)
        server.poll_default = failed("INTERNAL", "It came to nothing.")
        assert await studio.queue.bring_back(held.id) == []


async def test_a_refused_one_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        server.poll_default = failed("INTERNAL", "It came to nothing.")
        refused = await settled(studio, omni())
        assert refused.state is _S.FAILED
        asked = len(server.polls)
        assert await studio.queue.bring_back(refused.id) == []
        assert len(server.polls) == asked


async def given_up(studio: Studio, server: Google) -> Generation:
    """One that the provider has finished, and that could not be fetched until now."""
    server.download_default = send(b"this is no video" * 400, "video/mp4")
    held = await settled(studio, omni())
    ended = await studio.queue.mark_failed(held.id)
    server.download_default = send_file
    return ended


async def test_a_paid_one_that_was_stopped_is_fetched_once_it_is_finished_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        server.poll_default = run_on
        (made,) = await studio.queue.enqueue([omni()])

        async def is_sent() -> bool:
            return (await studio.generations.get(made.id)).operation_id is not None

        await until(is_sent, studio)
        stopped = await studio.queue.cancel(made.id)
        assert (stopped.state, stopped.charge) == (_S.CANCELLED, Charge.CHARGED)
        server.poll_default = done
        (clip,) = await studio.queue.bring_back(made.id)
        assert clip.has_file
        assert (await studio.generations.get(made.id)).state is _S.CANCELLED
        assert len(server.submits) == 1
        assert await studio.wallet.check() == []


async def test_what_another_key_made_is_not_believed_to_be_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted_google(monkeypatch) as server:
        async with open_studio() as studio:
            ended = await given_up(studio, server)
        monkeypatch.setenv("GEMINI_API_KEY", "AIzaSy-another-key-0000000000000000000")
        async with open_studio() as studio:
            for status, code in ((404, "NOT_FOUND"), (403, "PERMISSION_DENIED")):
                server.poll_default = refuse(status, code, "No such interaction.")
                with pytest.raises(NotFoundError, match="made with another key"):
                    await studio.queue.bring_back(ended.id)
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        server.poll_default = refuse(404, "NOT_FOUND", "No such interaction.")
        async with open_studio() as studio:
            assert await studio.queue.bring_back(ended.id) == []


async def test_a_link_that_is_renewed_is_still_that_of_the_first_clip(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        ended = await given_up(studio, server)
        server.download_steps.append(send(b"{}", "application/json", 404))
        (clip,) = await studio.queue.bring_back(ended.id)
        assert clip.has_file


@pytest.mark.parametrize("is_file_gone", [True, False])
async def test_one_that_was_brought_back_and_deleted_comes_back_once_more(
    monkeypatch: pytest.MonkeyPatch, is_file_gone: bool
) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        ended = await given_up(studio, server)
        (clip,) = await studio.queue.bring_back(ended.id)
        assert clip.video_path is not None
        if is_file_gone:
            clip.video_path.unlink()
        await studio.generations.forget(clip.id)
        assert clip.id not in [one.id for one in await studio.generations.page()]
        (anew,) = await studio.queue.bring_back(ended.id)
        assert anew.id == clip.id
        assert anew.video_path is not None
        assert anew.video_path.is_file()
        assert clip.id in [one.id for one in await studio.generations.page()]


async def test_a_first_clip_that_is_gone_is_told_although_others_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        ended = await given_up(studio, server)
        first = replace(ended, result=ResultRef("unused", more=("unused",)))
        path = tmp_clip()
        await studio.generations.add_sample(first, 2, path, {})
        generator = studio.queue._generators[ended.kind]
        provider = await generator.client.providers.provider("gemini")
        poll = provider.poll

        async def two(operation: Operation) -> PollResult:
            answer = await poll(operation)
            assert isinstance(answer, Done)
            return replace(answer, result=replace(answer.result, more=("unused",)))

        monkeypatch.setattr(provider, "poll", two)
        server.download_default = send(b"this is no video" * 400, "video/mp4")
        with pytest.raises(DownloadError):
            await studio.queue.bring_back(ended.id)


def tmp_clip() -> Path:
    path = Paths.default().outputs / "second.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(noise_clip())
    return path
