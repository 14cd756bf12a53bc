"""The storyboard that is open in the window: what is written, undo and redo, and saving by itself.

What the user writes is undone; which pictures and takes stand for a scene is not, because a run
chooses them at the same time: whatever is undone keeps the choices of now.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from veo_studio.core.errors import StudioError
from veo_studio.core.storyboard.models import Choices, Storyboard
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.core.storyboard.scene_states import BoardView

# after the last edit
_SAVE_MS = 500
# who never pauses loses no more than this to a power cut
_LATEST_MS = 2000
# after it could not be stored: a disk that is full is seldom so for long, and the last one for ever
_AGAIN_MS = (2_000, 5_000, 15_000, 60_000)
# typing in one field is one step of undo until there is a pause
_PAUSE_S = 1.5
_UNDO_STEPS = 500


class Spawn(Protocol):
    def __call__(self, work: Coroutine[Any, Any, Any], *, name: str) -> object: ...


class BoardStore(Protocol):
    """What a document is read from and written to."""

    async def get(self, which: int | str) -> Storyboard: ...

    async def save(self, board: Storyboard) -> Storyboard: ...


class BoardDocument(QObject):
    """One per window; `open` puts a storyboard into it.

    Signals:
        opened(): another storyboard is shown, or none.
        board_changed(): it reads otherwise, or other pictures or takes are chosen.
        view_changed(): its scenes stand elsewhere.
        saved(): all that was written is stored.
        failed(error): it could not be stored; it stays, and is tried again with the next edit and by
            itself, with growing waits. Told once until it is stored.
        stored_after_all(): what `failed` told of is over.
        changed_elsewhere(): another program wrote it; this one shows that, undo brings the own back.
    """

    opened = pyqtSignal()
    board_changed = pyqtSignal()
    view_changed = pyqtSignal()
    saved = pyqtSignal()
    failed = pyqtSignal(object)
    stored_after_all = pyqtSignal()
    changed_elsewhere = pyqtSignal()

    def __init__(
        self,
        spawn: Spawn,
        parent: QObject | None = None,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        again_ms: Sequence[int] = _AGAIN_MS,
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope; `again_ms` are waits after failures."""
        super().__init__(parent)
        self._spawn = spawn
        self._clock_s = clock_s
        self._again_ms = again_ms
        # how often in a row it could not be stored, and whether that was told
        self._failures = 0
        self._is_told = False
        self._store: BoardStore | None = None
        self._board: Storyboard | None = None
        self._view: BoardView | None = None
        self._choices: dict[str, Choices] = {}
        self._is_dirty = False
        self._writing = asyncio.Lock()
        self.undo = QUndoStack(self)
        self.undo.setUndoLimit(_UNDO_STEPS)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._save_soon)
        self._latest = QTimer(self)
        self._latest.setSingleShot(True)
        self._latest.timeout.connect(self._save_soon)

    @property
    def board(self) -> Storyboard | None:
        """None while no storyboard is open."""
        return self._board

    @property
    def view(self) -> BoardView | None:
        return self._view

    @property
    def is_dirty(self) -> bool:
        """Something is not stored yet."""
        return self._is_dirty or self._writing.locked()

    def bind(self, store: BoardStore) -> None:
        """The core is there."""
        self._store = store

    # which one

    def open(self, board: Storyboard) -> None:
        """Show `board`; whoever calls it has waited for `flush`."""
        self._put_away()
        self._board = board
        self._choices = {scene.uuid: scene.choices for scene in board.scenes}
        self.opened.emit()
        self.board_changed.emit()

    def close(self) -> None:
        """Show none; whoever calls it has waited for `flush`."""
        self._put_away()
        self.opened.emit()
        self.board_changed.emit()

    def _put_away(self) -> None:
        self._stop_timers()
        self._is_dirty = self._is_told = False
        self._failures = 0
        self._board = None
        self._view = None
        self._choices = {}
        self.undo.clear()

    # writing

    def edit(self, text: str, new_board: Storyboard, *, field: str = "") -> None:
        """One step that `text` names in the menu; typing in one `field` without a pause is one step."""
        before = self._board
        if before is None or _written(new_board) == _written(before):
            return
        self.undo.push(_Edit(self, text, before, new_board, field, self._clock_s()))

    def end_typing(self) -> None:
        """What is typed from here on is a step of its own."""
        last = self.undo.command(self.undo.index() - 1)
        if isinstance(last, _Edit):
            last.field = ""

    def put(self, board: Storyboard) -> None:
        """What undo and redo show: the document of `board`, with the choices of now."""
        now = self._board
        if now is None:
            return
        for scene in board.scenes:
            self._choices.setdefault(scene.uuid, scene.choices)
        self._board = self._with_choices(
            replace(board, id=now.id, revision=now.revision, updated_at=now.updated_at)
        )
        self._is_dirty = True
        self._timer.start(_SAVE_MS)
        if not self._latest.isActive():
            self._latest.start(_LATEST_MS)
        self.board_changed.emit()

    def _with_choices(self, board: Storyboard) -> Storyboard:
        scenes = tuple(
            scene
            if scene.choices == (chosen := self._choices.get(scene.uuid, scene.choices))
            else replace(scene, choices=chosen)
            for scene in board.scenes
        )
        return board if scenes == board.scenes else replace(board, scenes=scenes)

    # what a run chose and how far it is

    def take_choices(self, choices: Mapping[str, Choices]) -> None:
        """Other pictures or takes stand for scenes; nothing to undo, and stored already."""
        self._choices.update(choices)
        if self._board is not None:
            board = self._with_choices(self._board)
            if board is not self._board:
                self._board = board
                self.board_changed.emit()

    def set_view(self, view: BoardView | None) -> None:
        """Where its scenes stand."""
        self._view = view
        self.view_changed.emit()

    # storing

    def _stop_timers(self) -> None:
        self._timer.stop()
        self._latest.stop()

    def _save_soon(self) -> None:
        self._spawn(self._told_flush(), name="saving the storyboard")

    async def _told_flush(self) -> None:
        try:
            await self.flush()
        except (StudioError, ValueError, LookupError) as error:
            # LookupError: another program has deleted it
            if not self._is_told:
                self._is_told = True
                self.failed.emit(error)

    async def flush(self) -> None:
        """Store all that is not stored yet; raises what the store raises, and nothing is lost."""
        self._stop_timers()
        try:
            async with self._writing:
                while self._is_dirty and self._board is not None and self._store is not None:
                    await self._write(self._store, self._board)
        except StudioError:
            self._try_later()
            raise
        had_failed, self._failures, self._is_told = self._failures > 0, 0, False
        self.saved.emit()
        if had_failed:
            self.stored_after_all.emit()

    def _try_later(self) -> None:
        wait_ms = self._again_ms[min(self._failures, len(self._again_ms) - 1)]
        self._failures += 1
        self._timer.start(wait_ms)

    def stop(self) -> None:
        """The program ends: nothing is tried again."""
        self._stop_timers()

    async def _write(self, store: BoardStore, board: Storyboard) -> None:
        # imported late, with the core
        from veo_studio.core.store.storyboards import BoardChanged

        self._is_dirty = False
        try:
            stored = await store.save(board)
        except BoardChanged:
            self._take_theirs(await store.get(board.scenario.uuid))
        except BaseException:
            # of one that was put away meanwhile nothing is left to store
            self._is_dirty = self._board is not None
            raise
        else:
            self._take_revision(stored)

    def _take_revision(self, stored: Storyboard) -> None:
        now = self._board
        if now is not None and now.scenario.uuid == stored.scenario.uuid:
            self._board = replace(
                now, id=stored.id, revision=stored.revision, updated_at=stored.updated_at
            )

    def _take_theirs(self, theirs: Storyboard) -> None:
        """Undo brings the own words back, and stores them over the other ones."""
        self._take_revision(theirs)
        self._choices.update({scene.uuid: scene.choices for scene in theirs.scenes})
        self.edit(tr("Changed elsewhere"), theirs)
        self._is_dirty = False
        self.changed_elsewhere.emit()

    async def look_again(self) -> None:
        """Take in what was stored by others: a run's choices, another program's words."""
        store, board = self._store, self._board
        if store is None or board is None:
            return
        async with self._writing:
            stored = await store.get(board.scenario.uuid)
            now = self._board
            if now is None or now.scenario.uuid != stored.scenario.uuid:
                return
            if stored.revision != now.revision:
                self._take_theirs(stored)
            else:
                self.take_choices({scene.uuid: scene.choices for scene in stored.scenes})


class _Edit(QUndoCommand):
    """The value before and the one after."""

    def __init__(
        self,
        document: BoardDocument,
        text: str,
        before: Storyboard,
        after: Storyboard,
        field: str,
        at_s: float,
    ) -> None:
        super().__init__(text)
        self._document = document
        self._before = before
        self._after = after
        self.field = field
        self._at_s = at_s

    def id(self) -> int:
        return 1 if self.field else -1

    def mergeWith(self, other: QUndoCommand | None) -> bool:
        if not isinstance(other, _Edit) or other.field != self.field:
            return False
        if other._at_s - self._at_s > _PAUSE_S:
            return False
        self._after, self._at_s = other._after, other._at_s
        return True

    def undo(self) -> None:
        self._document.put(self._before)

    def redo(self) -> None:
        self._document.put(self._after)


def _written(board: Storyboard) -> Storyboard:
    """What of it is document."""
    scenes = tuple(replace(scene, choices=Choices()) for scene in board.scenes)
    return Storyboard(board.scenario, scenes)
