"""The engine's folder: accepted interactions, their inputs and rendered files.

Every record is one JSON file, written to a temporary name, synced and renamed, so that after a kill
at any moment it is either the old or the new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import threading
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

KEEP_S = 48 * 3600
MAX_CACHE_BYTES = 4 * 1024**3


@dataclass
class Record:
    """One accepted interaction, as it is stored."""

    id: str
    file_id: str
    model: str
    prompt: str
    aspect_ratio: str
    resolution: str
    duration_s: float
    seed: int
    has_audio: bool
    negative_prompt: str
    delivery: str
    created_s: float
    """Seconds since 1970, as all moments here."""
    updated_s: float
    status: str = "queued"
    labels: dict[str, str] = field(default_factory=dict)
    first_frame: str | None = None
    last_frame: str | None = None
    references: list[str] = field(default_factory=list)
    source: str | None = None
    """Names of stored inputs, as the frames."""
    source_s: float = 0.0
    task: str = ""
    size_bytes: int = 0
    sha256: str = ""
    error_code: str = ""
    error_text: str = ""
    refusal: str = ""
    is_picture: bool = False

    @property
    def mime_type(self) -> str:
        return "image/png" if self.is_picture else "video/mp4"

    @property
    def suffix(self) -> str:
        """How the name of its file ends."""
        return ".png" if self.is_picture else ".mp4"

    @property
    def is_finished(self) -> bool:
        return self.status in ("completed", "failed", "cancelled")

    @property
    def made_s(self) -> float:
        """Seconds that were made for it; what an extension began with was there before."""
        return self.duration_s - (self.source_s if self.task == "extend" else 0.0)

    @property
    def inputs(self) -> list[str]:
        """Names of the stored inputs that it needs."""
        named = (self.first_frame, self.last_frame, self.source, *self.references)
        return [name for name in named if name is not None]


@dataclass(frozen=True)
class Material:
    """What a clip is made from, under the names of stored inputs, and how long it becomes."""

    duration_s: float
    aspect_ratio: str
    first_frame: str | None = None
    last_frame: str | None = None
    references: list[str] = field(default_factory=list)
    source: str | None = None
    source_s: float = 0.0
    task: str = ""


@dataclass
class Upload:
    """A file the client sent, as it is stored."""

    id: str
    mime_type: str
    display_name: str
    size_bytes: int
    created_s: float
    is_complete: bool = False
    has_been_seen: bool = False


class Vault:
    """Reads and writes the folder; every method blocks, call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._records = folder / "interactions"
        self._files = folder / "files"
        self._inputs = folder / "inputs"
        # a cancel may follow a save that another thread has not finished: the later one must win
        self._lock = threading.Lock()

    def open(self) -> list[Record]:
        """Create the folders, drop what is old or half-written, and return what is left."""
        for path in (self._records, self._files, self._inputs):
            path.mkdir(parents=True, exist_ok=True)
        for path in [*self._records.glob("*.tmp"), *self._files.glob("*.part")]:
            path.unlink(missing_ok=True)
        records = [record for path in self._records.glob("*.json") if (record := _read(path))]
        records.sort(key=lambda record: (record.created_s, record.id))
        records = self._tidy(records)
        known = {self.file_path(record).name for record in records}
        for path in self._files.iterdir():
            if path.name not in known:
                path.unlink(missing_ok=True)
        used = {name for record in records for name in record.inputs}
        oldest = time.time() - KEEP_S
        for path in self._inputs.iterdir():
            with contextlib.suppress(OSError):
                if path.name not in used and path.stat().st_mtime < oldest:
                    path.unlink()
        return records

    def save(self, record: Record) -> None:
        self._write(self._records / f"{record.id}.json", json.dumps(asdict(record)).encode())

    def delete(self, record: Record) -> None:
        with self._lock:
            for path in (self._records / f"{record.id}.json", self.file_path(record)):
                path.unlink(missing_ok=True)

    def file_path(self, record: Record) -> Path:
        # not the public file id, which changes when a link expires
        return self._files / f"{record.id}{record.suffix}"

    def has_file(self, record: Record) -> bool:
        try:
            return self.file_path(record).stat().st_size == record.size_bytes > 0
        except OSError:
            return False

    def input_path(self, name: str) -> Path:
        return self._inputs / name

    def save_input(self, name: str, content: bytes) -> None:
        self._write(self._inputs / name, content)

    def keep_video(self, record: Record) -> str:
        """Copy a finished clip to the inputs: it may be deleted before its continuation is made."""
        name = secrets.token_hex(16)
        shutil.copyfile(self.file_path(record), self._inputs / name)
        return name

    def trim(self, records: list[Record]) -> list[Record]:
        """Delete the oldest finished clips beyond the size limit; returns the deleted."""
        finished = sorted((r for r in records if r.is_finished), key=lambda r: r.updated_s)
        total = sum(record.size_bytes for record in records)
        dropped = []
        for record in finished[:-1]:
            if total <= MAX_CACHE_BYTES:
                break
            if record.size_bytes:
                self.delete(record)
                total -= record.size_bytes
                dropped.append(record)
        return dropped

    def _tidy(self, records: list[Record]) -> list[Record]:
        oldest = time.time() - KEEP_S
        kept = []
        for record in records:
            if record.is_finished and record.updated_s < oldest:
                self.delete(record)
            else:
                kept.append(record)
        dropped = {record.id for record in self.trim(kept)}
        return [record for record in kept if record.id not in dropped]

    def _write(self, path: Path, content: bytes) -> None:
        temporary = path.with_name(path.name + ".tmp")
        with self._lock, open(temporary, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            stream.close()  # before the rename, which Windows refuses for an open file
            os.replace(temporary, path)
            _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> Record | None:
    """A record, or None for a file that is not ours or from another version."""
    try:
        stored: Any = json.loads(path.read_bytes())
        names = {item.name for item in fields(Record)}
        return Record(**{key: value for key, value in stored.items() if key in names})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
