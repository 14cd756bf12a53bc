"""The wallet as the window shows it: balance, budgets, entries, and what can be done with them."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import BudgetPeriod, BudgetState
from veo_studio.ui.text import money_words, tr
from veo_studio.ui.view_models.wallet_entries import EntriesModel, EntryPages, Spawn

LARGEST_GRANT = 1_000_000_000
LARGEST_BUDGET_USD = Decimal(1_000_000)
# from this share on a budget is called nearly used
NEARLY_USED = Decimal("0.8")
_REFRESH_MS = 200


class WalletLike(EntryPages, Protocol):
    """What the window needs of the core's wallet."""

    async def balance(self) -> int: ...
    async def grant(self, tokens: int, cause: str) -> int: ...
    async def budgets(self) -> list[BudgetState]: ...
    async def set_budget(self, period: BudgetPeriod, limit_usd: Decimal | None) -> None: ...
    async def export_csv(self, path: Path) -> int: ...


class WalletModel(QObject):
    """One per window; it reads only while somebody looks.

    Signals:
        changed(): balance or budgets are other ones.
        edited(): the user changed something here; whoever shows money reads again.
    """

    changed = pyqtSignal()
    edited = pyqtSignal()

    def __init__(self, spawn: Spawn, parent: QObject | None = None) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self._spawn = spawn
        self._wallet: WalletLike | None = None
        self._is_watched = False
        self._is_stale = True
        self.balance: int | None = None
        self.budgets: dict[BudgetPeriod, BudgetState] = {}
        self.entries = EntriesModel(spawn, self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._refresh)

    @property
    def is_open(self) -> bool:
        return self._wallet is not None

    @property
    def is_reading_due(self) -> bool:
        """True from the first change until it was read."""
        return self._timer.isActive()

    def open(self, wallet: WalletLike) -> None:
        """The core is there."""
        self._wallet = wallet
        self.entries.open(wallet)
        self.set_watched(self._is_watched)

    # keeping up

    def set_watched(self, is_watched: bool) -> None:
        """Read at once what has changed while nobody looked."""
        self._is_watched = is_watched
        if is_watched and self._is_stale:
            self._refresh()

    def on_event(self, event: GenerationEvent) -> None:
        """Money moves with states; many moves are one reading."""
        if event.kind is not EventKind.PROGRESS:
            self.refresh_soon()

    def refresh_soon(self) -> None:
        self._is_stale = True
        if self._is_watched and not self._timer.isActive():
            self._timer.start()

    def _refresh(self) -> None:
        if self._wallet is not None and self._is_watched:
            self._is_stale = False
            self._spawn(self._read(), name="wallet: balance and budgets")
            self.entries.refresh()

    async def _read(self) -> None:
        assert self._wallet is not None
        balance = await self._wallet.balance()
        budgets = {state.period: state for state in await self._wallet.budgets()}
        if (balance, budgets) != (self.balance, self.budgets):
            self.balance, self.budgets = balance, budgets
            self.changed.emit()

    # commands; StudioError and ValueError are for whoever shows them

    async def top_up(self, tokens: int) -> None:
        """Add tokens, 1 to 1,000,000,000."""
        await self._need().grant(tokens, tr("added in the window"))
        await self._after_edit()

    async def set_budget(self, period: BudgetPeriod, words: str) -> None:
        """Take what was typed as the new limit; ValueError with a sentence where it is none."""
        await self._need().set_budget(period, parse_amount(words))
        await self._after_edit()

    async def export(self, path: Path) -> int:
        """Write every entry as CSV, replacing `path`; returns how many."""
        return await self._need().export_csv(path)

    async def _after_edit(self) -> None:
        await self._read()
        self.entries.refresh()
        self.edited.emit()

    def _need(self) -> WalletLike:
        if self._wallet is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._wallet


_AMOUNT = re.compile(r"\$?\s*([0-9]{1,9})(?:[.,]([0-9]{1,2}))?")


def parse_amount(words: str) -> Decimal | None:
    """Dollars as people type them, None for an empty field; ValueError with a sentence for the rest.

    A comma counts as the decimal sign only before one or two digits: "1,000" could mean two amounts.
    """
    words = words.strip()
    if not words:
        return None
    found = _AMOUNT.fullmatch(words)
    if found is None:
        raise ValueError(
            tr("Type dollars and cents like 12.50, or leave the field empty for no limit.")
        )
    amount = Decimal(f"{found[1]}.{found[2] or '0'}")
    if amount > LARGEST_BUDGET_USD:
        raise ValueError(tr("A budget is at most $1,000,000. Leave the field empty for no limit."))
    return amount


def budget_words(state: BudgetState) -> tuple[str, str]:
    """What stands under a budget, and the colour token of it."""
    money = money_words
    spent, limit = _taken_words(state), state.limit_usd
    if state.period is BudgetPeriod.BATCH:
        if limit is None:
            return tr("No limit for one click."), "dim"
        return tr("One click may cost {limit} at the most.", limit=money(limit)), "dim"
    if limit is None:
        return tr("{spent}, no limit.", spent=spent), "dim"
    left = limit - state.spent_usd
    if left <= 0:
        return tr("Used up: {spent} of {limit}.", spent=spent, limit=money(limit)), "bad"
    words = tr("{left} left, {spent}.", left=money(left), spent=spent)
    if state.spent_usd >= limit * NEARLY_USED:
        return tr("Nearly used: {words}", words=words), "warn"
    return words, "dim"


def _taken_words(state: BudgetState) -> str:
    """What is spent, and what is only kept for those that wait: they can still be cancelled."""
    spent = tr("{spent} spent", spent=money_words(state.spent_usd - state.reserved_usd))
    if not state.reserved_usd:
        return spent
    reserved = tr("{reserved} reserved", reserved=money_words(state.reserved_usd))
    return f"{spent}, {reserved}"
