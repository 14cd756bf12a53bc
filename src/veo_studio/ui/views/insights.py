"""The Insights tab: what came of the work, in what time and for how much."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PyQt6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from veo_studio.core import insight_tables
from veo_studio.core.insights import Figures, Insights, Period
from veo_studio.ui import theme
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import money_words, seconds_words, tr, tr_n
from veo_studio.ui.theme import SPACE_12, SPACE_16
from veo_studio.ui.view_models import insights_series as series
from veo_studio.ui.view_models.insights_model import InsightsModel
from veo_studio.ui.view_models.insights_series import Step, Unit
from veo_studio.ui.view_models.insights_words import long_seconds, percent
from veo_studio.ui.views.column_grid import ColumnGrid
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.insights_choice import InsightsChoice
from veo_studio.ui.views.insights_parts import Card, Tile
from veo_studio.ui.views.segments import Option

_TILE_EM = 15
_CARD_EM = 40
_OWN_DAYS = 30


class _Ground(QWidget):
    """What the tiles and cards lie on."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.tokens().color("window"))
        painter.end()


class InsightsView(QWidget):
    """Shows an `InsightsModel`; until `add_charts` the cards have their tables.

    Signals:
        export_requested(table): this `Table` should become a file.
        write_requested(): the user wants to write the first prompt.
    """

    export_requested = pyqtSignal(object)
    write_requested = pyqtSignal()

    def __init__(self, model: InsightsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("insights")
        self.model = model
        self.choice = InsightsChoice()
        self.tiles = {
            name: Tile(name, title)
            for name, title in (
                ("success", tr("Success")),
                ("time", tr("Time from submit to file")),
                ("money", tr("Spent")),
                ("made", tr("Video made")),
                ("kept", tr("Kept")),
            )
        }
        self.cards = _cards()
        self.empty = EmptyState("list")
        self.notices = NoticeBar(self)
        self._lay_out()
        self._bind()
        self.setFocusProxy(self.choice)
        self._show()

    # building

    def _lay_out(self) -> None:
        self._tile_grid = ColumnGrid(
            list(self.tiles.values()), _TILE_EM, spacing_px=SPACE_12, most=5
        )
        self._card_grid = ColumnGrid(
            list(self.cards.values()), _CARD_EM, spacing_px=SPACE_12, most=3
        )
        figures = QVBoxLayout()
        figures.setContentsMargins(0, 0, 0, 0)
        figures.setSpacing(SPACE_12)
        figures.addWidget(self._tile_grid)
        figures.addWidget(self._card_grid, 1)
        shown = QWidget()
        shown.setLayout(figures)
        self._stack = QStackedWidget()
        self._figures = shown
        self._stack.addWidget(shown)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout()
        column.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_16)
        column.setSpacing(SPACE_12)
        column.addWidget(self.choice)
        column.addWidget(self._stack, 1)
        ground = _Ground()
        ground.setLayout(column)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(ground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)

    def _bind(self) -> None:
        self.model.changed.connect(self._show)
        self.choice.period_chosen.connect(self.model.choose_period)
        self.choice.days_chosen.connect(self._on_days)
        self.choice.models_chosen.connect(self.model.choose)
        self.empty.action_requested.connect(self._on_empty_action)
        for name, card in self.cards.items():
            card.export_requested.connect(self.export_requested)
            card.chosen.connect(lambda _value, name=name: self._show_card(name))

    def add_charts(self, make: Callable[..., QWidget]) -> None:
        """`make(is_lying=...)` makes one; their library is there now."""
        for card in self.cards.values():
            if card.chart is None:
                card.add_chart(make)

    # what the user does

    def _on_days(self, since: date, until: date) -> None:
        try:
            self.model.choose_days(since, until)
        except ValueError as error:
            self.choice.show_problem(str(error))
        else:
            self.choice.show_problem("")

    def _on_empty_action(self) -> None:
        found = self.model.found
        if found is not None and not found.models:
            self.write_requested.emit()
            return
        self.model.choose("")
        self.model.choose_period(Period.ALL)

    # showing

    def name_of(self, provider: str, model: str) -> str:
        """A model with the name that people know it by; of a provider where no model is named."""
        names = self.model
        service = names.provider_names.get(provider, provider)
        if not model:
            return service
        name = names.model_names.get(model, model)
        found = names.found
        offered = [] if found is None else [one for one in found.models if one[0] != provider]
        is_elsewhere = any(names.model_names.get(other, other) == name for _, other in offered)
        return f"{name} \u00b7 {service}" if is_elsewhere else name

    def _show(self) -> None:
        found, model = self.model.found, self.model
        if model.period is not None:
            today = model.today()
            self.choice.set_days(today - timedelta(days=_OWN_DAYS - 1), today)
        self.choice.show_period(model.period)
        if found is None:
            return
        self.choice.show_models(found.models, self.name_of, model.provider, model.model)
        if found.is_empty:
            self._show_empty(found)
            return
        self._stack.setCurrentWidget(self._figures)
        self._show_tiles(found)
        for name in self.cards:
            self._show_card(name)

    def _show_empty(self, found: Insights) -> None:
        if found.models:
            self.empty.set_content(
                tr("Nothing ended and nothing was spent in this time."), tr("Show everything")
            )
        else:
            self.empty.set_content(
                tr("No figures yet. Make a clip, and its time and price are here."),
                tr("Write a prompt"),
            )
        self._stack.setCurrentWidget(self.empty)

    def _show_tiles(self, found: Insights) -> None:
        total = found.total
        self.tiles["success"].show_figure(percent(total.success), _success_note(total))
        taken = found.time_of(*_asked(self.model))
        self.tiles["time"].show_figure(
            "\u2013" if taken is None else long_seconds(taken.median_s),
            ""
            if taken is None
            else tr("half within; 90 % within {time}", time=long_seconds(taken.p90_s)),
        )
        self.tiles["money"].show_figure(money_words(total.cost_usd), _money_note(total))
        ready = f"{total.completed:,}"
        self.tiles["made"].show_figure(
            seconds_words(total.video_s),
            tr_n(
                "{shown} clip or picture",
                "{shown} clips and pictures",
                total.completed,
                shown=ready,
            ),
        )
        self.tiles["kept"].show_figure(
            tr("{n} of {all}", n=f"{total.kept:,}", all=ready), _kept_note(total)
        )

    def _show_card(self, name: str) -> None:
        found = self.model.found
        if found is None or found.is_empty:
            return
        card, step = self.cards[name], series.step_of(found)
        note = ""
        if name == "outcomes":
            is_video = card.choice.value is Unit.SECONDS
            title = _per(tr("Video made"), step) if is_video else _per(tr("What ended"), step)
            chart = series.video_by_day(found) if is_video else series.outcomes_by_day(found)
            table = insight_tables.days(found)
        elif name == "money":
            is_money = card.choice.value is Unit.DOLLARS
            title = _per(tr("Money"), step) if is_money else _per(tr("Tokens"), step)
            by_day = series.money_by_day if is_money else series.tokens_by_day
            chart, table = by_day(found, self.name_of), insight_tables.money(found)
            note = _estimate_note(found.total) if is_money else ""
        elif name == "times":
            title = tr("Time by model")
            chart, table = series.times_by_model(found, self.name_of), insight_tables.times(found)
        elif name == "failures":
            title = tr("Failures by reason")
            chart, table = series.failures_by_kind(found), insight_tables.failures(found)
        elif name == "models":
            title = tr("Success by model")
            chart = series.outcomes_by_model(found, self.name_of)
            table = insight_tables.models(found)
        else:
            title = tr("Kept and rejected by model")
            chart, table = series.kept_by_model(found, self.name_of), insight_tables.kept(found)
        card.show_content(title, chart, table, self.name_of, note)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if event is not None and not event.spontaneous():
            self.model.set_watched(True)

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if event is not None and not event.spontaneous():
            self.model.set_watched(False)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 240)


def _cards() -> dict[str, Card]:
    count = Option(Unit.COUNT, tr("Number"))
    return {
        "outcomes": Card(
            "outcomes", is_lying=False, choices=(count, Option(Unit.SECONDS, tr("Video")))
        ),
        "money": Card(
            "money",
            is_lying=False,
            choices=(Option(Unit.DOLLARS, tr("Dollars")), Option(Unit.TOKENS, tr("Tokens"))),
        ),
        "times": Card("times", is_lying=True),
        "failures": Card("failures", is_lying=True),
        "models": Card("models", is_lying=True),
        "kept": Card("kept", is_lying=True),
    }


def _asked(model: InsightsModel) -> tuple[str, str]:
    """Whose time the tile says: of a model that is named without its service, the service is found."""
    if not model.model or model.provider or model.found is None:
        return model.provider, model.model
    owners = [one[0] for one in model.found.models if one[1] == model.model]
    return owners[0] if owners else "", model.model


def _per(what: str, step: Step) -> str:
    each = {Step.DAY: tr("per day"), Step.WEEK: tr("per week"), Step.MONTH: tr("per month")}[step]
    return tr("{what} {each}", what=what, each=each)


def _success_note(total: Figures) -> str:
    words = tr(
        "{ready} of {ended}; {failed} failed, {refused} refused",
        ready=f"{total.completed:,}",
        ended=f"{total.ended:,}",
        failed=f"{total.failed:,}",
        refused=f"{total.refused:,}",
    )
    if not total.cancelled:
        return words
    return tr("{words}. {n} cancelled are not counted.", words=words, n=f"{total.cancelled:,}")


def _money_note(total: Figures) -> str:
    tokens = tr_n("{shown} token", "{shown} tokens", total.tokens, shown=f"{total.tokens:,}")
    if not total.estimated_micros:
        return tokens
    if total.estimated_micros == total.cost_micros:
        return tr("{tokens}; all of it estimated", tokens=tokens)
    return tr(
        "{tokens}; {cost} of it estimated", tokens=tokens, cost=money_words(total.estimated_usd)
    )


def _kept_note(total: Figures) -> str:
    rejected = tr("{n} rejected or deleted", n=f"{total.rejected:,}")
    cost = total.cost_per_kept_usd
    if cost is None:
        return tr("{rejected}. Favourites are kept.", rejected=rejected)
    return tr("{cost} for each kept; {rejected}", cost=money_words(cost), rejected=rejected)


def _estimate_note(total: Figures) -> str:
    if not total.estimated_micros:
        return ""
    if total.estimated_micros == total.cost_micros:
        return tr("All of this is estimated from the price list; no service reported a cost.")
    return tr(
        "{cost} of this is estimated from the price list; services reported the rest.",
        cost=money_words(total.estimated_usd),
    )
