"""What the header and the menus say about wallet and queue, whatever page is shown."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from veo_studio.core.models import PauseKind
from veo_studio.ui.header import WindowHeader
from veo_studio.ui.icons import icon
from veo_studio.ui.menus import WindowActions
from veo_studio.ui.publishing import Publishing
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.queue_model import QueueModel


class WindowStatus(QObject):
    """One per window."""

    def __init__(
        self,
        window: QObject,
        actions: WindowActions,
        header: WindowHeader,
        *,
        form: FormModel,
        queue: QueueModel,
        publishing: Publishing,
    ) -> None:
        super().__init__(window)
        self._actions = actions
        self._header = header
        self._form = form
        self._queue = queue
        self._publishing = publishing
        form.changed.connect(self._show_balance)
        form.means_changed.connect(self._show_balance)
        queue.count_changed.connect(self._show_queue)
        queue.pauses_changed.connect(self._show_queue)
        publishing.counts_changed.connect(self._show_queue)
        self._show_balance()
        self._show_queue()

    def _show_balance(self) -> None:
        balance = self._form.balance
        self._header.show_balance(balance)
        self._actions.generate.setEnabled(self._form.is_open)
        self._actions.wallet.setEnabled(balance is not None)

    def _show_queue(self, *_counts: int) -> None:
        """What needs the user is in sight on every page: in the queue, and deliveries."""
        queue, actions = self._queue, self._actions
        refused = sum(line.kind is PauseKind.KEY for line in queue.pauses.values())
        count = queue.attention.rowCount() + refused + self._publishing.attention
        self._header.show_attention(count)
        actions.show_attention.setEnabled(count > 0)
        actions.clear_waiting.setEnabled(queue.waiting_count > 0)
        actions.pause_queue.setText(
            tr("&Resume the queue") if queue.is_paused else tr("&Pause the queue")
        )
        actions.pause_queue.setIcon(icon("play" if queue.is_paused else "pause"))
