"""The real queue, generator, repository, wallet and file, on stepped time beside a scripted service.

`World` is what outlives a crash: the disk, the services, the clock. `Program` is one process of ours.
"""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import sqlite3
import traceback
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from tests.torture.model import reading
from tests.torture.service import Service, ServiceProvider
from tests.torture.turns import TurnClock, TurnLoop
from veo_studio.core.capabilities import AudioSupport, Capabilities, ModelInfo, Prices, ProviderInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.client import Client
from veo_studio.core.errors import AuthError, StudioError
from veo_studio.core.events import EventStream
from veo_studio.core.generators.text_to_video import TextToVideoGenerator
from veo_studio.core.models import (
    GenerationKind,
    GenerationRequest,
    PollPacing,
    VideoConfig,
)
from veo_studio.core.paths import Paths
from veo_studio.core.providers.base import Provider
from veo_studio.core.providers.registry import Availability, ProviderRegistry
from veo_studio.core.queue import GenerationQueue
from veo_studio.core.store.database import Database
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.wallet import Wallet

LIMITS = {"alpha": 2, "beta": 1}
PACING = PollPacing(first_s=5, interval_s=10, deadline_s=1200, retention_h=48)
_ABLE = Capabilities(
    (4,), ("16:9",), ("720p",), False, True, AudioSupport.ALWAYS, 4, "16:9", "720p"
)


@dataclass
class Disk:
    """Knobs: after `good` more writes, `bad` writes fail; `at_commit` does their work first."""

    good: int = 0
    bad: int = 0
    at_commit: bool = False
    # how many writes failed so far
    failed: int = 0

    def is_bad(self) -> bool:
        if self.bad == 0:
            return False
        if self.good > 0:
            self.good -= 1
            return False
        self.bad -= 1
        self.failed += 1
        return True


class _Line:
    """Stands in for one of the database's threads."""

    def __init__(self, loop: TurnLoop | None, is_alive: Callable[[], bool]) -> None:
        self._loop, self._is_alive = loop, is_alive

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        if not self._is_alive():
            raise asyncio.CancelledError("the process is gone")
        if self._loop is not None:
            return self._loop.later(self, work)
        future: Future[Any] = Future()
        future.set_result(work())
        return future

    def shutdown(self, *, wait: bool) -> None:
        pass


class TurnDatabase(Database):
    """The real database, its two threads as lines of the loop; nothing happens once it is dead."""

    is_alive = True

    def attach(self, loop: TurnLoop, disk: Disk) -> None:
        self._close_threads()
        self._reader = _Line(loop, lambda: self.is_alive)  # type: ignore[assignment]
        self._writer = _Line(loop, lambda: self.is_alive)  # type: ignore[assignment]
        self._apart = _Line(loop, lambda: self.is_alive)  # type: ignore[assignment]
        is_refused = False

        def begin(_connection: Connection) -> None:
            nonlocal is_refused
            if (is_refused := disk.is_bad()) and not disk.at_commit:
                is_refused = False
                raise sqlite3.OperationalError("database or disk is full")

        def commit(_connection: Connection) -> None:
            if is_refused:
                raise sqlite3.OperationalError("database or disk is full")

        event.listen(self._write_engine, "begin", begin, insert=True)
        event.listen(self._write_engine, "commit", commit, insert=True)

    def close(self) -> None:
        self._close_threads()
        self._reader = self._writer = _Line(None, lambda: True)  # type: ignore[assignment]
        super().close()

    def _close_threads(self) -> None:
        for threads in (self._reader, self._writer, self._apart):
            threads.shutdown(wait=True)


class Registry(ProviderRegistry):
    """Hands out the services of the world."""

    def __init__(self, world: World, program: Program, catalog: Catalog) -> None:
        super().__init__(catalog, lambda _provider: "key", world.paths.rehearsal, {})
        self._world, self._program = world, program

    def availability(self, provider_id: str) -> Availability:
        return Availability(provider_id in self._world.services)

    async def provider(self, provider_id: str) -> Provider:
        service = self._world.services.get(provider_id)
        if service is None:
            raise AuthError("Unknown.", provider=provider_id)
        if provider_id not in self._providers:
            pacing = self._catalog.providers[provider_id].pacing
            made = ServiceProvider(service, pacing, lambda: self._program.is_alive)
            self._providers[provider_id] = made
        return self._providers[provider_id]


class Program:
    """One process: everything that a crash drops."""

    def __init__(self, world: World, *, is_scheduler: bool = True) -> None:
        self.is_alive = True
        self.is_resumed = False
        self.database = TurnDatabase.open(world.paths.database)
        self.database.attach(world.loop, world.disk)
        self._is_scheduler = is_scheduler
        try:
            if is_scheduler:
                self.database.acquire_scheduler()
        except StudioError:
            self.database.close()
            raise
        client = Client(world.paths, world.catalog, lambda _provider: "key")
        client.providers = Registry(world, self, world.catalog)
        self.events = EventStream()
        generator = TextToVideoGenerator(
            client, self.database, events=self.events, clock=world.clock
        )
        generator.poll_interval = 0.0
        self.repository = GenerationRepository(self.database, world.clock.now)
        self.wallet = Wallet(self.database, world.clock.now)
        self.queue = GenerationQueue(
            {GenerationKind.VIDEO: generator}, world.catalog, self.events, self.wallet, LIMITS
        )

    async def resume(self) -> None:
        while not self.is_resumed:
            try:
                await self.queue.resume()
                self.is_resumed = True
            except StudioError:
                # what a window does: it tells, and the user tries again
                await asyncio.sleep(5)

    async def close(self) -> None:
        await self.queue.close()
        self.is_alive = False
        if self._is_scheduler:
            self.database.release_scheduler()


class World:
    """`say` gets what no step may ever cause."""

    def __init__(self, home: Path, template: Path, clip: bytes, seed: int) -> None:
        self.loop = TurnLoop(random.Random(seed))
        self.clock = TurnClock(self.loop)
        self.paths = Paths.below(home)
        self.paths.ensure()
        shutil.copy(template, self.paths.database)
        self.disk = Disk()
        self.services = {
            key: Service(key, can_find, clip, self.loop.time, self._on_submit)
            for key, can_find in (("alpha", False), ("beta", True))
        }
        self.bugs: list[str] = []
        self._log = _Bugs(self.bugs)
        logging.getLogger("veo_studio").addHandler(self._log)
        self.catalog = _catalog(10, Decimal("0.10"))
        # forward jumps of the wall clock, which make the program believe that a job is old
        self.jumped_s = 0.0
        self.commands: set[asyncio.Task[Any]] = set()
        self.program: Program | None = None

    # one process after another

    def open(self) -> None:
        self.program = Program(self)
        self.start(self.program.resume())

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A command of the user's; it goes on with the next turns."""
        task = self.loop.create_task(work)
        self.commands.add(task)
        task.add_done_callback(self._ended)
        return task

    def close(self) -> None:
        """As a user ends the program."""
        if self.program is None:
            return
        ending = self.loop.create_task(self.program.close())
        self.pass_time(3, steps=3)
        assert ending.done(), "closing took more than three seconds"
        ending.result()
        self.crash()

    def crash(self) -> None:
        """As kill -9 does: nothing that was not done yet is ever done."""
        program, self.program = self.program, None
        if program is None:
            return
        program.is_alive = False
        program.queue._scheduler.is_closed = True
        program.queue._scheduler._scope.cancel()
        program.database.is_alive = False
        self.loop.drop_lines()
        self.commands.clear()
        while tasks := asyncio.all_tasks(self.loop):
            for task in tasks:
                task.cancel()
            self.loop.go()
            self.loop.drop_lines()
        program.database.close()
        for service in self.services.values():
            # what was told to a poll, or to a submit whose answer was not stored, died with the process
            until_s = max(service.told_until_s, service.stored_until_s)
            service.stored_until_s = min(until_s, self._stored_until_s(service.id))
            service.told_until_s = 0.0

    def end(self) -> None:
        self.crash()
        logging.getLogger("veo_studio").removeHandler(self._log)
        self.loop.close()

    # time

    def pass_time(self, seconds: float, steps: int = 4) -> None:
        """In a few strides: who sleeps wakes up late, as on a computer that was suspended."""
        for _ in range(steps):
            self.loop.pass_s(seconds / steps)
            self.loop.go()

    def jump(self, seconds: float) -> None:
        """The wall clock is set, and nothing else."""
        self.clock.offset_s += seconds
        self.jumped_s += max(0.0, seconds)

    def mend_folders(self) -> None:
        """The output folder and the journal can be used again."""
        outputs, journal = self.paths.outputs, self.paths.journal
        away = outputs.with_name("outputs.away")
        if away.exists():
            outputs.unlink()
            away.rename(outputs)
        if journal.is_dir():
            journal.rmdir()

    # what the user asks for

    def request(self, provider: str, model: str, prompt: str) -> GenerationRequest:
        return GenerationRequest(
            prompt, provider, model, VideoConfig("16:9", 4, "720p", "", 7),
            GenerationKind.IMAGE if model == "picture" else GenerationKind.VIDEO,
        )  # fmt: skip

    def change_price(self, tokens: int, per_second_usd: Decimal) -> None:
        self.catalog.models = _catalog(tokens, per_second_usd).models

    # what is stored

    def rows(self, query: str) -> list[dict[str, Any]]:
        with reading(self.paths.database) as rows:
            return rows(query)

    def _stored_until_s(self, provider: str) -> float:
        found = self.rows(
            "SELECT next_attempt_at AS at FROM generations "
            f"WHERE provider = '{provider}' AND state = 'pending' AND error_kind = 'rate_limited'"
        )
        left = [_seconds(row["at"], self.clock) for row in found if row["at"]]
        return self.loop.time() + max([0.0, *left])

    def _on_submit(self, provider: str) -> None:
        """I11, asked at the very moment of a paid request."""
        service = self.services[provider]
        running = []
        for row in self.rows(
            "SELECT id, operation_id, state, state_cause, (SELECT COUNT(*) FROM state_changes AS c WHERE "
            "c.generation_id = g.id AND c.to_state IN ('held', 'unknown')) AS back "
            f"FROM generations AS g WHERE provider = '{provider}' "
            "AND state IN ('submitting', 'processing')"
        ):
            accepted = service.by_name(row["operation_id"] or "")
            is_over = accepted is not None and (
                accepted.decided
                or self.loop.time() - accepted.at_s + self.jumped_s > PACING.deadline_s
            )
            # one that an earlier process was sending is unknown, though nobody has said so yet
            owns = self.program is not None and self.program.queue._scheduler.owns(row["id"])
            if not is_over and (row["back"] == 0 if row["state"] == "processing" else owns):
                running.append((row["id"], row["state"], row["state_cause"]))
        if len(running) > LIMITS[provider]:
            self.bugs.append(f"I11: more in flight at {provider} than allowed: {running}")

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.commands.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # the step that started it looks at the error, or has said that it may fail
            self.bugs.extend(_bug_of(task.exception()))


def _bug_of(error: BaseException | None) -> list[str]:
    return [] if isinstance(error, StudioError) else [f"a command failed by a bug: {error!r}"]


def _seconds(at: str, clock: TurnClock) -> float:
    from datetime import datetime

    return (datetime.fromisoformat(at) - clock.now()).total_seconds()


def _catalog(tokens: int, per_second_usd: Decimal) -> Catalog:
    prices = Prices({"720p": per_second_usd})
    video = ModelInfo("video", "alpha", "Video", _ABLE, tokens, prices)
    models = [
        replace(video, id=name, provider=provider, tokens=1 if name == "picture" else tokens)
        for provider in LIMITS
        for name in ("video", "picture")
    ]
    providers: Mapping[str, ProviderInfo] = {
        key: ProviderInfo(key, key.title(), True, "", PACING, 2, key == "beta") for key in LIMITS
    }
    return Catalog(models, providers)


class _Bugs(logging.Handler):
    """Every exception in the log that is not one of the world."""

    def __init__(self, bugs: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._bugs = bugs

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, StudioError):
            where = traceback.format_exception(error)[-20:]
            self._bugs.append(f"{record.getMessage()}: {''.join(where)}")
