"""The rules: what is delivered by itself once it is finished."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.publishing.models import Rule
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_16, SPACE_24
from veo_studio.ui.view_models.publish_words import plain_line
from veo_studio.ui.view_models.rules_model import RulesModel
from veo_studio.ui.views.elided_check_box import ElidedCheckBox
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.tab_order import tab_through

_FIRST_SIZE = QSize(620, 420)


class RuleRow(QWidget):
    """Signals:
    switched(Rule, bool), change_requested(Rule), delete_requested(Rule).
    """

    switched = pyqtSignal(object, bool)
    change_requested = pyqtSignal(object)
    delete_requested = pyqtSignal(object)

    def __init__(self, rule: Rule, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tick = ElidedCheckBox("")
        self.words = SmallLabel(parent=self)
        self.change = QPushButton(tr("Change…"))
        self.change.setAutoDefault(False)
        self.delete = QToolButton()
        self.delete.setIcon(icon("trash", "text", 16))
        self.delete.setToolTip(tr("Delete this rule"))
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self.tick, 1)
        head.addWidget(self.change)
        head.addWidget(self.delete)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE_4, 0, SPACE_4)
        column.setSpacing(0)
        column.addLayout(head)
        inner = QHBoxLayout()
        inner.setContentsMargins(SPACE_24, 0, 0, 0)
        inner.addWidget(self.words)
        column.addLayout(inner)
        self.tick.clicked.connect(lambda is_on: self.switched.emit(self.rule, is_on))
        self.change.clicked.connect(lambda: self.change_requested.emit(self.rule))
        self.delete.clicked.connect(lambda: self.delete_requested.emit(self.rule))
        self.show_rule(rule, words)

    def show_rule(self, rule: Rule, words: str) -> None:
        self.rule = rule
        name = plain_line(rule.name)
        self.tick.show_name(name)
        self.tick.setChecked(rule.is_on)
        self.tick.setToolTip(plain_tool_tip(f"{name}\n{tr('On for what is finished from now on')}"))
        self.words.show_words(words if rule.is_on else tr("Off. {words}", words=words))
        self.change.setAccessibleName(tr("Change the rule {name}", name=name))
        self.delete.setAccessibleName(tr("Delete the rule {name}", name=name))


class RulesDialog(QDialog):
    """Opened with `run_dialog`.

    Signals:
        new_requested(), change_requested(Rule), delete_requested(Rule), switched(Rule, bool).
    """

    new_requested = pyqtSignal()
    change_requested = pyqtSignal(object)
    delete_requested = pyqtSignal(object)
    switched = pyqtSignal(object, bool)

    def __init__(self, model: RulesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rules")
        self.setWindowTitle(tr("Deliver by itself"))
        self.model = model
        self.rows: list[RuleRow] = []
        self.heading = QLabel(tr("Deliver by itself"))
        theme.heading_font(self.heading)
        self.about = SmallLabel(parent=self)
        self.about.show_words(
            tr("A rule takes each clip to its targets as soon as it is finished.")
        )
        inner = QWidget()
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(SPACE_4)
        self._list.addStretch(1)
        self.empty = EmptyState("queue")
        self.stack = QStackedWidget()
        self.stack.addWidget(FieldsScroller(inner))
        self.stack.addWidget(self.empty)
        self.new = QPushButton(tr("&New rule…"))
        self.new.setObjectName("newRule")
        self.new.setIcon(icon("plus", "text", 16))
        self.leave = QPushButton(tr("Close"))
        for button in (self.new, self.leave, self.empty.button):
            button.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.addWidget(self.new)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addWidget(self.heading)
        column.addWidget(self.about)
        column.addWidget(self.stack, 1)
        column.addLayout(foot)
        self.notices = NoticeBar(self)
        self.notices.stand_on(self.leave)
        self.new.clicked.connect(self.new_requested)
        self.empty.action_requested.connect(self.new_requested)
        self.leave.clicked.connect(self.accept)
        model.listed.connect(self.show_rules)
        screen = self.screen()
        room = screen.availableSize() if screen is not None else _FIRST_SIZE
        wanted = QSize(max(_FIRST_SIZE.width(), self.sizeHint().width()), _FIRST_SIZE.height())
        self.resize(wanted.boundedTo(room))
        self.show_rules()

    def show_rules(self) -> None:
        """A row that stays keeps the focus; from one that goes it moves to the one in its place."""
        before = {row.rule.id: row for row in self.rows}
        focused = self.focusWidget()
        left = next((at for at, row in enumerate(self.rows) if row.isAncestorOf(focused)), None)
        self.rows = [self._row(rule, before.pop(rule.id, None)) for rule in self.model.rules]
        for row in before.values():
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        for at, row in enumerate(self.rows):
            # one that stands there already is only moved
            self._list.insertWidget(at, row)
        tab_through(*self.rows, self.new, self.leave)
        if left is not None and self.rows and self.focusWidget() is not focused:
            next_one = self.rows[min(left, len(self.rows) - 1)]
            next_one.delete.setFocus(Qt.FocusReason.OtherFocusReason)
        has_targets = bool(self.model.targets)
        if has_targets:
            self.empty.set_content(
                tr("No rule yet: a finished clip goes nowhere by itself."), tr("New rule…")
            )
        else:
            self.empty.set_content(tr("Set up a target first: a rule needs one to deliver to."))
        self.new.setVisible(bool(self.rows))
        self.new.setEnabled(has_targets)
        self.stack.setCurrentIndex(0 if self.rows or not self.model.is_read else 1)
        if not self.rows and has_targets:
            self.empty.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _row(self, rule: Rule, row: RuleRow | None) -> RuleRow:
        words = self.model.words(rule)
        if row is not None:
            row.show_rule(rule, words)
            return row
        row = RuleRow(rule, words)
        row.switched.connect(self.switched)
        row.change_requested.connect(self.change_requested)
        row.delete_requested.connect(self.delete_requested)
        return row
