"""The program without its window, to be killed: `python -m tests.torture.driver --to 20 ...`.

It opens the real studio on VEO_STUDIO_HOME, says "recovered" and waits for a line, then goes on with
what is stored, asks for the generations that are still missing (each has its idempotency key, so
that asking again is asking once), plays a user, says "rest" and ends. Ends with 3 where another
process has the folder.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from veo_studio.core import log, studio
from veo_studio.core.clock import Clock
from veo_studio.core.errors import FolderInUse, StudioError
from veo_studio.core.generators.text_to_video import TextToVideoGenerator
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.models import ACTIVE_STATES, GenerationRequest, GenerationState, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.retry import Backoff
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.store.database import Database

IN_USE = 3
MODEL = "gemini-omni-1.2-flash"
_CONFIG = VideoConfig("16:9", 3, "360p", "", 7)
_S = GenerationState


class EpochClock(Clock):
    """`speed` seconds pass in one since `epoch`, in every process the same."""

    def __init__(self, epoch: float, speed: float) -> None:
        self._epoch = epoch
        self._speed = speed

    def now(self) -> datetime:
        passed_s = (time.time() - self._epoch) * self._speed
        return datetime.fromtimestamp(self._epoch + passed_s, UTC)

    def monotonic(self) -> float:
        return time.monotonic() * self._speed

    async def sleep(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s / self._speed)


class QuickGenerator(TextToVideoGenerator):
    """The real one, which waits less between two tries."""

    def tools(self) -> RunTools:
        return replace(super().tools(), backoff=Backoff(first_s=1.0, longest_s=4.0))


def request(number: int) -> GenerationRequest:
    prompt = f"A paper boat, take {number}"
    return GenerationRequest(
        prompt, "gemini", MODEL, _CONFIG, idempotency_key=f"torture-{number:06}"
    )


class Driver:
    def __init__(self, options: argparse.Namespace, opened: studio.Studio) -> None:
        self._options = options
        self._studio = opened
        self._draw = random.Random(options.seed)

    async def run(self) -> None:
        queue = self._studio.queue
        await queue.recover()
        say("recovered")
        await asyncio.to_thread(sys.stdin.readline)
        if await self._studio.wallet.balance() < 10_000:
            await self._studio.wallet.grant(100_000, "for the test")
        await queue.resume()
        clicks = asyncio.create_task(self._click())
        try:
            await self._ask()
            await self._until_rest()
            await self._draw_thumbnails()
        finally:
            clicks.cancel()
            await asyncio.gather(clicks, return_exceptions=True)
        say("rest")
        if self._options.stay:
            # the scheduler of whatever others store, until somebody says so
            await asyncio.to_thread(sys.stdin.readline)

    async def _ask(self) -> None:
        first, last = self._options.first, self._options.to
        for start in range(first, last, self._options.batch):
            numbers = range(start, min(start + self._options.batch, last))
            await self._studio.queue.enqueue([request(number) for number in numbers])

    async def _until_rest(self) -> None:
        """Collects what is held, as a user would, until nothing moves any more."""
        queue, generations = self._studio.queue, self._studio.generations
        while True:
            for generation in await generations.in_states({_S.HELD}):
                await queue.retry(generation.id)
            left = await generations.in_states(ACTIVE_STATES | {_S.HELD})
            if not left:
                return
            for generation in left:
                await queue.wait(generation.id)
            # what is held again, or not yet taken up, is looked at once more in a moment
            await asyncio.sleep(0.02)

    async def _click(self) -> None:
        """A user who decides about what needs attention, and changes his mind about the rest."""
        while self._options.clicks:
            await asyncio.sleep(self._draw.uniform(0.02, 0.2))
            states = {_S.UNKNOWN, _S.HELD, _S.PENDING, _S.PROCESSING, _S.DOWNLOADING}
            stored = await self._studio.generations.in_states(states)
            if stored:
                await self._click_on(self._draw.choice(stored))

    async def _click_on(self, generation: Any) -> None:
        queue, lot = self._studio.queue, self._draw.random()
        try:
            if generation.state is _S.UNKNOWN and lot < 0.3:
                # told before it is done: whoever counts must not miss one
                say(f"again {generation.id}")
                await queue.send_again(generation.id)
            elif generation.state in (_S.UNKNOWN, _S.HELD) and lot < 0.4:
                say(f"given-up {generation.id}")
                await queue.mark_failed(generation.id)
            elif generation.state not in (_S.UNKNOWN, _S.HELD) and lot < 0.05:
                say(f"cancelled {generation.id}")
                await queue.cancel(generation.id)
            elif generation.state is _S.PENDING and lot < 0.3:
                await queue.run_next(generation.id)
        except StudioError as error:
            # it moved on while the user was clicking
            logging.getLogger(__name__).info("a click came too late: %s", error.message)

    async def _draw_thumbnails(self) -> None:
        completed = await self._studio.generations.in_states({_S.COMPLETED})
        for generation in completed[: self._options.thumbnails]:
            assert generation.video_path is not None
            await self._studio.thumbnails.ensure(generation.uuid, generation.video_path)


def say(words: str) -> None:
    print(words, flush=True)


async def main(options: argparse.Namespace) -> int:
    clock = EpochClock(options.epoch, options.speed)

    class DrivenStudio(studio.Studio):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, clock)

    class DrivenDatabase(Database):
        @classmethod
        def open(cls, path: Path, *, busy_timeout_s: float = options.busy_timeout) -> Self:
            return super().open(path, busy_timeout_s=busy_timeout_s)

    studio.TextToVideoGenerator = QuickGenerator  # type: ignore[attr-defined]
    studio.Database = DrivenDatabase  # type: ignore[attr-defined]
    paths = Paths.default()
    paths.ensure()
    log.configure(paths, logging.DEBUG)
    settings = Settings(concurrency={"gemini": options.concurrency})
    try:
        opened = await DrivenStudio.open(paths, settings, Secrets())
    except FolderInUse:
        say("in use")
        return IN_USE
    try:
        await Driver(options, opened).run()
    finally:
        await opened.close()
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--to", type=int, default=0, help="the generations first..to-1 exist")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epoch", type=float, default=time.time())
    parser.add_argument("--speed", type=float, default=20.0)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--busy-timeout", type=float, default=30.0)
    parser.add_argument("--thumbnails", type=int, default=0)
    parser.add_argument("--clicks", action="store_true")
    parser.add_argument("--stay", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse())))
