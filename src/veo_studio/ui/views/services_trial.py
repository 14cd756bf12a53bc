"""Testing the connection of a service: the button, that it is under way, and what came of it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_8, SPACE_12
from veo_studio.ui.view_models.services_model import Trial
from veo_studio.ui.views.services_fields import Result


class TrialBox(QWidget):
    """Signals:
    test_requested(), stop_requested().
    """

    test_requested = pyqtSignal()
    stop_requested = pyqtSignal()

    def __init__(self, service_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = service_name
        self.test = QPushButton(tr("&Test the connection"))
        self.test.setObjectName("testConnection")
        self.test.setToolTip(plain_tool_tip(tr("Asks for something that costs nothing")))
        theme.accent_button(self.test)
        self.stop = QPushButton(tr("&Cancel"), self)
        self.stop.setObjectName("cancelTest")
        self.busy = QProgressBar(self)
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedWidth(120)
        self.busy.setAccessibleName(tr("The service is being asked"))
        self.result = Result()
        for button in (self.test, self.stop):
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(SPACE_12)
        row.addWidget(self.test)
        row.addWidget(self.busy, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.stop)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_8)
        column.addLayout(row)
        column.addWidget(self.result)
        self.test.clicked.connect(self.test_requested)
        self.stop.clicked.connect(self.stop_requested)

    def show_trial(self, trial: Trial | None, *, can_be_asked: bool) -> None:
        is_running = trial is not None and trial.is_running
        # where the focus was, the next thing to do gets it
        focus = self.focusWidget()
        had_test = focus is self.test and self.test.hasFocus()
        had_stop = focus is self.stop and self.stop.hasFocus()
        self.busy.setVisible(is_running)
        self.stop.setVisible(is_running)
        if is_running and had_test:
            self.stop.setFocus(Qt.FocusReason.OtherFocusReason)
        self.test.setEnabled(not is_running and can_be_asked)
        if not is_running and had_stop:
            self.test.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_result(trial)

    def _show_result(self, trial: Trial | None) -> None:
        if trial is None:
            self.result.show_words("")
        elif trial.is_running:
            self.result.show_words(tr("{name} is being asked…", name=self._name), "clock", "accent")
        elif trial.report is not None:
            parts = [trial.report.proved]
            if trial.report.balance:
                parts.append(tr("Left there: {balance}.", balance=trial.report.balance.rstrip(".")))
            self.result.show_words(" ".join(parts), "check", "ok")
        else:
            self.result.show_words(trial.problem, "warning", "bad")
