"""The rows of a batch as a table: what they say, what is wrong with them, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, pyqtSignal

from veo_studio.core.batch import edited
from veo_studio.core.batch_file import FileRow
from veo_studio.core.batch_rows import CheckedRow
from veo_studio.core.models import ACTIVE_STATES, Generation, GenerationState
from veo_studio.core.plain import masked
from veo_studio.ui.delegates.state_shapes import STATE_LOOKS
from veo_studio.ui.text import money_words, state_words, tr, tr_n

# (icon, colour token) in front of the words, None where there is none
LOOK_ROLE = int(Qt.ItemDataRole.UserRole) + 1
# what is wrong with this cell, in a sentence
PROBLEM_ROLE = LOOK_ROLE + 1
ROW, STATE, PRICE, PROMPT = 0, 1, 2, 3
_FLUSH_MS = 100
_S = GenerationState
# of several takes the one that needs the user most stands for all
_ORDER = (_S.UNKNOWN, _S.HELD, _S.FAILED, _S.DOWNLOADING, _S.PROCESSING, _S.SUBMITTING, _S.PENDING,
          _S.CANCELLED, _S.COMPLETED)  # fmt: skip
_HEADINGS = {
    "prompt": "Prompt", "model": "Model", "provider": "Service", "kind": "Kind",
    "aspect_ratio": "Aspect", "duration": "Seconds", "resolution": "Resolution",
    "negative_prompt": "Negative prompt", "seed": "Seed", "enable_audio": "Sound",
    "samples": "Samples", "takes": "Takes", "first_frame": "First frame",
    "last_frame": "Last frame", "references": "References", "output_dir": "Folder",
}  # fmt: skip

Check = Callable[[FileRow], CheckedRow]


class BatchTable(QAbstractTableModel):
    """Columns: row, state, price, prompt, the other columns of the file, what is made.

    Signals:
        rows_changed(): the user left rows out or wrote other words into one.
    """

    rows_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[CheckedRow] = []
        self._columns: tuple[str, ...] = ("prompt",)
        self._check: Check | None = None
        self._made: dict[int, list[Generation]] = {}
        self._percents: dict[int, int] = {}
        self._places: dict[int, int] = {}
        self._dirty: set[int] = set()
        self.is_editable = True
        self._flush = QTimer(self)
        self._flush.setSingleShot(True)
        self._flush.setInterval(_FLUSH_MS)
        self._flush.timeout.connect(self._on_flush)

    # what it holds

    @property
    def rows(self) -> Sequence[CheckedRow]:
        return self._rows

    def show_rows(
        self, rows: Sequence[CheckedRow], columns: Sequence[str], check: Check | None
    ) -> None:
        """Other rows; `columns` are those of the file, `check` looks at an edited row."""
        self.beginResetModel()
        self._rows = list(rows)
        self._columns = ("prompt", *(column for column in columns if column != "prompt"))
        self._check = check
        self._count_places()
        self.endResetModel()

    def show_made(self, made: dict[int, list[Generation]]) -> None:
        """What was made of the rows, by their numbers."""
        self._made = made
        self._percents.clear()
        if self._rows:
            self.dataChanged.emit(self.index(0, STATE), self.index(len(self._rows) - 1, STATE))

    def put(self, row_number: int, generation: Generation, percent: int | None) -> None:
        """One generation of a row as it is now; shown with the next flush."""
        made = self._made.get(row_number, [])
        for place, before in enumerate(made):
            if before.id == generation.id:
                made[place] = generation
        if percent is not None:
            self._percents[generation.id] = percent
        if (place_ := self._places.get(row_number)) is not None:
            self._dirty.add(place_)
            if not self._flush.isActive():
                self._flush.start()

    def _on_flush(self) -> None:
        """One signal for all that moved; the view asks only for what it shows."""
        if dirty := [place for place in self._dirty if place < len(self._rows)]:
            self.dataChanged.emit(self.index(min(dirty), STATE), self.index(max(dirty), STATE))
        self._dirty.clear()

    def remove(self, places: Collection[int]) -> None:
        """Leave these rows out."""
        gone = set(places)
        self.beginResetModel()
        self._rows = [row for place, row in enumerate(self._rows) if place not in gone]
        self._count_places()
        self.endResetModel()
        self.rows_changed.emit()

    def next_problem(self, after: int) -> int | None:
        """The place of the next row with a mistake, from the top again after the last one."""
        count = len(self._rows)
        for step in range(1, count + 1):
            place = (after + step) % count
            if self._rows[place].problems:
                return place
        return None

    def column_of(self, name: str) -> int:
        """Where a column of the file stands; the state where it is none."""
        return PROMPT + self._columns.index(name) if name in self._columns else STATE

    def _count_places(self) -> None:
        self._places = {row.number: place for place, row in enumerate(self._rows)}

    def _name(self, column: int) -> str | None:
        """The file's own name of a column."""
        number = column - PROMPT
        return self._columns[number] if 0 <= number < len(self._columns) else None

    # what a view asks

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else PROMPT + len(self._columns) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if (name := self._name(section)) is not None:
            return tr(_HEADINGS[name])
        own = {ROW: tr("Row"), STATE: tr("State"), PRICE: tr("Price")}
        return own.get(section, tr("Clip"))

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if self.is_editable and self._check is not None and self._name(index.column()) is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(self._words(row, column).split())
        if role == Qt.ItemDataRole.EditRole:
            return row.cells.get(self._name(column) or "", "")
        if role == LOOK_ROLE:
            return self._look(row) if column == STATE else None
        if role == PROBLEM_ROLE:
            return self._problem(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._problem(row, column) or self._words(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            heading = self.headerData(column, Qt.Orientation.Horizontal)
            return f"{heading}: {self._problem(row, column) or self._words(row, column)}"
        return None

    def setData(
        self, index: QModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        name = self._name(index.column())
        if role != Qt.ItemDataRole.EditRole or name is None or self._check is None:
            return False
        before = self._rows[index.row()]
        words = str(value).strip()
        if words == before.cells.get(name, ""):
            return False
        self._rows[index.row()] = self._check(edited(before, name, words))
        self.dataChanged.emit(
            self.index(index.row(), 0), self.index(index.row(), self.columnCount() - 1)
        )
        self.rows_changed.emit()
        return True

    def _words(self, row: CheckedRow, column: int) -> str:
        if (name := self._name(column)) is not None:
            return row.cells.get(name, "")
        if column == ROW:
            return f"{row.number:,}"
        if column == STATE:
            return self._state_words(row)
        if row.problems:
            return ""
        return price_words(row) if column == PRICE else clip_words(row)

    def _problem(self, row: CheckedRow, column: int) -> str:
        made = self._made.get(row.number)
        if column == STATE and made:
            return "\n".join(masked(one.error) for one in made if one.error)
        if column == STATE:
            return "\n".join(problem.sentence for problem in row.problems)
        name = self._name(column)
        return row.problem_of(name) if name is not None else ""

    def _look(self, row: CheckedRow) -> tuple[str, str]:
        made = self._made.get(row.number)
        if made:
            shape, token = STATE_LOOKS[_worst(made)]
            return ("clock" if shape == "ring" else shape), token
        return ("warning", "bad") if row.problems else ("check", "dim")

    def _state_words(self, row: CheckedRow) -> str:
        made = self._made.get(row.number)
        if not made:
            return row.problems[0].sentence if row.problems else tr("Fits")
        worst = _worst(made)
        if len(made) > 1:
            ready = sum(one.state is _S.COMPLETED for one in made)
            words = tr("{ready} of {all} ready", ready=ready, all=len(made))
            return words if worst is _S.COMPLETED else f"{words}, {state_words(worst)}"
        percent = self._percents.get(made[0].id)
        words = state_words(worst)
        if worst in ACTIVE_STATES - {_S.PENDING} and percent:
            return tr("{state} {percent} %", state=words, percent=percent)
        return f"{words}: {masked(made[0].error)}" if made[0].error else words


def _worst(made: Sequence[Generation]) -> GenerationState:
    states = {one.state for one in made}
    return next(state for state in _ORDER if state in states)


def clip_words(row: CheckedRow) -> str:
    """What one row makes: `Rehearsal · 8 s 720p 16:9 × 2`."""
    assert row.model is not None
    config = row.config
    length = tr("{n} s ", n=config.duration_s) if config.duration_s else ""
    words = f"{row.model.name} · {length}{config.resolution} {config.aspect_ratio}"
    clips = row.count * config.samples
    return tr("{clip} × {n}", clip=words, n=clips) if clips > 1 else words


def price_words(row: CheckedRow) -> str:
    if row.cost_usd is None:
        return tr("not known")
    if not row.tokens and not row.cost_usd:
        return tr("free")
    tokens = tr_n("{n} token", "{n} tokens", row.tokens)
    return tr("{tokens} · {cost}", tokens=tokens, cost=money_words(row.cost_usd))
