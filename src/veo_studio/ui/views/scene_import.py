"""The dialog that makes scenes: a text or a table in, rows to correct, scenes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.errors import StudioError
from veo_studio.core.plain import masked
from veo_studio.ui import error_text, theme
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import plain_tool_tip, tr, tr_n
from veo_studio.ui.theme import SPACE_8, SPACE_16
from veo_studio.ui.view_models.scene_import_model import (
    TABLE_SUFFIXES,
    TEXT_SUFFIXES,
    SceneImportModel,
)
from veo_studio.ui.views.draft_rows import DraftRows
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.prompt_edit import PromptEdit
from veo_studio.ui.views.table_files import documents

if TYPE_CHECKING:
    from veo_studio.core.storyboard.drafts import SceneDraft

_FIRST_SIZE = QSize(1040, 680)
_FRAME = QSize(16, 48)
_SMALLEST = QSize(560, 440)
_SUFFIXES = (*TEXT_SUFFIXES, *TABLE_SUFFIXES)


class SceneImportDialog(QDialog):
    """Signals:
    taken(tuple, bool): these drafts become scenes; True where they replace those that are there.
    """

    taken = pyqtSignal(tuple, bool)

    def __init__(
        self,
        model: SceneImportModel,
        spawn: Callable[..., object],
        parent: QWidget | None = None,
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self.setObjectName("sceneImport")
        self.setWindowTitle(tr("Scenes from a text"))
        self.setAcceptDrops(True)
        self.setMinimumSize(_SMALLEST)
        room = self.screen().availableSize() if self.screen() is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room - _FRAME).expandedTo(_SMALLEST))
        self.model = model
        self._spawn = spawn
        self._folder = documents()
        self._make_text()
        self._make_rows()
        self._make_foot()
        self.notices = NoticeBar(self)
        self.notices.stand_on(self.summary, self.append, self.instead, self.leave, self.take)
        self._lay_out()
        self._bind()
        self._show_ways()
        self._show_model()
        self.text.setFocus()

    # building

    def _make_text(self) -> None:
        self.text = PromptEdit(4, 400)
        self.text.setObjectName("sceneText")
        self.text.setAccessibleName(tr("Text to make scenes of"))
        self.text.setPlaceholderText(
            tr("Paste a script, a story or a list of shots. An empty line begins a new paragraph.")
        )
        self.way = QComboBox()
        self.way.setObjectName("sceneWay")
        self.way.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.way.setMinimumContentsLength(18)
        self.choose = QPushButton(tr("&Open a file…"))
        self.choose.setObjectName("openScript")
        self.choose.setToolTip(tr("A script (.txt, .md) or a table (.csv) of scenes"))
        self.split = QPushButton(tr("&Propose scenes"))
        self.split.setObjectName("splitText")
        self.split.setToolTip(tr("Make rows of this text (Ctrl+Enter); nothing is stored yet"))
        self.stop = QPushButton(tr("&Stop"))
        self.stop.setObjectName("stopSplit")
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setAccessibleName(tr("Scenes are being proposed"))
        self.place = SmallLabel()

    def _make_rows(self) -> None:
        self.rows = DraftRows(self.model.drafts)
        self.empty = EmptyState("rows")
        self.empty.set_content(
            tr("Proposed scenes appear here, to be corrected before you take them.")
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.rows)
        self.note = SmallLabel()
        self.remove = QPushButton(tr("&Remove rows"))
        self.remove.setObjectName("removeDrafts")
        self.remove.setToolTip(tr("Leave the chosen rows out (Delete)"))
        self.up = QPushButton(tr("&Up"))
        self.up.setToolTip(tr("Move the row up (Alt+Up)"))
        self.down = QPushButton(tr("&Down"))
        self.down.setToolTip(tr("Move the row down (Alt+Down)"))

    def _make_foot(self) -> None:
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.append = QRadioButton(tr("&Add after the last scene"))
        self.instead = QRadioButton(tr("Replac&e all scenes"))
        self.instead.setObjectName("replaceScenes")
        self.where = QButtonGroup(self)
        self.where.addButton(self.append)
        self.where.addButton(self.instead)
        self.append.setChecked(True)
        self.lost = SmallLabel("warn")
        self.leave = QPushButton(tr("&Cancel"))
        self.take = QPushButton()
        self.take.setObjectName("takeScenes")
        theme.accent_button(self.take)
        for button in (self.choose, self.split, self.stop, self.remove, self.up, self.down,
                       self.leave, self.take):  # fmt: skip
            # Enter belongs to the cell it is pressed in
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(SPACE_8)
        tools.addWidget(self.choose)
        tools.addStretch(1)
        tools.addWidget(field_label(tr("&By"), self.way))
        tools.addWidget(self.way)
        tools.addWidget(self.stop)
        tools.addWidget(self.split)
        above = QWidget()
        upper = QVBoxLayout(above)
        upper.setContentsMargins(0, 0, 0, SPACE_8)
        upper.setSpacing(SPACE_8)
        upper.addWidget(self.text, 1)
        upper.addLayout(tools)
        upper.addWidget(self.place)
        upper.addWidget(self.busy)
        edit = QHBoxLayout()
        edit.setSpacing(SPACE_8)
        edit.addWidget(self.note, 1)
        edit.addStretch(0)
        for button in (self.up, self.down, self.remove):
            edit.addWidget(button)
        below = QWidget()
        lower = QVBoxLayout(below)
        lower.setContentsMargins(0, SPACE_8, 0, 0)
        lower.setSpacing(SPACE_8)
        lower.addWidget(self.stack, 1)
        lower.addLayout(edit)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(above)
        parts.addWidget(below)
        parts.setStretchFactor(0, 2)
        parts.setStretchFactor(1, 3)
        choice = QHBoxLayout()
        choice.setSpacing(SPACE_16)
        choice.addWidget(self.append)
        choice.addWidget(self.instead)
        choice.addStretch(1)
        choice.addWidget(self.summary)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_8)
        buttons.addWidget(self.lost, 1)
        buttons.addStretch(0)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addWidget(parts, 1)
        column.addLayout(choice)
        column.addLayout(buttons)

    def _bind(self) -> None:
        self.model.changed.connect(self._show_model)
        # not on every change: who corrects a row stays in it
        self.model.drafts.modelReset.connect(self._on_proposed)
        self.model.failed.connect(self._show_error)
        self.model.text_read.connect(self.show_text)
        self.model.replaced.connect(self._on_replaced)
        self.way.activated.connect(lambda at: self.model.choose(self.model.ways[at]))
        self.choose.clicked.connect(
            lambda: self._spawn(self._choose_file(), name="storyboard: choose a script")
        )
        self.split.clicked.connect(self._on_split)
        self.stop.clicked.connect(self.model.stop)
        self.remove.clicked.connect(self._on_remove)
        self.rows.remove_requested.connect(self._on_remove)
        self.rows.move_requested.connect(self._on_move)
        self.up.clicked.connect(lambda: self._on_move(-1))
        self.down.clicked.connect(lambda: self._on_move(1))
        self.instead.toggled.connect(lambda _on: self._show_model())
        self.leave.clicked.connect(self.reject)
        self.take.clicked.connect(self._on_take)
        self.finished.connect(lambda _code: self.model.close())
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self._on_split)
        open_key = QKeySequence(QKeySequence.StandardKey.Open)
        QShortcut(open_key, self).activated.connect(self.choose.click)

    def _show_ways(self) -> None:
        with QSignalBlocker(self.way):
            for at, way in enumerate(self.model.ways):
                self.way.addItem(way.name)
                if not way.is_ready:
                    self.way.model().item(at).setEnabled(False)
                    tip = plain_tool_tip(way.reason)
                    self.way.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
            self.way.setCurrentIndex(self.model.ways.index(self.model.way))

    # what the user does

    def show_text(self, words: str) -> None:
        """Put a text in, as a paste would."""
        self.text.setPlainText(words)

    def open_file(self, path: Path) -> None:
        self._folder = str(path.parent)
        self.notices.clear()
        self.model.read(path)

    async def _choose_file(self) -> None:
        dialog = QFileDialog(self, tr("Choose a script or a table"), self._folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        patterns = " ".join(f"*{suffix}" for suffix in _SUFFIXES)
        dialog.setNameFilter(tr("Scripts and tables ({patterns})", patterns=patterns))
        if await run_dialog(dialog) == QDialog.DialogCode.Accepted:
            self.open_file(Path(dialog.selectedFiles()[0]))

    def _on_split(self) -> None:
        if not self.model.is_busy:
            self.notices.clear()
            self.model.split(self.text.toPlainText())

    def _on_proposed(self) -> None:
        """What comes next is to read the rows."""
        if self.model.drafts.rowCount():
            self.stack.setCurrentWidget(self.rows)
            self.rows.go_to(0)
            self.rows.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_replaced(self, rows: tuple[SceneDraft, ...], note: str) -> None:
        """What somebody corrected is not lost by a click."""
        self.notices.show_notice(
            tr("Your corrected rows gave way to the new ones."),
            key="replaced rows",
            action_text=tr("Undo"),
            on_action=lambda: self.model.bring_back(rows, note),
            timeout_ms=0,
        )

    def _on_remove(self) -> None:
        places = self.rows.selected_places()
        self.model.drafts.remove(places)
        if places:
            self.rows.go_to(places[0])

    def _on_move(self, by: int) -> None:
        place = self.rows.currentIndex().row()
        if self.model.drafts.move(place, by):
            self.rows.go_to(place + by)

    def _on_take(self) -> None:
        self.rows.end_editing()
        if self.take.isEnabled():
            drafts, replaces = tuple(self.model.drafts.rows), self.instead.isChecked()
            self.accept()
            self.taken.emit(drafts, replaces)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Return presses the button that has the focus; none is pressed from anywhere else."""
        focus = self.focusWidget()
        is_return = event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and isinstance(focus, QPushButton):
            focus.click()
        elif not is_return:
            super().keyPressEvent(event)

    # showing

    def _show_error(self, error: Exception) -> None:
        if isinstance(error, StudioError):
            text = error_text.describe(error)
            self.notices.show_notice(text.whole, level="bad", key=text.happened, timeout_ms=0)
        else:
            self.notices.show_notice(masked(str(error)), level="warn", key=str(error))

    def _show_model(self) -> None:
        model = self.model
        count, present = model.drafts.rowCount(), model.present
        self.way.setCurrentIndex(model.ways.index(model.way))
        self.place.show_words(model.place_words())
        for widget in (self.split, self.choose, self.way, self.text):
            widget.setEnabled(not model.is_busy)
        self.stop.setVisible(model.is_busy)
        self.busy.setVisible(model.is_busy)
        self.stack.setCurrentWidget(self.rows if count else self.empty)
        self.note.show_words(model.note if count else "")
        for button in (self.up, self.down, self.remove):
            button.setVisible(count > 0)
        self.summary.setText(model.summary())
        self.append.setVisible(present > 0)
        self.instead.setVisible(present > 0)
        replaces = self.instead.isChecked() and present > 0
        lost = tr_n(
            "The scene of now leaves the storyboard. Undo brings it back.",
            "The {n} scenes of now leave the storyboard. Undo brings them back.",
            present,
        )
        problem = model.problem(replaces)
        self.lost.show_words(lost if replaces else problem if count else "")
        words = tr_n("&Take {shown} scene", "&Take {shown} scenes", count, shown=f"{count:,}")
        self.take.setText(words if count else tr("&Take the scenes"))
        self.take.setEnabled(not problem and not model.is_busy)
        self.take.setToolTip(plain_tool_tip(problem))

    # dropping

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and script_in(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None and (path := script_in(event)) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.open_file(path)


def script_in(event: QDropEvent) -> Path | None:
    """The one script or table that is dragged; None for anything else."""
    mime = event.mimeData()
    urls = mime.urls() if mime is not None else []
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and path.suffix.lower() in _SUFFIXES else None
