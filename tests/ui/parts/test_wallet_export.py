"""The wallet's window writes its entries where the user says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.fakes.wallet import FakeWallet
from tests.ui.parts.wallets import Shown, a_wallet, show
from tests.ui.waiting import Opening, becomes
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.dialogs import Question
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.wallet_model import WalletModel
from veo_studio.ui.views.wallet import WalletDialog


@pytest.fixture
def wallet() -> FakeWallet:
    return a_wallet()


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme, wallet: FakeWallet) -> Shown:
    return show(qtbot, wallet)


@pytest.fixture
async def exporting(qtbot: QtBot, theme: Theme, wallet: FakeWallet) -> AsyncIterator[WalletDialog]:
    scope = TaskScope(lambda error: pytest.fail(repr(error)))
    model = WalletModel(scope.spawn)
    dialog = WalletDialog(model, scope.spawn)
    model.setParent(dialog)
    qtbot.addWidget(dialog)
    model.open(wallet)
    dialog.show()
    await becomes(lambda: dialog.balance.text() == "99", model.changed)
    yield dialog
    await scope.close()


async def save_as(dialog: WalletDialog, path: Path) -> None:
    opening = Opening(QFileDialog)
    dialog.export.click()
    chooser = await asyncio.wait_for(opening.shown, 10)
    assert isinstance(chooser, QFileDialog)
    assert chooser.testOption(QFileDialog.Option.DontConfirmOverwrite), "Qt's question would nest"
    line = chooser.findChild(QLineEdit)
    assert line is not None
    line.setText(str(path))
    chooser.accept()


async def test_the_entries_are_exported_where_the_user_says(
    exporting: WalletDialog, wallet: FakeWallet, tmp_path: Path
) -> None:
    await save_as(exporting, tmp_path / "mine.csv")
    await becomes(lambda: bool(exporting.notices.texts), exporting.notices.shown)
    assert wallet.exported == [tmp_path / "mine.csv"]
    assert exporting.notices.texts == ["5 entries written to mine.csv."]


@pytest.mark.parametrize("answer", ["Replace", "Cancel"])
async def test_a_file_that_is_there_is_replaced_only_after_a_yes(
    exporting: WalletDialog, wallet: FakeWallet, tmp_path: Path, answer: str
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("precious")
    opening = Opening(Question)
    await save_as(exporting, path)
    question = await asyncio.wait_for(opening.shown, 10)
    assert isinstance(question, Question)
    assert question.leave_it.isDefault()
    (button,) = [
        one for one in question.findChildren(QPushButton) if one.text().replace("&", "") == answer
    ]
    button.click()
    if answer == "Replace":
        await becomes(lambda: bool(exporting.notices.texts), exporting.notices.shown)
    assert wallet.exported == ([path] if answer == "Replace" else [])
    assert path.read_text() == "precious"
