"""What the form says about money before the click."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from tests.fakes.core import FakePrice
from tests.fakes.generations import a_generation
from veo_studio.core.models import BudgetPeriod, BudgetState
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.form_price import (
    MANY_TAKES,
    BatchPrice,
    BlockAction,
    Means,
    batch_words,
    budget_line,
    money_block,
    price_line,
)
from veo_studio.ui.views.confirm_takes import ConfirmTakesDialog

DAY, MONTH, BATCH = BudgetPeriod.DAY, BudgetPeriod.MONTH, BudgetPeriod.BATCH
TODAY = date(2026, 11, 21)


def price(tokens: int, cost: str | None) -> FakePrice:
    return FakePrice(tokens, None if cost is None else Decimal(cost))


def means(balance: int = 1000, **limits: tuple[str, str]) -> Means:
    """`day=("5.00", "3.80")` is a limit and what is spent of it."""
    states = tuple(
        BudgetState(BudgetPeriod(name), Decimal(limit), Decimal(spent))
        for name, (limit, spent) in limits.items()
    )
    return Means(balance, states, TODAY)


def test_the_price_line_names_tokens_and_money() -> None:
    assert price_line(price(10, "0.56"), "8 s 720p") == "10 tokens · about $0.56 · 8 s 720p"
    assert price_line(price(1, None), "8 s 720p") == "1 token · price not known · 8 s 720p"
    assert price_line(price(0, "0"), "8 s 720p") == "Free rehearsal · 8 s 720p"


def test_a_click_within_every_limit_is_free_to_go() -> None:
    allowed = means(day=("5", "4.44"), month=("5", "4.44"), batch=("0.56", "0"))
    assert money_block(price(10, "0.56"), 1, allowed, TODAY) is None


def test_too_few_tokens_say_how_many_takes_would_fit() -> None:
    found = money_block(price(40, "2.24"), 4, means(25), TODAY)
    assert found is not None
    assert found.reason == (
        "This needs 40 tokens and the wallet holds 25. Top up, or make 2 takes at the most."
    )
    assert found.action is BlockAction.TOP_UP
    single = money_block(price(10, "0.56"), 1, means(3), TODAY)
    assert single is not None
    assert single.reason.endswith("Top up, or use the free rehearsal.")


@pytest.mark.parametrize(
    ("limits", "period", "words"),
    [
        (
            {"day": ("5", "3.80")},
            DAY,
            "This costs about $4.48, and $1.20 is left of the budget of $5.00 per day. "
            "Make 2 takes at the most, or raise the budget.",
        ),
        (
            {"month": ("5", "5.20")},
            MONTH,
            "This costs about $4.48, and the budget of $5.00 per month is used up. "
            "Choose a cheaper clip, wait for the next month, or raise the budget.",
        ),
        (
            {"batch": ("2", "0")},
            BATCH,
            "This costs about $4.48, more than the budget of $2.00 per click. "
            "Make 3 takes at the most, or raise the budget.",
        ),
        (
            {"day": ("5", "4.90"), "month": ("100", "0")},
            DAY,
            "This costs about $4.48, and $0.10 is left of the budget of $5.00 per day. "
            "Choose a cheaper clip, wait until tomorrow, or raise the budget.",
        ),
    ],
)
def test_a_broken_budget_is_named_with_the_way_out(
    limits: dict[str, tuple[str, str]], period: BudgetPeriod, words: str
) -> None:
    found = money_block(price(80, "4.48"), 8, means(**limits), TODAY)
    assert found is not None
    assert found.reason == words
    assert found.period is period
    assert found.action is BlockAction.CHANGE_BUDGET


def test_a_limit_is_reached_only_beyond_its_last_cent() -> None:
    assert money_block(price(10, "1.20"), 1, means(day=("5", "3.80")), TODAY) is None
    assert money_block(price(10, "1.21"), 1, means(day=("5", "3.80")), TODAY) is not None


def test_an_unknown_price_passes_only_where_no_limit_is_set() -> None:
    assert money_block(price(10, None), 1, means(), TODAY) is None
    found = money_block(price(10, None), 1, means(day=("5", "0")), TODAY)
    assert found is not None
    assert "not known" in found.reason
    assert "take the limit away" in found.reason


def test_a_rehearsal_is_never_stopped_by_a_budget() -> None:
    assert money_block(price(0, "0"), 8, means(0, day=("0", "0")), TODAY) is None


def test_yesterdays_spending_does_not_stop_today() -> None:
    used_up = means(day=("5", "5"), month=("5", "5"))
    tomorrow = money_block(price(10, "0.56"), 1, used_up, date(2026, 11, 22))
    assert tomorrow is not None
    assert tomorrow.period is MONTH
    assert money_block(price(10, "0.56"), 1, used_up, date(2026, 12, 1)) is None


def test_the_charge_of_an_edited_one_comes_back_where_it_counted() -> None:
    edited = a_generation(
        tokens=10, price_usd=Decimal("0.56"), created_at=datetime(2026, 11, 21, 12, tzinfo=UTC)
    )
    there = means(0, day=("5", "5"), month=("50", "5"))
    here = there.with_refund(edited, TODAY)
    assert here.balance == 10
    assert [state.spent_usd for state in here.budgets] == [Decimal("4.44")] * 2
    later = there.with_refund(edited, date(2026, 11, 25))
    assert [state.spent_usd for state in later.budgets] == [Decimal(5), Decimal("4.44")]


def test_the_tooltip_says_what_is_left() -> None:
    known = means(day=("5", "3.80"), month=("50", "51"), batch=("2", "0"))
    assert budget_line(known, TODAY).splitlines() == [
        "Left today: $1.20 of $5.00.",
        "Left this month: $0.00 of $50.00.",
        "One click may cost $2.00 at the most.",
    ]
    assert budget_line(means(), TODAY) == ""


# many takes


def test_only_many_takes_that_cost_are_asked_about() -> None:
    assert BatchPrice(MANY_TAKES, 40, Decimal("2.24")).is_asked_first
    assert BatchPrice(MANY_TAKES, 40, None).is_asked_first
    assert not BatchPrice(MANY_TAKES - 1, 30, Decimal("1.68")).is_asked_first
    assert not BatchPrice(8, 0, Decimal(0)).is_asked_first


def test_the_question_says_the_price_of_the_batch_and_of_one(qtbot: QtBot, theme: Theme) -> None:
    batch = BatchPrice(6, 60, Decimal("3.36"))
    assert batch_words(batch).splitlines()[:2] == [
        "Together: 60 tokens · about $3.36",
        "Each: 10 tokens · about $0.56",
    ]
    dialog = ConfirmTakesDialog(batch)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.words.text() == batch_words(batch)
    assert dialog.yes is not None
    assert dialog.yes.text() == "Generate 6 takes"
    # the shortcut that asked must not answer, only a key of its own
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert dialog.isVisible()
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(dialog.yes, Qt.Key.Key_Return)
    again = ConfirmTakesDialog(batch)
    qtbot.addWidget(again)
    again.show()
    QTest.keyClick(again, Qt.Key.Key_Escape)
    assert again.result() == QDialog.DialogCode.Rejected
