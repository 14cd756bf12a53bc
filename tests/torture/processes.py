"""Drivers as processes, the folder they share, and the end of them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from contextlib import suppress
from pathlib import Path

from tests.faults.books import KEY
from tests.torture import invariants
from tests.torture.invariants import Memory, Sandbox
from tests.torture.provider import Provider
from tests.torture.scale import LIMIT_S
from veo_studio.core.paths import Paths

_REPOSITORY = Path(__file__).parents[2]


class Driver:
    """One process of `driver.py`."""

    def __init__(self, process: Process, lab: KillLab) -> None:
        self.process = process
        self._lab = lab
        self._errors = asyncio.create_task(self._read_errors())

    async def line(self) -> str:
        """The next thing that it says which is no click; "" once it says nothing more."""
        assert self.process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            while text := (await self.process.stdout.readline()).decode().strip():
                self._lab.memory.said.append(text)
                if text in ("recovered", "rest", "in use"):
                    return text
        return ""

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")

    def kill(self) -> None:
        # not `send_signal`, which may take the exit status away from who waits for it
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)

    async def end(self) -> int:
        """How it ended; minus the signal that killed it."""
        assert self.process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            rest = (await self.process.stdout.read()).decode()
            self._lab.memory.said += rest.splitlines()
            await self._errors
            return await self.process.wait()

    async def _read_errors(self) -> None:
        assert self.process.stderr is not None
        text = (await self.process.stderr.read()).decode()
        self._lab.memory.said.append(text)
        if "Traceback" in text:
            self._lab.violations.append(f"I21: a process said: {text[-2000:]}")


class KillLab:
    """A folder, a provider, and everything that is known about both."""

    def __init__(self, root: Path, provider: Provider, tried: Counter[str]) -> None:
        self._sandbox = Sandbox(root)
        self._environ = self._sandbox.make() | {
            "GEMINI_API_KEY": KEY,
            "VEO_STUDIO_GEMINI_URL": provider.url,
            "VEO_STUDIO_POLL_INTERVAL": "1",
            "VEO_STUDIO_SUBMIT_TIMEOUT": str(LIMIT_S / 4),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        self.paths = Paths.below(self._sandbox.studio)
        self.provider = provider
        self.memory = Memory()
        self.tried = tried
        self.violations: list[str] = []
        self._epoch = time.time()

    async def start(self, *arguments: object, crash: str = "") -> Driver:
        environ = os.environ | self._environ
        if crash:
            environ["VEO_STUDIO_CRASH"] = crash
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.torture.driver", "--epoch", repr(self._epoch),
            *map(str, arguments), cwd=_REPOSITORY, env=environ, stdin=PIPE, stdout=PIPE,
            stderr=PIPE, umask=0,
        )  # fmt: skip
        return Driver(process, self)

    async def command_line(self, *arguments: str) -> tuple[int, str]:
        """`veo-studio` in the same folder: how it ended, and its stdout."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "veo_studio", *arguments, cwd=_REPOSITORY,
            env=os.environ | self._environ, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, umask=0,
        )  # fmt: skip
        async with asyncio.timeout(LIMIT_S):
            out, errors = await process.communicate()
        self.memory.said += [out.decode(), errors.decode()]
        assert process.returncode is not None
        return process.returncode, out.decode()

    async def recovered(self, driver: Driver) -> bool:
        """True once it has recovered and everything was checked; it waits for `go`."""
        if await driver.line() != "recovered":
            return False
        self.check()
        return True

    def check(self) -> None:
        self.tried["checks"] += 1
        self.violations += invariants.check(self.paths, self.provider, self.memory)
        self.violations += self._sandbox.check()

    async def until_rest(self, *arguments: object) -> None:
        """A last process, without faults, which has to bring everything to its end."""
        self.provider.chaos = 0.0
        self.tried["restarts"] += 1
        driver = await self.start(*arguments)
        if await self.recovered(driver):
            driver.go()
            if await driver.line() != "rest":
                self.violations.append("I10: it did not come to rest")
        if (code := await driver.end()) != 0:
            self.violations.append(f"I21: the last process ended with {code}")
        self.violations += invariants.check_at_end(self.paths, self.provider, self.memory)

    async def life(self, draw: random.Random, *arguments: object) -> int:
        """One process that is killed at a random moment; returns how it ended."""
        driver = await self.start(*arguments)
        self.tried["restarts"] += 1
        how = draw.choices(("start", "moment", "commit"), (1, 5, 3))[0]
        if how == "start":
            await asyncio.sleep(draw.uniform(0.2, 0.8))
        elif await self.recovered(driver):
            driver.go()
            ends = asyncio.create_task(driver.line())
            if how == "moment":
                await asyncio.wait([ends], timeout=draw.uniform(0.0, 2.0))
            else:
                await self._commits(draw.randrange(1, 150), ends)
            driver.kill()
            await ends
        driver.kill()
        code = await driver.end()
        if code == -signal.SIGKILL:
            self.tried["kills"] += 1
            self.tried[f"kills: {how}"] += 1
        elif code != 0:
            self.violations.append(f"I21: a process ended with {code}")
        return code

    async def _commits(self, count: int, ends: asyncio.Task[str]) -> None:
        """Come back right after a commit, seen as a change of the write-ahead log."""
        log = self.paths.database.with_name(f"{self.paths.database.name}-wal")
        until = time.monotonic() + 2.0
        last = _written_at(log)
        while count > 0 and not ends.done() and time.monotonic() < until:
            await asyncio.sleep(0)
            if (now := _written_at(log)) != last:
                last, count = now, count - 1


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def conclude(lab: KillLab) -> None:
    """Into the table: what the provider did, and what was found; fails where that is anything."""
    for name, times in lab.provider.faults.items():
        lab.tried[f"fault: {name}"] += times
    lab.tried["generations"] += len(lab.provider.accepted)
    lab.tried["violations"] += len(lab.violations)
    assert not lab.violations, "\n".join(lab.violations)
