"""Under the prompt: a field for each variable, and what comes of its lists."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.prompt_lists import number_words
from veo_studio.ui.delegates.text_row import TextRow
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_12
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_price import BatchPrice, list_words, price_words
from veo_studio.ui.view_models.form_prompts import MAX_VALUE_CHARS
from veo_studio.ui.view_models.preset_model import PromptRows
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.labels import SmallLabel

# a document full of braces is no template
_MOST_FIELDS = 24
_MOST_ROWS = 4.5
_NAME_CHARS = 18


class VariableFields(QWidget):
    """One line for each variable of the prompt.

    Signals:
        edited(name, text): something was typed.
    """

    edited = pyqtSignal(str, str)

    def __init__(self, form: FormView, after: QWidget) -> None:
        super().__init__()
        self.setObjectName("variables")
        self._form = form
        self._after = after
        self.fields: dict[str, QLineEdit] = {}
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, SPACE_4, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_12)
        self._grid.setVerticalSpacing(SPACE_4)
        self._grid.setColumnStretch(1, 1)
        self._more = SmallLabel()
        self.hide()

    def show_variables(self, names: Sequence[str], values: dict[str, str]) -> None:
        """A field that stays keeps its cursor."""
        shown = list(names[:_MOST_FIELDS])
        if shown != list(self.fields):
            self._make(shown)
        for name, field in self.fields.items():
            if field.text() != values.get(name, ""):
                field.setText(values.get(name, ""))
        left = len(names) - len(shown)
        self._more.show_words(
            tr("And {n} more. Write {{{{ and }}}} for braces that are meant.", n=left)
            if left
            else ""
        )
        self.setVisible(bool(shown))

    def _make(self, names: Sequence[str]) -> None:
        kept = {name: field for name, field in self.fields.items() if name in names}
        for field in reversed(self.fields.values()):
            self._form.remove_from_tab_order(field)
        for widget in (*self._labels, *self.fields.values(), self._more):
            self._grid.removeWidget(widget)
        for label in self._labels:
            label.deleteLater()
        for name, field in self.fields.items():
            if name not in kept:
                field.hide()
                field.deleteLater()
        self.fields = {name: kept.get(name) or self._field(name) for name in names}
        self._labels = []
        after = self._after
        for row, (name, field) in enumerate(self.fields.items()):
            shown = name if len(name) <= _NAME_CHARS else f"{name[: _NAME_CHARS - 1]}…"
            label = QLabel(shown)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setToolTip(f"{{{name}}}")
            label.setBuddy(field)
            self._labels.append(label)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(field, row, 1)
            self._form.add_to_tab_order(field, after=after)
            after = field
        self._grid.addWidget(self._more, len(names), 1)

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setMaxLength(MAX_VALUE_CHARS)
        field.setAccessibleName(tr("{name}, a variable of the prompt", name=name))
        field.setPlaceholderText(tr("What takes the place of {name}", name=f"{{{name}}}"))
        field.textEdited.connect(lambda text: self.edited.emit(name, text))
        return field


class ListPreview(QWidget):
    """How many prompts there are, and all of them where the user wants to see them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("listPreview")
        self.head = QPushButton()
        self.head.setObjectName("listPreviewHead")
        self.head.setProperty("link", True)
        self.head.setCheckable(True)
        self.head.toggled.connect(lambda _is_open: self._fold())
        self.rows = QListView()
        self.rows.setObjectName("expandedPrompts")
        self.rows.setAccessibleName(tr("The prompts that are made"))
        self.rows.setUniformItemSizes(True)
        self.rows.setItemDelegate(TextRow(2, self.rows))
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.rows.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._texts = PromptRows(self)
        self.rows.setModel(self._texts)
        self.cost = SmallLabel()
        line = QHBoxLayout()
        line.addWidget(self.head)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE_4, 0, 0)
        column.setSpacing(SPACE_4)
        column.addLayout(line)
        column.addWidget(self.rows)
        column.addWidget(self.cost)
        self._batch: BatchPrice | None = None
        self._fold()
        self.hide()

    def show_prompts(self, texts: Sequence[str], batch: BatchPrice | None, words: str) -> None:
        """`words` are for the line where nothing can be shown."""
        self._batch = batch
        self._texts.show(texts)
        self.head.setText(words if batch is None else list_words(batch))
        self.head.setEnabled(bool(texts))
        self._fold()

    def _fold(self) -> None:
        is_open = self.head.isChecked() and self.head.isEnabled()
        self.head.setIcon(icon("caret-down" if is_open else "caret-right", "accent", 16))
        self.rows.setVisible(is_open)
        row_px = max(self.rows.sizeHintForRow(0), self.fontMetrics().lineSpacing())
        # a part of the next one says that there are more
        shown = min(_MOST_ROWS, float(self._texts.rowCount()))
        self.rows.setFixedHeight(round(row_px * shown) + SPACE_4)
        words = ""
        if is_open and self._batch is not None and (self._batch.tokens or self._batch.cost_usd):
            one = BatchPrice(
                1,
                self._batch.tokens // self._batch.takes,
                None if self._batch.cost_usd is None else self._batch.cost_usd / self._batch.takes,
            )
            words = tr(
                "Together {all}; each {one}.", all=price_words(self._batch), one=price_words(one)
            )
        self.cost.show_words(words)

    def sizeHint(self) -> QSize:
        return QSize(0, super().sizeHint().height())


class UnderPrompt(QWidget):
    """Variables and lists of the prompt, in the form under it; there is nothing while it has none."""

    def __init__(self, form: FormView, model: FormModel, after: QWidget) -> None:
        super().__init__()
        self._model = model
        self.preview = ListPreview()
        self.variables = VariableFields(form, after)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addWidget(self.variables)
        column.addWidget(self.preview)
        form.under_prompt.addWidget(self)
        form.add_to_tab_order(self.preview.head, after=after)
        form.add_to_tab_order(self.preview.rows, after=self.preview.head)
        self.variables.edited.connect(model.set_value)
        model.changed.connect(self._show_model)
        self._show_model()

    def _show_model(self) -> None:
        model = self._model
        # before that nobody knows which names are lists
        is_shown = model.is_open and model.found.is_template
        if is_shown:
            found = model.found
            self.variables.show_variables(found.variables, dict(model.texts.values))
            words = tr("{n} prompts", n=number_words(found.count))
            self.preview.show_prompts(found.texts, model.batch_price(), words)
            self.preview.setVisible(found.count > 1)
        self.setVisible(is_shown)
