"""Any faults in any order: the invariants hold after every step, and in the end nothing is lost.

One sequence is fifty steps on the real core (see `world.py`). A failing one is printed as a program
that can be put into a test. VEO_STUDIO_TEST_SCALE multiplies how many are tried.
"""

from __future__ import annotations

import json
import os
import random
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    rule,
    run_state_machine_as_test,
)

from tests.torture.service import CANCEL, DOWNLOAD, POLL, SUBMIT
from tests.torture.standing import Standing
from tests.torture.world import LIMITS, Program
from veo_studio.core.errors import FolderInUse, LedgerDamaged, StudioError
from veo_studio.core.models import BudgetPeriod, GenerationState
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration

SCALE = float(os.environ.get("VEO_STUDIO_TEST_SCALE", "1"))
STEPS = 50

providers = st.sampled_from(sorted(LIMITS))
kinds = st.sampled_from(["video", "video", "picture"])
picks = st.integers(0, 30)
# a step ends when all is quiet, or with everything in mid-air
turns = st.sampled_from([None, None, None, 0, 3, 12])


class Faults(Standing):
    # what a user does

    @rule(provider=providers, kind=kinds, count=st.integers(1, 4), go=turns)
    def enqueue(self, provider: str, kind: str, count: int, go: int | None) -> None:
        if (program := self.opened(go)) is not None:
            prompt, asked = self.click(kind, count)
            request = self.world.request(provider, kind, prompt)
            self.watch(program.queue.enqueue([request] * count), asked)
            self.world.loop.go(go)

    @rule(provider=providers, seconds=st.sampled_from([6.0, 30.0]))
    def enqueue_and_follow(self, provider: str, seconds: float) -> None:
        self.enqueue(provider, "video", 2, None)
        self.world.pass_time(seconds)

    @rule(pick=picks, go=turns)
    def cancel(self, pick: int, go: int | None) -> None:
        if (found := self.pick(pick, go)) is not None:
            program, number, _ = found
            self.model.given_up.add(number)
            self.say(program.queue.cancel(number), go)

    @rule(pick=picks, go=turns)
    def mark_failed(self, pick: int, go: int | None) -> None:
        if (found := self.pick(pick, go, {"unknown", "held"})) is not None:
            program, number, _ = found
            self.model.given_up.add(number)
            self.say(program.queue.mark_failed(number), go)

    @rule(pick=picks, go=turns)
    def send_again(self, pick: int, go: int | None) -> None:
        if (found := self.pick(pick, go, {"unknown"})) is not None:
            program, number, _ = found
            self.model.again[number] += 1
            self.say(program.queue.send_again(number), go)

    @rule(pick=picks, go=turns)
    def retry(self, pick: int, go: int | None) -> None:
        if (found := self.pick(pick, go, {"unknown", "held"})) is not None:
            program, number, _ = found
            self.say(program.queue.retry(number), go)

    @rule(go=turns)
    def collect(self, go: int | None) -> None:
        if (program := self.opened(go)) is not None:
            self.say(program.queue.collect(), go)

    @rule(pick=picks, kind=kinds, go=turns)
    def edit(self, pick: int, kind: str, go: int | None) -> None:
        if (found := self.pick(pick, go, {"pending"})) is not None:
            program, number, row = found
            prompt, asked = self.click(kind, 1)
            self.model.given_up.add(number)
            request = self.world.request(row["provider"], kind, prompt)
            self.watch(program.queue.edit(number, request), asked)
            self.world.loop.go(go)

    @rule(pick=picks, other=picks, go=turns)
    def move(self, pick: int, other: int, go: int | None) -> None:
        found = self.pick(pick, go, {"pending"})
        before = self.pick(other, go, {"pending"})
        if found is not None and before is not None:
            target = before[1] if other % 4 else None
            self.say(found[0].queue.move_before(found[1], target), go)

    @rule(pick=picks, priority=st.integers(-1, 2), go=turns)
    def set_priority(self, pick: int, priority: int, go: int | None) -> None:
        if (found := self.pick(pick, go, {"pending"})) is not None:
            self.say(found[0].queue.set_priority(found[1], priority), go)

    @rule(provider=st.sampled_from(["", *sorted(LIMITS)]), go=turns)
    def pause(self, provider: str, go: int | None) -> None:
        if (program := self.opened(go)) is not None:
            self.say(program.queue.pause(provider), go)

    @rule(provider=st.sampled_from(["", *sorted(LIMITS)]), go=turns)
    def unpause(self, provider: str, go: int | None) -> None:
        if (program := self.opened(go)) is not None:
            if provider:
                # the user may know better than the provider
                self.world.services[provider].lift()
            self.say(program.queue.unpause(provider), go)

    @rule(tokens=st.sampled_from([5, 100]), go=turns)
    def grant(self, tokens: int, go: int | None) -> None:
        if (program := self.opened(go)) is not None and self.world.disk.bad == 0:
            self.world.loop.run(program.wallet.grant(tokens, "for the test"))
            self.model.granted += tokens

    @rule(period=st.sampled_from(BudgetPeriod), usd=st.sampled_from([None, "0", "1", "4"]))
    def set_budget(self, period: BudgetPeriod, usd: str | None) -> None:
        if (program := self.opened(None)) is not None:
            limit = None if usd is None else Decimal(usd)
            self.say(program.wallet.set_budget(period, limit), None)

    @rule(tokens=st.sampled_from([7, 10]), usd=st.sampled_from(["0.05", "0.10"]))
    def change_price(self, tokens: int, usd: str) -> None:
        self.world.change_price(tokens, Decimal(usd))

    # what the world does

    @rule(provider=providers, modes=st.lists(st.sampled_from(SUBMIT), min_size=1, max_size=3))
    def arm_submits(self, provider: str, modes: list[str]) -> None:
        self.world.services[provider].submits.extend(modes)

    @rule(provider=providers, mode=st.sampled_from(POLL), times=st.sampled_from([1, 1, 3, 8]))
    def arm_polls(self, provider: str, mode: str, times: int) -> None:
        self.world.services[provider].polls.extend([mode] * times)

    @rule(provider=providers, mode=st.sampled_from(DOWNLOAD), times=st.sampled_from([1, 1, 3, 6]))
    def arm_downloads(self, provider: str, mode: str, times: int) -> None:
        self.world.services[provider].downloads.extend([mode] * times)

    @rule(provider=providers, mode=st.sampled_from(CANCEL))
    def arm_cancel(self, provider: str, mode: str) -> None:
        self.world.services[provider].cancels.append(mode)

    @rule(
        provider=providers,
        takes_s=st.sampled_from([0.0, 20.0, 300.0, 5_000.0, 400_000.0]),
        cost=st.sampled_from([None, None, "0.33"]),
    )
    def pace(self, provider: str, takes_s: float, cost: str | None) -> None:
        service = self.world.services[provider]
        service.takes_s = takes_s
        service.cost_usd = None if cost is None else Decimal(cost)

    @rule(provider=providers)
    def key_expires(self, provider: str) -> None:
        self.world.services[provider].key_is_good = False

    @rule(provider=providers, go=turns)
    def key_changed(self, provider: str, go: int | None) -> None:
        if (program := self.opened(go)) is not None:
            self.world.services[provider].key_is_good = True
            self.say(program.queue.key_changed(provider), go)

    @rule(good=st.integers(0, 5), bad=st.sampled_from([1, 1, 2, 6]), at_commit=st.booleans())
    def disk_fails(self, good: int, bad: int, at_commit: bool) -> None:
        disk = self.world.disk
        disk.good, disk.bad, disk.at_commit = good, bad, at_commit

    @rule()
    def outputs_break(self) -> None:
        outputs = self.world.paths.outputs
        away = outputs.with_name("outputs.away")
        if not away.exists():
            outputs.rename(away)
            outputs.write_text("a file where the folder should be")

    @rule()
    def folders_return(self) -> None:
        self.world.mend_folders()

    @rule()
    def journal_breaks(self) -> None:
        if not self.world.paths.journal.exists():
            self.world.paths.journal.mkdir()

    @rule(seconds=st.sampled_from([1.0, 5.0, 12.0, 12.0, 60.0, 60.0, 700.0, 4_000.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule(hours=st.sampled_from([20, 60]))
    def days_pass(self, hours: int) -> None:
        self.world.pass_time(hours * 3600.0, steps=6)

    @rule(seconds=st.sampled_from([-3600.0, -86_400.0, 3600.0, 90_000.0, 315_360_000.0]))
    def clock_jumps(self, seconds: float) -> None:
        if abs(self.world.clock.offset_s + seconds) < 4e8:
            self.world.jump(seconds)

    # processes

    @rule(go=st.integers(0, 60), away_s=st.sampled_from([0.0, 0.0, 90.0, 8_000.0]))
    def crash(self, go: int, away_s: float) -> None:
        self.idle = {}
        self.world.loop.go(go)
        self.world.crash()
        self.world.loop.pass_s(away_s)
        self.world.open()
        self.world.loop.go()

    @rule(away_s=st.sampled_from([0.0, 90.0, 200_000.0]))
    def restart(self, away_s: float) -> None:
        self.idle = {}
        self.world.close()
        self.world.loop.pass_s(away_s)
        self.world.open()
        self.world.loop.go()

    @rule(provider=providers, count=st.integers(1, 2), go=turns)
    def second_instance(self, provider: str, count: int, go: int | None) -> None:
        """It may not schedule, and only stores its work."""
        if self.opened(go) is None:
            return
        with pytest.raises(FolderInUse):
            Program(self.world)
        guest = Program(self.world, is_scheduler=False)
        prompt, asked = self.click("video", count)
        request = self.world.request(provider, "video", prompt)
        work = guest.repository.create(
            [NewGeneration(request, asked.tokens, asked.cost_usd)] * count
        )
        try:
            self.world.loop.run(work)
            asked.is_stored = True
        except LedgerDamaged:
            raise
        except StudioError:
            asked.is_stored = False
        finally:
            guest.database.close()

    @rule(pick=picks)
    def guest_cancels(self, pick: int) -> None:
        if (found := self.pick(pick, 0, {"pending"})) is None:
            return
        guest = Program(self.world, is_scheduler=False)
        self.model.given_up.add(found[1])
        work = guest.repository.move(found[1], GenerationState.CANCELLED, "cancelled by the user")
        try:
            self.world.loop.run(work)
        except LedgerDamaged:
            raise
        except StudioError:
            pass  # it was sent meanwhile, or the disk is full
        finally:
            guest.database.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "veo-studio.db"
    Database.open(path).close()
    return path


@pytest.mark.timeout(300 + 900 * SCALE)
@pytest.mark.parametrize("half", [1, 2])
def test_the_invariants_hold_in_any_order_of_faults(
    template: Path, tiny_clip: bytes, half: int
) -> None:
    number = (
        half
        if SCALE <= 1
        else int(os.environ.get("VEO_STUDIO_TEST_SEED") or random.randrange(2**32))
    )
    print(f"VEO_STUDIO_TEST_SEED={number}")

    class Machine(Faults):
        counted: ClassVar[list[int]] = [0, 0]

    Machine.template, Machine.clip = template, tiny_clip
    try:
        run_state_machine_as_test(
            seed(number)(Machine),
            settings=settings(
                max_examples=max(1, round(25 * SCALE)),
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        log("sequences", Machine.counted[0])
        log("steps", Machine.counted[1])


def log(what: str, count: int) -> None:
    """For the table of `make torture`."""
    if target := os.environ.get("VEO_STUDIO_TORTURE_LOG"):
        with open(target, "a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, "count": count}) + "\n")


@pytest.fixture(scope="module")
def tiny_clip() -> bytes:
    """A real mp4 of some kilobytes."""
    import io

    import av
    import numpy as np

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
        video.options = {"preset": "ultrafast", "threads": "1"}
        for shade in (30, 200):
            picture = np.full((36, 64, 3), shade, dtype=np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode())
    return file.getvalue()
