"""The film of a storyboard: its picture, its clips on a line of time, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeyEvent, QPixmap, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui import shortcuts, theme
from veo_studio.ui.film_sequence import FilmSequence
from veo_studio.ui.icons import icon
from veo_studio.ui.shortcut_table import Group
from veo_studio.ui.text import clock, tr
from veo_studio.ui.view_models.film_model import FilmModel
from veo_studio.ui.views import focus_parts
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.export_bar import ExportBar
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.film_fields import FilmFields
from veo_studio.ui.views.film_screen import FilmScreen
from veo_studio.ui.views.film_sound import FilmSound
from veo_studio.ui.views.film_strip import FilmStrip
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.time_line import TimeLine

# how long a title is seen over a clip
TITLE_S = 3.0
_FIRST_SIZES_PX = [620, 320]


class FilmPage(QWidget):
    """Shows a `FilmModel` and plays it.

    Signals:
        export_requested(), handoff_requested(): make a film, or a file for an editor.
        srt_in_requested(), srt_out_requested(): subtitles from a file, or into one.
        sound_requested(): another soundtrack.
        scenes_requested(): back to the scenes, where clips are made.
        cancel_requested(): end what is being exported.
    """

    export_requested = pyqtSignal()
    handoff_requested = pyqtSignal()
    srt_in_requested = pyqtSignal()
    srt_out_requested = pyqtSignal()
    sound_requested = pyqtSignal()
    scenes_requested = pyqtSignal()
    cancel_requested = pyqtSignal()

    def __init__(
        self,
        model: FilmModel,
        picture_of: Callable[[Generation], QPixmap | None],
        *,
        make_sequence: Callable[[QWidget], FilmSequence] = FilmSequence,
        parent: QWidget | None = None,
    ) -> None:
        """`picture_of` gives the small picture of a clip, None where it is not at hand."""
        super().__init__(parent)
        self.setObjectName("film")
        self.model = model
        self._make_sequence = make_sequence
        self.sequence: FilmSequence | None = None
        # where it stood when it was last seen
        self._left_ms = 0
        self.screen_view = FilmScreen()
        self.strip = FilmStrip(model, picture_of)
        self.fields = FilmFields(model)
        self.sound = FilmSound(model)
        self.bar = ExportBar()
        self.empty = EmptyState("film")
        self._make_transport()
        self._make_foot()
        self._lay_out()
        self._bind()
        self._show()

    # building

    def _make_transport(self) -> None:
        self.play = QToolButton()
        self.play.setAccessibleName(tr("Play"))
        self.line = TimeLine()
        self.line.setAccessibleName(tr("Where the film is"))
        self.line.setSingleStep(1000)
        self.line.setPageStep(5000)
        self.time = QLabel()
        self.time.setTextFormat(Qt.TextFormat.PlainText)
        self.time.setFont(theme.tabular(self.time.font()))
        self.mute = QToolButton()
        self.mute.setCheckable(True)
        self._show_playing(False)
        self._show_muted(False)

    def _make_foot(self) -> None:
        self.note = SmallLabel()
        self.subtitles = QPushButton(tr("&Subtitles"))
        self.subtitles.setIcon(icon("caret-down", "text", 16))
        self.menu = QMenu(self.subtitles)
        self.srt_in = self.menu.addAction(tr("&Import SRT\u2026"))
        self.srt_out = self.menu.addAction(tr("&Save as SRT\u2026"))
        self.hand_off = QPushButton(tr("Han&d off\u2026"))
        self.hand_off.setToolTip(tr("A file for Resolve, Final Cut Pro, Premiere and others"))
        self.export = QPushButton(tr("E&xport the film\u2026"))
        theme.accent_button(self.export)

    def _lay_out(self) -> None:
        transport = QHBoxLayout()
        transport.setContentsMargins(theme.SPACE_8, 0, theme.SPACE_8, theme.SPACE_4)
        transport.setSpacing(theme.SPACE_8)
        transport.addWidget(self.play)
        transport.addWidget(self.line, 1)
        transport.addWidget(self.time)
        transport.addWidget(self.mute)
        seen = QVBoxLayout()
        seen.setContentsMargins(0, 0, 0, 0)
        seen.setSpacing(theme.SPACE_4)
        seen.addWidget(self.screen_view, 1)
        seen.addLayout(transport)
        left = QWidget()
        left.setLayout(seen)
        inner = QWidget()
        side = QVBoxLayout(inner)
        side.setContentsMargins(theme.SPACE_12, theme.SPACE_12, theme.SPACE_12, theme.SPACE_12)
        side.setSpacing(theme.SPACE_16)
        side.addWidget(self.fields)
        side.addWidget(self.sound)
        side.addStretch(1)
        self.side = FieldsScroller(inner)
        self.side.setAutoFillBackground(True)
        self.side.setBackgroundRole(self.palette().ColorRole.Base)
        inner.setAutoFillBackground(True)
        inner.setBackgroundRole(self.palette().ColorRole.Base)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.setHandleWidth(1)
        self.across.setChildrenCollapsible(False)
        self.across.addWidget(left)
        self.across.addWidget(self.side)
        self.across.setStretchFactor(0, 1)
        self.across.setSizes(_FIRST_SIZES_PX)
        self.scroller = QScrollArea()
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroller.setWidget(self.strip)
        self._lay_out_page()

    def _lay_out_page(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.SPACE_12, theme.SPACE_4, theme.SPACE_12, theme.SPACE_8)
        foot.setSpacing(theme.SPACE_12)
        foot.addWidget(self.note, 1)
        foot.addStretch()
        for button in (self.subtitles, self.hand_off, self.export):
            foot.addWidget(button)
        full = QVBoxLayout()
        full.setContentsMargins(0, 0, 0, 0)
        full.setSpacing(0)
        full.addWidget(self.across, 1)
        full.addWidget(self.scroller)
        full.addLayout(foot)
        self._full = QWidget()
        self._full.setLayout(full)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._full)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        column.addWidget(self.bar)

    def _bind(self) -> None:
        self.model.changed.connect(self._show)
        self.model.selected_changed.connect(self._show_words)
        self.play.clicked.connect(self.toggle)
        self.screen_view.clicked.connect(self.toggle)
        self.mute.toggled.connect(self._show_muted)
        self.strip.play_requested.connect(self.toggle)
        self.strip.sought.connect(self.seek)
        self.strip.trim_requested.connect(self.fields.trim_here)
        self.strip.focus_moved.connect(self._bring_into_sight)
        self.fields.sought.connect(self.seek)
        self.line.valueChanged.connect(self._on_line)
        self.sound.file_requested.connect(self.sound_requested)
        self.export.clicked.connect(self.export_requested)
        self.hand_off.clicked.connect(self.handoff_requested)
        self.subtitles.clicked.connect(self._open_menu)
        self.srt_in.triggered.connect(lambda: self.srt_in_requested.emit())
        self.srt_out.triggered.connect(lambda: self.srt_out_requested.emit())
        self.empty.action_requested.connect(self.scenes_requested)
        self.bar.cancel_requested.connect(self.cancel_requested)
        # what is written in a field is undone with the rest
        for field in (*self.findChildren(QLineEdit), self.fields.subtitle):
            field.installEventFilter(self)

    def _open_menu(self) -> None:
        """Above its button; a button's own menu would be a loop of its own."""
        above = QPoint(0, -self.menu.sizeHint().height())
        self.menu.popup(self.subtitles.mapToGlobal(above))

    # playing

    def toggle(self) -> None:
        """Play, or pause."""
        sequence = self._ready()
        if sequence is not None:
            sequence.pause() if sequence.is_playing else sequence.play()

    def seek(self, film_s: float) -> None:
        sequence = self._ready()
        if sequence is not None:
            sequence.seek(round(film_s * 1000))

    def release(self) -> None:
        """Let go of the files and of the model: the page goes."""
        if self.sequence is not None:
            self.sequence.close()

    def _ready(self) -> FilmSequence | None:
        """What plays; made when it is needed for the first time."""
        if not self.model.items:
            return None
        if self.sequence is None:
            made = self.sequence = self._make_sequence(self)
            self.screen_view.sequence = made
            made.picture_changed.connect(self.screen_view.update)
            made.position_changed.connect(self._on_position)
            made.playing_changed.connect(self._show_playing)
            made.failed.connect(self._on_failed)
            made.set_muted(self.mute.isChecked())
        self.sequence.set_track(self.model.track())
        self.sequence.set_shots(self.model.shots())
        return self.sequence

    def _on_position(self, at_ms: int) -> None:
        if not self.line.isSliderDown():
            self.line.blockSignals(True)
            self.line.setValue(at_ms)
            self.line.blockSignals(False)
        self._show_time()
        self.strip.show_position(at_ms / 1000)
        self.fields.show_position(at_ms / 1000)
        self._show_words()

    def _on_line(self, at_ms: int) -> None:
        self.seek(at_ms / 1000)

    def _on_failed(self, place: int) -> None:
        item = self.model.items[place]
        self.screen_view.show_problem(
            tr(
                "The clip of scene {number} cannot be played: {name}",
                number=item.number,
                name=item.path.name,
            )
        )

    # showing

    def _show(self) -> None:
        model = self.model
        has_clips = bool(model.items)
        if not has_clips:
            self.empty.set_content(
                tr("No clips yet. Make or rehearse the scenes first; the film is made of them."),
                tr("Show the scenes"),
            )
        self._pages.setCurrentWidget(self._full if has_clips else self.empty)
        self.note.show_words(model.missing_words())
        self.screen_view.show_problem("")
        self.line.blockSignals(True)
        self.line.setRange(0, round(model.length_s * 1000))
        self.line.blockSignals(False)
        if has_clips and self.isVisible():
            self._ready()
        elif self.sequence is not None:
            self.sequence.close()
        self._show_time()
        self._show_words()

    def _show_time(self) -> None:
        at_s = 0.0 if self.sequence is None else self.sequence.position_ms / 1000
        self.time.setText(f"{clock(at_s)} / {clock(self.model.length_s)}")

    def _show_words(self) -> None:
        at_s = 0.0 if self.sequence is None else self.sequence.position_ms / 1000
        item = self.model.at(at_s)
        if item is None:
            self.screen_view.show_words("", "")
            return
        cut = item.scene.cut
        has_title = self.model.has_burnt_titles and at_s - item.start_s < TITLE_S
        self.screen_view.show_words(cut.title if has_title else "", cut.subtitle)

    def _show_playing(self, is_playing: bool) -> None:
        words = tr("Pause") if is_playing else tr("Play")
        self.play.setIcon(icon("pause" if is_playing else "play", "text", 20))
        self.play.setAccessibleName(words)
        self.play.setToolTip(f"{words} ({tr('Space')})")

    def _show_muted(self, is_muted: bool) -> None:
        words = tr("Sound on") if is_muted else tr("Mute")
        self.mute.setIcon(icon("mute" if is_muted else "sound", "text", 20))
        self.mute.setAccessibleName(words)
        self.mute.setToolTip(words)
        if self.sequence is not None:
            self.sequence.set_muted(is_muted)

    def _bring_into_sight(self, x: float) -> None:
        self.scroller.ensureVisible(round(x), 0, 80, 0)

    # the keyboard

    def event(self, event: QEvent | None) -> bool:
        """Undo and redo, which the window has too, are those of the storyboard."""
        if event is not None and self._takes(event):
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and self._takes(event):
            return True
        return super().eventFilter(watched, event)

    def _takes(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        command = shortcuts.command(event, Group.SCENES)
        if command not in ("scenes.undo", "scenes.redo"):
            return False
        if event.type() is QEvent.Type.KeyPress:
            undo = self.model.document.undo
            undo.undo() if command == "scenes.undo" else undo.redo()
        event.accept()
        return True

    def cycle(self, step: int) -> None:
        """Put the focus into the next part: what plays, fields, clips, what is done with the film."""
        if self._pages.currentWidget() is self.empty:
            self.empty.button.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        foot = (self.export, self.subtitles, self.hand_off)
        played = (self.play, self.line, self.mute)
        focus_parts.cycle((played, (self.side,), (self.strip,), foot), step)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What is clicked below the picture."""
        return (self.play, self.scroller, self.subtitles, self.hand_off, self.export, self.bar)

    # room

    def _fit_strip(self) -> None:
        self.strip.set_room(self.scroller.viewport().width())
        bar = self.scroller.horizontalScrollBar()
        assert bar is not None
        # room for the scroll bar is always there: nothing jumps when it comes
        self.scroller.setFixedHeight(self.strip.height() + bar.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit_strip()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._fit_strip()
        sequence = self._ready()
        if sequence is not None and self._left_ms:
            sequence.seek(self._left_ms)
        self._left_ms = 0

    def hideEvent(self, event: QHideEvent | None) -> None:
        """What is not seen is let go of: its files can be moved and deleted."""
        super().hideEvent(event)
        if self.sequence is not None:
            self._left_ms = self.sequence.position_ms
            self.sequence.close()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            self.time.setFont(theme.tabular(self.font()))
            self._fit_strip()
