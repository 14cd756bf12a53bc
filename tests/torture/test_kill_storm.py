"""G04: kill -9 at random moments while many generations run under chaos, and a restart each time."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.torture.processes import KillLab, conclude
from tests.torture.provider import Provider
from tests.torture.scale import IS_TORTURE, amount

STORMS = 8 if IS_TORTURE else 2
KILLS = amount(4, 1000 // STORMS)
# new ones per process, and those that the first one begins with
STEP, FIRST = 3, 30


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(STORMS))
async def test_g04_kill_storm(seed: int, tmp_path: Path, tried: Counter[str]) -> None:
    draw = random.Random(seed)
    provider = Provider(seed, chaos=0.3, failing=0.08)
    provider.longest_s = 1.5
    async with provider.serving():
        lab = KillLab(tmp_path / "world", provider, tried)
        asked = FIRST
        # a process that comes to rest before its end is no kill
        while tried["kills"] < KILLS and not lab.violations:
            await lab.life(
                draw, "--to", asked, "--first", max(0, asked - 2 * FIRST), "--clicks",
                "--seed", draw.randrange(2**32), "--batch", draw.choice((1, 3, 30)),
                "--concurrency", 16,
            )  # fmt: skip
            asked += STEP
        if not lab.violations:
            await lab.until_rest("--to", asked, "--batch", 30, "--concurrency", 16)
        conclude(lab)
