"""The film page beside the storyboard: played, exported, handed to editors, with subtitles and sound."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QStandardPaths
from PyQt6.QtWidgets import QDialog, QFileDialog

from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.film_exporting import FilmExport, file_name
from veo_studio.ui.notices import Level
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n

if TYPE_CHECKING:
    from veo_studio.core.film.models import Film, FilmFormat
    from veo_studio.core.handoff.kinds import Kind
    from veo_studio.core.studio import Studio
    from veo_studio.ui.view_models.clip_pictures import ClipPictures
    from veo_studio.ui.view_models.film_model import FilmModel
    from veo_studio.ui.views.film import FilmPage
    from veo_studio.ui.views.storyboard import StoryboardView

_PANE = "storyboard"
_KEY = "film"
_SOUNDS = "*.mp3 *.wav *.m4a *.aac *.flac *.ogg *.opus *.aif *.aiff *.mp4 *.mov"


class Filming(QObject):
    """One per storyboard page; what plays and edits the film is made when it is first looked at."""

    def __init__(
        self,
        view: StoryboardView,
        telling: Telling,
        pictures: ClipPictures,
        parent: QObject | None = None,
    ) -> None:
        """`pictures` are the small ones of clips."""
        super().__init__(parent or view)
        self._view = view
        self._telling = telling
        self._pictures = pictures
        self._document = view.document
        self.exporting = FilmExport(view, telling, tell=self._tell, before=self._pause)
        self.model: FilmModel | None = None
        self.page: FilmPage | None = None
        view.part_shown.connect(self._on_part)
        view.export_requested.connect(self._on_export)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self.exporting.open(studio.paths.exports)

    def close(self) -> None:
        """The program ends: files are let go of."""
        if self.page is not None:
            self.page.release()

    def _on_part(self, part: str) -> None:
        from veo_studio.ui.views.storyboard_bar import FILM

        if part == FILM and self.page is None:
            self._make()

    def _make(self) -> None:
        # imported late: the window is up before anybody looks at a film
        from veo_studio.ui.view_models.film_model import FilmModel
        from veo_studio.ui.views.film import FilmPage

        self.model = FilmModel(self._document, self)
        page = self.page = FilmPage(self.model, self._pictures.wanted)
        self._pictures.made.connect(self._on_picture)
        page.scenes_requested.connect(self._show_scenes)
        page.export_requested.connect(self.export)
        page.handoff_requested.connect(self.hand_off)
        page.srt_in_requested.connect(self.import_subtitles)
        page.srt_out_requested.connect(self.save_subtitles)
        page.sound_requested.connect(self.choose_sound)
        page.cancel_requested.connect(self.exporting.cancel)
        self._view.cycle_film = page.cycle
        self._view.film_place.put(page, 1)
        # notices lie over the picture, never over what is clicked
        view = self._view
        view.notices.stand_on(view.run_place, *page.controls)
        view.notices.stand_within(view.editor)
        page.show()

    def _on_picture(self, _id: int) -> None:
        if self.page is not None:
            self.page.strip.update()

    def _on_export(self) -> None:
        """From a menu: as by the button, where there is something to export."""
        if self.page is not None and self.model is not None and self.model.items:
            self.page.export.click()

    def _show_scenes(self) -> None:
        from veo_studio.ui.views.storyboard_bar import SCENES

        self._view.show_part(SCENES)

    # what the user asks for

    def export(self) -> None:
        self._run(self._export())

    async def _export(self) -> None:
        from veo_studio.core.film.assembling import format_of

        film, problems = self._film()
        assert self.page is not None
        assert self._document.board is not None
        uuid = self._document.board.scenario.uuid
        first = format_of(self._document.board)

        def remember(form: FilmFormat) -> None:
            # another storyboard may have come into its place meanwhile
            board = self._document.board
            if self.model is not None and board is not None and board.scenario.uuid == uuid:
                self.model.set_burnt(titles=form.burns_titles, subtitles=form.burns_subtitles)

        await self.exporting.run(film, problems, first, self.page.bar, remember)

    def hand_off(self) -> None:
        self._run(self._hand_off())

    def import_subtitles(self) -> None:
        self._run(self._import_subtitles())

    def save_subtitles(self) -> None:
        self._run(self._save_subtitles())

    def choose_sound(self) -> None:
        self._run(self._choose_sound())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._telling.run(work, _PANE)

    # hand-off

    async def _hand_off(self) -> None:
        from veo_studio.core.handoff.kinds import Kind
        from veo_studio.core.handoff.process import hand_off

        film, problems = self._film()
        filters = {
            Kind.FCPXML: tr("Final Cut Pro and Resolve, FCPXML (*.fcpxml)"),
            Kind.FCP7: tr("Premiere Pro and Resolve, Final Cut Pro 7 XML (*.xml)"),
            Kind.OTIO: tr("OpenTimelineIO (*.otio)"),
            Kind.EDL: tr("EDL, cuts and cross-fades only (*.edl)"),
        }
        asked = await self._ask_where(tr("Hand off to an editor"), film.title, filters)
        if asked is None:
            return
        path, kind = asked
        written = await hand_off(film, path, kind)
        words = [tr("{name} is written. Editors find the clips by themselves.", name=path.name)]
        self._tell(" ".join([*words, *problems, *written.notes]), "ok", path)

    async def _ask_where(
        self, title: str, name: str, filters: dict[Kind, str]
    ) -> tuple[Path, Kind] | None:
        """None where the user left it, or kept the file that is there."""
        kinds = list(filters)
        chooser = QFileDialog(self._view, title, await asyncio.to_thread(_documents))
        chooser.setObjectName("handOff")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setFileMode(QFileDialog.FileMode.AnyFile)
        chooser.setNameFilters(list(filters.values()))
        chooser.setDefaultSuffix(kinds[0].suffix[1:])
        chosen = [kinds[0]]

        def on_filter(words: str) -> None:
            chosen[0] = next(kind for kind in kinds if filters[kind] == words)
            chooser.setDefaultSuffix(chosen[0].suffix[1:])

        chooser.filterSelected.connect(on_filter)
        chooser.selectFile(f"{file_name(name)}{kinds[0].suffix}")
        path = await self._chosen(chooser)
        if path is None:
            return None
        by_ending = [kind for kind in kinds if kind.suffix == path.suffix.lower()]
        return path, by_ending[0] if by_ending else chosen[0]

    # subtitles and sound

    async def _import_subtitles(self) -> None:
        from veo_studio.core.film.srt import read_srt, subtitles_for

        chooser = QFileDialog(self._view, tr("Import subtitles"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilters([tr("Subtitles (*.srt)"), tr("All files (*)")])
        if await run_dialog(chooser) != QDialog.DialogCode.Accepted:
            return
        path = Path(chooser.selectedFiles()[0])
        cues = await asyncio.to_thread(read_srt, path)
        placed = await self.exporting.placed(self._film()[0])
        texts, problems = subtitles_for(cues, placed)
        assert self.model is not None
        if len(texts) != len(self.model.items):
            raise ValueError(tr("The film has changed meanwhile; import the subtitles again."))
        self.model.set_subtitles(texts)
        count = sum(bool(text) for text in texts)
        words = tr_n(
            "{n} clip has a subtitle from {name}.",
            "{n} clips have subtitles from {name}.",
            count,
            name=path.name,
        )
        self._tell(" ".join([words, *problems[:3]]), "warn" if problems else "ok")

    async def _save_subtitles(self) -> None:
        from veo_studio.core.film.srt import cues_of, write_srt
        from veo_studio.core.whole_file import write_whole

        cues = cues_of(await self.exporting.placed(self._film()[0]))
        if not cues:
            raise ValueError(tr("No clip has a subtitle yet. Write some beside the film first."))
        assert self.model is not None
        chooser = QFileDialog(
            self._view, tr("Save the subtitles"), await asyncio.to_thread(_documents)
        )
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setNameFilters([tr("Subtitles (*.srt)")])
        chooser.setDefaultSuffix("srt")
        chooser.selectFile(f"{file_name(self.model.title)}.srt")
        path = await self._chosen(chooser)
        if path is not None:
            await asyncio.to_thread(write_whole, path, write_srt(cues).encode("utf-8-sig"))
            self._tell(tr("{name} is saved.", name=path.name), "ok", path)

    async def _choose_sound(self) -> None:
        chooser = QFileDialog(self._view, tr("Choose a soundtrack"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilters([tr("Sounds ({endings})", endings=_SOUNDS), tr("All files (*)")])
        if await run_dialog(chooser) == QDialog.DialogCode.Accepted and self.model is not None:
            self.model.set_soundtrack(Path(chooser.selectedFiles()[0]))

    # its tools

    def _film(self) -> tuple[Film, tuple[str, ...]]:
        """Raises ValueError with a sentence."""
        if self.model is None:
            raise ValueError(tr("Your library is still being opened."))
        return self.model.film()

    async def _chosen(self, chooser: QFileDialog) -> Path | None:
        """What is to be written; a file that is there is asked about."""
        from veo_studio.ui.dialogs import Question

        # Qt's own question is a loop of its own
        chooser.setOption(QFileDialog.Option.DontConfirmOverwrite)
        if await run_dialog(chooser) != QDialog.DialogCode.Accepted:
            return None
        path = Path(chooser.selectedFiles()[0])
        if not await asyncio.to_thread(path.exists):
            return path
        question = Question(
            tr("Replace the file?"),
            tr("{name} is there already.", name=path.name),
            tr("&Replace"),
            tr("&Cancel"),
            self._view,
        )
        is_agreed = await run_dialog(question) == QDialog.DialogCode.Accepted
        return path if is_agreed else None

    def _pause(self) -> None:
        """What is exported is not played beside it."""
        if self.page is not None and self.page.sequence is not None:
            self.page.sequence.pause()

    def _tell(self, words: str, level: Level, path: Path | None = None) -> None:
        from veo_studio.ui.file_manager import show_in_file_manager

        bar = self._telling.notices_of(_PANE)
        bar.dismiss(_KEY)
        bar.show_notice(
            words,
            level=level,
            key=_KEY,
            action_text=tr("Show in folder") if path is not None else None,
            on_action=None if path is None else (lambda: show_in_file_manager(path)),
            timeout_ms=15_000,
        )


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
