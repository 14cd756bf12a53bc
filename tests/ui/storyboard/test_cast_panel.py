"""The cast: pictures dropped and named, problems where they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from veo_studio.core.models import InputRole, MediaInput
from veo_studio.core.storyboard.models import CastMember
from veo_studio.ui.given import Given
from veo_studio.ui.theme import Theme
from veo_studio.ui.views.cast_panel import CastPanel, free_name
from veo_studio.ui.views.picture_loading import PictureLoader

_COPY = Qt.DropAction.CopyAction
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def member(name: str, number: int = 1) -> CastMember:
    digest = f"{number:064x}"
    return CastMember(name, MediaInput(InputRole.REFERENCE, digest, "image/png", 1, f"{name}.png"))


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> CastPanel:
    made = CastPanel(PictureLoader())
    qtbot.addWidget(made)
    made.resize(320, 500)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.mark.parametrize(
    ("file_name", "taken", "name"),
    [
        ("old man.png", (), "old_man"),
        ("Keeper.png", ("keeper",), "Keeper2"),
        ("Keeper.png", ("keeper", "KEEPER2"), "Keeper3"),
        ("--.png", (), "picture"),
        ("größe (1).jpg", (), "größe_1"),
        ("x" * 80 + ".png", (), "x" * 29),
    ],
)
def test_a_picture_is_named_after_its_file(
    file_name: str, taken: tuple[str, ...], name: str
) -> None:
    assert free_name(file_name, taken) == name


def test_an_empty_cast_says_what_to_do(panel: CastPanel) -> None:
    assert "write @name in a prompt" in panel.words.text()
    assert panel.add.isVisible()


def test_each_member_says_where_it_is_used(panel: CastPanel) -> None:
    cast = (member("keeper"), member("lamp", 2))
    panel.show_cast(cast, {"keeper": 3}, lambda _item: None)
    assert [row.name.text() for row in panel.rows] == ["keeper", "lamp"]
    assert [row.facts.text() for row in panel.rows] == ["in 3 scenes", "not used yet"]
    assert not panel.words.isVisible()


def test_its_picture_is_shown_when_it_is_read(
    panel: CastPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "keeper.png"
    Image.new("RGB", (400, 300), "red").save(path)
    panel.show_cast((member("keeper"),), {}, lambda _item: path)
    thumb = panel.rows[0].thumb

    def is_red() -> bool:
        return bool(thumb.grab().toImage().pixelColor(32, 24).red() > 200)

    qtbot.waitUntil(is_red, timeout=20_000)


def test_another_name_is_asked_for_and_a_refusal_stays_below_it(
    panel: CastPanel, qtbot: QtBot
) -> None:
    panel.show_cast((member("keeper"),), {}, lambda _item: None)
    field = panel.rows[0].name
    field.selectAll()
    QTest.keyClicks(field, "@warden")
    with qtbot.waitSignal(panel.rename_requested) as asked:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert asked.args == ["keeper", "warden"]
    panel.show_problem("keeper", "There is a @warden in the cast already.")
    assert panel.rows[0].problem.isVisible()
    # undo or the edit shows the name that holds, and the sentence goes
    panel.show_cast((replace(member("keeper"), name="warden"),), {}, lambda _item: None)
    assert panel.rows[0].name.text() == "warden"
    assert not panel.rows[0].problem.isVisible()


def test_a_name_that_is_left_empty_comes_back(panel: CastPanel) -> None:
    panel.show_cast((member("keeper"),), {}, lambda _item: None)
    field = panel.rows[0].name
    field.clear()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "keeper"


def test_buttons_name_the_member(panel: CastPanel, qtbot: QtBot) -> None:
    panel.show_cast((member("keeper"), member("lamp", 2)), {}, lambda _item: None)
    with qtbot.waitSignal(panel.remove_requested) as removed:
        panel.rows[1].remove.click()
    assert removed.args == ["lamp"]
    with qtbot.waitSignal(panel.picture_requested) as changed:
        panel.rows[0].change.click()
    assert changed.args == ["keeper"]
    assert panel.rows[1].remove.accessibleName() == "Remove @lamp from the cast"


def test_dropped_pictures_are_given_and_other_files_refused(
    panel: CastPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    enter = QDragEnterEvent(panel.rect().center(), _COPY, mime, _LEFT, _NONE)
    enter.ignore()
    QApplication.sendEvent(panel, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(panel.rect().center()), _COPY, mime, _LEFT, _NONE)
    with qtbot.waitSignal(panel.pictures_given) as given:
        QApplication.sendEvent(panel, drop)
    assert given.args == [Given((tmp_path / "a.png",))]
    other = QMimeData()
    other.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.mp4"))])
    enter = QDragEnterEvent(panel.rect().center(), _COPY, other, _LEFT, _NONE)
    enter.ignore()
    QApplication.sendEvent(panel, enter)
    assert not enter.isAccepted()
