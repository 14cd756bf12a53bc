"""What the user is told of deliveries and plans while they do something else, and how many need them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    PublishingEvent,
    PublishingEventKind,
    Schedule,
    ScheduleState,
)
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.publish_when import moment_words
from veo_studio.ui.view_models.publish_words import plain_line

if TYPE_CHECKING:
    from veo_studio.core.publishing.desk import PublishingDesk
    from veo_studio.core.publishing.models import PublishingCounts

PANE = "history"
_COUNT_MS = 150


class PublishNews(QObject):
    """One notice for one thing, however many deliveries it is true of.

    Signals:
        counted(PublishingCounts): other numbers.
        deliveries_requested(), attention_requested(), planned_requested(): the user wants to see them.
    """

    counted = pyqtSignal(object)
    deliveries_requested = pyqtSignal()
    attention_requested = pyqtSignal()
    planned_requested = pyqtSignal()

    def __init__(
        self, telling: Telling, desk: Callable[[], PublishingDesk], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._telling = telling
        self._desk = desk
        self.counts: PublishingCounts | None = None
        # which deliveries were told of, as what, and how it stood when
        self._told: dict[int, tuple[DeliveryState, datetime]] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_COUNT_MS)
        self._timer.timeout.connect(self._on_time)

    def close(self) -> None:
        self._timer.stop()

    def count_soon(self) -> None:
        """Something happened that changes numbers."""
        if not self._timer.isActive():
            self._timer.start()

    def on_news(self, event: PublishingEvent) -> None:
        if event.kind is PublishingEventKind.PROGRESS:
            return
        self.count_soon()
        if event.delivery is not None:
            self._tell_delivery(event.delivery)
        if event.schedule is not None:
            self._tell_schedule(event.schedule)

    def _on_time(self) -> None:
        self._telling.run(self._count(), PANE)

    async def _count(self) -> None:
        counts = await self._desk().counts()
        if counts != self.counts:
            self.counts = counts
            self.counted.emit(counts)

    # deliveries

    def _tell_delivery(self, delivery: Delivery) -> None:
        told = self._told.get(delivery.id)
        state = delivery.state
        if state.is_open:
            # what was read before it ended may be heard after that
            if told is not None and delivery.updated_at > told[1]:
                del self._told[delivery.id]
            return
        was = None if told is None else told[0]
        if was is state:
            return
        self._told[delivery.id] = state, delivery.updated_at
        name = plain_line(delivery.target_name)
        if state is DeliveryState.DELIVERED and was is None and delivery.removed_at is None:
            self._notice(
                tr("Delivered to {name}.", name=name),
                "{n} deliveries have arrived.",
                "ok",
                "delivered",
            )
        elif state is DeliveryState.FAILED:
            reason = " ".join(
                filter(None, (plain_line(delivery.reason), plain_line(delivery.action or "")))
            )
            words = tr("Not delivered to {name}. {reason}", name=name, reason=reason).strip()
            many = tr("{shown} deliveries failed.", shown="{n}")
            self._notice(words, many, "bad", f"failed delivery:{delivery.reason}", lasts=True)
        elif state is DeliveryState.MAYBE_SENT:
            words = tr("It is not known whether {name} has the clip. Look there.", name=name)
            many = tr("It is not known of {shown} deliveries whether they arrived.", shown="{n}")
            self._notice(words, many, "warn", "maybe sent", lasts=True)

    def _notice(self, words: str, many: str, level: str, key: str, *, lasts: bool = False) -> None:
        signal = self.attention_requested if lasts else self.deliveries_requested
        bar = self._telling.notices_of(PANE)
        bar.show_notice(
            words,
            level=level,  # type: ignore[arg-type]
            key=key,
            repeated_text=many,
            action_text=tr("Show deliveries"),
            on_action=signal.emit,
            timeout_ms=0 if lasts else 8000,
        )

    # plans

    def _tell_schedule(self, schedule: Schedule) -> None:
        if schedule.state is ScheduleState.DONE and schedule.was_missed:
            self._telling.notices_of(PANE).show_notice(
                tr(
                    "A clip was to be published {when}, while the program was closed: it is now.",
                    when=moment_words(schedule.due_at),
                ),
                key="missed",
                repeated_text="{n} clips that were planned while the program was closed are "
                "published now.",
                action_text=tr("Show"),
                on_action=self.planned_requested.emit,
                timeout_ms=0,
            )
        elif schedule.state is ScheduleState.FAILED:
            self._telling.notices_of(PANE).show_notice(
                tr(
                    "A planned clip could not be published. {reason}",
                    reason=plain_line(schedule.reason),
                ),
                level="bad",
                key=f"plan failed:{schedule.reason}",
                repeated_text=tr_n(
                    "{shown}", "{shown} planned clips could not be published.", 2, shown="{n}"
                ),
                action_text=tr("Show"),
                on_action=self.planned_requested.emit,
                timeout_ms=0,
            )
        elif schedule.state is ScheduleState.DONE:
            self._telling.notices_of(PANE).show_notice(
                tr("A clip was published as planned."),
                level="ok",
                key="planned done",
                repeated_text="{n} clips were published as planned.",
            )
