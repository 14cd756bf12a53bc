"""Free space: looking at what takes how much, and giving it back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QDialog, QMainWindow

from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import size_words, tr, tr_n
from veo_studio.ui.view_models.library_commands import (
    LibraryCommands,
    Trash,
    bring_back,
    move_to_trash,
)
from veo_studio.ui.views.clip_requests import ClipRequests

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio
    from veo_studio.ui.view_models.space_model import SpaceModel, SpaceRow
    from veo_studio.ui.views.free_space import FreeSpaceDialog

_UNDO_MS = 15_000


class Freeing(QObject):
    """One per window; `outputs` tells where clips go now."""

    def __init__(
        self,
        window: QMainWindow,
        telling: Telling,
        *,
        requests: ClipRequests,
        trash: Trash = move_to_trash,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._requests = requests
        self._trash = trash
        self._studio: Studio | None = None
        self.dialog: FreeSpaceDialog | None = None
        window.installEventFilter(self)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self._studio = studio

    def show(self) -> None:
        """Open the page, or bring it to the front; before the core is there, nothing."""
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
        elif self._studio is not None:
            self._open(self._studio)

    def on_event(self, event: GenerationEvent) -> None:
        """What was deleted, forgotten or found again leaves the lists."""
        if self.dialog is None:
            return
        one = event.generation
        if event.kind is EventKind.REMOVED:
            self.dialog.model.on_removed(one.id)
        elif event.kind is EventKind.UPDATED:
            self.dialog.model.on_moved(one.id, one.video_path)

    def _open(self, studio: Studio) -> None:
        # imported late: the window is up before anybody cleans up
        from veo_studio.core.free_space import FreeSpace
        from veo_studio.core.store.free_space import FileRows
        from veo_studio.ui.view_models.space_model import SpaceModel
        from veo_studio.ui.views.free_space import FreeSpaceDialog

        outputs = studio.settings.output_dir or studio.paths.outputs
        looks = FreeSpace(FileRows(studio.database), studio.paths, outputs)
        model = SpaceModel(looks, self._telling.scope.spawn)
        self.dialog = FreeSpaceDialog(model, self._window)
        self.dialog.asked.connect(self._on_asked)
        self.dialog.closed.connect(self._on_closed)
        self.dialog.show()
        model.look()

    def _on_closed(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.model.stop()
            dialog.deleteLater()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # minimized is not left; this page does not outlive the window
        is_hidden = event is not None and event.type() is QEvent.Type.Hide
        if is_hidden and not event.spontaneous() and self.dialog is not None:  # type: ignore[union-attr]
            self.dialog.close()
        return False

    # what is asked for

    def _on_asked(self, action: str, rows: list[SpaceRow]) -> None:
        if self.dialog is None or self._studio is None:
            return
        work = {
            "locate": self._locate,
            "forget": self._forget,
            "reveal": self._reveal,
            "trash": self._to_trash,
            "delete": self._delete,
            "caches": self._clear_caches,
            "inputs": self._remove_inputs,
        }[action]
        self._telling.run(self._told(work(self._studio, self.dialog, rows)), "history")

    async def _told(self, work) -> None:  # type: ignore[no-untyped-def]
        """What the world refuses is told in this page, while it is there."""
        try:
            await work
        except StorageError as error:
            if self.dialog is None:
                raise
            words = error.whole
            self.dialog.notices.show_notice(words, level="bad", key=words)

    async def _found(self, studio: Studio, rows: Sequence[SpaceRow]) -> list[Generation]:
        ids = [row.generation_id for row in rows if row.generation_id is not None]
        return await studio.library.by_ids(ids)

    async def _locate(self, studio: Studio, _dialog: QDialog, rows: list[SpaceRow]) -> None:
        found = await self._found(studio, rows[:1])
        if found:
            self._requests.locate_requested.emit(found[0])

    async def _forget(self, studio: Studio, _dialog: QDialog, rows: list[SpaceRow]) -> None:
        if found := await self._found(studio, rows):
            self._requests.forget_requested.emit(found)

    async def _reveal(self, _studio: Studio, _dialog: QDialog, rows: list[SpaceRow]) -> None:
        from veo_studio.ui.file_manager import show_in_file_manager

        show_in_file_manager(rows[0].path)

    async def _delete(self, studio: Studio, dialog: FreeSpaceDialog, rows: list[SpaceRow]) -> None:
        """The largest ones, with their rows, as in the history."""
        commands = LibraryCommands(
            studio.queue, studio.generations, studio.events.emit, trash=self._trash
        )
        found = await self._found(studio, rows)
        self._requests.files_leaving.emit(found)
        deleted = await commands.delete(found)
        size = size_words(sum(one.size_bytes or 0 for one, _ in deleted.rows))
        if deleted.rows:

            async def undo() -> None:
                await commands.undo(deleted)
                if self.dialog is not None:
                    self.dialog.model.look()

            self._offer_undo(dialog, len(deleted.rows), size, undo)
        if deleted.refused and await self._is_for_good(
            len(deleted.refused), sum(one.size_bytes or 0 for one in deleted.refused)
        ):
            await commands.delete_for_good(deleted.refused)

    async def _to_trash(
        self, _studio: Studio, dialog: FreeSpaceDialog, rows: list[SpaceRow]
    ) -> None:
        """Files without a row, with the recipes beside them."""
        rows = await self._still(dialog, rows)
        moved, refused = await asyncio.to_thread(self._move, rows)
        if moved:
            paths = {path for path, _ in moved}
            done = [row for row in rows if row.path in paths]
            self._drop(dialog, done)

            async def undo() -> None:
                await asyncio.to_thread(_bring_back, moved)
                if self.dialog is not None:
                    self.dialog.model.look()

            size = size_words(sum(row.size_bytes for row in done))
            self._offer_undo(dialog, len(done), size, undo)
        if refused and await self._is_for_good(
            len(refused), sum(row.size_bytes for row in refused)
        ):
            # the question may have stood there for a while
            refused = await self._still(dialog, refused)
            await asyncio.to_thread(_delete, refused)
            self._drop(dialog, refused)

    async def _still(self, dialog: FreeSpaceDialog, rows: list[SpaceRow]) -> list[SpaceRow]:
        """Those that still have no row; the others leave the list."""
        left = await dialog.model.still_strays(rows)
        still = set(left)
        self._drop(dialog, [row for row in rows if row not in still])
        return left

    def _drop(self, dialog: FreeSpaceDialog, rows: Sequence[SpaceRow]) -> None:
        if dialog is self.dialog:
            dialog.model.drop_paths([row.path for row in rows])

    def _move(
        self, rows: Sequence[SpaceRow]
    ) -> tuple[list[tuple[Path, Path | None]], list[SpaceRow]]:
        """In a thread: where each file went, and which ones the trash does not take."""
        moved: list[tuple[Path, Path | None]] = []
        refused = []
        for row in rows:
            if row.path.is_symlink() or not row.path.is_file():
                # it went meanwhile, or became something that was never shown
                continue
            try:
                moved.append((row.path, self._trash(row.path)))
            except StorageError:
                refused.append(row)
                continue
            recipe = row.stray.recipe if row.stray is not None else None
            if recipe is not None and recipe.is_file() and not recipe.is_symlink():
                try:
                    moved.append((recipe, self._trash(recipe)))
                except StorageError:
                    continue  # nothing hangs on it
        return moved, refused

    def _offer_undo(
        self, dialog: FreeSpaceDialog, count: int, size: str, undo: Callable[[], object]
    ) -> None:
        words = tr_n(
            "Moved to the trash ({size}).",
            "{n} files moved to the trash ({size}).",
            count,
            size=size,
        )
        # it may have been closed meanwhile
        is_there = dialog is self.dialog
        bar = dialog.notices if is_there else self._telling.notices_of("history")
        bar.show_notice(
            f"{words} {tr('The space is free once the trash is emptied.')}",
            level="info",
            key="trash",
            action_text=tr("Undo"),
            on_action=lambda: self._telling.run(undo(), "history"),  # type: ignore[arg-type]
            timeout_ms=_UNDO_MS,
        )

    async def _is_for_good(self, count: int, size_bytes: int) -> bool:
        question = Question(
            tr_n("Delete it for good?", "Delete {n} files for good?", count),
            tr_n(
                "The trash does not take this file ({size}). Deleted for good, it cannot be brought back.",
                "The trash does not take these {n} files ({size}). Deleted for good, they cannot be "
                "brought back.",
                count,
                size=size_words(size_bytes),
            ),
            tr_n("&Delete for good", "&Delete {n} for good", count),
            tr("&Keep"),
            self.dialog or self._window,
        )
        return await run_dialog(question) == QDialog.DialogCode.Accepted

    async def _clear_caches(
        self, _studio: Studio, dialog: FreeSpaceDialog, _rows: list[SpaceRow]
    ) -> None:
        self._tell_freed(dialog, await dialog.model.clear_caches())

    async def _remove_inputs(
        self, _studio: Studio, dialog: FreeSpaceDialog, _rows: list[SpaceRow]
    ) -> None:
        space = dialog.model.space
        if space is None:
            return
        unused = space.taken("inputs")
        question = Question(
            tr_n("Remove {n} file?", "Remove {n} files?", len(unused.removable)),
            tr(
                "{size} of pictures and clips that no generation, preset or form uses. They cannot be "
                "brought back; your own originals stay where they are.",
                size=size_words(unused.removable_bytes),
            ),
            tr("&Remove"),
            tr("&Keep"),
            dialog,
        )
        if await run_dialog(question) == QDialog.DialogCode.Accepted:
            self._tell_freed(dialog, await dialog.model.remove_inputs())

    def _tell_freed(self, dialog: FreeSpaceDialog, freed_bytes: int) -> None:
        if dialog is not self.dialog:
            return
        dialog.notices.show_notice(
            tr("{size} are free now.", size=size_words(freed_bytes)), level="ok", key="freed"
        )
        model: SpaceModel = dialog.model
        model.look()


def _bring_back(moved: Sequence[tuple[Path, Path | None]]) -> None:
    """Each that can be; raises StorageError where one stays in the trash."""
    problem: StorageError | None = None
    for path, in_trash in moved:
        try:
            if in_trash is not None:
                bring_back(in_trash, path)
        except StorageError as error:
            problem = error
    if problem is not None:
        raise problem


def _delete(rows: Sequence[SpaceRow]) -> None:
    from veo_studio.core.placing import delete_for_good

    for row in rows:
        delete_for_good(row.path)
        if row.stray is not None and row.stray.recipe is not None:
            delete_for_good(row.stray.recipe)
