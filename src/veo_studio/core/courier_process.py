"""The courier's own side: it opens streams, writes what arrives into parts, and decides nothing.

It lives as long as the pipe to the program: without that it ends at once, as a kill would end it, and
the parts are continued by whoever comes next.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import traceback
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from typing import Any

from veo_studio.core.courier_words import (
    Alive,
    Answer,
    AsJson,
    Ended,
    Failed,
    Head,
    Moved,
    Opening,
    Piece,
    Ready,
    Stop,
    Value,
    Wish,
    Word,
)
from veo_studio.core.errors import StorageError, StudioError
from veo_studio.core.intake import Errand, Taken, take_in
from veo_studio.core.partial import Partial
from veo_studio.core.providers.http import HttpGateway, StreamAnswer
from veo_studio.core.providers.sessions import load_aiohttp

_REPORTED_EVERY_S = 0.1
# the window and everything that a person waits for go before a download
_NICENESS = 10


def serve(pipe: Connection[Any, Any], alive_every_s: float) -> None:
    """The courier's life."""
    # Ctrl+C in a terminal goes to every process of it; the program decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_Courier(pipe).run(alive_every_s))


class _Courier:
    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self._pipe = pipe
        self._gateway = HttpGateway()
        self._streams: dict[int, _Stream] = {}

    async def run(self, alive_every_s: float) -> None:
        await load_aiohttp()
        loop = asyncio.get_running_loop()
        threading.Thread(
            target=self._listen, args=(loop,), name="courier-pipe", daemon=True
        ).start()
        # only now: a busy machine would not let it begin
        if hasattr(os, "nice"):
            os.nice(_NICENESS)
        self.tell(0, Ready())
        while True:
            await asyncio.sleep(alive_every_s)
            if self._streams:
                self.tell(0, Alive())

    def tell(self, number: int, word: Word) -> None:
        try:
            self._pipe.send((number, word))
        except OSError:
            _leave()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while True:
                number, wish = self._pipe.recv()
                loop.call_soon_threadsafe(self._on_wish, number, wish)
        except (EOFError, OSError):
            _leave()

    def _on_wish(self, number: int, wish: Wish) -> None:
        if isinstance(wish, Opening):
            stream = self._streams[number] = _Stream(self, number)
            stream.task = asyncio.get_running_loop().create_task(stream.run(self._gateway, wish))
            stream.task.add_done_callback(lambda _: self._on_ended(number))
        elif (known := self._streams.get(number)) is not None:
            known.on_wish(wish)

    def _on_ended(self, number: int) -> None:
        del self._streams[number]
        self.tell(number, Ended())


class _Stream:
    """One answer of a server, from its opening to its end."""

    task: asyncio.Task[None]

    def __init__(self, courier: _Courier, number: int) -> None:
        self._courier = courier
        self._number = number
        self._wishes: asyncio.Queue[AsJson | Errand | object] = asyncio.Queue()
        self._done = self._told = 0
        self._reporting: asyncio.TimerHandle | None = None

    def on_wish(self, wish: Wish) -> None:
        if isinstance(wish, Stop):
            self.task.cancel()
        else:
            self._wishes.put_nowait(wish)

    async def run(self, gateway: HttpGateway, opening: Opening) -> None:
        try:
            async with gateway.open_stream(
                opening.url,
                headers=opening.headers,
                credentials=opening.credentials,
                allowed_origins=opening.allowed_origins,
            ) as answer:
                chunks = answer.chunks()
                headers = tuple((str(name), str(value)) for name, value in answer.headers.items())
                self._tell(Head(answer.status, headers, answer.origin))
                while True:
                    self._tell(await self._granted(await self._wishes.get(), answer, chunks))
        except StudioError as error:
            self._tell(Failed(error))
        except Exception:
            self._tell(Failed(traceback.format_exc()))

    async def _granted(
        self, wish: object, answer: StreamAnswer, chunks: AsyncIterator[bytes]
    ) -> Answer:
        if isinstance(wish, AsJson):
            return Value(await answer.json(wish.max_bytes))
        if isinstance(wish, Errand):
            return await self._taken(wish, chunks)
        return Piece(await anext(chunks, b""))

    async def _taken(self, errand: Errand, chunks: AsyncIterator[bytes]) -> Taken:
        partial = await asyncio.to_thread(Partial.open, errand.part)
        try:
            if partial.size != errand.size:
                raise StorageError(
                    "The file that is being downloaded was changed by another program."
                )
            partial.total = errand.total
            cut = await take_in(
                partial, chunks, errand.limits,
                total=errand.total, room=errand.room, on_bytes=self._on_bytes,
            )  # fmt: skip
            return Taken(partial.size, partial.sha256, partial.head, cut)
        finally:
            # whether anything arrived decides how soon the next try begins
            self._report()
            await asyncio.shield(asyncio.to_thread(partial.close))

    def _on_bytes(self, done: int, _total: int | None) -> None:
        self._done = done
        if self._reporting is None:
            self._report()
            loop = asyncio.get_running_loop()
            self._reporting = loop.call_later(_REPORTED_EVERY_S, self._on_time)

    def _on_time(self) -> None:
        self._reporting = None
        self._report()

    def _report(self) -> None:
        if self._done != self._told:
            self._told = self._done
            self._tell(Moved(self._done))

    def _tell(self, word: Word) -> None:
        self._courier.tell(self._number, word)


def _leave() -> None:
    """The program is gone: nothing may be written any more by us."""
    os._exit(0)
