"""The rows of the queue: what they say, and that they keep their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PyQt6.QtCore import QModelIndex

from tests.fakes.core import FakeQueue
from tests.fakes.generations import NOON, a_generation
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Choice, ErrorKind, GenerationState, Progress, Stage
from veo_studio.ui.view_models.queue_model import QueueModel, QueueRole

S = GenerationState


def model_with(queue: FakeQueue, *generations, now=NOON) -> QueueModel:
    model = QueueModel(clock=lambda: now)
    model.open(queue, generations)
    return model


def words(model: QueueModel, row: int = 0) -> str:
    return model.index(row).data(QueueRole.WORDS)


def detail(model: QueueModel, row: int = 0) -> str:
    return model.index(row).data(QueueRole.DETAIL)


def test_the_model_keeps_qts_contract(qtmodeltester, qtbot):
    queue = FakeQueue()
    model = model_with(queue, a_generation(id=1), a_generation(id=2))
    qtmodeltester.check(model)
    model.on_event(GenerationEvent(EventKind.ADDED, a_generation(id=3)))
    model.on_event(GenerationEvent(EventKind.STATE_CHANGED, a_generation(id=1, state=S.CANCELLED)))
    qtmodeltester.check(model)
    assert [generation.id for generation in model.generations] == [2, 3]


def test_waiting_ones_say_their_position(qapp):
    queue = FakeQueue()
    queue.waiting = (8, 9)
    model = model_with(queue, a_generation(id=8), a_generation(id=9))
    assert [words(model, row) for row in (0, 1)] == ["Waiting, next", "Waiting, number 2"]


def test_a_running_one_says_percent_stage_elapsed_and_what_is_left(qapp):
    queue = FakeQueue()
    queue.progress[1] = Progress(62, Stage.PROCESSING, "Rendering video", remaining_s=42.0)
    running = a_generation(id=1, state=S.PROCESSING, submitted_at=NOON - timedelta(seconds=75))
    model = model_with(queue, running)
    assert words(model) == "62 % · Rendering video"
    assert detail(model) == "1 min 15 s · about 40 s left"


def test_a_guess_is_called_one(qapp):
    queue = FakeQueue()
    queue.progress[1] = Progress(62, Stage.PROCESSING, "Rendering video", is_estimate=True)
    model = model_with(queue, a_generation(id=1, state=S.PROCESSING))
    assert words(model) == "about 62 % · Rendering video"


def test_a_download_says_bytes_and_rate(qapp):
    queue = FakeQueue()
    queue.progress[1] = Progress(
        90,
        Stage.DOWNLOADING,
        "Downloading",
        bytes_done=2_100_000,
        bytes_total=4_200_000,
        bytes_per_s=1_000_000.0,
    )
    model = model_with(queue, a_generation(id=1, state=S.DOWNLOADING))
    assert detail(model).startswith("2.1 MB of 4.2 MB, 1.0 MB/s · ")


@pytest.mark.parametrize("state", [S.UNKNOWN, S.HELD])
def test_those_that_wait_for_the_user_stay_with_their_reason(qapp, state):
    queue = FakeQueue()
    queue.offered = (Choice.CHECK, Choice.MARK_FAILED)
    model = model_with(queue, a_generation(id=1, state=state, error_kind=ErrorKind.SUBMIT_UNKNOWN))
    assert model.rowCount() == 0
    index = model.attention.index(0)
    assert index.data(QueueRole.NEEDS_ATTENTION)
    assert index.data(QueueRole.WORDS)
    assert index.data(QueueRole.DETAIL)
    assert index.data(QueueRole.BUTTON) == "Check"


@pytest.mark.parametrize("state", [S.COMPLETED, S.FAILED, S.CANCELLED])
def test_what_has_ended_leaves(qapp, state):
    running = a_generation(id=1, state=S.PROCESSING)
    model = model_with(FakeQueue(), running)
    counts = []
    model.count_changed.connect(lambda *count: counts.append(count))
    model.on_event(GenerationEvent(EventKind.STATE_CHANGED, replace(running, state=state)))
    assert model.rowCount() == 0
    assert counts[-1] == (0, 0)


def test_rows_keep_their_place_while_they_change(qapp):
    queue = FakeQueue()
    first, second = a_generation(id=1), a_generation(id=2)
    model = model_with(queue, first, second)
    model.on_event(GenerationEvent(EventKind.STATE_CHANGED, replace(second, state=S.PROCESSING)))
    model.on_event(GenerationEvent(EventKind.STATE_CHANGED, replace(first, state=S.SUBMITTING)))
    assert [generation.id for generation in model.generations] == [1, 2]


def test_progress_is_shown_ten_times_a_second_at_most(qapp, qtbot):
    running = a_generation(id=1, state=S.PROCESSING)
    model = model_with(FakeQueue(), running)
    shown = []
    model.dataChanged.connect(lambda *_: shown.append(words(model)))
    with qtbot.waitSignal(model.dataChanged, timeout=20_000):
        for percent in range(20, 80):
            progress = Progress(percent, Stage.PROCESSING, "Rendering video")
            model.on_event(GenerationEvent(EventKind.PROGRESS, running, progress))
    with qtbot.waitSignal(
        model.dataChanged, timeout=20_000, check_params_cb=lambda *_: "79 %" in words(model)
    ):
        pass
    assert len(shown) <= 3
    assert shown[-1].startswith("79 %")


def test_the_button_says_what_a_cancel_means_for_the_money(qapp):
    queue = FakeQueue()
    queue.words = "Stop: it stays charged"
    model = model_with(queue, a_generation(id=1, state=S.PROCESSING))
    assert model.index(0).data(QueueRole.BUTTON) == "Stop: it stays charged"
    model.set_busy(1, "Stopping…")
    assert words(model) == "Stopping…"
    assert model.index(0).data(QueueRole.BUTTON) == ""


def test_a_broken_index_gives_nothing(qapp):
    model = model_with(FakeQueue())
    assert model.data(QModelIndex()) is None
    assert model.generation_at(QModelIndex()) is None
