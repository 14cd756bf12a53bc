"""Pictures and clips into the form: by a file dialog, a drop, a paste, and from the library."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QStandardPaths
from PyQt6.QtWidgets import QFileDialog, QWidget

from veo_studio.core.framing import Frame, Framing
from veo_studio.core.models import Generation, InputRole, MediaInput, Task
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.given import Given
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.form_inputs import PICTURE_SUFFIXES
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.form import FormView

# the sentence about a picture that cannot be used takes the place of the one before
_KEY = "picture"
_ASIDE = "put aside"


class MadeFrom(QObject):
    """One per window; `show_form` brings the form into sight."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        show_form: Callable[[], None],
        *,
        form: FormView,
        model: FormModel,
        history: LibraryModel,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._show_form = show_form
        self._form = form
        self._model = model
        self._history = history
        self._folder = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.PicturesLocation
        )
        self._is_refitting = False
        pictures = form.pictures
        pictures.wanted.connect(lambda role, item: self._run(self._choose(role, item)))
        pictures.library_wanted.connect(lambda role, item: self._run(self._browse(role, item)))
        pictures.framing_wanted.connect(lambda item, how: self._run(self._set_framing(item, how)))
        pictures.crop_wanted.connect(lambda item: self._run(self._crop(item)))
        form.pictures_given.connect(
            lambda given, role, item: self._run(self._take(given, role, item))
        )
        model.changed.connect(self._refit)

    def _run(self, work) -> None:  # type: ignore[no-untyped-def]
        self._telling.run(work, "form")

    # from the history

    def work_on(self, generation: Generation, task: Task) -> None:
        """A clip of the library becomes what is edited, extended or made sharper."""
        self._run(self._show_and(self._model.work_on(generation, task)))

    def use(self, generation: Generation, role: InputRole) -> None:
        """A picture of the library, or the last frame of a clip, becomes what the next one starts from."""
        self._run(self._use(generation, role))

    def use_frame(self, generation: Generation, at_s: float) -> None:
        """The frame of a clip at so many seconds becomes the first one of the next clip."""
        self._run(self._use(generation, InputRole.FIRST_FRAME, at_s))

    async def _use(
        self, generation: Generation, role: InputRole, at_s: float | None = None
    ) -> None:
        before = self._model.state()
        await self._show_and(self._model.add_generation(generation, role, at_s=at_s))
        gone = _replaced(before.meant, self._model.meant)
        if not gone:
            return
        after = self._model.state()
        bar = self._telling.notices_of("form")
        bar.dismiss(_ASIDE)
        bar.show_notice(
            tr_n(
                "Taken out of the form, because it does not go together: {names}.",
                "Taken out of the form, because they do not go together: {names}.",
                len(gone),
                names=", ".join(item.name for item in gone),
            ),
            key=_ASIDE,
            action_text=tr("Undo"),
            on_action=lambda: self._form.undo(before, after),
            timeout_ms=15_000,
        )

    async def _show_and(self, work: Awaitable[None]) -> None:
        self._show_form()
        if await self._is_done(work):
            self._form.edit_prompt()

    # files, the clipboard, the library

    async def _choose(self, role: InputRole, item: MediaInput | None) -> None:
        dialog = QFileDialog(self._window, tr("Choose a picture"), self._folder)
        takes_several = role is InputRole.REFERENCE and item is None
        mode = QFileDialog.FileMode
        dialog.setFileMode(mode.ExistingFiles if takes_several else mode.ExistingFile)
        patterns = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        dialog.setNameFilter(tr("Pictures ({patterns})", patterns=patterns))
        if await run_dialog(dialog) == QFileDialog.DialogCode.Accepted:
            paths = tuple(Path(name) for name in dialog.selectedFiles())
            self._folder = str(paths[0].parent)
            await self._take(Given(paths), role, item)

    async def _browse(self, role: InputRole, item: MediaInput | None) -> None:
        # imported late: the window is up before anybody looks at it
        from veo_studio.ui.views.library_chooser import LibraryChooser

        dialog = LibraryChooser(self._history, self._window)
        chosen = None
        if await run_dialog(dialog) == LibraryChooser.DialogCode.Accepted:
            chosen = dialog.chosen()
        if chosen is not None:
            await self._is_done(self._model.add_generation(chosen, role, item))

    async def _take(self, given: Given, role: InputRole | None, item: MediaInput | None) -> None:
        """What was dropped, pasted or chosen; where nobody said, into the first places that are empty."""
        if given.is_link:
            self._refuse(
                tr("Pictures are not fetched from the web. Save it first, then drop the file here.")
            )
        elif given.paths:
            await self._take_files(given.paths, role, item)
        else:
            content = await asyncio.to_thread(given.content)
            place = role or self._model.place_for()
            name = tr("Pasted picture{suffix}", suffix=given.suffix)
            await self._is_done(self._model.add_bytes(content, name, place, item))

    async def _take_files(
        self, paths: tuple[Path, ...], role: InputRole | None, item: MediaInput | None
    ) -> None:
        left = list(paths)
        place = role or self._model.place_for(len(left))
        if not await self._is_done(self._model.add_picture(left.pop(0), place, item)):
            return
        while left and place is InputRole.REFERENCE and self._model.has_room_for_reference():
            if not await self._is_done(self._model.add_picture(left.pop(0), place)):
                return
        if left:
            self._refuse(
                tr_n(
                    "{model} has no place for one more picture.",
                    "{model} has no place for {n} more pictures.",
                    len(left),
                    model=self._model.model.name,
                )
            )

    # shapes

    async def _set_framing(self, item: MediaInput, how: Framing) -> None:
        await self._is_done(self._model.set_framing(item, how))

    async def _crop(self, item: MediaInput) -> None:
        from veo_studio.ui.views.crop_dialog import CropDialog
        from veo_studio.ui.views.picture_loading import read_large

        path = self._model.whole_path(item)
        if path is None:
            self._refuse(tr("{name} is not kept any more; choose the file again.", name=item.name))
            return
        image = await asyncio.to_thread(read_large, path)
        ratio = self._model.aspect_ratio
        before = item.frame if item.frame is not None else Frame(ratio, Framing.CROP)
        dialog = CropDialog(image, ratio, before, self._window)
        if await run_dialog(dialog) == CropDialog.DialogCode.Accepted:
            await self._is_done(self._model.reframe(item, dialog.frame()))

    def _refit(self) -> None:
        """Whatever changed the clip's shape, its frames follow."""
        if not self._is_refitting and self._model.is_open and self._model.stale_frames():
            self._is_refitting = True
            self._run(self._refit_frames())

    async def _refit_frames(self) -> None:
        try:
            await self._is_done(self._model.refit_frames())
        finally:
            self._is_refitting = False
            # one that could not be cut was left whole; the others go on
            self._refit()

    # telling

    async def _is_done(self, work: Awaitable[None]) -> bool:
        try:
            await work
        except ValueError as error:
            self._refuse(str(error))
            return False
        self._telling.notices_of("form").dismiss(_KEY)
        return True

    def _refuse(self, sentence: str) -> None:
        self._telling.notices_of("form").dismiss(_KEY)
        self._telling.notices_of("form").show_notice(sentence, level="warn", key=_KEY)


def _replaced(before: tuple[MediaInput, ...], now: tuple[MediaInput, ...]) -> list[MediaInput]:
    """What went because of a picture of another sort: references for a frame, frames for a reference."""
    roles = {(one.role is InputRole.REFERENCE) for one in now}
    return [one for one in before if (one.role is InputRole.REFERENCE) not in roles]
