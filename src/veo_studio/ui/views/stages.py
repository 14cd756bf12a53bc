"""The five stages of a run: dots joined by a bar that fills, and the words beside them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from veo_studio.core.models import Generation, GenerationState, Progress
from veo_studio.ui import theme
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.text import estimate_words, progress_words, seconds_words, state_words, tr
from veo_studio.ui.theme import Tokens
from veo_studio.ui.views.elided_label import ElidedLabel

# Where each dot stands, in percent (design: section 2).
STAGE_PERCENT = (0, 10, 20, 90, 100)

_ENDINGS = {
    GenerationState.FAILED: ("bad", "cross"),
    GenerationState.CANCELLED: ("dim", "dash"),
    GenerationState.UNKNOWN: ("warn", "warning"),
    GenerationState.HELD: ("warn", "warning"),
}


def stage_names() -> tuple[str, ...]:
    return (tr("Start"), tr("Submit"), tr("Generate"), tr("Download"), tr("Done"))


def _current_stage(percent: float) -> int:
    """Index of the stage that is being worked on (4: done)."""
    if percent >= 100:
        return 4
    if percent < 10:
        return 0
    if percent < 20:
        return 1
    return 2 if percent < 90 else 3


def paint_stages(
    painter: QPainter,
    rect: QRectF,
    percent: float,
    tokens: Tokens,
    *,
    state: GenerationState | None = None,
    is_pending: bool = False,
    dot_px: float = 14.0,
) -> None:
    """Draw five dots and their bar, centred in `rect`; `percent` is 0-100.

    `state` marks the stage an ended run stopped in. Dots stand at even distances: the bar between
    two of them fills with the share of that stage, so a short stage is as visible as a long one.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = rect.center().y()
    radius = dot_px / 2
    left, right = rect.left() + radius, rect.right() - radius
    step = (right - left) / 4
    current = _current_stage(percent)
    ending = _ENDINGS.get(state) if state is not None else None
    token = ending[0] if ending else "accent"
    line, fill = tokens.color("line"), tokens.color(token)

    bar = 2.0
    for index in range(4):
        start = left + index * step + radius + 2
        width = step - dot_px - 4
        if width <= 0:
            break
        low, high = STAGE_PERCENT[index], STAGE_PERCENT[index + 1]
        share = 0.0 if is_pending else min(1.0, max(0.0, (percent - low) / (high - low)))
        painter.fillRect(QRectF(start, middle - bar / 2, width, bar), line)
        if share > 0:
            painter.fillRect(QRectF(start, middle - bar / 2, width * share, bar), fill)

    for index in range(5):
        center = QPointF(left + index * step, middle)
        dot = QRectF(center.x() - radius, middle - radius, dot_px, dot_px)
        is_done = not is_pending and (index < current or percent >= 100)
        if is_done:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.color("ok" if percent >= 100 else token))
            painter.drawEllipse(dot)
            inner = dot.adjusted(dot_px * 0.16, dot_px * 0.16, -dot_px * 0.16, -dot_px * 0.16)
            paint_icon(painter, "check", inner, tokens.color("pane"))
        elif index == current and ending is not None:
            painter.setPen(QPen(fill, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(dot.adjusted(0.75, 0.75, -0.75, -0.75))
            inner = dot.adjusted(dot_px * 0.2, dot_px * 0.2, -dot_px * 0.2, -dot_px * 0.2)
            paint_icon(painter, ending[1], inner, fill)
        elif index == current and not is_pending:
            painter.setPen(QPen(fill, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(dot.adjusted(1, 1, -1, -1))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawEllipse(center, radius * 0.38, radius * 0.38)
        else:
            painter.setPen(QPen(line, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(dot.adjusted(0.75, 0.75, -0.75, -0.75))
    painter.restore()


class _Dots(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.percent = 0.0
        self.state: GenerationState | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        side = self._dot_px()
        return QSize(round(side * 5 + 4 * 32), round(side + 4))

    def minimumSizeHint(self) -> QSize:
        side = self._dot_px()
        return QSize(round(side * 5 + 4 * 10), round(side + 4))

    def _dot_px(self) -> float:
        return max(14.0, theme.body_px() * 1.1)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        paint_stages(
            painter,
            QRectF(self.rect()).adjusted(1, 0, -1, 0),
            self.percent,
            theme.tokens(),
            state=self.state,
            is_pending=self.state is GenerationState.PENDING,
            dot_px=self._dot_px(),
        )
        painter.end()


class StagesView(QWidget):
    """Five stages of one generation, its current words, the time so far and the estimate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dots = _Dots(self)
        self._words = ElidedLabel(self)
        self._times = QLabel(self)
        self._times.setTextFormat(Qt.TextFormat.PlainText)
        theme.dim_text(self._times)
        words = QHBoxLayout()
        words.setSpacing(theme.SPACE_8)
        words.addWidget(self._words, 1)
        words.addWidget(self._times)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_4)
        layout.addWidget(self._dots)
        layout.addLayout(words)
        self._progress: Progress | None = None
        self._started_at: datetime | None = None
        self._told_at = 0.0
        self._is_running = False
        # Once a second while visible; the time shown is measured, not counted.
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._show_times)
        self._apply_fonts()

    @property
    def words(self) -> str:
        """The words as shown, whole."""
        return self._words.text

    @property
    def times(self) -> str:
        return self._times.text()

    @property
    def percent(self) -> float:
        return self._dots.percent

    def set_progress(self, progress: Progress) -> None:
        """Show how far the run is; the bar never goes back within one run."""
        self._progress = progress
        self._told_at = time.monotonic()
        self._dots.percent = max(self._dots.percent, float(progress.percent))
        self._dots.update()
        words = progress_words(replace(progress, remaining_s=None))
        self._words.set_text(words)
        self._dots.setToolTip(" \u2192 ".join(stage_names()))
        self.setAccessibleName(tr("{percent} percent, {words}", percent=progress.percent,
                                  words=words))  # fmt: skip
        self._is_running = progress.percent < 100
        self._show_times()
        self._run_timer()

    def set_state(self, generation: Generation) -> None:
        """Show another generation, or another state of the same one."""
        state = generation.state
        self._dots.state = state
        self._started_at = generation.submitted_at or generation.created_at
        if state is GenerationState.PENDING:
            self._dots.percent = 0.0
            self._progress = None
        if state is GenerationState.COMPLETED:
            self._dots.percent = 100.0
        if not state.is_active or self._progress is None:
            self._words.set_text(state_words(state).capitalize())
            self.setAccessibleName(state_words(state))
        self._is_running = state.is_active and state is not GenerationState.PENDING
        if not state.is_active:
            self._progress = None
            self._show_end(generation)
        else:
            self._show_times()
        self._run_timer()
        self._dots.update()

    def _show_end(self, generation: Generation) -> None:
        if generation.finished_at is not None and self._started_at is not None:
            taken_s = (generation.finished_at - self._started_at).total_seconds()
            self._times.setText(tr("took {time}", time=seconds_words(taken_s)))
        else:
            self._times.setText("")

    def _show_times(self) -> None:
        if not self._is_running or self._started_at is None:
            if self._is_running or self._dots.state is GenerationState.PENDING:
                self._times.setText("")
            return
        elapsed_s = (datetime.now(UTC) - self._started_at).total_seconds()
        parts = [seconds_words(elapsed_s)]
        if self._progress is not None and self._progress.remaining_s is not None:
            left_s = self._progress.remaining_s - (time.monotonic() - self._told_at)
            parts.append(estimate_words(max(0.0, left_s)))
        self._times.setText(" \u00b7 ".join(parts))

    def _run_timer(self) -> None:
        if self._is_running and self.isVisible():
            if not self._timer.isActive():
                self._timer.start()
        else:
            self._timer.stop()

    def _apply_fonts(self) -> None:
        font = theme.tabular(theme.secondary_text_font())
        self._words.setFont(font)
        self._times.setFont(font)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._show_times()
        self._run_timer()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._apply_fonts()
