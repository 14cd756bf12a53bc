"""Operation ids that could not be committed to the database: an append-only file, fsynced per line.

A paid operation whose name lives only in memory is lost with the process (reliability: section 1, T3).
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger(__name__)


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
        # the first line break ends a line that an earlier crash cut
        fields = [line.generation_uuid, line.attempt_uuid, line.operation_id]
        rest = f"\n{json.dumps(fields)}\n".encode()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> tuple[list[JournalLine], bool]:
        """All whole lines, and whether there is nothing else in the file.

        A line that a crash cut is left out, and then the file must be kept.
        """
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return [], True
        lines: list[JournalLine] = []
        is_readable = True
        for line in filter(None, text.split("\n")):
            try:
                fields = json.loads(line)
            except ValueError:
                fields = None
            match fields:
                case [str(generation_uuid), str(attempt_uuid), str(operation_id)]:
                    lines.append(JournalLine(generation_uuid, attempt_uuid, operation_id))
                case _:
                    is_readable = False
                    _log.error("a line of the operation journal cannot be read: %.200r", line)
        return lines, is_readable

    def clear(self) -> None:
        """Forget everything, once it is in the database."""
        self._path.unlink(missing_ok=True)
