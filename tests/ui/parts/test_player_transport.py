"""Keys of editors in the player: shuttle, in and out, frames; with both playbacks."""

from __future__ import annotations

import importlib
import itertools
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.parts.conftest import QUIET_MACHINE
from tests.ui.parts.samples import generation
from tests.ui.parts.timed_clips import files_held, is_shown, moment_ms, timed_clip
from veo_studio.ui.frame_playback import FramePlayback
from veo_studio.ui.playback import QtPlayback
from veo_studio.ui.theme import Theme
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.player_keys import FrameUse

_WAIT_MS = 20_000
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_K = Qt.Key


def _has_qt_multimedia() -> bool:
    try:
        importlib.import_module("PyQt6.QtMultimedia")
    except ImportError:
        return False
    return True


_NEEDS_QT = pytest.mark.skipif(
    not _has_qt_multimedia(), reason="QtMultimedia lacks a system library"
)
KINDS = [
    pytest.param(QtPlayback, id="qt", marks=_NEEDS_QT),
    pytest.param(FramePlayback, id="frames"),
]


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return timed_clip(tmp_path_factory.mktemp("timed") / "timed.mp4")


@pytest.fixture(params=KINDS)
def player(request: pytest.FixtureRequest, qtbot: QtBot, theme: Theme, timed: Path) -> PlayerView:
    made = _player(qtbot, request.param)
    _open(qtbot, made, timed)
    return made


def _player(qtbot: QtBot, kind: type) -> PlayerView:
    made = PlayerView(playback_of=kind)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.release())
    made.resize(720, 480)
    made.show()
    return made


def _open(qtbot: QtBot, player: PlayerView, clip: Path) -> None:
    player.show_generation(generation(video_path=clip, length_s=2.0))
    qtbot.waitUntil(lambda: is_shown(player.picture()), timeout=_WAIT_MS)
    qtbot.waitUntil(lambda: player.controls.slider.maximum() > 0, timeout=_WAIT_MS)


def _at(player: PlayerView, moment: float, within: float = 25) -> bool:
    return abs(moment_ms(player.picture()) - moment) <= within


def _go(qtbot: QtBot, player: PlayerView, moment: int) -> None:
    player.seek(moment)
    qtbot.waitUntil(lambda: _at(player, moment // 40 * 40), timeout=_WAIT_MS)


def test_j_goes_backwards_and_k_stops(qtbot: QtBot, player: PlayerView) -> None:
    _go(qtbot, player, 1600)
    qtbot.keyClick(player, _K.Key_J)
    assert player.controls.speed_button.text() == "\u22121\u00d7"
    qtbot.waitUntil(lambda: -100 < moment_ms(player.picture()) < 1000, timeout=_WAIT_MS)
    qtbot.keyClick(player, _K.Key_K)
    assert not player.is_playing
    assert player.controls.speed_button.text() == "1\u00d7"
    stopped_at = player.position_ms
    assert stopped_at < 1100
    # the same picture stays, and steps go on from it
    qtbot.waitUntil(lambda: _at(player, stopped_at // 40 * 40), timeout=_WAIT_MS)
    qtbot.keyClick(player, _K.Key_Period)
    qtbot.waitUntil(lambda: _at(player, stopped_at // 40 * 40 + 40), timeout=_WAIT_MS)


@pytest.mark.parametrize("moment", [800, 801, 838, 839])
def test_a_step_from_any_moment_of_a_frame_goes_one_frame_on(
    qtbot: QtBot, player: PlayerView, moment: int
) -> None:
    _go(qtbot, player, moment)
    qtbot.keyClick(player, _K.Key_Period)
    qtbot.waitUntil(lambda: _at(player, 840, within=10), timeout=_WAIT_MS)


def test_backwards_ends_at_the_start_and_l_plays_from_there(
    qtbot: QtBot, player: PlayerView
) -> None:
    _go(qtbot, player, 1900)
    for _ in range(3):
        qtbot.keyClick(player, _K.Key_J)
    assert player.rate == -4
    qtbot.waitUntil(lambda: not player.is_playing, timeout=_WAIT_MS)
    qtbot.waitUntil(lambda: _at(player, 0), timeout=_WAIT_MS)
    qtbot.keyClick(player, _K.Key_L)
    assert player.rate == 1
    assert player.is_playing
    qtbot.waitUntil(lambda: moment_ms(player.picture()) > 200, timeout=_WAIT_MS)
    qtbot.keyClick(player, _K.Key_K)


def test_l_again_is_faster_and_space_comes_back_to_the_chosen_speed(
    qtbot: QtBot, player: PlayerView
) -> None:
    player.set_rate(0.5)
    player.set_looping(True)  # two seconds at four times the speed are soon over
    for expected in (1, 2, 4, 4):
        qtbot.keyClick(player, _K.Key_L)
        assert player.is_playing
        assert player.rate == expected
    qtbot.keyClick(player, _K.Key_K)
    assert player.rate == 0.5
    qtbot.keyClick(player, _K.Key_Plus)
    assert player.rate == 0.75
    qtbot.keyClick(player, _K.Key_Minus)
    qtbot.keyClick(player, _K.Key_Minus)
    qtbot.keyClick(player, _K.Key_Minus)
    assert player.rate == 0.25


def test_in_and_out_mark_whole_frames(qtbot: QtBot, player: PlayerView) -> None:
    _go(qtbot, player, 500)
    qtbot.keyClick(player, _K.Key_I)
    _go(qtbot, player, 1210)
    with qtbot.waitSignal(player.range_changed, timeout=_WAIT_MS):
        qtbot.keyClick(player, _K.Key_O)
    assert (player.in_ms, player.out_ms) == (480, 1240)
    assert player.controls.slider.marked() is not None
    assert player.commands.action("clear_range").isEnabled()
    qtbot.keyClick(player, _K.Key_I, _SHIFT)
    qtbot.waitUntil(lambda: _at(player, 480), timeout=_WAIT_MS)
    qtbot.keyClick(player, _K.Key_O, _SHIFT)
    qtbot.waitUntil(lambda: _at(player, 1200), timeout=_WAIT_MS)
    # an in point behind the out point begins a new range
    _go(qtbot, player, 1600)
    qtbot.keyClick(player, _K.Key_I)
    assert (player.in_ms, player.out_ms) == (1600, None)
    qtbot.keyClick(player, _K.Key_X, _SHIFT)
    assert (player.in_ms, player.out_ms) == (None, None)
    assert player.controls.slider.marked() is None
    assert not player.commands.action("clear_range").isEnabled()


def test_loop_plays_the_range_and_nothing_else(qtbot: QtBot, player: PlayerView) -> None:
    for moment, key in ((800, _K.Key_I), (1000, _K.Key_O)):
        _go(qtbot, player, moment)
        qtbot.keyClick(player, key)
    qtbot.keyClick(player, _K.Key_L, _SHIFT)
    qtbot.keyClick(player, _K.Key_I, _SHIFT)
    qtbot.waitUntil(lambda: _at(player, 800), timeout=_WAIT_MS)
    seen: list[float] = []

    def look() -> None:
        seen.append(moment_ms(player.picture()))

    player.sources.picture_changed.connect(look)
    player.play()

    def turns() -> int:
        return sum(later < earlier - 60 for earlier, later in itertools.pairwise(seen))

    qtbot.waitUntil(lambda: turns() >= 2, timeout=_WAIT_MS)
    player.pause()
    assert min(seen) >= 780
    assert max(seen) <= 1020


def test_another_clip_has_no_range_and_a_speed_forwards(
    qtbot: QtBot, player: PlayerView, timed: Path, tmp_path: Path
) -> None:
    _go(qtbot, player, 1500)
    qtbot.keyClick(player, _K.Key_I)
    qtbot.keyClick(player, _K.Key_J)
    other = timed_clip(tmp_path / "other.mp4", length_s=1.0)
    player.show_file(other, "Another")
    assert player.in_ms is None
    assert player.rate == 1
    assert not player.is_playing
    qtbot.waitUntil(lambda: _at(player, 0), timeout=_WAIT_MS)
    assert timed not in files_held()


def test_the_file_is_free_while_it_goes_backwards(
    qtbot: QtBot, player: PlayerView, timed: Path
) -> None:
    _go(qtbot, player, 1500)
    qtbot.keyClick(player, _K.Key_J)
    qtbot.waitUntil(lambda: -100 < moment_ms(player.picture()) < 1400, timeout=_WAIT_MS)
    player.release()
    assert timed not in files_held()
    assert not player.is_playing


def test_a_frame_is_asked_for_at_its_own_moment(qtbot: QtBot, player: PlayerView) -> None:
    _go(qtbot, player, 1000)
    for key, modifiers, use in (
        (_K.Key_G, Qt.KeyboardModifier.NoModifier, FrameUse.SAVE),
        (_K.Key_G, _SHIFT, FrameUse.COPY),
        (_K.Key_U, Qt.KeyboardModifier.NoModifier, FrameUse.START),
    ):
        with qtbot.waitSignal(player.frame_requested, timeout=_WAIT_MS) as asked:
            qtbot.keyClick(player, key, modifiers)
        assert asked.args == [use]
        assert 1.0 <= player.frame_s < 1.04


def test_time_with_frames_on_demand(qtbot: QtBot, player: PlayerView) -> None:
    _go(qtbot, player, 1100)
    qtbot.keyClick(player, _K.Key_T)
    assert player.controls.time.text().startswith("00:00:01:02 / 00:00:02:0")
    qtbot.mouseClick(player.controls.time, Qt.MouseButton.LeftButton)
    assert player.controls.time.text() == "0:01 / 0:02"


def test_keys_and_wheel_change_the_volume(qtbot: QtBot, player: PlayerView) -> None:
    player.set_volume(0.5)
    qtbot.keyClick(player, _K.Key_Up)
    assert player.volume == 0.55
    qtbot.keyClick(player, _K.Key_Down)
    qtbot.keyClick(player, _K.Key_Down)
    assert player.volume == 0.45
    for turned, expected in ((120, 0.5), (-60, 0.5), (-60, 0.45)):
        QApplication.sendEvent(player._picture, _wheel(turned))
        assert player.volume == expected
    assert player.controls.volume_slider.value() == 45


def _wheel(turned: int) -> QWheelEvent:
    none = Qt.KeyboardModifier.NoModifier
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    at = QPointF(20, 20)
    return QWheelEvent(at, at, QPoint(), QPoint(0, turned), buttons, none, phase, False)


def test_the_whole_screen_has_the_same_controls_and_keys(qtbot: QtBot, player: PlayerView) -> None:
    _go(qtbot, player, 400)
    qtbot.keyClick(player, _K.Key_F)
    full = player._full_screen
    assert full is not None
    assert full.are_controls_shown
    assert player.controls.window() is full
    qtbot.keyClick(full, _K.Key_I)
    assert player.in_ms == 400
    player.set_rate(0.25)
    qtbot.keyClick(full, _K.Key_Space)
    assert player.is_playing
    full.hide_controls()
    assert not full.are_controls_shown
    center = QPointF(full.rect().center())
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        center,
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(full.picture, move)
    assert full.are_controls_shown
    qtbot.keyClick(full, _K.Key_K)
    full.hide_controls()
    assert full.are_controls_shown  # they go only while it plays
    qtbot.keyClick(full, _K.Key_Escape)
    assert player._full_screen is None
    assert player.controls.window() is player
    assert player.controls.isVisible()


def test_every_command_of_the_menu_names_its_key(qtbot: QtBot, player: PlayerView) -> None:
    words = {action.text() for action in player.actions_for_menu()}
    for wanted in ("In point here\tI", "Loop\tShift+L", "Save this frame as a picture\tG"):
        assert wanted in words
    usable = [one for one in player.actions_for_menu() if not one.isSeparator()]
    off = {one.text().partition("\t")[0] for one in usable if not one.isEnabled()}
    assert off == {"To the in point", "To the out point", "Clear in and out"}


# what a backend cannot do


@_NEEDS_QT
def test_what_qt_cannot_decode_is_shown_without_sound(
    qtbot: QtBot, theme: Theme, tmp_path: Path
) -> None:
    """AV1: Qt's own decoders open it and then send no picture, where the machine has no chip for it."""
    clip = timed_clip(tmp_path / "av1.mp4", codec="libsvtav1")
    player = _player(qtbot, QtPlayback)
    _open(qtbot, player, clip)
    if not player.sources.is_stood_in_for:
        return  # this machine has such a chip
    qtbot.waitUntil(lambda: player.note.isVisible(), timeout=_WAIT_MS)
    assert player.note.label.text == "No sound: the system\u2019s player cannot play AV1."
    assert not player.controls.mute_button.isEnabled()
    _go(qtbot, player, 1000)
    with qtbot.waitSignal(player.copy_that_plays_requested, timeout=_WAIT_MS) as asked:
        player.note.button.click()
    assert asked.args[0].video_path == clip
    player.release()
    assert clip not in files_held()
    # the next one has its sound again
    _open(qtbot, player, timed_clip(tmp_path / "plain.mp4"))
    assert not player.note.isVisible()
    assert player.controls.mute_button.isEnabled()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.qt_log_ignore("[Dd]ecoder", *QUIET_MACHINE)
def test_what_nothing_decodes_says_what_is_missing(
    qtbot: QtBot, theme: Theme, timed: Path, tmp_path: Path, kind: type
) -> None:
    strange = tmp_path / "strange.mp4"
    strange.write_bytes(timed.read_bytes().replace(b"avc1", b"zzz9"))
    player = _player(qtbot, kind)
    with qtbot.waitSignal(player.error_occurred, timeout=_WAIT_MS):
        player.show_file(strange, "Strange")
    assert "packed in a way that Veo Studio cannot read" in player.empty.text
    assert player.empty.button.text() == "Open in another program"
    assert player.empty.button.isVisible()
    assert strange not in files_held()
