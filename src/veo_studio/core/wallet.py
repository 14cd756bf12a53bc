"""The user's own budget: tokens in the wallet, and what a click would cost.

Charging and refunding happen in the same transaction as the state they belong to (`store/ledger.py`);
here are the price, the balance and topping up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from veo_studio.core.catalog import ModelInfo
from veo_studio.core.models import VideoConfig, WalletEntry
from veo_studio.core.store import ledger
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import utc_now


@dataclass(frozen=True)
class PriceEstimate:
    """Tokens the wallet will be charged and about how many US dollars the provider will take.

    `cost_usd` is None where the catalogue knows no price.
    """

    tokens: int
    cost_usd: Decimal | None


class Wallet:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def balance(self) -> int:
        """Tokens."""
        return await self._database.read(ledger.balance)

    async def entries(self, limit: int = 100) -> list[WalletEntry]:
        """The newest entries first."""
        return await self._database.read(lambda connection: ledger.entries(connection, limit))

    async def grant(self, tokens: int, cause: str) -> int:
        """Add tokens; returns the new balance. ValueError for anything but a positive whole number."""
        return await self._database.write(
            lambda connection: ledger.grant(connection, tokens, utc_now(), cause)
        )

    async def check(self) -> None:
        """StorageError where the entries do not add up to the balance."""
        await self._database.read(ledger.check)

    @staticmethod
    def estimate(model: ModelInfo, config: VideoConfig, takes: int = 1) -> PriceEstimate:
        """The price of one click with these settings."""
        per_second = model.price_per_second_usd.get(config.resolution)
        cost = None if per_second is None else per_second * config.duration_s * takes
        return PriceEstimate(tokens=model.tokens * takes, cost_usd=cost)
