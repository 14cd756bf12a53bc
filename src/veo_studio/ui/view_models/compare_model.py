"""Two to four takes that are compared: which one is chosen, what is kept, and what that costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Charge, Generation
from veo_studio.core.word_diff import Piece, diff
from veo_studio.ui.text import ago, money_words, seconds_words, tr, tr_n

FEWEST, MOST = 2, 4
_BRIDGE_WORDS = 2


class Marks(Protocol):
    """What is asked of the library; both give the generations back as they are now."""

    async def set_favourite(self, ids: Sequence[int], is_favourite: bool) -> list[Generation]: ...
    async def set_rejected(self, ids: Sequence[int], is_rejected: bool) -> list[Generation]: ...


@dataclass(frozen=True)
class _Before:
    """How one was marked before the last change."""

    generation_id: int
    is_favourite: bool
    is_rejected: bool


class CompareModel(QObject):
    """A comparison; marks are stored at once, through `Marks`.

    Signals:
        changed(): marks, or what is known of one, are other ones.
        chosen_changed(): another one is chosen, which is the one that is heard.
        removed(int): the one at this place is not compared any more.
    """

    changed = pyqtSignal()
    chosen_changed = pyqtSignal()
    removed = pyqtSignal(int)

    def __init__(
        self,
        generations: Sequence[Generation],
        marks: Marks,
        emit: Callable[[GenerationEvent], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.generations = list(generations)
        self.chosen = 0
        self._marks = marks
        self._emit = emit
        self._undo: list[_Before] = []
        # one after the other: each looks at how it is marked now
        self._marking = asyncio.Lock()

    @property
    def current(self) -> Generation:
        return self.generations[self.chosen]

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def kept(self) -> list[Generation]:
        return [one for one in self.generations if one.favourite]

    def choose(self, place: int) -> None:
        """Its sound is heard, marks are its own; nothing where there is none."""
        if 0 <= place < len(self.generations) and place != self.chosen:
            self.chosen = place
            self.chosen_changed.emit()

    # marks

    async def keep(self, place: int) -> None:
        """A favourite; one that is kept already is no longer. Raises StorageError."""
        generation_id = self.generations[place].id
        async with self._marking:
            if (one := self._find(generation_id)) is not None:
                await self._mark(one, is_favourite=not one.favourite, is_rejected=False)

    async def reject(self, place: int) -> None:
        """Rejected, and so no favourite; or not rejected any more. Raises StorageError."""
        generation_id = self.generations[place].id
        async with self._marking:
            if (one := self._find(generation_id)) is not None:
                is_kept = one.favourite and one.rejected
                await self._mark(one, is_favourite=is_kept, is_rejected=not one.rejected)

    async def undo(self) -> None:
        """Take the last mark back. Raises StorageError."""
        async with self._marking:
            if self._undo:
                before = self._undo.pop()
                await self._set(before.generation_id, before.is_favourite, before.is_rejected)

    async def _mark(self, one: Generation, *, is_favourite: bool, is_rejected: bool) -> None:
        self._undo.append(_Before(one.id, one.favourite, one.rejected))
        await self._set(one.id, is_favourite, is_rejected)

    async def _set(self, generation_id: int, is_favourite: bool, is_rejected: bool) -> None:
        # each takes the other away, so what is wanted comes last
        if is_favourite:
            changed = await self._marks.set_favourite([generation_id], True)
        elif is_rejected:
            changed = await self._marks.set_rejected([generation_id], True)
        else:
            await self._marks.set_favourite([generation_id], False)
            changed = await self._marks.set_rejected([generation_id], False)
        for generation in changed:
            self._emit(GenerationEvent(EventKind.UPDATED, generation))

    # what happens elsewhere

    def on_event(self, event: GenerationEvent) -> None:
        place = self._place_of(event.generation.id)
        if place is None:
            return
        if event.kind is EventKind.REMOVED:
            self.remove(event.generation.id)
        elif self.generations[place] != event.generation:
            self.generations[place] = event.generation
            self.changed.emit()

    def remove(self, generation_id: int) -> None:
        """It goes from the disk, or is not wanted here any more."""
        place = self._place_of(generation_id)
        if place is None:
            return
        del self.generations[place]
        self._undo = [one for one in self._undo if one.generation_id != generation_id]
        if self.chosen > place or self.chosen >= len(self.generations):
            self.chosen = max(0, self.chosen - 1)
        self.removed.emit(place)
        self.changed.emit()

    def _find(self, generation_id: int) -> Generation | None:
        place = self._place_of(generation_id)
        return None if place is None else self.generations[place]

    def _place_of(self, generation_id: int) -> int | None:
        ids = [one.id for one in self.generations]
        return ids.index(generation_id) if generation_id in ids else None

    # in words

    def difference(self, place: int) -> str:
        """What only this prompt says, against the first one; the first against the second."""
        if len(self.generations) < FEWEST:
            return ""
        own = self.generations[place].prompt
        other = self.generations[1 if place == 0 else 0].prompt
        if own.split() == other.split():
            return self._same_words(place)
        # a word counts with the space after it: the last one has to have one, too
        told = diff(f"{other.strip()} ", f"{own.strip()} ")
        return _own_words([piece for piece in told if piece.kind != "removed"]) or tr(
            "Without what the others say"
        )

    def _same_words(self, place: int) -> str:
        prompts = {tuple(one.prompt.split()) for one in self.generations}
        if len(prompts) == 1:
            return tr("Same prompt")
        return tr("Prompt as in {n}", n=1 if place else 2)

    def facts(self, place: int, model_name: str) -> str:
        """Model, seed, price and time in one line."""
        one = self.generations[place]
        seed = one.config.seed
        parts = [
            model_name,
            tr("seed {n}", n=seed) if seed is not None else tr("no seed"),
            price_of(one),
        ]
        if one.submitted_at is not None and one.finished_at is not None:
            took_s = (one.finished_at - one.submitted_at).total_seconds()
            parts.append(tr("made in {time}", time=seconds_words(took_s)))
        parts.append(ago(one.created_at))
        return " \u00b7 ".join(parts)

    def cost_words(self) -> str:
        """What all of them cost, and what that makes for each one that is kept."""
        count, kept = len(self.generations), len(self.kept)
        total = sum((_cost(one) for one in self.generations), Decimal(0))
        tokens = sum(one.tokens for one in self.generations if not _is_free(one))
        if not total and not tokens:
            return tr_n("{n} take, free.", "{n} takes, free.", count)
        sum_words = _amount(total, tokens)
        cost = tr_n("{n} take cost {sum}.", "{n} takes cost {sum}.", count, sum=sum_words)
        if not kept:
            return tr("{cost} Keep one to see the cost per kept clip.", cost=cost)
        each = _amount(total / kept, tokens / kept)
        told = tr_n("{n} is kept", "{n} are kept", kept)
        return tr("{cost} {told}: {each} per kept clip.", cost=cost, told=told, each=each)


def _own_words(pieces: Sequence[Piece]) -> str:
    """Only what is added, with the few words between that make it readable."""
    own = [place for place, piece in enumerate(pieces) if piece.kind == "added"]
    words = ""
    for place in range(own[0], own[-1] + 1) if own else ():
        piece = pieces[place]
        is_bridge = len(piece.text.split()) <= _BRIDGE_WORDS
        words += piece.text if piece.kind == "added" or is_bridge else "\u2026 "
    return words.strip(" ,.;")


def price_of(generation: Generation) -> str:
    """What it cost, short."""
    if _is_free(generation):
        return tr("free")
    return _amount(_cost(generation), generation.tokens)


def _is_free(generation: Generation) -> bool:
    return generation.charge is Charge.NOT_CHARGED or not (
        generation.is_priced or generation.cost_usd
    )


def _cost(generation: Generation) -> Decimal:
    """What the provider told, else by the price list."""
    if generation.charge is Charge.NOT_CHARGED:
        return Decimal(0)
    told = generation.cost_usd
    return told if told is not None else generation.price_usd or Decimal(0)


def _amount(money: Decimal, tokens: float) -> str:
    if money:
        return money_words(money)
    return tr_n("{shown} token", "{shown} tokens", round(tokens), shown=f"{tokens:g}")
