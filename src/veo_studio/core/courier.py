"""The courier: a process that fetches for the window, so that no byte of a download takes a turn of it.

What is decided about a download stays in the program (`download.py`): what to ask for, whether the
answer belongs to the part, whether the file is whole, its name and its row. The courier opens the line,
and writes and hashes what arrives. It is started while a paid generation is being processed, so that it
is there when there is something to fetch; whatever comes earlier, or after it died, is fetched by the
program itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import threading
from collections.abc import AsyncIterator, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from veo_studio.core.courier_words import (
    AsJson,
    Ended,
    Failed,
    Head,
    Moved,
    NextPiece,
    Opening,
    Piece,
    Ready,
    Stop,
    Value,
    Wish,
    Word,
)
from veo_studio.core.errors import ProviderUnavailable
from veo_studio.core.events import GenerationEvent
from veo_studio.core.intake import Errand, FarBytes, OnBytes, Taken
from veo_studio.core.models import ErrorKind, GenerationState
from veo_studio.core.providers.http import MAX_JSON_BYTES, StreamAnswer

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

_log = logging.getLogger(__name__)
# a paid generation that is being processed is asked about more often than that
_IDLE_S = 120.0
# after that a courier that does not close a line is taken for dead
_PATIENCE_S = 10.0
# with a stream open it speaks twelve times as often: silence is the courier's, never its server's
_SILENCE_S = 60.0
_WORDS_IN_SILENCE = 12
_REHEARSAL = "rehearsal"
_SOON = frozenset({GenerationState.PROCESSING, GenerationState.DOWNLOADING})


class Courier:
    """Made inside the running loop; starts no process before it is told to be `warm`."""

    def __init__(
        self,
        *,
        idle_s: float = _IDLE_S,
        patience_s: float = _PATIENCE_S,
        silence_s: float = _SILENCE_S,
    ) -> None:
        self._idle_s = idle_s
        self._patience_s = patience_s
        self._silence_s = silence_s
        self._loop = asyncio.get_running_loop()
        # starts, speaks and ends, in this order: none of that on the loop
        self._thread = ThreadPoolExecutor(1, "courier")
        self._life: _Life | None = None
        self._starting: asyncio.Future[_Life] | None = None
        self._numbers = 0
        self._used_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    @property
    def is_ready(self) -> bool:
        return not self._is_closed and self._life is not None and self._life.is_ready

    @property
    def pid(self) -> int | None:
        """Of the process, where there is one."""
        return self._life.pid if self._life is not None else None

    def on_event(self, event: GenerationEvent) -> None:
        """Something that was paid for will have to be fetched."""
        generation = event.generation
        if generation.state in _SOON and generation.provider != _REHEARSAL:
            self.warm()

    def warm(self) -> None:
        """Be there for the next two minutes; returns at once."""
        self._used_at = self._loop.time()
        if self._is_closed or self._starting is not None:
            return
        if self._life is not None and not self._life.is_lost:
            return
        self._starting = self._loop.run_in_executor(
            self._thread, _Life, self._loop, self._life, self._silence_s
        )
        self._starting.add_done_callback(self._on_started)

    def _on_started(self, starting: asyncio.Future[_Life]) -> None:
        self._starting = None
        if starting.cancelled():
            return
        if (error := starting.exception()) is not None:
            # then the program fetches by itself, as it does while there is no courier
            _log.warning("no courier for downloads: %s", error)
            return
        self._life = starting.result()
        self._look_again(self._idle_s)

    def _look_again(self, after_s: float) -> None:
        if not self._is_closed:
            self._timer = self._loop.call_later(after_s, self._on_timer)

    def _on_timer(self) -> None:
        life, left_s = self._life, self._used_at + self._idle_s - self._loop.time()
        if life is None:
            return
        if left_s > 0 or life.streams:
            self._look_again(max(left_s, 1.0))
            return
        self._life = None
        self._thread.submit(life.end)

    @asynccontextmanager
    async def opened(
        self,
        url: str,
        headers: Mapping[str, str],
        credentials: Mapping[str, str],
        allowed_origins: Collection[str],
    ) -> AsyncIterator[StreamAnswer]:
        """As `HttpGateway.open_stream`, whose errors it raises; ProviderUnavailable also for our end."""
        life = self._life
        assert life is not None, "asked before it is ready"
        self._used_at = self._loop.time()
        self._numbers += 1
        stream = life.streams[self._numbers] = _Stream(self, life, self._numbers)
        life.watch()
        wish = Opening(url, dict(headers), dict(credentials), frozenset(allowed_origins))
        try:
            head = await stream.ask(wish)
            assert isinstance(head, Head)
            yield _Answer(stream, head)
        finally:
            try:
                await asyncio.shield(self._ended(life, stream))
            finally:
                life.streams.pop(stream.number, None)
                self._used_at = self._loop.time()

    async def _ended(self, life: _Life, stream: _Stream) -> None:
        """When this returns, the courier touches the file no more."""
        if stream.ended.done():
            return
        self.say(life, stream.number, Stop())
        done, _waiting = await asyncio.wait((stream.ended,), timeout=self._patience_s)
        if not done:
            life.kill()
            await asyncio.wait((stream.ended,))

    def say(self, life: _Life, number: int, wish: Wish) -> None:
        """In a thread and in order; a courier that is gone is noticed by its silence."""
        # after `close` there is nobody to speak to
        with contextlib.suppress(RuntimeError):
            self._thread.submit(life.say, number, wish)

    async def close(self) -> None:
        """End the process; nothing is fetched by it any more."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._starting is not None:
            await asyncio.wait((self._starting,))
        if self._life is not None:
            await self._loop.run_in_executor(self._thread, self._life.end)
            self._life = None
        await asyncio.to_thread(self._thread.shutdown)


class _Life:
    """One process and its pipe. Made, ended and spoken to in the courier's thread, heard on the loop."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, before: _Life | None, silence_s: float
    ) -> None:
        if before is not None:
            before.end()
        self._loop = loop
        self._silence_s = silence_s
        self._watching: asyncio.TimerHandle | None = None
        # time of the loop
        self.heard_at = 0.0
        self.is_ready = self.is_lost = False
        self.streams: dict[int, _Stream] = {}
        # Spawned: a copy of a process with threads and a window would inherit their locks.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        try:
            self._process: SpawnProcess = context.Process(
                target=_serve,
                args=(theirs, silence_s / _WORDS_IN_SILENCE),
                name="courier",
                daemon=True,
            )
            self._process.start()
        except BaseException:
            self._pipe.close()
            raise
        finally:
            theirs.close()
        self.pid = self._process.pid
        self._listener = threading.Thread(target=self._listen, name="courier-words", daemon=True)
        self._listener.start()

    def say(self, number: int, wish: Wish) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send((number, wish))

    def watch(self) -> None:
        """End it if it says nothing while there are streams: a download must not wait for ever."""
        if self._watching is None:
            self.heard_at = self._loop.time()
            self._look_after(self._silence_s)

    def _look_after(self, seconds: float) -> None:
        self._watching = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._watching = None
        left_s = self.heard_at + self._silence_s - self._loop.time()
        if self.is_lost or not self.streams:
            return
        if left_s > 0:
            self._look_after(left_s)
            return
        _log.warning("the courier hangs and is ended")
        # `_on_lost` tells the streams
        self.kill()

    def kill(self) -> None:
        # one that has ended meanwhile is closed
        with contextlib.suppress(ValueError):
            self._process.kill()

    def end(self) -> None:
        """Blocks until nothing is left of it."""
        self._process.kill()
        # at its end the pipe has one, too, and so has the thread that reads it
        self._process.join()
        self._listener.join()
        self._pipe.close()
        self._process.close()

    def _listen(self) -> None:
        # a loop that was closed wants to know nothing
        with contextlib.suppress(RuntimeError):
            try:
                while True:
                    number, word = self._pipe.recv()
                    self._loop.call_soon_threadsafe(self._on_word, number, word)
            except (EOFError, OSError):
                self._loop.call_soon_threadsafe(self._on_lost)

    def _on_word(self, number: int, word: Word) -> None:
        self.heard_at = self._loop.time()
        if isinstance(word, Ready):
            self.is_ready = True
        elif (stream := self.streams.get(number)) is not None:
            stream.on_word(word)

    def _on_lost(self) -> None:
        self.is_ready, self.is_lost = False, True
        for stream in self.streams.values():
            stream.on_word(
                Failed(ProviderUnavailable("The download was cut off.", kind=ErrorKind.NETWORK))
            )
            stream.on_word(Ended())


class _Stream:
    """The program's side of one answer; one wish at a time."""

    def __init__(self, courier: Courier, life: _Life, number: int) -> None:
        self.number = number
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_moved: OnBytes | None = None
        self.total: int | None = None
        self._courier = courier
        self._life = life
        self._answer: asyncio.Future[Word] | None = None
        self._failed: BaseException | None = None

    async def ask(self, wish: Wish) -> Word:
        if self._failed is not None:
            raise self._failed
        self._answer = asyncio.get_running_loop().create_future()
        # who asked may have been cancelled in the same turn
        self._answer.add_done_callback(lambda answer: answer.cancelled() or answer.exception())
        self._courier.say(self._life, self.number, wish)
        return await self._answer

    def on_word(self, word: Word) -> None:
        if isinstance(word, Moved):
            if self.on_moved is not None:
                self.on_moved(word.done, self.total)
        elif isinstance(word, Ended):
            if not self.ended.done():
                self.ended.set_result(None)
        elif isinstance(word, Failed):
            error = word.error
            self._failed = RuntimeError(error) if isinstance(error, str) else error
            if self._answer is not None and not self._answer.done():
                self._answer.set_exception(self._failed)
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(word)


class _Answer(StreamAnswer):
    """An answer whose body is at the courier."""

    def __init__(self, stream: _Stream, head: Head) -> None:
        from multidict import CIMultiDict

        self._stream = stream
        self.status = head.status
        self.headers = CIMultiDict(head.headers)
        self.origin = head.origin

    def chunks(self) -> AsyncIterator[bytes]:
        return _Bytes(self._stream)

    async def json(self, max_bytes: int = MAX_JSON_BYTES) -> Any:
        value = await self._stream.ask(AsJson(max_bytes))
        assert isinstance(value, Value)
        return value.value


class _Bytes(FarBytes):
    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    async def __anext__(self) -> bytes:
        piece = await self._stream.ask(NextPiece())
        assert isinstance(piece, Piece)
        if not piece.data:
            raise StopAsyncIteration
        return piece.data

    async def take_in(self, errand: Errand, on_bytes: OnBytes) -> Taken:
        self._stream.on_moved, self._stream.total = on_bytes, errand.total
        taken = await self._stream.ask(errand)
        assert isinstance(taken, Taken)
        return taken


def _serve(pipe: Connection[Any, Any], alive_every_s: float) -> None:
    from veo_studio.core.courier_process import serve

    serve(pipe, alive_every_s)
