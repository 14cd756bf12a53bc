"""What the tests of Image to Video have in common: photos, drops, and what is in the form then."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PyQt6.QtWidgets import QApplication, QWidget

from tests.ui.waiting import Opening
from tests.ui.window.conftest import Driver

NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
COPY = Qt.DropAction.CopyAction


def mime(*paths: Path, text: str = "", web: str = "", image: QImage | None = None) -> QMimeData:
    data = QMimeData()
    if urls := [QUrl.fromLocalFile(str(path)) for path in paths] + ([QUrl(web)] if web else []):
        data.setUrls(urls)
    if text:
        data.setText(text)
    if image is not None:
        data.setImageData(image)
    return data


def drop(widget: QWidget, data: QMimeData, at: QPoint | None = None) -> bool:
    """Let go of `data` over `widget`; False where it is not taken."""
    here = at or widget.rect().center()
    enter = QDragEnterEvent(here, COPY, data, LEFT, NONE)
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(QPointF(here), COPY, data, LEFT, NONE))
    return enter.isAccepted()


async def shown(opening: Opening) -> Any:
    return await asyncio.wait_for(opening.shown, 30)


def names(driver: Driver) -> list[str]:
    return [item.name for item in driver.program.form.inputs]


async def settled(driver: Driver, *wanted: str) -> None:
    """These pictures are in the form, in the shape of the clip."""
    form = driver.program.form
    await driver.until(lambda: names(driver) == list(wanted) and not form.is_preparing)
