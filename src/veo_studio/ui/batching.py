"""Batches beside the window: the dialog is made when it is asked for, and lives until it is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QWidget

from veo_studio.core.batch_file import SUFFIXES
from veo_studio.core.models import BudgetPeriod, Task
from veo_studio.ui.telling import Telling
from veo_studio.ui.view_models.form_model import FormModel

if TYPE_CHECKING:
    from veo_studio.core.batch_rows import BatchDefaults
    from veo_studio.core.studio import Studio
    from veo_studio.ui.batch_access import BatchServices
    from veo_studio.ui.views.batch import BatchDialog


class Batches(QObject):
    """One per window; `show_top_up` and `show_budget` lead to the wallet."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        *,
        form_model: FormModel,
        show_top_up: Callable[[], None],
        show_budget: Callable[[BudgetPeriod], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._form_model = form_model
        self._show_top_up = show_top_up
        self._show_budget = show_budget
        self._studio: Studio | None = None
        self._services: BatchServices | None = None
        self.dialog: BatchDialog | None = None
        window.installEventFilter(self)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self._studio = studio

    def show(self) -> None:
        """Bring the dialog to the front; before the core is there, nothing."""
        if (dialog := self._made()) is not None:
            dialog.come_forward()

    def show_file(self, path: Path) -> None:
        """Show the rows of this file; nothing starts by itself."""
        if (dialog := self._made()) is not None:
            dialog.come_forward()
            dialog.open_file(path)

    def _made(self) -> BatchDialog | None:
        if self.dialog is None and self._studio is not None:
            # imported late: the window is up before anybody looks at a batch
            from veo_studio.ui.batch_access import BatchServices
            from veo_studio.ui.view_models.batch_model import BatchModel
            from veo_studio.ui.views.batch import BatchDialog

            spawn = self._telling.scope.spawn
            self._services = BatchServices(self._studio)
            model = BatchModel(self._services, self._defaults, spawn, self)
            model.started.connect(
                lambda _count: self._telling.run(self._form_model.refresh_balance(), "form")
            )
            self.dialog = BatchDialog(model, spawn, self._window)
            self.dialog.top_up_requested.connect(self._show_top_up)
            self.dialog.budget_requested.connect(self._show_budget)
        return self.dialog

    def _defaults(self, expands: bool) -> BatchDefaults:
        """What a row leaves out is as the form has it, but for what the form's own clip is made from."""
        from veo_studio.core.batch_rows import BatchDefaults

        form = self._form_model
        config = replace(form.config(), inputs=(), task=Task.CREATE, original_prompt="", final=None)
        assert self._services is not None
        return BatchDefaults(
            form.model,
            {"takes": str(form.takes)} if form.takes > 1 else {},
            config=config,
            output_dir=self._services.output_dir(),
            expands=expands,
            lists=form.texts.lists,
        )

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # of what is dropped on the window, files of prompts; the rest is for others to look at
        if isinstance(event, QDropEvent) and (path := prompts_in(event)) is not None:
            # never a move: the file stays where it is
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            if event.type() == QEvent.Type.Drop:
                self.show_file(path)
            return True
        # minimized is not left; the dialog does not outlive the window
        is_hidden = event is not None and event.type() is QEvent.Type.Hide
        if is_hidden and not event.spontaneous() and self.dialog is not None:  # type: ignore[union-attr]
            self.dialog.close()
        return False


def prompts_in(event: QDropEvent) -> Path | None:
    """The one file of prompts that is dragged; None for anything else."""
    mime = event.mimeData()
    urls = mime.urls() if mime is not None else []
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and path.suffix.lower() in SUFFIXES else None
