from __future__ import annotations

import re
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

import veo_studio.ui
from veo_studio.ui import theme as look
from veo_studio.ui.dialogs import Question
from veo_studio.ui.theme import DARK, LIGHT, Theme, Tokens, contrast


@pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("text", ["text", "dim", "accent", "ok", "warn", "bad"])
@pytest.mark.parametrize("ground", ["window", "pane", "raised"])
def test_every_text_can_be_read_on_every_ground(colors: Tokens, text: str, ground: str) -> None:
    assert contrast(getattr(colors, text), getattr(colors, ground)) >= 4.5


@pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])
def test_text_on_the_accent_can_be_read(colors: Tokens) -> None:
    assert contrast(colors.on_accent, colors.accent) >= 4.5


def test_contrast_agrees_with_the_definition() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#777777") == pytest.approx(1.0)


def test_changing_the_mode_changes_tokens_and_palette(theme: Theme, qapp: QApplication) -> None:
    changes: list[None] = []
    theme.changed.connect(lambda: changes.append(None))
    theme.apply(qapp, "light")
    assert look.tokens() is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == LIGHT.window
    theme.apply(qapp, "light")
    assert len(changes) == 1
    theme.apply(qapp, "dark")
    assert theme.tokens is DARK
    assert len(changes) == 2


def test_system_mode_follows_the_system(theme: Theme, qapp: QApplication) -> None:
    theme.apply(qapp, "system")
    wanted = LIGHT if qapp.styleHints().colorScheme() is Qt.ColorScheme.Light else DARK
    assert theme.tokens is wanted


def test_text_sizes_follow_the_size_of_the_system(theme: Theme, qapp: QApplication) -> None:
    label = QLabel()
    look.secondary_font(label)
    small = label.font().pointSizeF()
    look.heading_font(label)
    assert small < qapp.font().pointSizeF() < label.font().pointSizeF()


def test_an_unknown_token_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no colour token"):
        DARK.color("pink")


def test_marks_have_the_colours_of_their_theme() -> None:
    for colors, scheme in ((DARK, "dark"), (LIGHT, "light")):
        for name, token in (
            ("caret-down", "dim"),
            ("caret-up", "dim"),
            ("check", "on_accent"),
            ("clear", "dim"),
        ):
            text = look.resource_path(f"marks/{name}-{scheme}.svg").read_text(encoding="ascii")
            assert f'stroke="{getattr(colors, token)}"' in text


def test_no_view_knows_a_colour() -> None:
    folder = Path(veo_studio.ui.__file__).parent
    for file in folder.rglob("*.py"):
        if file.name != "colors.py":
            found = re.findall(r"\"#[0-9a-fA-F]{3,8}\b", file.read_text(encoding="utf-8"))
            assert not found, f"{file.name}: {found}"


def test_a_main_button_that_a_box_has_made_is_filled(qtbot: QtBot, theme: Theme) -> None:
    dialog = Question("Stop it?", "It is paid for.", "Stop", "Let it finish")
    qtbot.addWidget(dialog)
    dialog.show()
    use = dialog.leave_it
    middle_of_its_edge = QPoint(6, use.height() // 2)
    assert use.grab().toImage().pixelColor(middle_of_its_edge).name() == DARK.accent


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_a_link_that_is_off_looks_as_if_it_is_off(
    theme: Theme, qapp: QApplication, qtbot: QtBot, mode: str
) -> None:
    theme.apply(qapp, mode)
    link = QPushButton("Look at targets")
    link.setProperty("link", True)
    qtbot.addWidget(link)
    link.ensurePolished()
    words = link.palette()
    alive = words.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText)
    off = words.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    assert alive.name() == look.tokens().accent
    assert off.name() != alive.name()
