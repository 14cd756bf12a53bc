"""The entries of the wallet as a table: newest first, read page by page.

Entries are append-only, so what is loaded never changes; only newer ones come on top.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, Protocol

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, pyqtSignal

from veo_studio.core.models import WalletEntry
from veo_studio.core.plain import masked
from veo_studio.core.statement import OPENING_GRANT, StatementLine
from veo_studio.ui import theme
from veo_studio.ui.text import money_words, plain_tool_tip, tr

EntryRole = Qt.ItemDataRole.UserRole + 1

PAGE = 200
_SEARCH_DELAY_MS = 120

Spawn = Callable[..., object]


class Column(IntEnum):
    WHEN = 0
    WHAT = 1
    TOKENS = 2
    MONEY = 3
    BALANCE = 4


# what the filter offers, each with the kinds that it stands for; None for all of them
FILTERS: tuple[tuple[str, tuple[str, ...] | None], ...] = (
    ("All entries", None),
    ("Added", ("grant",)),
    ("Charges", ("charge", "again")),
    ("Refunds", ("refund",)),
    ("Corrections", ("correction",)),
)


class EntryPages(Protocol):
    """What the table needs of the wallet."""

    async def statement(
        self,
        limit: int = 100,
        *,
        before_id: int | None = None,
        kinds: Collection[str] | None = None,
        search: str = "",
    ) -> list[StatementLine]: ...


class EntriesModel(QAbstractTableModel):
    """All entries that match filter and search.

    Signals:
        loaded(): the first page of what was asked for is in place.
    """

    loaded = pyqtSignal()

    def __init__(self, spawn: Spawn, parent: QObject | None = None) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self._pages: EntryPages | None = None
        self._spawn = spawn
        self._rows: list[StatementLine] = []
        self._kinds: tuple[str, ...] | None = None
        self._search = ""
        self._epoch = 0
        self._is_reading = False
        self._has_more = False
        self._is_loaded = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SEARCH_DELAY_MS)
        self._timer.timeout.connect(self.load)

    def open(self, pages: EntryPages) -> None:
        """The core is there; `load` starts reading."""
        self._pages = pages

    # what views ask

    @property
    def is_loaded(self) -> bool:
        """True once a first page was read, so that "empty" can be believed."""
        return self._is_loaded

    @property
    def is_narrowed(self) -> bool:
        """True while filter or search leave something out."""
        return self._kinds is not None or bool(self._search)

    def entry(self, index: QModelIndex) -> WalletEntry | None:
        line = self._line(index)
        return None if line is None else line.entry

    def _line(self, index: QModelIndex) -> StatementLine | None:
        is_ours = index.isValid() and index.row() < len(self._rows)
        return self._rows[index.row()] if is_ours else None

    def set_kinds(self, kinds: tuple[str, ...] | None) -> None:
        if kinds != self._kinds:
            self._kinds = kinds
            self.load()

    def set_search(self, words: str) -> None:
        """Show only entries whose cause or prompt holds `words`, once the typing rests."""
        words = words.strip()
        if words != self._search:
            self._search = words
            self._timer.start()

    # reading

    def load(self) -> None:
        """Read the first page anew; what is shown stays until the new rows are there."""
        self._timer.stop()
        self._epoch += 1
        if self._pages is not None:
            self._is_reading = True
            self._spawn(self._load_first(self._epoch), name="wallet: first page")

    def refresh(self) -> None:
        """Put what came since on top; nothing that is looked at moves."""
        if not self._is_loaded:
            self.load()
        elif self._pages is not None and not self._timer.isActive():
            self._spawn(self._load_newer(self._epoch), name="wallet: newer entries")

    async def _load_first(self, epoch: int) -> None:
        try:
            page = await self._page(None)
            if epoch == self._epoch:
                self._show(page)
        finally:
            if epoch == self._epoch:
                self._is_reading = False

    async def _load_newer(self, epoch: int) -> None:
        page = await self._page(None)
        if epoch != self._epoch:
            return
        newest = self._rows[0].entry.id if self._rows else 0
        fresh = [line for line in page if line.entry.id > newest]
        if len(fresh) == PAGE or not self._rows:
            # more came than one page: there would be a gap
            self._epoch += 1
            self._is_reading = False
            self._show(page)
        elif fresh:
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
            self._rows[:0] = fresh
            self.endInsertRows()

    async def _load_more(self, epoch: int, before_id: int) -> None:
        try:
            page = await self._page(before_id)
            if epoch != self._epoch:
                return
            self._has_more = len(page) == PAGE
            if page:
                start = len(self._rows)
                self.beginInsertRows(QModelIndex(), start, start + len(page) - 1)
                self._rows.extend(page)
                self.endInsertRows()
        except BaseException:
            # a view asks again at every paint: a broken disk would be asked for ever
            self._has_more = False
            raise
        finally:
            if epoch == self._epoch:
                self._is_reading = False

    async def _page(self, before_id: int | None) -> list[StatementLine]:
        assert self._pages is not None
        return await self._pages.statement(
            PAGE, before_id=before_id, kinds=self._kinds, search=self._search
        )

    def _show(self, page: list[StatementLine]) -> None:
        self.beginResetModel()
        self._rows = page
        self._has_more = len(page) == PAGE
        self._is_loaded = True
        self.endResetModel()
        self.loaded.emit()

    # Qt's side

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def canFetchMore(self, parent: QModelIndex) -> bool:
        return not parent.isValid() and self._has_more and not self._is_reading

    def fetchMore(self, parent: QModelIndex) -> None:
        if self.canFetchMore(parent):
            self._is_reading = True
            self._spawn(
                self._load_more(self._epoch, self._rows[-1].entry.id), name="wallet: older entries"
            )

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("When"), tr("What"), tr("Tokens"), tr("Money"), tr("Balance after"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self._line(index)
        if line is None:
            return None
        entry = line.entry
        column = Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_words(line, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ForegroundRole:
                is_quiet = column in (Column.WHEN, Column.BALANCE)
                return theme.tokens().color("dim") if is_quiet else None
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tool_tip(_tool_tip(line))
            case Qt.ItemDataRole.AccessibleTextRole:
                header = self.headerData(column, Qt.Orientation.Horizontal)
                return f"{header}: {cell_words(line, column)}"
        return entry if role == EntryRole else None


def cell_words(line: StatementLine, column: Column) -> str:
    """What stands in a cell."""
    entry = line.entry
    return {
        Column.WHEN: moment_words(entry.at),
        Column.WHAT: what_words(line),
        Column.TOKENS: _signed(entry.tokens),
        Column.MONEY: _signed_money(entry.cost_usd),
        Column.BALANCE: f"{entry.balance_after:,}",
    }[column]


def what_words(line: StatementLine) -> str:
    """Kind, clip, cause and prompt in one line; the cause may quote a provider, so it is masked."""
    prompt = " ".join(masked(line.prompt).split())
    return " \u00b7 ".join(part for part in (_entry_words(line.entry), prompt) if part)


def _entry_words(entry: WalletEntry) -> str:
    if entry.kind == "grant" and entry.cause == OPENING_GRANT:
        return tr("Tokens to start with")
    number = entry.generation_id
    if entry.kind == "charge":
        is_image = entry.cause.startswith("image ")
        return (
            tr("Image {number}", number=number) if is_image else tr("Clip {number}", number=number)
        )
    kind = {
        "grant": tr("Added"),
        "refund": tr("Refund for clip {number}", number=number),
        "again": tr("Clip {number} sent again", number=number),
        "correction": tr("Clip {number} cost more or less than estimated", number=number),
    }.get(entry.kind, entry.kind)
    cause = " ".join(masked(entry.cause).split())
    return f"{kind} \u00b7 {cause}" if cause else kind


def moment_words(at: datetime) -> str:
    """Local day and minute, so that rows can be compared with a bill."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _tool_tip(line: StatementLine) -> str:
    entry = line.entry
    lines = [what_words(line), at_words(entry.at)]
    if entry.cost_usd:
        lines.append(tr("Exactly {money}", money=f"{entry.cost_usd.normalize():f} USD"))
    if entry.generation_id is not None:
        lines.append(tr("Double-click or press Enter to see the clip."))
    return "\n".join(lines)


def at_words(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z").strip()


def _signed(number: int) -> str:
    return f"+{number:,}" if number > 0 else f"{number:,}".replace("-", "\u2212")


def _signed_money(amount_usd: Decimal) -> str:
    if not amount_usd:
        return "\u2013"
    return ("+" if amount_usd > 0 else "") + money_words(amount_usd)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = (
        Qt.AlignmentFlag.AlignLeft
        if column in (Column.WHEN, Column.WHAT)
        else Qt.AlignmentFlag.AlignRight
    )
    return side | Qt.AlignmentFlag.AlignVCenter
