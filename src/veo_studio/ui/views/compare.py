"""Two to four clips side by side, in step; the chosen one is heard, kept or rejected."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QEvent, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui import shortcuts, theme
from veo_studio.ui.compare_sources import CompareSources
from veo_studio.ui.icons import icon
from veo_studio.ui.shortcut_table import Group
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.compare_model import CompareModel
from veo_studio.ui.views.compare_tile import CompareTile
from veo_studio.ui.views.compare_zoom import CompareZoom
from veo_studio.ui.views.player_transport import PlayerTransport

_FIRST_SIZE = QSize(1280, 800)
_GAP = theme.SPACE_8


class TileGrid(QWidget):
    """Lays its tiles out so that their pictures are as large as they can be."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.tiles: list[CompareTile] = []
        self.shape = 16 / 9
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        return QSize(480, 240)

    def columns(self) -> int:
        """So many that the pictures, all of one shape, become largest."""
        count = max(1, len(self.tiles))

        def picture_width(columns: int) -> float:
            rows = -(-count // columns)
            width = (self.width() - _GAP * (columns - 1)) / columns
            height = (self.height() - _GAP * (rows - 1)) / rows - self._caption_height()
            return min(width, max(1.0, height) * self.shape)

        return max(range(1, count + 1), key=picture_width)

    def _caption_height(self) -> int:
        if not self.tiles:
            return 0
        tile = self.tiles[0]
        return tile.minimumSizeHint().height() - tile.picture.minimumSizeHint().height()

    def lay_out(self) -> None:
        count = len(self.tiles)
        if not count:
            return
        columns = self.columns()
        rows = -(-count // columns)
        width = (self.width() - _GAP * (columns - 1)) // columns
        height = (self.height() - _GAP * (rows - 1)) // rows
        for place, tile in enumerate(self.tiles):
            row, column = divmod(place, columns)
            tile.setGeometry(QRect(column * (width + _GAP), row * (height + _GAP), width, height))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.lay_out()


class CompareView(PlayerTransport):
    """A window of its own over a model.

    Signals:
        keep_requested(int), reject_requested(int): mark the one at this place.
        undo_requested(): take the last mark back.
        finished(): the user is done.
        closed(): it is gone, and its files are free.
    """

    keep_requested = pyqtSignal(int)
    reject_requested = pyqtSignal(int)
    undo_requested = pyqtSignal()
    finished = pyqtSignal()
    closed = pyqtSignal()

    def __init__(
        self,
        model: CompareModel,
        model_name_of: Callable[[Generation], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.Window)
        self.setWindowTitle(tr("Compare"))
        self.setMinimumSize(640, 440)
        self.resize(_FIRST_SIZE)
        self.model = model
        model.setParent(self)
        self._model_name_of = model_name_of
        self._focus_before = QApplication.focusWidget()
        self.zoom = CompareZoom(self)
        self.cost = QLabel(self)
        self.cost.setTextFormat(Qt.TextFormat.PlainText)
        self.cost.setWordWrap(True)
        self.undo_button = QPushButton(icon("undo", "text", 16), tr("Undo"), self)
        self.undo_button.clicked.connect(self.undo_requested)
        self.zoom_button = QPushButton(icon("zoom", "text", 16), "100 %", self)
        self.zoom_button.setCheckable(True)
        self.zoom_button.setAccessibleName(tr("Every pixel"))
        self.zoom_button.clicked.connect(lambda _checked: self.zoom.toggle())
        self.finish_button = QPushButton(tr("Finish"), self)
        theme.accent_button(self.finish_button)
        self.finish_button.clicked.connect(self.finished)
        for button in (self.undo_button, self.zoom_button, self.finish_button):
            # Return keeps a clip here
            button.setAutoDefault(False)
        self.grid = TileGrid(self)
        self._lay_out()
        self.zoom.changed.connect(self._show_zoom)
        self.controls.full_screen_clicked.connect(self._toggle_full_screen)
        model.changed.connect(self._show_marks)
        model.chosen_changed.connect(self._on_chosen)
        model.removed.connect(self._on_removed)
        shortcuts.current().changed.connect(self._show_keys)
        self._commands = self._make_commands()
        self.set_looping(True)
        self._open()

    def _make_sources(self) -> CompareSources:
        self.sources = CompareSources(self)
        return self.sources

    @property
    def _ready(self) -> CompareSources | None:
        return self.sources if self.sources.duration_ms else None

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE_12, theme.SPACE_8, theme.SPACE_12, 0)
        head.setSpacing(theme.SPACE_8)
        head.addWidget(self.cost, 1)
        head.addWidget(self.zoom_button)
        head.addWidget(self.undo_button)
        head.addWidget(self.finish_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_8)
        column.addLayout(head)
        middle = QHBoxLayout()
        middle.setContentsMargins(theme.SPACE_8, 0, theme.SPACE_8, 0)
        middle.addWidget(self.grid)
        column.addLayout(middle, 1)
        column.addWidget(self.controls)

    def _open(self) -> None:
        paths = [one.video_path for one in self.model.generations if one.video_path is not None]
        self.sources.open(paths)
        for place, source in enumerate(self.sources.items):
            tile = CompareTile(source, self.zoom, self.grid)
            tile.chosen.connect(lambda tile=tile: self.model.choose(self.grid.tiles.index(tile)))
            tile.keep_requested.connect(lambda tile=tile: self._keep(self.grid.tiles.index(tile)))
            tile.reject_requested.connect(
                lambda tile=tile: self._reject(self.grid.tiles.index(tile))
            )
            self.grid.tiles.append(tile)
            tile.show()
            if not source.path.is_file():
                tile.show_problem(tr("The file is no longer in its place."))
            if place == 0:
                one = self.model.generations[0]
                if one.width_px and one.height_px:
                    self.grid.shape = one.width_px / one.height_px
        is_moving = any(not source.is_still for source in self.sources.items)
        self.controls.setVisible(is_moving)
        self._show_marks()
        self._on_chosen()
        self._show_keys()

    # keys

    def _make_commands(self) -> dict[str, Callable[[], object]]:
        made: dict[str, Callable[[], object]] = {
            "play": self.toggle,
            "backwards": lambda: self.shuttle(-1),
            "stop": self.stop,
            "forwards": lambda: self.shuttle(1),
            "step_back": lambda: self.step(-1),
            "step_forward": lambda: self.step(1),
            "second_back": lambda: self.skip(-1),
            "second_forward": lambda: self.skip(1),
            "start": lambda: self.seek(0),
            "end": self.seek_end,
            "slower": lambda: self.change_rate(-1),
            "faster": lambda: self.change_rate(1),
            "set_in": self.set_in,
            "set_out": self.set_out,
            "to_in": self.to_in,
            "to_out": self.to_out,
            "clear_range": self.clear_range,
            "loop": self.controls.loop_button.toggle,
            "mute": self.controls.mute_button.toggle,
            "keep": lambda: self._keep(self.model.chosen),
            "reject": lambda: self._reject(self.model.chosen),
            "undo": self.undo_requested.emit,
            "zoom": self.zoom.toggle,
            "timecode": self.controls.toggle_timecode,
            "full_screen": self._toggle_full_screen,
            "finish": self.finished.emit,
            "close": self._on_escape,
        }
        for number in range(1, 5):
            made[f"choose_{number}"] = partial(self.model.choose, number - 1)
        return made

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        found = shortcuts.command(event, Group.COMPARE)
        command = self._commands.get(found.partition(".")[2]) if found is not None else None
        if command is None:
            super().keyPressEvent(event)
        else:
            command()

    def _keep(self, place: int) -> None:
        self.model.choose(place)
        self.keep_requested.emit(place)

    def _reject(self, place: int) -> None:
        self.model.choose(place)
        self.reject_requested.emit(place)

    def _on_escape(self) -> None:
        """The nearest thing first: the whole screen, then every pixel, then the window."""
        if self.isFullScreen():
            self.showNormal()
        elif self.zoom.factor is not None:
            self.zoom.toggle()
        else:
            self.close()

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    # what is shown

    def _show_marks(self) -> None:
        for place, tile in enumerate(self.grid.tiles):
            one = self.model.generations[place]
            tile.show_facts(
                place + 1,
                self.model.difference(place),
                self.model.facts(place, self._model_name_of(one)),
                one.prompt,
            )
            tile.show_mark(is_kept=one.favourite, is_rejected=one.rejected)
        self.cost.setText(self.model.cost_words())
        self.undo_button.setEnabled(self.model.can_undo)

    def _on_chosen(self) -> None:
        chosen = self.model.chosen
        self.sources.hear(chosen)
        for place, tile in enumerate(self.grid.tiles):
            is_heard = place == self.sources.heard and not tile.source.is_still
            tile.show_chosen(is_chosen=place == chosen, is_heard=is_heard)
        if self.grid.tiles and self.isVisible():
            self.grid.tiles[chosen].setFocus()

    def _on_removed(self, place: int) -> None:
        tile = self.grid.tiles.pop(place)
        self.sources.remove(place)
        tile.hide()
        tile.deleteLater()
        self.grid.lay_out()
        self._on_chosen()

    def _show_zoom(self) -> None:
        factor = self.zoom.factor
        self.zoom_button.setChecked(factor is not None)
        self.zoom_button.setText(f"{round((factor or 1) * 100)} %")

    def _show_keys(self) -> None:
        for tile in self.grid.tiles:
            tile.show_keys()
        for button, words, name in (
            (self.undo_button, tr("Undo the last mark"), "undo"),
            (self.zoom_button, tr("Every pixel, or the whole picture"), "zoom"),
            (self.finish_button, tr("Close; what is kept stays a favourite"), "finish"),
        ):
            keys = shortcuts.told(f"compare.{name}")
            button.setToolTip(f"{words} ({keys})" if keys else words)

    # coming and going

    def showEvent(self, event: QEvent | None) -> None:  # type: ignore[override]
        super().showEvent(event)  # type: ignore[arg-type]
        if self.grid.tiles:
            self.grid.tiles[self.model.chosen].setFocus(Qt.FocusReason.OtherFocusReason)

    def release(self) -> None:
        """Let go of every file."""
        self.sources.close()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        super().closeEvent(event)
        self.release()
        before, self._focus_before = self._focus_before, None
        parent = self.parentWidget()
        if parent is not None:
            parent.window().activateWindow()
            if before is not None and parent.window().isAncestorOf(before):
                before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()
