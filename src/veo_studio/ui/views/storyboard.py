"""The Storyboard tab: which storyboard, its scenes and the one that is edited, and the film of them."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QFocusEvent, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import shortcuts, theme
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.shortcut_table import Group
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.scene_commands import SceneCommands
from veo_studio.ui.view_models.scene_rows import SceneRows
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views import menu_letters
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.focus_parts import focus_first, has_focus
from veo_studio.ui.views.place import Place
from veo_studio.ui.views.scene_actions import scene_actions
from veo_studio.ui.views.scene_editor import SceneEditor
from veo_studio.ui.views.scene_list import SceneList
from veo_studio.ui.views.storyboard_bar import FILM, SCENES, StoryboardBar

# list, editor, takes with cast and settings
_FIRST_SIZES_PX = [400, 520, 340]
# of the list alone: its own keys
_OF_LIST = frozenset({"scenes.delete", "scenes.edit"})
# also while the film is shown
_OF_FILM = frozenset({"scenes.film", "scenes.export_film"})
# as the chooser of storyboards calls them
_OF_BOARDS = {"scenes.new_board": "new", "scenes.open_board": "import"}
# others do them: see `StoryboardView.offer`
_OFFERED = frozenset(
    f"scenes.{name}" for name in ("make", "rehearse", "approve", "new_picture", "new_take")
)
# what the side needs beside list and editor, in heights of the body text
_SIDE_EM = 74


class StoryboardView(QWidget):
    """Shows a `BoardDocument`. Others put their parts into `run_place`, `side_place` and `film_place`.

    Signals:
        new_requested(): the user wants a storyboard.
        board_requested(str): new, from_text (a new one of a text) or import.
        from_text_requested(): scenes shall be made of a text.
        export_requested(): a film shall be made; its page is in sight.
        part_shown(str): SCENES or FILM came into sight.
        looked_at(object, tuple): the uuid of the scene that is edited, or None, and of those selected.
        refused(str): why a command was not done.
        resized(): its parts have other places.
    """

    new_requested = pyqtSignal()
    board_requested = pyqtSignal(str)
    from_text_requested = pyqtSignal()
    export_requested = pyqtSignal()
    part_shown = pyqtSignal(str)
    looked_at = pyqtSignal(object, tuple)
    refused = pyqtSignal(str)
    resized = pyqtSignal()

    def __init__(
        self, document: BoardDocument, rows: SceneRows, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("storyboard")
        self.document = document
        self.commands = SceneCommands(document)
        # the scenes of the last step of undo, and its number
        self._seen: frozenset[str] = frozenset()
        self._step = 0
        self.top = StoryboardBar(document)
        self.list = SceneList(rows)
        self.editor = SceneEditor(document, self.commands)
        self.run_place = Place()
        self.side_place = Place()
        self.film_place = Place()
        self.empty = EmptyState("film")
        self.no_scenes = EmptyState("rows")
        # of pages without anything: whoever has a text already begins with it
        self.text_buttons = [
            one.add_button(tr("From a text\u2026")) for one in (self.empty, self.no_scenes)
        ]
        self.file_buttons = [
            one.add_button(tr("Open a file\u2026")) for one in (self.empty, self.no_scenes)
        ]
        self.notices = NoticeBar(self)
        self.menu: QMenu | None = None
        self._offers: dict[str, QAbstractButton] = {}
        # puts the focus into the next part of the film, +1 or -1
        self.cycle_film: Callable[[int], object] | None = None
        # what the user chose where there is room for it
        self._is_side_wanted = True
        self._was_wide: bool | None = None
        self._lay_out()
        self._bind()
        self._show()

    # building

    def _lay_out(self) -> None:
        self._listed = QStackedWidget()
        self._listed.addWidget(self.list)
        self._listed.addWidget(self.no_scenes)
        for pane in (self._listed, self.side_place):
            pane.setAutoFillBackground(True)
            pane.setBackgroundRole(self.palette().ColorRole.Base)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.setObjectName("storyboardAcross")
        self.across.setHandleWidth(1)
        self.across.setChildrenCollapsible(False)
        for number, part in enumerate((self._listed, self.editor, self.side_place)):
            self.across.addWidget(part)
            self.across.setStretchFactor(number, int(number < 2))
        self.across.setSizes(_FIRST_SIZES_PX)
        scenes = QVBoxLayout()
        scenes.setContentsMargins(0, 0, 0, 0)
        scenes.setSpacing(0)
        scenes.addWidget(self.across, 1)
        scenes.addWidget(self.run_place)
        self._scenes = QWidget()
        self._scenes.setLayout(scenes)
        self._parts = QStackedWidget()
        for page in (self.empty, self._scenes, self.film_place):
            self._parts.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.top)
        column.addWidget(self._parts, 1)

    def _bind(self) -> None:
        self.top.part_chosen.connect(self.show_part)
        self.top.command_requested.connect(self.run)
        self.top.side_toggled.connect(self._on_side)
        self.editor.command_requested.connect(self.run)
        self.empty.action_requested.connect(self.new_requested)
        self.no_scenes.action_requested.connect(lambda: self.run("scenes.add"))
        self.text_buttons[0].clicked.connect(lambda: self.board_requested.emit("from_text"))
        self.text_buttons[1].clicked.connect(lambda: self.run("scenes.from_text"))
        for button in self.file_buttons:
            button.clicked.connect(lambda: self.board_requested.emit("import"))
        self.list.chosen.connect(self._on_chosen)
        self.list.delete_requested.connect(lambda: self.run("scenes.delete"))
        self.list.edit_requested.connect(self.editor.write)
        self.list.menu_requested.connect(self.open_menu)
        self.side_place.filled.connect(self._fit)
        self.document.opened.connect(self._on_opened)
        self.document.board_changed.connect(self._show)
        self.document.undo.indexChanged.connect(self._on_step)

    # what is shown

    @property
    def part(self) -> str:
        """SCENES or FILM."""
        return FILM if self._parts.currentWidget() is self.film_place else SCENES

    def show_part(self, part: str) -> None:
        """The scenes, or the film that they make."""
        if self.document.board is None:
            return
        self._parts.setCurrentWidget(self.film_place if part == FILM else self._scenes)
        self.top.show_part(part)
        self._fit()
        self.part_shown.emit(part)

    def _on_opened(self) -> None:
        if self.document.board is None:
            self._parts.setCurrentWidget(self.empty)
        else:
            self.show_part(SCENES)
            self.list.choose_row(0)
        self._show()
        self._on_step(self.document.undo.index())
        self._on_chosen()

    def _show(self) -> None:
        board = self.document.board
        if board is None:
            self.empty.set_content(
                tr("No storyboard yet. Begin one, and write what happens scene by scene."),
                tr("New storyboard"),
            )
            return
        self.no_scenes.set_content(tr("No scenes yet. What happens first?"), tr("New scene"))
        self._listed.setCurrentWidget(self.list if board.scenes else self.no_scenes)

    def _on_step(self, step: int) -> None:
        """What undo brings back is chosen, and a page with scenes always has one that is edited."""
        board = self.document.board
        scenes = () if board is None else tuple(scene.uuid for scene in board.scenes)
        came = [uuid for uuid in scenes if uuid not in self._seen]
        is_undone = step < self._step
        self._seen, self._step = frozenset(scenes), step
        if came and is_undone:
            self.list.choose(*came)
        elif scenes and self.list.current is None:
            self.list.choose_row(0)
        elif board is not None and not scenes and self.isVisible():
            focus = QApplication.focusWidget()
            if focus is None or self._scenes.isAncestorOf(focus):
                self.no_scenes.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_chosen(self) -> None:
        current, selected = self.list.current, self.list.selected()
        self.editor.look_at(current, selected)
        self.looked_at.emit(current, selected)

    # room

    @property
    def _is_wide(self) -> bool:
        return self.width() >= _SIDE_EM * theme.body_px()

    def _on_side(self, is_on: bool) -> None:
        if self._is_wide:
            self._is_side_wanted = is_on
        self._fit()

    def _fit(self) -> None:
        """In a narrow window the side stands where the editor is."""
        has_side = self.side_place.is_filled
        is_shown = has_side and self.top.side.isChecked()
        self.top.side.setVisible(has_side and self.part == SCENES)
        self.side_place.setVisible(is_shown)
        self.editor.setVisible(self._is_wide or not is_shown)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        is_wide = self._is_wide
        if is_wide is not self._was_wide:
            self._was_wide = is_wide
            # where it is narrow there is first of all room to write
            self.top.side.setChecked(is_wide and self._is_side_wanted)
        self._fit()
        self.resized.emit()

    # commands

    def menu_actions(self) -> list[QAction | None]:
        """What can be done with the scenes that are selected; None is a separator."""
        board = self.document.board
        is_here = self.part == SCENES and board is not None
        count = len(self.list.selected()) if is_here else 0
        return scene_actions(
            self, self.document.undo, self.run, count=count, has_board=board is not None,
            can=self._can,
        )  # fmt: skip

    def offer(self, command: str, button: QAbstractButton) -> None:
        """`command` is done as by this button, and can be done while that can be used."""
        self._offers[command] = button

    def _can(self, command: str) -> bool:
        button = self._offers.get(command)
        is_offered = button is not None and button.isEnabled() and not button.isHidden()
        return is_offered and self.document.board is not None

    def open_menu(self, at: QPoint) -> None:
        """The menu of what is selected, at a global position."""
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self)
        made = self.menu_actions()
        for action in made:
            if action is not None:
                action.setParent(self.menu)
        menu_letters.fill(self.menu, made)
        # not exec: a menu must not start a loop of its own
        self.menu.popup(at)

    def run(self, command: str) -> None:
        """Do what a command of `Group.SCENES` says; what cannot be done says why."""
        try:
            self._run(command)
        except (ValueError, LookupError) as error:
            self.refused.emit(str(error))

    def _run(self, command: str) -> None:
        if command in _OF_BOARDS:
            self.board_requested.emit(_OF_BOARDS[command])
        if self.document.board is None or command in _OF_BOARDS:
            return
        undo = self.document.undo
        selected = self.list.selected()
        if command == "scenes.undo":
            undo.undo()
        elif command == "scenes.redo":
            undo.redo()
        elif command == "scenes.add":
            self.show_part(SCENES)
            self._begin(self.commands.add(self.list.current))
        elif command == "scenes.from_text":
            self.show_part(SCENES)
            self.from_text_requested.emit()
        elif command in ("scenes.previous", "scenes.next"):
            self.list.step(1 if command == "scenes.next" else -1)
        elif command == "scenes.edit":
            self.editor.write()
        elif command == "scenes.film":
            self.show_part(SCENES if self.part == FILM else FILM)
        elif command == "scenes.export_film":
            self.show_part(FILM)
            self.export_requested.emit()
        elif command in _OFFERED:
            if self._can(command):
                self._offers[command].click()
        elif selected:
            self._run_selected(command, selected)

    def _run_selected(self, command: str, selected: tuple[str, ...]) -> None:
        commands = self.commands
        if command == "scenes.duplicate":
            self.list.choose(*commands.duplicate(selected))
        elif command == "scenes.split":
            self.list.choose(*commands.split(selected[0], self.editor.split_place()))
        elif command == "scenes.delete":
            row = self.list.rows.index_of(selected[0]).row()
            commands.delete(selected)
            self.list.choose_row(row)
        elif command in ("scenes.up", "scenes.down"):
            commands.move(selected, 1 if command == "scenes.down" else -1)
            self.list.scrollTo(self.list.currentIndex())

    def _begin(self, made: tuple[str, ...]) -> None:
        """Write in a scene that was just made."""
        self.list.choose(*made)
        self.editor.picture.setFocus(Qt.FocusReason.OtherFocusReason)

    # the keyboard

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """The page gives the focus on: a proxy would take its place in the order of Tab."""
        super().focusInEvent(event)
        board = self.document.board
        empty = self.empty if board is None else self.no_scenes
        target = self.list if board is not None and board.scenes else empty.button
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent | None) -> bool:
        """Keys that the window has too belong to the page while it has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            command = shortcuts.command(event, Group.SCENES)
            if command is not None and self._is_ours(command):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        command = shortcuts.command(event, Group.SCENES)
        if command is not None and self._is_ours(command):
            self.run(command)
        else:
            super().keyPressEvent(event)

    def _is_ours(self, command: str) -> bool:
        return command in _OF_FILM or (command not in _OF_LIST and self.part == SCENES)

    def cycle(self, step: int) -> None:
        """Put the focus into the next part: list, editor, side, run bar; or of the film."""
        if self.document.board is None:
            return
        if self.part == FILM:
            if self.cycle_film is not None:
                self.cycle_film(step)
            return
        found = [
            part
            for part in (self._listed, self.editor, self.side_place, self.run_place)
            if part.isVisible()
        ]
        now = next((n for n, part in enumerate(found) if has_focus(part)), -step if step > 0 else 0)
        target = found[(now + step) % len(found)]
        if target is self._listed:
            self._listed.currentWidget().setFocus(Qt.FocusReason.ShortcutFocusReason)  # type: ignore[union-attr]
        elif target is self.editor:
            self.editor.picture.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            focus_first(target)
