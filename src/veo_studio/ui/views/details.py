"""The details pane: everything about the selected clip, in sections that fold."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import (
    money_words,
    plain_tool_tip,
    progress_words,
    seconds_words,
    size_words,
    tr,
    tr_n,
)
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.details_model import DetailsModel
from veo_studio.ui.view_models.details_rows import Row
from veo_studio.ui.view_models.details_words import Section, state_line
from veo_studio.ui.views.details_marks import DetailsMarks
from veo_studio.ui.views.details_parts import SectionView
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.labels import SmallLabel

# folded until somebody opens them
FOLDED = frozenset({"attempts", "times", "origin"})


class DetailsPane(QWidget):
    """Signals:
    clip_requested(Generation): a clip it came from, or one that was made of it, was clicked.
    report_requested(Generation): everything that helps with a failure, to the clipboard.
    rating_requested(list, int), favourite_requested(list, bool), tags_requested(list): marks.
    folds_changed(): other sections are folded.
    came_into_sight(): it was hidden, and what was selected meanwhile is not shown yet.
    """

    clip_requested = pyqtSignal(object)
    report_requested = pyqtSignal(object)
    rating_requested = pyqtSignal(list, int)
    favourite_requested = pyqtSignal(list, bool)
    tags_requested = pyqtSignal(list)
    folds_changed = pyqtSignal()
    came_into_sight = pyqtSignal()

    def __init__(self, model: DetailsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.folded = set(FOLDED)
        self.setAutoFillBackground(True)
        self.setAccessibleName(tr("Details"))
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.progress = SmallLabel()
        self.copy_all = QToolButton()
        self.copy_all.setIcon(icon("copy", "text", 16))
        self.copy_all.setIconSize(QSize(16, 16))
        self.copy_all.setText(tr("Copy all"))
        self.copy_all.setAccessibleName(tr("Copy a report about this clip"))
        self.copy_all.setToolTip(
            plain_tool_tip(tr("A report with times and attempts, without prompt and secrets"))
        )
        self.copy_all.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.marks = DetailsMarks()
        self._views: list[SectionView] = []
        self._wanted: tuple[Section, ...] = ()
        # to be made, one in each turn of the loop: all of them at once hold it for 75 ms
        self._to_make: list[Section] = []
        self._making = QTimer(self)
        self._making.setSingleShot(True)
        self._making.setInterval(0)
        self._making.timeout.connect(self._make_next)
        self.empty = EmptyState("info", self)
        self.empty.set_content(tr("Select a clip to see everything about it."))
        self.together = SectionView(Section("together", tr("Together")), lambda _one: None)
        self._lay_out()
        self._bind()
        self._apply_fonts()
        self._show()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self.title, 1)
        head.addWidget(self.copy_all, 0, Qt.AlignmentFlag.AlignTop)
        self._one = QWidget()
        one = QVBoxLayout(self._one)
        one.setContentsMargins(0, 0, 0, 0)
        one.setSpacing(SPACE_8)
        one.addLayout(head)
        one.addWidget(self.progress)
        one.addWidget(self.marks)
        self._sections = QVBoxLayout()
        self._sections.setSpacing(SPACE_8)
        one.addLayout(self._sections)
        one.addStretch(1)
        self._inside = QWidget()
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(SPACE_12, SPACE_12, SPACE_12, SPACE_16)
        inside.addWidget(self._one)
        inside.addWidget(self.together)
        inside.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.area)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def _bind(self) -> None:
        self.model.changed.connect(self._show)
        self.model.progressed.connect(self._show_progress)
        self.model.picture_made.connect(self._on_picture_made)
        self.copy_all.clicked.connect(lambda: self._ask(self.report_requested.emit))
        self.marks.caption_edited.connect(self.model.save_caption)
        self.marks.tags_clicked.connect(lambda: self._ask(lambda g: self.tags_requested.emit([g])))
        self.marks.rating_chosen.connect(
            lambda stars: self._ask(lambda g: self.rating_requested.emit([g], stars))
        )
        self.marks.favourite_chosen.connect(
            lambda is_it: self._ask(lambda g: self.favourite_requested.emit([g], is_it))
        )

    def _ask(self, act: Callable[[Generation], object]) -> None:
        if (generation := self.model.generation) is not None:
            act(generation)

    # what is shown

    def show_generation(self, generation: Generation | None) -> None:
        self.model.show_generation(generation)

    def _show(self) -> None:
        generation = self.model.generation
        is_empty = generation is None and not self.model.count
        self._stack.setCurrentWidget(self.empty if is_empty else self.area)
        self._one.setVisible(generation is not None)
        self.together.setVisible(generation is None)
        if generation is not None:
            self.title.setText(state_line(generation))
            self.marks.show_generation(generation)
            self._show_sections(self.model.sections())
        elif self.model.count:
            self.together.show_section(self._sum())
        else:
            self.marks.show_generation(None)
        self._show_progress()

    def _show_progress(self) -> None:
        progress = self.model.progress
        self.progress.show_words(progress_words(progress) if progress is not None else "")

    @property
    def sections(self) -> list[SectionView]:
        """From the top, all of them."""
        while self._to_make:
            self._make_next()
        return self._views

    def _show_sections(self, wanted: tuple[Section, ...]) -> None:
        """Those that stay are only filled anew: nothing above the eye moves."""
        ids = {section.id for section in wanted}
        for view in self._views:
            view.setVisible(view.id in ids)
        views = {view.id: view for view in self._views}
        self._wanted = wanted
        self._to_make = [section for section in wanted if section.id not in views]
        for section in wanted:
            if section.id in views:
                views[section.id].show_section(section)
        if self._to_make:
            self._make_next()

    def _make_next(self) -> None:
        if not self._to_make:
            return
        section = self._to_make.pop(0)
        above = self._wanted[: self._wanted.index(section)]
        shown = [view.id for view in self._views]
        place = shown.index(above[-1].id) + 1 if above else 0
        made = self._made(section)
        self._sections.insertWidget(place, made)
        # a layout shows what it gets only in the next turn
        made.show()
        self._views.insert(place, made)
        if self._to_make:
            self._making.start()

    def _made(self, section: Section) -> SectionView:
        view = SectionView(section, self.model.picture)
        view.set_folded(section.id in self.folded)
        view.folded.connect(self._on_folded)
        view.clip_requested.connect(self.clip_requested)
        return view

    def _sum(self) -> Section:
        title = tr_n("{n} clip selected", "{n} clips selected", self.model.count)
        found = self.model.sum
        if found is None:
            return Section("together", title)
        rows = [
            Row("count", tr("In the library"), f"{found.count:,}"),
            Row("length", tr("Length together"), seconds_words(found.length_s)),
            Row("size", tr("Size together"), size_words(found.size_bytes)),
            Row("spent", tr("Booked for them"), money_words(found.spent_usd)),
            Row("tokens", tr("Tokens"), f"{found.tokens:,}"),
        ]
        return Section("together", title, tuple(rows))

    def _on_folded(self, section_id: str, is_folded: bool) -> None:
        (self.folded.add if is_folded else self.folded.discard)(section_id)
        self.folds_changed.emit()

    def set_folded(self, ids: set[str]) -> None:
        """These sections are folded, all others open."""
        self.folded = set(ids)
        for view in self._views:
            view.set_folded(view.id in ids)

    def _on_picture_made(self, generation_id: int) -> None:
        for view in self._views:
            for button in view.clips:
                if button.generation.id == generation_id:
                    button.update()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._apply_fonts()
        self.came_into_sight.emit()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            self._apply_fonts()

    def _apply_fonts(self) -> None:
        theme.heading_font(self.title)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 120)
