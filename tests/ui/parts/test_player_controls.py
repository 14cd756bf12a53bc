"""The controls under the picture, where there is little room."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from veo_studio.ui.theme import Theme
from veo_studio.ui.views.player_controls import PlayerControls

FRAME_MS = 1000 / 24


@pytest.fixture
def controls(qtbot: QtBot, theme: Theme) -> PlayerControls:
    made = PlayerControls()
    qtbot.addWidget(made)
    made.set_length(8000)
    made.show_position(1000, 8000, FRAME_MS)
    made.show()
    return made


def test_the_time_with_frames_pushes_no_button_out(controls: PlayerControls) -> None:
    buttons = (controls.speed_button, controls.full_button)
    for width in range(360, 700, 10):
        controls.resize(width, 40)
        controls.set_timecode(False)
        before = [one for one in buttons if one.isVisible()]
        controls.set_timecode(True)
        assert all(one.isVisible() for one in before), width
        # the length gives way
        assert controls.time.text().split(" / ")[0] == "00:00:01:00"
        assert width != 420 or controls.time.text() == "00:00:01:00"
    assert controls.time.text() == "00:00:01:00 / 00:00:08:00"
    controls.set_timecode(False)
    assert controls.time.text() == "0:01 / 0:08"
