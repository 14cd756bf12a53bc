"""The wallet beside the window: made when it is first asked for, and what it asks of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QWidget

from veo_studio.core.models import BudgetPeriod, Generation
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.error_text import describe_generation
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import state_words, tr
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_price import BatchPrice
from veo_studio.ui.view_models.wallet_model import WalletLike, WalletModel
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.text_to_video import HISTORY, TextToVideoView

if TYPE_CHECKING:
    from veo_studio.ui.views.wallet import WalletDialog


class WalletControl(QObject):
    """One per window; `open` gives it the core."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        panes: TextToVideoView,
        *,
        form: FormView,
        form_model: FormModel,
        history: HistoryView,
        player: PlayerView,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._panes = panes
        self._history = history
        self._player = player
        self.model = WalletModel(telling.scope.spawn, self)
        self.dialog: WalletDialog | None = None
        self.model.edited.connect(lambda: telling.run(form_model.refresh_balance(), "form"))
        form.top_up_requested.connect(self.show_top_up)
        form.budget_requested.connect(self.show_budget)
        form_model.confirm = self._confirm
        window.installEventFilter(self)

    def open(self, wallet: WalletLike) -> None:
        """The core is there."""
        self.model.open(wallet)

    def show(self) -> None:
        """Bring the wallet to the front; before the core is there, nothing."""
        if self.model.is_open:
            self._made().come_forward()

    def show_top_up(self) -> None:
        if self.model.is_open:
            self._made().show_top_up()

    def show_budget(self, period: BudgetPeriod) -> None:
        if self.model.is_open:
            self._made().show_budget(period)

    def close(self) -> None:
        if self.dialog is not None:
            self.dialog.close()

    async def _confirm(self, batch: BatchPrice) -> bool:
        """Ask before many takes that cost."""
        from veo_studio.ui.views.confirm_takes import ConfirmTakesDialog

        dialog = ConfirmTakesDialog(batch, self._window)
        return await run_dialog(dialog) == ConfirmTakesDialog.DialogCode.Accepted

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # minimized is not left; the wallet does not outlive the window
        if event is not None and event.type() is QEvent.Type.Hide and not event.spontaneous():
            self.close()
        return False

    def _made(self) -> WalletDialog:
        if self.dialog is None:
            # imported late: the window is up before anybody looks at the wallet
            from veo_studio.ui.views.wallet import WalletDialog

            self.dialog = WalletDialog(self.model, self._telling.scope.spawn, self._window)
            self.dialog.generation_requested.connect(self._on_generation_requested)
        return self.dialog

    def _on_generation_requested(self, generation_id: int) -> None:
        self._telling.run(self._show_generation(generation_id), "history")

    async def _show_generation(self, generation_id: int) -> None:
        generation = await self._history.model.find(generation_id)
        dialog = self._made()
        if generation is None:
            dialog.notices.show_notice(
                tr("This clip was deleted; its entries stay."), key="generation"
            )
            return
        is_listed = self._history.model.index_of(generation_id).isValid()
        if not is_listed and not generation.has_file:
            dialog.notices.show_notice(_words_about(generation), key="generation", timeout_ms=0)
            return
        dialog.notices.dismiss("generation")
        self._panes.set_wanted(HISTORY, True)
        self._window.raise_()
        self._window.activateWindow()
        self._history.select(generation_id)
        if generation.has_file:
            self._player.show_generation(generation)


def _words_about(generation: Generation) -> str:
    """What became of one that is too old for the list and has no clip to show."""
    if generation.state.is_active:
        return tr("This clip is {state}.", state=state_words(generation.state))
    return describe_generation(generation).whole
