"""What ended while the window was not in front, gathered into one notification.

All that one click began is told together at its end, and whatever ends while a notification is up joins
it. What the user cancelled is no news.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QWidget

from veo_studio.core.models import Generation
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.notifications import Note, SystemNotifications, message_words
from veo_studio.ui.text import tr, tr_n

# so long the ready ones of a click wait for its others
_LONGEST_MS = 10 * 60 * 1000
PictureOf = Callable[[str, Path], Awaitable[Path | None]]


class Ending(Enum):
    READY = "ready"
    FAILED = "failed"
    NEEDS_USER = "needs_user"


@dataclass
class _Click:
    """What one click began: who still runs, and what came of the others."""

    running: set[int] = field(default_factory=set)
    ended: list[tuple[Ending, Generation]] = field(default_factory=list)


class WorkNews(QObject):
    """One per window.

    Signals:
        opened(generations): the user clicked the notification about these.
    """

    opened = pyqtSignal(object)

    def __init__(
        self, window: QWidget, scope: TaskScope, notifications: SystemNotifications
    ) -> None:
        super().__init__(window)
        self._window = window
        self._scope = scope
        self._notifications = notifications
        self._picture_of: PictureOf | None = None
        self.is_on = True
        self._clicks: dict[int, _Click] = {}
        # everything that is stored in one turn of the loop is of one click
        self._newest: _Click | None = None
        self._waiting: list[_Click] = []
        # what the notification says that is up or on its way
        self._told: list[tuple[Ending, Generation]] = []
        self._is_telling = False
        self._has_more = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_LONGEST_MS)
        self._patience.timeout.connect(self.tell_what_waits)
        notifications.opened.connect(self._on_opened)
        notifications.gone.connect(self._on_gone)
        window.installEventFilter(self)

    def open(self, picture_of: PictureOf) -> None:
        """The core is there; `picture_of` makes the small picture of a file."""
        self._picture_of = picture_of

    # what happens

    def began(self, generation: Generation) -> None:
        """It was stored a moment ago."""
        if self._newest is None:
            self._newest = _Click()
            QTimer.singleShot(0, self._end_click)
        self._newest.running.add(generation.id)
        self._clicks[generation.id] = self._newest

    def _end_click(self) -> None:
        self._newest = None

    def settled(self, generation: Generation) -> None:
        """It ended and that is no news: nobody waits for it any more."""
        click = self._clicks.pop(generation.id, None)
        if click is not None:
            click.running.discard(generation.id)
            if not click.running and click.ended:
                self._finish(click)

    def ended(self, generation: Generation, ending: Ending) -> None:
        click = self._clicks.pop(generation.id, None) or _Click()
        click.running.discard(generation.id)
        if self._is_in_front():
            return
        click.ended.append((ending, generation))
        if not click.running or ending is Ending.NEEDS_USER:
            self._finish(click)
        elif click not in self._waiting:
            self._waiting.append(click)
            if not self._patience.isActive():
                self._patience.start()

    def tell_what_waits(self) -> None:
        """The ready ones of clicks whose others take long."""
        for click in list(self._waiting):
            self._finish(click)

    def _finish(self, click: _Click) -> None:
        if click in self._waiting:
            self._waiting.remove(click)
        ended, click.ended = click.ended, []
        if ended and self.is_on and not self._is_in_front():
            self._told += ended
            self._tell()

    # telling

    def _tell(self) -> None:
        if self._is_telling:
            self._has_more = True
            return
        self._is_telling = True
        if self._scope.spawn(self._show(), name="notification") is None:
            self._is_telling = False

    async def _show(self) -> None:
        try:
            while self._told:
                self._has_more = False
                told = list(self._told)
                note = await self._note(told)
                if self._is_in_front():
                    break
                await self._notifications.show(note)
                if not self._has_more:
                    break
        finally:
            self._is_telling = False
        if not self._notifications.is_up:
            self._told = []

    async def _note(self, told: list[tuple[Ending, Generation]]) -> Note:
        shown = next((one for ending, one in reversed(told) if ending is Ending.READY), told[-1][1])
        picture = None
        if self._picture_of is not None and shown.has_file and shown.video_path is not None:
            picture = await self._picture_of(shown.uuid, shown.video_path)
        return Note(title_of(told), message_words(shown.prompt), picture)

    def _is_in_front(self) -> bool:
        return self._window.isActiveWindow()

    def _on_opened(self) -> None:
        told = [generation for _ending, generation in self._told]
        if told:
            self.opened.emit(told)

    def _on_gone(self) -> None:
        if not self._is_telling:
            self._told = []

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.WindowActivate:
            # all of it is in sight now
            self._patience.stop()
            for click in self._waiting:
                click.ended.clear()
            self._waiting.clear()
            self._told = []
            self._notifications.withdraw()
        return False


def title_of(told: list[tuple[Ending, Generation]]) -> str:
    """ "Your clip is ready", "12 clips are ready, 1 failed"."""
    if len(told) == 1:
        return _title_of_one(*told[0])
    counts = {
        ending: [one for kind, one in told if kind is ending]
        for ending in Ending
    }  # fmt: skip
    parts = []
    if ready := counts[Ending.READY]:
        parts.append(_ready_words(ready))
    if failed := len(counts[Ending.FAILED]):
        parts.append(tr("{n} failed", n=failed))
    if waiting := len(counts[Ending.NEEDS_USER]):
        parts.append(tr_n("{n} needs you", "{n} need you", waiting))
    if not ready:
        whole = tr("{n} of your clips and pictures", n=len(told))
        return tr("{whole}: {parts}", whole=whole, parts=", ".join(parts))
    return ", ".join(parts)


def _title_of_one(ending: Ending, generation: Generation) -> str:
    is_picture = generation.is_picture
    if ending is Ending.READY:
        return tr("Your picture is ready") if is_picture else tr("Your clip is ready")
    if ending is Ending.FAILED:
        return tr("A picture failed") if is_picture else tr("A clip failed")
    return tr("A picture needs you") if is_picture else tr("A clip needs you")


def _ready_words(ready: list[Generation]) -> str:
    n = len(ready)
    if all(one.is_picture for one in ready):
        return tr_n("{n} picture is ready", "{n} pictures are ready", n)
    if any(one.is_picture for one in ready):
        return tr("{n} clips and pictures are ready", n=n)
    return tr_n("{n} clip is ready", "{n} clips are ready", n)
