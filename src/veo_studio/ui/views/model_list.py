"""The list of models, grouped by provider; locked ones show a lock and say how to unlock them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import QComboBox, QWidget

from veo_studio.core.catalog import ModelInfo
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_parts import ModelChoice

_MODEL_KEY = int(Qt.ItemDataRole.UserRole) + 1


class ModelList(QComboBox):
    """Signals:
    chosen(ModelInfo): the user took another one.
    """

    chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # why providers are locked, by their name
        self.locked: dict[str, str] = {}
        self._choices: list[ModelChoice] = []
        self.setAccessibleName(tr("Model"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.activated.connect(self._on_activated)

    def show_choices(self, choices: Sequence[ModelChoice], current: ModelInfo) -> None:
        """Built anew only where something in it is another one."""
        if list(choices) != self._choices:
            self._choices = list(choices)
            self._build()
        key = (current.provider, current.id)
        for number in range(self.count()):
            if self.itemData(number, _MODEL_KEY) == key:
                self.setCurrentIndex(number)

    def _build(self) -> None:
        items = QStandardItemModel(self)
        provider = None
        self.locked = {}
        for choice in self._choices:
            if choice.provider_name != provider:
                provider = choice.provider_name
                heading = QStandardItem(provider)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                items.appendRow(heading)
            item = QStandardItem(choice.model.name)
            item.setData((choice.model.provider, choice.model.id), _MODEL_KEY)
            item.setToolTip(choice.locked or choice.model.note)
            if choice.locked is not None:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setIcon(icon("lock", "dim", 16))
                self.locked[provider] = choice.locked
            items.appendRow(item)
        self.setModel(items)

    def _on_activated(self, number: int) -> None:
        key = self.itemData(number, _MODEL_KEY)
        for choice in self._choices:
            if (choice.model.provider, choice.model.id) == key:
                self.chosen.emit(choice.model)
