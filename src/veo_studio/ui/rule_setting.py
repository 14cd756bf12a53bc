"""The rules beside the window: their dialogs, and what is done in them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from veo_studio.core.errors import StudioError
from veo_studio.core.plain import masked
from veo_studio.ui import error_text
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.core.catalog import Catalog
    from veo_studio.core.publishing.desk import PublishingDesk
    from veo_studio.core.publishing.models import Rule
    from veo_studio.ui.view_models.rules_model import Sources
    from veo_studio.ui.views.rule_dialog import RuleDialog
    from veo_studio.ui.views.rules_dialog import RulesDialog

PANE = "history"


class RuleSetting(QObject):
    """One per window; its dialogs are made when they are asked for."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        desk: Callable[[], PublishingDesk],
        catalog: Callable[[], Catalog],
    ) -> None:
        """`desk` and `catalog` raise ValueError while the core is not there."""
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._desk = desk
        self._catalog = catalog
        self.dialog: RulesDialog | None = None
        self.editing: RuleDialog | None = None

    def show(self) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
        else:
            self._telling.run(self.ask(self._window), PANE)

    async def ask(self, parent: QWidget) -> None:
        """Until it is closed."""
        from veo_studio.core.publishing.kinds import all_kinds
        from veo_studio.ui.view_models.rules_model import RulesModel
        from veo_studio.ui.views.rules_dialog import RulesDialog

        if self.dialog is not None:
            return
        # some kinds' modules are first read here
        kinds = {info.kind: info for info in await asyncio.to_thread(all_kinds)}
        model = RulesModel(self._desk(), kinds, _sources(self._catalog()))
        dialog = self.dialog = RulesDialog(model, parent)
        dialog.new_requested.connect(self._on_new)
        dialog.change_requested.connect(self._on_change)
        dialog.delete_requested.connect(self._on_delete)
        dialog.switched.connect(self._on_switched)
        try:
            await model.read()
            await run_dialog(dialog)
        finally:
            self.dialog = None
            model.deleteLater()

    def _on_new(self) -> None:
        self._run(self._edit(None))

    def _on_change(self, rule: Rule) -> None:
        self._run(self._edit(rule))

    def _on_delete(self, rule: Rule) -> None:
        self._run(self._delete(rule))

    def _on_switched(self, rule: Rule, is_on: bool) -> None:
        if self.dialog is not None:
            self._run(self.dialog.model.switch(rule, is_on))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._telling.run(self._told(work), PANE)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        """What is refused is said in the dialog, which lies over everything else."""
        try:
            await work
        except (StudioError, ValueError, LookupError) as error:
            if self.dialog is not None:
                words = _words(error)
                self.dialog.notices.show_notice(words, level="bad", key=words)

    async def _edit(self, rule: Rule | None) -> None:
        from veo_studio.ui.views.rule_dialog import RuleDialog

        if self.dialog is None or self.editing is not None:
            return
        editing = self.editing = RuleDialog(self.dialog.model, rule, self.dialog)
        editing.wanted.connect(self._on_wanted)
        try:
            await run_dialog(editing)
        finally:
            self.editing = None

    def _on_wanted(self) -> None:
        if self.editing is not None:
            self._run(self._save(self.editing))

    async def _save(self, editing: RuleDialog) -> None:
        try:
            await editing.model.save(editing.filled(), editing.rule)
        except (StudioError, ValueError, LookupError) as error:
            if self.editing is editing:
                editing.refuse(_words(error))
        else:
            if self.editing is editing:
                editing.accept()

    async def _delete(self, rule: Rule) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        await dialog.model.delete(rule)
        if self.dialog is not dialog:
            return
        dialog.notices.show_notice(
            tr("{name} was deleted.", name=rule.name),
            key="deleted rule",
            action_text=tr("Undo"),
            on_action=lambda: self._run(dialog.model.restore(rule)),
            timeout_ms=0,
        )


def _sources(catalog: Catalog) -> Sources:
    from veo_studio.ui.view_models.rules_model import Sources

    providers = {one.id: one.name for one in catalog.providers.values()}
    models: dict[str, dict[str, str]] = {}
    for model in catalog.models:
        models.setdefault(model.provider, {})[model.id] = model.name
    return Sources(providers, models)


def _words(error: Exception) -> str:
    if isinstance(error, StudioError):
        return error_text.describe(error).whole
    return masked(str(error))
