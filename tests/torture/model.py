"""What the books must say, by arithmetic on what was asked and what the service accepted.

Nothing here asks the program: `check` reads the file, as a stranger would.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.torture.service import Service
from veo_studio.core.models import ALLOWED_MOVES, GenerationState

LIVE = {"pending", "submitting", "processing", "downloading", "unknown", "held"}
NAMED = {"processing", "downloading", "completed"}
# why a generation that the service accepted may fail, other than by the user's word
ENDED_THERE = {
    "ended by the provider",
    "cancelled at the provider",
    "the provider no longer knows it",
    "the provider's retention ended",
}

Rows = list[dict[str, Any]]


@contextmanager
def reading(database: Path) -> Iterator[Callable[[str], Rows]]:
    """One look at the file, past the program."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield lambda query: [dict(row) for row in connection.execute(query)]


@dataclass
class Asked:
    """One click: `count` generations at `tokens` each, or none; `is_stored` None is not known yet."""

    count: int
    tokens: int
    cost_usd: Decimal
    is_stored: bool | None = None


@dataclass
class Model:
    granted: int
    asked: dict[str, Asked] = field(default_factory=dict)
    # explicit "send again" clicks, and generations that the user ended, by id
    again: Counter[int] = field(default_factory=Counter)
    given_up: set[int] = field(default_factory=set)

    def check(self, database: Path, services: Iterable[Service]) -> None:
        """I01-I08 and I16, as the file stands now."""
        with reading(database) as rows:
            assert rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
            assert rows("PRAGMA foreign_key_check") == []
            generations = rows("SELECT * FROM generations ORDER BY id")
            entries = rows("SELECT * FROM wallet_entries ORDER BY id")
            self._check_moves(generations, rows("SELECT * FROM state_changes ORDER BY id"))
            attempts = rows("SELECT uuid, generation_id FROM attempts")
        self._check_money(generations, entries)
        self._check_service(generations, entries, attempts, list(services))

    def _check_money(self, generations: Rows, entries: Rows) -> None:
        """Every click was stored whole or not at all, and the balance is what is left."""
        stored: dict[str, Rows] = defaultdict(list)
        for row in generations:
            stored[row["prompt"]].append(row)
        assert set(stored) <= set(self.asked), "rows that nobody asked for"
        balance = self.granted
        for prompt, asked in self.asked.items():
            rows = stored[prompt]
            allowed = {None: {0, asked.count}, True: {asked.count}, False: {0}}[asked.is_stored]
            assert len(rows) in allowed, (prompt, asked, rows)
            for row in rows:
                assert row["tokens"] == asked.tokens, (row, asked)
                balance -= 0 if _is_refunded(row) else asked.tokens
        running = 0
        for number, entry in enumerate(entries, 1):
            running += entry["tokens"]
            assert entry["id"] == number, f"an entry before {entry} is missing"
            assert entry["balance_after"] == running >= 0, entry
        assert running == balance, f"the wallet holds {running}, it must be {balance}"
        booked: dict[int, Rows] = defaultdict(list)
        for entry in entries:
            booked[entry["generation_id"]].append(entry)
        for row in generations:
            mine = {kind: [] for kind in ("charge", "refund", "again", "correction")}
            for entry in booked[row["id"]]:
                mine[entry["kind"]].append(entry)
            (charge,) = mine["charge"]
            assert len(mine["refund"]) == _is_refunded(row), (row, mine)
            assert len(mine["again"]) <= self.again[row["id"]], (row, mine)
            for refund in mine["refund"]:
                assert refund["refund_of"] == charge["id"], (refund, charge)
                assert refund["tokens"] == -charge["tokens"], (refund, charge)

    def _check_moves(self, generations: Rows, changes: Rows) -> None:
        last: dict[int, str] = {}
        for move in changes:
            before, after = move["from_state"], move["to_state"]
            assert last.get(move["generation_id"]) == before, move
            assert move["at"], move
            assert move["cause"], move
            if before is not None:
                state = GenerationState(after)
                assert state in ALLOWED_MOVES[GenerationState(before)], move
            last[move["generation_id"]] = after
        names: set[tuple[str, str]] = set()
        for row in generations:
            assert last[row["id"]] == row["state"], row
            if row["state"] in NAMED:
                assert row["operation_id"], row
            if row["state"] == "pending":
                assert row["next_attempt_at"], row
            if row["operation_id"]:
                name = (row["provider"], row["operation_id"])
                assert name not in names, f"{name} belongs to two"
                names.add(name)

    def _check_service(
        self,
        generations: Rows,
        entries: Rows,
        attempts: Rows,
        services: list[Service],
    ) -> None:
        """I06: paid at most once and once more per click; and nothing that was paid is given up."""
        owner = {attempt["uuid"]: attempt["generation_id"] for attempt in attempts}
        again = Counter(e["generation_id"] for e in entries if e["kind"] == "again")
        paid = Counter(owner[a.attempt_uuid] for service in services for a in service.accepted)
        for number, times in paid.items():
            assert times <= 1 + again[number], f"generation {number} was paid {times} times"
        by_id = {service.id: service for service in services}
        for row in generations:
            words = (row["id"], row["state"], row["state_cause"])
            if row["state"] in ("completed", "downloading"):
                assert by_id[row["provider"]].by_name(row["operation_id"]), words
            if row["state"] == "completed":
                assert row["sha256"] in by_id[row["provider"]].served(row["operation_id"]), words
            is_ended = row["state"] in ("failed", "cancelled")
            if is_ended and paid[row["id"]] and row["id"] not in self.given_up:
                assert row["state_cause"] in ENDED_THERE, f"paid and lost: {words}"
            if row["charge"] == "not_charged" and row["tokens"]:
                assert not self._may_be_billed(row, by_id[row["provider"]], owner), words

    def _may_be_billed(self, row: dict[str, Any], service: Service, owner: dict[str, int]) -> bool:
        """The service accepted it and did not say that it ended without a result."""
        mine = [a for a in service.accepted if owner[a.attempt_uuid] == row["id"]]
        is_over = row["state_cause"] in ENDED_THERE
        return any(not a.outcome for a in mine) and not is_over


def _is_refunded(row: dict[str, Any]) -> bool:
    """What failed, and what was cancelled before it was sent."""
    if row["state"] == "cancelled":
        return not row["operation_id"]
    return bool(row["state"] == "failed")
