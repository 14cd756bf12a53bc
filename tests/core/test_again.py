"""Once more: the same, a variation, and what is never paid for a second time."""

from __future__ import annotations

import random

import pytest

from tests.core.studios import omni, open_studio, scripted_google, settled, sketch
from tests.fakes.generations import a_generation
from tests.faults.google import failed, run_on, send, send_file
from veo_studio.core.again import Variation, again, as_takes, similar, varied
from veo_studio.core.errors import StillRunning
from veo_studio.core.models import GenerationState, VideoConfig

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
