"""One picture or clip of a scene, small: what it shows, how far it is, whether it was chosen."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.plain import masked
from veo_studio.ui import theme
from veo_studio.ui.delegates.state_shapes import paint_state
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.text import extent_words, plain_tool_tip, state_words, tr
from veo_studio.ui.theme import SPACE_4

PICTURE = QSize(128, 72)
_MARK_PX = 16.0


class TakeTile(QAbstractButton):
    """Checked: it stands for the scene. Signals: play_requested(): double click, or the key P."""

    play_requested = pyqtSignal()

    def __init__(self, generation: Generation, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.name = name
        self.generation = generation
        self._picture = QPixmap()
        self.show_generation(generation)

    def show_generation(self, generation: Generation) -> None:
        self.generation = generation
        state = state_words(generation.state)
        lines = [self.name if generation.has_file else f"{self.name}: {state}"]
        if generation.has_file:
            lines.append(extent_words(generation))
        if generation.error:
            lines.append(masked(generation.error))
        self.setToolTip(plain_tool_tip("\n".join(lines)))
        self.setAccessibleName(", ".join(lines[:2]))
        self.setEnabled(generation.has_file)
        self.update()

    def show_picture(self, picture: QPixmap | None) -> None:
        self._picture = QPixmap() if picture is None else picture
        self.update()

    def nextCheckState(self) -> None:
        # what stands for the scene is told from outside
        pass

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme.secondary_text_font()).height()
        return QSize(PICTURE.width() + 2 * SPACE_4, PICTURE.height() + words + 3 * SPACE_4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if self.generation.has_file:
            self.play_requested.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_P and self.generation.has_file:
            self.play_requested.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        is_aimed = self.underMouse() and self.isEnabled()
        if self.isChecked() or is_aimed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("raised"))
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        if self.isChecked() or self.hasFocus():
            painter.setPen(QPen(colors.color("accent" if self.isChecked() else "text"),
                                2 if self.isChecked() else 1))  # fmt: skip
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        box = QRectF(SPACE_4, SPACE_4, PICTURE.width(), PICTURE.height())
        self._paint_picture(painter, box)
        self._paint_words(painter, box)
        if self.isChecked():
            mark = QRectF(box.right() - _MARK_PX - 4, box.top() + 4, _MARK_PX, _MARK_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent"))
            painter.drawEllipse(mark)
            paint_icon(painter, "check", mark.adjusted(3, 3, -3, -3), colors.color("on_accent"))
        painter.end()

    def _paint_picture(self, painter: QPainter, box: QRectF) -> None:
        colors = theme.tokens()
        painter.fillRect(box, colors.color("window"))
        if not self._picture.isNull():
            size = self._picture.deviceIndependentSize()
            size.scale(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(box.topLeft(), size)
            target.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(target, self._picture, QRectF(self._picture.rect()))
            return
        mark = QRectF(0, 0, 20, 20)
        mark.moveCenter(box.center())
        if self.generation.state is GenerationState.COMPLETED:
            name = "image" if self.generation.is_picture else "film"
            paint_icon(painter, name, mark, colors.color("dim"))
        else:
            paint_state(painter, mark, self.generation.state, colors)

    def _paint_words(self, painter: QPainter, box: QRectF) -> None:
        colors = theme.tokens()
        font = theme.tabular(theme.secondary_text_font())
        painter.setFont(font)
        painter.setPen(colors.color("text" if self.isChecked() else "dim"))
        metrics = QFontMetrics(font)
        words = self.name
        if not self.generation.has_file:
            words = tr("{take}: {state}", take=words, state=state_words(self.generation.state))
        line = QRectF(box.left(), box.bottom() + SPACE_4, box.width(), metrics.height())
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
