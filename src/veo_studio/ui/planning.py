"""What is planned, in the list of deliveries: another moment, at once, or not at all."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QDialog

from veo_studio.core.publishing.models import Schedule, ScheduleState
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.delivery_acts import Act, Deed
from veo_studio.ui.view_models.publish_when import away_words, moment_words
from veo_studio.ui.view_models.publish_words import schedule_look
from veo_studio.ui.views.moment_dialog import MomentDialog

if TYPE_CHECKING:
    from veo_studio.core.publishing.desk import PublishingDesk
    from veo_studio.ui.view_models.planned_rows import PlannedRow
    from veo_studio.ui.views.deliveries import DeliveriesDialog


class Planning(QObject):
    """Goes with its list."""

    def __init__(
        self, dialog: DeliveriesDialog, telling: Telling, desk: PublishingDesk, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._dialog = dialog
        self._telling = telling
        self._desk = desk
        self.editing: MomentDialog | None = None

    def _row(self) -> PlannedRow | None:
        return self._dialog.planned.row(self._dialog.plans.currentIndex())

    def show_selected(self) -> None:
        row, details = self._row(), self._dialog.details
        details.setVisible(row is not None)
        if row is None:
            return
        schedule = row.schedule
        lines = [self._dialog.planned.facts(row)]
        acts = []
        if schedule.state is ScheduleState.PLANNED:
            now = datetime.now(UTC)
            lines.append(tr("Published {when}.", when=away_words(schedule.due_at, now)))
            acts = [
                Act(Deed.MOVE, tr("&Another time…"), "calendar"),
                Act(Deed.NOW, tr("&Publish now"), "up"),
                Act(Deed.CANCEL, tr("&Do not publish"), "close"),
            ]
        details.show_item(self._dialog.planned.title(row), schedule_look(schedule), lines, "", acts)

    async def act(self, act: Act) -> None:
        row = self._row()
        if row is None:
            return
        schedule = row.schedule
        if act.deed is Deed.MOVE:
            await self._move(schedule)
        elif act.deed is Deed.NOW:
            await self._desk.publish([replace(schedule.wish, at=None)])
            with contextlib.suppress(ValueError):
                # it may be over by this already
                await self._desk.cancel_schedule(schedule.id)
            self._say(tr("Published."))
        elif act.deed is Deed.CANCEL:
            await self._cancel(schedule)
        self._dialog.planned.load()

    async def _move(self, schedule: Schedule) -> None:
        editing = self.editing = MomentDialog(schedule.due_at, self._dialog)
        try:
            is_agreed = await run_dialog(editing) == QDialog.DialogCode.Accepted
            moment = editing.moment() if is_agreed else None
        finally:
            self.editing = None
        if moment is not None:
            await self._desk.reschedule(schedule.id, moment)
            self._say(tr("Planned for {when}.", when=moment_words(moment)))

    async def _cancel(self, schedule: Schedule) -> None:
        await self._desk.cancel_schedule(schedule.id)
        notices = self._dialog.notices
        notices.dismiss("plan")
        notices.show_notice(
            tr("It will not be published."),
            key="plan",
            action_text=tr("Undo"),
            on_action=lambda: self._telling.run(self._plan_again(schedule), "history"),
            timeout_ms=0,
        )

    async def _plan_again(self, schedule: Schedule) -> None:
        await self._desk.publish([replace(schedule.wish, at=schedule.due_at)])
        self._dialog.planned.load()

    def _say(self, words: str) -> None:
        self._dialog.notices.dismiss("plan")
        self._dialog.notices.show_notice(words, level="ok", key="plan")
