"""Small questions of the library: a name, two days, two lengths."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any

from PyQt6.QtCore import QDate, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.views.labels import SmallLabel, field_label

_LONGEST_S = 3600.0
_MAX_NAME = 64


class _Small(QDialog):
    def __init__(self, title: str, accept: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(theme.SPACE_12)
        self.form.setVerticalSpacing(theme.SPACE_8)
        self.problem = SmallLabel("bad", self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        made = self.buttons.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
        assert made is not None
        self.accept_button = made
        theme.accent_button(self.accept_button)
        self.accept_button.setDefault(True)
        # Return never cancels, also while nothing was typed yet
        cancel = self.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        if cancel is not None:
            cancel.setAutoDefault(False)
        self.buttons.accepted.connect(self.on_accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_16, theme.SPACE_16, theme.SPACE_16, theme.SPACE_16)
        layout.setSpacing(theme.SPACE_12)
        layout.addLayout(self.form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)

    def on_accept(self) -> None:
        self.accept()


class NameDialog(_Small):
    """Asks for a name; stays open with the reason where it is refused.

    `run` starts the work that `do_it(name)` makes, and tells nothing by itself.

    Signals:
        refused(): the reason is shown.
    """

    refused = pyqtSignal()

    def __init__(
        self,
        title: str,
        name: str,
        accept: str,
        do_it: Callable[[str], Coroutine[Any, Any, object]],
        run: Callable[[Coroutine[Any, Any, None]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, accept, parent)
        self._do_it = do_it
        self._run = run
        self.field = QLineEdit(name)
        self.field.setMaxLength(_MAX_NAME)
        self.field.setMinimumWidth(round(theme.body_px() * 22))
        self.field.selectAll()
        self.field.textChanged.connect(self._on_text)
        self.field.returnPressed.connect(self._on_return)
        self.form.addRow(field_label(tr("&Name"), self.field), self.field)
        # the buttons were there first
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_text()

    def _on_text(self) -> None:
        self.accept_button.setEnabled(bool(self.field.text().strip()))
        self.problem.show_words("")

    def _on_return(self) -> None:
        if self.accept_button.isEnabled():
            self.on_accept()

    def on_accept(self) -> None:
        self.accept_button.setEnabled(False)
        self._run(self._try(self.field.text()))

    async def _try(self, name: str) -> None:
        try:
            await self._do_it(name)
        except (ValueError, LookupError) as error:
            self.accept_button.setEnabled(True)
            self.problem.show_words(str(error))
            self.refused.emit()
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.accept()


class DaysDialog(_Small):
    """From one day to another, both counting."""

    def __init__(self, since: date | None, until: date | None, parent: QWidget | None) -> None:
        super().__init__(tr("Show clips of these days"), tr("&Show"), parent)
        today = date.today()
        self.since = _day_field(since or until or today)
        self.until = _day_field(until or today)
        self.form.addRow(field_label(tr("&From"), self.since), self.since)
        self.form.addRow(field_label(tr("&To"), self.until), self.until)

    def days(self) -> tuple[date, date]:
        first, last = self.since.date().toPyDate(), self.until.date().toPyDate()
        return min(first, last), max(first, last)


class LengthDialog(_Small):
    """From one length to another, in seconds."""

    def __init__(self, least: float | None, most: float | None, parent: QWidget | None) -> None:
        super().__init__(tr("Show clips of this length"), tr("&Show"), parent)
        self.least = _seconds_field(least or 0.0)
        self.most = _seconds_field(most or 60.0)
        self.form.addRow(field_label(tr("&From"), self.least), self.least)
        self.form.addRow(field_label(tr("&To"), self.most), self.most)

    def lengths(self) -> tuple[float, float]:
        ends = self.least.value(), self.most.value()
        return min(ends), max(ends)


def _day_field(day: date) -> QDateEdit:
    field = QDateEdit(QDate(day.year, day.month, day.day))
    field.setCalendarPopup(True)
    return field


def _seconds_field(seconds: float) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setRange(0.0, _LONGEST_S)
    field.setDecimals(1)
    field.setSuffix(tr(" s"))
    field.setValue(seconds)
    return field
