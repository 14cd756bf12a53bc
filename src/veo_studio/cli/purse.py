"""`wallet`: balance, budgets, entries; adding tokens, setting limits, exporting."""

from __future__ import annotations

import os
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, amount_usd, checking_input, whole_number
from veo_studio.cli.listing import table_of
from veo_studio.cli.opening import open_database, open_workplace
from veo_studio.cli.terminal import ExitCode, Output, can_ask, plain
from veo_studio.cli.words import ago, budget_word
from veo_studio.core.json_view import moment
from veo_studio.core.models import BudgetPeriod, BudgetState, WalletEntry
from veo_studio.core.wallet import Wallet

_LAST_ENTRIES = 20
_PERIODS = {
    BudgetPeriod.DAY: "today",
    BudgetPeriod.MONTH: "this month",
    BudgetPeriod.BATCH: "one click",
}


async def show(output: Output) -> int:
    """The balance, the limits, then the newest entries."""
    async with open_database(open_workplace()) as database:
        purse = Wallet(database)
        balance, states = await purse.balance(), await purse.budgets()
        entries = await purse.entries(_LAST_ENTRIES)
    if output.is_json:
        output.json(
            {
                "balance": balance,
                "budgets": [_budget_json(state) for state in states],
                "entries": [_entry_json(entry) for entry in entries],
            }
        )
        return ExitCode.DONE
    output.text(f"{balance} tokens")
    _show_budgets(states, output)
    if entries:
        table = table_of("when", "what", "tokens", "balance", "money", "generation", "cause")
        for entry in entries:
            cells = (
                ago(entry.at),
                entry.kind,
                f"{entry.tokens:+d}",
                str(entry.balance_after),
                "" if not entry.cost_usd else _signed(entry.cost_usd),
                "" if entry.generation_id is None else str(entry.generation_id),
                entry.cause,
            )
            table.add_row(*(Text(plain(cell)) for cell in cells))
        output.table(table)
    return ExitCode.DONE


async def add(tokens: str, output: Output) -> int:
    """Raises BadInput for anything but a positive whole number."""
    number = whole_number(tokens, "The number of tokens")
    async with open_database(open_workplace()) as database:
        with checking_input():
            balance = await Wallet(database).grant(number, "added on the command line")
    if output.is_json:
        output.json({"balance": balance})
    else:
        output.text(f"{balance} tokens")
    return ExitCode.DONE


async def show_budgets(output: Output) -> int:
    """Every budget, set or not, with what is spent of it."""
    async with open_database(open_workplace()) as database:
        states = await Wallet(database).budgets()
    _tell_budgets(states, output)
    return ExitCode.DONE


async def set_budget(period: str, amount: str, output: Output) -> int:
    """Raises BadInput for an unknown period or an impossible amount."""
    found = _period(period)
    if not amount:
        raise BadInput(
            f"Say how much, such as `veo-studio wallet budget {budget_word(found)} 5`, or none."
        )
    limit_usd = amount_usd(amount)
    async with open_database(open_workplace()) as database:
        purse = Wallet(database)
        with checking_input():
            await purse.set_budget(found, limit_usd)
        states = await purse.budgets()
    _tell_budgets(states, output)
    return ExitCode.DONE


def _period(word: str) -> BudgetPeriod:
    """`batch` is what the library and JSON call one click."""
    told = word.lower()
    for period in BudgetPeriod:
        if told in (period.value, budget_word(period)):
            return period
    known = ", ".join(budget_word(period) for period in BudgetPeriod)
    raise BadInput(f"There is no budget {word!r}. Known: {known}.")


def _tell_budgets(states: Iterable[BudgetState], output: Output) -> None:
    found = list(states)
    if output.is_json:
        output.json([_budget_json(state) for state in found])
        return
    _show_budgets(found, output, with_unlimited=True)
    if all(state.limit_usd is None for state in found):
        output.say("No budget is set: only the tokens limit what is spent.")


async def export(file: Path, output: Output, *, is_agreed: bool) -> int:
    """Raises BadInput where a file is there and nobody agreed to replace it, StorageError."""
    path = _writable(file, output, is_agreed=is_agreed)
    if path is None:
        output.say("Nothing was written.")
        return ExitCode.INTERRUPTED
    async with open_database(open_workplace()) as database:
        count = await Wallet(database).export_csv(path)
    if output.is_json:
        output.json({"path": str(path), "entries": count})
    else:
        output.path(path)
        output.say(f"{count} entries.")
    return ExitCode.DONE


def _writable(file: Path, output: Output, *, is_agreed: bool) -> Path | None:
    """Where to write; None where the user keeps the file that is there."""
    path = Path(os.path.abspath(file))
    if path.is_dir():
        raise BadInput(f"{path} is a folder. Name a file in it, such as {path / 'wallet.csv'}.")
    if is_agreed or not os.path.lexists(path):
        return path
    if not can_ask():
        raise BadInput(f"{path} exists. Add --yes to replace it.")
    return path if output.ask(f"{path} exists. Replace it?") else None


def _show_budgets(
    states: Iterable[BudgetState], output: Output, *, with_unlimited: bool = False
) -> None:
    shown = [state for state in states if with_unlimited or state.limit_usd is not None]
    if not shown:
        return
    # reserved: for what waits in the queue, and comes back where that is cancelled
    table = table_of("budget", "limit", "spent", "reserved", "left")
    for state in shown:
        limit_usd, is_click = state.limit_usd, state.period is BudgetPeriod.BATCH
        left = None if limit_usd is None else max(limit_usd - state.spent_usd, Decimal(0))
        table.add_row(
            _PERIODS[state.period],
            "none" if limit_usd is None else f"${limit_usd:.2f}",
            "" if is_click else f"${state.spent_usd - state.reserved_usd:.2f}",
            "" if is_click else f"${state.reserved_usd:.2f}",
            "" if is_click or left is None else f"${left:.2f}",
        )
    output.table(table)


def _signed(cost_usd: Decimal) -> str:
    return f"{'-' if cost_usd < 0 else '+'}${abs(cost_usd):.2f}"


def _budget_json(state: BudgetState) -> dict[str, Any]:
    left = None if state.limit_usd is None else max(state.limit_usd - state.spent_usd, Decimal(0))
    return {
        "period": state.period.value,
        "limit_usd": None if state.limit_usd is None else float(state.limit_usd),
        "spent_usd": float(state.spent_usd - state.reserved_usd),
        "reserved_usd": float(state.reserved_usd),
        "left_usd": None if left is None else float(left),
    }


def _entry_json(entry: WalletEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "tokens": entry.tokens,
        "balance_after": entry.balance_after,
        "cost_usd": float(entry.cost_usd),
        "at": moment(entry.at),
        "cause": entry.cause,
        "generation_id": entry.generation_id,
    }
