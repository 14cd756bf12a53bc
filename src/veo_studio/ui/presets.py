"""Presets and lists in the window: the link under the prompt, its menu, and what it opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPoint, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDialog, QMenu, QPushButton, QWidget

from veo_studio.core.errors import StorageError
from veo_studio.core.presets import NamedList, Preset
from veo_studio.ui import shortcuts
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.icons import icon
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_presets import apply_preset
from veo_studio.ui.view_models.preset_model import PresetModel, entry_words
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.preset_fields import UnderPrompt

if TYPE_CHECKING:
    from veo_studio.ui.views.preset_dialog import PresetDialog
    from veo_studio.ui.views.preset_save import SavePreset

_NOTICE = "preset"


class Presets(QObject):
    """One per window; `show_form` brings the form into sight.

    Signals:
        dialog_opened(), dialog_closed(): `saving` or `dialog`.
    """

    dialog_opened = pyqtSignal()
    dialog_closed = pyqtSignal()

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
        self._told: tuple[str, ...] = ()
        self._is_asking = False
        self.presets = PresetModel(self)
        self.saving: SavePreset | None = None
        self.dialog: PresetDialog | None = None
        self.link = QPushButton(tr("Presets"))
        self.link.setObjectName("presets")
        self.link.setIcon(icon("list", "accent", 16))
        self.link.setProperty("link", True)
        shortcuts.bind_tip(
            self.link,
            "window.presets",
            lambda key: tr(
                "Settings and prompts under a name, and lists for many prompts ({key})", key=key
            ),
        )
        self.menu = QMenu(window)
        self.menu.setToolTipsVisible(True)
        form.prompt_tools.addWidget(self.link)
        # behind what others put there
        form.add_to_tab_order(self.link, before=form.negative)
        self.under_prompt = UnderPrompt(form, model, self.link)
        self.link.clicked.connect(self.show_menu)
        self.presets.changed.connect(self._on_changed)

    async def open(self, path: Path) -> None:
        """The presets are in this file, which may not exist."""
        try:
            await self.presets.open(path)
        except StorageError as error:
            # the shipped ones are there all the same
            self._telling.show_error(error, "form")
        self._model.set_lists(self.presets.library.texts())
        if (aside := self.presets.library.kept_aside) is not None:
            self._form.notices.show_notice(
                tr("The file of your presets was damaged; it is kept as {name}.", name=aside.name),
                level="warn",
            )

    def _on_changed(self) -> None:
        self._model.set_lists(self.presets.library.texts())
        problems = self.presets.library.problems
        if problems and problems != self._told:
            self._telling.notices_of("form").show_notice(
                tr("In presets.json: {problem}", problem=" ".join(problems[:3])),
                level="warn",
                key="presets.json",
            )
        self._told = problems

    # the menu

    def show_menu(self) -> None:
        """Read what there is and offer it under the link."""
        self._telling.run(self._show_menu(), "form")

    async def _show_menu(self) -> None:
        self._show_form()
        await self.presets.load()
        self._fill()
        at = self.link.mapToGlobal(QPoint(0, self.link.height()))
        self.menu.popup(at)

    def _fill(self) -> None:
        for action in self.menu.actions():
            self.menu.removeAction(action)
            action.deleteLater()
        shelf = self.presets.library.presets
        own = sorted(shelf.own, key=lambda preset: preset.name.casefold())
        shipped = [preset for preset in shelf.offered() if preset.is_shipped]
        for presets in (own, shipped):
            for preset in presets:
                self._offer(self.menu, preset, preset.name, partial(self.apply, preset))
            if presets:
                self.menu.addSeparator()
        lists = QMenu(tr("Insert a &list"), self.menu)
        lists.setToolTipsVisible(True)
        for one in self.presets.library.lists.offered():
            self._offer(lists, one, f"{{{one.name}}}", partial(self._insert, one.name))
        lists.setEnabled(not lists.isEmpty())
        self.menu.addMenu(lists)
        self.menu.addSeparator()
        self._add(self.menu, tr("&Save as preset…"), self.save)
        for action in self.menu.actions():
            # what is edited is one that waits: its words are no template
            action.setEnabled(action.isEnabled() and not self._model.texts.is_literal)
        self._add(self.menu, tr("&Manage presets and lists…"), self.manage)

    def _offer(
        self, menu: QMenu, entry: Preset | NamedList, name: str, do_it: Callable[[], object]
    ) -> None:
        action = self._add(menu, name.replace("&", "&&"), do_it)
        action.setToolTip(plain_tool_tip(entry_words(entry)))

    def _add(self, menu: QMenu, words: str, do_it: Callable[[], object]) -> QAction:
        action = QAction(words, menu)
        action.triggered.connect(lambda _checked=False: do_it())
        menu.addAction(action)
        return action

    def apply(self, preset: Preset) -> None:
        """Bring it into the form; one click brings back what was there.

        While a waiting one is edited, nothing but a sentence.
        """
        if self._form.is_taken():
            return
        before = self._model.state()
        apply_preset(self._model, preset)
        notices = self._telling.notices_of("form")
        notices.dismiss(_NOTICE)
        after = self._model.state()
        if after != before:
            notices.show_notice(
                tr("“{name}” is in the form.", name=preset.name),
                key=_NOTICE,
                action_text=tr("Undo"),
                on_action=lambda: self._form.undo(before, after),
                timeout_ms=8000,
            )
        missing = self._model.found.missing
        fields = self.under_prompt.variables.fields
        if missing and missing[0] in fields:
            fields[missing[0]].setFocus()
        else:
            self._form.edit_prompt()

    def _insert(self, name: str) -> None:
        self._form.prompt.insertPlainText(f"{{{name}}}")
        self._form.prompt.setFocus()

    # dialogs

    def save(self) -> None:
        self._telling.run(self._save(), "form")

    async def _save(self) -> None:
        if self._is_asking:
            return
        from veo_studio.ui.views.preset_save import SavePreset

        self._is_asking = True
        try:
            dialog = SavePreset(self._model, self.presets, self._window)
            self.saving = dialog
            self.dialog_opened.emit()
            if await run_dialog(dialog) != QDialog.DialogCode.Accepted:
                return
            told = dialog.told()
        finally:
            self._is_asking = False
            self.saving = None
            self.dialog_closed.emit()
        preset = told.preset(self._model)
        await self.presets.put(preset, instead_of=told.name)
        self._telling.notices_of("form").show_notice(
            tr("Saved as “{name}”.", name=told.name), level="ok", key=_NOTICE, timeout_ms=4000
        )

    def manage(self) -> None:
        self._telling.run(self._manage(), "form")

    async def _manage(self) -> None:
        if self._is_asking:
            return
        from veo_studio.ui.views.preset_dialog import PresetDialog

        self._is_asking = True
        try:
            await self.presets.load()
            self.dialog = PresetDialog(self.presets, self._telling.scope.spawn, self._window)
            self.dialog_opened.emit()
            await run_dialog(self.dialog)
        finally:
            self._is_asking = False
            self.dialog = None
            self.dialog_closed.emit()
