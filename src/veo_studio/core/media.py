"""What is in a video file, and the poster pictures of clips and pictures.

PyAV and Pillow are imported where they are used: by the worker process, and by `probe` at its first
call. A damaged file can never do more than lack a picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veo_studio.core.crash import crash_point
from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.picture_file import is_picture_name, opened_picture

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

_log = logging.getLogger(__name__)

THUMBNAIL_WIDTH_PX = 640
_JPEG_QUALITY = 85
_TIMEOUT_S = 20.0
# as bright as it is dark, so that anything can be seen on it
_UNDER_TRANSPARENCY = (128, 128, 128, 255)
# An idle worker holds some 60 MB.
_IDLE_S = 15.0
# Keyframes can be far apart in a damaged file; the nearest one is a good poster, too.
_MAX_DECODED_FRAMES = 1200


@dataclass(frozen=True)
class MediaFacts:
    """What a video file says about itself; `duration_s` and `fps` are 0 where it does not."""

    width_px: int
    height_px: int
    duration_s: float
    fps: float
    has_audio: bool
    video_codec: str
    audio_codec: str | None


def probe(path: Path) -> MediaFacts:
    """Read the file's own description. Blocks: run it in a thread.

    Raises DownloadError for a file that may be damaged, StorageError where it cannot be read.
    """
    import av

    try:
        with av.open(str(path), mode="r") as container:
            if not container.streams.video:
                raise DownloadError("The file may be damaged: it holds no picture.")
            video = container.streams.video[0]
            audio = container.streams.audio[0] if container.streams.audio else None
            width, height = video.codec_context.width, video.codec_context.height
            if not (width > 0 and height > 0):
                raise DownloadError("The file may be damaged: its picture has no size.")
            if container.duration is not None:
                duration_s = container.duration / av.time_base
            elif video.duration is not None and video.time_base is not None:
                duration_s = float(video.duration * video.time_base)
            else:
                duration_s = 0.0
            return MediaFacts(
                width_px=width,
                height_px=height,
                duration_s=max(0.0, duration_s),
                fps=float(video.average_rate or 0),
                has_audio=audio is not None,
                video_codec=video.codec_context.name,
                audio_codec=audio.codec_context.name if audio is not None else None,
            )
    except DownloadError:
        raise
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise StorageError(f"{path.name} cannot be read ({error.strerror}).") from error
    except Exception as error:
        # PyAV raises what libav says as a dozen classes, and its own bugs on broken files besides.
        raise DownloadError(f"The file may be damaged ({type(error).__name__}).") from error


def make_thumbnail(video: Path, target: Path, width_px: int = THUMBNAIL_WIDTH_PX) -> None:
    """Write the middle frame as JPEG, its wide side at most `width_px`; all of it or nothing. Blocks.

    Of a picture the same, made small. Raises DownloadError for a file without a readable picture, StorageError.
    """
    try:
        draw = _small_picture if is_picture_name(video) else _middle_frame
        picture = draw(video, width_px)
    except (DownloadError, StorageError, FileNotFoundError, PermissionError):
        raise
    except Exception as error:
        raise DownloadError(f"The file may be damaged ({type(error).__name__}).") from error
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with open(os.open(temporary, flags, 0o600), "wb") as file:
            picture.save(file, "JPEG", quality=_JPEG_QUALITY)
        os.replace(temporary, target)
    except OSError as error:
        raise StorageError(f"The thumbnail cannot be written ({error.strerror}).") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _middle_frame(path: Path, width_px: int) -> Any:
    import av

    with av.open(str(path), mode="r") as container:
        if not container.streams.video:
            raise DownloadError("The file may be damaged: it holds no picture.")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        middle = 0
        if stream.duration is not None:
            middle = (stream.start_time or 0) + stream.duration // 2
        if middle > 0:
            container.seek(middle, stream=stream)
        chosen: Any = None
        for number, frame in enumerate(container.decode(stream)):
            chosen = frame
            is_there = frame.pts is None or frame.pts >= middle
            if is_there or number >= _MAX_DECODED_FRAMES:
                break
        if chosen is None:
            raise DownloadError("The file may be damaged: no picture can be read.")
        scale = min(1.0, width_px / max(chosen.width, chosen.height))
        return chosen.to_image(
            width=max(2, round(chosen.width * scale)), height=max(2, round(chosen.height * scale))
        )


def _small_picture(path: Path, width_px: int) -> Any:
    from PIL import Image

    with opened_picture(path) as picture:
        picture.thumbnail((width_px, width_px))
        if not picture.has_transparency_data:
            return picture.convert("RGB")
        layer = picture.convert("RGBA")
        under = Image.new("RGBA", layer.size, _UNDER_TRANSPARENCY)
        return Image.alpha_composite(under, layer).convert("RGB")


class Thumbnails:
    """Poster pictures by uuid, made one at a time in a process of their own, the newest wish first.

    The process starts with the first wish, ends when there is nothing to do, and dies with us. What
    it does with a broken file stays its own affair: that file has no picture in this session.
    """

    def __init__(
        self, cache_folder: Path, *, timeout_s: float = _TIMEOUT_S, idle_s: float = _IDLE_S
    ) -> None:
        self._folder = cache_folder
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._wishes: dict[str, Path] = {}
        self._waiting: dict[str, asyncio.Future[Path | None]] = {}
        self._damaged: set[str] = set()
        self._pump: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._thread: ThreadPoolExecutor | None = None
        self._worker: _Worker | None = None
        self._is_closed = False

    def path_for(self, uuid: str) -> Path:
        """Where the picture is, if there is one."""
        return self._folder / f"{uuid}.jpg"

    async def ensure(self, uuid: str, video_path: Path) -> Path | None:
        """The picture of a clip, made now if need be; None where none can be made. Never raises."""
        target = self.path_for(uuid)
        if target.is_file():
            return target
        if uuid in self._damaged or self._is_closed:
            return None
        waiting = self._waiting.get(uuid)
        if waiting is None:
            waiting = self._waiting[uuid] = asyncio.get_running_loop().create_future()
            self._wishes[uuid] = video_path
        elif uuid in self._wishes:
            # asked again before its turn: to the front
            self._wishes[uuid] = self._wishes.pop(uuid)
        self._woken.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._run(), name="thumbnails")
        return await asyncio.shield(waiting)

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
        self._wishes.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def _run(self) -> None:
        while self._wishes:
            while self._wishes:
                uuid, video = self._wishes.popitem()
                await self._make(uuid, video)
            self._woken.clear()
            try:
                async with asyncio.timeout(self._idle_s):
                    await self._woken.wait()
            except TimeoutError:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._thread, self._end_worker)

    async def _make(self, uuid: str, video: Path) -> None:
        target = self.path_for(uuid)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "thumbnails")
        loop = asyncio.get_running_loop()
        is_made = await loop.run_in_executor(self._thread, self._ask_worker, video, target)
        if not is_made:
            self._damaged.add(uuid)
        waiting = self._waiting.pop(uuid, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(target if is_made else None)

    def _ask_worker(self, video: Path, target: Path) -> bool:
        """In the thread: one wish to the worker, and its answer. Never raises."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._worker is None or not self._worker.is_alive:
                self._end_worker()
                self._worker = _Worker()
            if self._is_closed:
                return False
            problem = self._worker.make(video, target, self._timeout_s)
        except (OSError, EOFError) as error:
            problem = f"the worker ended ({type(error).__name__})"
            self._end_worker()
        if problem:
            _log.info("no thumbnail of %s: %s", video.name, problem)
        return not problem

    def _end_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()


class _Worker:
    """A process with PyAV in it, and the pipe to it."""

    def __init__(self) -> None:
        # Spawned: a copy of a process with threads and a window would inherit their locks.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_serve, args=(theirs,), name="thumbnails", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def make(self, video: Path, target: Path, timeout_s: float) -> str:
        """Ask, wait, and return what went wrong ("" for nothing). Raises OSError, EOFError."""
        self._pipe.send((str(video), str(target)))
        crash_point("K20")
        if not self._pipe.poll(timeout_s):
            raise TimeoutError("no thumbnail in time")
        return str(self._pipe.recv())

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._pipe.close()
        # It ends by itself when the pipe does, unless it hangs in a decoder.
        self._process.kill()
        self._process.join(1.0)
        if not self._process.is_alive():
            self._process.close()


def _serve(pipe: Connection[Any, Any]) -> None:
    """The worker's life: it ends when the pipe does, that is, when its parent is gone."""
    # Ctrl+C in a terminal goes to every process of it; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)
    with contextlib.suppress(EOFError, OSError):
        while True:
            video, target = pipe.recv()
            try:
                make_thumbnail(Path(video), Path(target))
            except Exception as error:
                pipe.send(str(error) or type(error).__name__)
            else:
                pipe.send("")
