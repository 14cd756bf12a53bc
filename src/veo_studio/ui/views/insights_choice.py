"""Of which time and of what: the line over the insights."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date

from PyQt6.QtCore import QDate, QSize, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.insights import Period
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_8
from veo_studio.ui.view_models.insights_series import Name
from veo_studio.ui.views.column_grid import ColumnGrid
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.segments import Option, Segments

OWN = "own"


class InsightsChoice(QWidget):
    """Signals:
    period_chosen(period): one of the named ranges.
    days_chosen(since, until): a range from day to day.
    models_chosen(provider, model): only of these; "" for all.
    """

    period_chosen = pyqtSignal(object)
    days_chosen = pyqtSignal(object, object)
    models_chosen = pyqtSignal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[tuple[str, str], ...] = ()
        self._name_of: Name = lambda provider, model: model or provider
        self.period = Segments()
        self.period.setAccessibleName(tr("Time"))
        self.period.show_options(
            [
                Option(Period.WEEK, tr("7 days")),
                Option(Period.MONTH, tr("30 days")),
                Option(Period.QUARTER, tr("90 days")),
                Option(Period.YEAR, tr("Year")),
                Option(Period.ALL, tr("All")),
                Option(OWN, tr("From\u2026 to")),
            ],
            Period.MONTH,
        )
        self.period.chosen.connect(self._on_period)
        self.since = _day_field(tr("First day"))
        self.until = _day_field(tr("Last day"))
        for field in (self.since, self.until):
            field.dateChanged.connect(self._on_days)
        self.problem = SmallLabel("bad")
        self.services = _choice(tr("Service"))
        self.models = _choice(tr("Model"))
        self.services.activated.connect(self._on_service)
        self.models.activated.connect(self._on_model)
        self._lay_out()
        self.setFocusProxy(self.period)

    def _lay_out(self) -> None:
        own = QHBoxLayout()
        own.setContentsMargins(0, 0, 0, 0)
        own.setSpacing(SPACE_8)
        own.addWidget(self.since)
        own.addWidget(QLabel(tr("to")))
        own.addWidget(self.until)
        own.addStretch(1)
        self._own = QWidget()
        self._own.setLayout(own)
        self._own.hide()
        names = QHBoxLayout()
        names.setContentsMargins(0, 0, 0, 0)
        names.setSpacing(SPACE_8)
        names.addWidget(self.services, 1)
        names.addWidget(self.models, 1)
        filters = QWidget()
        filters.setLayout(names)
        self.grid = ColumnGrid((self.period, filters), 38, spacing_px=SPACE_8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_8)
        layout.addWidget(self.grid)
        layout.addWidget(self._own)
        layout.addWidget(self.problem)

    def show_models(
        self,
        models: Sequence[tuple[str, str]],
        name_of: Name,
        provider: str,
        model: str,
    ) -> None:
        """What there is to choose from, and what is chosen."""
        self._models, self._name_of = tuple(models), name_of
        providers = sorted({one[0] for one in models}, key=lambda one: name_of(one, "").lower())
        _fill(
            self.services,
            [(tr("All services"), ""), *((name_of(one, ""), one) for one in providers)],
            provider,
        )
        offered = [one for one in models if provider in ("", one[0])]
        offered.sort(key=lambda one: name_of(*one).lower())
        entries: list[tuple[str, Hashable]] = [(tr("All models"), ("", ""))]
        entries += [(name_of(*one), one) for one in offered]
        _fill(self.models, entries, next((one for one in offered if one[1] == model), ("", "")))

    def show_problem(self, words: str) -> None:
        self.problem.show_words(words)

    def show_period(self, period: Period | None) -> None:
        value: Hashable = OWN if period is None else period
        for button in self.period.buttons:
            button.setChecked(button.option.value == value)
        self._own.setVisible(period is None)

    def _on_period(self, value: object) -> None:
        self.problem.show_words("")
        self._own.setVisible(value == OWN)
        if isinstance(value, Period):
            self.period_chosen.emit(value)
        else:
            self._on_days()

    def set_days(self, since: date, until: date) -> None:
        """What the two fields say before anybody has typed."""
        for field, day in ((self.since, since), (self.until, until)):
            field.blockSignals(True)
            field.setDate(QDate(day.year, day.month, day.day))
            field.blockSignals(False)

    def _on_days(self, *_: object) -> None:
        if self.period.value == OWN:
            self.days_chosen.emit(self.since.date().toPyDate(), self.until.date().toPyDate())

    def _on_service(self, number: int) -> None:
        self.models_chosen.emit(self.services.itemData(number), "")

    def _on_model(self, number: int) -> None:
        provider, model = self.models.itemData(number)
        self.models_chosen.emit(provider or self.services.currentData() or "", model)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, super().minimumSizeHint().height())


def _day_field(name: str) -> QDateEdit:
    field = QDateEdit()
    field.setAccessibleName(name)
    field.setToolTip(name)
    field.setCalendarPopup(True)
    field.setDisplayFormat("yyyy-MM-dd")
    # a year that is half typed is no range
    field.setKeyboardTracking(False)
    return field


def _choice(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


def _fill(box: QComboBox, entries: Sequence[tuple[str, Hashable]], current: Hashable) -> None:
    known = [(box.itemText(n), box.itemData(n)) for n in range(box.count())]
    if known != list(entries):
        box.clear()
        for words, value in entries:
            box.addItem(words, value)
    values = [value for _words, value in entries]
    box.setCurrentIndex(values.index(current) if current in values else 0)
