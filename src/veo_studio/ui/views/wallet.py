"""The wallet: balance, budgets, top up, and every entry, in a window of its own beside the clips."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEvent, QModelIndex, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.errors import StudioError
from veo_studio.core.models import BudgetPeriod
from veo_studio.core.plain import masked
from veo_studio.ui import error_text, theme
from veo_studio.ui.icons import icon
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_16, SPACE_24
from veo_studio.ui.view_models.wallet_entries import FILTERS, Spawn
from veo_studio.ui.view_models.wallet_model import LARGEST_GRANT, WalletModel
from veo_studio.ui.views.budget_field import BudgetField
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.entries_list import EntriesList
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.table_files import ask_csv, documents

_FIRST_SIZE = QSize(760, 540)
# borders and a title bar, as large as common desktops make them
_FRAME = QSize(16, 48)
_SMALLEST = QSize(520, 440)


class WalletDialog(QDialog):
    """Not modal: it stays open beside the work and follows it.

    Signals:
        generation_requested(int): the entry of this generation was opened.
    """

    generation_requested = pyqtSignal(int)

    def __init__(self, model: WalletModel, spawn: Spawn, parent: QWidget | None = None) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self.setObjectName("walletDialog")
        self.setWindowTitle(tr("Wallet"))
        self.setModal(False)
        self.setMinimumSize(_SMALLEST)
        room = self.screen().availableSize() if self.screen() is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room - _FRAME).expandedTo(_SMALLEST))
        self.model = model
        self._spawn = spawn
        # two clicks are not two top ups
        self._is_adding = False
        self._make_top()
        self._make_entries()
        self.notices = NoticeBar(self)
        self._lay_out()
        self._bind()
        self._show_model()
        self.rows.setFocus()

    # building

    def _make_top(self) -> None:
        self.balance = QLabel()
        self.balance.setObjectName("walletBalance")
        self.balance.setTextFormat(Qt.TextFormat.PlainText)
        self.unit = SmallLabel()
        self.unit.setWordWrap(False)
        self.tokens = QSpinBox()
        self.tokens.setObjectName("topUpTokens")
        self.tokens.setRange(1, LARGEST_GRANT)
        self.tokens.setSingleStep(10)
        self.tokens.setValue(100)
        self.tokens.setGroupSeparatorShown(True)
        self.tokens.setSuffix(tr(" tokens"))
        self.tokens.setAccessibleName(tr("Tokens to add"))
        self.add = QPushButton(tr("&Add tokens"))
        self.add.setObjectName("topUp")
        theme.accent_button(self.add)
        self.hint = SmallLabel()
        self.hint.show_words(
            tr(
                "Tokens are your own measure and cost nothing here. Dollars are what the services "
                "take; budgets stop a click before it is sent."
            )
        )
        self.budgets = {period: BudgetField(period) for period in BudgetPeriod}

    def _make_entries(self) -> None:
        self.kinds = QComboBox()
        self.kinds.setObjectName("entryKinds")
        self.kinds.setAccessibleName(tr("Which entries"))
        for words, kinds in FILTERS:
            self.kinds.addItem(tr(words), kinds)
        self.search = QLineEdit()
        self.search.setObjectName("entrySearch")
        self.search.setPlaceholderText(tr("Search entries"))
        self.search.setAccessibleName(tr("Search the entries"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "dim", 16), QLineEdit.ActionPosition.LeadingPosition)
        self.export = QPushButton(tr("E&xport as CSV…"))
        self.export.setObjectName("exportEntries")
        self.rows = EntriesList()
        self.rows.setModel(self.model.entries)
        self.rows.fit()
        self.empty = EmptyState("wallet")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.rows)
        self._stack.addWidget(self.empty)
        for button in (self.add, self.export, self.empty.button):
            # Enter belongs to the field it is pressed in
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        amount = QHBoxLayout()
        amount.setSpacing(SPACE_8)
        amount.addWidget(self.balance, 0, Qt.AlignmentFlag.AlignBaseline)
        amount.addWidget(self.unit, 0, Qt.AlignmentFlag.AlignBaseline)
        amount.addStretch(1)
        amount.addWidget(self.tokens, 0, Qt.AlignmentFlag.AlignVCenter)
        amount.addWidget(self.add, 0, Qt.AlignmentFlag.AlignVCenter)
        budgets = QHBoxLayout()
        budgets.setSpacing(SPACE_24)
        for field in self.budgets.values():
            budgets.addWidget(field, 1)
        self._headings = [QLabel(tr("Budgets")), QLabel(tr("Entries"))]
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self._headings[1])
        head.addStretch(1)
        head.addWidget(self.kinds)
        head.addWidget(self.search, 2)
        head.addWidget(self.export)
        top = QVBoxLayout()
        top.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, 0)
        top.setSpacing(SPACE_8)
        top.addLayout(amount)
        top.addWidget(self.hint)
        top.addSpacing(SPACE_12)
        top.addWidget(self._headings[0])
        top.addLayout(budgets)
        top.addLayout(head)
        rows = QHBoxLayout()
        # the words of the rows stand on the edge of what is above them
        rows.setContentsMargins(SPACE_4, 0, SPACE_4, 0)
        rows.addWidget(self._stack)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_12)
        layout.addLayout(top)
        layout.addLayout(rows, 1)
        self._set_fonts()

    def _set_fonts(self) -> None:
        for heading in self._headings:
            theme.heading_font(heading)
        self.balance.setFont(theme.tabular(theme.scaled(theme.heading_text_font(), 2.0)))

    def _bind(self) -> None:
        self.model.changed.connect(self._show_model)
        entries = self.model.entries
        for signal in (entries.modelReset, entries.rowsInserted, entries.loaded):
            signal.connect(self._show_right_page)
        self.add.clicked.connect(self._on_add)
        line = self.tokens.lineEdit()
        assert line is not None
        line.returnPressed.connect(self._on_add)
        for field in self.budgets.values():
            field.edited.connect(self._on_budget_edited)
        self.kinds.activated.connect(lambda number: entries.set_kinds(FILTERS[number][1]))
        self.search.textChanged.connect(entries.set_search)
        self.export.clicked.connect(lambda: self._run(self._export(), "export"))
        self.rows.activated.connect(self._on_activated)
        self.empty.action_requested.connect(self._on_empty_action)
        for key, do_it in (
            (QKeySequence.StandardKey.Find, self._focus_search),
            (QKeySequence.StandardKey.Close, self.close),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(do_it)

    # what others ask

    def show_top_up(self) -> None:
        """Come forward, ready to type how many tokens to add."""
        self.come_forward()
        self.tokens.setFocus(Qt.FocusReason.OtherFocusReason)
        self.tokens.selectAll()

    def show_budget(self, period: BudgetPeriod) -> None:
        """Come forward, ready to type this limit."""
        self.come_forward()
        self.budgets[period].focus()

    def come_forward(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()

    # what the user does

    def _run(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._spawn(self._told(work), name=f"wallet: {name}")

    async def _told(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except StudioError as error:
            text = error_text.describe(error)
            self.notices.show_notice(text.whole, level="bad", key=text.happened, timeout_ms=0)
        except ValueError as error:
            self.notices.show_notice(masked(str(error)), level="warn", key=str(error))

    def _on_add(self) -> None:
        if not self._is_adding:
            self._is_adding = True
            self.add.setEnabled(False)
            self.tokens.interpretText()
            self._run(self._add(self.tokens.value()), "top up")

    async def _add(self, tokens: int) -> None:
        try:
            await self.model.top_up(tokens)
        finally:
            self._is_adding = False
            self._show_model()
        self.notices.show_notice(
            tr_n("{shown} token added.", "{shown} tokens added.", tokens, shown=f"{tokens:,}"),
            level="ok",
            key=f"added {tokens}",
        )

    def _on_budget_edited(self, period: BudgetPeriod, words: str) -> None:
        self._run(self._set_budget(period, words), "budget")

    async def _set_budget(self, period: BudgetPeriod, words: str) -> None:
        try:
            await self.model.set_budget(period, words)
        except (ValueError, StudioError) as error:
            # a limit that could not be stored must not look like one that holds
            self._show_model()
            if isinstance(error, StudioError):
                raise
            self.budgets[period].show_refused(str(error))

    def _on_activated(self, index: QModelIndex) -> None:
        entry = self.model.entries.entry(index)
        if entry is not None and entry.generation_id is not None:
            self.generation_requested.emit(entry.generation_id)

    def _focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _on_empty_action(self) -> None:
        self.kinds.setCurrentIndex(0)
        self.search.clear()
        self.model.entries.set_kinds(None)
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _export(self) -> None:
        suggested = f"veo-studio-wallet-{date.today().isoformat()}.csv"
        path = await ask_csv(self, tr("Export the entries"), str(Path(documents(), suggested)))
        if path is None:
            return
        count = await self.model.export(path)
        self.notices.show_notice(
            tr_n(
                "{shown} entry written to {name}.",
                "{shown} entries written to {name}.",
                count,
                shown=f"{count:,}",
                name=path.name,
            ),
            level="ok",
            key="exported",
        )

    # showing

    def _show_model(self) -> None:
        balance = self.model.balance
        self.balance.setText("\u2013" if balance is None else f"{balance:,}")
        self.unit.show_words(tr_n("token", "tokens", balance or 0))
        self.balance.setAccessibleName(
            tr_n("Balance: {n} token", "Balance: {n} tokens", balance or 0)
        )
        self.add.setEnabled(self.model.is_open and not self._is_adding)
        self.export.setEnabled(self.model.is_open)
        for period, field in self.budgets.items():
            state = self.model.budgets.get(period)
            field.setEnabled(state is not None)
            if state is not None:
                field.show_state(state)
        self._show_right_page()

    def _show_right_page(self, *_: object) -> None:
        entries = self.model.entries
        is_empty = entries.is_loaded and entries.rowCount() == 0
        if is_empty and entries.is_narrowed:
            self.empty.set_content(tr("No entry matches."), tr("Show all entries"), "search")
        elif is_empty:
            self.empty.set_content(
                tr("Nothing was added or spent yet. Every charge and refund is listed here."),
                None,
                "wallet",
            )
        self._stack.setCurrentWidget(self.empty if is_empty else self.rows)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if event is not None and not event.spontaneous():
            for field in self.budgets.values():
                # what was refused and left behind looks like a limit otherwise
                field.revert()
        self.model.set_watched(True)

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self.model.set_watched(False)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            self._set_fonts()
