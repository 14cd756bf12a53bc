"""What the user adds to a clip, in the details: favourite, rating, tags and caption."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_16
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.segments import Option, Segments

_SAVE_MS = 800
_LINES = 3


class DetailsMarks(QWidget):
    """Signals:
    favourite_chosen(bool), rating_chosen(int): the user says so.
    tags_clicked(): other tags are wanted.
    caption_edited(int, str): the caption of the generation with this id is this now.
    """

    favourite_chosen = pyqtSignal(bool)
    rating_chosen = pyqtSignal(int)
    tags_clicked = pyqtSignal()
    caption_edited = pyqtSignal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._id: int | None = None
        self._stored = ""
        self.favourite = QToolButton()
        self.favourite.setCheckable(True)
        self.favourite.setIcon(icon("heart", "dim", 20, on_name="heart", on_token="bad"))
        self.favourite.setIconSize(QSize(20, 20))
        self.favourite.setAccessibleName(tr("Favourite"))
        self.favourite.setToolTip(tr("Favourite"))
        self.rating = Segments()
        self.rating.setAccessibleName(tr("Rating"))
        self._show_rating(0)
        self.tags = SmallLabel("text")
        self.edit_tags = QPushButton(tr("Tags…"))
        self.edit_tags.setProperty("link", True)
        self.caption = QPlainTextEdit()
        self.caption.setPlaceholderText(tr("Caption"))
        self.caption.setAccessibleName(tr("Caption"))
        self.caption.setTabChangesFocus(True)
        self.caption.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_MS)
        self._timer.timeout.connect(self.keep)
        self._lay_out()
        self.caption.textChanged.connect(self._timer.start)
        self.favourite.clicked.connect(self.favourite_chosen)
        self.rating.chosen.connect(lambda stars: self.rating_chosen.emit(int(stars)))
        self.edit_tags.clicked.connect(self.tags_clicked)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(SPACE_8)
        line.addWidget(self.favourite)
        line.addWidget(self.rating, 1)
        tags = QHBoxLayout()
        tags.setSpacing(SPACE_8)
        tags.addWidget(self.tags, 1)
        tags.addStretch(0)
        tags.addWidget(self.edit_tags, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addLayout(line)
        column.addLayout(tags)
        column.addWidget(self.caption)
        self._fit()

    def _fit(self) -> None:
        self.caption.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES + SPACE_16)

    def show_generation(self, generation: Generation | None) -> None:
        """What is being typed into the caption of the same one stays."""
        if generation is None or generation.id != self._id:
            self.keep()
        self.setVisible(generation is not None)
        if generation is None:
            self._id = None
            return
        self.favourite.setChecked(generation.favourite)
        self._show_rating(generation.rating)
        self.tags.show_words(", ".join(generation.tags))
        is_same = generation.id == self._id
        self._id = generation.id
        if not (is_same and self.caption.toPlainText() != self._stored):
            self._stored = generation.caption
            if self.caption.toPlainText() != generation.caption:
                self.caption.setPlainText(generation.caption)
            self._timer.stop()

    def _show_rating(self, stars: int) -> None:
        options = [Option(0, "–", tip=tr("Not rated"))]
        options += [Option(n, str(n), tip=tr("Rated {n} of 5", n=n)) for n in range(1, 6)]
        if self.rating.show_options(options, stars):
            for button in self.rating.buttons:
                button.setAccessibleName(button.option.tip)

    def keep(self) -> None:
        """What was typed is saved now."""
        self._timer.stop()
        words = self.caption.toPlainText()
        if self._id is not None and words != self._stored:
            self._stored = words
            self.caption_edited.emit(self._id, words)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.FocusOut:
            self.keep()
        return False

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
