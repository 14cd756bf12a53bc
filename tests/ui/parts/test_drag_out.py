from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.parts.samples import generation
from veo_studio.core.models import GenerationState
from veo_studio.ui import drag_out
from veo_studio.ui.theme import Theme


@pytest.fixture
def clip_file(tmp_path: Path) -> Path:
    path = tmp_path / "näkymä 1.mp4"
    path.write_bytes(b"x")
    return path


def test_a_drag_offers_a_copy_of_local_files_and_no_text(
    qtbot: QtBot, theme: Theme, clip_file: Path
) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    drag = drag_out.make_drag(widget, [clip_file, clip_file], None)
    mime = drag.mimeData()
    assert mime is not None
    assert mime.formats() == ["text/uri-list"]
    assert mime.urls()[0].toLocalFile() == str(clip_file)
    assert not drag.pixmap().isNull()
    drag.deleteLater()


def test_only_finished_clips_with_a_file_are_dragged(clip_file: Path) -> None:
    ready = generation(1, video_path=clip_file)
    gone = generation(2, video_path=clip_file.with_name("gone.mp4"))
    running = generation(3, state=GenerationState.PROCESSING, video_path=clip_file)
    assert drag_out.draggable([gone, running, ready]) == [clip_file]
    assert drag_out.why_not([running]) == "Only what is finished can be dragged."
    assert drag_out.why_not([gone]) == "The file is no longer in its place."
    assert drag_out.why_not([ready]) == ""


def test_the_system_decides_what_is_a_drag(qapp: QApplication) -> None:
    far = QApplication.startDragDistance()
    assert not drag_out.has_moved_enough(QPoint(5, 5), QPoint(5 + far - 1, 5))
    assert drag_out.has_moved_enough(QPoint(5, 5), QPoint(5 + far, 5))


def test_a_drag_inside_a_task_is_refused(qtbot: QtBot, clip_file: Path) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)

    async def drag() -> None:
        drag_out.drag_files(widget, [clip_file])

    with pytest.raises(RuntimeError, match="inside a task"):
        asyncio.run(drag())
