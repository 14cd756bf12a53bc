"""What is said about one clip in the publish dialog: cover, caption with its counter, tags."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_16
from veo_studio.ui.view_models.cover_frames import CoverFrames
from veo_studio.ui.view_models.publish_model import PublishModel
from veo_studio.ui.view_models.publish_words import plain_line
from veo_studio.ui.views.cover_picker import CoverPicker
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.labels import SmallLabel, field_label

_LINES = 5
# narrower than this the words stand under the cover
_BESIDE_EMS = 40


class ClipStepper(QWidget):
    """Which of several clips is looked at.

    Signals:
        stepped(int): one on, or one back.
    """

    stepped = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = _arrow("frame-back", tr("Previous clip"), "Alt+Left")
        self.on = _arrow("frame-forward", tr("Next clip"), "Alt+Right")
        self.place = SmallLabel("text", self)
        self.place.setWordWrap(False)
        self.name = ElidedLabel(token="dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_8)
        row.addWidget(self.back)
        row.addWidget(self.place)
        row.addWidget(self.on)
        row.addWidget(self.name, 1)
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.on.clicked.connect(lambda: self.stepped.emit(1))

    def show_place(self, place: int, count: int, name: str) -> None:
        self.place.show_words(tr("Clip {n} of {count}", n=place + 1, count=count))
        self.name.set_text(name)
        self.back.setEnabled(place > 0)
        self.on.setEnabled(place < count - 1)


class PublishClip(QWidget):
    """Bound to the clip of the model that is looked at."""

    def __init__(
        self, model: PublishModel, frames: CoverFrames, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._is_showing = False
        self.stepper = ClipStepper(self)
        self.cover = CoverPicker(frames)
        self.caption = QPlainTextEdit()
        self.caption.setObjectName("publishCaption")
        self.caption.setTabChangesFocus(True)
        self.caption.setPlaceholderText(tr("What people read beside the clip (optional)"))
        self.caption.setAccessibleName(tr("Caption"))
        self.counter = SmallLabel()
        self.counter.setWordWrap(False)
        self.tags = QLineEdit()
        self.tags.setObjectName("publishTags")
        self.tags.setPlaceholderText(tr("Words with commas between them (optional)"))
        self.same = QPushButton(tr("&Same caption and tags for all"))
        self.same.setObjectName("sameForAll")
        self.same.setProperty("link", True)
        self.same.setAutoDefault(False)
        self._lay_out()
        self._bind()
        self.show_clip()
        self.show_limits()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(field_label(tr("&Caption"), self.caption))
        head.addStretch(1)
        head.addWidget(self.counter)
        words = QVBoxLayout()
        words.setSpacing(SPACE_4)
        words.addLayout(head)
        words.addWidget(self.caption)
        words.addSpacing(SPACE_4)
        words.addWidget(field_label(tr("&Tags"), self.tags))
        words.addWidget(self.tags)
        words.addWidget(self.same, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._beside.setSpacing(SPACE_16)
        self._beside.addWidget(self.cover, 0, Qt.AlignmentFlag.AlignTop)
        self._beside.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_8)
        column.addWidget(self.stepper)
        column.addLayout(self._beside)
        self._fit()

    def _bind(self) -> None:
        model = self._model
        self.stepper.stepped.connect(model.step)
        self.cover.chosen.connect(model.set_cover)
        self.caption.textChanged.connect(self._on_caption)
        self.tags.textEdited.connect(model.set_tags)
        self.same.clicked.connect(model.same_for_all)
        model.clip_changed.connect(self.show_clip)
        model.changed.connect(self.show_limits)

    def show_clip(self) -> None:
        """Another clip is looked at."""
        model = self._model
        clip, count = model.clip, len(model.clips)
        self._is_showing = True
        self.stepper.setVisible(count > 1)
        self.same.setVisible(count > 1)
        self.stepper.show_place(model.place, count, plain_line(clip.generation.prompt))
        if self.caption.toPlainText() != clip.caption:
            self.caption.setPlainText(clip.caption)
        if self.tags.text() != clip.tags:
            self.tags.setText(clip.tags)
        self.cover.show_clip(clip.generation, clip.length_s, clip.cover_at_s)
        self._is_showing = False

    def show_limits(self) -> None:
        """How much of the caption is used, by the narrowest of the ticked targets."""
        most, who = self._model.caption_limit()
        length = len(self._model.clip.caption)
        words = f"{length:,} / {most:,}"
        self.counter.show_words(tr("{count} ({who})", count=words, who=who) if who else words)
        self.counter.set_token("bad" if length > most else "dim")

    def _on_caption(self) -> None:
        if not self._is_showing:
            self._model.set_caption(self.caption.toPlainText())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
            self._arrange()

    def _arrange(self) -> None:
        is_wide = self.width() >= theme.body_px() * _BESIDE_EMS
        wanted = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        if self._beside.direction() != wanted:
            self._beside.setDirection(wanted)

    def _fit(self) -> None:
        self.caption.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES + SPACE_16)


def _arrow(icon_name: str, words: str, keys: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name, "text", 16))
    button.setShortcut(keys)
    button.setAccessibleName(words)
    button.setToolTip(plain_tool_tip(f"{words} ({keys})"))
    return button
