"""Image to Video in the real window: dialogs, the library, the crop, and a restart."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QDragEnterEvent, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QLineEdit

from tests.ui.waiting import Opening
from tests.ui.window.conftest import Driver, running
from tests.ui.window.photos import COPY, LEFT, NONE, drop, mime, names, settled, shown
from veo_studio.core.framing import Framing
from veo_studio.core.models import GenerationKind, InputRole
from veo_studio.ui.view_models.form_parts import FormTab
from veo_studio.ui.views.crop_dialog import CropDialog
from veo_studio.ui.views.library_chooser import LibraryChooser

CTRL = Qt.KeyboardModifier.ControlModifier


async def test_a_file_is_chosen_and_removed_by_keyboard_alone(driver: Driver, photo):
    window = driver.window
    path = photo()
    driver.press(Qt.Key.Key_Tab, CTRL)
    assert driver.program.form.tab is FormTab.PICTURES
    driver.press(Qt.Key.Key_Tab, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert driver.program.form.tab is FormTab.TEXT
    driver.press(Qt.Key.Key_Tab, CTRL)
    window.form.pictures.drop.choose.setFocus()
    opening = Opening(QFileDialog)
    driver.press(Qt.Key.Key_Space)
    dialog = await shown(opening)
    dialog.findChild(QLineEdit).setText(str(path))
    dialog.accept()
    await settled(driver, "photo.jpg")
    # the window is not in front again where there is no window manager
    QTest.keyClick(window.form.inputs.tiles[0], Qt.Key.Key_Delete)
    assert names(driver) == []
    assert window.form.pictures.drop.isVisible()


async def test_fit_and_leave_are_one_click(driver: Driver, photo):
    window, form = driver.window, driver.program.form
    drop(window.form, mime(photo()))
    await settled(driver, "photo.jpg")
    framing = window.form.pictures.framing
    driver.click(framing.buttons[1])
    await driver.until(lambda: form.inputs[0].frame.how is Framing.PAD)
    framing.buttons[1].setFocus()
    driver.press(Qt.Key.Key_Right)
    await driver.until(lambda: form.inputs[0].frame is None)
    assert (form.inputs[0].width_px, form.inputs[0].height_px) == (300, 400)
    assert framing.value is Framing.KEEP


async def test_what_is_cut_out_is_chosen_by_hand(driver: Driver, photo):
    window, form = driver.window, driver.program.form
    drop(window.form, mime(photo()))
    await settled(driver, "photo.jpg")
    opening = Opening(CropDialog)
    driver.click(window.form.pictures.crop)
    dialog = await shown(opening)
    before = dialog.view.cut_rect()
    here = before.center().toPoint()
    QTest.mousePress(dialog.view, LEFT, NONE, here)
    # not QTest's move: it turns the loop, and other tasks lose their wake-up
    there = QPointF(here + QPoint(0, 60))
    moved_there = QMouseEvent(QEvent.Type.MouseMove, there, there, LEFT, LEFT, NONE)
    QApplication.sendEvent(dialog.view, moved_there)
    QTest.mouseRelease(dialog.view, LEFT, NONE, there.toPoint())
    assert dialog.view.cut_rect().center().y() > before.center().y()
    moved = dialog.frame().center_y
    dialog.view.setFocus()
    QTest.keyClick(dialog.view, Qt.Key.Key_Up)
    assert dialog.frame().center_y < moved
    dialog.slider.setValue(50)
    assert dialog.frame().zoom > 2
    chosen = dialog.frame()
    dialog.accept()
    await driver.until(lambda: form.inputs[0].frame == chosen)
    assert form.inputs[0].width_px < 300 / 2
    opening = Opening(CropDialog)
    driver.click(window.form.pictures.crop)
    again = await shown(opening)
    assert again.frame() == chosen
    again.reset.click()
    assert (again.frame().zoom, again.frame().center_y) == (1.0, pytest.approx(0.5))
    again.reject()


async def test_a_clip_continues_from_its_last_frame(driver: Driver):
    window, form = driver.window, driver.program.form
    driver.choose_text("A paper boat on a rainy street")
    driver.click(window.form.generate)
    await driver.until_ready(1)
    actions = window.history.actions_for([driver.rows[0]])
    words = "Use last frame as first frame"
    next(one for one in actions if one is not None and one.text() == words).trigger()
    await driver.until(lambda: bool(form.inputs) and not form.is_preparing, timeout_s=60)
    assert form.tab is FormTab.PICTURES
    assert form.inputs[0].role is InputRole.FIRST_FRAME
    assert form.inputs[0].generation_id == driver.rows[0].id
    # the same from the library, in the place of that one
    opening = Opening(LibraryChooser)
    driver.click(window.form.pictures.library)
    dialog = await shown(opening)
    assert not dialog.ok.isEnabled()
    await driver.until(lambda: dialog.model.rowCount() > 0)
    dialog.list.setCurrentIndex(dialog.model.index(0, 0))
    dialog.ok.click()
    await driver.until(lambda: len(form.inputs) == 1 and not form.is_preparing, timeout_s=60)


async def test_a_picture_is_made_and_becomes_a_first_frame_or_a_reference(driver: Driver):
    window, form = driver.window, driver.program.form
    kinds = window.form.kind
    assert kinds.isVisible()
    driver.click(kinds.buttons[1])
    assert form.kind is GenerationKind.IMAGE
    assert not window.form.duration.isVisible()
    assert not window.form.negative.isVisible()
    driver.choose_text("A red kite over the dunes")
    driver.click(window.form.generate)
    await driver.until_ready(1)
    row = driver.rows[0]
    assert row.kind is GenerationKind.IMAGE
    actions = [one for one in window.history.actions_for([row]) if one is not None]
    for words, role in (("frame", InputRole.FIRST_FRAME), ("reference", InputRole.REFERENCE)):
        next(one for one in actions if one.text().endswith(words)).trigger()
        await driver.until(
            lambda role=role: (
                [item.role for item in form.inputs] == [role] and not form.is_preparing
            )
        )
    assert form.kind is GenerationKind.VIDEO
    notices = window.form.notices
    await driver.until(lambda: notices.notice("put aside") is not None)
    told = notices.notice("put aside")
    assert told is not None
    assert told.text.startswith("Taken out of the form")
    driver.click(told.action_button)
    await driver.until(lambda: [item.role for item in form.inputs] == [InputRole.FIRST_FRAME])


async def test_tab_and_photo_come_back_after_a_restart(qapp, paths, no_task_left, photo):
    async with running(paths) as first:
        drop(first.window.form, mime(photo()))
        await settled(first, "photo.jpg")
    async with running(paths) as second:
        assert second.window.tabs.currentIndex() == 1
        assert names(second) == ["photo.jpg"]
        assert second.window.form.pictures.preview.isVisible()


async def test_a_drag_over_the_form_shows_where_it_goes(driver: Driver, photo):
    form = driver.window.form
    driver.program.form.set_tab(FormTab.PICTURES)
    data = mime(photo())
    enter = QDragEnterEvent(form.rect().center(), COPY, data, LEFT, NONE)
    QApplication.sendEvent(form, enter)
    assert enter.isAccepted()
    assert enter.type() is QEvent.Type.DragEnter
    assert names(driver) == [], "nothing before it is let go"
