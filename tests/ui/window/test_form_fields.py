"""Fields of the form in the real window: what stands in them is what is bought."""

from __future__ import annotations

from PyQt6.QtCore import QMimeData, Qt, QUrl
from PyQt6.QtTest import QTest

from tests.ui.window.conftest import Driver
from veo_studio.ui.given import given_in

CTRL = Qt.KeyboardModifier.ControlModifier


async def test_a_typed_length_is_the_one_that_is_bought(driver: Driver):
    form, box = driver.program.form, driver.window.form.duration.box
    driver.choose_text("A paper boat")
    assert form.duration_s == 2
    wanted = form.able.durations_s[-1]
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, str(wanted))
    assert form.duration_s == wanted, "the price follows what is typed"
    assert f"{wanted} s" in driver.window.form.price.text()
    assert form.state().duration_s == box.value() == wanted


async def test_a_length_that_is_none_is_settled_before_anything_is_bought(driver: Driver):
    form, box = driver.program.form, driver.window.form.duration.box
    driver.choose_text("A paper boat")
    box.setFocus()
    box.selectAll()
    QTest.keyClick(box, Qt.Key.Key_Delete)
    QTest.keyClick(box, Qt.Key.Key_Return, CTRL)
    assert not form.is_submitting
    assert driver.rows == []
    assert box.value() == form.duration_s
    assert box.text() == f"{form.duration_s} s"
    QTest.keyClick(box, Qt.Key.Key_Return, CTRL)
    await driver.until(lambda: len(driver.rows) == 1)
    assert driver.rows[0].config.duration_s == form.duration_s


async def test_a_length_of_two_digits_is_typed_as_anywhere(driver: Driver):
    form, box = driver.program.form, driver.window.form.duration.box
    model = next(one.model for one in form.choices() if one.model.id == "gemini-omni-1.2-flash")
    form.choose(model)
    assert form.able.durations_s[0] == 3
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "1")
    QTest.keyClick(box, Qt.Key.Key_Control, CTRL)
    assert box.text() == "1 s", "half of a length"
    QTest.keyClicks(box, "2")
    assert (box.text(), form.duration_s) == ("12 s", 12)


def test_a_list_of_prompts_is_no_picture(tmp_path):
    for name in ("a.txt", "a.tsv", "a.ndjson", "a.csv", "a.jsonl"):
        (tmp_path / name).write_text("a kite\n")
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        assert given_in(mime) is None, name
