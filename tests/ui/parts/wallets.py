"""A wallet in memory, and its window on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.fakes.wallet import FakeWallet
from tests.ui.parts.samples import Scope
from veo_studio.core.models import BudgetPeriod
from veo_studio.ui.view_models.wallet_entries import Column
from veo_studio.ui.view_models.wallet_model import WalletModel
from veo_studio.ui.views.wallet import WalletDialog


@dataclass
class Shown:
    wallet: FakeWallet
    model: WalletModel
    dialog: WalletDialog
    scope: Scope

    def texts(self, column: Column) -> list[str]:
        entries = self.model.entries
        return [entries.index(row, column).data() for row in range(entries.rowCount(QModelIndex()))]

    def type_budget(self, period: BudgetPeriod, words: str, *, key: str = "return") -> None:
        edit = self.dialog.budgets[period].edit
        edit.setFocus()
        edit.selectAll()
        QTest.keyClick(edit, Qt.Key.Key_Delete)
        QTest.keyClicks(edit, words)
        if key:
            QTest.keyClick(edit, Qt.Key.Key_Return if key == "return" else Qt.Key.Key_Escape)


def show(qtbot: QtBot, wallet: FakeWallet) -> Shown:
    scope = Scope()
    model = WalletModel(scope.spawn)
    dialog = WalletDialog(model, scope.spawn)
    model.setParent(dialog)
    qtbot.addWidget(dialog)
    model.open(wallet)
    with qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    return Shown(wallet, model, dialog, scope)


def a_wallet() -> FakeWallet:
    """A gift, a refunded video and an image that cost more than was estimated."""
    made = FakeWallet()
    made.put("grant", 100, "opening gift")
    made.put("charge", -10, "video 1", cost_usd="-0.56", generation_id=1)
    made.put("refund", 10, "the prompt was refused", cost_usd="0.56", generation_id=1)
    made.put("charge", -1, "image 2", cost_usd="-0.0042", generation_id=2)
    made.put("correction", 0, "reported by the provider", cost_usd="-0.10", generation_id=2)
    return made
