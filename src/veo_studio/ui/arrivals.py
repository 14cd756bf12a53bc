"""What the window does by itself when work begins or ends, and when a notification is opened."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject

from veo_studio.core.models import Generation
from veo_studio.ui.once_more import OnceMore
from veo_studio.ui.telling import Telling
from veo_studio.ui.view_models.work_watcher import WorkWatcher
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.player import PlayerView


class Arrivals(QObject):
    """One per window; `come_forward` makes that be seen."""

    def __init__(
        self,
        telling: Telling,
        watcher: WorkWatcher,
        once_more: OnceMore,
        come_forward: Callable[[], None],
        *,
        player: PlayerView,
        history: HistoryView,
    ) -> None:
        super().__init__(watcher)
        self._telling = telling
        self._once_more = once_more
        self._come_forward = come_forward
        self._player = player
        self._history = history
        watcher.started.connect(self._on_started)
        watcher.finished.connect(self._on_finished)
        watcher.described.connect(player.caption.refresh)
        watcher.failed.connect(telling.show_failed)
        watcher.needs_attention.connect(telling.notify_needs_user)
        telling.notifications.opened.connect(self._on_notification_opened)

    def _on_started(self, _generation: Generation) -> None:
        self._telling.notices_of("queue").dismiss("resumed")

    def _on_finished(self, generation: Generation) -> None:
        # nobody is pulled away from what they look at
        if not self._history.is_in_use():
            self._history.select(generation.id)
        if not self._player.is_playing:
            self._player.show_generation(generation, autoplay=True)
        self._telling.notify_ready(generation)

    def _on_notification_opened(self, generation: Generation) -> None:
        self._come_forward()
        self._history.select(generation.id)
        if generation.has_file:
            self._player.show_generation(generation, autoplay=True)
            self._once_more.offer(generation)
