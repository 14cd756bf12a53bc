"""Publishing and deliveries beside the window: their dialogs, and what the user is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QMainWindow

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui.delivering import Delivering
from veo_studio.ui.publish_asking import PublishAsking
from veo_studio.ui.publish_news import PublishNews
from veo_studio.ui.rule_setting import RuleSetting
from veo_studio.ui.target_setting import TargetSetting
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.window_pages import WindowPages

if TYPE_CHECKING:
    from veo_studio.core.publishing.desk import PublishingDesk
    from veo_studio.core.publishing.models import PublishingCounts, PublishingEvent
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio


class Publishing(QObject):
    """One per window; `open` gives it the core, `follow` the news of it.

    Signals:
        counts_changed(): other numbers in `attention` and `on_their_way`.
    """

    counts_changed = pyqtSignal()

    def __init__(
        self,
        window: QMainWindow,
        telling: Telling,
        settings: Settings,
        pages: WindowPages,
        *,
        requests: ClipRequests,
        on_changed: Callable[[], object],
    ) -> None:
        """`on_changed`: something that is remembered between two starts is another one."""
        super().__init__(window)
        self._telling = telling
        self._studio: Studio | None = None
        self._unfollow: Callable[[], None] | None = None
        self.rules = RuleSetting(window, telling, self._desk, lambda: self._need().catalog)
        self.targets = TargetSetting(
            window, telling, self.rules, self._desk, lambda: self._need().secrets
        )
        self.asking = PublishAsking(window, telling, pages, self.targets, self._desk)
        self.delivering = Delivering(window, telling, self._need)
        self.news = PublishNews(telling, self._desk, self)
        self.asking.deliveries_requested.connect(self.show_deliveries)
        self.asking.planned_requested.connect(self.delivering.show_planned)
        self.news.deliveries_requested.connect(self.show_deliveries)
        self.news.attention_requested.connect(self.delivering.show_attention)
        self.news.planned_requested.connect(self.delivering.show_planned)
        self.news.counted.connect(self._on_counted)
        self.delivering.targets_requested.connect(self.targets.show)
        self.delivering.clip_requested.connect(requests.play_requested)
        requests.publish_requested.connect(self.publish)
        requests.unpublish_requested.connect(self.unpublish)
        requests.deliver_requested.connect(self.deliver)
        # deliveries that somebody has to look at, and those that are not closed
        self.attention = self.on_their_way = 0

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self._studio = studio

    def follow(self, desk: PublishingDesk) -> None:
        """Before it takes up its work: what happens then is told as well."""
        if self._unfollow is None:
            self._unfollow = desk.subscribe(self._on_news)
            self.news.count_soon()

    def on_event(self, event: GenerationEvent) -> None:
        """What happens to clips."""
        if event.kind is not EventKind.PROGRESS:
            self.delivering.on_event(event)

    def close(self) -> None:
        """The program ends."""
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None
        self.news.close()
        self.delivering.close()

    # what the window's menus and the tabs ask for

    def publish(self, chosen: list[Generation]) -> None:
        """Open the dialog that publishes these; of what is published it changes the caption."""
        if chosen and all(one.published_at is not None for one in chosen):
            self.edit_caption(chosen)
        else:
            self.asking.publish(chosen)

    def unpublish(self, chosen: list[Generation]) -> None:
        """Make drafts of these again."""
        self.asking.unpublish(chosen)

    def deliver(self, chosen: list[Generation]) -> None:
        """Ask where these go, published or not."""
        self.asking.deliver(chosen)

    def edit_caption(self, chosen: list[Generation]) -> None:
        """Caption, tags and cover of what is published already."""
        self.asking.edit(chosen)

    def show_deliveries(self, generation_id: int | None = None) -> None:
        """Open the list of deliveries: all, or those of one clip."""
        self.delivering.show(generation_id)

    def show_attention(self) -> None:
        """Open the list of the deliveries that somebody has to look at."""
        self.delivering.show_attention()

    def show_targets(self) -> None:
        """Open the targets."""
        self.targets.show()

    def show_rules(self) -> None:
        """Open what is delivered by itself."""
        self.rules.show()

    # news

    def _on_news(self, event: PublishingEvent) -> None:
        self.delivering.on_news(event)
        self.news.on_news(event)

    def _on_counted(self, counts: PublishingCounts) -> None:
        numbers = counts.need_attention, counts.open_deliveries
        if numbers != (self.attention, self.on_their_way):
            self.attention, self.on_their_way = numbers
            self.counts_changed.emit()

    def _need(self) -> Studio:
        if self._studio is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._studio

    def _desk(self) -> PublishingDesk:
        return self._need().publishing
