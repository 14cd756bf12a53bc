"""A clip once more: again, similar, at full quality, or another try of one that failed.

From the history, the player and a notification, and never through the form. What costs shows its price
in the very control that is clicked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QDialog, QWidget

from veo_studio.core.again import again
from veo_studio.core.drafting import final_of
from veo_studio.core.errors import StudioError
from veo_studio.core.models import Generation, GenerationRequest
from veo_studio.ui import error_text
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_price import BatchPrice, PriceEstimateLike, price_words
from veo_studio.ui.view_models.library_commands import LibraryCommands
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.similar import SimilarDialog

_PAUSE_MS = 1000
_MOST_WORDS = 60
_OFFERED_MS = 60_000


class OnceMore(QObject):
    """One per window; `open` gives it the core.

    Signals:
        pause_ended(): the moment after a click is over, and the next one buys again.
    """

    pause_ended = pyqtSignal()

    def __init__(
        self, window: QWidget, telling: Telling, *, player: PlayerView, history: HistoryView
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._library: LibraryCommands | None = None
        # one click is one purchase: for a moment after it nothing more is bought with the same button
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._on_pause_over)
        self._player = player
        self._history = history
        history.requests.price_of = player.caption.price_of = self.price_of
        history.again_requested.connect(self.again)
        history.variation_requested.connect(self.similar)
        history.final_requested.connect(self.make_final)
        history.retry_requested.connect(lambda generation: self.retry([generation]))
        # an offer to spend does not outlive its moment
        self._offers: set[str] = set()
        for signal in (
            history.selection_changed,
            history.play_requested,
            history.again_requested,
            history.similar_requested,
            history.variation_requested,
            history.final_requested,
            history.work_requested,
            history.picture_requested,
            history.delete_requested,
        ):
            signal.connect(self._withdraw)
        player.caption.again.clicked.connect(lambda: self._on_shown(self.again))
        player.caption.similar.clicked.connect(lambda: self._on_shown(self.similar))
        player.caption.final.clicked.connect(lambda: self._on_shown(self.make_final))
        telling.offer({}, {error_text.TRY_AGAIN: self.retry, error_text.COLLECT: self.retry})

    def open(self, library: LibraryCommands) -> None:
        """The core is there."""
        self._library = library

    def _need(self) -> LibraryCommands:
        if self._library is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._library

    def price_of(self, request: GenerationRequest) -> str:
        """In words; "" where it is free or nobody knows yet."""
        return "" if self._library is None else self._library.price_words(request)

    # commands

    def again(self, generation: Generation) -> None:
        """The very same in one click; its price stood in what was clicked."""
        self._buy([again(generation)])

    def make_final(self, draft: Generation) -> None:
        """The draft's clip at the quality that was meant."""
        self._buy([final_of(draft)])

    def _buy(self, requests: Sequence[GenerationRequest]) -> None:
        if self._pause.isActive():
            return
        self._offer_again(False)
        self._pause.start()
        self._telling.run(self._generate(requests), "history")

    def _on_pause_over(self) -> None:
        self._offer_again(True)
        self.pause_ended.emit()

    def _offer_again(self, is_offered: bool) -> None:
        for button in (self._player.caption.again, self._player.caption.final):
            button.setEnabled(is_offered)

    def similar(self, generation: Generation) -> None:
        """Ask what should differ, then make it."""
        self._telling.run(self._similar(generation), "history")

    def retry(self, generations: Sequence[Generation]) -> None:
        """What can be had for nothing comes first; the rest is asked about with its price."""
        self._telling.run(self._retry(list(generations)), "queue")

    def offer(self, generation: Generation) -> None:
        """Where a notification about a finished one was opened: once more, with its price."""
        if not generation.has_file:
            return
        price = self.price_of(again(generation))
        words = tr("Generate again")
        self._telling.notices_of("history").show_notice(
            tr("This one is ready."),
            level="ok",
            key="ready",
            action_text=tr("{words} · {price}", words=words, price=price) if price else words,
            on_action=lambda: self.again(generation),
            timeout_ms=20_000,
        )

    def _on_shown(self, do_it) -> None:  # type: ignore[no-untyped-def]
        if (shown := self._player.generation) is not None:
            do_it(shown)

    async def _generate(self, requests: Sequence[GenerationRequest]) -> None:
        await self._need().generate(requests)

    async def _similar(self, generation: Generation) -> None:
        library = self._need()
        dialog = SimilarDialog(generation, library.price_of, self._window)
        if await run_dialog(dialog) == QDialog.DialogCode.Accepted:
            await library.generate(dialog.requests())

    async def _retry(self, chosen: list[Generation]) -> None:
        library = self._need()
        left: list[Generation] = []
        for generation in chosen:
            try:
                if not await library.retry(generation):
                    left.append(generation)
            except StudioError as error:
                # nobody knows what became of this one, so it is not paid again; the others go on
                self._telling.show_error(error, "queue")
        if not left:
            return
        requests = await self._tries(library, left)
        if not requests:
            return
        priced = [words for request in requests if (words := library.price_words(request))]
        if not priced:
            await library.generate(requests)
            return
        words = " ".join(requests[0].prompt.split())[:_MOST_WORDS]
        # one offer for each: another one does not take its place
        key = "price:" + ",".join(str(one.id) for one in left)
        self._offers.add(key)
        self._telling.notices_of("history").show_notice(
            tr(
                "Generating \u201c{prompt}\u201d again costs {price}.",
                prompt=words,
                price=priced[0],
            )
            if len(requests) == 1
            else _together(requests, library.price_of),
            key=key,
            action_text=tr("Generate again"),
            on_action=lambda: self._buy(requests),
            timeout_ms=_OFFERED_MS,
        )

    async def _tries(
        self, library: LibraryCommands, failed: list[Generation]
    ) -> list[GenerationRequest]:
        """One new try of each, without those that have one: says so instead."""
        requests: list[GenerationRequest] = []
        for generation in failed:
            found = await library.another_try(generation)
            if isinstance(found, GenerationRequest):
                requests.append(found)
            elif found.has_file:
                self._say(tr("It was tried again already, and that one is ready."))
            else:
                self._say(tr("It is being tried again already."))
        return requests

    def _say(self, words: str) -> None:
        self._telling.notices_of("history").show_notice(words, key=words)

    def _withdraw(self, *_what: object) -> None:
        """Something else is done in the history."""
        for key in self._offers:
            for pane in ("history", "queue", "form"):
                self._telling.notices_of(pane).dismiss(key)
        self._offers.clear()


def _together(
    requests: Sequence[GenerationRequest],
    price_of: Callable[[GenerationRequest, int], PriceEstimateLike | None],
) -> str:
    """What all of them cost by the prices of today; one that is not known makes the sum unknown."""
    prices = [price for request in requests if (price := price_of(request, 1)) is not None]
    costs = [price.cost_usd for price in prices if price.cost_usd is not None]
    is_known = len(costs) == len(requests)
    total = BatchPrice(
        len(requests),
        sum(price.tokens for price in prices),
        sum(costs, Decimal(0)) if is_known else None,
    )
    return tr(
        "Generating these {n} again costs {price}.", n=len(requests), price=price_words(total)
    )
