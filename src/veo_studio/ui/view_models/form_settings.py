"""What a user has set in the form: words, model, settings, and what the clip is made from.

No widgets, no core: `FormModel` adds prices and the click.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.capabilities import AudioSupport, Capabilities, ModelInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.drafting import draft_of, wanted_of
from veo_studio.core.models import (
    Generation,
    GenerationRequest,
    InputMode,
    MediaInput,
    Task,
    VideoConfig,
)
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_inputs import Slot, slots
from veo_studio.ui.view_models.form_memory import MAX_TAKES
from veo_studio.ui.view_models.form_parts import (
    Enhanced,
    FormState,
    FormTab,
    Sheet,
    sound_words,
)
from veo_studio.ui.view_models.form_prompts import FormPrompts, Lists, Prompts, problem_of_all

MAX_PROMPT_CHARS = 2000


class FormSettings(QObject):
    """Signals:
    changed(): anything that is shown.
    refitted(words): another model changed settings; the words say which ("" clears them).
    """

    changed = pyqtSignal()
    refitted = pyqtSignal(str)

    def __init__(self, catalog: Catalog, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._prompt_problem = ""
        self.prompt = ""
        self.texts = FormPrompts()
        # where words were proposed and used: what the user wrote before
        self.enhanced: Enhanced | None = None
        self.negative_prompt = ""
        self.takes = 1
        # None: every clip gets one of its own
        self.seed: int | None = None
        self.is_seed_locked = False
        self.wants_sound = True
        self.model = catalog.models[0]
        config = self.model.default_config()
        self.aspect_ratio = config.aspect_ratio
        self.duration_s = config.duration_s
        self.resolution = config.resolution
        # what the clip is made from, beside the words
        self.inputs: tuple[MediaInput, ...] = ()
        self.task = Task.CREATE
        self.samples = 1
        # as cheap as the model can, to look at before the clip itself is made
        self.is_draft = False
        # what the user chose, also where the model of now takes less of it
        self.meant: tuple[MediaInput, ...] = ()
        self.meant_task = Task.CREATE
        # the pictures that a clip to work on took the place of
        self.put_aside: tuple[MediaInput, ...] = ()
        self.tab = FormTab.TEXT
        self.kind = self.model.kind
        self.sheet = Sheet()

    def config(self) -> VideoConfig:
        """The settings as the chosen model takes them."""
        able = self.able
        return VideoConfig(
            aspect_ratio=self.aspect_ratio,
            duration_s=self.duration_s,
            resolution=self.resolution,
            negative_prompt=self.negative_prompt.strip() if able.has_negative_prompt else "",
            seed=self.seed if able.has_seed else None,
            enable_audio=self.wants_sound if able.audio is AudioSupport.SWITCHABLE else None,
            inputs=self.inputs,
            task=self.task,
            samples=min(self.samples, able.max_samples),
            original_prompt=self.original_prompt,
        )

    def click_config(self) -> VideoConfig:
        """What the next click sends: the settings, or the draft of them."""
        config = self.config()
        return draft_of(self.model, config) if self.is_draft else config

    @property
    def offers_draft(self) -> bool:
        """True where there is something cheaper than what is set."""
        return draft_of(self.model, self.config()).final is not None

    def set_draft(self, is_draft: bool) -> None:
        self._set("is_draft", is_draft)

    @property
    def mode(self) -> InputMode:
        return VideoConfig(inputs=self.inputs, task=self.task).mode

    @property
    def able(self) -> Capabilities:
        """What the chosen model can do with what the clip is made from."""
        return self.model.capabilities.in_mode(self.mode)

    @property
    def follows_source(self) -> bool:
        """True where length and shape are those of the clip that is worked on."""
        return self.model.capabilities.follows_source(self.mode)

    def slots(self) -> list[Slot]:
        return slots(self.model, self.inputs, self.task)

    @property
    def offers_sound_choice(self) -> bool:
        return self.able.audio is AudioSupport.SWITCHABLE

    @property
    def sound_words(self) -> str:
        return sound_words(self.able.audio)

    @property
    def characters_left(self) -> int:
        """Of the longest one, where several prompts come of the words."""
        longest = self.found.longest_chars if self.found.texts else len(self.prompt.strip())
        return MAX_PROMPT_CHARS - longest

    @property
    def found(self) -> Prompts:
        """What comes of the prompt with its lists and variables."""
        return self.texts.of(self.prompt)

    def prompts(self) -> list[str]:
        """The prompts that are sent, one for each combination; none while `found.problem` says why."""
        return list(self.found.texts)

    def set_value(self, name: str, text: str) -> None:
        """Fill in a variable of the prompt."""
        self.texts.set_value(name, text)
        self._prompt_problem = ""
        self.changed.emit()

    def set_lists(self, lists: Lists) -> None:
        """The named lists of now."""
        if dict(lists) != self.texts.lists:
            self.texts.set_lists(lists)
            self.changed.emit()

    def set_prompt(self, prompt: str) -> None:
        if prompt != self.prompt:
            self.prompt = prompt
            self._prompt_problem = ""
            self.changed.emit()

    @property
    def original_prompt(self) -> str:
        """What the user wrote before proposed words were used; "" where these are the user's own."""
        return "" if self.enhanced is None else self.enhanced.original_of(self.prompt)

    def set_enhanced(self, original: str, words: str) -> None:
        """`words` take the place of `original`."""
        self.enhanced = Enhanced(original, words)
        self.set_prompt(words)

    def set_negative_prompt(self, words: str) -> None:
        self._set("negative_prompt", words)

    def set_aspect_ratio(self, aspect_ratio: str) -> None:
        self._set("aspect_ratio", aspect_ratio)

    def set_duration(self, duration_s: int) -> None:
        self._set("duration_s", duration_s)

    def set_resolution(self, resolution: str) -> None:
        self._set("resolution", resolution)

    def set_seed(self, seed: int | None, *, is_locked: bool) -> None:
        if (seed, is_locked) != (self.seed, self.is_seed_locked):
            self.seed, self.is_seed_locked = seed, is_locked
            self.changed.emit()

    def seed_words(self) -> str:
        """That every clip from now on begins with the same seed; "" where each gets its own."""
        if self.seed is None or not self.is_seed_locked or not self.able.has_seed:
            return ""
        return tr("Seed {seed} is locked.", seed=self.seed)

    def set_wants_sound(self, wants_sound: bool) -> None:
        self._set("wants_sound", wants_sound)

    def set_takes(self, takes: int) -> None:
        self._set("takes", max(1, min(MAX_TAKES, takes)))

    def _set(self, name: str, value: object) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.refitted.emit("")
            self.changed.emit()

    def mean(self, inputs: tuple[MediaInput, ...], task: Task) -> None:
        """This is what the user wants it made from, whatever the model of now takes of it."""
        self.meant, self.meant_task = inputs, task

    def _fit_to(self, model: ModelInfo, config: VideoConfig, said: Iterable[str] = ()) -> None:
        """Take `config` as far as `model` can do it, and tell what changed after what is `said`."""
        fitted, changes = self._catalog.fit(model, config)
        self.model = model
        self.aspect_ratio = fitted.aspect_ratio
        # a picture has none; that of the clips comes back with them
        self.duration_s = fitted.duration_s or self.duration_s
        self.resolution = fitted.resolution
        self.inputs, self.task, self.samples = fitted.inputs, fitted.task, fitted.samples
        words = ""
        if said := list(said):
            words = tr("Changed: {changes}.", changes=", ".join([*said, *changes]))
        elif changes:
            words = tr(
                "Changed for {model}: {changes}.", model=model.name, changes=", ".join(changes)
            )
        self.refitted.emit(words)
        self.changed.emit()

    def set_samples(self, samples: int) -> None:
        self._set("samples", max(1, samples))

    def load(self, generation: Generation | GenerationRequest) -> None:
        """Bring a stored recipe back, as far as the models of today take it."""
        model = self._catalog.get(generation.provider, generation.model)
        if model is None:
            model = next(iter(self._catalog.of_kind(generation.kind)), self._catalog.models[0])
        self.is_draft = generation.config.final is not None
        fitted, changes = self._catalog.fit(model, wanted_of(generation.config))
        self.model = model
        self.prompt = self.texts.original(generation.prompt)
        original = generation.config.original_prompt
        self.enhanced = Enhanced(original, self.prompt) if original else None
        self.negative_prompt = fitted.negative_prompt
        self.aspect_ratio = fitted.aspect_ratio
        self.duration_s = fitted.duration_s
        self.resolution = fitted.resolution
        if fitted.seed is not None:
            self.seed, self.is_seed_locked = fitted.seed, True
        # it was one clip, however many the form made before
        self.takes = 1
        if fitted.enable_audio is not None:
            self.wants_sound = fitted.enable_audio
        self.inputs, self.task, self.samples = fitted.inputs, fitted.task, fitted.samples
        self.mean(self.inputs, self.task)
        self._prompt_problem = ""
        self.refitted.emit(", ".join(changes))
        self.changed.emit()

    def state(self) -> FormState:
        return FormState(**{field.name: getattr(self, field.name) for field in fields(FormState)})

    def put(self, state: FormState) -> None:
        """Everything as it was when `state` was taken."""
        for field in fields(state):
            setattr(self, field.name, getattr(state, field.name))
        self._prompt_problem = ""
        self.refitted.emit("")
        self.changed.emit()
        late = self.sheet.late
        while late:
            late.pop(0)()

    def do_in(self, sheet: Sheet, what: Callable[[], None]) -> None:
        """Now where that form is shown, else when it is back; never where it does not come back."""
        if sheet is self.sheet:
            what()
        else:
            sheet.late.append(what)

    def clear_prompt(self) -> None:
        """File > New prompt."""
        self.prompt = ""
        self.enhanced = None
        self.negative_prompt = ""
        self.takes, self.seed, self.is_seed_locked = 1, None, False
        self.inputs, self.task = (), Task.CREATE
        self.meant, self.meant_task, self.put_aside = (), Task.CREATE, ()
        self._prompt_problem = ""
        self.refitted.emit("")
        self.changed.emit()

    @property
    def prompt_problem(self) -> str:
        """The sentence under the prompt: too long at once, the rest only after a click."""
        if self.characters_left < 0:
            return problem_of_all(self.prompts() or [self.prompt], self.model)
        return self._prompt_problem
