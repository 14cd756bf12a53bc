"""The page of one target: its fields, a test, and saving; made from what its kind says."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.publishing.base import TargetField
from veo_studio.ui import theme
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.targets_model import TargetDraft, Trial
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.services_fields import Result
from veo_studio.ui.views.target_fields import FieldEdit

# the user's word for an address that is not encrypted: asked for only where there is one
_PLAIN_HTTP = "plain_http"


class TargetPage(QWidget):
    """Holds the draft that it edits.

    Signals:
        edited(): something was typed.
        save_requested(), test_requested(), stop_requested(), delete_requested().
        choice_requested(FieldEdit): the user wants to choose a folder or a file for this field.
    """

    edited = pyqtSignal()
    save_requested = pyqtSignal()
    test_requested = pyqtSignal()
    stop_requested = pyqtSignal()
    delete_requested = pyqtSignal()
    choice_requested = pyqtSignal(object)

    def __init__(self, draft: TargetDraft, kept_where: str, parent: QWidget | None = None) -> None:
        """`kept_where` says in a sentence where secrets are kept."""
        super().__init__(parent)
        self.setObjectName("targetPage")
        self.draft = draft
        self._is_busy = False
        self._refused = ""
        info = draft.info
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        theme.heading_font(self.title)
        self.about = QLabel(info.about)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setWordWrap(True)
        theme.dim_text(self.about)
        self.name = QLineEdit(draft.name)
        self.name.setObjectName("targetName")
        self.name.setMaxLength(60)
        self.fields = {one.name: FieldEdit(one) for one in info.fields}
        self.labels: dict[str, QLabel] = {}
        self.kept = SmallLabel(parent=self)
        has_secrets = any(one.is_secret for one in info.fields)
        self.kept.show_words(kept_where if has_secrets else "")
        self.problem = SmallLabel("bad", self)
        self.problem.setObjectName("targetProblem")
        self._make_buttons()
        self._lay_out()
        self._bind()
        self.show_draft()

    def _make_buttons(self) -> None:
        is_new = self.draft.stored is None
        self.save = QPushButton(tr("&Add this target") if is_new else tr("&Save"))
        self.save.setObjectName("saveTarget")
        theme.accent_button(self.save)
        self.test = QPushButton(tr("&Test"))
        self.test.setObjectName("testTarget")
        self.test.setToolTip(plain_tool_tip(tr("Try key and place; no clip is sent")))
        self.stop = QPushButton(tr("St&op the test"), self)
        self.busy = QProgressBar(self)
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedWidth(96)
        self.busy.setAccessibleName(tr("The target is being tested"))
        self.delete = QPushButton(tr("De&lete"))
        self.delete.setObjectName("deleteTarget")
        for button in (self.save, self.test, self.stop, self.delete):
            button.setAutoDefault(False)
        self.delete.setVisible(not is_new)
        self.result = Result()

    def _lay_out(self) -> None:
        # labels stand above: some are long, and letters can be large
        self._column = QVBoxLayout()
        self._column.setSpacing(SPACE_12)
        self._add_row(field_label(tr("&Name"), self.name), self.name)
        for one in self.draft.info.fields:
            words = one.label if one.is_required else tr("{label} (optional)", label=one.label)
            label = field_label(words.replace("&", "&&"), self.fields[one.name])
            self.labels[one.name] = label
            self._add_row(label, self.fields[one.name])
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_8)
        buttons.addWidget(self.save)
        buttons.addWidget(self.test)
        buttons.addWidget(self.busy, 0, Qt.AlignmentFlag.AlignVCenter)
        buttons.addWidget(self.stop)
        buttons.addStretch(1)
        buttons.addWidget(self.delete)
        fields = QWidget()
        rows = QVBoxLayout(fields)
        rows.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_8)
        rows.setSpacing(SPACE_8)
        rows.addWidget(self.title)
        rows.addWidget(self.about)
        rows.addSpacing(SPACE_8)
        rows.addLayout(self._column)
        rows.addWidget(self.kept)
        rows.addStretch(1)
        # what is done with the fields stays in sight, however many there are
        foot = QVBoxLayout()
        foot.setContentsMargins(SPACE_16, 0, SPACE_16, 0)
        foot.setSpacing(SPACE_8)
        foot.addWidget(self.problem)
        foot.addWidget(self.result)
        foot.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_8)
        column.addWidget(FieldsScroller(fields), 1)
        column.addLayout(foot)

    def _add_row(self, label: QLabel, field: QWidget) -> None:
        row = QVBoxLayout()
        row.setSpacing(SPACE_4)
        row.addWidget(label)
        row.addWidget(field)
        self._column.addLayout(row)

    def _bind(self) -> None:
        self.name.textEdited.connect(self._on_name)
        self.name.returnPressed.connect(self._on_return)
        for name, field in self.fields.items():
            field.edited.connect(lambda value, name=name: self._on_value(name, value))
            field.choice_requested.connect(lambda field=field: self.choice_requested.emit(field))
            field.removal_toggled.connect(lambda is_on, name=name: self._on_removal(name, is_on))
            if field.edit is not None:
                field.edit.editingFinished.connect(lambda name=name: self._judge(name))
                field.edit.returnPressed.connect(self._on_return)
        self.save.clicked.connect(self.save_requested)
        self.test.clicked.connect(self.test_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.delete.clicked.connect(self.delete_requested)

    @property
    def parts(self) -> list[QWidget]:
        """From top to bottom."""
        return [self.name, *self.fields.values(), self.save, self.test, self.stop, self.delete]

    # what the user does

    def focus_first(self) -> None:
        """Where something is missing, else the name."""
        for one in self.draft.info.fields:
            is_kept = one.name in self.draft.kept_secrets
            if one.is_required and not is_kept and not self.draft.value(one):
                self.fields[one.name].setFocus(Qt.FocusReason.OtherFocusReason)
                return
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.name.selectAll()

    def set_value(self, name: str, value: str) -> None:
        """As if it was typed."""
        self.fields[name].show_value(value)
        self._on_value(name, value)
        self._judge(name)

    def _on_name(self, words: str) -> None:
        self.draft.name = words
        self._changed()

    def _on_value(self, name: str, value: str) -> None:
        one = self.fields[name].field
        (self.draft.secrets if one.is_secret else self.draft.options)[name] = value
        if value and name in self.draft.removed_secrets:
            # another one in its place
            self.draft.removed_secrets.discard(name)
            self._show_field(name)
        self.fields[name].show_problem("")
        self._changed()

    def _on_removal(self, name: str, is_removed: bool) -> None:
        if is_removed:
            self.draft.secrets.pop(name, None)
            self.draft.removed_secrets.add(name)
        else:
            self.draft.removed_secrets.discard(name)
        self._show_field(name)
        self.fields[name].show_problem("")
        self._changed()

    def _on_return(self) -> None:
        if self.save.isEnabled():
            self.save_requested.emit()

    def _judge(self, name: str) -> None:
        """Say what is wrong once somebody is done with a field, not while it is typed."""
        field = self.fields[name]
        field.show_problem(self.draft.problem_of(field.field))

    def _changed(self) -> None:
        self._refused = ""
        self.show_state()
        self.edited.emit()

    # showing

    def show_draft(self) -> None:
        """Everything anew: it was saved, or another one is shown."""
        draft = self.draft
        if self.name.text() != draft.name:
            self.name.setText(draft.name)
        for name in self.fields:
            self._show_field(name)
        self.show_state()

    def _show_field(self, name: str) -> None:
        field, draft = self.fields[name], self.draft
        field.show_value(
            draft.value(field.field),
            is_kept=name in draft.kept_secrets,
            is_removed=name in draft.removed_secrets,
        )

    def show_state(self) -> None:
        draft = self.draft
        stored = draft.stored
        self.title.setText(
            tr("New target: {kind}", kind=draft.info.label) if stored is None else stored.name
        )
        wants_http = any(map(self._is_plain_http, draft.info.fields))
        if _PLAIN_HTTP in self.fields:
            is_shown = wants_http or draft.options.get(_PLAIN_HTTP, "no") != "no"
            self.fields[_PLAIN_HTTP].setVisible(is_shown)
            self.labels[_PLAIN_HTTP].setVisible(is_shown)
        problem = draft.problem()
        is_changed = draft.is_changed or stored is None
        # what is missing is no fault yet
        self.problem.set_token("bad" if self._refused or not draft.missing() else "dim")
        self.problem.show_words(self._refused or (problem if is_changed else ""))
        self.save.setEnabled(not problem and is_changed and not self._is_busy)
        self.delete.setEnabled(not self._is_busy)

    def _is_plain_http(self, one: TargetField) -> bool:
        return one.asks == "url" and self.draft.value(one).lower().startswith("http://")

    def show_trial(self, trial: Trial) -> None:
        had_focus = self.test.hasFocus() or self.stop.hasFocus()
        self.busy.setVisible(trial.is_running)
        self.stop.setVisible(trial.is_running)
        self.test.setEnabled(not trial.is_running and not self.draft.test_problem())
        if had_focus:
            next_one = self.stop if trial.is_running else self.test
            next_one.setFocus(Qt.FocusReason.OtherFocusReason)
        if trial.is_running:
            self.result.show_words(tr("It is being asked…"), "clock", "accent")
        elif trial.problem:
            self.result.show_words(trial.problem, "warning", "bad")
        elif trial.proved:
            self.result.show_words(trial.proved, "check", "ok")
        else:
            self.result.show_words("")

    def set_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        self.show_state()

    def refuse(self, sentence: str) -> None:
        """The core did not take it; said until something is changed."""
        self._refused = sentence
        self.show_state()
