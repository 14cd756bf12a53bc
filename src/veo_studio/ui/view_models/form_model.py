"""What the form holds, what it allows, and what one click would cost.

No widgets here: the view binds to `changed` and calls the setters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.drafting import draft_of
from veo_studio.core.errors import BudgetError
from veo_studio.core.models import (
    Generation,
    GenerationKind,
    GenerationRequest,
)
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_memory import (
    remember,
    restore,
)
from veo_studio.ui.view_models.form_parts import (
    FormServices,
    FormState,
    FormTab,
    ModelChoice,
    Sheet,
)
from veo_studio.ui.view_models.form_pictures import FormPictures
from veo_studio.ui.view_models.form_price import (
    BatchPrice,
    BlockAction,
    Blocked,
    FormMeans,
    is_free,
    one_price_words,
    price_line,
)
from veo_studio.ui.view_models.form_prompts import problem_of_all, too_many_words
from veo_studio.ui.view_models.form_requests import Order, take_requests
from veo_studio.ui.view_models.form_settings import MAX_PROMPT_CHARS as MAX_PROMPT_CHARS
from veo_studio.ui.view_models.model_table import ModelTable, rows_for

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings

_DAY_CHECK_MS = 60_000


class FormModel(FormPictures):
    """State and commands of the form.

    Signals, beside those of `FormSettings`:
        means_changed(): tokens or budgets are other ones, and nothing else that is shown.
        prompt_refused(sentence): the click was refused because of the prompt.
        submitted(generations): stored and on their way.
    """

    means_changed = pyqtSignal()
    prompt_refused = pyqtSignal(str)
    submitted = pyqtSignal(list)

    def __init__(
        self,
        catalog: Catalog,
        parent: QObject | None = None,
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__(catalog, parent)
        self._means = FormMeans(today)
        self._under_way: list[Order] = []
        self._one_by_one = asyncio.Lock()
        # the user's own form, while a waiting one is shown
        self._own_sheet = self.sheet
        # asked before many takes that cost; whoever shows the form sets it
        self.confirm: Callable[[BatchPrice], Awaitable[bool]] | None = None
        # what was spent yesterday stops nothing today
        self._day_timer = QTimer(self)
        self._day_timer.setInterval(_DAY_CHECK_MS)
        self._day_timer.timeout.connect(self._on_minute)

    # the core arrives

    @property
    def is_open(self) -> bool:
        return self._services is not None

    async def open(self, services: FormServices) -> None:
        """The core is there: prices, balance and locks are known from here on."""
        self._services = services
        await self._means.read(services)
        self._day_timer.start()
        self.changed.emit()

    async def refresh_balance(self) -> None:
        """Read tokens and budgets anew; whoever asks while others wait is served with them."""
        if self._services is not None and await self._means.read(self._services):
            self.means_changed.emit()

    def _on_minute(self) -> None:
        if self._means.is_of_another_day:
            self.means_changed.emit()

    @property
    def balance(self) -> int | None:
        """Tokens in the wallet; None while not known."""
        return self._means.balance

    # what is shown
    def choices(self) -> list[ModelChoice]:
        """Every model that tab and kind are for, in the catalogue's order, grouped by provider."""
        order = list(self._catalog.providers)
        models = sorted(self.offered(), key=lambda model: order.index(model.provider))
        return [
            ModelChoice(
                model,
                self._catalog.providers[model.provider].name,
                self._locked_reason(model.provider),
            )
            for model in models
        ]

    def add_model(self, model: ModelInfo) -> None:
        """One that came while the window is open."""
        self._catalog.add(model)
        self.changed.emit()

    def comparison(self) -> ModelTable:
        """Every model, with what this clip costs there."""
        rows = rows_for(self._catalog, self.config(), self._locked_reason, self.kind)
        return ModelTable(rows, self)

    async def learn_times(self, table: ModelTable) -> None:
        """How long each model usually takes, as far as this library knows."""
        if self._services is not None:
            await table.learn_times(self._services.seconds_taken)

    def clip_words(self) -> str:
        """The clip, or picture, as the form has it, in a few words."""
        if self.model.makes_pictures:
            return f"{self.resolution} {self.aspect_ratio}"
        return tr(
            "{seconds} s {resolution} {aspect}",
            seconds=self.duration_s,
            resolution=self.resolution,
            aspect=self.aspect_ratio,
        )

    def choice(self) -> ModelChoice:
        """The chosen model as it stands in the list."""
        provider = self.model.provider
        name = self._catalog.providers[provider].name
        return ModelChoice(self.model, name, self._locked_reason(provider))

    def _locked_reason(self, provider_id: str) -> str | None:
        if self._services is not None:
            return self._services.locked_reason(provider_id)
        entry = self._catalog.providers[provider_id]
        return entry.key_help if entry.needs_key else None

    def price_line(self) -> str:
        """`10 tokens · about $0.56 · 8 s 720p`, before the click."""
        config = self.click_config()
        clips = self.clips * config.samples
        facts = tr(
            "{duration} s {resolution}", duration=config.duration_s, resolution=config.resolution
        )
        if config.final is not None:
            facts = tr("draft {facts}", facts=facts)
        if self.model.makes_pictures:
            facts = self.clip_words()
        if too_many_words(self.found.count, self.takes):
            return facts
        if clips > 1:
            facts = tr("{clips} × {facts}", clips=f"{clips:,}", facts=facts)
        if self._services is None:
            return facts
        return price_line(self._services.estimate(self.model, config, self.clips), facts)

    def draft_words(self) -> str:
        """What the clip costs that a draft stands for; "" where the click makes no draft."""
        if self.click_config().final is None or self._services is None:
            return ""
        price = self._services.estimate(self.model, self.config(), self.clips)
        facts = tr(
            "{duration} s {resolution}", duration=self.duration_s, resolution=self.resolution
        )
        words = facts if is_free(price) else price_line(price, facts)
        return tr("At full quality later: {words}", words=words)

    @property
    def clips(self) -> int:
        """How many generations one click makes: the takes of every prompt."""
        return self.takes * self.found.count

    def batch_price(self) -> BatchPrice | None:
        """What one click costs; None where it cannot be said."""
        if self._services is None or self.found.problem:
            return None
        price = self._services.estimate(self.model, self.click_config(), self.clips)
        return BatchPrice(self.clips, price.tokens, price.cost_usd, self.found.count)

    def kind_price(self, kind: GenerationKind) -> str:
        """What one clip or one picture costs with the settings of now; "" before that is known."""
        model = self.model if kind is self.kind else self.model_for(self.tab, kind)
        if self._services is None or model is None:
            return ""
        config, _changes = self._catalog.fit(model, self.config_in(self.tab, kind, model))
        if self.is_draft:
            config = draft_of(model, config)
        return one_price_words(self._services.estimate(model, config, 1))

    def budget_line(self) -> str:
        """What is left of the budgets, a line each; "" where there are none."""
        return self._means.budget_line()

    def blocked(self, *, needs_words: bool = True) -> Blocked | None:
        """Why Generate is disabled; None where it is not. Words may be still to come."""
        if self._services is None:
            return Blocked(tr("Opening your library…"))
        if (reason := self._locked_reason(self.model.provider)) is not None:
            return Blocked(reason, BlockAction.USE_REHEARSAL)
        if self.is_preparing:
            return Blocked(tr("The picture is being prepared…"))
        # a model that needs one says so itself below, in its own words
        takes_words = self.mode in self.model.capabilities.modes
        if self.tab is FormTab.PICTURES and not self.inputs and takes_words:
            return Blocked(tr("Add a photo first, or use Text to Video."))
        try:
            self._catalog.check(self.model, self.click_config())
        except ValueError as error:
            return Blocked(str(error))
        if self.tab is FormTab.PICTURES and needs_words and not self.prompt.strip():
            return Blocked(tr("Write a prompt first."))
        found = self.found
        if problem := found.problem or too_many_words(found.count, self.takes):
            return Blocked(problem)
        price = self._services.estimate(self.model, self.click_config(), self.clips)
        return self._means.blocked(price, self.clips, is_list=found.count > 1)

    @property
    def is_submitting(self) -> bool:
        """What the form says now is being stored: a second press would ask for it twice."""
        return any(self._says(order) for order in self._under_way)

    @property
    def can_submit(self) -> bool:
        return self.blocked() is None and not self.is_submitting

    @property
    def can_take_words(self) -> bool:
        """As `can_submit`, once there is a prompt."""
        return self.blocked(needs_words=False) is None and not self.is_submitting

    def _unlocked(self) -> list[ModelInfo]:
        models = self._catalog.models
        return [model for model in models if self._locked_reason(model.provider) is None]

    def begin_edit(self, generation: Generation) -> None:
        """Show the recipe of a waiting one, exactly, until `end_edit`."""
        if not self.is_editing:
            self._own_sheet = self.sheet
        self._means.edited = generation
        self.sheet = Sheet()
        # its braces are what they are: lists were expanded when it was stored
        self.texts.is_literal = True
        self.takes = 1
        self.seed, self.is_seed_locked = None, False
        self.load(generation)

    @property
    def is_editing(self) -> bool:
        """The form shows a waiting one, and the user's own comes back later."""
        return self._means.edited is not None

    def put(self, state: FormState) -> None:
        """Everything as it was when `state` was taken; the user's own form waits while another is edited."""
        if self.is_editing:
            self._own_sheet.late.append(lambda: self.put(state))
        else:
            super().put(state)

    def end_edit(self) -> None:
        self._means.edited = None
        if self.texts.is_literal:
            self.texts.is_literal = False
            self.prompt = self.texts.original(self.prompt)
            self.changed.emit()

    def requests(self) -> list[GenerationRequest]:
        """One request per prompt and take; the takes of a prompt belong together.

        Every prompt begins with the same seed, so that what differs in the clips is the words.
        """
        output_dir = self._services.output_dir() if self._services is not None else None
        return [
            request
            for prompt in self.prompts()
            for request in take_requests(
                prompt, self.model, self.click_config(), self.takes, output_dir
            )
        ]

    def take_order(self) -> Order | None:
        """What stands in the form now, with the price beside it: whatever is done to the form afterwards,
        `place` asks for exactly this.

        None where nothing can be asked for, or where this very thing is just being stored; a refused
        prompt is said under the prompt.
        """
        if self.is_editing or not self.can_submit or not self.is_prompt_good():
            return None
        price = self.batch_price()
        assert price is not None
        prompts, requests = tuple(self.prompts()), tuple(self.requests())
        order = Order(self.model, self.click_config(), prompts, self.takes, requests, price)
        self._under_way.append(order)
        self.changed.emit()
        return order

    async def submit(self) -> list[Generation]:
        """`take_order` and `place` in one."""
        order = self.take_order()
        return [] if order is None else await self.place(order)

    async def place(self, order: Order) -> list[Generation]:
        """Store and start what was ordered, after all that was ordered before.

        Many takes that cost are asked about first. Raises what the core raises (StorageError, ...),
        except BudgetError where the same shows as blocked.
        """
        assert self._services is not None
        generations: list[Generation] = []
        refused: BudgetError | None = None
        try:
            if await self._is_confirmed(order.price):
                async with self._one_by_one:
                    generations = await self._services.enqueue(order.requests)
                # another seed may have been written meanwhile
                if not self.is_seed_locked and self.seed == order.config.seed:
                    self.seed = None
        except BudgetError as error:
            # somebody else spent it; what is read below makes the reason visible
            refused = error
        finally:
            self._under_way.remove(order)
            await self._means.read(self._services)
            self.changed.emit()
        if refused is not None and (self.blocked() is None or not self._says(order)):
            raise refused
        if generations:
            self.submitted.emit(generations)
        return generations

    def _says(self, order: Order) -> bool:
        """The form is as it was at that press."""
        return order.is_of(self.model, self.click_config(), self.prompts(), self.takes)

    async def _is_confirmed(self, price: BatchPrice) -> bool:
        return not price.is_asked_first or self.confirm is None or await self.confirm(price)

    def is_prompt_good(self) -> bool:
        """Check the prompt; what is wrong with it is said under it."""
        problem = problem_of_all(self.prompts(), self.model)
        if problem:
            self._prompt_problem = problem
            self.changed.emit()
            self.prompt_refused.emit(problem)
        return not problem

    # between two starts

    def restore(self, settings: Settings) -> None:
        """Take up what the last window left; anything that does not fit any more is left out."""
        restore(self, self._catalog, settings)
        self.changed.emit()

    def remember(self, settings: Settings) -> None:
        """Write the form into `settings`; whoever owns them saves them."""
        remember(self, settings)
