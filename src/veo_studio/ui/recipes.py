"""Recipes in the window: settings of a clip into the form, copies with metadata, and whether any are written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QStandardPaths
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFileDialog, QWidget

from veo_studio.core.models import Generation, GenerationRequest, InputRole, MediaInput, Task
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormTab
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.history import HistoryView

if TYPE_CHECKING:
    from veo_studio.core.input_files import InputFiles
    from veo_studio.core.recipe import Recipe
    from veo_studio.core.recipe_files import Find
    from veo_studio.core.settings import Settings

_KEY = "recipe"


class Recipes(QObject):
    """One per window; `show_form` brings the form into sight, `is_editing` says that it is taken."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        settings: Settings,
        show_form: Callable[[], None],
        *,
        form: FormView,
        model: FormModel,
        history: HistoryView,
        is_editing: Callable[[], bool],
        on_changed: Callable[[], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._settings = settings
        self._show_form = show_form
        self._form = form
        self._model = model
        self._is_editing = is_editing
        self._on_changed = on_changed
        self._find: Find | None = None
        self._files: InputFiles | None = None
        self._folder = Path(
            QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
        )
        history.export_requested.connect(self.export)

    def open(self, find: Find, files: InputFiles) -> None:
        """The core is there; `find` knows a stored generation by the digest of its file."""
        self._find, self._files = find, files

    def bind_switch(self, action: QAction) -> None:
        """The user's choice, in a menu."""
        action.setChecked(self._settings.writes_recipes)
        action.toggled.connect(self._on_switched)

    def _on_switched(self, is_on: bool) -> None:
        self._settings.writes_recipes = is_on
        self._on_changed()

    # into the form

    def load(self, path: Path) -> None:
        """The settings of a clip, or of a recipe, into the form; nothing is bought."""
        self._telling.run(self._load(path), "form")

    async def _load(self, path: Path) -> None:
        # imported late: the window is up before anybody drops something
        from veo_studio.core import recipe as recipes
        from veo_studio.core.recipe_files import SUFFIX, of_clip

        if self._find is None or self._files is None or not self._model.is_open:
            raise ValueError(tr("Your library is still being opened."))
        if path.suffix.lower() == SUFFIX:
            recipe = await asyncio.to_thread(recipes.read, path)
        else:
            recipe = await of_clip(path, self._find)
        if self._is_editing() and self._form.is_taken():
            return
        request, missing = _without_missing(recipe.request, self._files)
        before = self._model.state()
        self._show_form()
        self._form.load(request, says_seed=False)
        if missing:
            # where they can be given again
            self._model.set_tab(FormTab.PICTURES)
        after = self._model.state()
        taken = tr("The settings of {name} are in the form.", name=path.name)
        sentences = [
            " ".join(filter(None, (taken, self._model.seed_words()))),
            *self._caveats(recipe, missing, path.name),
        ]
        bar = self._telling.notices_of("form")
        bar.dismiss(_KEY)
        bar.show_notice(
            " ".join(sentences),
            level="info" if len(sentences) == 1 else "warn",
            action_text=tr("Undo"),
            on_action=lambda: self._form.undo(before, after),
            key=_KEY,
            timeout_ms=15_000 if len(sentences) == 1 else 0,
        )

    def _caveats(self, recipe: Recipe, missing: list[MediaInput], name: str) -> list[str]:
        """What is not as it was."""
        told = []
        if recipe.is_changed:
            told.append(tr("The file was changed since; this is how it was made."))
        if missing:
            told.append(
                tr_n(
                    "{names} is not kept here any more: choose it again.",
                    "{names} are not kept here any more: choose them again.",
                    len(missing),
                    names=", ".join(item.name for item in missing),
                )
            )
        wanted, taken = recipe.request, self._model.model
        if (taken.provider, taken.id) != (wanted.provider, wanted.model):
            told.append(
                tr("There is no model {model} here; {name} is chosen.",
                   model=wanted.model, name=taken.name)
            )  # fmt: skip
        return told

    # out of the library

    def export(self, generation: Generation) -> None:
        """A copy with prompt and recipe inside, where the user says."""
        self._telling.run(self._export(generation), "history")

    async def _export(self, generation: Generation) -> None:
        from veo_studio.core import recipe as recipes
        from veo_studio.core.embedding import export_copy

        source = generation.video_path
        if source is None:
            return
        target = await self._ask_where(source)
        if target is None:
            return
        recipe = recipes.of_generation(generation)
        await asyncio.to_thread(export_copy, source, target, recipe)
        self._telling.notices_of("history").show_notice(
            tr("{name} holds prompt and recipe.", name=target.name),
            level="ok",
            action_text=tr("Show in folder"),
            on_action=lambda: self._telling.run(_reveal(target), "history"),
            timeout_ms=15_000,
        )

    async def _ask_where(self, source: Path) -> Path | None:
        dialog = QFileDialog(self._window, tr("Export copy with metadata"), str(self._folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(source.suffix[1:])
        dialog.setNameFilter(tr("Files of this kind ({pattern})", pattern=f"*{source.suffix}"))
        dialog.selectFile(source.name)
        # Qt's own question is a loop of its own; ours is asked below
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        if await run_dialog(dialog) != QFileDialog.DialogCode.Accepted:
            return None
        target = Path(dialog.selectedFiles()[0])
        self._folder = target.parent
        if not await asyncio.to_thread(target.exists):
            return target
        question = Question(
            tr("Replace the file?"),
            tr("{name} is there already.", name=target.name),
            tr("&Replace"),
            tr("&Cancel"),
            self._window,
        )
        is_agreed = await run_dialog(question) == QFileDialog.DialogCode.Accepted
        return target if is_agreed else None


def _without_missing(
    request: GenerationRequest, files: InputFiles
) -> tuple[GenerationRequest, list[MediaInput]]:
    """The request with what is kept here, and what is not."""
    config = request.config
    missing = [item for item in config.inputs if not files.path(item).is_file()]
    if not missing:
        return request, []
    kept = tuple(item for item in config.inputs if item not in missing)
    roles = {item.role for item in kept}
    if InputRole.FIRST_FRAME not in roles:
        # a last frame does not stay without a first one
        kept = tuple(item for item in kept if item.role is not InputRole.LAST_FRAME)
    task = config.task if InputRole.SOURCE in roles else Task.CREATE
    return replace(request, config=replace(config, inputs=kept, task=task)), missing


async def _reveal(path: Path) -> None:
    from veo_studio.ui.file_manager import show_in_file_manager

    show_in_file_manager(path)
