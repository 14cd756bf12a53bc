"""The invariants of the whole (I01-I20), read from what is stored, the provider and what was known before.

`check` is for a moment at which the program has recovered and nothing moves; `check_at_end` for the
end of a run, when nothing is left to do. Both return sentences, none where all is well.
"""

from __future__ import annotations

import os
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from tests.faults.books import KEY, check_database, check_money, forms_of, rows
from tests.torture.provider import Provider
from veo_studio.core.errors import StudioError
from veo_studio.core.mp4 import check_mp4
from veo_studio.core.paths import Paths
from veo_studio.core.placing import sha256_of
from veo_studio.core.store import books
from veo_studio.core.store.backups import backups_in, folder_of
from veo_studio.core.store.tables import APPLICATION_ID, SCHEMA_VERSION

_FINAL = {"completed", "failed", "cancelled"}
_LIVE = {"pending", "submitting", "processing", "downloading", "unknown", "held"}
_NAMED = {"processing", "downloading", "held", "completed"}
_PATTERNS = forms_of(KEY)


@dataclass
class Memory:
    """What was seen at the last check and may never be different again."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    ended: dict[int, str] = field(default_factory=dict)
    # path -> inode, moment of change, size
    files: dict[Path, tuple[int, int, int]] = field(default_factory=dict)
    # what the processes of the program wrote, and what their user clicked
    said: list[str] = field(default_factory=list)

    def clicks(self, kind: str) -> Counter[int]:
        """Clicks of this kind per generation."""
        words = [line.split() for line in self.said]
        return Counter(int(found[1]) for found in words if found[:1] == [kind])


def check(paths: Paths, provider: Provider, memory: Memory) -> list[str]:
    if not paths.database.exists():
        return []
    try:
        check_database(paths.database)
    except AssertionError as error:
        return [f"I16: {error}"]
    return [
        *_database(paths),
        *_backups(paths),
        *_money(paths, memory),
        *_paid(paths, provider, memory),
        *_states(paths, memory),
        *_files(paths, provider, memory),
        *_wire(provider),
        *_secrets(paths, memory),
        *_modes(paths),
    ]


def check_at_end(paths: Paths, provider: Provider, memory: Memory) -> list[str]:
    """Nothing is left: every generation has ended or is unknown, and nothing that was paid for is lost."""
    return [*check(paths, provider, memory), *_ended(paths), *_lost(paths, provider, memory)]


def _database(paths: Paths) -> Iterator[str]:
    database = paths.database
    (version,), (application,) = (
        [*rows(database, f"PRAGMA {name}")[0].values()]
        for name in ("user_version", "application_id")
    )
    if (version, application) != (SCHEMA_VERSION, APPLICATION_ID):
        yield f"I16: version {version} of application {application:#x}"
    engine = create_engine(f"sqlite:///file:{database}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            yield from books.audit(connection)
    finally:
        engine.dispose()


def _money(paths: Paths, memory: Memory) -> Iterator[str]:
    try:
        check_money(paths.database)
    except AssertionError as error:
        yield f"I01-I05: {error}"
    for name, before in (("wallet_entries", memory.entries), ("state_changes", memory.changes)):
        now = rows(paths.database, f"SELECT * FROM {name} ORDER BY id")
        if now[: len(before)] != before:
            yield f"I01: rows of {name} that were there have changed"
        before[:] = now


def _paid(paths: Paths, provider: Provider, memory: Memory) -> Iterator[str]:
    """I06, I08: what the provider accepted, against what was asked for."""
    attempts = rows(paths.database, "SELECT uuid, generation_id FROM attempts")
    owner = {attempt["uuid"]: attempt["generation_id"] for attempt in attempts}
    accepted: Counter[int] = Counter()
    for name, label in provider.accepted.items():
        if label not in owner:
            yield f"I06: {name} was sent by an attempt that is not stored"
        else:
            accepted[owner[label]] += 1
    entries = rows(paths.database, "SELECT generation_id, kind FROM wallet_entries")
    again = Counter(entry["generation_id"] for entry in entries if entry["kind"] == "again")
    clicks = memory.clicks("again")
    for generation, count in accepted.items():
        if count > 1 + again[generation]:
            yield f"I06: generation {generation} was paid for {count} times"
    for generation, count in again.items():
        if count > clicks[generation]:
            yield f"I06: generation {generation} was sent again {count} times without a click"
    for row in rows(paths.database, "SELECT id, state, operation_id FROM generations"):
        name = row["operation_id"]
        if row["state"] in _NAMED and name is None:
            yield f"I08: generation {row['id']} is {row['state']} without an operation"
        elif name is not None and owner.get(provider.accepted.get(name, "")) != row["id"]:
            yield f"I08: generation {row['id']} has the operation {name} of another"


def _states(paths: Paths, memory: Memory) -> Iterator[str]:
    """I07, I09."""
    query = "SELECT id, state, next_attempt_at FROM generations"
    for row in rows(paths.database, query):
        number, state = row["id"], row["state"]
        if state == "submitting":
            yield f"I09: generation {number} is still being sent after a restart"
        if state == "pending" and row["next_attempt_at"] is None:
            yield f"I09: generation {number} waits without a time"
        if memory.ended.get(number, state) != state:
            yield f"I07: generation {number} was {memory.ended[number]} and is {state}"
        if state in _FINAL:
            memory.ended[number] = state
    for change in rows(paths.database, "SELECT * FROM state_changes WHERE at = '' OR cause = ''"):
        yield f"I07: a change without a time or a cause: {change}"


def _files(paths: Paths, provider: Provider, memory: Memory) -> Iterator[str]:
    """I12, I13, I15: every completed one has its own film, every file its row, every part a live row."""
    stored = rows(paths.database, "SELECT * FROM generations")
    finished: dict[Path, dict[str, Any]] = {}
    for row in stored:
        if row["state"] == "completed":
            finished[Path(row["video_path"])] = row
            yield from _film(row, provider, memory)
    live = {row["uuid"] for row in stored if row["state"] in _LIVE}
    targets = {row["target_path"] for row in stored if row["state"] in _LIVE}
    # each with its recipe beside it; the recipe's own part has a number that no clip has
    # written once the clip is in its place, right before the row says so
    recipes = {path.with_suffix(".json") for path in (*finished, *map(Path, filter(None, targets)))}
    live |= {f"{uuid}-0" for uuid in (*live, *(row["uuid"] for row in finished.values()))}
    for path in paths.outputs.iterdir():
        is_ours = path in finished or path in recipes or str(path) in targets
        is_part = path.name.startswith(".") and path.name[1:].partition(".part")[0] in live
        if not is_ours and not is_part:
            yield f"I13: {path.name} belongs to nobody"
    for folder in (paths.data, paths.config, paths.cache, paths.logs):
        for path in folder.rglob(".*"):
            if not _is_backup_to_be(path):
                yield f"I13: {path.relative_to(folder.parent)} was left behind"


def _is_backup_to_be(path: Path) -> bool:
    """One that is being made, or that the next one replaces: no finished backup is newer."""
    if path.parent.name != "backups" or not path.name.startswith(".veo-studio-new.db"):
        return False
    try:
        begun = path.stat().st_mtime_ns
    except FileNotFoundError:
        return True
    return all(backup.path.stat().st_mtime_ns <= begun for backup in backups_in(path.parent))


def _backups(paths: Paths) -> Iterator[str]:
    """I17."""
    for backup in backups_in(folder_of(paths.database)):
        try:
            check_database(backup.path)
        except AssertionError as error:
            yield f"I17: {backup.path.name}: {error}"


def _film(row: dict[str, Any], provider: Provider, memory: Memory) -> Iterator[str]:
    path = Path(row["video_path"])
    if not path.is_file():
        yield f"I12: the file of generation {row['id']} is gone"
        return
    found = path.stat()
    identity = (found.st_ino, found.st_mtime_ns, found.st_size)
    if memory.files.get(path) == identity:
        return
    if path in memory.files:
        yield f"I15: {path.name} was written again after it was completed"
    memory.files[path] = identity
    try:
        check_mp4(path)
    except StudioError as error:
        yield f"I12: {path.name}: {error.message}"
    if (sha256_of(path), found.st_size) != (row["sha256"], row["size_bytes"]):
        yield f"I12: {path.name} is not what its row says"
    if path.read_bytes() != provider.clip_of(row["operation_id"]):
        yield f"I12: {path.name} is not what the provider served as {row['operation_id']}"


def _wire(provider: Provider) -> Iterator[str]:
    """I19: the key in its one header, and nothing asked that nobody should ask."""
    for stray in provider.strays:
        yield f"I19: the provider was asked for {stray[:100]}"
    provider.strays.clear()
    for request in provider.take_requests():
        others = [text for name, text in request.headers.items() if name != "x-goog-api-key"]
        seen = " ".join([request.path, *others]).encode() + request.body
        if request.headers.get("x-goog-api-key") != KEY or "authorization" in request.headers:
            yield f"I19: {request.path[:100]} came with another credential"
        yield from _key_in(seen, request.path[:100])


def _secrets(paths: Paths, memory: Memory) -> Iterator[str]:
    """I18; films that are the provider's, byte for byte, need no look."""
    for folder in paths.folders().values():
        for path in _all_files(folder):
            if path not in memory.files:
                yield from _key_in(path.read_bytes() + str(path).encode(), path.name)
    yield from _key_in("\n".join(memory.said).encode(), "the output of a process")


def _key_in(content: bytes, where: str) -> Iterator[str]:
    for form, pattern in _PATTERNS.items():
        if pattern in content:
            yield f"I18: the key ({form}) is in {where}"


def _modes(paths: Paths) -> Iterator[str]:
    """I20, also under a umask that forbids nothing."""
    for folder in (paths.data, paths.config, paths.cache, paths.logs):
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            yield f"I20: others may look into {folder.name}"
    for path in _all_files(paths.data):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield f"I20: others may read {path.name}"


def _all_files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names if Path(place, name).is_file())


def _ended(paths: Paths) -> Iterator[str]:
    for row in rows(paths.database, "SELECT id, state, error FROM generations"):
        if row["state"] not in _FINAL | {"unknown"}:
            yield f"I10: generation {row['id']} is {row['state']} for ever: {row['error']}"
    for part in paths.outputs.glob(".*"):
        yield f"I13: {part.name} is left at rest"
    if paths.journal.exists():
        yield "I10: the journal is not empty"


def _lost(paths: Paths, provider: Provider, memory: Memory) -> Iterator[str]:
    """Whoever paid has the film, or knows that he may have paid; or did not want it any more."""
    attempts = rows(paths.database, "SELECT uuid, generation_id FROM attempts")
    owner = {attempt["uuid"]: attempt["generation_id"] for attempt in attempts}
    names: dict[int, list[str]] = defaultdict(list)
    for name, label in provider.accepted.items():
        names[owner[label]].append(name)
    query = "SELECT id, state, charge, operation_id FROM generations"
    stored = {row["id"]: row for row in rows(paths.database, query)}
    given_up = memory.clicks("given-up") + memory.clicks("cancelled")
    for number, operations in names.items():
        row = stored[number]
        match row["state"]:
            case "completed" | "unknown":
                continue
            case "failed" if row["operation_id"] in provider.failed or number in given_up:
                continue
            case "failed" if memory.clicks("again")[number]:
                # the first of two may have been accepted: the user was told that it may be billed
                continue
            case "cancelled" if number in given_up:
                continue
        yield f"lost: generation {number} is {row['state']}, the provider has {operations}"


@dataclass(frozen=True)
class Sandbox:
    """A home, a folder for temporary files and the program's own folder, and nothing else (I14)."""

    root: Path

    @property
    def studio(self) -> Path:
        return self.root / "studio"

    def make(self) -> dict[str, str]:
        """The environment of a process that lives here."""
        for name in ("home", "tmp"):
            (self.root / name).mkdir(parents=True)
        return {
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
            "VEO_STUDIO_HOME": str(self.studio),
        }

    def check(self) -> list[str]:
        found = [path for path in self.root.rglob("*") if not path.is_relative_to(self.studio)]
        strangers = [path for path in found if path.name not in ("home", "tmp")]
        return [f"I14: {path} was made outside the data folder" for path in strangers]
