"""Words of a button that go on below where there is no room beside."""

from __future__ import annotations

import pytest
from PyQt6.QtGui import QFontMetrics, QIcon
from PyQt6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from veo_studio.ui.theme import Theme
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.wrapped_button import WrappedButton

WORDS, PRICE = "Animate this photo", "10 tokens, about $0.35"


@pytest.fixture
def button(qtbot: QtBot, theme: Theme) -> WrappedButton:
    made = WrappedButton(QIcon())
    qtbot.addWidget(made)
    made.show_parts(WORDS, PRICE)
    made.show()
    return made


def px(button: WrappedButton, words: str) -> int:
    return QFontMetrics(button.font()).horizontalAdvance(words)


def test_the_price_goes_below_where_it_does_not_fit_beside(button: WrappedButton) -> None:
    button.resize(px(button, WORDS + PRICE) * 2, 60)
    one_line = button.sizeHint().height()
    assert button.text() == f"{WORDS} · {PRICE}"
    button.resize(px(button, PRICE) + 60, 60)
    assert button.text() == f"{WORDS}\n{PRICE}"
    assert button.sizeHint().height() > one_line
    assert button.accessibleName() == f"{WORDS} · {PRICE}"


def test_a_narrow_one_loses_no_word(button: WrappedButton) -> None:
    button.resize(button.minimumSizeHint().width(), 120)
    assert button.text().split() == f"{WORDS} {PRICE}".split()
    assert max(px(button, line) for line in button.text().split("\n")) <= button.width()


def test_words_that_change_never_make_fields_wider_than_their_pane(
    qtbot: QtBot, theme: Theme
) -> None:
    fields, button = QWidget(), WrappedButton(QIcon())
    QVBoxLayout(fields).addWidget(button)
    scroller = FieldsScroller(fields)
    qtbot.addWidget(scroller)
    scroller.resize(scroller.minimumWidth(), 200)
    scroller.show()
    button.show_parts(WORDS, "10 tokens, about $0.35, Unverwechselbarkeitsbescheinigung")
    viewport = scroller.viewport()
    assert viewport is not None
    qtbot.waitUntil(lambda: "Unverwechsel" in button.text())
    qtbot.waitUntil(lambda: fields.width() <= viewport.width())
