"""Work on many clips, told while it goes on, with a stop."""

from __future__ import annotations

import time

from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr

# fewer than this are done before anybody has read how many
_TOLD_FROM = 50
_TOLD_EVERY_S = 0.2


class LongWork:
    """A notice that counts to `total`; nothing for few clips."""

    def __init__(self, telling: Telling, pane: str, words: str, total: int) -> None:
        """`words` has the places {n} and {total}."""
        self._telling = telling
        self._pane = pane
        self._words = words
        self._total = total
        self._key = f"work:{id(self)}"
        self._told_at = time.monotonic()
        self._is_stopped = False

    def step(self, done: int) -> bool:
        """So many are done; False where the user has had enough."""
        now = time.monotonic()
        is_first = done == 0
        if self._total > _TOLD_FROM and (is_first or now - self._told_at >= _TOLD_EVERY_S):
            self._told_at = now
            self._tell(done)
        return not self._is_stopped

    def _tell(self, done: int) -> None:
        bar = self._telling.notices_of(self._pane)
        words = tr(self._words, n=done, total=self._total)
        shown = bar.notice(self._key)
        if shown is not None:
            shown.put(words, "info", tr("Stop"), self._stop, 0)
        else:
            bar.show_notice(
                words,
                key=self._key,
                action_text=tr("Stop"),
                on_action=self._stop,
                timeout_ms=0,
            )

    def _stop(self) -> None:
        self._is_stopped = True

    def end(self) -> None:
        """It is over, however it ended."""
        self._telling.dismiss_everywhere(self._key)
