"""How long a clip shall be: a slider over the lengths the model offers, and the number."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, pyqtSignal
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import seconds_words, tr
from veo_studio.ui.views.track_slider import TrackSlider


class _StopBox(QSpinBox):
    """A spin box whose arrows go from stop to stop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stops: tuple[int, ...] = (8,)

    def nearest(self, value: int) -> int:
        return min(self.stops, key=lambda stop: (abs(stop - value), stop))

    def stepBy(self, steps: int) -> None:
        index = self.stops.index(self.nearest(self.value()))
        self.setValue(self.stops[min(len(self.stops) - 1, max(0, index + steps))])
        self.selectAll()

    def stepEnabled(self) -> QSpinBox.StepEnabledFlag:
        enabled = QSpinBox.StepEnabledFlag.StepNone
        if self.value() > self.stops[0]:
            enabled |= QSpinBox.StepEnabledFlag.StepDownEnabled
        if self.value() < self.stops[-1]:
            enabled |= QSpinBox.StepEnabledFlag.StepUpEnabled
        return enabled


class DurationField(QWidget):
    """A length in whole seconds, one of the model's own.

    Signals:
        value_changed(int): another length, in seconds, by the user or by `set_value`.
    """

    value_changed = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stops: tuple[int, ...] = (8,)
        self._value_s = 8
        self.slider = TrackSlider(self)
        self.slider.are_stops_shown = True
        self.slider.setRange(0, 0)
        self.slider.setPageStep(1)
        self.slider.setAccessibleName(tr("Duration"))
        self.box = _StopBox(self)
        self.box.setRange(8, 8)
        self.box.setSuffix(tr(" s"))
        self.box.setAccessibleName(tr("Duration in seconds"))
        self.box.setKeyboardTracking(False)
        self.box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_12)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.box)
        self.setFocusProxy(self.slider)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.box.valueChanged.connect(self._on_typed)
        self.set_stops((8,))
        self._fit_box()

    @property
    def stops(self) -> tuple[int, ...]:
        return self._stops

    @property
    def value_s(self) -> int:
        """The chosen length in seconds."""
        return self._value_s

    def set_stops(self, stops: tuple[int, ...]) -> None:
        """Offer these lengths; the nearest to the present one is chosen. ValueError for none."""
        if not stops:
            raise ValueError("A model needs at least one length.")
        self._stops = tuple(sorted(set(stops)))
        self.box.stops = self._stops
        chosen = self.box.nearest(self._value_s)
        self.slider.blockSignals(True)
        self.slider.setRange(0, len(self._stops) - 1)
        self.slider.blockSignals(False)
        self.box.blockSignals(True)
        self.box.setRange(self._stops[0], self._stops[-1])
        self.box.blockSignals(False)
        has_choice = len(self._stops) > 1
        self.slider.setEnabled(has_choice)
        self.box.setEnabled(has_choice)
        only = tr("This model makes clips of {length} only.", length=seconds_words(self._stops[0]))
        offered = ", ".join(str(stop) for stop in self._stops)
        is_range = len(self._stops) > 8
        tip = (
            only
            if not has_choice
            else tr("{first} to {last} s", first=self._stops[0], last=self._stops[-1])
            if is_range
            else tr("This model makes {offered} s.", offered=offered)
        )
        self.setToolTip(tip)
        self._take(chosen)

    def set_value(self, value_s: int) -> None:
        """Choose the offered length that is nearest to `value_s`."""
        self._take(self.box.nearest(value_s))

    def _on_slider_moved(self, index: int) -> None:
        self._take(self._stops[index])

    def _on_typed(self, value_s: int) -> None:
        self._take(self.box.nearest(value_s))

    def _take(self, value_s: int) -> None:
        for field, shown in ((self.slider, self._stops.index(value_s)), (self.box, value_s)):
            field.blockSignals(True)
            field.setValue(shown)
            field.blockSignals(False)
        self.slider.update()
        if value_s != self._value_s:
            self._value_s = value_s
            self.value_changed.emit(value_s)

    def _fit_box(self) -> None:
        digits = QFontMetrics(self.box.font()).horizontalAdvance("000" + tr(" s"))
        self.box.setFixedWidth(digits + 44)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._fit_box()
