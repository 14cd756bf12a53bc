"""What one click costs, and whether wallet and budgets allow it, said before the click.

The store enforces the same limits in the transaction that charges; here are only the words. Nothing
waits and nothing is read: whoever asks brings what is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Protocol

from veo_studio.core.models import BudgetPeriod, BudgetState, Generation
from veo_studio.ui.own_error_words import over_budget_words
from veo_studio.ui.text import money_words, tr, tr_n

# from so many takes on a click that costs is asked about first
MANY_TAKES = 4


class PriceEstimateLike(Protocol):
    @property
    def tokens(self) -> int: ...
    @property
    def cost_usd(self) -> Decimal | None: ...


class BlockAction(Enum):
    """What a click can do about a blocked Generate."""

    TOP_UP = "top_up"
    USE_REHEARSAL = "use_rehearsal"
    CHANGE_BUDGET = "change_budget"


@dataclass(frozen=True)
class Blocked:
    """Why nothing can be generated now, in a sentence; `period` names the budget that is in the way."""

    reason: str
    action: BlockAction | None = None
    period: BudgetPeriod | None = None


@dataclass(frozen=True)
class BatchPrice:
    """What all takes of one click cost together; `cost_usd` None where no price is known.

    `prompts` is how many different prompts the takes are of.
    """

    takes: int
    tokens: int
    cost_usd: Decimal | None
    prompts: int = 1

    @property
    def is_asked_first(self) -> bool:
        return self.takes >= MANY_TAKES and not is_free(self)


@dataclass(frozen=True)
class Means:
    """What can be spent: tokens, None while not known, and the budgets as they were `read_on`.

    A limit is never called used up because of yesterday: what was spent in a day or month that has
    ended meanwhile counts nothing.
    """

    balance: int | None = None
    budgets: tuple[BudgetState, ...] = ()
    read_on: date = date.min

    def with_refund(self, generation: Generation, today: date) -> Means:
        """As if the charge of this waiting one were back, in the day and month that it counts in."""
        charged_on = generation.created_at.astimezone().date()
        back = generation.price_usd or Decimal(0)
        return replace(
            self,
            balance=None if self.balance is None else self.balance + generation.tokens,
            budgets=tuple(
                replace(state, spent_usd=max(Decimal(0), state.spent_usd - back))
                if _is_same(state.period, charged_on, today)
                else state
                for state in self.budgets
            ),
        )

    def budgets_of(self, today: date) -> list[BudgetState]:
        """The limits that are set, with what counts against them `today`."""
        return [
            state
            if _is_same(state.period, self.read_on, today)
            else replace(state, spent_usd=Decimal(0))
            for state in self.budgets
            if state.limit_usd is not None
        ]


def _is_same(period: BudgetPeriod, one: date, other: date) -> bool:
    if period is BudgetPeriod.MONTH:
        return (one.year, one.month) == (other.year, other.month)
    return one == other


def price_words(price: PriceEstimateLike) -> str:
    """`10 tokens · about $0.56`."""
    tokens = tr_n("{shown} token", "{shown} tokens", price.tokens, shown=f"{price.tokens:,}")
    if price.cost_usd is None:
        return tr("{tokens} · price not known", tokens=tokens)
    return tr("{tokens} · about {cost}", tokens=tokens, cost=money_words(price.cost_usd))


def one_price_words(price: PriceEstimateLike) -> str:
    """`10 tokens, about $0.56`, where two prices stand side by side."""
    if is_free(price):
        return tr("free")
    tokens = tr_n("{shown} token", "{shown} tokens", price.tokens, shown=f"{price.tokens:,}")
    if price.cost_usd is None:
        return tokens
    return tr("{tokens}, about {cost}", tokens=tokens, cost=money_words(price.cost_usd))


def price_line(price: PriceEstimateLike, facts: str) -> str:
    """The line over Generate."""
    if is_free(price):
        return tr("Free rehearsal · {facts}", facts=facts)
    return tr("{price} · {facts}", price=price_words(price), facts=facts)


def budget_line(means: Means, today: date) -> str:
    """What is left of the budgets, for the tooltip of the price; "" where there are none."""
    names = {BudgetPeriod.DAY: tr("today"), BudgetPeriod.MONTH: tr("this month")}
    lines = []
    for state in means.budgets_of(today):
        if state.limit_usd is None:
            continue
        limit = money_words(state.limit_usd)
        if state.period in names:
            left = money_words(max(Decimal(0), state.limit_usd - state.spent_usd))
            lines.append(
                tr("Left {when}: {left} of {limit}.", when=names[state.period], left=left,
                   limit=limit)
            )  # fmt: skip
        else:
            lines.append(tr("One click may cost {limit} at the most.", limit=limit))
    return "\n".join(lines)


def money_block(
    price: PriceEstimateLike, takes: int, means: Means, today: date, *, is_list: bool = False
) -> Blocked | None:
    """Which of the user's own limits forbids this click, and what can be done about it.

    `is_list`: the takes are of several prompts, so that fewer takes alone need not help.
    """
    if means.balance is not None and price.tokens > means.balance:
        return _too_few_tokens(price.tokens, takes, means.balance, is_list=is_list)
    if price.cost_usd is not None and price.cost_usd <= 0:
        return None
    # an unknown price could break every limit, so the store lets none pass
    for state in means.budgets_of(today):
        assert state.limit_usd is not None
        cost = price.cost_usd
        if cost is None or state.spent_usd + cost > state.limit_usd:
            words = over_budget_words(state.period, state.limit_usd, state.spent_usd, cost)
            return Blocked(
                f"{words} {_way_out(state, cost, takes, is_list=is_list)}",
                BlockAction.CHANGE_BUDGET,
                state.period,
            )
    return None


def _too_few_tokens(needed: int, takes: int, balance: int, *, is_list: bool) -> Blocked:
    words = tr(
        "This needs {needed} tokens and the wallet holds {balance}.",
        needed=f"{needed:,}",
        balance=f"{balance:,}",
    )
    fitting = balance * takes // needed if needed else takes
    return Blocked(f"{words} {_top_up_or(takes, fitting, is_list=is_list)}", BlockAction.TOP_UP)


def _top_up_or(takes: int, fitting: int, *, is_list: bool) -> str:
    if is_list and fitting >= 1:
        return tr_n(
            "Top up, or shorten the lists to {n} clip.",
            "Top up, or shorten the lists to {n} clips at the most.",
            fitting,
        )
    if takes > 1 and fitting >= 1:
        return tr_n("Top up, or make {n} take.", "Top up, or make {n} takes at the most.", fitting)
    return tr("Top up, or use the free rehearsal.")


def _way_out(state: BudgetState, cost_usd: Decimal | None, takes: int, *, is_list: bool) -> str:
    if cost_usd is None:
        return tr("Choose a model with a price, or take the limit away.")
    assert state.limit_usd is not None
    left = max(Decimal(0), state.limit_usd - state.spent_usd)
    fitting = int(left * takes / cost_usd)
    if is_list and fitting >= 1:
        return tr_n(
            "Shorten the lists to {n} clip, or raise the budget.",
            "Shorten the lists to {n} clips at the most, or raise the budget.",
            fitting,
        )
    if takes > 1 and fitting >= 1:
        return tr_n(
            "Make {n} take, or raise the budget.",
            "Make {n} takes at the most, or raise the budget.",
            fitting,
        )
    return {
        BudgetPeriod.DAY: tr("Choose a cheaper clip, wait until tomorrow, or raise the budget."),
        BudgetPeriod.MONTH: tr("Choose a cheaper clip, wait for the next month, or raise the budget."),
        BudgetPeriod.BATCH: tr("Choose a shorter or cheaper clip, or raise the budget."),
    }[state.period]  # fmt: skip


def batch_words(batch: BatchPrice) -> str:
    """The price of all takes together and of one, for the question before many."""
    one = BatchPrice(
        1,
        batch.tokens // batch.takes,
        None if batch.cost_usd is None else batch.cost_usd / batch.takes,
    )
    words = tr(
        "Together: {all}\nEach: {one}\nAll of them are charged at once, or none.",
        all=price_words(batch),
        one=price_words(one),
    )
    return f"{list_words(batch)}\n{words}" if batch.prompts > 1 else words


def list_words(batch: BatchPrice) -> str:
    """`6 prompts`, and how many clips where each has several takes."""
    prompts = tr_n("{shown} prompt", "{shown} prompts", batch.prompts, shown=f"{batch.prompts:,}")
    takes = batch.takes // batch.prompts
    if takes == 1:
        return prompts
    return tr(
        "{prompts} · {clips} clips with {takes} takes each",
        prompts=prompts,
        clips=f"{batch.takes:,}",
        takes=takes,
    )


class MeansReader(Protocol):
    async def balance(self) -> int: ...
    async def budgets(self) -> list[BudgetState]: ...


class FormMeans:
    """What the form knows of wallet and budgets, and which waiting one is being edited."""

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today
        self._read = Means()
        self._one_by_one = asyncio.Lock()
        self._asked = self._answered = 0
        # its charge comes back when it is replaced
        self.edited: Generation | None = None

    async def read(self, source: MeansReader) -> bool:
        """Read both anew; True where they are other ones than before.

        A batch of a hundred is told a hundred times: one reading that began later serves all of them.
        """
        self._asked += 1
        asked = self._asked
        async with self._one_by_one:
            if self._answered >= asked:
                return False
            answered, before = self._asked, self._read
            balance, budgets = await source.balance(), await source.budgets()
            self._read = Means(balance, tuple(budgets), self._today())
            self._answered = answered
            return self._read != before

    @property
    def balance(self) -> int | None:
        """Tokens in the wallet; None while not known."""
        return self._read.balance

    @property
    def is_of_another_day(self) -> bool:
        return self._read.read_on != self._today()

    def blocked(
        self, price: PriceEstimateLike, takes: int, *, is_list: bool = False
    ) -> Blocked | None:
        return money_block(price, takes, self._now(), self._today(), is_list=is_list)

    def budget_line(self) -> str:
        return budget_line(self._now(), self._today())

    def _now(self) -> Means:
        if self.edited is None:
            return self._read
        return self._read.with_refund(self.edited, self._today())


def is_free(price: PriceEstimateLike) -> bool:
    """Neither tokens nor money."""
    return price.tokens == 0 and price.cost_usd is not None and price.cost_usd == 0
