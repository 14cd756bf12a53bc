"""From a photo to a clip with one click: better words first, then what Generate does.

A proposal that fails generates nothing; so does one that arrives after the form has become another one,
or that would make something else of the click: it was for the price and the picture on the screen then.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from veo_studio.core.errors import StudioError
from veo_studio.core.models import InputRole, Task, VideoConfig
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormState
from veo_studio.ui.view_models.form_price import BatchPrice, is_free, one_price_words
from veo_studio.ui.views.animate_bar import AnimateBar
from veo_studio.ui.views.form import FormView

if TYPE_CHECKING:
    from veo_studio.core.enhance import EnhancerKind, Enhancers, Proposal
    from veo_studio.ui.enhancing import Enhancing

_KEY = "animate"


@dataclass(frozen=True)
class _Terms:
    """What the button's price is for: so many clips, made like this."""

    clips: int
    config: VideoConfig
    price: BatchPrice | None

    @classmethod
    def of(cls, model: FormModel) -> _Terms:
        # whose words they are changes nothing of the clip
        config = replace(model.click_config(), original_prompt="")
        return cls(model.clips, config, model.batch_price())


@dataclass(frozen=True)
class _Agreed:
    """What was on the screen at the click."""

    state: FormState
    prompts: tuple[str, ...]
    is_editing: bool
    terms: _Terms

    @classmethod
    def of(cls, model: FormModel) -> _Agreed:
        return cls(model.state(), tuple(model.prompts()), model.is_editing, _Terms.of(model))


class Animating(QObject):
    """One per window, beside `Enhancing`."""

    def __init__(
        self, enhancing: Enhancing, telling: Telling, *, form: FormView, model: FormModel
    ) -> None:
        super().__init__(enhancing)
        self._enhancing = enhancing
        self._telling = telling
        self._model = model
        self._enhancers: Enhancers | None = None
        self._task: asyncio.Task[None] | None = None
        self.bar = AnimateBar()
        form.under_inputs.addWidget(self.bar)
        for button in (self.bar.animate, self.bar.stop):
            form.add_to_tab_order(button, before=form.prompt)
        self.bar.animate_requested.connect(self.animate)
        self.bar.stop_requested.connect(self.stop)
        model.changed.connect(self.show_state)
        self.show_state()

    def open(self, enhancers: Enhancers) -> None:
        """The core is there."""
        self._enhancers = enhancers
        self.show_state()

    @property
    def is_busy(self) -> bool:
        return self._task is not None

    @property
    def _has_photo(self) -> bool:
        model = self._model
        is_clip = model.task is Task.CREATE and not model.model.makes_pictures
        return is_clip and any(one.role is InputRole.FIRST_FRAME for one in model.inputs)

    # what the user does

    def animate(self) -> None:
        """Ask whom the settings say, then generate."""
        self._begin(None)

    def stop(self) -> None:
        """Take the question back; nothing was generated."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self.show_state()

    def _begin(self, kind: EnhancerKind | None) -> None:
        if self._enhancers is None or self._task is not None or not self._can_begin:
            return
        self._telling.notices_of("form").dismiss(_KEY)
        kind = self._enhancers.chosen if kind is None else kind
        # what was on the screen at the click is what is agreed to
        work = self._run(self._enhancers, kind, _Agreed.of(self._model))
        self._task = self._telling.scope.spawn(work, name="enhance: photo")
        self.show_state()

    @property
    def _can_begin(self) -> bool:
        return self._has_photo and self._model.can_take_words and not self._model.is_editing

    async def _run(self, enhancers: Enhancers, kind: EnhancerKind, agreed: _Agreed) -> None:
        model = self._model
        try:
            proposal = await self._proposal(enhancers, kind)
        except (StudioError, ValueError) as error:
            self._refuse(enhancers, kind, error)
            return
        finally:
            # a cancelled one may have been followed by another already
            if self._task is asyncio.current_task():
                self._task = None
            self.show_state()
        if _Agreed.of(model) != agreed:
            self._tell(
                tr("The form was changed meanwhile: nothing was generated. Check it and try again.")
            )
            return
        self._enhancing.put(proposal.prompt)
        if proposal.note:
            self._telling.notices_of("form").show_notice(proposal.note, key=_KEY)
        self._telling.run(self._generate(agreed.terms), "form")

    async def _generate(self, agreed: _Terms) -> None:
        model = self._model
        if (blocked := model.blocked()) is not None:
            self._tell(tr("Nothing was generated. {reason}", reason=blocked.reason))
        elif _Terms.of(model) != agreed:
            self._tell(
                tr(
                    "With these words a click makes something else: nothing was generated. "
                    "Look at them and at the price, then generate."
                )
            )
        else:
            # nothing is awaited between the look and the requests
            await model.submit()

    async def _proposal(self, enhancers: Enhancers, kind: EnhancerKind) -> Proposal:
        from veo_studio.ui.view_models.enhance_model import asked

        return await asked(enhancers, self._enhancing.wish(), kind)

    def _refuse(
        self, enhancers: Enhancers, kind: EnhancerKind, error: StudioError | ValueError
    ) -> None:
        from veo_studio.core.enhance import EnhancerKind
        from veo_studio.ui.view_models.enhance_words import problem_of

        problem = problem_of(error, enhancers.choice(kind).name)
        words = tr("Nothing was generated. {problem}", problem=problem.words)
        if kind is EnhancerKind.RULES:
            self._tell(words)
            return
        self._tell(words, tr("Use the built-in rules"), EnhancerKind.RULES)

    def _tell(
        self, words: str, action: str | None = None, kind: EnhancerKind | None = None
    ) -> None:
        bar = self._telling.notices_of("form")
        bar.dismiss(_KEY)
        bar.show_notice(
            words,
            level="warn",
            key=_KEY,
            action_text=action,
            on_action=None if action is None else lambda: self._begin(kind),
        )

    # showing

    def show_state(self) -> None:
        self.bar.setVisible(self._has_photo or self.is_busy)
        if self.bar.isHidden():
            return
        price = self._model.batch_price()
        words = ""
        if self._enhancers is not None:
            words = self._where_words(self._enhancers)
        self.bar.show_state(
            "" if price is None or is_free(price) else one_price_words(price),
            words,
            is_busy=self.is_busy,
            can_begin=self._enhancers is not None and self._can_begin,
        )

    def _where_words(self, enhancers: Enhancers) -> str:
        from veo_studio.ui.view_models.enhance_words import where_words

        choice = enhancers.choice(enhancers.chosen)
        if self.is_busy:
            return tr("{name} is being asked…", name=choice.name)
        return where_words(choice, has_photo=True) if choice.place else ""
