"""A finished picture where clips are: shown, told and named as what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.transport.pictures import FORMATS, noise_picture
from tests.ui.parts.samples import generation
from veo_studio.core.models import ErrorKind, Generation, GenerationKind, GenerationState
from veo_studio.ui import error_text
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.playback import Playback
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import facts_words
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.history_words import row_facts
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.work_news import title_of


def picture(path: Path | None = None, **changes: Any) -> Generation:
    facts: dict[str, Any] = {"kind": GenerationKind.IMAGE, "video_path": path, "width_px": 320, "height_px": 180,
             "size_bytes": 9000, "has_audio": None, "length_s": None}  # fmt: skip
    return generation(**{**facts, **changes})


def no_clips(_owner: QObject) -> Playback:
    raise AssertionError("a picture needs no player of clips")


@pytest.fixture
def player(qtbot: QtBot, theme: Theme) -> PlayerView:
    made = PlayerView(playback_of=no_clips)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.release())
    made.resize(640, 420)
    made.show()
    return made


@pytest.fixture(params=FORMATS)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"a.{request.param}"
    path.write_bytes(noise_picture(request.param))
    return path


def wait_for_picture(qtbot: QtBot, player: PlayerView) -> QImage:
    qtbot.waitUntil(lambda: player.picture() is not None, timeout=10_000)
    shown = player.picture()
    assert shown is not None
    return shown


def test_a_picture_is_shown_still_and_whole(qtbot: QtBot, player: PlayerView, file: Path) -> None:
    player.show_generation(picture(file), autoplay=True)
    shown = wait_for_picture(qtbot, player)
    assert (shown.width(), shown.height()) == (320, 180)
    assert not player.is_playing
    assert player.caption.facts.text() == "320 × 180 · 9.0 kB"
    controls = player.controls
    for widget in (controls.play_button, controls.slider, controls.time, controls.loop_button,
                   controls.mute_button, controls.volume_slider, controls.speed_button):  # fmt: skip
        assert not widget.isVisible()
    assert controls.full_button.isVisible()
    assert controls.full_button.isEnabled()
    usable = [action for action in player.actions_for_menu() if action.isEnabled()]
    assert usable == [player.commands.action("full_screen")]


def test_keys_of_clips_do_nothing_to_a_picture(
    qtbot: QtBot, player: PlayerView, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(noise_picture())
    player.show_generation(picture(path))
    before = wait_for_picture(qtbot, player)
    for key in (
        Qt.Key.Key_Space,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    ):
        qtbot.keyClick(player, key)
    qtbot.mouseClick(player._picture, Qt.MouseButton.LeftButton)
    assert player.picture() == before
    assert not player.is_playing
    assert player.position_ms == 0


def test_a_picture_fills_the_screen(qtbot: QtBot, player: PlayerView, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(noise_picture())
    player.show_generation(picture(path))
    wait_for_picture(qtbot, player)
    qtbot.keyClick(player, Qt.Key.Key_F)
    full = player._full_screen
    assert full is not None
    assert full.isFullScreen()
    qtbot.keyClick(full, Qt.Key.Key_Escape)
    assert player._full_screen is None


def test_what_cannot_be_shown_says_so(qtbot: QtBot, player: PlayerView, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(noise_picture()[:300])
    with qtbot.waitSignal(player.error_occurred, timeout=10_000):
        player.show_generation(picture(path))
    assert player.empty.isVisible()
    assert player.empty.text == "This picture cannot be shown here."


def test_after_a_picture_the_controls_of_clips_are_back(
    qtbot: QtBot, player: PlayerView, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(noise_picture())
    player.show_generation(picture(path))
    wait_for_picture(qtbot, player)
    player.clear()
    assert player.controls.play_button.isVisible()
    assert player.controls.slider.isVisible()
    assert player.picture() is None


def test_a_file_that_is_open_can_be_deleted(
    qtbot: QtBot, player: PlayerView, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(noise_picture())
    player.show_generation(picture(path))
    player.release()
    path.unlink()
    assert player.picture() is None


def test_a_row_says_pixels_in_place_of_seconds() -> None:
    words = row_facts(picture(), None, "Test picture")
    assert words[0].startswith("Test picture · picture · 320 × 180 · 9.0 kB · ")
    assert words[-3:-1] == ("picture · 320 × 180", f"picture · {words[-1]}"), "in a narrow list"
    assert "picture · 320 × 180" in facts_words(picture())
    unknown = picture(width_px=None, height_px=None, size_bytes=None)
    assert "0 s" not in facts_words(unknown)
    assert "8 s" in facts_words(generation())


def test_errors_and_questions_name_a_picture() -> None:
    held = picture(state=GenerationState.HELD, error_kind=ErrorKind.STORAGE, error="No room.")
    words = error_text.describe_generation(held).happened
    assert words == "The picture is finished, but there is no place to store it. No room."


def test_notifications_name_a_picture(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    pane = PlayerView(playback_of=no_clips)
    qtbot.addWidget(pane)
    bar = NoticeBar(pane)
    telling = Telling(pane, [("queue", pane, bar)])
    told: list[str] = []
    monkeypatch.setattr(telling.news, "ended", lambda *ended: told.append(title_of([ended[::-1]])))
    failed: dict[str, Any] = {
        "state": GenerationState.FAILED,
        "error": "No.",
        "error_kind": ErrorKind.SERVER_ERROR,
    }
    telling.notify_ready(picture())
    telling.notify_ready(generation())
    telling.notify_needs_user(picture())
    telling.show_failed(picture(**failed))
    telling.show_failed(picture(**failed))
    assert told == [
        "Your picture is ready", "Your clip is ready", "A picture needs you",
        "A picture failed", "A picture failed",
    ]  # fmt: skip
    assert any(text.startswith("2 pictures failed for the same reason.") for text in bar.texts)
