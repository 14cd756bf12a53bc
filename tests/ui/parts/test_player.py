from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QObject, QPoint, Qt
from pytestqt.qtbot import QtBot

from tests.ui.parts.conftest import QUIET_MACHINE
from tests.ui.parts.samples import generation
from veo_studio.core.models import Generation, GenerationState
from veo_studio.ui import playback
from veo_studio.ui.frame_playback import FramePlayback
from veo_studio.ui.playback import Playback, QtPlayback
from veo_studio.ui.theme import Theme
from veo_studio.ui.views.player import PlayerView


def _has_qt_multimedia() -> bool:
    try:
        importlib.import_module("PyQt6.QtMultimedia")
    except ImportError:
        return False
    return True


KINDS = [
    pytest.param(
        QtPlayback,
        id="qt",
        marks=pytest.mark.skipif(
            not _has_qt_multimedia(), reason="QtMultimedia lacks a system library"
        ),
    ),
    pytest.param(FramePlayback, id="frames"),
]
Make = Callable[[QObject], Playback]


@pytest.fixture(params=KINDS)
def player(request: pytest.FixtureRequest, qtbot: QtBot, theme: Theme) -> PlayerView:
    made = PlayerView(playback_of=request.param)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.release())
    made.resize(640, 420)
    made.show()
    return made


def _level(player: PlayerView) -> int:
    """Brightness of the picture's middle, which tells the moment in the test clip."""
    image = player.picture()
    return 0 if image is None else image.pixelColor(image.rect().center()).red()


def _open(qtbot: QtBot, player: PlayerView, clip: Path) -> None:
    player.show_generation(
        generation(video_path=clip, width_px=160, height_px=90, length_s=2.0, size_bytes=9000)
    )
    qtbot.waitUntil(lambda: _level(player) > 0, timeout=20_000)
    qtbot.waitUntil(lambda: player.controls.slider.maximum() > 0, timeout=20_000)


def test_the_first_picture_shows_without_playing(
    qtbot: QtBot, player: PlayerView, clip: Path
) -> None:
    _open(qtbot, player, clip)
    assert _level(player) == pytest.approx(20, abs=6)
    assert not player.is_playing
    assert player.controls.time.text() == "0:00 / 0:02"
    assert player.caption.facts.text() == "160 × 90 · 2 s · 9.0 kB"
    # the picture is really painted: middle of the widget, not black
    shown = player._picture.grab().toImage()
    assert shown.pixelColor(shown.rect().center()).red() == pytest.approx(20, abs=6)


def test_it_plays_to_the_end_and_starts_again(qtbot: QtBot, player: PlayerView, clip: Path) -> None:
    _open(qtbot, player, clip)
    player.set_rate(2.0)
    player.toggle()
    assert player.is_playing
    qtbot.waitUntil(lambda: not player.is_playing, timeout=20_000)
    # that it stopped is known a moment before the last position arrives
    qtbot.waitUntil(lambda: player.position_ms == pytest.approx(2000, abs=60), timeout=20_000)
    assert _level(player) > 190  # the last picture stays
    player.set_rate(0.25)  # slow enough to be seen on a busy machine
    player.toggle()
    qtbot.waitUntil(lambda: 0 < player.position_ms < 1500, timeout=20_000)
    player.pause()


def test_played_again_at_the_very_moment_of_the_end(qtbot: QtBot, theme: Theme, clip: Path) -> None:
    player = FramePlayback()
    player.open(clip)
    qtbot.waitUntil(lambda: player.duration_ms > 0, timeout=20_000)
    player.seek(1800)
    player.play()
    player.set_rate(2.0)
    # the clip's thread is at the end, and nothing of it has reached this thread yet
    deadline = time.monotonic() + 5
    while player.is_playing and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not player.is_playing
    player.set_rate(0.25)
    player.play()
    qtbot.waitUntil(lambda: 0 < player.position_ms < 1500, timeout=20_000)
    assert player.is_playing
    player.close()


def test_frames_step_while_paused(qtbot: QtBot, player: PlayerView, clip: Path) -> None:
    _open(qtbot, player, clip)
    player.seek(1000)
    qtbot.waitUntil(lambda: _level(player) == pytest.approx(120, abs=5), timeout=20_000)
    qtbot.keyClick(player, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: _level(player) == pytest.approx(124, abs=2), timeout=20_000)
    qtbot.keyClick(player, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: _level(player) == pytest.approx(120, abs=2), timeout=20_000)
    qtbot.keyClick(player, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: _level(player) < 30, timeout=20_000)
    qtbot.keyClick(player, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: _level(player) > 205, timeout=20_000)


def test_a_click_on_the_line_goes_there(qtbot: QtBot, player: PlayerView, clip: Path) -> None:
    _open(qtbot, player, clip)
    slider = player.controls.slider
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=slider.rect().center())
    qtbot.waitUntil(lambda: _level(player) == pytest.approx(120, abs=8), timeout=20_000)
    assert player.controls.time.text().startswith("0:0")


def test_it_loops(qtbot: QtBot, player: PlayerView, clip: Path) -> None:
    _open(qtbot, player, clip)
    qtbot.keyClick(player, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert player.is_looping
    player.seek(1800)
    player.set_rate(2.0)
    player.play()
    qtbot.waitUntil(lambda: player.is_playing and 0 < player.position_ms < 1000, timeout=20_000)
    player.pause()


def test_release_lets_go_of_the_file(qtbot: QtBot, player: PlayerView, clip: Path) -> None:
    _open(qtbot, player, clip)
    player.play()
    player.release()
    assert not player.is_playing
    folder = Path("/proc/self/fd")
    if folder.exists():
        held = []
        for entry in folder.iterdir():
            try:
                held.append(entry.readlink().name)
            except OSError:
                continue
        assert clip.name not in held
    player.clear()
    assert player.path is None
    assert player.generation is None


@pytest.mark.qt_log_ignore("Could not open media", *QUIET_MACHINE)
def test_what_cannot_be_played_is_offered_to_another_program(
    qtbot: QtBot, player: PlayerView, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip at all" * 100)
    opened: list[Path] = []
    player._open_externally = opened.append
    with qtbot.waitSignal(player.error_occurred, timeout=20_000):
        player.show_file(broken, "Broken")
    assert player.empty.text == "This clip cannot be played here."
    assert not player.controls.play_button.isEnabled()
    player.empty.button.click()
    assert opened == [broken]


def test_volume_and_mute_are_kept_apart(qtbot: QtBot, player: PlayerView, clip: Path) -> None:
    player.set_volume(0.4)
    player.set_muted(True)
    _open(qtbot, player, clip)
    assert (player.volume, player.is_muted) == (0.4, True)
    player.set_volume(0.6)
    assert (player.volume, player.is_muted) == (0.6, False)


# Without a playback


@pytest.fixture
def idle(qtbot: QtBot, theme: Theme) -> PlayerView:
    made = PlayerView(playback_of=_no_playback)
    qtbot.addWidget(made)
    made.resize(640, 420)
    made.show()
    return made


def _no_playback(_parent: QObject) -> Playback:
    raise ImportError("no player at all")


def test_an_empty_player_says_what_to_do(idle: PlayerView) -> None:
    assert idle.empty.text == "Finished clips play here. Double-click one to play it."
    assert not any(action.isEnabled() for action in idle.actions_for_menu())


def test_a_clip_that_is_not_finished_says_so(idle: PlayerView) -> None:
    idle.show_generation(generation(state=GenerationState.PROCESSING))
    assert idle.empty.text == "This clip is not finished."


def test_a_missing_file_is_told_by_its_name(idle: PlayerView, tmp_path: Path) -> None:
    idle.show_generation(generation(video_path=tmp_path / "gone.mp4"))
    assert idle.empty.text == "The file is no longer in its place: gone.mp4"
    asked: list[Generation] = []
    idle.locate_requested.connect(asked.append)
    assert idle.empty.button.text() == "Locate file…"
    idle.empty.button.click()
    assert [one.video_path for one in asked] == [tmp_path / "gone.mp4"]


def test_no_playback_at_all_is_told(idle: PlayerView, clip: Path) -> None:
    idle.show_file(clip, "A clip")
    assert idle.empty.text == "This clip cannot be played here."
    assert idle.empty.button.isVisible()


def test_without_qts_player_pictures_still_play(
    qtbot: QtBot, theme: Theme, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_parent: QObject) -> Playback:
        raise ImportError("libpulse.so.0: cannot open shared object file")

    monkeypatch.setattr(playback, "QtPlayback", missing)
    player = PlayerView()
    qtbot.addWidget(player, before_close_func=lambda widget: widget.release())
    _open(qtbot, player, clip)
    assert isinstance(player.sources.current, FramePlayback)
    assert not player.controls.mute_button.isEnabled()
    assert "No sound" in player.controls.mute_button.toolTip()


def test_a_small_move_is_a_click_and_a_long_one_a_drag(
    qtbot: QtBot, player: PlayerView, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[list[Path]] = []
    monkeypatch.setattr(
        "veo_studio.ui.views.picture.drag_files", lambda _w, paths, _p: dragged.append(paths)
    )
    _open(qtbot, player, clip)
    picture = player._picture
    center = picture.rect().center()
    qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=center)
    qtbot.mouseMove(picture, center + QPoint(2, 0))
    assert dragged == []
    qtbot.mouseMove(picture, center + QPoint(60, 0))
    qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=center + QPoint(60, 0))
    assert dragged == [[clip]]
    assert not player.is_playing


_OPEN_AND_CLOSE = """
import sys
from pathlib import Path
from PyQt6.QtCore import QEventLoop, QTimer, qInstallMessageHandler
from PyQt6.QtWidgets import QApplication
from veo_studio.ui.playback import QtPlayback

app = QApplication([])
qInstallMessageHandler(lambda *_: None)
playback = QtPlayback()
# with a sound output even where there is no device: its thread then warns at every start
playback._player.setAudioOutput(playback._sound)
loop = QEventLoop()
for turn in range(150):
    playback.open(Path(sys.argv[1]))
    playback.play()
    QTimer.singleShot(turn % 8, loop.quit)
    loop.exec()
    playback.close()
"""


@pytest.mark.skipif(not _has_qt_multimedia(), reason="QtMultimedia lacks a system library")
def test_a_thread_of_qt_that_logs_does_not_stop_the_program(clip: Path) -> None:
    """`stop` waited for a thread that waited for Python's lock to log a warning: for ever."""
    subprocess.run(
        [sys.executable, "-c", _OPEN_AND_CLOSE, str(clip)],
        check=True,
        timeout=30,
        capture_output=True,
    )
