"""Clips as one zip file: where it goes, the row that shows how far it is, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QMainWindow

from veo_studio.core.models import Generation
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import size_words, tr, tr_n

if TYPE_CHECKING:
    from veo_studio.core.publishing.zipping import Zipped, ZipProgress
    from veo_studio.ui.views.work_bar import WorkBar

_KEY = "zip"
_PANE = "drafts"


class Zipping(QObject):
    """One per window; writes one file at a time."""

    def __init__(self, window: QMainWindow, telling: Telling) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._is_busy = False
        self._work: asyncio.Task[Zipped] | None = None
        self.bar: WorkBar | None = None

    def ask(self, generations: Sequence[Generation]) -> None:
        """Ask where the file goes, then write it."""
        self._telling.run(self._ask(list(generations)), _PANE)

    def cancel(self) -> None:
        """End it; nothing is left of it."""
        if self._work is not None:
            self._work.cancel()

    async def _ask(self, generations: list[Generation]) -> None:
        # imported late: the window is up before anybody downloads something
        from veo_studio.ui.views.table_files import ask_path, documents

        files = [one for one in generations if one.has_file]
        if not files:
            raise ValueError(tr("Only clips that are ready can be downloaded."))
        if self._is_busy:
            raise ValueError(tr("Another zip file is being written. Wait for it, or cancel it."))
        self._is_busy = True
        try:
            name = f"veo-studio-{date.today().isoformat()}.zip"
            path = await ask_path(
                self._window,
                tr_n("Download {n} clip as a zip file", "Download {n} clips as a zip file",
                     len(files)),
                str(Path(documents(), name)),
                tr("Zip files (*.zip)"),
                "zip",
            )  # fmt: skip
            if path is not None:
                await self.write(files, path)
        finally:
            self._is_busy = False

    async def write(self, files: Sequence[Generation], path: Path) -> None:
        """Into this file; told while it goes on and when it is over. Raises as `zip_clips`."""
        from veo_studio.core.publishing.zipping import zip_clips

        bar = self._made_bar()
        work = self._work = asyncio.get_running_loop().create_task(
            zip_clips(files, path, self._on_progress), name="zip"
        )
        bar.begin_with(tr("Writing {name}", name=path.name))
        try:
            await asyncio.wait([work])
        finally:
            # the window may be closing
            if not work.done():
                work.cancel()
                await asyncio.wait([work])
            self._work = None
            bar.hide()
        if work.cancelled():
            self._say(tr("The download was cancelled; nothing is left of it."), "info", None)
        else:
            self._tell(work.result())

    def _on_progress(self, progress: ZipProgress) -> None:
        if self.bar is None or self._work is None:
            return
        words = tr(
            "Writing {number} of {count}: {name}",
            number=progress.number,
            count=progress.count,
            name=progress.name,
        )
        facts = tr(
            "{done} of {total}",
            done=size_words(progress.bytes_done),
            total=size_words(progress.bytes_total),
        )
        fraction = progress.bytes_done / max(1, progress.bytes_total)
        self.bar.show_fraction(words, min(1.0, fraction), facts)

    def _tell(self, done: Zipped) -> None:
        words = tr_n(
            "{n} clip is in {name} ({size}).",
            "{n} clips are in {name} ({size}).",
            done.count,
            name=done.path.name,
            size=size_words(done.size_bytes),
        )
        if done.missing:
            words += " " + tr_n(
                "{name} is missing and was left out.",
                "{n} files are missing and were left out.",
                len(done.missing),
                name=done.missing[0],
            )
        self._say(words, "warn" if done.missing else "ok", done.path)

    def _say(self, words: str, level: str, path: Path | None) -> None:
        bar = self._telling.notices_of(_PANE)
        bar.dismiss(_KEY)
        bar.show_notice(
            words,
            level=level,  # type: ignore[arg-type]
            key=_KEY,
            action_text=tr("Show in folder") if path is not None else None,
            on_action=None if path is None else (lambda: _reveal(path)),
            timeout_ms=15_000,
        )

    def _made_bar(self) -> WorkBar:
        if self.bar is None:
            from veo_studio.ui.views.work_bar import WorkBar

            self.bar = WorkBar(
                tr("Download"), tr("How far the download is"), tr("Cancel"), self._window
            )
            self.bar.setObjectName("zipBar")
            middle = self._window.centralWidget()
            layout = middle.layout() if middle is not None else None
            assert layout is not None
            layout.addWidget(self.bar)
            self.bar.cancel_requested.connect(self.cancel)
        return self.bar


def _reveal(path: Path) -> None:
    from veo_studio.ui.file_manager import show_in_file_manager

    show_in_file_manager(path)
