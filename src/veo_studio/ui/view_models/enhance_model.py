"""Better words for one prompt: who is asked, what came back, and what the user makes of it.

No widgets here. Nothing leaves the computer before `ask`; a proposal changes nothing by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.enhance import Ask, EnhancerChoice, EnhancerKind, Proposal
from veo_studio.core.errors import StudioError
from veo_studio.core.word_diff import Piece, diff
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.enhance_words import Problem, WayOut, problem_of, where_words
from veo_studio.ui.view_models.form_requests import problem_of as prompt_problem_of

if TYPE_CHECKING:
    from veo_studio.core.providers.chat import Picture

# runs a task in the owner's scope: spawn(coroutine, name=...)
Spawn = Callable[..., Any]
ReadPicture = Callable[[], Awaitable["Picture"]]


class EnhancersLike(Protocol):
    """What is asked of `core.enhance.Enhancers`."""

    @property
    def chosen(self) -> EnhancerKind: ...
    def available(self) -> list[EnhancerChoice]: ...
    async def propose(self, ask: Ask, kind: EnhancerKind | None = None) -> Proposal: ...


class Stage(Enum):
    """How far it is."""

    QUIET = "quiet"
    ASKING = "asking"
    PROPOSED = "proposed"
    FAILED = "failed"


@dataclass(frozen=True)
class Wish:
    """What is asked for; `picture` reads the photo, small."""

    ask: Ask
    picture: ReadPicture | None = None


async def asked(enhancers: EnhancersLike, wish: Wish, kind: EnhancerKind) -> Proposal:
    """Propose, with the photo beside the words. Raises what `propose` raises, ValueError for the photo."""
    ask = wish.ask
    if wish.picture is not None:
        ask = replace(ask, picture=await wish.picture())
    return await enhancers.propose(ask, kind)


class EnhanceModel(QObject):
    """Made for one opening of the panel.

    Signals:
        changed(): anything that is shown.
        proposed(): an answer came; `text` is other words now.
    """

    changed = pyqtSignal()
    proposed = pyqtSignal()

    def __init__(
        self,
        enhancers: EnhancersLike,
        wish: Wish,
        spawn: Spawn,
        parent: QObject | None = None,
        *,
        kind: EnhancerKind | None = None,
    ) -> None:
        """`kind` asks somebody else than the settings say."""
        super().__init__(parent)
        self._enhancers = enhancers
        self.wish = wish
        self._spawn = spawn
        self._task: asyncio.Task[None] | None = None
        self.kind = enhancers.chosen if kind is None else kind
        self.stage = Stage.QUIET
        self.asked: EnhancerKind | None = None
        self.text = self.original
        self.note = ""
        self.problem: Problem | None = None

    # what is shown

    @property
    def original(self) -> str:
        return self.wish.ask.prompt

    def choices(self) -> list[EnhancerChoice]:
        return self._enhancers.available()

    def choice(self, kind: EnhancerKind | None = None) -> EnhancerChoice:
        kind = self.kind if kind is None else kind
        return next(one for one in self.choices() if one.kind is kind)

    @property
    def is_asking(self) -> bool:
        return self.stage is Stage.ASKING

    def pieces(self) -> list[Piece]:
        return diff(self.original.strip(), self.text.strip())

    @property
    def characters(self) -> int:
        return len(self.text.strip())

    @property
    def most_characters(self) -> int:
        return self.wish.ask.longest

    @property
    def is_too_long(self) -> bool:
        return self.characters > self.most_characters

    @property
    def can_use(self) -> bool:
        """True where there are other words than the user's own, and a clip can be made of them."""
        is_other = self.text.strip() != self.original.strip()
        is_good = not self.is_too_long and not prompt_problem_of(self.text)
        return is_other and is_good and not self.is_asking

    def where_words(self) -> str:
        """What leaves the computer for whom, before it does."""
        return where_words(self.choice(), has_photo=self.wish.picture is not None)

    def standing_words(self) -> str:
        """What happens or happened, in one line."""
        if self.stage is Stage.ASKING:
            return tr("{name} is being asked…", name=self.choice(self.asked).name)
        if self.stage is Stage.PROPOSED:
            return tr("Proposed by {name}.", name=self.choice(self.asked).name)
        return ""

    def ask_words(self) -> str:
        """The words on the button that asks."""
        if self.asked in (None, self.kind):
            return tr("&Try again") if self.asked else self._ask_name()
        return self._ask_name()

    def _ask_name(self) -> str:
        return tr("&Ask {name}", name=self.choice().name.replace("&", "&&"))

    @property
    def offers_rules(self) -> bool:
        """True where the built-in rules are a way on."""
        return self.problem is not None and self.asked is not EnhancerKind.RULES

    @property
    def offers_settings(self) -> bool:
        return self.problem is not None and self.problem.way_out is WayOut.SETTINGS

    # what the user does

    def choose(self, kind: EnhancerKind) -> None:
        """Whom the next `ask` goes to; a locked one is left alone."""
        if not self.is_asking:
            self.choose_next(kind)

    def choose_next(self, kind: EnhancerKind) -> None:
        """As `choose`, also while somebody else is being asked."""
        if kind is not self.kind and self.choice(kind).is_ready:
            self.kind = kind
            self.changed.emit()

    def set_text(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.changed.emit()

    def ask(self) -> None:
        """Ask for a proposal; while one is asked for, nothing."""
        if self._task is not None:
            return
        self.stage, self.asked = Stage.ASKING, self.kind
        self.note, self.problem = "", None
        work: Coroutine[Any, Any, None] = self._ask(self.kind)
        self._task = self._spawn(work, name="enhance: asking")
        self.changed.emit()

    def ask_rules(self) -> None:
        self.choose(EnhancerKind.RULES)
        self.ask()

    def stop(self) -> None:
        """Take the question back; what was proposed before stays."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self._show(Stage.QUIET)

    async def _ask(self, kind: EnhancerKind) -> None:
        try:
            proposal = await asked(self._enhancers, self.wish, kind)
        except (StudioError, ValueError) as error:
            self._task = None
            self.problem = problem_of(error, self.choice(kind).name)
            self._show(Stage.FAILED)
            return
        except BaseException:
            if self._task is asyncio.current_task():
                # a fault of ours is told elsewhere; the panel is not busy for ever
                self._task = None
                self._show(Stage.QUIET)
            raise
        self._task = None
        self.text, self.note = proposal.prompt, proposal.note
        self.proposed.emit()
        self._show(Stage.PROPOSED)

    def _show(self, stage: Stage) -> None:
        self.stage = stage
        self.changed.emit()
