"""Choosing the frame of a clip that stands for it: a picture, and a slider over the whole clip."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QSlider, QVBoxLayout, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8
from veo_studio.ui.view_models.cover_frames import CoverFrames
from veo_studio.ui.views.labels import SmallLabel, field_label

# a step of the arrow keys, about one frame, and of the page keys
_STEP_MS, _PAGE_MS = 40, 500
_WIDTH_EMS = 17
_MOST_PX = 288


class _Frame(QWidget):
    """The picture, letterboxed; a sign while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Cover"))

    def sizeHint(self) -> QSize:
        # with large letters the words need the room
        width = min(theme.body_px() * _WIDTH_EMS, _MOST_PX)
        return QSize(width, width * 9 // 16)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        if self.image.isNull():
            box = QRectF(0, 0, 24, 24)
            box.moveCenter(QRectF(self.rect()).center())
            paint_icon(painter, "image", box, colors.color("dim"))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(QRectF(self.rect()).center())
            painter.drawImage(target, self.image)
        painter.end()


class CoverPicker(QWidget):
    """Signals:
    chosen(object): another moment in seconds, or None for the middle.
    """

    chosen = pyqtSignal(object)

    def __init__(self, frames: CoverFrames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames = frames
        self._generation: Generation | None = None
        self._length_s = 0.0
        self._at_s: float | None = None
        self.frame = _Frame()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("coverMoment")
        self.slider.setSingleStep(_STEP_MS)
        self.slider.setPageStep(_PAGE_MS)
        self.slider.setAccessibleName(tr("Moment of the cover"))
        self.slider.setToolTip(
            plain_tool_tip(tr("Drag through the clip; the arrow keys go frame by frame"))
        )
        self.label = field_label(tr("Co&ver"), self.slider)
        self.words = SmallLabel()
        self.words.setWordWrap(False)
        self.usual = QPushButton(tr("&Middle"))
        self.usual.setObjectName("coverMiddle")
        self.usual.setProperty("link", True)
        self.usual.setAutoDefault(False)
        self.usual.setToolTip(plain_tool_tip(tr("Take the middle of the clip")))
        self.problem = SmallLabel("bad", self)
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self.label)
        head.addStretch(1)
        head.addWidget(self.words)
        # the link is higher than words are: above, it would push the frame below the caption beside it
        moment = QHBoxLayout()
        moment.setSpacing(SPACE_8)
        moment.addWidget(self.slider, 1)
        moment.addWidget(self.usual)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addLayout(head)
        column.addWidget(self.frame)
        column.addLayout(moment)
        column.addWidget(self.problem)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.slider.valueChanged.connect(self._on_moved)
        self.usual.clicked.connect(self._on_usual)
        frames.ready.connect(self._on_ready)
        frames.failed.connect(self._on_failed)

    @property
    def image(self) -> QImage:
        """What is shown."""
        return self.frame.image

    def show_clip(self, generation: Generation, length_s: float, at_s: float | None) -> None:
        """Show the cover of this clip; a picture is its own."""
        is_other = self._generation is None or self._generation.id != generation.id
        self._generation, self._length_s, self._at_s = generation, length_s, at_s
        if is_other:
            self.frame.image = QImage()
            self.frame.update()
            self.problem.show_words("")
        can_choose = not generation.is_picture
        self.slider.setVisible(can_choose)
        self.usual.setVisible(can_choose)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(1, round(length_s * 1000)))
            self.slider.setValue(round(self._moment() * 1000))
        self._show_words()
        self._frames.want(generation, self._moment())

    def _moment(self) -> float:
        return self._length_s / 2 if self._at_s is None else self._at_s

    def _on_moved(self, at_ms: int) -> None:
        self._choose(at_ms / 1000)

    def _on_usual(self) -> None:
        self._choose(None)
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(self._moment() * 1000))

    def _choose(self, at_s: float | None) -> None:
        self._at_s = at_s
        self._show_words()
        if self._generation is not None:
            self._frames.want(self._generation, self._moment())
        self.chosen.emit(at_s)

    def _show_words(self) -> None:
        is_picture = self._generation is not None and self._generation.is_picture
        # one that was chosen and published is replaced by another moment, not by "nothing chosen"
        is_kept = self._generation is not None and self._generation.cover_at_s is not None
        self.usual.setEnabled(self._at_s is not None and not is_kept)
        if is_picture:
            self.words.show_words(tr("the picture"))
        elif self._at_s is None:
            self.words.show_words(tr("from the middle"))
        else:
            self.words.show_words(tr("at {s} s", s=f"{self._at_s:.2f}"))

    def _on_ready(self, image: QImage) -> None:
        self.frame.image = image
        self.frame.update()
        self.problem.show_words("")

    def _on_failed(self, sentence: str) -> None:
        self.frame.image = QImage()
        self.frame.update()
        self.problem.show_words(sentence)
