"""C18 and F11: a line that goes away, a clock that jumps, and a proxy in between."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults import google
from tests.faults.google import Call, refuse
from tests.faults.lab import Lab, S
from tests.transport.file_server import cut_after


async def test_c18_a_provider_that_is_away_is_waited_for_while_it_is_asked(lab: Lab) -> None:
    lab.google.poll_default = google.run_on
    (generation,) = await lab.enqueue()
    await lab.until(lambda: len(lab.google.polls) >= 2)
    await lab.google.stop()
    # so long that the waits between the tries have grown
    lab.clock.speed = 100
    await lab.clock.sleep(150)
    await lab.is_queued(generation)
    lab.google.poll_default = google.done
    lab.clock.speed = 10
    await lab.google.start()
    back_s = lab.clock.monotonic()
    await lab.rest(generation)
    assert lab.google.polls[-1].at_s - back_s <= 10 + 5
    await lab.is_completed(generation)


async def test_c18_a_provider_that_is_away_is_waited_for_while_a_file_arrives(lab: Lab) -> None:
    lab.tools["backoff"] = None  # the program's own waits
    gone = asyncio.Event()

    async def leave(call: Call) -> None:
        lab.google.files.faults = [cut_after(70_000)]
        await google.send_file(call)
        gone.set()

    lab.google.download_steps.append(leave)
    (generation,) = await lab.enqueue()
    await gone.wait()
    await lab.google.stop()
    # so long that the waits between the tries have grown
    lab.clock.speed = 100
    await lab.clock.sleep(120)
    lab.clock.speed = 10
    stored = await lab.is_queued(generation)
    assert stored.state is S.DOWNLOADING
    await lab.google.start()
    back_s = lab.clock.monotonic()
    await lab.until(lambda: len(lab.google.downloads) >= 2)
    assert lab.google.downloads[-1].at_s - back_s <= 10 + 5
    await lab.rest(generation)
    await lab.is_completed(generation)
    assert [asked.received.range_start for asked in lab.google.downloads] == [None, 70_000]


async def test_c18_a_black_hole_is_waited_for(lab: Lab, quick_polls: None) -> None:
    lab.clock.speed = 100
    lab.google.poll_steps.extend([google.silence] * 3)
    generation = await lab.make()
    await lab.is_completed(generation)
    assert len(lab.google.polls) == 4


@pytest.mark.parametrize("seconds", [-86_400, 600, 86_400 * 3650])
async def test_c18_d06_no_clock_that_jumps_ends_a_generation(lab: Lab, seconds: int) -> None:
    lab.google.poll_default = google.run_on
    lab.google.submit_steps.extend([google.accept, refuse(429, "X", Retry_After="3600")])
    first, second = await lab.enqueue(2)
    await lab.put_back(first, second)
    lab.clock.set_back(-seconds)
    lab.google.poll_default = google.done
    await lab.leap(3600)
    for generation in (first, second):
        await lab.rest(generation)
        await lab.is_completed(generation)
    assert len(lab.google.submits) == 3


async def test_f11_a_proxy_of_the_system_sees_nothing_of_this_machine(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = await lab.stranger(lab.google.files)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    await lab.is_completed(await lab.make())
    assert proxy.connections == 0


async def test_f11_a_bad_address_of_the_provider_is_told_before_anything_is_charged(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setenv("VEO_STUDIO_GEMINI_URL", "http://gateway.example.com/v1")
        with pytest.raises(ValueError, match=r"VEO_STUDIO_GEMINI_URL cannot be used: .* https"):
            await lab.enqueue()
    assert await lab.studio.generations.count() == 0
    assert await lab.studio.wallet.balance() == 1000
