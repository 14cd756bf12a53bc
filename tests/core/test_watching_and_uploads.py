"""How long an answer is believed: of a provider that holds work back, and of a picture that was brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.core.test_inputs_and_samples import Scripted
from tests.fakes.tools import adapter_tools
from veo_studio.core.clock import Clock
from veo_studio.core.events import EventStream
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.generators.uploading import Uploads
from veo_studio.core.generators.watching import EXPIRED, Patience, Watch
from veo_studio.core.input_files import InputFiles
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import (
    Charge,
    Done,
    Generation,
    GenerationKind,
    GenerationRequest,
    GenerationState,
    InputRole,
    Operation,
    PollPacing,
    PollResult,
    ResultRef,
    Running,
    VideoConfig,
)
from veo_studio.core.providers.http import HttpGateway

_HOUR_S = 3600.0
_DONE = Done(ResultRef("https://example.test/a.mp4"))
_HELD_BACK = Running(status="THROTTLED", is_queued=True, is_held_back=True)


class HandClock(Clock):
    """Sleeping moves both clocks; a suspended computer moves the wall clock alone."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 3, 1, tzinfo=UTC)
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, wait_s: float) -> None:
        self.seconds += wait_s
        self.wall += timedelta(seconds=wait_s)

    def suspend(self, wait_s: float) -> None:
        self.wall += timedelta(seconds=wait_s)


class Answering(Scripted):
    """Polls are answered from a list of (answer, how often)."""

    def say(self, *answers: tuple[PollResult, int]) -> None:
        self._answers = [answer for answer, times in answers for _ in range(times)]

    async def poll(self, operation: Operation) -> PollResult:
        return self._answers.pop(0)


def answering(gateway: HttpGateway) -> Answering:
    # a poll every half hour, results kept for a day
    pacing = PollPacing(0, _HOUR_S / 2, 10**9, 24)
    return Answering(adapter_tools("gemini", gateway, "http://127.0.0.1:9", pacing=pacing))


def watch(provider: Answering, clock: HandClock, tmp_path: Path) -> Watch:
    unused: Any = None
    tools = RunTools(unused, unused, EventStream(), tmp_path, clock=clock)
    at = clock.now()
    generation = Generation(
        1, "u", GenerationKind.VIDEO, "gemini", "m", "A boat", VideoConfig("16:9", 3, "360p"),
        GenerationState.PROCESSING, "", Charge.CHARGED, 1, None, at, at, "operation-1",
    )  # fmt: skip
    return Watch(
        tools, provider, generation, Patience(), clock.monotonic, lambda *_: None, lambda: None
    )


@pytest.mark.parametrize("waiting", [_HELD_BACK, Running(is_queued=True)])
async def test_what_the_provider_holds_back_for_days_does_not_expire(
    tmp_path: Path, waiting: Running
) -> None:
    clock, gateway = HandClock(), HttpGateway()
    provider = answering(gateway)
    provider.say((waiting, 200), (_DONE, 1))
    assert await watch(provider, clock, tmp_path).until_decided() is _DONE
    assert clock.monotonic() > 24 * _HOUR_S
    await gateway.close()


async def test_the_time_held_back_is_not_counted_once_it_runs(tmp_path: Path) -> None:
    clock, gateway = HandClock(), HttpGateway()
    provider = answering(gateway)
    provider.say((_HELD_BACK, 100), (Running(), 40), (_DONE, 1))
    assert await watch(provider, clock, tmp_path).until_decided() is _DONE
    await gateway.close()


async def test_what_runs_beyond_its_retention_without_being_held_back_expires(
    tmp_path: Path,
) -> None:
    clock, gateway = HandClock(), HttpGateway()
    provider = answering(gateway)
    provider.say((Running(), 200))
    assert await watch(provider, clock, tmp_path).until_decided() is EXPIRED
    await gateway.close()


@pytest.mark.parametrize(("asleep_s", "times"), [(_HOUR_S + 60, 2), (600, 1), (-9000, 1)])
async def test_an_upload_grows_old_while_the_computer_sleeps(
    tmp_path: Path, asleep_s: float, times: int
) -> None:
    clock, gateway = HandClock(), HttpGateway()
    provider = answering(gateway)
    files = InputFiles(tmp_path / "inputs")
    picture = tmp_path / "boat.png"
    Image.new("RGB", (64, 36), "teal").save(picture)
    item = take_in_picture(files, picture, InputRole.FIRST_FRAME)
    config = replace(VideoConfig("16:9", 3, "360p"), inputs=(item,))
    request = GenerationRequest("A boat", "gemini", "m", config)
    uploads = Uploads(files, clock)
    first: Sequence[str] = await uploads.bring(provider, request)
    clock.suspend(asleep_s)
    second = await uploads.bring(provider, request)
    assert len(provider.uploaded) == times
    assert (first == second) is (times == 1)
    await gateway.close()
