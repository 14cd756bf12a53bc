"""Export of the film: as what, with which words in the picture, under which name, into which folder."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut, QStandardItemModel
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.exporting.presets import Form
from veo_studio.core.exporting.tasks import Way
from veo_studio.core.film.models import FilmFormat, FilmPlan
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import clock, plain_tool_tip, tr
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel, field_label

_FORMS = (
    (Form.H264, "H.264 (plays everywhere)"),
    (Form.H265, "H.265 (smaller)"),
    (Form.PRORES, "ProRes 422 (for editing)"),
)
_MOST_NAME_CHARS = 120
# what no file system takes, or takes for a folder
_NOT_IN_NAMES = '/\\:*?"<>|'


class FilmExportDialog(QDialog):
    """Opened with `run_dialog`; accepted is yes to `form` and `target`.

    Signals:
        changed(): other choices; what comes of them has to be planned anew.
        folder_requested(): the user wants another folder.
    """

    changed = pyqtSignal()
    folder_requested = pyqtSignal()

    def __init__(
        self, name: str, folder: Path, first: FilmFormat, parent: QWidget | None = None
    ) -> None:
        """`first` are the choices at the beginning."""
        super().__init__(parent)
        self.setObjectName("filmExport")
        self.setWindowTitle(tr("Export the film"))
        self.folder = folder
        self._plan: FilmPlan | None = None
        self._refusal = ""
        self.heading = QLabel(tr("Export the film"))
        theme.heading_font(self.heading)
        self.facts = SmallLabel()
        self.forms = QComboBox()
        self.forms.setObjectName("filmForm")
        for form, words in _FORMS:
            self.forms.addItem(tr(words), form)
        self.forms.setCurrentIndex([form for form, _ in _FORMS].index(first.form))
        self.titles = QCheckBox(tr("&Titles in the picture"))
        self.titles.setChecked(first.burns_titles)
        self.subtitles = QCheckBox(tr("&Subtitles in the picture"))
        self.track = SmallLabel()
        self.track.show_words(tr("Without a tick they become a track that players can switch on."))
        self.subtitles.setChecked(first.burns_subtitles)
        self.copy = QCheckBox(tr("&Without encoding anew, where the clips allow it"))
        self.copy.setChecked(first.may_copy)
        self.way = SmallLabel()
        self.notes = SmallLabel("text")
        self.name = QLineEdit(name)
        self.name.setObjectName("filmName")
        self.name.setMaxLength(_MOST_NAME_CHARS)
        self.suffix = QLabel()
        self.place = ElidedLabel()
        self.choose = QPushButton(tr("&Choose\u2026"))
        self.choose.setAutoDefault(False)
        self.choose.setAccessibleName(tr("Choose a folder"))
        self.problem = SmallLabel("bad")
        box = QDialogButtonBox()
        yes = box.addButton(tr("&Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert yes is not None
        self.yes = yes
        theme.accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.yes.click)
        self._lay_out(box)
        self._bind()
        self._show()
        self.name.selectAll()
        self.name.setFocus()

    def _lay_out(self, box: QDialogButtonBox) -> None:
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.SPACE_12)
        grid.setVerticalSpacing(theme.SPACE_8)
        grid.setColumnStretch(1, 1)
        grid.addWidget(field_label(tr("&Form"), self.forms), 0, 0)
        grid.addWidget(self.forms, 0, 1)
        for line, widget in enumerate((self.copy, self.way, self.titles, self.subtitles), 1):
            grid.addWidget(widget, line, 1)
        grid.addWidget(self.track, 5, 1)
        name = QHBoxLayout()
        name.setSpacing(theme.SPACE_4)
        name.addWidget(self.name, 1)
        name.addWidget(self.suffix)
        grid.addWidget(field_label(tr("&Name"), self.name), 6, 0)
        grid.addLayout(name, 6, 1)
        folder = QHBoxLayout()
        folder.setSpacing(theme.SPACE_8)
        folder.addWidget(self.place, 1)
        folder.addWidget(self.choose)
        grid.addWidget(field_label(tr("Folder"), self.choose), 7, 0)
        grid.addLayout(folder, 7, 1)
        grid.addWidget(self.notes, 8, 0, 1, 2)
        grid.setRowStretch(9, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_24, theme.SPACE_24, theme.SPACE_24, theme.SPACE_16)
        column.setSpacing(theme.SPACE_8)
        column.addWidget(self.heading)
        column.addWidget(self.facts)
        column.addSpacing(theme.SPACE_4)
        column.addWidget(FieldsScroller(inner), 1)
        column.addWidget(self.problem)
        column.addWidget(box)
        self.resize(560, 460)

    def _bind(self) -> None:
        self.forms.activated.connect(self._on_choice)
        for check in (self.titles, self.subtitles, self.copy):
            check.toggled.connect(self._on_choice)
        self.name.textChanged.connect(self._show)
        self.choose.clicked.connect(self.folder_requested)

    # what was chosen

    @property
    def form(self) -> FilmFormat:
        return FilmFormat(
            form=self.forms.currentData(),
            may_copy=self.copy.isChecked(),
            burns_titles=self.titles.isChecked(),
            burns_subtitles=self.subtitles.isChecked(),
        )

    @property
    def target(self) -> Path:
        return self.folder / f"{self._stem}{self.form.suffix}"

    @property
    def _stem(self) -> str:
        name = self.name.text().strip()
        suffix = self.form.suffix
        return name[: -len(suffix)] if name.lower().endswith(suffix) else name

    # what others tell

    def set_folder(self, folder: Path) -> None:
        self.folder = folder
        self._show()

    def show_locked(self, form: Form, reason: str) -> None:
        """A form that cannot be made here says why."""
        items = self.forms.model()
        assert isinstance(items, QStandardItemModel)
        for number, (one, _words) in enumerate(_FORMS):
            if one is form and reason:
                items.item(number).setEnabled(False)
                items.item(number).setToolTip(plain_tool_tip(reason))
                items.item(number).setIcon(icon("lock", "dim", 16))

    def show_plan(self, plan: FilmPlan) -> None:
        """What comes of the choices."""
        self._plan, self._refusal = plan, ""
        self._show()

    def show_refusal(self, words: str) -> None:
        """Why no film can be made of this."""
        self._plan, self._refusal = None, words
        self._show()

    def _on_choice(self) -> None:
        self._plan, self._refusal = None, ""
        self._show()
        self.changed.emit()

    # showing

    def _show(self) -> None:
        plan = self._plan
        self.facts.show_words(_facts(plan) if plan is not None else tr("Looking at the clips…"))
        self.way.show_words(_way(plan) if plan is not None else "")
        self.notes.show_words("\n".join(plan.notes) if plan is not None else "")
        self.suffix.setText(self.form.suffix)
        self.place.set_text(str(self.folder))
        problem = self._refusal or self._name_problem()
        self.problem.show_words(problem)
        self.yes.setEnabled(plan is not None and not problem)
        self.facts.setVisible(not self._refusal)

    def _name_problem(self) -> str:
        stem = self._stem
        if not stem or stem.strip(".") == "":
            return tr("The film needs a name.")
        if any(char in _NOT_IN_NAMES or ord(char) < 32 for char in stem):
            return tr("A name cannot hold {letters}", letters=" ".join(_NOT_IN_NAMES))
        return ""


def _facts(plan: FilmPlan) -> str:
    return tr(
        "{length}, {width} × {height} pixels, {rate} pictures a second",
        length=clock(plan.duration_s),
        width=plan.width_px,
        height=plan.height_px,
        rate=f"{float(plan.rate):.5g}",
    )


def _way(plan: FilmPlan) -> str:
    if plan.way is Way.ENCODED:
        return plan.why or tr("The picture is encoded anew.")
    return tr("The picture is taken as it is: quick, and without any loss.")
