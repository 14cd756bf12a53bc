"""The ComfyUI workflows that are models here: the shipped ones, the user's own, and importing another."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.services_model import ServicesModel
from veo_studio.ui.views.labels import SmallLabel


class WorkflowsBox(QWidget):
    """Signals:
    import_requested(): the user has an exported workflow.
    """

    import_requested = pyqtSignal()

    def __init__(self, model: ServicesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._labels: list[QLabel] = []
        self.take = QPushButton(tr("&Import…"))
        self.take.setObjectName("importWorkflow")
        self.take.setAutoDefault(False)
        self.take.setToolTip(tr("Make a model of a workflow that ComfyUI exported"))
        self.problems = SmallLabel("warn", self)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE_12)
        self._grid.setVerticalSpacing(SPACE_4)
        self._grid.setColumnStretch(0, 1)
        button = QHBoxLayout()
        button.addWidget(self.take)
        button.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_8)
        column.addLayout(self._grid)
        column.addWidget(self.problems)
        column.addLayout(button)
        self.take.clicked.connect(self.import_requested)
        model.workflows_changed.connect(self.show_workflows)
        self.show_workflows()

    @property
    def names(self) -> list[str]:
        return [label.text() for label in self._labels[::2]]

    def show_workflows(self) -> None:
        for label in self._labels:
            self._grid.removeWidget(label)
            label.deleteLater()
        self._labels = []
        for row, (name, is_own) in enumerate(self._model.workflows):
            for column, words in enumerate((name, tr("yours") if is_own else tr("included"))):
                label = QLabel(words, self)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setWordWrap(column == 0)
                if column:
                    theme.dim_text(label)
                self._labels.append(label)
                self._grid.addWidget(label, row, column)
        self.problems.show_words("\n".join(self._model.workflow_problems))
