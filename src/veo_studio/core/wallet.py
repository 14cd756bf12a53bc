"""The user's own budget: tokens in the wallet, and what a click would cost.

Charging and refunding happen in the same transaction as the state they belong to (`store/ledger.py`);
here are the price, the balance and topping up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from veo_studio.core.catalog import ModelInfo
from veo_studio.core.csv_file import write_csv
from veo_studio.core.models import BudgetPeriod, BudgetState, VideoConfig, WalletEntry
from veo_studio.core.statement import StatementLine
from veo_studio.core.store import books, budgets, ledger, statement
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import utc_now

_SIX_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class PriceEstimate:
    """Tokens the wallet will be charged and about how many US dollars the provider will take.

    `cost_usd` is None where the catalogue knows no price.
    """

    tokens: int
    cost_usd: Decimal | None


class Wallet:
    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def balance(self) -> int:
        """Tokens."""
        return await self._database.read(ledger.balance)

    async def entries(
        self,
        limit: int = 100,
        *,
        before_id: int | None = None,
        kinds: Collection[str] | None = None,
        search: str = "",
    ) -> list[WalletEntry]:
        """The newest entries first, strictly older than `before_id`; `search` looks in the causes."""
        return await self._database.read(
            lambda connection: ledger.entries(
                connection, limit, before_id=before_id, kinds=kinds, search=search
            )
        )

    async def statement(
        self,
        limit: int = 100,
        *,
        before_id: int | None = None,
        kinds: Collection[str] | None = None,
        search: str = "",
    ) -> list[StatementLine]:
        """As `entries`, for people: with prompts, and without what moved nothing."""
        return await self._database.read(
            lambda connection: statement.lines(
                connection, limit, before_id=before_id, kinds=kinds, search=search
            )
        )

    async def grant(self, tokens: int, cause: str) -> int:
        """Add tokens; returns the new balance. ValueError for anything but a positive whole number."""
        return await self._database.write(
            lambda connection: ledger.grant(connection, tokens, self._clock(), cause)
        )

    async def budgets(self) -> list[BudgetState]:
        """Every limit in money, set or not, with what counts against it today or this month."""
        return await self._database.read(
            lambda connection: budgets.states(connection, self._clock())
        )

    async def set_budget(self, period: BudgetPeriod, limit_usd: Decimal | None) -> None:
        """Dollars, None for no limit. ValueError for anything but 0 to 1,000,000."""
        await self._database.write(
            lambda connection: budgets.set_limit(connection, period, limit_usd)
        )

    async def export_csv(self, path: Path) -> int:
        """Write every entry, oldest first, replacing `path`; returns how many. Raises StorageError.

        Columns: at (UTC, ISO 8601), kind, tokens, balance_after, cost_usd, generation_id, cause.
        """
        entries = await self.entries(limit=-1)
        await asyncio.to_thread(write_csv, path, _COLUMNS, map(_csv_row, reversed(entries)))
        return len(entries)

    async def check(self) -> list[str]:
        """Every broken invariant of the books, one sentence each; none where all is well."""
        return await self._database.read(books.audit)

    @staticmethod
    def estimate(model: ModelInfo, config: VideoConfig, takes: int = 1) -> PriceEstimate:
        """The price of one click with these settings."""
        one = model.estimate(config)
        return PriceEstimate(
            tokens=model.tokens * takes * config.samples,
            cost_usd=None if one is None else one * takes,
        )


_COLUMNS = ("at", "kind", "tokens", "balance_after", "cost_usd", "generation_id", "cause")


def _csv_row(entry: WalletEntry) -> tuple[object, ...]:
    return (
        entry.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        entry.kind,
        entry.tokens,
        entry.balance_after,
        entry.cost_usd.quantize(_SIX_PLACES),
        entry.generation_id,
        entry.cause,
    )
