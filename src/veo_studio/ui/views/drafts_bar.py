"""The line over the drafts: their states as chips with numbers, the search, and what else there is."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from veo_studio.core.publishing.drafts import DraftState
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.drafts_model import look_of
from veo_studio.ui.views.flow_layout import FlowLayout

_SEARCH_PX = 160


class DraftsBar(QWidget):
    """Shows what is filtered; decides nothing.

    Signals:
        states_chosen(frozenset): only drafts of these; empty for all.
        text_typed(str): the words of the search, at every key.
        deliveries_clicked(), side_clicked(bool).
        list_wanted(): from the search field down into the drafts.
        left(): Escape in an empty search field.
    """

    states_chosen = pyqtSignal(object)
    text_typed = pyqtSignal(str)
    deliveries_clicked = pyqtSignal()
    side_clicked = pyqtSignal(bool)
    list_wanted = pyqtSignal()
    left = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self._states: frozenset[DraftState] = frozenset()
        self._line_px = 0
        self.all = _chip()
        self.all.clicked.connect(lambda: self._choose(frozenset()))
        self.chips: dict[DraftState, QToolButton] = {}
        for state in DraftState:
            shape, token, _words = look_of(state)
            chip = self.chips[state] = _chip()
            chip.setIcon(icon(shape, token, 16))
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            chip.clicked.connect(lambda _checked=False, state=state: self._turn(state))
        row = QWidget(self)
        flow = FlowLayout(row, spacing=theme.SPACE_4)
        flow.addWidget(self.all)
        for chip in self.chips.values():
            flow.addWidget(chip)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        row.setSizePolicy(policy)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("Search"))
        self.search.setToolTip(tr("Prompts, models, captions and tags"))
        self.search.setAccessibleName(tr("Search the drafts"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "dim", 16), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(2 * _SEARCH_PX)
        self.search.textChanged.connect(self.text_typed)
        self.search.installEventFilter(self)
        self.deliveries = _tool("list", tr("Deliveries"))
        self.deliveries.setText(tr("Deliveries"))
        self.deliveries.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.deliveries.clicked.connect(self.deliveries_clicked)
        self.side_button = _tool("side", tr("Show the player"))
        self.side_button.setCheckable(True)
        self.side_button.clicked.connect(self.side_clicked)
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE_8)
        line.addWidget(self.search, 1)
        line.addStretch(1)
        line.addWidget(self.deliveries)
        line.addWidget(self.side_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_12, theme.SPACE_8, theme.SPACE_12, theme.SPACE_8)
        column.setSpacing(theme.SPACE_8)
        column.addLayout(line)
        column.addWidget(row)
        order: list[QWidget] = [
            self.search, self.deliveries, self.side_button, self.all, *self.chips.values(),
        ]  # fmt: skip
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)
        self.show_counts(dict.fromkeys(DraftState, 0), is_counted=False)
        self.show_states(frozenset())

    # what is shown

    def show_counts(self, counts: Mapping[DraftState, int], *, is_counted: bool) -> None:
        """Without numbers while nobody has counted yet."""
        self._show(self.all, tr("All"), sum(counts.values()) if is_counted else None)
        for state, chip in self.chips.items():
            self._show(chip, look_of(state)[2], counts[state] if is_counted else None)

    @staticmethod
    def _show(chip: QToolButton, words: str, count: int | None) -> None:
        shown = "" if count is None else f" {count:,}".replace(",", "\u202f")
        if chip.text() != words + shown:
            chip.setText(words + shown)
            chip.setAccessibleName(words + shown)
            chip.setToolTip(tr("Only these: {state}", state=words))

    def show_deliveries(self, attention: int, on_their_way: int) -> None:
        """How many of them need somebody to look, else how many are on their way."""
        short = words = tr("Deliveries")
        if attention:
            short = tr("Deliveries ({n})", n=attention)
            words = tr_n("Deliveries: {n} needs you", "Deliveries: {n} need you", attention)
        elif on_their_way:
            words = tr("Deliveries: {n} on the way", n=on_their_way)
        self.deliveries.setText(short)
        self.deliveries.setToolTip(words)
        self.deliveries.setAccessibleName(words)
        self.deliveries.setIcon(icon("warning", "warn") if attention else icon("list"))

    def show_states(self, states: frozenset[DraftState]) -> None:
        self._states = states
        self.all.setChecked(not states)
        self.all.setToolTip(tr("Drafts of every state"))
        for state, chip in self.chips.items():
            chip.setChecked(state in states)

    def _turn(self, state: DraftState) -> None:
        self._choose(self._states ^ {state})

    def _choose(self, states: frozenset[DraftState]) -> None:
        # all of them are what nothing chosen shows
        wanted = frozenset() if states == frozenset(DraftState) else states
        self.show_states(wanted)
        self.states_chosen.emit(wanted)

    # the keyboard

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def clear(self) -> None:
        self.search.clear()

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:
        if (
            watched is self.search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            if event.key() == Qt.Key.Key_Down:
                self.list_wanted.emit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                if self.search.text():
                    self.search.clear()
                else:
                    self.left.emit()
                return True
        return False


def _chip() -> QToolButton:
    button = QToolButton()
    button.setCheckable(True)
    button.setProperty("edge", True)
    button.setIconSize(QSize(14, 14))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _tool(icon_name: str, words: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(20, 20))
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
