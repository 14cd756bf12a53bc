"""What must hold after any fault, read from the files themselves and not through the program."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from veo_studio.core import download

# of a shape that no pattern knows: only who knows the key itself can mask it
KEY = "q7Zk+Fault/Check=0123456789~abcdefXYZ"

_RUNNING = {"pending", "submitting", "processing", "downloading", "unknown", "held"}


def digest(content: bytes) -> str:
    """The value of a Digest header."""
    return f"SHA-256={base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def rows(database: Path, query: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


def check_database(database: Path) -> None:
    """I16."""
    assert rows(database, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert rows(database, "PRAGMA foreign_key_check") == []
    check_library(database)


_NARROW = """
SELECT g.id FROM generations AS g LEFT JOIN library AS l ON l.id = g.id
WHERE l.id IS NULL OR l.is_deleted <> (g.deleted_at IS NOT NULL) OR l.created_at <> g.created_at
    OR (l.favourite, l.rating, l.rejected) <> (g.favourite, g.rating, g.rejected)
    OR (l.kind, l.state, l.charge) <> (g.kind, g.state, g.charge)
    OR (l.provider, l.model) <> (g.provider, g.model)
    OR l.aspect IS NOT json_extract(g.config, '$.aspect_ratio')
    OR l.length_s IS NOT g.length_s OR l.size_bytes IS NOT g.size_bytes
"""
_TAGS = """
SELECT id FROM generations WHERE tag_words <> coalesce((SELECT group_concat(name, char(10)) FROM
    (SELECT t.name AS name FROM generation_tags AS gt JOIN tags AS t ON t.id = gt.tag_id
    WHERE gt.generation_id = generations.id ORDER BY t.folded)), '')
"""
_ORDER = """
SELECT id FROM (SELECT id, created_at, lag(created_at) OVER (ORDER BY id) AS before
    FROM library WHERE NOT is_late) WHERE created_at < before
"""


def check_library(database: Path) -> None:
    """What views are filtered and sorted by says what the rows say, whoever wrote them."""
    if rows(database, "SELECT 1 FROM sqlite_master WHERE name = 'library'"):
        for query in (_NARROW, _TAGS, _ORDER, "SELECT * FROM lineage WHERE parent_id >= child_id"):
            assert rows(database, query) == [], query
        counts = "SELECT (SELECT count(*) FROM library) = (SELECT count(*) FROM generations) AS n"
        assert rows(database, counts) == [{"n": 1}]


def check_money(database: Path) -> None:
    """I01-I05: every entry adds up, one charge, at most one refund, and the states agree."""
    entries = rows(database, "SELECT * FROM wallet_entries ORDER BY id")
    balance = 0
    by_generation: dict[int, dict[str, list[dict[str, Any]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for entry in entries:
        balance += entry["tokens"]
        assert entry["balance_after"] == balance >= 0, entry
        if entry["generation_id"] is not None:
            by_generation[entry["generation_id"]][entry["kind"]].append(entry)
    for generation in rows(database, "SELECT * FROM generations"):
        booked = by_generation[generation["id"]]
        charges, refunds = booked["charge"], booked["refund"]
        told = (generation["id"], generation["state"], [dict(e) for e in charges + refunds])
        assert len(charges) == 1, told
        assert len(refunds) <= 1, told
        if refunds:
            assert refunds[0]["tokens"] == -charges[0]["tokens"], told
            assert refunds[0]["refund_of"] == charges[0]["id"], told
        if generation["state"] in _RUNNING | {"completed"}:
            assert not refunds, told
        if generation["state"] == "failed":
            assert refunds, told


def check_operations(database: Path, accepted: Mapping[str, str], again: int = 0) -> None:
    """I06, I08: at most one accepted submit per generation; a name belongs to one."""
    attempts = rows(database, "SELECT * FROM attempts")
    owner = {attempt["uuid"]: attempt["generation_id"] for attempt in attempts}
    owners = [owner[label] for label in accepted.values()]
    assert len(owners) - len(set(owners)) <= again, "a generation was paid for twice"
    for generation in rows(database, "SELECT * FROM generations"):
        if generation["state"] in ("processing", "downloading", "completed"):
            assert generation["operation_id"], generation


def check_disk(database: Path, outputs: Path, others: Set[Path] = frozenset()) -> None:
    """I12, I13: every completed one has its file, every file its row, every part a live row."""
    generations = rows(database, "SELECT * FROM generations")
    completed = [row for row in generations if row["state"] == "completed"]
    for row in completed:
        path = Path(row["video_path"])
        download.check_mp4(path)
        assert path.stat().st_size == row["size_bytes"]
        assert download.sha256_of(path) == row["sha256"]
    if not outputs.is_dir():
        return
    live = {row["uuid"] for row in generations if row["state"] in _RUNNING}
    finished = {Path(row["video_path"]) for row in completed}
    targets = {Path(row["target_path"]) for row in generations if row["target_path"]}
    # each with its recipe beside it; the recipe's own part has a number that no clip has
    recipes = {path.with_suffix(".json") for path in finished}
    live |= {f"{row['uuid']}-0" for row in completed}
    for path in outputs.iterdir():
        if path.name.startswith("."):
            uuid = path.name[1:].partition(".part")[0]
            assert uuid in live, f"a partial file of nobody: {path.name}"
        else:
            assert path in finished | recipes | targets | others, (
                f"a file without a row: {path.name}"
            )


def leaks_of(key: str) -> dict[str, str]:
    """The shapes in which a server, a library or a dump would show the key."""
    quoted = quote(key, safe="")
    leaks = {
        "plain": key,
        "first 20": key[:20],
        "hex": key.encode().hex(),
        "upper hex": key.encode().hex().upper(),
        "quoted": quoted,
        "lower quoted": re.sub("%..", lambda match: match[0].lower(), quoted),
        "utf-16": "\0".join(key),
    }
    for shift in range(3):
        leaks[f"base64 +{shift}"] = base64.b64encode(b"-" * shift + key.encode()).decode()
    return leaks


def forms_of(key: str) -> dict[str, bytes]:
    """What to look for: the same, where the ends of base64 depend on what was beside the key."""
    return {
        name: (leak[4:-4] if "base64" in name else leak).encode()
        for name, leak in leaks_of(key).items()
    }


def check_no_key(keys: Sequence[str], folders: Iterable[Path], texts: Mapping[str, str]) -> None:
    """I18: in no file below `folders`, and in none of `texts`."""
    found = {name: text.encode("utf-8", "surrogateescape") for name, text in texts.items()}
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place, name)
                if path.is_file() and not path.is_symlink():
                    with suppress(FileNotFoundError):  # a journal of SQLite's lives a moment
                        found[str(path)] = path.read_bytes()
                found[f"the name of {path}"] = str(path).encode("utf-8", "surrogateescape")
    for form, pattern in [item for key in keys for item in forms_of(key).items()]:
        for name, content in found.items():
            assert pattern not in content, f"the key ({form}) is in {name}"
