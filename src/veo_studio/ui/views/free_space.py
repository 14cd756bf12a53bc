"""Free space: three lists and what the program keeps, each with its sizes and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import QItemSelectionModel, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTabWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.free_space import Taken
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import size_words, tr, tr_n
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16, SPACE_24, dim_text, heading_font
from veo_studio.ui.view_models.space_model import Column, SpaceModel, SpaceRow, SpaceTable
from veo_studio.ui.views.labels import SmallLabel, name_tabs

_FIRST_SIZE = QSize(860, 560)
_LEAST = QSize(560, 400)
_FRAME = QSize(16, 48)


class SpaceList(QWidget):
    """One list with its sum, its buttons, and a sentence where there is nothing in it.

    Signals:
        asked(str, list): the name of the button, and the rows that are selected.
    """

    asked = pyqtSignal(str, list)

    def __init__(
        self,
        table: SpaceTable,
        words: str,
        empty: str,
        buttons: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.table = table
        self._empty_words = empty
        self.words = SmallLabel()
        self.words.show_words(words)
        self.rows = QTreeView()
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        self.rows.setAllColumnsShowFocus(True)
        self.rows.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.rows.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.rows.setModel(table)
        header = self.rows.header()
        header.setStretchLastSection(True)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(Column.SIZE, QHeaderView.ResizeMode.Interactive)
        self.empty = QLabel(empty)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        dim_text(self.empty)
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        self.select_all = QPushButton(tr("Select all"))
        self.select_all.setAutoDefault(False)
        self.select_all.clicked.connect(self.rows.selectAll)
        row.addWidget(self.select_all)
        self.chosen = SmallLabel()
        row.addWidget(self.chosen)
        row.addStretch(1)
        for name, label in buttons:
            button = QPushButton(label)
            button.setAutoDefault(False)
            button.clicked.connect(partial(self._ask, name))
            self.buttons[name] = button
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE_12, 0, 0)
        column.setSpacing(SPACE_8)
        column.addWidget(self.words)
        column.addWidget(self.rows, 1)
        column.addWidget(self.empty, 1)
        column.addLayout(row)
        selection = self.rows.selectionModel()
        assert isinstance(selection, QItemSelectionModel)
        selection.selectionChanged.connect(self.refresh)
        self._size_columns()
        self.refresh()

    def selected(self) -> list[SpaceRow]:
        found = sorted({index.row() for index in self.rows.selectionModel().selectedRows()})
        return [self.table.rows[number] for number in found]

    def refresh(self, *_changes: object) -> None:
        has_rows = bool(self.table.rows)
        self.rows.setVisible(has_rows)
        self.empty.setVisible(not has_rows)
        self.select_all.setEnabled(has_rows)
        count = len(self.rows.selectionModel().selectedRows())
        for button in self.buttons.values():
            button.setEnabled(count > 0)
        size = sum(row.size_bytes for row in self.selected()) if count else 0
        self.chosen.show_words(
            tr("{n} selected, {size}", n=count, size=size_words(size)) if count else ""
        )

    def show_empty(self, words: str) -> None:
        """Why nothing is listed: `words`, or that there is nothing."""
        self.empty.setText(words or self._empty_words)

    def _ask(self, name: str) -> None:
        if rows := self.selected():
            self.asked.emit(name, rows)

    def _size_columns(self) -> None:
        metrics = self.rows.fontMetrics()
        self.rows.setColumnWidth(Column.CLIP, metrics.averageCharWidth() * 40)
        self.rows.setColumnWidth(Column.SIZE, metrics.horizontalAdvance("8,888.8 MB") + 32)


class KeptList(QWidget):
    """What the program itself keeps, with a button where something of it can go.

    Signals:
        asked(str): the name of what is to be removed.
    """

    asked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE_24)
        self._grid.setVerticalSpacing(SPACE_12)
        self._grid.setColumnStretch(0, 1)
        self.buttons: dict[str, QPushButton] = {}
        self.sizes: dict[str, QLabel] = {}
        for name, title, more, label in (
            ("caches", tr("Caches"), tr("Posters and strips; made again when they are looked at."),
             tr("Clear")),
            ("inputs", tr("Pictures and clips that others are made from"),
             tr("Kept so that a clip can be made again."), tr("Remove unused")),
            ("backups", tr("Backups"), tr("Of the library; the oldest go by themselves."), ""),
            ("rehearsal", tr("Rehearsal engine"), tr("What it drew last; goes after two days."), ""),
            ("logs", tr("Logs"), "", ""),
            ("library", tr("The library"), tr("Prompts, settings and the wallet."), ""),
        ):  # fmt: skip
            self._add(name, title, more, label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE_16, 0, 0)
        column.addLayout(self._grid)
        column.addStretch(1)

    def _add(self, name: str, title: str, more: str, label: str) -> None:
        number = self._grid.rowCount()
        words = QVBoxLayout()
        words.setSpacing(0)
        head = QLabel(title)
        words.addWidget(head)
        under = SmallLabel()
        under.show_words(more)
        words.addWidget(under)
        size = self.sizes[name] = QLabel()
        size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addLayout(words, number, 0)
        self._grid.addWidget(size, number, 1)
        if label:
            button = self.buttons[name] = QPushButton(label)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{label}: {title}")
            button.clicked.connect(partial(self.asked.emit, name))
            self._grid.addWidget(button, number, 2)

    def show_takes(self, takes: Sequence[Taken]) -> None:
        known = {one.name: one for one in takes}
        for name, label in self.sizes.items():
            one = known.get(name)
            label.setText("" if one is None else size_words(one.size_bytes))
        for name, button in self.buttons.items():
            one = known.get(name)
            button.setEnabled(one is not None and bool(one.removable))
        unused = known.get("inputs")
        if unused is not None and unused.removable:
            self.buttons["inputs"].setText(
                tr("Remove unused ({size})", size=size_words(unused.removable_bytes))
            )
        else:
            self.buttons["inputs"].setText(tr("Remove unused"))


class FreeSpaceDialog(QDialog):
    """Shown beside the window; what is asked for goes to its controller.

    Signals:
        asked(str, list): an action by name, and the `SpaceRow`s that it is about.
        closed(): nobody looks any more.
    """

    asked = pyqtSignal(str, list)
    closed = pyqtSignal()

    def __init__(self, model: SpaceModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("freeSpace")
        self.setWindowTitle(tr("Free space"))
        self.model = model
        # the lists die before what they show
        model.setParent(self)
        heading = QLabel(tr("Free space"))
        heading_font(heading)
        self.state = SmallLabel()
        self.again = QPushButton()
        self.again.setAutoDefault(False)
        self.again.clicked.connect(self._on_again)
        self.gone = SpaceList(
            model.gone,
            tr("The library knows these clips, but their files are not where they were."),
            tr("No file is missing."),
            (("locate", tr("&Locate…")), ("forget", tr("&Forget"))),
        )
        self.strays = SpaceList(
            model.strays,
            tr(
                "Files of ours that the library does not know: left by a restored backup, for example."
            ),
            tr("Every file of ours has its row."),
            (("reveal", tr("&Show in folder")), ("trash", tr("Move to &trash"))),
        )
        self.largest = SpaceList(
            model.largest,
            tr("The largest clips and pictures of the library."),
            tr("There are no clips yet."),
            (("reveal", tr("&Show in folder")), ("delete", tr("Move to &trash"))),
        )
        self.kept = KeptList()
        self.tabs = QTabWidget()
        name_tabs(self.tabs, tr("What takes room"))
        # where a narrow screen and large letters leave too little room, words give way, not tabs
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setUsesScrollButtons(False)
        for page in (self.gone, self.strays, self.largest, self.kept):
            self.tabs.addTab(page, "")
        self.close_button = QPushButton(tr("Close"))
        self.close_button.clicked.connect(self.close)
        self._lay_out(heading)
        self.notices = NoticeBar(self)
        self.notices.stand_on(self.close_button)
        for page in (self.gone, self.strays, self.largest):
            page.asked.connect(self.asked)
        self.kept.asked.connect(partial(self._ask_kept))
        model.changed.connect(self._show)
        self._show()
        self.tabs.setFocus()

    def _lay_out(self, heading: QLabel) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_12)
        head.addWidget(heading)
        head.addWidget(self.state, 1)
        head.addWidget(self.again)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        column.setSpacing(SPACE_12)
        column.addLayout(head)
        column.addWidget(self.tabs, 1)
        column.addLayout(foot)
        self.setMinimumSize(_LEAST)
        self.resize(_FIRST_SIZE.boundedTo(self._room()))

    def _room(self) -> QSize:
        screen = self.screen()
        return screen.availableSize() - _FRAME if screen is not None else _FIRST_SIZE

    def _fit_tabs(self) -> None:
        """Every tab is in sight where the screen is wide enough."""
        bar = self.tabs.tabBar()
        assert bar is not None
        needed = bar.sizeHint().width() + 2 * SPACE_24
        self.setMinimumWidth(max(_LEAST.width(), min(needed, self._room().width())))

    def _ask_kept(self, name: str) -> None:
        self.asked.emit(name, [])

    def _on_again(self) -> None:
        (self.model.stop if self.model.is_looking else self.model.look)()

    def _show(self) -> None:
        model = self.model
        self.again.setText(tr("Stop looking") if model.is_looking else tr("Look &again"))
        self.state.show_words(self._state_words())
        titles: tuple[tuple[QWidget, Callable[[int], str], SpaceTable], ...] = (
            (self.gone, lambda n: tr("Missing ({n})", n=n), model.gone),
            (self.strays, lambda n: tr("Without a row ({n})", n=n), model.strays),
            (self.largest, lambda n: tr("Largest"), model.largest),
        )
        for page, words, table in titles:
            self.tabs.setTabText(self.tabs.indexOf(page), words(len(table.rows)))
        self.tabs.setTabText(self.tabs.indexOf(self.kept), tr("The program"))
        self._fit_tabs()
        waiting = tr("Looking\u2026") if model.space is None and model.is_looking else ""
        for page in (self.gone, self.strays, self.largest):
            page.show_empty(waiting)
            page.refresh()
        self.kept.show_takes(model.space.takes if model.space is not None else ())

    def _state_words(self) -> str:
        model = self.model
        if model.problem:
            return model.problem
        if model.is_looking and model.count:
            return tr("Looked at {done} of {count} clips", done=model.done, count=model.count)
        if model.is_looking or model.space is None:
            return tr("Looking\u2026") if model.is_looking else tr("Stopped.")
        count = tr_n("{n} clip", "{n} clips", model.space.clips_count)
        return tr("{count}, {size}", count=count, size=size_words(model.space.clips_bytes))

    def closeEvent(self, event: QCloseEvent | None) -> None:
        super().closeEvent(event)
        # a notice that is still there would follow what is being deleted
        self.notices.clear()
        self.closed.emit()

    def reject(self) -> None:
        # Escape closes it as the button does
        self.close()
