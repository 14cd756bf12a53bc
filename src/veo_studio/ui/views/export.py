"""Export: as what, cut where, under which names, into which folder."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QKeySequence, QShortcut, QStandardItemModel
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.exporting.names import MOST_TEMPLATE_CHARS, VARIABLES
from veo_studio.core.exporting.presets import BUILT_IN, Form
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr, tr_n
from veo_studio.ui.theme import (
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    accent_button,
    heading_font,
)
from veo_studio.ui.view_models.export_model import ExportModel
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.export_fields import ExportFields
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel, field_label

_FIRST_SIZE = QSize(620, 540)


class ExportDialog(QDialog):
    """Opened with `run_dialog`; accepted is yes to what the model holds.

    Signals:
        folder_requested(): the user wants another folder.
        save_requested(), remove_requested(): keep the choices under a name, or forget that name.
    """

    folder_requested = pyqtSignal()
    save_requested = pyqtSignal()
    remove_requested = pyqtSignal()

    def __init__(self, model: ExportModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export")
        self.setWindowTitle(tr("Export"))
        self.model = model
        self._make_head()
        self._make_cut()
        self._make_names()
        self.fields = ExportFields(model)
        self.problem = SmallLabel("bad")
        box = QDialogButtonBox()
        yes = box.addButton(tr("&Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        no = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert yes is not None
        assert no is not None
        self.yes = yes
        accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.yes.click)
        self._lay_out(box)
        self._bind()
        self._fill_presets()
        self._show()
        self.presets.setFocus()

    def _make_head(self) -> None:
        self.heading = QLabel()
        heading_font(self.heading)
        self.source = ElidedLabel(token="dim")
        self.left_out = SmallLabel()
        self.presets = QComboBox()
        self.presets.setObjectName("exportPreset")
        self.save = QPushButton(tr("Sa&ve\u2026"))
        self.save.setToolTip(tr("Keep these choices as a preset of your own"))
        self.save.setAutoDefault(False)
        self.remove = QToolButton()
        self.remove.setIcon(icon("trash", "text", 16))
        self.remove.setToolTip(tr("Delete this preset"))
        self.remove.setAccessibleName(tr("Delete this preset"))

    def _make_cut(self) -> None:
        self.cut = QCheckBox(tr("Only a &part:"))
        self.in_at = _moment(tr("From, in seconds"))
        self.out_at = _moment(tr("To, in seconds"))
        self.to = QLabel(tr("to"))
        self.fast = QCheckBox(tr("Fas&t, without encoding anew"))
        self.fast.setToolTip(tr("Where the cut allows it"))
        self.way = SmallLabel()

    def _make_names(self) -> None:
        self.template = QLineEdit()
        self.template.setObjectName("exportName")
        self.template.setMaxLength(MOST_TEMPLATE_CHARS)
        self.insert = QToolButton()
        self.insert.setText(tr("Insert"))
        self.insert.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.insert.setToolTip(tr("Insert a variable"))
        menu = QMenu(self.insert)
        for name in VARIABLES:
            action = menu.addAction(f"{{{name}}}")
            assert action is not None
            action.triggered.connect(lambda _checked=False, name=name: self._insert(name))
        self.insert.setMenu(menu)
        self.names = SmallLabel()
        self.folder = ElidedLabel()
        self.choose = QPushButton(tr("&Choose\u2026"))
        self.choose.setAutoDefault(False)
        self.choose.setAccessibleName(tr("Choose a folder"))

    def _lay_out(self, box: QDialogButtonBox) -> None:
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE_8)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_12)
        grid.setVerticalSpacing(SPACE_8)
        grid.setColumnStretch(1, 1)
        grid.addWidget(field_label(tr("P&reset"), self.presets), 0, 0)
        grid.addLayout(_row(self.presets, self.save, self.remove), 0, 1)
        grid.addWidget(self.cut, 1, 0)
        part = _row(self.in_at, self.to, self.out_at)
        part.setStretch(0, 0)
        part.addStretch(1)
        grid.addLayout(part, 1, 1)
        grid.addWidget(self.fast, 2, 1)
        grid.addWidget(self.way, 3, 1)
        rows.addLayout(grid)
        rows.addWidget(self.fields)
        rows.addSpacing(SPACE_4)
        names = QGridLayout()
        names.setHorizontalSpacing(SPACE_12)
        names.setVerticalSpacing(SPACE_8)
        names.setColumnStretch(1, 1)
        names.addWidget(field_label(tr("&Name"), self.template), 0, 0)
        names.addLayout(_row(self.template, self.insert), 0, 1)
        names.addWidget(self.names, 1, 1)
        names.addWidget(field_label(tr("Folder"), self.choose), 2, 0)
        names.addLayout(_row(self.folder, self.choose), 2, 1)
        rows.addLayout(names)
        rows.addStretch(1)
        self._grids = (grid, names, self.fields.layout())
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addWidget(self.heading)
        column.addWidget(self.source)
        column.addWidget(self.left_out)
        column.addSpacing(SPACE_4)
        column.addWidget(FieldsScroller(inner), 1)
        column.addWidget(self.problem)
        column.addWidget(box)
        # no less than the words need, in whatever size the system writes
        screen = self.screen()
        room = screen.availableSize() if screen is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room))

    def _align(self) -> None:
        """The labels of the three grids share one edge."""
        widest = 0
        for grid in self._grids:
            assert isinstance(grid, QGridLayout)
            for row in range(grid.rowCount()):
                item = grid.itemAtPosition(row, 0)
                if item is not None and item.widget() is not None:
                    widest = max(widest, item.widget().sizeHint().width())
        for grid in self._grids:
            assert isinstance(grid, QGridLayout)
            grid.setColumnMinimumWidth(0, widest)

    def _bind(self) -> None:
        model = self.model
        model.changed.connect(self._show)
        self.presets.activated.connect(self._on_preset)
        self.save.clicked.connect(self.save_requested)
        self.remove.clicked.connect(self.remove_requested)
        self.cut.toggled.connect(self._on_cut)
        self.in_at.valueChanged.connect(self._on_cut)
        self.out_at.valueChanged.connect(self._on_cut)
        self.fast.toggled.connect(lambda is_on: model.change(is_fast=is_on))
        self.template.textEdited.connect(model.set_template)
        self.choose.clicked.connect(self.folder_requested)

    def _insert(self, name: str) -> None:
        self.template.insert(f"{{{name}}}")
        self.template.setFocus()
        self.model.set_template(self.template.text())

    def _on_preset(self, number: int) -> None:
        chosen = self.presets.itemData(number)
        if chosen is not None:
            self.model.choose(chosen)

    def _on_cut(self) -> None:
        self.model.set_cut(self.cut.isChecked(), self.in_at.value(), self.out_at.value())

    # showing

    def _fill_presets(self) -> None:
        """The built-in ones, then the user's; one that cannot be made says why."""
        with QSignalBlocker(self.presets):
            self.presets.clear()
            for preset in self.model.choices.presets:
                if preset is not None and self.presets.count() == len(BUILT_IN):
                    self.presets.insertSeparator(self.presets.count())
                self.presets.addItem(tr(preset.name), preset)
        self._filled = self.model.choices.presets

    def _show_presets(self) -> None:
        model = self.model
        if self._filled != model.choices.presets:
            self._fill_presets()
        items = self.presets.model()
        assert isinstance(items, QStandardItemModel)
        at = -1
        for number in range(self.presets.count()):
            preset = self.presets.itemData(number)
            if preset is None:
                continue
            if preset.name == model.preset.name:
                at = number
            reason = model.locked.get(preset.form, "")
            item = items.item(number)
            item.setEnabled(not reason)
            item.setToolTip(plain_tool_tip(reason) if reason else "")
            item.setIcon(icon("lock", "dim", 16) if reason else QIcon())
        with QSignalBlocker(self.presets):
            self.presets.setCurrentIndex(at)
        self.remove.setVisible(model.is_own)

    def _show(self) -> None:
        model = self.model
        count = len(model.generations)
        self.heading.setText(
            tr("Export") if count == 1 else tr_n("Export {n}", "Export {n} files", count)
        )
        self.source.set_text(model.source_words())
        self.left_out.show_words(model.left_out_words())
        self._show_presets()
        self._show_cut()
        self.way.show_words(model.way_words())
        if self.template.text() != model.template:
            self.template.setText(model.template)
        more = max(0, count - len(model.names))
        lines = [*model.names, *([tr("and {n} more", n=more)] if more and model.names else [])]
        self.names.show_words("\n".join(lines))
        self.folder.set_text(str(model.folder))
        self.problem.show_words(model.problem)
        self.yes.setEnabled(not model.problem and bool(model.names))
        self._align()

    def _show_cut(self) -> None:
        model = self.model
        can_cut = model.single is not None and model.preset.form is not Form.STILL
        for widget in (self.cut, self.in_at, self.to, self.out_at):
            widget.setVisible(can_cut)
        self.fast.setVisible(can_cut and model.is_cut and model.preset.form is Form.COPY)
        length_s = model.length_s or 3600.0
        with QSignalBlocker(self.cut), QSignalBlocker(self.in_at), QSignalBlocker(self.out_at):
            self.cut.setChecked(model.is_cut)
            for box, at_s in (
                (self.in_at, model.in_s or 0.0),
                (self.out_at, model.out_s or length_s),
            ):
                box.setRange(0.0, max(length_s, at_s))
                box.setValue(at_s)
                box.setEnabled(model.is_cut)
        with QSignalBlocker(self.fast):
            self.fast.setChecked(model.preset.is_fast)


class PresetName(QDialog):
    """Asks for the name of a preset; `name` is what was typed."""

    def __init__(self, name: str, taken: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Save as preset"))
        self._taken = {one.casefold() for one in taken}
        self._fixed = {one.name.casefold() for one in BUILT_IN}
        heading = QLabel(tr("Save as preset"))
        heading_font(heading)
        self.field = QLineEdit(name)
        self.field.setMaxLength(60)
        self.hint = SmallLabel()
        box = QDialogButtonBox()
        yes = box.addButton(tr("&Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert yes is not None
        self.yes = yes
        accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        column.setSpacing(SPACE_12)
        column.addWidget(heading)
        column.addWidget(field_label(tr("&Name"), self.field))
        column.addWidget(self.field)
        column.addWidget(self.hint)
        column.addWidget(box)
        self.setMinimumWidth(400)
        self.field.textChanged.connect(self._show)
        self._show()
        self.field.selectAll()
        self.field.setFocus()

    @property
    def name(self) -> str:
        return " ".join(self.field.text().split())

    def _show(self) -> None:
        name = self.name.casefold()
        hint = ""
        if name in self._fixed:
            hint = tr("A built-in preset has this name.")
        elif name in self._taken:
            hint = tr("Takes the place of the one with this name.")
        self.hint.show_words(hint)
        self.yes.setEnabled(bool(name) and name not in self._fixed)


def _moment(name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(3)
    box.setSingleStep(0.1)
    box.setSuffix(" s")
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setKeyboardTracking(False)
    return box


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACE_8)
    for number, widget in enumerate(widgets):
        row.addWidget(widget, 1 if number == 0 else 0, Qt.AlignmentFlag.AlignVCenter)
    return row
