"""The wallet's window on the real wallet and a real database."""

from __future__ import annotations

import csv
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PyQt6.QtCore import QModelIndex
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy import Connection, insert

from tests.ui.waiting import becomes, emitted
from veo_studio.core.errors import BudgetExceeded
from veo_studio.core.models import BudgetPeriod, GenerationRequest, GenerationState, VideoConfig
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.store.tables import wallet_entries
from veo_studio.core.task_scope import TaskScope
from veo_studio.core.wallet import Wallet
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.wallet_entries import PAGE, Column
from veo_studio.ui.view_models.wallet_model import WalletModel
from veo_studio.ui.views.wallet import WalletDialog

MANY = 200_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database.open(tmp_path / "data" / "veo-studio.db")
    yield made
    made.close()


@pytest.fixture
async def dialog(qtbot: QtBot, theme: Theme, database: Database) -> AsyncIterator[WalletDialog]:
    scope = TaskScope(lambda error: pytest.fail(repr(error)))
    model = WalletModel(scope.spawn)
    made = WalletDialog(model, scope.spawn)
    model.setParent(made)
    qtbot.addWidget(made)
    yield made
    await scope.close()


async def look(dialog: WalletDialog, database: Database) -> None:
    """Open it and wait for its first page."""
    dialog.model.open(Wallet(database))
    dialog.show()
    entries = dialog.model.entries
    await becomes(
        lambda: dialog.model.balance is not None and entries.is_loaded,
        dialog.model.changed,
        entries.loaded,
    )


def a_clip(prompt: str = "A red kite") -> NewGeneration:
    request = GenerationRequest(prompt, "gemini", "gemini-omni-1.2-flash", VideoConfig())
    return NewGeneration(request, 10, Decimal("0.56"))


async def test_charges_refunds_and_top_ups_are_told_as_they_are_booked(
    dialog: WalletDialog, database: Database
) -> None:
    repository = GenerationRepository(database)
    (generation,) = await repository.create([a_clip()])
    await repository.move(generation.id, GenerationState.FAILED, "<b>refused</b>")
    await look(dialog, database)
    entries = dialog.model.entries
    words = [entries.index(row, Column.WHAT).data() for row in range(entries.rowCount())]
    assert words == [
        f"Refund for clip {generation.id} · <b>refused</b> · A red kite",
        "Clip 1 · A red kite",
        "Tokens to start with",
    ]
    before = dialog.model.balance
    assert before is not None
    dialog.tokens.setValue(7)
    dialog.add.click()
    await becomes(lambda: dialog.model.balance == before + 7, dialog.model.changed)
    await becomes(lambda: entries.index(0, Column.TOKENS).data() == "+7", entries.rowsInserted)


async def test_a_budget_typed_here_is_the_one_that_is_enforced(
    dialog: WalletDialog, database: Database
) -> None:
    await look(dialog, database)
    field = dialog.budgets[BudgetPeriod.DAY]
    field.focus()
    QTest.keyClicks(field.edit, "1.00")
    field.edit.editingFinished.emit()
    await becomes(lambda: field.words.text().startswith("$1.00 left"), dialog.model.changed)
    repository = GenerationRepository(database)
    (generation,) = await repository.create([a_clip()])
    with pytest.raises(BudgetExceeded):
        await repository.create([a_clip("Another kite")])
    dialog.model.refresh_soon()
    await becomes(lambda: field.words.text().startswith("$0.44 left"), dialog.model.changed)
    assert generation.price_usd == Decimal("0.56")


async def test_the_table_on_the_disk_is_the_one_in_the_window(
    dialog: WalletDialog, database: Database, tmp_path: Path
) -> None:
    await GenerationRepository(database).create([a_clip()])
    await look(dialog, database)
    path = tmp_path / "out.csv"
    assert await dialog.model.export(path) == dialog.model.entries.rowCount()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[-1]["balance_after"] == str(dialog.model.balance)
    assert Decimal(rows[-1]["cost_usd"]) == Decimal("-0.56")


async def test_a_free_rehearsal_is_in_the_table_on_the_disk_only(
    dialog: WalletDialog, database: Database, tmp_path: Path
) -> None:
    request = GenerationRequest("A blue kite", "rehearsal", "sketch", VideoConfig())
    free = NewGeneration(request, 0, Decimal(0))
    await GenerationRepository(database).create([a_clip(), free])
    await look(dialog, database)
    entries = dialog.model.entries
    words = [entries.index(row, Column.WHAT).data() for row in range(entries.rowCount())]
    assert words == ["Clip 1 · A red kite", "Tokens to start with"]
    assert await dialog.model.export(tmp_path / "out.csv") == 3
    dialog.search.setText("red ki")
    await emitted(entries.loaded)
    assert entries.index(0, Column.WHAT).data() == "Clip 1 · A red kite"
    assert entries.rowCount() == 1


def fill(connection: Connection) -> None:
    balance = int(connection.execute(
        wallet_entries.select().order_by(wallet_entries.c.id.desc()).limit(1)
    ).one().balance_after)  # fmt: skip
    at = datetime.now(UTC)
    rows = [
        {
            "kind": "grant",
            "tokens": 1,
            "balance_after": balance + number,
            "at": at,
            "booked_at": at,
            "cause": f"gift {number}",
        }
        for number in range(1, MANY + 1)
    ]
    connection.execute(insert(wallet_entries), rows)


async def test_two_hundred_thousand_entries_are_as_fast_as_two_hundred(
    dialog: WalletDialog, database: Database
) -> None:
    await Wallet(database).grant(1, "the first one")
    await database.write(fill)
    began = time.monotonic()
    await look(dialog, database)
    first_s = time.monotonic() - began
    entries = dialog.model.entries
    assert entries.rowCount() <= 2 * PAGE, "only what is looked at is read"
    shown = entries.rowCount()
    began = time.monotonic()
    entries.fetchMore(QModelIndex())
    await becomes(lambda: entries.rowCount() > shown, entries.rowsInserted)
    more_s = time.monotonic() - began
    began = time.monotonic()
    dialog.search.setText("gift 17 or so")
    await emitted(entries.loaded, timeout_s=30)
    search_s = time.monotonic() - began
    # generous: other tests run beside this one
    assert first_s < 2.0
    assert more_s < 2.0
    assert search_s < 5.0
