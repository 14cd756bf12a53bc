"""Writes the settings soon after they change: a program that is killed forgets nothing."""

from __future__ import annotations

import asyncio
import copy
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEvent, QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QWidget

from veo_studio.core.errors import StorageError
from veo_studio.core.settings import Settings

_log = logging.getLogger(__name__)

# one writing for a theme, one for a second of typing
_DELAY_MS = 400
_SIZES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.WindowStateChange)

Spawn = Callable[..., object]


class SettingsKeeper(QObject):
    """One per program; it writes nothing before `open`, for the folder may be another window's.

    Signals:
        saved(): what was written is on the disk.
        failed(error): it could not be written; told once until a writing succeeds.
    """

    saved = pyqtSignal()
    failed = pyqtSignal(object)

    def __init__(
        self,
        settings: Settings,
        path: Path,
        spawn: Spawn,
        collect: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """`collect` puts what the window shows into `settings`; `spawn(coroutine, name=...)`."""
        super().__init__(parent)
        self._settings = settings
        self._path = path
        self._spawn = spawn
        self._collect = collect
        self._is_open = False
        self._has_failed = False
        self._written: dict[str, Any] = copy.deepcopy(settings.to_json())
        # an older writing that a thread is late with never replaces a newer one
        self._lock = threading.Lock()
        self._asked = 0
        self._stored = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._timer.timeout.connect(self._save)

    def open(self) -> None:
        """The folder is ours; what changed so far is written."""
        self._is_open = True
        self.save_soon()

    def save_soon(self, *_: object) -> None:
        """Something may have changed."""
        if self._is_open and not self._timer.isActive():
            self._timer.start()

    def watch_sizes(self, *widgets: QWidget) -> None:
        """Their places and sizes are settings as well."""
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() in _SIZES:
            self.save_soon()
        return False

    def stop(self) -> None:
        """Watch no longer: the window is about to go."""
        self._is_open = False
        self._timer.stop()

    def save_now(self) -> None:
        """Write what the settings are, in this thread. Raises StorageError."""
        self._asked += 1
        self._write(copy.deepcopy(self._settings), self._asked)

    async def write(self) -> None:
        """Write what the settings are, now and in order with all other writings. Raises StorageError."""
        self._asked += 1
        await asyncio.to_thread(self._write, copy.deepcopy(self._settings), self._asked)

    def _save(self) -> None:
        self._collect()
        now = self._settings.to_json()
        if now != self._written:
            self._written = copy.deepcopy(now)
            self._asked += 1
            snapshot = copy.deepcopy(self._settings)
            self._spawn(self._saved(snapshot, self._asked), name="settings")

    async def _saved(self, snapshot: Settings, number: int) -> None:
        try:
            await asyncio.to_thread(self._write, snapshot, number)
        except StorageError as error:
            _log.warning("%s", error.message)
            # the next change tries again
            self._written = {}
            if not self._has_failed:
                self._has_failed = True
                self.failed.emit(error)
        else:
            self._has_failed = False
            self.saved.emit()

    def _write(self, snapshot: Settings, number: int) -> None:
        with self._lock:
            if number > self._stored:
                snapshot.save(self._path)
                self._stored = number
