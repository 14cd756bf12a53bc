"""Clips and pictures that come inside a JSON answer: written to files as they arrive, and served from there.

Nothing of them is ever held in memory as a whole. What was received once need not be asked for
again, so a program that ends between the answer and the finished file loses nothing.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import json
import os
import re
import threading
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from veo_studio.core.errors import LinkExpired, ProtocolError
from veo_studio.core.partial import storage_errors
from veo_studio.core.providers.base import Body

SCHEME = "inline:"
VERTEX_FIELD = "bytesBase64Encoded"
_OWNER_LENGTH = 24
_BEGIN = re.compile(rb'\s*:\s*"')
# how the names of received files end, by their first bytes; what nobody knows is called a clip
_SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ".png"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"(?s)RIFF....WEBP"), ".webp"),
)
_CLIP = ".mp4"
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", _CLIP: "video/mp4"}
_LONGEST_SIGNATURE = 12
_FILE = r"[0-9a-f]{24}-\d{1,2}-[0-9a-f]{64}\.(?:mp4|png|jpg|webp)"
_NAME = re.compile(rf"{_FILE}\Z")
_NAMED = re.compile(rf'"{SCHEME}({_FILE})"')
# without the files an answer is a page of text
_MAX_TEXT_BYTES = 4 * 1024 * 1024
MAX_CLIPS_BYTES = 1024**3
_MOST_FILES = 100
_CHUNK_BYTES = 512 * 1024
_DAY_S = 24 * 3600.0
# what nobody has fetched waits so long, half a file of a program that ended a day
_KEPT_S = 14 * _DAY_S
_PART_KEPT_S = _DAY_S
# an hour is left for whoever finds the copy damaged
_KEPT_AFTER_SERVING_S = 3600.0
# clocks jump: what is old has to be old again so much later
_OLD_AGAIN_S = _DAY_S
_SERVED = ".served"
_SEEN = "seen.json"
_ESCAPES = ((rb"\/", b"/"), (rb"\u002b", b"+"), (rb"\u002f", b"/"), (rb"\u003d", b"="))
_LONGEST_ESCAPE = 6


class InlineAnswer:
    """Takes a JSON answer in pieces; what stands in `field` goes to files, the rest is `finish`'s value.

    In that value each `field` is the address of its file, for `InlineResults.open`. Blocks.
    """

    def __init__(
        self, folder: Path, owner: str, field: str = VERTEX_FIELD, max_bytes: int = MAX_CLIPS_BYTES
    ) -> None:
        self._folder = folder
        self._owner = _digest(owner)
        self._field = f'"{field}"'.encode("ascii")
        self._max_bytes = max_bytes
        self._head = b""
        self._text = bytearray()
        self._scanned = 0
        self._rest = b""
        self._file: BinaryIO | None = None
        self._part = Path()
        self._sha256 = hashlib.sha256()
        self._clips_bytes = 0
        self._names: list[str] = []
        # who is cancelled closes while a thread still writes
        self._lock = threading.Lock()
        self._is_closed = False

    def feed(self, chunk: bytes) -> None:
        """Raises ProtocolError for what is no base64 or too much, StorageError."""
        with self._lock:
            while chunk and not self._is_closed:
                chunk = self._text_of(chunk) if self._file is None else self._clip_of(chunk)
        if len(self._text) > _MAX_TEXT_BYTES:
            raise ProtocolError("The provider's answer is far too large.")

    def finish(self) -> Any:
        """The answer as JSON, or None where it is none."""
        if self._file is not None:
            raise ProtocolError("The provider's answer ended within a result.")
        try:
            return json.loads(self._text.decode("utf-8"))
        except (ValueError, RecursionError):
            return None

    def close(self) -> None:
        """Give up what is not whole."""
        with self._lock:
            self._is_closed = True
            if self._file is not None:
                self._file.close()
                self._file = None
                self._part.unlink(missing_ok=True)

    def _text_of(self, chunk: bytes) -> bytes:
        """Keep text up to the next clip; returns what follows it."""
        self._text += chunk
        while (found := self._text.find(self._field, self._scanned)) >= 0:
            after = found + len(self._field)
            begin = _BEGIN.match(self._text, after)
            if begin is not None:
                rest = bytes(self._text[begin.end() :])
                del self._text[begin.end() :]
                self._begin_clip()
                return rest
            if not self._text[after:].strip(b" \t\r\n:"):
                self._scanned = found  # its quote is still on the way
                return b""
            self._scanned = after  # a value of another kind
        self._scanned = max(self._scanned, len(self._text) - len(self._field))
        return b""

    def _begin_clip(self) -> None:
        if len(self._names) >= _MOST_FILES:
            raise ProtocolError("The provider's answer holds far too many results.")
        with storage_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._part = self._folder / f".{uuid.uuid4().hex}.part"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self._file = open(os.open(self._part, flags, 0o600), "wb")  # noqa: SIM115
        self._sha256 = hashlib.sha256()
        self._head = b""

    def _clip_of(self, chunk: bytes) -> bytes:
        """Write what belongs to the clip; returns what follows it."""
        chunk = self._rest + chunk
        end = chunk.find(b'"')
        encoded = chunk if end < 0 else chunk[:end]
        for escape, char in _ESCAPES:
            encoded = encoded.replace(escape, char)
        whole = len(encoded) - len(encoded) % 4
        if end < 0:
            cut = encoded.find(b"\\", max(0, len(encoded) - _LONGEST_ESCAPE))
            whole = whole if cut < 0 else min(whole, cut - cut % 4)
        self._rest = encoded[whole:] if end < 0 else b""
        try:
            decoded = base64.b64decode(encoded if end >= 0 else encoded[:whole], validate=True)
        except binascii.Error as error:
            raise ProtocolError("The result in the provider's answer is damaged.") from error
        self._clips_bytes += len(decoded)
        if self._clips_bytes > self._max_bytes:
            raise ProtocolError("The results in the provider's answer are far too large.")
        assert self._file is not None
        with storage_errors(self._folder):
            self._file.write(decoded)
        self._sha256.update(decoded)
        self._head += decoded[: _LONGEST_SIGNATURE - len(self._head)]
        if end < 0:
            return b""
        self._end_clip()
        return chunk[end:]

    def _end_clip(self) -> None:
        assert self._file is not None
        suffix = next((end for begin, end in _SIGNATURES if begin.match(self._head)), _CLIP)
        name = f"{self._owner}-{len(self._names)}-{self._sha256.hexdigest()}{suffix}"
        with storage_errors(self._folder):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            os.replace(self._part, self._folder / name)
        self._names.append(name)
        self._text += f"{SCHEME}{name}".encode()
        self._scanned = len(self._text)


class InlineResults:
    """The folder of received files; everything in it can be had again from the provider for a while."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def remember(self, owner: str, answer: Any) -> None:
        """Keep an answer whose files were received whole, so that it need not come again. Blocks."""
        part = self.folder / f".{uuid.uuid4().hex}.part"
        with storage_errors(self.folder):
            part.write_text(json.dumps(answer), encoding="ascii")
            os.replace(part, self._answer_file(owner))

    def remembered(self, owner: str) -> Any:
        """That answer, or None where it or one of its files is no longer here. Blocks."""
        try:
            written = self._answer_file(owner).read_text(encoding="ascii")
            answer = json.loads(written)
        except (OSError, ValueError):
            return None
        names = _NAMED.findall(written)
        return answer if all((self.folder / name).is_file() for name in names) else None

    def sweep(self, now: float | None = None) -> None:
        """Remove the operations whose clips were all served, and those of long ago. Blocks.

        Nothing goes that was not found to be so by an earlier sweep, too.
        """
        at = time.time() if now is None else now
        with contextlib.suppress(OSError):
            groups: dict[str, list[Path]] = {}
            for path in self.folder.iterdir():
                owner = path.name if path.suffix == ".part" else path.name[:_OWNER_LENGTH]
                if path.name != _SEEN:
                    groups.setdefault(owner, []).append(path)
            before, seen = self._seen(), dict[str, float]()
            for owner, paths in groups.items():
                wait_s = _wait_s(paths, at)
                since = min(before.get(owner, at), at)
                if wait_s is not None and owner in before and at - since >= wait_s:
                    for path in paths:
                        path.unlink(missing_ok=True)
                elif wait_s is not None:
                    seen[owner] = since
            self._write_seen(seen)

    def _seen(self) -> Mapping[str, float]:
        """Since when an operation was found to be over, by the clock of the wall."""
        try:
            told = json.loads((self.folder / _SEEN).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        found = told if isinstance(told, dict) else {}
        return {name: since for name, since in found.items() if isinstance(since, float)}

    def _write_seen(self, seen: Mapping[str, float]) -> None:
        if not seen:
            (self.folder / _SEEN).unlink(missing_ok=True)
            return
        part = self.folder / f".{uuid.uuid4().hex}.part"
        part.write_text(json.dumps(seen), encoding="ascii")
        os.replace(part, self.folder / _SEEN)

    @contextlib.asynccontextmanager
    async def open(self, uri: str, offset: int, validator: str | None) -> AsyncIterator[Body]:
        """A received file, from `offset` on; raises LinkExpired where it is no longer here."""
        name = uri.removeprefix(SCHEME)
        path = self.folder / name
        if not _NAME.match(name):
            raise LinkExpired("The stored link names nothing that was received.")
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except OSError as error:
            raise LinkExpired("What was received is no longer here.") from error
        digest = path.stem[-64:]
        tag = f'"{digest}"'
        start = offset if validator == tag else 0
        try:
            size = os.fstat(file.fileno()).st_size
            file.seek(start)
            yield Body(
                status=206 if start else 200,
                offset=start,
                total_bytes=size,
                validator=tag,
                content_type=_TYPES[path.suffix],
                chunks=_chunks(file, path),
                digests={"sha256": bytes.fromhex(digest)},
            )
        finally:
            file.close()

    def _answer_file(self, owner: str) -> Path:
        return self.folder / f"{_digest(owner)}.json"


async def _chunks(file: BinaryIO, path: Path) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
        yield chunk
    with contextlib.suppress(OSError):
        await asyncio.to_thread(path.with_suffix(_SERVED).touch)


def _wait_s(paths: Sequence[Path], now: float) -> float | None:
    """How much later these are removed if they are still as now; None where they are needed."""
    clips = [path for path in paths if path.suffix in _TYPES]
    served = {path.stem for path in paths if path.suffix == _SERVED}
    if clips and all(path.stem in served for path in clips):
        return _KEPT_AFTER_SERVING_S
    kept_s = _PART_KEPT_S if paths[0].suffix == ".part" else _KEPT_S
    newest = max(path.stat().st_mtime for path in paths)
    return _OLD_AGAIN_S if now - newest > kept_s else None


def _digest(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()[:_OWNER_LENGTH]
