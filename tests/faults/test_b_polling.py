"""Rows B of the fault matrix: what a provider says while it works, and about its end."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
from typing import Any

import pytest

from tests.faults import google
from tests.faults.google import Call, Step, ended, failed, refuse, steps_with, video
from tests.faults.lab import WAIT_S, Lab, S
from tests.faults.processes import generate
from veo_studio.core.errors import StudioError
from veo_studio.core.events import EventKind
from veo_studio.core.generators.text_to_video import TextToVideoGenerator
from veo_studio.core.models import ErrorKind

HOUR_S = 3600.0


@pytest.mark.parametrize("code", [3, 8, 13, 14, "internal", "https://example.com/errors/1"])
async def test_b01_an_error_at_the_end_is_refunded(lab: Lab, code: Any) -> None:
    lab.google.poll_default = failed(code, "It went wrong.")
    stored = await lab.is_refunded(await lab.make())
    assert stored.error == "It went wrong."
    assert len(lab.google.polls) == 1


async def test_b01_two_who_read_the_end_refund_it_once(lab: Lab) -> None:
    both = asyncio.Event()

    async def for_two(call: Call) -> None:
        if len(lab.google.polls) == 2:
            both.set()
        await both.wait()
        await failed("internal", "It went wrong.")(call)

    lab.google.poll_default = for_two
    (generation,) = await lab.enqueue()
    running = await lab.reach(generation, S.PROCESSING)
    second = TextToVideoGenerator(lab.studio.client, lab.studio.database, clock=lab.clock)
    beside = asyncio.ensure_future(second.run(running))
    await lab.rest(generation)
    # whoever comes second finds it ended, or is refused the move
    await asyncio.gather(beside, return_exceptions=True)
    assert beside.exception() is None or isinstance(beside.exception(), StudioError)
    await lab.is_refunded(generation)


@pytest.mark.parametrize("label", ["K10", "K11", "K12"])
async def test_b01_kill_9_around_the_refund_leaves_one(lab: Lab, label: str) -> None:
    lab.google.poll_default = failed("internal", "It went wrong.")
    await lab.close()
    assert await generate(lab, VEO_STUDIO_CRASH=label) == -signal.SIGKILL
    studio = await lab.open(resume=True)
    (generation,) = await studio.generations.page()
    await lab.rest(generation)
    await lab.is_refunded(generation)
    assert await studio.wallet.balance() == 1000


async def test_b02_a_refusal_is_told_in_its_own_words_as_plain_text(lab: Lab) -> None:
    words = "I can't make <b>that</b>:\nit shows <img src=http://evil.example.com/x> a person."
    lab.google.poll_default = ended("completed", steps=steps_with({"type": "text", "text": words}))
    stored = await lab.is_refunded(await lab.make())
    assert stored.error_kind is ErrorKind.CONTENT_FILTERED
    assert stored.error == words


async def test_b03_what_is_never_done_is_asked_ever_more_rarely(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VEO_STUDIO_POLL_INTERVAL")
    lab.clock.speed = 20
    lab.google.poll_default = google.run_on
    overdue = asyncio.Event()
    lab.studio.events.subscribe(lambda event: event.kind is EventKind.UPDATED and overdue.set())
    (generation,) = await lab.enqueue()
    await lab.until(lambda: len(lab.google.polls) >= 3)
    first, *early = [asked.at_s for asked in lab.google.polls]
    # 15 s and 10 s, less what a busy machine takes away
    assert first - lab.google.submits[0].at_s >= 10
    assert all(gap >= 7 for gap in gaps([first, *early]))
    # beyond the deadline of 20 minutes it goes on, more slowly, and others need not wait for it
    lab.clock.speed = 200
    await lab.leap(1200)
    async with asyncio.timeout(WAIT_S):
        await overdue.wait()
    seen = len(lab.google.polls)
    await lab.until(lambda: len(lab.google.polls) >= seen + 3)
    late = gaps([asked.at_s for asked in lab.google.polls][seen:])
    assert all(gap >= 40 for gap in late)
    progress = lab.studio.queue.progress_of(generation.id)
    assert progress is not None
    assert "Still running at the provider" in progress.status
    assert progress.percent <= 80
    await lab.is_queued(generation)
    lab.google.poll_default = google.done
    await lab.rest(generation)
    await lab.is_completed(generation)


def gaps(moments: list[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(moments)]


async def test_b04_an_operation_that_is_unknown_once_is_asked_again(lab: Lab) -> None:
    lab.clock.speed = 100
    lab.google.poll_steps.extend([refuse(404, "NOT_FOUND")] * 2)
    await lab.is_completed(await lab.make())


async def test_b04_an_operation_that_is_unknown_for_ten_minutes_is_refunded(lab: Lab) -> None:
    lab.clock.speed = 500
    lab.google.poll_default = refuse(404, "NOT_FOUND", "No such interaction.")
    stored = await lab.is_refunded(await lab.make(), may_be_billed=True)
    assert stored.error_kind is ErrorKind.NOT_FOUND
    times = [asked.at_s for asked in lab.google.polls]
    assert len(times) >= 5
    assert times[-1] - times[0] >= 600


TROUBLE: dict[str, Step] = {
    "500": refuse(500, "INTERNAL"),
    "502": google.send(b"<html>Bad gateway</html>", "text/html", 502),
    "503": refuse(503, "UNAVAILABLE"),
    "504": google.send(b"", "text/plain", 504),
    "a reset": google.reset,
    "a page": google.send(b"<html>Sign in</html>", "text/html"),
    "cut json": google.send(google.cut_json({"id": "v1_1", "status": "completed"}), "text/json"),
    "nothing": google.send(b"", "application/json"),
    "null": google.answer(None),
    "a list": google.answer([]),
    "another one's": google.answer({"id": "v1_other", "status": "failed"}),
    "no status": google.answer({"id": "v1_1"}),
    "a new status": ended("dreaming"),
    "429": refuse(429, "RESOURCE_EXHAUSTED", Retry_After="2"),
    "418": refuse(418, "TEAPOT"),
}


@pytest.mark.parametrize("seed", range(3))
async def test_b05_no_trouble_of_a_poll_ends_a_generation(lab: Lab, seed: int) -> None:
    lab.clock.speed = 1000
    draw = random.Random(seed)
    names = draw.sample(sorted(TROUBLE), len(TROUBLE)) + draw.choices(sorted(TROUBLE), k=5)
    lab.google.poll_steps.extend(TROUBLE[name] for name in names)
    generation = await lab.make()
    await lab.is_completed(generation)
    assert len(lab.google.polls) == 21
    assert await lab.states(generation) == [
        "pending", "submitting", "processing", "downloading", "completed",
    ]  # fmt: skip


async def test_b06_the_first_done_is_believed(lab: Lab) -> None:
    lab.google.poll_steps.append(google.done)
    lab.google.poll_default = failed("internal", "No, it was not.")
    await lab.is_completed(await lab.make())
    assert len(lab.google.polls) == 1


async def test_b06_done_and_then_not_done_is_done_in_the_end(lab: Lab) -> None:
    """The link has expired, and while a new one is asked for the provider is not sure any more."""
    lab.google.poll_steps.extend([google.done, google.run_on, google.run_on])
    lab.google.download_steps.append(refuse(403, "PERMISSION_DENIED"))
    await lab.is_completed(await lab.make())
    assert len(lab.google.polls) == 4


WITHOUT: dict[str, tuple[Step, ErrorKind]] = {
    "no video": (ended("completed", steps=[]), ErrorKind.CONTENT_FILTERED),
    "nothing at all": (ended("completed"), ErrorKind.CONTENT_FILTERED),
    "no link": (ended("completed", steps=steps_with(video(None))), ErrorKind.GENERATION_FAILED),
    "a link that is no text": (
        ended("completed", steps=steps_with({"type": "video", "uri": 7})),
        ErrorKind.GENERATION_FAILED,
    ),
    "an error and a video": (
        ended(
            "failed",
            errors=[{"code": "internal", "message": "It went wrong."}],
            steps=steps_with(video("https://example.com/a.mp4")),
        ),
        ErrorKind.GENERATION_FAILED,
    ),
    "stopped early": (ended("incomplete", steps=[]), ErrorKind.GENERATION_FAILED),
    "wants something": (ended("requires_action"), ErrorKind.GENERATION_FAILED),
    "no budget": (ended("budget_exceeded"), ErrorKind.QUOTA_EXCEEDED),
}


@pytest.mark.parametrize("how", WITHOUT)
async def test_b06_an_end_without_a_video_is_refunded(lab: Lab, how: str) -> None:
    lab.google.poll_default, kind = WITHOUT[how]
    stored = await lab.is_refunded(await lab.make())
    assert stored.error_kind is kind
    assert lab.google.downloads == []


async def test_b06_a_video_with_remarks_or_several_of_them_is_one_file(lab: Lab) -> None:
    async def two(call: Call) -> None:
        parts = [{"type": "text", "text": "Here it is."}, video(call.link + "&n=1")]
        steps = steps_with(*parts, video(call.link))
        await call.says(google.interaction(call, "completed", steps=steps, errors=["a remark"]))

    lab.google.poll_default = two
    await lab.is_completed(await lab.make())
    assert len(lab.google.downloads) == 1
    assert len(lab.files()) == 1


@pytest.mark.parametrize("hours", [1, 30])
async def test_b08_what_was_finished_while_the_program_was_closed_arrives(
    lab: Lab, hours: int
) -> None:
    lab.google.poll_default = google.run_on
    (generation,) = await lab.enqueue()
    await lab.reach(generation, S.PROCESSING)
    await lab.close()
    lab.google.poll_default = google.done
    await lab.leap(hours * HOUR_S)
    await lab.open(resume=True)
    await lab.rest(generation)
    await lab.is_completed(generation)
    assert len(lab.google.submits) == 1


EXPIRED: dict[str, tuple[Step, Step]] = {
    "forgotten": (refuse(404, "NOT_FOUND"), google.send_file),
    "its file is gone": (google.done, refuse(404, "NOT_FOUND")),
}


@pytest.mark.parametrize("how", EXPIRED)
async def test_b08_what_the_provider_no_longer_keeps_is_refunded(lab: Lab, how: str) -> None:
    lab.google.poll_default = google.run_on
    (generation,) = await lab.enqueue()
    await lab.reach(generation, S.PROCESSING)
    await lab.close()
    lab.google.poll_default, lab.google.download_default = EXPIRED[how]
    await lab.leap(60 * HOUR_S)
    await lab.open(resume=True)
    await lab.rest(generation)
    stored = await lab.is_refunded(generation, may_be_billed=True)
    assert stored.error == "The provider no longer keeps this result."
