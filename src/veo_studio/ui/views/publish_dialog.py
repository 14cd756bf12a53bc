"""Publish: what is said about each clip, where it goes, and when."""

from __future__ import annotations

from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import (
    SPACE_8,
    SPACE_16,
    SPACE_24,
    accent_button,
    heading_font,
)
from veo_studio.ui.view_models.cover_frames import CoverFrames
from veo_studio.ui.view_models.publish_model import Mode, PublishModel
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.publish_clip import PublishClip
from veo_studio.ui.views.publish_moment import PublishMoment
from veo_studio.ui.views.publish_targets import PublishTargets
from veo_studio.ui.views.tab_order import tab_through

_FIRST_SIZE = QSize(720, 620)
# borders and a title bar, as large as common desktops make them
_FRAME = QSize(16, 48)


class PublishDialog(QDialog):
    """Opened with `run_dialog`; stays open with the reason where the core refuses.

    Signals:
        wanted(): do what the model holds.
        new_target_requested(), targets_requested(): look at the targets in between.
    """

    wanted = pyqtSignal()
    new_target_requested = pyqtSignal()
    targets_requested = pyqtSignal()

    def __init__(
        self, model: PublishModel, frames: CoverFrames, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("publish")
        self.model = model
        self.frames = frames
        self.heading = QLabel()
        heading_font(self.heading)
        self.left_out = SmallLabel()
        self.left_out.show_words(_left_out_words(model.left_out))
        self.clip: PublishClip | None = None
        self.targets: PublishTargets | None = None
        self.moment: PublishMoment | None = None
        self.problem = SmallLabel("bad")
        self.problem.setObjectName("publishProblem")
        box = QDialogButtonBox()
        yes = box.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        no = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert yes is not None
        assert no is not None
        self.yes, self.no = yes, no
        self.yes.setObjectName("publishYes")
        accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self._on_yes)
        box.rejected.connect(self.reject)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.yes.click)
        self._lay_out(box)
        model.changed.connect(self._show)
        self._show()
        first: QWidget | None = None
        if self.clip is not None:
            first = self.clip.caption
        elif self.targets is not None:
            first = self.targets.new
        if first is not None:
            first.setFocus()

    def _lay_out(self, box: QDialogButtonBox) -> None:
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE_16)
        mode = self.model.mode
        if mode is not Mode.DELIVER:
            self.clip = PublishClip(self.model, self.frames)
            rows.addWidget(self.clip)
        if mode is not Mode.EDIT:
            self.targets = PublishTargets(self.model)
            self.targets.new_requested.connect(self.new_target_requested)
            self.targets.manage_requested.connect(self.targets_requested)
            rows.addWidget(self.targets)
        if mode is Mode.PUBLISH:
            self.moment = PublishMoment(self.model)
            rows.addWidget(self.moment)
        rows.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addWidget(self.heading)
        column.addWidget(self.left_out)
        column.addWidget(FieldsScroller(inner), 1)
        column.addWidget(self.problem)
        column.addWidget(box)
        screen = self.screen()
        room = screen.availableSize() - _FRAME if screen is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room))

    def _show(self) -> None:
        model = self.model
        heading, deed = _words(model)
        self.setWindowTitle(heading)
        self.heading.setText(heading)
        if self.yes.text() != deed:
            self.yes.setText(deed)
        problem = model.problem
        self.problem.show_words(problem)
        self.yes.setEnabled(not problem and model.is_read and not model.is_busy)
        for part in (self.clip, self.targets, self.moment):
            if part is not None:
                part.setEnabled(not model.is_busy)
        targets = self.targets.parts if self.targets is not None else []
        tab_through(self.clip, *targets, self.moment, self.yes, self.no)

    def _on_yes(self) -> None:
        if self.yes.isEnabled():
            self.wanted.emit()


def _words(model: PublishModel) -> tuple[str, str]:
    """The heading, and what the button does."""
    count = len(model.clips)
    if model.mode is Mode.DELIVER:
        return (
            tr_n("Deliver this clip", "Deliver {n} clips", count),
            tr("&Deliver"),
        )
    if model.mode is Mode.EDIT:
        return tr_n("Caption, tags and cover", "Captions, tags and covers", count), tr("&Save")
    heading = tr_n("Publish this clip", "Publish {n} clips", count)
    if model.local_at is not None:
        return heading, tr("&Plan")
    return heading, tr("&Publish")


def _left_out_words(count: int) -> str:
    if not count:
        return ""
    return tr_n(
        "{n} more was chosen, and is not finished: it is left out.",
        "{n} more were chosen, and are not finished: they are left out.",
        count,
    )
