"""Pictures and clips into the form: by a file dialog, by a drop, and from the history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QStandardPaths
from PyQt6.QtWidgets import QFileDialog, QWidget

from veo_studio.core.models import Generation, InputRole, Task
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_inputs import PICTURE_SUFFIXES
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.views.form import FormView

# the sentence about a picture that cannot be used takes the place of the one before
_KEY = "picture"


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
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._show_form = show_form
        self._form = form
        self._model = model
        self._folder = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.PicturesLocation
        )
        form.picture_wanted.connect(lambda role: telling.run(self._choose(role), "form"))
        form.picture_dropped.connect(lambda path, role: telling.run(self._add(path, role), "form"))

    def work_on(self, generation: Generation, task: Task) -> None:
        """A clip of the library becomes what is edited, extended or made sharper."""
        self._telling.run(self._work_on(generation, task), "form")

    async def _work_on(self, generation: Generation, task: Task) -> None:
        self._show_form()
        try:
            await self._model.work_on(generation, task)
        except ValueError as error:
            self._refuse(error)
            return
        self._telling.notices_of("form").dismiss(_KEY)
        self._form.edit_prompt()

    async def _choose(self, role: InputRole) -> None:
        dialog = QFileDialog(self._window, tr("Choose a picture"), self._folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        patterns = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        dialog.setNameFilter(tr("Pictures ({patterns})", patterns=patterns))
        if await run_dialog(dialog) == QFileDialog.DialogCode.Accepted:
            path = Path(dialog.selectedFiles()[0])
            self._folder = str(path.parent)
            await self._add(path, role)

    async def _add(self, path: Path, role: InputRole) -> None:
        try:
            await self._model.add_picture(path, role)
        except ValueError as error:
            self._refuse(error)
        else:
            self._telling.notices_of("form").dismiss(_KEY)

    def _refuse(self, error: ValueError) -> None:
        self._telling.notices_of("form").dismiss(_KEY)
        self._telling.notices_of("form").show_notice(str(error), level="warn", key=_KEY)
