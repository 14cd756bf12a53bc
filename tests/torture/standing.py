"""What every step of the state machine stands on: a world, its model, and what must always hold."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.faults import books
from tests.torture.model import LIVE, Asked, Model
from tests.torture.world import LIMITS, Program, World
from veo_studio.core.errors import LedgerDamaged


class Standing(RuleBasedStateMachine):
    template: Path
    clip: bytes
    counted: ClassVar[list[int]] = [0, 0]

    def __init__(self) -> None:
        super().__init__()
        # in memory where there is such a place: what is tried here is the order, not the disk
        place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.TemporaryDirectory(prefix="torture-", dir=place)
        self.world: World | None = None

    @initialize(order=st.integers(0, 2**16), tokens=st.sampled_from([0, 0, 400]))
    def begin(self, order: int, tokens: int) -> None:
        home = Path(self.folder.name, "home")
        self.world = World(home, self.template, self.clip, order)
        self.model = Model(granted=100)
        self.clicks = 0
        # since when nobody works on a generation that is under way, by id
        self.idle: dict[int, float] = {}
        self.failed_writes = 0
        self.counted[0] += 1
        self.world.open()
        self.world.loop.go()
        if tokens:
            self.world.loop.run(self.world.program.wallet.grant(tokens, "for the test"))
            self.model.granted += tokens

    # what must hold

    @invariant()
    def holds(self) -> None:
        if self.world is None:
            return
        self.counted[1] += 1
        self.model.check(self.world.paths.database, self.world.services.values())
        self.check_complaints()
        self.check_hands()

    def check_hands(self) -> None:
        """I09, I10: what the queue should work on is in its hands, or is so again within two minutes.

        A start that the disk stopped is repeated by itself after a while: two minutes after the
        last write that failed.
        """
        world = self.world
        if world is None or world.program is None or world.commands or world.loop.is_busy:
            return
        if world.disk.failed != self.failed_writes:
            self.failed_writes, self.idle = world.disk.failed, {}
        now_s = world.loop.time()
        idle: dict[int, float] = {}
        for row in world.rows(
            "SELECT id, state, state_cause FROM generations "
            "WHERE state IN ('submitting', 'processing', 'downloading')"
        ):
            if not world.program.queue._scheduler.owns(row["id"]):
                idle[row["id"]] = self.idle.get(row["id"], now_s)
                assert now_s - idle[row["id"]] <= 120, f"I09: nobody works on {row}"
        self.idle = idle

    def check_complaints(self) -> None:
        world = self.world
        assert world is not None
        assert not world.bugs, world.bugs
        assert not world.loop.complaints, world.loop.complaints
        for service in world.services.values():
            assert not service.broken, service.broken

    def teardown(self) -> None:
        try:
            if self.world is not None:
                self.end_well(self.world)
        finally:
            if self.world is not None:
                self.world.end()
            self.folder.cleanup()

    def end_well(self, world: World) -> None:
        """I10, I12, I13: without faults everything ends, or waits for the user with a reason."""
        world.disk.bad = 0
        world.mend_folders()
        for service in world.services.values():
            service.quiet()
        world.loop.go()
        world.pass_time(20)
        assert world.program is not None
        queue = world.program.queue
        for provider in sorted(LIMITS):
            world.start(queue.key_changed(provider))
        for provider in ["", *sorted(LIMITS)]:
            if provider in queue.pauses:
                world.services.get(provider, world.services["alpha"]).lift()
                world.start(queue.unpause(provider))
        for seconds in (10, 100, 1_000, 4_000, 10_000, 20_000, 40_000):
            world.pass_time(seconds, steps=6)
        # a long line behind a limit of one takes as many strides as it has generations
        live = f"SELECT id FROM generations WHERE state IN {tuple(sorted(LIVE - {'unknown'}))}"
        for _ in range(len(world.rows("SELECT id FROM generations"))):
            if not world.rows(live):
                break
            world.pass_time(600, steps=6)
        self.model.check(world.paths.database, world.services.values())
        for row in world.rows(f"SELECT * FROM generations WHERE state IN {tuple(sorted(LIVE))}"):
            words = {key: value for key, value in row.items() if value is not None}
            assert row["state"] == "unknown", f"I10: never ends: {words}"
            assert row["error"] or row["state_cause"], f"I10: waits without a reason: {words}"
        assert world.loop.run(world.program.wallet.check()) == []
        balance = world.loop.run(world.program.wallet.balance())
        world.close()
        self.model.check(world.paths.database, world.services.values())
        last = world.rows("SELECT balance_after FROM wallet_entries ORDER BY id DESC LIMIT 1")
        assert balance == last[0]["balance_after"]
        books.check_disk(world.paths.database, world.paths.outputs)
        parts = [path.name for path in world.paths.outputs.glob(".*")]
        assert not parts, f"I13: {parts} at rest"
        self.check_complaints()

    # helpers

    def opened(self, go: int | None) -> Program | None:
        """The program, once it has looked at what is stored."""
        assert self.world is not None
        program = self.world.program
        if program is None or not program.is_resumed:
            self.world.loop.go(go)
            return None
        return program

    def pick(
        self, pick: int, go: int | None, states: set[str] = LIVE
    ) -> tuple[Program, int, dict[str, Any]] | None:
        if (program := self.opened(go)) is None or self.world is None:
            return None
        rows = [
            row
            for row in self.world.rows("SELECT * FROM generations ORDER BY id DESC")
            if row["state"] in states
        ]
        if not rows:
            return None
        row = rows[pick % len(rows)]
        return program, row["id"], row

    def click(self, kind: str, count: int) -> tuple[str, Asked]:
        self.clicks += 1
        assert self.world is not None
        model = self.world.catalog.find(kind, "alpha")
        cost = model.prices.per_second["720p"] * 4
        prompt = f"Boat {self.clicks}"
        asked = self.model.asked[prompt] = Asked(count, model.tokens, cost)
        return prompt, asked

    def watch(self, work: Any, asked: Asked) -> None:
        assert self.world is not None
        task = self.world.start(work)

        def ended(_task: Any) -> None:
            if not task.cancelled():
                asked.is_stored = task.exception() is None
                assert not isinstance(task.exception(), LedgerDamaged), task.exception()

        task.add_done_callback(ended)

    def say(self, work: Any, go: int | None) -> None:
        assert self.world is not None
        self.world.start(work)
        self.world.loop.go(go)
