"""Which storyboard is open: chosen, begun, renamed, duplicated, deleted, carried in and out of files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QDialog, QFileDialog

from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import Choices, Storyboard, StoryboardEntry
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.views.name_dialog import NameDialog
from veo_studio.ui.views.table_files import ask_to_replace, documents

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.store.storyboards import StoryboardRepository
    from veo_studio.core.studio import Studio
    from veo_studio.ui.views.storyboard import StoryboardView

PANE = "storyboard"
_LAST = "storyboard"
# of scripts and tables, which do not say it
FIRST_RESOLUTION = "1280:720"
SUFFIX = ".veostory"
_READ = (f"*{SUFFIX}", "*.txt", "*.md", "*.csv")


class BoardKeeping(QObject):
    """Made with the tab. What is written is stored before another storyboard is shown.

    Signals:
        began(): what was shown last is shown again, or there is none.
    """

    began = pyqtSignal()

    def __init__(
        self, view: StoryboardView, telling: Telling, settings: Settings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._document = view.document
        self._telling = telling
        self._settings = settings
        self._studio: Studio | None = None
        self._folder = documents()
        # one after the other: two would leave the wrong one on the screen
        self._turn = asyncio.Lock()
        self.entries: list[StoryboardEntry] = []
        self.is_read = False
        chooser = view.top.chooser
        chooser.chosen.connect(lambda number: self._run(self.show(number)))
        chooser.about_to_open.connect(lambda: self._run(self._read_entries()))
        chooser.command_requested.connect(self._on_command)
        view.new_requested.connect(self.begin)
        view.board_requested.connect(self._on_command)

    def open(self, studio: Studio) -> None:
        """The core is there: show what was shown last."""
        self._studio = studio
        self._run(self._show_last())

    def _run(self, work: object) -> None:
        self._telling.run(work, PANE)  # type: ignore[arg-type]

    def _need(self) -> Studio:
        if self._studio is None:
            raise ValueError(tr("The library is not open yet. Try again in a moment."))
        return self._studio

    def _store(self) -> StoryboardRepository:
        return self._need().storyboards.repository

    # showing one

    async def _show_last(self) -> None:
        async with self._turn:
            await self._read_entries()
            last = self._settings.window_state.get(_LAST, "")
            known = {entry.uuid: entry.id for entry in self.entries}
            if self._document.board is None and self.entries:
                await self._open(await self._store().get(known.get(last, self.entries[0].id)))
            self.is_read = True
        self.began.emit()

    async def show(self, board: int | str) -> None:
        """Raises LookupError, StorageError."""
        async with self._turn:
            await self._document.flush()
            await self._open(await self._store().get(board))

    async def _open(self, board: Storyboard) -> None:
        self._settings.window_state[_LAST] = board.scenario.uuid
        self._document.open(board)
        await self._read_entries()

    async def _read_entries(self) -> None:
        if self._studio is not None:
            self.entries = await self._store().entries()
            self._view.top.chooser.show_entries(self.entries)

    # what is done with them

    def _on_command(self, command: str) -> None:
        if command == "new":
            self.begin()
        elif command == "from_text":
            self._run(self._ask_new(from_text=True))
        elif command == "rename":
            self._run(self._ask_name(tr("Rename the storyboard"), tr("&Rename")))
        elif command == "duplicate":
            self._run(self.duplicate())
        elif command == "delete":
            self._run(self.delete())
        elif command == "import":
            self._run(self._ask_import())
        elif command == "export":
            self._run(self._ask_export())

    def begin(self) -> None:
        """Ask for the title and the shape of a new one."""
        self._run(self._ask_new())

    async def _ask_new(self, *, from_text: bool = False) -> None:
        from veo_studio.ui.views.new_board import NewBoardDialog

        dialog = NewBoardDialog(self.create, self._run, self._view)
        if await run_dialog(dialog) == QDialog.DialogCode.Accepted and from_text:
            self._view.run("scenes.from_text")

    async def _ask_name(self, title: str, accept: str) -> None:
        board = self._document.board
        if board is None:
            return
        name = board.scenario.title
        dialog = NameDialog(title, name, accept, self.rename, self._run, self._view)
        await run_dialog(dialog)

    async def create(self, title: str, resolution: str = "") -> None:
        """A new one, shown at once; raises ValueError, StorageError."""
        async with self._turn:
            await self._document.flush()
            await self._open(await self._store().create(edits.new_board(title, resolution)))

    async def rename(self, title: str) -> None:
        """Raises ValueError with a sentence."""
        self._view.commands.rename(title)

    async def duplicate(self) -> None:
        """The words, pictures and takes of this one in another; nothing is made or paid again."""
        board = self._document.board
        if board is None:
            return
        async with self._turn:
            await self._document.flush()
            title = tr("{title} (copy)", title=board.scenario.title[:180])
            await self._open(await self._store().create(edits.copy_of(board, title)))

    async def delete(self) -> None:
        """The notice brings it back; pictures and clips stay in the library."""
        board = self._document.board
        if board is None:
            return
        async with self._turn:
            store = self._store()
            await self._document.flush()
            stopped = await self._need().storyboards.runner.delete(board)
            self._document.close()
            await self._read_entries()
            if self.entries:
                await self._open(await store.get(self.entries[0].id))
        words = tr(
            "“{title}” was deleted. Its clips stay in the library.", title=board.scenario.title
        )
        if stopped:
            waited = tr_n(
                "{n} request that waited was cancelled: nothing is paid for it.",
                "{n} requests that waited were cancelled: nothing is paid for them.",
                stopped,
            )
            words = f"{words} {waited}"
        self._telling.notices_of(PANE).show_notice(
            words,
            key=f"deleted {board.id}",
            action_text=tr("Undo"),
            on_action=lambda: self._run(self._restore(board.id)),
        )

    async def _restore(self, board_id: int) -> None:
        async with self._turn:
            store = self._store()
            await self._document.flush()
            await store.restore(board_id)
            await self._open(await store.get(board_id))

    # files

    async def _ask_import(self) -> None:
        dialog = QFileDialog(self._view, tr("Open a storyboard"), self._folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(
            tr("Storyboards, scripts and tables ({patterns})", patterns=" ".join(_READ))
        )
        if await run_dialog(dialog) == QDialog.DialogCode.Accepted:
            path = Path(dialog.selectedFiles()[0])
            self._folder = str(path.parent)
            await self.take_in(path)

    async def take_in(self, path: Path) -> None:
        """A storyboard, script or table; one that was taken in before is found again.

        Raises ValueError with a sentence, StorageError.
        """
        from veo_studio.core.storyboard.carrying import take_in

        async with self._turn:
            await self._document.flush()
            studio = self._need()
            board = await take_in(path, studio.storyboards.repository, studio.client.files)
            await self._open(board)
        is_begun = any(scene.choices != Choices() for scene in board.scenes)
        if path.suffix.lower() != SUFFIX and not board.scenario.resolution and not is_begun:
            # upright only where somebody wants it; undo goes back to what the file says
            wide = edits.change_scenario(board, resolution=FIRST_RESOLUTION)
            self._document.edit(tr("Choose the shape 16:9"), wide)

    async def _ask_export(self) -> None:
        board = self._document.board
        if board is None:
            return
        dialog = QFileDialog(self._view, tr("Save the storyboard"), self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setNameFilter(tr("Storyboards (*{suffix})", suffix=SUFFIX))
        dialog.setDefaultSuffix(SUFFIX[1:])
        dialog.selectFile(_file_name(board.scenario.title) + SUFFIX)
        # Qt's own question is a loop of its own; ours is asked below
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        if await run_dialog(dialog) != QDialog.DialogCode.Accepted:
            return
        path = Path(dialog.selectedFiles()[0])
        self._folder = str(path.parent)
        if await ask_to_replace(path, self._view):
            await self.write_out(board, path)

    async def write_out(self, board: Storyboard, path: Path) -> None:
        """With what is known of its pictures and takes; raises StorageError."""
        from veo_studio.core.storyboard.carrying import write_out

        studio = self._need()
        await write_out(board, path, studio.generations, studio.client.files)
        words = tr("The storyboard was saved as {name}.", name=path.name)
        self._telling.notices_of(PANE).show_notice(words, level="ok", key="saved as a file")


def _file_name(title: str) -> str:
    """What every system takes as the name of a file."""
    kept = "".join(one if one.isalnum() or one in " -_" else " " for one in title)
    return " ".join(kept.split())[:80] or "storyboard"
