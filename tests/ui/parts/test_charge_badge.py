"""The charge badge of the history: always there, in words and shape, and it says what it means."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QEvent, QRect, QRectF, Qt
from PyQt6.QtGui import QHelpEvent, QImage
from PyQt6.QtWidgets import QStyleOptionViewItem, QToolTip
from pytestqt.qtbot import QtBot

from tests.fakes.core import FakeQueue
from tests.ui.parts.samples import Library, Scope, generation
from veo_studio.core.models import Charge, ErrorKind, GenerationState
from veo_studio.ui import theme as themes
from veo_studio.ui.delegates.charge_badge import LOOKS, ChargeBadge, short_words
from veo_studio.ui.text import charge_meaning, charge_words
from veo_studio.ui.theme import COLOR_NAMES, Theme
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.view_models.queue_model import QueueModel
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.queue import QueueView

S = GenerationState


def view_of(qtbot: QtBot, width: int, *states: tuple[GenerationState, Charge]) -> HistoryView:
    rows = [
        generation(number, state=state, charge=charge, error_kind=ErrorKind.CONTENT_FILTERED)
        for number, (state, charge) in enumerate(states, 1)
    ]
    scope = Scope()
    model = LibraryModel(Library(rows), None, scope.spawn)
    view = HistoryView(model)
    model.setParent(view)
    qtbot.addWidget(view)
    view.resize(width, 400)
    model.load()
    view.show()
    return view


def test_the_three_charges_differ_in_word_shape_and_colour() -> None:
    assert set(LOOKS) == set(Charge)
    assert len({charge_words(charge) for charge in Charge}) == 3
    assert len({short_words(charge) for charge in Charge}) == 3
    assert len({sign for sign, _token in LOOKS.values()}) == 3
    assert len({token for _sign, token in LOOKS.values()}) == 3
    assert {token for _sign, token in LOOKS.values()} <= set(COLOR_NAMES)


@pytest.mark.parametrize("width", [200, 75, 30])
@pytest.mark.parametrize("charge", list(Charge), ids=lambda charge: charge.value)
def test_a_narrow_row_shortens_the_words_but_keeps_the_badge(
    theme: Theme, charge: Charge, width: int
) -> None:
    badge = ChargeBadge(themes.secondary_text_font())
    frame, words = badge.rect(charge, QRectF(0, 0, width, 14), width)
    assert words == {200: charge_words(charge), 75: short_words(charge), 30: ""}[width]
    assert frame.width() > 10
    assert frame.right() == width


@pytest.mark.parametrize("state", [S.FAILED, S.UNKNOWN, S.HELD, S.CANCELLED])
@pytest.mark.parametrize("width", [240, 480])
def test_every_failure_in_the_history_has_its_badge(
    qtbot: QtBot, theme: Theme, state: GenerationState, width: int
) -> None:
    view = view_of(qtbot, width, *((state, charge) for charge in Charge))
    for row in range(3):
        index = view.model.index(row, 0)
        found = view.model.generation(index)
        assert found is not None
        place = view.list.visualRect(index)
        badge = view.delegate.charge_rect(place, found)
        assert not badge.isEmpty()
        assert place.contains(badge)


@pytest.mark.parametrize("state", [S.COMPLETED, S.PENDING, S.PROCESSING])
def test_what_did_not_fail_has_none(qtbot: QtBot, theme: Theme, state: GenerationState) -> None:
    view = view_of(qtbot, 400, (state, Charge.CHARGED))
    found = view.model.generation(view.model.index(0, 0))
    assert found is not None
    assert view.delegate.charge_rect(QRect(0, 0, 400, 72), found).isEmpty()


def test_the_badge_explains_itself(qtbot: QtBot, theme: Theme) -> None:
    view = view_of(qtbot, 400, (S.UNKNOWN, Charge.UNKNOWN))
    index = view.model.index(0, 0)
    found = view.model.generation(index)
    assert found is not None
    at = view.delegate.charge_rect(view.list.visualRect(index), found).center()
    option = QStyleOptionViewItem()
    event = QHelpEvent(QEvent.Type.ToolTip, at, view.list.viewport().mapToGlobal(at))
    assert view.delegate.helpEvent(event, view.list, option, index)
    assert charge_meaning(Charge.UNKNOWN) in QToolTip.text()
    QToolTip.hideText()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_badges_are_painted_in_both_themes(
    qtbot: QtBot, theme: Theme, qapp: object, mode: str
) -> None:
    theme.apply(qapp, mode)  # type: ignore[arg-type]
    view = view_of(qtbot, 400, *((S.FAILED, charge) for charge in Charge))
    seen: list[QImage] = []
    for row in range(3):
        index = view.model.index(row, 0)
        found = view.model.generation(index)
        assert found is not None
        badge = view.delegate.charge_rect(view.list.visualRect(index), found)
        seen.append(view.list.viewport().grab(badge).toImage())
    assert seen[0] != seen[1] != seen[2] != seen[0]


@pytest.mark.parametrize("state", [S.UNKNOWN, S.HELD])
@pytest.mark.parametrize("charge", list(Charge), ids=lambda charge: charge.value)
def test_rows_that_need_attention_say_what_they_cost(
    qtbot: QtBot, theme: Theme, state: GenerationState, charge: Charge
) -> None:
    model = QueueModel()
    view = QueueView(model)
    model.setParent(view)
    qtbot.addWidget(view)
    model.open(FakeQueue(), [generation(1, state=state, charge=charge)])
    index = model.attention.index(0)
    assert charge_meaning(charge) in index.data(Qt.ItemDataRole.ToolTipRole)
    assert charge_meaning(charge) in index.data(Qt.ItemDataRole.AccessibleTextRole)
    view.resize(320, 240)
    view.show()
    view.grab()
