"""Drags by Qt's own mouse events; what would be handed to another program is caught."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt
from PyQt6.QtGui import QDrag, QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from veo_studio.ui import drag_out

_LEFT = Qt.MouseButton.LeftButton


class Caught:
    """Every drag that was started: its files, formats, actions, and whether it had a picture."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files: list[list[Path]] = []
        self.formats: list[list[str]] = []
        self.actions: list[tuple[Qt.DropAction, Qt.DropAction]] = []
        self.pictured: list[bool] = []
        caught = self

        class Drag(QDrag):
            def exec(self, supported: Qt.DropAction, default: Qt.DropAction) -> Qt.DropAction:  # type: ignore[override]
                mime = self.mimeData()
                assert mime is not None
                caught.files.append([Path(url.toLocalFile()) for url in mime.urls()])
                caught.formats.append(mime.formats())
                caught.actions.append((supported, default))
                caught.pictured.append(not self.pixmap().isNull())
                self.deleteLater()
                return Qt.DropAction.IgnoreAction

        monkeypatch.setattr(drag_out, "QDrag", Drag)


def pull(widget: QWidget, at: QPoint) -> None:
    """Press at a point and move as far as a drag takes."""
    far = at + QPoint(QApplication.startDragDistance() + 8, 4)
    QTest.mousePress(widget, _LEFT, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseMove(widget, at + QPoint(4, 1))
    QTest.mouseMove(widget, far)
    QTest.mouseMove(widget, far + QPoint(4, 0))
    QTest.mouseRelease(widget, _LEFT, Qt.KeyboardModifier.NoModifier, far)


async def pull_outside_tasks(widget: QWidget, at: QPoint) -> None:
    """The same from an async test: the mouse's events never come from inside a task."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def work() -> None:
        pull(widget, at)
        done.set_result(None)

    loop.call_soon(work)
    await done


def drop(widget: QWidget, mime: QMimeData) -> bool:
    """Let go of `mime` over the middle of a widget; True where it was taken as a copy."""
    middle = widget.rect().center()
    actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(middle, actions, mime, _LEFT, none)
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(middle), actions, mime, _LEFT, none)
    QApplication.sendEvent(widget, event)
    return event.isAccepted() and event.dropAction() is Qt.DropAction.CopyAction
