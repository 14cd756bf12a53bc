"""The run bar where letters are large for the window: what is chosen seldom is in a menu."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from veo_studio.core.storyboard.models import RunGoal
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.view_models.run_words import GOALS, goal_words

# of text that a window shows at once: with fewer the scenes need the room
_FEW_LINES = 30


def is_tight(widget: QWidget) -> bool:
    """The window shows so few lines that a bar in it says the most important alone."""
    window = widget.window()
    if window is None or window is widget:
        return False
    return window.height() < _FEW_LINES * widget.fontMetrics().lineSpacing()


class RunWays(QToolButton):
    """Goal, rehearsal and "only these scenes" as a menu.

    Signals:
        goal_chosen(RunGoal), rehearse_requested(), only_chosen(bool).
    """

    goal_chosen = pyqtSignal(RunGoal)
    rehearse_requested = pyqtSignal()
    only_chosen = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runWays")
        self.setText(tr("Options"))
        self.setAccessibleName(tr("What is made, and how"))
        self.setToolTip(plain_tool_tip(tr("What is made, and how")))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.ways = QMenu(self)
        self.setMenu(self.ways)
        self._group = QActionGroup(self)
        self.goals: dict[RunGoal, QAction] = {}
        for goal in GOALS:
            action = QAction(goal_words(goal), self)
            action.setCheckable(True)
            action.setData(goal)
            self._group.addAction(action)
            self.ways.addAction(action)
            self.goals[goal] = action
        self._group.triggered.connect(self._on_goal)
        self.ways.addSeparator()
        self.only = QAction(self)
        self.only.setCheckable(True)
        self.only.triggered.connect(self.only_chosen)
        self.ways.addAction(self.only)
        self.rehearse = QAction(tr("&Rehearse"), self)
        self.rehearse.triggered.connect(lambda _on=False: self.rehearse_requested.emit())
        self.ways.addAction(self.rehearse)

    def show_state(
        self, goal: RunGoal, *, can_rehearse: bool, only_words: str, is_only: bool
    ) -> None:
        """`only_words` are "" where nothing is selected."""
        if goal in self.goals:
            self.goals[goal].setChecked(True)
        self.rehearse.setEnabled(can_rehearse)
        self.only.setText(only_words)
        self.only.setVisible(bool(only_words))
        self.only.setChecked(is_only)

    def _on_goal(self, action: QAction) -> None:
        self.goal_chosen.emit(action.data())
