"""What a storyboard is made with: its cast, and what holds for all scenes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QDialog, QFileDialog, QPlainTextEdit

from veo_studio.core.models import GenerationKind
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import ModelRef, Scenario, Storyboard
from veo_studio.core.storyboard.names import folded, mentions
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.given import Given
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.form_inputs import PICTURE_SUFFIXES
from veo_studio.ui.views.cast_panel import CastPanel, free_name
from veo_studio.ui.views.name_completion import NameCompletion
from veo_studio.ui.views.picture_loading import PictureLoader
from veo_studio.ui.views.scenario_settings import ScenarioSettings, SettingWords
from veo_studio.ui.views.table_files import documents

if TYPE_CHECKING:
    from veo_studio.core.storyboard.choosing import BoardModels
    from veo_studio.core.storyboard.sizes import Size
    from veo_studio.core.studio import Studio
    from veo_studio.ui.storyboard_access import BoardPictures
    from veo_studio.ui.views.storyboard import StoryboardView

PANE = "storyboard"


class BoardSetup(QObject):
    """Made with the tab; every change is a step of the document's undo."""

    def __init__(self, view: StoryboardView, telling: Telling, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._document = view.document
        self._telling = telling
        self._studio: Studio | None = None
        self._files: BoardPictures | None = None
        self._folder = documents()
        self.loader = PictureLoader(self)
        self.cast = CastPanel(self.loader)
        self.settings = ScenarioSettings()
        # the models of the scenario that the fields were filled for
        self._offered: tuple[ModelRef | None, ModelRef | None] | None = None
        self.cast.files_wanted.connect(lambda: self._run(self._choose_pictures("")))
        self.cast.picture_requested.connect(lambda name: self._run(self._choose_pictures(name)))
        self.cast.pictures_given.connect(lambda given: self._run(self._add(given)))
        self.cast.rename_requested.connect(self._on_rename)
        self.cast.remove_requested.connect(self._on_remove)
        self.settings.changed.connect(self._on_setting)
        self.settings.command_requested.connect(view.run)
        self.settings.left.connect(self._document.end_typing)
        self._document.opened.connect(self._show)
        self._document.board_changed.connect(self._show)
        self.complete(self.settings.style_line)
        self._show()

    def open(self, studio: Studio) -> None:
        """The core is there."""
        from veo_studio.ui.storyboard_access import BoardPictures

        self._studio = studio
        self._files = BoardPictures(studio)
        self.offer_models()

    def offer_models(self) -> None:
        """Again after a service was connected."""
        self._offered = None
        self._show()

    def complete(self, edit: QPlainTextEdit) -> NameCompletion:
        """Offer the names of the cast in this field after an @."""
        return NameCompletion(edit, self.names)

    def names(self) -> list[str]:
        board = self._document.board
        return [] if board is None else [member.name for member in board.scenario.cast]

    def _run(self, work: object) -> None:
        self._telling.run(work, PANE)  # type: ignore[arg-type]

    # the cast

    async def _choose_pictures(self, name: str) -> None:
        """New members, or another picture for the one of this name."""
        title = tr("Choose a picture") if name else tr("Choose pictures for the cast")
        dialog = QFileDialog(self._view, title, self._folder)
        mode = QFileDialog.FileMode
        dialog.setFileMode(mode.ExistingFile if name else mode.ExistingFiles)
        patterns = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        dialog.setNameFilter(tr("Pictures ({patterns})", patterns=patterns))
        if await run_dialog(dialog) != QDialog.DialogCode.Accepted:
            return
        paths = tuple(Path(one) for one in dialog.selectedFiles())
        self._folder = str(paths[0].parent)
        if name:
            await self.set_picture(name, Given(paths[:1]))
        else:
            await self._add(Given(paths))

    async def _add(self, given: Given) -> None:
        """A member for each picture, named after its file; raises ValueError, StorageError."""
        if self._files is None or self._document.board is None:
            return
        taken = await self._files.take_in(given)
        board = self._document.board
        if board is None:
            return
        for file_name, picture in taken:
            board = edits.add_cast(board, free_name(file_name, _names(board)), picture)
        words = tr_n("Add a picture to the cast", "Add {n} pictures to the cast", len(taken))
        self._document.edit(words, board)
        if self.cast.rows:
            # named after its file: the user has a better name
            self.cast.rows[-1].name.setFocus()
            self.cast.rows[-1].name.selectAll()

    async def set_picture(self, name: str, given: Given) -> None:
        """Another picture for this name; raises ValueError, StorageError."""
        if self._files is None or self._document.board is None:
            return
        (_file_name, picture), *_rest = await self._files.take_in(given)
        board = self._document.board
        if board is not None:
            changed = edits.change_cast(board, name, picture)
            self._document.edit(tr("Change a picture of the cast"), changed)

    def _on_rename(self, old: str, new: str) -> None:
        board = self._document.board
        if board is None:
            return
        try:
            changed = edits.rename_cast(board, old, new)
        except ValueError as error:
            self.cast.show_problem(old, str(error))
            return
        self._document.edit(tr("Rename in the cast"), changed)
        self._show()

    def _on_remove(self, name: str) -> None:
        board = self._document.board
        if board is not None:
            self._document.edit(tr("Remove from the cast"), edits.remove_cast(board, name))

    # what holds for all scenes

    def _on_setting(self, text: str, fields: dict[str, object], field: str) -> None:
        board = self._document.board
        if board is None:
            return
        try:
            changed = edits.change_scenario(board, **fields)
        except ValueError as error:
            self._telling.show_error(error, PANE)
            self._show()
            return
        self._document.edit(text, changed, field=field)

    # showing

    def _show(self) -> None:
        board = self._document.board
        if board is None:
            self.settings.show_scenario(None)
            self.cast.show_cast((), {}, lambda _item: None)
            return
        files = self._files
        path_of = files.path_of if files is not None else lambda _item: None
        self.cast.show_cast(board.scenario.cast, uses(board), path_of)
        self._offer(board.scenario)
        self.settings.show_scenario(board.scenario)
        self.settings.show_words(self._setting_words(board.scenario))

    def _offer(self, scenario: Scenario) -> None:
        from veo_studio.core.storyboard.sizes import RESOLUTIONS
        from veo_studio.ui.storyboard_access import model_choices

        key = (scenario.picture_model, scenario.clip_model)
        if self._studio is None or key == self._offered:
            return
        self._offered = key
        picture = self._models(replace(scenario, picture_model=None)).picture
        clip = self._models(replace(scenario, clip_model=None)).clip
        pictures = model_choices(self._studio, GenerationKind.IMAGE)
        clips = model_choices(self._studio, GenerationKind.VIDEO)
        self.settings.offer(RESOLUTIONS, pictures, picture, clips, clip)

    def _models(self, scenario: Scenario) -> BoardModels:
        from veo_studio.core.storyboard.choosing import models_of

        studio = self._studio
        assert studio is not None

        def locked(provider_id: str) -> str:
            available = studio.providers.availability(provider_id)
            return "" if available.is_ready else available.reason

        return models_of(scenario, studio.catalog, locked)

    def _setting_words(self, scenario: Scenario) -> SettingWords:
        from veo_studio.core.storyboard import sizes

        if self._studio is None:
            return SettingWords()
        resolution, fallback = sizes.resolution_of(scenario.resolution)
        models = self._models(scenario)
        picture, clip = models.picture_problem, models.clip_problem
        if models.picture is not None and not picture:
            picture = _size_words(sizes.picture_settings(resolution, models.picture))
        if models.clip is not None and not clip:
            clip = _size_words(sizes.clip_settings(resolution, models.clip))
        return SettingWords(fallback, picture, clip)


def _size_words(size: Size) -> str:
    return size.sentence or tr("Made in {size}.", size=size.words)


def uses(board: Storyboard) -> dict[str, int]:
    """In how many scenes each name of the cast is."""
    by_fold = {folded(member.name): member.name for member in board.scenario.cast}
    found = dict.fromkeys(by_fold.values(), 0)
    for scene in board.scenes:
        for name in mentions(f"{scene.image_prompt}\n{scene.visual_prompt}"):
            if folded(name) in by_fold:
                found[by_fold[folded(name)]] += 1
    return found


def _names(board: Storyboard) -> list[str]:
    return [member.name for member in board.scenario.cast]
