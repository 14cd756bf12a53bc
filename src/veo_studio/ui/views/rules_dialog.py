"""The rules: what is delivered by itself once it is finished."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
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
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_16, SPACE_24
from veo_studio.ui.view_models.publish_words import plain_line
from veo_studio.ui.view_models.rules_model import RulesModel
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel

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
        self.rule = rule
        name = plain_line(rule.name)
        self.tick = QCheckBox(name.replace("&", "&&"))
        self.tick.setChecked(rule.is_on)
        self.tick.setToolTip(tr("On for what is finished from now on"))
        self.words = SmallLabel(parent=self)
        self.words.show_words(words if rule.is_on else tr("Off. {words}", words=words))
        self.change = QPushButton(tr("Change…"))
        self.change.setAutoDefault(False)
        self.change.setAccessibleName(tr("Change the rule {name}", name=name))
        self.delete = QToolButton()
        self.delete.setIcon(icon("trash", "text", 16))
        self.delete.setAccessibleName(tr("Delete the rule {name}", name=name))
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
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        for rule in self.model.rules:
            row = RuleRow(rule, self.model.words(rule))
            row.switched.connect(self.switched)
            row.change_requested.connect(self.change_requested)
            row.delete_requested.connect(self.delete_requested)
            self._list.insertWidget(self._list.count() - 1, row)
            self.rows.append(row)
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
