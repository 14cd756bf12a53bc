"""The soundtrack of the film: which file, how loud, how it begins and ends."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.film_model import FilmModel
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.track_slider import TrackSlider

_MOST_FADE_S = 60.0


class FilmSound(QWidget):
    """Shows the soundtrack of a `FilmModel`.

    Signals:
        file_requested(): the user wants another sound file.
    """

    file_requested = pyqtSignal()

    def __init__(self, model: FilmModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        heading = QLabel(tr("Soundtrack"))
        theme.heading_font(heading)
        self.name = ElidedLabel()
        self.choose = QPushButton(tr("Choose a sound\u2026"))
        self.remove = QToolButton()
        self.remove.setIcon(icon("trash", "text", 16))
        self.remove.setToolTip(tr("Remove the soundtrack"))
        self.remove.setAccessibleName(tr("Remove the soundtrack"))
        self.volume, self.volume_words = _volume(tr("Volume of the soundtrack"))
        self.clip_volume, self.clip_words = _volume(tr("Volume of the clips"))
        self.fade_in = _fade(tr("Fade in, in seconds"))
        self.fade_out = _fade(tr("Fade out, in seconds"))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_8)
        row.addWidget(self.name, 1)
        row.addWidget(self.choose)
        row.addWidget(self.remove)
        self._details = QWidget()
        grid = QGridLayout(self._details)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.SPACE_8)
        grid.setVerticalSpacing(theme.SPACE_8)
        grid.setColumnStretch(1, 1)
        for line, (words, slider, said) in enumerate(
            (
                (tr("Volume"), self.volume, self.volume_words),
                (tr("Cli&ps"), self.clip_volume, self.clip_words),
            )
        ):
            grid.addWidget(field_label(words, slider), line, 0)
            grid.addWidget(slider, line, 1)
            grid.addWidget(said, line, 2)
        fades = QHBoxLayout()
        fades.setSpacing(theme.SPACE_8)
        fades.addWidget(self.fade_in, 1)
        fades.addWidget(field_label(tr("out"), self.fade_out))
        fades.addWidget(self.fade_out, 1)
        grid.addWidget(field_label(tr("Fade in"), self.fade_in), 2, 0)
        grid.addLayout(fades, 2, 1, 1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_8)
        column.addWidget(heading)
        column.addLayout(row)
        column.addWidget(self._details)
        self._bind()
        self._show()

    def _bind(self) -> None:
        model = self._model
        model.changed.connect(self._show)
        self.choose.clicked.connect(self.file_requested)
        self.remove.clicked.connect(lambda: model.set_soundtrack(None))
        self.volume.valueChanged.connect(
            lambda percent: model.change_soundtrack(volume=percent / 100)
        )
        self.clip_volume.valueChanged.connect(
            lambda percent: model.change_soundtrack(clip_volume=percent / 100)
        )
        self.fade_in.valueChanged.connect(lambda s: model.change_soundtrack(fade_in_s=round(s, 2)))
        self.fade_out.valueChanged.connect(
            lambda s: model.change_soundtrack(fade_out_s=round(s, 2))
        )

    def _show(self) -> None:
        track = self._model.soundtrack
        self.setEnabled(self._model.document.board is not None)
        self.name.set_text(tr("None") if track is None else track.path.name)
        self.remove.setVisible(track is not None)
        self._details.setVisible(track is not None)
        if track is None:
            return
        for slider, said, gain in (
            (self.volume, self.volume_words, track.volume),
            (self.clip_volume, self.clip_words, track.clip_volume),
        ):
            with QSignalBlocker(slider):
                slider.setValue(round(gain * 100))
            said.show_words(f"{round(gain * 100)} %")
        for box, seconds in ((self.fade_in, track.fade_in_s), (self.fade_out, track.fade_out_s)):
            with QSignalBlocker(box):
                box.setValue(seconds)


def _volume(name: str) -> tuple[TrackSlider, SmallLabel]:
    slider = TrackSlider()
    slider.setRange(0, 100)
    slider.setPageStep(10)
    slider.setAccessibleName(name)
    slider.setToolTip(name)
    said = SmallLabel()
    said.setWordWrap(False)
    said.setMinimumWidth(said.fontMetrics().horizontalAdvance("100 %"))
    return slider, said


def _fade(name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(1)
    box.setSingleStep(0.5)
    box.setRange(0.0, _MOST_FADE_S)
    box.setSuffix(" s")
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setKeyboardTracking(False)
    return box
