"""What the user is told: notices where something happened, and the system's own notifications.

Work that a click starts runs in `Telling.scope`; what the world refuses is told in the pane that the
click was made in, and what nobody expected in one calm notice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QWidget

from veo_studio.core.details import error_report
from veo_studio.core.errors import StudioError
from veo_studio.core.models import GIVEN_UP, Generation
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui import error_text
from veo_studio.ui.notices import Notice, NoticeBar
from veo_studio.ui.notifications import SystemNotifications
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.work_news import Ending, WorkNews

_log = logging.getLogger(__name__)

# what a notice offers, by `error_text.ACTION_IDS`; takes the generations that it is about
Act = Callable[[list[Generation]], object]


class Telling:
    """The notices of a window's panes, and the tasks that may end in one."""

    def __init__(
        self,
        window: QWidget,
        bars: Sequence[tuple[str, QWidget, NoticeBar]],
        scope: TaskScope | None = None,
    ) -> None:
        """`bars` are name, pane and notices, the pane that stands in for a hidden one first.

        Without a `scope` it has its own, whose errors it tells.
        """
        self._window = window
        self._bars = tuple(bars)
        # pages that have notices of their own while they are on the screen
        self._pages: list[tuple[QWidget, NoticeBar]] = []
        self._acts: dict[str, Act] = {}
        self._acts_on_generations: dict[str, Act] = {}
        # generations behind each notice about failures
        self._failed: dict[str, list[Generation]] = {}
        self.scope = scope or TaskScope(self.show_bug)
        self.notifications = SystemNotifications(window)
        self.news = WorkNews(window, self.scope, self.notifications)

    def offer(self, acts: Mapping[str, Act], on_generations: Mapping[str, Act]) -> None:
        """What the window can do beside a sentence; `on_generations` needs some to do it with."""
        self._acts.update(acts)
        self._acts_on_generations.update(on_generations)

    # work

    def run(self, work: Coroutine[Any, Any, Any], pane: str) -> None:
        """Do `work`; what the world refuses is told in `pane`, bugs go to the one place."""
        name = f"{pane}: {getattr(work, '__name__', '')}"
        task = self.scope.spawn(self._told(work, pane), name=name)
        if task is None:
            # the window is closing: nothing starts any more
            work.close()
        else:
            # one that is cancelled before its first step would leave `work` unstarted
            task.add_done_callback(lambda _task: work.close())

    async def _told(self, work: Coroutine[Any, Any, Any], pane: str) -> None:
        try:
            await work
        except (StudioError, ValueError, LookupError) as error:
            self.show_error(error, pane)

    # notices

    def add_page(self, page: QWidget, bar: NoticeBar) -> None:
        """While `page` is shown instead of the panes, everything is told there."""
        self._pages.append((page, bar))

    def notices_of(self, pane: str) -> NoticeBar:
        """The notices of a pane, or of the nearest one that is on the screen."""
        for page, bar in self._pages:
            if not page.isHidden():
                return bar
        for name, owner, bar in self._bars:
            if name == pane and not owner.isHidden():
                return bar
        for _name, owner, bar in self._bars:
            if not owner.isHidden():
                return bar
        return self._bars[0][2]

    def last_undo(self) -> Notice | None:
        """The newest offer to undo something that was done to clips, wherever it stands."""
        own = (bar for name, _owner, bar in self._bars if name != "form")
        bars = (*own, *(bar for _page, bar in self._pages))
        offers = [notice for bar in bars for notice in bar.notices if notice.is_way_back]
        return max(offers, key=lambda notice: notice.number, default=None)

    def undo(self) -> None:
        """What `last_undo` offers."""
        offer = self.last_undo()
        if offer is not None:
            offer.action_button.click()
        else:
            self.notices_of("history").show_notice(tr("Nothing to undo."), key="nothing to undo")

    def dismiss_everywhere(self, key: str) -> None:
        """Another page may be shown than when it was told."""
        for bar in (*(bar for _name, _owner, bar in self._bars), *(bar for _, bar in self._pages)):
            bar.dismiss(key)

    def say_copied(self, words: str) -> None:
        bar = self.notices_of("history")
        bar.dismiss("copied")
        bar.show_notice(words, level="ok", key="copied", timeout_ms=2500)

    def show_error(self, error: Exception, pane: str) -> None:
        """What the world refused, in a sentence with its next step."""
        if not isinstance(error, StudioError):
            words = error_text.quoted(str(error))
            self.notices_of(pane).show_notice(words, level="warn", key=words)
            return
        _log.warning("%s: %s", type(error).__name__, error.message)
        text = error_text.describe(error)
        self.notices_of(pane).show_notice(
            text.whole, level="bad", key=text.happened, **self._offer(text, [], error)
        )

    def show_bug(self, error: BaseException) -> None:
        """The one place for what nobody expected: a line in the log and one calm notice."""
        if isinstance(error, StudioError):
            self.show_error(error, "queue")
            return
        _log.error("unexpected error", exc_info=error)
        details = error_report(error)
        self.notices_of("queue").show_notice(
            tr("Something unexpected went wrong. Your clips are safe; the log has the details."),
            level="bad",
            key="bug",
            action_text=tr("Copy details"),
            on_action=lambda: QGuiApplication.clipboard().setText(details),
        )

    def show_failed(self, generation: Generation) -> None:
        """One notice per reason, however many fail for it; what the user gave up is no news."""
        if generation.state_cause == GIVEN_UP:
            self.news.settled(generation)
            return
        text = error_text.describe_generation(generation)
        bar = self.notices_of("queue")
        key = f"failed:{text.happened}"
        same = self._failed.setdefault(key, [])
        if bar.notice(key) is None:
            same.clear()
        same.append(generation)
        bar.show_notice(
            text.whole,
            level="bad",
            key=key,
            repeated_text=_repeated(same) + " " + _literal(text.whole),
            **self._offer(text, same),
        )
        self.news.ended(generation, Ending.FAILED)

    def show_resumed(self, count: int) -> None:
        """Say once that unfinished work goes on."""
        if count:
            self.notices_of("queue").show_notice(
                tr_n(
                    "{n} clip is going on where it stopped.",
                    "{n} clips are going on where they stopped.",
                    count,
                ),
                key="resumed",
            )

    def notify_ready(self, generation: Generation) -> None:
        """By the system, where the window is not in front."""
        self.news.ended(generation, Ending.READY)

    def notify_needs_user(self, generation: Generation) -> None:
        self.news.ended(generation, Ending.NEEDS_USER)

    def _offer(
        self,
        text: error_text.ErrorText,
        generations: list[Generation],
        error: StudioError | None = None,
    ) -> dict[str, Any]:
        """The action beside a sentence, where the window has one."""
        if text.action_text is None or text.action_id is None:
            return {}
        if text.action_id == error_text.COPY_DETAILS and error is not None:
            details = error_report(error)
            return {
                "action_text": text.action_text,
                "on_action": lambda: QGuiApplication.clipboard().setText(details),
            }
        act = self._acts.get(text.action_id)
        if act is None and generations:
            act = self._acts_on_generations.get(text.action_id)
        if act is None:
            return {}
        return {"action_text": text.action_text, "on_action": lambda: act(generations)}


def _repeated(generations: Sequence[Generation]) -> str:
    """For a notice that counts; a template."""
    kinds = {generation.kind for generation in generations}
    if len(kinds) > 1:
        return "{n} generations failed for the same reason."
    if generations[0].is_picture:
        return "{n} pictures failed for the same reason."
    return "{n} clips failed for the same reason."


def _literal(words: str) -> str:
    """`words` for a template: braces in a provider's sentence are no places to fill."""
    return words.replace("{", "{{").replace("}", "}}")
