"""What is done for the pictures of recipes; see `screenshots.py`, which lists the scenes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from picture_scenes import pictures
from PyQt6.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent
from PyQt6.QtWidgets import QApplication

from veo_studio.app import Program

_LIMIT_S = 30.0


async def dropped(program: Program) -> None:
    """The recipe of a clip that was made from a picture which is not here."""
    await pictures(program)
    recipe = json.loads(_recipe_of_clip(program).read_text())
    recipe["config"]["inputs"] = [
        {
            "role": "first_frame",
            "sha256": "ab" * 32,
            "mime_type": "image/jpeg",
            "size_bytes": 2_400_000,
            "name": "harbour.jpg",
        }
    ]
    recipe["prompt"] = "The boats in the harbour rock gently, gulls cross the picture"
    recipe["config"]["seed"] = 1742
    path = _recipe_of_clip(program).with_name("harbour.json")
    path.write_text(json.dumps(recipe))
    program.window.player.clear()
    loaded = asyncio.get_running_loop().create_future()
    program.window.form.notices.shown.connect(lambda: loaded.done() or loaded.set_result(None))
    program.window.tools.recipes.load(path)
    await asyncio.wait_for(loaded, _LIMIT_S)


async def hovering(program: Program) -> None:
    """A clip over the window."""
    await pictures(program)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(_recipe_of_clip(program).with_suffix(".mp4")))])
    event = QDragEnterEvent(
        QPoint(400, 400), Qt.DropAction.CopyAction, mime,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(program.window, event)


def _recipe_of_clip(program: Program) -> Path:
    assert program.studio is not None
    return next(program.studio.paths.outputs.glob("*paper_boat*.json"))
