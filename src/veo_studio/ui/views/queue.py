"""The pane under the player: what needs the user, what is paused, what runs, and the line behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QModelIndex, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QResizeEvent
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import ATTENTION_STATES, Choice, Generation, PauseKind
from veo_studio.ui import shortcuts
from veo_studio.ui.delegates.attention_delegate import AttentionDelegate
from veo_studio.ui.icons import icon
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_8, SPACE_12, heading_font
from veo_studio.ui.view_models.queue_model import EVERYTHING, QueueModel, QueueRole
from veo_studio.ui.view_models.queue_words import (
    CHOICE_ICONS,
    PauseLine,
    choice_words,
    number_words,
)
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.pause_bar import PauseBar
from veo_studio.ui.views.queue_finished import FinishedPart
from veo_studio.ui.views.queue_list import QueueList

# narrower than this, the buttons of the heading show their icons only
_ROOMY_PX = 460
_MOST_ATTENTION_ROWS = 3
_KEY = Qt.Key


class QueueView(QWidget):
    """Headings, rows and the notices about them.

    Signals:
        cancel_requested(generation), copy_prompt_requested(generation), edit_requested(generation)
        move_requested(generation id, id of the one behind it or None for the end)
        run_next_requested(generation)
        choice_requested(generation, Choice): one of those that need attention
        pause_requested(provider), resume_requested(provider): "" is the whole queue
        key_requested(provider), key_retried(provider)
        clear_requested(): cancel everything that waits
    """

    cancel_requested = pyqtSignal(object)
    copy_prompt_requested = pyqtSignal(object)
    edit_requested = pyqtSignal(object)
    move_requested = pyqtSignal(int, object)
    run_next_requested = pyqtSignal(object)
    choice_requested = pyqtSignal(object, Choice)
    pause_requested = pyqtSignal(str)
    resume_requested = pyqtSignal(str)
    key_requested = pyqtSignal(str)
    key_retried = pyqtSignal(str)
    clear_requested = pyqtSignal()

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue")
        self._model = model
        self._shown_attention: int | None = None
        self.attention = QueueList(
            model.attention,
            tr("Needs attention"),
            command="queue.choice",
            delegate=AttentionDelegate(),
        )
        self.attention.setObjectName("attentionList")
        self.rows = QueueList(
            model,
            tr("Queue"),
            command="queue.cancel",
            empty_words=tr("Nothing is running. Clips you generate show their progress here."),
        )
        self.rows.setObjectName("queueList")
        self.rows.let_rows_be_dragged()
        self.finished = FinishedPart(model.finished, self)
        self.pauses = PauseBar(self)
        self._lay_out()
        self.notices = NoticeBar(self)
        self._bind()
        self._shown_pauses: tuple[list[PauseLine], bool] | None = None
        self._show_pauses()

    def _lay_out(self) -> None:
        self.attention_title = QLabel(tr("Needs attention"))
        heading_font(self.attention_title)
        mark = QLabel()
        mark.setPixmap(icon("warning", "warn").pixmap(QSize(20, 20)))
        self.attention_count = SmallLabel("warn")
        self.attention_count.setWordWrap(False)
        head = _head()
        for widget in (mark, self.attention_title, self.attention_count):
            head.addWidget(widget)
        head.addStretch(1)
        self._attention_part = QWidget()
        part = QVBoxLayout(self._attention_part)
        part.setContentsMargins(0, 0, 0, 0)
        part.setSpacing(0)
        part.addLayout(head)
        part.addWidget(self.attention)

        self.title = QLabel(tr("Queue"))
        heading_font(self.title)
        self.summary = SmallLabel()
        self.summary.setWordWrap(False)
        self.clear_button = _tool("clear", tr("Clear waiting"))
        self.clear_button.setToolTip(tr("Cancel everything that waits"))
        self.pause_button = _tool("pause", tr("Pause"))
        head = _head()
        head.addWidget(self.title)
        head.addWidget(self.summary)
        head.addStretch(1)
        head.addWidget(self.clear_button)
        head.addWidget(self.pause_button)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._attention_part)
        layout.addLayout(head)
        layout.addWidget(self.pauses)
        layout.addWidget(self.rows, 1)
        layout.addWidget(self.finished)

    def _bind(self) -> None:
        model = self._model
        model.count_changed.connect(self._show_counts)
        model.pauses_changed.connect(self._show_pauses)
        model.move_requested.connect(self.move_requested)
        # a sentence that grows needs another line
        model.attention.dataChanged.connect(self._fit_attention)
        for rows in (self.rows, self.attention):
            rows.button_clicked.connect(self._on_button_clicked)
            rows.menu_requested.connect(self._on_menu_requested)
        self.finished.copy_prompt_requested.connect(self.copy_prompt_requested)
        self.rows.edit_asked.connect(self._on_edit_asked)
        self.rows.move_asked.connect(self._on_move_asked)
        self.clear_button.clicked.connect(self.clear_requested)
        self.pause_button.clicked.connect(self.toggle_pause)
        self.pauses.resume_requested.connect(self.resume_requested)
        self.pauses.key_requested.connect(self.key_requested)
        self.pauses.key_retried.connect(self.key_retried)

    # showing

    def _show_counts(self, *_counts: int) -> None:
        model = self._model
        attention = model.attention.rowCount()
        if attention != self._shown_attention:
            self._shown_attention = attention
            self._attention_part.setVisible(attention > 0)
            self.attention_count.show_words(number_words(attention) if attention else "")
            self._fit_attention()
        waiting = model.waiting_count
        running = max(0, model.rowCount() - waiting)
        parts = []
        if running:
            parts.append(tr_n("{n} running", "{n} running", running))
        if waiting:
            parts.append(tr("{shown} waiting", shown=number_words(waiting)))
        self.summary.show_words(" · ".join(parts))
        self.clear_button.setVisible(waiting > 0)
        self.rows.viewport().update()

    def _show_pauses(self) -> None:
        self._show_counts()
        lines, is_paused = self._model.pause_lines(), self._model.is_paused
        # the line in another order is told as well; what it would lay out anew takes milliseconds
        if (lines, is_paused) == self._shown_pauses:
            return
        self._shown_pauses = (lines, is_paused)
        self.pauses.show_lines(lines)
        self.pause_button.setText(tr("Resume") if is_paused else tr("Pause"))
        self.pause_button.setIcon(icon("play" if is_paused else "pause", "dim"))
        self.pause_button.setAccessibleName(
            tr("Resume the queue") if is_paused else tr("Pause the queue")
        )
        self.pause_button.setToolTip(
            tr("Send what waits again")
            if is_paused
            else tr("Send nothing more; what was sent goes on")
        )
        self._style_buttons()
        self._fit_attention()

    def _fit_attention(self, *_: object) -> None:
        """Whole rows, and never so many that the queue itself has no row left."""
        rows = self.attention
        count = min(self._model.attention.rowCount(), _MOST_ATTENTION_ROWS)
        others_px = self.minimumSizeHint().height() - rows.minimumHeight()
        while count > 1 and rows.rows_height(count) > self.height() - others_px:
            count -= 1
        wanted = max(rows.row_height(), rows.rows_height(count))
        if rows.minimumHeight() != wanted:
            rows.setFixedHeight(wanted)
        self.finished.set_room(self.height() - self.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit_attention()
        self._style_buttons()

    def _style_buttons(self) -> None:
        # the one way out of a pause always says so
        for button, says in (
            (self.clear_button, False),
            (self.pause_button, self._model.is_paused),
        ):
            button.setToolButtonStyle(
                Qt.ToolButtonStyle.ToolButtonTextBesideIcon
                if says or self.width() >= _ROOMY_PX
                else Qt.ToolButtonStyle.ToolButtonIconOnly
            )

    # what is asked

    def toggle_pause(self) -> None:
        if self._model.is_paused:
            self.resume_requested.emit(EVERYTHING)
        else:
            self.pause_requested.emit(EVERYTHING)

    def _on_button_clicked(self, index: QModelIndex) -> None:
        generation: Generation | None = index.data(QueueRole.GENERATION)
        if generation is None or not index.data(QueueRole.BUTTON):
            return
        if generation.state in ATTENTION_STATES:
            choices = self._model.attention.choices(generation)
            self.choice_requested.emit(generation, choices[0])
        else:
            self.cancel_requested.emit(generation)

    def _on_edit_asked(self, index: QModelIndex) -> None:
        generation = self._model.generation_at(index)
        if generation is not None and self._model.is_waiting(generation.id):
            self.edit_requested.emit(generation)

    def _on_move_asked(self, index: QModelIndex, how: str) -> None:
        generation = self._model.generation_at(index)
        if generation is None:
            return
        if how == "next":
            if self._model.is_waiting(generation.id):
                self.run_next_requested.emit(generation)
            return
        try:
            before = self._model.neighbour(generation.id, -1 if how == "up" else 1)
        except LookupError:
            return  # at the end of the line, or not in it
        self.move_requested.emit(generation.id, before)

    # menus

    def actions_for(self, generation: Generation) -> list[QAction | None]:
        """What can be done with one row, None for a separator; nothing that would do nothing."""
        if generation.state in ATTENTION_STATES:
            made = self.attention_actions(generation)
        elif self._model.is_waiting(generation.id):
            made = self._waiting_actions(generation)
        else:
            made = [self._cancel_action(generation)]
        copy = _action(self, "copy", tr("Copy prompt"))
        copy.triggered.connect(lambda: self.copy_prompt_requested.emit(generation))
        return [*made, None, copy]

    def attention_actions(self, generation: Generation) -> list[QAction | None]:
        """The real choices, and nothing else."""
        made: list[QAction | None] = []
        for choice in self._model.attention.choices(generation):
            words = choice_words(choice, generation, self._model.provider_name(generation.provider))
            action = _action(self, CHOICE_ICONS[choice], words, "" if made else "queue.choice")
            action.triggered.connect(
                lambda _checked=False, choice=choice: self.choice_requested.emit(generation, choice)
            )
            made.append(action)
        return made

    def _waiting_actions(self, generation: Generation) -> list[QAction | None]:
        made: list[QAction | None] = []

        def add(name: str, words: str, command: str, do_it: Callable[[], object]) -> QAction:
            action = _action(self, name, words, command)
            action.triggered.connect(lambda _checked=False: do_it())
            made.append(action)
            return action

        def move(how: str) -> None:
            self._on_move_asked(self._model.index_of(generation.id), how)

        position = self._model.position(generation.id)
        if position != 1:
            add("next", tr("Run next"), "queue.next", lambda: move("next"))
            add("up", tr("Move up"), "queue.up", lambda: move("up"))
        if position != self._model.waiting_count:
            add("down", tr("Move down"), "queue.down", lambda: move("down"))
        if made:
            made.append(None)
        add("edit", tr("Edit…"), "queue.edit", lambda: self.edit_requested.emit(generation))
        made.append(self._cancel_action(generation))
        provider = generation.provider
        name = self._model.provider_name(provider)
        pause = self._model.pauses.get(provider)
        made.append(None)
        if pause is None:
            add("pause", tr("Pause {provider}", provider=name), "",
                lambda: self.pause_requested.emit(provider))  # fmt: skip
        elif pause.kind is PauseKind.USER:
            add("play", tr("Resume {provider}", provider=name), "",
                lambda: self.resume_requested.emit(provider))  # fmt: skip
        else:
            made.pop()
        return made

    def _cancel_action(self, generation: Generation) -> QAction:
        words = self._model.index_of(generation.id).data(QueueRole.BUTTON) or tr("Cancel")
        action = _action(self, "close", words, "queue.cancel")
        action.triggered.connect(lambda: self.cancel_requested.emit(generation))
        return action

    def current_actions(self) -> Sequence[QAction | None]:
        """For the row that the focus is on, or would be."""
        rows = self.attention if self.attention.hasFocus() else self.rows
        generation: Generation | None = rows.currentIndex().data(QueueRole.GENERATION)
        return self.actions_for(generation) if generation is not None else []

    def menu_for(self, generation: Generation) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self.actions_for(generation):
            if action is None:
                menu.addSeparator()
            else:
                action.setParent(menu)
                menu.addAction(action)
        return menu

    def _on_menu_requested(self, index: QModelIndex, at: QPoint) -> None:
        generation: Generation | None = index.data(QueueRole.GENERATION)
        # systems that know Shift+F10 ask a second time for the same press
        if generation is not None and QApplication.activePopupWidget() is None:
            # not exec: a menu must not start a loop of its own
            self.menu_for(generation).popup(at)

    @property
    def needs_user(self) -> bool:
        """A row or a refused key."""
        refused = (line.kind is PauseKind.KEY for line in self._model.pauses.values())
        return self._model.attention.rowCount() > 0 or any(refused)

    def focus_attention(self) -> None:
        """Go to what needs the user: a row, else the button of a pause."""
        if self._model.attention.rowCount():
            self.attention.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        for line in self._model.pause_lines():
            if buttons := self.pauses.buttons_of(line.provider):
                buttons[0].setFocus(Qt.FocusReason.ShortcutFocusReason)
                return
        if self._model.is_paused:
            self.pause_button.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _head() -> QHBoxLayout:
    head = QHBoxLayout()
    head.setContentsMargins(SPACE_12, SPACE_8, SPACE_8, SPACE_8)
    head.setSpacing(SPACE_8)
    return head


def _tool(icon_name: str, words: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name, "dim"))
    button.setIconSize(QSize(16, 16))
    button.setText(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _action(owner: QWidget, icon_name: str, words: str, command: str = "") -> QAction:
    """The key of `command` is shown, not registered: the lists handle their own."""
    key = shortcuts.key(command) if command else None
    if key is not None and not key.isEmpty():
        words = f"{words}\t{key.toString(key.SequenceFormat.NativeText)}"
    return QAction(icon(icon_name, "text", 16), words, owner)
