"""The dialog of a batch: its rows, what they cost, the start, and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.batch_file import SUFFIXES, template
from veo_studio.core.errors import StudioError
from veo_studio.core.models import BudgetPeriod
from veo_studio.core.plain import masked
from veo_studio.ui import error_text, theme
from veo_studio.ui.batching import prompts_in
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.batch_model import BatchModel, BatchState
from veo_studio.ui.view_models.form_price import BlockAction
from veo_studio.ui.views.batch_rows import BatchRows
from veo_studio.ui.views.batch_words import empty_words, problem_words
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.table_files import ask_csv, documents, write_text

_FIRST_SIZE = QSize(1080, 640)
# borders and a title bar, as large as common desktops make them
_FRAME = QSize(16, 48)
_SMALLEST = QSize(560, 420)


class BatchDialog(QDialog):
    """Not modal: it stays open beside the work and follows it.

    Signals:
        top_up_requested(), budget_requested(BudgetPeriod): the way out of a limit.
    """

    top_up_requested = pyqtSignal()
    budget_requested = pyqtSignal(BudgetPeriod)

    def __init__(
        self, model: BatchModel, spawn: Callable[..., object], parent: QWidget | None = None
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self.setObjectName("batchDialog")
        self.setWindowTitle(tr("Batch"))
        self.setModal(False)
        self.setAcceptDrops(True)
        self.setMinimumSize(_SMALLEST)
        room = self.screen().availableSize() if self.screen() is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room - _FRAME).expandedTo(_SMALLEST))
        self.model = model
        self._spawn = spawn
        self._folder = documents()
        self._is_busy = False
        self._make_top()
        self._make_rows()
        self._make_foot()
        self.notices = NoticeBar(self)
        foot = (self.price, self.budget, self.blocked, self.unblock, self.leave, self.start)
        self.notices.stand_on(*foot)
        self._lay_out()
        self._bind()
        self._show_model()
        self.empty.button.setFocus()

    # building

    def _make_top(self) -> None:
        self.name = ElidedLabel()
        theme.heading_font(self.name)
        self.note = SmallLabel()
        self.defaults = SmallLabel()
        self.choose = QPushButton(tr("&Open another file…"))
        self.choose.setObjectName("chooseBatch")

    def _make_rows(self) -> None:
        self.rows = BatchRows(self.model.table)
        self.empty = EmptyState("list")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.rows)
        self.expand = QCheckBox(tr("&Expand lists: {red|blue}"))
        self.expand.setObjectName("expandLists")
        # the state of a row has room for few words
        self.about = SmallLabel("bad")
        self.next_mistake = QPushButton(tr("&Next mistake"))
        self.next_mistake.setObjectName("nextMistake")
        self.next_mistake.setToolTip(tr("Go to the next row with a mistake (F8)"))
        self.remove = QPushButton(tr("&Remove rows"))
        self.remove.setObjectName("removeRows")
        self.remove.setToolTip(tr("Leave the chosen rows out (Delete); the file stays as it is"))

    def _make_foot(self) -> None:
        self.blocked = SmallLabel("warn")
        self.blocked.setObjectName("batchBlocked")
        self.unblock = QPushButton()
        self.unblock.setProperty("link", True)
        self.price = QLabel()
        self.price.setObjectName("batchPrice")
        self.price.setTextFormat(Qt.TextFormat.PlainText)
        self.budget = SmallLabel()
        self.template = QPushButton(tr("Save a &template…"))
        self.template.setObjectName("batchTemplate")
        self.template.setToolTip(tr("A table with the usual columns, to begin with"))
        self.save = QPushButton(tr("Sa&ve results…"))
        self.save.setObjectName("saveResults")
        self.leave = QPushButton(tr("&Close"))
        self.start = QPushButton()
        self.start.setObjectName("startBatch")
        theme.accent_button(self.start)
        # pays once more: never the main thing to do
        self.again = QPushButton(tr("&Make again…"))
        self.again.setObjectName("makeBatchAgain")
        for button in (self.choose, self.next_mistake, self.remove, self.template, self.save,
                       self.leave, self.start, self.again, self.unblock,
                       self.empty.button):  # fmt: skip
            # Enter belongs to the cell it is pressed in
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self.name, 1)
        head.addWidget(self.choose)
        tools = QHBoxLayout()
        tools.setSpacing(SPACE_8)
        tools.addWidget(self.expand)
        tools.addWidget(self.about, 8)
        tools.addStretch(1)
        tools.addWidget(self.next_mistake)
        tools.addWidget(self.remove)
        why = QHBoxLayout()
        why.setSpacing(SPACE_8)
        why.addWidget(self.blocked, 1)
        why.addWidget(self.unblock)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_8)
        buttons.addWidget(self.template)
        buttons.addWidget(self.save)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.again)
        buttons.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addLayout(head)
        column.addWidget(self.note)
        column.addWidget(self.defaults)
        column.addWidget(self.stack, 1)
        column.addLayout(tools)
        column.addSpacing(SPACE_12 - SPACE_8)
        column.addWidget(self.price)
        column.addWidget(self.budget)
        column.addLayout(why)
        column.addLayout(buttons)

    def _bind(self) -> None:
        self.model.changed.connect(self._show_model)
        selection = self.rows.selectionModel()
        assert selection is not None
        selection.currentRowChanged.connect(lambda *_: self._show_about())
        for button, work in (
            (self.choose, self.choose_file),
            (self.empty.button, self.choose_file),
            (self.template, self._save_template),
            (self.save, self._save_results),
            (self.start, self._start),
            (self.again, self._start),
        ):
            button.clicked.connect(lambda _on=False, work=work: self._run(work()))
        self.leave.clicked.connect(self.close)
        self.remove.clicked.connect(self._on_remove)
        self.rows.remove_requested.connect(self._on_remove)
        self.next_mistake.clicked.connect(self._on_next_mistake)
        self.expand.toggled.connect(lambda is_on: self._run(self.model.set_expands(is_on)))
        self.unblock.clicked.connect(self._on_unblock)
        for key, do_it in (
            (QKeySequence(QKeySequence.StandardKey.Open), self.choose.click),
            (QKeySequence(QKeySequence.StandardKey.Save), self.save.click),
            (QKeySequence("Ctrl+Return"), self.start.click),
            (QKeySequence("F8"), self._on_next_mistake),
            (QKeySequence(QKeySequence.StandardKey.Close), self.close),
        ):
            QShortcut(key, self).activated.connect(do_it)

    # what others ask

    def open_file(self, path: Path) -> None:
        """Read this file in place of the one before; not while that is being started."""
        if self.model.state is not BatchState.STARTING:
            self._folder = str(path.parent)
            self._run(self._read(path))

    def come_forward(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Return presses the button that has the focus; none is pressed from anywhere else."""
        focus = self.focusWidget()
        is_return = event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and isinstance(focus, QPushButton):
            if event is not None and not event.isAutoRepeat():
                focus.click()
            return
        super().keyPressEvent(event)

    # what the user does

    def _run(self, work: Coroutine[Any, Any, Any]) -> None:
        self._spawn(self._told(work), name=f"batch: {getattr(work, '__name__', '')}")

    async def _told(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except StudioError as error:
            text = error_text.describe(error)
            self.notices.show_notice(text.whole, level="bad", key=text.happened, timeout_ms=0)
        except ValueError as error:
            self.notices.show_notice(masked(str(error)), level="warn", key=str(error))

    async def _read(self, path: Path) -> None:
        self.notices.clear()
        await self.model.read(path)
        where = self.rows if self.model.table.rowCount() else self.empty.button
        where.setFocus(Qt.FocusReason.OtherFocusReason)

    async def choose_file(self) -> None:
        """Ask for a file and read it."""
        dialog = QFileDialog(self, tr("Choose a file of prompts"), self._folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        dialog.setNameFilter(tr("Prompts ({patterns})", patterns=patterns))
        if await run_dialog(dialog) == QDialog.DialogCode.Accepted:
            self.open_file(Path(dialog.selectedFiles()[0]))

    async def _start(self) -> None:
        # what stands in a cell is what is bought: its row is checked and priced before the next click
        if self.rows.end_editing() or self._is_busy or self.model.blocked() is not None:
            return
        self._is_busy = True
        try:
            if self.model.run is None or await self._may_start_again():
                await self.model.start()
        finally:
            self._is_busy = False
            self._show_model()

    async def _may_start_again(self) -> bool:
        question = Question(
            tr("Make all of it once more?"),
            tr(
                "This file was started before. Its clips stay; {price} come on top.",
                price=self.model.price_words(),
            ),
            tr("&Make it again"),
            tr("&Cancel"),
            self,
        )
        return await run_dialog(question) == QDialog.DialogCode.Accepted

    def _on_remove(self) -> None:
        places = self.rows.selected_places()
        self.model.remove(places)
        left = self.model.table.rowCount()
        if places and left:
            index = self.model.table.index(
                min(places[0], left - 1), self.rows.currentIndex().column()
            )
            self.rows.setCurrentIndex(index)

    def _on_next_mistake(self) -> None:
        place = self.model.table.next_problem(self.rows.currentIndex().row())
        if place is not None:
            self.rows.go_to(place)

    def _on_unblock(self) -> None:
        blocked = self.model.blocked()
        if blocked is None:
            return
        if blocked.action is BlockAction.TOP_UP:
            self.top_up_requested.emit()
        elif blocked.period is not None:
            self.budget_requested.emit(blocked.period)

    async def _save_template(self) -> None:
        path = await self._ask_csv(tr("Save a template"), "veo-studio-batch.csv")
        if path is not None:
            await asyncio.to_thread(write_text, path, template())
            self._say_written(path)

    async def _save_results(self) -> None:
        if self.model.run is None or self.model.path is None:
            return
        name = f"{self.model.path.stem}-results.csv"
        path = await self._ask_csv(tr("Save the results"), name)
        if path is not None:
            await self.model.save_results(path)
            self._say_written(path)

    async def _ask_csv(self, title: str, name: str) -> Path | None:
        path = await ask_csv(self, title, str(Path(self._folder) / name))
        if path is not None and path == self.model.path:
            raise ValueError(tr("This would replace the file of the batch; choose another name."))
        return path

    def _say_written(self, path: Path) -> None:
        words = tr("{name} is written.", name=path.name)
        self.notices.show_notice(words, level="ok", key=words)

    # showing

    def _show_model(self) -> None:
        model = self.model
        has_rows = model.table.rowCount() > 0
        is_ready = model.state is BatchState.READY
        self.name.set_text(model.path.name if model.path is not None else tr("No file yet"))
        self.note.show_words(model.note)
        is_new = model.run is None
        self.defaults.show_words(model.defaults_words() if is_new else "")
        self.stack.setCurrentWidget(self.rows if has_rows else self.empty)
        self.choose.setVisible(has_rows)
        if not has_rows:
            self.empty.set_content(*empty_words(model))
        self.price.setText(model.price_words() if has_rows else "")
        self.budget.show_words(model.budget_words() if has_rows else "")
        self.expand.setEnabled(is_new and model.state in (BatchState.READY, BatchState.EMPTY))
        self.next_mistake.setEnabled(model.total.rows_with_problems > 0)
        self.remove.setEnabled(has_rows and is_ready)
        self.save.setEnabled(model.run is not None)
        self._show_about()
        self._show_start()

    def _show_about(self) -> None:
        self.about.show_words(problem_words(self.model.table, self.rows.currentIndex().row()))

    def _show_start(self) -> None:
        model = self.model
        blocked = model.blocked()
        self.blocked.show_words(blocked.reason if blocked and model.table.rowCount() else "")
        actions = {
            BlockAction.TOP_UP: tr("Top up…"),
            BlockAction.CHANGE_BUDGET: tr("Change the budget…"),
        }
        action = actions.get(blocked.action) if blocked is not None and blocked.action else None
        self.unblock.setText(action or "")
        self.unblock.setVisible(action is not None)
        clips = model.total.clips
        if model.state is BatchState.STARTING:
            words = tr("Starting…")
        elif not clips:
            words = tr("&Start")
        else:
            words = tr_n("&Start {shown} clip", "&Start {shown} clips", clips, shown=f"{clips:,}")
        self.start.setText(words)
        self.start.setVisible(model.run is None)
        self.again.setVisible(model.run is not None)
        for button in (self.start, self.again):
            button.setEnabled(blocked is None and not self._is_busy)
            button.setToolTip(blocked.reason if blocked is not None else "")

    # dropping

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and prompts_in(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None and (path := prompts_in(event)) is not None:
            event.acceptProposedAction()
            self.open_file(path)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            theme.heading_font(self.name)
