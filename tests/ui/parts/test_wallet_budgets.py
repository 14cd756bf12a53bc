"""The budgets in the wallet's window: what can be typed, and what is left of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.fakes.wallet import FakeWallet
from tests.ui.parts.wallets import Shown, a_wallet, show
from veo_studio.core.errors import DiskFull
from veo_studio.core.models import BudgetPeriod, BudgetState
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.wallet_model import budget_words, parse_amount

DAY, MONTH, BATCH = BudgetPeriod.DAY, BudgetPeriod.MONTH, BudgetPeriod.BATCH


@pytest.fixture
def wallet() -> FakeWallet:
    return a_wallet()


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme, wallet: FakeWallet) -> Shown:
    return show(qtbot, wallet)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("", None),
        ("  ", None),
        ("5", "5"),
        ("12.50", "12.50"),
        ("12,5", "12.5"),
        ("$3", "3"),
        (" $ 3.10 ", "3.10"),
        ("0", "0"),
        ("1000000", "1000000"),
    ],
)
def test_amounts_are_taken_as_people_type_them(typed: str, amount: str | None) -> None:
    assert parse_amount(typed) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    "typed",
    ["-1", "1,000", "1.000", "1e3", "NaN", "inf", "five", "1.234", "٣", "$", ".", "5 €", "1 2",
     "1000000.01", "99999999999", "0x10", "1_000"],
)  # fmt: skip
def test_amounts_that_could_mean_something_else_are_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_amount(typed)


def test_a_bad_amount_is_refused_in_its_field(shown: Shown) -> None:
    shown.type_budget(DAY, "1,000")
    field = shown.dialog.budgets[DAY]
    assert shown.wallet.limits == {}
    assert field.edit.text() == "1,000", "what was typed is not taken away"
    assert field.words.text().startswith("Type dollars and cents")
    assert field.edit.accessibleDescription() == field.words.text()
    shown.model.changed.emit()
    assert field.edit.text() == "1,000", "news do not overwrite what is being typed"
    shown.type_budget(DAY, "1000")
    assert shown.wallet.limits == {DAY: Decimal(1000)}
    assert field.words.text() == "$1,000.00 left, $0.00 spent."


def test_a_refused_amount_is_gone_when_the_wallet_is_opened_again(
    qtbot: QtBot, theme: Theme
) -> None:
    wallet = FakeWallet()
    wallet.limits = {DAY: Decimal("5")}
    shown = show(qtbot, wallet)
    shown.type_budget(DAY, "five")
    shown.dialog.close()
    shown.dialog.show()
    field = shown.dialog.budgets[DAY]
    assert field.edit.text() == "5.00"
    assert field.words.text() == "$5.00 left, $0.00 spent."


def test_an_empty_field_takes_the_limit_away(qtbot: QtBot, theme: Theme) -> None:
    wallet = FakeWallet()
    wallet.limits = {MONTH: Decimal("20")}
    shown = show(qtbot, wallet)
    assert shown.dialog.budgets[MONTH].edit.text() == "20.00"
    shown.type_budget(MONTH, "")
    assert wallet.limits == {}
    assert shown.dialog.budgets[MONTH].words.text() == "$0.00 spent, no limit."


def test_escape_puts_the_amount_back_and_only_then_closes(qtbot: QtBot, theme: Theme) -> None:
    wallet = FakeWallet()
    wallet.limits = {DAY: Decimal("5")}
    shown = show(qtbot, wallet)
    shown.type_budget(DAY, "7", key="escape")
    assert shown.dialog.budgets[DAY].edit.text() == "5.00"
    assert shown.dialog.isVisible()
    assert wallet.limits == {DAY: Decimal("5")}
    QTest.keyClick(shown.dialog.budgets[DAY].edit, Qt.Key.Key_Escape)
    assert not shown.dialog.isVisible()


def test_a_limit_that_could_not_be_stored_does_not_look_like_one(shown: Shown) -> None:
    shown.wallet.fail_with = DiskFull("no room")
    shown.type_budget(DAY, "5")
    assert shown.dialog.budgets[DAY].edit.text() == ""
    assert shown.dialog.notices.texts[0].startswith("The disk is full.")


@pytest.mark.parametrize(
    ("limit", "spent", "words", "token", "fraction"),
    [
        (None, "1.20", "$1.20 spent, no limit.", "dim", None),
        ("5", "1.20", "$3.80 left, $1.20 spent.", "dim", 0.24),
        ("5", "4.00", "Nearly used: $1.00 left, $4.00 spent.", "warn", 0.8),
        ("5", "5.60", "Used up: $5.60 spent of $5.00.", "bad", 1.12),
        ("0", "0", "Used up: $0.00 spent of $0.00.", "bad", 1.0),
    ],
)
def test_a_budget_says_what_is_left_in_words_and_as_a_bar(
    qtbot: QtBot,
    theme: Theme,
    limit: str | None,
    spent: str,
    words: str,
    token: str,
    fraction: float | None,
) -> None:
    wallet = FakeWallet()
    wallet.limits = {} if limit is None else {DAY: Decimal(limit)}
    wallet.spent = {DAY: Decimal(spent)}
    shown = show(qtbot, wallet)
    field = shown.dialog.budgets[DAY]
    assert field.words.text() == words
    assert field.bar.fraction == (None if fraction is None else pytest.approx(fraction))
    state = BudgetState(DAY, None if limit is None else Decimal(limit), Decimal(spent))
    assert budget_words(state) == (words, token)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (None, "$1.20 spent, $0.56 reserved, no limit."),
        ("5", "$3.24 left, $1.20 spent, $0.56 reserved."),
        ("1.76", "Used up: $1.20 spent, $0.56 reserved of $1.76."),
    ],
)
def test_what_only_waits_is_reserved_and_not_spent(limit: str | None, words: str) -> None:
    usd = None if limit is None else Decimal(limit)
    state = BudgetState(DAY, usd, Decimal("1.76"), Decimal("0.56"))
    assert budget_words(state)[0] == words


def test_a_click_has_a_limit_but_spends_nothing() -> None:
    assert budget_words(BudgetState(BATCH, None, Decimal(0)))[0] == "No limit for one click."
    state = BudgetState(BATCH, Decimal(2), Decimal(0))
    assert budget_words(state) == ("One click may cost $2.00 at the most.", "dim")
