from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.theme import Theme


@pytest.fixture
def pane(qtbot: QtBot, theme: Theme) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(320, 400)
    made.show()
    return made


@pytest.fixture
def bar(pane: QWidget) -> NoticeBar:
    return NoticeBar(pane)


def test_a_notice_lies_at_the_bottom_and_moves_nothing(pane: QWidget, bar: NoticeBar) -> None:
    before = pane.size()
    bar.show_notice("A clip is ready.", level="ok")
    bar.finish_animation()
    assert bar.isVisible()
    assert bar.geometry().bottom() == pane.rect().bottom()
    assert pane.size() == before
    pane.resize(500, 300)
    assert bar.width() == 500


def test_what_it_stands_on_is_never_covered(qtbot: QtBot, pane: QWidget, bar: NoticeBar) -> None:
    layout = QVBoxLayout(pane)
    layout.addStretch(1)
    price, button = QLabel("10 tokens"), QPushButton("Generate")
    layout.addWidget(price)
    layout.addWidget(button)
    layout.activate()
    for widget in (price, button):
        widget.show()
    bar.stand_on(price, button)
    for number in range(3):
        bar.show_notice(f"A rather long sentence about what happened, number {number}. " * 3)
    assert bar.geometry().bottom() < price.geometry().top(), "not while it slides in either"
    bar.finish_animation()
    assert bar.geometry().bottom() == price.geometry().top() - 1
    assert bar.height() > 80
    price.hide()
    qtbot.waitUntil(lambda: bar.geometry().bottom() == button.geometry().top() - 1)
    pane.resize(280, 160)
    qtbot.waitUntil(lambda: bar.geometry().bottom() == button.geometry().top() - 1)
    assert bar.geometry().top() >= 0


def test_lists_beside_its_column_stay_clear(qtbot: QtBot, pane: QWidget, bar: NoticeBar) -> None:
    listed, column = QLabel("9", pane), QLabel("Words", pane)
    listed.setGeometry(0, 0, 100, pane.height())
    column.setGeometry(100, 0, 160, pane.height())
    listed.show()
    column.show()
    bar.stand_within(column)
    bar.show_notice("A rather long sentence about what happened.")
    assert (bar.x(), bar.width()) == (100, 160)
    column.setGeometry(140, 0, 120, pane.height())
    qtbot.waitUntil(lambda: (bar.x(), bar.width()) == (140, 120), timeout=20_000)
    column.hide()
    qtbot.waitUntil(lambda: (bar.x(), bar.width()) == (0, pane.width()), timeout=20_000)


def test_repeats_collapse(bar: NoticeBar) -> None:
    for _ in range(3):
        bar.show_notice(
            "The clip failed.", key="auth", repeated_text="{n} clips failed for the same reason."
        )
    bar.show_notice("Copied.", key="copy")
    bar.show_notice("Copied.", key="copy")
    assert bar.texts == ["3 clips failed for the same reason.", "Copied. (2 times)"]


def test_a_notice_goes_by_itself_and_one_with_an_action_stays(qtbot: QtBot, bar: NoticeBar) -> None:
    bar.show_notice("Copied.", timeout_ms=10)
    asking = bar.show_notice("Deleted.", action_text="Undo", on_action=lambda: None, key="undo")
    qtbot.waitUntil(lambda: bar.texts == ["Deleted."], timeout=20_000)
    assert not asking._timer.isActive()


def test_an_action_is_done_once(qtbot: QtBot, bar: NoticeBar) -> None:
    done: list[str] = []
    notice = bar.show_notice("Deleted.", action_text="Undo", on_action=lambda: done.append("undo"))
    qtbot.mouseClick(notice.action_button, Qt.MouseButton.LeftButton)
    notice._act()
    assert done == ["undo"]
    assert bar.texts == []
    assert not bar.isVisible()


def test_markup_stays_text(bar: NoticeBar) -> None:
    notice = bar.show_notice("<b>bold</b> <img src='http://127.0.0.1/x'>")
    label = notice.findChild(QLabel)
    assert label is not None
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert notice.text.startswith("<b>")


def test_escape_dismisses(qtbot: QtBot, bar: NoticeBar) -> None:
    notice = bar.show_notice("Read this.", action_text="Do", on_action=lambda: None)
    qtbot.keyClick(notice.close_button, Qt.Key.Key_Escape)
    assert bar.texts == []


def test_only_a_few_are_shown_and_choices_outlive_news(bar: NoticeBar) -> None:
    bar.show_notice("Undo?", action_text="Undo", on_action=lambda: None)
    for number in range(4):
        bar.show_notice(f"News {number}.")
    assert bar.texts == ["Undo?", "News 2.", "News 3."]


def test_the_way_back_outlives_other_offers(bar: NoticeBar) -> None:
    bar.show_notice("Moved to the trash.", action_text="Undo", on_action=lambda: None)
    for number in range(4):
        bar.show_notice(
            f"Exported {number}.", level="ok", action_text="Show in folder", on_action=lambda: None
        )
    assert bar.texts == ["Moved to the trash.", "Exported 2.", "Exported 3."]


def test_long_text_wraps_within_the_pane(pane: QWidget, bar: NoticeBar) -> None:
    bar.show_notice("A rather long sentence about what happened. " * 5, level="bad")
    bar.finish_animation()
    assert bar.width() == pane.width()
    assert bar.height() > 80


def test_a_long_name_gives_way_in_its_middle(qtbot: QtBot, pane: QWidget, bar: NoticeBar) -> None:
    name = "20261121_184310_A_paper_boat_sails_down_a_rainy_street_slow_camera.json"
    words = f"The settings of {name} are in the form."
    notice = bar.show_notice(words, action_text="Undo", on_action=lambda: None)
    bar.finish_animation()
    (label,) = notice.findChildren(QLabel)
    qtbot.waitUntil(lambda: "…" in label.text())
    assert "The settings of 20261121_" in label.text()
    assert ".json are in the form." in label.text()
    assert max(label.fontMetrics().horizontalAdvance(word) for word in label.text().split()) <= (
        label.width()
    )
    assert label.heightForWidth(label.width()) <= label.height()
    assert (notice.text, bar.texts, notice.accessibleName()) == (words, [words], words)
    assert name in label.toolTip()
    pane.resize(900, 300)
    qtbot.waitUntil(lambda: label.text() == words)
    assert label.toolTip() == ""
