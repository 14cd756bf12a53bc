"""The Insights tab and the notifications in the real window, with the real core."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QFileDialog, QLineEdit

from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import Driver
from veo_studio.core.models import Generation
from veo_studio.ui.notifications import Note
from veo_studio.ui.views.insights import InsightsView
from veo_studio.ui.window_pages import INSIGHTS


async def shown(driver: Driver) -> InsightsView:
    """The tab with its figures and charts."""
    driver.window.pages.show(INSIGHTS)
    control = driver.window.library_tools.insights
    view, model = control.view, control.model
    assert view is not None
    await becomes(lambda: model.found is not None and not model.is_reading_due, model.changed)
    await becomes(lambda: view.cards["money"].chart is not None, control.charts_loaded)
    return view


async def made(driver: Driver, prompt: str = "A paper boat") -> Generation:
    count = len(driver.rows)
    driver.choose_text(prompt)
    driver.click(driver.window.form.generate)
    await driver.until_ready(count + 1)
    return driver.rows[0]


async def test_the_tab_tells_of_what_was_made_and_keeps_up(driver: Driver) -> None:
    window = driver.window
    view = await shown(driver)
    assert view.empty.isVisible()
    # straight to the prompt, as the empty tab offers
    view.empty.button.click()
    assert window.tabs.currentIndex() == 0
    await made(driver)
    view = await shown(driver)
    assert not view.empty.isVisible()
    assert view.tiles["success"].figure.text() == "100.0 %"
    assert view.cards["times"].rows.rowCount() == 1
    # the next one ends while the tab is shown
    window.telling.run(window.form_model.submit(), "form")
    model = view.model
    await becomes(
        lambda: model.found is not None and model.found.total.completed == 2,
        model.changed,
        timeout_s=60.0,
    )
    assert view.tiles["made"].note.text() == "2 clips and pictures"


async def test_a_table_becomes_a_file(driver: Driver, tmp_path: Path) -> None:
    await made(driver)
    view = await shown(driver)
    opening = Opening(QFileDialog)
    driver.click(view.cards["kept"].export)
    dialog = await opening.shown
    assert isinstance(dialog, QFileDialog)
    target = tmp_path / "kept.csv"
    line = dialog.findChild(QLineEdit)
    assert line is not None
    line.setText(str(target))
    dialog.accept()
    await becomes(lambda: bool(view.notices.texts), view.notices.shown)
    assert view.notices.texts == ["1 row written to kept.csv."]
    (row,) = csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig")))
    assert (row["provider"], row["completed"], row["kept"]) == ("rehearsal", "1", "0")


async def test_takes_of_one_click_are_one_notification(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = driver.window
    told: list[Note] = []

    async def show(note: Note) -> None:
        told.append(note)

    monkeypatch.setattr(window.notifications, "show", show)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    window.form_model.set_takes(2)
    driver.choose_text("Two boats")
    driver.click(window.form.generate)
    await driver.until_ready(2)
    await driver.until(lambda: bool(told))
    assert [note.title for note in told] == ["2 clips are ready"]
    assert told[0].body == "Two boats"
    assert told[0].picture is not None
    assert told[0].picture.is_file()


async def test_the_menu_switches_notifications_off(driver: Driver) -> None:
    window, news = driver.window, driver.window.telling.news
    assert window.acts.notify.isChecked()
    assert news.is_on
    window.acts.notify.trigger()
    assert not news.is_on
    assert driver.program._settings.notifies is False


async def test_a_notification_about_several_brings_them_all_into_sight(driver: Driver) -> None:
    first = await made(driver, "One boat")
    second = await made(driver, "Two boats")
    driver.window.telling.news.opened.emit([first, second])
    await driver.until(lambda: driver.window.player.path == second.video_path)
    chosen = driver.window.history.selected()
    assert {one.id for one in chosen} == {first.id, second.id}
