"""Which services and models there are: comparing them, and connecting one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QWidget

from veo_studio.core.models import Generation, PauseKind
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.queue_model import QueueModel
from veo_studio.ui.views.form import FormView

if TYPE_CHECKING:
    from pathlib import Path

    from veo_studio.core.capabilities import ModelInfo
    from veo_studio.core.connecting import ProviderSettings
    from veo_studio.core.enhancing.setting_up import EnhancerSettings
    from veo_studio.ui.view_models.enhancer_settings import EnhancerSettingsModel
    from veo_studio.ui.views.model_table import ModelTableDialog
    from veo_studio.ui.views.services import ServicesDialog

OpenPage = Callable[[QUrl], bool]


class Services(QObject):
    """One per window; its dialogs are made when they are asked for.

    Signals:
        wallet_requested(): the user wants to see the budgets.
        changed(): settings are other ones and were saved; a writing that began before must not last.
    """

    wallet_requested = pyqtSignal()
    changed = pyqtSignal()

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        *,
        form: FormView,
        form_model: FormModel,
        queue: QueueModel,
        open_page: OpenPage = QDesktopServices.openUrl,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._form_model = form_model
        self._queue = queue
        self._open_page = open_page
        self._settings: ProviderSettings | None = None
        self._workflows: Path | None = None
        self._on_imported: Callable[[ModelInfo], object] | None = None
        self._enhancer: EnhancerSettings | None = None
        self.table: ModelTableDialog | None = None
        self.dialog: ServicesDialog | None = None
        form.compare_requested.connect(self.compare)
        form.connect_requested.connect(self.show)
        window.installEventFilter(self)

    def open(
        self,
        settings: ProviderSettings,
        workflows: Path,
        on_imported: Callable[[ModelInfo], object],
        enhancer: EnhancerSettings | None = None,
    ) -> None:
        """The core is there; `workflows` is the folder of the user's own, and what became of one is told."""
        self._settings = settings
        self._workflows = workflows
        self._on_imported = on_imported
        self._enhancer = enhancer

    # comparing

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
        dialog.connect_requested.connect(self.show_service)
        self._telling.run(form.learn_times(rows), "form")
        try:
            await run_dialog(dialog)
        finally:
            self.table = None
            rows.deleteLater()

    # connecting

    def show(self) -> None:
        """Open the settings where something is to be done: a refused key, the form's own service, the first."""
        refused = [name for name, one in self._queue.pauses.items() if one.kind is PauseKind.KEY]
        locked = [one.model.provider for one in self._form_model.choices() if one.locked]
        own = self._form_model.choice()
        if refused:
            self.show_service(refused[0])
        elif own.locked or not locked:
            self.show_service(own.model.provider)
        else:
            self.show_service(locked[0])

    def show_service(self, provider_id: str) -> None:
        """Open the page of this service; before the core is there, nothing."""
        if self._settings is not None:
            self._made(self._settings).show_service(provider_id)

    def show_enhancer(self) -> None:
        """Open the page of prompt enhancement; before the core is there, nothing."""
        self.show_service("enhancer")

    def show_for(self, generations: list[Generation]) -> None:
        """Open the page of the service that these were for."""
        if generations:
            self.show_service(generations[-1].provider)
        else:
            self.show()

    def _made(self, settings: ProviderSettings) -> ServicesDialog:
        if self.dialog is None:
            # imported late: the window is up before anybody looks at them
            from veo_studio.ui.view_models.services_model import ServicesModel
            from veo_studio.ui.views.services import ServicesDialog

            spawn = self._telling.scope.spawn
            model = ServicesModel(
                settings, lambda: self._queue.pauses, spawn, self, workflows=self._workflows
            )
            model.connected.connect(self._on_connected)
            self._queue.pauses_changed.connect(model.refresh)
            self.dialog = ServicesDialog(
                model, spawn, self._window, enhancer=self._enhancer_model(spawn)
            )
            self.dialog.page_requested.connect(self._on_page_requested)
            self.dialog.wallet_requested.connect(self.wallet_requested)
            self.dialog.import_requested.connect(lambda: self._telling.run(self._import(), "form"))
        return self.dialog

    def _enhancer_model(self, spawn: Callable[..., object]) -> EnhancerSettingsModel | None:
        if self._enhancer is None:
            return None
        from veo_studio.ui.view_models.enhancer_settings import EnhancerSettingsModel

        model = EnhancerSettingsModel(self._enhancer, spawn, self)
        # what the form says about where words go may be another thing now
        model.connected.connect(self.changed)
        model.connected.connect(self._form_model.changed)
        return model

    def _on_connected(self, _provider_id: str) -> None:
        self.changed.emit()
        # its models are locked or unlocked by now
        self._form_model.changed.emit()
        self._telling.run(self._form_model.refresh_balance(), "form")

    async def _import(self) -> None:
        from veo_studio.ui.views.workflow_import import import_workflow

        dialog = self.dialog
        assert dialog is not None
        assert self._workflows is not None
        assert self._on_imported is not None
        spawn = self._telling.scope.spawn
        workflow = await import_workflow(self._workflows, spawn, dialog)
        if workflow is None:
            return
        model = workflow.model()
        self._on_imported(model)
        self._form_model.add_model(model)
        dialog.model.read_workflows()
        dialog.notices.show_notice(
            tr("{name} is a model now.", name=model.name), level="ok", key="imported"
        )

    def _on_page_requested(self, address: str) -> None:
        if not self._open_page(QUrl(address)) and self.dialog is not None:
            self.dialog.notices.show_notice(
                tr("The system cannot open {page}.", page=address), level="warn", key="page"
            )

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # minimized is not left; the settings do not outlive the window
        is_hidden = event is not None and event.type() is QEvent.Type.Hide
        if is_hidden and not event.spontaneous() and self.dialog is not None:  # type: ignore[union-attr]
            self.dialog.close()
        return False
