"""The poster and strip pictures of clips by uuid: cached on disk, made by a process of their own.

The process starts with the first wish, ends when there is nothing to do, and dies with us.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.picture_file import is_picture_name
from veo_studio.core.poster_cache import MOST_BYTES, is_due_for_use, note_use
from veo_studio.core.poster_worker import Asked, Worker

_log = logging.getLogger(__name__)

MISSING, DAMAGED = "missing", "damaged"
_TIMEOUT_S = 20.0
# An idle worker holds some 60 MB.
_IDLE_S = 15.0
# a full or lost cache folder is not asked at every picture that scrolls by
_REST_S = 10.0
_TIDY_AFTER = 500
# file systems count in steps of up to two seconds
_STEP_NS = 2_000_000_000
_MOST_LOOKS = 4


class _Kind(Enum):
    POSTER = Asked.POSTER
    STRIP = Asked.STRIP


# the moment of a poster in seconds; None: as everybody gets it
_Key = tuple[_Kind, str, float | None]
# which file it was: moments of its last changes in content and in rights, and its size
_Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class _Seen:
    """How things stand on the disk; `stamp` is None where the clip's file is not there."""

    stamp: _Stamp | None
    is_cached: bool


class Thumbnails:
    """Never raises, and never in the way: whoever has no picture is told None, and why by `problem`.

    The newest wish comes first; strips wait until every poster is made.
    """

    def __init__(
        self,
        cache_folder: Path,
        *,
        timeout_s: float = _TIMEOUT_S,
        idle_s: float = _IDLE_S,
        rest_s: float = _REST_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._folder = cache_folder
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._rest_s = rest_s
        self._most_bytes = most_bytes
        self._wishes: dict[_Key, Path] = {}
        self._waiting: dict[_Key, asyncio.Future[Path | None]] = {}
        # what was wrong, with the file it was wrong with
        self._problems: dict[str, tuple[str, _Stamp | None]] = {}
        self._stripless: dict[str, _Stamp | None] = {}
        self._rests_until = 0.0
        self._making: str | None = None
        self._dropped: set[str] = set()
        self._made = _TIDY_AFTER
        self._pump: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._thread: ThreadPoolExecutor | None = None
        self._lookers: ThreadPoolExecutor | None = None
        self._worker: Worker | None = None
        self._is_closed = False

    def path_for(self, uuid: str, at_s: float | None = None) -> Path:
        """Where the poster is, if there is one; `at_s`: the one of that moment of the clip."""
        moment = "" if at_s is None else f".at{round(at_s * 1000)}"
        return self._folder / f"{uuid}{moment}.jpg"

    def strip_path_for(self, uuid: str) -> Path:
        """Where the strip is, if there is one."""
        return self._folder / f"{uuid}.strip.jpg"

    def problem(self, uuid: str) -> str:
        """Why there is no poster: MISSING, DAMAGED, or "" where nothing is known to be wrong.

        As of the last `ensure`, which looks again each time.
        """
        return self._problems.get(uuid, ("", None))[0]

    async def ensure(self, uuid: str, video_path: Path, at_s: float | None = None) -> Path | None:
        """The poster of a clip, made now if need be; None where none can be made.

        It shows the frame at `at_s` seconds, or the middle of the clip.
        """
        return await self._ensure((_Kind.POSTER, uuid, at_s), video_path)

    async def ensure_strip(self, uuid: str, video_path: Path) -> Path | None:
        """`STRIP_FRAMES` frames of a clip side by side; None where none can be made, and for pictures."""
        if is_picture_name(video_path):
            return None
        return await self._ensure((_Kind.STRIP, uuid, None), video_path)

    def on_event(self, event: GenerationEvent) -> None:
        """What left the library leaves its pictures behind; an undo makes them anew."""
        if event.kind is EventKind.REMOVED:
            self.drop(event.generation.uuid, event.generation.cover_at_s)

    def drop(self, uuid: str, cover_at_s: float | None = None) -> None:
        """Its pictures are of no use any more: the clip is gone, or another file.

        Posters of moments that were its cover once are left to the bound of the cache.
        """
        self._problems.pop(uuid, None)
        self._stripless.pop(uuid, None)
        for key in [key for key in self._wishes if key[1] == uuid]:
            del self._wishes[key]
            self._answer(key, None)
        if self._making == uuid:
            self._dropped.add(uuid)
        self._remove(self.path_for(uuid), self.strip_path_for(uuid))
        if cover_at_s is not None:
            self._remove(self.path_for(uuid, cover_at_s))

    def _remove(self, *pictures: Path) -> None:
        if not self._is_closed:
            self._look_thread().submit(_remove, pictures)

    async def close(self) -> None:
        """End the worker, for good; whoever waits gets None."""
        self._is_closed = True
        # The thread may be starting a worker: it looks at the flag after that, so one of us sees it.
        if self._worker is not None:
            self._worker.kill()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if self._thread is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._end_worker)
            self._thread.shutdown(wait=False)
            self._thread = None
        if self._lookers is not None:
            # one that hangs on a dead drive is not waited for
            self._lookers.shutdown(wait=False)
            self._lookers = None
        self._wishes.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    # wishes

    async def _ensure(self, key: _Key, video: Path) -> Path | None:
        if self._is_closed:
            return None
        loop = asyncio.get_running_loop()
        target = self._target(key)
        seen = await loop.run_in_executor(self._look_thread(), _look, video, target)
        if self._is_closed or self._is_known_to_fail(key, seen.stamp):
            return None
        if seen.is_cached:
            return target
        if loop.time() < self._rests_until:
            return None
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = loop.create_future()
            self._wishes[key] = video
        elif key in self._wishes:
            # asked again before its turn: to the front
            self._wishes[key] = self._wishes.pop(key)
        self._woken.set()
        if self._pump is None or self._pump.done():
            self._pump = loop.create_task(self._run(), name="thumbnails")
        return await asyncio.shield(waiting)

    def _target(self, key: _Key) -> Path:
        kind, uuid, at_s = key
        return self.path_for(uuid, at_s) if kind is _Kind.POSTER else self.strip_path_for(uuid)

    def _is_known_to_fail(self, key: _Key, stamp: _Stamp | None) -> bool:
        """A file that is not there, or that failed before and has not changed since."""
        kind, uuid, _at_s = key
        if stamp is None:
            self._problems[uuid] = (MISSING, None)
            return True
        if uuid in self._problems and self._problems[uuid][1] != stamp:
            del self._problems[uuid]
        if uuid in self._problems:
            return True
        return kind is _Kind.STRIP and self._stripless.get(uuid) == stamp

    def _look_thread(self) -> ThreadPoolExecutor:
        if self._lookers is None:
            self._lookers = ThreadPoolExecutor(_MOST_LOOKS, "thumbnail files")
        return self._lookers

    # the work

    async def _run(self) -> None:
        while self._wishes:
            while self._wishes:
                await self._make(self._next_wish())
            await self._tidy()
            self._woken.clear()
            if self._wishes:
                continue
            try:
                async with asyncio.timeout(self._idle_s):
                    await self._woken.wait()
            except TimeoutError:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._thread, self._end_worker)

    def _next_wish(self) -> _Key:
        newest = reversed(self._wishes)
        return next((key for key in newest if key[0] is _Kind.POSTER), next(reversed(self._wishes)))

    async def _make(self, key: _Key) -> None:
        kind, uuid, at_s = key
        video, target = self._wishes.pop(key), self._target(key)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "thumbnails")
        loop = asyncio.get_running_loop()
        self._making = uuid
        stamp, problem = await loop.run_in_executor(
            self._thread, self._make_in_worker, kind, video, target, at_s
        )
        self._making = None
        if uuid in self._dropped:
            # the clip left meanwhile
            self._dropped.discard(uuid)
            self._remove(target)
            self._answer(key, None)
            return
        if not problem:
            self._made += 1
        elif problem == Asked.NO_ROOM:
            self._rests_until = loop.time() + self._rest_s
        elif problem == MISSING or kind is _Kind.POSTER:
            self._problems[uuid] = (problem, stamp)
        else:
            self._stripless[uuid] = stamp
        self._answer(key, None if problem else target)

    def _answer(self, key: _Key, answer: Path | None) -> None:
        waiting = self._waiting.pop(key, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def _tidy(self) -> None:
        """Now and then, while nobody waits, take out what was not looked at for longest."""
        if self._made < _TIDY_AFTER or self._thread is None:
            return
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            self._thread, self._ask, Asked.TIDY, self._folder, str(self._most_bytes)
        )
        self._made = 0

    # in the thread

    def _make_in_worker(
        self, kind: _Kind, video: Path, target: Path, at_s: float | None
    ) -> tuple[_Stamp | None, str]:
        """Which file it was, and what went wrong: "", MISSING, DAMAGED or NO_ROOM."""
        stamp = _stamp(video)
        if stamp is None:
            return None, MISSING
        problem = self._ask(kind.value, video, str(target), at_s)
        if problem:
            _log.info("no %s of %s: %s", kind.value, video.name, problem)
        if problem.startswith(Asked.NO_ROOM):
            return stamp, Asked.NO_ROOM
        if problem and _stamp(video) is None:
            return None, MISSING
        return stamp, DAMAGED if problem else ""

    def _ask(self, what: str, path: Path, other: str, at_s: float | None = None) -> str:
        """One wish to the worker, and its answer; a worker that dies of it is replaced, once."""
        problem = ""
        for _attempt in range(2):
            if self._is_closed:
                return Asked.NO_ROOM
            try:
                if self._worker is None or not self._worker.is_alive:
                    self._end_worker()
                    self._worker = Worker()
                if self._is_closed:
                    return Asked.NO_ROOM
                return self._worker.ask(what, path, other, self._timeout_s, at_s)
            except TimeoutError as error:
                self._end_worker()
                return str(error)
            except (OSError, EOFError) as error:
                # somebody else may have ended it: the next one shows whether the file did
                problem = f"the worker ended ({type(error).__name__})"
                self._end_worker()
        return problem

    def _end_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()


def _look(video: Path, target: Path) -> _Seen:
    stamp = _stamp(video)
    if stamp is None:
        return _Seen(None, False)
    try:
        made = target.stat()
    except OSError:
        return _Seen(stamp, False)
    is_cached = made.st_size > 0 and made.st_mtime_ns >= stamp[0] - _STEP_NS
    if is_cached and is_due_for_use(made):
        note_use(target, made)
    return _Seen(stamp, is_cached)


def _stamp(video: Path) -> _Stamp | None:
    try:
        facts = video.stat()
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(facts.st_mode):
        return None
    return facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size


def _remove(paths: tuple[Path, ...]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
