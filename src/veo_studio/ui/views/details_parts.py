"""What the details are made of: rows with a copy button, clips to click, and sections that fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QEnterEvent,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPixmap,
    QTextCursor,
)
from PyQt6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.core.word_diff import diff
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8
from veo_studio.ui.view_models.details_rows import Row
from veo_studio.ui.view_models.details_words import Section
from veo_studio.ui.view_models.history_words import row_facts, spoken_words
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.value_text import ValueText
from veo_studio.ui.views.word_diff import WordDiffView

_COPIED_MS = 1500
_PICTURE = QSize(64, 36)
PictureOf = Callable[[Generation], QPixmap | None]


class CopyButton(QToolButton):
    """Puts a value into the clipboard and says so with a tick."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = ""
        self._label = ""
        self.setIcon(icon("copy", "dim", 16))
        self.setIconSize(QSize(16, 16))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_COPIED_MS)
        self._timer.timeout.connect(self._show_idle)
        self.clicked.connect(self._copy)

    def show_value(self, label: str, value: str) -> None:
        if value != self.value or label != self._label:
            self.value, self._label = value, label
            self._show_idle()

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(self.value)
        self.setIcon(icon("check", "ok", 16))
        self.setAccessibleName(tr("{label} copied", label=self._label))
        self._timer.start()

    def _show_idle(self) -> None:
        self._timer.stop()
        self.setIcon(icon("copy", "dim", 16))
        words = tr("Copy: {label}", label=self._label)
        self.setAccessibleName(words)
        self.setToolTip(plain_tool_tip(words))


class RowView(QWidget):
    """A small label over its value, and the copy button beside them."""

    def __init__(self, row: Row, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = row.key
        self._compared = ("", "")
        self.label = SmallLabel()
        self.value: ValueText | WordDiffView
        self.value = WordDiffView(4) if row.before else ValueText(is_long=row.is_long)
        self.copy = CopyButton()
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.label)
        column.addWidget(self.value)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE_4)
        line.addLayout(column, 1)
        line.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        self.show_row(row)

    def fits(self, row: Row) -> bool:
        """Whether it can show `row` without being made anew."""
        is_diff = isinstance(self.value, WordDiffView)
        return self.key == row.key and is_diff == bool(row.before)

    def show_row(self, row: Row) -> None:
        self.label.show_words(row.label)
        self.value.setAccessibleName(row.label)
        if isinstance(self.value, WordDiffView):
            if (row.before, row.text) != self._compared:
                self._compared = (row.before, row.text)
                self.value.show_pieces(diff(row.before, row.text))
                self.value.moveCursor(QTextCursor.MoveOperation.Start)
        else:
            self.value.show_value(row.text)
        self.copy.show_value(row.label, row.text)
        # it keeps its place, or the words beside it would wrap anew
        policy = self.copy.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.copy.setSizePolicy(policy)
        self.copy.setVisible(row.can_copy)


class ClipButton(QAbstractButton):
    """Another clip: its picture, the beginning of its prompt, and how it stands."""

    def __init__(self, generation: Generation, picture_of: PictureOf) -> None:
        super().__init__()
        self.generation = generation
        self._picture_of = picture_of
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_generation(generation)

    def show_generation(self, generation: Generation) -> None:
        self.generation = generation
        words = spoken_words(generation, None)
        self.setAccessibleName(tr("Show {clip}", clip=words))
        self.setToolTip(plain_tool_tip(generation.prompt))
        self.update()

    def sizeHint(self) -> QSize:
        small = theme.secondary_text_font()
        lines = self.fontMetrics().height() + QFontMetrics(small).height()
        return QSize(_PICTURE.width() * 3, max(_PICTURE.height(), lines) + SPACE_8)

    def minimumSizeHint(self) -> QSize:
        return QSize(_PICTURE.width(), self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent | None) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(colors.color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("raised"))
            frame = self.rect().adjusted(0, 0, -1, -1)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        box = QRect(SPACE_4, (self.height() - _PICTURE.height()) // 2, *_size(_PICTURE))
        self._paint_picture(painter, box)
        left = box.right() + SPACE_8
        room = QRect(left, SPACE_4, self.width() - left - SPACE_4, self.height() - SPACE_8)
        painter.setFont(self.font())
        painter.setPen(colors.color("text"))
        elide = Qt.TextElideMode.ElideRight
        words = " ".join(self.generation.prompt.split())
        words = painter.fontMetrics().elidedText(words, elide, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, words)
        painter.setFont(theme.secondary_text_font())
        painter.setPen(colors.color("dim"))
        facts = row_facts(self.generation, None, self.generation.model)[0]
        facts = painter.fontMetrics().elidedText(facts, elide, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, facts)
        painter.end()

    def _paint_picture(self, painter: QPainter, box: QRect) -> None:
        painter.fillRect(box, theme.tokens().color("line"))
        picture = self._picture_of(self.generation)
        if picture is None:
            symbol = "image" if self.generation.is_picture else "film"
            icon(symbol, "dim", 16).paint(painter, box.adjusted(0, 10, 0, -10))
            return
        size = (
            picture.deviceIndependentSize()
            .toSize()
            .scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        )
        place = QRect(box.topLeft(), size)
        place.moveCenter(box.center())
        painter.drawPixmap(place, picture)


class SectionView(QWidget):
    """A heading that folds what is under it.

    Signals:
        folded(str, bool): the user folded the section of this id, or unfolded it.
        clip_requested(Generation): one of its clips was clicked.
    """

    folded = pyqtSignal(str, bool)
    clip_requested = pyqtSignal(object)

    def __init__(self, section: Section, picture_of: PictureOf) -> None:
        super().__init__()
        self.id = section.id
        self._picture_of = picture_of
        self.head = QToolButton()
        self.head.setProperty("fold", True)
        self.head.setCheckable(True)
        self.head.setChecked(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setIcon(icon("caret-right", "dim", 16, on_name="caret-down"))
        self.head.setIconSize(QSize(16, 16))
        self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body = QWidget()
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(SPACE_8, 0, 0, SPACE_8)
        self._column.setSpacing(SPACE_8)
        self.rows: list[RowView] = []
        self.clips: list[ClipButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addWidget(self.head)
        column.addWidget(self.body)
        self.head.clicked.connect(lambda is_open: self.folded.emit(self.id, not is_open))
        self.head.toggled.connect(self.body.setVisible)
        self.show_section(section)

    def set_folded(self, is_folded: bool) -> None:
        self.head.setChecked(not is_folded)

    def show_section(self, section: Section) -> None:
        self.head.setText(section.title)
        self.head.setAccessibleName(tr("{section}, section", section=section.title))
        self._show_clips(section.clips)
        self._show_rows(section.rows)

    def _show_rows(self, rows: Sequence[Row]) -> None:
        """Rows that stay are only written anew: nothing moves, and the focus stays."""
        for place, row in enumerate(rows):
            found = next((one for one in self.rows[place:] if one.fits(row)), None)
            if found is None:
                made = RowView(row)
                self.rows.insert(place, made)
                self._column.insertWidget(len(self.clips) + place, made)
                continue
            while self.rows[place] is not found:
                _drop(self.rows.pop(place))
            found.show_row(row)
        while len(self.rows) > len(rows):
            _drop(self.rows.pop())

    def _show_clips(self, clips: Sequence[Generation]) -> None:
        while len(self.clips) > len(clips):
            _drop(self.clips.pop())
        for place, generation in enumerate(clips):
            if place < len(self.clips):
                self.clips[place].show_generation(generation)
                continue
            button = ClipButton(generation, self._picture_of)
            button.clicked.connect(self._on_clip)
            self.clips.append(button)
            self._column.insertWidget(place, button)

    def _on_clip(self) -> None:
        button = self.sender()
        if isinstance(button, ClipButton):
            self.clip_requested.emit(button.generation)


def _drop(widget: QWidget) -> None:
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


def _size(size: QSize) -> tuple[int, int]:
    return size.width(), size.height()
