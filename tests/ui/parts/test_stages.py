from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.ui.parts.samples import generation
from veo_studio.core.models import GenerationState, Progress, Stage
from veo_studio.ui.theme import DARK, Theme
from veo_studio.ui.views.stages import StagesView, paint_stages


@pytest.fixture
def stages(qtbot: QtBot, theme: Theme) -> StagesView:
    made = StagesView()
    qtbot.addWidget(made)
    made.resize(300, 40)
    made.show()
    return made


def test_a_run_tells_its_stage_time_and_estimate(stages: StagesView) -> None:
    started = datetime.now(UTC) - timedelta(seconds=47)
    stages.set_state(generation(state=GenerationState.PROCESSING, submitted_at=started))
    stages.set_progress(Progress(62, Stage.PROCESSING, "Rendering video", True, 40.0))
    assert stages.words == "Rendering video"
    assert stages.times == "47 s · about 40 s left"
    assert stages.accessibleName() == "62 percent, Rendering video"


def test_the_bar_never_goes_back(stages: StagesView) -> None:
    stages.set_progress(Progress(62, Stage.PROCESSING, "Rendering video"))
    stages.set_progress(Progress(40, Stage.PROCESSING, "Rendering video"))
    assert stages.percent == 62
    stages.set_state(generation(state=GenerationState.PENDING))
    assert stages.percent == 0


def test_an_end_tells_how_long_it_took(stages: StagesView) -> None:
    now = datetime.now(UTC)
    stages.set_state(generation(submitted_at=now - timedelta(seconds=65), finished_at=now))
    assert (stages.percent, stages.words, stages.times) == (100, "Ready", "took 1 min 5 s")


def test_nothing_ticks_while_it_is_hidden(stages: StagesView) -> None:
    stages.set_state(generation(state=GenerationState.PROCESSING))
    stages.set_progress(Progress(30, Stage.PROCESSING, "Generating frames"))
    assert stages._timer.isActive()
    stages.hide()
    assert not stages._timer.isActive()


def _colours(percent: float, state: GenerationState | None = None) -> set[str]:
    image = QImage(300, 20, QImage.Format.Format_RGB32)
    image.fill(DARK.color("pane"))
    painter = QPainter(image)
    paint_stages(painter, QRectF(0, 0, 300, 20), percent, DARK, state=state)
    painter.end()
    return {image.pixelColor(x, y).name() for x in range(300) for y in range(20)}


def test_colours_tell_running_done_and_failed(theme: Theme) -> None:
    assert DARK.accent in _colours(50)
    assert DARK.ok in _colours(100)
    assert DARK.bad in _colours(50, GenerationState.FAILED)
    assert DARK.accent not in _colours(50, GenerationState.FAILED)
