"""Clips whose files were moved or are gone: finding them again, or leaving them out of the lists."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QStandardPaths, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.player import PlayerView

if TYPE_CHECKING:
    from veo_studio.core.locating import Candidate, Locator

_PANE = "history"
_KEY = "locating"
_UNDO_MS = 15_000


class Locating(QObject):
    """One per window; bound to the core in `open`.

    Signals:
        counted(files, found): how far a search in a folder is.
    """

    counted = pyqtSignal(int, int)

    def __init__(
        self, window: QWidget, telling: Telling, requests: ClipRequests, player: PlayerView
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._requests = requests
        self._locator: Locator | None = None
        self._folder = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.MoviesLocation
        )
        requests.locate_requested.connect(lambda one: self._run(self._locate(one)))
        requests.search_folder_requested.connect(lambda: self._run(self._choose_folder()))
        requests.forget_requested.connect(lambda chosen: self._run(self._forget(chosen)))
        player.locate_requested.connect(requests.locate_requested)
        self.counted.connect(self._show_count)

    def open(self, locator: Locator) -> None:
        """The core is there."""
        self._locator = locator

    def _need(self) -> Locator:
        if self._locator is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._locator

    def _run(self, work: Coroutine[Any, Any, Any]) -> None:
        self._telling.run(work, _PANE)

    # one file

    async def _locate(self, generation: Generation) -> None:
        locator = self._need()
        name = generation.video_path.name if generation.video_path is not None else ""
        words = tr("Where is {name}?", name=name)
        dialog = QFileDialog(self._window, words, self._folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(_filters(generation))
        if await run_dialog(dialog) != QFileDialog.DialogCode.Accepted:
            return
        path = Path(dialog.selectedFiles()[0])
        self._folder = str(path.parent)
        candidate = await locator.examine(generation, path)
        if not candidate.is_same and not await self._is_meant(candidate):
            return
        self._requests.files_leaving.emit([generation])
        await locator.take(generation, candidate)
        self._tell_found([generation])
        self._run(self._offer_more(path.parent))

    async def _is_meant(self, candidate: Candidate) -> bool:
        question = Question(
            tr("This is another file"),
            tr(
                "{name} does not hold what was generated: it was changed, or it is another clip. "
                "It can stand in its place; you can undo that.",
                name=candidate.path.name,
            ),
            tr("&Use it all the same"),
            tr("&Leave it"),
            self._window,
        )
        return await run_dialog(question) == Question.DialogCode.Accepted

    async def _offer_more(self, folder: Path) -> None:
        """Where one was moved to, others may be."""
        missing = await self._need().missing()
        if missing:
            self._telling.notices_of(_PANE).show_notice(
                tr_n(
                    "One more file is missing.",
                    "{n} more files are missing.",
                    len(missing),
                ),
                key=_KEY,
                action_text=tr("Look in {folder}", folder=folder.name or str(folder)),
                on_action=lambda: self._run(self._search_in(folder)),
                timeout_ms=_UNDO_MS,
            )

    # a folder

    async def _choose_folder(self) -> None:
        self._need()
        words = tr("Look for missing files in a folder")
        dialog = QFileDialog(self._window, words, self._folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        if await run_dialog(dialog) == QFileDialog.DialogCode.Accepted:
            self._folder = dialog.selectedFiles()[0]
            await self._search_in(Path(self._folder))

    async def _search_in(self, folder: Path) -> None:
        locator = self._need()
        notices = self._telling.notices_of(_PANE)
        missing = await locator.missing()
        if not missing:
            notices.dismiss(_KEY)
            notices.show_notice(tr("No file is missing."), level="ok", key=_KEY)
            return
        self._show_count(0, 0)
        try:
            searched = await locator.search(folder, missing, self.counted.emit)
        finally:
            notices.dismiss(_KEY)
        found = [generation for generation, _candidate in searched.found]
        self._requests.files_leaving.emit(found)
        for generation, candidate in searched.found:
            await locator.take(generation, candidate)
        # the last one that was counted was one too many
        files = None if searched.is_whole else searched.files - 1
        self._tell_found(found, of=len(missing), only=files)

    def _show_count(self, files: int, found: int) -> None:
        notices = self._telling.notices_of(_PANE)
        words = tr(
            "Looking for missing files: {files} seen, {found} found", files=files, found=found
        )
        notice = notices.notice(_KEY)
        if notice is not None:
            notice.put(words, "info", None, None, 0)
        elif files == 0:
            notices.show_notice(words, key=_KEY, timeout_ms=0)

    def _tell_found(
        self, before: Sequence[Generation], of: int = 1, only: int | None = None
    ) -> None:
        """`before` are the clips as they were; `only` so many files were looked at, None: all of them."""
        more = ""
        if only is not None:
            more = " " + tr(
                "Only the first {n} files were looked at. Choose a smaller folder.", n=f"{only:,}"
            )
        notices = self._telling.notices_of(_PANE)
        notices.dismiss(_KEY)
        if not before:
            if only is None:
                words = tr_n(
                    "The missing file is not there.", "None of the {n} missing files is there.", of
                )
            else:
                words = tr("No missing file was found.") + more
            notices.show_notice(words, level="warn", key=_KEY)
            return
        words = tr_n("The file was found.", "{n} files were found.", len(before))
        if len(before) < of:
            words = tr("{n} of {of} missing files were found.", n=len(before), of=of)
        notices.show_notice(
            words + (more if len(before) < of else ""),
            level="ok",
            action_text=tr("Undo"),
            on_action=lambda: self._run(self._put_back(before)),
            timeout_ms=_UNDO_MS,
        )

    async def _put_back(self, before: Sequence[Generation]) -> None:
        self._requests.files_leaving.emit(list(before))
        await self._need().put_back(before)

    # no more of it

    async def _forget(self, generations: Sequence[Generation]) -> None:
        locator = self._need()
        self._requests.files_leaving.emit(list(generations))
        done = await locator.forget(generations)
        if not done:
            raise ValueError(tr("This is still being worked on. Cancel it first."))
        self._telling.notices_of(_PANE).show_notice(
            tr_n(
                "Left out of your library. What it cost stays in the books.",
                "{n} clips left out of your library. What they cost stays in the books.",
                len(done),
            ),
            action_text=tr("Undo"),
            on_action=lambda: self._run(locator.remember(done)),
            timeout_ms=_UNDO_MS,
        )


def _filters(generation: Generation) -> list[str]:
    from veo_studio.core.locating import CLIP_EXTENSIONS
    from veo_studio.core.picture_file import PICTURE_EXTENSIONS

    endings = PICTURE_EXTENSIONS if generation.is_picture else CLIP_EXTENSIONS
    patterns = " ".join(f"*.{ending}" for ending in endings)
    kind = tr("Pictures ({patterns})") if generation.is_picture else tr("Clips ({patterns})")
    return [kind.replace("{patterns}", patterns), tr("All files (*)")]
