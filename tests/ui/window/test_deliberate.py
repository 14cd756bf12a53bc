"""Nothing that costs money changes or is bought by accident, and nothing chosen is lost by looking around."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from tests.fakes.core import FakeFormServices
from tests.fakes.generations import a_generation
from tests.ui.window.conftest import Driver
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import InputMode, InputRole, Task
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormTab
from veo_studio.ui.views.form import FormView

CATALOG = Catalog.load()
OMNI, OMNI_BEFORE = (
    next(m for m in CATALOG.models if m.id == f"gemini-omni-{version}-flash")
    for version in ("1.2", "1.1")
)
WORDS_ONLY = next(m for m in CATALOG.models if set(m.capabilities.modes) == {InputMode.TEXT})


async def open_form() -> FormModel:
    form = FormModel(CATALOG)
    await form.open(FakeFormServices())
    form.choose(OMNI)
    form.set_prompt("The waves roll in")
    return form


def turn_wheel(widget: QWidget) -> None:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle, QPointF(widget.mapToGlobal(widget.rect().center())), QPoint(), QPoint(0, -120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("name", ["models", "resolution", "takes"])
async def test_a_wheel_that_scrolls_the_form_changes_nothing(qapp, qtbot, name):
    form = await open_form()
    view = FormView(form)
    qtbot.addWidget(view)
    view.show()
    view.prompt.setFocus()
    before = form.state()
    turn_wheel(getattr(view, name))
    turn_wheel(view.duration.slider)
    turn_wheel(view.duration.box)
    assert form.state() == before


async def test_alt_and_a_letter_choose_no_model(qapp, qtbot):
    form = await open_form()
    view = FormView(form)
    qtbot.addWidget(view)
    view.show()
    view.models.setFocus()
    QTest.keyClick(view.models, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    assert form.model is OMNI


async def test_pictures_come_back_with_a_model_that_takes_them(qapp):
    form = await open_form()
    for number in range(4):
        await form.add_picture(Path(f"{number}.png"), InputRole.REFERENCE)
    form.choose(OMNI_BEFORE)
    assert len(form.inputs) == 3
    form.choose(WORDS_ONLY)
    assert (form.tab, form.inputs) == (FormTab.TEXT, ())
    form.choose(OMNI)
    form.set_tab(FormTab.PICTURES)
    assert len(form.inputs) == 4
    form.remove_input(form.inputs[0])
    form.set_tab(FormTab.TEXT)
    form.set_tab(FormTab.PICTURES)
    assert len(form.inputs) == 3, "what was removed by hand stays away"


async def test_a_clip_to_work_on_puts_pictures_aside_and_says_so(qapp):
    form = await open_form()
    said = []
    form.refitted.connect(said.append)
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    form.set_takes(3)
    form.choose(OMNI_BEFORE)
    await form.work_on(a_generation(provider="gemini", model=OMNI.id), Task.EXTEND)
    assert "Omni 1.1 Flash \u2192 Omni 1.2 Flash" in said[-1]
    assert "come back" in said[-1]
    assert form.takes == 1
    form.remove_input(form.inputs[0])
    assert [item.name for item in form.inputs] == ["a.png"]


async def test_ctrl_enter_buys_nothing_while_the_price_is_hidden(driver: Driver):
    window = driver.window
    driver.choose_text("A paper boat")
    window.panes.set_wanted("form", False)
    assert not window.form.isVisible()
    window.acts.generate.trigger()
    assert window.form.isVisible()
    assert driver.rows == []
    assert window.form.prompt.hasFocus()


@pytest.mark.parametrize(("letter", "field"), [("A", "aspect"), ("U", "duration"), ("D", "seed")])
async def test_an_underlined_letter_goes_to_its_field(driver: Driver, letter, field):
    form = driver.window.form
    form.prompt.setFocus()
    QTest.keyClick(form.prompt, getattr(Qt.Key, f"Key_{letter}"), Qt.KeyboardModifier.AltModifier)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert getattr(form, field).isAncestorOf(focus)
