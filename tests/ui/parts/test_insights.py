"""The Insights tab on a real library: figures, charts, tables, and keeping up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PyQt6.QtCore import QDate, QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.fakes.made_library import OMNI, SKETCH, MadeLibrary
from tests.ui.waiting import becomes, emitted
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.insight_tables import Table
from veo_studio.core.insights import Period
from veo_studio.core.models import ErrorKind, GenerationState
from veo_studio.core.store.database import Database
from veo_studio.core.store.insights import InsightsRepository
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.theme import Theme, tokens
from veo_studio.ui.view_models.insights_model import InsightsModel
from veo_studio.ui.views.insights import InsightsView
from veo_studio.ui.views.insights_charts import ChartView

_S = GenerationState
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NAMES = {
    "provider_names": {"gemini": "Google", "rehearsal": "Rehearsal"},
    "model_names": {OMNI[1]: "Omni <b>1.2</b>", SKETCH[1]: "Sketch"},
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[MadeLibrary]:
    database = Database.open(tmp_path / "data" / "veo-studio.db")
    yield MadeLibrary(database)
    database.close()


@pytest.fixture
async def view(
    qapp: QApplication, theme: Theme, library: MadeLibrary, no_task_left: None
) -> AsyncIterator[InsightsView]:
    scope = TaskScope(lambda error: pytest.fail(repr(error)))
    model = InsightsModel(scope.spawn)
    made = InsightsView(model)
    made.add_charts(ChartView)
    made.resize(1280, 900)
    yield made
    await scope.close()
    made.close()
    made.deleteLater()
    model.deleteLater()


def fill(library: MadeLibrary) -> None:
    """Four days of two models."""
    for number in range(4):
        at = NOON - timedelta(days=number)
        library.make(at, took_s=30 + number, cost="0.4")
        library.make(at, took_s=5, of=SKETCH, favourite=number == 0)
    library.make(NOON, _S.FAILED, kind=ErrorKind.CONTENT_FILTERED)
    library.make(NOON, _S.PROCESSING, price="0.25")


async def look(view: InsightsView, library: MadeLibrary) -> None:
    """Show it and wait for its figures."""
    view.show()
    view.model.open(InsightsRepository(library.database, lambda: NOON), **NAMES)
    await settled(view)


async def settled(view: InsightsView) -> None:
    model = view.model
    await becomes(lambda: not model.is_reading_due and model.found is not None, model.changed)


def tile(view: InsightsView, name: str) -> tuple[str, str]:
    shown = view.tiles[name]
    return shown.figure.text(), shown.note.text()


def chart(view: InsightsView, name: str) -> ChartView:
    made = view.cards[name].chart
    assert isinstance(made, ChartView)
    return made


def cells(view: InsightsView, name: str) -> list[list[str]]:
    rows = view.cards[name].rows
    return [
        [rows.index(row, column).data() for column in range(rows.columnCount())]
        for row in range(rows.rowCount())
    ]


async def test_the_tiles_say_what_came_of_it(view: InsightsView, library: MadeLibrary) -> None:
    fill(library)
    await look(view, library)
    assert tile(view, "success") == ("88.9 %", "8 of 9; 0 failed, 1 refused")
    assert tile(view, "time") == ("5 s", "half within; 90 % within 33 s")
    assert tile(view, "money") == ("$1.85", "50 tokens; $0.25 of it estimated")
    assert tile(view, "made") == ("1 min 4 s", "8 clips and pictures")
    assert tile(view, "kept") == ("1 of 8", "$1.85 for each kept; 0 rejected or deleted")
    assert view.tiles["money"].accessibleName() == "Spent: $1.85. 50 tokens; $0.25 of it estimated"


async def test_the_mouse_reads_exact_values_out(view: InsightsView, library: MadeLibrary) -> None:
    fill(library)
    await look(view, library)
    money = chart(view, "money")
    there = money.mapFromScene(money.plotItem.vb.mapViewToScene(QPointF(29, 0.1)))
    QTest.mouseMove(money.viewport(), there)
    assert money.number_at(QPointF(there)) == 29
    money.read_out(money.number_at(QPointF(there)))
    assert money.readout.isVisible()
    assert money.readout.text() == ("Sat, 21 Nov 2026\nOmni <b>1.2</b>: $0.65\nEstimated: $0.25")
    assert money.readout.textFormat() is Qt.TextFormat.PlainText
    assert money.number_at(QPointF(1, 1)) is None


async def test_the_keyboard_reads_the_same(view: InsightsView, library: MadeLibrary) -> None:
    fill(library)
    await look(view, library)
    lying = chart(view, "times")
    QTest.keyClick(lying, Qt.Key.Key_Down)
    assert (
        lying.readout.text() == "Omni <b>1.2</b>\n90 % within: 33 s\nHalf within: 31 s\n4 samples"
    )
    assert lying.accessibleDescription() == lying.readout.text()
    QTest.keyClick(lying, Qt.Key.Key_Down)
    assert lying.readout.text().startswith("Sketch\n")
    QTest.keyClick(lying, Qt.Key.Key_Down)
    assert lying.current == 1
    QTest.keyClick(lying, Qt.Key.Key_Up)
    assert lying.current == 0
    QTest.keyClick(lying, Qt.Key.Key_Escape)
    assert not lying.readout.isVisible()
    upright = chart(view, "outcomes")
    QTest.keyClick(upright, Qt.Key.Key_End)
    assert upright.readout.text() == "Sat, 21 Nov 2026\nReady: 2\nRefused: 1"
    QTest.keyClick(upright, Qt.Key.Key_Left)
    assert upright.readout.text() == "Fri, 20 Nov 2026\nReady: 2"
    QTest.keyClick(upright, Qt.Key.Key_Home)
    assert upright.readout.text() == "Fri, 23 Oct 2026\nNothing"
    QTest.keyClick(upright, Qt.Key.Key_Right)
    assert upright.current == 1


async def test_every_chart_has_its_numbers_as_a_table(
    view: InsightsView, library: MadeLibrary
) -> None:
    fill(library)
    await look(view, library)
    assert cells(view, "times") == [
        ["Google", "Omni <b>1.2</b>", "4", "31 s", "33 s"],
        ["Rehearsal", "Sketch", "4", "5 s", "5 s"],
    ]
    assert cells(view, "failures") == [["Prompt refused", "Google", "Omni <b>1.2</b>", "1"]]
    assert cells(view, "kept")[1] == ["Rehearsal", "Sketch", "4", "1", "0", "3", "$0.00"]
    assert cells(view, "outcomes")[-1][:2] == ["21 Nov 2026", "2"]
    assert len(cells(view, "outcomes")) == 30
    for card in view.cards.values():
        assert card.stack.currentWidget() is card.chart
        card.as_table.click()
        assert card.stack.currentWidget() is card.table
        assert card.table.accessibleName() == card.title.text
        assert card.as_table.accessibleName() == f"{card.title.text}: as a table"
        card.as_table.click()
        assert card.stack.currentWidget() is card.chart


async def test_a_card_gives_its_table_away(view: InsightsView, library: MadeLibrary) -> None:
    fill(library)
    await look(view, library)
    given: list[Table] = []
    view.export_requested.connect(given.append)
    for card in view.cards.values():
        card.export.click()
    assert [table.name for table in given] == [
        "days", "money", "times", "failures", "models", "kept",
    ]  # fmt: skip


async def test_another_measure_of_the_same_days(view: InsightsView, library: MadeLibrary) -> None:
    fill(library)
    await look(view, library)
    money = view.cards["money"]
    assert money.title.text == "Money per day"
    money.choice.buttons[1].click()
    assert money.title.text == "Tokens per day"
    chart(view, "money").read_out(29)
    assert chart(view, "money").readout.text() == "Sat, 21 Nov 2026\nOmni <b>1.2</b>: 20"
    view.cards["outcomes"].choice.buttons[1].click()
    assert view.cards["outcomes"].title.text == "Video made per day"


async def test_the_range_and_the_service_are_chosen(
    view: InsightsView, library: MadeLibrary
) -> None:
    fill(library)
    library.make(NOON - timedelta(days=500))
    await look(view, library)
    choice = view.choice
    for button, period, days in (
        (0, Period.WEEK, 7), (2, Period.QUARTER, 90), (3, Period.YEAR, 365), (4, Period.ALL, 501),
    ):  # fmt: skip
        choice.period.buttons[button].click()
        await settled(view)
        assert view.model.period is period
        assert len(view.model.found.days) == days
    assert view.cards["outcomes"].title.text == "What ended per month"
    choice.services.setCurrentIndex(choice.services.findText("Rehearsal"))
    choice.services.activated.emit(choice.services.currentIndex())
    await settled(view)
    assert tile(view, "success")[0] == "100.0 %"
    assert [choice.models.itemText(n) for n in range(choice.models.count())] == [
        "All models", "Sketch",
    ]  # fmt: skip
    choice.models.setCurrentIndex(1)
    choice.models.activated.emit(1)
    await settled(view)
    assert view.model.model == SKETCH[1]
    assert tile(view, "time")[0] == "5 s"


async def test_a_range_of_ones_own(view: InsightsView, library: MadeLibrary) -> None:
    fill(library)
    await look(view, library)
    choice = view.choice
    assert not choice.since.isVisible()
    choice.period.buttons[5].click()
    await settled(view)
    assert choice.since.isVisible()
    choice.since.setDate(QDate(2026, 11, 18))
    choice.until.setDate(QDate(2026, 11, 19))
    await settled(view)
    assert view.model.found.days == [date(2026, 11, 18), date(2026, 11, 19)]
    assert view.model.found.total.completed == 4
    choice.until.setDate(QDate(2026, 11, 1))
    assert "before it begins" in choice.problem.text()
    assert len(view.model.found.days) == 2
    choice.period.buttons[0].click()
    await settled(view)
    assert choice.problem.text() == ""


async def test_it_keeps_up_while_it_is_shown(view: InsightsView, library: MadeLibrary) -> None:
    fill(library)
    await look(view, library)
    ended = library.make(NOON)
    view.model.on_event(GenerationEvent(EventKind.STATE_CHANGED, ended))
    assert view.model.is_reading_due
    await emitted(view.model.changed)
    assert tile(view, "success")[1].startswith("9 of 10")
    view.hide()
    library.make(NOON)
    view.model.on_event(GenerationEvent(EventKind.STATE_CHANGED, ended))
    assert not view.model.is_reading_due
    view.show()
    await settled(view)
    assert tile(view, "success")[1].startswith("10 of 11")


async def test_an_empty_library_says_what_to_do(view: InsightsView, library: MadeLibrary) -> None:
    await look(view, library)
    assert view.empty.isVisible()
    assert view.empty.text.startswith("No figures yet.")
    asked: list[bool] = []
    view.write_requested.connect(lambda: asked.append(True))
    view.empty.button.click()
    assert asked == [True]


async def test_an_empty_range_offers_everything(view: InsightsView, library: MadeLibrary) -> None:
    library.make(NOON - timedelta(days=200))
    await look(view, library)
    assert view.empty.text == "Nothing ended and nothing was spent in this time."
    view.empty.button.click()
    await settled(view)
    assert not view.empty.isVisible()
    assert tile(view, "made")[1] == "1 clip or picture"


async def test_the_charts_follow_the_theme(
    view: InsightsView, library: MadeLibrary, theme: Theme, qapp: QApplication
) -> None:
    fill(library)
    await look(view, library)
    seen = set()
    for mode in ("light", "dark"):
        theme.apply(qapp, mode)
        ground = chart(view, "money").backgroundBrush().color().name()
        assert ground == tokens().pane
        seen.add(ground)
    assert len(seen) == 2


@pytest.mark.parametrize(("width", "columns"), [(800, 1), (1280, 2), (1920, 3)])
async def test_it_uses_the_room_that_there_is(
    view: InsightsView, library: MadeLibrary, width: int, columns: int
) -> None:
    fill(library)
    view.resize(width, 600)
    await look(view, library)
    grid = view.findChildren(type(view._card_grid))
    assert view._card_grid in grid
    assert view._card_grid.columns == columns
    assert view.area.horizontalScrollBar().maximum() == 0
    # the wheel scrolls the page, not a chart
    bar = view.area.verticalScrollBar()
    if bar.maximum():
        middle = QPointF(20, 20)
        wheel = QWheelEvent(
            middle, chart(view, "outcomes").mapToGlobal(middle), QPoint(0, -240), QPoint(0, -240),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
            False,
        )  # fmt: skip
        QApplication.sendEvent(chart(view, "outcomes").viewport(), wheel)
        assert not wheel.isAccepted() or bar.value() > 0
