"""When something is published: now, or at a date and time of this computer's zone."""

from __future__ import annotations

from datetime import datetime

from PyQt6.QtCore import QDate, QDateTime, QSignalBlocker, QTime, QTimeZone
from PyQt6.QtWidgets import QDateTimeEdit, QHBoxLayout, QLabel, QRadioButton, QVBoxLayout, QWidget

from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8
from veo_studio.ui.view_models.publish_model import PublishModel
from veo_studio.ui.view_models.publish_when import (
    WrongMoment,
    away_words,
    first_offer,
    moment_words,
)
from veo_studio.ui.views.labels import SmallLabel


class MomentEdit(QDateTimeEdit):
    """A local date and time; which moment that is, is not its business.

    Qt's own local time would move by itself what the clocks leave out.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTimeZone(QTimeZone.utc())
        self.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.setCalendarPopup(True)
        self.setAccessibleName(tr("Date and time"))

    def show_local(self, local: datetime) -> None:
        wanted = QDateTime(
            QDate(local.year, local.month, local.day),
            QTime(local.hour, local.minute),
            QTimeZone.utc(),
        )
        if wanted != self.dateTime():
            with QSignalBlocker(self):
                self.setDateTime(wanted)

    def local(self) -> datetime:
        return datetime.combine(
            self.date().toPyDate(), self.time().toPyTime().replace(second=0, microsecond=0)
        )


class PublishMoment(QWidget):
    """Bound to the model's moment."""

    def __init__(self, model: PublishModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.title = QLabel(tr("When"))
        self.now = QRadioButton(tr("N&ow"))
        self.now.setObjectName("publishNow")
        self.later = QRadioButton(tr("At a &date and time:"))
        self.later.setObjectName("publishLater")
        self.at = MomentEdit()
        self.at.setObjectName("publishAt")
        self.at.show_local(first_offer(model.now()))
        self.note = SmallLabel(parent=self)
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.now)
        row.addSpacing(SPACE_8)
        row.addWidget(self.later)
        row.addWidget(self.at)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addWidget(self.title)
        column.addLayout(row)
        column.addWidget(self.note)
        self.later.toggled.connect(model.set_planned)
        self.at.dateTimeChanged.connect(self._on_edited)
        model.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        local = self._model.local_at
        with QSignalBlocker(self.later), QSignalBlocker(self.now):
            self.later.setChecked(local is not None)
            self.now.setChecked(local is None)
        self.at.setEnabled(local is not None)
        if local is not None:
            self.at.show_local(local)
        self.note.show_words(self._words())

    def _words(self) -> str:
        try:
            moment = self._model.moment()
        except WrongMoment:
            return ""  # said above the buttons
        if moment is None:
            return ""
        return tr(
            "{moment}, {away}. If the program is closed then, it is done at its next start.",
            moment=moment_words(moment),
            away=away_words(moment, self._model.now()),
        )

    def _on_edited(self) -> None:
        self._model.set_local_at(self.at.local())
