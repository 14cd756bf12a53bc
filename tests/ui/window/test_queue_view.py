"""The queue pane on a fake queue: order, pauses, what needs attention; by mouse and by keyboard."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import pytest
from PyQt6.QtCore import QMimeData, QModelIndex, QPoint, Qt
from PyQt6.QtTest import QTest

from tests.fakes.core import FakeQueue
from tests.fakes.generations import NOON, a_generation
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import (
    Choice,
    ErrorKind,
    GenerationState,
    Pause,
    PauseKind,
)
from veo_studio.ui.view_models.queue_model import QueueModel, QueueRole
from veo_studio.ui.view_models.queue_words import held_words, moment_words
from veo_studio.ui.views.queue import QueueView

S = GenerationState
ALT = Qt.KeyboardModifier.AltModifier


def view_of(qtbot, queue: FakeQueue, *generations, now=NOON) -> QueueView:
    model = QueueModel(clock=lambda: now, provider_names={"gemini": "Google Gemini"})
    model.open(queue, generations)
    view = QueueView(model)
    model.setParent(view)
    # kept until it is closed: a collection in the middle of its painting would take it away
    qtbot.addWidget(view, before_close_func=lambda _view, _kept=view: None)
    view.resize(640, 400)
    view.show()
    return view


def a_line(qtbot, *ids: int, **fields) -> tuple[FakeQueue, QueueView]:
    queue = FakeQueue()
    queue.waiting = ids
    return queue, view_of(qtbot, queue, *(a_generation(id=one, **fields) for one in ids))


def ids(view: QueueView) -> list[int]:
    return [generation.id for generation in view._model.generations]


def asked(signal) -> list[tuple]:
    calls: list[tuple] = []
    signal.connect(lambda *arguments: calls.append(arguments))
    return calls


# the line


def test_what_runs_stands_in_front_and_the_line_in_its_order(qtbot):
    queue = FakeQueue()
    queue.waiting = (5, 3)
    view = view_of(
        qtbot,
        queue,
        *(a_generation(id=one) for one in (3, 5)),
        a_generation(id=9, state=S.PROCESSING),
    )
    assert ids(view) == [9, 5, 3]
    assert view.summary.text() == "1 running · 2 waiting"


def test_a_change_of_order_keeps_the_row_that_was_chosen(qtbot):
    queue, view = a_line(qtbot, 1, 2, 3)
    view.rows.setCurrentIndex(view._model.index_of(3))
    queue.waiting = (3, 1, 2)
    queue.changed()
    view._model.flush()
    assert ids(view) == [3, 1, 2]
    assert view.rows.currentIndex().data(QueueRole.GENERATION).id == 3
    assert view._model.index(0).data(QueueRole.WORDS) == "Waiting, next"


@pytest.mark.parametrize(
    ("key", "row", "wanted"),
    [
        (Qt.Key.Key_Up, 1, [(2, 1)]),
        (Qt.Key.Key_Up, 0, []),
        (Qt.Key.Key_Down, 1, [(2, None)]),
        (Qt.Key.Key_Down, 0, [(1, 3)]),
        (Qt.Key.Key_Down, 2, []),
    ],
)
def test_alt_and_an_arrow_move_a_waiting_one(qtbot, key, row, wanted):
    _queue, view = a_line(qtbot, 1, 2, 3)
    moves = asked(view.move_requested)
    view.rows.setCurrentIndex(view._model.index(row))
    QTest.keyClick(view.rows, key, ALT)
    assert moves == wanted


def test_run_next_is_alt_home_and_not_for_what_runs(qtbot):
    queue = FakeQueue()
    queue.waiting = (1, 2)
    running = a_generation(id=7, state=S.PROCESSING)
    view = view_of(qtbot, queue, a_generation(id=1), a_generation(id=2), running)
    asks = asked(view.run_next_requested)
    for row in (0, 2):
        view.rows.setCurrentIndex(view._model.index(row))
        QTest.keyClick(view.rows, Qt.Key.Key_Home, ALT)
    assert [one.id for (one,) in asks] == [2]


@pytest.mark.parametrize(
    ("moved", "to_row", "wanted"),
    [(3, 1, (3, 1)), (1, 4, (1, None)), (1, -1, (1, None)), (3, 0, (3, 1)), (2, 3, (2, 3))],
)
def test_a_drop_asks_for_the_place_it_was_dropped_at(qtbot, moved, to_row, wanted):
    queue = FakeQueue()
    queue.waiting = (1, 2, 3)
    running = a_generation(id=7, state=S.PROCESSING)
    view = view_of(qtbot, queue, *(a_generation(id=one) for one in (1, 2, 3)), running)
    moves = asked(view.move_requested)
    model = view._model
    data = model.mimeData([model.index_of(moved)])
    assert model.dropMimeData(data, Qt.DropAction.MoveAction, to_row, 0, QModelIndex())
    assert moves == [wanted]
    assert not model.dropMimeData(QMimeData(), Qt.DropAction.MoveAction, 0, 0, QModelIndex())


def test_only_what_waits_is_dragged(qtbot):
    queue = FakeQueue()
    queue.waiting = (1,)
    view = view_of(qtbot, queue, a_generation(id=1), a_generation(id=7, state=S.PROCESSING))
    draggable = Qt.ItemFlag.ItemIsDragEnabled
    assert not view._model.flags(view._model.index_of(7)) & draggable
    assert view._model.flags(view._model.index_of(1)) & draggable


def test_a_move_shows_before_the_queue_has_answered(qtbot):
    _queue, view = a_line(qtbot, 1, 2, 3)
    view._model.move_locally(3, 1)
    assert ids(view) == [3, 1, 2]
    view._model.refresh_order()
    assert ids(view) == [1, 2, 3]


def test_the_menu_of_a_waiting_one_has_everything_with_its_keys(qtbot):
    _queue, view = a_line(qtbot, 1, 2, 3, provider="gemini")
    second = view._model.generation_at(view._model.index(1))
    words = [one.text() for one in view.actions_for(second) if one is not None]
    assert words == [
        "Run next\tAlt+Home",
        "Move up\tAlt+Up",
        "Move down\tAlt+Down",
        "Edit…\tF2",
        "Cancel\tDel",
        "Pause Google Gemini",
        "Copy prompt",
    ]
    first = view._model.generation_at(view._model.index(0))
    words = [one.text().split("\t")[0] for one in view.actions_for(first) if one is not None]
    assert "Run next" not in words
    assert "Move up" not in words


def test_the_three_dots_open_the_menu_of_their_row(qtbot):
    _queue, view = a_line(qtbot, 1, 2)
    opened = asked(view.rows.menu_requested)
    view.rows.menu_requested.disconnect(view._on_menu_requested)
    at = view.rows.more_rect(view._model.index(1)).center()
    QTest.mouseClick(view.rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [index.row() for index, _where in opened] == [1]


def test_f2_and_a_double_click_edit_what_waits(qtbot):
    queue = FakeQueue()
    queue.waiting = (1,)
    view = view_of(qtbot, queue, a_generation(id=1), a_generation(id=7, state=S.PROCESSING))
    edits = asked(view.edit_requested)
    for row in (0, 1):
        view.rows.setCurrentIndex(view._model.index(row))
        QTest.keyClick(view.rows, Qt.Key.Key_F2)
    spot = view.rows.visualRect(view._model.index(1)).topLeft() + QPoint(20, 8)
    QTest.mouseClick(view.rows.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    QTest.mouseDClick(view.rows.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert [one.id for (one,) in edits] == [1, 1]


def test_g08_a_thousand_waiting_rows_stay_smooth(qtbot):
    """Every event of a storm is far below a frame, and no row has a widget of its own."""
    queue = FakeQueue()
    queue.waiting = tuple(range(1, 1001))
    view = view_of(qtbot, queue, *(a_generation(id=one) for one in queue.waiting))
    model = view._model
    children = len(view.findChildren(object))
    times = []
    for number in range(1, 301):
        queue.waiting = queue.waiting[1:]
        running = a_generation(id=number, state=S.SUBMITTING)
        began = time.thread_time()
        model.on_event(GenerationEvent(EventKind.STATE_CHANGED, running))
        queue.changed()
        times.append(time.thread_time() - began)
    began = time.thread_time()
    queue.waiting = tuple(reversed(queue.waiting))
    queue.changed()
    model.flush()
    view.repaint()
    # time of this thread alone: the machine that tests has other work too
    assert time.thread_time() - began < 0.5
    assert statistics.median(times) < 0.010
    assert len(view.findChildren(object)) <= children + 2
    assert view.summary.text() == "300 running · 700 waiting"


# pauses


def test_a_refused_key_is_one_line_however_many_wait(qtbot):
    queue, view = a_line(qtbot, *range(1, 21), provider="gemini")
    queue.paused = {"gemini": Pause("gemini", PauseKind.KEY, "refused", NOON)}
    queue.changed()
    assert view.pauses.texts == ["Google Gemini does not accept the key. 20 generations wait."]
    keys, again = asked(view.key_requested), asked(view.key_retried)
    first, second = view.pauses.buttons_of("gemini")
    assert first.text() == "Enter key…"
    QTest.keyClick(first, Qt.Key.Key_Space)
    second.click()
    assert keys == [("gemini",)]
    assert again == [("gemini",)]
    assert "Google Gemini" in first.accessibleName()
    queue.paused = {}
    queue.changed()
    assert view.pauses.texts == []
    assert not view.pauses.isVisible()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(7, "in 7 s"), (300, "in 5 min"), (0, "in 1 s"), (-5, "in 1 s")],
)
def test_a03_a_short_wait_is_counted_down(seconds, words):
    assert moment_words(NOON + timedelta(seconds=seconds), NOON) == words


def test_a04_a_long_wait_is_told_as_a_time_on_the_wall():
    local = (NOON + timedelta(minutes=20)).astimezone()
    assert moment_words(NOON + timedelta(minutes=20), NOON) == f"at {local:%H:%M}"
    later = (NOON + timedelta(days=1)).astimezone()
    assert moment_words(NOON + timedelta(days=1), NOON) == f"on {later:%Y-%m-%d} at {later:%H:%M}"


def test_a03_a_provider_that_wants_time_shows_the_countdown(qtbot):
    queue, view = a_line(qtbot, 1, provider="gemini")
    until = NOON + timedelta(seconds=42)
    queue.paused = {"gemini": Pause("gemini", PauseKind.TOLD, "too many", NOON, until)}
    queue.changed()
    assert view.pauses.texts == [
        "Google Gemini takes nothing now; it goes on in 42 s. 1 generation waits."
    ]
    # nothing may be sent in that time, so there is nothing to press
    assert view.pauses.buttons_of("gemini") == []


def test_the_whole_queue_is_paused_and_resumed_by_its_button(qtbot):
    queue, view = a_line(qtbot, 1, 2)
    pauses, resumes = asked(view.pause_requested), asked(view.resume_requested)
    assert view.pause_button.text() == "Pause"
    assert view.pause_button.accessibleName() == "Pause the queue"
    view.pause_button.click()
    queue.paused = {"": Pause("", PauseKind.USER, "", NOON)}
    queue.changed()
    assert view.pauses.texts == ["You paused the queue. 2 generations wait."]
    assert view.pause_button.text() == "Resume"
    assert view.pauses.buttons_of("") == [], "one way out is enough"
    view.pause_button.click()
    assert pauses == [("",)]
    assert resumes == [("",)]
    assert view._model.index(0).data(QueueRole.DETAIL) == "paused"


def test_a_line_that_stays_keeps_the_focus_of_its_button(qtbot):
    queue, view = a_line(qtbot, 1, provider="gemini")
    key = Pause("gemini", PauseKind.KEY, "", NOON)
    queue.paused = {"gemini": key}
    queue.changed()
    before = view.pauses.buttons_of("gemini")[0]
    queue.paused = {"gemini": key, "": Pause("", PauseKind.USER, "", NOON)}
    queue.changed()
    assert view.pauses.buttons_of("gemini")[0] is before
    assert len(view.pauses.texts) == 2


# what needs attention


def attention(qtbot, **fields) -> tuple[FakeQueue, QueueView]:
    queue = FakeQueue()
    queue.offered = (Choice.CHECK, Choice.MARK_FAILED, Choice.SEND_AGAIN)
    values = {"state": S.UNKNOWN, "error_kind": ErrorKind.SUBMIT_UNKNOWN, "tokens": 10}
    return queue, view_of(qtbot, queue, a_generation(id=4, **{**values, **fields}))


def test_what_needs_attention_stands_over_the_queue_with_its_number(qtbot):
    _queue, view = attention(qtbot)
    assert view.attention_title.isVisible()
    assert view.attention_title.text() == "Needs attention"
    assert view.attention_count.text() == "1"
    assert ids(view) == []
    done = a_generation(id=4, state=S.FAILED)
    view._model.on_event(GenerationEvent(EventKind.STATE_CHANGED, done))
    assert not view.attention_title.isVisible()


def test_the_real_choices_are_in_the_menu_and_the_first_on_the_button(qtbot):
    _queue, view = attention(qtbot)
    (row,) = view._model.attention.generations
    words = [one.text() for one in view.attention_actions(row)]
    assert words == [
        "Check the provider\tReturn",
        "Mark as failed: 10 tokens come back",
        "Send again…",
    ]
    chosen = asked(view.choice_requested)
    view.attention.setFocus()
    view.attention.setCurrentIndex(view._model.attention.index(0))
    QTest.keyClick(view.attention, Qt.Key.Key_Return)
    view.attention_actions(row)[2].trigger()
    assert [choice for _one, choice in chosen] == [Choice.CHECK, Choice.SEND_AGAIN]


def test_one_on_hold_says_why_and_when_it_is_tried_again(qtbot):
    _queue, view = attention(
        qtbot,
        state=S.HELD,
        error_kind=ErrorKind.STORAGE,
        error="The disk is full: 20 MB are needed",
        next_attempt_at=NOON + timedelta(seconds=30),
    )
    index = view._model.attention.index(0)
    assert index.data(QueueRole.WORDS) == "The disk is full: 20 MB are needed."
    assert index.data(QueueRole.DETAIL) == "Tried again by itself in 30 s."
    assert held_words(a_generation(state=S.HELD), NOON) == ""


def test_one_that_goes_on_leaves_the_heading_and_joins_what_runs(qtbot):
    queue, view = attention(qtbot)
    queue.waiting = (8,)
    view._model.on_event(GenerationEvent(EventKind.ADDED, a_generation(id=8)))
    again = a_generation(id=4, state=S.PROCESSING)
    view._model.on_event(GenerationEvent(EventKind.STATE_CHANGED, again))
    view._model.flush()
    assert ids(view) == [4, 8]
    assert view._model.attention.rowCount() == 0
