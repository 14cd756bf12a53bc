"""What is done with clips: play, reveal, copy, edit, delete. Stopping is in `queue_control.py`, making
them once more in `once_more.py`.

`LibraryCommands` and the core decide; here is which pane asks, what it says before money is spent, and
where the answer is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QDialog, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui import error_text
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.long_work import LongWork
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import size_words, tr, tr_n
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.library_commands import Deleted, LibraryCommands
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.text_to_video import FORM, PLAYER, TextToVideoView


class ClipCommands(QObject):
    """Bound to the signals of history and queue; `open` gives it the core."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        panes: TextToVideoView,
        *,
        form: FormView,
        player: PlayerView,
        history: HistoryView,
        form_model: FormModel,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._panes = panes
        self._form = form
        self._player = player
        self._form_model = form_model
        self._library: LibraryCommands | None = None
        history.play_requested.connect(self.play)
        history.reveal_requested.connect(self.reveal)
        history.copy_path_requested.connect(self.copy_path)
        history.copy_prompt_requested.connect(self.copy_prompt)
        history.similar_requested.connect(self.similar)
        history.delete_requested.connect(self.delete)
        history.details_requested.connect(self.copy_details)
        telling.offer(
            {},
            {
                error_text.EDIT_PROMPT: lambda chosen: self.edit(chosen[-1]),
                error_text.CHANGE_SETTINGS: lambda chosen: self.edit(chosen[-1]),
                error_text.COPY_DETAILS: lambda chosen: self.copy_details(chosen[-1]),
            },
        )

    def open(self, library: LibraryCommands) -> None:
        """The core is there."""
        self._library = library

    def _need(self) -> LibraryCommands:
        if self._library is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._library

    # looking at it

    def play(self, generation: Generation) -> None:
        self._panes.set_wanted(PLAYER, True)
        self._player.show_generation(generation, autoplay=True)

    def reveal(self, generation: Generation) -> None:
        if generation.video_path is not None:
            self._telling.run(self._reveal(generation.video_path), "history")

    async def _reveal(self, path: Path) -> None:
        """Select the file in the system's file manager, or open its folder."""
        from veo_studio.ui.file_manager import show_in_file_manager

        show_in_file_manager(path)

    def copy_path(self, generations: Sequence[Generation]) -> None:
        paths = [str(one.video_path) for one in generations if one.video_path is not None]
        if paths:
            QGuiApplication.clipboard().setText("\n".join(paths))
            self._telling.say_copied(tr_n("Path copied.", "{n} paths copied.", len(paths)))

    def copy_prompt(self, generation: Generation) -> None:
        QGuiApplication.clipboard().setText(generation.prompt)
        self._telling.say_copied(tr("Prompt copied."))

    def copy_details(self, generation: Generation) -> None:
        self._telling.run(self._copy_details(generation), "history")

    async def _copy_details(self, generation: Generation) -> None:
        QGuiApplication.clipboard().setText(await self._need().report(generation))
        self._telling.say_copied(tr("Details copied."))

    # its recipe

    def edit(self, generation: Generation) -> None:
        """Its recipe into the form."""
        self._panes.set_wanted(FORM, True)
        if self._form.is_taken():
            return
        self._form.load(generation)

    def similar(self, generation: Generation) -> None:
        """The recipe with a seed of its own; the form shows what it costs."""
        if not self._form.is_taken():
            self.edit(generation)
            self._form_model.set_seed(None, is_locked=False)

    # no more of it

    def delete(self, generations: Sequence[Generation]) -> None:
        self._telling.run(self._delete(list(generations)), "history")

    async def _delete(self, generations: list[Generation]) -> None:
        shown = self._player.generation
        if shown is not None and any(shown.id == generation.id for generation in generations):
            self._player.clear()
        words = "Moving to the trash: {n} of {total}."
        work = LongWork(self._telling, "history", words, len(generations))
        try:
            deleted = await self._need().delete(generations, work.step)
        finally:
            work.end()
        if not deleted.rows and not deleted.refused:
            raise ValueError(tr("This is still being worked on. Cancel it first."))
        if deleted.rows:
            self._offer_undo(deleted)
        if deleted.refused:
            await self._offer_for_good(deleted.refused)

    def _offer_undo(self, deleted: Deleted) -> None:
        words = tr_n("Moved to the trash.", "{n} clips moved to the trash.", len(deleted.rows))
        self._telling.notices_of("history").show_notice(
            words,
            level="info",
            action_text=tr("Undo"),
            on_action=lambda: self._telling.run(self._undo(deleted), "history"),
            timeout_ms=15_000,
        )

    async def _offer_for_good(self, refused: Sequence[Generation]) -> None:
        """The trash does not take these; a disk can have none."""
        size = size_words(sum(one.size_bytes or 0 for one in refused))
        question = Question(
            tr_n("Delete it for good?", "Delete {n} files for good?", len(refused)),
            tr_n(
                "The trash does not take {name} ({size}). Deleted for good, it cannot be brought back.",
                "The trash does not take these {n} files ({size}). Deleted for good, they cannot be "
                "brought back.",
                len(refused),
                name=refused[0].video_path.name if refused[0].video_path else "",
                size=size,
            ),
            tr_n("&Delete for good", "&Delete {n} for good", len(refused)),
            tr("&Keep"),
            self._window,
        )
        if await run_dialog(question) != QDialog.DialogCode.Accepted:
            return
        count = await self._need().delete_for_good(refused)
        self._telling.notices_of("history").show_notice(
            tr_n("Deleted for good.", "{n} clips deleted for good.", count), level="info"
        )

    async def _undo(self, deleted: Deleted) -> None:
        await self._need().undo(deleted)
