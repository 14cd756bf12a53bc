"""The targets and the rules beside the window: their dialogs, and what is done in them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QDialog, QFileDialog, QWidget

from veo_studio.core.errors import StudioError
from veo_studio.core.plain import masked
from veo_studio.ui import error_text
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.core.publishing.desk import PublishingDesk
    from veo_studio.core.publishing.models import Target, TargetKind
    from veo_studio.core.secrets import Secrets
    from veo_studio.ui.rule_setting import RuleSetting
    from veo_studio.ui.views.target_fields import FieldEdit
    from veo_studio.ui.views.targets_dialog import TargetsDialog

PANE = "history"


class TargetSetting(QObject):
    """One per window; its dialog is made when it is asked for."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        rules: RuleSetting,
        desk: Callable[[], PublishingDesk],
        secrets: Callable[[], Secrets],
    ) -> None:
        """`desk` and `secrets` raise ValueError while the core is not there."""
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._rules = rules
        self._desk = desk
        self._secrets = secrets
        self.dialog: TargetsDialog | None = None

    def show(self) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
        else:
            self._telling.run(self.ask(self._window), PANE)

    async def ask(self, parent: QWidget, *, is_new: bool = False) -> int | None:
        """Until it is closed: the id of the one that was added last, if any."""
        from veo_studio.core.publishing.kinds import all_kinds
        from veo_studio.ui.view_models.targets_model import TargetsModel
        from veo_studio.ui.views.targets_dialog import TargetsDialog

        if self.dialog is not None:
            return None
        # some kinds' modules are first read here
        kinds = await asyncio.to_thread(all_kinds)
        model = TargetsModel(self._desk(), kinds, self._telling.scope.spawn)
        dialog = self.dialog = TargetsDialog(model, parent)
        try:
            self._bind(dialog)
            await model.read()
            dialog.kept_where = await asyncio.to_thread(_kept_where, self._secrets())
            if model.targets and not is_new:
                dialog.list.setCurrentRow(0)
            else:
                dialog.show_kinds()
            await run_dialog(dialog)
        finally:
            model.stop_test()
            self.dialog = None
            model.deleteLater()
        return model.added

    def _bind(self, dialog: TargetsDialog) -> None:
        dialog.draft_requested.connect(self._on_draft)
        dialog.new_requested.connect(self._on_new)
        dialog.kind_chosen.connect(self._on_kind)
        dialog.save_requested.connect(self._on_save)
        dialog.test_requested.connect(self._on_test)
        dialog.delete_requested.connect(self._on_delete)
        dialog.choice_requested.connect(self._on_choice)
        dialog.rules_requested.connect(self._on_rules)
        dialog.leave_requested.connect(self._on_leave)

    # slots

    def _on_draft(self, target: Target) -> None:
        self._run(self._show(target))

    def _on_new(self) -> None:
        self._run(self._new())

    def _on_kind(self, kind: TargetKind) -> None:
        self._run(self._show_new(kind))

    def _on_save(self) -> None:
        self._run(self._save())

    def _on_test(self) -> None:
        if self.dialog is not None and self.dialog.page is not None:
            self.dialog.model.test(self.dialog.page.draft)

    def _on_delete(self) -> None:
        self._run(self._delete())

    def _on_choice(self, field: FieldEdit) -> None:
        self._run(self._choose(field))

    def _on_rules(self) -> None:
        if self.dialog is not None:
            self._telling.run(self._rules.ask(self.dialog), PANE)

    def _on_leave(self) -> None:
        self._run(self._leave())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._telling.run(self._told(work), PANE)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        """What is refused is said in the dialog, which lies over everything else."""
        try:
            await work
        except StudioError as error:
            self._say(error_text.describe(error).whole)
        except (ValueError, LookupError) as error:
            self._say(masked(str(error)))

    def _say(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.notices.show_notice(sentence, level="bad", key=sentence)

    # the work

    async def _show(self, target: Target) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        shown = dialog.page.draft.stored if dialog.page is not None else None
        if shown is not None and shown.id == target.id:
            return
        if dialog.has_unsaved and not await self._may_leave(dialog):
            if shown is not None:
                dialog.select(shown.id)
            else:
                dialog.unselect()
            return
        draft = await dialog.model.draft(target)
        if self.dialog is dialog:
            dialog.show_draft(draft)

    async def _new(self) -> None:
        dialog = self.dialog
        if dialog is not None and (not dialog.has_unsaved or await self._may_leave(dialog)):
            dialog.show_kinds()

    async def _show_new(self, kind: TargetKind) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        draft = await dialog.model.new(kind)
        if self.dialog is dialog:
            dialog.show_draft(draft)
            if dialog.page is not None:
                dialog.page.focus_first()

    async def _save(self) -> None:
        from veo_studio.core.publishing.folder import absence_of

        dialog = self.dialog
        if dialog is None or dialog.page is None:
            return
        page = dialog.page
        is_new = page.draft.stored is None
        page.set_busy(True)
        try:
            saved = await dialog.model.save(page.draft)
        except StudioError as error:
            page.refuse(error_text.describe(error).whole)
            return
        except (ValueError, LookupError) as error:
            page.refuse(masked(str(error)))
            return
        finally:
            page.set_busy(False)
        if self.dialog is not dialog:
            return
        absence = await asyncio.to_thread(absence_of, saved)
        draft = await dialog.model.draft(saved)
        dialog.show_draft(draft)
        dialog.select(saved.id)
        words = tr("{name} is set up.", name=saved.name) if is_new else tr("Saved.")
        dialog.notices.dismiss("saved")
        words = f"{words} {absence}".strip()
        dialog.notices.show_notice(words, level="warn" if absence else "ok", key="saved")

    async def _delete(self) -> None:
        dialog = self.dialog
        page = dialog.page if dialog is not None else None
        if dialog is None or page is None or page.draft.stored is None:
            return
        target = page.draft.stored
        page.set_busy(True)
        try:
            await dialog.model.delete(target)
        finally:
            page.set_busy(False)
        if self.dialog is not dialog:
            return
        dialog.drop_page()
        if dialog.model.targets:
            dialog.list.setCurrentRow(0)
        else:
            dialog.show_kinds()
        dialog.notices.show_notice(
            tr("{name} was deleted. What was delivered there stays.", name=target.name),
            key="deleted",
            action_text=tr("Undo"),
            on_action=lambda: self._run(self._restore(target)),
            timeout_ms=0,
        )

    async def _restore(self, target: Target) -> None:
        dialog = self.dialog
        if dialog is not None:
            await dialog.model.restore(target)
            dialog.select(target.id)

    async def _choose(self, field: FieldEdit) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        is_file = field.field.asks == "file"
        words = field.field.label if is_file else tr("Deliver into")
        chooser = QFileDialog(dialog, words, _start(field.value, is_file))
        if is_file:
            chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        else:
            chooser.setFileMode(QFileDialog.FileMode.Directory)
            chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        page = dialog.page
        if await run_dialog(chooser) == QDialog.DialogCode.Accepted and page is not None:
            page.set_value(field.field.name, chooser.selectedFiles()[0])

    async def _leave(self) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        if not dialog.has_unsaved or await self._may_leave(dialog):
            dialog.leave_now()

    async def _may_leave(self, dialog: TargetsDialog) -> bool:
        page = dialog.page
        name = page.draft.name.strip() if page is not None else ""
        question = Question(
            tr("Leave it unsaved?"),
            tr("What was typed about {name} is not saved.", name=name or tr("this target")),
            tr("&Leave it unsaved"),
            tr("&Go on typing"),
            dialog,
        )
        return await run_dialog(question) == QDialog.DialogCode.Accepted


def _start(value: str, is_file: bool) -> str:
    """The folder that choosing begins in."""
    place = os.path.expanduser(value)
    return (os.path.dirname(place) if is_file else place) or str(Path.home())


def _kept_where(secrets: Secrets) -> str:
    """Where secrets go; asks the keyring."""
    status = secrets.keyring_status()
    if status.can_store:
        return tr("Secrets are kept in {keyring}, not in the database.", keyring=status.name)
    return tr(
        "{problem} Secrets are kept until the program ends; environment variables hold them longer.",
        problem=status.problem,
    )
