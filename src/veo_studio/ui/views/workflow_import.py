"""The dialog that makes a model of an exported ComfyUI workflow: which input holds what."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.fitting import MAX_DURATION_S, MIN_DURATION_S
from veo_studio.core.workflow_draft import FRAME_RULES
from veo_studio.core.workflows import FIELDS, Workflow
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import (
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    accent_button,
    heading_font,
)
from veo_studio.ui.view_models.workflow_import import FieldRow, Spawn, WorkflowImportModel
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel, field_label


class _WheelGuard(QObject):
    """Scrolling past a field must not change it; the wheel works where the keys do."""

    def guard(self, *fields: QWidget) -> None:
        for field in fields:
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        is_wheel = event is not None and event.type() is QEvent.Type.Wheel
        if is_wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class PlaceField(QWidget):
    """Where one field goes: every input that could hold it, and whether that was guessed."""

    def __init__(self, model: WorkflowImportModel, row: FieldRow) -> None:
        super().__init__()
        self._model = model
        self._row = row
        self.box = QComboBox()
        self.box.setObjectName(row.name)
        self.box.setAccessibleName(row.label.replace("&", ""))
        # as wide as the dialog, not as its longest entry
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.setMinimumContentsLength(24)
        self.mark = SmallLabel()
        self.mark.setWordWrap(False)
        # the lists keep their width when the word goes
        policy = self.mark.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.mark.setSizePolicy(policy)
        self.mark.setMinimumWidth(self.mark.fontMetrics().horizontalAdvance(tr("guessed")))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE_8)
        line.addWidget(self.box, 1)
        line.addWidget(self.mark)
        self.setFocusProxy(self.box)
        self.box.activated.connect(self._on_activated)
        self.show_row(row)

    def show_row(self, row: FieldRow) -> None:
        """Show `row`; the list stays as it is where it says the same."""
        words = [choice.words for choice in row.choices]
        if words != [self.box.itemText(number) for number in range(self.box.count())]:
            self.box.clear()
            self.box.addItems(words)
        self._row = row
        self.box.setCurrentIndex(row.chosen)
        self.box.setToolTip(plain_tool_tip(words[row.chosen]))
        self.mark.show_words(tr("guessed") if row.is_guessed else "")

    def _on_activated(self, number: int) -> None:
        self._model.choose(self._row.name, self._row.choices[number].places)


class WorkflowImportDialog(QDialog):
    """Accepted once the workflow is stored; `workflow` is what it became."""

    def __init__(self, model: WorkflowImportModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.workflow: Workflow | None = None
        self.places: dict[str, PlaceField] = {}
        self._boxes: dict[str, QCheckBox] = {}
        self._wheel = _WheelGuard(self)
        self.setWindowTitle(tr("Import a ComfyUI workflow"))
        body = QVBoxLayout(self)
        body.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        body.setSpacing(SPACE_12)
        title = QLabel(tr("Import a ComfyUI workflow"))
        heading_font(title)
        body.addWidget(title)
        self.intro = SmallLabel()
        self.intro.show_words(
            tr(
                "In ComfyUI choose Workflow > Export (API), then choose that file here. "
                "The workflow becomes a model like all others."
            )
        )
        body.addWidget(self.intro)
        body.addLayout(self._file_line())
        self._fields = QWidget()
        self._form = QFormLayout(self._fields)
        self._make_form()
        scroll = FieldsScroller(self._fields)
        self._fields.setAutoFillBackground(False)
        body.addWidget(scroll, 1)
        self.problem = SmallLabel("bad")
        body.addWidget(self.problem)
        body.addWidget(self._buttons())
        self.resize(640, 640)
        model.changed.connect(self._show_model)
        model.imported.connect(self._on_imported)
        self._show_model()

    def _file_line(self) -> QHBoxLayout:
        self.choose_file = QPushButton(tr("Choose &JSON file…"))
        self.choose_file.setAutoDefault(False)
        self.choose_file.clicked.connect(lambda: self._choose_file())
        self.file_name = QLabel()
        self.file_name.setTextFormat(Qt.TextFormat.PlainText)
        line = QHBoxLayout()
        line.setSpacing(SPACE_12)
        line.addWidget(self.choose_file)
        line.addWidget(self.file_name, 1)
        return line

    def _make_form(self) -> None:
        model = self.model
        self.name = QLineEdit()
        self.name.setObjectName("name")
        self.name.setMaxLength(60)
        self.name.textEdited.connect(model.set_name)
        self.rule = QComboBox()
        self.rule.setObjectName("frame_rule")
        words = {
            "n": tr("any number of frames"),
            "4n+1": tr("4n+1, as Wan and Hunyuan"),
            "8n+1": tr("8n+1, as LTX"),
        }
        for rule in FRAME_RULES:
            self.rule.addItem(words[rule], rule)
        self.rule.activated.connect(lambda _number: model.set_frame_rule(self.rule.currentData()))
        self.fps = QDoubleSpinBox()
        self.fps.setObjectName("rate")
        self.fps.setRange(1, 240)
        self.fps.setDecimals(3)
        self.fps.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.fps.setSuffix(tr(" per second"))
        self.fps.valueChanged.connect(model.set_fps)
        self.longest = QSpinBox()
        self.longest.setObjectName("longest")
        self.longest.setRange(MIN_DURATION_S, MAX_DURATION_S)
        self.longest.setSuffix(tr(" s"))
        self.longest.valueChanged.connect(model.set_longest)
        self._wheel.guard(self.rule, self.fps, self.longest)
        self.lengths = SmallLabel()
        self.optional = QCheckBox(tr("It also works without pic&tures"))
        self.optional.toggled.connect(model.set_pictures_optional)
        self.takes = SmallLabel()
        self.shapes = QWidget()
        self._shape_line = QHBoxLayout(self.shapes)
        self._shape_line.setContentsMargins(0, 0, 0, 0)
        self._shape_line.setSpacing(SPACE_16)
        form = self._form
        form.setContentsMargins(0, 0, SPACE_12, 0)
        form.setHorizontalSpacing(SPACE_16)
        form.setVerticalSpacing(SPACE_8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(field_label(tr("N&ame"), self.name), self.name)
        # the places come between: they are known when a file was read
        form.addRow(field_label(tr("F&rame rule"), self.rule), self.rule)
        form.addRow(field_label(tr("Fram&e rate"), self.fps), self.fps)
        form.addRow(field_label(tr("L&ongest clip"), self.longest), self.longest)
        form.addRow("", self.lengths)
        form.addRow(tr("Shapes"), self.shapes)
        form.addRow("", self.optional)
        form.addRow("", self.takes)

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox()
        self.do_import = QPushButton(tr("&Import"))
        cancel = QPushButton(tr("&Cancel"))
        box.addButton(self.do_import, QDialogButtonBox.ButtonRole.ActionRole)
        box.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setAutoDefault(False)
        self.do_import.setDefault(True)
        accent_button(self.do_import)
        self.do_import.clicked.connect(lambda: self.model.save())
        box.rejected.connect(self.reject)
        return box

    def _choose_file(self) -> None:
        """Opened, never executed: other work goes on meanwhile."""
        dialog = QFileDialog(self, tr("Choose an exported workflow"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(tr("Workflows (*.json)"))
        dialog.fileSelected.connect(lambda name: self.model.read(Path(name)))
        dialog.open()

    def reject(self) -> None:
        # what is being stored has an end of its own a moment later
        if not self.model.is_busy:
            super().reject()

    def _on_imported(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.accept()

    # showing

    def _show_model(self) -> None:
        model, draft = self.model, self.model.draft
        self.file_name.setText(model.file.name if model.file else tr("No file yet"))
        self.choose_file.setEnabled(not model.is_busy)
        self._fields.setVisible(draft is not None)
        self.problem.show_words(model.problem())
        self.do_import.setEnabled(model.can_save())
        if draft is None:
            return
        self._show_places()
        if self.name.text() != draft.name:
            self.name.setText(draft.name)
        self.rule.setCurrentIndex(max(0, self.rule.findData(draft.frame_rule)))
        _show_number(self.fps, draft.fps)
        _show_number(self.longest, draft.longest_s)
        self.lengths.show_words(model.lengths_words())
        has_pictures = "first_image" in draft.fields
        self.optional.setEnabled(has_pictures)
        self.optional.setChecked(draft.are_pictures_optional)
        self.takes.show_words(model.takes_words())
        self._show_shapes()

    def _show_places(self) -> None:
        rows = self.model.rows()
        if not self.places:
            for number, row in enumerate(rows, start=1):
                field = self.places[row.name] = PlaceField(self.model, row)
                self._wheel.guard(field.box)
                self._form.insertRow(number, field_label(row.label, field.box), field)
            order = [self.name, *(self.places[name].box for name in FIELDS), self.rule]
            for before, after in pairwise(order):
                QWidget.setTabOrder(before, after)
        for row in rows:
            self.places[row.name].show_row(row)

    def _show_shapes(self) -> None:
        draft = self.model.draft
        assert draft is not None
        every = self.model.shapes()
        words = {name: f"{name}  {width} × {height}" for name, (width, height) in every.items()}
        if {name: box.text() for name, box in self._boxes.items()} != words:
            for box in self._boxes.values():
                self._shape_line.removeWidget(box)
                box.deleteLater()
            self._boxes = {}
            for number, (name, text) in enumerate(words.items()):
                box = self._boxes[name] = QCheckBox(text)
                box.setObjectName(name)
                box.toggled.connect(lambda is_on, name=name: self.model.set_shape(name, is_on))
                self._shape_line.insertWidget(number, box)
            if not self._shape_line.count() > len(words):
                self._shape_line.addStretch(1)
        for name, box in self._boxes.items():
            box.setChecked(name in draft.sizes)


def _show_number(box: QSpinBox | QDoubleSpinBox, value: float) -> None:
    if box.value() != value:
        box.setValue(value)  # type: ignore[arg-type]


async def import_workflow(
    folder: Path, spawn: Spawn, parent: QWidget | None = None
) -> Workflow | None:
    """Ask for a file and for its places; the stored template, or None where the user left it."""
    model = WorkflowImportModel(folder, spawn)
    dialog = WorkflowImportDialog(model, parent)
    await run_dialog(dialog)
    return dialog.workflow
