"""The shelf of a window: when it is seen, what is on it, and that both are so again at the next start."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QByteArray, QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QWindow
from PyQt6.QtWidgets import QApplication, QDialog, QWidget

from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui.drag_out import MOST_FILES
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.views.clip_requests import ClipRequests

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio
    from veo_studio.ui.views.shelf import ShelfWindow

# in `Settings.window_state`
_CLIPS, _OPEN, _PLACE = "shelf.clips", "shelf.open", "shelf.geometry"


class Shelf(QObject):
    """One per window; its own small window is made when it is first needed.

    Signals:
        shown(bool): it is on the screen now, or no longer.
    """

    shown = pyqtSignal(bool)

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        settings: Settings,
        requests: ClipRequests,
        on_changed: Callable[[], object],
    ) -> None:
        """`on_changed`: something that is remembered between two starts is another one."""
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._settings = settings
        self._requests = requests
        self._on_changed = on_changed
        self._studio: Studio | None = None
        self._loading: asyncio.Task[None] | None = None
        self.view: ShelfWindow | None = None
        requests.shelf_requested.connect(self.add)
        window.installEventFilter(self)

    def open(self, studio: Studio) -> None:
        """The core is there; a shelf that was open at the end is open again."""
        self._studio = studio
        self._restore()

    def on_event(self, event: GenerationEvent) -> None:
        if self.view is not None:
            self.view.model.on_event(event)

    @property
    def is_shown(self) -> bool:
        return self.view is not None and self.view.isVisible()

    def set_shown(self, is_shown: bool) -> None:
        """Bring it up, or put it away; what is on it stays."""
        if not is_shown:
            if self.view is not None:
                self.view.close()
        elif (view := self._made()) is not None and not view.isVisible():
            self._place(view)
            view.show()
            self._on_focus(QApplication.focusWindow())
            self._settings.window_state[_OPEN] = "1"
            self._on_changed()
            self.shown.emit(True)

    def toggle(self) -> None:
        self.set_shown(not self.is_shown)
        self.shown.emit(self.is_shown)

    def add(self, generations: Sequence[Generation]) -> None:
        """Put finished clips on it; the focus stays where it is."""
        chosen = [one for one in generations if one.has_file]
        if chosen and self._studio is not None:
            self.set_shown(True)
            self._telling.run(self._add(chosen), "history")

    async def _add(self, generations: Sequence[Generation]) -> None:
        view = self._made()
        if view is None:
            return
        if self._loading is not None:
            await self._loading
        count = view.model.add(generations)
        if not count:
            is_full = view.model.rowCount() >= MOST_FILES
            view.say(tr("The shelf is full.") if is_full else tr("It is on the shelf already."))

    async def _take(self, paths: Sequence[str]) -> None:
        """Files that were dropped: those that are clips of the library."""
        studio = self._studio
        assert studio is not None
        found, strange = [], 0
        for path in paths[:MOST_FILES]:
            one = await _clip_of(studio, Path(path))
            if one is None:
                strange += 1
            else:
                found.append(one)
        if found:
            await self._add(found)
        if strange and self.view is not None:
            self.view.say(
                tr_n(
                    "{n} file is no clip of your library.",
                    "{n} files are no clips of your library.",
                    strange,
                )
            )

    # its window

    def _made(self) -> ShelfWindow | None:
        if self.view is None and self._studio is not None:
            # imported late: the window is up before anybody looks at it
            from veo_studio.ui.view_models.shelf_model import ShelfModel
            from veo_studio.ui.views.shelf import ShelfWindow

            model = ShelfModel(self._studio.thumbnails, self._telling.scope.spawn)
            view = self.view = ShelfWindow(model)
            self._window.destroyed.connect(view.deleteLater)
            view.dropped.connect(self._on_dropped)
            view.play_requested.connect(self._on_play)
            view.reveal_requested.connect(self._requests.reveal_requested)
            view.copy_path_requested.connect(self._requests.copy_path_requested)
            view.closed.connect(self._on_closed)
            view.placed.connect(self._on_placed)
            application = QApplication.instance()
            assert isinstance(application, QApplication)
            application.focusWindowChanged.connect(self._on_focus)
            self._loading = self._telling.scope.spawn(self._load(view), name="shelf: its clips")
        return self.view

    async def _load(self, view: ShelfWindow) -> None:
        assert self._studio is not None
        stored = self._settings.window_state.get(_CLIPS, "").split(",")
        ids = [int(one) for one in stored if one.isdecimal() and len(one) < 19]
        view.model.add(await self._studio.library.by_ids(ids[:MOST_FILES]))
        view.model.changed.connect(self._on_clips)

    def _restore(self) -> None:
        if self._settings.window_state.get(_OPEN) == "1" and self._window.isVisible():
            self.set_shown(True)

    def _place(self, view: ShelfWindow) -> None:
        """Where it was; the first time at the lower right of the screen."""
        try:
            stored = self._settings.window_state.get(_PLACE, "")
            place = base64.b64decode(stored, validate=True)
        except (ValueError, binascii.Error):
            place = b""
        if place and view.restoreGeometry(QByteArray(place)):
            return
        screen = self._window.screen()
        if screen is not None:
            view.place_in_corner(screen.availableGeometry())

    def _on_focus(self, window: QWindow | None) -> None:
        """Above other programs, but below the dialogs of this one."""
        if self.view is None or (window is not None and window.type() is Qt.WindowType.Popup):
            return
        tops = QApplication.topLevelWidgets()
        is_dialog = window is not None and any(
            isinstance(one, QDialog) and one.windowHandle() is window for one in tops
        )
        self.view.set_over_all(not is_dialog)

    # what happens to it

    def _on_dropped(self, generations: list[Generation], paths: list[str]) -> None:
        # by a task of its own: a drop comes from inside the drag's loop
        work = self._add(generations) if generations else self._take(paths)
        self._telling.run(work, "history")

    def _on_play(self, generation: Generation) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()
        self._requests.play_requested.emit(generation)

    def _on_clips(self) -> None:
        if self.view is not None:
            self._settings.window_state[_CLIPS] = ",".join(str(one) for one in self.view.model.ids)
            self._on_changed()

    def _on_closed(self) -> None:
        self._settings.window_state[_OPEN] = "0"
        self._on_changed()
        self.shown.emit(False)

    def _on_placed(self) -> None:
        if self.is_shown and self.view is not None:
            place = self.view.saveGeometry().data()
            self._settings.window_state[_PLACE] = base64.b64encode(place).decode("ascii")
            self._on_changed()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # minimized is not left; the shelf does not outlive the window
        if event is not None and not event.spontaneous():
            if event.type() is QEvent.Type.Hide and self.view is not None:
                self.view.hide()
            elif event.type() is QEvent.Type.Show and self._studio is not None:
                self._restore()
        return False


async def _clip_of(studio: Studio, path: Path) -> Generation | None:
    """The clip that this file is: by its place, else by its bytes."""
    from veo_studio.core.errors import StorageError
    from veo_studio.core.placing import sha256_of

    if (here := await studio.generations.by_file(path)) is not None:
        return here
    try:
        digest = await asyncio.to_thread(sha256_of, path)
    except StorageError:
        return None
    one = await studio.generations.by_digest(digest)
    # it may be one that was deleted
    return next(iter(await studio.library.by_ids([one.id])), None) if one is not None else None
