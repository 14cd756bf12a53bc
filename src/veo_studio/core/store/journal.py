"""Operation ids that could not be committed to the database: an append-only file, fsynced per line.

A paid operation whose name lives only in memory is lost with the process (reliability: section 1, T3).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class JournalLine:
    generation_uuid: str
    attempt_uuid: str
    operation_id: str


class OperationJournal:
    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, line: JournalLine) -> None:
        """Write one line and wait for the disk; raises OSError."""
        text = json.dumps([line.generation_uuid, line.attempt_uuid, line.operation_id]) + "\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> list[JournalLine]:
        """All whole lines; a last line cut by a crash is left out."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return []
        return [JournalLine(*json.loads(line)) for line in lines if line.endswith("\n")]

    def clear(self) -> None:
        """Forget everything, once it is in the database."""
        self._path.unlink(missing_ok=True)
