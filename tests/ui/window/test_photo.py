"""Image to Video in the real window: drops, the clipboard, dialogs, the library, and the crop."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QMimeData, QPoint, Qt
from PyQt6.QtGui import QGuiApplication, QImage

from tests.ui.window.conftest import Driver
from tests.ui.window.photos import drop, mime, names, settled
from veo_studio.core.framing import Framing
from veo_studio.core.models import InputRole
from veo_studio.ui.given import given_in

CTRL = Qt.KeyboardModifier.ControlModifier


def copy(data: QMimeData) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    clipboard.setMimeData(data)


async def test_a_dropped_photo_starts_image_to_video_and_becomes_a_clip(driver: Driver, photo):
    window, form = driver.window, driver.program.form
    driver.choose_text("The waves roll in")
    assert drop(window.form, mime(photo()))
    await settled(driver, "photo.jpg")
    assert window.tabs.tabText(window.tabs.currentIndex()) == "Image to Video"
    pictures = window.form.pictures
    assert pictures.note.text() == "3:4 photo in a 16:9 clip"
    assert pictures.framing.value is Framing.CROP
    assert not pictures.drop.isVisible()
    driver.click(window.form.generate)
    await driver.until_ready(1)
    (item,) = driver.rows[0].config.inputs
    assert item.role is InputRole.FIRST_FRAME
    assert (item.width_px, item.height_px) == (300, 169)
    assert form.input_path(item).is_file()


async def test_a_photo_dropped_on_a_picture_takes_its_place(driver: Driver, photo):
    window = driver.window
    drop(window.form, mime(photo()))
    await settled(driver, "photo.jpg")
    preview = window.form.pictures.preview
    assert drop(window.form, mime(photo("new.png")), preview.mapTo(window.form, QPoint(20, 20)))
    await settled(driver, "new.png")
    drop(window.form, mime(photo("end.png")))
    await settled(driver, "new.png", "end.png")
    assert driver.program.form.inputs[1].role is InputRole.LAST_FRAME, "the first empty place"


async def test_several_at_once_become_references_as_far_as_there_is_room(driver: Driver, photo):
    form = driver.program.form
    paths = [photo(f"{number}.png") for number in range(8)]
    drop(driver.window.form, mime(*paths))
    await driver.until(lambda: bool(driver.notices))
    assert {item.role for item in form.inputs} == {InputRole.REFERENCE}
    left = 8 - len(form.inputs)
    assert driver.notices == [f"Rehearsal sketch has no place for {left} more pictures."]


async def test_wrong_files_and_links_are_told_and_change_nothing(driver: Driver, tmp_path: Path):
    form = driver.window.form
    words = tmp_path / "notes.pdf"
    words.write_text("no picture")
    assert drop(form, mime(words))
    await driver.until(lambda: bool(driver.notices))
    assert "notes.pdf" in driver.notices[0]
    assert drop(form, mime(web="https://example.com/photo.jpg"))
    await driver.until(lambda: driver.notices[0].startswith("Pictures are not fetched"))
    assert given_in(mime(tmp_path / "clip.mp4")) is None, "a clip means something else"
    assert given_in(mime(text="only words")) is None
    assert names(driver) == []


async def test_a_picture_is_pasted_and_words_stay_words(driver: Driver, photo):
    window = driver.window
    image = QImage(400, 225, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    copy(mime(image=image))
    window.form.prompt.setFocus()
    driver.press(Qt.Key.Key_V, CTRL)
    await settled(driver, "Pasted picture.png")
    assert window.form.prompt.toPlainText() == ""
    copy(mime(text="Rain on a roof", image=image))
    driver.press(Qt.Key.Key_V, CTRL)
    assert window.form.prompt.toPlainText() == "Rain on a roof"
    copy(mime(photo("end.png")))
    window.form.pictures.remove.setFocus()
    driver.press(Qt.Key.Key_V, CTRL)
    await settled(driver, "Pasted picture.png", "end.png")


async def test_the_frame_follows_the_shape_of_the_clip(driver: Driver, photo):
    window, form = driver.window, driver.program.form
    driver.choose_text("The waves roll in")
    drop(window.form, mime(photo(size=(225, 400))))
    await settled(driver, "photo.jpg")
    assert window.form.pictures.use_own.text() == "Use 9:16"
    driver.click(window.form.pictures.use_own)
    assert not window.form.generate.isEnabled(), "not before it is cut anew"
    await settled(driver, "photo.jpg")
    assert (form.inputs[0].width_px, form.inputs[0].height_px) == (225, 400)
    assert not window.form.pictures.note.isVisible()
    window.form.aspect.set_value("1:1")
    await settled(driver, "photo.jpg")
    assert (form.inputs[0].width_px, form.inputs[0].height_px) == (225, 225)
    assert window.form.generate.isEnabled()
