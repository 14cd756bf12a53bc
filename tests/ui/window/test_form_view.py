"""The form as it is seen: where it begins, what it loads, and what nothing lies over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.fakes.core import FakeFormServices
from tests.fakes.generations import a_generation
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import VideoConfig
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormTab
from veo_studio.ui.views.form import FormView

CATALOG = Catalog.load()
SEED = 143722135
Shown = Callable[[], Awaitable[FormView]]


@pytest.fixture
def shown(qapp: QApplication, qtbot: QtBot) -> Shown:
    """A small form with a price."""

    async def made() -> FormView:
        form = FormModel(CATALOG)
        await form.open(FakeFormServices())
        form.choose(next(one for one in CATALOG.models if one.provider == "gemini"))
        form.set_prompt("The waves roll in")
        view = FormView(form)
        qtbot.addWidget(view)
        view.resize(336, 420)
        view.show()
        return view

    return made


def bar_of(view: FormView):  # type: ignore[no-untyped-def]
    bar = view.scroller.verticalScrollBar()
    assert bar is not None
    return bar


async def until_scrolls(view: FormView) -> None:
    bar = bar_of(view)
    await becomes(lambda: bar.maximum() > 100, bar.rangeChanged)


async def test_another_tab_begins_at_its_top(shown: Shown) -> None:
    view = await shown()
    await until_scrolls(view)
    bar = bar_of(view)
    bar.setValue(bar.maximum())
    view._model.set_tab(FormTab.PICTURES)
    assert bar.value() == 0
    bar.setValue(60)
    view._model.set_duration(4)
    assert bar.value() == 60, "what is changed in a tab scrolls nothing"


async def test_a_clip_in_the_form_is_one_take_and_says_that_its_seed_is_locked(
    shown: Shown,
) -> None:
    view = await shown()
    model = view._model
    model.set_takes(3)
    before = model.state()
    view.load(a_generation(config=VideoConfig(seed=SEED)))
    assert (model.takes, model.seed, model.is_seed_locked) == (1, SEED, True)
    assert view.notices.texts == [f"Seed {SEED} is locked."]
    (notice,) = view.notices.notices
    notice.action_button.click()
    assert (model.seed, model.is_seed_locked) == (None, False)
    assert view.notices.texts == []
    view.load(a_generation(config=VideoConfig(seed=SEED)))
    view.put(before)
    assert view.notices.texts == [], "the sentence goes with what it is about"


async def test_a_new_prompt_begins_with_one_take_and_any_seed(shown: Shown) -> None:
    view = await shown()
    view.load(a_generation(config=VideoConfig(seed=SEED)))
    view._model.set_takes(4)
    view._model.clear_prompt()
    assert (view._model.takes, view._model.seed, view._model.is_seed_locked) == (1, None, False)


async def test_notices_stand_above_the_foot_and_what_they_cover_can_be_scrolled_to(
    shown: Shown,
) -> None:
    view = await shown()
    assert view.foot.draft.isVisible()
    await until_scrolls(view)
    bar, before = bar_of(view), view.prompt.mapTo(view, QPoint(0, 0))
    for number in range(2):
        view.notices.show_notice(f"Sentence {number} of two that stand one above the other.")
    view.notices.finish_animation()
    assert view.notices.geometry().bottom() < view.foot.y()
    assert view.prompt.mapTo(view, QPoint(0, 0)) == before, "nothing jumps"
    viewport = view.scroller.viewport()
    assert viewport is not None
    lower_edge = viewport.mapTo(view, QPoint(0, viewport.height())).y()
    assert lower_edge <= view.notices.y()
    bar.setValue(bar.maximum())
    last = view.takes if not view.sound.isVisible() else view.sound
    assert last.mapTo(view, QPoint(0, last.height())).y() <= view.notices.y()
    view.notices.clear()
    assert viewport.mapTo(view, QPoint(0, viewport.height())).y() == view.foot.y()


async def test_tab_goes_as_the_eye_does(driver: Driver) -> None:
    window, tools = driver.window, driver.window.tools
    driver.choose_text("A {red|blue} kite over {place}")
    driver.program.form.set_value("place", "the dunes")
    under = tools.presets.under_prompt
    wanted = [
        tools.enhancing.link,
        tools.presets.link,
        under.variables.fields["place"],
        under.preview.head,
        window.form.negative,
    ]
    if not window.form.negative.isVisible():
        wanted[-1] = window.form.models
    window.form.prompt.setFocus()
    found = []
    for _ in wanted:
        driver.press(Qt.Key.Key_Tab)
        found.append(QApplication.focusWidget())
    assert found == wanted


async def test_another_balance_is_read_once_for_all_and_shows_only_what_depends_on_it(
    shown: Shown,
) -> None:
    view = await shown()
    model = view._model
    services = model._services
    assert isinstance(services, FakeFormServices)
    shows: list[str] = []
    model.changed.connect(lambda: shows.append("everything"))
    model.means_changed.connect(lambda: shows.append("means"))
    assert view.foot.generate.isEnabled()
    services.tokens = 5
    reads = services.balance_reads
    await asyncio.gather(*(model.refresh_balance() for _ in range(20)))
    assert services.balance_reads - reads <= 2, "who asks while others wait is served with them"
    assert shows == ["means"]
    assert not view.foot.generate.isEnabled()
    assert "the wallet holds 5" in view.foot.blocked.text()
    assert view.foot.unblock.isVisibleTo(view)
    await model.refresh_balance()
    assert shows == ["means"], "the same balance shows nothing anew"
    services.tokens = 50
    await model.refresh_balance()
    assert view.foot.generate.isEnabled()
    assert view.foot.blocked.text() == ""
