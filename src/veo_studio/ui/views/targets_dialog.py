"""The targets: a list of them, and the page of one beside it."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeySequence, QPalette, QShortcut
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.publishing.models import Target
from veo_studio.ui.delegates.text_row import TextRow
from veo_studio.ui.icons import icon
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_16, body_px
from veo_studio.ui.view_models.publish_words import plain_line
from veo_studio.ui.view_models.targets_model import TargetDraft, TargetsModel
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.kind_chooser import KindChooser
from veo_studio.ui.views.tab_order import tab_through
from veo_studio.ui.views.target_page import TargetPage

_FIRST_SIZE = QSize(860, 600)
# borders and a title bar, as large as common desktops make them
_FRAME = QSize(16, 48)
_LOWEST = 400
_LIST_EMS = 15
_ID = int(Qt.ItemDataRole.UserRole) + 1


class TargetsDialog(QDialog):
    """Opened with `run_dialog`, also from the publish dialog; what is done here holds at once.

    Signals:
        draft_requested(Target): the page of this one is wanted.
        new_requested(): another one is to be set up.
        kind_chosen(TargetKind): a new one of this kind.
        save_requested(), test_requested(), delete_requested(): of the page that is shown.
        choice_requested(FieldEdit): choose a folder or a file for this field.
        rules_requested(): what is delivered by itself.
        leave_requested(): close; something may be typed that is not saved.
    """

    draft_requested = pyqtSignal(object)
    new_requested = pyqtSignal()
    kind_chosen = pyqtSignal(object)
    save_requested = pyqtSignal()
    test_requested = pyqtSignal()
    delete_requested = pyqtSignal()
    choice_requested = pyqtSignal(object)
    rules_requested = pyqtSignal()
    leave_requested = pyqtSignal()

    def __init__(self, model: TargetsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("targets")
        self.setWindowTitle(tr("Targets"))
        self.setMinimumHeight(_LOWEST)
        self.model = model
        self.kept_where = ""
        self.page: TargetPage | None = None
        self.list = QListWidget()
        self.list.setObjectName("targetList")
        self.list.setAccessibleName(tr("Targets"))
        self.list.setItemDelegate(TextRow(1, self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedWidth(min(220, body_px() * _LIST_EMS))
        self.new = QPushButton(tr("&New target"))
        self.new.setObjectName("addTarget")
        self.new.setIcon(icon("plus", "text", 16))
        self.rules = QPushButton(tr("Deliver &by itself…"))
        self.rules.setObjectName("showRules")
        self.rules.setProperty("link", True)
        self.rules.setToolTip(plain_tool_tip(tr("Rules that deliver each finished clip")))
        self.leave = QPushButton(tr("Close"))
        self.leave.setObjectName("closeTargets")
        for button in (self.new, self.rules, self.leave):
            button.setAutoDefault(False)
        self.kinds = KindChooser(model.kinds)
        self.stack = QStackedWidget()
        self.stack.addWidget(FieldsScroller(self.kinds))
        self._lay_out()
        self.notices = NoticeBar(self)
        self._bind()
        screen = self.screen()
        room = screen.availableSize() - _FRAME if screen is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room))

    def _lay_out(self) -> None:
        line = QFrame()
        line.setFrameShape(QFrame.Shape.VLine)
        line.setFrameShadow(QFrame.Shadow.Plain)
        line.setForegroundRole(QPalette.ColorRole.Mid)
        line.setFixedWidth(1)
        left = QVBoxLayout()
        left.setContentsMargins(SPACE_8, SPACE_12, SPACE_8, SPACE_12)
        left.setSpacing(SPACE_8)
        left.addWidget(self.list, 1)
        left.addWidget(self.new)
        left.addWidget(self.rules, 0, Qt.AlignmentFlag.AlignLeft)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(SPACE_16, SPACE_4, SPACE_16, SPACE_12)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.stack, 1)
        right.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left)
        row.addWidget(line)
        row.addLayout(right, 1)

    def _bind(self) -> None:
        self.model.listed.connect(self.show_list)
        self.model.tested.connect(self._show_trial)
        self.list.currentItemChanged.connect(self._on_current)
        self.new.clicked.connect(self.new_requested)
        self.kinds.chosen.connect(self.kind_chosen)
        self.rules.clicked.connect(self.rules_requested)
        self.leave.clicked.connect(self.leave_requested)
        close = QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self)
        close.activated.connect(self.leave_requested)

    # the list

    def show_list(self) -> None:
        """The targets as they are stored; the one that is looked at stays."""
        shown = self.current()
        self.list.blockSignals(True)
        self.list.clear()
        for target in self.model.targets:
            name, kind = plain_line(target.name), self.model.info(target.kind).label
            item = QListWidgetItem(name)
            item.setData(_ID, target)
            item.setToolTip(plain_tool_tip(f"{name}\n{kind}"))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}: {kind}")
            self.list.addItem(item)
            if shown is not None and target.id == shown.id:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)

    def current(self) -> Target | None:
        item = self.list.currentItem()
        return None if item is None else item.data(_ID)

    def select(self, target_id: int) -> None:
        """Look at this one."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None and item.data(_ID).id == target_id:
                self.list.setCurrentRow(row)

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.draft_requested.emit(item.data(_ID))

    # the page

    def show_kinds(self) -> None:
        """What a new one can be."""
        self.drop_page()
        self.unselect()
        self.stack.setCurrentIndex(0)
        self.kinds.focus_first()

    def show_draft(self, draft: TargetDraft) -> None:
        """The page of one, stored or new."""
        self.drop_page()
        if draft.stored is None:
            self.unselect()
        page = self.page = TargetPage(draft, self.kept_where)
        page.save_requested.connect(self.save_requested)
        page.test_requested.connect(self.test_requested)
        page.stop_requested.connect(self.model.stop_test)
        page.delete_requested.connect(self.delete_requested)
        page.choice_requested.connect(self.choice_requested)
        page.edited.connect(self._on_edited)
        self.stack.addWidget(page)
        self.stack.setCurrentIndex(1)
        self._show_trial()
        page.show()
        tab_through(self.list, self.new, self.rules, *page.parts, self.leave)

    @property
    def has_unsaved(self) -> bool:
        return self.page is not None and self.page.draft.is_changed

    def drop_page(self) -> None:
        """With what was typed there."""
        self.model.stop_test()
        self.page = None
        while self.stack.count() > 1:
            old = self.stack.widget(1)
            assert old is not None
            self.stack.removeWidget(old)
            old.hide()
            old.deleteLater()

    def unselect(self) -> None:
        self.list.blockSignals(True)
        self.list.setCurrentRow(-1)
        self.list.clearSelection()
        self.list.blockSignals(False)

    def _on_edited(self) -> None:
        # what was proved is not proved of other words
        self.model.stop_test()
        self._show_trial()

    def _show_trial(self) -> None:
        if self.page is not None:
            self.page.show_trial(self.model.trial)

    # leaving

    def reject(self) -> None:
        """Escape: as Close."""
        self.leave_requested.emit()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        if event is not None:
            event.ignore()
        self.leave_requested.emit()

    def leave_now(self) -> None:
        self.model.stop_test()
        self.done(QDialog.DialogCode.Accepted)
