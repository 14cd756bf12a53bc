"""Whether a database file can be trusted: its header and log at every start, all of it in the background.

Nothing here writes. A file is read without locking out whoever works on it; a backup, which nobody
changes, is read as immutable, so that not even side files appear.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from veo_studio.core.store.schema import APPLICATION_ID, SCHEMA_VERSION

HEADER_BYTES = 100
_MAGIC = b"SQLite format 3\x00"
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_WAL_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_MAX_FINDINGS = 5
# how often SQLite looks whether it should stop: every so many of its steps, some milliseconds
_STEPS = 20_000
_TABLES = ("about", "generations", "state_changes", "attempts", "wallet_entries")
_SINCE_3 = (
    "library", "tags", "generation_tags", "collections", "collection_items", "saved_searches", "lineage",
)  # fmt: skip


@dataclass(frozen=True)
class Header:
    """What the first 100 bytes say. Source: SQLite's file format, "The Database Header"."""

    page_bytes: int
    # 0 where the number is not valid
    pages: int
    version: int
    application: int

    @classmethod
    def parse(cls, content: bytes) -> Header | None:
        """None for what is not a SQLite database."""
        if len(content) < HEADER_BYTES or not content.startswith(_MAGIC):
            return None
        (page_bytes,) = struct.unpack_from(">H", content, 16)
        changes, pages = struct.unpack_from(">II", content, 24)
        version, application = struct.unpack_from(">I4xI", content, 60)
        (valid_for,) = struct.unpack_from(">I", content, 92)
        return cls(
            65536 if page_bytes == 1 else page_bytes,
            pages if changes == valid_for else 0,
            version,
            application,
        )


@dataclass
class Log:
    """What the write-ahead log has committed; read by hand, because opening it would fold it in."""

    pages: set[int] = field(default_factory=set)
    # of the whole database after the last commit
    size_pages: int = 0
    header: Header | None = None

    @classmethod
    def read(cls, path: Path) -> Log:
        """Source: SQLite's file format, "The Write-Ahead Log". An unreadable log is an empty one here:
        opening the database itself will say why.
        """
        log = cls()
        try:
            with wal_of(path).open("rb") as file:
                log._follow(file)
        except OSError:
            return cls()
        return log

    def _follow(self, file: BinaryIO) -> None:
        start = file.read(_WAL_HEADER_BYTES)
        if len(start) < _WAL_HEADER_BYTES or int.from_bytes(start[:4]) not in _WAL_MAGIC:
            return
        page_bytes, salt = int.from_bytes(start[8:12]), start[16:24]
        open_pages: set[int] = set()
        open_header: Header | None = None
        while len(frame := file.read(_FRAME_HEADER_BYTES)) == _FRAME_HEADER_BYTES:
            number, size_pages = struct.unpack_from(">II", frame)
            if frame[8:16] != salt:
                return
            page = file.read(HEADER_BYTES) if number == 1 else b""
            file.seek(page_bytes - len(page), os.SEEK_CUR)
            open_pages.add(number)
            open_header = Header.parse(page) or open_header
            if size_pages:
                self.pages |= open_pages
                self.size_pages, self.header = size_pages, open_header or self.header
                open_pages.clear()


def wal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def shm_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-shm")


def is_cut_short(path: Path, header: Header, log: Log) -> bool:
    """Whether pages are neither in the file nor in its log.

    While a log is folded in, the file is shorter than its header says, and the log has the rest.
    """
    for _ in range(2):
        # the second look is for a log that somebody finished folding in between the first two reads
        present = path.stat().st_size // header.page_bytes if header.page_bytes else 0
        wanted = log.size_pages or header.pages
        if all(number in log.pages for number in range(present + 1, wanted + 1)):
            return False
    return True


@contextmanager
def reading(
    path: Path, *, is_immutable: bool = False, should_stop: Callable[[], bool] | None = None
) -> Iterator[sqlite3.Connection]:
    """A connection that changes nothing: no log is folded in, also not when it closes."""
    options = "mode=ro&immutable=1" if is_immutable else "mode=ro"
    uri = f"{path.absolute().as_uri()}?{options}"
    with closing(sqlite3.connect(uri, uri=True, timeout=5)) as connection:
        if should_stop is not None:
            connection.set_progress_handler(should_stop, _STEPS)
        yield connection


def file_problems(connection: sqlite3.Connection, *, is_quick: bool = False) -> list[str]:
    """What is wrong with the file as a file, a few sentences at the most; empty for a sound one.

    `is_quick` leaves out whether indexes agree with their tables.
    """
    check = "quick_check" if is_quick else "integrity_check"
    try:
        found = [str(row[0]) for row in connection.execute(f"PRAGMA {check}({_MAX_FINDINGS})")]
        if found != ["ok"]:
            return [line for finding in found for line in finding.splitlines()][:_MAX_FINDINGS]
        if is_quick:
            return []
        orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(_MAX_FINDINGS)
        return [f"a row of {row[0]} refers to nothing in {row[2]}" for row in orphans]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [str(error)]


def text_problems(connection: sqlite3.Connection) -> list[str]:
    """Rows that SQLite can find but nobody can read: text that is no text any more."""
    found = []
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for table in _TABLES + _SINCE_3 if version >= 3 else _TABLES:
        try:
            # one of our own names
            rows = connection.execute(f"SELECT * FROM {table}")  # noqa: S608
            while rows.fetchmany(500):
                pass
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            found.append(f"{table}: {error}")
    return found


def book_problems(connection: sqlite3.Connection) -> list[str]:
    """I01, I02: what does not add up in the wallet, by statements that every schema understands."""
    return [
        words
        for words, query in _BOOKS
        if int(connection.execute(query).fetchone()[0] or 0)
    ]  # fmt: skip


_BOOKS = (
    (
        "the entries of the wallet do not lead from one balance to the next",
        "SELECT SUM(balance_after - tokens <> before OR balance_after < 0) FROM (SELECT "
        "balance_after, tokens, LAG(balance_after, 1, 0) OVER (ORDER BY id) AS before "
        "FROM wallet_entries)",
    ),
    (
        "entries of the wallet are missing",
        "SELECT COALESCE(MAX(id), 0) - COUNT(*) FROM wallet_entries",
    ),
)


def backup_problems(path: Path, *, should_stop: Callable[[], bool] | None = None) -> list[str]:
    """Why `path` cannot stand in for the database; empty for a good backup (I16, I17)."""
    try:
        with path.open("rb") as file:
            header = Header.parse(file.read(HEADER_BYTES))
        if header is None:
            return ["it is not a database"]
        if header.application != APPLICATION_ID or not header.version:
            return ["it is not a Veo Studio database"]
        if header.version > SCHEMA_VERSION:
            return [f"a newer Veo Studio wrote it (version {header.version})"]
        with reading(path, is_immutable=True, should_stop=should_stop) as connection:
            return file_problems(connection) or book_problems(connection)
    except (OSError, sqlite3.DatabaseError) as error:
        if should_stop is not None and should_stop():
            raise
        return [str(error)]


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that the file itself is broken, rather than locked, full or out of reach."""
    words = str(error)
    return any(sign in words for sign in ("malformed", "not a database", "decode to UTF-8"))
