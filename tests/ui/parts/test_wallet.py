"""The wallet's window with a wallet in memory: what it shows, takes and refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PyQt6.QtCore import QModelIndex, QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.fakes.generations import a_generation
from tests.fakes.wallet import FakeWallet
from tests.ui.parts.samples import Scope
from tests.ui.parts.wallets import Shown, a_wallet, show
from veo_studio.core.errors import DiskFull
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import BudgetPeriod
from veo_studio.ui.theme import LIGHT, Theme
from veo_studio.ui.view_models.wallet_entries import PAGE, Column, EntriesModel
from veo_studio.ui.view_models.wallet_model import WalletModel
from veo_studio.ui.views.wallet import WalletDialog

DAY, MONTH, BATCH = BudgetPeriod.DAY, BudgetPeriod.MONTH, BudgetPeriod.BATCH
MOVED = GenerationEvent(EventKind.STATE_CHANGED, a_generation())


@pytest.fixture
def wallet() -> FakeWallet:
    return a_wallet()


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme, wallet: FakeWallet) -> Shown:
    return show(qtbot, wallet)


# what is shown


def test_balance_and_entries_stand_there_newest_first(shown: Shown) -> None:
    assert shown.dialog.balance.text() == "99"
    assert shown.texts(Column.WHAT) == [
        "Clip 2 cost more or less than estimated · reported by the provider",
        "Image 2",
        "Refund for clip 1 · the prompt was refused",
        "Clip 1",
        "Added · opening gift",
    ]
    assert shown.texts(Column.TOKENS) == ["0", "−1", "+10", "−10", "+100"]
    assert shown.texts(Column.MONEY) == ["−$0.10", "−$0.0042", "+$0.56", "−$0.56", "–"]
    assert shown.texts(Column.BALANCE) == ["99", "99", "100", "90", "100"]


def test_an_empty_wallet_says_what_will_be_here(qtbot: QtBot, theme: Theme) -> None:
    shown = show(qtbot, FakeWallet())
    assert shown.dialog.empty.isVisible()
    assert "Every charge and refund" in shown.dialog.empty.text
    assert shown.dialog.balance.text() == "0"


def test_before_the_core_is_there_nothing_can_be_done(qtbot: QtBot, theme: Theme) -> None:
    scope = Scope()
    dialog = WalletDialog(WalletModel(scope.spawn), scope.spawn)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.balance.text() == "–"
    assert not dialog.add.isEnabled()
    assert not dialog.export.isEnabled()


def test_everything_has_a_name_for_those_who_cannot_see_it(shown: Shown) -> None:
    dialog = shown.dialog
    for widget in (dialog.rows, dialog.tokens, dialog.kinds, dialog.search, dialog.balance):
        assert widget.accessibleName()
    for field in dialog.budgets.values():
        assert "dollars" in field.edit.accessibleName()
        assert field.edit.accessibleDescription()
    index = shown.model.entries.index(1, Column.MONEY)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Money: −$0.0042"


def test_tab_reaches_every_control(shown: Shown) -> None:
    dialog = shown.dialog
    wanted: set[QWidget] = {dialog.tokens, dialog.add, dialog.kinds, dialog.search, dialog.export}
    wanted |= {field.edit for field in dialog.budgets.values()} | {dialog.rows}
    seen: set[QWidget | None] = set()
    dialog.tokens.setFocus()
    for _ in range(20):
        focus = dialog.focusWidget()
        seen |= {focus, focus.focusProxy() if focus is not None else None}
        dialog.focusNextChild()
    assert wanted <= seen


def test_the_entries_keep_qts_contract(
    qtmodeltester: ModelTester, theme: Theme, wallet: FakeWallet
) -> None:
    model = EntriesModel(Scope().spawn)
    model.open(wallet)
    model.load()
    qtmodeltester.check(model, force_py=True)
    wallet.put("grant", 5, "later")
    model.refresh()
    assert model.rowCount() == 6


# following the work


def test_what_happens_comes_on_top_and_moves_nothing(qtbot: QtBot, shown: Shown) -> None:
    entries = shown.model.entries
    shown.dialog.rows.setCurrentIndex(entries.index(1, 0))
    resets: list[int] = []
    entries.modelReset.connect(lambda: resets.append(1))
    shown.wallet.put("charge", -10, "video 3", generation_id=3)
    reads = len(shown.wallet.pages)
    with qtbot.waitSignal(shown.model.changed):
        for _ in range(50):
            shown.model.on_event(MOVED)
    assert len(shown.wallet.pages) == reads + 1, "fifty moves are one reading"
    assert shown.texts(Column.WHAT)[0] == "Clip 3"
    assert shown.dialog.balance.text() == "89"
    assert not resets
    chosen = entries.entry(shown.dialog.rows.currentIndex())
    assert chosen is not None
    assert chosen.cause == "image 2"


def test_nothing_is_read_while_nobody_looks(shown: Shown) -> None:
    shown.dialog.hide()
    shown.wallet.put("grant", 5, "from the command line")
    reads = len(shown.wallet.pages)
    shown.model.on_event(MOVED)
    assert not shown.model.is_reading_due
    assert len(shown.wallet.pages) == reads
    shown.dialog.show()
    assert shown.dialog.balance.text() == "104"


def test_progress_alone_moves_no_money(shown: Shown) -> None:
    shown.model.on_event(GenerationEvent(EventKind.PROGRESS, a_generation()))
    assert not shown.model.is_reading_due
    shown.model.on_event(MOVED)
    assert shown.model.is_reading_due


def test_older_entries_are_read_page_by_page(qtbot: QtBot, theme: Theme) -> None:
    wallet = FakeWallet()
    for number in range(3 * PAGE + 50):
        wallet.put("grant", 1, f"gift {number}")
    shown = show(qtbot, wallet)
    entries = shown.model.entries
    assert entries.rowCount() < len(wallet.rows)
    while entries.canFetchMore(QModelIndex()):
        entries.fetchMore(QModelIndex())
    assert shown.texts(Column.WHAT) == [
        f"Added · gift {number}" for number in reversed(range(3 * PAGE + 50))
    ]


def test_more_than_a_page_of_news_leaves_no_gap(qtbot: QtBot, shown: Shown) -> None:
    for number in range(PAGE + 10):
        shown.wallet.put("grant", 1, f"gift {number}")
    with qtbot.waitSignal(shown.model.changed):
        shown.model.refresh_soon()
    entries = shown.model.entries
    while entries.canFetchMore(QModelIndex()):
        entries.fetchMore(QModelIndex())
    assert entries.rowCount() == len(shown.wallet.rows)


def test_filter_and_search_narrow_the_entries(qtbot: QtBot, shown: Shown) -> None:
    dialog = shown.dialog
    dialog.kinds.setCurrentIndex(3)
    dialog.kinds.activated.emit(3)
    assert shown.texts(Column.WHAT) == ["Refund for clip 1 · the prompt was refused"]
    with qtbot.waitSignal(shown.model.entries.loaded):
        QTest.keyClicks(dialog.search, "no such words")
    assert dialog.empty.text == "No entry matches."
    dialog.empty.button.click()
    qtbot.waitUntil(lambda: dialog.rows.isVisible())
    assert len(shown.texts(Column.WHAT)) == 5
    assert dialog.kinds.currentIndex() == 0


def test_a_broken_disk_is_not_asked_for_ever(qtbot: QtBot, theme: Theme) -> None:
    wallet = FakeWallet()
    for number in range(PAGE + 10):
        wallet.put("grant", 1, f"gift {number}")
    shown = show(qtbot, wallet)
    wallet.fail_with = DiskFull("no room")
    entries = shown.model.entries
    if entries.canFetchMore(QModelIndex()):
        entries.fetchMore(QModelIndex())
        assert [type(error) for error in shown.scope.errors] == [DiskFull]
    assert not entries.canFetchMore(QModelIndex())


def test_the_clip_of_a_charge_can_be_opened_by_key(shown: Shown) -> None:
    asked: list[int] = []
    shown.dialog.generation_requested.connect(asked.append)
    rows = shown.dialog.rows
    rows.setFocus()
    rows.setCurrentIndex(shown.model.entries.index(3, 0))
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert asked == [1]
    rows.setCurrentIndex(shown.model.entries.index(4, 0))
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert asked == [1], "a gift has no clip"


# topping up


def test_tokens_are_added_once_per_click_and_shown_at_once(shown: Shown) -> None:
    edited: list[int] = []
    shown.model.edited.connect(lambda: edited.append(1))
    shown.dialog.tokens.setValue(250)
    shown.dialog.add.click()
    assert shown.dialog.balance.text() == "349"
    assert shown.texts(Column.TOKENS)[0] == "+250"
    assert shown.dialog.notices.texts == ["250 tokens added."]
    assert edited == [1]


def test_enter_in_a_budget_adds_no_tokens(shown: Shown) -> None:
    shown.type_budget(DAY, "5")
    assert shown.wallet.limits == {DAY: Decimal("5")}
    assert shown.dialog.balance.text() == "99"


def test_only_whole_tokens_from_one_to_a_billion_can_be_typed(shown: Shown) -> None:
    tokens = shown.dialog.tokens
    assert (tokens.minimum(), tokens.maximum()) == (1, 1_000_000_000)
    tokens.setFocus()
    tokens.selectAll()
    QTest.keyClicks(tokens, "-2.5")
    tokens.interpretText()
    assert tokens.value() == 25
    assert all(isinstance(one, QPushButton) and not one.autoDefault()
               for one in (shown.dialog.add, shown.dialog.export))  # fmt: skip


def test_a_refused_top_up_is_said_in_the_wallet(shown: Shown) -> None:
    shown.wallet.fail_with = DiskFull("no room")
    shown.dialog.add.click()
    assert shown.dialog.notices.texts[0].startswith("The disk is full.")
    assert shown.dialog.add.isEnabled()


# looks


def test_f04_causes_are_text_and_nothing_else(qtbot: QtBot, theme: Theme) -> None:
    wallet = FakeWallet()
    key = "AIzaSyD-1234567890abcdefghijklmnopqrstu"
    wallet.put("grant", 1, f"<img src=http://127.0.0.1:1/x.png>\u202e\x1b[31m {key}\n<b>x</b>")
    shown = show(qtbot, wallet)
    (words,) = shown.texts(Column.WHAT)
    assert words == "Added · <img src=http://127.0.0.1:1/x.png> [redacted] <b>x</b>"
    tip = shown.model.entries.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip
    assert key not in tip
    for label in shown.dialog.findChildren(QLabel):
        is_ours = label.textFormat() is Qt.TextFormat.PlainText or label.text() in (
            "Budgets", "Entries", "Per &day", "Per &month", "Per &click",
        )  # fmt: skip
        assert is_ours, label.text()


def test_the_row_with_the_focus_is_raised_and_has_no_frame(
    theme: Theme, qapp: object, shown: Shown
) -> None:
    theme.apply(qapp, "light")  # type: ignore[arg-type]
    rows = shown.dialog.rows
    rows.setFocus(Qt.FocusReason.TabFocusReason)
    line = rows.visualRect(shown.model.entries.index(0, 0))
    picture = rows.viewport().grab().toImage()
    assert picture.pixelColor(line.topLeft()).name() == LIGHT.accent
    right = rows.viewport().width() - 1
    for at in (QPoint(right, line.top()), line.topRight(), line.bottomRight()):
        assert picture.pixelColor(at).name() == LIGHT.raised


def test_the_wallet_fits_a_small_screen(shown: Shown) -> None:
    size = shown.dialog.size()
    assert size.width() <= 800
    assert size.height() <= 600 - 48, "its frame has to fit in as well"
    assert shown.dialog.minimumSizeHint().height() <= 600 - 48


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (800, 600), (520, 440)])
def test_nothing_is_cut_off_in_either_theme(
    qtbot: QtBot, theme: Theme, qapp: object, wallet: FakeWallet, mode: str, size: tuple[int, int]
) -> None:
    theme.apply(qapp, mode)  # type: ignore[arg-type]
    wallet.limits = {DAY: Decimal("5"), MONTH: Decimal("999999.99"), BATCH: Decimal("2")}
    shown = show(qtbot, wallet)
    shown.dialog.resize(*size)
    qtbot.waitExposed(shown.dialog)
    shown.dialog.layout().activate()
    for widget in shown.dialog.findChildren(QWidget):
        if widget.isVisible() and widget.parentWidget() is shown.dialog:
            assert shown.dialog.rect().contains(widget.geometry()), widget.objectName()
    for field in shown.dialog.budgets.values():
        assert field.words.height() >= field.words.heightForWidth(field.words.width())
