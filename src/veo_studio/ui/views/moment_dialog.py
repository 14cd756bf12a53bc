"""Asks for another date and time of something that is planned."""

from __future__ import annotations

from datetime import UTC, datetime

from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_12, SPACE_16, SPACE_24, accent_button, heading_font
from veo_studio.ui.view_models.publish_when import (
    WrongMoment,
    away_words,
    moment_words,
    naive_local,
    planned,
)
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.publish_moment import MomentEdit


class MomentDialog(QDialog):
    """Opened with `run_dialog`; accepted, `moment` is the new one."""

    def __init__(self, due_at: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("moment")
        self.setWindowTitle(tr("Another time"))
        heading = QLabel(tr("When shall it be published?"))
        heading_font(heading)
        self.at = MomentEdit()
        self.at.setObjectName("planAt")
        self.at.show_local(naive_local(due_at))
        self.note = SmallLabel(parent=self)
        self.problem = SmallLabel("bad", self)
        box = QDialogButtonBox()
        yes = box.addButton(tr("&Plan"), QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert yes is not None
        self.yes = yes
        accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self._on_yes)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        column.setSpacing(SPACE_12)
        for part in (heading, self.at, self.note, self.problem, box):
            column.addWidget(part)
        self.setMinimumWidth(420)
        self.at.dateTimeChanged.connect(self._show)
        self._show()
        self.at.setFocus()

    def moment(self) -> datetime:
        """Raises WrongMoment."""
        return planned(self.at.local(), datetime.now(UTC))

    def _show(self) -> None:
        try:
            moment = self.moment()
        except WrongMoment as error:
            self.note.show_words("")
            self.problem.show_words(str(error))
            self.yes.setEnabled(False)
            return
        self.problem.show_words("")
        away = away_words(moment, datetime.now(UTC))
        self.note.show_words(tr("{moment}, {away}", moment=moment_words(moment), away=away))
        self.yes.setEnabled(True)

    def _on_yes(self) -> None:
        # a minute may have gone by since it was typed
        self._show()
        if self.yes.isEnabled():
            self.accept()
