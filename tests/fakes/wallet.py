"""A wallet in memory."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from tests.fakes.generations import NOON
from veo_studio.core.models import BudgetPeriod, BudgetState, WalletEntry
from veo_studio.core.statement import StatementLine


class FakeWallet:
    """Knobs: `limits`, `spent`, `reserved`, `prompts`, `fail_with`; counters: `pages`, `exported`."""

    def __init__(self) -> None:
        self.rows: list[WalletEntry] = []
        self.limits: dict[BudgetPeriod, Decimal] = {}
        self.spent: dict[BudgetPeriod, Decimal] = {}
        self.reserved: dict[BudgetPeriod, Decimal] = {}
        self.prompts: dict[int, str] = {}
        self.fail_with: Exception | None = None
        self.pages: list[tuple[int | None, Collection[str] | None, str]] = []
        self.exported: list[Path] = []

    def put(
        self,
        kind: str,
        tokens: int,
        cause: str = "",
        *,
        cost_usd: str = "0",
        generation_id: int | None = None,
    ) -> WalletEntry:
        """Append an entry, a minute after the one before."""
        number = len(self.rows) + 1
        before = self.rows[-1].balance_after if self.rows else 0
        entry = WalletEntry(
            id=number,
            kind=kind,
            tokens=tokens,
            balance_after=before + tokens,
            at=NOON + timedelta(minutes=number),
            cause=cause,
            generation_id=generation_id,
            cost_usd=Decimal(cost_usd),
        )
        self.rows.append(entry)
        return entry

    async def balance(self) -> int:
        self._called()
        return self.rows[-1].balance_after if self.rows else 0

    async def statement(
        self,
        limit: int = 100,
        *,
        before_id: int | None = None,
        kinds: Collection[str] | None = None,
        search: str = "",
    ) -> list[StatementLine]:
        self.pages.append((before_id, kinds, search))
        self._called()
        found = [
            StatementLine(entry, self.prompts.get(entry.generation_id or 0, ""))
            for entry in reversed(self.rows)
            if (before_id is None or entry.id < before_id)
            and (kinds is None or entry.kind in kinds)
            and search in entry.cause
        ]
        return found if limit < 0 else found[:limit]

    async def grant(self, tokens: int, cause: str) -> int:
        self._called()
        return self.put("grant", tokens, cause).balance_after

    async def budgets(self) -> list[BudgetState]:
        return [
            BudgetState(
                period,
                self.limits.get(period),
                self.spent.get(period, Decimal(0)),
                self.reserved.get(period, Decimal(0)),
            )
            for period in BudgetPeriod
        ]

    async def set_budget(self, period: BudgetPeriod, limit_usd: Decimal | None) -> None:
        self._called()
        if limit_usd is None:
            self.limits.pop(period, None)
        else:
            self.limits[period] = limit_usd

    async def export_csv(self, path: Path) -> int:
        self._called()
        self.exported.append(path)
        return len(self.rows)

    def _called(self) -> None:
        if self.fail_with is not None:
            raise self.fail_with
