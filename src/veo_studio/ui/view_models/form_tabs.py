"""Text to Video or Image to Video, a clip or a picture: which models are offered, and which one is taken.

What a tab or a kind does not use is put aside and comes back with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PyQt6.QtCore import QObject

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import (
    Generation,
    GenerationKind,
    GenerationRequest,
    InputMode,
    MediaInput,
    Task,
    VideoConfig,
)
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_parts import FormState, FormTab
from veo_studio.ui.view_models.form_settings import FormSettings

_WITH_PICTURES = {InputMode.FIRST_FRAME, InputMode.FRAMES, InputMode.REFERENCES}


def offers(model: ModelInfo, tab: FormTab, task: Task) -> bool:
    """Whether the model can do what the tab is for; `task` counts where pictures and clips are."""
    modes = set(model.capabilities.modes)
    if tab is FormTab.TEXT:
        return InputMode.TEXT in modes
    return bool(modes & _WITH_PICTURES if task is Task.CREATE else InputMode(task.value) in modes)


def nearest(
    catalog: Catalog, models: Sequence[ModelInfo], near: ModelInfo, config: VideoConfig
) -> ModelInfo | None:
    """Of the same provider, else with the fewest changes to the settings; None where there are none."""

    def rank(model: ModelInfo) -> tuple[bool, int, int]:
        _fitted, changes = catalog.fit(model, config)
        return (model.provider != near.provider, len(changes), models.index(model))

    return min(models, key=rank, default=None)


class FormTabs(FormSettings):
    """`tab` and `kind` are changed by `set_tab`, `set_kind` and `choose`, or by what is brought in."""

    def __init__(self, catalog: Catalog, parent: QObject | None = None) -> None:
        super().__init__(catalog, parent)
        # what was shown last in each tab
        self._kinds: dict[FormTab, GenerationKind] = {}
        # the model that the user chose of each kind, also where a tab needs another one
        self._chosen = {self.model.kind: self.model}
        self._resolutions: dict[GenerationKind, str] = {}
        self._samples: dict[GenerationKind, int] = {}

    def config(self) -> VideoConfig:
        config = super().config()
        return self.model.settled(config) if self.model.makes_pictures else config

    # what can be chosen

    def _unlocked(self) -> list[ModelInfo]:
        """The models of connected services."""
        return list(self._catalog.models)

    def offered(self) -> list[ModelInfo]:
        """What the list of models shows: those that do what tab and kind are for, and the one of now."""
        return [
            model
            for model in self._catalog.models
            if (model.kind is self.kind and offers(model, self.tab, self.task))
            or model is self.model
        ]

    def kinds(self) -> list[GenerationKind]:
        """What can be made in this tab; one of them needs no choosing."""
        if self.tab is FormTab.PICTURES and self.kind is GenerationKind.VIDEO:
            return [GenerationKind.VIDEO]
        return [
            kind
            for kind in GenerationKind
            if any(offers(one, self.tab, Task.CREATE) for one in self._catalog.of_kind(kind))
        ]

    # choosing

    def set_tab(self, tab: FormTab) -> None:
        """Pictures stay behind in Image to Video; the model stays where it can do this too."""
        if tab is not self.tab:
            self._turn_to(tab, self._kinds.get(tab, GenerationKind.VIDEO))

    def set_kind(self, kind: GenerationKind) -> None:
        """A clip or a picture, with the model that was used for it last."""
        if kind is not self.kind and kind in self.kinds():
            self._turn_to(self.tab, kind)

    def choose(self, model: ModelInfo) -> None:
        """Switch the model, keep what it can do, and say what changed; the tab follows it."""
        if (model.provider, model.id) == (self.model.provider, self.model.id):
            return
        self._chosen[model.kind] = model
        task = self.meant_task
        other = FormTab.TEXT if self.tab is FormTab.PICTURES else FormTab.PICTURES
        tabs = [tab for tab in (self.tab, other) if offers(model, tab, task)]
        self._turn_to(next(iter(tabs), FormTab.PICTURES), model.kind, model)

    def connected(self, provider: str, model: str) -> ModelInfo | None:
        """A model by its name; None where there is none such, or where it is locked."""
        found = self._catalog.get(provider, model)
        return found if found is not None and found in self._unlocked() else None

    def turn_to(self, kind: GenerationKind, model: ModelInfo | None) -> None:
        """Make clips or pictures from now on, with `model` or with whichever can."""
        if model is not None:
            self.choose(model)
        elif kind is not self.kind:
            self._turn_to(self.tab if kind in self.kinds() else FormTab.TEXT, kind)

    def fit_to(self, config: VideoConfig, said: Iterable[str] = ()) -> None:
        """Take `config` as far as the model can do it, and tell what changed after what is `said`."""
        self._fit_to(self.model, config, said)

    def use_rehearsal(self) -> None:
        free = [model for model in self._catalog.models if model.provider == "rehearsal"]
        fitting = [m for m in free if m.kind is self.kind and offers(m, self.tab, self.task)]
        self.choose((fitting or free)[0])

    def model_for(self, tab: FormTab, kind: GenerationKind) -> ModelInfo | None:
        """The user's own model where it can do this, else the nearest that is connected."""
        inputs, task = self._meant_in(tab)
        own = self._chosen.get(kind)
        if own is not None and offers(own, tab, task):
            return own
        config = replace(self.config(), inputs=inputs, task=task)
        for models in (self._unlocked(), self._catalog.models):
            able = [one for one in models if one.kind is kind and offers(one, tab, task)]
            if able:
                return nearest(self._catalog, able, own or self.model, config)
        return own

    def _meant_in(self, tab: FormTab) -> tuple[tuple[MediaInput, ...], Task]:
        return (self.meant, self.meant_task) if tab is FormTab.PICTURES else ((), Task.CREATE)

    def config_in(self, tab: FormTab, kind: GenerationKind, model: ModelInfo) -> VideoConfig:
        """What the form asks for, there; what that kind has of its own is as it was left."""
        inputs, task = self._meant_in(tab)
        config = replace(self.config(), inputs=inputs, task=task, duration_s=self.duration_s)
        if kind is self.kind:
            return config
        able = model.capabilities
        return replace(
            config,
            resolution=self._resolutions.get(kind, able.default_resolution),
            samples=self._samples.get(kind, 1),
            enable_audio=None,
            negative_prompt="",
        )

    def _turn_to(
        self,
        tab: FormTab,
        kind: GenerationKind,
        model: ModelInfo | None = None,
        said: Iterable[str] = (),
    ) -> None:
        """Show `tab` and `kind` with `model`, or with whichever can; `said` is told beside what changed."""
        before, words = self.model, list(said)
        chosen = model or self.model_for(tab, kind)
        if chosen is None:
            return
        config = self.config_in(tab, kind, chosen)
        if kind is not self.kind:
            self._resolutions[self.kind], self._samples[self.kind] = self.resolution, self.samples
        elif model is None and chosen is not before and chosen is not self._chosen.get(kind):
            words.insert(0, tr("model {before} → {now}", before=before.name, now=chosen.name))
        self.tab, self.kind = tab, kind
        self._kinds[tab] = kind
        self._fit_to(chosen, config, words)

    def _turn_to_inputs(
        self, inputs: tuple[MediaInput, ...], task: Task, said: Iterable[str] = ()
    ) -> None:
        """These pictures, or this clip, from now on; the model stays where it takes them.

        ValueError, with everything as it was, where no connected model does.
        """
        mode = VideoConfig(inputs=inputs, task=task).mode
        tab, kind = FormTab.PICTURES, self.kind if self.tab is FormTab.PICTURES else None
        kind = kind or self._kinds.get(tab, GenerationKind.VIDEO)
        wanted = self.model_for(tab, kind) if self.tab is not tab else self.model
        words, near = list(said), self.model
        if wanted is None or mode not in wanted.capabilities.modes:
            config = replace(self.config(), inputs=inputs, task=task)
            able = [one for one in self._unlocked() if mode in one.capabilities.modes]
            able = [one for one in able if one.kind is kind] or able
            wanted = nearest(self._catalog, able, near, config)
            if wanted is None:
                raise ValueError(tr("No connected model can use this. Choose another one first."))
        if wanted is not near and wanted is not self._chosen.get(wanted.kind):
            words.insert(0, tr("model {before} → {now}", before=near.name, now=wanted.name))
        self.mean(inputs, task)
        self._turn_to(tab, wanted.kind, wanted, words)

    # whole recipes

    def load(self, generation: Generation | GenerationRequest) -> None:
        """Bring a stored recipe back, as far as the models of today take it, in its own tab."""
        put_aside, duration_s = (self.meant, self.meant_task), self.duration_s
        self._resolutions[self.kind], self._samples[self.kind] = self.resolution, self.samples
        super().load(generation)
        # a picture has no length of its own
        self.duration_s = self.duration_s or duration_s
        is_of_words = not self.inputs and offers(self.model, FormTab.TEXT, self.task)
        self.tab = FormTab.TEXT if is_of_words else FormTab.PICTURES
        if is_of_words:
            self.mean(*put_aside)
        self.kind = self._kinds[self.tab] = self.model.kind
        self._chosen[self.kind] = self.model
        self.changed.emit()

    def clear_prompt(self) -> None:
        """File > New prompt."""
        super().clear_prompt()
        if not offers(self.model, self.tab, Task.CREATE):
            self._turn_to(self.tab, self.kind)

    def put(self, state: FormState) -> None:
        """Everything as it was when `state` was taken."""
        self._chosen[state.kind] = state.model
        self._kinds[state.tab] = state.kind
        super().put(state)

    def chosen_models(self) -> dict[GenerationKind, ModelInfo]:
        """The model that the user chose of each kind."""
        return dict(self._chosen)

    def take_up(self, tab: FormTab, chosen: Iterable[ModelInfo]) -> None:
        """After a restart: what was chosen of each kind, with `model` and `inputs` in place."""
        self._chosen[self.model.kind] = self.model
        self._chosen.update({model.kind: model for model in chosen})
        self.kind = self._kinds[tab] = self.model.kind
        self.tab = tab
