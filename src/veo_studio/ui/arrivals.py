"""What the window does by itself when work begins or ends, and when a notification is opened."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QApplication

from veo_studio.core.models import Generation
from veo_studio.core.storyboard.keys import is_of_scene
from veo_studio.ui.once_more import OnceMore
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.work_watcher import WorkWatcher
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.window_pages import FORMS, LIBRARY, STORYBOARD, WindowPages

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.ui.views.clip_view import ClipView
    from veo_studio.ui.views.library import LibraryView

# a clip that ended stands this near its end
_END_MS = 150


class Arrivals(QObject):
    """One per window; `come_forward` makes that be seen."""

    def __init__(
        self,
        telling: Telling,
        watcher: WorkWatcher,
        once_more: OnceMore,
        come_forward: Callable[[], None],
        pages: WindowPages,
        *,
        player: PlayerView,
        history: HistoryView,
        is_comparing: Callable[[], bool],
    ) -> None:
        super().__init__(watcher)
        self._pages = pages
        self._is_comparing = is_comparing
        # the one that was shown unasked
        self._shown_id: int | None = None
        # of storyboards: what is on its way, and what came last
        self._on_way: set[int] = set()
        self._came: Generation | None = None
        self._telling = telling
        self._once_more = once_more
        self._come_forward = come_forward
        self._player = player
        self._history = history
        watcher.started.connect(self._on_started)
        watcher.finished.connect(self._on_finished)
        watcher.described.connect(player.caption.refresh)
        watcher.failed.connect(telling.show_failed)
        watcher.failed.connect(self._on_ended)
        watcher.cancelled.connect(self._on_ended)
        watcher.needs_attention.connect(self._on_ended)
        watcher.needs_attention.connect(telling.notify_needs_user)
        watcher.started.connect(telling.news.began)
        watcher.cancelled.connect(telling.news.settled)
        telling.news.opened.connect(self._on_notification_opened)

    def bind_switch(
        self, action: QAction, settings: Settings, on_changed: Callable[[], object]
    ) -> None:
        """Whether the system tells what ended: the user's choice, in a menu."""
        news = self._telling.news

        def on_switched(is_on: bool) -> None:
            news.is_on = settings.notifies = is_on
            on_changed()

        news.is_on = settings.notifies
        action.setChecked(settings.notifies)
        action.toggled.connect(on_switched)

    def _on_started(self, generation: Generation) -> None:
        self._telling.notices_of("queue").dismiss("resumed")
        if not generation.is_picture:
            self._player.sources.prepare()
        if is_of_scene(generation.take_group):
            self._on_way.add(generation.id)

    def _on_ended(self, generation: Generation) -> None:
        """The last one of a storyboard tells of all that came."""
        self._on_way.discard(generation.id)
        newest = self._came
        if newest is None or self._on_way:
            return
        self._came = None
        # on the page itself the run bar tells
        if self._pages.current != STORYBOARD:
            self._say_scenes_ready(newest)

    def _on_finished(self, generation: Generation) -> None:
        # nobody is pulled away from what they look at
        if not self._history.is_in_use():
            self._history.select(generation.id)
        if self._is_player_free():
            self._shown_id = generation.id
            self._player.show_generation(generation, autoplay=True)
        elif is_of_scene(generation.take_group):
            self._came = generation
        else:
            self._say_ready(generation)
        self._on_ended(generation)
        self._telling.notify_ready(generation)

    def _is_player_free(self) -> bool:
        """Nothing is shown there, or what came by itself and was left alone since."""
        player, focus = self._player, QApplication.focusWidget()
        if self._pages.current != FORMS or self._is_comparing() or player.is_playing:
            return False
        if player.path is None:
            return True
        shown = player.generation
        return (
            shown is not None
            and shown.id == self._shown_id
            and not (
                player.position_ms and player.position_ms < player.sources.duration_ms - _END_MS
            )
            and player.in_ms is None
            and player.out_ms is None
            and not (focus is not None and (focus is player or player.isAncestorOf(focus)))
        )

    def _say_ready(self, generation: Generation) -> None:
        """One notice for all clips that come while something else is looked at, and one for all pictures."""
        is_picture = generation.is_picture
        self._telling.notices_of("queue").show_notice(
            tr("Your picture is ready.") if is_picture else tr("Your clip is ready."),
            level="ok",
            key="ready pictures" if is_picture else "ready",
            action_text=tr("Show"),
            on_action=lambda: self._show(generation),
            timeout_ms=15_000,
            repeated_text="{n} pictures are ready." if is_picture else "{n} clips are ready.",
        )

    def _say_scenes_ready(self, newest: Generation) -> None:
        words = tr("Pictures or clips of a storyboard are ready.")
        self._telling.notices_of("queue").show_notice(
            words,
            level="ok",
            key="ready scenes",
            action_text=tr("Show"),
            on_action=lambda: self._show(newest),
            timeout_ms=15_000,
            repeated_text=words,
        )

    def _show(self, generation: Generation) -> None:
        self._history.select(generation.id)
        self._history.play_requested.emit(generation)

    def _on_notification_opened(self, generations: list[Generation]) -> None:
        """The one that it was about; of several, all are selected and the newest finished one plays."""
        self._come_forward()
        finished = [one for one in generations if one.has_file]
        shown = finished[-1] if finished else generations[-1]
        ids = array("q", [one.id for one in finished or generations])
        library = self._library_in_sight()
        if library is not None and library.model.index_of(shown.id).isValid():
            library.select(shown.id)
            clips: ClipView = library.grid
        else:
            self._history.select(shown.id)
            clips = self._history.list
        if len(generations) > 1:
            clips.choose_ids(ids, shown.id)
        if shown.has_file:
            self._player.show_generation(shown, autoplay=True)
        if shown.has_file and len(generations) == 1:
            self._once_more.offer(shown)

    def _library_in_sight(self) -> LibraryView | None:
        page = self._pages.made(LIBRARY) if self._pages.current == LIBRARY else None
        return cast("LibraryView | None", page)
