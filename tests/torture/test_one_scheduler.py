"""E01: one scheduler per data folder, whoever else starts and however the first one ends."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.torture.driver import IN_USE, MODEL
from tests.torture.processes import Driver, KillLab, conclude
from tests.torture.provider import Provider
from tests.torture.scale import amount

BESIDE, AFTER_KILL, GUESTS = amount(8, 40), amount(6, 30), amount(2, 10)


@pytest.fixture
async def lab(tmp_path: Path, tried: Counter[str]) -> AsyncIterator[KillLab]:
    provider = Provider(7)
    async with provider.serving():
        yield KillLab(tmp_path / "world", provider, tried)


async def outcome(driver: Driver) -> str:
    """What a second start says; it ends by itself where another has the folder."""
    words = await driver.line()
    driver.go()
    if words == "in use":
        assert await driver.end() == IN_USE
    return words


async def test_e01_a_second_start_changes_nothing_while_the_first_lives(lab: KillLab) -> None:
    first = await lab.start("--to", 6, "--stay")
    assert await lab.recovered(first)
    first.go()
    for _ in range(0, BESIDE, 2):
        pair = [await lab.start("--to", 6), await lab.start("--to", 6)]
        assert [await outcome(second) for second in pair] == ["in use", "in use"]
        lab.tried["second starts"] += 2
    assert await first.line() == "rest"
    first.go()
    assert await first.end() == 0
    await lab.until_rest("--to", 6)
    assert len(lab.provider.accepted) == 6
    conclude(lab)


async def test_e01_the_lock_dies_with_its_process(lab: KillLab) -> None:
    """Two start at once right after the first was killed: one of them goes on, the other does not."""
    asked = 4
    first = await lab.start("--to", asked, "--stay")
    assert await lab.recovered(first)
    for _ in range(AFTER_KILL):
        first.go()
        first.kill()
        lab.tried["kills"] += 1
        asked += 1
        pair = [await lab.start("--to", asked, "--stay") for _ in range(2)]
        said = await asyncio.gather(*(driver.line() for driver in pair))
        assert sorted(said) == ["in use", "recovered"]
        assert await first.end() == -signal.SIGKILL
        lab.tried["second starts"] += 2
        lab.check()
        first = pair[said.index("recovered")]
        assert await pair[said.index("in use")].end() == IN_USE
    first.kill()
    assert await first.end() == -signal.SIGKILL
    await lab.until_rest("--to", asked)
    conclude(lab)


async def test_e01_the_command_line_beside_a_scheduler_hands_its_work_over(lab: KillLab) -> None:
    first = await lab.start("--to", 3, "--stay")
    assert await lab.recovered(first)
    first.go()
    arguments = (
        "--model",
        MODEL,
        "--provider",
        "gemini",
        "--duration",
        "3",
        "--resolution",
        "360p",
    )
    for _ in range(GUESTS):
        code, out = await lab.command_line("generate", "A red kite", *arguments, "--yes", "--json")
        assert code == 0, lab.memory.said
        (made,) = json.loads(out) if out.startswith("[") else [json.loads(out)]
        assert made["status"] == "completed"
        lab.tried["second starts"] += 1
    assert await first.line() == "rest"
    first.go()
    assert await first.end() == 0
    await lab.until_rest("--to", 3)
    assert len(lab.provider.accepted) == 3 + GUESTS
    conclude(lab)
