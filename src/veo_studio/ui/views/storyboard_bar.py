"""Over a storyboard: which one, what it is together, undo and redo, and its scenes or its film."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from veo_studio.core.storyboard.models import SceneState, StoryboardEntry
from veo_studio.ui import shortcuts, theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import ago, clock, plain_tool_tip, tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.segments import Option, Segments

SCENES = "scenes"
FILM = "film"
# in the menu itself; the others are in a menu of it
_MOST_SHOWN = 12
_TITLE_PX = 330
# frame and padding of a button, above and below its words
_AROUND_PX = 12
_FONT_EVENTS = (QEvent.Type.ApplicationFontChange, QEvent.Type.StyleChange)


class BoardChooser(QToolButton):
    """The title of the storyboard, with a menu of all and what can be done with this one.

    Signals:
        about_to_open(): whoever knows the storyboards may show them anew.
        filled(): the menu shows what is known now.
        chosen(int): the one with this number.
        command_requested(str): new, rename, duplicate, delete, import, export.
    """

    about_to_open = pyqtSignal()
    filled = pyqtSignal()
    chosen = pyqtSignal(int)
    command_requested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("boardChooser")
        self.setIcon(icon("caret-down", "dim"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.heading_font(self)
        self._entries: Sequence[StoryboardEntry] = ()
        self._title = ""
        self._uuid = ""
        self.boards = QMenu(self)
        self.boards.aboutToShow.connect(self._on_menu)
        self.setMenu(self.boards)
        self.show_title("", "")

    def show_title(self, title: str, uuid: str) -> None:
        """ "" for no storyboard."""
        self._title, self._uuid = title, uuid
        shown = title or tr("Storyboards")
        metrics = QFontMetrics(self.font())
        self.setText(
            metrics.elidedText(shown, Qt.TextElideMode.ElideRight, _TITLE_PX).replace("&", "&&")
        )
        self.setToolTip(plain_tool_tip(shown))
        self.setAccessibleName(tr("Storyboard: {title}", title=shown))

    def show_entries(self, entries: Sequence[StoryboardEntry]) -> None:
        """All of them, the one that was changed last first; also in the menu that is open."""
        if self._entries == tuple(entries):
            return
        self._entries = tuple(entries)
        if self.boards.isVisible():
            # what is read while it opens is no opening too late
            self.fill()

    def _on_menu(self) -> None:
        self.about_to_open.emit()
        self.fill()

    def fill(self) -> None:
        """Put the storyboards and the commands into the menu."""
        menu = self.boards
        menu.clear()
        self._add_entries(menu, self._entries[:_MOST_SHOWN])
        if len(self._entries) > _MOST_SHOWN:
            older = menu.addMenu(tr("&Older"))
            assert older is not None
            self._add_entries(older, self._entries[_MOST_SHOWN:])
        if self._entries:
            menu.addSeparator()
        has_board = bool(self._title)
        for command, words, icon_name, is_on in (
            ("new", tr("&New storyboard…"), "plus", True),
            ("rename", tr("&Rename…"), "edit", has_board),
            ("duplicate", tr("&Duplicate"), "copy", has_board),
            ("delete", tr("De&lete"), "trash", has_board),
            ("", "", "", True),
            ("import", tr("&Open a file…"), "folder", True),
            ("export", tr("&Save as a file…"), "download", has_board),
        ):
            if not command:
                menu.addSeparator()
                continue
            action = menu.addAction(icon(icon_name, "text", 16), words)
            assert action is not None
            action.setEnabled(is_on)
            action.triggered.connect(
                lambda _checked=False, command=command: self.command_requested.emit(command)
            )
        self.filled.emit()

    def _add_entries(self, menu: QMenu, entries: Sequence[StoryboardEntry]) -> None:
        metrics = QFontMetrics(menu.font())
        for entry in entries:
            title = metrics.elidedText(entry.title, Qt.TextElideMode.ElideRight, _TITLE_PX)
            scenes = tr_n("{n} scene", "{n} scenes", entry.scenes)
            words = title.replace("&", "&&").replace("\t", " ")
            action = menu.addAction(f"{words}\t{scenes}, {ago(entry.updated_at)}")
            assert action is not None
            action.setCheckable(True)
            action.setChecked(entry.uuid == self._uuid)
            action.triggered.connect(
                lambda _checked=False, number=entry.id: self.chosen.emit(number)
            )


class StoryboardBar(QWidget):
    """Signals:
    part_chosen(str): SCENES or FILM.
    command_requested(str): scenes.add, scenes.undo or scenes.redo.
    side_toggled(bool): what is beside the scenes shall be seen or not.
    """

    part_chosen = pyqtSignal(str)
    command_requested = pyqtSignal(str)
    side_toggled = pyqtSignal(bool)

    def __init__(self, document: BoardDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.chooser = BoardChooser()
        self.summary = ElidedLabel(token="dim")
        self.add = self._command("scenes.add", "plus", tr("New scene"))
        self.undo = self._command("scenes.undo", "undo", tr("Undo"))
        self.redo = self._command("scenes.redo", "retry", tr("Redo"))
        self.side = _tool("sidebar", tr("Takes, cast and settings"))
        self.side.setCheckable(True)
        self.side.setChecked(True)
        self.side.hide()
        self.side.toggled.connect(self.side_toggled)
        self.parts = Segments()
        self.parts.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.parts.chosen.connect(lambda part: self.part_chosen.emit(str(part)))
        # where there is little room, what is below gives way
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACE_8, SPACE_4, SPACE_12, SPACE_4)
        self._row.setSpacing(SPACE_4)
        self._row.addWidget(self.chooser)
        self._row.addWidget(self.summary, 1)
        for button in (self.add, self.undo, self.redo, self.side):
            self._row.addWidget(button)
        self._row.addSpacing(SPACE_8)
        self._row.addWidget(self.parts)
        self.show_part(SCENES)
        document.opened.connect(self._show)
        document.board_changed.connect(self._show)
        document.view_changed.connect(self._show)
        document.undo.indexChanged.connect(self._show_undo)
        self._show()

    def add_button(self, icon_name: str, words: str) -> QToolButton:
        """One more, before those for undo."""
        button = _tool(icon_name, words)
        place = self._row.indexOf(self.undo)
        before = self._row.itemAt(place - 1)
        self._row.insertWidget(place, button)
        if before is not None:
            QWidget.setTabOrder(before.widget(), button)
        return button

    def _command(self, command: str, icon_name: str, words: str) -> QToolButton:
        button = _tool(icon_name, words)
        shortcuts.bind_tip(button, command, lambda keys: f"{words} ({keys})")
        button.clicked.connect(lambda _checked=False: self.command_requested.emit(command))
        return button

    def show_part(self, part: str) -> None:
        self.parts.show_options([Option(SCENES, tr("Scenes")), Option(FILM, tr("Film"))], part)
        self._fit()

    def _fit(self) -> None:
        """Side by side, whatever the font."""
        widest = max(one.needed_px() for one in self.parts.buttons)
        self.parts.setFixedWidth(widest * len(self.parts.buttons) + SPACE_8)
        # the layout asks for the title's height before the style sheet gives it its font
        title_px = QFontMetrics(theme.heading_text_font()).height() + _AROUND_PX
        self.setMinimumHeight(title_px + 2 * SPACE_4)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in _FONT_EVENTS:
            theme.heading_font(self.chooser)
            self._fit()
            self._show()

    def _show(self) -> None:
        board = self._document.board
        for widget in (self.parts, self.add, self.side):
            widget.setEnabled(board is not None)
        title = "" if board is None else board.scenario.title
        self.chooser.show_title(title, "" if board is None else board.scenario.uuid)
        self.summary.set_text(self._summary())
        self._show_undo()

    def _summary(self) -> str:
        """How much it is, and how much of it is there."""
        board, view = self._document.board, self._document.view
        if board is None:
            return ""
        parts = [tr_n("{n} scene", "{n} scenes", len(board.scenes)), clock(board.duration_s)]
        if view is not None:
            ready = sum(one.state is SceneState.DONE for one in view.scenes)
            if ready:
                parts.append(tr_n("{n} clip ready", "{n} clips ready", ready))
        return " \u00b7 ".join(parts)

    def _show_undo(self, *_: object) -> None:
        undo = self._document.undo
        self.undo.setEnabled(undo.canUndo())
        self.redo.setEnabled(undo.canRedo())


def _tool(icon_name: str, words: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name, "text"))
    button.setIconSize(QSize(20, 20))
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
