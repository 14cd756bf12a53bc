"""Which services and models there are: comparing them, and connecting one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.views.form import FormView

if TYPE_CHECKING:
    from veo_studio.ui.views.model_table import ModelTableDialog


class Services(QObject):
    """One per window; its dialogs are made when they are asked for."""

    def __init__(
        self, window: QWidget, telling: Telling, *, form: FormView, form_model: FormModel
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._form_model = form_model
        self.table: ModelTableDialog | None = None
        form.compare_requested.connect(self.compare)

    def compare(self) -> None:
        """Show the models side by side."""
        if self.table is None:
            self._telling.run(self._compare(), "form")

    async def _compare(self) -> None:
        from veo_studio.ui.views.model_table import ModelTableDialog

        form = self._form_model
        rows = form.comparison()
        dialog = self.table = ModelTableDialog(rows, form.clip_words(), self._window)
        dialog.select(form.model.provider, form.model.id)
        dialog.chosen.connect(form.choose)
        self._telling.run(form.learn_times(rows), "form")
        try:
            await run_dialog(dialog)
        finally:
            self.table = None
            rows.deleteLater()
