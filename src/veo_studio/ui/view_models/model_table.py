"""Every model side by side, with what a clip or picture as the form has it would cost at each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from veo_studio.core.capabilities import AudioSupport, Capabilities, ModelInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import GenerationKind, InputMode, VideoConfig
from veo_studio.core.retry import quantile
from veo_studio.ui.text import tr

SORT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
MODEL_ROLE = SORT_ROLE + 1
LOCKED_ROLE = SORT_ROLE + 2

# seconds that completed clips of a model took, by provider and model
SecondsTaken = Callable[[str, str], Awaitable[list[float]]]


class Column(IntEnum):
    MODEL = 0
    PRICE = 1
    TIME = 2
    SECONDS = 3
    ASPECTS = 4
    SIZES = 5
    SOUND = 6
    MADE_FROM = 7


_HEADINGS = {
    Column.MODEL: "Model",
    Column.PRICE: "This clip",
    Column.TIME: "Usually takes",
    Column.SECONDS: "Seconds",
    Column.ASPECTS: "Aspect",
    Column.SIZES: "Resolution",
    Column.SOUND: "Sound",
    Column.MADE_FROM: "Made from",
}


@dataclass(frozen=True)
class Row:
    """One model; `config` is what the form asks for as this model takes it, `changes` what differs."""

    model: ModelInfo
    provider_name: str
    locked: str | None
    config: VideoConfig
    changes: tuple[str, ...]
    # None where no price is known
    cost_usd: Decimal | None
    # False where the model takes nothing like what the clip is made from
    is_able: bool = True
    typical_s: float | None = None


class ModelTable(QAbstractTableModel):
    """Made for one look: the form does not change while the table is open."""

    def __init__(self, rows: Sequence[Row], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = list(rows)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(_HEADINGS[Column(section)])
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_words(row, column)
        if role == SORT_ROLE:
            return _sort_key(row, column)
        if role == MODEL_ROLE:
            return row.model
        if role == LOCKED_ROLE:
            return row.locked
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tool_tip(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{tr(_HEADINGS[column])}: {cell_words(row, column)}"
        return None

    def row(self, number: int) -> Row:
        return self._rows[number]

    async def learn_times(self, seconds_taken: SecondsTaken) -> None:
        """Fill in how long each usually takes, from this library's own clips."""
        for number, row in enumerate(self._rows):
            taken = await seconds_taken(row.model.provider, row.model.id)
            if (typical_s := quantile(taken, 0.5)) is None:
                continue
            self._rows[number] = Row(**{**row.__dict__, "typical_s": typical_s})
            index = self.index(number, Column.TIME)
            self.dataChanged.emit(index, index)


def rows_for(
    catalog: Catalog,
    config: VideoConfig,
    locked: Callable[[str], str | None],
    kind: GenerationKind = GenerationKind.VIDEO,
) -> list[Row]:
    """One per model that makes this, in the catalogue's order."""
    found = []
    for model in catalog.of_kind(kind):
        fitted, changes = catalog.fit(model, config)
        found.append(
            Row(
                model,
                catalog.providers[model.provider].name,
                locked(model.provider),
                fitted,
                tuple(changes),
                model.estimate(fitted),
                is_able=config.mode in model.capabilities.modes,
            )
        )
    return found


def cell_words(row: Row, column: Column) -> str:
    able = row.model.capabilities
    words: Mapping[Column, Callable[[], str]] = {
        Column.MODEL: lambda: tr("{model} · {provider}", model=row.model.name,
                                 provider=row.provider_name),
        Column.PRICE: lambda: price_words(row),
        Column.TIME: lambda: "" if row.typical_s is None else time_words(row.typical_s),
        Column.SECONDS: lambda: seconds_words(able.durations_s),
        Column.ASPECTS: lambda: ", ".join(able.aspect_ratios),
        Column.SIZES: lambda: ", ".join(able.resolutions),
        Column.SOUND: lambda: sound_words(able),
        Column.MADE_FROM: lambda: made_from_words(able),
    }  # fmt: skip
    return words[column]()


def price_words(row: Row) -> str:
    if not row.is_able:
        return tr("not for this")
    if row.cost_usd is None:
        return tr("not known")
    if not row.cost_usd:
        return tr("free")
    words = tr("about ${cost}", cost=f"{row.cost_usd:.2f}")
    # a price of something else than what was asked for is marked; the tool tip says what differs
    return f"{words} *" if row.changes else words


def time_words(seconds: float) -> str:
    if seconds < 90:
        return tr("{n} s", n=round(seconds))
    return tr("{n} min", n=round(seconds / 60))


def seconds_words(stops: Sequence[int]) -> str:
    if not stops:
        return ""
    if len(stops) > 2 and tuple(stops) == tuple(range(stops[0], stops[-1] + 1)):
        return f"{stops[0]}\u2013{stops[-1]}"
    return ", ".join(str(stop) for stop in stops)


def sound_words(able: Capabilities) -> str:
    return {
        AudioSupport.ALWAYS: tr("always"),
        AudioSupport.NEVER: tr("none"),
        AudioSupport.SWITCHABLE: tr("on or off"),
    }[able.audio]


def made_from_words(able: Capabilities) -> str:
    modes = able.modes
    found = []
    if InputMode.TEXT in modes:
        found.append(tr("words"))
    if InputMode.FIRST_FRAME in modes:
        found.append(tr("first frame"))
    if InputMode.FRAMES in modes:
        found.append(tr("last frame"))
    if InputMode.REFERENCES in modes:
        found.append(tr("{n} references", n=able.max_images(InputMode.REFERENCES)))
    if InputMode.EDIT in modes:
        found.append(tr("a clip to change"))
    if InputMode.EXTEND in modes:
        found.append(tr("a clip to extend"))
    if InputMode.UPSCALE in modes:
        found.append(tr("a clip to sharpen"))
    return ", ".join(found)


def _sort_key(row: Row, column: Column) -> object:
    """Numbers by size; what is not known comes last."""
    if column is Column.PRICE:
        is_last = row.cost_usd is None or not row.is_able
        return float("inf") if is_last else float(row.cost_usd or 0)
    if column is Column.TIME:
        return float("inf") if row.typical_s is None else row.typical_s
    if column is Column.SECONDS:
        return max(row.model.capabilities.durations_s, default=0)
    return cell_words(row, column).lower()


def _tool_tip(row: Row, column: Column) -> str:
    if row.locked is not None and column is Column.MODEL:
        return row.locked
    if column is Column.PRICE and not row.is_able:
        able = made_from_words(row.model.capabilities)
        return tr("It is made from {able}, not from what the form has.", able=able)
    if column is Column.PRICE:
        lines = []
        if row.changes:
            lines.append(tr("Not quite this clip: {changes}", changes=", ".join(row.changes)))
        if row.model.price_source:
            of = f" ({row.model.price_date.isoformat()})" if row.model.price_date else ""
            lines.append(tr("Price: {source}{of}", source=row.model.price_source, of=of))
        return "\n".join(lines)
    return row.model.note if column is Column.MODEL else cell_words(row, column)
