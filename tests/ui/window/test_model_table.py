"""The models side by side: what a clip costs at each, how long it takes, and taking one."""

from __future__ import annotations

from PyQt6.QtCore import Qt

from tests.fakes.core import FakeFormServices
from tests.fakes.generations import a_generation
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import GenerationKind, Task, VideoConfig
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.model_table import MODEL_ROLE, Column, ModelTable, rows_for
from veo_studio.ui.views.model_table import ModelTableDialog

CATALOG = Catalog.load()


def words(table: ModelTable, model_id: str, column: Column) -> str:
    for number in range(table.rowCount()):
        if table.row(number).model.id == model_id:
            return str(table.index(number, column).data())
    raise AssertionError(f"{model_id} is not listed")


def locked(provider: str) -> str | None:
    return None if provider in ("rehearsal", "gemini") else "Not connected."


async def test_prices_are_those_of_the_clip_in_the_form(qapp):
    form = FormModel(CATALOG)
    services = FakeFormServices()
    services.taken = {"gemini-omni-1.2-flash": [40.0, 50.0, 600.0]}
    await form.open(services)
    form.set_duration(8)
    form.set_resolution("720p")
    table = form.comparison()
    assert table.rowCount() == len(CATALOG.of_kind(GenerationKind.VIDEO))
    assert words(table, "gemini-omni-1.2-flash", Column.PRICE) == "about $0.56"
    assert words(table, "rehearsal-1", Column.PRICE) == "free"
    assert words(table, "gemini-omni-1.2-flash", Column.TIME) == ""
    await form.learn_times(table)
    assert words(table, "gemini-omni-1.2-flash", Column.TIME) == "50 s"


def test_pictures_are_compared_with_pictures(qapp):
    config = VideoConfig(duration_s=0, resolution="1k")
    table = ModelTable(rows_for(CATALOG, config, locked, GenerationKind.IMAGE))
    assert table.rowCount() == len(CATALOG.of_kind(GenerationKind.IMAGE))
    assert words(table, "rehearsal-picture", Column.PRICE) == "free"
    assert words(table, "rehearsal-picture", Column.SECONDS) == ""
    assert words(table, "rehearsal-picture", Column.SIZES) == "1k, 2k, 4k"


def test_a_model_that_makes_another_clip_is_marked(qapp):
    table = ModelTable(rows_for(CATALOG, VideoConfig(duration_s=15, resolution="4k"), locked))
    index = next(
        table.index(number, Column.PRICE)
        for number in range(table.rowCount())
        if table.row(number).model.id == "gemini-omni-1.1-flash"
    )
    assert index.data().endswith("*")
    assert "15 s \u2192 10 s" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_sorting_searching_and_taking_one(qapp, qtbot):
    dialog = ModelTableDialog(ModelTable(rows_for(CATALOG, VideoConfig(), locked)), "8 s 720p")
    qtbot.addWidget(dialog)
    dialog.show()
    taken, connected = [], []
    dialog.chosen.connect(taken.append)
    dialog.connect_requested.connect(connected.append)
    dialog.table.sortByColumn(Column.PRICE, Qt.SortOrder.AscendingOrder)
    dialog.search.setText("Omni 1.2")
    assert dialog.table.model().rowCount() == 1
    dialog.select("gemini", "gemini-omni-1.2-flash")
    assert "Use" in dialog.use.text()
    dialog.use.click()
    assert [model.id for model in taken] == ["gemini-omni-1.2-flash"]
    assert connected == []


def test_a_locked_one_leads_to_connecting_its_service(qapp, qtbot):
    dialog = ModelTableDialog(
        ModelTable(rows_for(CATALOG, VideoConfig(), lambda p: "No key.")), "8 s 720p"
    )
    qtbot.addWidget(dialog)
    dialog.show()
    connected = []
    dialog.connect_requested.connect(connected.append)
    model = dialog.table.currentIndex().data(MODEL_ROLE)
    assert "Connect" in dialog.use.text()
    dialog.use.click()
    assert connected == [model.provider]


async def test_a_model_that_cannot_do_it_has_no_price_for_it(qapp):
    form = FormModel(CATALOG)
    await form.open(FakeFormServices())
    await form.work_on(a_generation(provider="gemini"), Task.EXTEND)
    table = form.comparison()
    assert words(table, "gemini-omni-1.2-flash", Column.PRICE).startswith("about $")
    assert words(table, "gen4.5", Column.PRICE) == "not for this"
    form.clear_prompt()
    assert words(form.comparison(), "gen4_turbo", Column.PRICE) == "not for this"
