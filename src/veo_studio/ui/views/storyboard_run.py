"""The bar under a storyboard: what is missing and its price, the click, and what goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import BudgetPeriod
from veo_studio.core.storyboard.models import RunGoal, RunState
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.form_price import BlockAction
from veo_studio.ui.view_models.run_model import RunModel
from veo_studio.ui.view_models.run_words import (
    GOALS,
    again_line,
    again_words,
    cost_line,
    detail_words,
    ending_words,
    goal_words,
    make_words,
    run_words,
)
from veo_studio.ui.views.flow_layout import FlowLayout
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.run_ways import RunWays, is_tight

if TYPE_CHECKING:
    from veo_studio.core.storyboard.pricing import RunPrice

# what words need beside the buttons, in letters
_WORDS_LETTERS = 30


class StoryboardRunBar(QWidget):
    """Shows a `RunModel`.

    Signals:
        make_requested(): the main button.
        rehearse_requested(), approve_requested(), go_on_requested(), cancel_requested().
        top_up_requested(), budget_requested(BudgetPeriod): the way out of a limit.
    """

    make_requested = pyqtSignal()
    rehearse_requested = pyqtSignal()
    approve_requested = pyqtSignal()
    go_on_requested = pyqtSignal()
    cancel_requested = pyqtSignal()
    top_up_requested = pyqtSignal()
    budget_requested = pyqtSignal(BudgetPeriod)

    def __init__(self, model: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("storyboardRun")
        self.model = model
        self.selected: tuple[str, ...] = ()
        self._is_tight = False
        self._make_words()
        self._make_buttons()
        self._is_stacked: bool | None = None
        self._lay_out()
        self._bind()
        self._show_model()

    # building

    def _make_words(self) -> None:
        self.progress = QProgressBar()
        self.progress.setRange(0, 100)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress of the storyboard"))
        policy = self.progress.sizePolicy()
        # nothing moves when a run begins
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.words = QLabel()
        self.words.setObjectName("runWords")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setFont(theme.tabular(self.words.font()))
        self.more = SmallLabel()
        self.more.setObjectName("runMore")
        self.blocked = SmallLabel("warn")
        self.blocked.setObjectName("runBlocked")
        self.unblock = QPushButton()
        self.unblock.setProperty("link", True)
        # where there is little room, what is said at length is shown on a click
        self.unfold = QPushButton()
        self.unfold.setObjectName("runUnfold")
        self.unfold.setCheckable(True)
        self.unfold.setProperty("link", True)
        self.unfold.hide()

    def _make_buttons(self) -> None:
        self.only = QCheckBox()
        self.only.setObjectName("runOnly")
        self.goal = QComboBox()
        self.goal.setObjectName("runGoal")
        self.goal.setAccessibleName(tr("What is made"))
        for goal in GOALS:
            self.goal.addItem(goal_words(goal), goal.value)
        self.rehearse = QPushButton(tr("&Rehearse"))
        self.rehearse.setObjectName("rehearse")
        self.cancel = QPushButton(tr("Cancel the &run"))
        self.cancel.setObjectName("cancelRun")
        self.cancel.setToolTip(
            plain_tool_tip(tr("What waits is refunded; what was sent stays and arrives."))
        )
        self.go_on = QPushButton(tr("Go on"))
        self.go_on.setObjectName("goOn")
        self.approve = QPushButton()
        self.approve.setObjectName("approveAll")
        self.make = QPushButton()
        self.make.setObjectName("makeStoryboard")
        self.make.setIcon(icon("sparkle", "on_accent"))
        self.ways = RunWays()
        self.ways.hide()
        for button in (self.approve, self.make, self.go_on):
            theme.accent_button(button)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(SPACE_4)
        why = QHBoxLayout()
        why.setSpacing(SPACE_12)
        why.addWidget(self.blocked, 1)
        why.addWidget(self.unblock)
        first = QHBoxLayout()
        first.setSpacing(SPACE_12)
        first.addWidget(self.words, 1)
        first.addWidget(self.unfold)
        words.addLayout(first)
        words.addWidget(self.more)
        words.addLayout(why)
        self._said = QWidget()
        self._said.setLayout(words)
        self._said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._buttons = QWidget()
        row = FlowLayout(self._buttons, spacing=SPACE_8)
        for widget in (self.only, self.goal, self.rehearse, self.ways, self.cancel, self.go_on,
                       self.approve, self.make):  # fmt: skip
            row.addWidget(widget)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(SPACE_12, SPACE_4, SPACE_12, SPACE_12)
        self._grid.setHorizontalSpacing(SPACE_12)
        self._grid.setVerticalSpacing(SPACE_8)
        self._grid.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 1, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.progress)
        column.addLayout(self._grid)
        self._arrange()

    def _bind(self) -> None:
        self.model.changed.connect(self._show_model)
        self.goal.activated.connect(lambda at: self.model.set_goal(GOALS[at]))
        self.only.clicked.connect(lambda _on: self._choose_scenes())
        self.make.clicked.connect(self.make_requested)
        self.rehearse.clicked.connect(self.rehearse_requested)
        self.approve.clicked.connect(self.approve_requested)
        self.go_on.clicked.connect(self.go_on_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.unblock.clicked.connect(self._on_unblock)
        self.unfold.toggled.connect(lambda _on: self._fold())
        self.ways.goal_chosen.connect(self.model.set_goal)
        self.ways.rehearse_requested.connect(self.rehearse_requested)
        self.ways.only_chosen.connect(self._on_only)

    # what others tell

    def show_selected(self, scene_uuids: tuple[str, ...]) -> None:
        """Scenes that are selected: only these are made where the user says so."""
        if scene_uuids != self.selected:
            self.selected = scene_uuids
            self._choose_scenes()
            self._show_model()

    def _choose_scenes(self) -> None:
        is_only = self.only.isChecked() and bool(self.selected)
        self.model.set_scenes(self.selected if is_only else None)

    def _on_only(self, is_only: bool) -> None:
        self.only.setChecked(is_only)
        self._choose_scenes()

    def _on_unblock(self) -> None:
        blocked = self.model.blocked()
        if blocked is not None and blocked.action is BlockAction.TOP_UP:
            self.top_up_requested.emit()
        elif blocked is not None and blocked.period is not None:
            self.budget_requested.emit(blocked.period)

    # showing

    def _show_model(self) -> None:
        model = self.model
        view = model.view
        has_board = model.document.board is not None
        self.setVisible(has_board)
        run = model.run if model.is_running else None
        self.progress.setVisible(run is not None)
        if view is not None and run is not None:
            self.progress.setValue(view.percent)
            self._show_run(run.state)
        else:
            self._show_offer()
        self._fold()
        self._arrange()

    def _show_run(self, state: RunState) -> None:
        view = self.model.view
        assert view is not None
        words, more = run_words(view)
        self.words.setText(words)
        waits = state is RunState.WAITING
        self.more.show_words("" if waits else more)
        self._show_blocked(more if waits else "")
        count = len(view.awaiting_approval)
        is_approval = state is RunState.APPROVAL
        self.approve.setText(
            tr_n("&Approve the picture", "&Approve all {n} pictures", count) if count else ""
        )
        self._show_only(self.cancel, *([self.go_on] if waits else []),
                        *([self.approve] if is_approval and count else []))  # fmt: skip
        for button in (self.cancel, self.go_on, self.approve):
            button.setEnabled(not self.model.is_starting)

    def _show_offer(self) -> None:
        model = self.model
        price, blocked = model.price, model.blocked()
        scenes = len(model.document.board.scenes) if model.document.board is not None else 0
        again, count = model.again, 0 if model.again is None else len(model.again.steps)
        offer = cost_line(price) if again is None else again_line(again.price, count)
        self.words.setText(offer if scenes else tr("No scene yet."))
        ending = "" if model.view is None else ending_words(model.view)
        self.more.show_words(" ".join(filter(None, (ending, detail_words(price)))))
        # that there is no scene was said already
        self._show_blocked(_reasons(blocked.reason) if blocked is not None and scenes else "")
        with QSignalBlocker(self.goal):
            self.goal.setCurrentIndex(GOALS.index(model.goal) if model.goal in GOALS else 0)
        is_film = model.goal is RunGoal.FILM
        self.make.setText(
            tr("Starting…")
            if model.is_starting
            else again_words(count)
            if again is not None
            else make_words(price, is_rehearsed=model.is_rehearsed and is_film)
        )
        is_ready = blocked is None and not model.is_starting
        offered = model.offered
        self.make.setEnabled(is_ready and offered is not None and offered.count > 0)
        self.make.setToolTip(plain_tool_tip(blocked.reason) if blocked and blocked.reason else "")
        rehearsal = model.rehearsal_price
        self.rehearse.setEnabled(
            not model.is_starting and rehearsal is not None and rehearsal.is_possible
        )
        self.rehearse.setToolTip(plain_tool_tip(_rehearse_tip(rehearsal)))
        count = len(self.selected)
        self.only.setText(tr_n("Only the selecte&d scene", "Only the {n} selecte&d scenes", count))
        self.ways.show_state(
            model.goal,
            can_rehearse=self.rehearse.isEnabled(),
            only_words=self.only.text() if scenes > 1 and count else "",
            is_only=self.only.isChecked(),
        )
        shown: list[QWidget] = [self.goal, self.rehearse, self.make]
        if scenes > 1 and count:
            shown.insert(0, self.only)
        self._show_only(*([self.ways, self.make] if self._is_tight else shown))

    def _show_blocked(self, words: str) -> None:
        self.blocked.show_words(words)
        blocked = self.model.blocked()
        actions = {
            BlockAction.TOP_UP: tr("Top up…"),
            BlockAction.CHANGE_BUDGET: tr("Change the budget…"),
        }
        has_way = bool(words) and blocked is not None and blocked.action is not None
        action = actions.get(blocked.action) if has_way else None  # type: ignore[union-attr, arg-type]
        self.unblock.setText(action or "")
        self.unblock.setVisible(action is not None)

    def _show_only(self, *shown: QWidget) -> None:
        for widget in (self.only, self.goal, self.rehearse, self.ways, self.cancel, self.go_on,
                       self.approve, self.make):  # fmt: skip
            widget.setVisible(widget in shown)

    def _fold(self) -> None:
        """Where there is little room, one line says what is most important; a click shows the rest."""
        is_long = bool(self.more.text() or self.blocked.text())
        is_folded = self._is_tight and is_long and not self.unfold.isChecked()
        words = tr("Why not now?") if self.blocked.text() else tr("Details")
        self.unfold.setText(tr("Show less") if self.unfold.isChecked() else words)
        self.unfold.setVisible(self._is_tight and is_long)
        self.more.setVisible(bool(self.more.text()) and not is_folded)
        self.blocked.setVisible(bool(self.blocked.text()) and not is_folded)

    # room

    def _arrange(self) -> None:
        """Words and buttons side by side where there is room, else one above the other."""
        shown = [one for one in self._buttons.findChildren(QWidget) if not one.isHidden()
                 and one.parent() is self._buttons]  # fmt: skip
        buttons_px = sum(one.sizeHint().width() + SPACE_8 for one in shown)
        words_px = self.fontMetrics().averageCharWidth() * _WORDS_LETTERS
        is_stacked = self.width() < buttons_px + words_px + 3 * SPACE_12
        self._buttons.setMinimumWidth(0 if is_stacked else buttons_px)
        if is_stacked != self._is_stacked:
            self._is_stacked = is_stacked
            top = Qt.AlignmentFlag.AlignVCenter
            self._grid.addWidget(self._said, 0, 0, Qt.AlignmentFlag(0) if is_stacked else top)
            self._grid.addWidget(self._buttons, *((1, 0) if is_stacked else (0, 1)))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._look_at_room()

    def _look_at_room(self) -> None:
        if is_tight(self) is not self._is_tight:
            self._is_tight = is_tight(self)
            self._show_model()
        else:
            self._arrange()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            self.words.setFont(theme.tabular(self.font()))
            self._look_at_room()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(theme.tokens().color("line"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        painter.end()


def _reasons(words: str) -> str:
    """The first of many: the list of scenes marks each of them."""
    lines = words.splitlines()
    if len(lines) <= 2:
        return words
    rest = tr_n("{n} more scene has a problem.", "{n} more scenes have problems.", len(lines) - 1)
    return f"{lines[0]} {rest}"


def _rehearse_tip(price: RunPrice | None) -> str:
    """What it does, or why it cannot be done now."""
    if price is not None and (price.problems or price.shortage):
        return _reasons("\n".join(price.problems) or price.shortage)
    return tr("The whole storyboard as an animatic with its real timing, for nothing")
