"""Dialogs and captions where the system writes at 200 %."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.parts.samples import generation
from veo_studio.core.exporting.kept import ExportChoices
from veo_studio.ui.compare_sources import CompareSources
from veo_studio.ui.view_models.export_model import ExportModel
from veo_studio.ui.view_models.space_model import SpaceModel
from veo_studio.ui.views.compare_tile import CompareTile
from veo_studio.ui.views.compare_zoom import CompareZoom
from veo_studio.ui.views.export import ExportDialog
from veo_studio.ui.views.free_space import FreeSpaceDialog
from veo_studio.ui.views.player_controls import PlayerControls

# the program's look comes first: letters are enlarged on top of it
pytestmark = pytest.mark.usefixtures("theme")


def test_nothing_of_the_export_is_cut_off(
    qtbot: QtBot, large_letters: None, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"clip")
    model = ExportModel(
        [generation(1, video_path=path)],
        ExportChoices(),
        None,  # type: ignore[arg-type]
        lambda *_args, **_named: None,
        folder=tmp_path,
    )
    dialog = ExportDialog(model)
    qtbot.addWidget(dialog)
    dialog.show()
    needed = dialog.layout().minimumSize().width()
    assert needed > 540, "what this is about"
    dialog.resize(100, 100)
    assert dialog.width() >= needed


def test_every_tab_of_free_space_is_in_sight(qtbot: QtBot, large_letters: None) -> None:
    dialog = FreeSpaceDialog(SpaceModel(None, lambda *_args, **_named: None))  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    bar = dialog.tabs.tabBar()
    assert bar.count() == 4
    assert all(dialog.tabs.rect().contains(bar.tabRect(place)) for place in range(4))


def test_words_that_tell_takes_apart_stay_in_sight(
    qtbot: QtBot, large_letters: None, tmp_path: Path
) -> None:
    path = tmp_path / "take.png"
    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(0)
    image.save(str(path))
    place = QWidget()
    qtbot.addWidget(place)
    sources = CompareSources(place)
    sources.open([path])
    # nobody reads any more when the place goes
    qtbot.waitUntil(lambda: sources.items[0].picture() is not None, timeout=30_000)
    tile = CompareTile(sources.items[0], CompareZoom(place), place)
    tile.show_facts(1, "Seed 4711, Model", "8 s", "A red kite")
    tile.show_mark(is_kept=True, is_rejected=False)
    place.show()
    tile.show()
    words = tile.difference.sizeHint().width()
    for width in (380, 1200):
        tile.setGeometry(0, 0, width, 400)
        tile.layout().activate()
        assert tile.difference.width() >= min(words, width - 20)
        is_beside = tile.difference.y() + tile.difference.height() > tile.keep_button.y()
        assert is_beside is (width == 1200)
    sources.close()


def test_the_time_leaves_room_in_a_narrow_player(qtbot: QtBot, large_letters: None) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    controls = PlayerControls(place)
    controls.set_length(8000)
    place.show()
    for width, words in ((280, "0:01"), (600, "0:01 / 0:08")):
        controls.setGeometry(0, 0, width, 50)
        controls.show_position(1000, 8000, 40.0)
        controls.layout().activate()
        assert controls.time.text() == words
        assert controls.loop_button.x() >= controls.time.geometry().right() + 4
        assert controls.mute_button.geometry().right() < width
